//! An open `pyvenv.cfg`: what is said about it while it is typed, what its keys mean, what may be written.
//!
//! In: its text as the editor has it, and what a look at the disk found. Out: diagnostics, hover, completions.
//!
//! **Invariant:** the text is the editor's: what was found on the disk is shown where its line still stands, and is taken
//! back where it does not.

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::check;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::KnownPython;
use fromwhere_core::explain;
use fromwhere_core::interpreter::Interpreter;
use fromwhere_core::situation::Situation;
use fromwhere_core::text::EditorPosition;
use tower_lsp::lsp_types::{CompletionItem, Hover, HoverContents, MarkupContent, MarkupKind, Url};

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Work};
use crate::lsp::event::Timer;
use crate::lsp::session::documents::Document;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::overlay::Lines;
use crate::lsp::session::{Session, TYPING_QUIET};

impl Session {
    /// Its keys can only be completed when it is known which Pythons there are.
    pub(super) fn pyvenv_opened(&mut self) {
        self.effects.push(Effect::Work(Work::Pythons));
        self.publish_files();
    }

    pub(super) fn pyvenv_changed(&mut self, uri: &Url) {
        let Some(document) = self.documents.get(uri) else { return };
        if document.typing.is_some() {
            let timer = Timer::Typing { uri: uri.clone(), change: document.change };
            self.effects.push(Effect::Timer { timer, after: TYPING_QUIET });
        }
        self.publish_files();
    }

    pub(super) fn pythons_came(&mut self, pythons: Vec<KnownPython>) {
        self.pythons = Some(pythons);
    }

    pub(super) fn pyvenv_documents(&self) -> Vec<Utf8PathBuf> {
        let open = self.documents.values().filter(|document| document.kind == Kind::Pyvenv);
        open.filter_map(|document| document.path.clone()).collect()
    }

    /// Returns what is shown about an open `pyvenv.cfg`, given what was found on the disk.
    pub(super) fn about_pyvenv(&self, path: &Utf8Path, on_disk: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let of_path = |document: &&Document| document.kind == Kind::Pyvenv && document.path.as_deref() == Some(path);
        let Some(document) = self.documents.values().find(of_path) else { return on_disk };
        let Some(situation) = self.situation_of(document) else { return on_disk };
        let saved = document.saved.as_ref().unwrap_or(&document.text);
        let settings = situation.settings.for_path(path);
        let version = in_force(situation, path).map(|it| &it.version);
        let of_saved = check::check_pyvenv(&settings, path, saved, version);
        let of_text = check::check_pyvenv(&settings, path, &document.text, version);
        let rest = on_disk.into_iter().filter(|it| !of_saved.contains(it));
        let lines = (saved != &document.text).then(|| Lines::between(saved, &document.text));
        let now = |it: Diagnostic| if let Some(lines) = &lines { lines.diagnostic(&it) } else { Some(it) };
        let mut shown: Vec<Diagnostic> = rest.filter_map(now).collect();
        let before = self.files.get(path);
        shown.extend(of_text.into_iter().filter(|it| {
            let is_typed = document.typing.is_some_and(|typing| typing.covers(it.range.start.line));
            let was_shown = |before: &Diagnostic| (before.rule, &before.message) == (it.rule, &it.message);
            !is_typed || before.is_some_and(|before| before.iter().any(was_shown))
        }));
        shown.sort_by_key(|it| (it.range, it.rule));
        shown
    }

    /// `None`: not yet. The inner one: nothing to say here.
    #[expect(clippy::option_option, reason = "not yet, and nothing, are two answers")]
    pub(super) fn hover_in_pyvenv(&self, document: &Document, position: EditorPosition) -> Option<Option<Hover>> {
        let situation = self.situation_of(document);
        let is_hopeless = || {
            let project = self.projects.get(&self.project_of(document)?)?;
            Some(project.failed && project.flight.is_none())
        };
        if situation.is_none() && is_hopeless() != Some(true) {
            return None;
        }
        let path = document.path.as_deref()?;
        let interpreter = situation.and_then(|situation| in_force(situation, path));
        let offset = document.text.offset(position, self.client.encoding);
        let said = explain::pyvenv_hover(&document.text, offset, interpreter, self.client.markdown);
        Some(said.map(|(span, value)| {
            let kind = if self.client.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
            let range = convert::range(document.text.range(span), self.client.encoding);
            Hover { contents: HoverContents::Markup(MarkupContent { kind, value }), range: Some(range) }
        }))
    }

    /// `None`: not yet.
    pub(super) fn completions(&self, uri: &Url, position: EditorPosition) -> Option<Vec<CompletionItem>> {
        let Some(document) = self.documents.get(uri).filter(|document| document.kind == Kind::Pyvenv) else {
            return Some(Vec::new());
        };
        let offset = document.text.offset(position, self.client.encoding);
        let found = explain::pyvenv_completions(&document.text, offset, self.pythons.as_ref()?);
        let items = found.iter().enumerate();
        Some(items.map(|(rank, it)| convert::completion(it, rank, &document.text, self.client.encoding)).collect())
    }

    fn situation_of(&self, document: &Document) -> Option<&Situation> {
        let project = self.projects.get(&self.project_of(document)?)?;
        project.settled().map(|situation| &**situation)
    }
}

/// Returns the interpreter in force, where it is this environment's.
fn in_force<'s>(situation: &'s Situation, path: &Utf8Path) -> Option<&'s Interpreter> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    interpreter.pyvenv.as_ref().filter(|pyvenv| pyvenv.path == path).map(|_| interpreter)
}
