//! A Python source file as text.
//!
//! In: a path. Out: its [`Text`], decoded as Python would (PEP 263), or the [`Problem`] that keeps it from being read.
//!
//! **Invariant:** a file that Python itself could not decode is reported, never guessed at.

use camino::Utf8Path;
use fromwhere_core::origin::Problem;
use fromwhere_core::system::{LARGEST_SOURCE, System};
use fromwhere_core::text::Text;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn read(system: &dyn System, path: &Utf8Path) -> Result<Text, Problem> {
    let bytes = system.read(path, LARGEST_SOURCE)?;
    match decode(&bytes) {
        Ok(source) => Ok(Text::new(source)),
        Err(message) => Err(Problem { path: path.to_owned(), line: None, message }),
    }
}

/// Decodes a source as `tokenize.detect_encoding` would: a byte order mark, a declaration in the first two lines, UTF-8.
fn decode(bytes: &[u8]) -> Result<String, String> {
    let content = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if content.contains(&0) {
        return Err("has null bytes: not Python source".to_owned());
    }
    match declared_encoding(content) {
        Some(encoding) if is_latin1(&encoding) => Ok(content.iter().copied().map(char::from).collect()),
        Some(encoding) if !is_utf8(&encoding) => match str::from_utf8(content) {
            // Nearly every encoding in use has ASCII in it, and a file of ASCII alone reads the same in all of them.
            Ok(source) if source.is_ascii() => Ok(source.to_owned()),
            _ => Err(format!("its encoding `{encoding}` is not supported")),
        },
        declared => String::from_utf8(content.to_owned()).map_err(|error| {
            let before = content.get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let hint = if declared.is_some() { "" } else { " and declares no other encoding" };
            format!("is not UTF-8 (line {line}){hint}")
        }),
    }
}

/// Returns the encoding that one of the first two lines declares (PEP 263), normalized as CPython's tokenizer does:
/// lower case, `_` as `-`.
fn declared_encoding(content: &[u8]) -> Option<String> {
    for line in content.split(|byte| *byte == b'\n').take(2) {
        let line = line.trim_ascii_start();
        match line.first() {
            Some(b'#') => {}
            None => continue,
            Some(_) => return None,
        }
        let line = String::from_utf8_lossy(line);
        for (at, word) in line.match_indices("coding") {
            let Some(rest) = line.get(at + word.len()..).and_then(|rest| rest.strip_prefix([':', '='])) else {
                continue;
            };
            let rest = rest.trim_start_matches([' ', '\t']);
            let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || "-_.".contains(it))).unwrap_or(rest.len());
            if end > 0 {
                return rest.get(..end).map(|name| name.to_ascii_lowercase().replace('_', "-"));
            }
        }
    }
    None
}

fn is_utf8(encoding: &str) -> bool {
    ["utf-8", "utf8", "utf-8-sig", "u8"].contains(&encoding) || encoding.starts_with("utf-8-")
}

fn is_latin1(encoding: &str) -> bool {
    ["latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "l1"].contains(&encoding)
        || encoding.starts_with("latin-1-")
        || encoding.starts_with("iso-8859-1-")
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        assert_eq!(decode(b"\xef\xbb\xbfimport os\n").as_deref(), Ok("import os\n"));
    }

    #[test]
    fn a_declared_latin_1_is_honored_on_the_first_two_lines_only() {
        assert_eq!(
            decode(b"#!/x\n# -*- coding: Latin-1 -*-\n# \xe9\n").as_deref().map(|it| it.ends_with("é\n")),
            Ok(true)
        );
        let third = decode(b"\n\n# coding: latin-1\n# \xe9\n");
        assert_eq!(third, Err("is not UTF-8 (line 4) and declares no other encoding".to_owned()));
        assert!(decode(b"import os\n# coding: latin-1\n# \xe9\n").is_err(), "code on line 1 ends the search");
    }

    #[test]
    fn an_encoding_that_is_not_read_here_matters_only_past_ascii() {
        assert_eq!(decode(b"# coding: koi8-r\nimport os\n").as_deref().map(str::len), Ok(27));
        assert_eq!(decode(b"# coding=koi8_r\n# \xc1\n"), Err("its encoding `koi8-r` is not supported".to_owned()));
    }

    #[test]
    fn null_bytes_are_no_source() {
        assert_eq!(decode(b"\x7fELF\0"), Err("has null bytes: not Python source".to_owned()));
    }
}
