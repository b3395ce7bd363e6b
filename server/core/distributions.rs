//! Which distribution owns a module, read from what installers left beside it.
//!
//! In: an import root and a path below it. Out: a [`Distribution`], from `*.dist-info` (RECORD, METADATA, INSTALLER,
//! `direct_url.json`, `top_level.txt`) or `*.egg-info`.
//!
//! **Invariant:** only the metadata beside the module counts; no table of names stands in for what is installed.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use crate::project::normalize_name;
use crate::system::{Kind, Platform, System};

mod dangling;
mod editable;
mod metadata;
mod record;
mod rivals;
#[cfg(test)]
mod tests;

pub use self::dangling::Dangling;
use self::record::Files;

/// One installed distribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distribution {
    /// As METADATA spells it.
    pub name: String,
    pub version: String,
    /// The first line of INSTALLER: `pip`, `uv`, `debian`.
    pub installer: Option<String>,
    /// The `.dist-info` or `.egg-info`.
    pub metadata: Utf8PathBuf,
    /// The project directory of an editable install (PEP 610).
    pub editable: Option<Utf8PathBuf>,
}

/// The distributions of all import roots that were asked about; each root is read when it is first needed.
pub struct Distributions<'a> {
    system: &'a dyn System,
    /// By the root's text: the hash and the comparison of a path would take it apart each time.
    roots: RwLock<FxHashMap<Box<str>, Arc<Installed>>>,
}

/// What is installed in one root.
struct Installed {
    sets: Vec<MetadataSet>,
    /// The set that owns all of the root.
    egg: Option<usize>,
    /// Normalized name → its sets.
    named: OnceLock<FxHashMap<String, Vec<usize>>>,
    /// Top-level module → the sets that claim it; reading every RECORD, so only where a name alone does not lead there.
    claims: OnceLock<FxHashMap<String, Vec<usize>>>,
    /// The projects that some `direct_url.json` names, with their sets.
    editables: OnceLock<Vec<(Utf8PathBuf, usize)>>,
}

impl Installed {
    fn new(sets: Vec<MetadataSet>) -> Self {
        let egg = sets.iter().position(|set| set.form == Form::Egg);
        Installed { sets, egg, named: OnceLock::new(), claims: OnceLock::new(), editables: OnceLock::new() }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &MetadataSet> {
        let named = self.named.get_or_init(|| {
            let mut named: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (at, set) in self.sets.iter().enumerate() {
                named.entry(set.name.clone()).or_default().push(at);
            }
            named
        });
        named.get(name).into_iter().flatten().filter_map(|at| self.sets.get(*at))
    }
}

/// One `.dist-info` or `.egg-info`.
struct MetadataSet {
    path: Utf8PathBuf,
    form: Form,
    /// The name in its file name, normalized.
    name: String,
    /// Both are read when they are first needed: most sets are never asked.
    files: OnceLock<Option<Files>>,
    distribution: OnceLock<Distribution>,
}

/// Whether a distribution lists a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    Yes,
    No,
    /// It has no list of files.
    Unknown,
}

impl MetadataSet {
    fn new(path: Utf8PathBuf, form: Form, name: String) -> Self {
        MetadataSet { path, form, name, files: OnceLock::new(), distribution: OnceLock::new() }
    }

    fn files(&self, system: &dyn System) -> Option<&Files> {
        self.files.get_or_init(|| Files::read(system, self.form, &self.path)).as_ref()
    }

    fn lists(&self, system: &dyn System, inside: &Utf8Path) -> Listed {
        match self.files(system) {
            None => Listed::Unknown,
            Some(files) if files.have(inside) => Listed::Yes,
            Some(_) => Listed::No,
        }
    }

    fn distribution(&self, system: &dyn System) -> Distribution {
        self.distribution.get_or_init(|| metadata::read(system, self.form, &self.path)).clone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `NAME-VERSION.dist-info` (PEP 376, PEP 627).
    DistInfo,
    /// `NAME[-VERSION-pyX.Y].egg-info` of setuptools.
    EggInfo,
    /// The same as a single file, as distutils wrote it.
    EggInfoFile,
    /// The `EGG-INFO` of an egg: all of the root is one distribution.
    Egg,
}

impl<'a> Distributions<'a> {
    pub fn new(system: &'a dyn System) -> Self {
        Distributions { system, roots: RwLock::default() }
    }

    /// Returns the distribution that owns a file or directory below an import root.
    pub fn owner(&self, root: &Utf8Path, path: &Utf8Path) -> Option<Distribution> {
        let inside = below(root, path)?;
        let inside = Utf8Path::new(&*inside);
        let top_level = top_level_of(inside);
        let installed = self.installed(root);
        if let Some(egg) = installed.egg.and_then(|at| installed.sets.get(at)) {
            return Some(egg.distribution(self.system));
        }
        let name = normalize_name(top_level);
        let mut unlisted = None;
        for set in installed.named(&name) {
            match set.lists(self.system, inside) {
                Listed::Yes => return Some(set.distribution(self.system)),
                Listed::Unknown => unlisted = unlisted.or(Some(set)),
                Listed::No => {}
            }
        }
        let claims = installed.claims.get_or_init(|| self.claims(&installed.sets));
        let claiming = claims.get(top_level).into_iter().flatten().filter_map(|at| installed.sets.get(*at));
        for set in claiming {
            match set.lists(self.system, inside) {
                Listed::Yes => return Some(set.distribution(self.system)),
                // `top_level.txt` says so, or the name does where there is nothing else.
                Listed::Unknown => unlisted = unlisted.or(Some(set)),
                Listed::No => {}
            }
        }
        unlisted.map(|set| set.distribution(self.system))
    }

    /// Reads one `.dist-info` or `.egg-info`.
    pub fn read(&self, path: &Utf8Path) -> Option<Distribution> {
        let kind = self.system.metadata(path).ok()?.kind;
        let form = form_of(path.file_name()?, kind == Kind::Directory)?;
        Some(metadata::read(self.system, form, path))
    }

    /// Returns what a `.dist-info` or `.egg-info` asks for (`Requires-Dist`), extras included, as written.
    pub fn requirements(&self, path: &Utf8Path) -> Vec<String> {
        metadata::requirements(self.system, path)
    }

    fn installed(&self, root: &Utf8Path) -> Arc<Installed> {
        if let Some(known) = self.roots.read().unwrap_or_else(PoisonError::into_inner).get(root.as_str()) {
            return Arc::clone(known);
        }
        let installed = Arc::new(Installed::new(self.sets(root)));
        let mut roots = self.roots.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(roots.entry(root.as_str().into()).or_insert(installed))
    }

    fn sets(&self, root: &Utf8Path) -> Vec<MetadataSet> {
        let Ok(listing) = self.system.list(root) else {
            // A zipped egg says in its own name what it is.
            let is_egg = root.extension() == Some("egg");
            let egg = || MetadataSet::new(root.join("EGG-INFO"), Form::Egg, String::new());
            return is_egg.then(egg).into_iter().collect();
        };
        let sets = listing.iter().filter_map(|(file_name, kind)| {
            let path = root.join(file_name);
            let form = form_of(file_name, kind != Kind::File)?;
            let (name, _) = metadata::split_file_name(file_name);
            Some(MetadataSet::new(path, form, normalize_name(name)))
        });
        sets.collect()
    }

    fn claims(&self, sets: &[MetadataSet]) -> FxHashMap<String, Vec<usize>> {
        let mut claims: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, set) in sets.iter().enumerate() {
            let by_files = set.files(self.system).map(Files::top_levels);
            let names = by_files.unwrap_or_else(|| record::named_top_levels(self.system, set.form, &set.path));
            for name in names {
                claims.entry(name).or_default().push(at);
            }
        }
        claims
    }
}

fn form_of(file_name: &str, is_directory: bool) -> Option<Form> {
    match Utf8Path::new(file_name).extension() {
        Some("dist-info") if is_directory => Some(Form::DistInfo),
        Some("egg-info") if is_directory => Some(Form::EggInfo),
        Some("egg-info") => Some(Form::EggInfoFile),
        _ if file_name == "EGG-INFO" && is_directory => Some(Form::Egg),
        _ => None,
    }
}

/// Returns what a path below a root is called there, as lists of files write it on every platform: with slashes. Most are the
/// root's text and something behind it.
fn below<'p>(root: &Utf8Path, path: &'p Utf8Path) -> Option<Cow<'p, str>> {
    let rest = path.as_str().strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let inside = match rest {
        Some(rest) if !rest.starts_with(['/', '.']) => rest,
        _ => path.strip_prefix(root).ok()?.as_str(),
    };
    Some(Platform::HOST.with_slashes(inside))
}

/// Returns the module name that a path below a root begins with.
fn top_level_of(inside: &Utf8Path) -> &str {
    let first = inside.as_str().split('/').next().unwrap_or_default();
    first.split('.').next().unwrap_or(first)
}
