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
    let Some((named, by)) = settings.python() else {
        return match settings.text("python") {
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
