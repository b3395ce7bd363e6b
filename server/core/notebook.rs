//! A Jupyter notebook: its code cells as one file.
//!
//! In: the text of an `.ipynb`, or the cells that an editor has open. Out: a [`Notebook`], or the [`Flaw`] that keeps it from
//! being read; the imports of all its cells, and the ways between a place in them and a place in the file.
//!
//! **Invariant:** a notebook is never written; what is said of a cell stands in the file at the very letters it is about.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, FixAction, Related};
use crate::imports::{self, Imports};
use crate::text::{Point, Range, Span, Text};

mod cells;
mod json;
#[cfg(test)]
mod tests;

pub use cells::{Cells, InCell};
use json::Places;

/// The largest notebook that is read, in bytes: its outputs may hold pictures.
pub const LARGEST_NOTEBOOK: u64 = 64 * 1024 * 1024;

/// What a notebook names that nobody chose a kernel for (`NATIVE_KERNEL_NAME` in `jupyter_client.kernelspec`).
const NATIVE_KERNEL: &str = "python3";

/// Tells whether a file is a notebook by its name.
pub fn is_notebook(path: &camino::Utf8Path) -> bool {
    path.extension() == Some("ipynb")
}

#[derive(Debug, Clone)]
pub struct Notebook {
    file: Text,
    cells: Cells,
    /// For each of the cells.
    numbers: Vec<usize>,
    places: Vec<Places>,
    /// What the notebook calls its kernel, and where.
    kernel: Option<(String, Span)>,
}

/// Why a file is no notebook that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// From 1.
    pub line: Option<u32>,
    pub message: String,
}

impl Flaw {
    fn of_file(message: &str) -> Self {
        Flaw { line: None, message: message.to_owned() }
    }
}

/// A place as people find it in the notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number among all cells, from 1.
    pub cell: usize,
    pub range: Range,
    /// The source of the cell.
    pub text: Text,
}

impl Notebook {
    pub fn read(source: String) -> Result<Self, Flaw> {
        let content = json::read(&source)?;
        let cells = Cells::join(content.cells.iter().map(|(_, text)| text.as_str()));
        let numbers = content.cells.iter().map(|(number, _)| *number).collect();
        Ok(Notebook { file: Text::new(source), cells, numbers, places: content.places, kernel: content.kernel })
    }

    /// The code of all cells, one after the other.
    pub fn text(&self) -> &Text {
        self.cells.text()
    }

    /// What all cells ask for, in that text.
    pub fn imports(&self) -> Imports {
        let scan = |cell| Arc::new(imports::scan_cell(&Text::new(self.cells.source(cell).to_owned())));
        let each: Vec<Arc<Imports>> = (0..self.numbers.len()).map(scan).collect();
        Imports { kernel: self.kernel().map(str::to_owned), ..self.cells.imports(&each) }
    }

    /// The kernel that somebody chose. What a notebook has that nobody chose one for says nothing: it is the Python of
    /// whoever runs Jupyter.
    pub fn kernel(&self) -> Option<&str> {
        self.kernel.as_ref().map(|(name, _)| name.as_str()).filter(|name| !name.eq_ignore_ascii_case(NATIVE_KERNEL))
    }

    /// Where the file names its kernel.
    pub fn place_of_kernel(&self) -> Option<Range> {
        self.kernel.as_ref().map(|(_, span)| self.file.range(*span))
    }

    /// Puts what was found in the code where it stands in the file. No fix edits a notebook: its editor would have to.
    pub fn in_file(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Diagnostic { path, range, related, fixes, .. } = diagnostic.clone();
        let related = related
            .into_iter()
            .map(|it| if it.path == path { Related { range: self.range_in_file(it.range), ..it } } else { it });
        let related = related.collect();
        let edits_it =
            |action: &FixAction| matches!(action, FixAction::Edit(edits) if edits.iter().any(|edit| edit.path == path));
        let fixes = fixes.into_iter().filter(|fix| !edits_it(&fix.action)).collect();
        Diagnostic { range: self.range_in_file(range), related, fixes, ..diagnostic }
    }

    /// Finds the cell that a place in the file lies in.
    pub fn shown(&self, range: Range) -> Option<Shown> {
        let offset = |point: Point| (self.file.line_span(point.line).start + point.utf8) as usize;
        let (start, end) = (offset(range.start), offset(range.end));
        let inside = |places: &Places| places.in_text(start);
        let cell = self.places.iter().rposition(|places| inside(places).is_some())?;
        let places = self.places.get(cell)?;
        let text = Text::new(self.cells.source(cell).to_owned());
        let number = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span::new(number(places.in_text(start)?), number(places.in_text(end)?));
        Some(Shown { cell: *self.numbers.get(cell)?, range: text.range(span), text })
    }

    fn range_in_file(&self, range: Range) -> Range {
        let Some(InCell { cell, range }) = self.cells.in_cell(range) else { return range };
        let text = Text::new(self.cells.source(cell).to_owned());
        let offset = |point: Point| (text.line_span(point.line).start + point.utf8) as usize;
        let Some(places) = self.places.get(cell) else { return range };
        let number = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let (start, end) = (places.in_file(offset(range.start)), places.end_in_file(offset(range.end)));
        self.file.range(Span::new(number(start), number(end.max(start))))
    }
}
