//! One more name in a list of a file, whichever text of the file it is.
//!
//! In: a file's path and text, a list and a name. Out: the [`Edit`] that adds the name there.
//!
//! **Invariant:** what the list has already is not added twice, and a text that could not take it gets no edit.

use camino::Utf8Path;

use super::requirement::name as name_of;
use super::{DependencyInsertion, PACKAGES, insertion, normalize_name, script};
use crate::diagnostic::{Addition, Edit, List};
use crate::document::Document;
use crate::imports;
use crate::launch::{self, Launch};
use crate::settings::is_pyproject;
use crate::text::Text;

/// Poetry's own list.
const OF_POETRY: &[&str] = &["tool", "poetry", "dependencies"];

/// Adds a name to a list of a file that has this text.
pub fn add(path: &Utf8Path, text: &Text, Addition { list, name, .. }: &Addition) -> Option<Edit> {
    let source = || text.source().to_owned();
    let insertion = match (list, path.file_name()) {
        (List::Allow, _) => {
            let (document, _) = Document::parse(path, source());
            let keys: &[&str] = if is_pyproject(path) { &["tool", "fromwhere", "allow"] } else { &["allow"] };
            if document.texts_at(keys).iter().any(|(module, _)| module == name) {
                return None;
            }
            into_allow(&document)
        }
        (List::Python, _) => {
            let (document, _) = Document::parse(path, source());
            let keys: &[&str] = if is_pyproject(path) { &["tool", "fromwhere", "python"] } else { &["python"] };
            if document.text_at(keys).is_some_and(|(python, _)| python == name) {
                return None;
            }
            into_python(&document)
        }
        (List::Dependencies, Some("pyproject.toml")) => {
            let (document, _) = Document::parse(path, source());
            if has(&document, &["project", "dependencies"], name) || has_key(&document, OF_POETRY, name) {
                return None;
            }
            insertion::into_dependencies(&document)
        }
        (List::Dependencies, Some("Pipfile")) => {
            let (document, _) = Document::parse(path, source());
            if has_key(&document, PACKAGES, name) {
                return None;
            }
            insertion::into_table(&document, PACKAGES)
        }
        (List::Dependencies, Some("requirements.txt")) => {
            let mut lines = text.source().lines().map(|line| line.split(" #").next().unwrap_or(line));
            if lines.any(|line| is_of(line, name)) {
                return None;
            }
            insertion::into_lines(path, source())
        }
        (List::Dependencies, _) => {
            let Some(Launch::Script(script)) = launch::of(path, &imports::scan(text)) else { return None };
            let (document, _) = script.document();
            if has(&document, &["dependencies"], name) {
                return None;
            }
            script::dependency_insertion(&document, &script)
        }
    };
    insertion.map(|it| it.edit(name))
}

/// Returns where one more module goes into `allow` of a file that the settings come from.
pub(crate) fn into_allow(document: &Document) -> Option<DependencyInsertion> {
    let found = if is_pyproject(&document.path) {
        insertion::into_allow(document)
    } else {
        insertion::into_allow_of_own_file(document)
    };
    found.map(|it| DependencyInsertion { list: List::Allow, ..it })
}

/// Returns where the Python goes in a file that the settings come from.
pub(crate) fn into_python(document: &Document) -> Option<DependencyInsertion> {
    let found = if is_pyproject(&document.path) {
        insertion::into_python(document)
    } else {
        insertion::into_python_of_own_file(document)
    };
    found.map(|it| DependencyInsertion { list: List::Python, ..it })
}

/// Returns the same for a file of our own that is to be made.
pub(crate) fn into_new_file(
    path: &Utf8Path,
    into: fn(&Document) -> Option<DependencyInsertion>,
) -> Option<DependencyInsertion> {
    let (document, _) = Document::parse(path, String::new());
    into(&document).map(|it| DependencyInsertion { creates: true, ..it })
}

fn has(document: &Document, list: &[&str], name: &str) -> bool {
    document.texts_at(list).iter().any(|(requirement, _)| is_of(requirement, name))
}

fn has_key(document: &Document, table: &[&str], name: &str) -> bool {
    document.table_at(table).iter().any(|entry| normalize_name(&entry.key) == normalize_name(name))
}

fn is_of(requirement: &str, name: &str) -> bool {
    name_of(requirement).is_some_and(|it| it == normalize_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Change, EditorPosition, Encoding, Point};

    fn added(path: &str, source: &str, list: List, name: &str) -> Option<String> {
        let mut text = Text::new(source.to_owned());
        let edit = add(path.into(), &text, &Addition { list, name: name.to_owned(), creates: false })?;
        let place = |point: Point| EditorPosition { line: point.line, character: point.utf8 };
        let range = Some((place(edit.range.start), place(edit.range.end)));
        text.apply(&Change { range, text: edit.replacement }, Encoding::Utf8);
        Some(text.source().to_owned())
    }

    #[test]
    fn one_name_after_the_other_is_added_and_none_twice() {
        use List::{Allow, Dependencies};
        for (path, before, list, expected) in [
            (
                "/p/pyproject.toml",
                "[project]\nname = \"x\"\n",
                Dependencies,
                "[project]\nname = \"x\"\ndependencies = [\"six\", \"PyYAML\"]\n",
            ),
            (
                "/p/pyproject.toml",
                "[tool.poetry.dependencies]\n",
                Dependencies,
                "[tool.poetry.dependencies]\nsix = \"*\"\nPyYAML = \"*\"\n",
            ),
            ("/p/pyproject.toml", "", Allow, "[tool.fromwhere]\nallow = [\"six\", \"PyYAML\"]\n"),
            ("/p/fromwhere.toml", "", Allow, "allow = [\"six\", \"PyYAML\"]\n"),
            ("/p/other.toml", "# a\n", Allow, "allow = [\"six\", \"PyYAML\"]\n# a\n"),
            ("/p/Pipfile", "[packages]\n", Dependencies, "[packages]\nsix = \"*\"\nPyYAML = \"*\"\n"),
            ("/p/requirements.txt", "a>1 # six", Dependencies, "a>1 # six\nsix\nPyYAML\n"),
            (
                "/p/run.py",
                "# /// script\n# requires-python = \"3\"\n# ///\n",
                Dependencies,
                "# /// script\n# dependencies = [\"six\", \"PyYAML\"]\n# requires-python = \"3\"\n# ///\n",
            ),
        ] {
            let one = added(path, before, list, "six").unwrap();
            assert_eq!(added(path, &one, list, "six"), None, "{one}");
            assert_eq!(added(path, &one, list, "PyYAML").as_deref(), Some(expected));
        }
        assert_eq!(added("/p/requirements.txt", "PyYAML>1 # why\n", Dependencies, "pyyaml"), None);
        assert_eq!(added("/p/pyproject.toml", "[project]\ndependencies = [\n", Dependencies, "six"), None, "torn");
        assert_eq!(added("/p/run.py", "import six\n", Dependencies, "six"), None, "no block");
    }
}
