//! What pytest puts on the search path: its `pythonpath`, and how it imports which tests.
//!
//! In: a folder, and its `setup.cfg`. Out: [`Pytest`], from the one file that pytest takes its settings from.
//!
//! **Invariant:** one file counts and no other, the first that `CONFIG_LOADERS_BY_NAME` of `_pytest/config/findpaths.py` takes in
//! the nearest folder that has one (`locate_config`), whether it says anything of `pythonpath` or not.

use std::borrow::Cow;

use camino::Utf8Path;

use super::collection::{ImportMode, Tests};
use super::ini;
use crate::document::{Document, read_source};
use crate::documents::Documents;
use crate::origin::{Evidence, Problem};
use crate::system::Listing;

/// In the order in which they are looked for, and the table or section that holds the settings.
const FILES: [(&str, &str); 7] = [
    ("pytest.toml", "pytest"),
    (".pytest.toml", "pytest"),
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("pyproject.toml", "tool.pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
];

/// The settings that decide what code of tests can import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pytest {
    /// Put in front of everything, with the lines.
    pub(crate) pythonpath: Vec<(String, Evidence)>,
    pub(crate) tests: Tests,
}

impl Pytest {
    /// Takes what `values` returns for a setting: the words of it; nothing where it is not set.
    fn of(values: impl Fn(&str) -> Option<Vec<(String, Evidence)>>) -> Self {
        let words = |key| values(key).map(|it| it.into_iter().map(|(word, _)| word).collect::<Vec<_>>());
        let mut import_mode = ImportMode::default();
        let options = words("addopts").unwrap_or_default();
        for (at, option) in options.iter().enumerate() {
            let Some(rest) = option.strip_prefix("--import-mode") else { continue };
            let next = || options.get(at + 1).map(String::as_str);
            match rest.strip_prefix('=').or_else(|| if rest.is_empty() { next() } else { None }) {
                Some("prepend") => import_mode = ImportMode::Prepend,
                Some("append") => import_mode = ImportMode::Append,
                Some("importlib") => import_mode = ImportMode::Importlib,
                _ => {}
            }
        }
        let tests = Tests { import_mode, files: words("python_files") };
        Pytest { pythonpath: values("pythonpath").unwrap_or_default(), tests }
    }
}

/// Returns the settings of a folder around, for a project that has none of its own; its folders with their whole paths.
pub(super) fn settings_around(documents: &Documents<'_>, directory: &Utf8Path, boundary: &Utf8Path) -> Pytest {
    let mut around = directory.ancestors().skip(1).take_while(|it| it.starts_with(boundary));
    around.find_map(|around| settings_in(documents, around)).unwrap_or_default()
}

/// Returns the settings of a folder that is not the project's own, with whole paths; `None` where it has none.
pub(crate) fn settings_in(documents: &Documents<'_>, directory: &Utf8Path) -> Option<Pytest> {
    let system = documents.system();
    let listing = system.list(directory).ok()?;
    let path_of_cfg = directory.join("setup.cfg");
    // What is wrong there is said of the project there.
    let cfg = listing.contains("setup.cfg").then(|| read_source(system, &path_of_cfg, &mut Vec::new())).flatten();
    let found = settings(documents, directory, &listing, cfg.as_deref(), &mut Vec::new())?;
    let folders = found.pythonpath.into_iter();
    let pythonpath = folders.map(|(folder, evidence)| (directory.join(folder).into_string(), evidence)).collect();
    Some(Pytest { pythonpath, ..found })
}

/// Returns the settings of a folder itself; `None` where it has none.
pub(super) fn settings(
    documents: &Documents<'_>,
    directory: &Utf8Path,
    listing: &Listing,
    setup_cfg: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<Pytest> {
    let there = FILES.iter().filter(|(name, _)| listing.contains(name));
    let mut taken = there.filter_map(|(name, section)| {
        let path = directory.join(name);
        let mut wrong = Vec::new();
        let is_own = name.trim_start_matches('.').starts_with("pytest.");
        let found = if path.extension() == Some("toml") {
            let document = documents.read(&path, &mut wrong);
            document.and_then(|it| {
                if is_own { Some(Pytest::of(|key| written(&it, &["pytest", key]))) } else { of_project(&it) }
            })
        } else {
            let source = match *name {
                "setup.cfg" => setup_cfg.map(Cow::Borrowed),
                _ => read_source(documents.system(), &path, &mut wrong).map(Cow::Owned),
            };
            let counts = |it: &Cow<'_, str>| is_own || ini::has_section(it, section);
            source.filter(counts).map(|it| Pytest::of(|key| of_section(&path, &it, section, key)))
        };
        // What is wrong with that one is told by who reads the rest of it.
        if *name != "pyproject.toml" {
            problems.extend(wrong);
        }
        // Its own file counts even where it is empty.
        found.or_else(|| is_own.then(Pytest::default))
    });
    taken.next()
}

/// `[tool.pytest]` holds what TOML has types for, or else texts as an INI file has them below `ini_options`; not both.
fn of_project(document: &Document) -> Option<Pytest> {
    let own = document.table_at(&["tool", "pytest"]).iter().any(|entry| entry.key != "ini_options");
    let texts = document.at(&["tool", "pytest", "ini_options"]);
    let of_own = |key: &str| written(document, &["tool", "pytest", key]);
    match (own, texts) {
        (true, None) => Some(Pytest::of(of_own)),
        (true, Some(texts)) => {
            let is_empty = texts.table().is_some_and(Vec::is_empty);
            Some(if is_empty { Pytest::of(of_own) } else { Pytest::default() })
        }
        (false, Some(_)) => Some(Pytest::of(|key| {
            let keys = ["tool", "pytest", "ini_options", key];
            let Some((text, span)) = document.text_at(&keys) else { return written(document, &keys) };
            let evidence = Evidence::line(&document.path, document.line(span));
            Some(words(text).into_iter().map(|word| (word, evidence.clone())).collect())
        })),
        (false, None) => None,
    }
}

/// A list, each of its texts as it is; a text alone is an error there.
fn written(document: &Document, keys: &[&str]) -> Option<Vec<(String, Evidence)>> {
    let list = document.at(keys).filter(|it| it.array().is_some())?;
    let line = |span| Evidence::line(&document.path, document.line(span));
    Some(list.texts().into_iter().map(|(text, span)| (text.to_owned(), line(span))).collect())
}

fn of_section(path: &Utf8Path, source: &str, section: &str, key: &str) -> Option<Vec<(String, Evidence)>> {
    let values = ini::read(source);
    let lines = ini::find(&values, section, key)?.lines.iter();
    let words =
        lines.flat_map(|(line, text)| words(text).into_iter().map(move |it| (it, Evidence::line(path, line + 1))));
    Some(words.collect())
}

/// Takes a text apart as `shlex.split` does: at blanks that stand in no quotes and behind no backslash.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), end) if open == end => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (None | Some('"'), '\\') => {
                let next = characters.next();
                // In quotes it stands for itself but before a quote and another one.
                let is_kept = quote.is_some() && !matches!(next, Some('"' | '\\'));
                word.get_or_insert_default().extend(Some('\\').filter(|_| is_kept).into_iter().chain(next));
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::System as _;
    use crate::system::memory::MemorySystem;

    fn said(files: &[(&str, &str)]) -> String {
        let mut system = MemorySystem::default();
        for (name, text) in files {
            system.write(format!("/p/{name}"), *text);
        }
        let listing = system.list("/p".into()).unwrap_or_default();
        let cfg = system.read_text("/p/setup.cfg".into()).ok();
        let found = settings(&Documents::new(&system), "/p".into(), &listing, cfg.as_deref(), &mut Vec::new());
        let shown = found.iter().flat_map(|it| &it.pythonpath).map(|(folder, evidence)| match evidence {
            Evidence::Line { path, line } => format!("{folder} ({}:{line})", path.file_name().unwrap_or_default()),
            other => format!("{folder} ({other:?})"),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    /// Asked of pytest 9.2 (`config.getini("pythonpath")`, `config.inipath`).
    #[test]
    fn one_file_counts() {
        let toml = ("pytest.toml", "[pytest]\npythonpath = [\"a\", \"b c\"]\n");
        let hidden = (".pytest.toml", "[pytest]\npythonpath = [\"h\"]\n");
        let ini = ("pytest.ini", "[pytest]\npythonpath = d 'e f'\n  g\n");
        let project = ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = \"p q\"\n");
        let tox = ("tox.ini", "[tox]\n[pytest]\npythonpath = t\n");
        let setup = ("setup.cfg", "[tool:pytest]\npythonpath = s\n");
        for (files, expected) in [
            (&[toml, hidden, ini, project, tox, setup][..], "a (pytest.toml:2), b c (pytest.toml:2)"),
            (&[hidden, ini, project], "h (.pytest.toml:2)"),
            (&[ini, project, tox], "d (pytest.ini:2), e f (pytest.ini:2), g (pytest.ini:3)"),
            (&[("pytest.ini", ""), project], ""),
            (&[(".pytest.ini", "[other]\nx = 1\n"), project], ""),
            (&[("pytest.toml", ""), project], ""),
            (&[project, tox, setup], "p (pyproject.toml:2), q (pyproject.toml:2)"),
            (&[("pyproject.toml", "[project]\nname = \"x\"\n"), tox, setup], "t (tox.ini:3)"),
            (&[("pyproject.toml", "[tool.pytest.ini_options]\n"), tox], ""),
            (&[("tox.ini", "[tox]\n"), setup], "s (setup.cfg:2)"),
            (&[("tox.ini", "[pytest] # none\n"), setup], ""),
            (&[("setup.cfg", "[pytest]\npythonpath = s\n")], ""),
            (&[("pyproject.toml", "[tool.pytest]\npythonpath = [\"n m\"]\n"), tox], "n m (pyproject.toml:2)"),
            (&[("pyproject.toml", "[tool.pytest]\npythonpath = \"n\"\n"), tox], ""),
            (&[("pyproject.toml", "[tool.pytest]\nx = 1\nini_options.pythonpath = [\"n\"]\n"), tox], ""),
            (&[("pyproject.toml", "tool.pytest.ini_options.pythonpath = [\"i j\"]\n")], "i j (pyproject.toml:1)"),
            (&[], ""),
        ] {
            assert_eq!(said(files), expected, "{files:?}");
        }
    }

    /// Asked of pytest 9.2, which was started in `packages/a`, or told that folder from further up.
    #[test]
    fn the_nearest_folder_with_settings_counts() {
        let mut system = MemorySystem::default();
        system.write("/pyproject.toml", "[tool.pytest.ini_options]\npythonpath = [\"outside\"]\n");
        system.write("/ws/packages/a/pyproject.toml", "[project]\nname = \"a\"\n").write("/ws/setup.cfg", "");
        let around = |system: &MemorySystem| {
            let found = settings_around(&Documents::new(system), "/ws/packages/a".into(), "/ws".into());
            found
                .pythonpath
                .into_iter()
                .map(|(folder, evidence)| format!("{folder} ({evidence})"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        assert_eq!(around(&system), "", "nothing above the workspace is looked at");
        system.write("/ws/pyproject.toml", "[tool.pytest.ini_options]\npythonpath = [\"lib\", \"/opt/x\"]\n");
        assert_eq!(around(&system), "/ws/lib (/ws/pyproject.toml:2), /opt/x (/ws/pyproject.toml:2)");
        system.write("/ws/packages/tox.ini", "[tox]\n");
        assert_eq!(around(&system), "/ws/lib (/ws/pyproject.toml:2), /opt/x (/ws/pyproject.toml:2)");
        system.write("/ws/packages/pytest.ini", "");
        assert_eq!(around(&system), "", "the nearer one says nothing, and counts");
    }

    #[test]
    fn the_import_mode_is_an_option() {
        for (name, text, expected) in [
            ("pytest.ini", "[pytest]\naddopts = -ra --import-mode=importlib\n", ImportMode::Importlib),
            ("pytest.ini", "[pytest]\naddopts = -ra\n  --import-mode append\n", ImportMode::Append),
            ("pytest.toml", "[pytest]\naddopts = [\"--import-mode\", \"importlib\"]\n", ImportMode::Importlib),
            ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = \"--import-mode=append\"\n", ImportMode::Append),
            ("setup.cfg", "[tool:pytest]\naddopts = --import-mode=append --import-mode=prepend\n", ImportMode::Prepend),
            ("pytest.ini", "[pytest]\naddopts = --import-modes=append --import-mode=other\n", ImportMode::Prepend),
        ] {
            let mut system = MemorySystem::default();
            system.write(format!("/p/{name}"), text);
            let listing = system.list("/p".into()).unwrap_or_default();
            let cfg = system.read_text("/p/setup.cfg".into()).ok();
            let found = settings(&Documents::new(&system), "/p".into(), &listing, cfg.as_deref(), &mut Vec::new());
            assert_eq!(found.map(|it| it.tests.import_mode), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_a_test_is_called_is_a_setting() {
        for (name, text, expected) in [
            (
                "pytest.ini",
                "[pytest]\npython_files = tests.py 'a b.py'\n  check_*.py\n",
                Some("tests.py|a b.py|check_*.py"),
            ),
            ("pytest.ini", "[pytest]\npython_files =\n", Some("")),
            ("pytest.ini", "[pytest]\n", None),
            ("pytest.toml", "[pytest]\npython_files = [\"tests.py\"]\n", Some("tests.py")),
            ("pytest.toml", "[pytest]\npython_files = \"tests.py\"\n", None),
            ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = \"a.py b.py\"\n", Some("a.py|b.py")),
            ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = [\"a.py\"]\n", Some("a.py")),
            ("setup.cfg", "[tool:pytest]\npython_files=*.py\n", Some("*.py")),
        ] {
            let mut system = MemorySystem::default();
            system.write(format!("/p/{name}"), text);
            let found = settings_in(&Documents::new(&system), "/p".into()).unwrap_or_default();
            assert_eq!(found.tests.files.map(|it| it.join("|")).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_taken_apart_as_by_a_shell() {
        for (text, expected) in [
            (" a  b\tc ", &["a", "b", "c"][..]),
            ("'a b'c \"d 'e\" ''", &["a bc", "d 'e", ""]),
            ("a\\ b \"c\\\"d\\e\" 'f\\g'", &["a b", "c\"d\\e", "f\\g"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
