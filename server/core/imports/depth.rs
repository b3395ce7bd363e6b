//! How deep the syntax tree of a text can become at most, before it is built.
//!
//! In: a text. Out: a number of levels that the tree does not exceed.
//!
//! **Invariant:** flat on the stack itself, and never below the truth; above it is harmless, it only costs a larger stack.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Returns a bound on the depth of the tree: what lies between two separators nests at most once a token, brackets
/// and blocks add up.
pub(super) fn upper_bound(source: &str, mode: Mode) -> usize {
    let mut tokens = lexer::lex(source, mode);
    let mut deepest = 0;
    let mut blocks = 0_usize;
    // What every open bracket has outside of it, and the tokens since the last separator inside.
    let mut outer: Vec<usize> = Vec::new();
    let mut outside = 0_usize;
    let mut chain = 0_usize;
    // A lambda's body nests even behind the commas of its parameters.
    let mut lambdas = 0_usize;
    loop {
        match tokens.next_token() {
            TokenKind::EndOfFile => return deepest,
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = blocks.saturating_sub(1),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                outer.push(outside);
                outer.push(chain);
                outside += chain + 1;
                chain = 0;
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                // A call on a call is one level deeper, so the bracket that closed counts outside.
                chain = outer.pop().unwrap_or_default() + 1;
                outside = outer.pop().unwrap_or_default();
            }
            TokenKind::Newline => {
                outer.clear();
                (outside, chain, lambdas) = (0, 0, 0);
            }
            TokenKind::Comma
            | TokenKind::Semi
            | TokenKind::Equal
            | TokenKind::Def
            | TokenKind::Class
            | TokenKind::Import
            | TokenKind::Return => chain = 0,
            TokenKind::Lambda => lambdas += 1,
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::String | TokenKind::FStringMiddle => {}
            _ => chain += 1,
        }
        deepest = deepest.max(4 * blocks + outside + chain + lambdas);
    }
}
