//! What `pyproject.toml`, `Pipfile` and `setup.cfg` declare.
//!
//! In: a manifest that was read. Out: name, `requires-python` and dependencies, added to a [`Project`].
//!
//! **Invariant:** a value of the wrong type declares nothing and stops nothing; the tool that owns it will say so.

use super::{Declared, Project, RequiresPython, ini, requirement};
use crate::document::{Document, Entry, Node};
use crate::text::{Span, Text};

/// Adds what `pyproject.toml` says: PEP 621, PEP 735, then Poetry's, uv's, PDM's and Hatch's own tables.
pub(super) fn read(document: &Document, project: &mut Project) {
    let name = document.text_at(&["project", "name"]).or_else(|| document.text_at(&["tool", "poetry", "name"]));
    project.name = name.map(|(name, _)| requirement::normalize_name(name));
    if let Some((specifiers, span)) = document.text_at(&["project", "requires-python"]) {
        project.requires_python = Some(requires(document, specifiers.to_owned(), span));
    }
    let always = document.at(&["project", "dependencies"]).into_iter().flat_map(Node::texts);
    project.dependencies.extend(always.filter_map(|(text, span)| declared(document, text, span, false)));
    let mut lists: Vec<&Node> = Vec::new();
    lists.extend(document.table_at(&["project", "optional-dependencies"]).iter().map(|entry| &entry.node));
    lists.extend(document.table_at(&["dependency-groups"]).iter().map(|entry| &entry.node));
    lists.extend(document.at(&["tool", "uv", "dev-dependencies"]));
    lists.extend(document.table_at(&["tool", "pdm", "dev-dependencies"]).iter().map(|entry| &entry.node));
    for environment in document.table_at(&["tool", "hatch", "envs"]) {
        let table = environment.node.table().map_or(&[][..], Vec::as_slice);
        let wanted = table.iter().filter(|it| matches!(it.key.as_str(), "dependencies" | "extra-dependencies"));
        lists.extend(wanted.map(|entry| &entry.node));
    }
    for (text, span) in lists.into_iter().flat_map(Node::texts) {
        project.dependencies.extend(declared(document, text, span, true));
    }
    read_poetry(document, project);
}

/// Adds what a `Pipfile` says.
pub(super) fn read_pipfile(document: &Document, project: &mut Project) {
    for (table, optional) in [("packages", false), ("dev-packages", true)] {
        let entries = document.table_at(&[table]).iter();
        project.dependencies.extend(entries.map(|entry| declared_by_key(document, entry, optional)));
    }
    let version = document.text_at(&["requires", "python_full_version"]);
    if let (None, Some((version, span))) = (&project.requires_python, version) {
        project.requires_python = Some(requires(document, format!("=={version}"), span));
    } else if let (None, Some((version, span))) =
        (&project.requires_python, document.text_at(&["requires", "python_version"]))
    {
        project.requires_python = Some(requires(document, format!("=={version}.*"), span));
    }
}

/// Adds what the declarative part of `setup.cfg` says (setuptools' `[metadata]` and `[options]`).
pub(super) fn read_setup_cfg(path: &camino::Utf8Path, text: &Text, project: &mut Project) {
    let values = ini::read(text.source());
    let range_of = |line: u32| text.range(text.line_span(line));
    if let (None, Some((_, name))) = (&project.name, ini::find(&values, "metadata", "name").and_then(ini::Value::first))
    {
        project.name = Some(requirement::normalize_name(name));
    }
    let requires = ini::find(&values, "options", "python_requires").and_then(ini::Value::first);
    if let (None, Some((line, specifiers))) = (&project.requires_python, requires) {
        let (specifiers, path) = (specifiers.to_owned(), path.to_owned());
        project.requires_python = Some(RequiresPython { specifiers, path, range: range_of(line) });
    }
    let lists = values.iter().filter(|value| {
        let key = value.key.replace('-', "_");
        value.section == "options.extras_require"
            || value.section == "options" && matches!(key.as_str(), "install_requires" | "tests_require")
    });
    for value in lists {
        let always = value.key.replace('-', "_") == "install_requires";
        for (line, requirement) in &value.lines {
            if let Some(name) = requirement::name(requirement) {
                let optional = !always || requirement::has_marker(requirement);
                let (requirement, path) = (requirement.clone(), path.to_owned());
                project.dependencies.push(Declared { name, requirement, path, range: range_of(*line), optional });
            }
        }
    }
}

/// Poetry's own tables, from before it took up PEP 621: a table from names to constraints.
fn read_poetry(document: &Document, project: &mut Project) {
    let mut tables = vec![
        (document.table_at(&["tool", "poetry", "dependencies"]), false),
        (document.table_at(&["tool", "poetry", "dev-dependencies"]), true),
    ];
    for group in document.table_at(&["tool", "poetry", "group"]) {
        let entries = group.node.table().into_iter().flatten();
        let own = entries.filter(|it| it.key == "dependencies").filter_map(|it| it.node.table());
        tables.extend(own.map(|table| (table.as_slice(), true)));
    }
    for (entry, optional) in tables.into_iter().flat_map(|(table, optional)| table.iter().map(move |it| (it, optional)))
    {
        if entry.key != "python" {
            project.dependencies.push(declared_by_key(document, entry, optional));
        } else if let (None, Some(constraint)) = (&project.requires_python, entry.node.text()) {
            let specifiers = requirement::poetry_specifiers(constraint);
            project.requires_python = specifiers.map(|it| requires(document, it, entry.node.span));
        }
    }
}

fn declared(document: &Document, text: &str, span: Span, optional: bool) -> Option<Declared> {
    let (name, requirement) = (requirement::name(text)?, text.trim().to_owned());
    let optional = optional || requirement::has_marker(text);
    Some(Declared { name, requirement, path: document.path.clone(), range: document.range(span), optional })
}

fn declared_by_key(document: &Document, entry: &Entry, optional: bool) -> Declared {
    // A table may make it an extra's (`optional`) or limit it to some Pythons and platforms.
    let limits = ["optional", "markers", "python", "platform", "sys_platform", "os_name", "python_version"];
    let is_limited = entry.node.table().is_some_and(|it| it.iter().any(|inner| limits.contains(&inner.key.as_str())));
    let span = entry.key_span;
    let version = match &entry.node.value {
        crate::document::Value::Text(version) if version != "*" => format!(" {version}"),
        _ => String::new(),
    };
    Declared {
        name: requirement::normalize_name(&entry.key),
        requirement: format!("{}{version}", entry.key),
        path: document.path.clone(),
        range: document.range(span),
        optional: optional || is_limited,
    }
}

fn requires(document: &Document, specifiers: String, span: Span) -> RequiresPython {
    RequiresPython { specifiers, path: document.path.clone(), range: document.range(span) }
}
