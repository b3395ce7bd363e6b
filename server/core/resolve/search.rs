//! One name along a path of directories.
//!
//! In: places in order. Out: hits in order, as `PathFinder._get_spec` (`importlib/_bootstrap_external.py`) finds them.
//!
//! **Invariant:** the first module or package wins, even after portions of a namespace; only where there is none, all
//! portions together form the namespace package.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::contents::Contents;
use super::entry::{self, Found};
use super::{ModuleKind, Resolution, Resolver};
use crate::origin::Origin;

/// A resolution, and where the submodules of a package are searched.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) resolution: Resolution,
    pub(super) portions: Vec<Portion>,
}

impl Hit {
    /// Tells whether it has a `__path__`, be it an empty one.
    pub(super) fn is_package(&self) -> bool {
        !self.portions.is_empty() || self.resolution.locations.is_some()
    }

    /// Returns the same under the name that was asked for.
    pub(super) fn called(mut self, dotted: &str) -> Self {
        dotted.clone_into(&mut self.resolution.module);
        self
    }
}

/// One directory of a package's `__path__`, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Portion {
    pub(super) path: Utf8PathBuf,
    pub(super) origin: Option<Origin>,
    pub(super) root: Option<Utf8PathBuf>,
}

/// The hits so far: only the first, or all of them.
pub(super) struct Hits {
    pub(super) all: bool,
    pub(super) list: Vec<Hit>,
}

impl Hits {
    pub(super) fn new(all: bool) -> Self {
        Hits { all, list: Vec::new() }
    }

    pub(super) fn done(&self) -> bool {
        !self.all && !self.list.is_empty()
    }

    pub(super) fn push(&mut self, hit: Hit) {
        if !self.done() {
            self.list.push(hit);
        }
    }
}

/// One directory to search, and whose it is.
pub(super) struct Place<'s> {
    pub(super) path: &'s Utf8Path,
    pub(super) origin: Option<Origin>,
    pub(super) root: Option<&'s Utf8Path>,
    pub(super) contents: Arc<Contents>,
}

impl Resolver<'_> {
    /// Searches the places in order.
    pub(super) fn search<'s>(
        &self,
        dotted: &str,
        name: &str,
        places: impl Iterator<Item = Place<'s>>,
        hits: &mut Hits,
    ) {
        if hits.done() {
            return;
        }
        let mut portions: Vec<Portion> = Vec::new();
        let mut found_module = false;
        for place in places {
            match self.found(&place, dotted, name) {
                Some(Found::Module { kind, path, location, twin }) => {
                    found_module = true;
                    let origin = path.as_deref().map_or(place.origin, |path| self.origin_of(path, place.origin));
                    let mut hit = module(dotted, kind, path, location, origin, place.root.map(Utf8Path::to_owned));
                    hit.resolution.twin = twin;
                    hits.push(hit);
                    if hits.done() {
                        return;
                    }
                }
                Some(Found::Portions(paths)) => {
                    portions.extend(paths.into_iter().map(|path| self.portion(path, &place)));
                }
                None => {}
            }
        }
        if !found_module && !portions.is_empty() {
            hits.push(namespace(dotted, portions));
        }
    }
}

impl Resolver<'_> {
    /// Asks one place; a hook is asked by the whole name.
    pub(super) fn found(&self, place: &Place<'_>, dotted: &str, name: &str) -> Option<Found> {
        if let Contents::Hook(namespaces) = &*place.contents {
            let (_, portions) = namespaces.iter().find(|(module, _)| module == dotted)?;
            return Some(Found::Portions(portions.clone()));
        }
        entry::find(&self.shelf, &self.suffixes, place.path, &place.contents, name)
    }

    /// Makes a portion that was found in a place; what a hook names lies elsewhere, and its parent is its root.
    pub(super) fn portion(&self, path: Utf8PathBuf, place: &Place<'_>) -> Portion {
        let beside = || path.parent().filter(|it| !it.as_str().is_empty());
        let root = if matches!(*place.contents, Contents::Hook(_)) { beside() } else { place.root };
        Portion { origin: self.origin_of(&path, place.origin), root: root.map(Utf8Path::to_owned), path }
    }
}

/// Makes the hit of a module or a regular package.
pub(super) fn module(
    dotted: &str,
    kind: ModuleKind,
    path: impl Into<Option<Utf8PathBuf>>,
    location: Option<Utf8PathBuf>,
    origin: Option<Origin>,
    root: Option<Utf8PathBuf>,
) -> Hit {
    // A package that cannot be loaded lies nowhere.
    let locations = location.map(|it| Some(it).into_iter().filter(|it| !it.as_str().is_empty()).collect::<Vec<_>>());
    let places = locations.iter().flatten();
    let portions = places.map(|it| Portion { path: it.clone(), origin, root: root.clone() }).collect();
    let resolution =
        Resolution { module: dotted.to_owned(), kind, path: path.into(), locations, origin, root, twin: None };
    Hit { resolution, portions }
}

/// Makes the hit of a namespace package; its origin is that of its first portion.
pub(super) fn namespace(dotted: &str, portions: Vec<Portion>) -> Hit {
    let first = portions.first();
    // What only makes a hook be asked again is no place to look at.
    let places = portions.iter().filter(|portion| !is_placeholder(&portion.path));
    let resolution = Resolution {
        module: dotted.to_owned(),
        kind: ModuleKind::Namespace,
        path: None,
        locations: Some(places.map(|portion| portion.path.clone()).collect()),
        origin: first.and_then(|portion| portion.origin),
        root: first.and_then(|portion| portion.root.clone()),
        twin: None,
    };
    Hit { resolution, portions }
}

/// Tells whether an entry is the text by which setuptools' path hook is found again.
pub(super) fn is_placeholder(path: &Utf8Path) -> bool {
    path.as_str().ends_with(".__path_hook__")
}
