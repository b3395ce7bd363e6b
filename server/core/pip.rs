//! What `pip install` would do with a Python: install, refuse, or be forced.
//!
//! In: an [`Interpreter`] and the world. Out: a [`Pip`].
//!
//! **Invariant:** pip's own order: settings, another Python, `require-virtualenv`, the marker of PEP 668, where to; pip is
//! never asked.

use camino::Utf8PathBuf;

use crate::interpreter::Interpreter;
use crate::origin::{Evidence, Problem};
use crate::system::System;

mod files;
mod settings;

use self::settings::Settings;

/// What `pip install NAME` would do, without options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pip {
    /// It installs into the environment in force.
    Installs,
    /// It refuses, as the Python is externally managed (PEP 668).
    RefusesManaged { marker: Utf8PathBuf },
    /// It refuses outside a virtual environment (`require-virtualenv`).
    RefusesOutside { by: Evidence },
    /// The Python is externally managed, and a setting makes pip install all the same (`break-system-packages`).
    Forced { by: Evidence },
    /// A setting makes it install into another place (`target`, `prefix`, `root`), for which PEP 668 does not count, or with
    /// another Python (`python`).
    Elsewhere { by: Evidence },
    /// Its settings end it before it does anything.
    Fails { problem: Problem },
}

impl Pip {
    /// Returns the word that the JSON output uses.
    pub fn as_str(&self) -> &'static str {
        match self {
            Pip::Installs => "installs",
            Pip::RefusesManaged { .. } | Pip::RefusesOutside { .. } => "refuses",
            Pip::Forced { .. } => "forced",
            Pip::Elsewhere { .. } => "elsewhere",
            Pip::Fails { .. } => "fails",
        }
    }

    /// Tells whether pip ends without installing anything.
    pub fn refuses(&self) -> bool {
        matches!(self, Pip::RefusesManaged { .. } | Pip::RefusesOutside { .. } | Pip::Fails { .. })
    }

    /// Returns the file, line or variable that decides; `None` where nothing out of the ordinary does.
    pub fn because(&self) -> Option<String> {
        match self {
            Pip::Installs => None,
            Pip::RefusesManaged { marker } => Some(marker.to_string()),
            Pip::RefusesOutside { by } | Pip::Forced { by } | Pip::Elsewhere { by } => Some(by.to_string()),
            Pip::Fails { problem } => Some(problem.to_string()),
        }
    }
}

/// Tells what `pip install` would do (`parse_command`, `Command._main` and `InstallCommand.run` of pip 23.0 and later).
pub fn pip(system: &dyn System, interpreter: &Interpreter) -> Pip {
    let decided =
        Settings::read(system, &interpreter.prefix).and_then(|settings| decide(system, interpreter, &settings));
    decided.unwrap_or_else(|problem| Pip::Fails { problem })
}

fn decide(system: &dyn System, interpreter: &Interpreter, settings: &Settings) -> Result<Pip, Problem> {
    if let Some(by) = another_python(system, interpreter, settings)? {
        return Ok(Pip::Elsewhere { by });
    }
    // pip reads all of them before it acts upon one.
    let required = settings.switch("require-virtualenv")?;
    let forced = settings.switch("break-system-packages")?;
    let dry_run = settings.switch("dry-run")?;
    let user = settings.switch("user")?;
    let is_virtual = interpreter.is_virtual();
    if let Some(by) = required.filter(|_| !is_virtual) {
        return Ok(Pip::RefusesOutside { by });
    }
    let [target, prefix, root] = ["target", "prefix", "root"].map(|key| settings.text(key));
    if let (Some(by), Some(_)) = (&user, &target) {
        return Err(problem(by, "pip cannot combine `user` and `target`"));
    }
    let elsewhere = target.as_ref().or(prefix.as_ref()).or(root.as_ref()).map(|(_, by)| by.clone());
    let managed = interpreter.externally_managed.as_ref().filter(|_| !is_virtual && elsewhere.is_none());
    let reported = dry_run.and_then(|_| settings.text("report")).map(|(_, by)| by);
    if let (Some(managed), None, None) = (managed, &forced, &reported) {
        return Ok(Pip::RefusesManaged { marker: managed.marker.clone() });
    }
    if let Some(by) = &user {
        if prefix.is_some() {
            return Err(problem(by, "pip cannot combine `user` and `prefix`"));
        }
        if is_virtual && hides_user_site(system, interpreter) {
            return Err(problem(by, "pip installs nothing for the user in an environment that hides it"));
        }
    }
    if let Some((folder, by)) = &target {
        let folder = system.working_directory().join(folder);
        if system.exists(&folder) && !system.is_directory(&folder) {
            return Err(problem(by, "pip cannot install into it: it is no directory"));
        }
    }
    // Where the user's site-packages are not seen, it is another place as well.
    let unseen = user.filter(|_| !interpreter.user_site.enabled);
    Ok(match (elsewhere.or(unseen), managed.and(forced), managed.and(reported)) {
        (Some(by), ..) | (None, None, Some(by)) => Pip::Elsewhere { by },
        (None, Some(by), _) => Pip::Forced { by },
        (None, None, None) => Pip::Installs,
    })
}

/// Returns what makes pip start itself with another Python (`identify_python_interpreter`).
fn another_python(
    system: &dyn System,
    interpreter: &Interpreter,
    settings: &Settings,
) -> Result<Option<Evidence>, Problem> {
    // 22.3 is the first that can be another Python's; 23.2 the first that minds when that is said of one command.
    let version = own_version(system, interpreter);
    if version.is_some_and(|it| it < (22, 3)) {
        return Ok(None);
    }
    let Some((named, by)) = settings.python() else {
        return match settings.text("python").filter(|_| version.is_none_or(|it| it >= (23, 2))) {
            Some((_, by)) => Err(problem(&by, "pip takes no `python` for one command only")),
            None => Ok(None),
        };
    };
    let named = system.working_directory().join(named);
    let candidates = if system.is_directory(&named) {
        vec![named.join("bin/python"), named.join("Scripts/python.exe")]
    } else {
        vec![named]
    };
    let Some(python) = candidates.into_iter().find(|it| system.exists(it)) else {
        return Err(problem(by, "pip finds no Python there"));
    };
    let is_other = python.parent() != interpreter.executable.parent();
    Ok(is_other.then(|| by.clone()))
}

/// Returns the first two numbers of the version of the Python's own pip, where it has one.
fn own_version(system: &dyn System, interpreter: &Interpreter) -> Option<(u32, u32)> {
    interpreter.search_path.iter().find_map(|root| {
        let listing = system.list(&root.path).ok()?;
        let mut names = listing.iter().map(|(name, _)| name);
        let version = names.find_map(|name| name.strip_prefix("pip-")?.strip_suffix(".dist-info"))?;
        let mut numbers = version.split('.').map(|it| it.parse().ok());
        Some((numbers.next()??, numbers.next().flatten().unwrap_or_default()))
    })
}

/// Reads `pyvenv.cfg` as pip does (`_no_global_under_venv`).
fn hides_user_site(system: &dyn System, interpreter: &Interpreter) -> bool {
    let Ok(text) = system.read_text(&interpreter.prefix.join("pyvenv.cfg")) else { return true };
    text.lines().any(|line| {
        let value = line.strip_prefix("include-system-site-packages").map(str::trim_start);
        value.and_then(|it| it.strip_prefix('=')).is_some_and(|it| it.trim_start().starts_with("false"))
    })
}

/// Says what ends pip, at the place that sets it.
fn problem(by: &Evidence, message: &str) -> Problem {
    let (path, line) = match by {
        Evidence::Line { path, line } => (path.clone(), Some(*line)),
        other => (other.to_string().into(), None),
    };
    Problem { path, line, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::tests::python;
    use crate::system::memory::MemorySystem;

    /// Measured with pip 18.1, 22.0, 22.3.1, 23.0.1, 23.1.2, 23.2 and 24.2.
    #[test]
    fn another_python_counts_as_this_pip_takes_it() {
        for (version, for_all, for_install) in [
            ("18.1", "installs", "installs"),
            ("22.2.2", "installs", "installs"),
            ("22.3", "elsewhere", "installs"),
            ("23.1.2", "elsewhere", "installs"),
            ("23.2", "elsewhere", "fails"),
            ("24.2", "elsewhere", "fails"),
            ("", "elsewhere", "fails"),
        ] {
            for (section, expected) in [("global", for_all), ("install", for_install)] {
                let mut system = MemorySystem::default();
                if !version.is_empty() {
                    system.write(format!("/one/pip-{version}.dist-info/METADATA"), "");
                }
                system.write("/other/bin/python", "").set_variable("PIP_CONFIG_FILE", "/pip.conf");
                system.write("/pip.conf", format!("[{section}]\npython = /other\n"));
                assert_eq!(pip(&system, &python(11)).as_str(), expected, "pip {version}, [{section}]");
            }
        }
    }
}
