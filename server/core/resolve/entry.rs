//! One name in one entry of a search path.
//!
//! In: what the entry holds, a name without dots. Out: a module, a package, a namespace portion, or nothing, as
//! `FileFinder.find_spec` (`importlib/_bootstrap_external.py`) and `zipimporter.find_spec` say.
//!
//! **Invariant:** names are compared with the listing exactly, whatever the file system would accept, unless
//! `PYTHONCASEOK` says otherwise on Windows and macOS.

use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::bytecode::{Choice, Pair, Rules, STORED};
use super::contents::{Archive, Contents, Folder, Shelf};
use super::{ModuleKind, Twin, TwinReason};
use crate::archive::{Dialect, Member};
use crate::interpreter::{Implementation, Interpreter};
use crate::system::Kind;

/// The suffixes of modules, in the order they are tried.
#[derive(Debug)]
pub(super) struct Suffixes {
    /// Extension suffixes, then `.py`, then `.pyc` (`_get_supported_file_loaders`).
    ordered: Vec<(String, ModuleKind)>,
    /// `PYTHONCASEOK`: names are compared without their case.
    relaxed: bool,
    /// From 3.14 on a directory in an archive needs no entry of its own.
    implied_directories: bool,
    /// Which archives are read.
    dialect: Dialect,
    /// What is taken for bytecode in an archive.
    rules: Rules,
    inflation: Inflation,
}

/// How what is packed in an archive is read: by the module `zlib`, which is not there in every build.
#[derive(Debug)]
struct Inflation {
    /// Where it is looked for; `None` where it is compiled in, or nobody needs it.
    places: Option<Vec<Utf8PathBuf>>,
    is_possible: OnceLock<bool>,
    /// From 3.15 on sources are not read to tell where they are.
    spares_sources: bool,
}

impl Inflation {
    fn of(interpreter: &Interpreter) -> Self {
        let is_needed = interpreter.implementation == Implementation::CPython;
        let is_file = is_needed && !interpreter.builtin_modules.contains("zlib");
        let places = is_file.then(|| interpreter.search_path.iter().map(|root| root.path.clone()).collect());
        Inflation { places, is_possible: OnceLock::new(), spares_sources: interpreter.version.at_least(3, 15) }
    }

    /// Tells whether a file of an archive can be read, as far as that is needed.
    fn reads(&self, shelf: &Shelf<'_>, suffixes: &Suffixes, member: &Member, name: &str) -> bool {
        let Some(places) = &self.places else { return true };
        if member.compression == STORED || self.spares_sources && !name.ends_with('c') {
            return true;
        }
        *self.is_possible.get_or_init(|| {
            places.iter().any(|place| match &*shelf.contents(place) {
                Contents::Directory(folder) if folder.may_have("zlib") => {
                    in_directory(shelf, suffixes, place, folder, "zlib").is_some()
                }
                _ => false,
            })
        })
    }
}

impl Suffixes {
    pub(super) fn of(interpreter: &Interpreter) -> Self {
        let extensions = interpreter.extension_suffixes.iter().map(|suffix| (suffix.clone(), ModuleKind::Extension));
        // Windows has source files without a console too (`_bootstrap_external._setup`).
        let without_console = interpreter.platform.is_windows().then_some((".pyw".to_owned(), ModuleKind::Source));
        let source = std::iter::once((".py".to_owned(), ModuleKind::Source)).chain(without_console);
        let bytecode = std::iter::once((".pyc".to_owned(), ModuleKind::Bytecode));
        Suffixes {
            ordered: extensions.chain(source).chain(bytecode).collect(),
            relaxed: interpreter.relaxes_case,
            implied_directories: interpreter.version.at_least(3, 14),
            dialect: interpreter.archives(),
            rules: Rules::of(interpreter),
            inflation: Inflation::of(interpreter),
        }
    }

    /// Returns them in the order of `importlib.machinery.all_suffixes`: source, bytecode, extensions.
    pub(super) fn source_first(&self) -> impl Iterator<Item = (&str, ModuleKind)> {
        let (extensions, python): (Vec<_>, Vec<_>) =
            self.ordered.iter().partition(|(_, kind)| *kind == ModuleKind::Extension);
        python.into_iter().chain(extensions).map(|(suffix, kind)| (suffix.as_str(), *kind))
    }

    /// Returns them in the order in which they are tried.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&str, ModuleKind)> {
        self.ordered.iter().map(|(suffix, kind)| (suffix.as_str(), *kind))
    }

    /// Returns what a file name says about the module in it.
    pub(super) fn kind_of(&self, file_name: &str) -> ModuleKind {
        let known = self.ordered.iter().find(|(suffix, _)| file_name.ends_with(suffix.as_str()));
        known.map_or(ModuleKind::Source, |(_, kind)| *kind)
    }
}

/// What one entry has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Module {
        kind: ModuleKind,
        /// `None` for bytecode in an archive that no such Python has written: the import fails.
        path: Option<Utf8PathBuf>,
        /// The directory of a package.
        location: Option<Utf8PathBuf>,
        /// What may be loaded in its place.
        twin: Option<Twin>,
    },
    /// A directory without `__init__`: a portion of a namespace package (PEP 420). A hook may have several.
    Portions(Vec<Utf8PathBuf>),
}

/// Looks for `name` in the entry at `path`, whose contents are known.
pub(super) fn find(
    shelf: &Shelf<'_>,
    suffixes: &Suffixes,
    path: &Utf8Path,
    contents: &Contents,
    name: &str,
) -> Option<Found> {
    match contents {
        Contents::Directory(folder) if suffixes.relaxed || folder.may_have(name) => {
            in_directory(shelf, suffixes, path, folder, name)
        }
        Contents::Archive(archive, prefix) => in_archive(shelf, suffixes, archive, prefix, name),
        // A hook is asked by the whole name: see `Resolver::found`.
        Contents::Directory(_) | Contents::Hook(_) | Contents::Nothing => None,
    }
}

fn in_directory(shelf: &Shelf<'_>, suffixes: &Suffixes, path: &Utf8Path, folder: &Folder, name: &str) -> Option<Found> {
    let inner = path.join(name);
    let listed = |name: &str| match folder.listing.get(name) {
        None if suffixes.relaxed => {
            let folded = name.to_lowercase();
            folder.listing.iter().find(|(other, _)| other.to_lowercase() == folded).map(|(_, kind)| kind)
        }
        kind => kind,
    };
    let is_directory = shelf.is_directory(listed(name), &inner);
    if is_directory && let Some(init) = init_of(shelf, suffixes, &inner) {
        return Some(Found::Module { kind: ModuleKind::Package, path: Some(init), location: Some(inner), twin: None });
    }
    let mut file_name = String::with_capacity(name.len() + 32);
    for (suffix, kind) in &suffixes.ordered {
        file_name.clear();
        file_name.push_str(name);
        file_name.push_str(suffix);
        let Some(kind_of_node) = listed(&file_name) else { continue };
        let file = path.join(&file_name);
        if shelf.is_file(Some(kind_of_node), &file) {
            return Some(Found::Module { kind: *kind, path: Some(file), location: None, twin: None });
        }
    }
    is_directory.then(|| Found::Portions(vec![inner]))
}

/// Returns the `__init__` of a package directory: an extension, source, or bytecode.
fn init_of(shelf: &Shelf<'_>, suffixes: &Suffixes, directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let contents = shelf.contents(directory);
    suffixes.ordered.iter().find_map(|(suffix, _)| {
        let name = format!("__init__{suffix}");
        let init = directory.join(&name);
        let there = match &*contents {
            // The check is a plain `stat`, which minds the case only where the file system does.
            Contents::Directory(_) if shelf.system.platform().folds_case() => shelf.is_file(Some(Kind::Link), &init),
            Contents::Directory(folder) => shelf.is_file(folder.listing.get(&name), &init),
            // A directory that may be entered but not listed: the check inside it is a plain `stat`.
            Contents::Archive(..) | Contents::Hook(_) | Contents::Nothing => shelf.is_file(Some(Kind::Link), &init),
        };
        there.then_some(init)
    })
}

/// Looks in an archive in the order of `zipimport._zip_searchorder`; extensions are never found there.
fn in_archive(shelf: &Shelf<'_>, suffixes: &Suffixes, archive: &Archive, prefix: &str, name: &str) -> Option<Found> {
    let directory = archive.directory(shelf.system, suffixes.dialect)?;
    let inside = format!("{prefix}{name}");
    let order = [("/__init__.pyc", true), ("/__init__.py", true), (".pyc", false), (".py", false)];
    let mut files = order.into_iter().filter_map(|(ending, is_package)| {
        let file = format!("{inside}{ending}");
        directory.file(&file).map(|member| (file, member, is_package))
    });
    let Some(first) = files.next() else {
        let is_directory = directory.has_directory(&format!("{inside}/"), suffixes.implied_directories);
        return is_directory.then(|| Found::Portions(vec![archive.path.join(inside)]));
    };
    // The first one says whether it is a package, whichever is loaded (`find_spec`, `get_filename`).
    let is_package = first.2;
    let can_be_read =
        |(file, member, _): &(String, &Member, bool)| suffixes.inflation.reads(shelf, suffixes, member, file);
    let loaded = std::iter::once(first).chain(files).take_while(can_be_read).find_map(|(file, member, _)| {
        let source = file.strip_suffix('c').map(|source| (source, directory.file(source)));
        let choice = source.map_or(Choice::Bytecode, |(_, source)| {
            let reads = |source| suffixes.inflation.reads(shelf, suffixes, source, &file);
            let reads_source = source.is_none_or(reads);
            Pair { bytecode: member, source, reads_source }.choose(shelf, &archive.path, &suffixes.rules)
        });
        let twin = match (choice, source) {
            (Choice::Source, _) => return None,
            (Choice::Unknown(reason), Some((source, _))) => {
                let path = archive.path.join(source);
                let locations = is_package.then(|| path.parent().map(Utf8Path::to_owned).into_iter().collect());
                Some(Twin { kind: ModuleKind::Zip, path, locations, reason: TwinReason::Bytecode(reason) })
            }
            _ => None,
        };
        Some((archive.path.join(file), twin))
    });
    let (path, twin) = loaded.map_or((None, None), |(path, twin)| (Some(path), twin));
    let beside = || path.as_ref().and_then(|path| path.parent()).map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
    let location = is_package.then(beside);
    Some(Found::Module { kind: ModuleKind::Zip, path, location, twin })
}
