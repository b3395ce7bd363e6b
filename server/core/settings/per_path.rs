//! Settings for a part of a project's files.
//!
//! In: a pattern such as `scripts/**/*.py` and a path. Out: whether it is meant.
//!
//! **Invariant:** matching takes time in proportion to pattern times path, whatever the pattern.

use camino::{Utf8Path, Utf8PathBuf};

use super::Settings;

/// What `per-path` says about the files that a pattern names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathSettings {
    /// The folder of the configuration file, which the pattern is relative to.
    pub folder: Utf8PathBuf,
    pub pattern: String,
    /// Only `ignore`, `allow` and `severity` are set.
    pub settings: Settings,
}

impl PathSettings {
    /// Tells whether a file is meant. A pattern without a slash means the name of the file or of any folder above it; one
    /// with a slash means the path from the configuration's folder, or a folder on it.
    pub fn covers(&self, path: &Utf8Path) -> bool {
        let Ok(relative) = path.strip_prefix(&self.folder) else { return false };
        let pattern = self.pattern.trim_start_matches("./").trim_end_matches('/');
        if pattern.contains('/') {
            let pattern = pattern.trim_start_matches('/');
            relative.ancestors().filter(|it| !it.as_str().is_empty()).any(|it| matches_pattern(pattern, it.as_str()))
        } else {
            relative.components().any(|it| matches_pattern(pattern, it.as_str()))
        }
    }
}

/// Matches `*` and `?` within one part of a path and `**` across parts.
pub(crate) fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    // `reach[j]`: the pattern so far can end before character `j` of the path.
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    let mut at = 0;
    while let Some(&character) = pattern.get(at) {
        let crosses = character == '*' && pattern.get(at + 1) == Some(&'*');
        // `**/` may also stand for nothing at all.
        let skips = crosses && pattern.get(at + 2) == Some(&'/');
        at += if skips { 3 } else { 1 + usize::from(crosses) };
        let mut next = vec![false; path.len() + 1];
        let mut open = false;
        for (place, &reached) in reach.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|it| path.get(it)).copied();
            let from_before = place.checked_sub(1).and_then(|it| reach.get(it)).copied().unwrap_or(false);
            let arrives = if skips {
                let arrives = reached || (open && before == Some('/'));
                open |= reached;
                arrives
            } else if character == '*' {
                open = reached || (open && (crosses || before != Some('/')));
                open
            } else {
                from_before && before.is_some_and(|it| it == character || (character == '?' && it != '/'))
            };
            if let Some(slot) = next.get_mut(place) {
                *slot = arrives;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_expect() {
        for (pattern, path, expected) in [
            ("*.py", "/p/a/b.py", true),
            ("scripts", "/p/scripts/a.py", true),
            ("scripts/", "/p/x/scripts/a.py", true),
            ("./scripts/*.py", "/p/scripts/a.py", true),
            ("scripts/*.py", "/p/scripts/deep/a.py", false),
            ("scripts/**/*.py", "/p/scripts/deep/er/a.py", true),
            ("scripts/**/*.py", "/p/scripts/a.py", true),
            ("**/tests/**", "/p/tests/a.py", true),
            ("**/tests/**", "/p/a/tests/b/c.py", true),
            ("a/b", "/p/a/b/c.py", true),
            ("a/b", "/p/x/a/b/c.py", false),
            ("test_?.py", "/p/test_1.py", true),
            ("test_?.py", "/p/test_12.py", false),
            ("*.py", "/other/a.py", false),
            ("\u{e9}*", "/p/\u{e9}t\u{e9}.py", true),
            ("", "/p/a.py", false),
        ] {
            let path_settings =
                PathSettings { folder: "/p".into(), pattern: pattern.to_owned(), settings: Settings::default() };
            assert_eq!(path_settings.covers(path.into()), expected, "{pattern} {path}");
        }
        assert!(!matches_pattern(&"*a".repeat(200), &"b".repeat(5000)), "no pattern takes for ever");
    }
}
