//! Shell code that was cut out of another file.
//!
//! In: pieces of a source and where each begins. Out: a [`Code`]: the text a shell would see, and the way back to the source.
//!
//! **Invariant:** every byte of the code knows the byte of the source that it stands for.

use crate::text::Span;

/// The text that a shell would see.
#[derive(Debug, Default)]
pub(super) struct Code {
    text: String,
    /// For each byte of the text, the byte of the source.
    offsets: Vec<u32>,
}

impl Code {
    /// The code that a whole source is.
    pub(super) fn whole(source: &str) -> Self {
        let mut code = Code::default();
        code.push(source, 0);
        code
    }

    /// Adds a piece that begins at this byte of the source.
    pub(super) fn push(&mut self, piece: &str, start: usize) {
        self.text.push_str(piece);
        self.offsets.extend((start..start + piece.len()).map(|offset| u32::try_from(offset).unwrap_or(u32::MAX)));
    }

    /// Adds one character that stands for another spelling in the source.
    pub(super) fn push_for(&mut self, letter: char, start: usize) {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        self.text.push(letter);
        self.offsets.extend(std::iter::repeat_n(start, letter.len_utf8()));
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the place in the source of a part of the code.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| self.offsets.get(at).copied();
        let from = offset(start).or_else(|| self.offsets.last().map(|last| last + 1)).unwrap_or(0);
        let to = end.checked_sub(1).and_then(offset).map_or(from, |last| last + 1);
        Span::new(from, to.max(from))
    }

    /// Cuts out a part, for code inside code.
    pub(super) fn part(&self, start: usize, end: usize) -> Self {
        let text = self.text.get(start..end).unwrap_or_default().to_owned();
        let offsets = self.offsets.get(start..end).unwrap_or_default().to_vec();
        Code { text, offsets }
    }
}
