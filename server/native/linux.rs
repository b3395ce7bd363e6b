//! What only Linux has: lists in large pieces, threads that stand back one by one, disks that say what they are.
//!
//! In: a directory. Out: what is in it; whether the kernel sees what happens there.
//!
//! **Invariant:** a directory is opened once and nothing in it is asked about, but on disks whose lists tell no kinds.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;

use camino::Utf8Path;
use fromwhere_core::system::{Kind, Listing, Names};
use rustix::fs::{FileType, Mode, OFlags, RawDir};

use super::kind;

/// How much of a directory is listed by one call, in bytes.
const LISTED_AT_ONCE: usize = 16 * 1024;

pub(crate) fn list(directory: &Utf8Path) -> io::Result<Listing> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(directory.as_str(), flags, Mode::empty())?;
    let (mut names, mut not_utf8) = (Names::default(), Names::default());
    let mut buffer = [MaybeUninit::uninit(); LISTED_AT_ONCE];
    let mut listed = RawDir::new(&opened, &mut buffer);
    while let Some(entry) = listed.next() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Link,
            // Some file systems tell no kinds in their lists.
            FileType::Unknown => {
                let path = directory.as_std_path().join(OsStr::from_bytes(name.to_bytes()));
                fs::symlink_metadata(path).map_or(Kind::Other, |metadata| kind(metadata.file_type()))
            }
            _ => Kind::Other,
        };
        match name.to_str() {
            Ok(name) => names.push(name, kind),
            Err(_) => not_utf8.push(&name.to_string_lossy(), kind),
        }
    }
    Ok(Listing::new(names, not_utf8))
}

/// Takes the thread that runs this out of the way of all others (`setpriority(2)`); where that is refused, nothing is lost
/// but politeness.
pub(crate) fn stand_back() {
    let _ = rustix::process::setpriority_process(None, 10);
}

/// Tells whether a directory lies on a disk whose changes the kernel does not see: network disks and shared folders
/// (`statfs(2)`: NFS, SMB, CIFS, 9p, FUSE).
pub(crate) fn tells_nothing(directory: &Utf8Path) -> bool {
    const BLIND: [i64; 6] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x6573_5546];
    rustix::fs::statfs(directory.as_std_path()).is_ok_and(|disk| BLIND.contains(&disk.f_type))
}
