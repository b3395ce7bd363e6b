//! `fromwhere check [PATH...]`.
//!
//! In: files and directories. Out: every diagnostic of their projects, sorted by file and place, and a summary.
//!
//! **Invariant:** one look at the disk, one situation for the files of a project that one Python runs; a file that cannot be read never keeps another from being
//! checked.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::notebook::Notebook;
use fromwhere_core::origin::Problem;
use fromwhere_core::project::Roots;
use fromwhere_core::rules::Rule;
use fromwhere_core::system::System;
use fromwhere_core::text::{self, Text};
use rustc_hash::FxHashMap;

use super::arguments::{Check, Options, OutputFormat};
use super::progress::Progress;
use super::tally::Tally;
use super::{Exit, Report, Shown, request};
use crate::disk::Disk;
use files::Found;
use mend::Mended;

mod files;
mod fix;
mod folders;
mod mend;
mod projects;
mod recipes;
mod report;
mod watch;

/// What was found out about all the projects of one command.
#[derive(Debug, Default)]
struct Checked {
    diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point into, by path.
    texts: BTreeMap<Utf8PathBuf, Text>,
    /// The notebooks that diagnostics point into.
    notebooks: BTreeMap<Utf8PathBuf, Notebook>,
    tally: Tally,
    files: usize,
    /// What could not be read and was met on the way.
    problems: Vec<Problem>,
    /// What could not be read and was asked for by name.
    refused: Vec<String>,
}

/// Checks once, and fixes where that is asked for.
pub(super) fn run(disk: &Disk, options: &Options, asked: &Check) -> Result<Report> {
    request::check_options(options, disk)?;
    ensure!(
        !asked.diff || options.output_format == OutputFormat::Text,
        "`--diff` prints a unified diff, which is no output format"
    );
    if asked.fix || asked.diff {
        mend::run(disk, options, asked)
    } else {
        Look::take(disk, options, asked).report(disk, options, asked)
    }
}

/// Checks again and again, and shows what differs.
pub(super) fn watch(disk: &Disk, options: &Options, asked: &Check, show: &dyn Fn(&Report) -> Shown) -> Result<Exit> {
    request::check_options(options, disk)?;
    watch::run(disk, options, asked, show)
}

/// One look at everything that was named.
struct Look {
    found: Found,
    checked: Checked,
}

impl Look {
    fn take(system: &dyn System, options: &Options, asked: &Check) -> Self {
        let progress = Progress::start(options.quiet);
        let found = find(system, asked);
        let checked = look(system, options, &found, &progress);
        Look { found, checked }
    }

    fn report(&self, system: &dyn System, options: &Options, asked: &Check) -> Result<Report> {
        report::report(system, options, asked, &self.checked, &Mended::default())
    }
}

fn find(system: &dyn System, asked: &Check) -> Found {
    let here = [Utf8PathBuf::from(".")];
    files::find(system, if asked.paths.is_empty() { &here } else { &asked.paths })
}

/// Checks everything once.
fn look(system: &dyn System, options: &Options, found: &Found, progress: &Progress) -> Checked {
    progress.expect(found.files.len());
    let mut checked = Checked {
        problems: found.passed_over.clone(),
        refused: found.refused.iter().map(Problem::to_string).collect(),
        ..Checked::default()
    };
    for ((root, boundary), files) in by_project(system, found) {
        projects::check(system, options, &root, &boundary, &files, progress, &mut checked);
    }
    checked.diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
    // Two projects with one environment have its findings twice.
    checked.diagnostics.dedup();
    checked
}

/// What diagnostics are sorted by.
fn key(diagnostic: &Diagnostic) -> (&std::path::Path, text::Range, Rule, &str) {
    (diagnostic.path.as_std_path(), diagnostic.range, diagnostic.rule, &diagnostic.message)
}

/// A file's path and whether it was named on the command line.
type Named<'f> = (&'f Utf8Path, bool);

/// A project's root, and the boundary that it was looked for within.
type Place = (Utf8PathBuf, Utf8PathBuf);

/// Sorts files into the projects they belong to; a project without files still has its environment to check.
fn by_project<'f>(system: &dyn System, found: &'f Found) -> BTreeMap<Place, Vec<Named<'f>>> {
    let mut roots = Roots::new(system);
    let mut projects: Vec<(Place, Vec<Named<'f>>)> = Vec::new();
    // Which of the projects a folder belongs to: most of the files share one with others.
    let mut known: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    let mut project_of = |directory: &'f Utf8Path, boundary: &'f Utf8Path, projects: &mut Vec<(Place, Vec<_>)>| {
        *known.entry((directory.as_str(), boundary.as_str())).or_insert_with(|| {
            let place = (roots.root_of(directory, boundary), boundary.to_owned());
            projects.iter().position(|(other, _)| *other == place).unwrap_or_else(|| {
                projects.push((place, Vec::new()));
                projects.len() - 1
            })
        })
    };
    for file in &found.files {
        let project = project_of(file.path.parent().unwrap_or(&file.path), &file.boundary, &mut projects);
        projects[project].1.push((&file.path, file.named));
    }
    for (directory, boundary) in &found.directories {
        project_of(directory, boundary, &mut projects);
    }
    projects.into_iter().collect()
}
