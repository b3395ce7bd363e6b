//! The smallest text that still shows a difference.
//!
//! In: a text and what matters about it. Out: a text that matters as well and from which nothing can be taken away.
//!
//! **Invariant:** every step makes the text shorter, so that there is an end.

/// Takes away lines, then single characters, as long as the text is still one that `matters`.
pub(crate) fn minimise(text: &str, matters: impl Fn(&str) -> bool) -> String {
    let mut pieces: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    pieces = shrink(pieces, &matters);
    let characters = pieces.concat().chars().map(String::from).collect();
    shrink(characters, &matters).concat()
}

fn shrink(mut pieces: Vec<String>, matters: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut size = pieces.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let before = pieces.len();
        while at < pieces.len() {
            let end = pieces.len().min(at + size);
            let without = [&pieces[..at], &pieces[end..]].concat();
            if matters(&without.concat()) { pieces = without } else { at = end }
        }
        if size == 1 && pieces.len() == before {
            return pieces;
        }
        size = if pieces.len() == before { size.div_ceil(2) } else { size.min(pieces.len()).max(1) };
        if size == 0 {
            return pieces;
        }
    }
}
