//! The files below a directory that are worth checking.
//!
//! In: a directory, and the world to ask what lies in one. Out: its Python files and recipes, and the directories that were walked
//! through to find them.
//!
//! **Invariant:** what is hidden, ignored by git, or part of an environment is left out, and no link to a directory is
//! followed.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::{self, RecipeKind};
use fromwhere_core::system::{Cause, Kind, System};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

mod ignored;
#[cfg(test)]
mod tests;

use self::ignored::Ignored;

/// Directories that hold somebody else's code.
const FOREIGN: [&str; 4] = ["site-packages", "dist-packages", "node_modules", "__pycache__"];
/// What a directory contains that is an environment, or the library in one of virtualenv up to 16.
const ENVIRONMENT: [&str; 3] = ["pyvenv.cfg", "conda-meta", "orig-prefix.txt"];

/// Hidden names that CI services look for.
const CI: [&str; 15] = [
    ".github",
    ".forgejo",
    ".gitea",
    ".gitlab-ci.yml",
    ".circleci",
    ".woodpecker",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    ".azure-pipelines.yml",
    ".cirrus.yml",
    ".cirrus.yaml",
    ".readthedocs.yml",
    ".readthedocs.yaml",
];

/// Files that say what git leaves out.
const IGNORE: [&str; 2] = [".gitignore", ".ignore"];

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

/// Walks through a directory, level by level: how deep a tree goes costs no stack. What lies in each directory is asked of the
/// world, which remembers it: those who look for projects and modules ask again.
pub fn walk(system: &dyn System, directory: &Utf8Path, haste: Haste) -> Walked {
    let mut walked = Walked::default();
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    let first =
        Folder { path: directory.to_owned(), rules: Arc::new(Ignored::above(system, directory)), is_first: true };
    let mut level = vec![first];
    while !level.is_empty() {
        let visits: Vec<Visit> = match haste {
            Haste::AllCores => level.par_iter().filter_map(|folder| folder.visit(system)).collect(),
            Haste::OneCore => level.iter().filter_map(|folder| folder.visit(system)).collect(),
        };
        level.clear();
        for mut visit in visits {
            directories.push(visit.path);
            files.append(&mut visit.files);
            level.append(&mut visit.below);
            walked.passed_over.append(&mut visit.passed_over);
        }
    }
    walked.passed_over.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    // All of them begin with the directory.
    let start = directory.as_str().len();
    let compare = |a: &Utf8PathBuf, b: &Utf8PathBuf| in_order(a.as_str(), b.as_str(), start);
    files.sort_unstable_by(compare);
    directories.sort_unstable_by(compare);
    (walked.files, walked.directories) = (files, directories.into_iter().collect());
    walked
}

/// Asks for all that decides from outside of a directory what git leaves out of it, whether it is there or not: who records it
/// knows when a walk may meet something else.
pub fn ask_rules_outside(system: &dyn System, directory: &Utf8Path) {
    Ignored::ask_outside(system, directory);
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

/// Tells whether a file can change what a walk meets: by being met itself, or by hiding others. Hardly any has to be looked
/// into for that.
pub fn decides(system: &dyn System, path: &Utf8Path) -> bool {
    is_checked(path) || path.file_name().is_some_and(|name| IGNORE.contains(&name)) || is_script(system, path)
}

/// A directory that is to be visited.
struct Folder {
    path: Utf8PathBuf,
    /// What git leaves out above it.
    rules: Arc<Ignored>,
    is_first: bool,
}

/// What lies in one.
struct Visit {
    path: Utf8PathBuf,
    files: Vec<Utf8PathBuf>,
    below: Vec<Folder>,
    passed_over: Vec<Problem>,
}

impl Folder {
    /// `None` where it is an environment.
    fn visit(&self, system: &dyn System) -> Option<Visit> {
        let (mut files, mut below, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
        let listing = match system.list(&self.path) {
            Ok(listing) => listing,
            Err(failure) => {
                let passed_over = vec![failure.into()];
                return Some(Visit { path: self.path.clone(), files, below, passed_over });
            }
        };
        // A link that leads nowhere is listed too.
        let is_there = |name: &&str| listing.contains(name) && system.exists(&self.path.join(name));
        if !self.is_first && ENVIRONMENT.iter().any(is_there) {
            return None;
        }
        let rules = Ignored::in_directory(&self.rules, system, &self.path, &listing);
        for (name, kind) in listing.iter().filter(|(name, _)| !is_hidden(name)) {
            let is_directory = kind == Kind::Directory;
            let path = self.path.join(name);
            let is_checked = !is_directory && (is_python(name) || RecipeKind::of(&path).is_some());
            let may_be_script = kind == Kind::File && !name.contains('.');
            let is_wanted = if is_directory { !FOREIGN.contains(&name) } else { is_checked || may_be_script };
            if !is_wanted || rules.leaves_out(&path, is_directory) {
                continue;
            }
            if is_directory {
                below.push(Folder { path, rules: Arc::clone(&rules), is_first: false });
            } else if is_checked || is_script(system, &path) {
                files.push(path);
            }
        }
        for (name, _) in listing.not_utf8().filter(|(name, kind)| *kind != Kind::Directory && !is_hidden(name)) {
            let path = self.path.join(name);
            if !rules.leaves_out(&path, false) {
                passed_over.push(Problem { path, line: None, message: Cause::NotUtf8Name.to_string() });
            }
        }
        Some(Visit { path: self.path.clone(), files, below, passed_over })
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !CI.contains(&name)
}

fn is_checked(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(is_python) || RecipeKind::of(path).is_some()
}

fn is_python(name: &str) -> bool {
    let is_python = |suffix: &str| name.strip_suffix(suffix).is_some_and(|stem| !stem.is_empty());
    [".py", ".pyw", ".ipynb"].into_iter().any(is_python)
}

/// Tells whether a file without a suffix is a script that prepares machines. Only what may be executed is looked into: there are
/// folders with nothing but names without suffixes.
fn is_script(system: &dyn System, path: &Utf8Path) -> bool {
    recipe::has_no_suffix(path)
        && system.metadata(path).is_ok_and(|it| it.kind == Kind::File && it.executable)
        && RecipeKind::of_file(system, path).is_some()
}
