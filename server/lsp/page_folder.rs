//! The one place where the server writes: documents of our own, for clients that can show only files.
//!
//! In: a document and where it belongs. Out: the file, in a folder that is the user's alone.
//!
//! **Invariant:** nothing is written outside of our own folder, which nobody else can write to, and never into a project.

use std::fs::{self, File};
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::System;

use crate::native;

/// Returns our folder.
pub fn folder(system: &dyn System) -> Utf8PathBuf {
    native::folder_of_our_own(system)
}

/// Writes a document below our folder, whole or not at all; returns its path.
pub fn write(folder: &Utf8Path, file: &Utf8Path, text: &str) -> io::Result<Utf8PathBuf> {
    let mut directory = folder.to_owned();
    make_private(&directory)?;
    for part in file.parent().into_iter().flat_map(Utf8Path::components) {
        directory.push(part);
        make_private(&directory)?;
    }
    let path = folder.join(file);
    let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
    // One that was left behind by a process of the same number.
    drop(fs::remove_file(&unfinished));
    let written = new_file(&unfinished).and_then(|mut it| it.write_all(text.as_bytes()));
    let moved = written.and_then(|()| fs::rename(&unfinished, &path));
    if moved.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    moved.map(|()| path)
}

fn new_file(path: &Utf8Path) -> io::Result<File> {
    native::private_file().write(true).create_new(true).open(path)
}

/// Makes a folder that only the user can enter; one that is there already must be such a one, and no link.
fn make_private(folder: &Utf8Path) -> io::Result<()> {
    if let Err(error) = native::private_folder().create(folder) {
        match error.kind() {
            io::ErrorKind::AlreadyExists => {}
            // `~/.cache` itself may not be there yet.
            io::ErrorKind::NotFound => native::private_folder().recursive(true).create(folder)?,
            _ => return Err(error),
        }
    }
    let found = fs::symlink_metadata(folder)?;
    let is_private = found.is_dir() && native::is_private(&found);
    if is_private { Ok(()) } else { Err(io::Error::other(format!("{folder} is no folder of the user's own"))) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use fromwhere_core::system::memory::MemorySystem;

    use super::*;

    fn temporary() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        (folder, path)
    }

    #[test]
    fn the_folder_is_the_users_own() {
        let mut system = MemorySystem::default();
        assert!(folder(&system).as_str().starts_with("/tmp/fromwhere-"));
        system.set_variable("HOME", "/home/user");
        assert_eq!(folder(&system), "/home/user/.cache/fromwhere");
        system.set_variable("XDG_CACHE_HOME", "not/absolute");
        assert_eq!(folder(&system), "/home/user/.cache/fromwhere");
        system.set_variable("XDG_RUNTIME_DIR", "/run/user/1000");
        assert_eq!(folder(&system), "/run/user/1000/fromwhere");
    }

    #[test]
    fn a_document_is_replaced_and_leaves_nothing_beside_it() {
        let (_folder, top) = temporary();
        let ours = top.join("cache/fromwhere");
        let path = write(&ours, "0/explain/yaml.md".into(), "one").unwrap();
        assert_eq!(write(&ours, "0/explain/yaml.md".into(), "two").unwrap(), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&ours).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_others_prepared_is_refused() {
        let (_folder, top) = temporary();
        symlink(&top, top.join("link")).unwrap();
        assert!(write(&top.join("link"), "0/roots.md".into(), "").is_err());
        fs::create_dir(top.join("open")).unwrap();
        fs::set_permissions(top.join("open"), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(write(&top.join("open"), "0/roots.md".into(), "").is_err());
        assert!(!top.join("0").exists());
    }
}
