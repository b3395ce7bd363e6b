//! `getpath` from 3.11 on, a frozen Python script (`Modules/getpath.py`), with what 3.14 and python-build-standalone changed.
//!
//! In: an executable and what is compiled in. Out: a [`Layout`].
//!
//! **Invariant:** the steps stand in the script's order, because each reads what the ones before it left.

use super::{Build, Flavor, Landmarks, Layout, has_standard, variable};
use crate::interpreter::pyvenv::{self, Lines};
use crate::interpreter::{Flags, paths};
use crate::system::{Platform, System};

use self::search_path::PathLines;

mod search_path;

pub(super) fn layout(system: &dyn System, build: &dyn Build, executable: &str, flags: Flags) -> Layout {
    let platform = system.platform();
    let mut executable = paths::absolute(system, executable);
    if platform.is_windows() && !has_suffix(&executable, ".exe") {
        // `EXE_SUFFIX`: `python` is a name for `python.exe`.
        let full = format!("{executable}.exe");
        executable = if paths::is_file(system, &full) { full } else { executable };
    }
    let mut script = Script {
        system,
        platform,
        build,
        landmarks: Landmarks::new(build, platform),
        flags,
        executable_directory: String::new(),
        real_directory: String::new(),
        base_executable: String::new(),
        // Windows tells it by itself, and macOS takes it for this (`real_executable`).
        real_executable: if platform == Platform::Linux { String::new() } else { executable.clone() },
        executable,
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
    platform: Platform,
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
        let path_lines = self.read_path_file()?;
        let (mut prefix, mut exec_prefix) = self.look_for_build()?;
        self.find_prefix(&mut prefix, &mut exec_prefix);
        let exec_prefix = exec_prefix.filter(|it| !it.is_empty());
        let prefix = prefix.unwrap_or_default();
        let exec_prefix = exec_prefix.unwrap_or_else(|| self.find_exec_prefix(&prefix));
        Ok(self.finish(prefix, exec_prefix, path_lines))
    }

    /// `PYTHONEXECUTABLE` and `__PYVENV_LAUNCHER__` name another executable; `-E` does not switch that off.
    fn take_launcher(&mut self) {
        let variable = |name: &str| self.system.variable(name).filter(|it| !it.is_empty());
        let launcher = || self.build.launcher().or_else(|| variable("__PYVENV_LAUNCHER__"));
        let Some(named) = variable("PYTHONEXECUTABLE").or_else(launcher) else { return };
        self.base_executable = match self.build.library().filter(|_| self.build.is_framework()) {
            // The program in `bin` only starts the real one, which lies hidden in an application.
            Some(library) => format!("{}/bin/python{}", self.platform.up(&library), self.build.version().short()),
            None => self.executable.clone(),
        };
        if self.real_executable.is_empty() {
            self.real_executable.clone_from(&self.base_executable);
        }
        self.platform.up(&named).clone_into(&mut self.executable_directory);
        self.executable = named;
    }

    fn read_virtual_environment(&mut self) -> Result<(), String> {
        let is_14 = self.build.flavor().is_14();
        if !is_14 && self.home.is_some() {
            return Ok(());
        }
        let beside = if self.executable_directory.is_empty() {
            self.platform.up(&self.executable).to_owned()
        } else {
            self.executable_directory.clone()
        };
        let mut found = None;
        for directory in [self.platform.up(&beside), &beside] {
            let path = paths::place(self.system, &self.platform.join(directory, "pyvenv.cfg"));
            match pyvenv::read_lines(self.system, &path) {
                Lines::Read(lines) => {
                    found = Some((directory.to_owned(), lines));
                    break;
                }
                Lines::Absent => {}
                Lines::Unreadable(reason) | Lines::TooLarge(reason) => return Err(reason),
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
        let is_link = target != self.executable;
        self.base_executable = if is_link { target } else { self.executable_in(home) };
        if !paths::is_file(self.system, &self.base_executable) {
            return;
        }
        let directory = self.platform.up(&self.base_executable).to_owned();
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
        let own = self.platform.base_name(&self.executable);
        let first = self.platform.join(home, own);
        if self.platform.is_windows() || paths::is_file(self.system, &first) {
            return first;
        }
        let others = ["python3".to_owned(), format!("python{}", self.build.version().short())];
        let mut others = others.iter().filter(|name| *name != own).map(|name| self.platform.join(home, name));
        others.find(|it| paths::is_file(self.system, it)).unwrap_or(first)
    }

    /// Tells whether the standard library is found from a directory (3.14.10).
    fn is_runtime(&self, directory: &str) -> bool {
        paths::is_file(self.system, &self.platform.join(directory, "pybuilddir.txt"))
            || self
                .platform
                .climb(directory, |here| self.has_archive(here) || has_standard(self.system, &self.landmarks, here))
                .is_some()
    }

    fn has_archive(&self, directory: &str) -> bool {
        paths::is_file(self.system, &self.platform.join(directory, &self.landmarks.archive))
    }

    fn find_directories(&mut self) {
        if self.base_executable.is_empty() {
            self.base_executable.clone_from(&self.executable);
        }
        if self.real_executable.is_empty() {
            self.real_executable.clone_from(&self.base_executable);
        }
        self.real_executable = paths::hops(self.system, &self.real_executable, true);
        if self.platform == Platform::MacOs && self.executable_directory.is_empty() {
            // On macOS the library is asked first.
            let library = self.build.library().map(|it| self.platform.up(&it).to_owned());
            if let Some(directory) = library.filter(|it| has_standard(self.system, &self.landmarks, it)) {
                self.executable_directory = paths::hops(self.system, &directory, true);
                self.real_directory.clone_from(&self.executable_directory);
            }
        }
        let directory = self.platform.up(&self.real_executable);
        if self.executable_directory.is_empty() {
            directory.clone_into(&mut self.executable_directory);
            directory.clone_into(&mut self.real_directory);
        }
        if self.real_directory.is_empty() {
            directory.clone_into(&mut self.real_directory);
        }
    }

    /// Reads a `._pth` file; its directory becomes the home and the environment is ignored.
    fn read_path_file(&mut self) -> Result<Option<PathLines>, String> {
        let candidates = [self.build.library(), Some(self.executable.clone()), Some(self.real_executable.clone())];
        for candidate in candidates.into_iter().flatten() {
            let is_program = has_suffix(&candidate, "exe") || has_suffix(&candidate, "dll");
            let stem = candidate.rsplit_once('.').filter(|_| self.platform.is_windows() && is_program);
            let path = format!("{}._pth", stem.map_or(candidate.as_str(), |(stem, _)| stem));
            let place = paths::place(self.system, &path);
            let lines = match pyvenv::read_lines(self.system, &place) {
                Lines::Read(lines) => lines,
                Lines::Absent | Lines::Unreadable(_) => continue,
                Lines::TooLarge(reason) => return Err(reason),
            };
            let directory = self.platform.up(&path).to_owned();
            if !directory.is_empty() {
                self.flags.ignore_environment = true;
                self.home = Some(directory.clone());
            }
            return Ok(Some(PathLines { place, directory, lines }));
        }
        Ok(None)
    }

    /// Looks for a build tree; returns the prefixes that it gives.
    fn look_for_build(&mut self) -> Result<(Option<String>, Option<String>), String> {
        let (platform, directory) = (self.platform, self.real_directory.clone());
        let marker = platform.join(&directory, "pybuilddir.txt");
        match pyvenv::read_lines(self.system, &paths::place(self.system, &marker)) {
            Lines::Read(lines) => {
                self.dynamic =
                    Some(lines.first().map_or_else(|| directory.clone(), |line| platform.join(&directory, line)));
            }
            Lines::Absent => {
                let setup = platform.join(&directory, &self.landmarks.build);
                if !paths::is_file(self.system, &setup) || !self.build.knows_setup_local() {
                    return Ok((None, None));
                }
                self.dynamic = platform.is_windows().then(|| directory.clone());
            }
            Lines::Unreadable(reason) | Lines::TooLarge(reason) => return Err(reason),
        }
        self.is_build = true;
        let sources = platform.join(&directory, &self.build.sources());
        // On Windows nothing is searched for.
        let found = if platform.is_windows() {
            Some(sources.clone())
        } else {
            platform.climb(&sources, |here| paths::is_file(self.system, &platform.join(here, "Lib/os.py")))
        };
        self.stdlib = Some(platform.join(found.as_deref().unwrap_or(&sources), "Lib"));
        Ok((found, Some(sources)))
    }

    fn find_prefix(&mut self, prefix: &mut Option<String>, exec_prefix: &mut Option<String>) {
        let (system, platform) = (self.system, self.platform);
        if let Some(home) = &self.home {
            let (first, second) = home.split_once(platform.list_separator()).unwrap_or((home, home));
            *prefix = Some(first.to_owned());
            *exec_prefix = Some(second.to_owned());
            self.stdlib = None;
        }
        let is_missing = |prefix: &Option<String>| prefix.as_deref().unwrap_or_default().is_empty();
        if let Some(library) = self.build.library().filter(|_| is_missing(prefix)) {
            let mut directory = platform.up(&library);
            if self.build.is_standalone() {
                directory = platform.up(directory);
            }
            *prefix = self.archive_above(directory);
            if prefix.is_none() && has_standard(system, &self.landmarks, directory) {
                *prefix = Some(directory.to_owned());
                self.stdlib = Some(platform.join(directory, &self.landmarks.library));
            }
        }
        if is_missing(prefix) {
            *prefix = self.archive_above(&self.executable_directory);
            if let Some(found) = prefix {
                let library = platform.join(found, &self.landmarks.library);
                self.stdlib = Some(library).filter(|it| paths::is_directory(system, it));
            }
        }
        if is_missing(prefix) {
            let landmarks = &self.landmarks;
            *prefix = platform.climb(&self.executable_directory, |here| has_standard(system, landmarks, here));
            if let Some(found) = prefix.as_deref().filter(|_| self.stdlib.is_none()) {
                self.stdlib = Some(platform.join(found, &self.landmarks.library));
            }
        }
        if is_missing(prefix) {
            *prefix = self.build.compiled_prefix().or_else(|| Some(paths::working_directory(system)));
        }
    }

    /// The archive is a landmark on the way up; on Windows it has to lie in the very directory.
    fn archive_above(&self, directory: &str) -> Option<String> {
        if self.platform.is_windows() {
            return Some(directory.to_owned()).filter(|it| !it.is_empty() && self.has_archive(it));
        }
        self.platform.climb(directory, |here| self.has_archive(here))
    }

    fn find_exec_prefix(&mut self, prefix: &str) -> String {
        let (system, platform) = (self.system, self.platform);
        let has = |here: &str| paths::is_directory(system, &platform.join(here, &self.landmarks.dynamic));
        if platform.is_windows() {
            // Without `DLLs` the extension modules are taken to lie beside the program.
            if !has(prefix) && self.dynamic.as_deref().unwrap_or_default().is_empty() {
                self.dynamic = Some(prefix.to_owned());
            }
            return prefix.to_owned();
        }
        let flavor = self.build.flavor();
        if flavor.is_14() && has(prefix) {
            return prefix.to_owned();
        }
        let mut found = None;
        if let Some(directory) = self.base_directory.as_deref().filter(|it| *it != self.executable_directory) {
            found = platform.climb(directory, has);
        }
        found
            .or_else(|| platform.climb(&self.executable_directory, has))
            .or_else(|| self.build.compiled_exec_prefix())
            .unwrap_or_else(|| prefix.to_owned())
    }
}

fn has_suffix(text: &str, suffix: &str) -> bool {
    text.len() >= suffix.len() && text.to_lowercase().ends_with(suffix)
}
