//! Hatch: environments in its data folder, by the project's name, a hash of its folder, and their own name.
//!
//! In: a folder with a Hatch project. Out: the environment that Hatch works in there. The rules are those of
//! `VirtualEnvironment.__init__`, `Application.get_env_directory` and `RootConfig` in Hatch's source.
//!
//! **Invariant:** where only a plugin or a matrix decides, nothing is guessed.

use camino::Utf8PathBuf;

use super::super::platform_dirs::PlatformDirs;
use super::super::{SourceKind, candidate, short_hash, user_folders};
use super::{Level, Said, list};
use crate::document::{Document, Entry, Node};
use crate::project::{normalize_name, normalize_path};
use crate::system::Kind;

/// Hatch's own folders (`hatch/config/model.py` and `user.py`).
const DIRS: PlatformDirs = PlatformDirs { app: "hatch", by_author: false, roaming: false };

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let uses = level.has("hatch.toml") || level.configures(&["tool", "hatch", "envs"]);
    // Many projects are built by Hatch's backend and never see Hatch: those count only where it made something.
    if !uses && !level.is_built_by("hatchling") {
        return None;
    }
    let said = environment(level);
    let exists = matches!(&said.place, super::Place::Folder(folder) if candidate::lies(level.system, folder));
    (uses || exists).then_some(said)
}

fn environment(level: &Level<'_>) -> Said {
    let kind = SourceKind::Hatch;
    let configuration = level.document("hatch.toml").filter(|it| it.at(&["envs"]).is_some());
    let environments = match &configuration {
        Some(own) => own.table_at(&["envs"]),
        None => level.pyproject.as_ref().map_or(&[][..], |it| it.table_at(&["tool", "hatch", "envs"])),
    };
    let asked = ["HATCH_ENV", "HATCH_ENV_ACTIVE"].into_iter().find_map(|it| user_folders::set(level.system, it));
    let name = asked.unwrap_or_else(|| "default".to_owned());
    let detail = format!("the environment `{name}`");
    let option = |key: &str| option(environments, &name, key);
    let of_type = option("type").and_then(Node::text).unwrap_or("virtual");
    if of_type != "virtual" {
        return Said::nothing(kind, detail, format!("is of the type `{of_type}`, which a plugin makes"));
    }
    if own_option(environments, &name, "matrix").is_some() {
        return Said::nothing(kind, detail, "is a matrix of several");
    }
    if option("overrides").and_then(Node::table).is_some_and(|it| overrides_place(it)) {
        return Said::nothing(kind, detail, "lies where its overrides say");
    }
    let named = user_folders::set(level.system, "HATCH_ENV_TYPE_VIRTUAL_PATH");
    let named = named.or_else(|| option("path").and_then(Node::text).filter(|it| !it.is_empty()).map(str::to_owned));
    let directory = level.real_directory();
    if let Some(path) = named {
        return found(level, normalize_path(&directory.join(path)), &name);
    }
    let Some(folder) = environments_folder(level) else {
        return Said::nothing(kind, detail, "there is no home directory to look in");
    };
    let project =
        level.text(&["project", "name"]).or_else(|| directory.file_name()).map(normalize_name).unwrap_or_default();
    let own_name = if name == "default" { &project } else { &name };
    let is_flat = candidate::home(level.system).is_some_and(|it| folder == it.join(".virtualenvs"))
        || level
            .system
            .canonical(&folder)
            .unwrap_or_else(|_| folder.clone())
            .ancestors()
            .skip(1)
            .any(|it| it == directory);
    if is_flat {
        return found(level, folder.join(own_name), &name);
    }
    found(
        level,
        folder.join(&project).join(short_hash::sha256(&level.system.platform().text(&directory))).join(own_name),
        &name,
    )
}

/// Says where it is, and where there is none, which others there are: people often made only `test` or `docs`.
fn found(level: &Level<'_>, environment: Utf8PathBuf, name: &str) -> Said {
    if candidate::lies(level.system, &environment) {
        return Said::folder(SourceKind::Hatch, environment).because(&format!("`{name}`"));
    }
    let parent = environment.parent().unwrap_or(&environment);
    let listing = level.system.list(parent).unwrap_or_default();
    let folders = listing.iter().filter(|(_, kind)| *kind == Kind::Directory).map(|(name, _)| name);
    let others: Vec<&str> = folders.filter(|it| level.system.is_file(&parent.join(it).join("pyvenv.cfg"))).collect();
    if others.is_empty() || parent == level.directory {
        return Said::nothing(SourceKind::Hatch, environment, "no such directory");
    }
    let why = format!("no such directory; there are {}, which HATCH_ENV could name", list(&others));
    Said::nothing(SourceKind::Hatch, environment, why)
}

/// Returns the folder of all environments: `dirs.env.virtual`, or `env/virtual` below Hatch's data folder.
fn environments_folder(level: &Level<'_>) -> Option<Utf8PathBuf> {
    let system = level.system;
    let named = user_folders::set(system, "HATCH_CONFIG").map(|it| system.working_directory().join(it));
    let file = named.or_else(|| Some(DIRS.config(system)?.join("config.toml")));
    let configuration = file.and_then(|it| Document::read(system, &it, &mut Vec::new()));
    let text = |keys: &[&str]| configuration.as_ref().and_then(|it| it.text_at(keys)).map(|(text, _)| text.to_owned());
    if let Some(folder) = text(&["dirs", "env", "virtual"]) {
        return Some(system.platform().path_from(&level.real_directory(), &user_folders::expand(system, &folder)));
    }
    let data =
        user_folders::set(system, "HATCH_DATA_DIR").or_else(|| text(&["dirs", "data"])).filter(|it| !it.is_empty());
    let data =
        data.map(|it| system.platform().path_from(&system.working_directory(), &user_folders::expand(system, &it)));
    Some(data.or_else(|| DIRS.data(system))?.join("env/virtual"))
}

/// Returns an option of an environment, or of the template it is made from: `default`, where none is named.
fn option<'e>(environments: &'e [Entry], name: &str, key: &str) -> Option<&'e Node> {
    let mut name = name;
    // A template may have a template of its own; the list is as long as there are environments, and no longer.
    for _ in 0..=environments.len() {
        if let Some(node) = own_option(environments, name, key) {
            return Some(node);
        }
        let is_detached = own_option(environments, name, "detached").is_some();
        let template = own_option(environments, name, "template").and_then(Node::text).unwrap_or("default");
        if is_detached || template == name {
            return None;
        }
        name = template;
    }
    None
}

fn own_option<'e>(environments: &'e [Entry], name: &str, key: &str) -> Option<&'e Node> {
    let table = environments.iter().find(|it| it.key == name)?.node.table()?;
    table.iter().find(|it| it.key == key).map(|it| &it.node)
}

/// Tells whether overrides by platform or variable change where the environment lies.
fn overrides_place(overrides: &[Entry]) -> bool {
    let conditions = overrides.iter().filter_map(|it| it.node.table()).flatten();
    let options = conditions.filter_map(|it| it.node.table()).flatten();
    options.into_iter().any(|it| matches!(it.key.trim_start_matches("set-"), "path" | "type"))
}
