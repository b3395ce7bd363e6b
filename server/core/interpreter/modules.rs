//! Where a module is found that Python imports while it starts.
//!
//! In: entries of the search path as they are at that moment, a name. Out: the file that is imported.
//!
//! **Invariant:** a first answer only, as `PathFinder` gives it: no hooks, nothing that is compiled in.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use super::{Implementation, Version, paths};
use crate::archive::{Dialect, Directory, Reading};
use crate::system::{Cause, Kind, System};

/// Which archives the `zipimport` of an interpreter reads; PyPy's own (`rzipfile`) reads no zip64 either.
pub(super) fn archives(version: &Version, implementation: Implementation) -> Dialect {
    match implementation {
        Implementation::CPython if version.at_least(3, 13) => Dialect::Large,
        Implementation::CPython if !version.at_least(3, 8) => Dialect::Strict,
        _ => Dialect::Commented,
    }
}

/// What one entry has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Module(Utf8PathBuf),
    /// A directory without `__init__`: of a package that spreads over several (PEP 420).
    Portion,
}

/// How one interpreter looks into the entries of its path.
pub(super) struct Modules<'a> {
    pub(super) system: &'a dyn System,
    /// In the order in which they are tried.
    suffixes: Vec<String>,
    dialect: Dialect,
    /// From 3.14 on a directory in an archive needs no entry of its own.
    implied_directories: bool,
    zipimport: Utf8PathBuf,
    refuses_misspelt_names: OnceCell<bool>,
    archives: RefCell<FxHashMap<Utf8PathBuf, Rc<Reading>>>,
}

impl<'a> Modules<'a> {
    pub(super) fn new(
        system: &'a dyn System,
        version: &Version,
        implementation: Implementation,
        extension_suffixes: &[String],
        stdlib: &str,
    ) -> Self {
        let python = [".py", ".pyc"].map(str::to_owned);
        Modules {
            system,
            suffixes: extension_suffixes.iter().cloned().chain(python).collect(),
            dialect: archives(version, implementation),
            implied_directories: version.at_least(3, 14),
            zipimport: paths::place(system, stdlib).join("zipimport.py"),
            refuses_misspelt_names: OnceCell::new(),
            archives: RefCell::default(),
        }
    }

    /// Asks one entry, or one directory of a package, for a name without dots.
    pub(super) fn find(&self, entry: &str, name: &str) -> Option<Found> {
        let place = paths::place(self.system, entry);
        match self.system.list(&place) {
            Ok(listing) => {
                let here = place.join(name);
                let is = |kind: Option<Kind>, wanted: Kind, path: &Utf8Path| match kind {
                    Some(Kind::Link) if wanted == Kind::File => self.system.is_file(path),
                    Some(Kind::Link) => self.system.is_directory(path),
                    kind => kind == Some(wanted),
                };
                let is_directory = is(listing.get(name), Kind::Directory, &here);
                let inits = self.suffixes.iter().filter(|_| is_directory).map(|it| here.join(format!("__init__{it}")));
                let init = inits.into_iter().find(|it| self.system.is_file(it));
                let module = || {
                    let names = self.suffixes.iter().map(|suffix| format!("{name}{suffix}"));
                    let mut files = names.map(|it| (listing.get(&it), place.join(it)));
                    files.find(|(kind, path)| is(*kind, Kind::File, path)).map(|(_, path)| path)
                };
                init.or_else(module).map(Found::Module).or_else(|| is_directory.then_some(Found::Portion))
            }
            Err(failure) if failure.cause == Cause::NotADirectory => self.find_in_archive(&place, name),
            Err(_) => None,
        }
    }

    /// Tells whether a dotted name lies in a package whose directory is known.
    pub(super) fn lies_below(&self, directory: &str, dotted: &str) -> bool {
        let mut directory = directory.to_owned();
        dotted.split('.').all(|name| {
            let found = self.find(&directory, name).is_some();
            directory = self.system.platform().join_plain(&directory, name);
            found
        })
    }

    /// Newer releases refuse an archive with a misspelt name (gh-153679), and others fail over it.
    pub(super) fn refuses_misspelt_names(&self) -> bool {
        let says_so = |text: String| text.contains("except UnicodeDecodeError as exc");
        let read = || self.dialect == Dialect::Large && self.system.read_text(&self.zipimport).is_ok_and(says_so);
        *self.refuses_misspelt_names.get_or_init(read)
    }

    pub(super) fn archive(&self, file: &Utf8Path) -> Rc<Reading> {
        let mut archives = self.archives.borrow_mut();
        let read = || Rc::new(Directory::read(self.system, file, self.dialect));
        archives.entry(file.to_owned()).or_insert_with(read).clone()
    }

    fn find_in_archive(&self, place: &Utf8Path, name: &str) -> Option<Found> {
        let file = place.ancestors().find(|it| self.system.is_file(it))?;
        let archive = self.archive(file);
        let Ok(archive) = &archive.directory else { return None };
        let inside = place.join(name);
        let inside = inside.strip_prefix(file).ok()?;
        let endings = ["/__init__.pyc", "/__init__.py", ".pyc", ".py"];
        let found = endings.into_iter().map(|it| format!("{inside}{it}")).find(|it| archive.file(it).is_some());
        let is_directory = || archive.has_directory(&format!("{inside}/"), self.implied_directories);
        found.map(|it| Found::Module(file.join(it))).or_else(|| is_directory().then_some(Found::Portion))
    }
}
