//! The files below a directory that are worth checking.
//!
//! In: a directory, and the world to ask what lies in one. Out: its Python files and recipes, and the directories that were walked
//! through to find them.
//!
//! **Invariant:** what is hidden, ignored by git, or part of an environment is left out, and no link to a directory is
//! followed.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::system::{Cause, System};
use ignore::{DirEntry, WalkBuilder, WalkState};

/// Directories that hold somebody else's code.
const FOREIGN: [&str; 4] = ["site-packages", "dist-packages", "node_modules", "__pycache__"];
/// What a directory contains that is an environment.
const ENVIRONMENT: [&str; 2] = ["pyvenv.cfg", "conda-meta"];

/// Hidden names that CI services look for.
const CI: [&str; 9] = [
    ".github",
    ".gitlab-ci.yml",
    ".circleci",
    ".woodpecker",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    ".azure-pipelines.yml",
];

/// Files that say what git leaves out.
pub const IGNORE: [&str; 2] = [".gitignore", ".ignore"];

/// What was met on a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// In order, each once.
    pub files: Vec<Utf8PathBuf>,
    /// The directories that were walked through, the first one included.
    pub directories: BTreeSet<Utf8PathBuf>,
    /// What cannot be read.
    pub passed_over: Vec<Problem>,
}

/// How many threads walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Haste {
    /// As many as there are processors: somebody waits.
    AllCores,
    /// One: nobody does.
    OneCore,
}

/// Walks through a directory. What lies in each is asked of the world, which remembers it: those who look for projects and modules
/// ask again.
pub fn walk(system: &dyn System, directory: &Utf8Path, haste: Haste) -> Walked {
    let threads = match haste {
        Haste::AllCores => 0,
        Haste::OneCore => 1,
    };
    let (sender, met) = mpsc::channel();
    let mut builder = WalkBuilder::new(directory);
    builder.require_git(false).hidden(false).threads(threads).filter_entry(is_wanted);
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            if entry.as_ref().is_ok_and(|entry| is_environment(system, entry)) {
                return WalkState::Skip;
            }
            // The receiver outlives the walk.
            let _ = meet(entry).map(|met| sender.send(met));
            WalkState::Continue
        })
    });
    drop(sender);
    let mut walked = Walked::default();
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for met in met {
        match met {
            Met::File(path) => files.push(path),
            Met::Directory(path) => directories.push(path),
            Met::NoName(path) => {
                let message = Cause::NotUtf8Name.to_string();
                walked.passed_over.push(Problem { path, line: None, message });
            }
            Met::Error(error) => walked.passed_over.push(problem(&error, directory)),
        }
    }
    // The threads of the walk meet things in any order.
    walked.passed_over.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    // All of them begin with the directory.
    let start = directory.as_str().len();
    let compare = |a: &Utf8PathBuf, b: &Utf8PathBuf| in_order(a.as_str(), b.as_str(), start);
    files.sort_unstable_by(compare);
    directories.sort_unstable_by(compare);
    (walked.files, walked.directories) = (files, directories.into_iter().collect());
    walked
}

/// Compares two paths that are the same up to a place by their parts, without taking them apart: what ends sooner comes first, and
/// then what goes on below.
fn in_order(a: &str, b: &str, from: usize) -> Ordering {
    let (a, b) = (a.as_bytes().get(from..).unwrap_or_default(), b.as_bytes().get(from..).unwrap_or_default());
    let at = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let rank = |path: &[u8]| path.get(at).map_or(0, |byte| if *byte == b'/' { 1 } else { 2 + u16::from(*byte) });
    rank(a).cmp(&rank(b))
}

/// Tells whether a directory of that name is walked into, as far as its name says.
pub fn may_be_walked(directory: &Utf8Path) -> bool {
    let name = directory.file_name().unwrap_or_default();
    !FOREIGN.contains(&name) && !is_hidden(name)
}

/// Tells whether a file's name alone can change what a walk meets: by being met itself, or by hiding others.
pub fn decides_by_name(path: &Utf8Path) -> bool {
    is_checked(path) || path.file_name().is_some_and(|name| IGNORE.contains(&name))
}

/// What a walk meets.
enum Met {
    File(Utf8PathBuf),
    Directory(Utf8PathBuf),
    /// Its name is not UTF-8.
    NoName(Utf8PathBuf),
    Error(ignore::Error),
}

fn meet(entry: Result<DirEntry, ignore::Error>) -> Option<Met> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return Some(Met::Error(error)),
    };
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    match Utf8PathBuf::from_path_buf(entry.into_path()) {
        Ok(path) if is_directory => Some(Met::Directory(path)),
        Ok(path) => is_checked(&path).then_some(Met::File(path)),
        Err(_) if is_directory => None,
        Err(path) => Some(Met::NoName(path.to_string_lossy().into_owned().into())),
    }
}

fn is_wanted(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or_default();
    if entry.depth() > 0 && is_hidden(name) {
        return false;
    }
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return true;
    }
    !FOREIGN.iter().any(|name| entry.file_name() == *name)
}

/// Tells whether a directory below the first is an environment.
fn is_environment(system: &dyn System, entry: &DirEntry) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    // A link that leads nowhere is listed too.
    let has = |name: &&str| entry.path().join(name).exists();
    let Some(path) = Utf8Path::from_path(entry.path()) else { return ENVIRONMENT.iter().any(has) };
    system.list(path).is_ok_and(|listing| ENVIRONMENT.iter().filter(|name| listing.contains(name)).any(has))
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !CI.contains(&name)
}

fn is_checked(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_python = |suffix: &str| name.strip_suffix(suffix).is_some_and(|stem| !stem.is_empty());
    [".py", ".pyw", ".ipynb"].into_iter().any(is_python) || RecipeKind::of(path).is_some()
}

/// Takes the path out of an error of the walk, which nests it.
fn problem(error: &ignore::Error, directory: &Utf8Path) -> Problem {
    let message = match error.io_error().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::PermissionDenied) => Cause::PermissionDenied.to_string(),
        Some(std::io::ErrorKind::NotFound) => Cause::NotFound.to_string(),
        _ => error.to_string(),
    };
    let path = path_of(error).map_or_else(|| directory.to_owned(), |path| path.to_string_lossy().into_owned().into());
    Problem { path, line: None, message }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
