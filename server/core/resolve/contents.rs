//! What one entry of a search path holds.
//!
//! In: a path. Out: [`Contents`]: a directory's listing, the inside of a zip archive, or nothing.
//!
//! **Invariant:** each path is looked at once; every later question is answered from memory.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

use super::local_time::LocalTime;
use crate::archive::{Dialect, Directory};
use crate::system::{Cause, Kind, Listing, System};

/// All paths that were looked at; shared by the resolvers of one investigation.
pub(crate) struct Shelf<'a> {
    pub(crate) system: &'a dyn System,
    /// By the path's text: the hash and the comparison of a path would take it apart each time.
    known: RwLock<FxHashMap<Box<str>, Arc<Contents>>>,
    archives: RwLock<FxHashMap<Utf8PathBuf, Arc<Archive>>>,
    local_time: OnceLock<LocalTime>,
}

#[derive(Debug)]
pub(crate) enum Contents {
    Directory(Folder),
    /// A zip archive, or a directory in one: what lies inside, and the prefix (empty, or ending in `/`).
    Archive(Arc<Archive>, String),
    /// The name that setuptools' finder puts on `sys.path`: namespace packages and the portions it adds to them.
    Hook(Vec<(String, Vec<Utf8PathBuf>)>),
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) listing: Arc<Listing>,
    /// The names up to their first dot: a cheap no for most questions.
    stems: FxHashSet<Box<str>>,
}

impl Folder {
    pub(crate) fn may_have(&self, name: &str) -> bool {
        self.stems.contains(name)
    }
}

/// One zip file, read as often as the Pythons that look into it read it differently.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) path: Utf8PathBuf,
    strict: OnceLock<Option<Directory>>,
    commented: OnceLock<Option<Directory>>,
    large: OnceLock<Option<Directory>>,
}

impl Archive {
    fn at(path: &Utf8Path) -> Self {
        let [strict, commented, large] = [const { OnceLock::new() }; 3];
        Archive { path: path.to_owned(), strict, commented, large }
    }

    /// Returns what one zipimport finds in it; `None` where it refuses it.
    pub(super) fn directory(&self, system: &dyn System, dialect: Dialect) -> Option<&Directory> {
        let read = match dialect {
            Dialect::Strict => &self.strict,
            Dialect::Commented => &self.commented,
            Dialect::Large => &self.large,
        };
        read.get_or_init(|| Directory::read(system, &self.path, dialect).directory.ok()).as_ref()
    }
}

impl<'a> Shelf<'a> {
    pub(crate) fn new(system: &'a dyn System) -> Self {
        Shelf { system, known: RwLock::default(), archives: RwLock::default(), local_time: OnceLock::new() }
    }

    pub(crate) fn contents(&self, path: &Utf8Path) -> Arc<Contents> {
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(path.as_str()) {
            return Arc::clone(known);
        }
        let contents = Arc::new(self.look(path));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.as_str().into()).or_insert(contents))
    }

    /// Returns the time zone, which few questions need.
    pub(super) fn local_time(&self) -> &LocalTime {
        self.local_time.get_or_init(|| LocalTime::of(self.system))
    }

    /// Tells whether a listed name leads to a regular file.
    pub(crate) fn is_file(&self, kind: Option<Kind>, path: &Utf8Path) -> bool {
        kind == Some(Kind::File) || kind == Some(Kind::Link) && self.system.is_file(&self.place(path))
    }

    /// Tells whether a listed name leads to a directory.
    pub(crate) fn is_directory(&self, kind: Option<Kind>, path: &Utf8Path) -> bool {
        kind == Some(Kind::Directory) || kind == Some(Kind::Link) && self.system.is_directory(&self.place(path))
    }

    /// Where a path lies that is relative to the working directory.
    fn place<'p>(&self, path: &'p Utf8Path) -> Cow<'p, Utf8Path> {
        if self.system.platform().is_absolute(path.as_str()) {
            Cow::Borrowed(path)
        } else {
            Cow::Owned(self.system.working_directory().join(path))
        }
    }

    fn look(&self, path: &Utf8Path) -> Contents {
        let path = &*self.place(path);
        match self.system.list(path) {
            Ok(listing) => {
                let stems = listing.iter().map(|(name, _)| stem(name).into()).collect();
                Contents::Directory(Folder { listing, stems })
            }
            // zipimport.zipimporter: the nearest ancestor that exists must be the archive.
            Err(failure) if failure.cause == Cause::NotADirectory => {
                let Some(file) = path.ancestors().find(|it| self.system.is_file(it)) else { return Contents::Nothing };
                let archive = self.archive(file);
                let inside = path.strip_prefix(file).map(Utf8Path::as_str).unwrap_or_default();
                let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
                Contents::Archive(archive, prefix)
            }
            Err(_) => Contents::Nothing,
        }
    }

    fn archive(&self, file: &Utf8Path) -> Arc<Archive> {
        if let Some(known) = self.archives.read().unwrap_or_else(PoisonError::into_inner).get(file) {
            return Arc::clone(known);
        }
        let mut archives = self.archives.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(archives.entry(file.to_owned()).or_insert_with(|| Arc::new(Archive::at(file))))
    }
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
