//! The platform whose Python is asked about.
//!
//! In: nothing, or what a [`System`](super::System) says. Out: a [`Platform`]: how it writes paths and compares names.
//!
//! **Invariant:** it is an input like any other, so that every platform's rules are compiled, and tested, on every host.

use std::borrow::Cow;

/// The platforms that CPython's start-up code tells apart (`os_name` of `Modules/getpath.py`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux, and whatever else keeps to POSIX without rules of its own.
    Linux,
    MacOs,
    Windows,
}

impl Platform {
    /// The platform this program was built for.
    pub const HOST: Platform = if cfg!(windows) {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::MacOs
    } else {
        Platform::Linux
    };

    /// The platform's name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Platform::Linux => "Linux",
            Platform::MacOs => "macOS",
            Platform::Windows => "Windows",
        }
    }

    pub fn is_windows(self) -> bool {
        self == Platform::Windows
    }

    /// `os.sep`
    pub fn separator(self) -> char {
        if self.is_windows() { '\\' } else { '/' }
    }

    /// `os.pathsep`: what stands between the directories of `PATH` and `PYTHONPATH`.
    pub fn list_separator(self) -> char {
        if self.is_windows() { ';' } else { ':' }
    }

    /// Writes a path of this platform as lists of files, git and its forges do everywhere: with slashes.
    pub fn with_slashes(self, path: &str) -> Cow<'_, str> {
        if self.is_windows() { Cow::Owned(path.replace(self.separator(), "/")) } else { Cow::Borrowed(path) }
    }

    /// Returns the name of a program without what it ends in only on Windows, where its case is nobody's business.
    pub fn without_exe(self, name: &str) -> Cow<'_, str> {
        if !self.is_windows() {
            return Cow::Borrowed(name);
        }
        let name = name.to_lowercase();
        Cow::Owned(name.strip_suffix(".exe").map_or_else(|| name.clone(), str::to_owned))
    }

    /// Tells whether two names that differ in case alone usually name one file there.
    pub fn folds_case(self) -> bool {
        self != Platform::Linux
    }
}

#[cfg(test)]
mod tests {
    use super::Platform::{Linux, Windows};

    #[test]
    fn lists_of_files_have_slashes_on_every_platform() {
        for (path, platform, written) in [
            (r"yaml\__init__.py", Windows, "yaml/__init__.py"),
            (r"a\b.py", Linux, r"a\b.py"),
            ("a/b.py", Windows, "a/b.py"),
        ] {
            assert_eq!(platform.with_slashes(path), written);
        }
    }
}
