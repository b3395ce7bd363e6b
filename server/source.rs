//! A Python source file as text, or the cells of a notebook.
//!
//! In: a path. Out: its [`Text`], decoded as Python would (PEP 263), and what it asks for, or the [`Problem`] that keeps it from being read; the
//! [`Form`] in which an edited text goes back into its file.
//!
//! **Invariant:** a file that Python itself could not decode is reported, never guessed at.

use camino::Utf8Path;
use fromwhere_core::imports::{self, Imports};
use fromwhere_core::notebook::{self, LARGEST_NOTEBOOK, Notebook};
use fromwhere_core::origin::Problem;
use fromwhere_core::system::{LARGEST_SOURCE, System};
use fromwhere_core::text::Text;

mod codec;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One file's code and what it asks for.
pub struct Code {
    pub text: Text,
    pub imports: Imports,
    /// Where the code stands in a notebook.
    pub notebook: Option<Notebook>,
}

/// Reads a Python source, or all the cells of a notebook.
pub fn code(system: &dyn System, path: &Utf8Path) -> Result<Code, Problem> {
    if !notebook::is_notebook(path) {
        let text = read(system, path)?;
        let imports = imports::scan(&text);
        return Ok(Code { text, imports, notebook: None });
    }
    let problem = |line, message| Problem { path: path.to_owned(), line, message };
    let bytes = system.read(path, LARGEST_NOTEBOOK)?;
    let source = String::from_utf8(bytes).map_err(|_| problem(None, "is not UTF-8".to_owned()))?;
    let notebook = Notebook::read(source).map_err(|flaw| problem(flaw.line, flaw.message))?;
    let (text, imports) = (notebook.text().clone(), notebook.imports());
    Ok(Code { text, imports, notebook: Some(notebook) })
}

/// Reads a source file.
pub fn read(system: &dyn System, path: &Utf8Path) -> Result<Text, Problem> {
    let bytes = system.read(path, LARGEST_SOURCE)?;
    match decode(bytes) {
        Ok((source, _)) => Ok(Text::new(source)),
        Err(message) => Err(Problem { path: path.to_owned(), line: None, message }),
    }
}

/// How a file keeps its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Whether a byte order mark stands before the text.
    marked: bool,
    encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    /// What an encoding that is not known has in common with all.
    Ascii,
    Other(&'static encoding_rs::Encoding),
    /// One in which this very text has two spellings: it would go back changed.
    Unsure,
}

impl Form {
    /// A file that is no Python source: UTF-8, and a byte order mark is a part of the text.
    pub const PLAIN: Form = Form { marked: false, encoding: Encoding::Utf8 };

    /// Tells whether the encoding has every character of a text.
    pub fn has(self, text: &str) -> bool {
        match self.encoding {
            Encoding::Utf8 => true,
            Encoding::Latin1 => text.chars().all(|it| u8::try_from(it).is_ok()),
            Encoding::Ascii => text.is_ascii(),
            Encoding::Other(codec) => codec::encode(codec, text).is_some(),
            Encoding::Unsure => false,
        }
    }

    /// Returns the content of a file with this text; `None` where its encoding has no byte for a character.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut content = if self.marked { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        match self.encoding {
            Encoding::Latin1 => {
                for character in text.chars() {
                    content.push(u8::try_from(character).ok()?);
                }
            }
            Encoding::Ascii if !text.is_ascii() => return None,
            Encoding::Other(codec) => content.extend(codec::encode(codec, text)?),
            Encoding::Unsure => return None,
            Encoding::Utf8 | Encoding::Ascii => content.extend_from_slice(text.as_bytes()),
        }
        Some(content)
    }
}

/// Decodes a source as `tokenize.detect_encoding` would: a byte order mark, a declaration in the first two lines, UTF-8.
pub fn decode(mut content: Vec<u8>) -> Result<(String, Form), String> {
    let marked = content.starts_with(BYTE_ORDER_MARK);
    if marked {
        content.drain(..BYTE_ORDER_MARK.len());
    }
    if memchr::memchr(0, &content).is_some() {
        return Err("has null bytes: not Python source".to_owned());
    }
    match declared_encoding(&content) {
        Some(encoding) if is_latin1(&encoding) => {
            let source = content.into_iter().map(char::from).collect();
            Ok((source, Form { marked, encoding: Encoding::Latin1 }))
        }
        Some(encoding) if !is_utf8(&encoding) => match String::from_utf8(content) {
            // Nearly every encoding in use has ASCII in it, and a file of ASCII alone reads the same in all of them.
            Ok(source) if source.is_ascii() => {
                let encoding = codec::named(&encoding).map_or(Encoding::Ascii, Encoding::Other);
                Ok((source, Form { marked, encoding }))
            }
            Ok(source) => in_codec(&encoding, source.as_bytes(), marked),
            Err(error) => in_codec(&encoding, error.as_bytes(), marked),
        },
        declared => match String::from_utf8(content) {
            Ok(source) => Ok((source, Form { marked, encoding: Encoding::Utf8 })),
            Err(error) => {
                let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let hint = if declared.is_some() { "" } else { " and declares no other encoding" };
                Err(format!("is not UTF-8 (line {line}){hint}"))
            }
        },
    }
}

/// Decodes what is written in one of Python's other codecs.
fn in_codec(name: &str, content: &[u8], marked: bool) -> Result<(String, Form), String> {
    let codec = codec::named(name).ok_or_else(|| format!("its encoding `{name}` is not supported"))?;
    // Python takes no other encoding behind the mark of UTF-8.
    let source = codec::decode(codec, content).filter(|_| !marked).ok_or_else(|| format!("is not `{name}`"))?;
    let goes_back = codec::encode(codec, &source).is_some_and(|bytes| bytes == content);
    let encoding = if goes_back { Encoding::Other(codec) } else { Encoding::Unsure };
    Ok((source, Form { marked, encoding }))
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

    fn text(bytes: &[u8]) -> Result<String, String> {
        decode(bytes.to_vec()).map(|(text, _)| text)
    }

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        assert_eq!(text(b"\xef\xbb\xbfimport os\n").as_deref(), Ok("import os\n"));
    }

    #[test]
    fn a_declared_latin_1_is_honored_on_the_first_two_lines_only() {
        assert_eq!(
            text(b"#!/x\n# -*- coding: Latin-1 -*-\n# \xe9\n").as_deref().map(|it| it.ends_with("é\n")),
            Ok(true)
        );
        let third = text(b"\n\n# coding: latin-1\n# \xe9\n");
        assert_eq!(third, Err("is not UTF-8 (line 4) and declares no other encoding".to_owned()));
        assert!(text(b"import os\n# coding: latin-1\n# \xe9\n").is_err(), "code on line 1 ends the search");
    }

    #[test]
    fn an_encoding_that_is_not_read_here_matters_only_past_ascii() {
        assert_eq!(text(b"# coding: cp437\nimport os\n").as_deref().map(str::len), Ok(26));
        assert_eq!(text(b"# coding=cp437\n# \x81\n"), Err("its encoding `cp437` is not supported".to_owned()));
    }

    #[test]
    fn another_codec_of_python_is_read_as_python_reads_it() {
        assert_eq!(text(b"# coding: CP1252\n# \x80\n").as_deref(), Ok("# coding: CP1252\n# \u{20ac}\n"));
        assert_eq!(text(b"# coding=koi8_r\n# \xc1\n").as_deref(), Ok("# coding=koi8_r\n# \u{430}\n"));
        assert_eq!(text(b"# coding: cp1252\n# \x81\n"), Err("is not `cp1252`".to_owned()));
        assert_eq!(text(b"\xef\xbb\xbf# coding: cp1252\n# \xe9\n"), Err("is not `cp1252`".to_owned()));
    }

    #[test]
    fn null_bytes_are_no_source() {
        assert_eq!(text(b"\x7fELF\0"), Err("has null bytes: not Python source".to_owned()));
    }

    #[test]
    fn a_text_goes_back_as_it_came() {
        for bytes in [
            &b"import os\r\n"[..],
            b"\xef\xbb\xbf# \xc3\xa9\n",
            b"# coding: latin-1\n# \xe9\xff\n",
            b"# coding: koi8-r\nimport os\n",
            b"# coding: cp1251\n# \xcf\xf0\xe8\n",
            b"# coding: cp437\nimport os\n",
        ] {
            let (text, form) = decode(bytes.to_vec()).unwrap();
            assert_eq!(form.encode(&text).as_deref(), Some(bytes));
        }
        let (_, latin) = decode(b"# coding: latin-1\n".to_vec()).unwrap();
        assert!(latin.has("é") && !latin.has("€"));
        assert_eq!(latin.encode("€"), None);
    }
}
