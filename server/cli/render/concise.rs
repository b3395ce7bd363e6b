//! Diagnostics, one line each: `path:line:col: severity[code] message`, in a notebook `path:cell N:line:col: …`.
//!
//! In: what a run has found. Out: text that compilers' error parsers read.
//!
//! **Invariant:** one line a diagnostic and nothing else.

use std::fmt::Write as _;

use super::Found;
use crate::cli::terminal::{relative, visible};

pub(in crate::cli) fn render(found: &Found<'_>) -> String {
    let mut output = String::new();
    for diagnostic in found.diagnostics {
        let shown = found.notebooks.get(&diagnostic.path).and_then(|notebook| notebook.shown(diagnostic.range));
        let cell = shown.as_ref().map(|shown| format!(":cell {}", shown.cell)).unwrap_or_default();
        let start = shown.map_or(diagnostic.range, |shown| shown.range).start;
        let _ = writeln!(
            output,
            "{}{cell}:{}:{}: {}[{}] {}",
            relative(&diagnostic.path, found.working_directory),
            start.line + 1,
            start.utf32 + 1,
            diagnostic.severity.as_str(),
            diagnostic.rule.code(),
            visible(&diagnostic.message),
        );
    }
    output
}
