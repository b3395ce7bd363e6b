//! Import hooks of editable installs.
//!
//! In: the finders that `.pth` files install, a name. Out: hits, as the finders' own `find_spec` would answer:
//! setuptools' template in `setuptools/command/editable_wheel.py`, `editables`, scikit-build-core's redirect,
//! meson-python's loader.
//!
//! **Invariant:** a finder speaks only for the names within its [`Reach`].

use std::collections::BTreeMap;
use std::ops::Bound;

use camino::{Utf8Path, Utf8PathBuf};

use super::contents::Contents;
use super::search::{self, Hit, Hits, Place, Portion};
use super::{ModuleKind, Resolver};
use crate::interpreter::{Finder, FinderTarget, Precedence, Reach};
use crate::origin::Origin;

impl Resolver<'_> {
    pub(super) fn ask_finders(&self, precedence: Precedence, dotted: &str, hits: &mut Hits) {
        let mut finders: Vec<&Finder> =
            self.interpreter.finders.iter().filter(|finder| finder.precedence == precedence).collect();
        if precedence == Precedence::First {
            // `sys.meta_path.insert(0, …)`: the last one stands in front.
            finders.reverse();
        }
        for finder in finders {
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
    pub(super) fn hook(&self, entry: &Utf8Path) -> Option<Contents> {
        if !search::is_placeholder(entry) {
            return None;
        }
        let mut finders = self.interpreter.finders.iter();
        let finder = finders.find(|finder| finder.placeholder.as_deref() == Some(entry))?;
        let namespaces = finder.modules.iter().filter_map(|(module, target)| match target {
            FinderTarget::Namespace(directories) => Some((module.clone(), directories.clone())),
            FinderTarget::Stem(_) | FinderTarget::File(_) | FinderTarget::Within(_) => None,
        });
        Some(Contents::Hook(namespaces.collect()))
    }

    fn ask_finder(&self, finder: &Finder, dotted: &str) -> Option<Hit> {
        match &finder.reach {
            Reach::Installed(files) => return self.installed(finder, dotted, files),
            Reach::Below | Reach::Letters => return self.below(finder, dotted),
            Reach::Listed | Reach::Children => {}
        }
        for (_, target) in finder.modules.iter().filter(|(module, _)| module == dotted) {
            match target {
                FinderTarget::Stem(stem) => return self.at_stem(dotted, stem),
                FinderTarget::File(file) => return Some(self.at_file(finder, dotted, file)),
                FinderTarget::Within(directories) => {
                    let found = self.in_directories(dotted, dotted, directories)?;
                    return (found.resolution.kind != ModuleKind::Namespace).then_some(found);
                }
                FinderTarget::Namespace(_) => {}
            }
        }
        if finder.precedence == Precedence::First {
            return self.namespace_of(finder, dotted);
        }
        let (parent, name) = dotted.rsplit_once('.').filter(|_| finder.reach == Reach::Children)?;
        let (_, FinderTarget::Stem(stem)) = finder.modules.iter().find(|(module, _)| module == parent)? else {
            return None;
        };
        self.in_directories(dotted, name, std::slice::from_ref(stem))
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

    /// Older setuptools go by the path alone, from the last of its names to the first.
    fn below(&self, finder: &Finder, dotted: &str) -> Option<Hit> {
        let letters = finder.reach == Reach::Letters;
        let listed = finder.modules.iter().rev().find_map(|(module, target)| {
            let FinderTarget::Stem(stem) = target else { return None };
            let rest = dotted.strip_prefix(module.as_str())?;
            (letters || rest.is_empty() || rest.starts_with('.')).then_some((module, stem))
        });
        let (module, stem) = listed?;
        let rest = if letters { dotted.replace(module.as_str(), "") } else { dotted.replacen(module.as_str(), "", 1) };
        let parts = rest.trim_matches('.').split('.').filter(|part| !part.is_empty());
        self.at_stem(dotted, &parts.fold(stem.clone(), |path, part| path.join(part)))
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

    fn in_directories(&self, dotted: &str, name: &str, directories: &[Utf8PathBuf]) -> Option<Hit> {
        let places = directories.iter().map(|directory| {
            let contents = self.shelf.contents(directory);
            Place { path: directory, origin: Some(Origin::Editable), root: directory.parent(), contents }
        });
        let mut hits = Hits::new(false);
        self.search(dotted, name, places, &mut hits);
        hits.list.pop()
    }

    /// A hook that is asked first answers for namespaces itself, and adds the portions that the path has.
    fn namespace_of(&self, finder: &Finder, dotted: &str) -> Option<Hit> {
        let mut portions = namespace_portions(finder, dotted)?;
        let mut on_path = Hits::new(false);
        match dotted.rsplit_once('.') {
            None => self.search(dotted, dotted, self.places(self.all()), &mut on_path),
            Some((parent, name)) => {
                self.search(dotted, name, self.portions_of(&*self.package(parent)?), &mut on_path);
            }
        }
        let others = on_path.list.pop().filter(|hit| hit.resolution.kind == ModuleKind::Namespace);
        for other in others.into_iter().flat_map(|hit| hit.portions) {
            if portions.iter().all(|known| known.path != other.path) {
                portions.push(other);
            }
        }
        Some(search::namespace(dotted, portions))
    }

    /// What meson-python's loader makes of the files that a build installs (`find_spec` in mesonpy's `_editable.py`).
    fn installed(&self, finder: &Finder, dotted: &str, files: &BTreeMap<Utf8PathBuf, Utf8PathBuf>) -> Option<Hit> {
        let top_level = dotted.split('.').next()?;
        let (_, target) = finder.modules.iter().find(|(module, _)| module == top_level)?;
        let FinderTarget::Namespace(places) = target else { return None };
        let places: Vec<Utf8PathBuf> = places.iter().map(|place| place.with_file_name(dotted)).collect();
        let inside = Utf8PathBuf::from(dotted.replace('.', "/"));
        let mut below = files.range::<Utf8Path, _>((Bound::Excluded(inside.as_path()), Bound::Unbounded));
        let is_directory = below.next().is_some_and(|(path, _)| path.starts_with(&inside));
        let portion = |path: &Utf8PathBuf, root: Option<Utf8PathBuf>| Portion {
            path: path.clone(),
            origin: Some(Origin::Editable),
            root,
        };
        let found = |kind, file: &Utf8PathBuf, locations: Option<&[Utf8PathBuf]>| {
            let root = file.parent().map(Utf8Path::to_owned);
            let mut hit = search::module(dotted, kind, file.clone(), None, Some(Origin::Editable), root.clone());
            hit.portions = locations.iter().copied().flatten().map(|it| portion(it, root.clone())).collect();
            hit.resolution.locations = locations.map(<[_]>::to_vec);
            hit
        };
        let init = |(suffix, _): (&str, ModuleKind)| files.get(&inside.join(format!("__init__{suffix}")));
        if let Some(file) = is_directory.then(|| self.suffixes.in_order().find_map(init)).flatten() {
            return Some(found(ModuleKind::Package, file, Some(&places)));
        }
        let module = self.suffixes.in_order().find_map(|(suffix, kind)| {
            let file = files.get(Utf8Path::new(&format!("{inside}{suffix}")))?;
            Some(found(kind, file, None))
        });
        let namespace = || {
            let mut hit = search::namespace(dotted, places.iter().map(|place| portion(place, None)).collect());
            hit.resolution.origin = Some(Origin::Editable);
            hit
        };
        module.or_else(|| is_directory.then(namespace))
    }
}

fn namespace_portions(finder: &Finder, dotted: &str) -> Option<Vec<Portion>> {
    let targets = finder.modules.iter().filter(|(module, _)| module == dotted);
    let directories: Vec<&Utf8PathBuf> = targets
        .filter_map(|(_, target)| match target {
            FinderTarget::Namespace(directories) => Some(directories),
            FinderTarget::Stem(_) | FinderTarget::File(_) | FinderTarget::Within(_) => None,
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
