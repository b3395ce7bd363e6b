//! A name for each diagnostic that stays the same when lines move, for those who compare one run with another.
//!
//! In: diagnostics in order. Out: one fingerprint each.
//!
//! **Invariant:** no two of one run are equal, and neither a line number nor an absolute path of this machine is in them
//! where the file lies below the working directory.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8Path;
use fromwhere_core::diagnostic::Diagnostic;
use sha2::{Digest as _, Sha256};

use crate::cli::terminal::{as_in_git, visible};

/// Returns the fingerprints, in the order of the diagnostics.
pub(super) fn all(diagnostics: &[Diagnostic], working_directory: &Utf8Path) -> Vec<String> {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let fingerprint = |diagnostic: &Diagnostic| {
        let what = (diagnostic.rule.code(), diagnostic.path.clone(), diagnostic.message.clone());
        let before = seen.entry(what).or_default();
        *before += 1;
        one(diagnostic, *before, working_directory)
    };
    diagnostics.iter().map(fingerprint).collect()
}

/// `occurrence` counts from 1 what a file has of the very same diagnostic.
fn one(diagnostic: &Diagnostic, occurrence: usize, working_directory: &Utf8Path) -> String {
    let path = as_in_git(&diagnostic.path, working_directory);
    let path = visible(&path);
    let text = format!("{}\0{path}\0{}\0{occurrence}", diagnostic.rule.code(), diagnostic.message);
    Sha256::digest(text.as_bytes()).iter().take(LENGTH).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// In bytes; as many as an MD5 sum has, which is what these formats grew up with.
const LENGTH: usize = 16;
