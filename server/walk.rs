//! The files below a directory that are worth checking.
//!
//! In: a directory. Out: its Python files and recipes, and the directories that were walked through to find them.
//!
//! **Invariant:** what is hidden, ignored by git, or part of an environment is left out, and no link to a directory is
//! followed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::system::Cause;
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
    pub files: BTreeSet<Utf8PathBuf>,
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

/// Walks through a directory.
pub fn walk(directory: &Utf8Path, haste: Haste) -> Walked {
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
    (walked.files, walked.directories) = (in_order(files), in_order(directories));
    walked
}

/// Makes a set of paths. The standard library compares two of them by their bytes as far as it can, camino takes both apart
/// each time; where they are in order already, a set compares each only once.
fn in_order(mut paths: Vec<Utf8PathBuf>) -> BTreeSet<Utf8PathBuf> {
    paths.sort_unstable_by(|a, b| a.as_std_path().cmp(b.as_std_path()));
    paths.into_iter().collect()
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
        && !ENVIRONMENT.iter().any(|name| entry.path().join(name).exists())
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
