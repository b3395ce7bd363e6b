//! What Windows says.
//!
//! In: paths, open files, errors. Out: what they mean, in paths as Python and editors write them: `C:\folder`.
//!
//! **Invariant:** no path leaves this room verbatim (`\\?\C:\folder`) where a plain one leads to the same.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::windows::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::{Cause, Hive, RegistryKey, System};
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher as _;
use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

use super::spelling;

/// What stands between the names of a path.
pub(crate) const SEPARATOR: [char; 2] = ['\\', '/'];

/// `FILE_FLAG_BACKUP_SEMANTICS`: folders can be opened too.
const FOLDERS_TOO: u32 = 0x0200_0000;

/// Codes of `winerror.h` for which the standard library has no word.
const INVALID_NAME: i32 = 123;
const NOT_READY: i32 = 21;
const BAD_NET_PATH: i32 = 53;
const BAD_NET_NAME: i32 = 67;
const NOT_A_REPARSE_POINT: i32 = 4390;
const CANNOT_RESOLVE_FILE_NAME: i32 = 1921;

/// What the system says of that to which a path leads, and what no other thing has: its volume and file index; its text, in one
/// case, where it cannot be opened for that.
pub(crate) fn metadata(path: &Utf8Path) -> io::Result<(fs::Metadata, (u64, u64))> {
    let opened = File::options().access_mode(0).custom_flags(FOLDERS_TOO).open(path);
    let known = opened.and_then(|file| {
        let information = winapi_util::file::information(&file)?;
        Ok((file.metadata()?, (information.volume_serial_number(), information.file_index())))
    });
    known.or_else(|_| {
        let text = path.as_str().replace('/', "\\").to_lowercase();
        Ok((fs::metadata(path)?, (u64::MAX, FxBuildHasher.hash_one(text))))
    })
}

/// Names decide what runs.
pub(crate) fn is_executable(_: &fs::Metadata) -> bool {
    true
}

/// Opens a file to be read.
pub(crate) fn open(path: &Utf8Path) -> io::Result<File> {
    File::open(path)
}

/// Reads into the spare room of a vector.
pub(crate) fn read(file: &File, content: &mut Vec<u8>) -> io::Result<usize> {
    let room = content.capacity() - content.len();
    file.take(room as u64).read_to_end(content)
}

/// Reads from `offset` on into the spare room of a vector, once.
pub(crate) fn read_at(file: &File, content: &mut Vec<u8>, offset: u64) -> io::Result<usize> {
    let before = content.len();
    content.resize(content.capacity(), 0);
    let read = file.seek_read(&mut content[before..], offset);
    content.truncate(before + read.as_ref().map_or(0, |read| *read));
    read
}

/// Returns the path with every link resolved.
pub(crate) fn canonical(path: &Utf8Path) -> io::Result<PathBuf> {
    fs::canonicalize(path).map(plain)
}

/// Returns the text of a link, `None` for what is none.
pub(crate) fn link_target(path: &Utf8Path) -> io::Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(plain(target))),
        Err(error) if error.raw_os_error() == Some(NOT_A_REPARSE_POINT) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns a path as it is compared with others: not verbatim, its drive a capital letter, as the system itself writes it.
pub(crate) fn plain(path: PathBuf) -> PathBuf {
    match path.to_str().map(spelling::plain) {
        Some(plain) => plain.into(),
        None => path,
    }
}

/// The causes for which the standard library has no word.
pub(crate) fn cause(error: &io::Error) -> Option<Cause> {
    match error.raw_os_error()? {
        CANNOT_RESOLVE_FILE_NAME => Some(Cause::LinkLoop),
        // A name that no file can have, a drive without a disk, a server or a share that is not there.
        INVALID_NAME | NOT_READY | BAD_NET_PATH | BAD_NET_NAME => Some(Cause::NotFound),
        _ => None,
    }
}

/// Windows knows no such limit.
pub(crate) fn is_too_many_watchers(_: &io::Error) -> bool {
    false
}

/// Returns the user's profile.
pub(crate) fn home_of_user() -> Option<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(env::home_dir()?).ok()
}

/// Returns a key of the registry: what Pythons are registered, and where.
pub(crate) fn registry_key(hive: Hive, path: &str) -> Option<RegistryKey> {
    let hive = match hive {
        Hive::CurrentUser => CURRENT_USER,
        Hive::LocalMachine => LOCAL_MACHINE,
    };
    let key = hive.open(path).ok()?;
    let value = |key: &Key| key.get_string("").ok();
    let mut below: Vec<(String, Option<String>)> = Vec::new();
    for name in key.keys().ok()? {
        let there = key.open(&name).ok().as_ref().and_then(value);
        below.push((name, there));
    }
    below.sort();
    Some(RegistryKey { value: value(&key), below })
}

/// Returns a folder for documents of our own, in the user's local application data.
pub(crate) fn folder_of_our_own(system: &dyn System) -> Utf8PathBuf {
    let named = system.variable("LOCALAPPDATA").map(Utf8PathBuf::from).filter(|it| it.is_absolute());
    let place = named.or_else(|| Some(system.home_of_user()?.join(r"AppData\Local")));
    let temporary = || Utf8PathBuf::from_path_buf(env::temp_dir()).unwrap_or_default();
    place.unwrap_or_else(temporary).join("fromwhere")
}

/// How a folder is made: what lies in the user's profile is the user's alone.
pub(crate) fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

/// How a file is made.
pub(crate) fn private_file() -> OpenOptions {
    OpenOptions::new()
}

/// Tells whether a folder is the user's: its access list is that of the profile it was made in.
pub(crate) fn is_private(folder: &fs::Metadata) -> bool {
    !folder.is_symlink()
}

/// Fails where the content of a file may not be written.
pub(crate) fn may_be_written(_: &Utf8Path, metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.permissions().readonly() { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
}

/// Who makes a file in a folder owns it, as its access list says.
pub(crate) fn keep_owner(_: &Path, _: &fs::Metadata, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// A process is never to be seen, and so never missed: the end of the input tells that the editor is gone.
pub(crate) fn is_alive(_: i32) -> bool {
    false
}

/// Ctrl-C ends the program, as it always does.
pub(crate) fn at_an_ending_signal(_: impl Fn() -> bool + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Returns how many characters a line of the terminal has to which standard output goes.
pub(crate) fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}
