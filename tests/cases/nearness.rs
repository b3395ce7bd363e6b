//! Whether a case is a near miss: all but what a rule fires at.
//!
//! In: a case in which a rule fires, with the places it accuses, and one in which it is silent. Out: how far they are apart.
//!
//! **Invariant:** what the rule looks at stands in both, and nothing but a few lines is another: a case about something else is
//! never near, whatever it is called.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::rules::Rule;
use fromwhere_core::system::System as _;
use fromwhere_core::text::Text;

use super::document::Block;
use super::world::World;

/// Worlds that differ in more lines than this are not near.
const FARTHEST: usize = 2;

/// A place that a rule accuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accused {
    pub(super) rule: Rule,
    path: Utf8PathBuf,
    line: String,
    /// What is underlined in it.
    words: String,
}

impl Accused {
    pub(super) fn of(world: &World, diagnostic: &Diagnostic) -> Self {
        let text = Text::new(world.system.read_text(&diagnostic.path).unwrap_or_default());
        let line = text.line(diagnostic.range.start.line);
        let start = diagnostic.range.start.utf8 as usize;
        let is_one_line = diagnostic.range.start.line == diagnostic.range.end.line;
        let end = if is_one_line { diagnostic.range.end.utf8 as usize } else { line.len() };
        let words = line.get(start..end).unwrap_or(line).to_owned();
        Accused { rule: diagnostic.rule, path: diagnostic.path.clone(), line: line.to_owned(), words }
    }

    /// Tells whether it stands in another world too: in a program what is underlined, up to a bracket; elsewhere a line that begins
    /// as this one does, as there it may be the value that makes the difference.
    fn stands_in(&self, world: &World) -> bool {
        let Ok(source) = world.system.read_text(&self.path) else { return false };
        if matches!(self.path.extension(), Some("py" | "ipynb")) {
            let words = self.words.split(['(', '[']).next().unwrap_or(&self.words).trim_end();
            return source.lines().any(|line| line.contains("import") && line.contains(words));
        }
        source.lines().any(|line| line == self.line || subject(line) == subject(&self.line))
    }
}

/// What a line is about: its key, or its first words.
fn subject(line: &str) -> Vec<&str> {
    let line = line.trim();
    match line.split_once('=') {
        Some((key, _)) => vec![key.trim()],
        None => line.split_whitespace().take(2).collect(),
    }
}

/// Tells whether a world in which a rule is silent is a near miss of one in which it fires.
pub(super) fn is_near(accused: &Accused, fired: &[Block], silent: &World, of_silent: &[Block]) -> bool {
    // Who switches a rule on or off shows nothing of what it looks at.
    let switches = |blocks: &[Block]| -> Vec<String> {
        let code = accused.rule.code();
        let all = parts(blocks).into_keys().filter(|(place, line)| place.ends_with("toml") && line.contains(code));
        all.map(|(_, line)| line).collect()
    };
    let apart = distance(fired, of_silent);
    (1..=FARTHEST).contains(&apart) && switches(fired) == switches(of_silent) && accused.stands_in(silent)
}

/// The lines that a world is made of, each with its file, and how often it stands there.
fn parts(blocks: &[Block]) -> BTreeMap<(String, String), usize> {
    const OUTCOMES: [&str; 9] =
        ["expect", "fixes", "related", "chosen", "considered", "environment", "hover", "why", "terminal"];
    let mut parts = BTreeMap::new();
    for block in blocks.iter().filter(|it| !OUTCOMES.contains(&it.language.as_str())) {
        let place = if block.argument.is_empty() { &block.language } else { &block.argument };
        let line_of = |line: &str| without_expectation(line).trim_end().to_owned();
        if block.content.is_empty() {
            parts.insert((place.clone(), String::new()), 1);
        }
        for line in block.content.lines().map(line_of).filter(|it| !it.is_empty()) {
            *parts.entry((place.clone(), line)).or_default() += 1;
        }
    }
    parts
}

/// What is expected of a line is no part of it.
fn without_expectation(line: &str) -> &str {
    let starts = ["# error: [", "# warning: [", "# information: [", "# hint: ["].into_iter();
    let end = starts.filter_map(|it| line.find(it)).min();
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Counts the lines that one has and the other has not; one that was changed counts once.
fn distance(one: &[Block], other: &[Block]) -> usize {
    let (one, other) = (parts(one), parts(other));
    let lacking = |from: &BTreeMap<(String, String), usize>, of: &BTreeMap<(String, String), usize>| -> usize {
        from.iter().map(|(part, count)| count.saturating_sub(of.get(part).copied().unwrap_or(0))).sum()
    };
    lacking(&one, &other).max(lacking(&other, &one))
}
