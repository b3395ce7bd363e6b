//! Which parts of a text can import anything, found without a syntax tree.
//!
//! In: a source. Out: the parts to parse, each a run of whole statements at the top of the module; `None` where the text has
//! to be parsed as one.
//!
//! **Invariant:** the imports of the parts, parsed alone, are those of the whole text. A statement at the top of a module
//! leaves nothing behind for the next one: brackets are closed and blocks have ended. So what has neither `import` nor
//! the `from` of an import outside of strings and comments can be left out, and any doubt about where a string or a bracket ends is answered with `None`.

use std::ops::Range;

use memchr::memmem;

use formatted::{is_plainly_formatted, is_prefix};
use word::{FROM, IMPORT, Word, ends_in_name, is_apart, is_word};

mod formatted;
mod word;

/// Cuts a source into the parts that can import.
pub(super) fn parts(source: &str) -> Option<Vec<Range<usize>>> {
    // Its comments count too, and only the parser's tokens tell those from strings in every text.
    if memmem::find(source.as_bytes(), b"fromwhere:").is_some() {
        return None;
    }
    Cutter::new(source).run()
}

struct Cutter<'a> {
    bytes: &'a [u8],
    at: usize,
    import: Word<'a>,
    from: Word<'a>,
    /// Where the statement that is read starts, and whether it can import.
    statement: usize,
    imports: bool,
    /// Where the logical line starts.
    line: usize,
    /// Where its code ends so far, a comment left out.
    code: usize,
    /// Whether the line before opens a block.
    opened: bool,
    /// The indentations of the blocks that are open, in bytes, and the one byte they are made of.
    blocks: Vec<usize>,
    blank: Option<u8>,
    brackets: Vec<u8>,
    parts: Vec<Range<usize>>,
}

/// What a line begins with.
enum Line {
    /// Nothing but blanks and a comment, or inside of a block.
    Inside,
    /// A statement at the top of the module.
    Statement,
    /// `else` and its like: it goes on with the statement above.
    Clause,
}

/// The text is not as plain as this file needs it.
struct Doubt;

impl<'a> Cutter<'a> {
    fn new(source: &'a str) -> Self {
        let bytes = source.as_bytes();
        Cutter {
            bytes,
            at: 0,
            import: Word::new(bytes, IMPORT),
            from: Word::new(bytes, FROM),
            statement: 0,
            imports: false,
            line: 0,
            code: 0,
            opened: false,
            blocks: Vec::new(),
            blank: None,
            brackets: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn run(mut self) -> Option<Vec<Range<usize>>> {
        while self.at < self.bytes.len() {
            // The end of a statement that imports has to be found; behind the last one nothing matters.
            if self.import.next.is_none() && self.from.next.is_none() && !self.imports {
                return Some(self.parts);
            }
            match self.begin_line().ok()? {
                Line::Statement => self.end_statement(),
                Line::Inside | Line::Clause => {}
            }
            self.logical_line().ok()?;
        }
        if !self.brackets.is_empty() {
            return None;
        }
        self.end_statement();
        Some(self.parts)
    }

    /// Ends the statement before this place and begins the next.
    fn end_statement(&mut self) {
        if self.imports {
            match self.parts.last_mut() {
                Some(last) if last.end == self.statement => last.end = self.at,
                _ => self.parts.push(self.statement..self.at),
            }
        }
        self.statement = self.at;
        self.imports = false;
    }

    /// Looks at what a logical line begins with; nothing is consumed.
    fn begin_line(&mut self) -> Result<Line, Doubt> {
        self.line = self.at;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        if matches!(rest.get(blanks), None | Some(b'\n' | b'\r' | b'#')) {
            return Ok(Line::Inside);
        }
        let indentation = rest.get(..blanks).unwrap_or_default();
        // A form feed starts the count of columns anew; what begins no statement may end a block or not.
        if indentation.contains(&b'\x0c') || !rest.get(blanks).is_some_and(|first| begins_statement(*first)) {
            return Err(Doubt);
        }
        let blank = *self.blank.get_or_insert(*indentation.first().unwrap_or(&b' '));
        if indentation.iter().any(|byte| *byte != blank) {
            return Err(Doubt);
        }
        self.indent(blanks)?;
        if blanks > 0 {
            return Ok(Line::Inside);
        }
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let is_clause = matches!(rest.get(..word), Some(b"else" | b"elif" | b"except" | b"finally"));
        Ok(if is_clause { Line::Clause } else { Line::Statement })
    }

    /// A colon at the end of a line opens a block; where none follows, the parser has its own way to go on.
    fn end_line(&mut self) -> Result<(), Doubt> {
        let code = self.bytes.get(self.line..self.code).unwrap_or_default();
        match code.trim_ascii_end().last() {
            Some(b'\\') => Err(Doubt),
            Some(last) => {
                self.opened = *last == b':';
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes the indentation of a line. One that fits no block, or a block that does not begin, is left to the parser.
    fn indent(&mut self, blanks: usize) -> Result<(), Doubt> {
        let current = self.blocks.last().copied().unwrap_or_default();
        if std::mem::take(&mut self.opened) {
            self.blocks.push(blanks);
            return if blanks > current { Ok(()) } else { Err(Doubt) };
        }
        while self.blocks.last().is_some_and(|block| *block > blanks) {
            self.blocks.pop();
        }
        if self.blocks.last().copied().unwrap_or_default() == blanks { Ok(()) } else { Err(Doubt) }
    }

    /// Goes past the end of a logical line.
    fn logical_line(&mut self) -> Result<(), Doubt> {
        let mut token_start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            match CLASSES[usize::from(byte)] {
                Class::Plain => self.at += 1,
                Class::Blank => {
                    self.at += 1;
                    token_start = self.at;
                }
                Class::Quote => {
                    self.pass_code();
                    self.string(token_start)?;
                    token_start = self.at;
                }
                Class::Hash => {
                    self.pass_code();
                    let code = self.at;
                    self.comment();
                    // Between brackets the line goes on.
                    if self.brackets.is_empty() {
                        self.code = code;
                        self.line_end();
                        return self.end_line();
                    }
                }
                Class::Open => {
                    self.brackets.push(byte);
                    self.at += 1;
                    token_start = self.at;
                }
                Class::Close => {
                    let fits = matches!(
                        (self.brackets.pop(), byte),
                        (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}')
                    );
                    if !fits {
                        return Err(Doubt);
                    }
                    self.at += 1;
                    token_start = self.at;
                }
                Class::Backslash => {
                    self.at += 1;
                    if !self.line_end() || self.at >= self.bytes.len() {
                        return Err(Doubt);
                    }
                    token_start = self.at;
                }
                Class::LineEnd => {
                    self.code = self.at;
                    self.line_end();
                    token_start = self.at;
                    if self.brackets.is_empty() {
                        self.pass_code();
                        return self.end_line();
                    }
                }
            }
        }
        self.code = self.at;
        self.pass_code();
        self.end_line()
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
        let rest = self.bytes.get(self.at..).unwrap_or_default();
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
            let rest = self.bytes.get(self.at..).unwrap_or_default();
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
            self.pass_words();
            return Ok(());
        }
        let content = self.bytes.get(start..self.at).unwrap_or_default();
        if !is_plainly_formatted(content) {
            return Err(Doubt);
        }
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
            self.imports |= !self.belongs_to_raise_or_yield(word);
        }
    }

    /// What was passed since the last look is no code.
    fn pass_words(&mut self) {
        while self.import.take_before(self.at).is_some() {}
        while self.from.take_before(self.at).is_some() {}
    }

    /// Tells whether `from` is that of another statement than an import, which may be half typed.
    fn belongs_to_raise_or_yield(&self, word: usize) -> bool {
        let line = self.bytes.get(self.line..word).unwrap_or_default().trim_ascii();
        let raises = line.starts_with(b"raise ") && !line.contains(&b';') && memmem::find(line, FROM).is_none();
        // Behind a dot `yield` is a name to the parser, and what follows begins anew.
        let yields = line.strip_suffix(b"yield").is_some_and(|before| {
            before.last().is_none_or(|it| is_apart(*it)) && before.trim_ascii_end().last() != Some(&b'.')
        });
        ends_in_name(&self.bytes[..word])
            || self.bytes.get(word + FROM.len()).is_some_and(|it| is_word(*it))
            || raises
            || yields
    }
}

/// Letters of other scripts may begin one too, but tell only the parser.
fn begins_statement(byte: u8) -> bool {
    is_word(byte) || b"'\"([{@*-+~.".contains(&byte)
}

#[derive(Clone, Copy)]
enum Class {
    /// A part of a word, or of what is written without an end of its own.
    Plain,
    /// Anything that ends a word and means nothing else here.
    Blank,
    Quote,
    Hash,
    Open,
    Close,
    Backslash,
    LineEnd,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Blank; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let character = byte as u8;
        classes[byte] = match character {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 128.. => Class::Plain,
            b'\'' | b'"' => Class::Quote,
            b'#' => Class::Hash,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b'\\' => Class::Backslash,
            b'\n' | b'\r' => Class::LineEnd,
            _ => Class::Blank,
        };
        byte += 1;
    }
    classes
};
