//! Poetry: environments named after the project and a hash of its folder, in a folder of Poetry's own.
//!
//! In: a folder with a Poetry project. Out: the environment that Poetry would take for it. The rules are those of
//! `EnvManager.get`, `EnvManager.generate_env_name` and `Config.get` in Poetry's source.
//!
//! **Invariant:** where several minor versions stand side by side, the one that Poetry itself takes, or none.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::candidate::{self, expand_home};
use super::super::platform_dirs::PlatformDirs;
use super::super::{SourceKind, short_hash, user_folders};
use super::{Level, Said, list, minor_on_path};
use crate::document::Document;
use crate::project::normalize_name;

/// What Poetry leaves of a name: Linux takes no longer path in a shebang (`generate_env_name`).
const LONGEST_NAME: usize = 42;

/// Poetry's own folders (`poetry/locations.py`).
const DIRS: PlatformDirs = PlatformDirs { app: "pypoetry", by_author: false, roaming: true };

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let uses = level.has("poetry.lock")
        || level.has("poetry.toml")
        || level.configures(&["tool", "poetry"])
        || level.is_built_by("poetry.");
    if !uses || level.pyproject.is_none() {
        return None;
    }
    let kind = SourceKind::Poetry;
    let configuration = Configuration::read(level);
    if configuration.boolean(&["virtualenvs", "create"]) == Some(false) {
        return Some(Said::nothing(kind, "virtualenvs.create", "is off: Poetry installs into the Python it runs on"));
    }
    let name = environment_name(level);
    let Some(folder) = configuration.virtualenvs() else {
        return Some(Said::nothing(kind, format!("{name}-py*"), "there is no home directory to look in"));
    };
    // `poetry env use` writes down what it took.
    let chosen = Document::read(level.system, &folder.join("envs.toml"), &mut Vec::new());
    let chosen = chosen.as_ref().and_then(|it| it.text_at(&[&name, "minor"])).map(|(minor, _)| minor.trim());
    if let Some(minor) = chosen.filter(|it| is_minor(it)) {
        let environment = folder.join(format!("{name}-py{minor}"));
        if candidate::lies(level.system, &environment) {
            return Some(Said::folder(kind, environment).because("chosen in envs.toml"));
        }
    }
    let minors = minors(level, &folder, &name);
    let environment = |minor: &str| Said::folder(kind, folder.join(format!("{name}-py{minor}")));
    let detail = folder.join(format!("{name}-py*"));
    Some(match &*minors {
        [] => Said::nothing(kind, detail, "no such directory"),
        [only] => environment(only),
        several => {
            // Poetry 2 goes by the Python of the shell it is started from, unless it is told to go by its own.
            let own = configuration.boolean(&["virtualenvs", "use-poetry-python"]) == Some(true);
            let on_path = if own { None } else { minor_on_path(level.system, "python", level.directory) };
            if let Some(minor) = on_path.filter(|it| several.contains(it)) {
                environment(&minor).because("the version of `python` on PATH")
            } else {
                let names: Vec<&str> = several.iter().map(String::as_str).collect();
                let why = format!("there are {}; which one Poetry would take is not known", list(&names));
                Said::nothing(kind, detail, why)
            }
        }
    })
}

/// Returns the name of the project's environments without the version: `app-zrSR0Z2A`.
fn environment_name(level: &Level<'_>) -> String {
    let named = level.text(&["project", "name"]).or_else(|| level.text(&["tool", "poetry", "name"]));
    let name = named.map_or_else(|| "non-package-mode".to_owned(), normalize_name);
    let harmless = |it: char| if " $`!*@\"\\\r\n\t".contains(it) { '_' } else { it };
    let name: String = name.chars().map(harmless).take(LONGEST_NAME).collect();
    // `os.path.normcase`
    let folder = level.system.platform().folded(level.real_directory().as_str());
    format!("{name}-{}", short_hash::sha256(&folder))
}

/// Returns the versions that the project has an environment for.
fn minors(level: &Level<'_>, folder: &Utf8Path, name: &str) -> Vec<String> {
    let Ok(listing) = level.system.list(folder) else { return Vec::new() };
    let prefix = format!("{name}-py");
    let minors = listing.starting_with(&prefix).filter_map(|(name, _)| name.strip_prefix(&*prefix));
    minors.filter(|it| is_minor(it)).map(str::to_owned).collect()
}

fn is_minor(text: &str) -> bool {
    text.contains('.') && text.chars().all(|it| it.is_ascii_digit() || it == '.')
}

/// What Poetry is told: by variables, then by the project's `poetry.toml`, then by the user's `config.toml`.
struct Configuration<'l> {
    level: &'l Level<'l>,
    documents: Vec<Document>,
}

impl<'l> Configuration<'l> {
    fn read(level: &'l Level<'l>) -> Self {
        let system = level.system;
        let own = user_folders::set(system, "POETRY_CONFIG_DIR").map(Utf8PathBuf::from);
        let own = own.or_else(|| DIRS.config(system));
        let own = own.and_then(|it| Document::read(system, &it.join("config.toml"), &mut Vec::new()));
        Configuration { level, documents: level.document("poetry.toml").into_iter().chain(own).collect() }
    }

    /// The folder of all environments: `virtualenvs.path`, or `virtualenvs` in the cache.
    fn virtualenvs(&self) -> Option<Utf8PathBuf> {
        let cache = || {
            let named = self.text(&["cache-dir"]).map(Utf8PathBuf::from);
            named.or_else(|| DIRS.cache(self.level.system))
        };
        let path = match self.text(&["virtualenvs", "path"]) {
            Some(path) if path.contains("{cache-dir}") => path.replace("{cache-dir}", cache()?.as_str()),
            Some(path) => path,
            None => cache()?.join("virtualenvs").into_string(),
        };
        let system = self.level.system;
        Some(system.platform().path_from(self.level.directory, &expand_home(system, &path)))
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        let written = || self.documents.iter().find_map(|it| it.text_at(keys)).map(|(text, _)| text.to_owned());
        self.variable(keys).or_else(written)
    }

    fn boolean(&self, keys: &[&str]) -> Option<bool> {
        let said = self.variable(keys).map(|it| matches!(&*it.to_lowercase(), "true" | "1"));
        said.or_else(|| self.documents.iter().find_map(|it| it.boolean_at(keys)))
    }

    /// `virtualenvs.path` is `POETRY_VIRTUALENVS_PATH`.
    fn variable(&self, keys: &[&str]) -> Option<String> {
        self.level.system.variable(&format!("POETRY_{}", keys.join("_").replace('-', "_").to_uppercase()))
    }
}
