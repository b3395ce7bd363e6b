//! What one interpreter would see when it starts, computed from files.
//!
//! In: the path of an interpreter, and the world. Out: an [`Interpreter`]: version, prefixes, `sys.path` with a reason for
//! each entry, what is compiled in.
//!
//! **Invariant:** no interpreter is ever started; every rule here names the CPython function it restates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::archive::Dialect;
use crate::imports::executed::Facts;
use crate::origin::{ImportRoot, Problem};
use crate::system::{Platform, System};

mod barrier;
mod binary;
mod compiled_in;
mod configured;
mod constants;
mod early;
mod editable;
mod elf;
mod features;
pub mod getpath;
mod heap;
mod label;
mod literal;
mod mach_o;
mod managed;
mod modules;
mod pages;
mod paths;
mod pe;
mod program;
mod pth;
mod pyvenv;
mod reconstruct;
mod shared_library;
mod site;
mod startup;
mod suffixes;
mod symbols;
#[cfg(test)]
mod tests;

pub use barrier::Barrier;
pub use pyvenv::{PyvenvLine, pyvenv_lines, read_pyvenv, stated_version};

/// Reconstructs what an interpreter would see when it starts; `None` where the path leads to no interpreter.
///
/// The executable's path is absolute and its spelling is kept, as CPython keeps it.
pub fn interpret(system: &dyn System, executable: &Utf8Path, flags: Flags) -> (Option<Interpreter>, Vec<Problem>) {
    match binary::identify(system, executable) {
        Ok(binary) => {
            let (interpreter, problems) = reconstruct::reconstruct(system, executable, &binary, flags);
            (Some(interpreter), problems)
        }
        Err(problem) => (None, vec![problem]),
    }
}

/// The switches of the command line that change the search path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flags {
    /// `-I`: `-E` and `-s` together.
    pub isolated: bool,
    /// `-E`
    pub ignore_environment: bool,
    /// `-s`
    pub no_user_site: bool,
    /// `-S`
    pub no_site: bool,
    /// `-P` (3.11): the script's folder is not put first. What `sys.path` has at start does not change.
    pub safe_path: bool,
    /// `-X frozen_modules` (3.11).
    pub frozen_modules: Option<FrozenModules>,
    /// A letter that is no switch: it ends the start.
    pub unknown: Option<char>,
}

/// What is said of the frozen modules that are files as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FrozenModules {
    On,
    Off,
    /// A word that ends the start.
    Unknown,
}

impl FrozenModules {
    pub(crate) fn said(word: &str) -> Self {
        match word {
            "on" => FrozenModules::On,
            "off" => FrozenModules::Off,
            _ => FrozenModules::Unknown,
        }
    }
}

impl Flags {
    fn ignores_environment(self) -> bool {
        self.isolated || self.ignore_environment
    }

    /// `PYTHONNOUSERSITE` is a number to CPython (`_Py_get_env_flag`): what counts as 0 does not switch anything off.
    /// To 3.6 any text is a yes.
    /// PyPy takes any text for a yes as well (`app_main.py`).
    fn is_user_site_off(self, system: &dyn System, version: &Version, implementation: Implementation) -> bool {
        if self.isolated || self.no_user_site {
            return true;
        }
        getpath::variable(system, "PYTHONNOUSERSITE", self).is_some_and(|value| {
            if !version.at_least(3, 7) || implementation == Implementation::PyPy {
                return true;
            }
            // `strtol` takes leading blanks and a sign, and all of the rest has to be digits.
            value.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']).parse::<i32>() != Ok(0)
        })
    }
}

/// What one interpreter would see when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// `sys.executable`, as it was named.
    pub executable: Utf8PathBuf,
    /// The same with every link resolved.
    pub real_executable: Utf8PathBuf,
    pub version: Version,
    pub implementation: Implementation,
    /// The platform that it runs on.
    pub platform: Platform,
    /// `PYTHONCASEOK` is set, and the platform's file system is taken at its word about case (`_relax_case`).
    pub relaxes_case: bool,
    /// `sys.prefix`.
    pub prefix: Utf8PathBuf,
    /// `sys.exec_prefix`.
    pub exec_prefix: Utf8PathBuf,
    /// `sys.base_prefix`.
    pub base_prefix: Utf8PathBuf,
    /// `sys.base_exec_prefix`.
    pub base_exec_prefix: Utf8PathBuf,
    /// The directory of the standard library.
    pub stdlib: Utf8PathBuf,
    /// `SOABI`, such as `cpython-311-x86_64-linux-gnu`, where it could be found.
    pub abi: Option<String>,
    /// The virtual environment's `pyvenv.cfg`, where there is one.
    pub pyvenv: Option<Pyvenv>,
    /// The `EXTERNALLY-MANAGED` marker of the *base* (PEP 668), even in a virtual environment, where pip ignores it.
    pub externally_managed: Option<ExternallyManaged>,
    /// Whether its own site-packages belong to the operating system (Debian's `dist-packages` and their like).
    pub system: bool,
    /// Whether it is Debian's Python in `/usr`, which has parts of its library in packages of their own.
    pub is_debians: bool,
    /// `sys.builtin_module_names`.
    pub builtin_modules: BTreeSet<String>,
    /// Whether its file says what is built in; otherwise those are the names that every build has.
    pub tells_built_in: bool,
    /// Modules frozen into the binary that win over files (3.11 and later).
    pub frozen_modules: BTreeSet<String>,
    /// `importlib.machinery.EXTENSION_SUFFIXES`, in order.
    pub extension_suffixes: Vec<String>,
    /// `sys.path` at start, without the launcher's own entry.
    pub search_path: Vec<ImportRoot>,
    /// Entries that `PYTHONPATH` names from the working directory.
    pub relative_roots: Vec<Utf8PathBuf>,
    /// Whether the launcher puts no entry of its own in front.
    pub safe_path: bool,
    /// Modules that code in `.pth` files has imported, so that nothing put in front later replaces them.
    pub loaded: Vec<Loaded>,
    pub user_site: UserSite,
    /// `sys.real_prefix`: the Python that virtualenv up to 16 made the environment from; its other prefixes are the environment's.
    pub real_prefix: Option<Utf8PathBuf>,
    /// Import hooks that `.pth` files install and that can be read without running them.
    pub finders: Vec<Finder>,
    /// What lines of `*-nspkg.pth` files have put into `sys.modules`, in order; one for each line of a name.
    pub namespaces: Vec<Namespace>,
    /// Setuptools' `_distutils_hack` answers for `distutils`.
    pub distutils_is_setuptools: bool,
    /// Lines of `.pth` files whose path is not there, so that Python passes over them.
    pub dead_lines: Vec<DeadLine>,
    /// Code that runs at start and whose effect on the search path cannot be known from files.
    pub startup_code: Vec<StartupCode>,
    /// What no import gets past, where there is such an entry on the path.
    pub barrier: Option<Barrier>,
    /// `site` has ended half-way, and is not in `sys.modules`: PyPy goes on without it.
    pub lacks_site: bool,
    /// Why it would not start, where it would not.
    pub does_not_start: Option<String>,
}

impl Interpreter {
    /// Returns which archives its `zipimport` reads; PyPy's own (`rzipfile`) reads no zip64 either.
    pub(crate) fn archives(&self) -> Dialect {
        modules::archives(&self.version, self.implementation)
    }

    /// Tells whether this is a virtual environment by pip's own rule (`sys.prefix != sys.base_prefix`, or `sys.real_prefix`).
    pub fn is_virtual(&self) -> bool {
        self.prefix != self.base_prefix || self.real_prefix.is_some()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u8,
    pub minor: u8,
    /// `None` where no file tells.
    pub micro: Option<u8>,
    /// Pre-release suffix such as `rc1`; empty for a final release.
    pub suffix: String,
    /// Built without the global interpreter lock (`t` in file names).
    pub free_threaded: bool,
}

impl Version {
    pub fn at_least(&self, major: u8, minor: u8) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Returns `X.Y`, as directories are named (without the `t` of a free-threaded build).
    pub fn short(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if let Some(micro) = self.micro {
            write!(formatter, ".{micro}{}", self.suffix)?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    CPython,
    PyPy,
}

impl Implementation {
    pub fn as_str(self) -> &'static str {
        match self {
            Implementation::CPython => "cpython",
            Implementation::PyPy => "pypy",
        }
    }
}

/// Returns what tests in a source may ask of the Python that runs it.
pub(crate) fn facts(version: &Version, implementation: Implementation, platform: Platform) -> Facts {
    let (platform, operating_system) = match platform {
        Platform::Linux => ("linux", "posix"),
        Platform::MacOs => ("darwin", "posix"),
        Platform::Windows => ("win32", "nt"),
    };
    let implementation = implementation.as_str();
    let [major, minor] = [version.major, version.minor].map(i64::from);
    Facts { version: [major, minor], micro: version.micro.map(i64::from), platform, operating_system, implementation }
}

/// A `pyvenv.cfg` as `site.py` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyvenv {
    pub path: Utf8PathBuf,
    /// Keys in lower case, values stripped, the line from 1; in file order, duplicates kept.
    pub entries: Vec<PyvenvEntry>,
    pub include_system_site_packages: bool,
}

impl Pyvenv {
    /// Returns the last entry of that key, as `site.py` would take it.
    pub fn get(&self, key: &str) -> Option<&PyvenvEntry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PyvenvEntry {
    pub key: String,
    pub value: String,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternallyManaged {
    pub marker: Utf8PathBuf,
    /// The `Error` text of the marker as pip shows it to this user; empty where pip has to find words of its own.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSite {
    pub path: Option<Utf8PathBuf>,
    /// `site.ENABLE_USER_SITE`.
    pub enabled: bool,
}

/// An import hook of an editable install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    /// The `.pth` file that installs it and the line, from 1.
    pub path_file: Utf8PathBuf,
    pub line: u32,
    pub precedence: Precedence,
    pub reach: Reach,
    /// The text that setuptools' hook puts on `sys.path`, and on the paths of its namespaces, to be asked again.
    pub placeholder: Option<Utf8PathBuf>,
    /// Full module name → what it stands for.
    pub modules: Vec<(String, FinderTarget)>,
}

/// For which names a hook speaks, beside those that it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// For no others.
    Listed,
    /// For what lies directly in a listed package (setuptools from 68.1 on).
    Children,
    /// For everything below a listed package, by its path alone (setuptools up to 68.0).
    Below,
    /// For every name that begins with the letters of a listed one (the first setuptools with such hooks).
    Letters,
    /// For everything that a build has installed: the path below site-packages → the file it is (meson-python).
    Installed(BTreeMap<Utf8PathBuf, Utf8PathBuf>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedence {
    /// Asked before everything, built-in modules included.
    First,
    /// Asked only where the search path has no answer.
    Last,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinderTarget {
    /// A path without suffix: a package directory, or a module once a suffix is added (setuptools).
    Stem(Utf8PathBuf),
    /// The very file (editables, scikit-build-core).
    File(Utf8PathBuf),
    /// A namespace package with these portions; one may be the text by which a hook is found again.
    Namespace(Vec<Utf8PathBuf>),
    /// What the path finder finds in these directories, namespace packages left out (scikit-build-core in place).
    Within(Vec<Utf8PathBuf>),
}

/// A package that setuptools' line in a `*-nspkg.pth` makes, whatever else has its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Dotted.
    pub name: String,
    /// The directory below which it lies, as a rule that of the file.
    pub site: Utf8PathBuf,
    /// Its own directory there.
    pub portion: Utf8PathBuf,
    /// It is what `importlib` finds in that directory, and its path follows `sys.path`; otherwise a bare module.
    pub is_searched: bool,
}

/// A module that is loaded when a program starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Dotted.
    pub name: String,
    /// The entry of the search path on which its top-level package was found.
    pub root: Utf8PathBuf,
    /// The search path at that moment, on which it has found what it imports itself.
    pub path: Arc<[Utf8PathBuf]>,
}

/// A line of a `.pth` file that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLine {
    pub path_file: Utf8PathBuf,
    /// From 1.
    pub line: u32,
    /// What it names.
    pub path: Utf8PathBuf,
}

/// A line or file that Python runs at start and that is not understood here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartupCode {
    pub path: Utf8PathBuf,
    /// From 1; `None` for a whole file such as `sitecustomize.py`.
    pub line: Option<u32>,
}
