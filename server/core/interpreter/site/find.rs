//! What an import would find at this moment of the start.
//!
//! In: the path so far, a top-level name. Out: the entry and the file, or the [`Barrier`] that ends the import before.
//!
//! **Invariant:** entries are gone through in order, and nothing behind a barrier is found.

use camino::Utf8PathBuf;

use super::{Entry, Start};
use crate::interpreter::Barrier;
use crate::interpreter::modules::Found;

impl Start<'_> {
    /// Returns the entry of the path that a top-level name is imported from.
    pub(super) fn entry_with(&self, name: &str) -> Option<&Entry> {
        self.find(name).map(|(entry, _)| entry)
    }

    /// The same with the file that is imported; none for a package without one.
    pub(super) fn find(&self, name: &str) -> Option<(&Entry, Option<Utf8PathBuf>)> {
        let mut portion = None;
        for (number, entry) in self.path.iter().enumerate() {
            if self.barrier_at(number, entry).is_some() {
                return None;
            }
            match self.modules.find(&entry.path, name) {
                Some(Found::Module(path)) => return Some((entry, Some(path))),
                Some(Found::Portion) => portion = portion.or(Some((entry, None))),
                None => {}
            }
        }
        portion
    }

    /// Returns the first entry that no import gets past, with its number.
    pub(in crate::interpreter) fn barrier(&self) -> Option<(usize, Barrier)> {
        self.path.iter().enumerate().find_map(|(number, entry)| Some((number, self.barrier_at(number, entry)?)))
    }

    fn barrier_at(&self, number: usize, entry: &Entry) -> Option<Barrier> {
        let in_front = self.path.iter().take(number).map(|it| it.path.as_str());
        self.modules.barrier_at(&entry.path, in_front, || self.has_brought("struct"))
    }

    /// Says why there is no start, where what `sysconfig` reads (`_sysconfigdata_…`, which nobody has imported) is out of reach.
    pub(super) fn barrier_before_sysconfig(&self) -> Option<String> {
        let (number, barrier) = self.barrier()?;
        let is_here = |entry: &Entry| self.modules.find(&entry.path, "sysconfig").is_some();
        (!self.path.iter().take(number).any(is_here)).then(|| barrier.reason())
    }
}
