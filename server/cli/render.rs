//! What `check` prints, one file a format.
//!
//! In: a [`Found`]. Out: the text for standard output.
//!
//! **Invariant:** every format has every diagnostic, at the same place and with the same severity.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::notebook::Notebook;
use fromwhere_core::origin::Problem;

pub(super) mod concise;
pub(super) mod difference;
mod fingerprint;
pub(super) mod frames;
pub(super) mod github;
pub(super) mod gitlab;
pub(super) mod junit;
pub(super) mod sarif;
pub(super) mod statistics;

/// What a run has found, sorted by path and place.
pub(super) struct Found<'a> {
    pub(super) diagnostics: &'a [Diagnostic],
    /// The notebooks that they point into.
    pub(super) notebooks: &'a BTreeMap<Utf8PathBuf, Notebook>,
    /// What could not be read.
    pub(super) problems: &'a [Problem],
    /// Whether everything that was asked for by name could be looked at.
    pub(super) complete: bool,
    pub(super) working_directory: &'a Utf8Path,
}
