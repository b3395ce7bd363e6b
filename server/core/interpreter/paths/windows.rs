//! The same path arithmetic with drives and backslashes.
//!
//! In: texts of paths. Out: texts of paths, as `getpath.c` spells them on Windows and `ntpath` does in `site.py`.
//!
//! **Invariant:** what is returned has backslashes only; what is taken may have both.

/// Returns the text before the last backslash (`getpath_dirname`): a drive is its own top.
pub(super) fn up(path: &str) -> &str {
    path.rfind('\\').map_or("", |at| &path[..at])
}

/// Returns the text after the last backslash.
pub(super) fn base_name(path: &str) -> &str {
    path.rfind('\\').map_or(path, |at| &path[at + 1..])
}

/// Tells whether a path has a drive, or a server and a share, and begins at its top (`ntpath.isabs` from 3.13 on).
pub(super) fn is_absolute(path: &str) -> bool {
    let parts = Parts::of(path);
    !parts.drive.is_empty() && (!parts.root.is_empty() || parts.is_share())
}

/// Folds `.`, `..` and doubled separators (`_Py_normpath`, `ntpath.normpath`).
pub(super) fn norm(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let parts = Parts::of(path);
    let mut names: Vec<&str> = Vec::new();
    for name in parts.rest.split(SEPARATORS) {
        match name {
            "" | "." => {}
            ".." => match names.last() {
                Some(&last) if last != ".." => {
                    names.pop();
                }
                _ if parts.root.is_empty() => names.push(".."),
                _ => {}
            },
            name => names.push(name),
        }
    }
    let root = if parts.root.is_empty() { "" } else { "\\" };
    let joined = format!("{}{root}{}", with_backslashes(parts.drive), names.join("\\"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// Joins and folds as getpath.py's `joinpath` does (`PathCchCombineEx`): a drive alone is taken for its top.
pub(super) fn join(first: &str, second: &str) -> String {
    if Parts::of(first).is_drive_alone() {
        return norm(&join_plain(&format!("{first}\\"), second));
    }
    norm(&join_plain(first, second))
}

/// Joins as `ntpath.join` does: no folding.
pub(super) fn join_plain(first: &str, second: &str) -> String {
    let (left, right) = (Parts::of(first), Parts::of(second));
    if !right.drive.is_empty() || first.is_empty() {
        return second.to_owned();
    }
    if !right.root.is_empty() {
        return format!("{}{second}", left.drive);
    }
    if first.ends_with(SEPARATORS) || left.is_drive_alone() {
        return format!("{first}{second}");
    }
    format!("{first}\\{second}")
}

const SEPARATORS: [char; 2] = ['\\', '/'];

/// A path in three (`ntpath.splitroot`).
struct Parts<'p> {
    /// `C:`, or `\\server\share`.
    drive: &'p str,
    /// One separator, or none.
    root: &'p str,
    rest: &'p str,
}

impl<'p> Parts<'p> {
    fn of(path: &'p str) -> Self {
        let is_separator = |byte: &u8| matches!(byte, b'\\' | b'/');
        let at = match path.as_bytes() {
            [first, second, ..] if is_separator(first) && is_separator(second) => share_length(path),
            [letter, b':', ..] if letter.is_ascii() => 2,
            _ => 0,
        };
        let (drive, rest) = path.split_at(at);
        let (root, rest) = rest.split_at(usize::from(rest.starts_with(SEPARATORS)));
        Parts { drive, root, rest }
    }

    fn is_share(&self) -> bool {
        self.drive.starts_with(SEPARATORS)
    }

    fn is_drive_alone(&self) -> bool {
        self.drive.len() == 2 && self.root.is_empty() && self.rest.is_empty()
    }
}

/// The length of `\\server\share`, or of the whole where it has no more than that.
fn share_length(path: &str) -> usize {
    let mut separators = path.match_indices(SEPARATORS).map(|(at, _)| at).filter(|at| *at >= 2);
    separators.nth(1).unwrap_or(path.len())
}

fn with_backslashes(text: &str) -> String {
    text.replace('/', "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_as_by_ntpath() {
        for (path, folded) in [
            ("C:/a/./b//c/", r"C:\a\b\c"),
            (r"C:\a\..\..", r"C:\"),
            (r"C:a\..", "C:"),
            (r"..\a\..", ".."),
            (r"\\server\share\a\..", r"\\server\share\"),
            ("", ""),
            (".", "."),
        ] {
            assert_eq!(norm(path), folded, "{path}");
        }
    }

    #[test]
    fn joining_respects_drives() {
        for (first, second, joined) in [
            (r"C:\a", "b", r"C:\a\b"),
            (r"C:\a", r"..\b", r"C:\b"),
            (r"C:\a", r"\b", r"C:\b"),
            (r"C:\a", r"D:\b", r"D:\b"),
            ("C:", "b", r"C:\b"),
            ("", "b", "b"),
        ] {
            assert_eq!(join(first, second), joined, "{first} {second}");
        }
        assert_eq!(join_plain(r"C:\a", r"..\b"), r"C:\a\..\b");
        assert_eq!((up(r"C:\Python"), up("C:")), ("C:", ""));
        assert!(is_absolute(r"C:\x") && is_absolute(r"\\server\share") && !is_absolute(r"\x") && !is_absolute("C:x"));
    }
}
