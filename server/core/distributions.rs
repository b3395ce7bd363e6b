//! Which distribution owns a module, read from what installers left beside it.
//!
//! In: an import root and a path below it. Out: a [`Distribution`], from `*.dist-info` (RECORD, METADATA, INSTALLER,
//! `direct_url.json`, `top_level.txt`) or `*.egg-info`.
//!
//! **Invariant:** only the metadata beside the module counts; no table of names stands in for what is installed.

use camino::Utf8PathBuf;

/// One installed distribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distribution {
    /// As METADATA spells it.
    pub name: String,
    pub version: String,
    /// The first line of INSTALLER: `pip`, `uv`, `debian`.
    pub installer: Option<String>,
    /// The `.dist-info` or `.egg-info`.
    pub metadata: Utf8PathBuf,
    /// The project directory of an editable install (PEP 610).
    pub editable: Option<Utf8PathBuf>,
}
