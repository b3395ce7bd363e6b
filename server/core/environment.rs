//! Which Python is in force for one directory, and why.
//!
//! In: a directory, the settings, the world. Out: an [`Environment`]: the interpreter, how it was chosen, everything that was
//! considered and passed over.
//!
//! **Invariant:** a choice that is broken is reported and kept; it is never silently replaced by the next one.

use camino::Utf8PathBuf;

use crate::interpreter::Interpreter;
use crate::origin::Problem;
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::System;

mod candidate;
mod classify;
mod elsewhere;
mod kernel;
mod launched;
mod machine;
mod neighbors;
mod path_variable;
mod platform_dirs;
mod pyenv;
mod rivals;
mod script;
mod shims;
mod short_hash;
mod sources;
mod tool_versions;
pub(crate) mod user_folders;
mod uv;
mod versions;

#[cfg(test)]
mod tests;

pub(crate) use self::uv::workspace_around;
pub use candidate::home;
pub(crate) use candidate::{lies, usual_interpreter};
pub use machine::{KnownPython, known_pythons};
pub use neighbors::{siblings, system_interpreters};
pub(crate) use rivals::rivals;
pub use rivals::{NamedBy, Part, Rival, Written};
pub(crate) use versions::version_file;

/// Chooses the Python for one directory: the first source of the list in the rules that names one.
///
/// A source that names a broken Python is chosen all the same: an editor that quietly takes the next one hides the very
/// thing its user has to repair.
pub fn discover(system: &dyn System, question: &Question, settings: &Settings) -> Environment {
    sources::Search::new(system, question).run(settings)
}

/// The environment in force for one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The folder of the environment (`.venv`), or the interpreter's prefix where there is no folder of its own.
    pub root: Option<Utf8PathBuf>,
    /// `None` where no Python was found, or the one that was chosen is broken.
    pub interpreter: Option<Interpreter>,
    pub kind: EnvironmentKind,
    pub source: Source,
    pub considered: Vec<Considered>,
    /// What was named before it and is no environment.
    pub ignored: Vec<Ignored>,
    /// What is wrong with the chosen one, where `interpreter` is `None`.
    pub broken: Option<Broken>,
    pub problems: Vec<Problem>,
}

/// Who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentKind {
    Venv,
    Virtualenv,
    Uv,
    Poetry,
    Pipenv,
    Pdm,
    Hatch,
    Pixi,
    Conda,
    System,
    Pyenv,
    UvManaged,
    /// A Python that is none of the above, such as one built from source.
    Other,
}

impl EnvironmentKind {
    pub fn as_str(self) -> &'static str {
        match self {
            EnvironmentKind::Venv => "venv",
            EnvironmentKind::Virtualenv => "virtualenv",
            EnvironmentKind::Uv => "uv",
            EnvironmentKind::Poetry => "poetry",
            EnvironmentKind::Pipenv => "pipenv",
            EnvironmentKind::Pdm => "pdm",
            EnvironmentKind::Hatch => "hatch",
            EnvironmentKind::Pixi => "pixi",
            EnvironmentKind::Conda => "conda",
            EnvironmentKind::System => "system",
            EnvironmentKind::Pyenv => "pyenv",
            EnvironmentKind::UvManaged => "uv-managed",
            EnvironmentKind::Other => "other",
        }
    }
}

/// How it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub kind: SourceKind,
    /// The path, variable or setting that decided.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// `--python`.
    Argument,
    /// The editor's own choice or its `fromwhere.python` setting.
    Editor,
    /// A `script` block (PEP 723): the script's own environment.
    Script,
    /// A shebang that names an interpreter by absolute path.
    Shebang,
    /// The kernel that a notebook names.
    Kernel,
    /// `[tool.fromwhere] python`.
    Config,
    /// `.venv` or its like, from the file's folder upwards.
    ProjectVenv,
    VirtualEnvVariable,
    CondaPrefixVariable,
    /// Poetry's own folder of environments.
    Poetry,
    /// Pipenv's own folder of environments.
    Pipenv,
    /// `.pdm-python`, or PDM's own folder of environments.
    Pdm,
    /// Hatch's data folder, or where its configuration says.
    Hatch,
    /// `.pixi/envs`, or where pixi detached it to.
    Pixi,
    /// The name in `environment.yml`, as conda's records know it.
    Conda,
    /// `_.python.venv` of mise's configuration.
    Mise,
    /// `.direnv`.
    Direnv,
    /// An environment below `WORKON_HOME` whose `.project` names the folder.
    Virtualenvwrapper,
    /// `.python-version`, with a Python that pyenv or uv keeps.
    PythonVersionFile,
    /// `.tool-versions` or mise's configuration, with a Python that asdf or mise installed.
    ToolVersionsFile,
    /// `python3` or `python` on `PATH`.
    Path,
    /// Nothing was found.
    None,
}

impl SourceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            SourceKind::Argument => "argument",
            SourceKind::Editor => "editor",
            SourceKind::Script => "script",
            SourceKind::Shebang => "shebang",
            SourceKind::Kernel => "kernel",
            SourceKind::Config => "config",
            SourceKind::ProjectVenv => "project-venv",
            SourceKind::VirtualEnvVariable => "virtual-env-variable",
            SourceKind::CondaPrefixVariable => "conda-prefix-variable",
            SourceKind::Poetry => "poetry",
            SourceKind::Pipenv => "pipenv",
            SourceKind::Pdm => "pdm",
            SourceKind::Hatch => "hatch",
            SourceKind::Pixi => "pixi",
            SourceKind::Conda => "conda",
            SourceKind::Mise => "mise",
            SourceKind::Direnv => "direnv",
            SourceKind::Virtualenvwrapper => "virtualenvwrapper",
            SourceKind::PythonVersionFile => "python-version-file",
            SourceKind::ToolVersionsFile => "tool-versions-file",
            SourceKind::Path => "path",
            SourceKind::None => "none",
        }
    }
}

impl SourceKind {
    /// Tells whether it is a tool that keeps the project's environment, mostly outside of the project.
    pub fn is_tool(self) -> bool {
        matches!(
            self,
            SourceKind::Poetry
                | SourceKind::Pipenv
                | SourceKind::Pdm
                | SourceKind::Hatch
                | SourceKind::Pixi
                | SourceKind::Conda
                | SourceKind::Mise
                | SourceKind::Direnv
                | SourceKind::Virtualenvwrapper
        )
    }
}

/// One candidate and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    pub kind: SourceKind,
    pub detail: String,
    /// A fragment for people: `chosen`, `not set`, `no such directory`, `its interpreter is gone`.
    pub outcome: String,
}

/// A source that names something which is no environment, so that a lower one was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub kind: SourceKind,
    /// What it names.
    pub path: Utf8PathBuf,
    /// The variable that names it; `None` for the project's own folder.
    pub variable: Option<&'static str>,
    pub reason: String,
}

/// Why the chosen environment cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The interpreter path that leads nowhere.
    pub interpreter: Utf8PathBuf,
    /// Where its chain of links ends, if it or the environment's folder is a link; where the environment's file redirects
    /// to, if it is one.
    pub leads_to: Option<Utf8PathBuf>,
    /// `pyvenv.cfg`, where there is one.
    pub pyvenv_cfg: Option<Utf8PathBuf>,
    pub reason: String,
}
