//! Diagnostics as GitLab's Code Quality report
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).
//!
//! In: what a run has found. Out: one JSON array.
//!
//! **Invariant:** paths are relative to the working directory, which in a job is the repository.

use std::borrow::Cow;

use serde::Serialize;

use super::{Found, fingerprint};
use crate::cli::json;
use crate::cli::terminal::as_in_git;
use fromwhere_core::diagnostic::Severity;

pub(in crate::cli) fn render(found: &Found<'_>) -> String {
    let fingerprints = fingerprint::all(found.diagnostics, found.working_directory);
    let issues = found.diagnostics.iter().zip(fingerprints).map(|(diagnostic, fingerprint)| Issue {
        description: &diagnostic.message,
        check_name: diagnostic.rule.code(),
        fingerprint,
        severity: match diagnostic.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Information => "minor",
            Severity::Hint => "info",
        },
        location: Location {
            path: as_in_git(&diagnostic.path, found.working_directory),
            lines: Lines { begin: diagnostic.range.start.line + 1, end: diagnostic.range.end.line + 1 },
        },
    });
    json::pretty(&issues.collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Cow<'a, str>,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}
