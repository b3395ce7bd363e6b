//! What a project says about itself.
//!
//! In: a project's directory. Out: a [`Project`]: manifests, `requires-python`, declared dependencies, source roots, tool.
//!
//! **Invariant:** a manifest that cannot be read is a [`Problem`](crate::origin::Problem); the others still count.

use camino::Utf8PathBuf;

use crate::origin::ImportRoot;
use crate::text::Range;

/// What a project says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    pub root: Utf8PathBuf,
    /// `project.name`, normalized as in PEP 503.
    pub name: Option<String>,
    /// The manifests that were found, most telling first.
    pub manifests: Vec<Utf8PathBuf>,
    pub requires_python: Option<RequiresPython>,
    pub dependencies: Vec<Declared>,
    /// Where `dependencies = [` of `[project]` ends, so that a fix can add one; `None` where there is no such list.
    pub tool: Tool,
    /// The project's own import roots, in the order they are searched.
    pub roots: Vec<ImportRoot>,
}

/// `requires-python` and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiresPython {
    pub specifiers: String,
    pub path: Utf8PathBuf,
    pub range: Range,
}

/// A dependency that a manifest declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Normalized as in PEP 503: lower case, runs of `-_.` become `-`.
    pub name: String,
    /// The requirement as written.
    pub requirement: String,
    pub path: Utf8PathBuf,
    pub range: Range,
}

/// The tool that manages the project, as its files show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    Hatch,
    Conda,
}
