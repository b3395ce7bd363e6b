//! The world with one file's text exchanged, seen from any working directory.
//!
//! In: a [`System`], a path and other bytes for it. Out: a [`System`] that answers what would be if that were written.
//!
//! **Invariant:** everything but the content of that one file is answered by the world as it is.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Cause, Failure, Hive, Listing, Metadata, Platform, RegistryKey, System};

pub(crate) struct Edited<'s> {
    pub(crate) system: &'s dyn System,
    pub(crate) path: &'s Utf8Path,
    pub(crate) content: Vec<u8>,
    /// Where Python is started; where the world says, if that is nowhere else.
    pub(crate) directory: Option<&'s Utf8Path>,
}

impl System for Edited<'_> {
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
        if path != self.path {
            return self.system.read(path, limit);
        }
        if self.content.len() as u64 > limit {
            return Err(Failure { path: path.to_owned(), cause: Cause::TooLarge { limit } });
        }
        Ok(self.content.clone())
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        if path != self.path {
            return self.system.read_range(path, offset, length);
        }
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.content.len());
        let to = from.saturating_add(length).min(self.content.len());
        Ok(self.content.get(from..to).unwrap_or_default().to_vec())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.system.variable(name)
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.directory.map_or_else(|| self.system.working_directory(), Utf8Path::to_owned)
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
