//! What `pip install` would do with a Python: install, refuse, or be forced.
//!
//! In: an [`Interpreter`] and the world. Out: a [`Pip`].
//!
//! **Invariant:** pip's own order: settings, then `require-virtualenv`, then the marker of PEP 668; pip is never asked.

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
    /// A setting makes it install into another place (`target`, `prefix`, `root`), for which PEP 668 does not count.
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

/// Tells what `pip install` would do (`check_externally_managed`, `InstallCommand.run` and `Command._main` of pip 23.0 and
/// later). In a virtual environment nothing is looked at: neither rule counts there.
pub fn pip(system: &dyn System, interpreter: &Interpreter) -> Pip {
    if interpreter.is_virtual() {
        return Pip::Installs;
    }
    let settings = match Settings::read(system, &interpreter.prefix) {
        Ok(settings) => settings,
        Err(problem) => return Pip::Fails { problem },
    };
    match decide(interpreter, &settings) {
        Ok(decided) => decided,
        Err(problem) => Pip::Fails { problem },
    }
}

fn decide(interpreter: &Interpreter, settings: &Settings) -> Result<Pip, Problem> {
    // pip reads all of them before it acts upon one.
    let required = settings.switch("require-virtualenv")?;
    let forced = settings.switch("break-system-packages")?;
    let dry_run = settings.switch("dry-run")?;
    if let Some(by) = required {
        return Ok(Pip::RefusesOutside { by });
    }
    if let Some(by) = ["target", "prefix", "root"].into_iter().find_map(|key| settings.text(key)) {
        return Ok(Pip::Elsewhere { by });
    }
    let Some(managed) = &interpreter.externally_managed else { return Ok(Pip::Installs) };
    Ok(match (forced, dry_run.and_then(|_| settings.text("report"))) {
        (Some(by), _) => Pip::Forced { by },
        (None, Some(by)) => Pip::Elsewhere { by },
        (None, None) => Pip::RefusesManaged { marker: managed.marker.clone() },
    })
}
