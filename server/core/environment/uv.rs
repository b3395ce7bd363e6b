//! What uv keeps: its own Pythons, and the folder of a project's environment.
//!
//! In: uv's variables and folders. Out: the folder of a Python that a request such as `3.12` stands for.
//!
//! **Invariant:** read only; a Python that uv would download first is not there.

use std::rc::Rc;
use std::str::FromStr as _;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::{Version, VersionSpecifiers};

use super::sources::levels;
use super::user_folders;
use crate::document::Document;
use crate::documents::Documents;
use crate::settings::matches_pattern;
use crate::system::{Platform, System};

/// A version file that is larger was not written by a person.
const LARGEST_VERSION_FILE: u64 = 64 * 1024;

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

/// Returns the folder of uv's Pythons: `UV_PYTHON_INSTALL_DIR`, or `uv/python` under the XDG data folder and under `%APPDATA%`;
/// a folder that earlier versions made on Windows and macOS goes on counting (`StateStore::from_settings`).
pub(super) fn folder(system: &dyn System) -> Option<Utf8PathBuf> {
    if let Some(named) = user_folders::absolute(system, "UV_PYTHON_INSTALL_DIR") {
        return Some(named);
    }
    let (before, data) = match system.platform() {
        Platform::Windows => {
            let folder = user_folders::roaming(system)?.join("uv");
            (Some(folder.join("data")), folder)
        }
        Platform::MacOs => {
            let before = user_folders::library(system)?.join("Application Support/uv");
            (Some(before), user_folders::data(system)?.join("uv"))
        }
        Platform::Linux => (None, user_folders::data(system)?.join("uv")),
    };
    Some(before.filter(|it| system.is_directory(it)).unwrap_or(data).join("python"))
}

/// Returns uv's cache where nothing names one: `uv` under the XDG cache folder, `uv\cache` under `%LOCALAPPDATA%`; with the same
/// respect for what was before (`Cache::from_settings`).
pub(super) fn cache(system: &dyn System) -> Option<Utf8PathBuf> {
    match system.platform() {
        Platform::Windows => Some(user_folders::local(system)?.join("uv/cache")),
        Platform::MacOs => {
            let before = user_folders::library(system)?.join("Caches/uv");
            Some(if system.is_directory(&before) { before } else { user_folders::cache(system)?.join("uv") })
        }
        Platform::Linux => Some(user_folders::cache(system)?.join("uv")),
    }
}

/// Returns the user's own settings of uv.
pub(super) fn user_settings(system: &dyn System) -> Option<Utf8PathBuf> {
    let folder =
        if system.platform().is_windows() { user_folders::roaming(system) } else { user_folders::config(system) };
    Some(folder?.join("uv/uv.toml"))
}

/// Tells whether the files of a folder show that uv is used there.
pub(super) fn manages(documents: &Documents<'_>, folder: &Utf8Path) -> bool {
    documents.system().is_file(&folder.join("uv.lock"))
        || pyproject(documents, folder).is_some_and(|it| it.at(&["tool", "uv"]).is_some())
}

/// Finds the uv project of the nearest folder with a `pyproject.toml`, and its workspace (uv's `Workspace::discover` and
/// `find_workspace`): the next `pyproject.toml` above, if that is a workspace's and takes it in.
pub(super) fn project<'p>(documents: &Documents<'_>, levels: impl Iterator<Item = &'p Utf8Path>) -> Project {
    let system = documents.system();
    let mut levels =
        levels.skip_while(|it| !["pyproject.toml", "uv.lock"].iter().any(|name| system.is_file(&it.join(name))));
    let Some(folder) = levels.next() else { return Project::None };
    let own = pyproject(documents, folder);
    if own.as_ref().and_then(|it| it.boolean_at(&["tool", "uv", "managed"])) == Some(false) {
        return Project::Unmanaged;
    }
    let is_workspace = own.is_some_and(|it| it.at(&["tool", "uv", "workspace"]).is_some());
    let mut workspace = || {
        let above = levels.find(|it| system.is_file(&it.join("pyproject.toml")))?;
        takes_in(&*pyproject(documents, above)?, folder.strip_prefix(above).ok()?).then_some(above)
    };
    let root = if is_workspace { folder } else { workspace().unwrap_or(folder) };
    let is_used = manages(documents, root) || manages(documents, folder);
    if is_used { Project::In(root.to_owned()) } else { Project::None }
}

/// Returns the folder of the workspace that has the project in a directory as a member.
pub(crate) fn workspace_around(
    documents: &Documents<'_>,
    directory: &Utf8Path,
    boundary: &Utf8Path,
) -> Option<Utf8PathBuf> {
    let is_project = documents.system().is_file(&directory.join("pyproject.toml"));
    match project(documents, levels(directory, boundary).filter(|_| is_project)) {
        Project::In(root) if root != directory => Some(root),
        _ => None,
    }
}

fn pyproject(documents: &Documents<'_>, folder: &Utf8Path) -> Option<Rc<Document>> {
    documents.read(&folder.join("pyproject.toml"), &mut Vec::new())
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

/// Reads what uv takes of a `.python-version`: the first line that is a request, a version or the path of a Python. What else
/// is there it passes over with a warning (`PythonVersionFile::try_from_path`, `PythonRequest::parse`).
pub(super) fn read_version_file(system: &dyn System, file: &Utf8Path) -> Option<String> {
    let text = String::from_utf8(system.read(file, LARGEST_VERSION_FILE).ok()?).ok()?;
    let mut lines = text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    let is_version = |it: &str| Request::read(it).is_some_and(|it| IMPLEMENTATIONS.contains(&it.implementation));
    lines.find(|it| !it.contains('\0') && (it.contains('/') || is_version(it))).map(str::to_owned)
}

/// Returns the newest of uv's Pythons that a request such as `3.12`, `312`, `cpython@3.12`, `3.13t` or `>=3.11,<3.13` stands
/// for; one before its release only where there is no other (`PythonRequest`, `VersionRequest`).
pub(super) fn installed(system: &dyn System, folder: &Utf8Path, request: &str) -> Option<Utf8PathBuf> {
    let request = Request::read(request)?;
    let listing = system.list(folder).ok()?;
    let names = listing.starting_with(request.implementation).filter_map(|(name, _)| {
        let (found, is_final, variant) = version_of(name, request.implementation)?;
        let fits = request.versions.take_in(&found) && (variant == "freethreaded") == request.free_threaded;
        // `cpython-3.12-…` is a link to the newest patch release; the release itself is the plainer answer.
        (fits && variant != "debug").then_some((is_final, found, name))
    });
    let (_, _, name) = names.max()?;
    Some(folder.join(name))
}

/// The names that uv knows (`ImplementationName`).
const IMPLEMENTATIONS: [&str; 4] = ["cpython", "pypy", "graalpy", "pyodide"];

/// What a request says.
struct Request<'r> {
    implementation: &'r str,
    versions: Wanted,
    free_threaded: bool,
}

enum Wanted {
    /// The first numbers of the version; none for any of them.
    Numbers(Vec<u64>),
    Specifiers(VersionSpecifiers),
}

impl<'r> Request<'r> {
    fn read(request: &'r str) -> Option<Self> {
        let begins_version = |it: char| it.is_ascii_digit() || matches!(it, '<' | '>' | '=' | '~' | '!');
        let (implementation, version) = match request.split_once('@') {
            Some(parts) => parts,
            None if matches!(request, "any" | "default") => ("", ""),
            None => match request.split_once('-') {
                Some((implementation, rest)) => (implementation, rest.split('-').next().unwrap_or(rest)),
                None => request.split_at(request.find(begins_version).unwrap_or(request.len())),
            },
        };
        let implementation = match implementation {
            "" | "python" | "cp" => "cpython",
            "pp" => "pypy",
            other => other,
        };
        let marked = version.strip_suffix("+freethreaded").or_else(|| version.strip_suffix('t'));
        let (version, free_threaded) = (marked.unwrap_or(version), marked.is_some());
        let versions = if version.starts_with(|it: char| begins_version(it) && !it.is_ascii_digit()) {
            Wanted::Specifiers(VersionSpecifiers::from_str(version).ok()?)
        } else {
            // `312` is written as in the name of a wheel; `pypy` alone stands for any of them.
            let is_compact = version.len() > 1 && version.bytes().all(|it| it.is_ascii_digit());
            let parts = match version.split_at_checked(1) {
                None => Vec::new(),
                Some((major, minor)) if is_compact => vec![major, minor],
                Some(_) => version.split('.').collect(),
            };
            Wanted::Numbers(parts.into_iter().map(|part| part.parse().ok()).collect::<Option<_>>()?)
        };
        Some(Request { implementation, versions, free_threaded })
    }
}

impl Wanted {
    fn take_in(&self, version: &[u64]) -> bool {
        match self {
            Wanted::Numbers(numbers) => version.starts_with(numbers),
            Wanted::Specifiers(list) => list.contains(&Version::new(version)),
        }
    }
}

/// Takes `cpython-3.12.4+freethreaded-linux-x86_64-gnu` apart: the numbers, whether it is a release, the variant.
fn version_of<'n>(name: &'n str, implementation: &str) -> Option<(Vec<u64>, bool, &'n str)> {
    let rest = name.strip_prefix(implementation)?.strip_prefix('-')?;
    let version = rest.split('-').next()?;
    let (version, variant) = version.split_once('+').unwrap_or((version, ""));
    let numbers =
        version.find(|it: char| it.is_ascii_alphabetic()).map_or(version, |at| version.get(..at).unwrap_or(version));
    let is_final = numbers == version;
    let numbers = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    Some((numbers, is_final, variant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn of_a_version_file_uv_takes_the_first_line_that_it_understands() {
        let mut system = MemorySystem::default();
        for (text, expected) in [
            ("3.12\n3.11\n", Some("3.12")),
            ("# ours\n\n  3.11-dev\nmy-environment\n >=3.11, <3.13 \n", Some(">=3.11, <3.13")),
            ("3.12.4:3.12.1\n", None),
            ("3.12 trailing\n", None),
            ("system\n", None),
            ("/usr/bin/python3\n", Some("/usr/bin/python3")),
            ("../python/bin\n", Some("../python/bin")),
            ("", None),
        ] {
            system.write("/p/.python-version", text);
            assert_eq!(read_version_file(&system, "/p/.python-version".into()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_earlier_versions_made_goes_on_counting() {
        let mut windows = MemorySystem::of(Platform::Windows);
        windows.set_variable("USERPROFILE", r"C:\Users\u");
        assert_eq!(folder(&windows).unwrap(), "C:/Users/u/AppData/Roaming/uv/python");
        assert_eq!(cache(&windows).unwrap(), "C:/Users/u/AppData/Local/uv/cache");
        assert_eq!(user_settings(&windows).unwrap(), "C:/Users/u/AppData/Roaming/uv/uv.toml");
        windows.create_directory("C:/Users/u/AppData/Roaming/uv/data");
        assert_eq!(folder(&windows).unwrap(), "C:/Users/u/AppData/Roaming/uv/data/python");
        windows.set_variable("UV_PYTHON_INSTALL_DIR", r"D:\Pythons");
        assert_eq!(folder(&windows).unwrap(), "D:/Pythons");
        let mut mac = MemorySystem::of(Platform::MacOs);
        mac.set_variable("HOME", "/Users/u");
        assert_eq!(folder(&mac).unwrap(), "/Users/u/.local/share/uv/python");
        assert_eq!(cache(&mac).unwrap(), "/Users/u/.cache/uv");
        mac.create_directory("/Users/u/Library/Application Support/uv").create_directory("/Users/u/Library/Caches/uv");
        assert_eq!(folder(&mac).unwrap(), "/Users/u/Library/Application Support/uv/python");
        assert_eq!(cache(&mac).unwrap(), "/Users/u/Library/Caches/uv");
    }

    #[test]
    fn a_request_means_the_newest_that_fits() {
        let mut system = MemorySystem::default();
        for version in ["3.12.4", "3.12.10", "3.13.1", "3.13.1+freethreaded", "3.14.0rc1"] {
            system.create_directory(format!("/uv/cpython-{version}-linux-x86_64-gnu"));
        }
        system.link("/uv/cpython-3.12-linux-x86_64-gnu", "cpython-3.12.10-linux-x86_64-gnu");
        let found = |request| installed(&system, "/uv".into(), request).map(|it| it.file_name().unwrap().to_owned());
        for request in [
            "3.12",
            "cpython@3.12",
            "cpython-3.12",
            "python3.12",
            "3.12.10",
            "312",
            "cp312",
            "cpython312",
            "==3.12.*",
            ">=3.11,<3.13",
            "cpython@~=3.12.1",
        ] {
            assert_eq!(found(request).as_deref(), Some("cpython-3.12.10-linux-x86_64-gnu"), "{request}");
        }
        assert_eq!(found("3.13t").as_deref(), Some("cpython-3.13.1+freethreaded-linux-x86_64-gnu"));
        assert_eq!(found("3.13+freethreaded"), found("3.13t"));
        for request in ["any", "default", "cpython", "3", ">=3.12"] {
            assert_eq!(found(request).as_deref(), Some("cpython-3.13.1-linux-x86_64-gnu"), "{request}");
        }
        assert_eq!(found("3.14").as_deref(), Some("cpython-3.14.0rc1-linux-x86_64-gnu"));
        for request in ["3.11", "3.x", "3.", ".3", "py3.12", "<3.12"] {
            assert_eq!(found(request), None, "{request}");
        }
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
