//! The environments that a project's tools keep: Poetry's, Pipenv's, PDM's and so on, mostly outside the project.
//!
//! In: one folder between the file and the workspace's boundary. Out: what each tool that is used there says of its
//! environment, in the words of its own files.
//!
//! **Invariant:** a tool that the folder does not use says nothing; one that it uses always says something.

use std::str::FromStr;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use super::candidate::{self, Candidate};
use super::{SourceKind, path_variable, shims};
use crate::document::Document;
use crate::interpreter::{self, Flags};
use crate::project::Versions;
use crate::system::{Listing, System};

mod conda;
mod direnv;
mod hatch;
mod mise;
mod pdm;
mod pipenv;
mod pixi;
mod poetry;
mod virtualenvwrapper;

pub(super) use pipenv::named as named_by_pipenv;

/// The tools, in order of rank where one folder shows several.
const TOOLS: [fn(&Level<'_>) -> Option<Said>; 9] = [
    poetry::find,
    pipenv::find,
    pdm::find,
    hatch::find,
    pixi::find,
    conda::find,
    mise::find,
    direnv::find,
    virtualenvwrapper::find,
];

/// What one tool says of its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: SourceKind,
    /// Where it is, or was looked for.
    pub(super) detail: String,
    pub(super) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The folder of an environment; whether it is one has still to be seen.
    Folder(Utf8PathBuf),
    /// An interpreter that belongs to no environment's folder.
    Interpreter(Utf8PathBuf),
    /// There is none, or which one it is cannot be known from files; why, for people.
    Nothing(String),
}

/// Returns what the tools that are used in a folder say, in order of rank.
pub(super) fn at(system: &dyn System, directory: &Utf8Path, boundary: &Utf8Path) -> Vec<Said> {
    let level = Level::new(system, directory, boundary);
    TOOLS.iter().filter_map(|find| find(&level)).collect()
}

impl Said {
    fn folder(kind: SourceKind, folder: Utf8PathBuf) -> Self {
        Said { kind, detail: folder.to_string(), place: Place::Folder(folder) }
    }

    fn nothing(kind: SourceKind, detail: impl Into<String>, why: impl Into<String>) -> Self {
        Said { kind, detail: detail.into(), place: Place::Nothing(why.into()) }
    }

    /// Adds to the detail what made the tool take this one.
    fn because(mut self, why: &str) -> Self {
        self.detail = format!("{} ({why})", self.detail);
        self
    }
}

/// One folder between the file and the boundary, with what every tool asks of it.
struct Level<'a> {
    system: &'a dyn System,
    directory: &'a Utf8Path,
    /// The workspace's folder; nothing above it is looked at.
    boundary: &'a Utf8Path,
    listing: Arc<Listing>,
    pyproject: Option<Document>,
}

impl<'a> Level<'a> {
    fn new(system: &'a dyn System, directory: &'a Utf8Path, boundary: &'a Utf8Path) -> Self {
        let listing = system.list(directory).unwrap_or_default();
        let mut level = Level { system, directory, boundary, listing, pyproject: None };
        level.pyproject = level.document("pyproject.toml");
        level
    }

    fn has(&self, name: &str) -> bool {
        self.listing.contains(name)
    }

    /// Reads a TOML file of the folder; what is wrong with a manifest is said by those who read the project.
    fn document(&self, name: &str) -> Option<Document> {
        self.has(name).then(|| Document::read(self.system, &self.directory.join(name), &mut Vec::new())).flatten()
    }

    /// Tells whether `pyproject.toml` has a table of a tool, in a project that no lock gives to uv.
    fn configures(&self, keys: &[&str]) -> bool {
        !self.has("uv.lock") && self.pyproject.as_ref().is_some_and(|it| it.at(keys).is_some())
    }

    /// Tells the same of the build backend, the weakest sign: it says who builds, not who installs.
    fn is_built_by(&self, backend: &str) -> bool {
        let locks = ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"];
        !locks.iter().any(|it| self.has(it))
            && self.text(&["build-system", "build-backend"]).is_some_and(|it| it.starts_with(backend))
    }

    fn text(&self, keys: &[&str]) -> Option<&str> {
        Some(self.pyproject.as_ref()?.text_at(keys)?.0)
    }

    /// The folder as tools name it, who ask the operating system where they are: with every link resolved.
    fn real_directory(&self) -> Utf8PathBuf {
        self.system.canonical(self.directory).unwrap_or_else(|_| self.directory.to_owned())
    }

    /// Tells whether `requires-python` lets a version in; one that cannot be read lets all in.
    fn allows(&self, version: &str) -> bool {
        let versions = self.text(&["project", "requires-python"]).and_then(|it| Versions::from_str(it).ok());
        let version = Version::from_str(version).ok();
        versions.zip(version).is_none_or(|(versions, version)| versions.contains(&version))
    }
}

/// Returns the version that an environment was made with, as its `pyvenv.cfg` has it: `3.11.2`.
fn version_of(system: &dyn System, folder: &Utf8Path) -> Option<String> {
    let pyvenv = interpreter::read_pyvenv(system, &folder.join("pyvenv.cfg"))?;
    let value = &pyvenv.get("version_info").or_else(|| pyvenv.get("version"))?.value;
    let end =
        value.match_indices(|it: char| !it.is_ascii_digit() && it != '.').next().map_or(value.len(), |(at, _)| at);
    Some(value.get(..end)?.trim_end_matches('.').to_owned()).filter(|it| !it.is_empty())
}

/// Returns the minor version of the Python that a shell would start under a name in a directory: `3.11`.
fn minor_on_path(system: &dyn System, name: &str, directory: &Utf8Path) -> Option<String> {
    let mut executable = path_variable::commands(system, name).into_iter().next()?;
    if shims::is_shim(system, &executable) {
        let shims::Target::Interpreter { executable: target, .. } = shims::target(system, &executable, directory)
        else {
            return None;
        };
        executable = target;
    }
    let candidate = Candidate { executable, folder: None };
    candidate::check(system, &candidate).ok()?;
    let (interpreter, _) = interpreter::interpret(system, &candidate.executable, Flags::default());
    let version = interpreter?.version;
    Some(format!("{}.{}", version.major, version.minor))
}

/// Says several things one after the other, the first few of them.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let shown: Vec<String> = names.iter().take(SHOWN).map(|it| format!("`{it}`")).collect();
    format!("{}{more}", shown.join(", "))
}
