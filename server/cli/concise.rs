//! Diagnostics, one line each: `path:line:col: severity[code] message`.
//!
//! In: diagnostics. Out: text that compilers' error parsers read.
//!
//! **Invariant:** one line a diagnostic and nothing else.

use std::fmt::Write as _;

use camino::Utf8Path;
use fromwhere_core::diagnostic::Diagnostic;

use super::terminal::{relative, visible};

pub(super) fn render(diagnostics: &[Diagnostic], working_directory: &Utf8Path) -> String {
    let mut output = String::new();
    for diagnostic in diagnostics {
        let start = diagnostic.range.start;
        let _ = writeln!(
            output,
            "{}:{}:{}: {}[{}] {}",
            relative(&diagnostic.path, working_directory),
            start.line + 1,
            start.utf32 + 1,
            diagnostic.severity.as_str(),
            diagnostic.rule.code(),
            visible(&diagnostic.message),
        );
    }
    output
}
