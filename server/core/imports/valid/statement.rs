//! Statements that are valid.
//!
//! In: the place where one begins. Out: the place where the next line begins; imports and blocks are taken note of.
//!
//! **Invariant:** where a line is passed, the parser ends a statement or the head of one there.

use super::code::Code;
use super::condition::{self, Test};
use super::expression::End;
use super::level::Kind;
use super::{Block, Chain, Doubt, Next, Reader};
use crate::imports::Context;

const LIST: Kind = Kind::Line { list: true };
const ONE: Kind = Kind::Line { list: false };

impl Reader<'_> {
    /// Reads what stands on one logical line.
    pub(super) fn statement(&mut self) -> Result<(), Doubt> {
        let start = self.code.at;
        if self.code.next() == b'@' {
            return self.decorator();
        }
        // Most lines begin with no keyword that has a block.
        if matches!(self.code.next(), b'a' | b'c' | b'd' | b'e' | b'f' | b'i' | b't' | b'w') {
            let word = self.code.word()?;
            if matches!(word, b"elif" | b"else" | b"except" | b"finally") {
                return self.clause(word);
            }
            if self.head(word)? {
                return Ok(());
            }
            self.code.at = start;
        }
        self.end_chain()?;
        if std::mem::take(&mut self.decorates) {
            return Err(Doubt);
        }
        self.simples()
    }

    /// The statement above in this block gets no clause any more.
    fn end_chain(&mut self) -> Result<(), Doubt> {
        let chain = std::mem::take(&mut self.block()?.chain);
        self.close(chain)
    }

    /// Reads a statement that has a block and begins with this word; tells whether it is one.
    fn head(&mut self, word: &[u8]) -> Result<bool, Doubt> {
        if !matches!(word, b"if" | b"for" | b"while" | b"try" | b"with" | b"def" | b"class" | b"async") {
            return Ok(false);
        }
        self.end_chain()?;
        let was_decorated = std::mem::take(&mut self.decorates);
        let word = if word == b"async" {
            self.code.gap(false)?;
            let word = self.code.word()?;
            if !matches!(word, b"def" | b"for" | b"with") {
                return Err(Doubt);
            }
            word
        } else {
            word
        };
        if was_decorated && !matches!(word, b"def" | b"class") {
            return Err(Doubt);
        }
        let first = self.found.len();
        let context = self.block()?.context;
        let mut chain = Chain { first, ..Chain::default() };
        let mut inside = context;
        match word {
            b"if" => {
                chain.next = Next::Branch;
                inside = self.branch(&mut chain)?;
            }
            b"while" => {
                chain.next = Next::Else;
                self.expect(Kind::Test)?;
            }
            b"for" => {
                chain.next = Next::Else;
                self.code.targets(false)?;
                self.expect(LIST)?;
            }
            b"try" => {
                chain.next = Next::Handler;
                self.code.gap(false)?;
            }
            b"with" => {
                let start = self.code.at;
                self.items()?;
                chain.is_unknown = condition::may_suppress(self.passed(start));
            }
            b"def" => {
                inside.in_function = true;
                self.code.definition()?;
            }
            _ => {
                self.code.gap(false)?;
                self.code.name()?;
                self.code.gap(false)?;
                if self.code.next() == b'(' {
                    self.code.arguments()?;
                    self.code.gap(false)?;
                }
            }
        }
        self.block()?.chain = chain;
        self.body(inside)?;
        Ok(true)
    }

    /// Reads a clause of the statement above.
    fn clause(&mut self, word: &[u8]) -> Result<(), Doubt> {
        let found = self.found.len();
        let block = *self.block()?;
        let (mut chain, mut inside) = (block.chain, block.context);
        if self.decorates {
            return Err(Doubt);
        }
        match (word, chain.next) {
            (b"elif", Next::Branch) => inside = self.branch(&mut chain)?,
            (b"else", Next::Branch | Next::Else) => {
                chain.next = Next::Nothing;
                self.code.gap(false)?;
            }
            (b"else", Next::AfterHandler) => {
                chain.next = Next::Finally;
                inside.may_fail |= chain.catches;
                self.code.gap(false)?;
            }
            (b"except", Next::Handler | Next::AfterHandler) => {
                if chain.next == Next::Handler {
                    chain.handled = found;
                }
                chain.next = Next::AfterHandler;
                match self.handler()? {
                    Some(catches) => {
                        chain.catches |= catches;
                        inside.may_fail |= catches;
                    }
                    None => chain.is_unknown = true,
                }
            }
            (b"finally", Next::Handler | Next::AfterHandler | Next::Finally) => {
                if chain.next == Next::Handler {
                    chain.handled = found;
                }
                chain.next = Next::Nothing;
                self.code.gap(false)?;
            }
            _ => return Err(Doubt),
        }
        self.block()?.chain = chain;
        self.body(inside)
    }

    /// Reads the test of `if` or `elif`, and returns what holds behind it.
    fn branch(&mut self, chain: &mut Chain) -> Result<Context, Doubt> {
        let start = self.code.at;
        self.expect(Kind::Test)?;
        let mut inside = self.block()?.context;
        match condition::test(self.passed(start)) {
            Test::Nothing => {}
            Test::TypeChecking => inside.type_checking = true,
            Test::Platform => chain.guarded = true,
            Test::Unknown => chain.is_unknown = true,
        }
        Ok(inside)
    }

    /// Reads what `except` takes, and tells whether an `ImportError` is among it.
    fn handler(&mut self) -> Result<Option<bool>, Doubt> {
        self.code.gap(false)?;
        if self.code.next() == b':' {
            return Ok(Some(true));
        }
        let start = self.code.at;
        match self.code.expression(ONE)? {
            End::Colon => Ok(condition::handler(self.passed(start))),
            End::As => {
                let catches = condition::handler(self.passed(start).strip_suffix(b"as").ok_or(Doubt)?);
                self.code.gap(false)?;
                self.code.name()?;
                self.code.gap(false)?;
                Ok(catches)
            }
            _ => Err(Doubt),
        }
    }

    /// Reads what `with` holds. In a bracket of its own it is left to the parser.
    fn items(&mut self) -> Result<(), Doubt> {
        loop {
            self.code.gap(false)?;
            if self.code.next() == b'(' {
                return Err(Doubt);
            }
            let mut end = self.code.expression(ONE)?;
            if end == End::As {
                self.code.gap(false)?;
                self.code.name()?;
                while self.code.next() == b'.' {
                    self.code.at += 1;
                    self.code.name()?;
                }
                self.code.gap(false)?;
                end = if self.code.next() == b',' { End::Comma } else { End::Colon };
            }
            match end {
                End::Comma => self.code.at += 1,
                End::Colon => return Ok(()),
                _ => return Err(Doubt),
            }
        }
    }

    fn decorator(&mut self) -> Result<(), Doubt> {
        self.end_chain()?;
        self.code.at += 1;
        let End::Line = self.code.expression(Kind::Test)? else { return Err(Doubt) };
        self.decorates = true;
        self.rest_of_line()
    }

    /// Reads an expression that a colon ends.
    fn expect(&mut self, kind: Kind) -> Result<(), Doubt> {
        if self.code.expression(kind)? == End::Colon { Ok(()) } else { Err(Doubt) }
    }

    /// Goes past the colon of a head; what follows on the same line, or in the block below, stands in this context.
    fn body(&mut self, context: Context) -> Result<(), Doubt> {
        self.code.sign(b':')?;
        self.code.gap(false)?;
        if matches!(self.code.next(), b'#' | b'\n' | b'\r') {
            self.opened = Some(Block { indentation: 0, context, chain: Chain::default() });
            return self.rest_of_line();
        }
        self.is_inline = true;
        self.simples()?;
        self.is_inline = false;
        Ok(())
    }

    /// What was passed since then.
    fn passed(&self, start: usize) -> &[u8] {
        self.code.bytes.get(start..self.code.at).unwrap_or_default()
    }

    /// Reads statements without a block, to the end of the line.
    fn simples(&mut self) -> Result<(), Doubt> {
        loop {
            self.simple()?;
            self.code.gap(false)?;
            if self.code.next() == b';' {
                self.code.at += 1;
                self.code.gap(false)?;
                if !matches!(self.code.next(), b'#' | b'\n' | b'\r' | 0) {
                    continue;
                }
            }
            if !matches!(self.code.next(), b'#' | b'\n' | b'\r' | 0) {
                return Err(Doubt);
            }
            return self.rest_of_line();
        }
    }

    fn simple(&mut self) -> Result<(), Doubt> {
        let start = self.code.at;
        // What the keywords begin with, and the words that are keywords only here.
        if matches!(self.code.next(), b'a'..=b'g' | b'i' | b'l'..=b'n' | b'p' | b'r' | b't' | b'y') {
            let word = self.code.word()?;
            match word {
                b"import" => return self.import(),
                b"from" => return self.import_from(),
                b"pass" | b"break" | b"continue" => return Ok(()),
                b"return" => {
                    self.code.gap(false)?;
                    return if self.code.ends() { Ok(()) } else { self.code.whole(LIST) };
                }
                b"raise" => return self.code.raise(),
                b"del" => return self.code.whole(LIST),
                b"assert" => {
                    return match self.code.expression(ONE)? {
                        End::Comma => {
                            self.code.at += 1;
                            self.code.whole(ONE)
                        }
                        End::Line | End::Semicolon => Ok(()),
                        _ => Err(Doubt),
                    };
                }
                b"global" | b"nonlocal" => return self.code.names(),
                b"match" | b"case" | b"type" | b"lazy" => self.code.soft(word)?,
                _ => {}
            }
            self.code.at = start;
        }
        self.code.assignment()
    }
}

impl Code<'_> {
    /// Tells whether a statement without a block ends here.
    fn ends(&self) -> bool {
        matches!(self.next(), b'#' | b'\n' | b'\r' | b';' | 0)
    }

    /// Goes past an expression that a statement ends with.
    fn whole(&mut self, kind: Kind) -> Result<(), Doubt> {
        if matches!(self.expression(kind)?, End::Line | End::Semicolon) { Ok(()) } else { Err(Doubt) }
    }

    /// Goes past an expression, what is assigned, and to what.
    fn assignment(&mut self) -> Result<(), Doubt> {
        let mut end = self.value()?;
        match end {
            End::Augmented => {
                let (End::Line | End::Semicolon) = self.value()? else { return Err(Doubt) };
                return Ok(());
            }
            End::Colon => {
                self.at += 1;
                end = self.expression(ONE)?;
                if end == End::Equal {
                    self.at += 1;
                    end = self.value()?;
                }
                return if matches!(end, End::Line | End::Semicolon) { Ok(()) } else { Err(Doubt) };
            }
            _ => {}
        }
        while end == End::Equal {
            self.at += 1;
            end = self.value()?;
        }
        if matches!(end, End::Line | End::Semicolon) { Ok(()) } else { Err(Doubt) }
    }

    /// Goes past a value, which may come from `yield`.
    fn value(&mut self) -> Result<End, Doubt> {
        self.gap(false)?;
        if self.next() == b'y' && self.eat_word(b"yield") {
            self.gap(false)?;
            if self.eat_word(b"from") {
                return self.expression(ONE);
            }
            match self.next() {
                b'#' | b'\n' | b'\r' | 0 => return Ok(End::Line),
                b';' => return Ok(End::Semicolon),
                _ => {}
            }
        }
        self.expression(LIST)
    }

    fn raise(&mut self) -> Result<(), Doubt> {
        self.gap(false)?;
        if matches!(self.next(), b'#' | b'\n' | b'\r' | 0) {
            return Ok(());
        }
        match self.expression(ONE)? {
            End::From => self.whole(ONE),
            End::Line | End::Semicolon => Ok(()),
            _ => Err(Doubt),
        }
    }

    /// Goes past names with commas between.
    fn names(&mut self) -> Result<(), Doubt> {
        loop {
            self.gap(false)?;
            self.name()?;
            self.gap(false)?;
            if self.next() != b',' {
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// Makes sure that a word is a name which begins a statement as a keyword elsewhere.
    fn soft(&mut self, word: &[u8]) -> Result<(), Doubt> {
        self.gap(false)?;
        let is_name = match (word, self.next()) {
            (b"match", b'=' | b':') => true,
            (b"match", b'.') => self.ahead(1).is_ascii_alphabetic(),
            (b"match", _) => false,
            (_, next) => b"=:.,([)".contains(&next),
        };
        if is_name { Ok(()) } else { Err(Doubt) }
    }

    /// Goes past what follows `def`, up to the colon.
    fn definition(&mut self) -> Result<(), Doubt> {
        self.gap(false)?;
        self.name()?;
        self.gap(false)?;
        self.sign(b'(')?;
        self.parameters()?;
        self.gap(false)?;
        if self.next() == b'-' && self.ahead(1) == b'>' {
            self.at += 2;
            let End::Colon = self.expression(ONE)? else { return Err(Doubt) };
        }
        Ok(())
    }

    fn parameters(&mut self) -> Result<(), Doubt> {
        loop {
            self.gap(true)?;
            let mut may_default = false;
            match (self.next(), self.ahead(1)) {
                (b')', _) => {
                    self.at += 1;
                    return Ok(());
                }
                (b'*', b'*') => {
                    self.at += 2;
                    self.gap(true)?;
                    self.name()?;
                }
                (b'*', b'=') | (b'/', b'=' | b'/') => return Err(Doubt),
                (b'*', _) => {
                    self.at += 1;
                    self.gap(true)?;
                    if self.next() != b',' {
                        self.name()?;
                    }
                }
                (b'/', _) => self.at += 1,
                _ => {
                    self.name()?;
                    may_default = true;
                }
            }
            self.gap(true)?;
            let mut end = self.next();
            if end == b':' && self.ahead(1) != b'=' {
                // No star and no comma has one: the parser would look for both.
                if !may_default && !self.follows_name() {
                    return Err(Doubt);
                }
                self.at += 1;
                end = self.parameter()?;
            }
            if end == b'=' && may_default {
                self.at += 1;
                end = self.parameter()?;
            }
            match end {
                b',' => self.at += 1,
                b')' => {}
                _ => return Err(Doubt),
            }
        }
    }

    /// Goes past an annotation or a default, and returns what comes.
    fn parameter(&mut self) -> Result<u8, Doubt> {
        self.expression(Kind::Parameter)?;
        Ok(self.next())
    }

    /// Tells whether a name stands before this place.
    fn follows_name(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default().trim_ascii_end();
        before.last().is_some_and(|byte| super::code::is_word(*byte))
    }
}
