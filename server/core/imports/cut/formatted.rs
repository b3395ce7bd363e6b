//! Strings with expressions inside.
//!
//! In: the bytes of a string, quotes included, or the letters before it. Out: whether its end can be known without reading
//! the expressions.
//!
//! **Invariant:** a yes is certain; a no only costs a parse.

/// Tells whether every brace of a formatted string is closed where its quotes end, none is closed too early, and what
/// stands between them is plain. Where a string inside of it has the same quotes or a brace of its own, it is not so.
pub(super) fn is_plainly_formatted(content: &[u8]) -> bool {
    let (mut depth, mut brackets, mut single, mut double) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut bytes = content.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'}' if depth == 0 && bytes.peek() == Some(&byte) => {
                bytes.next();
            }
            b'{' => depth += 1,
            b'}' => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            _ if depth == 0 => {}
            b'#' | b'\\' => return false,
            b'\'' => single += 1,
            b'"' => double += 1,
            b'(' | b'[' => brackets += 1,
            b')' | b']' => match brackets.checked_sub(1) {
                Some(outer) => brackets = outer,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0 && brackets == 0 && single % 2 == 0 && double % 2 == 0
}

/// Tells whether the letters before a quote belong to the string.
pub(super) fn is_prefix(letters: &[u8]) -> bool {
    letters.len() <= 2 && letters.iter().all(|letter| b"rRbBfFuUtT".contains(letter))
}
