//! What `check` says of all that it found.
//!
//! In: a [`Checked`], and what was fixed. Out: the report in the format that was asked for.
//!
//! **Invariant:** only warnings, errors and what could not be looked at change the exit code.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use fromwhere_core::diagnostic::{Diagnostic, Severity};
use fromwhere_core::origin::Problem;
use fromwhere_core::system::System;
use serde::Serialize;

use super::Checked;
use super::mend::Mended;
use crate::cli::arguments::{Check, Options, OutputFormat};
use crate::cli::json::{self, DiagnosticJson, ProblemJson};
use crate::cli::render::{self, concise, frames, github, gitlab, junit, sarif, statistics};
use crate::cli::tally::Tally;
use crate::cli::terminal::{self, Style};
use crate::cli::{Exit, Report};

pub(super) fn report(
    system: &dyn System,
    options: &Options,
    asked: &Check,
    checked: &Checked,
    mended: &Mended,
) -> Result<Report> {
    let working_directory = system.working_directory();
    let found = render::Found {
        diagnostics: &checked.diagnostics,
        notebooks: &checked.notebooks,
        problems: &checked.problems,
        complete: checked.refused.is_empty(),
        working_directory: &working_directory,
    };
    let output = match options.output_format {
        OutputFormat::Text if asked.statistics => statistics::table(found.diagnostics),
        OutputFormat::Json if asked.statistics => statistics::json(found.diagnostics),
        _ if asked.statistics => bail!("`--statistics` has the output formats text and json"),
        OutputFormat::Text => text(system, options, checked, mended),
        OutputFormat::Concise => concise::render(&found),
        OutputFormat::Json => json(checked, mended),
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
    Ok(Report { output: output.into_bytes(), remarks: remarks(checked), exit })
}

pub(super) fn remarks(checked: &Checked) -> Vec<String> {
    let remarks = checked.refused.iter().cloned().chain(checked.problems.iter().map(Problem::to_string));
    remarks.map(|it| terminal::visible(&it).into_owned()).collect()
}

fn text(system: &dyn System, options: &Options, checked: &Checked, mended: &Mended) -> String {
    let style = Style::new(options.color, system);
    let mut output = frames::render(system, &checked.diagnostics, &checked.texts, &checked.notebooks, style);
    if !options.quiet {
        let _ = writeln!(output, "{}", style.bold(&checked.summary()));
        let _ = writeln!(output, "{}", checked.tally.sentence());
        if let Some(sentence) = mended.sentence("applied", &system.working_directory()) {
            let _ = writeln!(output, "{sentence}");
        }
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
    /// By `--fix`.
    fixed: usize,
    changed: Vec<&'a str>,
    problems: Vec<ProblemJson<'a>>,
}

fn json(checked: &Checked, mended: &Mended) -> String {
    json::pretty(&CheckJson {
        diagnostics: checked.diagnostics.iter().map(|it| in_cell(checked, it)).collect(),
        summary: SummaryJson {
            files: checked.files,
            diagnostics: checked.diagnostics.len(),
            error: checked.count(Severity::Error),
            warning: checked.count(Severity::Warning),
            information: checked.count(Severity::Information),
            hint: checked.count(Severity::Hint),
            imports: &checked.tally,
            fixed: mended.fixes,
            changed: mended.changed.iter().map(|path| path.as_str()).collect(),
            problems: checked.problems.iter().map(ProblemJson::from).collect(),
        },
    })
}

/// People find a place in a notebook by its cell.
fn in_cell<'c>(checked: &Checked, diagnostic: &'c Diagnostic) -> DiagnosticJson<'c> {
    let shown = checked.notebooks.get(&diagnostic.path).and_then(|notebook| notebook.shown(diagnostic.range));
    DiagnosticJson::from(diagnostic).within(shown.map(|shown| (shown.cell, shown.range)))
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

pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
