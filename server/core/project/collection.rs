//! Which files pytest takes for tests, and how it imports them.
//!
//! In: the settings `python_files` and `--import-mode`, a path. Out: whether pytest collects it.
//!
//! **Invariant:** a pattern matches what Python's `fnmatch` does, on the name or the whole path (`_pytest.pathlib.fnmatch_ex`).

use camino::Utf8Path;

/// What pytest collects where nothing else is said (`python_files`).
const USUAL: [&str; 2] = ["test_*.py", "*_test.py"];

/// How pytest finds and imports tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tests {
    pub import_mode: ImportMode,
    /// `python_files`; `None` where it is not set.
    pub files: Option<Vec<String>>,
}

/// How pytest imports tests (`--import-mode`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImportMode {
    /// With their folders in front.
    #[default]
    Prepend,
    /// With their folders behind everything.
    Append,
    /// By their files alone.
    Importlib,
}

impl Tests {
    /// Tells whether a file of a folder is a test that pytest collects.
    pub fn collects(&self, folder: &Utf8Path, name: &str) -> bool {
        let matches = |pattern: &str| match pattern.strip_prefix('/') {
            Some(_) => matches_pattern(pattern, folder.join(name).as_str()),
            None if pattern.contains('/') => matches_pattern(&format!("*/{pattern}"), folder.join(name).as_str()),
            None => matches_pattern(pattern, name),
        };
        Utf8Path::new(name).extension() == Some("py")
            && match &self.files {
                Some(files) => files.iter().any(|it| matches(it)),
                None => USUAL.into_iter().any(matches),
            }
    }
}

/// Matches as Python's `fnmatch` does: `*` stands for anything, a separator among it, and `[` that nothing closes for itself.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Which beginnings of the text the pattern so far stands for.
    let mut reach = vec![false; text.len() + 1];
    reach.first_mut().into_iter().for_each(|it| *it = true);
    let mut at = 0;
    while let Some(&sign) = pattern.get(at) {
        let set = if sign == '[' { set_at(&pattern, at + 1) } else { None };
        at = set.as_ref().map_or(at + 1, |set| set.end);
        let mut next = vec![false; text.len() + 1];
        if sign == '*' {
            let first = reach.iter().position(|it| *it).unwrap_or(reach.len());
            next.iter_mut().skip(first).for_each(|it| *it = true);
        } else {
            let fits = |character: char| match &set {
                Some(set) => set.has(character),
                None => sign == '?' || sign == character,
            };
            let steps = reach.iter().zip(&text).map(|(reached, character)| *reached && fits(*character));
            next.iter_mut().skip(1).zip(steps).for_each(|(slot, arrives)| *slot = arrives);
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

/// What stands between `[` and `]`.
struct Set<'p> {
    negated: bool,
    signs: &'p [char],
    /// Where the pattern goes on.
    end: usize,
}

impl Set<'_> {
    fn has(&self, character: char) -> bool {
        let mut rest = self.signs;
        let mut found = false;
        loop {
            rest = match rest {
                [low, '-', high, rest @ ..] => {
                    found |= (*low..=*high).contains(&character);
                    rest
                }
                [one, rest @ ..] => {
                    found |= *one == character;
                    rest
                }
                [] => return found != self.negated,
            };
        }
    }
}

/// Reads the set whose first sign is at a place; a `]` there is one of it.
fn set_at(pattern: &[char], from: usize) -> Option<Set<'_>> {
    let negated = pattern.get(from) == Some(&'!');
    let start = from + usize::from(negated);
    let first = start + usize::from(pattern.get(start) == Some(&']'));
    let close = first + pattern.get(first..)?.iter().position(|it| *it == ']')?;
    Some(Set { negated, signs: pattern.get(start..close)?, end: close + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked of `_pytest.pathlib.fnmatch_ex`.
    #[test]
    fn a_test_is_what_a_pattern_matches() {
        for (patterns, path, expected) in [
            (None, "/p/test_a.py", true),
            (None, "/p/a_test.py", true),
            (None, "/p/tests.py", false),
            (None, "/p/test_a.pyi", false),
            (Some(&["tests.py"][..]), "/p/tests.py", true),
            (Some(&["tests.py"]), "/p/test_a.py", false),
            (Some(&[]), "/p/test_a.py", false),
            (Some(&["a", "*.py"]), "/p/any.py", true),
            (Some(&["*"]), "/p/any.txt", false),
            (Some(&["unit/*.py"]), "/p/unit/any.py", true),
            (Some(&["unit/*.py"]), "/p/unit/deep/any.py", true),
            (Some(&["unit/*.py"]), "/p/other/any.py", false),
            (Some(&["nit/*.py"]), "/p/unit/any.py", false),
            (Some(&["/p/*.py"]), "/p/unit/any.py", true),
            (Some(&["/q/*.py"]), "/p/unit/any.py", false),
            (Some(&["[a-c]?.py"]), "/p/bx.py", true),
            (Some(&["[a-c]?.py"]), "/p/dx.py", false),
            (Some(&["[!a-c]?.py"]), "/p/dx.py", true),
            (Some(&["[]x].py"]), "/p/].py", true),
            (Some(&["[x.py"]), "/p/[x.py", true),
        ] {
            let tests =
                Tests { files: patterns.map(|it| it.iter().map(|it| (*it).to_owned()).collect()), ..Tests::default() };
            let path = Utf8Path::new(path);
            let found = tests.collects(path.parent().unwrap(), path.file_name().unwrap());
            assert_eq!(found, expected, "{patterns:?} {path}");
        }
    }
}
