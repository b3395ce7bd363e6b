//! Expressions, as far as that they are valid.
//!
//! In: the place where one begins, and what it is a part of. Out: the place of the token behind it.
//!
//! **Invariant:** the parser reads such an expression without looking for anything that is missing, and stops at the same token.
//!
//! An expression is operands with something between each two of them, and brackets with expressions inside. What the parser
//! says of operands that stand in the wrong order of precedence, of targets that cannot be assigned to, or of arguments in the
//! wrong order changes nothing in which tokens it takes, so that is not looked at.

use super::Doubt;
use super::code::{Code, is_keyword};
use super::level::{Before, Kind, Level};

/// What comes behind an expression; of brackets, what lies behind has been passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The end of the line, or a comment.
    Line,
    Semicolon,
    Colon,
    Comma,
    Equal,
    /// `+=` and its like, which have been passed.
    Augmented,
    As,
    From,
    /// The bracket that was open before the expression.
    Close,
    /// What ends the expression in a formatted string.
    Field,
}

impl Code<'_> {
    /// Goes past an expression.
    pub(super) fn expression(&mut self, kind: Kind) -> Result<End, Doubt> {
        self.run(Level::new(kind), Before::Start)
    }

    /// Goes past arguments, whose bracket is what comes.
    pub(super) fn arguments(&mut self) -> Result<(), Doubt> {
        self.sign(b'(')?;
        let End::Close = self.run(Level::new(Kind::Call), Before::Open)? else { return Err(Doubt) };
        Ok(())
    }

    fn run(&mut self, mut level: Level, mut before: Before) -> Result<End, Doubt> {
        let outermost = self.outer.len();
        loop {
            let mut is_string = false;
            // An operand.
            loop {
                self.gap(level.spans_lines())?;
                match self.next() {
                    b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                        let word = self.word()?;
                        if matches!(self.next(), b'\'' | b'"') {
                            self.string(word)?;
                            is_string = true;
                            break;
                        }
                        if !is_keyword(word) {
                            break;
                        }
                        match word {
                            b"None" | b"True" | b"False" => break,
                            b"not" | b"await" => before = Before::Operator,
                            // In a formatted string its colon has another meaning, and in a comprehension an `if` behind it.
                            b"lambda" if level.kind != Kind::Field && !level.comprehends => {
                                self.lambda(level.spans_lines())?;
                                before = Before::Operator;
                            }
                            _ => return Err(Doubt),
                        }
                    }
                    b'\'' | b'"' => {
                        self.string(&[])?;
                        is_string = true;
                        break;
                    }
                    b'0'..=b'9' => {
                        self.number()?;
                        break;
                    }
                    bracket @ (b'(' | b'[' | b'{') => {
                        let kind = match bracket {
                            b'(' => Kind::Paren,
                            b'[' => Kind::List,
                            _ => Kind::Brace,
                        };
                        level = self.open(level, kind);
                        before = Before::Open;
                    }
                    bracket @ (b')' | b']' | b'}') => {
                        let may_end = match before {
                            Before::Open => level.kind != Kind::Subscript,
                            Before::Comma | Before::Colon => true,
                            Before::Start | Before::Operator => false,
                        };
                        if !may_end || !level.is_closed_by(bracket) {
                            return Err(Doubt);
                        }
                        self.at += 1;
                        if self.outer.len() == outermost {
                            return Ok(End::Close);
                        }
                        level = self.outer.pop().ok_or(Doubt)?;
                        break;
                    }
                    sign @ (b'-' | b'+' | b'~') => {
                        if sign != b'~' && matches!(self.ahead(1), b'=' | b'>') {
                            return Err(Doubt);
                        }
                        self.at += 1;
                        before = Before::Operator;
                    }
                    b'*' => {
                        let stars = if self.ahead(1) == b'*' { 2 } else { 1 };
                        if self.ahead(stars) == b'=' || !level.may_unpack(before, stars) {
                            return Err(Doubt);
                        }
                        level.unpacks = stars == 2;
                        self.at += stars;
                        before = Before::Operator;
                    }
                    b'.' if self.ahead(1) == b'.' && self.ahead(2) == b'.' => {
                        self.at += 3;
                        break;
                    }
                    // A part of a slice that is left out.
                    b':' if level.kind == Kind::Subscript && before != Before::Operator && level.colons < 2 => {
                        if self.ahead(1) == b'=' {
                            return Err(Doubt);
                        }
                        level.colons += 1;
                        self.at += 1;
                        before = Before::Colon;
                    }
                    b',' if before == Before::Colon => {
                        level.end_element()?;
                        self.at += 1;
                        before = Before::Comma;
                    }
                    _ if before == Before::Comma => return self.end(level),
                    _ => return Err(Doubt),
                }
            }
            // What may follow it.
            loop {
                self.gap(level.spans_lines())?;
                let was_string = std::mem::take(&mut is_string);
                match self.next() {
                    b'.' => {
                        self.at += 1;
                        self.gap(level.spans_lines())?;
                        self.name()?;
                    }
                    b'(' => {
                        level = self.open(level, Kind::Call);
                        before = Before::Open;
                        break;
                    }
                    b'[' => {
                        level = self.open(level, Kind::Subscript);
                        before = Before::Open;
                        break;
                    }
                    b',' => {
                        match level.kind {
                            Kind::Line { list: false } | Kind::Test | Kind::Parameter => return self.end(level),
                            Kind::Field => return Err(Doubt),
                            _ if level.comprehends => return Err(Doubt),
                            _ => level.end_element()?,
                        }
                        self.at += 1;
                        before = Before::Comma;
                        break;
                    }
                    bracket @ (b')' | b']' | b'}') => {
                        if !level.is_closed_by(bracket) {
                            return self.end(level);
                        }
                        level.end_element()?;
                        self.at += 1;
                        if self.outer.len() == outermost {
                            return Ok(End::Close);
                        }
                        level = self.outer.pop().ok_or(Doubt)?;
                    }
                    b'=' if self.ahead(1) != b'=' => {
                        if level.kind != Kind::Call {
                            return self.end(level);
                        }
                        if level.has_equal || level.in_test || level.comprehends || level.unpacks {
                            return Err(Doubt);
                        }
                        level.has_equal = true;
                        self.at += 1;
                        before = Before::Operator;
                        break;
                    }
                    b':' => match self.colon(&mut level)? {
                        Some(next) => {
                            before = next;
                            break;
                        }
                        None => return self.end(level),
                    },
                    b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                        let start = self.at;
                        let word = self.word()?;
                        if matches!(self.next(), b'\'' | b'"') {
                            if !was_string {
                                return Err(Doubt);
                            }
                            self.string(word)?;
                            is_string = true;
                            continue;
                        }
                        match word {
                            b"and" | b"or" | b"in" | b"is" => {}
                            b"not" => {
                                self.gap(level.spans_lines())?;
                                if !self.eat_word(b"in") {
                                    return Err(Doubt);
                                }
                            }
                            b"if" if level.comprehends => {}
                            b"if" if !level.in_test => level.in_test = true,
                            b"else" if level.in_test => level.in_test = false,
                            b"for" | b"async" => {
                                if !level.may_comprehend() {
                                    return Err(Doubt);
                                }
                                if word == b"async" {
                                    self.gap(true)?;
                                    if !self.eat_word(b"for") {
                                        return Err(Doubt);
                                    }
                                }
                                self.targets(true)?;
                                level.comprehends = true;
                            }
                            _ => {
                                self.at = start;
                                return self.end(level);
                            }
                        }
                        before = Before::Operator;
                        break;
                    }
                    b'\'' | b'"' if was_string => {
                        self.string(&[])?;
                        is_string = true;
                    }
                    b'!' if self.ahead(1) != b'=' => return self.end(level),
                    byte => {
                        let length = self.operator(byte);
                        if length == 0 {
                            return self.end(level);
                        }
                        self.at += length;
                        if self.next() == b'=' && !matches!(byte, b'=' | b'!') {
                            self.at += 1;
                            // `<=` compares, and `<<=` assigns as `+=` does.
                            if length == 2 || !matches!(byte, b'<' | b'>') {
                                let is_statement = matches!(level.kind, Kind::Line { .. }) && !level.in_test;
                                return if is_statement { Ok(End::Augmented) } else { Err(Doubt) };
                            }
                        }
                        before = Before::Operator;
                        break;
                    }
                }
            }
        }
    }

    /// Returns the length of an operator between two operands, without a `=` behind it; 0 where there is none.
    fn operator(&self, byte: u8) -> usize {
        let next = self.ahead(1);
        match byte {
            b'-' | b'<' if next == b'>' => 0,
            b'+' | b'-' | b'%' | b'&' | b'|' | b'^' | b'@' => 1,
            b'*' | b'/' | b'<' | b'>' => 1 + usize::from(next == byte),
            // Of `=` and `!`, only those with `=` behind come here.
            b'=' | b'!' => 2,
            _ => 0,
        }
    }

    /// Takes a colon behind an operand; `None` where it is no part of the expression.
    fn colon(&mut self, level: &mut Level) -> Result<Option<Before>, Doubt> {
        if self.ahead(1) == b'=' && level.kind != Kind::Field {
            if !level.may_name() {
                return Err(Doubt);
            }
            level.has_equal = true;
            self.at += 2;
            return Ok(Some(Before::Operator));
        }
        let before = match level.kind {
            Kind::Brace => {
                let is_key = level.colons == 0 && !level.unpacks && level.dictionary != Some(false);
                if !is_key || level.in_test || level.comprehends {
                    return Err(Doubt);
                }
                Before::Operator
            }
            Kind::Subscript => {
                if level.colons > 1 || level.in_test {
                    return Err(Doubt);
                }
                Before::Colon
            }
            _ => return Ok(None),
        };
        level.colons += 1;
        self.at += 1;
        Ok(Some(before))
    }

    fn open(&mut self, level: Level, kind: Kind) -> Level {
        self.outer.push(level);
        self.at += 1;
        Level::new(kind)
    }

    /// Tells what comes behind an expression, which has to be complete.
    fn end(&mut self, level: Level) -> Result<End, Doubt> {
        if level.in_test {
            return Err(Doubt);
        }
        let end = match (level.kind, self.next()) {
            (Kind::Field, b'}' | b'!' | b':') => End::Field,
            (Kind::Parameter, b',') => End::Comma,
            (Kind::Parameter, b')') => End::Close,
            (Kind::Parameter, b'=') => End::Equal,
            (Kind::Line { .. } | Kind::Test, byte) => match byte {
                b'\n' | b'\r' | b'#' | 0 => End::Line,
                b';' => End::Semicolon,
                b':' => End::Colon,
                b',' => End::Comma,
                b'=' => End::Equal,
                b'a' if self.eat_word(b"as") => End::As,
                b'f' if self.eat_word(b"from") => End::From,
                _ => return Err(Doubt),
            },
            _ => return Err(Doubt),
        };
        Ok(end)
    }

    /// Goes past the parameters of a lambda and the colon behind them.
    fn lambda(&mut self, inside: bool) -> Result<(), Doubt> {
        loop {
            self.gap(inside)?;
            match self.next() {
                b':' if self.ahead(1) != b'=' => {
                    self.at += 1;
                    return Ok(());
                }
                b'*' => {
                    self.at += if self.ahead(1) == b'*' { 2 } else { 1 };
                    self.gap(inside)?;
                }
                _ => {}
            }
            self.name()?;
            self.gap(inside)?;
            match self.next() {
                b',' => self.at += 1,
                b':' => {}
                // A default is left to the parser.
                _ => return Err(Doubt),
            }
        }
    }

    /// Goes past what `for` assigns to, and `in`.
    pub(super) fn targets(&mut self, inside: bool) -> Result<(), Doubt> {
        loop {
            self.gap(inside)?;
            if self.next() == b'(' {
                self.at += 1;
                loop {
                    self.gap(true)?;
                    self.name()?;
                    self.gap(true)?;
                    match self.next() {
                        b',' => self.at += 1,
                        b')' => break,
                        _ => return Err(Doubt),
                    }
                }
                self.at += 1;
            } else {
                self.name()?;
            }
            self.gap(inside)?;
            match self.next() {
                b',' => self.at += 1,
                b'i' if self.eat_word(b"in") => return Ok(()),
                _ => return Err(Doubt),
            }
        }
    }
}
