//! The table of import roots.
//!
//! In: a [`Situation`]. Out: each root with its number, whose it is and why it is there; the project's own come first.
//!
//! **Invariant:** the numbers are those of `sys.path`, as hover and `why` say them; where the table is too wide for the
//! terminal, each root has two lines instead.

use std::fmt::Write as _;

use fromwhere_core::explain::{self, Short};
use fromwhere_core::origin::ImportRoot;
use fromwhere_core::situation::Situation;

use super::page::Paper;
use crate::cli::terminal::{Style, visible};

const TITLE: &str = "Import roots: the first that has a module answers (see `fromwhere why NAME`)";

struct Row {
    number: String,
    path: String,
    origin: &'static str,
    reason: String,
    exists: bool,
}

pub(super) fn table(situation: &Situation, short: &Short, paper: Paper) -> String {
    let style = Style { color: paper.color };
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    let row = |number: String, root: &ImportRoot| Row {
        number,
        path: visible(&short.path(&root.path)).into_owned(),
        origin: root.origin.as_str(),
        reason: format!("{}{}", visible(&short.evidence(&root.evidence)), explain::roots::remark(root)),
        exists: root.exists,
    };
    let own = situation.project.roots.iter().map(|root| row("·".to_owned(), root));
    let rows: Vec<Row> = own.chain(search_path.iter().zip(1..).map(|(root, at)| row(format!("{at}"), root))).collect();
    if rows.is_empty() {
        return String::new();
    }
    let widest = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or_default();
    let (paths, origins, reasons) = (widest(|row| &row.path), widest(|row| row.origin), widest(|row| &row.reason));
    let is_narrow = paper.width.is_some_and(|width| 3 + 2 + paths + 2 + origins + 2 + reasons > width);
    let mut output = format!("\n{}\n", style.bold(TITLE));
    for Row { number, path, origin, reason, exists } in &rows {
        let line = if is_narrow {
            format!("{number:>3}  {path}\n     {origin}: {reason}")
        } else {
            format!("{number:>3}  {path:paths$}  {origin:origins$}  {reason}")
        };
        for line in line.lines() {
            let _ = writeln!(output, "{}", if *exists { line.to_owned() } else { style.dim(line) });
        }
    }
    output
}
