//! What the parser does not look for past the end of a line.
//!
//! In: bytes of a line. Out: whether something in it is plain enough to be read without a parser.
//!
//! **Invariant:** a yes is certain, even in a line that is torn elsewhere; a no only costs a parse.

use memchr::memchr;

use crate::imports::word::is_word;

/// The words that can begin a statement or a clause, and no expression.
const BEGINNERS: &str = "assert async break case class continue def del elif else except finally for from global if \
                         import lambda lazy match nonlocal pass raise return try type while with yield";

/// Tells whether a line of code can begin like this. Letters of other scripts may begin one too, but tell only the parser.
pub(super) fn begins_statement(code: &[u8]) -> bool {
    code.first().is_some_and(|first| is_word(*first) || b"'\"([{@*-+~.".contains(first))
}

/// Tells whether the parser begins a statement here, whatever came before: then lists of clauses end, too.
pub(super) fn begins_statement_at_top(code: &[u8]) -> bool {
    match code {
        [b'.', rest @ ..] => rest.starts_with(b"..") && rest.get(2) != Some(&b'.'),
        [b'@', rest @ ..] => rest.first() != Some(&b'='),
        [b'\'' | b'"' | b'(' | b'[' | b'{', ..] => true,
        [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
            let word = code.iter().take_while(|byte| is_word(**byte)).count();
            let is_apart = code.get(word).is_none_or(u8::is_ascii);
            is_apart && !matches!(code.get(..word), Some(b"and" | b"as" | b"in" | b"is" | b"or"))
        }
        // Numbers can be torn, and an operator can be one with the next.
        _ => false,
    }
}

/// Tells whether the parser may look for what belongs to a word past the end of the line, where that is torn.
///
/// The parameters of `lambda`, what `with` holds behind a bracket and the patterns of `case` end only at a colon, and those
/// of `def` only at a closing bracket, even where none has opened. The block of a `match` ends with a dedent even where it
/// has not begun with an indent.
pub(super) fn is_unsure_word(before: &[u8], word: &[u8], after: &[u8]) -> bool {
    match word {
        b"lambda" => true,
        b"def" => !names_a_function(past_blanks(after)),
        b"case" => before.trim_ascii().is_empty(),
        b"with" => past_blanks(after).starts_with(b"("),
        b"match" => may_be_matched(past_blanks(after)),
        // A keyword may follow a number without a blank.
        [b'0', b'x' | b'X', digits @ ..] => !digits.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'_'),
        [first, rest @ ..] if first.is_ascii_digit() => {
            !rest.iter().all(|byte| byte.is_ascii_digit() || b"bBeEjJlLoO_".contains(byte))
        }
        _ => false,
    }
}

fn names_a_function(after: &[u8]) -> bool {
    let name = after.iter().take_while(|byte| is_word(**byte)).count();
    name > 0 && past_blanks(after.get(name..).unwrap_or_default()).starts_with(b"(")
}

/// Tells whether `match` in front of this is certainly a keyword to the parser. In front of a bracket or a sign it is one
/// only where a colon ends the line, and then an indent follows.
fn may_be_matched(after: &[u8]) -> bool {
    match after {
        [first, ..] if is_word(*first) => {
            let word = after.iter().take_while(|byte| is_word(**byte)).count();
            let word = after.get(..word).unwrap_or_default();
            !matches!(word, b"and" | b"as" | b"else" | b"for" | b"if" | b"in" | b"is" | b"or")
        }
        [b'.', rest @ ..] => rest.starts_with(b"."),
        [first, ..] => b"'\"{~\\".contains(first) || !first.is_ascii(),
        [] => false,
    }
}

fn past_blanks(code: &[u8]) -> &[u8] {
    let blanks = code.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    code.get(blanks..).unwrap_or_default()
}

/// Tells whether a `from` after this is that of `yield`. Where a name is expected, the parser takes `yield` for one, and
/// what follows begins anew.
pub(super) fn follows_yield(before: &[u8]) -> bool {
    let Some(before) = before.trim_ascii_end().strip_suffix(b"yield").map(<[u8]>::trim_ascii_end) else { return false };
    match before {
        [] | [.., b'('] => true,
        [.., previous, b'='] => is_word(*previous) || matches!(previous, b' ' | b')' | b']'),
        _ => false,
    }
}

/// Tells whether a `from` after this is that of `raise NAME(…)`, with nothing between that could begin another statement.
pub(super) fn is_plainly_raised(before: &[u8]) -> bool {
    let Some(raised) = before.trim_ascii().strip_prefix(b"raise ").and_then(without_strings) else { return false };
    let mut depth = 0_usize;
    for (at, byte) in raised.iter().enumerate() {
        let next = raised.get(at + 1);
        let fits = match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                depth > 1 || *byte != b'{'
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                depth > 0 || next.is_none_or(|it| b".([".contains(it))
            }
            b'@' | b';' => false,
            // A digit behind it would make a number of it.
            b'.' => depth > 0 || next.is_some_and(|it| it.is_ascii_alphabetic() || *it == b'_'),
            _ => depth > 0 || is_word(*byte),
        };
        if !fits {
            return false;
        }
    }
    let begins = raised.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    let can_begin = |word: &[u8]| BEGINNERS.split(' ').any(|it| it.as_bytes() == word);
    begins && !raised.split(|byte| !is_word(*byte)).any(can_begin)
}

/// Returns code on one line without what stands in its strings, but with the expressions of those that are formatted; `None`
/// where that is no plain matter.
fn without_strings(code: &[u8]) -> Option<Vec<u8>> {
    let code = code.trim_ascii();
    let mut kept = Vec::with_capacity(code.len());
    let mut at = 0;
    while let Some(&byte) = code.get(at) {
        at += 1;
        match byte {
            b'#' | b'\\' | b'\n' | b'\r' => return None,
            b'\'' | b'"' => {
                let length = memchr(byte, code.get(at..)?)?;
                let content = code.get(at..at + length)?;
                at += length + 1;
                let is_triple = content.is_empty() && code.get(at) == Some(&byte);
                if is_triple || content.contains(&b'\\') {
                    return None;
                }
                let mut prefix = kept.iter().rev().take_while(|it| is_word(**it));
                let is_formatted = prefix.any(|letter| b"fFtT".contains(letter));
                kept.push(b' ');
                let mut braces = 0_usize;
                for byte in content.iter().filter(|_| is_formatted) {
                    match byte {
                        b'{' => braces += 1,
                        b'}' => braces = braces.saturating_sub(1),
                        _ if braces == 0 => {}
                        _ => kept.push(if is_word(*byte) || b"@;".contains(byte) { *byte } else { b' ' }),
                    }
                }
                kept.push(b' ');
            }
            _ => kept.push(byte),
        }
    }
    Some(kept)
}
