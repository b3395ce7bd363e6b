//! The settings there are: what each holds, and who can set it.
//!
//! In: nothing. Out: one table, from which the schema, the pages and the messages about mistakes are made.
//!
//! **Invariant:** a key that is not in this table is read nowhere.

use crate::rules::Rule;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// In Markdown.
    pub default: &'static str,
    /// A lower-case fragment in Markdown.
    pub meaning: &'static str,
    /// Whether `[tool.fromwhere]` and `fromwhere.toml` have it.
    pub in_file: bool,
    /// Whether `per-path` has it for some of the files.
    pub in_per_path: bool,
    /// Whether the editor's settings have it.
    pub in_editor: bool,
    /// The option of the command line.
    pub option: Option<&'static str>,
}

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Boolean,
    Codes,
    Severities,
    Modules,
    PathTables,
    OneOf(&'static [&'static str]),
}

/// What `severity` may say of a rule.
pub const SEVERITIES: &[&str] = &["error", "warning", "information", "hint", "off"];

const PYTHON: Key = Key {
    name: "python",
    kind: Kind::Text,
    default: "unset",
    meaning: "an interpreter or an environment's folder",
    in_file: true,
    in_per_path: false,
    in_editor: true,
    option: Some("--python"),
};

pub const KEYS: &[Key] = &[
    PYTHON,
    Key {
        name: "select",
        kind: Kind::Codes,
        default: "all rules",
        meaning: "the only rules to apply",
        option: Some("--select"),
        ..PYTHON
    },
    Key {
        name: "ignore",
        kind: Kind::Codes,
        default: "`[]`",
        meaning: "rules that are never applied",
        in_per_path: true,
        option: Some("--ignore"),
        ..PYTHON
    },
    Key {
        name: "severity",
        kind: Kind::Severities,
        default: "`{}`",
        meaning: "code to `off`, `hint`, `information`, `warning` or `error`",
        in_per_path: true,
        option: None,
        ..PYTHON
    },
    Key {
        name: "allow",
        kind: Kind::Modules,
        default: "`[]`",
        meaning: "top-level modules that may come from wherever they are found, where they are found at all",
        in_per_path: true,
        option: None,
        ..PYTHON
    },
    Key {
        name: "per-path",
        kind: Kind::PathTables,
        default: "`{}`",
        meaning: "path pattern to `ignore`, `severity` and `allow` for the files it means",
        in_editor: false,
        option: None,
        ..PYTHON
    },
    Key {
        name: "inlayHints",
        kind: Kind::Boolean,
        default: "`false`",
        meaning: "a word behind each import that comes from elsewhere than the project and its environment",
        in_file: false,
        option: None,
        ..PYTHON
    },
    Key {
        name: "diagnostics",
        kind: Kind::OneOf(&["openFiles", "workspace"]),
        default: "`openFiles`",
        meaning: "which files are checked: `openFiles`, or `workspace` for every file of the workspace folders",
        in_file: false,
        option: None,
        ..PYTHON
    },
    Key {
        name: "prompts",
        kind: Kind::Boolean,
        default: "`true`",
        meaning: "whether the editor asks, once for each cause, what to do when an environment stops working",
        in_file: false,
        option: None,
        ..PYTHON
    },
    Key {
        name: "watch",
        kind: Kind::OneOf(&["auto", "native", "poll", "off"]),
        default: "`auto`",
        meaning: "how the disk is watched: `auto`, `native`, `poll` or `off`",
        in_file: false,
        option: None,
        ..PYTHON
    },
];

impl Kind {
    /// What it is called in a table.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text | Kind::OneOf(_) => "string",
            Kind::Boolean => "boolean",
            Kind::Codes => "list of codes",
            Kind::Severities => "object",
            Kind::Modules => "list of modules",
            Kind::PathTables => "table of tables",
        }
    }

    /// What it must be, for the message about a value that is something else.
    pub fn expected(self) -> String {
        match self {
            Kind::Text => "a string".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::Codes => "a list of rule codes".to_owned(),
            Kind::Severities => "a table from rule codes to severities".to_owned(),
            Kind::Modules => "a list of strings".to_owned(),
            Kind::PathTables => "a table from path patterns to tables".to_owned(),
            Kind::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", words.join(", "))
            }
        }
    }
}

/// Returns what to say behind the name of something unknown: the one that was meant, or all there are.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => format!("; there are {}", known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// The same for a rule's code, of which there are too many to name all.
pub fn did_you_mean_rule(code: &str) -> String {
    nearest_rule(code).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

/// Returns the rule's code that is most likely meant.
pub(crate) fn nearest_rule(code: &str) -> Option<&'static str> {
    let codes: Vec<&'static str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    nearest(code, &codes)
}

/// Returns the known word that is most likely meant: another case or other dashes, a few letters off, or begun.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain: String = word.chars().take(64).map(|it| if it == '_' { '-' } else { it.to_ascii_lowercase() }).collect();
    let distances = known.iter().map(|it| (strsim::osa_distance(&plain, it), *it));
    let (distance, closest) = distances.min_by_key(|(distance, _)| *distance)?;
    let begun = |it: &&&str| plain.len() >= 3 && (it.starts_with(&plain) || plain.starts_with(**it));
    if distance <= (closest.len().max(plain.len()) / 3).clamp(1, 3) {
        Some(closest)
    } else {
        known.iter().find(begun).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        let keys = ["python", "select", "ignore", "severity", "allow", "per-path"];
        for (word, meant) in [
            ("allows", Some("allow")),
            ("per_path", Some("per-path")),
            ("perpath", Some("per-path")),
            ("Select", Some("select")),
            ("slect", Some("select")),
            ("ingore", Some("ignore")),
            ("severities", Some("severity")),
            ("python-path", Some("python")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &keys), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(1_000_000), &keys), None);
        assert_eq!(did_you_mean("colour", &["a", "b"]), "; there are `a`, `b`");
        assert_eq!(did_you_mean_rule("import-form-os"), "; did you mean `import-from-os`?");
        assert_eq!(did_you_mean_rule("E501"), "");
    }
}
