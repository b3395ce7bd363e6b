//! A file seen through [`System`], readable piece by piece.
//!
//! In: a path. Out: a reader that can seek, for what wants one (the zip format is read from its end).
//!
//! **Invariant:** only regular files, only reading; a file that shrinks meanwhile simply ends.

use std::io::{self, Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};

use crate::system::{Kind, System};

pub(super) struct Window<'a> {
    system: &'a dyn System,
    path: Utf8PathBuf,
    length: u64,
    position: u64,
}

impl<'a> Window<'a> {
    /// Opens a file; its length comes with it.
    pub(super) fn new(system: &'a dyn System, path: &Utf8Path) -> Option<(Self, u64)> {
        let metadata = system.metadata(path).ok()?;
        let length = metadata.length;
        let window = || Window { system, path: path.to_owned(), length, position: 0 };
        (metadata.kind == Kind::File).then(|| (window(), length))
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.system.read_range(&self.path, self.position, buffer.len()).map_err(io::Error::other)?;
        let length = bytes.len().min(buffer.len());
        for (target, source) in buffer.iter_mut().zip(&bytes) {
            *target = *source;
        }
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
