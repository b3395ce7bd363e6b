//! The constants of an interpreter's code: the texts that its compiler put there.
//!
//! In: a file and where its constants lie. Out: whether a text is among them, and which of them are paths.
//!
//! **Invariant:** they are read from the front, piece by piece, and no further than an answer needs.

use std::cell::{OnceCell, RefCell};

use camino::{Utf8Path, Utf8PathBuf};

use crate::system::System;

/// How much is read at first, and then each time, in bytes. Debian's own Pythons have their prefix near the front.
const FIRST_PIECE: usize = 16 * 1024;
const PIECE: usize = 256 * 1024;

/// What lies behind is not looked at.
const LARGEST: usize = 32 * 1024 * 1024;

/// Longer than any path that is compiled in.
const LONGEST_PATH: usize = 1024;

pub(super) struct Constants<'s> {
    system: &'s dyn System,
    code: Utf8PathBuf,
    offset: u64,
    size: usize,
    /// What was read so far.
    front: RefCell<Vec<u8>>,
    paths: OnceCell<Vec<String>>,
}

impl<'s> Constants<'s> {
    /// Takes the range of a file, in bytes, where they lie; none are there where nothing is known of it.
    pub(super) fn new(system: &'s dyn System, code: &Utf8Path, range: Option<(u64, u64)>) -> Self {
        let (offset, size) = range.unwrap_or_default();
        Constants {
            system,
            code: code.to_owned(),
            offset,
            size: usize::try_from(size).unwrap_or_default().min(LARGEST),
            front: RefCell::default(),
            paths: OnceCell::new(),
        }
    }

    /// Tells whether a text is part of one of them, or with NULs around it one of its own.
    pub(super) fn hold(&self, text: &[u8]) -> bool {
        let mut front = self.front.borrow_mut();
        let mut from = 0;
        loop {
            if memchr::memmem::find(front.get(from..).unwrap_or_default(), text).is_some() {
                return true;
            }
            from = (front.len() + 1).saturating_sub(text.len());
            if !self.read_on(&mut front) {
                return false;
            }
        }
    }

    /// Returns all that may be absolute paths, each once, in alphabetical order.
    pub(super) fn paths(&self) -> &[String] {
        self.paths.get_or_init(|| {
            self.whole(|constants| {
                let path = |at: usize| {
                    let rest = constants.get(at + 1..(at + 1 + LONGEST_PATH).min(constants.len()))?;
                    let text = std::str::from_utf8(rest.get(..memchr::memchr(0, rest)?)?).ok()?;
                    may_be_configured(text).then(|| text.to_owned())
                };
                let mut found: Vec<String> = memchr::memmem::find_iter(constants, b"\0/").filter_map(path).collect();
                found.sort_unstable();
                found.dedup();
                found
            })
        })
    }

    /// Hands over all of them.
    pub(super) fn whole<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        let mut front = self.front.borrow_mut();
        while self.read_on(&mut front) {}
        look(&front)
    }

    /// Reads the next piece; a no means that there is none.
    fn read_on(&self, front: &mut Vec<u8>) -> bool {
        let wanted = if front.is_empty() { FIRST_PIECE } else { PIECE }.min(self.size - front.len());
        let Some(at) = self.offset.checked_add(front.len() as u64).filter(|_| wanted > 0) else { return false };
        let piece = self.system.read_range(&self.code, at, wanted).unwrap_or_default();
        let is_new = !piece.is_empty();
        if front.is_empty() {
            // The first piece is mostly the only one.
            *front = piece;
        } else {
            // Room for all of them costs nothing before it is written to.
            front.reserve_exact(self.size - front.len());
            front.extend_from_slice(&piece);
        }
        is_new
    }
}

/// Tells whether a path is written as `configure --prefix` takes it. Most that begins with a slash is no text at all, but
/// bytes of a table.
fn may_be_configured(path: &str) -> bool {
    let below = path.strip_prefix("//").or_else(|| path.strip_prefix('/'));
    !path.contains(|it: char| it.is_ascii_control())
        && below.is_some_and(|below| below.split('/').all(|part| !matches!(part, "" | "." | "..")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn what_is_among_them() {
        let mut bytes = b"before\0/no\0".to_vec();
        // Both stand across the border of two pieces.
        bytes.resize(FIRST_PIECE - 3, b'x');
        bytes.extend(b"\0/usr\0//net\0/a/../b\0/a//b\0/a/\0/\0/\x01\0/usr\0/opt/py 3\0");
        bytes.resize(FIRST_PIECE + PIECE - 4, b'y');
        bytes.extend(b"\0/proc/self/maps\0/end\0");
        let size = bytes.len() as u64;
        bytes.extend(b"/behind\0");
        let mut system = MemorySystem::default();
        system.write("/code", [b"\0/header\0", bytes.as_slice()].concat());
        let constants = || Constants::new(&system, "/code".into(), Some((9, size)));
        for (text, expected) in [
            (b"\0/usr\0".as_slice(), true),
            (b"/proc/self/maps", true),
            (b"/end\0", true),
            (b"/usr/local", false),
            (b"/behind", false),
            (b"/header", false),
        ] {
            assert_eq!(constants().hold(text), expected, "{}", String::from_utf8_lossy(text));
        }
        let all = constants();
        assert!(!all.hold(b"/nowhere"));
        assert_eq!(all.paths(), ["//net", "/end", "/no", "/opt/py 3", "/proc/self/maps", "/usr"]);
        assert!(!Constants::new(&system, "/code".into(), None).hold(b"x"));
        assert!(!Constants::new(&system, "/absent".into(), Some((0, 10))).hold(b"x"));
    }
}
