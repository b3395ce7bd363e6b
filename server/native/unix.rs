//! What POSIX systems share.
//!
//! In: paths, open files, errors, process numbers. Out: what they mean.
//!
//! **Invariant:** no call here waits for what is behind a path: a pipe, a device or another process.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::{Cause, Hive, RegistryKey, System};
use rustix::fs::{Access, OFlags};
use rustix::io::Errno;
use rustix::process::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What stands between the names of a path.
pub(crate) const SEPARATOR: char = '/';

/// Only the user may enter.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;
/// Where no program is told of a folder of the user's own.
const TEMPORARY: &str = "/tmp";

/// What the system says of that to which a path leads, and what no other thing has: its device and inode.
pub(crate) fn metadata(path: &Utf8Path) -> io::Result<(fs::Metadata, (u64, u64))> {
    let metadata = fs::metadata(path)?;
    let identity = (metadata.dev(), metadata.ino());
    Ok((metadata, identity))
}

pub(crate) fn is_executable(metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o111 != 0
}

/// Opens a file to be read, without waiting for the other end of what may be a pipe.
pub(crate) fn open(path: &Utf8Path) -> io::Result<File> {
    File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// Reads into the spare room of a vector, once.
pub(crate) fn read(file: &File, content: &mut Vec<u8>) -> io::Result<usize> {
    Ok(rustix::io::read(file, rustix::buffer::spare_capacity(content))?)
}

/// Reads from `offset` on into the spare room of a vector, once.
pub(crate) fn read_at(file: &File, content: &mut Vec<u8>, offset: u64) -> io::Result<usize> {
    Ok(rustix::io::pread(file, rustix::buffer::spare_capacity(content), offset)?)
}

/// Returns the path with every link resolved.
pub(crate) fn canonical(path: &Utf8Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Returns a path as it is compared with others: here as it is.
pub(crate) fn plain(path: PathBuf) -> PathBuf {
    path
}

/// Returns the text of a link, `None` for what is none.
pub(crate) fn link_target(path: &Utf8Path) -> io::Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(None),
        Err(error) => Err(error),
    }
}

/// The causes for which the standard library has no word.
pub(crate) fn cause(error: &io::Error) -> Option<Cause> {
    (error.raw_os_error() == Some(Errno::LOOP.raw_os_error())).then_some(Cause::LinkLoop)
}

/// Tells whether it failed because this user's programs may watch no more.
pub(crate) fn is_too_many_watchers(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::MFILE.raw_os_error())
}

/// Returns what the user database says.
pub(crate) fn home_of_user() -> Option<Utf8PathBuf> {
    let user = rustix::process::getuid().as_raw().to_string();
    let database = fs::read_to_string("/etc/passwd").ok()?;
    let line = database.lines().find(|line| line.split(':').nth(2) == Some(&user))?;
    line.split(':').nth(5).map(Utf8PathBuf::from)
}

/// Only Windows has a registry.
pub(crate) fn registry_key(_: Hive, _: &str) -> Option<RegistryKey> {
    None
}

/// Returns a folder for documents of our own: in the user's run-time directory, which is emptied at logout, else in the cache
/// (XDG Base Directory Specification), else in the temporary directory.
pub(crate) fn folder_of_our_own(system: &dyn System) -> Utf8PathBuf {
    let absolute = |name: &str| system.variable(name).map(Utf8PathBuf::from).filter(|path| path.is_absolute());
    let run_time = absolute("XDG_RUNTIME_DIR");
    let cache = || absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    match run_time.or_else(cache) {
        Some(place) => place.join("fromwhere"),
        None => Utf8Path::new(TEMPORARY).join(format!("fromwhere-{}", rustix::process::geteuid().as_raw())),
    }
}

/// How a folder is made that only the user can enter.
pub(crate) fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(PRIVATE_FOLDER);
    builder
}

/// How a file is made that only the user can read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(PRIVATE_FILE);
    options
}

/// Tells whether a folder is the user's, and nobody else can write to it.
pub(crate) fn is_private(folder: &fs::Metadata) -> bool {
    folder.uid() == rustix::process::geteuid().as_raw() && folder.mode() & 0o022 == 0
}

/// Fails where the content of a file may not be written.
pub(crate) fn may_be_written(path: &Utf8Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(rustix::fs::access(path.as_std_path(), Access::WRITE_OK)?)
}

/// Gives a file that takes the place of another the owner that the other had.
pub(crate) fn keep_owner(new: &Path, made: &fs::Metadata, before: &fs::Metadata) -> io::Result<()> {
    if (made.uid(), made.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(new, Some(before.uid()), Some(before.gid()))
}

/// Tells whether a process is there; one that may not be signalled is there all the same.
pub(crate) fn is_alive(process: i32) -> bool {
    let Some(pid) = Some(process).filter(|it| *it > 0).and_then(Pid::from_raw) else { return false };
    !matches!(rustix::process::test_kill_process(pid), Err(Errno::SRCH))
}

/// Calls `end` at the first signal that ends a program; where that returns `false`, and at a second one, the signal does what it
/// always does.
pub(crate) fn at_an_ending_signal(end: impl Fn() -> bool + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for (count, signal) in signals.forever().enumerate() {
            if count > 0 || !end() {
                // It returns only where the signal cannot be raised.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    })?;
    Ok(())
}

/// Returns how many characters a line of the terminal has to which standard output goes.
pub(crate) fn columns() -> Option<usize> {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_itself_and_no_impossible_process() {
        assert!(is_alive(i32::try_from(std::process::id()).unwrap()));
        assert!(!is_alive(0));
        assert!(!is_alive(-1));
        assert!(!is_alive(i32::MAX));
    }
}
