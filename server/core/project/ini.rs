//! Files that Python's `configparser` reads: `setup.cfg`, `tox.ini`, `pytest.ini`.
//!
//! In: a text. Out: its values by section and key, each with the line it stands on.
//!
//! **Invariant:** every text can be read; a line that fits nowhere is skipped.

/// One `key = value` of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) section: String,
    /// In lower case, as `configparser` has it.
    pub(super) key: String,
    /// The line that the key stands on, from 0.
    pub(super) line: u32,
    /// The lines of the value that are not empty, trimmed, each with its number from 0.
    pub(super) lines: Vec<(u32, String)>,
}

impl Value {
    /// Returns the number of its last line that is not empty.
    pub(super) fn last_line(&self) -> u32 {
        self.lines.last().map_or(self.line, |(line, _)| *line)
    }

    /// Returns what stands on the key's own line, where that is all.
    pub(super) fn on_one_line(&self) -> Option<&str> {
        if let [(line, text)] = self.lines.as_slice() { (*line == self.line).then_some(text) } else { None }
    }

    /// Returns the first line of the value.
    pub(super) fn first(&self) -> Option<(u32, &str)> {
        self.lines.first().map(|(line, text)| (*line, text.as_str()))
    }
}

/// Reads the values of a file in their order.
pub(super) fn read(source: &str) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut section = String::new();
    let mut open = false;
    for (number, line) in source.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let content = without_comment(line).trim();
        if content.is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if let Some(value) = values.last_mut().filter(|_| open) {
                value.lines.push((number, content.to_owned()));
            }
        } else if let Some(name) = content.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            name.clone_into(&mut section);
            open = false;
        } else if let Some((key, text)) = content.split_once(['=', ':']) {
            let text = text.trim();
            let lines = if text.is_empty() { Vec::new() } else { vec![(number, text.to_owned())] };
            let key = key.trim().to_lowercase();
            values.push(Value { section: section.clone(), key, line: number, lines });
            open = true;
        }
    }
    values
}

/// Finds a value; setuptools takes `-` and `_` in keys as the same.
pub(super) fn find<'v>(values: &'v [Value], section: &str, key: &str) -> Option<&'v Value> {
    values.iter().find(|value| value.section == section && value.key.replace('-', "_") == key)
}

/// Tells whether there is such a section, even an empty one.
pub(super) fn has_section(source: &str, section: &str) -> bool {
    let lines = source.trim_start_matches('\u{feff}').lines().filter(|line| line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['#', ';']).next()?.trim_end().strip_prefix('[')?.strip_suffix(']'));
    names.into_iter().any(|name| name == section)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    line.find(" #").and_then(|at| line.get(..at)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_section_and_key() {
        let values = read(
            "stray\n[options]\nPackage-Dir =\n    = src\n# note\ninstall_requires =\n  a>1 # why\n\n  b\n[tool:pytest]\npythonpath = . src\n",
        );
        let lines = |section, key| find(&values, section, key).map(|it| it.lines.clone()).unwrap_or_default();
        assert_eq!(lines("options", "package_dir"), [(3, "= src".to_owned())]);
        assert_eq!(lines("options", "install_requires"), [(6, "a>1".to_owned()), (8, "b".to_owned())]);
        assert_eq!(lines("tool:pytest", "pythonpath"), [(10, ". src".to_owned())]);
        assert!(find(&values, "options", "pythonpath").is_none());
        for broken in ["[", "=", "  = x", "[]\n=\n:\n", "\u{0}"] {
            read(broken);
        }
    }
}
