//! What Linux does in a way of its own, as every other system does it.
//!
//! In: a directory. Out: what is in it.
//!
//! **Invariant:** only the standard library is asked.

use std::fs;
use std::io;

use camino::Utf8Path;
use fromwhere_core::system::{Kind, Listing, Names};

use super::kind;

pub(crate) fn list(directory: &Utf8Path) -> io::Result<Listing> {
    let (mut names, mut not_utf8) = (Names::default(), Names::default());
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type().map_or(Kind::Other, kind);
        let name = entry.file_name();
        match name.to_str() {
            Some(name) => names.push(name, kind),
            None => not_utf8.push(&name.to_string_lossy(), kind),
        }
    }
    Ok(Listing::new(names, not_utf8))
}

/// Only Linux can take one thread out of the way of the others.
pub(crate) fn stand_back() {}

/// No other system is known to be silent about the changes on a disk that it mounts.
pub(crate) fn tells_nothing(_: &Utf8Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_either_way() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(folder.path()).unwrap();
        fs::File::create(top.join("b.py")).unwrap();
        fs::create_dir(top.join("a")).unwrap();
        symlink("nowhere", top.join("c")).unwrap();
        fs::File::create(folder.path().join(OsStr::from_bytes(b"\xff.py"))).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(top.join("d")).unwrap();
        assert_eq!(list(top).unwrap(), super::super::list(top).unwrap());
        for wrong in ["b.py", "nowhere"] {
            let kinds = [list, super::super::list].map(|it| it(&top.join(wrong)).unwrap_err().kind());
            assert_eq!(kinds[0], kinds[1], "{wrong}");
        }
        stand_back();
        assert!(!tells_nothing(top));
    }
}
