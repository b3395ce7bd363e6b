//! `getpath` from 3.11 on, a frozen Python script (`Modules/getpath.py`), with what 3.14 and python-build-standalone changed.
//!
//! In: an executable and what is compiled in. Out: a [`Layout`].
//!
//! **Invariant:** the steps stand in the script's order, because each reads what the ones before it left.

use super::{Build, Flavor, Landmarks, Layout, PathFile, has_standard, variable};
use crate::interpreter::pyvenv::{self, Lines};
use crate::interpreter::{Flags, paths};
use crate::origin::Evidence;
use crate::system::System;

pub(super) fn layout(system: &dyn System, build: &dyn Build, executable: &str, flags: Flags) -> Layout {
    let mut script = Script {
        system,
        build,
        landmarks: Landmarks::new(build),
        flags,
        executable: paths::norm(executable),
        executable_directory: String::new(),
        real_directory: String::new(),
        base_executable: String::new(),
        real_executable: String::new(),
        base_directory: None,
        virtual_prefix: None,
        home: variable(system, "PYTHONHOME", flags),
        stdlib: None,
        dynamic: None,
        is_build: false,
    };
    match script.run() {
        Ok(layout) => layout,
        Err(reason) => {
            let prefix = script.virtual_prefix.clone().unwrap_or_default();
            Layout { executable: script.executable, prefix, fatal: Some(reason), ..Layout::default() }
        }
    }
}

/// The variables of the script.
struct Script<'a> {
    system: &'a dyn System,
    build: &'a dyn Build,
    landmarks: Landmarks,
    flags: Flags,
    executable: String,
    /// Where the search for the prefixes begins; empty until known, as below.
    executable_directory: String,
    /// Where a build is looked for.
    real_directory: String,
    base_executable: String,
    real_executable: String,
    /// 3.14.10: the directory of the executable that the environment's link leads to.
    base_directory: Option<String>,
    virtual_prefix: Option<String>,
    home: Option<String>,
    stdlib: Option<String>,
    dynamic: Option<String>,
    is_build: bool,
}

impl Script<'_> {
    fn run(&mut self) -> Result<Layout, String> {
        self.take_launcher();
        self.read_virtual_environment()?;
        self.find_directories();
        let path_file = self.read_path_file();
        let (mut prefix, mut exec_prefix) = self.look_for_build()?;
        self.find_prefix(&mut prefix, &mut exec_prefix);
        let exec_prefix = exec_prefix.filter(|it| !it.is_empty());
        let prefix = prefix.unwrap_or_default();
        let exec_prefix = exec_prefix.unwrap_or_else(|| self.find_exec_prefix(&prefix));
        Ok(self.finish(prefix, exec_prefix, path_file))
    }

    /// `__PYVENV_LAUNCHER__` and `PYTHONEXECUTABLE` name another executable; `-E` does not switch that off.
    fn take_launcher(&mut self) {
        let named = ["PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"].into_iter().filter_map(|it| self.system.variable(it));
        if let Some(named) = named.into_iter().find(|it| !it.is_empty()) {
            self.base_executable.clone_from(&self.executable);
            self.real_executable.clone_from(&self.executable);
            paths::up(&named).clone_into(&mut self.executable_directory);
            self.executable = named;
        }
    }

    fn read_virtual_environment(&mut self) -> Result<(), String> {
        let is_14 = self.build.flavor().is_14();
        if !is_14 && self.home.is_some() {
            return Ok(());
        }
        let beside = if self.executable_directory.is_empty() {
            paths::up(&self.executable).to_owned()
        } else {
            self.executable_directory.clone()
        };
        let mut found = None;
        for directory in [paths::up(&beside), &beside] {
            let path = paths::place(self.system, &paths::join(directory, "pyvenv.cfg"));
            match pyvenv::read_lines(self.system, &path) {
                Lines::Read(lines) => {
                    found = Some((directory.to_owned(), lines));
                    break;
                }
                Lines::Absent => {}
                Lines::Fatal(reason) => return Err(reason),
            }
        }
        let Some((virtual_prefix, lines)) = found else { return Ok(()) };
        let home = pyvenv::home_by_getpath(&lines);
        if is_14 || home.is_some() {
            self.virtual_prefix = Some(virtual_prefix);
        }
        if let Some(home) = home.filter(|_| self.home.is_none()) {
            self.take_home(&home);
        }
        Ok(())
    }

    /// The `home` line of `pyvenv.cfg`.
    fn take_home(&mut self, home: &str) {
        home.clone_into(&mut self.executable_directory);
        home.clone_into(&mut self.real_directory);
        if !self.base_executable.is_empty() {
            return;
        }
        let target = paths::hops(self.system, &self.executable, true);
        if target == self.executable {
            self.base_executable = self.executable_in(home);
            return;
        }
        self.base_executable = target;
        if !paths::is_file(self.system, &self.base_executable) {
            return;
        }
        let directory = paths::up(&self.base_executable).to_owned();
        let moves = match self.build.flavor() {
            Flavor::P14Relocated => true,
            Flavor::P14Searched => {
                self.base_directory = Some(directory.clone());
                self.is_runtime(&directory)
            }
            _ => self.build.is_standalone(),
        };
        if moves {
            self.executable_directory.clone_from(&directory);
            self.real_directory = directory;
        }
    }

    /// The interpreter in `home` that a copied executable stands for.
    fn executable_in(&self, home: &str) -> String {
        let own = paths::base_name(&self.executable);
        let first = paths::join(home, own);
        if paths::is_file(self.system, &first) {
            return first;
        }
        let others = ["python3".to_owned(), format!("python{}", self.build.version().short())];
        let mut others = others.iter().filter(|name| *name != own).map(|name| paths::join(home, name));
        others.find(|it| paths::is_file(self.system, it)).unwrap_or(first)
    }

    /// Tells whether the standard library is found from a directory (3.14.10).
    fn is_runtime(&self, directory: &str) -> bool {
        paths::is_file(self.system, &paths::join(directory, "pybuilddir.txt"))
            || paths::climb(directory, |here| {
                paths::is_file(self.system, &paths::join(here, &self.landmarks.archive))
                    || has_standard(self.system, &self.landmarks, here)
            })
            .is_some()
    }

    fn find_directories(&mut self) {
        if self.base_executable.is_empty() {
            self.base_executable.clone_from(&self.executable);
        }
        if self.real_executable.is_empty() {
            self.real_executable.clone_from(&self.base_executable);
        }
        self.real_executable = paths::hops(self.system, &self.real_executable, true);
        let directory = paths::up(&self.real_executable);
        if self.executable_directory.is_empty() {
            directory.clone_into(&mut self.executable_directory);
        }
        if self.real_directory.is_empty() {
            directory.clone_into(&mut self.real_directory);
        }
    }

    /// Reads a `._pth` file; its directory becomes the home and the environment is ignored.
    fn read_path_file(&mut self) -> Option<(String, Vec<String>)> {
        let candidates = [self.build.library(), Some(self.executable.clone()), Some(self.real_executable.clone())];
        for candidate in candidates.into_iter().flatten() {
            let path = format!("{candidate}._pth");
            if let Lines::Read(lines) = pyvenv::read_lines(self.system, &paths::place(self.system, &path)) {
                let directory = paths::up(&path).to_owned();
                self.flags.ignore_environment = true;
                self.home = Some(directory.clone()).filter(|it| !it.is_empty());
                return Some((directory, lines));
            }
        }
        None
    }

    /// Looks for a build tree; returns the prefixes that it gives.
    fn look_for_build(&mut self) -> Result<(Option<String>, Option<String>), String> {
        let directory = self.real_directory.clone();
        let marker = paths::join(&directory, "pybuilddir.txt");
        match pyvenv::read_lines(self.system, &paths::place(self.system, &marker)) {
            Lines::Read(lines) => {
                self.dynamic =
                    Some(lines.first().map_or_else(|| directory.clone(), |line| paths::join(&directory, line)));
            }
            Lines::Absent => {
                let setup = paths::join(&directory, "Modules/Setup.local");
                if !paths::is_file(self.system, &setup) || !self.build.knows_setup_local() {
                    return Ok((None, None));
                }
            }
            Lines::Fatal(reason) => return Err(reason),
        }
        self.is_build = true;
        let sources = paths::join(&directory, &self.build.sources());
        let found = paths::climb(&sources, |here| paths::is_file(self.system, &paths::join(here, "Lib/os.py")));
        self.stdlib = Some(paths::join(found.as_deref().unwrap_or(&sources), "Lib"));
        Ok((found, Some(sources)))
    }

    fn find_prefix(&mut self, prefix: &mut Option<String>, exec_prefix: &mut Option<String>) {
        let (system, landmarks) = (self.system, &self.landmarks);
        if let Some(home) = &self.home {
            let (first, second) = home.split_once(':').unwrap_or((home, home));
            *prefix = Some(first.to_owned());
            *exec_prefix = Some(second.to_owned());
            self.stdlib = None;
        }
        let has_archive = |here: &str| paths::is_file(system, &paths::join(here, &landmarks.archive));
        let is_missing = |prefix: &Option<String>| prefix.as_deref().unwrap_or_default().is_empty();
        if let Some(library) = self.build.library().filter(|_| is_missing(prefix)) {
            let directory =
                if self.build.is_standalone() { paths::up(paths::up(&library)) } else { paths::up(&library) };
            *prefix = paths::climb(directory, has_archive);
            if prefix.is_none() && has_standard(system, landmarks, directory) {
                *prefix = Some(directory.to_owned());
                self.stdlib = Some(paths::join(directory, &landmarks.library));
            }
        }
        if is_missing(prefix) {
            *prefix = paths::climb(&self.executable_directory, has_archive);
            if let Some(found) = prefix {
                let library = paths::join(found, &landmarks.library);
                self.stdlib = Some(library).filter(|it| paths::is_directory(system, it));
            }
        }
        if is_missing(prefix) {
            *prefix = paths::climb(&self.executable_directory, |here| has_standard(system, landmarks, here));
            if let Some(found) = prefix.as_deref().filter(|_| self.stdlib.is_none()) {
                self.stdlib = Some(paths::join(found, &landmarks.library));
            }
        }
        if is_missing(prefix) {
            *prefix = self.build.compiled_prefix().or_else(|| Some(system.working_directory().into_string()));
        }
    }

    fn find_exec_prefix(&self, prefix: &str) -> String {
        let (system, landmarks) = (self.system, &self.landmarks);
        let has = |here: &str| paths::is_directory(system, &paths::join(here, &landmarks.dynamic));
        let flavor = self.build.flavor();
        if flavor.is_14() && has(prefix) {
            return prefix.to_owned();
        }
        let mut found = None;
        if let Some(directory) = self.base_directory.as_deref().filter(|it| *it != self.executable_directory) {
            found = paths::climb(directory, has);
        }
        found
            .or_else(|| paths::climb(&self.executable_directory, has))
            .or_else(|| self.build.compiled_prefix())
            .unwrap_or_else(|| prefix.to_owned())
    }

    fn finish(&mut self, prefix: String, exec_prefix: String, path_file: Option<(String, Vec<String>)>) -> Layout {
        let (landmarks, virtual_prefix) = (&self.landmarks, self.virtual_prefix.clone());
        let stdlib = self.stdlib.clone().unwrap_or_else(|| paths::join(&prefix, &landmarks.library));
        let dynamic = self.dynamic.clone().unwrap_or_else(|| paths::join(&exec_prefix, &landmarks.dynamic));
        let compiled = if self.is_build { self.build.compiled_prefix() } else { None };
        let mut search_path = Vec::new();
        if let Some(list) = variable(self.system, "PYTHONPATH", self.flags) {
            let items = list.split(':').map(|item| self.item(item));
            search_path.extend(items.map(|item| (item, Evidence::Variable("PYTHONPATH"))));
        }
        let zip = paths::join(compiled.as_deref().unwrap_or(&prefix), &landmarks.archive);
        search_path.extend([zip, stdlib.clone(), dynamic].map(|path| (path, Evidence::BuiltIn)));

        let base_prefix = compiled.clone().unwrap_or(prefix);
        let base_exec_prefix = compiled.unwrap_or(exec_prefix);
        let own = virtual_prefix.filter(|_| self.build.flavor().is_14());
        let mut layout = Layout {
            executable: self.executable.clone(),
            prefix: own.clone().unwrap_or_else(|| base_prefix.clone()),
            exec_prefix: own.unwrap_or_else(|| base_exec_prefix.clone()),
            base_prefix,
            base_exec_prefix,
            stdlib,
            search_path,
            path_file: None,
            fatal: None,
        };
        if let Some((directory, lines)) = path_file.filter(|(_, lines)| !lines.is_empty()) {
            replace_by_path_file(&mut layout, &directory, &lines, paths::base_name(&self.executable));
        }
        layout
    }

    /// One item of `PYTHONPATH`, absolute; a leading `..` is folded only later, by `site`.
    fn item(&self, item: &str) -> String {
        if item.starts_with('/') {
            return paths::norm(item);
        }
        let directory = self.system.working_directory();
        let folded = paths::norm(item);
        if folded.is_empty() || folded == "." { directory.into_string() } else { format!("{directory}/{folded}") }
    }
}

/// Replaces the search path by the lines of a `._pth` file; comments begin anywhere, code is refused.
fn replace_by_path_file(layout: &mut Layout, directory: &str, lines: &[String], name: &str) {
    let file = paths::join(directory, &format!("{name}._pth"));
    let mut imports_site = false;
    layout.search_path.clear();
    for (index, line) in lines.iter().enumerate() {
        let line = pyvenv::strip(line.split('#').next().unwrap_or_default());
        if line == "import site" {
            imports_site = true;
        } else if !line.is_empty() && !line.starts_with("import ") {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            layout.search_path.push((paths::join(directory, line), Evidence::line(file.as_str().into(), number)));
        }
    }
    layout.path_file = Some(PathFile { imports_site });
}
