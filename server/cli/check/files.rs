//! Which files a `check` is about.
//!
//! In: the files and directories that were named. Out: Python files and recipes, each once, with the workspace it was named in.
//!
//! **Invariant:** what is named is taken whatever it is called; what is only met on the way is what a walk meets.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::system::{Cause, Kind, System};

use crate::cli::request;
use crate::walk::{self, Haste};

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
    let mut walked = walk::walk(directory, Haste::AllCores);
    for path in walked.files {
        let file = File { boundary: boundary.to_owned(), named: false };
        found.files.entry(path).or_insert(file);
    }
    found.walked.append(&mut walked.directories);
    found.passed_over.append(&mut walked.passed_over);
}
