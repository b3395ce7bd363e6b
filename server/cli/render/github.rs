//! Diagnostics as GitHub's workflow commands, which a workflow's log turns into annotations.
//!
//! In: what a run has found. Out: one command a line.
//!
//! **Invariant:** what would end a property or a message is escaped, as GitHub's `actions/toolkit` does.

use std::fmt::Write as _;

use fromwhere_core::diagnostic::Severity;

use super::Found;
use crate::cli::terminal::{as_in_git, visible};

pub(in crate::cli) fn render(found: &Found<'_>) -> String {
    let mut output = String::new();
    for diagnostic in found.diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information | Severity::Hint => "notice",
        };
        let (start, end) = (diagnostic.range.start, diagnostic.range.end);
        let _ = writeln!(
            output,
            "::{command} file={},line={},col={},endLine={},endColumn={},title=fromwhere {}::{}",
            visible(&property(&as_in_git(&diagnostic.path, found.working_directory))),
            start.line + 1,
            start.utf32 + 1,
            end.line + 1,
            end.utf32 + 1,
            diagnostic.rule.code(),
            message(&diagnostic.message),
        );
    }
    output
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
