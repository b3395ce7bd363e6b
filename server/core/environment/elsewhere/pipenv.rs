//! Pipenv: environments named after the folder of the `Pipfile` and a hash of its path, in one folder for all projects.
//!
//! In: a folder with a `Pipfile`. Out: the environment that Pipenv would take for it. The rules are those of `VenvLocator`,
//! `Setting` and `get_workon_home` in Pipenv's source.
//!
//! **Invariant:** `.env` is read for Pipenv's own settings only, and only as plain text: nothing in it is expanded.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::{SourceKind, candidate, short_hash, user_folders};
use super::{Level, Said, virtualenvwrapper};
use crate::system::{Platform, System};

/// What Pipenv leaves of a name (`VenvLocator._sanitize`).
const LONGEST_NAME: usize = 42;

/// A `.env` that is larger was not written by a person.
const LARGEST_FILE: u64 = 256 * 1024;

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let pipfile = pipfile(level)?;
    let kind = SourceKind::Pipenv;
    let settings = Settings::read(level, pipfile.parent()?);
    if let Some((asked_by, true)) = in_project(level, &settings) {
        return Some(Said::nothing(kind, level.directory.join(".venv"), format!("no such directory ({asked_by})")));
    }
    let Some(home) = workon_home(level.system, settings.get("WORKON_HOME")) else {
        return Some(Said::nothing(kind, "WORKON_HOME", "there is no home directory to look in"));
    };
    let name = environment_name(&pipfile, &settings, level.system.platform())?;
    let environment = home.join(&name);
    if candidate::lies(level.system, &environment) {
        let said = Said::folder(kind, environment);
        return Some(if settings.get("PIPENV_CUSTOM_VENV_NAME").is_some() {
            said.because("PIPENV_CUSTOM_VENV_NAME")
        } else {
            said
        });
    }
    // Pipenv leaves a witness in what it makes: the name may come from a variable that is only set in a shell.
    let made = virtualenvwrapper::made_for(level.system, &home, level.directory, &level.real_directory());
    Some(match &*made {
        [] => Said::nothing(kind, environment, "no such directory"),
        [only] => Said::folder(kind, only.clone()).because("its `.project` names this folder"),
        several => virtualenvwrapper::several_of_one(kind, &home, several),
    })
}

/// Returns the environment that a `.venv` file with a bare name stands for (`VenvLocator.get_location`).
pub(in super::super) fn named(system: &dyn System, name: &str) -> Option<Utf8PathBuf> {
    let home = workon_home(system, user_folders::set(system, "WORKON_HOME"))?;
    (!name.contains(['/', system.platform().separator()]) && name != "." && name != "..").then(|| home.join(name))
}

/// The `Pipfile` of the folder, or the one that `PIPENV_PIPFILE` names in it or below it, by its absolute path.
fn pipfile(level: &Level<'_>) -> Option<Utf8PathBuf> {
    let named = user_folders::set(level.system, "PIPENV_PIPFILE").map(|it| level.system.working_directory().join(it));
    let named = named.filter(|it| it.starts_with(level.directory) && level.system.is_file(it));
    named.or_else(|| level.has("Pipfile").then(|| level.real_directory().join("Pipfile")))
}

/// Tells whether the environment is to lie in the project, and who asks for it; `None` where `.venv` decides by being there.
fn in_project(level: &Level<'_>, settings: &Settings<'_>) -> Option<(&'static str, bool)> {
    if let Some(said) = settings.boolean("VENV_IN_PROJECT") {
        return Some(("PIPENV_VENV_IN_PROJECT", said));
    }
    let said = level.document("Pipfile")?.boolean_at(&["pipenv", "venv_in_project"])?;
    Some(("venv_in_project in the Pipfile", said))
}

/// `WORKON_HOME`, or `virtualenvs` below the XDG data folder; on Windows `~\.virtualenvs`.
fn workon_home(system: &dyn System, named: Option<String>) -> Option<Utf8PathBuf> {
    match named.filter(|it| !it.is_empty()) {
        Some(named) => {
            Some(system.platform().path_from(&system.working_directory(), &user_folders::expand(system, &named)))
        }
        None if system.platform().is_windows() => Some(candidate::home(system)?.join(".virtualenvs")),
        None => Some(user_folders::data(system)?.join("virtualenvs")),
    }
}

fn environment_name(pipfile: &Utf8Path, settings: &Settings<'_>, platform: Platform) -> Option<String> {
    if let Some(name) = settings.get("PIPENV_CUSTOM_VENV_NAME").filter(|it| !it.is_empty()) {
        return Some(name);
    }
    let harmless = |it: char| if " &$`!*@\"()[]\\\r\n\t".contains(it) { '_' } else { it };
    let name: String = pipfile.parent()?.file_name()?.chars().map(harmless).take(LONGEST_NAME).collect();
    let python = settings.get("PIPENV_PYTHON").filter(|it| !it.is_empty());
    let suffix = python
        .map(|it| format!("-{}", Utf8Path::new(&it).file_name().filter(|_| platform.is_absolute(&it)).unwrap_or(&it)));
    Some(format!("{name}-{}{}", short_hash::sha256(&platform.text(pipfile)), suffix.unwrap_or_default()))
}

/// Pipenv's settings: variables, over which the project's `.env` wins (`load_dot_env`).
struct Settings<'s> {
    system: &'s dyn System,
    dot_env: String,
}

impl<'s> Settings<'s> {
    fn read(level: &Level<'s>, folder: &Utf8Path) -> Self {
        let mut settings = Settings { system: level.system, dot_env: String::new() };
        if settings.get("PIPENV_DONT_LOAD_ENV").is_none_or(|it| it.is_empty() || as_boolean(&it) == Some(false)) {
            let named = settings.get("PIPENV_DOTENV_LOCATION").filter(|it| !it.is_empty());
            let file = named.map_or_else(|| folder.join(".env"), |it| level.system.working_directory().join(it));
            let text = level.system.read(&file, LARGEST_FILE).unwrap_or_default();
            settings.dot_env = String::from_utf8(text).unwrap_or_default();
        }
        settings
    }

    fn get(&self, name: &str) -> Option<String> {
        let mut written = self.dot_env.lines().filter_map(|line| {
            let line = line.trim_start();
            let (key, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
            (key.trim() == name).then(|| literal(value.trim())).flatten()
        });
        written.next_back().or_else(|| self.system.variable(name))
    }

    /// `PIPENV_NAME`, or the contrary of `PIPENV_NO_NAME` (`get_from_env`).
    fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(&format!("PIPENV_{name}")) {
            Some(said) => as_boolean(&said),
            None => as_boolean(&self.get(&format!("PIPENV_NO_{name}"))?).map(|it| !it),
        }
    }
}

/// `env_to_bool`.
fn as_boolean(text: &str) -> Option<bool> {
    match &*text.to_lowercase() {
        "0" | "false" | "no" | "off" => Some(false),
        "1" | "true" | "yes" | "on" => Some(true),
        _ => None,
    }
}

/// Takes a value of a `.env` that says what it says; one that is put together from others is passed over.
fn literal(value: &str) -> Option<String> {
    let quoted = ['"', '\''].into_iter().find_map(|it| value.strip_prefix(it)?.split_once(it)).map(|(inner, _)| inner);
    let plain = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end());
    (!plain.contains(['$', '\\'])).then(|| plain.to_owned())
}
