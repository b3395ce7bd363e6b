//! Which parts of a text can import anything, found without a syntax tree.
//!
//! In: a source. Out: the parts to parse, each a run of whole statements at the top of the module; `None` where the text has
//! to be parsed as one.
//!
//! **Invariant:** where the parts have no syntax error, their imports, parsed alone, are those of the whole text.
//!
//! That holds because the parser comes back to the top of the module at the end of every statement there, whatever stood
//! in it: then the parts before it change nothing in those after it, and what has neither `import` nor the `from` of an
//! import outside of strings and comments can be left out. It comes back from a statement
//!
//! - that has no syntax error, which is known of those that are parsed;
//! - whose every line is closed where it ends, in brackets and in indentation, and names nothing that the parser looks for
//!   past the end of a line once something is missing ([`plain`]). What stands inside of such a line may be torn: the
//!   lists that it opens end by its closing brackets, and each block by its own dedent or one that comes before.
//!
//! A statement of neither kind is *unsure*, and is parsed too where an import comes after it. Where it is in doubt at all
//! where a string, a bracket, a line or a statement ends, the answer is `None`.

use std::ops::Range;

use memchr::memchr;

use crate::suppression;

use line::Line;
use plain::{begins_statement, begins_statement_at_top};

mod formatted;
mod line;
mod nesting;
mod plain;

/// Whole statements that stand one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<usize>,
    /// No deeper than this nests its syntax tree.
    pub(super) depth: usize,
}

/// Cuts a source into the parts that have to be parsed.
pub(super) fn parts(source: &str) -> Option<Vec<Part>> {
    let bytes = source.as_bytes();
    // The comments for us count too, and only the parser's tokens tell those from strings in every text. At a null byte
    // the lexer stops or not.
    if suppression::may_stand_in(bytes) || memchr(0, bytes).is_some() {
        return None;
    }
    Cutter::new(bytes).run().ok()
}

struct Cutter<'a> {
    line: Line<'a>,
    /// Where the statement that is read starts.
    statement: usize,
    /// Whether the lines so far are those of decorators only.
    decorates: bool,
    /// The indentations of the blocks that are open, in bytes, and the one byte they are made of.
    blocks: Vec<usize>,
    blank: Option<u8>,
    depth: usize,
    parts: Vec<Part>,
    /// The unsure statements since the last of the parts.
    unsure: Vec<Part>,
}

/// What a line begins with.
enum Beginning {
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
    fn new(bytes: &'a [u8]) -> Self {
        Cutter {
            line: Line::new(bytes),
            statement: 0,
            decorates: false,
            blocks: Vec::new(),
            blank: None,
            depth: 0,
            parts: Vec::new(),
            unsure: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Part>, Doubt> {
        while !self.line.rest().is_empty() {
            // The end of a statement that imports has to be found; behind the last one nothing matters.
            if !self.line.may_import() {
                return Ok(self.parts);
            }
            if let Beginning::Statement = self.begin_line()? {
                if !self.decorates {
                    self.end_statement();
                }
                self.decorates = self.line.rest().starts_with(b"@");
            }
            self.line.read()?;
            self.depth = self.depth.max(4 * self.blocks.len() + self.line.depth());
        }
        self.end_statement();
        Ok(self.parts)
    }

    /// Ends the statement before this place and begins the next.
    fn end_statement(&mut self) {
        let statement = Part { range: self.statement..self.line.at(), depth: std::mem::take(&mut self.depth) };
        self.statement = self.line.at();
        let (imports, is_unsure) = self.line.take_signs();
        if imports {
            for part in self.unsure.drain(..).chain([statement]) {
                match self.parts.last_mut() {
                    Some(last) if last.range.end == part.range.start => {
                        last.range.end = part.range.end;
                        last.depth = last.depth.max(part.depth);
                    }
                    _ => self.parts.push(part),
                }
            }
        } else if is_unsure {
            self.unsure.push(statement);
        }
        self.line.follow(!self.unsure.is_empty());
    }

    /// Looks at what a logical line begins with; nothing is consumed.
    fn begin_line(&mut self) -> Result<Beginning, Doubt> {
        let rest = self.line.rest();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        let (indentation, code) = rest.split_at(blanks);
        if matches!(code.first(), None | Some(b'\n' | b'\r' | b'#')) {
            return Ok(Beginning::Inside);
        }
        // A form feed starts the count of columns anew; what begins no statement may end a block or not.
        if indentation.contains(&b'\x0c') || !begins_statement(code) {
            return Err(Doubt);
        }
        let blank = *self.blank.get_or_insert(*indentation.first().unwrap_or(&b' '));
        if indentation.iter().any(|byte| *byte != blank) {
            return Err(Doubt);
        }
        self.indent(blanks)?;
        if blanks > 0 {
            return Ok(Beginning::Inside);
        }
        let word = code.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if matches!(code.get(..word), Some(b"else" | b"elif" | b"except" | b"finally")) {
            return Ok(Beginning::Clause);
        }
        if begins_statement_at_top(code) { Ok(Beginning::Statement) } else { Err(Doubt) }
    }

    /// Takes the indentation of a line. One that fits no block, or a block that does not begin, is left to the parser.
    fn indent(&mut self, blanks: usize) -> Result<(), Doubt> {
        let current = self.blocks.last().copied().unwrap_or_default();
        if self.line.take_opened() {
            self.blocks.push(blanks);
            return if blanks > current { Ok(()) } else { Err(Doubt) };
        }
        while self.blocks.last().is_some_and(|block| *block > blanks) {
            self.blocks.pop();
        }
        if self.blocks.last().copied().unwrap_or_default() == blanks { Ok(()) } else { Err(Doubt) }
    }
}
