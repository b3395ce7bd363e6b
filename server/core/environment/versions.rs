//! Files that ask for a version of Python: `.python-version`, `.tool-versions`, `mise.toml`.
//!
//! In: the folders between a file and the boundary. Out: for each such file of the nearest folder with one, the Python that
//! its tool would start.
//!
//! **Invariant:** only a Python that is installed counts; one that a tool would first download is not there.

use camino::{Utf8Path, Utf8PathBuf};

use super::elsewhere::{Place, Said};
use super::sources::levels;
use super::{SourceKind, candidate, path_variable, pyenv, shims, tool_versions, uv};
use crate::documents::Documents;
use crate::system::System;

/// The nearest `.python-version`, and the versions that it asks for: any of them will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionFile {
    pub(crate) path: Utf8PathBuf,
    pub(crate) requests: Vec<String>,
}

/// Returns the `.python-version` that holds for a directory, as uv reads it or as pyenv does.
pub(crate) fn version_file(
    system: &dyn System,
    directory: &Utf8Path,
    boundary: &Utf8Path,
    by_uv: bool,
) -> Option<VersionFile> {
    let path = levels(directory, boundary).map(|it| it.join(".python-version")).find(|it| system.is_file(it))?;
    let requests = requests(system, &path, by_uv);
    Some(VersionFile { path, requests })
}

/// uv takes the first line that it understands; where there is none, the file is meant for pyenv.
fn requests(system: &dyn System, file: &Utf8Path, by_uv: bool) -> Vec<String> {
    let asked_of_uv = if by_uv { uv::read_version_file(system, file) } else { None };
    asked_of_uv.map_or_else(|| pyenv::read_version_file(system, file), |it| vec![it])
}

/// Returns what the version files of the nearest folder with one lead to, in order of rank.
pub(super) fn nearest<'p>(system: &dyn System, levels: impl Iterator<Item = &'p Utf8Path>) -> Vec<Said> {
    let mut levels = levels.map(|level| at(system, level));
    levels.find(|it| !it.is_empty()).unwrap_or_default()
}

fn at(system: &dyn System, level: &Utf8Path) -> Vec<Said> {
    let mut asked = Vec::new();
    let file = level.join(".python-version");
    if system.is_file(&file) {
        asked.push(python_version(system, level, &file));
    }
    let others = [tool_versions::wanted_by_tool_versions(system, level), tool_versions::wanted_by_mise(system, level)];
    asked.extend(others.into_iter().flatten().map(|wanted| installed_by_others(system, wanted)));
    asked
}

/// `.python-version` is pyenv's, and uv's: it answers from what they keep, then from `pythonX.Y` on `PATH` as uv does.
fn python_version(system: &dyn System, level: &Utf8Path, file: &Utf8Path) -> Said {
    let kind = SourceKind::PythonVersionFile;
    let is_managed = uv::manages(&Documents::new(system), level);
    let requests = requests(system, file, is_managed);
    let versions = pyenv::root(system).map(|it| it.join("versions"));
    for request in &requests {
        let detail = format!("{file} ({request})");
        if is_managed && request.contains('/') {
            let path = level.join(request);
            let place = if system.is_directory(&path) { Place::Folder(path) } else { Place::Interpreter(path) };
            return Said { kind, detail, place };
        }
        if let Some(link) = versions.as_ref().map(|it| it.join(request))
            && candidate::lies(system, &link)
            && (!system.is_directory(&link) || system.is_file(&link.join("pyvenv.cfg")))
        {
            return Said { kind, detail, place: Place::Folder(link) };
        }
        let by_path = || on_path(system, request, level);
        let by_pyenv = || candidate::installed(system, &pyenv::installed(system, versions.as_ref()?, request)?);
        let by_uv = || candidate::installed(system, &uv::installed(system, &uv::folder(system)?, request)?);
        // uv does not look into pyenv's folder; what is only there is still what was asked for.
        let found = if is_managed {
            by_uv().or_else(by_path).or_else(by_pyenv)
        } else {
            by_pyenv().or_else(by_uv).or_else(by_path)
        };
        if let Some(executable) = found {
            return Said { kind, detail, place: Place::Interpreter(executable) };
        }
    }
    let why = if requests.is_empty() {
        "names no version".to_owned()
    } else {
        format!("neither pyenv nor uv has `{}`", requests.join("`, `"))
    };
    Said { kind, detail: file.to_string(), place: Place::Nothing(why) }
}

fn installed_by_others(system: &dyn System, wanted: pyenv::Wanted) -> Said {
    let kind = SourceKind::ToolVersionsFile;
    let installs = tool_versions::installs(system);
    // Where neither has the version, another tool's is still what was asked for.
    let pyenvs = pyenv::root(system).map(|it| it.join("versions"));
    for version in &wanted.versions {
        if version == "system" {
            let place = Place::Nothing("asks for the system's Python".to_owned());
            return Said { kind, detail: wanted.said_by, place };
        }
        let plain = version.strip_prefix("prefix:").unwrap_or(version);
        let own = installs.iter().chain(&pyenvs).find_map(|it| pyenv::installed(system, it, plain));
        let folder = own.or_else(|| uv::installed(system, &uv::folder(system)?, plain));
        if let Some(executable) = folder.and_then(|it| candidate::installed(system, &it)) {
            return Said {
                kind,
                detail: format!("{} ({version})", wanted.said_by),
                place: Place::Interpreter(executable),
            };
        }
    }
    let why = format!("none of mise, asdf, pyenv and uv has `{}`", wanted.versions.join("`, `"));
    Said { kind, detail: wanted.said_by, place: Place::Nothing(why) }
}

/// Finds `python3.12` for the request `3.12`: several interpreters of the operating system stand side by side.
fn on_path(system: &dyn System, request: &str, level: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut parts = request.split('.');
    let is_minor =
        parts.clone().count() == 2 && parts.all(|it| !it.is_empty() && it.chars().all(|it| it.is_ascii_digit()));
    let commands = path_variable::commands(system, &format!("python{request}"));
    commands.into_iter().find(|it| is_minor && !shims::hands_on(system, it, level))
}
