//! What the locks of uv, Poetry, PDM and Pipenv pin, and `pylock.toml` and its named kind (PEP 751).
//!
//! In: a project. Out: one [`Pinned`] for each distribution and version in the lock of its tool.
//!
//! **Invariant:** only what comes from an index has a version that can be compared; all else is pinned to no version.

use camino::{Utf8Path, Utf8PathBuf};

use super::requirement::normalize_name;
use super::{Project, Tool};
use crate::document::{Document, Entry, Node, read_source};
use crate::system::System;
use crate::text::{Range, Text};

/// One distribution in a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Normalized as in PEP 503.
    pub name: String,
    /// `None` for a folder, a repository, an archive.
    pub version: Option<String>,
    pub path: Utf8PathBuf,
    /// Where the version stands, or the name.
    pub range: Range,
}

/// Reads the lock of the project's tool; nothing where there is none.
pub(crate) fn pins(system: &dyn System, project: &Project) -> Vec<Pinned> {
    let name = match project.tool {
        Tool::Uv => Some("uv.lock"),
        Tool::Poetry => Some("poetry.lock"),
        Tool::Pdm => Some("pdm.lock"),
        Tool::Pipenv => Some("Pipfile.lock"),
        Tool::Pip | Tool::Hatch | Tool::Pixi | Tool::Conda => None,
    };
    let lock = |name: &str| Some(project.root.join(name)).filter(|path| project.manifests.contains(path));
    // Its own tool complains where the lock is broken.
    let read = |path: &Utf8Path| Document::read(system, path, &mut Vec::new()).map(|it| of_packages(&it));
    match name.and_then(lock) {
        Some(path) if name == Some("Pipfile.lock") => {
            read_source(system, &path, &mut Vec::new()).map(|it| of_pipenv(&path, it)).unwrap_or_default()
        }
        Some(path) => read(&path).unwrap_or_default(),
        None => {
            let is_pylock = |name: &str| name == "pylock.toml" || is_named_pylock(name);
            let locks = project.manifests.iter().filter(|path| path.file_name().is_some_and(is_pylock));
            locks.filter_map(|path| read(path)).flatten().collect()
        }
    }
}

/// Tells whether a name is that of a lock for one purpose, such as `pylock.dev.toml` (PEP 751).
pub(super) fn is_named_pylock(name: &str) -> bool {
    let purpose = name.strip_prefix("pylock.").and_then(|rest| rest.strip_suffix(".toml"));
    purpose.is_some_and(|purpose| !purpose.is_empty() && !purpose.contains('.'))
}

/// `[[package]]` of uv, Poetry and PDM, `[[packages]]` of PEP 751.
fn of_packages(document: &Document) -> Vec<Pinned> {
    let lists = [document.at(&["package"]), document.at(&["packages"])];
    let tables = lists.into_iter().flatten().filter_map(Node::array).flatten().filter_map(Node::table);
    tables.filter_map(|table| of_package(document, table)).collect()
}

fn of_package(document: &Document, table: &[Entry]) -> Option<Pinned> {
    let entry = |key: &str| table.iter().find(|it| it.key == key);
    let name = entry("name")?;
    let version = entry("version").filter(|_| is_from_index(table));
    let place = version.unwrap_or(name);
    Some(Pinned {
        name: normalize_name(name.node.text()?),
        version: version.and_then(|it| it.node.text()).map(str::to_owned),
        path: document.path.clone(),
        range: document.range(place.node.span),
    })
}

fn is_from_index(table: &[Entry]) -> bool {
    // PDM and PEP 751 have a key for each other kind, uv and Poetry a table `source`.
    let others = ["directory", "vcs", "archive", "editable", "path", "git", "hg", "svn", "url"];
    let source = table.iter().find(|it| it.key == "source").and_then(|it| it.node.table());
    let is_elsewhere = source.is_some_and(|source| {
        let has = |key: &str| source.iter().find(|it| it.key == key);
        match has("type").and_then(|it| it.node.text()) {
            Some(kind) => kind != "legacy",
            None => has("registry").is_none(),
        }
    });
    !is_elsewhere && !table.iter().any(|it| others.contains(&it.key.as_str()))
}

/// `Pipfile.lock` is JSON, whose parser tells no places; they are found again in the text that Pipenv writes.
fn of_pipenv(path: &Utf8Path, source: String) -> Vec<Pinned> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&source) else { return Vec::new() };
    let text = Text::new(source);
    let mut pinned = Vec::new();
    for section in ["default", "develop"] {
        let packages = value.get(section).and_then(|it| it.as_object()).into_iter().flatten();
        for (name, package) in packages {
            let version = package.get("version").and_then(|it| it.as_str()).and_then(|it| it.strip_prefix("=="));
            let range = place(&text, name, version.unwrap_or_default());
            let (name, version) = (normalize_name(name), version.map(str::to_owned));
            pinned.push(Pinned { name, version, path: path.to_owned(), range });
        }
    }
    pinned
}

fn place(text: &Text, name: &str, version: &str) -> Range {
    let source = text.source();
    let found = source.find(&format!("\"{name}\": {{")).map(|start| {
        let quoted = format!("\"=={version}\"");
        let version = source.get(start..).and_then(|it| it.find(&quoted)).map(|at| (start + at, quoted.len()));
        version.unwrap_or((start, name.len() + 2))
    });
    let (start, length) = found.unwrap_or_default();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    text.range(crate::text::Span::new(offset(start), offset(start + length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Documents;
    use crate::project::read;
    use crate::system::memory::MemorySystem;

    fn pinned(lock: &str, content: &str) -> Vec<String> {
        let mut system = MemorySystem::default();
        system.write(format!("/p/{lock}"), content).write("/p/Pipfile", "");
        let (project, _) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
        let said = |it: &Pinned| {
            let version = it.version.as_deref().unwrap_or("no version");
            format!("{} {version} {}:{}", it.name, it.range.start.line + 1, it.range.start.utf8 + 1)
        };
        pins(&system, &project).iter().map(said).collect()
    }

    #[test]
    fn each_lock_in_its_own_words() {
        let uv = "version = 1\n[[package]]\nname = \"Six\"\nversion = \"1.16\"\nsource = { registry = \"https://x.org\" }\n\
                  [[package]]\nname = \"own\"\nversion = \"0.1\"\nsource = { editable = \".\" }\n";
        assert_eq!(pinned("uv.lock", uv), ["six 1.16 4:11", "own no version 7:8"]);
        let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"b\"\nversion = \"2\"\n[package.source]\ntype = \"legacy\"\n\
                      [[package]]\nname = \"c\"\nversion = \"3\"\n[package.source]\ntype = \"git\"\n";
        assert_eq!(pinned("poetry.lock", poetry), ["a 1 3:11", "b 2 6:11", "c no version 10:8"]);
        let pdm =
            "[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"b\"\nversion = \"2\"\npath = \"./b\"\n";
        assert_eq!(pinned("pdm.lock", pdm), ["a 1 3:11", "b no version 5:8"]);
        let pylock = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\n[[packages]]\nname = \"b\"\ndirectory = { path = \".\" }\n";
        assert_eq!(pinned("pylock.toml", pylock), ["a 1 4:11", "b no version 6:8"]);
        assert_eq!(pinned("pylock.dev.toml", pylock), ["a 1 4:11", "b no version 6:8"]);
        assert_eq!(pinned("pylock.a.b.toml", pylock), [""; 0]);
        let pipfile = "{\n  \"default\": {\n    \"a\": {\n      \"version\": \"==1\"\n    },\n    \"b\": { \"git\": \"x\" }\n  },\n  \"develop\": {}\n}\n";
        assert_eq!(pinned("Pipfile.lock", pipfile), ["a 1 4:18", "b no version 6:5"]);
    }

    #[test]
    fn a_broken_lock_pins_nothing() {
        for content in
            ["{", "[]", "[[package]]\nname = 1\n", "package = 3\n", "{\"default\": 3}", "{\"default\": {\"a\": 1}}"]
        {
            assert!(pinned("Pipfile.lock", content).iter().all(|it| it.contains("no version")));
            assert_eq!(pinned("uv.lock", content), [""; 0]);
        }
    }
}
