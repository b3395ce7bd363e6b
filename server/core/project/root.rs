//! Which folder is the project that a file belongs to.
//!
//! In: a file or folder, and the boundary that no project of it lies above. Out: the project's root.
//!
//! **Invariant:** the nearest project counts, and of many files' folders each is looked at once.

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use super::lock::is_named_pylock;
use super::requirements_txt;
use crate::system::{Listing, System};

/// Manifests that make a folder a project of its own wherever it lies.
pub const PROJECT_FILES: [&str; 9] = [
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "pixi.toml",
    "fromwhere.toml",
];

/// Folders that mean a project where they are environments.
const ENVIRONMENTS: [&str; 3] = [".venv", "venv", "env"];

/// Manifests that may as well belong to a part of a project.
const WEAK: [&str; 3] = ["pyproject.toml", "environment.yml", "environment.yaml"];

/// Returns the folder of the project that a file belongs to: the nearest one, up to the boundary, with a manifest of a
/// project or an environment.
///
/// A lone `requirements.txt` or a `pyproject.toml` that only configures tools makes a project where nothing above it is
/// one: `docs/requirements.txt` does not cut `docs` off from the package it documents.
pub fn root_of(system: &dyn System, file_or_directory: &Utf8Path, boundary: &Utf8Path) -> Utf8PathBuf {
    Roots::new(system).root_of(file_or_directory, boundary)
}

/// Tells whether a folder is, or lies in, a Python's own library, known by the files that CPython looks for too: nobody's
/// project, whatever Python is in force.
pub fn is_in_a_library(system: &dyn System, folder: &Utf8Path) -> bool {
    let is_library =
        |it: &Utf8Path| system.is_file(&it.join("os.py")) && system.is_file(&it.join("encodings").join("__init__.py"));
    folder.ancestors().any(is_library)
}

/// The projects of many files, in one look at the world.
pub struct Roots<'s> {
    system: &'s dyn System,
    standings: FxHashMap<Box<str>, Standing>,
}

/// What a folder is by what lies in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Project,
    /// A project where nothing above it is one.
    Weak,
    Nothing,
}

impl<'s> Roots<'s> {
    pub fn new(system: &'s dyn System) -> Self {
        Roots { system, standings: FxHashMap::default() }
    }

    /// The same as [`root_of`].
    pub fn root_of(&mut self, file_or_directory: &Utf8Path, boundary: &Utf8Path) -> Utf8PathBuf {
        let mut weak = None;
        for directory in file_or_directory.ancestors().take_while(|it| it.starts_with(boundary)) {
            match self.standing(directory) {
                Standing::Project => return directory.to_owned(),
                Standing::Weak => weak = weak.or(Some(directory)),
                Standing::Nothing => {}
            }
        }
        weak.unwrap_or(boundary).to_owned()
    }

    fn standing(&mut self, directory: &Utf8Path) -> Standing {
        if let Some(known) = self.standings.get(directory.as_str()) {
            return *known;
        }
        let standing =
            self.system.list(directory).map_or(Standing::Nothing, |it| standing(self.system, directory, &it));
        self.standings.insert(directory.as_str().into(), standing);
        standing
    }
}

/// Tells whether something of that name in a folder can make it the root of a project.
pub fn can_make_a_root(name: &str) -> bool {
    PROJECT_FILES.contains(&name)
        || is_named_pylock(name)
        || ENVIRONMENTS.contains(&name)
        || WEAK.contains(&name)
        || requirements_txt::is_requirements_file(name)
}

fn standing(system: &dyn System, directory: &Utf8Path, listing: &Listing) -> Standing {
    if is_project(system, directory, listing) {
        return Standing::Project;
    }
    let is_weak = |name: &str| WEAK.contains(&name) || requirements_txt::is_requirements_file(name);
    if listing.iter().any(|(name, _)| is_weak(name)) { Standing::Weak } else { Standing::Nothing }
}

fn is_project(system: &dyn System, directory: &Utf8Path, listing: &Listing) -> bool {
    let holds_environment = || {
        let folders = ENVIRONMENTS.into_iter().filter(|name| listing.contains(name));
        folders
            .map(|name| directory.join(name))
            .any(|it| system.exists(&it.join("pyvenv.cfg")) || is_redirect(system, &it))
    };
    let declares_project = || {
        let text = system.read_text(&directory.join("pyproject.toml")).unwrap_or_default();
        let headers = ["[project]", "[build-system]", "[tool.poetry", "[tool.pdm", "[tool.uv", "[tool.fromwhere"];
        text.lines().any(|line| headers.iter().any(|header| line.trim_start().starts_with(header)))
    };
    PROJECT_FILES.iter().any(|name| listing.contains(name))
        || listing.starting_with("pylock.").any(|(name, _)| is_named_pylock(name))
        || listing.contains("pyproject.toml") && declares_project()
        || holds_environment()
}

/// PEP 832: a `.venv` that is a file names an environment elsewhere.
fn is_redirect(system: &dyn System, path: &Utf8Path) -> bool {
    path.file_name() == Some(".venv") && system.is_file(path)
}
