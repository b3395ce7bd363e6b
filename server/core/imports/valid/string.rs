//! Strings, those with expressions inside too.
//!
//! In: the place of a quote, and the letters before it. Out: the place behind the string.
//!
//! **Invariant:** the string ends where the parser's lexer ends it, and what stands between braces is one whole expression.

use memchr::memchr2;

use super::Doubt;
use super::code::Code;
use super::expression::End;
use super::level::Kind;

/// So deep are formatted strings read that stand inside each other.
const DEEPEST: u8 = 3;

/// What the letters before a quote make of a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Plain,
    Formatted { raw: bool },
}

/// Tells whether the letters before a quote are those of a string; `None` where they are something else, or a template's.
fn prefix(letters: &[u8]) -> Option<Prefix> {
    match letters {
        [] | [b'r' | b'R' | b'b' | b'B' | b'u' | b'U'] | [b'r' | b'R', b'b' | b'B'] | [b'b' | b'B', b'r' | b'R'] => {
            Some(Prefix::Plain)
        }
        [b'f' | b'F'] => Some(Prefix::Formatted { raw: false }),
        [b'r' | b'R', b'f' | b'F'] | [b'f' | b'F', b'r' | b'R'] => Some(Prefix::Formatted { raw: true }),
        _ => None,
    }
}

impl Code<'_> {
    /// Goes past a string whose first quote is what comes.
    pub(super) fn string(&mut self, letters: &[u8]) -> Result<(), Doubt> {
        let prefix = prefix(letters).ok_or(Doubt)?;
        let quote = self.next();
        let is_triple = self.ahead(1) == quote && self.ahead(2) == quote;
        self.at += if is_triple { 3 } else { 1 };
        match prefix {
            Prefix::Plain if is_triple => self.long(quote),
            Prefix::Plain => self.short(quote),
            Prefix::Formatted { raw } => {
                self.formatted += 1;
                if self.formatted > DEEPEST {
                    return Err(Doubt);
                }
                self.formatted(quote, is_triple, raw)?;
                self.formatted -= 1;
                Ok(())
            }
        }
    }

    fn short(&mut self, quote: u8) -> Result<(), Doubt> {
        loop {
            match self.next() {
                b'\\' => self.escape()?,
                b'\n' | b'\r' | 0 => return Err(Doubt),
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn long(&mut self, quote: u8) -> Result<(), Doubt> {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += memchr2(quote, b'\\', rest).ok_or(Doubt)?;
            if self.next() == b'\\' {
                self.escape()?;
            } else if self.ahead(1) == quote && self.ahead(2) == quote {
                self.at += 3;
                return Ok(());
            } else {
                self.at += 1;
            }
        }
    }

    /// Goes past a backslash and what it takes its meaning from.
    fn escape(&mut self) -> Result<(), Doubt> {
        match (self.ahead(1), self.ahead(2)) {
            (0, _) => return Err(Doubt),
            (b'\r', b'\n') => self.at += 3,
            _ => self.at += 2,
        }
        Ok(())
    }

    fn formatted(&mut self, quote: u8, is_triple: bool, raw: bool) -> Result<(), Doubt> {
        loop {
            match self.next() {
                b'\n' | b'\r' if !is_triple => return Err(Doubt),
                b'\\' => {
                    // Neither takes a brace its meaning, and `\N{…}` has braces of its own.
                    if matches!(self.ahead(1), b'{' | b'}') || self.ahead(1) == b'N' && !raw {
                        return Err(Doubt);
                    }
                    self.escape()?;
                }
                b'{' if self.ahead(1) == b'{' => self.at += 2,
                b'}' if self.ahead(1) == b'}' => self.at += 2,
                b'}' | 0 => return Err(Doubt),
                b'{' => {
                    self.at += 1;
                    self.field()?;
                }
                byte if byte == quote && !is_triple => {
                    self.at += 1;
                    return Ok(());
                }
                byte if byte == quote && self.ahead(1) == quote && self.ahead(2) == quote => {
                    self.at += 3;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
    }

    /// Goes past an expression between braces, how it is converted, and how it is written.
    fn field(&mut self) -> Result<(), Doubt> {
        let End::Field = self.expression(Kind::Field)? else { return Err(Doubt) };
        if self.next() == b'!' {
            self.at += 1;
            if !matches!(self.next(), b'r' | b's' | b'a') {
                return Err(Doubt);
            }
            self.at += 1;
        }
        if self.next() == b':' {
            self.at += 1;
            // What has an expression of its own is left to the parser.
            while !matches!(self.next(), b'{' | b'}' | b'\\' | b'\'' | b'"' | b'\n' | b'\r' | 0) {
                self.at += 1;
            }
        }
        self.sign(b'}')
    }
}
