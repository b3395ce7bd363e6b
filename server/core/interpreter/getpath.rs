//! Where the standard library is: the prefixes and the first entries of `sys.path`, before `site` runs.
//!
//! In: an executable, the binary behind it, the environment variables. Out: a [`Layout`].
//!
//! **Invariant:** one function per flavour of `getpath`; a rule of one flavour never leaks into another.

use super::binary::Binary;
use super::paths;
use super::{Flags, Implementation, Version};
use crate::origin::Evidence;
use crate::system::{Platform, System};

mod classic;
mod frozen;
mod pypy;
#[cfg(test)]
mod tests;

/// What start-up knows before `site`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// `sys.executable`.
    pub executable: String,
    /// `sys._base_executable`; empty where that version has none.
    pub base_executable: String,
    pub prefix: String,
    pub exec_prefix: String,
    pub base_prefix: String,
    pub base_exec_prefix: String,
    pub stdlib: String,
    /// `sys.path` so far.
    pub search_path: Vec<(String, Evidence)>,
    /// What a `._pth` file switches.
    pub path_file: Option<PathFile>,
    /// Why the start ends here.
    pub fatal: Option<String>,
}

/// The effect of a `._pth` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathFile {
    pub imports_site: bool,
}

/// Which algorithm computes the prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// PyPy's own, in `RPython`.
    PyPy,
    /// `Modules/getpath.c`, up to 3.10.
    Classic,
    /// `Modules/getpath.py` of 3.11 to 3.13.
    P11,
    /// 3.14.0 to 3.14.8 and 3.15.0: a virtual environment sets `sys.prefix` here.
    P14,
    /// 3.14.9 and 3.15.1: the target of a link beats `home`.
    P14Relocated,
    /// 3.14.10 and later, 3.15.2 and later: only if the standard library is found from there.
    P14Searched,
}

impl Flavor {
    pub fn of(version: &Version) -> Self {
        let micro = version.micro.unwrap_or(u8::MAX);
        match version.minor {
            ..=10 => Flavor::Classic,
            11..=13 => Flavor::P11,
            14 if micro <= 8 => Flavor::P14,
            14 if micro == 9 => Flavor::P14Relocated,
            15 if micro == 0 => Flavor::P14,
            15 if micro == 1 => Flavor::P14Relocated,
            _ => Flavor::P14Searched,
        }
    }

    pub(super) fn is_14(self) -> bool {
        matches!(self, Flavor::P14 | Flavor::P14Relocated | Flavor::P14Searched)
    }
}

/// What is compiled in and said from outside; what is costly to find is asked for only where a rule needs it.
pub trait Build {
    fn flavor(&self) -> Flavor;
    fn version(&self) -> &Version;
    /// `sys.platlibdir`: `lib` or `lib64`.
    fn platform_library_directory(&self) -> &str;
    /// `PREFIX` of `configure`; Windows has none.
    fn compiled_prefix(&self) -> Option<String>;
    /// `EXEC_PREFIX` of `configure`.
    fn compiled_exec_prefix(&self) -> Option<String> {
        self.compiled_prefix()
    }
    /// `VPATH`, from the directory of a build to its sources.
    fn sources(&self) -> String;
    /// Whether `Modules/Setup.local` beside the executable still marks a build.
    fn knows_setup_local(&self) -> bool;
    /// The runtime library's path, where `getpath` knows it.
    fn library(&self) -> Option<String>;
    /// Built by python-build-standalone after 2025-12, which patches `getpath`.
    fn is_standalone(&self) -> bool;
    /// What a program in between writes into `__PYVENV_LAUNCHER__` before it starts this one: `venvlauncher` on Windows,
    /// the program in a framework's `bin` on macOS.
    fn launcher(&self) -> Option<String> {
        None
    }
    /// `WITH_NEXT_FRAMEWORK`.
    fn is_framework(&self) -> bool {
        false
    }
    /// `sys.winver`, the name under which the registry and the user site know this version.
    fn registered_version(&self) -> String {
        let version = self.version();
        format!("{}{}", version.short(), if version.free_threaded { "t" } else { "" })
    }
}

/// How a directory from the registry explains itself.
pub(super) const REGISTRY: &str = "the registry";

/// Computes the layout that an executable starts with.
pub fn layout(system: &dyn System, build: &dyn Build, executable: &str, flags: Flags) -> Layout {
    match build.flavor() {
        Flavor::PyPy => pypy::layout(system, build, executable, flags),
        Flavor::Classic => classic::layout(system, build, executable, flags),
        _ => frozen::layout(system, build, executable, flags),
    }
}

/// Returns the text of an environment variable that may be ignored (`-E`, `-I`); empty counts as unset.
pub(super) fn variable(system: &dyn System, name: &str, flags: Flags) -> Option<String> {
    if flags.ignores_environment() {
        return None;
    }
    system.variable(name).filter(|value| !value.is_empty())
}

/// `pythonX.Y`, with the `t` of a free-threaded build, or `pypyX.Y`.
pub(super) fn versioned(implementation: Implementation, version: &Version) -> String {
    let threads = if version.free_threaded { "t" } else { "" };
    match implementation {
        Implementation::CPython => format!("python{}{threads}", version.short()),
        Implementation::PyPy => format!("pypy{}", version.short()),
    }
}

/// `pythonXY.zip`, with the `t` of a free-threaded build except on Windows.
fn archive(version: &Version, platform: Platform) -> String {
    let threads = if version.free_threaded && !platform.is_windows() { "t" } else { "" };
    format!("python{}{}{threads}.zip", version.major, version.minor)
}

/// The names that are looked for on the way up.
struct Landmarks {
    /// `lib/pythonX.Y`.
    library: String,
    /// `lib/pythonX.Y/os.py` and `.pyc`.
    standard: [String; 2],
    /// `lib/pythonX.Y/lib-dynload`.
    dynamic: String,
    /// `lib/pythonXY.zip`.
    archive: String,
    /// What marks a build tree, beside `pybuilddir.txt`.
    build: String,
}

impl Landmarks {
    fn new(build: &dyn Build, platform: Platform) -> Self {
        let directory = build.platform_library_directory();
        let archive = archive(build.version(), platform);
        if platform.is_windows() {
            return Landmarks {
                library: "Lib".to_owned(),
                standard: [r"Lib\os.py".to_owned(), r"Lib\os.pyc".to_owned()],
                dynamic: directory.to_owned(),
                archive,
                build: format!(r"{}\Modules\Setup.local", build.sources()),
            };
        }
        let library = format!("{directory}/{}", versioned(Implementation::CPython, build.version()));
        Landmarks {
            standard: [format!("{library}/os.py"), format!("{library}/os.pyc")],
            dynamic: format!("{library}/lib-dynload"),
            archive: format!("{directory}/{archive}"),
            build: "Modules/Setup.local".to_owned(),
            library,
        }
    }
}

/// A [`Build`] read from a real binary.
pub(super) struct BinaryBuild<'b, 's> {
    pub(super) binary: &'b Binary<'s>,
    pub(super) platform_library_directory: String,
    /// The same as it was configured: `PYTHONPLATLIBDIR` does not move the place that was built for.
    pub(super) configured_library_directory: String,
    pub(super) flavor: Flavor,
    /// Whether the patches of python-build-standalone are assumed; set after both answers were compared.
    pub(super) standalone: bool,
}

impl Build for BinaryBuild<'_, '_> {
    fn flavor(&self) -> Flavor {
        self.flavor
    }

    fn version(&self) -> &Version {
        &self.binary.version
    }

    fn platform_library_directory(&self) -> &str {
        &self.platform_library_directory
    }

    fn compiled_prefix(&self) -> Option<String> {
        if self.binary.is_for_windows() {
            return None;
        }
        let library = format!("{}/{}", self.configured_library_directory, self.binary.library_name());
        self.binary.compiled_prefix(&library)
    }

    fn compiled_exec_prefix(&self) -> Option<String> {
        let prefix = self.compiled_prefix()?;
        Some(self.binary.configured().exec_prefix.clone().unwrap_or(prefix))
    }

    fn sources(&self) -> String {
        if self.binary.is_for_windows() {
            return r"..\..".to_owned();
        }
        if let Some(told) = &self.binary.configured().sources {
            return told.clone();
        }
        // Debian builds in a directory of its own below the sources; most others in the sources.
        if self.binary.is_patched_by_debian() { "..".to_owned() } else { String::new() }
    }

    fn knows_setup_local(&self) -> bool {
        let text: &[u8] = if self.binary.is_for_windows() { br"Modules\Setup.local" } else { b"Modules/Setup.local" };
        self.flavor == Flavor::Classic || self.binary.holds(text)
    }

    fn library(&self) -> Option<String> {
        if let Some(library) = &self.binary.started.library {
            return Some(library.clone());
        }
        if self.standalone {
            return Some(self.binary.code().to_string());
        }
        let is_known = self.flavor.is_14() || self.flavor == Flavor::PyPy;
        (is_known && self.binary.is_shared()).then(|| self.binary.code().to_string())
    }

    fn is_standalone(&self) -> bool {
        self.standalone
    }

    fn launcher(&self) -> Option<String> {
        self.binary.started.launcher.clone()
    }

    fn is_framework(&self) -> bool {
        self.binary.started.is_framework
    }

    fn registered_version(&self) -> String {
        self.binary.registered_version()
    }
}

/// Tells whether any of the standard library's landmarks is a file below a directory.
fn has_standard(system: &dyn System, landmarks: &Landmarks, directory: &str) -> bool {
    landmarks.standard.iter().any(|name| paths::is_file(system, &system.platform().join(directory, name)))
}
