//! `[tool.fromwhere]` of `pyproject.toml`, or the same keys in `fromwhere.toml`.
//!
//! In: a project's folder. Out: its [`Settings`], and a [`Problem`] for every key that could not be taken.
//!
//! **Invariant:** one bad key costs that key, nothing else.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::keys::{KEYS, Key, did_you_mean, did_you_mean_rule, nearest, nearest_rule};
use super::{PathSettings, Settings};
use crate::diagnostic::{Severity, fitting, shortened};
use crate::document::{Document, Entry, Value};
use crate::documents::Documents;
use crate::origin::Problem;
use crate::rules::Rule;
use crate::system::System;
use crate::text::{Range, Span};

/// Reads the settings of a project: the file that is named, or `fromwhere.toml`, or `[tool.fromwhere]`.
///
/// `isolated` reads none of them.
pub fn read(
    system: &dyn System,
    project_root: &Utf8Path,
    config: Option<&Utf8Path>,
    isolated: bool,
) -> (Settings, Vec<Problem>) {
    let Read { settings, mut problems, mistakes, .. } =
        read_with_places(&Documents::new(system), project_root, config, isolated);
    problems.extend(mistakes.into_iter().map(|mistake| mistake.problem));
    (settings, problems)
}

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) settings: Settings,
    /// The file itself could not be read.
    pub(crate) problems: Vec<Problem>,
    pub(crate) mistakes: Vec<Mistake>,
    /// Where `python` stands, if it does.
    pub(crate) python: Option<(Utf8PathBuf, Range)>,
}

/// A key or a value that was not taken, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub problem: Problem,
    pub range: Range,
    /// What was most likely meant: the name, and how it is written there.
    pub meant: Option<(&'static str, String)>,
}

/// The same as [`read`], with a place for every mistake.
pub(crate) fn read_with_places(
    documents: &Documents<'_>,
    project_root: &Utf8Path,
    config: Option<&Utf8Path>,
    isolated: bool,
) -> Read {
    let (system, mut problems) = (documents.system(), Vec::new());
    let Some(path) = file(system, project_root, config, isolated) else { return Read::default() };
    if config.is_some() && !system.exists(&path) {
        let message = "no such configuration file".to_owned();
        problems.push(Problem { path: path.clone(), line: None, message });
    }
    let Some(document) = documents.read(&path, &mut problems) else {
        return Read { problems, ..Read::default() };
    };
    let mut reader = Reader { system, document: &document, mistakes: Vec::new(), python: None };
    let keys: &[Entry] = if is_pyproject(&path) { reader.table_of_pyproject() } else { &document.top };
    let settings = reader.settings(keys);
    // What is read in the place of a value that is no TOML is nobody's mistake but that one.
    let is_said = |it: &Mistake| problems.iter().any(|known| known.line == it.problem.line);
    let mistakes = reader.mistakes.into_iter().filter(|it| !is_said(it)).collect();
    Read { settings, mistakes, python: reader.python, problems }
}

/// Returns the folder, from a project's up to the boundary, whose configuration applies: the nearest that has one.
pub(crate) fn configured(documents: &Documents<'_>, project_root: &Utf8Path, boundary: &Utf8Path) -> Utf8PathBuf {
    let levels = project_root.ancestors().take_while(|it| it.starts_with(boundary));
    let nearest = levels.into_iter().find(|level| match holder(documents.system(), level) {
        Some(path) if is_pyproject(&path) => {
            let document = documents.read(&path, &mut Vec::new());
            document.is_some_and(|it| it.at(&["tool", "fromwhere"]).is_some())
        }
        found => found.is_some(),
    });
    nearest.unwrap_or(project_root).to_owned()
}

/// Returns the file that the settings come from: the one that is named, or what the folder has; whether it is there or not.
pub(crate) fn file(
    system: &dyn System,
    folder: &Utf8Path,
    config: Option<&Utf8Path>,
    isolated: bool,
) -> Option<Utf8PathBuf> {
    match config {
        _ if isolated => None,
        Some(config) => Some(system.working_directory().join(config)),
        None => holder(system, folder),
    }
}

fn holder(system: &dyn System, folder: &Utf8Path) -> Option<Utf8PathBuf> {
    ["fromwhere.toml", "pyproject.toml"].map(|name| folder.join(name)).into_iter().find(|it| system.exists(it))
}

/// Tells whether a file holds the settings in a table among those of others.
pub(crate) fn is_pyproject(path: &Utf8Path) -> bool {
    path.file_name() == Some("pyproject.toml")
}

/// The most characters of a message that somebody else wrote: the longest code of a rule, and a slip of the finger.
const LONGEST_NAME: usize = 32;

struct Reader<'a> {
    system: &'a dyn System,
    document: &'a Document,
    mistakes: Vec<Mistake>,
    python: Option<(Utf8PathBuf, Range)>,
}

impl<'a> Reader<'a> {
    fn table_of_pyproject(&mut self) -> &'a [Entry] {
        let Some(entry) = self.document.entry(&["tool", "fromwhere"]) else { return &[] };
        let Some(table) = entry.node.table() else {
            let message = format!("`tool.fromwhere` must be a table, not {}", entry.node.kind());
            self.complain_at(entry.key_span, message, None);
            return &[];
        };
        table
    }

    fn settings(&mut self, entries: &[Entry]) -> Settings {
        let mut settings = Settings::default();
        for entry in entries {
            match entry.key.as_str() {
                "python" => settings.python = self.python(entry),
                // A list in which no rule is left after its mistakes would switch everything off.
                "select" => settings.select = self.rules(entry).filter(|rules| !rules.is_empty()),
                "ignore" => settings.ignore = self.rules(entry).unwrap_or_default(),
                "allow" => settings.allow = self.texts(entry).into_iter().map(|(text, _)| text).collect(),
                "severity" => self.severities(entry, &mut settings),
                "per-path" => settings.per_path = self.per_path(entry),
                key => self.complain_of_key(entry, unknown(key, |it| it.in_file), meant(key, |it| it.in_file)),
            }
        }
        settings
    }

    /// A path is relative to the file that names it; a bare name may also be a command on `PATH`.
    fn python(&mut self, entry: &Entry) -> Option<String> {
        let Some(text) = entry.node.text().map(str::trim).filter(|it| !it.is_empty()) else {
            self.wrong_type(entry, "a string");
            return None;
        };
        self.python = Some((self.document.path.clone(), self.document.range(entry.node.span)));
        let folder = self.document.path.parent()?;
        let is_path = text.contains('/') || text.starts_with('.') || self.system.is_directory(&folder.join(text));
        Some(if is_path && !text.starts_with('~') { folder.join(text).into_string() } else { text.to_owned() })
    }

    fn rules(&mut self, entry: &Entry) -> Option<BTreeSet<Rule>> {
        let Value::Array(_) = entry.node.value else {
            self.wrong_type(entry, "an array of rule codes");
            return None;
        };
        let mut rules = BTreeSet::new();
        for (code, span) in self.texts(entry) {
            if let Some(rule) = Rule::from_code(&code) {
                rules.insert(rule);
                continue;
            }
            let meant = nearest_rule(&code).map(|code| (code, format!("\"{code}\"")));
            self.complain_at(span, unknown_rule(&code, &entry.key), meant);
        }
        Some(rules)
    }

    fn severities(&mut self, entry: &Entry, settings: &mut Settings) {
        let Some(table) = entry.node.table() else {
            self.wrong_type(entry, "a table from rule codes to severities");
            return;
        };
        for entry in table {
            let Some(rule) = Rule::from_code(&entry.key) else {
                let message = unknown_rule(&entry.key, "severity");
                self.complain_of_key(entry, message, nearest_rule(&entry.key));
                continue;
            };
            match entry.node.text() {
                Some("off") => _ = settings.severity.insert(rule, None),
                Some(word) if Severity::parse(word).is_some() => {
                    settings.severity.insert(rule, Severity::parse(word));
                }
                _ => self.wrong_type(entry, "\"error\", \"warning\", \"information\", \"hint\" or \"off\""),
            }
        }
    }

    fn per_path(&mut self, entry: &Entry) -> Vec<PathSettings> {
        let Some(table) = entry.node.table() else {
            self.wrong_type(entry, "a table from path patterns to tables");
            return Vec::new();
        };
        let folder = self.document.path.parent().unwrap_or(&self.document.path).to_owned();
        let mut found = Vec::new();
        for entry in table {
            let Some(keys) = entry.node.table() else {
                self.wrong_type(entry, "a table");
                continue;
            };
            if let Some(message) = self.idle(&folder, &entry.key) {
                self.complain_at(entry.key_span, message, None);
            }
            let is_known = |it: &&Entry| KEYS.iter().any(|key| key.in_per_path && key.name == it.key);
            let (known, others): (Vec<&Entry>, Vec<&Entry>) = keys.iter().partition(is_known);
            for entry in others {
                let is_elsewhere = KEYS.iter().any(|key| key.in_file && key.name == entry.key);
                let meant = if is_elsewhere { None } else { meant(&entry.key, |it| it.in_per_path) };
                self.complain_of_key(entry, unknown_in_per_path(&entry.key), meant);
            }
            let known: Vec<Entry> = known.into_iter().cloned().collect();
            let settings = self.settings(&known);
            found.push(PathSettings { folder: folder.clone(), pattern: entry.key.clone(), settings });
        }
        found
    }

    /// Tells why a pattern is likely to mean no file; names such as `[id]` may really be there.
    fn idle(&self, folder: &Utf8Path, pattern: &str) -> Option<String> {
        let is_there = || self.system.exists(&folder.join(pattern));
        if pattern.trim().is_empty() {
            return Some("an empty pattern means no file".to_owned());
        }
        if pattern.starts_with("../") {
            return Some(fitting([format!("`{}` lies outside the folder of this file", named(pattern))]));
        }
        let letter = pattern.chars().find(|it| matches!(it, '[' | '{')).or(pattern.starts_with('!').then_some('!'))?;
        (!is_there()).then(|| format!("patterns know `*`, `?` and `**`; `{letter}` stands for itself"))
    }

    fn texts(&mut self, entry: &Entry) -> Vec<(String, Span)> {
        let Some(nodes) = entry.node.array() else {
            self.wrong_type(entry, "an array of strings");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for node in nodes {
            if let Some(text) = node.text() {
                texts.push((text.to_owned(), node.span));
            } else {
                let message = format!("`{}` must hold strings, not {}", entry.key, node.kind());
                self.complain_at(node.span, message, None);
            }
        }
        texts
    }

    fn wrong_type(&mut self, entry: &Entry, expected: &str) {
        let found = match entry.node.text() {
            Some(text) => format!("\"{}\"", named(text)),
            None => entry.node.kind().to_owned(),
        };
        let message = format!("`{}` must be {expected}", named(&entry.key));
        self.complain_of_key(entry, fitting([format!("{message}, not {found}"), message]), None);
    }

    /// The keys and codes that there are need no quotes.
    fn complain_of_key(&mut self, entry: &Entry, message: String, meant: Option<&'static str>) {
        self.complain_at(entry.key_span, message, meant.map(|name| (name, name.to_owned())));
    }

    fn complain_at(&mut self, span: Span, message: String, meant: Option<(&'static str, String)>) {
        let (path, line) = (self.document.path.clone(), Some(self.document.line(span)));
        // An edit of a file that cannot be read to its end could go astray.
        let meant = meant.filter(|_| !self.document.broken);
        let range = self.document.range(span);
        self.mistakes.push(Mistake { problem: Problem { path, line, message }, range, meant });
    }
}

/// Returns the key that is most likely meant.
fn meant(key: &str, is_there: impl Fn(&Key) -> bool) -> Option<&'static str> {
    let known: Vec<&'static str> = KEYS.iter().filter(|it| is_there(it)).map(|it| it.name).collect();
    nearest(key, &known)
}

fn unknown(key: &str, is_there: impl Fn(&Key) -> bool) -> String {
    let known: Vec<&str> = KEYS.iter().filter(|it| is_there(it)).map(|it| it.name).collect();
    let message = format!("unknown key `{}`", named(key));
    fitting([format!("{message}{}", did_you_mean(key, &known)), message])
}

fn unknown_in_per_path(key: &str) -> String {
    if KEYS.iter().any(|it| it.in_file && it.name == key) {
        return format!("`per-path` has no `{key}`, which is the same for all files");
    }
    unknown(key, |it| it.in_per_path)
}

fn unknown_rule(code: &str, key: &str) -> String {
    let (message, meant) = (format!("unknown rule `{}`", named(code)), did_you_mean_rule(code));
    fitting([format!("{message} in `{key}`{meant}"), format!("unknown rule in `{key}`{meant}")])
}

/// What somebody wrote, in a message: of any length and with any character in the file.
fn named(text: &str) -> String {
    shortened(&text.replace(char::is_control, "\u{fffd}"), LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    fn read_text(text: &str) -> (Settings, Vec<String>) {
        let mut system = MemorySystem::default();
        system.write("/p/pyproject.toml", text);
        let (settings, problems) = read(&system, "/p".into(), None, false);
        (settings, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_key_is_taken() {
        let (settings, problems) = read_text(
            "[tool.fromwhere]\npython = \".venv\"\nselect = [\"env-none\", \"import-from-os\"]\nignore = [\"env-none\"]\n\
             allow = [\"gi\"]\nseverity = { import-from-os = \"error\", import-from-base = \"off\" }\n\
             [tool.fromwhere.per-path]\n\"scripts/*.py\" = { ignore = [\"import-from-os\"] }\n",
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(settings.python.as_deref(), Some("/p/.venv"));
        assert_eq!(settings.severity_of(Rule::ImportFromOs), Some(Severity::Error));
        assert_eq!(settings.severity_of(Rule::EnvNone), None);
        assert_eq!(settings.severity_of(Rule::ImportFromBase), None);
        assert!(settings.allow.contains("gi"));
        let scripts = settings.for_path("/p/scripts/a.py".into());
        assert_eq!(scripts.severity_of(Rule::ImportFromOs), None);
        assert_eq!(settings.for_path("/p/a.py".into()).severity_of(Rule::ImportFromOs), Some(Severity::Error));
    }

    #[test]
    fn a_pattern_that_means_nothing_is_named() {
        let mut system = MemorySystem::default();
        system.write("/p/routes/[id].py", "");
        let patterns = ["[", "test_{a,b}.py", "!x.py", "", "../a.py", "routes/[id].py", "a*/**/?.py"];
        let tables: Vec<String> = patterns.iter().map(|it| format!("\"{it}\" = {{}}\n")).collect();
        system.write("/p/fromwhere.toml", format!("[per-path]\n{}", tables.concat()));
        let (settings, problems) = read(&system, "/p".into(), None, false);
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "/p/fromwhere.toml:2: patterns know `*`, `?` and `**`; `[` stands for itself",
                "/p/fromwhere.toml:3: patterns know `*`, `?` and `**`; `{` stands for itself",
                "/p/fromwhere.toml:4: patterns know `*`, `?` and `**`; `!` stands for itself",
                "/p/fromwhere.toml:5: an empty pattern means no file",
                "/p/fromwhere.toml:6: `../a.py` lies outside the folder of this file",
            ]
        );
        assert_eq!(settings.per_path.len(), patterns.len());
    }

    #[test]
    fn what_is_no_toml_is_said_once() {
        for text in ["allow = yes\n", "python = nope\n", "[severity]\nenv-none = off\n", "select = [env-none]\n"] {
            let mut system = MemorySystem::default();
            system.write("/p/fromwhere.toml", text);
            let (_, problems) = read(&system, "/p".into(), None, false);
            assert_eq!(problems.len(), 1, "{text} {problems:?}");
        }
    }

    #[test]
    fn one_bad_key_costs_that_key() {
        let (settings, problems) = read_text(
            "[tool.fromwhere]\npython = 3\nselect = \"x\"\nignore = [\"no-such\", 7, \"env-none\"]\nallows = []\n\
             severity = { env-none = \"fatal\", nothing = \"off\", import-from-os = \"hint\" }\nallow = true\n\
             per-path = { \"a\" = 1, \"b\" = { python = \"x\" } }\n",
        );
        assert_eq!(
            problems,
            [
                "/p/pyproject.toml:2: `python` must be a string, not an integer",
                "/p/pyproject.toml:3: `select` must be an array of rule codes, not \"x\"",
                "/p/pyproject.toml:4: `ignore` must hold strings, not an integer",
                "/p/pyproject.toml:4: unknown rule `no-such` in `ignore`",
                "/p/pyproject.toml:5: unknown key `allows`; did you mean `allow`?",
                "/p/pyproject.toml:6: `env-none` must be \"error\", \"warning\", \"information\", \"hint\" or \"off\", not \"fatal\"",
                "/p/pyproject.toml:6: unknown rule `nothing` in `severity`",
                "/p/pyproject.toml:7: `allow` must be an array of strings, not a boolean",
                "/p/pyproject.toml:8: `a` must be a table, not an integer",
                "/p/pyproject.toml:8: `per-path` has no `python`, which is the same for all files",
            ]
        );
        assert_eq!(settings.ignore, BTreeSet::from([Rule::EnvNone]));
        assert_eq!(settings.severity_of(Rule::ImportFromOs), Some(Severity::Hint));
        assert_eq!(
            read_text("tool.fromwhere = 1\n").1,
            ["/p/pyproject.toml:1: `tool.fromwhere` must be a table, not an integer"]
        );
    }

    #[test]
    fn a_mistake_of_any_length_is_one_line_that_fits() {
        let long = "x".repeat(200);
        let (_, problems) = read_text(&format!(
            "[tool.fromwhere]\n{long} = 1\nselect = [\"{long}\", \"import-from-other-environments\"]\n\
             severity = {{ import-from-other-environment = \"{long}\", import-from-other-environmentx = \"off\" }}\n\
             ignore = \"a\\n{long}\"\ncolour = 1\n\"a\\nb\" = 1\nper-path = {{ \"{long}\" = 1, \"b\" = {{ {long} = 1 }} }}\n",
        ));
        let short = format!("{}…{}", "x".repeat(15), "x".repeat(16));
        let meant = "did you mean `import-from-other-environment`?";
        let expected = [
            format!("unknown key `{short}`"),
            format!("unknown rule `{short}` in `select`"),
            format!("unknown rule in `select`; {meant}"),
            "`import-from-other-environment` must be \"error\", \"warning\", \"information\", \"hint\" or \"off\""
                .to_owned(),
            format!("unknown rule in `severity`; {meant}"),
            format!("`ignore` must be an array of rule codes, not \"a\u{fffd}{}…{}\"", "x".repeat(13), "x".repeat(16)),
            "unknown key `colour`".to_owned(),
            "unknown key `a\u{fffd}b`; there are `python`, `select`, `ignore`, `severity`, `allow`, `per-path`"
                .to_owned(),
            format!("`{short}` must be a table, not an integer"),
            format!("unknown key `{short}`; there are `ignore`, `severity`, `allow`"),
        ];
        let said: Vec<&str> = problems.iter().filter_map(|it| Some(it.split_once(": ")?.1)).collect();
        assert_eq!(said, expected);
        assert!(said.iter().all(|it| it.chars().count() <= crate::diagnostic::LONGEST), "{said:?}");
    }

    #[test]
    fn a_selection_of_nothing_but_mistakes_selects_all() {
        for mistake in ["[\"import-form-os\"]", "[\nimport-from-os"] {
            let (settings, problems) = read_text(&format!("[tool.fromwhere]\nselect = {mistake}\n"));
            assert_eq!(settings.select, None, "{mistake}");
            assert_ne!(problems, [""; 0]);
        }
    }

    #[test]
    fn a_file_of_its_own_comes_first_and_isolation_before_all() {
        let mut system = MemorySystem::default();
        system
            .write("/p/pyproject.toml", "[tool.fromwhere]\nallow = [\"a\"]\n")
            .write("/p/fromwhere.toml", "allow = [\"b\"]\n");
        system.write("/etc/other.toml", "allow = [\"c\"]\n");
        let allowed =
            |config: Option<&str>, isolated| read(&system, "/p".into(), config.map(Utf8Path::new), isolated).0.allow;
        assert_eq!(allowed(None, false), BTreeSet::from(["b".to_owned()]));
        assert_eq!(allowed(Some("/etc/other.toml"), false), BTreeSet::from(["c".to_owned()]));
        assert_eq!(allowed(Some("/p/pyproject.toml"), false), BTreeSet::from(["a".to_owned()]));
        assert_eq!(allowed(None, true), BTreeSet::new());
        let (_, problems) = read(&system, "/p".into(), Some("/etc/gone.toml".into()), false);
        assert_eq!(
            problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["/etc/gone.toml: no such configuration file"]
        );
    }

    #[test]
    fn the_nearest_configuration_applies() {
        let mut system = MemorySystem::default();
        system
            .write("/ws/pyproject.toml", "[tool.fromwhere]\nallow = [\"a\"]\n")
            .write("/ws/a/b/pyproject.toml", "[project]\n");
        system.write("/ws/c/fromwhere.toml", "");
        for (project, expected) in [("/ws/a/b", "/ws"), ("/ws/c", "/ws/c"), ("/ws/d", "/ws"), ("/other", "/other")] {
            assert_eq!(configured(&Documents::new(&system), project.into(), "/ws".into()), expected);
        }
    }
}
