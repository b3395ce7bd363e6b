//! The real disk, behind [`System`].
//!
//! In: questions of the core. Out: what the operating system says; one `Disk` is one look at the world: what was
//! asked is remembered, and a later look takes a new `Disk`.
//!
//! **Invariant:** read-only, and only regular files are opened, so that no pipe or device can block or be triggered.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use camino::{Utf8Path, Utf8PathBuf};
use dashmap::DashMap;
use fromwhere_core::system::{Cause, Failure, Hive, Kind, LARGEST_SOURCE, Listing, Metadata, RegistryKey, System};
use rustc_hash::FxBuildHasher;

use crate::native;

/// How many parts of the memory of listings can be written at once. Said here, because `DashMap` would otherwise find out
/// how many processors there are, which takes longer than many a whole run.
const SHARDS: usize = 16;

/// The largest file whose content is remembered, in bytes.
const SMALL_FILE: usize = 16 * 1024;

/// What was said of a path, by its text: the hash and the comparison of a path would take it apart each time.
type Memory<T> = DashMap<Box<str>, T, FxBuildHasher>;

/// One look at the disk, with the environment variables and the working directory that Python would have.
#[derive(Debug)]
pub struct Disk {
    variables: BTreeMap<String, String>,
    working_directory: Utf8PathBuf,
    /// Shared by all threads of one run. A value is never computed while an entry is held.
    listings: Memory<Result<Arc<Listing>, Failure>>,
    /// Most of what is asked for is absent, which takes no room: who asks knows the path.
    metadata: Memory<Result<Metadata, Cause>>,
    links: Memory<Result<Option<Utf8PathBuf>, Failure>>,
    canonical: Memory<Result<Utf8PathBuf, Failure>>,
    /// Manifests and configuration, which several readers read each in its way.
    small_files: Memory<Arc<[u8]>>,
    /// The file that was last read in pieces: the next piece is mostly of the same.
    in_pieces: Mutex<Option<(Utf8PathBuf, Arc<File>)>>,
}

impl Disk {
    pub fn new(variables: BTreeMap<String, String>, working_directory: Utf8PathBuf) -> Self {
        Disk {
            variables,
            working_directory,
            listings: memory(),
            metadata: memory(),
            links: memory(),
            canonical: memory(),
            small_files: memory(),
            in_pieces: Mutex::default(),
        }
    }

    /// Takes this process's own variables and working directory; what is not UTF-8 is left out.
    pub fn of_this_process() -> io::Result<Self> {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let working_directory = Utf8PathBuf::from_path_buf(native::plain(std::env::current_dir()?))
            .map_err(|path| io::Error::other(format!("the working directory {} is not UTF-8", path.display())))?;
        Ok(Disk::new(variables.collect(), working_directory))
    }

    /// Returns a new look at the same world, with nothing remembered.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Disk::new(self.variables.clone(), self.working_directory.clone())
    }

    /// Opens a regular file; anything else is refused before it is opened, and again after, should it have been swapped.
    fn open(&self, path: &Utf8Path) -> Result<(File, u64), Failure> {
        let refuse = |kind: Kind| {
            let cause = if kind == Kind::Directory { Cause::IsADirectory } else { Cause::NotARegularFile };
            Failure { path: path.to_owned(), cause }
        };
        // What was listed as a regular file need not be asked about once more.
        let before = if self.is_listed_as_file(path) { Kind::File } else { self.metadata(path)?.kind };
        if before != Kind::File {
            return Err(refuse(before));
        }
        let file = native::open(path).map_err(|error| failure(path, &error))?;
        let after = file.metadata().map_err(|error| failure(path, &error))?;
        if after.is_file() { Ok((file, after.len())) } else { Err(refuse(native::kind(after.file_type()))) }
    }

    fn is_listed_as_file(&self, path: &Utf8Path) -> bool {
        let Some((directory, name)) = path.as_str().rsplit_once(native::SEPARATOR) else { return false };
        let listing = self.listings.get(directory);
        listing.is_some_and(|it| it.value().as_ref().is_ok_and(|listing| listing.get(name) == Some(Kind::File)))
    }

    fn read_whole(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        let (file, length) = self.open(path)?;
        if length > limit {
            return Err(too_large(path, limit));
        }
        let mut content = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        if length > 0 {
            // What it had when it was opened: nothing is asked for behind its end.
            fill(&file, &mut content).map_err(|error| failure(path, &error))?;
        } else {
            // A file in /proc has length 0 and a content.
            file.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(|error| failure(path, &error))?;
        }
        if content.len() as u64 > limit { Err(too_large(path, limit)) } else { Ok(content) }
    }

    fn open_for_pieces(&self, path: &Utf8Path) -> Result<Arc<File>, Failure> {
        let mut last = self.in_pieces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, file)) = &*last
            && known == path
        {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(self.open(path)?.0);
        *last = Some((path.to_owned(), Arc::clone(&file)));
        Ok(file)
    }
}

impl System for Disk {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        let of_path = |cause| Failure { path: path.to_owned(), cause };
        if let Some(known) = self.metadata.get(path.as_str()).map(|known| known.value().clone()) {
            return known.map_err(of_path);
        }
        let answer = native::metadata(path).map_err(|error| cause(&error));
        let answer = answer.map(|(metadata, identity)| describe(&metadata, identity));
        self.metadata.insert(path.as_str().into(), answer.clone());
        answer.map_err(of_path)
    }

    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        if let Some(known) = self.links.get(path.as_str()).map(|known| known.value().clone()) {
            return known;
        }
        let answer = link_target(path);
        self.links.insert(path.as_str().into(), answer.clone());
        answer
    }

    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        if let Some(known) = self.canonical.get(path.as_str()).map(|known| known.value().clone()) {
            return known;
        }
        let not_utf8 = |_| Failure { path: path.to_owned(), cause: Cause::NotUtf8Name };
        let found = native::canonical(path).map_err(|error| failure(path, &error));
        let answer = found.and_then(|it| Utf8PathBuf::from_path_buf(it).map_err(not_utf8));
        self.canonical.insert(path.as_str().into(), answer.clone());
        answer
    }

    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure> {
        if let Some(known) = self.listings.get(directory.as_str()).map(|known| known.value().clone()) {
            return known;
        }
        // Most of the directories that a search path names do not exist, which is mostly known by now.
        let absent = self.metadata.get(directory.as_str()).and_then(|known| known.value().clone().err());
        let absent = absent.map(|cause| Failure { path: directory.to_owned(), cause });
        let list = || native::list(directory).map(Arc::new).map_err(|error| failure(directory, &error));
        let answer = absent.map_or_else(list, Err);
        self.listings.insert(directory.as_str().into(), answer.clone());
        answer
    }

    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        if let Some(known) = self.small_files.get(path.as_str()).map(|known| Arc::clone(known.value())) {
            return if known.len() as u64 > limit { Err(too_large(path, limit)) } else { Ok(known.to_vec()) };
        }
        let content = self.read_whole(path, limit)?;
        // Sources are read once, and there are many.
        if content.len() <= SMALL_FILE && limit != LARGEST_SOURCE {
            self.small_files.insert(path.as_str().into(), Arc::from(&*content));
        }
        Ok(content)
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let file = self.open_for_pieces(path)?;
        let mut content = Vec::with_capacity(length);
        // One call for all of it, where the file has it; `read_to_end` would feel its way forward.
        while content.len() < length {
            let (end, rest) = (offset + content.len() as u64, length - content.len());
            content.reserve_exact(rest);
            match native::read_at(&file, &mut content, end) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failure(path, &error)),
            }
        }
        content.truncate(length);
        Ok(content)
    }

    fn variable(&self, name: &str) -> Option<String> {
        // Windows writes `Path` and means the same.
        let in_any_case = |it: &(&String, &String)| it.0.eq_ignore_ascii_case(name);
        let named = self.variables.get(name);
        let named = named.or_else(|| self.variables.iter().filter(|_| cfg!(windows)).find(in_any_case).map(|it| it.1));
        named.cloned()
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.working_directory.clone()
    }

    fn home_of_user(&self) -> Option<Utf8PathBuf> {
        native::home_of_user()
    }

    fn registry_key(&self, hive: Hive, path: &str) -> Option<RegistryKey> {
        native::registry_key(hive, path)
    }
}

fn memory<T>() -> Memory<T> {
    DashMap::with_hasher_and_shard_amount(FxBuildHasher, SHARDS)
}

/// Reads from a file's start into the spare room of a vector, until that or the file ends.
fn fill(file: &File, content: &mut Vec<u8>) -> io::Result<()> {
    while content.len() < content.capacity() {
        match native::read(file, content) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn too_large(path: &Utf8Path, limit: u64) -> Failure {
    Failure { path: path.to_owned(), cause: Cause::TooLarge { limit } }
}

fn link_target(path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
    let not_utf8 = |_| Failure { path: path.to_owned(), cause: Cause::NotUtf8Name };
    let target = native::link_target(path).map_err(|error| failure(path, &error))?;
    target.map(Utf8PathBuf::from_path_buf).transpose().map_err(not_utf8)
}

fn describe(metadata: &std::fs::Metadata, identity: (u64, u64)) -> Metadata {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Metadata {
        kind: native::kind(metadata.file_type()),
        length: if metadata.is_file() { metadata.len() } else { 0 },
        executable: native::is_executable(metadata),
        identity,
        modified: modified.map_or(0, |since| since.as_nanos().cast_signed()),
    }
}

fn failure(path: &Utf8Path, error: &io::Error) -> Failure {
    Failure { path: path.to_owned(), cause: cause(error) }
}

fn cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::NotFound => Cause::NotFound,
        io::ErrorKind::PermissionDenied => Cause::PermissionDenied,
        io::ErrorKind::NotADirectory => Cause::NotADirectory,
        io::ErrorKind::IsADirectory => Cause::IsADirectory,
        _ => native::cause(error).unwrap_or_else(|| Cause::Other(error.to_string())),
    }
}
