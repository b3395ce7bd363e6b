//! The world as a Python sees it that the editor starts: some environment variables are others.
//!
//! In: a [`System`] and the variables. Out: a [`System`] that says these where it is asked for them.
//!
//! **Invariant:** everything but those variables is answered by the world as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Failure, Hive, Listing, Metadata, Platform, RegistryKey, System};

pub(crate) struct Started<'s> {
    pub(crate) system: &'s dyn System,
    /// Empty is as good as unset: so Python takes its own.
    pub(crate) variables: &'s BTreeMap<String, String>,
}

impl System for Started<'_> {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        self.system.metadata(path)
    }

    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        self.system.link_target(path)
    }

    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        self.system.canonical(path)
    }

    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure> {
        self.system.list(directory)
    }

    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        self.system.read(path, limit)
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        self.system.read_range(path, offset, length)
    }

    fn variable(&self, name: &str) -> Option<String> {
        match self.variables.get(name) {
            Some(value) => Some(value.clone()).filter(|it| !it.is_empty()),
            None => self.system.variable(name),
        }
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.system.working_directory()
    }

    fn home_of_user(&self) -> Option<Utf8PathBuf> {
        self.system.home_of_user()
    }

    fn platform(&self) -> Platform {
        self.system.platform()
    }

    fn registry_key(&self, hive: Hive, path: &str) -> Option<RegistryKey> {
        self.system.registry_key(hive, path)
    }
}
