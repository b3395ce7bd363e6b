//! The world, asked through one trait.
//!
//! In: a path or the name of a variable. Out: what is there now, or a [`Failure`] that names the path and the cause.
//!
//! **Invariant:** nothing else in this crate touches a disk, an environment variable or a clock, and nothing here can
//! start a program or write a file. A [`Recorder`] notes every question, so the answers' owners can be watched.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

mod listing;
pub mod memory;
mod overlay;
mod platform;

pub use listing::{Listing, Names};
pub use overlay::Overlay;
pub use platform::Platform;

/// The largest source file that is read whole, in bytes; a larger one is reported and left out.
pub const LARGEST_SOURCE: u64 = 8 * 1024 * 1024;

/// The largest configuration or metadata file that is read whole, in bytes.
pub const LARGEST_METADATA: u64 = 32 * 1024 * 1024;

/// The most links that are followed one after the other, as on Linux.
const MOST_LINKS: usize = 40;

/// The questions this crate may ask. Every path is absolute.
pub trait System: Send + Sync {
    /// Describes what the path leads to, links followed.
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure>;

    /// Returns the text of a symbolic link, or `None` where the path is not a link.
    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure>;

    /// Returns the path with every link resolved: for identity and labels, never for what is shown as Python's answer.
    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure>;

    /// Lists a directory, sorted by name; names that are not UTF-8 are left out.
    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure>;

    /// Reads a regular file whole; `limit` is the most bytes it may have.
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure>;

    /// Reads up to `length` bytes from `offset` on; fewer at the end of the file.
    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure>;

    /// Returns an environment variable of the process whose Python is asked about.
    fn variable(&self, name: &str) -> Option<String>;

    /// Returns the working directory of that process.
    fn working_directory(&self) -> Utf8PathBuf;

    /// Returns the home directory that the user database has for this user; `HOME` is asked for separately.
    fn home_of_user(&self) -> Option<Utf8PathBuf>;

    /// Returns the platform whose Python is asked about.
    fn platform(&self) -> Platform {
        Platform::HOST
    }

    /// Returns a key of the Windows registry; other platforms have none.
    fn registry_key(&self, _hive: Hive, _path: &str) -> Option<RegistryKey> {
        None
    }

    /// Tells whether the path leads to a regular file (`os.path.isfile`): any failure is a no.
    fn is_file(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok_and(|it| it.kind == Kind::File)
    }

    /// Tells whether the path leads to a directory (`os.path.isdir`): any failure is a no.
    fn is_directory(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok_and(|it| it.kind == Kind::Directory)
    }

    /// Tells whether the path leads to anything (`os.path.exists`): any failure is a no.
    fn exists(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok()
    }

    /// Reads a text file of at most [`LARGEST_METADATA`] bytes; bytes that are not UTF-8 are replaced.
    fn read_text(&self, path: &Utf8Path) -> Result<String, Failure> {
        let bytes = self.read(path, LARGEST_METADATA)?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

/// One of the two trees of the Windows registry in which Pythons are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hive {
    CurrentUser,
    LocalMachine,
}

/// The default values of a registry key and of the keys right below it, those that are texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryKey {
    pub value: Option<String>,
    /// In the order of their names.
    pub below: Vec<(String, Option<String>)>,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    pub kind: Kind,
    /// In bytes; 0 for anything but a regular file.
    pub length: u64,
    /// Whether anybody may execute it (POSIX mode bits).
    pub executable: bool,
    /// Device and inode, equal for two spellings of one thing.
    pub identity: (u64, u64),
    /// Last modification in nanoseconds since 1970.
    pub modified: i128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    File,
    Directory,
    /// A symbolic link; only in a [`Listing`], where links are not followed.
    Link,
    /// A pipe, a socket or a device: never opened.
    Other,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct Failure {
    pub path: Utf8PathBuf,
    pub cause: Cause,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error("no such file or directory")]
    NotFound,
    #[error("permission denied")]
    PermissionDenied,
    #[error("a part of the path is not a directory")]
    NotADirectory,
    #[error("too many levels of symbolic links")]
    LinkLoop,
    #[error("is a directory")]
    IsADirectory,
    #[error("not a regular file")]
    NotARegularFile,
    #[error("larger than {}", size_in_words(*limit))]
    TooLarge { limit: u64 },
    #[error("its name is not UTF-8")]
    NotUtf8Name,
    #[error("{0}")]
    Other(String),
}

/// Limits are round numbers, so people can read them as such.
fn size_in_words(bytes: u64) -> String {
    const MEBIBYTE: u64 = 1024 * 1024;
    const KIBIBYTE: u64 = 1024;
    match bytes {
        _ if bytes > 0 && bytes.is_multiple_of(MEBIBYTE) => format!("{} MiB", bytes / MEBIBYTE),
        _ if bytes > 0 && bytes.is_multiple_of(KIBIBYTE) => format!("{} KiB", bytes / KIBIBYTE),
        _ => format!("{bytes} bytes"),
    }
}

/// A [`System`] that answers through another one and notes what was asked.
pub struct Recorder<'s> {
    system: &'s dyn System,
    reads: Mutex<Reads>,
}

impl<'s> Recorder<'s> {
    pub fn new(system: &'s dyn System) -> Self {
        Recorder { system, reads: Mutex::default() }
    }

    pub fn into_reads(self) -> Reads {
        self.reads.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, path: &Utf8Path) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads.paths.contains(path) {
            reads.paths.insert(path.to_owned());
        }
    }

    /// Notes a file, and what it leads to where it is a link: that may change, come and go while the link stays as it is.
    fn note_file(&self, path: &Utf8Path) {
        self.note(path);
        let mut at = path.to_owned();
        for _ in 0..MOST_LINKS {
            let Ok(Some(target)) = self.system.link_target(&at) else { return };
            let target = at.parent().unwrap_or(&at).join(target);
            // `..` leads out of the folder that is really meant.
            let folder = target.parent().and_then(|it| self.system.canonical(it).ok());
            at = folder.zip(target.file_name()).map_or(target.clone(), |(folder, name)| folder.join(name));
            self.note(&at);
        }
    }

    fn note_directory(&self, path: &Utf8Path) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads.directories.contains(path) {
            reads.directories.insert(path.to_owned());
        }
    }
}

impl System for Recorder<'_> {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        self.note(path);
        self.system.metadata(path)
    }

    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        self.note(path);
        self.system.link_target(path)
    }

    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        self.note(path);
        self.system.canonical(path)
    }

    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure> {
        self.note_directory(directory);
        self.system.list(directory)
    }

    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        self.note_file(path);
        self.system.read(path, limit)
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        self.note_file(path);
        self.system.read_range(path, offset, length)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.system.variable(name)
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

/// What was asked on the way to an answer: when one of these changes, the answer may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Files and directories whose existence, kind or content was asked, absent ones included.
    pub paths: BTreeSet<Utf8PathBuf>,
    /// Directories whose listing was asked, absent ones included.
    pub directories: BTreeSet<Utf8PathBuf>,
}

impl Reads {
    pub fn merge(&mut self, other: &Reads) {
        self.paths.extend(other.paths.iter().cloned());
        self.directories.extend(other.directories.iter().cloned());
    }

    /// Tells whether a change at `path` can change the answer: it was asked itself, its directory was listed, or it is
    /// an ancestor of something that was asked (a whole tree came or went).
    pub fn touches(&self, path: &Utf8Path) -> bool {
        self.paths.contains(path)
            || self.directories.contains(path)
            || path.parent().is_some_and(|parent| self.directories.contains(parent))
            || [&self.paths, &self.directories].into_iter().any(|set| {
                set.range::<Utf8Path, _>((std::ops::Bound::Excluded(path), std::ops::Bound::Unbounded))
                    .next()
                    .is_some_and(|next| next.starts_with(path))
            })
    }

    /// Returns the directories whose flat watches notice every change of the answer: those that were listed, and the
    /// parents of all that was asked; an absent one stands for its nearest existing ancestor.
    pub fn watch_set(&self, system: &dyn System) -> BTreeSet<Utf8PathBuf> {
        let parents = self.paths.iter().filter_map(|path| path.parent());
        let mut wanted: BTreeSet<&Utf8Path> = parents.collect();
        wanted.extend(self.directories.iter().map(Utf8PathBuf::as_path));
        // A directory that goes away and comes back is seen by its parent's watch, not by its own.
        wanted.extend(self.directories.iter().filter_map(|directory| directory.parent()));
        wanted
            .into_iter()
            .filter_map(|directory| directory.ancestors().find(|it| system.is_directory(it)))
            .map(Utf8Path::to_owned)
            .collect()
    }
}
