//! One dependency that a manifest declares, and for whom.
//!
//! In: a requirement as written and where it stands. Out: a [`Declared`].
//!
//! **Invariant:** what could not be understood of a requirement is kept as not known; it is never taken for a demand.

use camino::{Utf8Path, Utf8PathBuf};

use super::requirement::{self, Requirement};
use super::versions::Versions;
use crate::text::Range;

/// A dependency that a manifest declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Normalized as in PEP 503: lower case, runs of `-_.` become `-`.
    pub name: String,
    /// The extras of it that are asked for, normalized.
    pub extras: Vec<String>,
    /// The requirement as written.
    pub requirement: String,
    pub path: Utf8PathBuf,
    pub range: Range,
    pub part: Part,
    pub condition: Condition,
    pub source: Source,
    /// The versions that are wanted; `None` where it cannot be told.
    pub versions: Option<Versions>,
}

/// A limit on the versions of what is installed, whoever asks for it: pip's `-c`, uv's constraints and overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// What it would declare, were it a requirement.
    pub declared: Declared,
    /// The file that is under it.
    pub by: Utf8PathBuf,
}

/// For whom a dependency is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Every install brings it.
    Main,
    /// An extra that has to be asked for (`[project.optional-dependencies]`), normalized.
    Extra(String),
    /// A dependency group (PEP 735, Poetry, PDM, uv, Pipenv), normalized.
    Group {
        name: String,
        /// Whether the project's tool installs it unasked.
        by_default: bool,
    },
    /// A requirement file of another purpose, the environment of another tool.
    Other,
}

/// Where a dependency is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Always,
    /// An environment marker (PEP 508).
    Marker(String),
    /// There is a condition, but none that can be read.
    Unknown,
}

/// Where a dependency is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Index,
    /// An archive or a repository: its version is not known before it is there.
    Address,
    /// A folder of this machine, such as another member of the workspace; it need not be installed at all.
    Local,
}

impl Declared {
    /// Reads a requirement (PEP 508); `None` where it has no name.
    pub(super) fn read(text: &str, path: &Utf8Path, range: Range, part: Part) -> Option<Self> {
        let Requirement { name, extras, condition, source, versions } = requirement::read(text)?;
        let (requirement, path) = (text.trim().to_owned(), path.to_owned());
        Some(Declared { name, extras, requirement, path, range, part, condition, source, versions })
    }

    /// Tells whether not every install brings it: it stands in an extra, a group or a file of another purpose, or
    /// behind a marker.
    pub fn is_optional(&self) -> bool {
        self.part != Part::Main || self.condition != Condition::Always
    }
}

impl Condition {
    /// Returns the condition that both hold.
    #[must_use]
    pub(super) fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::Always, it) | (it, Condition::Always) => it,
            (Condition::Marker(one), Condition::Marker(two)) => Condition::Marker(format!("({one}) and ({two})")),
            _ => Condition::Unknown,
        }
    }
}
