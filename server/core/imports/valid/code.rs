//! Tokens of code that is valid, one after the other.
//!
//! In: the bytes of a text without null bytes, and a place. Out: the place behind one token.
//!
//! **Invariant:** what is passed is one token, or blanks, to the parser's lexer too; anything that is not certain is a [`Doubt`].

use memchr::memchr2;

use super::Doubt;
use super::level::Level;

pub(super) struct Code<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// What lies around the innermost bracket.
    pub(super) outer: Vec<Level>,
    /// So many formatted strings are open.
    pub(super) formatted: u8,
}

impl<'a> Code<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Code { bytes, at: 0, outer: Vec::new(), formatted: 0 }
    }

    /// Returns the byte that comes; 0 at the end.
    pub(super) fn next(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Returns the byte after so many others; 0 past the end.
    pub(super) fn ahead(&self, bytes: usize) -> u8 {
        self.bytes.get(self.at + bytes).copied().unwrap_or_default()
    }

    /// Goes past what stands between two tokens; between brackets those are line ends and comments too.
    #[inline]
    pub(super) fn gap(&mut self, inside: bool) -> Result<(), Doubt> {
        // That is one blank or nothing nearly everywhere.
        if self.next() == b' ' {
            self.at += 1;
        }
        if matches!(self.next(), b' ' | b'\t' | b'\x0c' | b'\\' | b'\n' | b'\r' | b'#') {
            self.wide_gap(inside)
        } else {
            Ok(())
        }
    }

    fn wide_gap(&mut self, inside: bool) -> Result<(), Doubt> {
        loop {
            match self.next() {
                b' ' | b'\t' | b'\x0c' => self.at += 1,
                b'\\' => {
                    self.at += 1;
                    self.line_end()?;
                    // A text that ends here is torn.
                    if self.at >= self.bytes.len() {
                        return Err(Doubt);
                    }
                }
                b'\n' | b'\r' if inside => self.line_end()?,
                b'#' if inside => self.comment(),
                _ => return Ok(()),
            }
        }
    }

    pub(super) fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    pub(super) fn line_end(&mut self) -> Result<(), Doubt> {
        match (self.next(), self.ahead(1)) {
            (b'\n', _) => self.at += 1,
            (b'\r', b'\n') => self.at += 2,
            _ => return Err(Doubt),
        }
        Ok(())
    }

    /// Goes past a name or a keyword.
    pub(super) fn word(&mut self) -> Result<&'a [u8], Doubt> {
        let start = self.at;
        while is_word(self.next()) {
            self.at += 1;
        }
        // Letters of other scripts may belong to it, and the parser spells them in its way.
        if self.next().is_ascii() { Ok(self.bytes.get(start..self.at).unwrap_or_default()) } else { Err(Doubt) }
    }

    /// Goes past a name.
    pub(super) fn name(&mut self) -> Result<&'a [u8], Doubt> {
        let begins = self.next().is_ascii_alphabetic() || self.next() == b'_';
        let word = self.word()?;
        if begins && !is_keyword(word) && !matches!(self.next(), b'\'' | b'"') { Ok(word) } else { Err(Doubt) }
    }

    /// Goes past this keyword, if it is what comes.
    pub(super) fn eat_word(&mut self, word: &[u8]) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_next = rest.starts_with(word) && rest.get(word.len()).is_none_or(|it| it.is_ascii() && !is_word(*it));
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Goes past this sign, or there is doubt.
    pub(super) fn sign(&mut self, sign: u8) -> Result<(), Doubt> {
        if self.next() != sign {
            return Err(Doubt);
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn number(&mut self) -> Result<(), Doubt> {
        let start = self.at;
        if self.next() == b'0' && matches!(self.ahead(1), b'x' | b'X') {
            self.at += 2;
            let digits = self.at;
            self.digits(|byte| byte.is_ascii_hexdigit());
            if digits == self.at {
                return Err(Doubt);
            }
        } else {
            self.digits(|byte| byte.is_ascii_digit());
            let integer = self.bytes.get(start..self.at).unwrap_or_default();
            let begins_with_zero =
                integer.first() == Some(&b'0') && integer.iter().any(|byte| matches!(byte, b'1'..=b'9'));
            let mut is_integer = true;
            if self.next() == b'.' {
                is_integer = false;
                self.at += 1;
                self.digits(|byte| byte.is_ascii_digit());
            }
            if matches!(self.next(), b'e' | b'E') {
                is_integer = false;
                self.at += if matches!(self.ahead(1), b'+' | b'-') { 2 } else { 1 };
                if !self.next().is_ascii_digit() {
                    return Err(Doubt);
                }
                self.digits(|byte| byte.is_ascii_digit());
            }
            if is_integer && begins_with_zero {
                return Err(Doubt);
            }
        }
        // What follows without a blank may be a part of it, or a keyword.
        if is_word(self.next()) || !self.next().is_ascii() { Err(Doubt) } else { Ok(()) }
    }

    fn digits(&mut self, is_digit: impl Fn(u8) -> bool) {
        while is_digit(self.next()) || self.next() == b'_' && is_digit(self.ahead(1)) {
            self.at += 1;
        }
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    IS_WORD[usize::from(byte)]
}

const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric() || character == b'_';
        byte += 1;
    }
    table
};

/// Tells whether a word is never a name; the words that are keywords only in some places are names.
pub(super) fn is_keyword(word: &[u8]) -> bool {
    if word.len() < 2 || word.len() > 8 {
        return false;
    }
    match word[0] {
        b'a' => matches!(word, b"and" | b"as" | b"assert" | b"async" | b"await"),
        b'b' => word == b"break",
        b'c' => matches!(word, b"class" | b"continue"),
        b'd' => matches!(word, b"def" | b"del"),
        b'e' => matches!(word, b"elif" | b"else" | b"except"),
        b'f' => matches!(word, b"finally" | b"for" | b"from"),
        b'g' => word == b"global",
        b'i' => matches!(word, b"if" | b"import" | b"in" | b"is"),
        b'l' => word == b"lambda",
        b'n' => matches!(word, b"nonlocal" | b"not"),
        b'o' => word == b"or",
        b'p' => word == b"pass",
        b'r' => matches!(word, b"raise" | b"return"),
        b't' => word == b"try",
        b'w' => matches!(word, b"while" | b"with"),
        b'y' => word == b"yield",
        b'F' => word == b"False",
        b'N' => word == b"None",
        b'T' => word == b"True",
        _ => false,
    }
}
