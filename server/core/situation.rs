//! Everything that is true for the files of one project: its manifests, its environment, its settings.
//!
//! In: a project's directory, the workspace around it, what the user and the editor ask for. Out: a [`Situation`].
//!
//! **Invariant:** a situation is a value; it is replaced whole when something it was read from changes, never patched.

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::Environment;
use crate::origin::Problem;
use crate::project::Project;
use crate::settings::Settings;

/// What is asked: the project's directory and what comes from outside its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Where the upward search for an environment starts.
    pub directory: Utf8PathBuf,
    /// The workspace folder; nothing above it is looked at.
    pub boundary: Utf8PathBuf,
    /// `--python`.
    pub argument: Option<String>,
    /// The editor's own choice of interpreter, or its `fromwhere.python` setting.
    pub editor: Option<String>,
    /// Settings that win over the project's own (command line, editor).
    pub overrides: Settings,
    /// Read no configuration file at all (`--isolated`).
    pub isolated: bool,
    /// The one configuration file to read (`--config`).
    pub config: Option<Utf8PathBuf>,
}

impl Question {
    /// Asks about a directory with nothing said from outside.
    pub fn about(directory: &Utf8Path, boundary: &Utf8Path) -> Self {
        Question {
            directory: directory.to_owned(),
            boundary: boundary.to_owned(),
            argument: None,
            editor: None,
            overrides: Settings::default(),
            isolated: false,
            config: None,
        }
    }
}

/// Everything that is true for the files of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    pub project: Project,
    pub environment: Environment,
    pub settings: Settings,
    /// What could not be read as it was meant.
    pub problems: Vec<Problem>,
}
