//! Which files a `check` is about.
//!
//! In: the files and directories that were named. Out: Python files and recipes, each once, with the workspace it was named in.
//!
//! **Invariant:** what is named is taken whatever it is called; what is only met on the way is what a walk meets.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::system::{Cause, Kind, System};
use rayon::slice::ParallelSliceMut as _;

use crate::cli::request;
use crate::walk::{self, Haste};

#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their paths, each once.
    pub(super) files: Vec<File>,
    /// The directories that were named, each with its workspace.
    pub(super) directories: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// What was named and cannot be read.
    pub(super) refused: Vec<Problem>,
    /// What was met on the way and cannot be read.
    pub(super) passed_over: Vec<Problem>,
    /// The directories that were walked through.
    pub(super) walked: BTreeSet<Utf8PathBuf>,
}

impl Found {
    /// Tells whether a file is one of these.
    pub(super) fn has(&self, path: &Utf8Path) -> bool {
        self.files.binary_search_by(|file| file.path.as_std_path().cmp(path.as_std_path())).is_ok()
    }

    /// Puts the files in order. One that was named and met again counts as named.
    fn sort(&mut self) {
        // The standard library compares two paths by their bytes as far as it can, camino takes both apart each time.
        self.files.par_sort_by(|a, b| a.path.as_std_path().cmp(b.path.as_std_path()));
        self.files.dedup_by(|again, file| {
            let is_same = again.path.as_std_path() == file.path.as_std_path();
            if is_same && again.named {
                file.boundary = Arc::clone(&again.boundary);
                file.named = true;
            }
            is_same
        });
    }
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Utf8PathBuf,
    pub(super) boundary: Arc<Utf8Path>,
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
                walk(system, &path, &boundary, &mut found);
                found.directories.push((path, boundary));
            }
            Ok(Kind::File) => {
                let directory = path.parent().unwrap_or(&path);
                let boundary = request::boundary(system, directory);
                found.files.push(File { path, boundary: boundary.into(), named: true });
            }
            Ok(Kind::Link | Kind::Other) => {
                let message = Cause::NotARegularFile.to_string();
                found.refused.push(Problem { path, line: None, message });
            }
            Err(failure) => found.refused.push(failure.into()),
        }
    }
    found.sort();
    found
}

fn walk(system: &dyn System, directory: &Utf8Path, boundary: &Utf8Path, found: &mut Found) {
    let mut walked = walk::walk(system, directory, Haste::AllCores);
    let boundary: Arc<Utf8Path> = boundary.into();
    let file = |path| File { path, boundary: Arc::clone(&boundary), named: false };
    found.files.extend(walked.files.into_iter().map(file));
    found.walked.append(&mut walked.directories);
    found.passed_over.append(&mut walked.passed_over);
}
