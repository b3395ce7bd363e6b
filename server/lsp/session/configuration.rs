//! The client's settings: from the start, pushed, and pulled for each workspace folder.
//!
//! In: JSON in any of its shapes. Out: the [`ClientSettings`] of a folder, and new discoveries where they differ.
//!
//! **Invariant:** what a client answers for a folder counts there and nowhere else; what it pushes says of no folder whose it
//! is, and counts only where nothing is answered. Both win key by key over the initialization options.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::situation::Question;
use fromwhere_core::system::Platform;
use serde_json::{Map, Value};

use crate::lsp::effect::Effect;
use crate::lsp::event::Scope;
use crate::lsp::session::Session;
use crate::lsp::settings::{self, ClientSettings};
use crate::watch::WatchMode;

#[derive(Debug, Default)]
pub(super) struct Layers {
    initial: Map<String, Value>,
    pushed: Map<String, Value>,
    pulled: BTreeMap<Scope, Map<String, Value>>,
    /// How often the client was asked, and the last question of those that it has answered.
    asked: u64,
    answered: u64,
    watch: WatchMode,
}

impl Layers {
    fn content(&self, scope: &Scope) -> Map<String, Value> {
        let answered = self.pulled.get(scope).filter(|content| !content.is_empty());
        settings::overlay(&self.initial, answered.unwrap_or(&self.pushed))
    }
}

impl Session {
    pub(super) fn settings_at_start(&mut self, options: &Value) {
        self.settings.initial = settings::section(options).unwrap_or_default();
        self.apply_settings();
    }

    /// Asks for our section, for each workspace folder and for what lies outside of all, where the client can answer.
    pub(super) fn ask_configuration(&mut self) {
        if self.client.configuration {
            let scopes = self.folders.iter().cloned().map(Some).chain([None]).collect();
            self.settings.asked += 1;
            self.effects.push(Effect::AskConfiguration { number: self.settings.asked, scopes });
        }
    }

    pub(super) fn settings_pushed(&mut self, value: &Value) {
        if let Some(content) = settings::section(value) {
            self.settings.pushed = content;
            // Of a client that can be asked, the answer says which folders this is about.
            if !self.client.configuration {
                self.apply_settings();
            }
        }
        self.ask_configuration();
    }

    /// The answer came; a client that has nothing for us answers `null`, and an error is no values at all. Two questions that are
    /// on their way at once may be answered in any order: what was asked later counts.
    pub(super) fn configuration_came(&mut self, number: u64, values: Vec<(Scope, Value)>) {
        if number < self.settings.answered {
            return;
        }
        self.settings.answered = number;
        if !values.is_empty() {
            self.settings.pulled = values
                .into_iter()
                .filter_map(|(scope, value)| settings::section(&value).map(|content| (scope, content)))
                .collect();
        }
        self.apply_settings();
        self.configuration_is_late();
    }

    /// From now on nothing waits for settings.
    pub(super) fn configuration_is_late(&mut self) {
        if !self.configured {
            self.configured = true;
            self.refresh_everything();
            self.tell_outcomes();
            self.survey_as_wished();
        }
    }

    /// Returns the question to ask about a root under the settings of its folder.
    pub(super) fn question(&self, root: &Utf8Path, boundary: &Utf8Path) -> Question {
        let settings = self.settings_of(&self.folder_of(root).cloned());
        let mut question = Question::about(root, boundary);
        question.editor = settings.python;
        question.variables = settings.variables;
        if let Some(list) = question.variables.get_mut("PYTHONPATH") {
            *list = from_folder(list, boundary);
        }
        question.overrides = settings.overrides;
        question
    }

    pub(super) fn change_folders(&mut self, added: Vec<Utf8PathBuf>, removed: &[Utf8PathBuf]) {
        self.folders.retain(|folder| !removed.contains(folder));
        for folder in added {
            if !self.folders.contains(&folder) {
                self.folders.push(folder);
            }
        }
        self.settings.pulled.retain(|scope, _| scope.as_ref().is_none_or(|folder| self.folders.contains(folder)));
        self.ask_configuration();
        self.locate_everything_again();
        self.survey_as_wished();
        self.survey_folders_again();
    }

    pub(super) fn settings_of(&self, scope: &Scope) -> ClientSettings {
        settings::read(&self.settings.content(scope)).0
    }

    fn apply_settings(&mut self) {
        let mut scopes: Vec<Scope> = vec![None];
        scopes.extend(self.folders.iter().cloned().map(Some));
        for scope in scopes {
            let (_, wrong) = settings::read(&self.settings.content(&scope));
            for line in wrong {
                self.log_once(line);
            }
        }
        let watch = self.settings_of(&self.folders.first().cloned()).watch;
        if watch != self.settings.watch {
            self.settings.watch = watch;
            self.effects.push(Effect::Watch(watch));
            self.discover_everything();
        }
        self.ask_changed_questions();
        self.survey_as_wished();
    }
}

/// An editor starts Python in the workspace folder: what is relative is from there.
fn from_folder(list: &str, folder: &Utf8Path) -> String {
    if list.is_empty() {
        return String::new();
    }
    let separator = Platform::HOST.list_separator();
    let items = list.split(separator).map(|item| match item {
        "" | "." => folder.to_string(),
        item => folder.join(item.strip_prefix("./").unwrap_or(item)).into_string(),
    });
    items.collect::<Vec<_>>().join(&separator.to_string())
}
