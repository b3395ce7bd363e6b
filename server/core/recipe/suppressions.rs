//! `# fromwhere: ignore` in files that are not Python.
//!
//! In: a text whose comments begin with `#`. Out: [`Suppression`]s.
//!
//! **Invariant:** a comment begins at a `#` that starts a line or follows a blank, as in a shell, a Dockerfile and YAML.

use crate::imports::{Suppression, directive};
use crate::text::{Span, Text};

/// Collects the comments that silence: behind something, that line; alone, above everything else, the whole file; alone
/// further down, the line below, since a command that goes on over lines has no end for a comment.
pub(super) fn of(text: &Text) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut before_anything = true;
    for line in 0..u32::try_from(text.line_count()).unwrap_or(u32::MAX) {
        let content = text.line(line);
        let is_comment = content.trim_start().starts_with('#');
        let start = content.char_indices().find(|(at, letter)| {
            *letter == '#' && content.get(..*at).is_some_and(|it| it.is_empty() || it.ends_with([' ', '\t']))
        });
        let place = text.line_span(line).start;
        if let Some((at, _)) = start
            && let Some((from, to, codes)) = content.get(at..).and_then(directive)
        {
            let at = place + u32::try_from(at).unwrap_or(u32::MAX);
            let silenced = match (is_comment, before_anything) {
                (true, true) => None,
                (true, false) => Some(line + 1),
                (false, _) => Some(line),
            };
            found.push(Suppression { line: silenced, codes, span: Span::new(at + from, at + to) });
        }
        before_anything &= is_comment || content.trim().is_empty();
    }
    found
}
