//! Import hooks of editable installs.
//!
//! In: the finders that `.pth` files install, a name. Out: hits, as the finders' own `find_spec` would answer:
//! setuptools' template in `setuptools/command/editable_wheel.py`, `editables`, scikit-build-core's redirect.
//!
//! **Invariant:** a finder speaks only for the names that it lists, and setuptools' for their direct children.

use camino::{Utf8Path, Utf8PathBuf};

use super::contents::Contents;
use super::search::{self, Hit, Hits, Place, Portion};
use super::{ModuleKind, Resolver};
use crate::interpreter::{Finder, FinderTarget, Precedence};
use crate::origin::{Evidence, ImportRoot, Origin};

impl Resolver<'_> {
    pub(super) fn ask_finders(&self, precedence: Precedence, dotted: &str, hits: &mut Hits) {
        for finder in self.interpreter.finders.iter().filter(|finder| finder.precedence == precedence) {
            if hits.done() {
                return;
            }
            if let Some(hit) = self.ask_finder(finder, dotted) {
                // `importlib` would have asked for the same file before.
                if hits.list.iter().all(|earlier| earlier.resolution.path != hit.resolution.path) {
                    hits.push(hit);
                }
            }
        }
    }

    /// Returns what setuptools' finder puts on `sys.path` in place of a directory (`_EditableNamespaceFinder`), if that
    /// is what the entry is.
    pub(super) fn hook(&self, root: &ImportRoot) -> Option<Contents> {
        let Evidence::Line { path, line } = &root.evidence else { return None };
        if !root.path.as_str().ends_with(".__path_hook__") {
            return None;
        }
        let mut finders = self.interpreter.finders.iter();
        let finder = finders.find(|finder| finder.path_file == *path && finder.line == *line)?;
        let namespaces = finder.modules.iter().filter_map(|(module, target)| match target {
            FinderTarget::Namespace(directories) => Some((module.clone(), directories.clone())),
            FinderTarget::Stem(_) | FinderTarget::File(_) => None,
        });
        Some(Contents::Hook(namespaces.collect()))
    }

    /// Returns the portions that setuptools' path hook adds to a namespace package inside another one.
    pub(super) fn finder_portions(&self, dotted: &str) -> Vec<Portion> {
        let finders = self.interpreter.finders.iter().filter(|finder| finder.precedence == Precedence::Last);
        finders.filter_map(|finder| namespace_portions(finder, dotted)).flatten().collect()
    }

    fn ask_finder(&self, finder: &Finder, dotted: &str) -> Option<Hit> {
        for (module, target) in &finder.modules {
            if module == dotted {
                let hit = match target {
                    FinderTarget::Stem(stem) => self.at_stem(dotted, stem),
                    FinderTarget::File(file) => Some(self.at_file(finder, dotted, file)),
                    FinderTarget::Namespace(_) => None,
                };
                if hit.is_some() {
                    return hit;
                }
            }
        }
        let by_parent = dotted.rsplit_once('.').and_then(|(parent, name)| {
            let is_parent = |(module, target): &&(String, FinderTarget)| {
                module == parent && matches!(target, FinderTarget::Stem(_))
            };
            let (_, FinderTarget::Stem(stem)) = finder.modules.iter().find(is_parent)? else { return None };
            self.in_directory(dotted, name, stem)
        });
        // A hook that is asked first answers for namespaces itself; one that is asked last does so from the path.
        let own_namespace = || {
            let portions = namespace_portions(finder, dotted)?;
            (finder.precedence == Precedence::First && !portions.is_empty())
                .then(|| search::namespace(dotted, portions))
        };
        by_parent.or_else(own_namespace)
    }

    /// `stem/__init__.py`, or `stem` with each suffix of `importlib.machinery.all_suffixes()`.
    fn at_stem(&self, dotted: &str, stem: &Utf8Path) -> Option<Hit> {
        let root = stem.parent().map(Utf8Path::to_owned);
        let init = stem.join("__init__.py");
        if self.shelf.system.exists(&init) {
            let location = Some(stem.to_owned());
            return Some(search::module(dotted, ModuleKind::Package, init, location, Some(Origin::Editable), root));
        }
        self.suffixes.source_first().find_map(|(suffix, kind)| {
            // `Path.with_suffix`: a suffix that is already there is replaced.
            let file = stem.with_file_name(format!("{}{suffix}", stem.file_stem()?));
            let there = self.shelf.system.exists(&file);
            there.then(|| search::module(dotted, kind, file, None, Some(Origin::Editable), root.clone()))
        })
    }

    fn at_file(&self, finder: &Finder, dotted: &str, file: &Utf8Path) -> Hit {
        let is_package = file.file_stem() == Some("__init__");
        let directory = file.parent().map(Utf8Path::to_owned).unwrap_or_default();
        let root = if is_package { directory.parent().map(Utf8Path::to_owned) } else { Some(directory.clone()) };
        let kind = self.suffixes.kind_of(file.file_name().unwrap_or_default());
        let kind = if is_package { ModuleKind::Package } else { kind };
        let location = is_package.then_some(directory);
        let mut hit = search::module(dotted, kind, file.to_owned(), location, Some(Origin::Editable), root);
        // scikit-build-core lists the search locations of its packages beside their files.
        if is_package && let Some(portions) = namespace_portions(finder, dotted) {
            hit.resolution.locations = Some(portions.iter().map(|portion| portion.path.clone()).collect());
            hit.portions = portions;
        }
        hit
    }

    fn in_directory(&self, dotted: &str, name: &str, directory: &Utf8Path) -> Option<Hit> {
        let root = directory.parent();
        let contents = self.shelf.contents(directory);
        let place = Place { path: directory, origin: Some(Origin::Editable), root, contents };
        let mut hits = Hits::new(false);
        self.search(dotted, name, std::iter::once(place), Vec::new(), &mut hits);
        hits.list.pop()
    }
}

fn namespace_portions(finder: &Finder, dotted: &str) -> Option<Vec<Portion>> {
    let targets = finder.modules.iter().filter(|(module, _)| module == dotted);
    let directories: Vec<&Utf8PathBuf> = targets
        .filter_map(|(_, target)| match target {
            FinderTarget::Namespace(directories) => Some(directories),
            FinderTarget::Stem(_) | FinderTarget::File(_) => None,
        })
        .flatten()
        .collect();
    let portion = |path: &Utf8PathBuf| Portion {
        path: path.clone(),
        origin: Some(Origin::Editable),
        root: path.parent().map(Utf8Path::to_owned),
    };
    (!directories.is_empty()).then(|| directories.into_iter().map(portion).collect())
}
