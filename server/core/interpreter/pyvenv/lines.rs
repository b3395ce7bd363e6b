//! `pyvenv.cfg` as somebody edits it: each line with the places of its key and its value.
//!
//! In: a [`Text`]. Out: the lines that have a key, in order.
//!
//! **Invariant:** lines are taken apart as `site.py` takes them, which is what every reader but C's agrees on: the first `=`
//! divides, blanks around both halves do not count, keys have no case.

use super::strip;
use crate::interpreter::Version;
use crate::text::{Span, Text};

/// One line with a `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PyvenvLine {
    /// From 0.
    pub line: u32,
    /// In lower case; a byte order mark at the start of the file stays glued to it.
    pub key: String,
    pub key_span: Span,
    pub value: String,
    pub value_span: Span,
}

/// Takes a `pyvenv.cfg` apart; lines without `=` mean nothing to any reader.
pub fn pyvenv_lines(text: &Text) -> Vec<PyvenvLine> {
    let count = u32::try_from(text.line_count()).unwrap_or(u32::MAX);
    (0..count).filter_map(|line| line_of(text, line)).collect()
}

fn line_of(text: &Text, line: u32) -> Option<PyvenvLine> {
    let start = text.line_span(line).start;
    let content = text.line(line);
    let (key, value) = content.split_once('=')?;
    let place = |part: &str, offset: usize| {
        let inner = strip(part);
        // What is all blank is stripped from one end: its place is behind the blanks.
        let before = part.find(inner).filter(|_| !inner.is_empty()).unwrap_or(part.len());
        let from = start + u32::try_from(offset + before).unwrap_or(u32::MAX);
        Span::new(from, from + u32::try_from(inner.len()).unwrap_or(u32::MAX))
    };
    Some(PyvenvLine {
        line,
        key: strip(key).to_lowercase(),
        key_span: place(key, 0),
        value: strip(value).to_owned(),
        value_span: place(value, key.len() + 1),
    })
}

/// Returns the version that a `pyvenv.cfg` says it was made with: no Python reads it, and it grows stale.
pub fn stated_version(lines: &[PyvenvLine]) -> Option<Version> {
    let line = ["version_info", "version"].iter().find_map(|key| lines.iter().rev().find(|it| it.key == *key))?;
    let mut parts = line.value.split('.');
    let number = |part: Option<&str>| -> Option<u8> {
        let digits: String = part?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let (major, minor) = (number(parts.next())?, number(parts.next())?);
    Some(Version { major, minor, micro: number(parts.next()), suffix: String::new(), free_threaded: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_places() {
        let text = Text::new("home = /usr/bin\r\n# a comment\nVersion=3.12.1rc2\n key  =  \n=x".to_owned());
        let lines = pyvenv_lines(&text);
        let shown: Vec<(u32, &str, &str, &str)> = lines
            .iter()
            .map(|it| {
                let at = |span: Span| &text.source()[span.start as usize..span.end as usize];
                assert_eq!(at(it.value_span), it.value);
                (it.line, it.key.as_str(), at(it.key_span), it.value.as_str())
            })
            .collect();
        assert_eq!(
            shown,
            [
                (0, "home", "home", "/usr/bin"),
                (2, "version", "Version", "3.12.1rc2"),
                (3, "key", "key", ""),
                (4, "", "", "x")
            ]
        );
        let version = stated_version(&lines).unwrap();
        assert_eq!((version.major, version.minor, version.micro), (3, 12, Some(1)));
        assert_eq!(stated_version(&pyvenv_lines(&Text::new("version = three\n".to_owned()))), None);
    }
}
