//! The readers of `pyvenv.cfg`: C up to 3.10, `getpath.py` from 3.11 on, and `site.py` always. They disagree.
//!
//! In: the bytes of the file. Out: `home` as the start-up code takes it; the whole file as `site.py` takes it.
//!
//! **Invariant:** the readers share no parser, because they differ in key case, blanks, duplicates, line ends and encoding.

use camino::Utf8Path;

use super::{Pyvenv, PyvenvEntry};
use crate::system::{Cause, LARGEST_METADATA, System};

mod lines;

pub use lines::{PyvenvLine, pyvenv_lines, stated_version};

/// From this size on `getpath.py` gives up (`getpath_readlines`).
const TOO_LARGE_FOR_GETPATH: u64 = 32 * 1024;

/// The longest line that C's reader takes (`_Py_FindEnvConfigValue`).
const LONGEST_LINE_IN_C: usize = 8 * 1024 - 1;

/// Reads `pyvenv.cfg` as `site.py` does; `None` where it is not a regular file, cannot be read or is not UTF-8.
pub fn read_pyvenv(system: &dyn System, path: &Utf8Path) -> Option<Pyvenv> {
    if !system.is_file(path) {
        return None;
    }
    read_as_site(system, path).ok()
}

/// The same, telling why it could not be read: then the interpreter does not start.
pub(super) fn read_as_site(system: &dyn System, path: &Utf8Path) -> Result<Pyvenv, String> {
    let bytes =
        system.read(path, LARGEST_METADATA).map_err(|failure| format!("cannot read `{path}`: {}", failure.cause))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    let mut entries = Vec::new();
    let mut system_site = "true".to_owned();
    for (index, line) in universal_lines(&text).enumerate() {
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = strip(key).to_lowercase();
        let value = strip(value).to_owned();
        if key == "include-system-site-packages" {
            system_site = value.to_lowercase();
        }
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        entries.push(PyvenvEntry { key, value, line });
    }
    Ok(Pyvenv { path: path.to_owned(), entries, include_system_site_packages: system_site == "true" })
}

/// What `getpath.py` gets when it reads the lines of a file.
pub(super) enum Lines {
    Read(Vec<String>),
    /// No such file, or no permission: it looks further.
    Absent,
    /// Any other `OSError` ends the start, except where one is expected.
    Unreadable(String),
    /// A `MemoryError` ends it everywhere.
    TooLarge(String),
}

/// Reads lines as `getpath_readlines` does: a directory has none, 32 KiB are too much, and it looks for the ends of lines as C
/// does in a string, so that nothing counts from a NUL on.
pub(super) fn read_lines(system: &dyn System, path: &Utf8Path) -> Lines {
    match system.read(path, TOO_LARGE_FOR_GETPATH - 1) {
        Ok(bytes) => {
            let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            let text = String::from_utf8_lossy(bytes);
            // A line that nothing ends keeps its carriage return.
            let ended = |line: &str| line.strip_suffix('\n').map(|line| line.trim_end_matches('\r').to_owned());
            Lines::Read(text.split_inclusive('\n').map(|line| ended(line).unwrap_or_else(|| line.to_owned())).collect())
        }
        Err(failure) => match failure.cause {
            Cause::NotFound | Cause::PermissionDenied => Lines::Absent,
            Cause::IsADirectory | Cause::NotARegularFile => Lines::Read(Vec::new()),
            Cause::TooLarge { .. } => Lines::TooLarge(format!("`{path}` has 32 KiB or more")),
            cause => Lines::Unreadable(format!("cannot read `{path}`: {cause}")),
        },
    }
}

/// Returns the first `home` as `getpath.py` reads it.
pub(super) fn home_by_getpath(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (strip(key).to_lowercase() == "home").then(|| strip(value).to_owned())
    })
}

/// Returns the first `home` as C reads it up to 3.10: exact case, blanks around `=`, the line must be ended.
pub(super) fn home_by_c(bytes: &[u8]) -> Option<String> {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") || line.len() > LONGEST_LINE_IN_C || line.contains(&0) {
            return None;
        }
        if line.starts_with(b"#") {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else { continue };
        // As `wcstok` goes: blanks before a word are skipped, and one character after it is taken away.
        let Some((key, rest)) = line.trim_start_matches([' ', '\t', '\r', '\n']).split_once([' ', '\t', '\r', '\n'])
        else {
            continue;
        };
        let Some((equals, rest)) = rest.trim_start_matches([' ', '\t']).split_once([' ', '\t']) else { continue };
        if key == "home" && equals == "=" {
            let rest = rest.trim_start_matches(['\r', '\n']);
            let value = rest.split(['\r', '\n']).next().unwrap_or_default();
            if !value.is_empty() {
                return Some(value.to_owned());
            }
        }
    }
    None
}

/// Splits as a text file does in Python: `\n`, `\r\n` and `\r` end a line.
pub(super) fn universal_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = &rest[..end];
        let after = &rest[end..];
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
        Some(line)
    })
}

/// Strips what `str.strip` strips: Unicode blanks and the separators `\x1c` to `\x1f`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_blank)
}

pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    /// One file, three answers: (bytes, home by C, home by getpath.py, system packages by site.py).
    #[test]
    fn the_readers_disagree_as_measured() {
        let rows: &[(&str, Option<&str>, Option<&str>, bool)] = &[
            ("", None, None, true),
            ("home = /b\n", Some("/b"), Some("/b"), true),
            ("home = /b", None, Some("/b"), true),
            ("home=/b\n", None, Some("/b"), true),
            ("HOME = /b\n", None, Some("/b"), true),
            ("home = /a\nhome = /b\n", Some("/a"), Some("/a"), true),
            ("home = /a \n", Some("/a "), Some("/a"), true),
            ("#home = /a\n", None, None, true),
            ("\u{feff}home = /a\n", None, None, true),
            ("home = /a\r\n", Some("/a"), Some("/a"), true),
            ("home = /a\0\nhome = /b\n", None, Some("/a"), true),
            ("x = \0\nhome = /b\ninclude-system-site-packages = false\n", None, None, false),
            ("\u{a0}home\u{3000}=\u{3000}/a\u{a0}\n", None, Some("/a"), true),
            ("Include-System-Site-Packages = TRUE\n", None, None, true),
            ("include-system-site-packages = false\n", None, None, false),
            ("include-system-site-packages = \n", None, None, false),
            ("include-system-site-packages = \"true\"\n", None, None, false),
            ("include-system-site-packages = true # x\n", None, None, false),
            ("include-system-site-packages = 1\n", None, None, false),
            ("include_system_site_packages = false\n", None, None, true),
            ("\u{feff}include-system-site-packages = false\n", None, None, true),
            ("include-system-site-packages=false\rhome=/x\r", None, None, false),
            ("include-system-site-packages = true\ninclude-system-site-packages = false\n", None, None, false),
            ("include-system-site-packages = false\ninclude-system-site-packages = true\n", None, None, true),
        ];
        for (text, by_c, by_getpath, by_site) in rows {
            let mut system = MemorySystem::default();
            system.write("/v/pyvenv.cfg", *text);
            let Lines::Read(lines) = read_lines(&system, "/v/pyvenv.cfg".into()) else { panic!("{text:?}") };
            assert_eq!(home_by_c(text.as_bytes()).as_deref(), *by_c, "C: {text:?}");
            assert_eq!(home_by_getpath(&lines).as_deref(), *by_getpath, "getpath: {text:?}");
            let pyvenv = read_pyvenv(&system, "/v/pyvenv.cfg".into()).unwrap();
            assert_eq!(pyvenv.include_system_site_packages, *by_site, "site: {text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_stop_the_start() {
        let mut system = MemorySystem::default();
        system.write("/v/pyvenv.cfg", b"# \xe9\n".to_vec());
        assert!(read_as_site(&system, "/v/pyvenv.cfg".into()).unwrap_err().contains("not UTF-8"));
        system.write("/w/pyvenv.cfg", vec![b'#'; 32 * 1024]);
        assert!(matches!(read_lines(&system, "/w/pyvenv.cfg".into()), Lines::TooLarge(_)));
    }
}
