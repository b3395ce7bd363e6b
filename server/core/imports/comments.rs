//! What is said to fromwhere in comments, and the shebang.
//!
//! In: a text and its tokens. Out: [`Suppression`]s and the words after `#!`.
//!
//! **Invariant:** only comments count, never text that looks like one inside a string.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged;

use super::Suppression;
use crate::text::{Span, Text};

/// Returns what the first line says after `#!`, as the kernel reads it: a path and at most one argument.
pub(super) fn shebang(text: &Text) -> Option<String> {
    let words = text.source().strip_prefix("#!")?.split(['\n', '\r']).next()?.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// Collects `# fromwhere: ignore` and `# fromwhere: ignore[code, code]`. At the end of a line of code it silences that
/// line; alone on a line before the first code it silences the whole file.
pub(super) fn suppressions(text: &Text, tokens: &Tokens) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut before_code = true;
    for token in tokens {
        match token.kind() {
            TokenKind::Comment => {
                let start = token.range().start().to_u32();
                let comment = text.source().get(start as usize..token.range().end().to_usize()).unwrap_or_default();
                let line = (!before_code).then(|| text.point(start).line);
                let mut at = 0;
                while let Some((from, to, codes)) = comment.get(at as usize..).and_then(directive) {
                    let span = Span::new(start + at + from, start + at + to);
                    found.push(Suppression { line, codes, span });
                    at += to;
                }
            }
            TokenKind::NonLogicalNewline => {}
            _ => before_code = false,
        }
    }
    found
}

/// Finds the first directive in a comment, which may stand behind another tool's: where it starts, where it ends, its codes.
pub(crate) fn directive(comment: &str) -> Option<(u32, u32, Vec<String>)> {
    comment.match_indices('#').find_map(|(start, _)| {
        let rest = comment.get(start + 1..)?;
        let rest = rest.trim_start().strip_prefix("fromwhere:")?.trim_start().strip_prefix("ignore")?;
        let (codes, rest) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']')?,
            // `ignored` and `ignore-this` are somebody's prose.
            None if rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_') => return None,
            None => ("", rest),
        };
        let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(comment.len() - rest.len()).ok()?);
        Some((start, end, codes))
    })
}
