//! The sources of a Python, in order of rank, and what became of each.
//!
//! In: the question, the settings, the world. Out: the [`Environment`] of the first source that names one.
//!
//! **Invariant:** every source that was looked at is in `considered`, and exactly one of them was chosen, or none.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::{self, Candidate, Found};
use super::elsewhere::{self, Place, Said};
use super::launched::Word;
use super::{
    Broken, Considered, Environment, EnvironmentKind, Ignored, Source, SourceKind, classify, neighbors, path_variable,
    shims, uv, versions,
};
use crate::documents::Documents;
use crate::interpreter::{self, Flags, Interpreter};
use crate::origin::Problem;
use crate::project::normalize_path;
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::System;

/// The names of a project's own environment, in order of rank.
const FOLDERS: [&str; 3] = [".venv", "venv", "env"];

/// What is left of an environment that was taken away by halves; an empty folder is a mount or a beginning.
const REMAINS: [&str; 5] = ["lib", "bin", "Lib", "Scripts", "include"];

/// One walk over the sources.
pub(super) struct Search<'a> {
    pub(super) system: &'a dyn System,
    pub(super) question: &'a Question,
    pub(super) considered: Vec<Considered>,
    pub(super) problems: Vec<Problem>,
    pub(super) ignored: Vec<Ignored>,
}

/// A source that applies.
pub(super) struct Choice {
    pub(super) source: Source,
    pub(super) outcome: Result<Interpreter, Broken>,
    pub(super) folder: Option<Utf8PathBuf>,
}

impl<'a> Search<'a> {
    pub(super) fn new(system: &'a dyn System, question: &'a Question) -> Self {
        Search { system, question, considered: Vec::new(), problems: Vec::new(), ignored: Vec::new() }
    }

    /// Asks the sources one after the other.
    pub(super) fn run(mut self, settings: &Settings) -> Environment {
        let mut choice = self.handed_over();
        if choice.is_none() {
            choice = match self.file_itself(settings) {
                Word::Nothing => None,
                Word::Chosen(choice) => Some(*choice),
                Word::NotMade(source, outcome) => return self.wait_for(source, &outcome),
            };
        }
        let choice = choice
            .or_else(|| self.configured(settings))
            .or_else(|| self.uv_project_environment())
            .or_else(|| self.project_folders())
            .or_else(|| self.folder_variable("VIRTUAL_ENV", SourceKind::VirtualEnvVariable))
            .or_else(|| self.folder_variable("CONDA_PREFIX", SourceKind::CondaPrefixVariable))
            .or_else(|| self.kept_by_tools())
            .or_else(|| self.version_files())
            .or_else(|| self.path());
        match choice {
            Some(choice) => self.settle(choice),
            None => self.nothing(),
        }
    }

    /// Asks only what the project says itself: neither the editor, nor the shell, nor the machine.
    pub(super) fn own(mut self, settings: &Settings) -> Option<Environment> {
        let choice = self
            .configured(settings)
            .or_else(|| self.uv_project_environment())
            .or_else(|| self.project_folders())
            .or_else(|| self.kept_by_tools())?;
        Some(self.settle(choice))
    }

    /// `--python`, then the editor.
    fn handed_over(&mut self) -> Option<Choice> {
        let question = self.question;
        let argument = question.argument.as_deref();
        self.written(SourceKind::Argument, "--python", argument, &self.system.working_directory()).or_else(|| {
            self.written(SourceKind::Editor, "fromwhere.python", question.editor.as_deref(), &question.boundary)
        })
    }

    fn configured(&mut self, settings: &Settings) -> Option<Choice> {
        let directory = &self.question.directory;
        self.written(SourceKind::Config, "[tool.fromwhere] python", settings.python.as_deref(), directory)
    }

    /// What somebody wrote is taken, good or bad.
    fn written(&mut self, kind: SourceKind, name: &str, text: Option<&str>, base: &Utf8Path) -> Option<Choice> {
        let Some(text) = text.map(str::trim).filter(|it| !it.is_empty()) else {
            self.pass_over(kind, name, "not set");
            return None;
        };
        let source = Source { kind, detail: text.to_owned() };
        Some(match candidate::written(self.system, text, base) {
            Found::Candidate(candidate) => self.look(source, candidate),
            Found::Broken(broken) => Choice { source, outcome: Err(broken), folder: None },
            Found::Nothing(reason) => {
                let interpreter = base.join(text);
                let broken = Broken { interpreter, leads_to: None, pyvenv_cfg: None, reason };
                Choice { source, outcome: Err(broken), folder: None }
            }
        })
    }

    /// `UV_PROJECT_ENVIRONMENT`, relative to the folder of the uv project's workspace.
    fn uv_project_environment(&mut self) -> Option<Choice> {
        let value = self.system.variable("UV_PROJECT_ENVIRONMENT").filter(|it| !it.is_empty())?;
        let detail = format!("UV_PROJECT_ENVIRONMENT={value}");
        let why = match uv::project(&Documents::new(self.system), self.levels()) {
            uv::Project::In(root) => {
                // uv makes and runs it there: `..` is taken back by spelling alone.
                let folder = normalize_path(&root.join(value));
                let choice = self.folder(Source { kind: SourceKind::ProjectVenv, detail }, &folder);
                // What is not there is still to be made.
                if choice.is_none() && candidate::lies(self.system, &folder) {
                    self.ignore(SourceKind::ProjectVenv, &folder, Some("UV_PROJECT_ENVIRONMENT"));
                }
                return choice;
            }
            uv::Project::Unmanaged => "not managed by uv: `[tool.uv] managed = false`",
            uv::Project::None => "not a uv project: neither `uv.lock` nor `[tool.uv]`",
        };
        self.pass_over(SourceKind::ProjectVenv, &detail, why);
        None
    }

    /// The project's own environment, from the directory up to the boundary, nearest first.
    fn project_folders(&mut self) -> Option<Choice> {
        let levels: Vec<Utf8PathBuf> = self.levels().map(Utf8Path::to_owned).collect();
        for level in &levels {
            for name in FOLDERS {
                let folder = level.join(name);
                if !candidate::lies(self.system, &folder) {
                    continue;
                }
                // A file named `env` holds variables; only `.venv` may be a redirect.
                if name != ".venv" && self.system.is_file(&folder) {
                    continue;
                }
                let source = Source { kind: SourceKind::ProjectVenv, detail: folder.to_string() };
                if let Some(choice) = self.folder(source, &folder) {
                    return Some(choice);
                }
                if name == ".venv" && REMAINS.iter().any(|it| self.system.is_directory(&folder.join(it))) {
                    self.ignore(SourceKind::ProjectVenv, &folder, None);
                }
            }
            if let Some(folder) = neighbors::children_with_pyvenv_cfg(self.system, level).first() {
                let source = Source { kind: SourceKind::ProjectVenv, detail: folder.to_string() };
                if let Some(choice) = self.folder(source, folder) {
                    return Some(choice);
                }
            }
        }
        let detail = levels.last().map_or_else(|| self.question.directory.to_string(), Utf8PathBuf::to_string);
        self.pass_over(SourceKind::ProjectVenv, &detail, "no environment between the file and here");
        None
    }

    /// `VIRTUAL_ENV` and `CONDA_PREFIX`. One that names no directory is left over from a shell: the next is asked.
    fn folder_variable(&mut self, name: &'static str, kind: SourceKind) -> Option<Choice> {
        let Some(value) = self.system.variable(name).filter(|it| !it.is_empty()) else {
            self.pass_over(kind, name, "not set");
            return None;
        };
        let folder = self.system.platform().path_from(&self.system.working_directory(), &value);
        let choice = self.folder(Source { kind, detail: format!("{name}={value}") }, &folder);
        if choice.is_none() {
            self.ignore(kind, &folder, Some(name));
        }
        choice
    }

    /// Notes that what was looked at last is no environment, though somebody means it to be one.
    fn ignore(&mut self, kind: SourceKind, path: &Utf8Path, variable: Option<&'static str>) {
        let reason = self.considered.last().map(|it| it.outcome.clone()).unwrap_or_default();
        self.ignored.push(Ignored { kind, path: path.to_owned(), variable, reason });
    }

    /// What the tools of the nearest project that shows any keep for it, mostly outside of it.
    fn kept_by_tools(&mut self) -> Option<Choice> {
        let (system, boundary) = (self.system, &self.question.boundary);
        let mut said = self.levels().map(|it| elsewhere::at(system, it, boundary));
        said.find(|it| !it.is_empty())?.into_iter().find_map(|it| self.said(it))
    }

    /// `.python-version`, `.tool-versions` and mise's files, answered from what their tools have installed.
    fn version_files(&mut self) -> Option<Choice> {
        versions::nearest(self.system, self.levels()).into_iter().find_map(|it| self.said(it))
    }

    fn said(&mut self, Said { kind, detail, place }: Said) -> Option<Choice> {
        let source = Source { kind, detail };
        match place {
            Place::Folder(folder) => self.folder(source, &folder),
            Place::Interpreter(executable) => Some(self.look(source, Candidate { executable, folder: None })),
            Place::Nothing(why) => {
                self.pass_over(source.kind, &source.detail, &why);
                None
            }
        }
    }

    /// `python3`, then `python` on `PATH`; a shim is read, a script is passed over, as nobody knows what it would start.
    fn path(&mut self) -> Option<Choice> {
        for name in ["python3", "python"] {
            for executable in path_variable::commands(self.system, name) {
                let source = Source { kind: SourceKind::Path, detail: executable.to_string() };
                let choice = self.look(source, Candidate { executable: executable.clone(), folder: None });
                match choice.outcome {
                    Ok(_) => return Some(choice),
                    Err(broken) => self.pass_over(SourceKind::Path, executable.as_str(), &broken.reason),
                }
            }
        }
        None
    }

    fn folder(&mut self, source: Source, folder: &Utf8Path) -> Option<Choice> {
        match candidate::folder(self.system, folder) {
            Found::Candidate(candidate) => Some(self.look(source, candidate)),
            Found::Broken(broken) => Some(Choice { source, outcome: Err(broken), folder: Some(folder.to_owned()) }),
            Found::Nothing(why) => {
                self.pass_over(source.kind, &source.detail, &why);
                None
            }
        }
    }

    /// Reads the interpreter that a source names.
    fn look(&mut self, source: Source, candidate: Candidate) -> Choice {
        self.look_with(source, candidate, Flags::default())
    }

    /// The same where its command line is known.
    pub(super) fn look_with(&mut self, mut source: Source, mut candidate: Candidate, flags: Flags) -> Choice {
        let folder = candidate.folder.clone();
        if shims::is_shim(self.system, &candidate.executable) {
            match shims::target(self.system, &candidate.executable, &self.question.directory) {
                shims::Target::Interpreter { executable, said_by } => {
                    source.detail = format!("{} ({said_by})", source.detail);
                    candidate.executable = executable;
                }
                shims::Target::Next(reason) => {
                    let interpreter = candidate.executable;
                    let broken = Broken { interpreter, leads_to: None, pyvenv_cfg: None, reason };
                    return Choice { source, outcome: Err(broken), folder };
                }
            }
        }
        if let Err(broken) = candidate::check(self.system, &candidate) {
            return Choice { source, outcome: Err(broken), folder };
        }
        let (interpreter, problems) = interpreter::interpret(self.system, &candidate.executable, flags);
        self.problems.extend(candidate::odd_pyvenv_cfg(self.system, &candidate));
        let broken = |reason: String| {
            let pyvenv_cfg = candidate::pyvenv_cfg(self.system, &candidate);
            Broken { pyvenv_cfg, interpreter: candidate.executable.clone(), leads_to: None, reason }
        };
        let outcome = match interpreter.map(|it| (it.does_not_start.clone(), it)) {
            Some((None, interpreter)) => {
                self.problems.extend(problems);
                self.problems.extend(candidate::odd_path_files(self.system, &interpreter));
                Ok(interpreter)
            }
            // A program that ends before it has a search path imports nothing.
            Some((Some(reason), _)) => Err(broken(format!("it does not start: {reason}"))),
            None => {
                let reason = problems.into_iter().next().map_or_else(|| "it is no Python".to_owned(), |it| it.message);
                Err(broken(reason))
            }
        };
        Choice { source, outcome, folder }
    }

    fn settle(mut self, choice: Choice) -> Environment {
        let Choice { source, outcome, folder } = choice;
        let said = match &outcome {
            Ok(_) => "chosen".to_owned(),
            Err(broken) => format!("chosen, but {}", broken.reason),
        };
        self.pass_over(source.kind, &source.detail, &said);
        self.name_the_outranked(source.kind);
        let (considered, mut problems, ignored) = (self.considered, self.problems, self.ignored);
        match outcome {
            Ok(interpreter) => Environment {
                root: Some(folder.unwrap_or_else(|| classify::root(&interpreter))),
                kind: classify::kind(self.system, &interpreter, source.kind),
                interpreter: Some(interpreter),
                source,
                considered,
                ignored,
                broken: None,
                problems,
            },
            Err(broken) => {
                let by_cfg = broken.pyvenv_cfg.as_deref().and_then(Utf8Path::parent).map(Utf8Path::to_owned);
                let root = folder.or(by_cfg);
                // What is wrong with an environment is a diagnostic on its files, with the one of the settings where they
                // name it, what is wrong with `--python` a usage error, of a shebang its file's; any other Python has no
                // file to say it on.
                let is_said_elsewhere = matches!(
                    source.kind,
                    SourceKind::Argument | SourceKind::Config | SourceKind::Shebang | SourceKind::Kernel
                );
                if root.is_none() && !is_said_elsewhere {
                    let message = format!("chosen by `{}`, but {}", source.detail, broken.reason);
                    problems.push(Problem { path: broken.interpreter.clone(), line: None, message });
                }
                let kind = classify::kind_of_broken(self.system, &broken, source.kind);
                Environment {
                    root,
                    interpreter: None,
                    kind,
                    source,
                    considered,
                    ignored,
                    broken: Some(broken),
                    problems,
                }
            }
        }
    }

    fn nothing(self) -> Environment {
        Environment {
            root: None,
            interpreter: None,
            kind: EnvironmentKind::Other,
            source: Source { kind: SourceKind::None, detail: "no Python was found".to_owned() },
            considered: self.considered,
            ignored: self.ignored,
            broken: None,
            problems: self.problems,
        }
    }

    /// A shell's own environment that loses against a higher rank is worth a line: people expect it to be in force.
    pub(super) fn name_the_outranked(&mut self, chosen: SourceKind) {
        for (name, kind) in
            [("VIRTUAL_ENV", SourceKind::VirtualEnvVariable), ("CONDA_PREFIX", SourceKind::CondaPrefixVariable)]
        {
            let heard = self.considered.iter().any(|it| it.kind == kind) || chosen == kind;
            if let Some(value) = self.system.variable(name).filter(|it| !it.is_empty() && !heard) {
                self.pass_over(kind, &format!("{name}={value}"), "outranked");
            }
        }
    }

    pub(super) fn pass_over(&mut self, kind: SourceKind, detail: &str, outcome: &str) {
        self.considered.push(Considered { kind, detail: detail.to_owned(), outcome: outcome.to_owned() });
    }

    /// The directory and those above it, up to the boundary.
    fn levels(&self) -> impl Iterator<Item = &'a Utf8Path> + use<'a> {
        levels(&self.question.directory, &self.question.boundary)
    }
}

/// Returns a directory and those above it, up to and with the boundary; outside the boundary just the directory.
pub(super) fn levels<'p>(directory: &'p Utf8Path, boundary: &Utf8Path) -> impl Iterator<Item = &'p Utf8Path> + use<'p> {
    let inside = directory.starts_with(boundary);
    let steps = directory.components().count().saturating_sub(boundary.components().count());
    directory.ancestors().take(if inside { steps + 1 } else { 1 })
}
