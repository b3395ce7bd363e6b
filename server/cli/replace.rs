//! Putting a new content in a file's place.
//!
//! In: a path, its new content, what was known of it when it was read. Out: the file replaced at once, or why it was not.
//!
//! **Invariant:** this is the only file that writes to the disk; a reader sees the old content or the new, never a part; mode and
//! owner stay; what has changed since it was read, what may not be written, and links are left alone.

use std::fs;
use std::io::{self, Write as _};

use camino::Utf8Path;
use fromwhere_core::system::{Failure, Metadata, System};

use crate::native;

/// Replaces the content of a regular file; `known` is what the system said of it when it was read, `now` a fresh look.
pub(super) fn replace(
    now: &dyn System,
    path: &Utf8Path,
    content: &[u8],
    known: &Result<Metadata, Failure>,
) -> Result<(), String> {
    let before = fs::symlink_metadata(path).map_err(|error| in_words(&error))?;
    if before.is_symlink() {
        return Err("it is a link, and what it leads to is left alone".to_owned());
    }
    if !before.is_file() {
        return Err("not a regular file".to_owned());
    }
    if now.metadata(path) != *known {
        return Err("it has changed in the meantime".to_owned());
    }
    native::may_be_written(path, &before).map_err(|error| in_words(&error))?;
    write(path, content, &before).map_err(|error| in_words(&error))
}

fn write(path: &Utf8Path, content: &[u8], before: &fs::Metadata) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    // Should anything fail from here on, it takes itself away.
    let mut new = tempfile::Builder::new().prefix(".fromwhere-").tempfile_in(folder)?;
    new.write_all(content)?;
    native::keep_owner(new.path(), &new.as_file().metadata()?, before)?;
    // After the owner, whose change takes some bits away.
    new.as_file().set_permissions(before.permissions())?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

/// The causes that people meet, as the rest of the program says them.
fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}
