//! One question when an environment stops working.
//!
//! In: what is wrong with a project's environment, before and after a look. Out: a prompt, and what is shown of its answer.
//!
//! **Invariant:** nothing is asked at the start, about what was never otherwise; each cause is asked about once a session,
//! and only when it has lasted; whatever is chosen, nothing is run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::Utf8PathBuf;
use fromwhere_core::diagnostic::{Diagnostic, FixAction};
use fromwhere_core::rules::Rule;
use serde_json::json;
use tower_lsp::lsp_types::Url;

use crate::lsp::effect::{Effect, Tone};
use crate::lsp::event::{ProjectKey, Timer};
use crate::lsp::protocol::ROOTS;
use crate::lsp::session::Session;
use crate::lsp::session::kind::Kind;

/// An environment that is made anew is broken for a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// An environment that cannot run, and one that is no more.
const CAUSES: [Rule; 2] = [Rule::VenvInterpreterMissing, Rule::EnvNone];

const SHOW_ROOTS: &str = "Show import roots";
const SHOW_COMMAND: &str = "Show the command that helps";
/// Some clients show a question that nothing but one of its answers puts away.
const NOT_NOW: &str = "Not now";

#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// By the project's root, in the words of the diagnostic.
    asked: BTreeSet<(Utf8PathBuf, String)>,
    /// What waits for an answer.
    open: BTreeMap<u64, Prompt>,
    count: u64,
}

#[derive(Debug)]
struct Prompt {
    /// A file of the project.
    file: Url,
    /// The command line that helps.
    command: Option<String>,
}

/// Returns why nothing can be imported from an environment, where that is so.
pub(super) fn cause(diagnostics: &[Diagnostic]) -> Option<&Diagnostic> {
    diagnostics.iter().find(|it| CAUSES.contains(&it.rule))
}

impl Session {
    /// A project was looked at again; `before`: in which words its environment did not work until then.
    pub(super) fn environment_may_have_stopped(&mut self, key: &ProjectKey, before: Option<&str>) {
        if !self.client.prompts || key.launch.is_some() {
            return;
        }
        let Some(project) = self.projects.get(key) else { return };
        if let Some(cause) = cause(&project.environment_diagnostics).filter(|it| Some(&*it.message) != before) {
            let timer = Timer::Stopped { project: key.clone(), cause: cause.message.clone() };
            self.effects.push(Effect::Timer { timer, after: PATIENCE });
        }
    }

    /// It has been so for a while.
    pub(super) fn environment_has_stopped(&mut self, key: &ProjectKey, words: &str) {
        let Some(project) = self.projects.get(key).filter(|project| !project.outdated) else { return };
        let Some(cause) = cause(&project.environment_diagnostics).filter(|it| it.message == words) else { return };
        let command = cause.fixes.iter().find_map(|fix| match &fix.action {
            FixAction::Command(line) => Some(line.clone()),
            FixAction::Edit(_) | FixAction::Open(..) => None,
        });
        // Nobody who looks at something else is asked.
        let mut files = self.documents_of(key).into_iter();
        let is_python = |uri: &Url| self.documents.get(uri).is_some_and(|document| document.kind == Kind::Python);
        let Some(file) = files.find(is_python) else { return };
        let is_wanted = self.settings_of(&self.folder_of(&key.root).cloned()).prompts;
        if !is_wanted || !self.prompts.asked.insert((key.root.clone(), words.to_owned())) {
            return;
        }
        let roots = self.client.show_document.then(|| SHOW_ROOTS.to_owned());
        let actions = roots.into_iter().chain(command.is_some().then(|| SHOW_COMMAND.to_owned()));
        let actions = actions.chain([NOT_NOW.to_owned()]).collect();
        self.prompts.count += 1;
        let number = self.prompts.count;
        self.prompts.open.insert(number, Prompt { file, command });
        self.effects.push(Effect::Ask { number, text: format!("fromwhere: {words}"), actions });
    }

    /// `None`: somebody has put the question away.
    pub(super) fn chosen(&mut self, number: u64, action: Option<&str>) {
        let Some(prompt) = self.prompts.open.remove(&number) else { return };
        match (action, prompt.command) {
            (Some(SHOW_ROOTS), _) => _ = self.show_page(ROOTS, &[json!({ "uri": prompt.file })]),
            (Some(SHOW_COMMAND), Some(line)) => {
                self.effects
                    .push(Effect::Tell { text: format!("Run in a terminal: {line}"), severity: Tone::Information });
            }
            _ => {}
        }
    }
}
