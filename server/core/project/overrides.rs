//! What a tool is told to install in another way than whoever asks for it says.
//!
//! In: the `pyproject.toml` with uv's or PDM's words about it. Out: the dependencies as they are taken, and limits for all
//! that is installed, added to a [`Project`].
//!
//! **Invariant:** what an override replaces is judged where the override stands, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::declared::{Condition, Constraint, Declared, Part, Source};
use super::requirement::{name, normalize_name};
use super::{Project, Tool};
use crate::document::{Document, Entry, Node};
use crate::text::Span;

/// Adds what `[tool.uv]` says. Of a member's own file uv reads the sources alone, which win over those of the workspace;
/// all the rest holds for the whole workspace and stands in the file of that.
pub(super) fn of_uv(own: &Document, workspace: &Document, project: &mut Project) {
    let mut named = BTreeSet::new();
    for document in [own, workspace] {
        named.extend(sources(document, &named, project));
    }
    let overrides = requirements(workspace, "override-dependencies");
    let by_name = by_name(&overrides);
    for declared in &mut project.dependencies {
        if let Some(conditions) = by_name.get(declared.name.as_str()) {
            declared.versions = None;
            // The marker of who asks is replaced with the rest (`Overrides::apply` in uv).
            declared.condition = any_of(conditions);
        }
    }
    let excluded = workspace.texts_at(&["tool", "uv", "exclude-dependencies"]);
    exclude(excluded, project);
    project.overridden.extend(by_name.into_keys().map(str::to_owned).chain(of_own_metadata(workspace)));
    if project.tool == Tool::Uv {
        let limits = requirements(workspace, "constraint-dependencies").into_iter().chain(overrides);
        let by = &own.path;
        project.constraints.extend(limits.map(|declared| Constraint { declared, by: by.clone() }));
    }
}

/// Has the overrides of `[tool.uv]` replace what requirements files and setuptools' own ask for, as `uv pip install -r` and
/// `uv pip compile` do. `uv pip sync` does not look at them: what a file itself wants is let in as well.
pub(super) fn of_uv_for_files(workspace: &Document, project: &mut Project) {
    if project.tool != Tool::Uv {
        return;
    }
    let overrides = requirements(workspace, "override-dependencies");
    let by_name = by_name(&overrides);
    let Project { dependencies, constraints, .. } = project;
    for declared in dependencies.iter_mut().filter(|it| goes_through_pip(&it.path)) {
        let Some(conditions) = by_name.get(declared.name.as_str()) else { continue };
        let is_it = |limit: &Declared| {
            limit.name == declared.name && overrides.iter().any(|it| (&it.path, it.range) == (&limit.path, limit.range))
        };
        for limit in constraints.iter_mut().map(|it| &mut it.declared).filter(|it| is_it(it)) {
            limit.versions = limit.versions.take().zip(declared.versions.clone()).map(|(own, other)| own.or(other));
        }
        declared.versions = None;
        declared.condition = declared.condition.clone().and(any_of(conditions));
    }
}

fn goes_through_pip(path: &Utf8Path) -> bool {
    path.extension() == Some("txt") || matches!(path.file_name(), Some("setup.cfg" | "setup.py"))
}

fn by_name(overrides: &[Declared]) -> BTreeMap<&str, Vec<&Condition>> {
    let mut by_name: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for declared in overrides {
        by_name.entry(&declared.name).or_default().push(&declared.condition);
    }
    by_name
}

/// Adds what `[tool.pdm.resolution]` says; the markers stay those of who asks.
pub(super) fn of_pdm(document: &Document, project: &mut Project) {
    for entry in document.table_at(&["tool", "pdm", "resolution", "overrides"]) {
        let Some((value, span)) = entry.node.texts().into_iter().next() else { continue };
        let name = normalize_name(&entry.key);
        for declared in project.dependencies.iter_mut().filter(|it| it.name == name) {
            declared.versions = None;
        }
        let range = document.range(span);
        // `get_requirement_from_override` in PDM: a version alone is that version.
        let is_version = value.trim_start().starts_with(|it: char| it.is_ascii_alphanumeric());
        let text = match value.trim() {
            value if value.contains("://") => format!("{} @ {value}", entry.key),
            value if is_version => format!("{}=={value}", entry.key),
            value => format!("{}{value}", entry.key),
        };
        let limit = Declared::read(&text, &document.path, range, Part::Main).filter(|_| project.tool == Tool::Pdm);
        // A marker of its own is not asked.
        let limit = limit.map(|it| Declared { condition: Condition::Always, ..it });
        project.constraints.extend(limit.map(|declared| Constraint { declared, by: document.path.clone() }));
        project.overridden.push(name);
    }
    exclude(document.texts_at(&["tool", "pdm", "resolution", "excludes"]), project);
}

/// What is excluded is not installed, whoever asks for it.
fn exclude(texts: Vec<(&str, Span)>, project: &mut Project) {
    let excluded: BTreeSet<String> = texts.into_iter().filter_map(|(text, _)| name(text)).collect();
    for declared in project.dependencies.iter_mut().filter(|it| excluded.contains(&it.name)) {
        declared.source = Source::Local;
    }
    project.overridden.extend(excluded);
}

/// One of them is enough.
fn any_of(conditions: &[&Condition]) -> Condition {
    let mut markers = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Marker(marker) => markers.push(format!("({marker})")),
            Condition::Always | Condition::Unknown => return (*condition).clone(),
        }
    }
    Condition::Marker(markers.join(" or "))
}

/// `[tool.uv.sources]`: a table for each name, or a list of tables for several platforms. Returns the names.
fn sources(document: &Document, known: &BTreeSet<String>, project: &mut Project) -> Vec<String> {
    let mut names = Vec::new();
    for entry in document.table_at(&["tool", "uv", "sources"]) {
        let name = normalize_name(&entry.key);
        let tables: Vec<&Vec<Entry>> = match entry.node.array() {
            Some(list) => list.iter().filter_map(Node::table).collect(),
            None => entry.node.table().into_iter().collect(),
        };
        let has = |keys: &[&str]| tables.iter().copied().flatten().any(|it| keys.contains(&it.key.as_str()));
        if known.contains(&name) {
            continue;
        }
        if has(&["path", "workspace"]) {
            project.take_from(&name, Source::Local);
        } else if has(&["git", "url"]) {
            project.take_from(&name, Source::Address);
        }
        names.push(name);
    }
    names
}

/// The distributions whose metadata the project writes down itself (`[[tool.uv.dependency-metadata]]`).
fn of_own_metadata(document: &Document) -> impl Iterator<Item = String> {
    let tables = document.at(&["tool", "uv", "dependency-metadata"]).and_then(Node::array).into_iter().flatten();
    let entries = tables.filter_map(Node::table).flatten().filter(|it| it.key == "name");
    entries.filter_map(|it| it.node.text()).map(normalize_name)
}

fn requirements(document: &Document, key: &str) -> Vec<Declared> {
    let texts = document.texts_at(&["tool", "uv", key]).into_iter();
    texts.filter_map(|(text, span)| Declared::read(text, &document.path, document.range(span), Part::Main)).collect()
}
