//! Which files a `check` is about.
//!
//! In: the files and directories that were named. Out: Python files and recipes, each once, with the workspace it was named in.
//!
//! **Invariant:** what is named is taken whatever it is called; what is only met on the way is left out where it is hidden,
//! ignored by git, or part of an environment, and no link to a directory is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::system::{Cause, Kind, System};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::request;

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

#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their paths.
    pub(super) files: BTreeMap<Utf8PathBuf, File>,
    /// The directories that were named, each with its workspace.
    pub(super) directories: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// What was named and cannot be read.
    pub(super) refused: Vec<Problem>,
    /// What was met on the way and cannot be read.
    pub(super) passed_over: Vec<Problem>,
    /// The directories that were walked through.
    pub(super) walked: BTreeSet<Utf8PathBuf>,
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) boundary: Utf8PathBuf,
    /// Named on the command line, not only met on the way.
    pub(super) named: bool,
}

/// Looks for the files of the paths that were named.
pub(super) fn find(system: &dyn System, named: &[Utf8PathBuf]) -> Found {
    let mut found = Found::default();
    for path in named {
        let path = request::absolute(system, path);
        match system.metadata(&path).map(|metadata| metadata.kind) {
            Ok(Kind::Directory) => {
                let boundary = request::boundary(system, &path);
                walk(&path, &boundary, &mut found);
                found.directories.push((path, boundary));
            }
            Ok(Kind::File) => {
                let directory = path.parent().unwrap_or(&path);
                let boundary = request::boundary(system, directory);
                found.files.insert(path, File { boundary, named: true });
            }
            Ok(Kind::Link | Kind::Other) => {
                let message = Cause::NotARegularFile.to_string();
                found.refused.push(Problem { path, line: None, message });
            }
            Err(failure) => found.refused.push(failure.into()),
        }
    }
    found
}

fn walk(directory: &Utf8Path, boundary: &Utf8Path, found: &mut Found) {
    let (sender, met) = mpsc::channel();
    WalkBuilder::new(directory).require_git(false).hidden(false).filter_entry(is_wanted).build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            // The receiver outlives the walk.
            let _ = meet(entry).map(|met| sender.send(met));
            WalkState::Continue
        })
    });
    drop(sender);
    let mut passed_over = Vec::new();
    for met in met {
        match met {
            Met::File(path) => {
                let file = File { boundary: boundary.to_owned(), named: false };
                found.files.entry(path).or_insert(file);
            }
            Met::Directory(path) => _ = found.walked.insert(path),
            Met::NoName(path) => {
                let message = Cause::NotUtf8Name.to_string();
                passed_over.push(Problem { path, line: None, message });
            }
            Met::Error(error) => passed_over.push(problem(&error, directory)),
        }
    }
    // The threads of the walk meet things in any order.
    passed_over.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    found.passed_over.append(&mut passed_over);
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
        Ok(path) => (is_python(&path) || RecipeKind::of(&path).is_some()).then_some(Met::File(path)),
        Err(_) if is_directory => None,
        Err(path) => Some(Met::NoName(path.to_string_lossy().into_owned().into())),
    }
}

fn is_wanted(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or_default();
    if entry.depth() > 0 && name.starts_with('.') && !CI.contains(&name) {
        return false;
    }
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return true;
    }
    !FOREIGN.iter().any(|name| entry.file_name() == *name)
        && !ENVIRONMENT.iter().any(|name| entry.path().join(name).exists())
}

fn is_python(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("py" | "pyw" | "ipynb"))
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
