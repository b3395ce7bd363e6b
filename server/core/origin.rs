//! The words for where a module can come from.
//!
//! In: nothing. Out: [`Origin`], [`ImportRoot`] and [`Evidence`], which every later module speaks.
//!
//! **Invariant:** every entry of a search path carries the reason why it is there.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

/// Whose a module is, by the import root it was found under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The project's own code.
    Project,
    StandardLibrary,
    /// The environment's own site-packages.
    SitePackages,
    /// The site-packages of the interpreter that a virtual environment was made from.
    BaseSitePackages,
    /// `~/.local/lib/pythonX.Y/site-packages` or where `PYTHONUSERBASE` moves it (PEP 370).
    UserSite,
    /// The operating system's own packages, as apt installs them.
    DistPackages,
    /// `/usr/local/lib/pythonX.Y/dist-packages`: pip run as root.
    LocalDistPackages,
    /// The source tree of an editable install (PEP 660).
    Editable,
    /// A directory that a `.pth` file adds, or a `sitecustomize` that is written out.
    PathFile,
    /// A directory that `PYTHONPATH` adds.
    PythonPath,
    /// A root that belongs to another environment or another Python.
    OtherEnvironment,
    /// Type stubs without the module itself.
    Stubs,
}

impl Origin {
    /// Tells whether this is a directory that installers write to and whose `.pth` files count (`site.getsitepackages`
    /// and the user site).
    pub fn is_site_directory(self) -> bool {
        matches!(
            self,
            Origin::SitePackages
                | Origin::BaseSitePackages
                | Origin::UserSite
                | Origin::DistPackages
                | Origin::LocalDistPackages
        )
    }

    /// Returns the word that the JSON output uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Project => "project",
            Origin::StandardLibrary => "stdlib",
            Origin::SitePackages => "site-packages",
            Origin::BaseSitePackages => "base-site-packages",
            Origin::UserSite => "user-site",
            Origin::DistPackages => "dist-packages",
            Origin::LocalDistPackages => "local-dist-packages",
            Origin::Editable => "editable",
            Origin::PathFile => "path-file",
            Origin::PythonPath => "pythonpath",
            Origin::OtherEnvironment => "other-environment",
            Origin::Stubs => "stubs",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One entry of a search path (`sys.path`) and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRoot {
    /// Exactly as Python spells it.
    pub path: Utf8PathBuf,
    pub origin: Origin,
    pub exists: bool,
    /// The number, from 1, of an entry further up that is the same folder under another name.
    pub same_as: Option<usize>,
    pub evidence: Evidence,
}

/// Why a search path entry is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Computed by the interpreter from where it lies (`getpath`, `site`).
    BuiltIn,
    /// An environment variable.
    Variable(&'static str),
    /// A line of a file: `pyvenv.cfg`, a `.pth` file, a manifest. The line counts from 1.
    Line { path: Utf8PathBuf, line: u32 },
    /// Assumed about how the project's code is started, in words that fit "because …".
    Assumption(&'static str),
}

impl Evidence {
    pub fn line(path: &Utf8Path, line: u32) -> Self {
        Evidence::Line { path: path.to_owned(), line }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::BuiltIn => formatter.write_str("built in"),
            Evidence::Variable(name) => formatter.write_str(name),
            Evidence::Line { path, line } => write!(formatter, "{path}:{line}"),
            Evidence::Assumption(why) => formatter.write_str(why),
        }
    }
}

/// Something that could not be read as it was meant: said once, with its path; the rest of the work goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: Utf8PathBuf,
    /// From 1, where a line is to blame.
    pub line: Option<u32>,
    /// A lower-case fragment without a final period.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

impl From<crate::system::Failure> for Problem {
    fn from(failure: crate::system::Failure) -> Self {
        Problem { path: failure.path, line: None, message: failure.cause.to_string() }
    }
}
