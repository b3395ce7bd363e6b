//! pixi: conda prefixes in the project's `.pixi`, or detached from it in a folder of the user's.
//!
//! In: a folder with a pixi workspace. Out: its `default` environment. The rules are those of `Workspace::environments_dir`
//! and of `conda-meta/pixi`, the file that pixi leaves in each environment.
//!
//! **Invariant:** a detached environment is taken only where it says itself that it was made for this manifest.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::{SourceKind, candidate, user_folders};
use super::{Level, Said, list};
use crate::document::Document;
use crate::system::{Platform, System};

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let manifest = ["pixi.toml", "mojoproject.toml"].into_iter().find(|it| level.has(it));
    let manifest = manifest.or_else(|| level.configures(&["tool", "pixi"]).then_some("pyproject.toml"))?;
    let kind = SourceKind::Pixi;
    let environments = level.directory.join(".pixi/envs");
    let environment = environments.join("default");
    if candidate::lies(level.system, &environment) {
        return Some(Said::folder(kind, environment));
    }
    if let Some(folder) = detached_to(level)
        && let Some(environment) = detached(level.system, &folder, &level.real_directory().join(manifest))
    {
        return Some(Said::folder(kind, environment).because("detached"));
    }
    let listing = level.system.list(&environments).unwrap_or_default();
    let others: Vec<&str> = listing.iter().map(|(name, _)| name).collect();
    let why = if others.is_empty() {
        "no such directory".to_owned()
    } else {
        format!("not there; there are {}", list(&others))
    };
    Some(Said::nothing(kind, environment, why))
}

/// Returns the folder that `detached-environments` names: in the project's configuration, the user's, the machine's.
fn detached_to(level: &Level<'_>) -> Option<Utf8PathBuf> {
    let system = level.system;
    let home = user_folders::set(system, "PIXI_HOME").map(Utf8PathBuf::from);
    let home = home.or_else(|| Some(candidate::home(system)?.join(".pixi")));
    let files = [
        Some(level.directory.join(".pixi/config.toml")),
        home.map(|it| it.join("config.toml")),
        of_platform(system).map(|it| it.join("pixi/config.toml")),
        user_folders::config(system).map(|it| it.join("pixi/config.toml")),
        Some(match system.platform() {
            Platform::Windows => user_folders::program_data(system).join("pixi/config.toml"),
            Platform::Linux | Platform::MacOs => "/etc/pixi/config.toml".into(),
        }),
    ];
    let documents = files.into_iter().flatten().filter_map(|it| Document::read(system, &it, &mut Vec::new()));
    let key = ["detached-environments"];
    let said = documents.into_iter().find(|it| it.at(&key).is_some())?;
    if said.boolean_at(&key) == Some(true) {
        let caches = ["PIXI_CACHE_DIR", "RATTLER_CACHE_DIR"].into_iter().find_map(|it| user_folders::set(system, it));
        let usual = || match system.platform() {
            Platform::Windows => user_folders::local(system),
            Platform::MacOs => Some(user_folders::library(system)?.join("Caches")),
            Platform::Linux => user_folders::cache(system),
        };
        let cache = caches.map(|it| system.platform().path(&it)).or_else(|| Some(usual()?.join("rattler/cache")))?;
        return Some(cache.join("envs"));
    }
    let (folder, _) = said.text_at(&key)?;
    Some(candidate::expand_home(system, folder).into())
}

/// The folder for configuration that Windows and macOS have beside the XDG one (`dirs::config_dir`).
fn of_platform(system: &dyn System) -> Option<Utf8PathBuf> {
    match system.platform() {
        Platform::Windows => user_folders::roaming(system),
        Platform::MacOs => Some(user_folders::library(system)?.join("Application Support")),
        Platform::Linux => None,
    }
}

/// Finds the environment `default` whose witness names a manifest.
fn detached(system: &dyn System, folder: &Utf8Path, manifest: &Utf8Path) -> Option<Utf8PathBuf> {
    let listing = system.list(folder).ok()?;
    let environments = listing.iter().map(|(name, _)| folder.join(name).join("envs/default"));
    environments.into_iter().find(|environment| {
        let witness = system.read_text(&environment.join("conda-meta/pixi")).unwrap_or_default();
        let witness: serde_json::Value = serde_json::from_str(&witness).unwrap_or_default();
        witness.get("manifest_path").and_then(serde_json::Value::as_str) == Some(&*system.platform().text(manifest))
    })
}
