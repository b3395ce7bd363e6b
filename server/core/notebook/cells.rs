//! The code cells of one notebook as one text.
//!
//! In: the sources of cells, in order. Out: [`Cells`]: the text of all, and the way back from a place in it to a cell.
//!
//! **Invariant:** every cell begins a line of its own, so that only the line of a place differs, never its column.

use std::sync::Arc;

use crate::imports::Imports;
use crate::suppression::{Misspelling, Suppression};
use crate::text::{Point, Range, Span, Text};

/// The code cells of one notebook as one text.
#[derive(Debug, Clone)]
pub struct Cells {
    text: Text,
    cells: Vec<Joined>,
}

/// Where one cell stands in the text of all.
#[derive(Debug, Clone, Copy)]
struct Joined {
    span: Span,
    line: u32,
}

/// A place within one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InCell {
    /// Counts the code cells from 0.
    pub cell: usize,
    pub range: Range,
}

impl Cells {
    pub fn join<'s>(sources: impl IntoIterator<Item = &'s str>) -> Self {
        let mut text = String::new();
        let mut spans = Vec::new();
        for source in sources {
            let start = length(&text);
            text.push_str(source);
            spans.push(Span::new(start, length(&text)));
            if !source.ends_with('\n') {
                text.push('\n');
            }
        }
        let text = Text::new(text);
        let cells = spans.into_iter().map(|span| Joined { span, line: text.point(span.start).line }).collect();
        Cells { text, cells }
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Returns the source of one cell.
    pub fn source(&self, cell: usize) -> &str {
        let span = self.cells.get(cell).map_or(Span::new(0, 0), |it| it.span);
        self.text.source().get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Makes the imports of the cells, in the same order, those of one file. A comment that stands alone before the first code
    /// silences its cell; in the first cell it silences the notebook.
    pub fn imports(&self, of_cells: &[Arc<Imports>]) -> Imports {
        let mut joined = Imports::default();
        for (number, (cell, imports)) in self.cells.iter().zip(of_cells).enumerate() {
            let (bytes, above) = (cell.span.start, cell.line);
            joined.imports.extend(imports.imports.iter().map(|import| import.clone().moved(bytes)));
            joined.kernel.clone_from(&imports.kernel);
            joined.too_deep |= imports.too_deep;
            let end = self.cells.get(number + 1).map_or(u32::MAX, |next| next.line);
            let comments = &imports.comments;
            joined.comments.suppressions.extend(comments.suppressions.iter().map(|it| {
                let lines = match &it.lines {
                    Some(lines) => Some(lines.start() + above..=lines.end() + above),
                    None if number == 0 => None,
                    None => Some(above..=end.saturating_sub(1)),
                };
                Suppression { lines, span: it.span.moved(bytes), ..it.clone() }
            }));
            let misspellings = comments.misspellings.iter();
            let moved = misspellings.map(|it| Misspelling { span: it.span.moved(bytes), ..it.clone() });
            joined.comments.misspellings.extend(moved);
        }
        joined
    }

    /// Finds the cell of a place in the text of all.
    pub fn in_cell(&self, range: Range) -> Option<InCell> {
        let cell = self.cells.partition_point(|cell| cell.line <= range.start.line).checked_sub(1)?;
        let above = self.cells.get(cell)?.line;
        let moved = |point: Point| Point { line: point.line.saturating_sub(above), ..point };
        Some(InCell { cell, range: Range { start: moved(range.start), end: moved(range.end) } })
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::scan_cell;

    fn read(sources: &[&str]) -> (Cells, Imports) {
        let each: Vec<Arc<Imports>> =
            sources.iter().map(|it| Arc::new(scan_cell(&Text::new((*it).to_owned())))).collect();
        let cells = Cells::join(sources.iter().copied());
        let imports = cells.imports(&each);
        (cells, imports)
    }

    #[test]
    fn a_place_leads_back_to_its_cell() {
        let (cells, imports) = read(&["import a", "", "%%bash\nls", "x = 'é'; import b\nimport c\n"]);
        let places: Vec<(usize, u32, u32)> = imports
            .imports
            .iter()
            .map(|import| {
                let found = cells.in_cell(cells.text().range(import.span)).unwrap();
                (found.cell, found.range.start.line, found.range.start.utf32)
            })
            .collect();
        assert_eq!(places, [(0, 0, 7), (3, 0, 16), (3, 1, 7)]);
        assert_eq!(cells.source(2), "%%bash\nls");
        assert_eq!(cells.source(9), "");
        assert_eq!(Cells::join([]).in_cell(Range::default()), None);
    }

    #[test]
    fn a_comment_silences_the_notebook_or_its_cell() {
        let (_, first) = read(&["# fromwhere: ignore\nimport a", "import b"]);
        assert_eq!(first.comments.suppressions.first().unwrap().lines, None);
        let (_, second) = read(&["import a", "# fromwhere: ignore\nimport b", "import c"]);
        let lines: Vec<_> = second.comments.suppressions.iter().map(|it| it.lines.clone()).collect();
        assert_eq!(lines, [Some(1..=2)]);
        let (_, last) = read(&["import a", "import b  # fromwhere: ignore", "# fromwhere: ignore\nimport c\n"]);
        let lines: Vec<_> = last.comments.suppressions.iter().filter_map(|it| it.lines.clone()).collect();
        assert_eq!(lines, [1..=1, 2..=u32::MAX - 1]);
    }
}
