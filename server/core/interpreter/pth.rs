//! The lines of `.pth` files, as `site.addpackage` reads them.
//!
//! In: a site directory's listing, the bytes of a file. Out: which files count, and their lines: a path or code.
//!
//! **Invariant:** what counts as a line, a comment or code depends on the version, and nothing else decides it.

use std::string::FromUtf8Error;

use camino::{Utf8Path, Utf8PathBuf};

use super::features::Features;
use super::pyvenv::{is_blank, strip, universal_lines};
use crate::system::{Kind, LARGEST_METADATA, System};

/// One line that does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u32,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A path, relative to the site directory.
    Path(String),
    /// Begins with `import`: it is run.
    Code(String),
    /// Whoever reads so far stops the interpreter.
    Undecodable,
}

/// Returns the names of the `.pth` files of a site directory, in the order of their processing.
pub(super) fn names(system: &dyn System, directory: &Utf8Path, features: Features) -> Vec<String> {
    let Ok(listing) = system.list(directory) else { return Vec::new() };
    let candidates = listing.iter().filter(|(name, kind)| {
        has_suffix(name, ".pth") && *kind != Kind::Directory && !(features.skips_hidden && name.starts_with('.'))
    });
    candidates.map(|(name, _)| name.to_owned()).collect()
}

/// Reads one file; `Ok` without lines where it cannot be opened, `Err` where its bytes stop the interpreter.
pub(super) fn read(system: &dyn System, path: &Utf8PathBuf, features: Features) -> Result<Vec<Line>, String> {
    let Ok(bytes) = system.read(path, LARGEST_METADATA) else { return Ok(Vec::new()) };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if !features.utf8_path_files => return Ok(lines_before(&error, features)),
        Err(_) => return Err(format!("`{path}` is not UTF-8")),
    };
    let lines: Vec<&str> = if features.utf8_path_files {
        split_lines(text.strip_prefix('\u{feff}').unwrap_or(&text)).collect()
    } else {
        universal_lines(&text).collect()
    };
    let numbered = lines.into_iter().zip(1..);
    Ok(numbered.filter_map(|(line, number)| Some(Line { number, content: content(line, features)? })).collect())
}

/// How much of a file is decoded at once (`_CHUNK_SIZE` of `TextIOWrapper`).
const CHUNK: usize = 8192;

/// Up to 3.12 the file is decoded as it is read: what is no text, or cut off at the end, hurts only who gets there.
fn lines_before(error: &FromUtf8Error, features: Features) -> Vec<Line> {
    let (bytes, wrong) = (error.as_bytes(), error.utf8_error());
    let at = wrong.valid_up_to();
    let decoded = match wrong.error_len() {
        None => at,
        Some(length) => {
            // Some bytes begin no character at all; of others it shows in what follows.
            let is_known_at_once = matches!(bytes.get(at), Some(0x80..=0xc1 | 0xf5..));
            let seen = if is_known_at_once { at } else { at + length };
            at.min(seen / CHUNK * CHUNK)
        }
    };
    let text = bytes.get(..decoded).and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
    // A line feed may follow the last carriage return.
    let text = text.strip_suffix('\r').unwrap_or(text);
    let whole = text.rfind(['\n', '\r']).map_or("", |end| text.get(..=end).unwrap_or_default());
    let numbered = universal_lines(whole).zip(1..);
    let mut lines: Vec<Line> =
        numbered.filter_map(|(line, number)| Some(Line { number, content: content(line, features)? })).collect();
    let number = lines.last().map_or(1, |line| line.number + 1);
    lines.push(Line { number, content: Content::Undecodable });
    lines
}

fn content(line: &str, features: Features) -> Option<Content> {
    let line = if features.in_batches { strip(line) } else { line };
    if line.starts_with('#') || strip(line).is_empty() {
        return None;
    }
    if line.starts_with("import ") || line.starts_with("import\t") {
        return Some(Content::Code(line.to_owned()));
    }
    Some(Content::Path(line.trim_end_matches(is_blank).to_owned()))
}

/// Tells whether a name ends in a suffix, in exactly this case on every system.
pub(super) fn has_suffix(name: &str, suffix: &str) -> bool {
    name.ends_with(suffix)
}

/// Splits as `str.splitlines` does.
pub(super) fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let ends =
        |it: char| matches!(it, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(ends).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let mut after_end = after.chars();
        after_end.next();
        rest = after.strip_prefix("\r\n").unwrap_or(after_end.as_str());
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::Version;
    use crate::system::memory::MemorySystem;

    /// One file's bytes and the paths it names: up to 3.12.1, in 3.13 and 3.14, in 3.15 (measured).
    #[test]
    fn each_version_reads_its_own_lines() {
        type Paths = &'static [&'static str];
        let rows: &[(&[u8], Paths, Paths, Paths)] = &[
            (b"/A", &["/A"], &["/A"], &["/A"]),
            (b"/A\r\n/B\r/C  \n", &["/A", "/B", "/C"], &["/A", "/B", "/C"], &["/A", "/B", "/C"]),
            (b"  /A\n", &["  /A"], &["  /A"], &["/A"]),
            (b"# /A\n  # /B\n\n", &["  # /B"], &["  # /B"], &[]),
            (b"\xef\xbb\xbf/A\n", &["\u{feff}/A"], &["/A"], &["/A"]),
            (b"/A\x0c/B", &["/A\x0c/B"], &["/A", "/B"], &["/A", "/B"]),
            ("/A\u{2028}/B\u{85}/C".as_bytes(), &["/A\u{2028}/B\u{85}/C"], &["/A", "/B", "/C"], &["/A", "/B", "/C"]),
            (
                b"importlib\nimport_x\n",
                &["importlib", "import_x"],
                &["importlib", "import_x"],
                &["importlib", "import_x"],
            ),
        ];
        for (bytes, old, middle, new) in rows {
            for (minor, expected) in [(12, old), (13, middle), (14, middle), (15, new)] {
                let version = Version { major: 3, minor, micro: Some(1), suffix: String::new(), free_threaded: false };
                let mut system = MemorySystem::default();
                system.write("/s/x.pth", *bytes);
                let lines = read(&system, &"/s/x.pth".into(), Features::read(&system, "/s", &version)).unwrap();
                let paths: Vec<_> = lines.into_iter().map(|it| it.content).collect();
                let expected: Vec<_> = expected.iter().map(|it| Content::Path((*it).to_owned())).collect();
                assert_eq!(paths, expected, "{bytes:?} in 3.{minor}");
            }
        }
    }

    #[test]
    fn hidden_files_and_other_cases_do_not_count() {
        let mut system = MemorySystem::default();
        for name in ["B.pth", "_z.pth", "a.pth", ".h.pth", "x.PTH", "y.pth.txt"] {
            system.write(format!("/s/{name}"), "");
        }
        system.create_directory("/s/d.pth");
        let features = |minor| {
            Features::read(
                &system,
                "/s",
                &Version { major: 3, minor, micro: None, suffix: String::new(), free_threaded: false },
            )
        };
        assert_eq!(names(&system, "/s".into(), features(13)), ["B.pth", "_z.pth", "a.pth"]);
        assert_eq!(names(&system, "/s".into(), features(12)), [".h.pth", "B.pth", "_z.pth", "a.pth"]);
    }

    #[test]
    fn bytes_that_are_not_text_stop_the_start() {
        let mut system = MemorySystem::default();
        system.write("/s/x.pth", b"/\xe9\n".to_vec());
        let version = Version { major: 3, minor: 13, micro: None, suffix: String::new(), free_threaded: false };
        assert!(read(&system, &"/s/x.pth".into(), Features::read(&system, "/s", &version)).is_err());
    }
}
