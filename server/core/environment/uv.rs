//! What uv keeps: its own Pythons, and the folder of a project's environment.
//!
//! In: uv's variables and folders. Out: the folder of a Python that a request such as `3.12` stands for.
//!
//! **Invariant:** read only; a Python that uv would download first is not there.

use camino::{Utf8Path, Utf8PathBuf};

use super::sources::levels;
use super::user_folders;
use crate::document::Document;
use crate::settings::matches_pattern;
use crate::system::System;

/// A uv project that a folder belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Project {
    /// The folder of its workspace, or its own where it is no member of one.
    In(Utf8PathBuf),
    /// `[tool.uv] managed = false`: it keeps its environment itself.
    Unmanaged,
    /// No file tells that uv is used.
    None,
}

/// Returns the folder of uv's Pythons: `UV_PYTHON_INSTALL_DIR`, or `uv/python` under the XDG data folder.
pub(super) fn folder(system: &dyn System) -> Option<Utf8PathBuf> {
    let named = user_folders::set(system, "UV_PYTHON_INSTALL_DIR").map(Utf8PathBuf::from);
    named.filter(|it| it.is_absolute()).or_else(|| Some(user_folders::data(system)?.join("uv/python")))
}

/// Tells whether the files of a folder show that uv is used there.
pub(super) fn manages(system: &dyn System, folder: &Utf8Path) -> bool {
    system.is_file(&folder.join("uv.lock"))
        || pyproject(system, folder).is_some_and(|it| it.at(&["tool", "uv"]).is_some())
}

/// Finds the uv project of the nearest folder with a `pyproject.toml`, and its workspace (uv's `Workspace::discover` and
/// `find_workspace`): the next `pyproject.toml` above, if that is a workspace's and takes it in.
pub(super) fn project<'p>(system: &dyn System, levels: impl Iterator<Item = &'p Utf8Path>) -> Project {
    let mut levels =
        levels.skip_while(|it| !["pyproject.toml", "uv.lock"].iter().any(|name| system.is_file(&it.join(name))));
    let Some(folder) = levels.next() else { return Project::None };
    let own = pyproject(system, folder);
    if own.as_ref().and_then(|it| it.boolean_at(&["tool", "uv", "managed"])) == Some(false) {
        return Project::Unmanaged;
    }
    let is_workspace = own.is_some_and(|it| it.at(&["tool", "uv", "workspace"]).is_some());
    let mut workspace = || {
        let above = levels.find(|it| system.is_file(&it.join("pyproject.toml")))?;
        takes_in(&pyproject(system, above)?, folder.strip_prefix(above).ok()?).then_some(above)
    };
    let root = if is_workspace { folder } else { workspace().unwrap_or(folder) };
    let is_used = manages(system, root) || manages(system, folder);
    if is_used { Project::In(root.to_owned()) } else { Project::None }
}

/// Returns the folder of the workspace that has the project in a directory as a member.
pub(crate) fn workspace_around(system: &dyn System, directory: &Utf8Path, boundary: &Utf8Path) -> Option<Utf8PathBuf> {
    let is_project = system.is_file(&directory.join("pyproject.toml"));
    match project(system, levels(directory, boundary).filter(|_| is_project)) {
        Project::In(root) if root != directory => Some(root),
        _ => None,
    }
}

fn pyproject(system: &dyn System, folder: &Utf8Path) -> Option<Document> {
    Document::read(system, &folder.join("pyproject.toml"), &mut Vec::new())
}

/// Tells whether a workspace has a member at a path; in uv's patterns `*` goes across slashes.
fn takes_in(workspace: &Document, member: &Utf8Path) -> bool {
    let matches = |key: &str| {
        let patterns = workspace.texts_at(&["tool", "uv", "workspace", key]);
        patterns.iter().any(|(pattern, _)| {
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            matches_pattern(&pattern.replace("**", "*").replace('*', "**"), member.as_str())
        })
    };
    matches("members") && !matches("exclude")
}

/// Returns the newest of uv's Pythons that a request such as `3.12`, `3.12.4`, `cpython@3.12` or `3.13t` stands for.
pub(super) fn installed(system: &dyn System, folder: &Utf8Path, request: &str) -> Option<Utf8PathBuf> {
    let (implementation, version) = match request.split_once(['@', '-']) {
        Some((implementation, rest)) => (implementation, rest.split('-').next().unwrap_or(rest)),
        None => request.split_at(request.find(|it: char| it.is_ascii_digit()).unwrap_or(request.len())),
    };
    let implementation = if matches!(implementation, "" | "python") { "cpython" } else { implementation };
    let (version, free_threaded) = match version.strip_suffix('t') {
        Some(version) => (version, true),
        None => (version, false),
    };
    // `pypy` alone stands for any of them.
    let parts = version.split('.').filter(|_| !version.is_empty());
    let wanted: Vec<u64> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let listing = system.list(folder).ok()?;
    let names = listing.starting_with(implementation).filter_map(|(name, _)| {
        let (found, variant) = version_of(name, implementation)?;
        let fits = found.starts_with(&wanted) && (variant == "freethreaded") == free_threaded;
        // `cpython-3.12-…` is a link to the newest patch release; the release itself is the plainer answer.
        (fits && variant != "debug").then_some((found, name))
    });
    let (_, name) = names.max()?;
    Some(folder.join(name))
}

/// Takes `cpython-3.12.4+freethreaded-linux-x86_64-gnu` apart.
fn version_of<'n>(name: &'n str, implementation: &str) -> Option<(Vec<u64>, &'n str)> {
    let rest = name.strip_prefix(implementation)?.strip_prefix('-')?;
    let version = rest.split('-').next()?;
    let (version, variant) = version.split_once('+').unwrap_or((version, ""));
    let numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    Some((numbers, variant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_request_means_the_newest_that_fits() {
        let mut system = MemorySystem::default();
        for version in ["3.12.4", "3.12.10", "3.13.1", "3.13.1+freethreaded", "3.14.0rc1"] {
            system.create_directory(format!("/uv/cpython-{version}-linux-x86_64-gnu"));
        }
        system.link("/uv/cpython-3.12-linux-x86_64-gnu", "cpython-3.12.10-linux-x86_64-gnu");
        let found = |request| installed(&system, "/uv".into(), request).map(|it| it.file_name().unwrap().to_owned());
        for request in ["3.12", "cpython@3.12", "cpython-3.12", "python3.12", "3.12.10"] {
            assert_eq!(found(request).as_deref(), Some("cpython-3.12.10-linux-x86_64-gnu"), "{request}");
        }
        assert_eq!(found("3.13t").as_deref(), Some("cpython-3.13.1+freethreaded-linux-x86_64-gnu"));
        assert_eq!(found("3.11"), None);
        assert_eq!(found("pypy"), None);
        system
            .create_directory("/uv/pypy-3.10.16-linux-x86_64-gnu")
            .create_directory("/uv/pypy-3.11.13-linux-x86_64-gnu");
        let found = |request| installed(&system, "/uv".into(), request).map(|it| it.file_name().unwrap().to_owned());
        for request in ["pypy", "pypy@3.11", "pypy-3.11", "pypy3.11", "pypy3", "pypy-3.11.13"] {
            assert_eq!(found(request).as_deref(), Some("pypy-3.11.13-linux-x86_64-gnu"), "{request}");
        }
        assert_eq!(found("3.12").as_deref(), Some("cpython-3.12.10-linux-x86_64-gnu"));
        assert_eq!(found("../x"), None);
    }
}
