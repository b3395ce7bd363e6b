//! The world as it would be: some files have another content, Python is started elsewhere or with other variables.
//!
//! In: a [`System`] and what is to be another. Out: a [`System`] that answers with that.
//!
//! **Invariant:** nothing is written; what was not changed is answered for by the world below.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Cause, Failure, Hive, Listing, Metadata, Platform, RegistryKey, System};

pub struct Overlay<'s> {
    system: &'s dyn System,
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
    variables: BTreeMap<String, String>,
    directory: Option<Utf8PathBuf>,
}

impl<'s> Overlay<'s> {
    pub fn new(system: &'s dyn System) -> Self {
        Overlay { system, files: BTreeMap::new(), variables: BTreeMap::new(), directory: None }
    }

    /// Takes variables in place of the process's; an empty one is as good as unset: so Python takes its own.
    #[must_use]
    pub fn with_variables(mut self, variables: BTreeMap<String, String>) -> Self {
        self.variables = variables;
        self
    }

    /// Takes another working directory.
    #[must_use]
    pub fn in_directory(mut self, directory: &Utf8Path) -> Self {
        self.directory = Some(directory.to_owned());
        self
    }

    pub fn put(&mut self, path: Utf8PathBuf, content: Vec<u8>) {
        self.files.insert(path, content);
    }

    pub fn take_back(&mut self, path: &Utf8Path) {
        self.files.remove(path);
    }

    /// What was changed, in the order of paths.
    pub fn files(&self) -> &BTreeMap<Utf8PathBuf, Vec<u8>> {
        &self.files
    }
}

impl System for Overlay<'_> {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        let metadata = self.system.metadata(path)?;
        let length = self.files.get(path).map_or(metadata.length, |content| content.len() as u64);
        Ok(Metadata { length, ..metadata })
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
        match self.files.get(path) {
            Some(content) if content.len() as u64 > limit => {
                Err(Failure { path: path.to_owned(), cause: Cause::TooLarge { limit } })
            }
            Some(content) => Ok(content.clone()),
            None => self.system.read(path, limit),
        }
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let Some(content) = self.files.get(path) else { return self.system.read_range(path, offset, length) };
        let rest = usize::try_from(offset).ok().and_then(|from| content.get(from..)).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest).to_vec())
    }

    fn variable(&self, name: &str) -> Option<String> {
        match self.variables.get(name) {
            Some(value) => Some(value.clone()).filter(|it| !it.is_empty()),
            None => self.system.variable(name),
        }
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.directory.clone().unwrap_or_else(|| self.system.working_directory())
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
