//! Which conda package a file came with, from the records that conda, mamba and pixi leave in an environment.
//!
//! In: the prefix of an environment and a path in it. Out: a [`CondaPackage`], from `conda-meta/NAME-VERSION-BUILD.json`.
//!
//! **Invariant:** read-only; a record is read at most once, and only where somebody asks for a file that nothing else
//! explains.

use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use memchr::memmem;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::system::System;

/// Where the records of an environment lie.
const RECORDS: &str = "conda-meta";

/// The largest record, in bytes: one line a file, of which the largest packages have some ten thousand.
const LARGEST_RECORD: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaPackage {
    pub name: String,
    pub version: String,
    pub record: Utf8PathBuf,
}

/// The records of the environments that were asked about.
pub struct Conda<'a> {
    system: &'a dyn System,
    read: Mutex<FxHashMap<Utf8PathBuf, Option<Arc<Vec<u8>>>>>,
}

impl<'a> Conda<'a> {
    pub fn new(system: &'a dyn System) -> Self {
        Conda { system, read: Mutex::default() }
    }

    /// Tells whether conda keeps records in a prefix.
    pub fn keeps(&self, prefix: &Utf8Path) -> bool {
        self.system.is_directory(&prefix.join(RECORDS))
    }

    /// Returns the package that a file below a prefix came with.
    pub fn owner(&self, prefix: &Utf8Path, path: &Utf8Path) -> Option<CondaPackage> {
        let inside = path.strip_prefix(prefix).ok()?;
        let directory = prefix.join(RECORDS);
        let listing = self.system.list(&directory).ok()?;
        let mut records: Vec<&str> = listing
            .iter()
            .map(|(name, _)| name)
            .filter(|name| Utf8Path::new(name).extension() == Some("json"))
            .collect();
        // A package mostly has a word in common with its files.
        let shares_a_word = |record: &str| words(record).any(|word| words(inside.as_str()).any(|it| it == word));
        records.sort_by_cached_key(|record| !shares_a_word(record));
        // JSON writes a path between quotes, and none of these has anything in it to be escaped.
        let quoted = format!("\"{inside}\"");
        records.iter().map(|record| directory.join(record)).find_map(|record| self.listed(&record, &quoted))
    }

    fn listed(&self, record: &Utf8Path, quoted: &str) -> Option<CondaPackage> {
        let bytes = self.bytes(record)?;
        memmem::find(&bytes, quoted.as_bytes())?;
        let described: Described = serde_json::from_slice(&bytes).ok()?;
        let path = quoted.trim_matches('"');
        let is_there = described.files.iter().any(|file| file == path);
        is_there.then(|| CondaPackage { name: described.name, version: described.version, record: record.to_owned() })
    }

    fn bytes(&self, record: &Utf8Path) -> Option<Arc<Vec<u8>>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.entry(record.to_owned());
        read.or_insert_with(|| self.system.read(record, LARGEST_RECORD).ok().map(Arc::new)).clone()
    }
}

/// What is needed of a record (`conda.models.records.PrefixRecord`).
#[derive(Deserialize)]
struct Described {
    name: String,
    version: String,
    #[serde(default)]
    files: Vec<String>,
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric());
    words.filter(|it| it.len() > 2 && !matches!(*it, "lib" | "site" | "packages" | "init" | "json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_file_is_found_in_the_record_that_lists_it() {
        let mut system = MemorySystem::default();
        let files = |name: &str, files: &str| format!(r#"{{"name": "{name}", "version": "1.2", "files": [{files}]}}"#);
        system
            .write("/c/conda-meta/history", "")
            .write("/c/conda-meta/broken-1-0.json", "{ \"lib/python3.12/site-packages/yaml/__init__.py\"")
            .write(
                "/c/conda-meta/pyyaml-1.2-py312_0.json",
                files("pyyaml", "\"lib/python3.12/site-packages/yaml/__init__.py\""),
            )
            .write(
                "/c/conda-meta/other-1.2-0.json",
                files("other", "\"lib/python3.12/site-packages/yaml/__init__.pyc\""),
            );
        let conda = Conda::new(&system);
        let owner = |path: &str| conda.owner("/c".into(), path.into()).map(|it| format!("{} {}", it.name, it.version));
        assert_eq!(owner("/c/lib/python3.12/site-packages/yaml/__init__.py").as_deref(), Some("pyyaml 1.2"));
        assert_eq!(owner("/c/lib/python3.12/site-packages/yaml/nodes.py"), None);
        assert_eq!(owner("/elsewhere/yaml/__init__.py"), None);
        assert!(conda.keeps("/c".into()) && !conda.keeps("/d".into()));
    }
}
