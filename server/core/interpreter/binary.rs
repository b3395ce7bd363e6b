//! The file that holds an interpreter's code, and what it tells.
//!
//! In: the path of an executable. Out: a [`Binary`]: its version, its compiled-in modules, the constants inside it.
//!
//! **Invariant:** an executable that cannot be read further than its first bytes is still an interpreter; then its name
//! and the directories around it tell the version.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::configured::Configured;
use super::constants::Constants;
use super::elf::Image;
use super::getpath::versioned;
use super::heap::Heap;
use super::program::{self, Program, Started};
use super::shared_library::{self, Code};
use super::{Implementation, Version, compiled_in, paths};
use crate::origin::Problem;
use crate::system::{Platform, System};

pub(super) struct Binary<'s> {
    system: &'s dyn System,
    /// The executable with every link resolved.
    pub(super) real: Utf8PathBuf,
    /// Where the code is: the executable itself or its `libpython`.
    code: Utf8PathBuf,
    image: Image,
    /// The library that the loader would not find, so that nothing starts.
    pub(super) missing_library: Option<String>,
    pub(super) started: Started,
    pub(super) implementation: Implementation,
    pub(super) version: Version,
    /// What PyPy's own objects tell.
    heap: Option<Heap>,
    constants: Constants<'s>,
    configured: OnceCell<Configured>,
}

/// Finds out whether a path is an interpreter, and which one.
pub(super) fn identify<'s>(system: &'s dyn System, executable: &Utf8Path) -> Result<Binary<'s>, Problem> {
    let problem = |message: &str| Problem { path: executable.to_owned(), line: None, message: message.to_owned() };
    if system.platform() != Platform::Linux {
        return identify_elsewhere(system, executable).map_err(|reason| problem(&reason));
    }
    let real = system.canonical(executable)?;
    let magic = system.read_range(&real, 0, 4)?;
    if magic.starts_with(b"#!") {
        return Err(problem("is a script that starts an interpreter, not an interpreter"));
    }
    if magic != b"\x7fELF" {
        return Err(problem("is not an executable for Linux"));
    }
    let Code { path: code, image, missing } = shared_library::find(system, &real);
    let name = paths::hops(system, executable.as_str(), true);
    let is_pypy =
        paths::base_name(&name).starts_with("pypy") || image.needed.iter().any(|it| it.starts_with("libpypy"));
    let heap = is_pypy.then(|| Heap::read(system, &code, image.data.as_ref()));
    let implementation = if is_pypy { Implementation::PyPy } else { Implementation::CPython };
    let mut binary = Binary {
        implementation,
        heap,
        missing_library: missing,
        ..Binary::new(system, Program { real, code, image, started: Started::default() })
    };
    binary.version = binary.find_version(&name).ok_or_else(|| problem("does not tell which Python it is"))?;
    if binary.version.major < 3 {
        return Err(problem("is Python 2, which fromwhere does not read"));
    }
    if is_pypy && !binary.version.at_least(3, 8) {
        return Err(problem("is PyPy 3.7 or older, whose library lies elsewhere"));
    }
    Ok(binary)
}

/// The same on Windows and macOS, where the program that is named often only starts another.
fn identify_elsewhere<'s>(system: &'s dyn System, executable: &Utf8Path) -> Result<Binary<'s>, String> {
    let mut binary = Binary::new(system, program::find(system, executable)?);
    let name = paths::hops(system, &system.platform().text(executable), true);
    binary.version = binary.find_version(&name).ok_or("does not tell which Python it is")?;
    Ok(binary)
}

impl<'s> Binary<'s> {
    /// A CPython whose version is not known yet.
    fn new(system: &'s dyn System, program: Program) -> Self {
        Binary {
            system,
            constants: Constants::new(system, &program.code, program.image.constants),
            real: program.real,
            code: program.code,
            image: program.image,
            missing_library: None,
            started: program.started,
            implementation: Implementation::CPython,
            version: Version { major: 3, minor: 0, micro: None, suffix: String::new(), free_threaded: false },
            heap: None,
            configured: OnceCell::new(),
        }
    }

    /// Returns `sys.builtin_module_names`, or what every build has where the file does not tell.
    pub(super) fn builtin_modules(&self) -> BTreeSet<String> {
        let told = self.heap.as_ref().map_or(&self.image.builtin_modules, |heap| &heap.builtin_modules);
        let windows = self.is_for_windows();
        told.clone().unwrap_or_else(|| compiled_in::built_in(self.implementation, &self.version, windows))
    }

    /// Returns the names of the frozen modules; those that are files as well win only where they are switched on.
    pub(super) fn frozen_modules(&self, are_off: bool) -> BTreeSet<String> {
        if self.implementation == Implementation::PyPy {
            return compiled_in::frozen_into_pypy(&self.version);
        }
        if are_off && self.version.at_least(3, 11) {
            return compiled_in::needed_frozen();
        }
        if !self.image.frozen_modules.is_empty() {
            return self.image.frozen_modules.clone();
        }
        compiled_in::frozen(&self.version)
    }

    /// Returns the suffix of PyPy's extension modules, where the file tells it.
    pub(super) fn extension_suffix(&self) -> Option<&str> {
        self.heap.as_ref()?.extension_suffix.as_deref()
    }

    /// Returns the name of the standard library's directory: `python3.13t`, `pypy3.11`.
    pub(super) fn library_name(&self) -> String {
        versioned(self.implementation, &self.version)
    }

    /// Tells whether the file could be read as the interpreter's code.
    pub(super) fn is_readable(&self) -> bool {
        self.image.builtin_modules.is_some() || self.heap.as_ref().is_some_and(|heap| heap.builtin_modules.is_some())
    }

    pub(super) fn is_for_windows(&self) -> bool {
        self.system.platform().is_windows()
    }

    /// `sys.winver`: the version, and the machine where it is not the usual one (`PyWinVer` of `PCbuild/python.props`).
    pub(super) fn registered_version(&self) -> String {
        let threads = if self.version.free_threaded { "t" } else { "" };
        let machine = match self.started.tag {
            Some("win32") => "-32",
            Some("win_arm64") => "-arm64",
            _ => "",
        };
        format!("{}{threads}{machine}", self.version.short())
    }

    /// Tells whether Debian built it: it lies in `/usr` beside `dist-packages`.
    pub(super) fn is_patched_by_debian(&self) -> bool {
        self.real.starts_with("/usr/bin") && self.system.is_directory("/usr/lib/python3/dist-packages".into())
    }

    /// Tells whether a text is among the constants of the code.
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        self.constants.hold(text)
    }

    /// Returns the path that was given to `configure --prefix`; where it is not told, one that works.
    pub(super) fn compiled_prefix(&self, library: &str) -> Option<String> {
        let told = || self.configured().prefix.clone();
        let held = || self.held_prefix(library);
        self.prefix_around_code(library).or_else(told).or_else(held).or_else(|| self.prefix_around_program(library))
    }

    /// Returns a place that has the standard library: a compiled-in path, or the one around the program.
    pub(super) fn working_prefix(&self, library: &str) -> Option<String> {
        let held = || self.held_prefix(library);
        self.prefix_around_code(library).or_else(held).or_else(|| self.prefix_around_program(library))
    }

    /// Returns the place around the code, where it has the standard library and is the one that was configured.
    ///
    /// Another install's path can be among the constants by chance; the one around the code is meant. Mostly there is one,
    /// and then it is not looked for any further.
    pub(super) fn prefix_around_code(&self, library: &str) -> Option<String> {
        let around = paths::climb(paths::up(self.code.as_str()), |path: &str| self.has_library(path, library));
        around.filter(|path| self.constants.hold(format!("\0{path}\0").as_bytes()))
    }

    /// Returns the compiled-in path that has the standard library.
    pub(super) fn held_prefix(&self, library: &str) -> Option<String> {
        let is_around = |path: &&String| paths::is_below(self.code.as_str(), path);
        let (around, others): (Vec<&String>, Vec<&String>) = self.constants.paths().iter().partition(is_around);
        // Whether the directory is there is one question, where its files would be two.
        let is_there = |path: &&String| paths::is_directory(self.system, path) && self.has_library(path, library);
        around.into_iter().chain(others).find(is_there).cloned()
    }

    /// Returns the place around the program, where it has the standard library.
    pub(super) fn prefix_around_program(&self, library: &str) -> Option<String> {
        let around = self.real.parent()?.parent()?.as_str();
        self.has_library(around, library).then(|| around.to_owned())
    }

    fn has_library(&self, prefix: &str, library: &str) -> bool {
        ["os.py", "os.pyc"].iter().any(|name| paths::is_file(self.system, &format!("{prefix}/{library}/{name}")))
    }

    /// Returns the file that holds the code as the kernel names it.
    pub(super) fn code(&self) -> &Utf8Path {
        &self.code
    }

    /// Tells whether the code lies in a shared library, so that `getpath` knows its path from 3.14 on.
    pub(super) fn is_shared(&self) -> bool {
        self.code != self.real
    }

    /// Returns what the code says that it was configured for, which takes reading all of its constants.
    pub(super) fn configured(&self) -> &Configured {
        self.configured.get_or_init(|| self.constants.whole(Configured::read))
    }

    fn find_version(&self, name: &str) -> Option<Version> {
        if self.implementation == Implementation::PyPy {
            return self.find_version_of_pypy(name);
        }
        let needed = self.image.needed.iter().find_map(|it| version_in(it, "libpython"));
        let named = || version_in(paths::base_name(name), "python");
        let real = || version_in(self.real.file_name()?, "python");
        let around = || landmark_version(self.system, paths::up(name));
        let mut version = match self.image.version_hex {
            Some(hex) => {
                let mut version = version_of_hex(hex);
                let threads = needed.or_else(named).or_else(real).filter(|it| it.short() == version.short());
                version.free_threaded = match threads {
                    Some(other) => other.free_threaded,
                    None => version.at_least(3, 13) && self.holds(format!(".cpython-3{}t-", version.minor).as_bytes()),
                };
                version
            }
            None => needed.or_else(named).or_else(real).or_else(around)?,
        };
        if version.micro.is_none() {
            self.find_micro(&mut version);
        }
        Some(version)
    }

    /// PyPy keeps `sys.version` among its objects; its library's name has the rest.
    fn find_version_of_pypy(&self, name: &str) -> Option<Version> {
        let told = self.heap.as_ref().and_then(|heap| heap.version.clone());
        let needed = || self.image.needed.iter().find_map(|it| version_in(it, "libpypy"));
        let named = || version_in(paths::base_name(name), "pypy");
        told.or_else(needed).or_else(named).or_else(|| version_in(self.real.file_name()?, "pypy"))
    }

    /// Finds `X.Y.Z` at the end of a constant: the linker merges it into longer texts that end the same.
    fn find_micro(&self, version: &mut Version) {
        let start = format!("{}.", version.short());
        let found = self.constants.whole(|constants| {
            memchr::memmem::rfind_iter(constants, start.as_bytes()).find_map(|at| {
                let (before, rest) = (constants.get(..at)?, constants.get(at + start.len()..)?);
                let text = std::str::from_utf8(rest.get(..memchr::memchr(0, rest)?)?).ok()?;
                let digits = text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
                let (micro, suffix) = text.split_at(digits);
                let starts = ["a", "b", "rc"].iter().any(|it| suffix.starts_with(it));
                let fits = matches!(suffix, "" | "+") || starts && suffix.len() <= 4;
                if before.ends_with(b"GLIBC_") || before.last().is_some_and(u8::is_ascii_digit) || !fits {
                    return None;
                }
                Some((micro.parse().ok()?, suffix.trim_end_matches('+').to_owned()))
            })
        });
        if let Some((micro, suffix)) = found {
            (version.micro, version.suffix) = (Some(micro), suffix);
        }
    }
}

/// Reads `python3.13t` and its like; `python2` tells enough without a minor version.
fn version_in(name: &str, start: &str) -> Option<Version> {
    let rest = name.strip_prefix(start)?;
    let (major, rest) = match (rest, rest.strip_prefix("3.")) {
        ("2", _) => (2, "0"),
        (_, Some(rest)) => (3, rest),
        (_, None) => (2, rest.strip_prefix("2.")?),
    };
    let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let minor = rest.get(..digits)?.parse().ok()?;
    let free_threaded = rest.get(digits..)?.starts_with('t');
    Some(Version { major, minor, micro: None, suffix: String::new(), free_threaded })
}

/// Reads `PY_VERSION_HEX`.
fn version_of_hex(hex: u32) -> Version {
    let [major, minor, micro, rest] = hex.to_be_bytes();
    let level = match rest >> 4 {
        0xa => "a",
        0xb => "b",
        0xc => "rc",
        _ => "",
    };
    let suffix = if level.is_empty() { String::new() } else { format!("{level}{}", rest & 0xf) };
    Version { major, minor, micro: Some(micro), suffix, free_threaded: false }
}

/// Finds the standard library above a directory and reads its version from its name.
fn landmark_version(system: &dyn System, directory: &str) -> Option<Version> {
    let mut found = None;
    paths::climb(directory, |here| {
        for library in ["lib", "lib64"] {
            let library = paths::place(system, here).join(library);
            let Ok(names) = system.list(&library) else { continue };
            found = names
                .starting_with("python")
                .filter(|(name, _)| system.is_file(&library.join(name).join("os.py")))
                .filter_map(|(name, _)| version_in(name, "python"))
                .max();
            if found.is_some() {
                return true;
            }
        }
        false
    });
    found
}
