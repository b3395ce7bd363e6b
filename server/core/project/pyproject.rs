//! What `pyproject.toml` declares.
//!
//! In: the file, and the project with its tool. Out: name, `requires-python` and dependencies, added to a [`Project`].
//!
//! **Invariant:** a value of the wrong type declares nothing and stops nothing; the tool that owns it will say so.

use std::collections::BTreeSet;

use super::declared::{Declared, Part};
use super::requirement::normalize_name;
use super::{Project, RequiresPython, Tool, overrides, poetry};
use crate::document::{Document, Node};
use crate::text::Span;

/// Adds what `pyproject.toml` says: PEP 621, PEP 735, then Poetry's, uv's, PDM's and Hatch's own tables. Where it is that of a
/// member, uv takes some of it from the one of the workspace.
pub(super) fn read(document: &Document, workspace: Option<&Document>, project: &mut Project) {
    let name = document.text_at(&["project", "name"]).or_else(|| document.text_at(&["tool", "poetry", "name"]));
    project.name = name.map(|(name, _)| normalize_name(name));
    if let Some((specifiers, span)) = document.text_at(&["project", "requires-python"]) {
        project.requires_python = Some(requires(document, specifiers.to_owned(), span));
    }
    let mut lists = Lists { document, found: Vec::new() };
    lists.add(document.at(&["project", "dependencies"]), &Part::Main);
    for entry in document.table_at(&["project", "optional-dependencies"]) {
        lists.add(Some(&entry.node), &Part::Extra(normalize_name(&entry.key)));
    }
    let groups = Groups::read(document, project.tool);
    for entry in document.table_at(&["dependency-groups"]) {
        lists.add(Some(&entry.node), &groups.part(&entry.key));
    }
    lists.add(document.at(&["tool", "uv", "dev-dependencies"]), &groups.part("dev"));
    for entry in document.table_at(&["tool", "pdm", "dev-dependencies"]) {
        lists.add(Some(&entry.node), &groups.part(&entry.key));
    }
    for environment in document.table_at(&["tool", "hatch", "envs"]) {
        let table = environment.node.table().map_or(&[][..], Vec::as_slice);
        let wanted = table.iter().filter(|it| matches!(it.key.as_str(), "dependencies" | "extra-dependencies"));
        wanted.for_each(|entry| lists.add(Some(&entry.node), &Part::Other));
    }
    project.dependencies.append(&mut lists.found);
    poetry::read(document, &groups, project);
    overrides::of_uv(document, workspace.unwrap_or(document), project);
    overrides::of_pdm(document, project);
}

/// The files that the build backend takes the dependencies from, and what they stand for: setuptools' `file`, and the
/// hook of hatch-requirements-txt.
pub(super) fn dynamic_files(document: &Document) -> Vec<(String, Part)> {
    let mut files = Vec::new();
    let mut add = |node: Option<&Node>, part: &Part| {
        let texts = node.into_iter().flat_map(Node::texts);
        files.extend(texts.map(|(file, _)| (file.to_owned(), part.clone())));
    };
    add(document.at(&["tool", "setuptools", "dynamic", "dependencies", "file"]), &Part::Main);
    add(document.at(&["tool", "hatch", "metadata", "hooks", "requirements_txt", "files"]), &Part::Main);
    for entry in document.table_at(&["tool", "setuptools", "dynamic", "optional-dependencies"]) {
        let file = entry.node.table().into_iter().flatten().find(|it| it.key == "file");
        add(file.map(|it| &it.node), &Part::Extra(normalize_name(&entry.key)));
    }
    files
}

/// Tells whether the build backend finds out the dependencies by itself, from what no file here says.
pub(super) fn is_dynamic(document: &Document) -> bool {
    let dynamic = document.texts_at(&["project", "dynamic"]);
    dynamic.iter().any(|(field, _)| matches!(*field, "dependencies" | "optional-dependencies"))
}

/// The lists of requirements of one file.
struct Lists<'d> {
    document: &'d Document,
    found: Vec<Declared>,
}

impl Lists<'_> {
    fn add(&mut self, list: Option<&Node>, part: &Part) {
        for (text, span) in list.into_iter().flat_map(Node::texts) {
            let range = self.document.range(span);
            // `-e` stands in lists that pip's own syntax is written into (PDM).
            let text = text.trim_start().strip_prefix("-e ").unwrap_or(text);
            self.found.extend(Declared::read(text, &self.document.path, range, part.clone()));
        }
    }
}

/// Which dependency groups a plain install brings.
pub(super) struct Groups {
    tool: Tool,
    /// Normalized; what they include is in here too.
    by_default: BTreeSet<String>,
}

impl Groups {
    fn read(document: &Document, tool: Tool) -> Self {
        let everything = || document.table_at(&["dependency-groups"]).iter().map(|entry| normalize_name(&entry.key));
        let mut by_default: BTreeSet<String> = match tool {
            Tool::Uv => match document.at(&["tool", "uv", "default-groups"]) {
                None => BTreeSet::from(["dev".to_owned()]),
                Some(node) if node.text() == Some("all") => everything().chain(["dev".to_owned()]).collect(),
                Some(node) => node.texts().into_iter().map(|(name, _)| normalize_name(name)).collect(),
            },
            // Every group that is not said to be optional; `poetry::read` knows those.
            Tool::Poetry => everything().filter(|name| !poetry::is_optional(document, name)).collect(),
            Tool::Pdm => {
                let own = document.table_at(&["tool", "pdm", "dev-dependencies"]).iter();
                everything().chain(own.map(|entry| normalize_name(&entry.key))).collect()
            }
            Tool::Pip | Tool::Pipenv | Tool::Hatch | Tool::Pixi | Tool::Conda => BTreeSet::new(),
        };
        // PEP 735: `{ include-group = "test" }`.
        loop {
            let groups = document.table_at(&["dependency-groups"]).iter();
            let ours = groups.filter(|entry| by_default.contains(&normalize_name(&entry.key)));
            let included: BTreeSet<String> = ours.flat_map(|entry| included_groups(&entry.node)).collect();
            if included.is_subset(&by_default) {
                return Groups { tool, by_default };
            }
            by_default.extend(included);
        }
    }

    pub(super) fn part(&self, name: &str) -> Part {
        let name = normalize_name(name);
        Part::Group { by_default: self.by_default.contains(&name), name }
    }

    /// Poetry installs its own groups unless one is optional.
    pub(super) fn poetry_part(&self, name: &str, is_optional: bool) -> Part {
        Part::Group { name: normalize_name(name), by_default: self.tool == Tool::Poetry && !is_optional }
    }
}

fn included_groups(group: &Node) -> Vec<String> {
    let items = group.array().into_iter().flatten().filter_map(Node::table).flatten();
    items.filter(|it| it.key == "include-group").filter_map(|it| it.node.text()).map(normalize_name).collect()
}

pub(super) fn requires(document: &Document, specifiers: String, span: Span) -> RequiresPython {
    RequiresPython { specifiers, path: document.path.clone(), range: document.range(span) }
}
