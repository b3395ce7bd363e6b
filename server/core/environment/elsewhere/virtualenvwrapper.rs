//! virtualenvwrapper: environments of all projects in one folder, each with a file that names its project.
//!
//! In: a folder. Out: the environment whose `.project` names it (`setvirtualenvproject`, `mkproject`).
//!
//! **Invariant:** only what an environment says of its project counts, never a likeness of names.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::{SourceKind, candidate, user_folders};
use super::{Level, Said, list};
use crate::system::{Kind, System};

/// More environments than this in one folder are not looked through; each costs a watched folder.
const MOST_ENVIRONMENTS: usize = 128;

/// A path is no longer than this on Linux (`PATH_MAX`).
const LONGEST_PATH: u64 = 4096;

/// Says something only where an environment names the folder: no other sign tells that virtualenvwrapper is used.
pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let named = user_folders::set(level.system, "WORKON_HOME").map(|it| user_folders::expand(level.system, &it));
    // virtualenvwrapper-win has a name of its own.
    let usual = if level.system.platform().is_windows() { "Envs" } else { ".virtualenvs" };
    let folder = named.map(|it| level.system.platform().path(&it));
    let folder = folder.or_else(|| Some(candidate::home(level.system)?.join(usual)))?;
    let found = made_for(level.system, &folder, level.directory, &level.real_directory());
    match &*found {
        [] => None,
        [only] => {
            Some(Said::folder(SourceKind::Virtualenvwrapper, only.clone()).because("its `.project` names this folder"))
        }
        several => Some(several_of_one(SourceKind::Virtualenvwrapper, &folder, several)),
    }
}

/// Returns the environments in a folder whose `.project` names a project's directory.
pub(super) fn made_for(
    system: &dyn System,
    folder: &Utf8Path,
    directory: &Utf8Path,
    real_directory: &Utf8Path,
) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(folder) else { return Vec::new() };
    let platform = system.platform();
    let folders = listing.iter().filter(|(_, kind)| matches!(kind, Kind::Directory | Kind::Link));
    let environments = folders.take(MOST_ENVIRONMENTS).map(|(name, _)| folder.join(name));
    environments
        .filter(|environment| {
            let text = system.read(&environment.join(".project"), LONGEST_PATH).ok();
            let text = text.and_then(|it| String::from_utf8(it).ok());
            text.is_some_and(|it| {
                let named = platform.folded(it.trim().trim_end_matches(['/', platform.separator()]));
                [directory, real_directory].iter().any(|it| platform.folded(it.as_str()) == named)
            })
        })
        .collect()
}

/// Says that which of several is meant is written nowhere.
pub(super) fn several_of_one(kind: SourceKind, folder: &Utf8Path, several: &[Utf8PathBuf]) -> Said {
    let names: Vec<&str> = several.iter().filter_map(|it| it.file_name()).collect();
    Said::nothing(kind, folder.as_str(), format!("{} name this folder; which one is meant is not known", list(&names)))
}
