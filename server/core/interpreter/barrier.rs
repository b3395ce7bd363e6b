//! An archive that ends every import which gets as far as it: `zipimport` fails over it by an exception that is none of its own.
//!
//! In: an entry of the search path, and what stands in front of it. Out: a [`Barrier`], where it is one.
//!
//! **Invariant:** only an entry that is no directory is looked into, and the library's `zipimport` is read only where releases
//! differ over such an archive.

use camino::Utf8PathBuf;

use super::modules::{Found, Modules};
use super::paths;
use crate::archive::Unread;
use crate::system::{Cause, Kind};

/// An entry of the search path that no import gets past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// The entry: the archive, or a directory in it.
    pub entry: Utf8PathBuf,
    pub archive: Utf8PathBuf,
    /// To read it `struct` is imported, which is behind it, and so on without end; else it cannot be read at all.
    pub needs_struct: bool,
}

impl Barrier {
    /// Says why there is no start.
    pub(super) fn reason(&self) -> String {
        if self.needs_struct {
            format!("`{}` is a zip64 archive in front of `struct`, which reads it", self.archive)
        } else {
            format!("`{}` is an archive that Python fails to read", self.archive)
        }
    }

    /// Says of the archive what it does.
    pub(super) fn fact(&self) -> &'static str {
        if self.needs_struct {
            "ends every import that gets to it: it is zip64, and `struct` comes behind it"
        } else {
            "ends every import that gets to it: Python fails to read it"
        }
    }
}

impl Modules<'_> {
    /// Tells whether no import gets past an entry: what stands in front of it may have `struct`, or code has brought that along.
    pub(super) fn barrier_at<'e>(
        &self,
        entry: &str,
        mut in_front: impl Iterator<Item = &'e str>,
        is_brought: impl FnOnce() -> bool,
    ) -> Option<Barrier> {
        if entry.contains('\0') {
            return None;
        }
        let place = paths::place(self.system, entry);
        match self.system.metadata(&place) {
            Ok(there) if there.kind == Kind::File => {}
            Err(failure) if failure.cause == Cause::NotADirectory => {}
            Ok(_) | Err(_) => return None,
        }
        let archive = place.ancestors().find(|it| self.system.is_file(it))?;
        let reading = self.archive(archive);
        let fails = match reading.directory {
            Err(Unread::Fails) => true,
            Err(Unread::MisspeltName) => !self.refuses_misspelt_names(),
            Err(Unread::Refused) | Ok(_) => false,
        };
        let mut has_struct = || in_front.any(|it| matches!(self.find(it, "struct"), Some(Found::Module(_))));
        let needs_struct = !fails && reading.needs_struct;
        let is_barrier = fails || needs_struct && !has_struct() && !is_brought();
        is_barrier.then(|| Barrier {
            entry: self.system.platform().path(entry),
            archive: archive.to_owned(),
            needs_struct,
        })
    }
}
