//! What setuptools' hook answers for `distutils`.
//!
//! In: a name. Out: a hit in setuptools' own copy, as `_distutils_hack.DistutilsMetaFinder.spec_for_distutils` gives it.
//!
//! **Invariant:** the hook imports what it answers with, so it answers nothing where that cannot be imported: a Python may lie
//! apart from its extension modules (`PYTHONHOME`, `pybuilddir.txt`).

use super::search::{Hit, Hits};
use super::{ModuleKind, Resolver};

/// What the hook imports before it looks, all of the standard library: where that fails, so does whoever imports `distutils`.
const IMPORTED_BEFORE: [&str; 2] = ["importlib.abc", "importlib.util"];

/// What it answers with.
const ITS_OWN: &str = "setuptools._distutils";

impl Resolver<'_> {
    /// Tells whether setuptools' hook fails when it is asked.
    pub(super) fn distutils_fails(&self, name: &str) -> bool {
        self.is_replaced_distutils(name)
            && (IMPORTED_BEFORE.iter().any(|module| self.lacks_library(module))
                || self.insists() && self.replacement().is_none())
    }

    /// Setuptools' hook answers `distutils` with its own copy.
    pub(super) fn distutils(&self, name: &str, hits: &mut Hits) {
        if hits.done() || !self.is_replaced_distutils(name) {
            return;
        }
        let Some(mut hit) = self.replacement() else { return };
        // The hook's loader does not say that it is a package; its submodules are found all the same.
        hit.resolution.locations = None;
        hit.resolution.kind = ModuleKind::Source;
        hits.push(hit.called(name));
    }

    fn is_replaced_distutils(&self, name: &str) -> bool {
        name == "distutils" && self.interpreter.distutils_is_setuptools
    }

    fn replacement(&self) -> Option<Hit> {
        self.first_hit(ITS_OWN).filter(|_| !self.lacks_library(ITS_OWN))
    }

    /// The hook of old releases (56, 58) imports its copy no sooner than it is loaded, and does without a way out.
    fn insists(&self) -> bool {
        let path = self.first_hit("_distutils_hack").and_then(|it| it.resolution.path);
        path.is_some_and(|it| self.shelf.system.read_text(&it).is_ok_and(|text| !text.contains("except Exception")))
    }
}
