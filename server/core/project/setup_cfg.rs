//! What the declarative part of `setup.cfg` says (setuptools' `[metadata]` and `[options]`).
//!
//! In: the file. Out: name, `requires-python` and dependencies, added to a [`Project`].
//!
//! **Invariant:** a requirement's place is its own line, without what stands around it.

use camino::Utf8Path;

use super::declared::{Declared, Part};
use super::insertion::{self, Form, Insertion};
use super::requirement::normalize_name;
use super::{Project, RequiresPython, ini};
use crate::text::{Range, Span, Text};

/// Adds what the file declares; returns the files that it names in place of a list (`file: requirements.txt`).
pub(super) fn read(path: &Utf8Path, text: &Text, project: &mut Project) -> Vec<(String, Part)> {
    let values = ini::read(text.source());
    if let (None, Some((_, name))) = (&project.name, ini::find(&values, "metadata", "name").and_then(ini::Value::first))
    {
        project.name = Some(normalize_name(name));
    }
    let requires = ini::find(&values, "options", "python_requires").and_then(ini::Value::first);
    if let (None, Some((line, specifiers))) = (&project.requires_python, requires) {
        let (specifiers, path) = (specifiers.to_owned(), path.to_owned());
        project.requires_python = Some(RequiresPython { specifiers, path, range: text.range(text.line_span(line)) });
    }
    let mut files = Vec::new();
    for value in &values {
        let key = value.key.replace('-', "_");
        let part = match (value.section.as_str(), key.as_str()) {
            ("options", "install_requires") => Part::Main,
            ("options", "tests_require") => Part::Other,
            ("options.extras_require", _) => Part::Extra(normalize_name(&value.key)),
            _ => continue,
        };
        if let Some(named) = value.first().and_then(|(_, first)| first.strip_prefix("file:")) {
            files.extend(named.split(',').map(|file| (file.trim().to_owned(), part.clone())));
            continue;
        }
        for (line, requirement) in requirements(value) {
            let range = place(text, line, requirement);
            project.dependencies.extend(Declared::read(requirement, path, range, part.clone()));
        }
    }
    files
}

/// Returns where one more requirement goes into `install_requires`.
pub(super) fn insertion(path: &Utf8Path, text: &Text) -> Option<Insertion> {
    let values = ini::read(text.source());
    let list = ini::find(&values, "options", "install_requires")?;
    if list.first().is_some_and(|(_, first)| first.starts_with("file:")) {
        return None;
    }
    if let Some(content) = list.on_one_line() {
        let range = place(text, list.line, content);
        let found = insertion::below(path, text, list.line, "", Form::Line);
        let range = Range { start: range.end, end: range.end };
        return Some(Insertion { range, prefix: "; ".to_owned(), ..found });
    }
    let last = list.last_line();
    let line = text.line(last);
    let indentation = line.get(..line.len() - line.trim_start().len()).filter(|it| !it.is_empty() && last != list.line);
    Some(insertion::below(path, text, last, indentation.unwrap_or("    "), Form::Line))
}

/// Returns where `install_requires` with a first requirement goes into `[options]`, where that has none.
pub(super) fn insertion_of_list(path: &Utf8Path, text: &Text) -> Option<Insertion> {
    let values = ini::read(text.source());
    if ini::find(&values, "options", "install_requires").is_some() {
        return None;
    }
    let last = values.iter().rfind(|it| it.section == "options")?;
    Some(insertion::below(path, text, last.last_line(), "install_requires =\n    ", Form::Line))
}

/// Returns where `[options]` with a first requirement goes, where `[metadata]` names the project and there is no such section.
pub(super) fn insertion_of_options(path: &Utf8Path, text: &Text) -> Option<Insertion> {
    let values = ini::read(text.source());
    ini::find(&values, "metadata", "name")?;
    if ini::has_section(text.source(), "options") {
        return None;
    }
    let last = values.iter().rfind(|it| it.section == "metadata")?;
    Some(insertion::below(path, text, last.last_line(), "\n[options]\ninstall_requires =\n    ", Form::Line))
}

/// Returns the line of `install_requires`, from 1.
pub(super) fn line_of_list(text: &Text) -> Option<u32> {
    ini::find(&ini::read(text.source()), "options", "install_requires").map(|it| it.line + 1)
}

/// Setuptools splits a value that is one line at its semicolons, and any other at its lines.
fn requirements(value: &ini::Value) -> Vec<(u32, &str)> {
    match value.on_one_line() {
        Some(content) => {
            content.split(';').map(|it| (value.line, it.trim())).filter(|(_, it)| !it.is_empty()).collect()
        }
        None => value.lines.iter().map(|(line, text)| (*line, text.as_str())).collect(),
    }
}

/// Finds what a line says within it.
fn place(text: &Text, line: u32, content: &str) -> Range {
    let span = text.line_span(line);
    let at = text.line(line).find(content).and_then(|at| u32::try_from(at).ok());
    let length = u32::try_from(content.len()).unwrap_or_default();
    text.range(at.map_or(span, |at| Span::new(span.start + at, span.start + at + length)))
}
