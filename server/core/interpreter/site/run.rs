//! Adding one site directory and doing what its `.pth` files say (`site.addsitedir`, `site.addpackage`; PEP 829 from 3.15).
//!
//! In: a site directory. Out: entries at the end of the path, hooks, code that is noted.
//!
//! **Invariant:** up to 3.14 lines work in the order they are read; from 3.15 on paths come first, code after.

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;

use super::{SiteDirectory, Start};
use crate::imports::top_level;
use crate::interpreter::modules::Found;
use crate::interpreter::pth::{self, Content, Line};
use crate::interpreter::startup::{self, Effect};
use crate::interpreter::{DeadLine, Loaded, Namespace, StartupCode, editable, label, paths};
use crate::origin::{Evidence, Origin};
use crate::system::LARGEST_METADATA;

/// What 3.15 collects before it applies anything.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Collected>,
    /// Files with code, in order.
    code: Vec<(File, Vec<(u32, String)>)>,
    /// `name.start` files and their texts.
    starts: Vec<(Utf8PathBuf, String)>,
}

#[derive(Debug)]
struct Collected {
    path: String,
    origin: Origin,
    evidence: Evidence,
    /// Paths from `.pth` files count only if they exist.
    must_exist: bool,
}

/// One `.pth` file, or a module that runs at start.
#[derive(Debug, Clone)]
pub(super) struct File {
    directory: Utf8PathBuf,
    name: String,
    path: Utf8PathBuf,
}

impl File {
    pub(super) fn path(&self) -> &Utf8Path {
        &self.path
    }

    pub(super) fn at(path: &Utf8Path) -> Self {
        let directory = path.parent().unwrap_or(path).to_owned();
        File { directory, name: path.file_name().unwrap_or_default().to_owned(), path: path.to_owned() }
    }
}

/// An exception: up to 3.14 the rest of the file is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    ForWantOfAModule,
    Otherwise,
}

impl Start<'_> {
    /// Adds a directory and does what its files say.
    pub(super) fn add_site_directory(&mut self, directory: &SiteDirectory) {
        let path = paths::absolute(self.system, &directory.path);
        if self.features.in_batches {
            if self.done.insert(self.platform.folded(&path)) {
                self.collect(&path, directory);
            }
            return;
        }
        if self.known.insert(self.platform.folded(&path)) {
            self.push(path.clone(), directory.origin, directory.evidence.clone());
        } else {
            self.own(&path, directory.origin);
        }
        let mut projects = None;
        for file in self.files(&path) {
            let Some(lines) = self.lines(&file) else { return };
            for line in lines {
                if let Err(failed) = self.follow(&file, &line, &mut projects) {
                    self.note_report(failed);
                    break;
                }
            }
        }
    }

    /// An entry that `PYTHONPATH` brought first keeps its place, but it is known whose it is.
    fn own(&mut self, path: &str, origin: Origin) {
        let path = self.platform.folded(path);
        let entry = self.path.iter_mut().find(|it| self.platform.folded(&it.path) == path);
        if let Some(entry) = entry.filter(|it| matches!(it.origin, Origin::PythonPath | Origin::OtherEnvironment)) {
            entry.origin = origin;
        }
    }

    fn files(&self, directory: &str) -> Vec<File> {
        let directory = self.platform.path(directory);
        let names = pth::names(self.system, &directory, self.features).into_iter();
        names.map(|name| File { path: directory.join(&name), directory: directory.clone(), name }).collect()
    }

    /// Returns the lines of a file; `None` where an exception ends `site`, or has ended it before.
    fn lines(&mut self, file: &File) -> Option<Vec<Line>> {
        if self.fatal.is_some() {
            return None;
        }
        if self.fatal_with_path_files.is_some() && self.system.read_range(&file.path, 0, 1).is_ok() {
            self.fatal.clone_from(&self.fatal_with_path_files);
            return None;
        }
        match pth::read(self.system, &file.path, self.features) {
            Ok(lines) => Some(lines),
            Err(reason) => {
                self.fatal.get_or_insert(reason);
                None
            }
        }
    }

    fn follow(&mut self, file: &File, line: &Line, projects: &mut Option<Vec<Utf8PathBuf>>) -> Result<(), Failed> {
        match &line.content {
            Content::Path(text) => {
                if text.contains('\0') && !self.version.at_least(3, 8) {
                    // `os.path.exists` raises there; later versions say no.
                    return Err(Failed::Otherwise);
                }
                let path = self.path_of_line(file, text);
                if self.known.contains(&self.platform.folded(&path)) {
                    return Ok(());
                }
                if paths::exists(self.system, &path) {
                    let origin = self.origin_of_line(&path, file, projects);
                    self.known.insert(self.platform.folded(&path));
                    self.push(path, origin, Evidence::line(&file.path, line.number));
                } else {
                    self.note_dead(&path, &file.path, line.number);
                }
                Ok(())
            }
            Content::Code(text) => self.execute(file, line.number, text),
            Content::Undecodable => {
                self.fatal.get_or_insert(format!("`{}` is not UTF-8", file.path));
                Err(Failed::Otherwise)
            }
        }
    }

    /// One directory may be added twice, and its files are read each time.
    pub(super) fn note_dead(&mut self, path: &str, path_file: &Utf8Path, line: u32) {
        let dead = DeadLine { path_file: path_file.to_owned(), line, path: self.platform.path(path) };
        if !self.dead_lines.contains(&dead) {
            self.dead_lines.push(dead);
        }
    }

    pub(super) fn path_of_line(&self, file: &File, text: &str) -> String {
        let directory = self.platform.text(&file.directory);
        paths::absolute(self.system, &self.platform.join_plain(&directory, text))
    }

    pub(super) fn origin_of_line(&self, path: &str, file: &File, projects: &mut Option<Vec<Utf8PathBuf>>) -> Origin {
        let projects = projects.get_or_insert_with(|| label::editable_projects(self.system, &file.directory));
        let by_place = self.origin_by_place(path);
        match label::of_path_file(self.system, path, &file.name, projects, by_place == Some(Origin::OtherEnvironment)) {
            Origin::PathFile => by_place.unwrap_or(Origin::PathFile),
            origin => origin,
        }
    }

    pub(super) fn execute(&mut self, file: &File, number: u32, text: &str) -> Result<(), Failed> {
        let mut understood = true;
        let mut outcome = Ok(());
        for effect in startup::effects(&file.name, text, &|name| self.system.variable(name)) {
            match self.act(file, number, effect) {
                Ok(is_understood) => understood &= is_understood,
                Err(failed) => {
                    outcome = Err(failed);
                    break;
                }
            }
        }
        let code = StartupCode { path: file.path.clone(), line: Some(number) };
        if !understood && !self.startup_code.contains(&code) {
            self.startup_code.push(code);
        }
        outcome
    }

    /// Does one thing that a line does; returns whether it is known what that is.
    pub(super) fn act(&mut self, file: &File, number: u32, effect: Effect) -> Result<bool, Failed> {
        let evidence = Evidence::line(&file.path, number);
        match effect {
            Effect::Append(path) => {
                let origin = self.origin_by_place(&path).unwrap_or(Origin::PathFile);
                self.push(path, origin, evidence);
            }
            Effect::Insert(at, path) => {
                let origin = self.origin_by_place(&path).unwrap_or(Origin::PathFile);
                let at = self.place_to_insert(at);
                self.path.insert(at, super::Entry { path, origin, evidence });
            }
            Effect::Remove(path) => {
                let at = self.path.iter().position(|it| it.path == path).ok_or(Failed::Otherwise)?;
                self.path.remove(at);
            }
            Effect::SiteDirectory(path) => {
                self.add_now(path, &evidence);
                // What would end `site` ends the line that has called it.
                if self.fatal.take().is_some() {
                    return Err(Failed::Otherwise);
                }
            }
            Effect::BeginEggs => self.eggs_begin = Some(self.path.len()),
            Effect::EndEggs => {
                let begin = self.eggs_begin.ok_or(Failed::Otherwise)?;
                self.move_eggs(begin);
            }
            Effect::Import(module) => return self.import(file, number, &module).told(),
            Effect::Distutils(by_default) => return self.replace_distutils(by_default).told(),
            Effect::Namespace(namespace) => {
                if !self.make_namespace(file, namespace) {
                    return Err(Failed::Otherwise);
                }
            }
            Effect::Invalid => return Err(Failed::Otherwise),
            Effect::Unknown => return Ok(false),
        }
        Ok(true)
    }

    /// What came since the first line of an `easy-install.pth` goes to the front, behind what other such files moved there.
    fn move_eggs(&mut self, begin: usize) {
        let eggs = self.path.split_off(begin.min(self.path.len()));
        let at = self.eggs_moved.min(self.path.len());
        self.eggs_moved = at + eggs.len();
        self.path.splice(at..at, eggs);
    }

    fn place_to_insert(&self, at: i64) -> usize {
        match usize::try_from(at) {
            Ok(at) => at.min(self.path.len()),
            Err(_) => self.path.len().saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
        }
    }

    /// `site.addsitedir` called by code: what is known is computed anew from the path (`_init_pathinfo`).
    pub(super) fn add_now(&mut self, path: String, evidence: &Evidence) {
        let existing = self.path.iter().filter(|it| paths::exists(self.system, &it.path));
        let fresh: FxHashSet<String> =
            existing.map(|it| self.platform.folded(&paths::absolute(self.system, &it.path))).collect();
        let outer = std::mem::replace(&mut self.known, fresh);
        let origin = self.origin_by_place(&path).unwrap_or(Origin::PathFile);
        let directory = SiteDirectory { path, origin, evidence: evidence.clone() };
        if self.features.in_batches {
            let outer_batch = std::mem::take(&mut self.batch);
            let outer_done = std::mem::take(&mut self.done);
            self.add_site_directory(&directory);
            self.finish_batch();
            self.batch = outer_batch;
            self.done = outer_done;
        } else {
            self.add_site_directory(&directory);
        }
        self.known = outer;
    }

    fn import(&mut self, file: &File, number: u32, module: &str) -> Imported {
        if let Some(companion) = editable::companion(self.system, &file.directory, module, &file.path, number) {
            if companion.needs.is_some_and(|needed| self.entry_with(needed).is_none()) {
                return Imported::Missing;
            }
            self.note_loaded(module);
            let placeholder = companion.finder.placeholder.clone().map(Utf8PathBuf::into_string);
            if !self.finders.contains(&companion.finder) {
                self.finders.push(companion.finder);
            }
            if let Some(placeholder) = placeholder.filter(|it| self.path.iter().all(|entry| entry.path != *it)) {
                self.push(placeholder, Origin::Editable, Evidence::line(&file.path, number));
            }
            return if companion.whole { Imported::Understood } else { Imported::Code };
        }
        let (top, below) = module.split_once('.').map_or((module, None), |(top, below)| (top, Some(below)));
        // `sys.modules` has what `site` itself imported, wherever the path leads.
        let is_loaded = self.compiled_in.contains(top) || LOADED.contains(&top);
        self.note_loaded(module);
        match self.find(top) {
            Some((entry, _)) if is_loaded || entry.origin == Origin::StandardLibrary => {
                let directory = self.platform.join_plain(&entry.path, top);
                let lies_below = |below: &str| self.modules.lies_below(&directory, below);
                if module == "os.path" || below.is_none_or(lies_below) {
                    Imported::Understood
                } else {
                    Imported::Missing
                }
            }
            None if is_loaded && below.is_none() => Imported::Understood,
            // It was imported before something came in front of it.
            None if self.loaded.iter().any(|it| it.name == module) => Imported::Understood,
            Some((_, Some(path))) if top == "_virtualenv" && self.is_text_with(&path, "class _Finder") => {
                Imported::Understood
            }
            Some(_) => Imported::Code,
            None => Imported::Missing,
        }
    }

    /// What is imported stays in `sys.modules`, whatever comes onto the path later.
    pub(super) fn note_loaded(&mut self, module: &str) {
        let top = top_level(module);
        let is_known = LOADED.contains(&module) || self.loaded.iter().any(|it| it.name == module);
        if is_known || self.compiled_in.contains(top) {
            return;
        }
        let Some(entry) = self.entry_with(top) else { return };
        // Its package may have been imported when the path was another one.
        let earlier = self.loaded.iter().find(|it| it.name == top).map(|it| it.root.clone());
        let root = earlier.unwrap_or_else(|| self.platform.path(&entry.path));
        let path = self.path.iter().map(|entry| self.platform.path(&entry.path)).collect();
        self.loaded.push(Loaded { name: module.to_owned(), root, path });
    }

    fn is_text_with(&self, path: &Utf8Path, words: &str) -> bool {
        self.system.read_text(path).is_ok_and(|text| text.contains(words))
    }

    /// Does what the line of a `*-nspkg.pth` does; `false` where it fails.
    fn make_namespace(&mut self, file: &File, line: startup::Namespace) -> bool {
        let startup::Namespace { name, root, by_importlib } = line;
        let importlib = ["importlib", "importlib.util", "importlib.machinery"].into_iter().filter(|_| by_importlib);
        ["sys", "types", "os"].into_iter().chain(importlib).for_each(|module| self.note_loaded(module));
        // What 3.15 runs the line in did not always tell it the directory.
        let Some(site) = root.or_else(|| self.features.tells_directory.then(|| self.platform.text(&file.directory)))
        else {
            return false;
        };
        let inside = name.replace('.', "/");
        let portion = self.platform.join_plain(&site, &inside);
        let (parent, last) = name.rsplit_once('.').unzip();
        let has_parent = parent.is_none_or(|parent| self.namespaces.iter().any(|it| it.name == parent));
        if by_importlib {
            let found = self.modules.find(self.platform.up(&portion), last.unwrap_or(&name));
            // A package without `__init__` asks its parent for its path.
            if found.is_none() || found == Some(Found::Portion) && !has_parent {
                return false;
            }
        } else if paths::exists(self.system, &self.platform.join_plain(&portion, "__init__.py")) {
            return true;
        }
        let namespace = Namespace {
            name: name.clone(),
            site: self.platform.path(&site),
            portion: self.platform.path(&portion),
            is_searched: by_importlib,
        };
        if !self.namespaces.contains(&namespace) {
            self.namespaces.push(namespace);
        }
        has_parent
    }

    /// Does what the line of setuptools' `distutils-precedence.pth` does.
    fn replace_distutils(&mut self, by_default: bool) -> Imported {
        let choice = self.system.variable("SETUPTOOLS_USE_DISTUTILS");
        if !choice.map_or(by_default, |choice| choice == "local") {
            return Imported::Understood;
        }
        let Some((_, path)) = self.find("_distutils_hack") else { return Imported::Missing };
        self.note_loaded("_distutils_hack");
        let Some(path) = path else { return Imported::Missing };
        match self.system.read_text(&path) {
            Ok(text) if !text.contains("add_shim") => Imported::Missing,
            Ok(text) if !text.contains("class DistutilsMetaFinder") => Imported::Code,
            // Bytecode, or in an archive: nobody else has a module of that name.
            Ok(_) | Err(_) => {
                self.distutils_is_setuptools = true;
                Imported::Understood
            }
        }
    }

    /// 3.15: reads a site directory once; nothing is applied yet.
    fn collect(&mut self, path: &str, directory: &SiteDirectory) {
        let (origin, evidence) = (directory.origin, directory.evidence.clone());
        self.batch.entries.push(Collected { path: path.to_owned(), origin, evidence, must_exist: false });
        let mut projects = None;
        for file in self.files(path) {
            let Some(lines) = self.lines(&file) else { return };
            let mut code = Vec::new();
            for line in lines {
                match line.content {
                    Content::Path(text) => {
                        let path = self.path_of_line(&file, &text);
                        let origin = self.origin_of_line(&path, &file, &mut projects);
                        let evidence = Evidence::line(&file.path, line.number);
                        self.batch.entries.push(Collected { path, origin, evidence, must_exist: true });
                    }
                    Content::Code(text) => code.push((line.number, text)),
                    Content::Undecodable => {}
                }
            }
            if !code.is_empty() {
                self.batch.code.push((file, code));
            }
        }
        let place = self.platform.path(path);
        if let Ok(listing) = self.system.list(&place) {
            let names = listing.iter().map(|(name, _)| name);
            let starts = names.filter(|name| pth::has_suffix(name, ".start") && !name.starts_with('.'));
            for file in starts.map(|name| place.join(name)) {
                // One that cannot be read, or is not UTF-8, is as if it were not there (`_read_pthstart_file`).
                let bytes = self.system.read(&file, LARGEST_METADATA).ok();
                if let Some(text) = bytes.and_then(|it| String::from_utf8(it).ok()) {
                    self.batch.starts.push((file, text));
                }
            }
        }
    }

    /// 3.15: applies the paths, then runs the code of files that have no matching `.start`, then notes the `.start`s.
    pub(super) fn finish_batch(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        for collected in batch.entries {
            let folded = self.platform.folded(&collected.path);
            if self.path.iter().any(|it| self.platform.folded(&it.path) == folded) {
                self.own(&collected.path, collected.origin);
            } else if !collected.must_exist || paths::exists(self.system, &collected.path) {
                self.push(collected.path, collected.origin, collected.evidence);
            } else if let Evidence::Line { path: path_file, line } = &collected.evidence {
                self.note_dead(&collected.path, path_file, *line);
            }
        }
        for (file, code) in batch.code {
            if batch.starts.iter().any(|(start, _)| *start == file.path.with_extension("start")) {
                continue;
            }
            for (number, text) in code {
                if let Err(failed) = self.execute(&file, number, &text) {
                    self.note_report(failed);
                }
                if self.fatal.is_some() {
                    return;
                }
            }
        }
        for (path, text) in batch.starts {
            self.follow_start(&path, &text);
        }
    }

    /// `module:callable` lines; those of editable installs are read, others are code.
    fn follow_start(&mut self, path: &Utf8Path, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = File::at(path);
        for (line, number) in pth::split_lines(text).zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let module = line.split(':').next().unwrap_or(line);
            let code = StartupCode { path: path.to_owned(), line: Some(number) };
            // What is missing is told on standard error, and the next line's turn comes.
            if matches!(self.import(&file, number, module), Imported::Code) && !self.startup_code.contains(&code) {
                self.startup_code.push(code);
            }
        }
    }
}

enum Imported {
    /// Does nothing to the search path, or it is known what.
    Understood,
    /// Somebody's code.
    Code,
    /// The line fails.
    Missing,
}

impl Imported {
    /// Tells whether it is known what the import does.
    fn told(self) -> Result<bool, Failed> {
        match self {
            Imported::Understood => Ok(true),
            Imported::Code => Ok(false),
            Imported::Missing => Err(Failed::ForWantOfAModule),
        }
    }
}

/// Modules in files that every interpreter has loaded when `site` runs.
const LOADED: [&str; 6] = ["os", "site", "io", "stat", "codecs", "abc"];
