//! The words that every import has, and where names end.
//!
//! In: the bytes of a text. Out: the places of a word, one after the other.
//!
//! **Invariant:** a place is found in strings and longer names too; who asks decides what it is.

use memchr::memmem;

pub(super) const IMPORT: &[u8] = b"import";
pub(super) const FROM: &[u8] = b"from";

/// The places of one word in a text, one after the other.
pub(super) struct Word<'a> {
    places: memmem::FindIter<'a, 'static>,
    pub(super) next: Option<usize>,
}

impl<'a> Word<'a> {
    pub(super) fn new(bytes: &'a [u8], word: &'static [u8]) -> Self {
        let mut places = memmem::find_iter(bytes, word);
        let next = places.next();
        Word { places, next }
    }

    /// Takes the next place, where it lies before this one.
    pub(super) fn take_before(&mut self, at: usize) -> Option<usize> {
        let place = self.next.filter(|place| *place < at)?;
        self.next = self.places.next();
        Some(place)
    }
}

/// Tells whether the bytes end in the beginning of a name. What begins with a digit is a number, and the parser knows
/// best where letters of other scripts end.
pub(super) fn ends_in_name(bytes: &[u8]) -> bool {
    let length = bytes.iter().rev().take_while(|byte| is_word(**byte)).count();
    bytes.get(bytes.len() - length).is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && (length == bytes.len() || bytes[bytes.len() - length - 1].is_ascii())
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
