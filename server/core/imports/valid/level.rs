//! What is known of the innermost bracket of an expression.
//!
//! In: the signs that were read in it. Out: whether another may follow.
//!
//! **Invariant:** a yes is certain; a no only costs a parse.

use super::Doubt;

/// What an expression is a part of, or the bracket that it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A statement: one expression, or `a, b`.
    Line {
        list: bool,
    },
    /// The head of `if` and its like, where `a := b` may stand.
    Test,
    /// One parameter among others, in their bracket.
    Parameter,
    /// Between the braces of a formatted string.
    Field,
    Paren,
    List,
    Brace,
    Call,
    Subscript,
}

/// What was read of one bracket.
#[derive(Clone, Copy)]
pub(super) struct Level {
    pub(super) kind: Kind,
    /// Between `if` and `else`.
    pub(super) in_test: bool,
    /// Behind the `for` of a comprehension.
    pub(super) comprehends: bool,
    /// Behind the first element.
    pub(super) has_comma: bool,
    /// Behind `=` or `:=` of this element.
    pub(super) has_equal: bool,
    /// This element is `**x`.
    pub(super) unpacks: bool,
    /// So many of this element.
    pub(super) colons: u8,
    /// Whether braces make a dictionary, once an element has told.
    pub(super) dictionary: Option<bool>,
}

/// What stands before an operand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Start,
    Open,
    Comma,
    /// The colon of a slice.
    Colon,
    /// Something that an operand has to follow.
    Operator,
}

impl Level {
    pub(super) fn new(kind: Kind) -> Self {
        Level {
            kind,
            in_test: false,
            comprehends: false,
            has_comma: false,
            has_equal: false,
            unpacks: false,
            colons: 0,
            dictionary: None,
        }
    }

    /// Tells whether the line goes on behind a line end.
    pub(super) fn spans_lines(self) -> bool {
        !matches!(self.kind, Kind::Line { .. } | Kind::Test | Kind::Field)
    }

    /// Ends an element.
    pub(super) fn end_element(&mut self) -> Result<(), Doubt> {
        if self.in_test {
            return Err(Doubt);
        }
        if self.kind == Kind::Brace && !self.comprehends {
            let is_entry = self.unpacks || self.colons == 1;
            if self.dictionary.is_some_and(|known| known != is_entry) {
                return Err(Doubt);
            }
            self.dictionary = Some(is_entry);
        }
        (self.has_comma, self.has_equal, self.unpacks, self.colons) = (true, false, false, 0);
        Ok(())
    }

    /// Tells whether this closes the bracket.
    pub(super) fn is_closed_by(self, bracket: u8) -> bool {
        match self.kind {
            Kind::Paren | Kind::Call => bracket == b')',
            Kind::List | Kind::Subscript => bracket == b']',
            Kind::Brace => bracket == b'}',
            Kind::Line { .. } | Kind::Test | Kind::Parameter | Kind::Field => false,
        }
    }

    /// Tells whether `*x` or `**x` may begin here.
    pub(super) fn may_unpack(self, before: Before, stars: usize) -> bool {
        let is_beginning = matches!(before, Before::Start | Before::Open | Before::Comma);
        is_beginning
            && match self.kind {
                Kind::Call | Kind::Brace => true,
                Kind::Paren | Kind::List | Kind::Subscript | Kind::Line { list: true } => stars == 1,
                Kind::Line { list: false } | Kind::Test | Kind::Parameter | Kind::Field => false,
            }
    }

    /// Tells whether `for` makes a comprehension of what was read.
    pub(super) fn may_comprehend(self) -> bool {
        let is_bracket = matches!(self.kind, Kind::Paren | Kind::List | Kind::Brace | Kind::Call);
        is_bracket && !self.has_comma && !self.has_equal && !self.in_test && !self.unpacks
    }

    /// Tells whether `:=` may follow the name that was read.
    pub(super) fn may_name(self) -> bool {
        let is_place = match self.kind {
            Kind::Test | Kind::Call => true,
            Kind::Paren => !self.has_comma,
            _ => false,
        };
        is_place && !self.in_test && !self.comprehends && !self.has_equal && !self.unpacks
    }
}
