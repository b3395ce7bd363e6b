//! Modules that no file can replace: built in or frozen.
//!
//! In: a name. Out: a hit, as `BuiltinImporter` and `FrozenImporter` (importlib/_bootstrap.py) give it.
//!
//! **Invariant:** what is compiled in is read from the interpreter, never taken from a table of versions, but for the
//! handful of names that every CPython before 3.11 freezes.

use std::ops::Bound;

use camino::Utf8PathBuf;

use super::search::{Hit, Hits, Portion};
use super::{ModuleKind, Resolution, Resolver, seen_by_finders};
use crate::interpreter::Implementation;
use crate::origin::Origin;

/// Frozen into every CPython 3; 3.11 and later have more (Python/frozen.c).
const ALWAYS_FROZEN: &[&str] =
    &["__hello__", "__phello__", "__phello__.spam", "_frozen_importlib", "_frozen_importlib_external", "zipimport"];

/// In `sys.modules` of every PyPy, as `zipimport` is; its finder of frozen modules finds neither.
const MADE_BY_PYPY: &[&str] = &["_frozen_importlib", "_frozen_importlib_external"];

impl Resolver<'_> {
    pub(super) fn built_in_or_frozen(&self, dotted: &str, hits: &mut Hits) {
        if hits.done() {
            return;
        }
        if self.interpreter.builtin_modules.contains(dotted) || self.is_pypy() && dotted == "zipimport" {
            hits.push(compiled_in(dotted, ModuleKind::BuiltIn, None));
        } else if self.is_frozen(dotted) {
            let mut hit = compiled_in(dotted, ModuleKind::Frozen, self.frozen_locations(dotted));
            for portion in &mut hit.portions {
                portion.path = seen_by_finders(self.shelf.system, self.interpreter, &portion.path).into_owned();
            }
            hits.push(hit);
        }
    }

    /// PyPy has built-in modules with a dot in their name, whose parent is no package: `__pypy__.thread`.
    pub(super) fn is_built_in_below(&self, dotted: &str) -> bool {
        self.is_pypy() && self.interpreter.builtin_modules.contains(dotted)
    }

    pub(super) fn is_pypy(&self) -> bool {
        self.interpreter.implementation == Implementation::PyPy
    }

    fn is_frozen(&self, dotted: &str) -> bool {
        if self.is_pypy() && MADE_BY_PYPY.contains(&dotted) {
            return true;
        }
        let version = &self.interpreter.version;
        self.interpreter.frozen_modules.contains(dotted)
            || !version.at_least(3, 11) && !self.is_pypy() && ALWAYS_FROZEN.contains(&dotted)
    }

    /// A frozen package points into the standard library since 3.11, and nowhere before (`FrozenImporter._resolve_filename`).
    fn frozen_locations(&self, dotted: &str) -> Option<Vec<Utf8PathBuf>> {
        let version = &self.interpreter.version;
        if !version.at_least(3, 11) {
            return (dotted == "__phello__").then(Vec::new);
        }
        let below = format!("{dotted}.");
        let frozen = &self.interpreter.frozen_modules;
        let next = frozen.range::<str, _>((Bound::Excluded(below.as_str()), Bound::Unbounded)).next();
        // `os.path` is listed beside `os`, which is no package.
        if dotted == "os" || !next.is_some_and(|name| name.starts_with(&below)) {
            return None;
        }
        if dotted.ends_with("_alias__") {
            return Some(Vec::new());
        }
        Some(vec![self.interpreter.stdlib.join(dotted.replace('.', "/"))])
    }
}

fn compiled_in(dotted: &str, kind: ModuleKind, locations: Option<Vec<Utf8PathBuf>>) -> Hit {
    let origin = Some(Origin::StandardLibrary);
    let portions = locations.iter().flatten().map(|it| Portion { path: it.clone(), origin, root: None }).collect();
    let resolution =
        Resolution { module: dotted.to_owned(), kind, path: None, locations, origin, root: None, twin: None };
    Hit { resolution, portions }
}
