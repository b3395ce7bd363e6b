//! Inlay hints: one word behind an import that comes from somewhere else than the project and its environment.
//!
//! In: a document and what is known of its imports. Out: hints, where the setting asks for them.
//!
//! **Invariant:** off unless somebody turned them on; a hint says nothing that hover does not, and it never accuses.

use fromwhere_core::explain;
use fromwhere_core::text::Span;
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Hint, Response};
use crate::lsp::session::Session;
use crate::lsp::session::documents::Document;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::requests::prefixes;

/// A hint in our own words: where, what, and the sentence behind it.
struct Word {
    span: Span,
    label: String,
    sentence: String,
}

impl Session {
    /// The hints on some lines; `None`: not yet.
    pub(super) fn hints(&mut self, uri: &Url, (first, last): (u32, u32)) -> Option<Response> {
        let Some(document) = self.documents.get(uri).filter(|document| document.kind == Kind::Python) else {
            return Some(Response::Hints(Vec::new()));
        };
        if self.configured && !self.wants_hints(document) {
            // Remembered, so that the client is told to ask again when they are switched on.
            self.hinted.insert(uri.clone(), Vec::new());
            return Some(Response::Hints(Vec::new()));
        }
        let failed = self.project_of(document).and_then(|key| self.projects.get(&key)).is_some_and(|it| it.failed);
        let hints = match self.hints_of(document) {
            Some(hints) => hints,
            None if failed => Vec::new(),
            None => return None,
        };
        let shown = hints.iter().filter_map(|hint| {
            let range = document.text.range(hint.span);
            let position = convert::position(range.end, self.client.encoding);
            (first..=last).contains(&range.end.line).then(|| Hint {
                position,
                label: hint.label.clone(),
                tooltip: hint.sentence.clone(),
            })
        });
        let shown = shown.collect();
        self.hinted.insert(uri.clone(), labels(hints));
        Some(Response::Hints(shown))
    }

    /// Asks the client to ask again where a hint says something else by now.
    pub(super) fn refresh_hints(&mut self) {
        if !self.client.hint_refresh {
            return;
        }
        let mut changed = Vec::new();
        for (uri, before) in &self.hinted {
            let Some(document) = self.documents.get(uri) else { continue };
            let now = if self.wants_hints(document) { self.hints_of(document).map(labels) } else { Some(Vec::new()) };
            changed.extend(now.filter(|now| now != before).map(|now| (uri.clone(), now)));
        }
        if !changed.is_empty() {
            self.hinted.extend(changed);
            self.effects.push(Effect::RefreshHints);
        }
    }

    fn wants_hints(&self, document: &Document) -> bool {
        document.directory().is_some_and(|directory| self.settings_of(&self.folder_of(&directory).cloned()).inlay_hints)
    }

    /// `None` while something that is imported has no answer yet.
    fn hints_of(&self, document: &Document) -> Option<Vec<Word>> {
        let project = self.projects.get(&self.project_of(document)?)?;
        let situation = project.settled().filter(|_| self.configured)?;
        let answers = project.answers_in(&self.folder_of_script(document)?);
        let mut hints = Vec::new();
        for import in document.imports.imports.iter().filter(|it| it.level == 0 && !it.module.is_empty()) {
            let Some(answer) = prefixes(&import.module).find_map(|name| answers.get(name)) else {
                if project.unanswerable.contains(import.top_level()) {
                    continue;
                }
                return None;
            };
            if let Some(label) = explain::hint(situation, answer) {
                hints.push(Word { span: import.span, label, sentence: explain::sentence(situation, answer) });
            }
        }
        Some(hints)
    }
}

fn labels(hints: Vec<Word>) -> Vec<String> {
    hints.into_iter().map(|hint| hint.label).collect()
}
