//! PDM: the interpreter of `.pdm-python`, or an environment in PDM's own folder; or none at all, in its PEP 582 mode.
//!
//! In: a folder with a PDM project. Out: the environment that PDM would take for it. The rules are those of
//! `Project.resolve_interpreter`, `Project.get_environment` and `iter_venvs` in PDM's source.
//!
//! **Invariant:** a Python without an environment is never taken for the project's: PDM then keeps the packages in
//! `__pypackages__`, which no Python searches by itself (PEP 582 was rejected).

use camino::{Utf8Path, Utf8PathBuf};

use super::super::platform_dirs::PlatformDirs;
use super::super::{SourceKind, candidate, short_hash, user_folders};
use super::{Level, Place, Said, list, version_of};
use crate::document::Document;
use crate::settings::matches_pattern;

/// A path is no longer than this on Linux (`PATH_MAX`).
const LONGEST_PATH: u64 = 4096;

/// PDM's own folders (`pdm/project/config.py`).
const DIRS: PlatformDirs = PlatformDirs { app: "pdm", by_author: true, roaming: false };

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let files = [".pdm-python", "pdm.lock", "pdm.toml", ".pdm.toml"];
    let uses = files.iter().any(|it| level.has(it))
        || level.configures(&["tool", "pdm"])
        || level.is_built_by("pdm.")
        || level.has("__pypackages__");
    if !uses {
        return None;
    }
    if let Some(root) = workspace_of(level) {
        return find(&Level::new(level.system, &root, level.boundary));
    }
    let kind = SourceKind::Pdm;
    let configuration = Configuration::read(level);
    let uses_environments = configuration.boolean(&["python", "use_venv"], "PDM_USE_VENV").unwrap_or(true);
    if let Some((interpreter, said_by)) = saved(level) {
        let folder = folder_of(level, &interpreter).filter(|_| uses_environments);
        return Some(match folder {
            Some(folder) => Said::folder(kind, folder).because(&said_by),
            // One that is gone has no environment that could be seen; that it is gone is the news.
            None if !level.system.exists(&interpreter) => {
                Said { kind, detail: format!("{interpreter} ({said_by})"), place: Place::Interpreter(interpreter) }
            }
            None => Said::nothing(kind, format!("{interpreter} ({said_by})"), PACKAGES_OF_ITS_OWN),
        });
    }
    if !uses_environments {
        return Some(Said::nothing(kind, "python.use_venv is off", PACKAGES_OF_ITS_OWN));
    }
    let (folder, found) = made_for(level, &configuration.location()?);
    let fitting: Vec<_> = found.iter().filter(|it| fits(level, it)).collect();
    Some(match &*fitting {
        [only] => Said::folder(kind, (*only).clone()),
        [] if level.has("__pypackages__") => {
            Said::nothing(kind, level.directory.join("__pypackages__"), PACKAGES_OF_ITS_OWN)
        }
        [] if !found.is_empty() => Said::nothing(kind, folder, "none there is allowed by requires-python"),
        [] => Said::nothing(kind, folder, "no such directory"),
        several => {
            let names: Vec<&str> = several.iter().filter_map(|it| it.file_name()).collect();
            let why = format!("there are {}; PDM takes the first that it happens to see", list(&names));
            Said::nothing(kind, folder, why)
        }
    })
}

const PACKAGES_OF_ITS_OWN: &str = "PEP 582: packages are in `__pypackages__`, where only `pdm run` looks";

/// Returns the interpreter that PDM wrote down, and where: `PDM_PYTHON`, `.pdm-python`, or the `.pdm.toml` of before.
fn saved(level: &Level<'_>) -> Option<(Utf8PathBuf, String)> {
    if user_folders::set(level.system, "PDM_IGNORE_SAVED_PYTHON").is_some_and(|it| as_boolean(&it)) {
        return None;
    }
    let interpreter = |text: &str| level.system.platform().path_from(level.directory, text.trim());
    if let Some(path) = user_folders::set(level.system, "PDM_PYTHON") {
        return Some((interpreter(&path), "PDM_PYTHON".to_owned()));
    }
    if level.has(".pdm-python") {
        let text = level.system.read(&level.directory.join(".pdm-python"), LONGEST_PATH).unwrap_or_default();
        let text = String::from_utf8(text).unwrap_or_default();
        return (!text.trim().is_empty()).then(|| (interpreter(&text), ".pdm-python".to_owned()));
    }
    let before = level.document(".pdm.toml")?;
    let (path, _) = before.text_at(&["python", "path"])?;
    Some((interpreter(path), ".pdm.toml".to_owned()))
}

/// Returns the environment's folder that an interpreter lies in (`get_venv_like_prefix`).
fn folder_of(level: &Level<'_>, interpreter: &Utf8Path) -> Option<Utf8PathBuf> {
    let bin = interpreter.parent()?;
    let folder = bin.parent()?;
    if level.system.exists(&bin.join("conda-meta")) {
        return Some(bin.to_owned());
    }
    let marks = ["pyvenv.cfg", "conda-meta"].map(|it| folder.join(it));
    marks.iter().any(|it| level.system.exists(it)).then(|| folder.to_owned())
}

/// Returns the environments that PDM made for the project in its own folder, and what they are called.
fn made_for(level: &Level<'_>, location: &Utf8Path) -> (Utf8PathBuf, Vec<Utf8PathBuf>) {
    let directory = level.real_directory();
    // `Path.as_posix`
    let hash = short_hash::md5(&level.system.platform().with_slashes(directory.as_str()));
    let prefix = format!("{}-{hash}-", directory.file_name().unwrap_or_default());
    let listing = level.system.list(location).unwrap_or_default();
    let found = listing.starting_with(&prefix).map(|(name, _)| location.join(name));
    let is_there = |it: &Utf8PathBuf| candidate::lies(level.system, &candidate::usual_interpreter(level.system, it));
    let found = found.filter(is_there).collect();
    (location.join(format!("{prefix}*")), found)
}

fn fits(level: &Level<'_>, environment: &Utf8Path) -> bool {
    version_of(level.system, environment).is_none_or(|version| level.allows(&version))
}

/// Returns the workspace that a project is a member of: its environment is the workspace's (`Project.environment`).
fn workspace_of(level: &Level<'_>) -> Option<Utf8PathBuf> {
    level.pyproject.as_ref()?;
    let parents = level.directory.ancestors().skip(1).take_while(|it| it.starts_with(level.boundary));
    let mut workspaces = parents.filter_map(|parent| {
        let document = Document::read(level.system, &parent.join("pyproject.toml"), &mut Vec::new())?;
        let relative = level.directory.strip_prefix(parent).ok()?;
        let members = document.texts_at(&["tool", "pdm", "workspace", "members"]);
        let is_member = members
            .iter()
            .any(|(it, _)| matches_pattern(it.trim_start_matches("./").trim_end_matches('/'), relative.as_str()));
        is_member.then(|| parent.to_owned())
    });
    workspaces.next()
}

/// What PDM is told: by variables, the project's `pdm.toml`, the user's `config.toml`, the machine's.
struct Configuration<'l> {
    level: &'l Level<'l>,
    documents: Vec<Document>,
}

impl<'l> Configuration<'l> {
    fn read(level: &'l Level<'l>) -> Self {
        let system = level.system;
        let named = user_folders::set(system, "PDM_CONFIG_FILE").map(|it| system.working_directory().join(it));
        let own = named.or_else(|| Some(DIRS.config(system)?.join("config.toml")));
        let of_the_machine = DIRS.config_of_the_machine(system).join("config.toml");
        let outside = own.into_iter().chain([of_the_machine]);
        let outside = outside.filter_map(|it| Document::read(system, &it, &mut Vec::new()));
        let inside = ["pdm.toml", ".pdm.toml"].into_iter().filter_map(|it| level.document(it));
        Configuration { level, documents: inside.chain(outside).collect() }
    }

    /// `venv.location`, or `venvs` in PDM's data folder.
    fn location(&self) -> Option<Utf8PathBuf> {
        let named = self.documents.iter().find_map(|it| it.text_at(&["venv", "location"]));
        match named {
            Some((text, _)) => {
                let system = self.level.system;
                Some(system.platform().path_from(self.level.directory, &candidate::expand_home(system, text)))
            }
            None => Some(DIRS.data(self.level.system)?.join("venvs")),
        }
    }

    fn boolean(&self, keys: &[&str], variable: &str) -> Option<bool> {
        let said = self.level.system.variable(variable).map(|it| as_boolean(&it));
        said.or_else(|| self.documents.iter().find_map(|it| it.boolean_at(keys)))
    }
}

/// `ensure_boolean`.
fn as_boolean(text: &str) -> bool {
    !matches!(&*text.to_lowercase(), "" | "false" | "no" | "0")
}
