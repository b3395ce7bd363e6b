//! The file itself, where it says which Python runs it.
//!
//! In: a [`Launch`]. Out: the script's own environment, or the interpreter that the shebang or the kernel names.
//!
//! **Invariant:** an interpreter that is gone is kept, and an environment that uv has not made yet is waited for; neither
//! is replaced by what the project around the file has.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::candidate::{self, Candidate, Found};
use super::sources::{Choice, Search, levels};
use super::{Broken, Environment, EnvironmentKind, Source, SourceKind, kernel, script};
use crate::interpreter::Flags;
use crate::launch::{Kernel, Launch, Script};
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::Overlay;

/// What the file says.
pub(super) enum Word {
    Nothing,
    Chosen(Box<Choice>),
    /// The script's environment is made when it is first run; why, for people.
    NotMade(Source, String),
}

impl Search<'_> {
    /// Asks the file itself.
    pub(super) fn file_itself(&mut self, settings: &Settings) -> Word {
        match &self.question.launch {
            None => Word::Nothing,
            Some(Launch::Kernel(kernel)) => self.kernel_of(kernel, settings),
            Some(Launch::Script(script)) => self.environment_of(script),
            Some(Launch::Shebang(shebang)) => {
                let source = Source { kind: SourceKind::Shebang, detail: shebang.to_string() };
                if shebang.is_misread(self.system.platform()) {
                    let reason = "the line ends in a carriage return".to_owned();
                    let interpreter = shebang.interpreter.clone();
                    let broken = Broken { interpreter, leads_to: None, pyvenv_cfg: None, reason };
                    return Word::Chosen(Box::new(Choice { source, outcome: Err(broken), folder: None }));
                }
                let candidate = Candidate { executable: shebang.interpreter.clone(), folder: None };
                Word::Chosen(Box::new(self.look_with(source, candidate, shebang.flags(self.system.platform()))))
            }
        }
    }

    /// A kernel that is not known leaves the choice to the project: whoever opens the notebook is asked for one.
    fn kernel_of(&mut self, kernel: &Kernel, settings: &Settings) -> Word {
        let question = Question { launch: None, ..self.question.clone() };
        let project = super::discover(self.system, &question, settings);
        match kernel::find(self.system, &kernel.name, &project) {
            kernel::Kernel::Unknown(reason) => {
                self.pass_over(SourceKind::Kernel, &kernel.name, &reason);
                Word::Nothing
            }
            kernel::Kernel::Broken(problem) => {
                self.pass_over(SourceKind::Kernel, &kernel.name, &problem.to_string());
                self.problems.push(problem);
                Word::Nothing
            }
            kernel::Kernel::Interpreter { executable, flags, variables, spec } => {
                let source = Source { kind: SourceKind::Kernel, detail: format!("{} ({spec})", kernel.name) };
                let candidate = Candidate { executable, folder: None };
                Word::Chosen(Box::new(self.look_under(variables, source, candidate, flags)))
            }
        }
    }

    /// The same as `look_with` for a program that is started with variables of its own.
    fn look_under(
        &mut self,
        variables: BTreeMap<String, String>,
        source: Source,
        candidate: Candidate,
        flags: Flags,
    ) -> Choice {
        let system = Overlay::new(self.system).with_variables(variables);
        let (considered, problems, ignored) = (Vec::new(), Vec::new(), Vec::new());
        let mut search = Search { system: &system, question: self.question, considered, problems, ignored };
        let choice = search.look_with(source, candidate, flags);
        self.problems.append(&mut search.problems);
        choice
    }

    fn environment_of(&mut self, script: &Script) -> Word {
        let source = Source { kind: SourceKind::Script, detail: script.path.to_string() };
        let folder = script.path.parent().unwrap_or(&script.path);
        let levels: Vec<Utf8PathBuf> = levels(folder, &self.question.boundary).map(ToOwned::to_owned).collect();
        let folders = script::folders(self.system, script, &levels);
        for folder in &folders {
            match candidate::folder(self.system, folder) {
                Found::Candidate(candidate) => {
                    return Word::Chosen(Box::new(self.look_with(source, candidate, Flags::default())));
                }
                Found::Broken(broken) => {
                    return Word::Chosen(Box::new(Choice {
                        source,
                        outcome: Err(broken),
                        folder: Some(folder.clone()),
                    }));
                }
                Found::Nothing(_) => {}
            }
        }
        let outcome = match folders.first() {
            Some(folder) => format!("uv has not made {folder} yet"),
            None => "uv's cache has no place without a home".to_owned(),
        };
        Word::NotMade(source, outcome)
    }

    /// Ends the search without an interpreter.
    pub(super) fn wait_for(mut self, source: Source, outcome: &str) -> Environment {
        self.pass_over(source.kind, &source.detail, &format!("chosen, but {outcome}"));
        self.name_the_outranked(source.kind);
        Environment {
            root: None,
            interpreter: None,
            kind: EnvironmentKind::Uv,
            source,
            considered: self.considered,
            ignored: self.ignored,
            broken: None,
            problems: self.problems,
        }
    }
}
