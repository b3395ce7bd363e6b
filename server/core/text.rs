//! One source text and its lines.
//!
//! In: a string, and the edits that an editor makes to it. Out: places in all three encodings that the protocol knows.
//!
//! **Invariant:** no position an editor can send panics; what lies outside is moved to the nearest place inside.

use std::sync::OnceLock;

use ruff_source_file::LineIndex;
use ruff_text_size::TextSize;

/// A half-open range of bytes in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: u32, end: u32) -> Self {
        Span { start, end }
    }

    /// Returns the same range in a text that has this many bytes more in front of it.
    #[must_use]
    pub fn moved(self, bytes: u32) -> Self {
        Span { start: self.start.saturating_add(bytes), end: self.end.saturating_add(bytes) }
    }

    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }
}

/// A place in a text: the line and, on it, the column in each encoding; all from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    pub line: u32,
    /// In bytes of UTF-8.
    pub utf8: u32,
    /// In code units of UTF-16.
    pub utf16: u32,
    /// In Unicode code points.
    pub utf32: u32,
}

/// A half-open range between two places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    pub start: Point,
    pub end: Point,
}

impl Range {
    /// Returns the empty range at the start of a line (from 0): a place for files whose text is not at hand.
    pub fn at_line(line: u32) -> Self {
        let point = Point { line, ..Point::default() };
        Range { start: point, end: point }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

/// A place as an editor sends it: line and column from 0, the column in the session's encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditorPosition {
    pub line: u32,
    pub character: u32,
}

/// One change as an editor sends it; without a range the text is replaced whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub range: Option<(EditorPosition, EditorPosition)>,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Text {
    source: String,
    /// Made when the first place is asked for: of most texts none is.
    lines: OnceLock<LineIndex>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Text {}

impl Text {
    pub fn new(source: String) -> Self {
        Text { source, lines: OnceLock::new() }
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn line_count(&self) -> usize {
        self.lines().line_count()
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::from_source_text(&self.source))
    }

    /// Returns the bytes of a line (from 0) without its line end; empty past the last line.
    pub fn line(&self, line: u32) -> &str {
        let span = self.line_span(line);
        &self.source[span.start as usize..span.end as usize]
    }

    /// Returns where a line (from 0) lies, without its line end.
    pub fn line_span(&self, line: u32) -> Span {
        let starts = self.lines().line_starts();
        let Some(start) = starts.get(line as usize) else {
            let end = length(&self.source);
            return Span::new(end, end);
        };
        let start = start.to_u32();
        let end = starts.get(line as usize + 1).map_or_else(|| length(&self.source), TextSize::to_u32);
        let content = self.source[start as usize..end as usize].trim_end_matches(['\n', '\r']);
        Span::new(start, start + length(content))
    }

    pub fn point(&self, offset: u32) -> Point {
        let mut offset = (offset as usize).min(self.source.len());
        while !self.source.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines().line_index(TextSize::new(offset_u32(offset))).to_zero_indexed();
        let start = self.lines().line_starts()[line].to_usize();
        let before = &self.source[start..offset];
        let (utf16, utf32) = if before.is_ascii() {
            (before.len(), before.len())
        } else {
            (before.encode_utf16().count(), before.chars().count())
        };
        Point { line: offset_u32(line), utf8: length(before), utf16: offset_u32(utf16), utf32: offset_u32(utf32) }
    }

    pub fn range(&self, span: Span) -> Range {
        Range { start: self.point(span.start), end: self.point(span.end) }
    }

    /// Returns the byte that an editor's position means.
    pub fn offset(&self, position: EditorPosition, encoding: Encoding) -> u32 {
        let span = self.line_span(position.line);
        let line = &self.source[span.start as usize..span.end as usize];
        let wanted = position.character as usize;
        let mut seen = 0;
        for (at, character) in line.char_indices() {
            let width = match encoding {
                Encoding::Utf8 => character.len_utf8(),
                Encoding::Utf16 => character.len_utf16(),
                Encoding::Utf32 => 1,
            };
            if seen + width > wanted {
                return span.start + offset_u32(at);
            }
            seen += width;
        }
        span.end
    }

    /// Makes one change; a range that ends before it starts is taken the other way round.
    pub fn apply(&mut self, change: &Change, encoding: Encoding) {
        match change.range {
            None => self.source.clone_from(&change.text),
            Some((from, to)) => {
                let (from, to) = (self.offset(from, encoding), self.offset(to, encoding));
                self.source.replace_range(from.min(to) as usize..from.max(to) as usize, &change.text);
            }
        }
        self.lines = OnceLock::new();
    }
}

fn length(text: &str) -> u32 {
    offset_u32(text.len())
}

/// Texts are capped far below 4 GiB; one that is not has no places past that.
fn offset_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
