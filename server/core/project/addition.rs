//! One more name in a list of a file, whichever text of the file it is.
//!
//! In: a file's path and text, a list and a name. Out: the [`Edit`] that adds the name there.
//!
//! **Invariant:** what the list has already is not added twice, and a text that could not take it gets no edit.

use camino::Utf8Path;

use super::declared::{Declared, Part};
use super::insertion::{self, Insertion, in_toml};
use super::requirement::name as name_of;
use super::{PACKAGES, Project, environment_yml, normalize_name, script, setup_cfg, setup_py};
use crate::diagnostic::{Addition, Edit, List};
use crate::document::Document;
use crate::imports;
use crate::launch::{self, Launch};
use crate::text::Text;

/// Poetry's own list.
const OF_POETRY: &[&str] = &["tool", "poetry", "dependencies"];

/// Adds a name to a list of a file that has this text.
pub fn add(path: &Utf8Path, text: &Text, Addition { list, name, .. }: &Addition) -> Option<Edit> {
    let source = || text.source().to_owned();
    let insertion = match (list, path.file_name()) {
        (List::Allow | List::Python, _) => {
            let (document, _) = Document::parse(path, source());
            if in_toml::has_setting(&document, *list, name) {
                return None;
            }
            in_toml::into_settings(&document, *list)
        }
        (List::Dependencies, Some("pyproject.toml")) => {
            let (document, _) = Document::parse(path, source());
            if has(&document, &["project", "dependencies"], name) || has_key(&document, OF_POETRY, name) {
                return None;
            }
            in_toml::into_dependencies(&document)
        }
        (List::Dependencies, Some("Pipfile")) => {
            let (document, _) = Document::parse(path, source());
            if has_key(&document, PACKAGES, name) {
                return None;
            }
            in_toml::into_table(&document, PACKAGES)
        }
        (List::Dependencies, Some("setup.cfg")) => {
            let mut project = Project::default();
            setup_cfg::read(path, text, &mut project);
            if is_in(&project.dependencies, name) {
                return None;
            }
            let new = || setup_cfg::insertion_of_list(path, text);
            setup_cfg::insertion(path, text).or_else(new).or_else(|| setup_cfg::insertion_of_options(path, text))
        }
        (List::Dependencies, Some("setup.py")) => {
            let mut project = Project::default();
            setup_py::read(path, text, &mut project);
            if is_in(&project.dependencies, name) {
                return None;
            }
            setup_py::insertion(path, text)
        }
        (List::Dependencies, Some("environment.yml" | "environment.yaml")) => {
            let read = environment_yml::read(path, source(), &mut Vec::new());
            if is_in(&read.of_pip, name) || is_in(&read.of_conda, name) {
                return None;
            }
            environment_yml::insertion(path, source())
        }
        (List::Dependencies, _) if matches!(path.extension(), Some("txt" | "in")) => {
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

/// Returns where a setting goes in a file of our own that is to be made.
pub(crate) fn into_new_file(path: &Utf8Path, list: List) -> Option<Insertion> {
    let (document, _) = Document::parse(path, String::new());
    in_toml::into_settings(&document, list).map(|it| Insertion { creates: true, ..it })
}

fn is_in(declared: &[Declared], name: &str) -> bool {
    declared.iter().any(|it| it.part == Part::Main && it.name == normalize_name(name))
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
            ("/p/needs/main.in", "a>1\n", Dependencies, "a>1\nsix\nPyYAML\n"),
            (
                "/p/setup.cfg",
                "[options]\ninstall_requires =\n  # ours\n  a>1 # why\n\n[x]\n",
                Dependencies,
                "[options]\ninstall_requires =\n  # ours\n  a>1 # why\n  six\n  PyYAML\n\n[x]\n",
            ),
            (
                "/p/setup.cfg",
                "[options]\ninstall_requires = a>1",
                Dependencies,
                "[options]\ninstall_requires = a>1; six; PyYAML",
            ),
            (
                "/p/setup.cfg",
                "[options]\npackages =\n\ta\n[x]\n",
                Dependencies,
                "[options]\npackages =\n\ta\ninstall_requires =\n    six\n    PyYAML\n[x]\n",
            ),
            (
                "/p/setup.py",
                "needs = [\n  'a>1',  # why\n  # 'off'\n]\nsetup(install_requires=needs)\n",
                Dependencies,
                "needs = [\n  'a>1',  # why\n  'six',\n  'PyYAML',\n  # 'off'\n]\nsetup(install_requires=needs)\n",
            ),
            (
                "/p/setup.py",
                "setup(name='x', install_requires=('a',), zip_safe=False)\n",
                Dependencies,
                "setup(name='x', install_requires=('a', 'six', 'PyYAML',), zip_safe=False)\n",
            ),
            (
                "/p/setup.py",
                "setup(install_requires=[])\n",
                Dependencies,
                "setup(install_requires=[\"six\", \"PyYAML\"])\n",
            ),
            (
                "/p/environment.yml",
                "dependencies:\n- numpy=1 # why\n- pip\n- pip:\n  - a>1 # why\nname: x\n",
                Dependencies,
                "dependencies:\n- numpy=1 # why\n- pip\n- pip:\n  - a>1 # why\n  - six\n  - PyYAML\nname: x\n",
            ),
            (
                "/p/environment.yml",
                "dependencies:\n  - \"numpy=1\" # why\n  # - off\nname: x",
                Dependencies,
                "dependencies:\n  - \"numpy=1\" # why\n  - six\n  - pyyaml\n  # - off\nname: x",
            ),
            (
                "/p/setup.cfg",
                "[metadata]\nname = x\n\n[flake8]\na = 1\n",
                Dependencies,
                "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    six\n    PyYAML\n\n[flake8]\na = 1\n",
            ),
            (
                "/p/setup.py",
                "setup(\n  name='x',  # who\n  zip_safe=False,\n)\n",
                Dependencies,
                "setup(\n  name='x',  # who\n  zip_safe=False,\n  install_requires=[\"six\", \"PyYAML\"],\n)\n",
            ),
            ("/p/setup.py", "setup()\n", Dependencies, "setup(install_requires=[\"six\", \"PyYAML\"])\n"),
            (
                "/p/setup.py",
                "setup(name='x')\n",
                Dependencies,
                "setup(name='x', install_requires=[\"six\", \"PyYAML\"])\n",
            ),
            (
                "/p/environment.yml",
                "# ours\nname: x # why\nchannels:\n  - conda-forge # more\n# end\n",
                Dependencies,
                "# ours\nname: x # why\nchannels:\n  - conda-forge # more\ndependencies:\n  - six\n  - pyyaml\n# end\n",
            ),
            (
                "/p/environment.yml",
                "name: x\r\n",
                Dependencies,
                "name: x\r\ndependencies:\r\n  - six\r\n  - pyyaml\r\n",
            ),
            (
                "/p/setup.cfg",
                "[options]\r\nzip_safe = no\r\n",
                Dependencies,
                "[options]\r\nzip_safe = no\r\ninstall_requires =\r\n    six\r\n    PyYAML\r\n",
            ),
            ("/p/environment.yml", "name: x", Dependencies, "name: x\ndependencies:\n  - six\n  - pyyaml"),
            (
                "/p/environment.yml",
                "dependencies: # none\n  # - numpy\nname: x\n",
                Dependencies,
                "dependencies: # none\n  - six\n  - pyyaml\n  # - numpy\nname: x\n",
            ),
            ("/p/environment.yml", "dependencies: []\n", Dependencies, "dependencies: [six, pyyaml]\n"),
            (
                "/p/environment.yml",
                "dependencies:\n  - python=3.12\n  - pip:\n",
                Dependencies,
                "dependencies:\n  - python=3.12\n  - six\n  - pyyaml\n  - pip:\n",
            ),
            (
                "/p/environment.yml",
                "dependencies: [numpy, {pip: [a]}]\n",
                Dependencies,
                "dependencies: [numpy, {pip: [a, six, PyYAML]}]\n",
            ),
            ("/p/environment.yml", "dependencies: [numpy]\n", Dependencies, "dependencies: [numpy, six, pyyaml]\n"),
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
        for computed in [
            "setup(install_requires=read('needs'))\n",
            "setup(install_requires='a')\n",
            "setup(install_requires=())\n",
            "setup(install_requires=[('a')])\n",
            "setup(name='x', **more)\n",
            "def main():\n    setup(name='x')\n",
            "needs = 'a', 'b'\nsetup(install_requires=needs)\n",
            "setup(install_requires=[\n",
        ] {
            assert_eq!(added("/p/setup.py", computed, Dependencies, "six"), None, "{computed}");
        }
        for other in [
            "[options]\ninstall_requires = file: needs.txt\n",
            "[metadata]\nlicense = x\n",
            "[metadata]\nname = x\n[options]\n",
            "",
        ] {
            assert_eq!(added("/p/setup.cfg", other, Dependencies, "six"), None, "{other}");
        }
        for other in [
            "dependencies: [\n",
            "{name: x}\n",
            "name: |\n  x\n",
            "name: x\nchannels: [a]\n",
            "dependencies: none\n",
            "more:\n- &a numpy\ndependencies:\n- attrs\n- *a\n",
            "dependencies:\n  - >\n    numpy\n",
            "- a\n",
            "",
        ] {
            assert_eq!(added("/p/environment.yml", other, Dependencies, "six"), None, "{other}");
        }
    }
}
