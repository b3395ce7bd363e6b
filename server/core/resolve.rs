//! Where one name is found in one environment.
//!
//! In: a dotted module name, an [`Interpreter`](crate::interpreter::Interpreter), the project's own roots. Out: a
//! [`Resolution`]: what importlib would report as the spec, and whose it is.
//!
//! **Invariant:** the answer is importlib's, not a type checker's: no stubs, no guesses, first hit wins.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use crate::interpreter::{Interpreter, Precedence};
use crate::origin::{ImportRoot, Origin};
use crate::project::normalize_path;
use crate::system::System;

use self::contents::{Contents, Shelf};
use self::entry::Suffixes;
use self::loaded::{Closure, Loaded, Perhaps};
use self::search::{Hit, Hits, Place};

mod bytecode;
pub(crate) mod contents;
mod distutils;
mod editable;
mod entry;
mod fixed;
pub(crate) mod foreign;
mod legacy;
mod loaded;
mod local_time;
mod made;
mod search;
mod startup;
#[cfg(test)]
pub(crate) mod tests;

/// Where one name is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The dotted name that was asked for.
    pub module: String,
    pub kind: ModuleKind,
    /// What importlib would report as the spec's origin: a file; `None` for built-in, frozen and namespace modules.
    pub path: Option<Utf8PathBuf>,
    /// A package's search locations, in order; `None` for what is not a package.
    pub locations: Option<Vec<Utf8PathBuf>>,
    pub origin: Option<Origin>,
    /// The import root (an entry of `sys.path` or of the project's roots) it was found under.
    pub root: Option<Utf8PathBuf>,
    /// The file that is loaded in place of `path`, if it is; `None` where the answer is certain, but for code at start that
    /// nobody has read.
    pub twin: Option<Twin>,
}

/// The other of two files, where it cannot be known which is loaded: a source beside its bytecode in an archive, or the one that
/// code at start may have imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub kind: ModuleKind,
    pub path: Utf8PathBuf,
    /// A package's search locations; `None` for what is not a package.
    pub locations: Option<Vec<Utf8PathBuf>>,
    /// Why it cannot be known.
    pub reason: TwinReason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwinReason {
    /// This module may have imported it at start.
    ImportedBy(String),
    /// Which of the two is loaded hangs on what no file tells.
    Bytecode(&'static str),
}

impl fmt::Display for TwinReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TwinReason::ImportedBy(module) => write!(formatter, "if `{module}` has imported it at start"),
            TwinReason::Bytecode(reason) => formatter.write_str(reason),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModuleKind {
    Source,
    Extension,
    Bytecode,
    Package,
    Namespace,
    BuiltIn,
    Frozen,
    Zip,
    Unresolved,
}

impl ModuleKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ModuleKind::Source => "source",
            ModuleKind::Extension => "extension",
            ModuleKind::Bytecode => "bytecode",
            ModuleKind::Package => "package",
            ModuleKind::Namespace => "namespace",
            ModuleKind::BuiltIn => "builtin",
            ModuleKind::Frozen => "frozen",
            ModuleKind::Zip => "zip",
            ModuleKind::Unresolved => "unresolved",
        }
    }
}

impl Resolution {
    pub(crate) fn unresolved(dotted: &str) -> Self {
        let module = dotted.to_owned();
        let kind = ModuleKind::Unresolved;
        Resolution { module, kind, path: None, locations: None, origin: None, root: None, twin: None }
    }

    pub fn is_resolved(&self) -> bool {
        self.kind != ModuleKind::Unresolved
    }
}

/// Finds names as importlib would in a fresh process of one interpreter.
///
/// The order is that of `sys.meta_path`: modules loaded at start, import hooks put first, built-in modules, frozen
/// modules, the search path, import hooks put last. The project's own roots stand before the search path, where the
/// launcher puts the script's folder or the working directory.
pub struct Resolver<'a> {
    shelf: Arc<Shelf<'a>>,
    interpreter: &'a Interpreter,
    /// The project's roots, then the search path.
    entries: Vec<Entry<'a>>,
    first_party: usize,
    suffixes: Suffixes,
    closure: OnceLock<Closure>,
    /// Packages that were asked for as parents of something.
    packages: RwLock<FxHashMap<String, Option<Arc<Hit>>>>,
}

/// One entry of the search path; what it holds is looked at when it is first needed.
struct Entry<'a> {
    root: &'a ImportRoot,
    /// Whose what is found in it is.
    origin: Origin,
    /// The same directory as one of the project's roots: what is loaded at start is looked for here, and other names were
    /// looked for there.
    again: bool,
    /// As modules in it are reported: from 3.9 on a relative entry is made absolute (`FileFinder`, `_path_abspath`).
    path: Cow<'a, Utf8Path>,
    /// Where it lay before `site` made it absolute, if that is another place now: beyond a link `..` leads elsewhere. What was
    /// loaded by then stays.
    before: Option<&'a Utf8Path>,
    contents: OnceLock<Arc<Contents>>,
}

impl<'a> Resolver<'a> {
    pub fn new(system: &'a dyn System, interpreter: &'a Interpreter, first_party: &'a [ImportRoot]) -> Self {
        Resolver::on(Arc::new(Shelf::new(system)), interpreter, first_party)
    }

    /// Makes a resolver that shares what others have already looked at.
    pub(crate) fn on(shelf: Arc<Shelf<'a>>, interpreter: &'a Interpreter, first_party: &'a [ImportRoot]) -> Self {
        let entry = |root: &'a ImportRoot| {
            let path = seen_by_finders(shelf.system, interpreter, &root.path);
            let before = place_before_site(interpreter, root);
            Entry { root, origin: root.origin, again: false, path, before, contents: OnceLock::new() }
        };
        let rest = interpreter.search_path.iter().map(|root| {
            let first = first_party.iter().find(|first| first.path == root.path);
            Entry { origin: first.map_or(root.origin, |it| it.origin), again: first.is_some(), ..entry(root) }
        });
        let entries = first_party.iter().map(entry).chain(rest).collect();
        Resolver {
            shelf,
            interpreter,
            entries,
            first_party: first_party.len(),
            suffixes: Suffixes::of(interpreter),
            closure: OnceLock::new(),
            packages: RwLock::default(),
        }
    }

    /// Returns importlib's answer: the first hit.
    pub fn resolve(&self, dotted: &str) -> Resolution {
        self.first_hit(dotted).map_or_else(|| Resolution::unresolved(dotted), |hit| hit.resolution)
    }

    /// Returns the same answer, and what it shadows: modules of the same name further on, in order.
    pub fn resolve_all(&self, dotted: &str) -> (Resolution, Vec<Resolution>) {
        let mut hits = self.hits(dotted, true).into_iter().map(|hit| hit.resolution);
        let Some(first) = hits.next() else { return (Resolution::unresolved(dotted), Vec::new()) };
        // The file of a frozen module is its source, not something that it hides.
        let compiled_in = matches!(first.kind, ModuleKind::BuiltIn | ModuleKind::Frozen);
        let later = hits
            .filter(|later| later.path.is_some() && later.path != first.path)
            .filter(|later| !(compiled_in && later.origin == Some(Origin::StandardLibrary)))
            .collect();
        (first, later)
    }

    /// Returns what a script's own folder has under the name: `python FILE` puts that folder first on `sys.path`.
    pub(crate) fn resolve_beside(&self, dotted: &str, directory: &Utf8Path) -> Option<Resolution> {
        let mut parts = dotted.split('.');
        let top_level = parts.next().filter(|name| !name.is_empty())?;
        let contents = self.shelf.contents(directory);
        let place = Place { path: directory, origin: Some(Origin::Project), root: Some(directory), contents };
        let mut hits = Hits::new(false);
        self.search(top_level, top_level, std::iter::once(place), &mut hits);
        let loaded = self.loaded_before_script(top_level);
        if self.is_loaded_at_start(top_level, &loaded) {
            return None;
        }
        self.doubt(top_level, loaded.perhaps, &mut hits);
        let mut hit = hits.list.pop()?;
        // A mere folder is looked into where the name is a namespace, whoever has made that.
        let is_namespace = |hit: &Hit| hit.resolution.kind == ModuleKind::Namespace;
        let is_folder = is_namespace(&hit);
        let first = if is_folder { self.first_hit(top_level) } else { self.before_the_path(top_level) };
        if first.is_some_and(|first| !(is_folder && is_namespace(&first))) {
            return None;
        }
        let mut asked = top_level.to_owned();
        for name in parts {
            asked = format!("{asked}.{name}");
            let mut below = Hits::new(false);
            self.search(&asked, name, self.portions_of(&hit), &mut below);
            hit = below.list.pop()?;
        }
        Some(hit.resolution)
    }

    fn first_hit(&self, dotted: &str) -> Option<Hit> {
        self.hits(dotted, false).into_iter().next()
    }

    /// Returns the first hit as a package to search in, from memory where it was asked before.
    fn package(&self, dotted: &str) -> Option<Arc<Hit>> {
        if let Some(known) = self.packages.read().unwrap_or_else(PoisonError::into_inner).get(dotted) {
            return known.clone();
        }
        let hit = self.first_hit(dotted).filter(Hit::is_package).map(Arc::new);
        let mut packages = self.packages.write().unwrap_or_else(PoisonError::into_inner);
        packages.entry(dotted.to_owned()).or_insert(hit).clone()
    }

    fn hits(&self, dotted: &str, all: bool) -> Vec<Hit> {
        if dotted.split('.').any(str::is_empty) {
            return Vec::new();
        }
        if let Some(real) = startup::real_name(dotted)
            && let Some((parent, _)) = dotted.split_once('.')
            && self.puts_under(&self.resolve(parent), dotted)
        {
            let hit = self.first_hit(real).map(|hit| hit.called(dotted));
            return hit.into_iter().collect();
        }
        let mut hits = Hits::new(all);
        match dotted.rsplit_once('.') {
            None => self.top_level(dotted, &mut hits),
            Some((parent, name)) => self.submodule(dotted, parent, name, &mut hits),
        }
        hits.list
    }

    fn top_level(&self, name: &str, hits: &mut Hits) {
        if self.distutils_fails(name) {
            return;
        }
        let (first_party, rest) = self.entries.split_at(self.first_party);
        self.ask_before_the_path(name, hits);
        if hits.done() {
            return;
        }
        let at_start = |entry| self.place_at_start(entry);
        // What `.pth` files put in front comes too late for what is loaded before `site` reads them.
        if startup::is_loaded_by_site(name, self.interpreter) {
            let was_there = |entry: &&Entry<'_>| startup::was_there(entry.root, name, self.interpreter);
            let mut first = Hits::new(false);
            self.search(name, name, rest.iter().filter(was_there).map(at_start), &mut first);
            first.list.into_iter().for_each(|hit| hits.push(hit));
        }
        let loaded = self.loaded(name);
        if let Some(root) = loaded.from {
            let mut first = Hits::new(false);
            self.search(name, name, self.places(rest.iter().filter(|entry| entry.root.path == root)), &mut first);
            // A mere folder there has not kept a module further on from being it.
            first
                .list
                .into_iter()
                .filter(|it| it.resolution.kind != ModuleKind::Namespace)
                .for_each(|it| hits.push(it));
        }
        if self.is_loaded_at_start(name, &loaded) {
            self.search(name, name, rest.iter().map(at_start), hits);
            self.search(name, name, self.places(first_party), hits);
        } else {
            let before = hits.list.len();
            self.search(name, name, self.places(self.all()), hits);
            self.doubt(name, loaded.perhaps, hits);
            if self.barrier().is_some() {
                // All of the path is gone through for portions, and nothing is asked after it.
                let found = hits.list.split_off(before);
                hits.list.extend(found.into_iter().filter(|hit| hit.resolution.kind != ModuleKind::Namespace));
                return;
            }
        }
        self.ask_finders(Precedence::Last, name, hits);
    }

    /// What comes before every entry of the search path: what was made at start, hooks put first, what is compiled in.
    fn ask_before_the_path(&self, name: &str, hits: &mut Hits) {
        self.made_at_start(name, hits);
        self.ask_finders(Precedence::First, name, hits);
        self.distutils(name, hits);
        self.built_in_or_frozen(name, hits);
    }

    fn before_the_path(&self, name: &str) -> Option<Hit> {
        let mut hits = Hits::new(false);
        self.ask_before_the_path(name, &mut hits);
        hits.list.pop()
    }

    /// Names the file that is meant if code at start has imported it before another came to stand in front.
    fn doubt(&self, name: &str, perhaps: Option<&Perhaps>, hits: &mut Hits) {
        let Some(perhaps) = perhaps else { return };
        let Some(hit) = hits.list.first_mut().filter(|it| it.resolution.root.as_ref() != Some(&perhaps.root)) else {
            return;
        };
        let mut other = Hits::new(false);
        let entries = self.all().filter(|entry| entry.root.path == perhaps.root);
        self.search(name, name, self.places(entries), &mut other);
        let Some(other) = other.list.pop().map(|it| it.resolution) else { return };
        if let Some(path) = other.path {
            let reason = TwinReason::ImportedBy(perhaps.by.clone());
            hit.resolution.twin = Some(Twin { kind: other.kind, path, locations: other.locations, reason });
        }
    }

    fn is_loaded_at_start(&self, name: &str, loaded: &Loaded<'_>) -> bool {
        // The customizations are imported last, and may not be reached.
        let is_reached = self.barrier().is_none() || startup::is_loaded_before_code(name, self.interpreter);
        startup::is_loaded_at_start(name, self.interpreter) && is_reached || loaded.from.is_some()
    }

    /// Tells whether a package puts another module under a name below its own: the standard library's does, and every copy
    /// of it that a search path may lead to. Some releases of `collections` do, in others `abc.py` itself does when it is
    /// imported, in old ones nobody does.
    fn puts_under(&self, package: &Resolution, dotted: &str) -> bool {
        let surely = package.origin == Some(Origin::StandardLibrary) && dotted != "collections.abc";
        let says =
            |path: &Utf8Path, what: &str| self.shelf.system.read_text(path).is_ok_and(|text| text.contains(what));
        let says_so = |path: &Utf8PathBuf| {
            says(path, &format!("sys.modules['{dotted}']"))
                || dotted == "collections.abc" && says(&path.with_file_name("abc.py"), "sys.modules[__name__] =")
        };
        surely || package.path.as_ref().is_some_and(says_so)
    }

    fn submodule(&self, dotted: &str, parent: &str, name: &str, hits: &mut Hits) {
        if self.is_built_in_below(dotted) {
            self.built_in_or_frozen(dotted, hits);
            return;
        }
        let Some(package) = self.package(parent) else { return };
        self.made_at_start(dotted, hits);
        self.ask_finders(Precedence::First, dotted, hits);
        self.built_in_or_frozen(dotted, hits);
        if hits.done() {
            return;
        }
        let mut own = Hits::new(hits.all);
        self.search(dotted, name, self.portions_of(&package), &mut own);
        // A package may put further directories on its path; its own comes first, so a module there has won already.
        if own.list.first().is_none_or(|hit| hit.resolution.kind == ModuleKind::Namespace)
            && let Some(extended) = self.extended(parent, &package)
        {
            own = Hits::new(hits.all);
            self.search(dotted, name, self.portions_of(&extended), &mut own);
        }
        hits.list.append(&mut own.list);
        self.ask_finders(Precedence::Last, dotted, hits);
    }

    /// The entries in order, as far as an import gets. The launcher's stand in front; the same directory further on adds nothing.
    fn all(&self) -> impl Iterator<Item = &Entry<'a>> {
        let barrier = self.barrier();
        self.entries.iter().filter(|entry| !entry.again).take_while(move |it| barrier != Some(&it.root.path))
    }

    fn places<'s>(
        &'s self,
        entries: impl IntoIterator<Item = &'s Entry<'a>, IntoIter: 's>,
    ) -> impl Iterator<Item = Place<'s>>
    where
        'a: 's,
    {
        entries.into_iter().map(|entry| self.place_of(entry))
    }

    fn place_of<'s>(&'s self, entry: &'s Entry<'a>) -> Place<'s> {
        let look = || self.hook(&entry.root.path).map_or_else(|| self.shelf.contents(&entry.path), Arc::new);
        let contents = Arc::clone(entry.contents.get_or_init(look));
        Place { path: &entry.path, origin: Some(entry.origin), root: Some(&entry.root.path), contents }
    }

    /// The same for what is loaded before `site` has made the entries absolute.
    fn place_at_start<'s>(&'s self, entry: &'s Entry<'a>) -> Place<'s> {
        let Some(path) = entry.before else { return self.place_of(entry) };
        Place { path, origin: Some(entry.origin), root: Some(path), contents: self.shelf.contents(path) }
    }

    fn portions_of<'s>(&'s self, package: &'s Hit) -> impl Iterator<Item = Place<'s>> {
        package.portions.iter().map(|portion| Place {
            path: &portion.path,
            origin: portion.origin,
            root: portion.root.as_deref(),
            contents: self.contents(&portion.path),
        })
    }

    fn contents(&self, path: &Utf8Path) -> Arc<Contents> {
        self.hook(path).map_or_else(|| self.shelf.contents(path), Arc::new)
    }

    /// Returns whose a module found under one of the project's roots is: a file of an installed package is not the
    /// project's, even where a root of the project lies around or inside an environment.
    fn origin_of(&self, path: &Utf8Path, origin: Option<Origin>) -> Option<Origin> {
        if origin != Some(Origin::Project) {
            return origin;
        }
        let installed = self.interpreter.search_path.iter().filter(|root| {
            let installed = root.origin.is_site_directory() || root.origin == Origin::StandardLibrary;
            installed && path.starts_with(&root.path)
        });
        installed.max_by_key(|root| root.path.as_str().len()).map_or(origin, |root| Some(root.origin))
    }
}

/// Returns where an entry of the library lay before `site` made it absolute (`abs_paths`, `removeduppaths`), if it is gone by that.
fn place_before_site<'p>(interpreter: &'p Interpreter, root: &ImportRoot) -> Option<&'p Utf8Path> {
    let is_lost = root.origin == Origin::StandardLibrary && !root.exists && interpreter.stdlib != root.path;
    (is_lost && normalize_path(&interpreter.stdlib) == root.path).then_some(&interpreter.stdlib)
}

/// Returns a directory as `FileFinder` has it: absolute since 3.10, 3.9.5 and 3.8.10 (bpo-43105), but not tidied up.
fn seen_by_finders<'p>(system: &dyn System, interpreter: &Interpreter, path: &'p Utf8Path) -> Cow<'p, Utf8Path> {
    let version = &interpreter.version;
    let since = match version.minor {
        ..=7 => u8::MAX,
        8 => 10,
        9 => 5,
        _ => 0,
    };
    let makes_absolute = version.micro.unwrap_or(u8::MAX - 1) >= since;
    if !makes_absolute || system.platform().is_absolute(path.as_str()) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(system.working_directory().join(path))
}
