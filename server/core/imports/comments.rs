//! What is said to fromwhere in comments, and the shebang.
//!
//! In: a text and its tokens. Out: its [`Comments`], the place for one more, and the words after `#!`.
//!
//! **Invariant:** only comments count, never text that looks like one inside a string.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_parser::{Mode, parse_unchecked_source};
use ruff_text_size::Ranged;

use super::on_stack_for;
use crate::suppression::Comments;
use crate::text::Text;

/// Returns what the first line says after `#!`, as the kernel reads it: a path and at most one argument. A carriage return
/// belongs to it, as only a line feed ends the line there.
pub(super) fn shebang(text: &Text) -> Option<String> {
    let words = text.source().strip_prefix("#!")?.split('\n').next()?.trim_matches([' ', '\t']);
    (!words.trim().is_empty()).then(|| words.to_owned())
}

/// Collects `# fromwhere: ignore` and `# fromwhere: ignore[code, code]`. At the end of a line of code it silences that
/// line, and those that a string or a backslash joins to it, which have no end for a comment; alone on a line before the
/// first code, above or below a docstring, it silences the whole file. Alone further down it silences nothing, and is named.
pub(super) fn read(text: &Text, tokens: &Tokens) -> Comments {
    let mut found = Comments::default();
    let mut before_code = true;
    let mut docstring = Docstring::NotYet;
    // Where the lines begin that are joined to the one that is read.
    let mut first = None;
    let mut open_strings = 0_usize;
    for token in tokens {
        let start = token.range().start().to_u32();
        let kind = token.kind();
        match kind {
            TokenKind::Comment => {
                let last = text.point(start).line;
                let is_behind = !before_code || docstring == Docstring::Open;
                let lines = is_behind.then(|| text.point(first.unwrap_or(start)).line..=last);
                let comment = text.source().get(start as usize..token.range().end().to_usize()).unwrap_or_default();
                let before = text.source().get(text.line_span(last).start as usize..start as usize);
                let is_alone = first.is_none() && before.is_some_and(|it| it.trim().is_empty());
                if is_behind && is_alone {
                    found.read_alone(comment, start, last);
                } else {
                    found.read(comment, start, lines.as_ref());
                }
                continue;
            }
            TokenKind::NonLogicalNewline | TokenKind::Newline if open_strings == 0 => first = None,
            _ => first = first.or(Some(start)),
        }
        docstring = match (docstring, kind) {
            (Docstring::NotYet | Docstring::Open, TokenKind::String) => Docstring::Open,
            (Docstring::Open, TokenKind::Newline) => Docstring::Closed,
            (Docstring::NotYet | Docstring::Closed, TokenKind::NonLogicalNewline) => docstring,
            _ => Docstring::None,
        };
        before_code &= docstring != Docstring::None;
        open_strings = still_open(open_strings, kind);
    }
    found
}

/// The string that may be the first statement of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Docstring {
    NotYet,
    Open,
    Closed,
    /// Something else is, or stands behind it.
    None,
}

/// Returns the byte behind which a comment silences a line: the end of that line, or of the last one that a string or a
/// backslash joins to it.
pub(crate) fn place_for(text: &Text, line: u32) -> Option<u32> {
    let content = text.line(line);
    if !content.ends_with('\\') && !["'''", "\"\"\""].iter().any(|quotes| content.contains(quotes)) {
        return Some(text.line_span(line).end);
    }
    let end = || {
        let parsed = parse_unchecked_source(text.source(), ruff_python_ast::PySourceType::Python);
        let mut open_strings = 0_usize;
        for token in parsed.tokens() {
            let ends_line = matches!(token.kind(), TokenKind::NonLogicalNewline | TokenKind::Newline);
            let here = text.point(token.range().start().to_u32()).line;
            if ends_line && open_strings == 0 && here >= line {
                return Some(here);
            }
            open_strings = still_open(open_strings, token.kind());
        }
        None
    };
    on_stack_for(text.source(), Mode::Module, end)?.map(|last| text.line_span(last).end)
}

/// Line ends in the braces of a formatted string end no line.
fn still_open(open: usize, kind: TokenKind) -> usize {
    match kind {
        TokenKind::FStringStart | TokenKind::TStringStart => open + 1,
        TokenKind::FStringEnd | TokenKind::TStringEnd => open.saturating_sub(1),
        _ => open,
    }
}
