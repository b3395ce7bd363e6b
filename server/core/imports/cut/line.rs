//! One logical line after the other: where it ends, and whether it can import.
//!
//! In: the bytes of a text. Out: for each line its end, whether it opens a block, and two signs that add up until they are
//! taken: it may import, and it is unsure.
//!
//! **Invariant:** where it is not certain where a string or a bracket ends, there is no answer.

use super::Doubt;
use super::formatted::{is_plainly_formatted, is_prefix};
use super::nesting::Nesting;
use super::plain::{follows_yield, is_plainly_raised, is_unsure_word};
use crate::imports::word::{FROM, IMPORT, Word, ends_in_name, is_word};

pub(super) struct Line<'a> {
    bytes: &'a [u8],
    at: usize,
    import: Word<'a>,
    from: Word<'a>,
    imports: bool,
    is_unsure: bool,
    /// Whether what came before is.
    was_unsure: bool,
    /// Where the logical line starts.
    start: usize,
    /// Where its code ends so far, a comment left out.
    code: usize,
    /// Whether the line before opens a block.
    opened: bool,
    nesting: Nesting,
}

impl<'a> Line<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Line {
            bytes,
            at: 0,
            import: Word::new(bytes, IMPORT),
            from: Word::new(bytes, FROM),
            imports: false,
            is_unsure: false,
            was_unsure: false,
            start: 0,
            code: 0,
            opened: false,
            nesting: Nesting::default(),
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Tells whether anything that was read since the signs were taken, or that comes, can import.
    pub(super) fn may_import(&self) -> bool {
        self.imports || self.import.next.is_some() || self.from.next.is_some()
    }

    /// Tells whether what was read can import, and whether it is unsure, and forgets it.
    pub(super) fn take_signs(&mut self) -> (bool, bool) {
        (std::mem::take(&mut self.imports), std::mem::take(&mut self.is_unsure))
    }

    /// Tells whether statements before this one are unsure, and nothing has been parsed since.
    pub(super) fn follow(&mut self, is_unsure: bool) {
        self.was_unsure = is_unsure;
    }

    /// Tells once whether the line before opens a block.
    pub(super) fn take_opened(&mut self) -> bool {
        std::mem::take(&mut self.opened)
    }

    /// Returns how deep the line that was read nests at most.
    pub(super) fn depth(&self) -> usize {
        self.nesting.deepest
    }

    /// Goes past the end of a logical line.
    pub(super) fn read(&mut self) -> Result<(), Doubt> {
        self.nesting.clear();
        self.start = self.at;
        let mut token = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            let class = CLASSES[usize::from(byte)];
            if let Class::Plain = class {
                self.at += 1;
                continue;
            }
            if token < self.at {
                self.word(token);
            }
            match class {
                Class::Plain | Class::Blank => self.at += 1,
                Class::Operator => {
                    self.nesting.token(1);
                    self.at += 1;
                }
                Class::Comma => {
                    self.nesting.separate();
                    self.at += 1;
                }
                Class::Odd => {
                    self.is_unsure |= byte != b'!' || self.bytes.get(self.at + 1) != Some(&b'=');
                    self.nesting.token(1);
                    self.at += 1;
                }
                Class::Quote => {
                    self.pass_code();
                    self.string(token)?;
                }
                Class::Hash => {
                    self.pass_code();
                    let code = self.at;
                    self.comment();
                    // Between brackets the line goes on.
                    if self.nesting.is_closed() {
                        self.code = code;
                        self.line_end();
                        return self.end();
                    }
                }
                Class::Open => {
                    self.nesting.open(byte);
                    self.at += 1;
                }
                Class::Close => {
                    if !self.nesting.close(byte) {
                        return Err(Doubt);
                    }
                    self.at += 1;
                }
                Class::Backslash => {
                    self.at += 1;
                    if !self.line_end() || self.at >= self.bytes.len() {
                        return Err(Doubt);
                    }
                    self.is_unsure = true;
                }
                Class::LineEnd => {
                    self.code = self.at;
                    self.line_end();
                    if self.nesting.is_closed() {
                        self.pass_code();
                        return self.end();
                    }
                    // Where something is torn before it, the parser may take it for the end of the line.
                    self.is_unsure = true;
                }
            }
            token = self.at;
        }
        if token < self.at {
            self.word(token);
        }
        self.code = self.at;
        self.pass_code();
        if self.nesting.is_closed() { self.end() } else { Err(Doubt) }
    }

    /// A colon at the end of a line opens a block; where none follows, the parser has its own way to go on.
    fn end(&mut self) -> Result<(), Doubt> {
        self.nesting.separate();
        let code = self.bytes.get(self.start..self.code).unwrap_or_default();
        match code.trim_ascii_end().last() {
            Some(b'\\') => Err(Doubt),
            Some(last) => {
                self.opened = *last == b':';
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes note of the word that begins at `start` and ends here.
    fn word(&mut self, start: usize) {
        self.nesting.token(1);
        // What the words that matter begin with: most begin otherwise.
        if self.at - start < 3 || !matches!(self.bytes[start], b'c' | b'd' | b'l' | b'm' | b'w' | b'0'..=b'9') {
            return;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        if word.ends_with(b"lambda") {
            self.nesting.lambda();
        }
        if !self.is_unsure {
            let before = self.bytes.get(self.start..start).unwrap_or_default();
            self.is_unsure = is_unsure_word(before, word, self.rest());
        }
    }

    /// Goes past one line end, where there is one.
    fn line_end(&mut self) -> bool {
        match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
            (Some(b'\r'), Some(b'\n')) => self.at += 2,
            (Some(b'\r' | b'\n'), _) => self.at += 1,
            _ => return false,
        }
        true
    }

    fn comment(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.pass_words();
    }

    /// Goes past a string whose prefix begins at `prefix` and whose first quote is here.
    fn string(&mut self, prefix: usize) -> Result<(), Doubt> {
        let prefix = self.bytes.get(prefix..self.at).unwrap_or_default();
        let is_formatted = is_prefix(prefix) && prefix.iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
        // A word may stand before a string; a number or letters of another script may end in its prefix.
        if !prefix.is_ascii() || prefix.first().is_some_and(u8::is_ascii_digit) {
            return Err(Doubt);
        }
        let start = self.at;
        let quote = self.bytes[start];
        let triple = self.bytes.get(start..start + 3) == Some(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        loop {
            let rest = self.rest();
            let next = if triple {
                memchr::memchr2(quote, b'\\', rest)
            } else {
                rest.iter().position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n' | b'\r'))
            };
            self.at += next.ok_or(Doubt)?;
            match self.bytes[self.at] {
                b'\\' => {
                    self.at += 1;
                    if !self.line_end() {
                        self.at += 1;
                    }
                }
                b'\n' | b'\r' => return Err(Doubt),
                _ if triple && self.bytes.get(self.at..self.at + 3) != Some(&[quote; 3]) => self.at += 1,
                _ => break,
            }
        }
        self.at += if triple { 3 } else { 1 };
        if !is_formatted {
            self.nesting.token(1);
            self.pass_words();
            return Ok(());
        }
        let content = self.bytes.get(start..self.at).unwrap_or_default();
        if !is_plainly_formatted(content) {
            return Err(Doubt);
        }
        // What stands inside of it is not counted one by one.
        self.nesting.token(content.len());
        self.is_unsure |= triple;
        // An expression inside may call `__import__`.
        self.pass_code();
        Ok(())
    }

    /// What was passed since the last look is code: a word in it imports.
    fn pass_code(&mut self) {
        while self.import.take_before(self.at).is_some() {
            self.imports = true;
        }
        while let Some(word) = self.from.take_before(self.at) {
            self.imports |= !self.is_no_statement(word);
        }
    }

    /// What was passed since the last look is no code.
    fn pass_words(&mut self) {
        while self.import.take_before(self.at).is_some() {}
        while self.from.take_before(self.at).is_some() {}
    }

    /// Tells whether `from` is certainly no statement of its own: a part of a name, or that of `raise` or `yield` where
    /// these begin one.
    fn is_no_statement(&self, word: usize) -> bool {
        let before = self.bytes.get(self.start..word).unwrap_or_default();
        let is_in_name =
            ends_in_name(&self.bytes[..word]) || self.bytes.get(word + FROM.len()).is_some_and(|it| is_word(*it));
        let is_sure = !self.is_unsure && !self.was_unsure;
        is_in_name || is_sure && (follows_yield(before) || is_plainly_raised(before))
    }
}

#[derive(Clone, Copy)]
enum Class {
    /// A part of a word, or of what is written without an end of its own.
    Plain,
    Blank,
    /// Anything that ends a word and means nothing else here.
    Operator,
    Comma,
    /// What no code has outside of strings and comments, but for the `!` of `!=`.
    Odd,
    Quote,
    Hash,
    Open,
    Close,
    Backslash,
    LineEnd,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Operator; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let character = byte as u8;
        classes[byte] = match character {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Class::Plain,
            b' ' | b'\t' => Class::Blank,
            b',' => Class::Comma,
            b'\'' | b'"' => Class::Quote,
            b'#' => Class::Hash,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b'\\' => Class::Backslash,
            b'\n' | b'\r' => Class::LineEnd,
            b'!' | b'$' | b'?' | b'`' | ..32 | 127.. => Class::Odd,
            _ => Class::Operator,
        };
        byte += 1;
    }
    classes
};
