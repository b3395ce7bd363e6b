//! `fromwhere check [PATH...]`.
//!
//! In: files and directories. Out: every diagnostic of their projects, sorted by file and place, and a summary.
//!
//! **Invariant:** one look at the disk, one situation for the files of a project that one Python runs; a file that cannot be read never keeps another from being
//! checked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::{Diagnostic, Severity};
use fromwhere_core::origin::Problem;
use fromwhere_core::project;
use fromwhere_core::system::System;
use fromwhere_core::text::Text;
use serde::Serialize;

use super::arguments::{Check, Options, OutputFormat};
use super::json::{self, DiagnosticJson, ProblemJson};
use super::render::{self, concise, frames, github, gitlab, junit, sarif, statistics};
use super::tally::Tally;
use super::terminal::{self, Style};
use super::walk::{self, Found};
use super::{Exit, Report, request};

mod projects;

/// What was found out about all the projects of one command.
#[derive(Debug, Default)]
struct Checked {
    diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point into, by path.
    texts: BTreeMap<Utf8PathBuf, Text>,
    tally: Tally,
    files: usize,
    /// What could not be read and was met on the way.
    problems: Vec<Problem>,
    /// What could not be read and was asked for by name.
    refused: Vec<String>,
}

pub(super) fn run(system: &dyn System, options: &Options, asked: &Check) -> Result<Report> {
    request::check_options(options, system)?;
    let here = [Utf8PathBuf::from(".")];
    let mut found = walk::find(system, if asked.paths.is_empty() { &here } else { &asked.paths });
    let mut checked = Checked {
        problems: std::mem::take(&mut found.passed_over),
        refused: std::mem::take(&mut found.refused).iter().map(Problem::to_string).collect(),
        ..Checked::default()
    };
    for ((root, boundary), files) in by_project(system, found) {
        projects::check(system, options, &root, &boundary, &files, &mut checked);
    }
    checked
        .diagnostics
        .sort_by(|a, b| (&a.path, a.range, a.rule, &a.message).cmp(&(&b.path, b.range, b.rule, &b.message)));
    // Two projects with one environment have its findings twice.
    checked.diagnostics.dedup();
    report(system, options, asked, &checked)
}

/// A file's path and whether it was named on the command line.
type Named = (Utf8PathBuf, bool);

/// Sorts files into the projects they belong to; a project without files still has its environment to check.
fn by_project(system: &dyn System, found: Found) -> BTreeMap<(Utf8PathBuf, Utf8PathBuf), Vec<Named>> {
    let mut roots: BTreeMap<(Utf8PathBuf, Utf8PathBuf), Utf8PathBuf> = BTreeMap::new();
    let mut root_of = |directory: &Utf8Path, boundary: &Utf8Path| {
        let key = (directory.to_owned(), boundary.to_owned());
        roots.entry(key).or_insert_with(|| project::root_of(system, directory, boundary)).clone()
    };
    let mut projects: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (path, file) in found.files {
        let root = root_of(path.parent().unwrap_or(&path), &file.boundary);
        projects.entry((root, file.boundary)).or_default().push((path, file.named));
    }
    for (directory, boundary) in found.directories {
        projects.entry((root_of(&directory, &boundary), boundary)).or_default();
    }
    projects
}

fn report(system: &dyn System, options: &Options, asked: &Check, checked: &Checked) -> Result<Report> {
    let working_directory = system.working_directory();
    let found = render::Found {
        diagnostics: &checked.diagnostics,
        problems: &checked.problems,
        complete: checked.refused.is_empty(),
        working_directory: &working_directory,
    };
    let output = match options.output_format {
        OutputFormat::Text if asked.statistics => statistics::table(found.diagnostics),
        OutputFormat::Json if asked.statistics => statistics::json(found.diagnostics),
        _ if asked.statistics => bail!("`--statistics` has the output formats text and json"),
        OutputFormat::Text => text(system, options, checked),
        OutputFormat::Concise => concise::render(&found),
        OutputFormat::Json => json(checked),
        OutputFormat::Github => github::render(&found),
        OutputFormat::Gitlab => gitlab::render(&found),
        OutputFormat::Sarif => sarif::render(&found),
        OutputFormat::Junit => junit::render(&found),
    };
    let mut exit = Exit::Clean;
    if checked.diagnostics.iter().any(|diagnostic| diagnostic.severity >= Severity::Warning) {
        exit = Exit::Found;
    }
    if !checked.refused.is_empty() {
        exit = Exit::Failed;
    }
    let remarks = checked.refused.iter().cloned().chain(checked.problems.iter().map(Problem::to_string));
    Ok(Report { output, remarks: remarks.map(|it| terminal::visible(&it).into_owned()).collect(), exit })
}

fn text(system: &dyn System, options: &Options, checked: &Checked) -> String {
    let style = Style::new(options.color, system);
    let mut output = frames::render(system, &checked.diagnostics, &checked.texts, style);
    if !options.quiet {
        let _ = writeln!(output, "{}", style.bold(&checked.summary()));
        let _ = writeln!(output, "{}", checked.tally.sentence());
    }
    output
}

#[derive(Serialize)]
struct CheckJson<'a> {
    diagnostics: Vec<DiagnosticJson<'a>>,
    summary: SummaryJson<'a>,
}

#[derive(Serialize)]
struct SummaryJson<'a> {
    files: usize,
    diagnostics: usize,
    error: usize,
    warning: usize,
    information: usize,
    hint: usize,
    imports: &'a Tally,
    problems: Vec<ProblemJson<'a>>,
}

fn json(checked: &Checked) -> String {
    json::pretty(&CheckJson {
        diagnostics: checked.diagnostics.iter().map(DiagnosticJson::from).collect(),
        summary: SummaryJson {
            files: checked.files,
            diagnostics: checked.diagnostics.len(),
            error: checked.count(Severity::Error),
            warning: checked.count(Severity::Warning),
            information: checked.count(Severity::Information),
            hint: checked.count(Severity::Hint),
            imports: &checked.tally,
            problems: checked.problems.iter().map(ProblemJson::from).collect(),
        },
    })
}

impl Checked {
    fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Says it in one line, such as `2 diagnostics (1 warning, 1 hint) in 3 files`.
    fn summary(&self) -> String {
        let files = counted(self.files, "file");
        if self.diagnostics.is_empty() {
            return format!("No diagnostics in {files}");
        }
        let by_severity = [
            counted(self.count(Severity::Error), "error"),
            counted(self.count(Severity::Warning), "warning"),
            format!("{} information", self.count(Severity::Information)),
            counted(self.count(Severity::Hint), "hint"),
        ];
        let parts: Vec<String> = by_severity.into_iter().filter(|part| !part.starts_with("0 ")).collect();
        format!("{} ({}) in {files}", counted(self.diagnostics.len(), "diagnostic"), parts.join(", "))
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
