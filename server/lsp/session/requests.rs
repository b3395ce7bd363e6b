//! What the editor asks: hover, completion, quick fixes, commands.
//!
//! In: a [`Request`] and what is known. Out: its reply, at once or when the discovery it waits for has ended.
//!
//! **Invariant:** every request is answered exactly once, and nothing is ever run for one.

use std::borrow::Cow;

use camino::Utf8Path;
use fromwhere_core::answer::Answer;
use fromwhere_core::diagnostic::{Diagnostic, Edit, Fix, FixAction};
use fromwhere_core::explain;
use fromwhere_core::project;
use fromwhere_core::text::EditorPosition;
use serde_json::Value;
use tower_lsp::lsp_types::{CodeActionOrCommand, Hover, HoverContents, Location, MarkupContent, MarkupKind, Url};

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Response, Tone};
use crate::lsp::event::Request;
use crate::lsp::protocol::{CHECK_AGAIN, EXPLAIN, OPEN, ROOTS, SHOW_COMMAND};
use crate::lsp::session::Session;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::pages::lacking;

/// The most imports that are offered to be explained: a selection may have thousands of lines.
const MOST_EXPLANATIONS: usize = 5;

impl Session {
    /// Replies to every request that can be replied to by now.
    pub(super) fn answer_waiting(&mut self) {
        for (ticket, request) in std::mem::take(&mut self.waiting) {
            match self.respond(&request) {
                Some(response) => self.effects.push(Effect::Reply { ticket, response }),
                None => self.waiting.push((ticket, request)),
            }
        }
    }

    /// `None`: not yet.
    fn respond(&mut self, request: &Request) -> Option<Response> {
        match request {
            Request::Hover { uri, position } => self.hover(uri, *position).map(Response::Hover),
            Request::Complete { uri, position } => self.completions(uri, *position).map(Response::Completions),
            Request::Fixes { uri, lines, .. } => Some(Response::Fixes(self.fixes(uri, *lines))),
            Request::Explanations { uri, lines } => Some(Response::Fixes(self.explanations(uri, *lines))),
            Request::Execute { command, arguments } if [ROOTS, EXPLAIN].contains(&command.as_str()) => {
                self.show_page(command, arguments)
            }
            Request::Execute { command, arguments } => Some(self.execute(command, arguments)),
            Request::Hints { uri, lines } => self.hints(uri, *lines),
            Request::Content { uri } => self.page_content(uri),
        }
    }

    /// The outer `None`: not yet; the inner one: nothing to say here.
    #[expect(clippy::option_option, reason = "not yet, and nothing, are two answers")]
    fn hover(&mut self, uri: &Url, position: EditorPosition) -> Option<Option<Hover>> {
        let Some(document) = self.documents.get(uri) else { return Some(None) };
        match document.kind {
            Kind::Python => {}
            Kind::Pyvenv => return self.hover_in_pyvenv(document, position),
            Kind::Recipe(_) | Kind::Other => return Some(None),
        }
        let offset = document.text.offset(position, self.client.encoding);
        let mut imports = document.imports.imports.iter();
        let Some(import) = imports.find(|import| import.level == 0 && import.span.contains(offset)) else {
            return Some(None);
        };
        let key = self.project_of(document)?;
        let project = self.projects.get(&key)?;
        if project.failed && project.flight.is_none() {
            return Some(None);
        }
        let situation = project.settled()?;
        let directory = self.folder_of_script(document)?;
        let answers = project.answers_in(&directory);
        let answer = prefixes(&import.module).find_map(|name| answers.get(name));
        let Some(answer): Option<&std::sync::Arc<Answer>> = answer else {
            let hopeless = import.module.is_empty() || project.unanswerable.contains(import.top_level());
            return hopeless.then_some(None);
        };
        let is_asked = answers.contains_key(&import.module) || project.unanswerable.contains(&import.module);
        if answer.resolution.is_resolved() && !is_asked {
            // Only of a name that somebody points at is it found out whether its package has that part.
            let names = vec![import.module.clone()];
            self.ask_answers(&key, directory, names);
            return None;
        }
        let package =
            prefixes(&import.module).filter_map(|name| answers.get(name)).find(|it| it.resolution.is_resolved());
        let package = package.unwrap_or(answer);
        let part = lacking(&import.module, package, &answers);
        let shown = if part.is_some() { package } else { answer };
        let kind = if self.client.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
        let value = explain::hover_in(situation, shown, part, self.client.markdown);
        let range = convert::range(document.text.range(import.span), self.client.encoding);
        Some(Some(Hover { contents: HoverContents::Markup(MarkupContent { kind, value }), range: Some(range) }))
    }

    /// The fixes of all that is shown on these lines, each title once.
    fn fixes(&self, uri: &Url, (first, last): (u32, u32)) -> Vec<CodeActionOrCommand> {
        let touches =
            |diagnostic: &&Diagnostic| diagnostic.range.start.line <= last && first <= diagnostic.range.end.line;
        let mut titles: Vec<&str> = Vec::new();
        let mut actions = Vec::new();
        for diagnostic in self.shown_in(uri).filter(touches) {
            let about = convert::diagnostic(diagnostic, &self.client);
            for (index, fix) in diagnostic.fixes.iter().enumerate() {
                if titles.contains(&fix.title.as_str()) {
                    continue;
                }
                let preferred = index == 0 && matches!(fix.action, FixAction::Edit(_));
                let action = self.for_open_texts(uri, fix).and_then(|fix| {
                    convert::code_action(&fix, &about, preferred, &self.client, &|path| self.opened_beside(uri, path))
                });
                if let Some(action) = action {
                    titles.push(&fix.title);
                    actions.push(action);
                }
            }
        }
        let path = convert::path_of(uri);
        let mistakes = path.as_ref().and_then(|path| self.mistakes.get(path)).into_iter().flatten();
        for mistake in mistakes.filter(|it| it.range.start.line <= last && first <= it.range.end.line) {
            let about = convert::mistake(mistake, &self.client);
            let action = convert::correction(mistake).and_then(|fix| {
                convert::code_action(&fix, &about, true, &self.client, &|path| self.opened_beside(uri, path))
            });
            actions.extend(action);
        }
        actions
    }

    /// All cells of a notebook have its path: an edit means the one that it is offered in.
    fn opened_beside(&self, uri: &Url, path: &Utf8Path) -> Option<(Url, i32)> {
        let own = self.documents.get(uri).filter(|document| document.path.as_deref() == Some(path));
        own.map(|document| (uri.clone(), document.version)).or_else(|| self.opened(path))
    }

    /// Makes the additions of a fix anew for what is open: an editor may have applied the fix before this one and saved
    /// nothing. `None` where the text could not take it, or has it by now. Every other edit is one of the text it is offered in.
    fn for_open_texts<'f>(&self, uri: &Url, fix: &'f Fix) -> Option<Cow<'f, Fix>> {
        let FixAction::Edit(edits) = &fix.action else { return Some(Cow::Borrowed(fix)) };
        let anew = edits.iter().map(|edit| {
            let document = self.opened_beside(uri, &edit.path).and_then(|(uri, _)| self.documents.get(&uri));
            match (document, &edit.addition) {
                (Some(document), Some(addition)) => project::add(&edit.path, &document.text, addition),
                _ => Some(edit.clone()),
            }
        });
        let anew: Option<Vec<Edit>> = anew.collect();
        Some(Cow::Owned(Fix { action: FixAction::Edit(anew?), ..fix.clone() }))
    }

    /// An action for each import on these lines that shows where it comes from.
    fn explanations(&self, uri: &Url, (first, last): (u32, u32)) -> Vec<CodeActionOrCommand> {
        let Some(document) = self.documents.get(uri).filter(|document| document.kind == Kind::Python) else {
            return Vec::new();
        };
        if !self.client.show_document {
            return Vec::new();
        }
        let mut modules: Vec<&str> = Vec::new();
        for import in document.imports.imports.iter().filter(|it| it.level == 0 && !it.module.is_empty()) {
            let line = document.text.range(import.span).start.line;
            if (first..=last).contains(&line) && !modules.contains(&import.module.as_str()) {
                modules.push(&import.module);
            }
        }
        let actions = modules.into_iter().take(MOST_EXPLANATIONS);
        actions.map(|module| convert::explanation(module, uri, &self.client)).collect()
    }

    /// Everything that is shown in one file: about its imports, or about the environment it describes.
    fn shown_in(&self, uri: &Url) -> impl Iterator<Item = &Diagnostic> {
        let document = self.documents.get(uri).and_then(|document| document.shown.as_ref());
        let path = convert::path_of(uri).filter(|_| !convert::is_cell(uri));
        let file = path.and_then(|path| self.files.get(&path));
        document.into_iter().chain(file).flatten()
    }

    fn execute(&mut self, command: &str, arguments: &[Value]) -> Response {
        match (command, arguments) {
            (SHOW_COMMAND, [Value::String(line)]) => {
                let text = format!("Run in a terminal: {line}");
                self.effects.push(Effect::Tell { text, severity: Tone::Information });
                Response::Executed
            }
            (OPEN, [place]) => match serde_json::from_value::<Location>(place.clone()) {
                Ok(Location { uri, range }) => {
                    self.effects.push(Effect::ShowDocument { uri, line: Some(range.start.line) });
                    Response::Executed
                }
                Err(_) => Response::Refused(format!("`{OPEN}` takes one location, `{{uri, range}}`")),
            },
            (OPEN, _) => Response::Refused(format!("`{OPEN}` takes one location, `{{uri, range}}`")),
            (CHECK_AGAIN, []) => {
                self.check_again();
                Response::Executed
            }
            (CHECK_AGAIN, _) => Response::Refused(format!("`{CHECK_AGAIN}` takes nothing")),
            (SHOW_COMMAND, _) => Response::Refused(format!("`{SHOW_COMMAND}` takes one string, the command line")),
            _ => Response::Refused(format!("unknown command `{command}`")),
        }
    }
}

/// `a.b.c`, `a.b`, `a`.
pub(super) fn prefixes(dotted: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dotted), |name| name.rfind('.').and_then(|dot| name.get(..dot)))
}
