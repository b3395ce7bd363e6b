//! What one entry of a search path holds.
//!
//! In: a path. Out: [`Contents`]: a directory's listing, the inside of a zip archive, or nothing.
//!
//! **Invariant:** each path is looked at once; every later question is answered from memory.

use std::borrow::Cow;
use std::io::BufReader;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};
use zip::ZipArchive;

use super::bytecode::{Choice, Member, Pair, Rules};
use super::local_time::LocalTime;
use super::window::Window;
use crate::system::{Cause, Kind, Listing, System};

/// All paths that were looked at; shared by the resolvers of one investigation.
pub(crate) struct Shelf<'a> {
    pub(crate) system: &'a dyn System,
    /// By the path's text: the hash and the comparison of a path would take it apart each time.
    known: RwLock<FxHashMap<Box<str>, Arc<Contents>>>,
    archives: RwLock<FxHashMap<Utf8PathBuf, Option<Arc<Archive>>>>,
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

/// The table of contents of one zip file.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) path: Utf8PathBuf,
    files: FxHashSet<Box<str>>,
    /// Directories that have an entry of their own, with their final `/`.
    directories: FxHashSet<Box<str>>,
    /// Directories that follow from the names below them, with their final `/`.
    implied: FxHashSet<Box<str>>,
    /// By the name of the bytecode, where its source lies beside it.
    pairs: FxHashMap<Box<str>, Pair>,
}

impl Archive {
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.files.contains(name)
    }

    /// Chooses between a file and the source beside it; whatever has none is taken.
    pub(super) fn choose(&self, shelf: &Shelf<'_>, name: &str, rules: &Rules) -> Choice {
        self.pairs.get(name).map_or(Choice::Bytecode, |pair| pair.choose(shelf, &self.path, rules))
    }

    /// Tells whether zipimport sees a directory; up to 3.13 it sees only those with an entry of their own.
    pub(crate) fn has_directory(&self, name: &str, implied_too: bool) -> bool {
        self.directories.contains(name) || implied_too && self.implied.contains(name)
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
                let Some(archive) = self.archive(file) else { return Contents::Nothing };
                let inside = path.strip_prefix(file).map(Utf8Path::as_str).unwrap_or_default();
                let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
                Contents::Archive(archive, prefix)
            }
            Err(_) => Contents::Nothing,
        }
    }

    fn archive(&self, file: &Utf8Path) -> Option<Arc<Archive>> {
        if let Some(known) = self.archives.read().unwrap_or_else(PoisonError::into_inner).get(file) {
            return known.clone();
        }
        let archive = self.read_archive(file).map(Arc::new);
        let mut archives = self.archives.write().unwrap_or_else(PoisonError::into_inner);
        archives.entry(file.to_owned()).or_insert(archive).clone()
    }

    fn read_archive(&self, file: &Utf8Path) -> Option<Archive> {
        let window = Window::new(self.system, file)?;
        let zip = ZipArchive::new(BufReader::with_capacity(1 << 16, window)).ok()?;
        let mut archive = Archive {
            path: file.to_owned(),
            files: FxHashSet::default(),
            directories: FxHashSet::default(),
            implied: FxHashSet::default(),
            pairs: FxHashMap::default(),
        };
        for name in zip.file_names().flatten() {
            if name.ends_with('/') {
                archive.directories.insert((*name).into());
            } else {
                archive.files.insert((*name).into());
            }
            archive.implied.extend(name.match_indices('/').filter_map(|(slash, _)| name.get(..=slash)).map(Into::into));
        }
        let compiled = archive.files.iter().filter_map(|name| name.strip_suffix('c'));
        let both = compiled.filter(|source| source.strip_suffix(".py").is_some() && archive.files.contains(*source));
        let member = |name: &str| Some(Member::of(&zip.by_index_data(zip.index_for_name(name)?).ok()?));
        archive.pairs = both
            .filter_map(|source| {
                let name = format!("{source}c");
                Some((name.as_str().into(), Pair { bytecode: member(&name)?, source: member(source)? }))
            })
            .collect();
        Some(archive)
    }
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
