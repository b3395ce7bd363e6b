//! Diagnostics as GitHub's workflow commands, which a workflow's log turns into annotations.
//!
//! In: diagnostics. Out: one command a line.
//!
//! **Invariant:** what would end a property or a message is escaped, as GitHub's `actions/toolkit` does.

use std::fmt::Write as _;

use camino::Utf8Path;
use fromwhere_core::diagnostic::{Diagnostic, Severity};

use super::terminal::relative;

pub(super) fn render(diagnostics: &[Diagnostic], working_directory: &Utf8Path) -> String {
    let mut output = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information | Severity::Hint => "notice",
        };
        let (start, end) = (diagnostic.range.start, diagnostic.range.end);
        let _ = writeln!(
            output,
            "::{command} file={},line={},col={},endLine={},endColumn={},title=fromwhere {}::{}",
            property(&relative(&diagnostic.path, working_directory)),
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
