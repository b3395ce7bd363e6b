//! How often each rule fired.
//!
//! In: diagnostics. Out: a table or JSON, the most frequent rule first.
//!
//! **Invariant:** the counts add up to the number of diagnostics.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::rules::Rule;
use serde::Serialize;

use crate::cli::json;

/// One line a rule: count, code, summary.
pub(in crate::cli) fn table(diagnostics: &[Diagnostic]) -> String {
    let rows = rows(diagnostics);
    let count_width = rows.iter().map(|row| row.count.to_string().len()).max().unwrap_or_default();
    let code_width = rows.iter().map(|row| row.code.len()).max().unwrap_or_default();
    rows.iter().fold(String::new(), |mut output, row| {
        let _ = writeln!(output, "{:>count_width$}  {:code_width$}  {}", row.count, row.code, row.summary);
        output
    })
}

pub(in crate::cli) fn json(diagnostics: &[Diagnostic]) -> String {
    json::pretty(&rows(diagnostics))
}

#[derive(Serialize)]
struct Row {
    code: &'static str,
    count: usize,
    summary: &'static str,
}

fn rows(diagnostics: &[Diagnostic]) -> Vec<Row> {
    let mut counts: BTreeMap<Rule, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.rule).or_default() += 1;
    }
    let row = |(rule, count): (Rule, usize)| Row { code: rule.code(), count, summary: rule.summary() };
    let mut rows: Vec<Row> = counts.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then(a.code.cmp(b.code)));
    rows
}
