//! Dependencies as tables from names to constraints: Poetry's own, and those of a `Pipfile`.
//!
//! In: a manifest that was read. Out: what it declares, added to a [`Project`].
//!
//! **Invariant:** one name may have several constraints, each for other Pythons or platforms; each counts for itself.

use pep440_rs::VersionSpecifier;

use super::declared::{Condition, Declared, Part, Source};
use super::pyproject::{Groups, requires};
use super::versions::Versions;
use super::{Project, constraint, requirement};
use crate::document::{Document, Entry, Node, Value};

/// Adds what `[tool.poetry]` declares, from before Poetry took up PEP 621 and since.
pub(super) fn read(document: &Document, groups: &Groups, project: &mut Project) {
    let mut tables = vec![
        (document.table_at(&["tool", "poetry", "dependencies"]), Part::Main),
        (document.table_at(&["tool", "poetry", "dev-dependencies"]), groups.poetry_part("dev", false)),
    ];
    for group in document.table_at(&["tool", "poetry", "group"]) {
        let entries = group.node.table().into_iter().flatten();
        let own = entries.filter(|it| it.key == "dependencies").filter_map(|it| it.node.table());
        let part = groups.poetry_part(&group.key, is_optional(document, &group.key));
        tables.extend(own.map(|table| (table.as_slice(), part.clone())));
    }
    // With PEP 621's list the table of the same purpose only says more about what stands there.
    let is_main_elsewhere = document.at(&["project", "dependencies"]).is_some();
    for (entry, part) in tables.iter().flat_map(|(table, part)| table.iter().map(move |it| (it, part))) {
        if entry.key == "python" {
            if let (None, Some(text)) = (&project.requires_python, entry.node.text()) {
                let specifiers = constraint::poetry_specifiers(text);
                project.requires_python = specifiers.map(|it| requires(document, it, entry.node.span));
            }
            continue;
        }
        let found = declared(document, entry, part, constraint::of_poetry);
        let name = requirement::normalize_name(&entry.key);
        if is_main_elsewhere && *part == Part::Main && project.declares(&name) {
            found.iter().filter(|it| it.source != Source::Index).for_each(|it| project.take_from(&name, it.source));
            continue;
        }
        project.dependencies.extend(found);
    }
}

/// Tells whether a group has to be asked for (`[tool.poetry.group.NAME] optional = true`).
pub(super) fn is_optional(document: &Document, group: &str) -> bool {
    let groups = document.table_at(&["tool", "poetry", "group"]).iter();
    let ours = groups.filter(|entry| requirement::normalize_name(&entry.key) == requirement::normalize_name(group));
    ours.filter_map(|entry| entry.node.table()).flatten().any(|it| it.key == "optional" && is_true(&it.node))
}

/// Adds what a `Pipfile` says.
pub(super) fn read_pipfile(document: &Document, project: &mut Project) {
    let development = Part::Group { name: "dev-packages".to_owned(), by_default: false };
    for (table, part) in [("packages", Part::Main), ("dev-packages", development)] {
        for entry in document.table_at(&[table]) {
            project.dependencies.extend(declared(document, entry, &part, constraint::of_pipenv));
        }
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

/// Reads `name = "constraint"`, `name = { version = "…", … }` or a list of such tables.
fn declared(document: &Document, entry: &Entry, part: &Part, versions: fn(&str) -> Option<Versions>) -> Vec<Declared> {
    let nodes = entry.node.array().map_or_else(|| vec![&entry.node], |list| list.iter().collect());
    let range = document.range(entry.key_span);
    let several = nodes.len() > 1;
    let one = |node: &Node| {
        let table = node.table().map_or(&[][..], Vec::as_slice);
        let text = |key: &str| table.iter().find(|it| it.key == key).and_then(|it| it.node.text());
        let version = match &node.value {
            Value::Text(version) => Some(version.as_str()),
            _ => text("version"),
        };
        let is_optional = table.iter().any(|it| it.key == "optional" && is_true(&it.node));
        let has = |keys: &[&str]| table.iter().any(|it| keys.contains(&it.key.as_str()));
        let source = match () {
            () if has(&["path"]) => Source::Local,
            // Pipenv's `file` and Poetry's may both be an address.
            () if has(&["file"]) => requirement::source_of(text("file").unwrap_or_default()),
            () if has(&["git", "url", "hg", "svn"]) => Source::Address,
            () => Source::Index,
        };
        let extras = table.iter().filter(|it| it.key == "extras").flat_map(|it| it.node.texts());
        let shown = version.filter(|it| *it != "*" && !several).map(|it| format!(" {it}")).unwrap_or_default();
        Declared {
            name: requirement::normalize_name(&entry.key),
            extras: extras.map(|(extra, _)| requirement::normalize_name(extra)).collect(),
            requirement: format!("{}{shown}", entry.key),
            path: document.path.clone(),
            range,
            part: if is_optional { Part::Extra(String::new()) } else { part.clone() },
            condition: condition(table),
            source,
            versions: if source == Source::Index {
                version.map_or_else(|| Some(Versions::any()), versions)
            } else {
                None
            },
        }
    };
    nodes.into_iter().map(one).collect()
}

/// Poetry's `python`, `platform` and `markers`; Pipenv has a key for each marker (`sys_platform = "== 'win32'"`).
fn condition(table: &[Entry]) -> Condition {
    let read = |text: String| match requirement::tree(&text) {
        Some(_) => Condition::Marker(text),
        None => Condition::Unknown,
    };
    table.iter().fold(Condition::Always, |known, entry| {
        let text = entry.node.text();
        let added = match (entry.key.as_str(), text) {
            ("markers", Some(text)) => read(text.to_owned()),
            ("platform", Some(text)) if !text.contains(['\'', '"']) => read(format!("sys_platform == '{text}'")),
            ("python", Some(text)) => python_condition(text),
            (
                "os_name"
                | "sys_platform"
                | "platform_machine"
                | "platform_system"
                | "platform_python_implementation"
                | "python_version"
                | "python_full_version"
                | "implementation_name",
                Some(text),
            ) => read(format!("{} {text}", entry.key)),
            (
                "markers" | "platform" | "python" | "platform_release" | "platform_version" | "implementation_version",
                _,
            ) => Condition::Unknown,
            _ => Condition::Always,
        };
        known.and(added)
    })
}

fn python_condition(constraint: &str) -> Condition {
    if constraint.trim() == "*" {
        return Condition::Always;
    }
    let Some(versions) = constraint::of_poetry(constraint) else { return Condition::Unknown };
    let compared =
        |it: &VersionSpecifier| format!("python_full_version {} '{}{}'", it.operator(), it.version(), star(it));
    let lists = versions.alternatives().iter().map(|list| list.iter().map(compared).collect::<Vec<_>>().join(" and "));
    let marker = lists.collect::<Vec<_>>().join(" or ");
    if requirement::tree(&marker).is_some() { Condition::Marker(marker) } else { Condition::Unknown }
}

fn star(specifier: &VersionSpecifier) -> &'static str {
    use pep440_rs::Operator::{EqualStar, NotEqualStar};
    if matches!(specifier.operator(), EqualStar | NotEqualStar) { ".*" } else { "" }
}

fn is_true(node: &Node) -> bool {
    matches!(node.value, Value::Boolean(true))
}
