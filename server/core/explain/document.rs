//! Markdown that reads well as it is written: many editors show the document's text, not its picture.
//!
//! In: titles, rows, cells. Out: headings, aligned rows in a block, aligned tables.
//!
//! **Invariant:** no name of a file can leave the block, the cell or the line that it stands in.

use std::fmt;
use std::fmt::Write as _;

use super::{Row, visible};

/// How wide the names of the rows are.
const NAMES: usize = 13;

/// Starts a document: a heading, a sentence, and the facts below each other.
pub(super) fn document(title: &str, sentence: &str, rows: &[Row]) -> String {
    let mut text = format!("# {}\n\n{}.\n", visible(title), visible(sentence));
    if !rows.is_empty() {
        text.push_str("\n```text\n");
        for row in rows {
            for (at, value) in row.values.iter().enumerate() {
                let line = format!("{:<NAMES$} {}", if at == 0 { row.name } else { "" }, visible(value));
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        text.push_str("```\n");
    }
    text
}

/// Sets a name off; what would end that, or a cell, is written in another way.
pub(super) fn code(name: &str) -> String {
    format!("`{}`", visible(name).replace('`', "'").replace('|', "¦"))
}

/// A table of four columns.
pub(super) struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    pub(super) fn new(titles: [&str; 4]) -> Self {
        Table { rows: vec![titles.map(str::to_owned)] }
    }

    pub(super) fn row(&mut self, cells: [String; 4]) {
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [2; 4];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let line = |formatter: &mut fmt::Formatter<'_>, cells: &[String; 4]| {
            for (cell, width) in cells.iter().zip(widths) {
                write!(formatter, "| {cell:width$} ")?;
            }
            writeln!(formatter, "|")
        };
        for (at, row) in self.rows.iter().enumerate() {
            line(formatter, row)?;
            if at == 0 {
                line(formatter, &widths.map(|width| "-".repeat(width)))?;
            }
        }
        Ok(())
    }
}
