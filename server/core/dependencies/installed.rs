//! Every distribution that one Python sees.
//!
//! In: an interpreter and the world. Out: [`Installed`]: by normalized name, in the order of the search path.
//!
//! **Invariant:** a folder that cannot be listed hides nothing: then nothing is known at all.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Found, is_installer};
use crate::distributions::{Dangling, Distribution, Distributions};
use crate::interpreter::Interpreter;
use crate::origin::Origin;
use crate::project::{self, Declared, normalize_name};
use crate::system::{Cause, System};

/// More distributions than this are no environment that a person made.
const MOST: usize = 10_000;

/// By what the names of metadata, and of links to source trees, are known.
const ENDINGS: [&str; 4] = [".dist-info", ".egg-info", ".egg-link", ".egg"];

pub(super) struct Installed<'a> {
    system: &'a dyn System,
    distributions: Distributions<'a>,
    /// Folders of the search path.
    roots: Vec<Utf8PathBuf>,
    /// In order of the names, then of the roots.
    metadata: Vec<Metadata>,
    /// Names that only a link into a source tree tells (`setup.py develop`), or of which there is no metadata.
    linked: BTreeSet<String>,
    /// conda's own records: name → version and record.
    of_conda: BTreeMap<String, Found>,
    /// Whether the environment itself has nothing but installers.
    pub(super) is_empty: bool,
    /// The names that the metadata gives, where the files' names are not enough.
    names: OnceCell<BTreeSet<String>>,
}

/// What has a distribution's metadata. There are hundreds, and few are asked for: its path is put together when it is.
struct Metadata {
    /// Normalized, as far as the file's name tells.
    name: String,
    root: usize,
    file_name: Box<str>,
}

impl<'a> Installed<'a> {
    /// Looks into every folder of the search path; `None` where one of them cannot be listed.
    pub(super) fn read(system: &'a dyn System, interpreter: &Interpreter) -> Option<Self> {
        let mut installed = Installed {
            system,
            distributions: Distributions::new(system),
            roots: Vec::new(),
            metadata: Vec::new(),
            linked: BTreeSet::new(),
            of_conda: BTreeMap::new(),
            is_empty: true,
            names: OnceCell::new(),
        };
        let mut own = interpreter.search_path.iter().filter(|root| root.origin == Origin::SitePackages);
        if interpreter.is_virtual() && !own.any(|root| root.exists) {
            return None;
        }
        let roots = interpreter.search_path.iter().filter(|root| root.origin != Origin::StandardLibrary && root.exists);
        for root in roots {
            match system.list(&root.path) {
                Ok(listing) => {
                    installed.roots.push(root.path.clone());
                    for (name, _) in listing.iter() {
                        installed.add(root.origin, name);
                    }
                }
                Err(failure) if matches!(failure.cause, Cause::NotFound | Cause::NotADirectory) => {
                    // A zipped egg says in its own name what it is.
                    installed.roots.push(root.path.parent()?.to_owned());
                    installed.add(root.origin, root.path.file_name()?);
                }
                Err(_) => return None,
            }
        }
        installed.add_records_of_conda(&interpreter.prefix);
        installed.metadata.sort_by(|one, other| one.name.cmp(&other.name));
        (installed.metadata.len() <= MOST).then_some(installed)
    }

    /// Tells whether the names of files alone show what is wanted: `NAME-VERSION.dist-info`, as every installer of today
    /// writes it. Nothing is read, and a no means that it has to be.
    pub(super) fn surely_meets(&self, declared: &Declared) -> bool {
        let Some(versions) = &declared.versions else { return false };
        self.metadata_of(&declared.name).any(|path| {
            let stem = path.file_name().and_then(|it| it.strip_suffix(".dist-info"));
            let parts = stem.and_then(|it| it.split_once('-'));
            let version = parts.filter(|(name, _)| normalize_name(name) == declared.name).map(|(_, version)| version);
            let is_wanted = |version: &str| version.parse().is_ok_and(|version| versions.contains(&version));
            version.is_some_and(is_wanted) && self.system.is_file(&path.join("METADATA"))
        })
    }

    /// Returns the copies of a distribution, that of the first folder of the search path first.
    pub(super) fn of(&self, name: &str) -> Option<Vec<Found>> {
        let copies: Vec<Found> = self.metadata_of(name).filter_map(|path| self.found(name, &path)).collect();
        let of_conda = || self.of_conda.get(name).cloned();
        match copies {
            copies if !copies.is_empty() => Some(copies),
            _ if self.linked.contains(name) => {
                Some(vec![Found { version: String::new(), metadata: Utf8PathBuf::new() }])
            }
            _ => of_conda().map(|found| vec![found]),
        }
    }

    pub(super) fn of_conda(&self, name: &str) -> Option<Vec<Found>> {
        self.of_conda.get(name).cloned().map(|found| vec![found]).or_else(|| self.of(name))
    }

    /// Returns those of some distributions that are editable installs of a source tree that is gone.
    pub(super) fn dangling<'n>(
        &self,
        interpreter: &Interpreter,
        names: impl IntoIterator<Item = &'n String>,
    ) -> BTreeMap<String, Dangling> {
        // Without either of them it was not installed from a folder.
        let is_from_address = |path: Utf8PathBuf| self.system.is_file(&path.join("direct_url.json"));
        let may_be = |name: &&String| self.linked.contains(*name) || self.metadata_of(name).any(is_from_address);
        let found = names.into_iter().filter(may_be).filter_map(|name| {
            let dangling = self.distributions.dangling_named(interpreter, name)?;
            Some((name.clone(), dangling))
        });
        found.collect()
    }

    /// Tells whether any metadata gives that name, whatever its file is called.
    pub(super) fn has_metadata_of(&self, name: &str) -> bool {
        let names = self.names.get_or_init(|| {
            let files = self.metadata.iter();
            files.filter_map(|it| Some(normalize_name(&self.distributions.read(&self.path(it))?.name))).collect()
        });
        names.contains(name)
    }

    /// Returns what the first copy of a distribution asks for, extras included; conda's packages have no extras, whatever
    /// their metadata says.
    pub(super) fn requirements_of(&self, name: &str) -> Vec<String> {
        let mut copies = self.metadata_of(name).filter_map(|path| self.distributions.read(&path).map(|it| (path, it)));
        let first = copies.find(|(_, it)| normalize_name(&it.name) == name);
        let asking = first.filter(|(_, it)| it.installer.as_deref() != Some("conda"));
        asking.map(|(path, _)| self.distributions.requirements(&path)).unwrap_or_default()
    }

    /// Returns who asks for whom, extras and other platforms included: it is only said through whom something may have
    /// come.
    pub(super) fn requirers(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut requirers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in self.metadata.iter().map(|it| self.path(it)) {
            let Some(distribution) = self.distributions.read(&path) else { continue };
            let requirer = normalize_name(&distribution.name);
            for requirement in self.distributions.requirements(&path) {
                if let Some(name) = project::name_of(&requirement).filter(|name| *name != requirer) {
                    requirers.entry(name).or_default().insert(requirer.clone());
                }
            }
        }
        requirers
    }

    /// Returns the metadata whose files' names may stand for a distribution.
    fn metadata_of(&self, name: &str) -> impl Iterator<Item = Utf8PathBuf> {
        let from = self.metadata.partition_point(|other| other.name.as_str() < name);
        let rest = self.metadata.get(from..).unwrap_or_default().iter();
        rest.take_while(move |other| other.name == name).map(|it| self.path(it))
    }

    fn path(&self, metadata: &Metadata) -> Utf8PathBuf {
        self.roots[metadata.root].join(&*metadata.file_name)
    }

    /// Takes what lies in the last of the roots.
    fn add(&mut self, origin: Origin, file_name: &str) {
        let Some((stem, ending)) = ENDINGS.iter().find_map(|it| Some((file_name.strip_suffix(it)?, *it))) else {
            if file_name == "EGG-INFO" {
                // An unpacked egg on the search path: its own name is the distribution's.
                let root = self.roots.last().and_then(|it| it.file_name()).unwrap_or_default();
                self.add_metadata(normalize_name(first_part(root)), file_name);
            }
            return;
        };
        let name = first_part(stem);
        match ending {
            ".egg-link" => {
                self.linked.insert(normalize_name(stem));
                self.is_empty = false;
            }
            ".egg" => {
                self.linked.insert(normalize_name(name));
                self.is_empty = false;
            }
            _ => {
                let normal = normalize_name(name);
                self.is_empty &= origin != Origin::SitePackages || is_installer(&normal);
                // `NAME-VERSION`; old installers left dashes in the name. Only setuptools leaves the version out.
                let dashes = stem.match_indices('-').map(|(at, _)| at).filter(|at| *at > name.len());
                let whole = (ending == ".egg-info").then_some(stem.len()).filter(|at| *at > name.len());
                for longer in dashes.chain(whole).filter_map(|end| stem.get(..end)) {
                    self.add_metadata(normalize_name(longer), file_name);
                }
                self.add_metadata(normal, file_name);
            }
        }
    }

    fn add_metadata(&mut self, name: String, file_name: &str) {
        self.metadata.push(Metadata { name, root: self.roots.len() - 1, file_name: file_name.into() });
    }

    /// `conda-meta/NAME-VERSION-BUILD.json`.
    fn add_records_of_conda(&mut self, prefix: &Utf8Path) {
        let folder = prefix.join("conda-meta");
        let Ok(listing) = self.system.list(&folder) else { return };
        for (file_name, _) in listing.iter() {
            let Some(stem) = file_name.strip_suffix(".json") else { continue };
            let mut parts = stem.rsplitn(3, '-');
            let (_, version, name) = (parts.next(), parts.next(), parts.next());
            if let Some((version, name)) = version.zip(name) {
                let found = Found { version: version.to_owned(), metadata: folder.join(file_name) };
                self.of_conda.insert(normalize_name(name), found);
                self.is_empty &= is_installer(&normalize_name(name)) || name.starts_with("python");
            }
        }
    }

    /// What was installed from an address or a folder has a version of its own making; it is not held against anything.
    fn found(&self, name: &str, path: &Utf8Path) -> Option<Found> {
        let Distribution { name: its, version, editable, .. } = self.distributions.read(path)?;
        if normalize_name(&its) != name {
            return None;
        }
        let is_direct = editable.is_some() || self.system.exists(&path.join("direct_url.json"));
        let version = if is_direct { String::new() } else { version };
        Some(Found { version, metadata: metadata_file(self.system, path) })
    }
}

fn first_part(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

/// The file in which the version stands.
fn metadata_file(system: &dyn System, path: &Utf8Path) -> Utf8PathBuf {
    let inside = ["METADATA", "PKG-INFO"].map(|name| path.join(name)).into_iter().find(|it| system.is_file(it));
    inside.unwrap_or_else(|| path.to_owned())
}
