//! The platform whose Python is asked about.
//!
//! In: nothing, or what a [`System`](super::System) says. Out: a [`Platform`]: how it writes paths and compares names.
//!
//! **Invariant:** it is an input like any other, so that every platform's rules are compiled, and tested, on every host.

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

    /// Tells whether two names that differ in case alone usually name one file there.
    pub fn folds_case(self) -> bool {
        self != Platform::Linux
    }
}
