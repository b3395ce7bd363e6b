//! What is said about one place in one file.
//!
//! In: nothing. Out: plain data that the editor, the terminal and the JSON output each show in their way.
//!
//! **Invariant:** a message is one line of at most 90 characters, and nothing here knows who will show it.

use camino::Utf8PathBuf;

use crate::rules::Rule;
use crate::text::Range;

/// The most characters of a message.
pub const LONGEST: usize = 90;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub rule: Rule,
    pub severity: Severity,
    pub message: String,
    pub path: Utf8PathBuf,
    pub range: Range,
    pub related: Vec<Related>,
    pub fixes: Vec<Fix>,
    /// The top-level module it is about, for rules about imports.
    pub module: Option<String>,
}

impl Diagnostic {
    /// Tells whether two say one fact in one place: an environment may serve several projects.
    pub fn is_same_fact(&self, other: &Diagnostic) -> bool {
        (self.rule, &self.path, self.range) == (other.rule, &other.path, other.range)
            && (self.rule.is_of_environment() || self.message == other.message)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Hint,
    Information,
    Warning,
    Error,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Hint => "hint",
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Severity::Hint, Severity::Information, Severity::Warning, Severity::Error]
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }

    /// Returns the next milder severity; `None` below a hint.
    pub fn softened(self) -> Option<Self> {
        match self {
            Severity::Error => Some(Severity::Warning),
            Severity::Warning => Some(Severity::Information),
            Severity::Information => Some(Severity::Hint),
            Severity::Hint => None,
        }
    }
}

/// Another place that belongs to the same fact: always a file and a line, never a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    pub path: Utf8PathBuf,
    pub range: Range,
    pub message: String,
}

/// A way out that the user can pick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// An imperative, as a menu shows it.
    pub title: String,
    pub action: FixAction,
    /// Whether it may be applied without asking (`check --fix`): an edit that says what the author surely meant, and
    /// never one that only silences.
    pub safe: bool,
}

impl Fix {
    /// An edit that a person has to pick.
    pub fn edit(title: String, edits: Vec<Edit>) -> Self {
        Fix { title, action: FixAction::Edit(edits), safe: false }
    }

    /// An edit that may be applied without asking.
    pub fn safe_edit(title: String, edits: Vec<Edit>) -> Self {
        Fix { title, action: FixAction::Edit(edits), safe: true }
    }

    /// A command line that is shown.
    pub fn command(title: String, command: String) -> Self {
        Fix { title, action: FixAction::Command(command), safe: false }
    }

    /// A line of a file that is shown, from 1.
    pub fn open(title: String, path: Utf8PathBuf, line: u32) -> Self {
        Fix { title, action: FixAction::Open(path, line), safe: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixAction {
    /// Replaces text in files; the editor applies it and can undo it.
    Edit(Vec<Edit>),
    /// A command line for the user's terminal; shown, never run.
    Command(String),
    /// A line of a file to look at, from 1.
    Open(Utf8PathBuf, u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub path: Utf8PathBuf,
    pub range: Range,
    pub replacement: String,
    /// What it adds, where it adds a name to a list: this can be done anew in another text of the file.
    pub addition: Option<Addition>,
}

impl Edit {
    /// Replaces a range of a file.
    pub fn new(path: Utf8PathBuf, range: Range, replacement: String) -> Self {
        Edit { path, range, replacement, addition: None }
    }
}

/// One more name for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    pub list: List,
    pub name: String,
    /// Whether the file is to be made for it.
    pub creates: bool,
}

/// A list that fixes add to; how it is written is a matter of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Dependencies,
    /// `allow` of the configuration.
    Allow,
    /// `python` of the configuration: a list of one, in which the new name takes the place of the old.
    Python,
}

/// Returns the first wording that fits; the last one is cut where none does.
pub fn fitting(wordings: impl IntoIterator<Item = String>) -> String {
    let mut last = String::new();
    for wording in wordings {
        if wording.chars().count() <= LONGEST {
            return wording;
        }
        last = wording;
    }
    shortened(&last, LONGEST)
}

/// Cuts the middle out of a text that has more than `most` characters: both ends of a name tell more.
pub fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = most / 2;
    let head: String = text.chars().take(most - tail - 1).collect();
    let tail: String = text.chars().skip(count - tail).collect();
    format!("{head}…{tail}")
}
