//! A file that is read piece by piece, only where somebody looks.
//!
//! In: a path and the world. Out: bytes by offset, for the `object` crate and for searches.
//!
//! **Invariant:** a piece is read once and stays; a 30 MB library costs what is looked at, never its size.

use std::cell::OnceCell;
use std::ops::Range;

use camino::Utf8Path;
use object::ReadRef;

use crate::system::System;

/// Small reads take this much around them, because the next one is mostly near.
const BLOCK: u64 = 1024;

/// The largest piece that is read at once: a broken header may ask for anything.
const LARGEST_PIECE: u64 = 64 * 1024 * 1024;

/// The longest text that a table may point to: the name of a module or a library, a list of directories.
const LONGEST_TEXT: u64 = 512;

pub(super) struct Pages<'s> {
    system: &'s dyn System,
    path: &'s Utf8Path,
    length: u64,
    first: OnceCell<Box<Piece>>,
}

struct Piece {
    start: u64,
    bytes: Vec<u8>,
    next: OnceCell<Box<Piece>>,
}

impl<'s> Pages<'s> {
    pub(super) fn open(system: &'s dyn System, path: &'s Utf8Path) -> Option<Self> {
        let length = system.metadata(path).ok()?.length;
        Some(Pages { system, path, length, first: OnceCell::new() })
    }

    /// Returns the bytes of a range, or nothing where the file has not all of them.
    pub(super) fn bytes(&self, start: u64, size: u64) -> Option<&[u8]> {
        let end = start.checked_add(size).filter(|end| *end <= self.length && size <= LARGEST_PIECE)?;
        let mut place = &self.first;
        while let Some(piece) = place.get() {
            if let Some(found) = piece.part(start, end) {
                return Some(found);
            }
            place = &piece.next;
        }
        let from = if size < BLOCK { start - start % BLOCK } else { start };
        let to = if size < BLOCK { (end + BLOCK - 1).min(self.length).max(end) } else { end };
        let bytes = self.system.read_range(self.path, from, usize::try_from(to - from).ok()?).ok()?;
        place.get_or_init(|| Box::new(Piece { start: from, bytes, next: OnceCell::new() })).part(start, end)
    }

    /// Returns the NUL-terminated text at an offset.
    pub(super) fn text(&self, start: u64) -> Option<&str> {
        let longest = LONGEST_TEXT.min(self.length.checked_sub(start)?);
        let bytes = self.bytes(start, longest)?;
        std::str::from_utf8(bytes.get(..memchr::memchr(0, bytes)?)?).ok()
    }
}

impl Piece {
    fn part(&self, start: u64, end: u64) -> Option<&[u8]> {
        let from = usize::try_from(start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(end.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..to)
    }
}

impl<'a> ReadRef<'a> for &'a Pages<'_> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.length)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        self.bytes(offset, size).ok_or(())
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        let longest = range.end.checked_sub(range.start).ok_or(())?.min(LONGEST_TEXT);
        let bytes = self.bytes(range.start, longest).ok_or(())?;
        let end = memchr::memchr(delimiter, bytes).ok_or(())?;
        bytes.get(..end).ok_or(())
    }
}
