//! The documents of our own: "Show Import Roots" and "Explain This Import".
//!
//! In: a command, or a URI of our scheme. Out: Markdown, shown as the client can: by its content, as a file, as a result.
//!
//! **Invariant:** a document that was shown is kept true: when what it says changes, the client is told, or the file is
//! written again. Only the most recent ones are kept.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{Answer, Answers};
use fromwhere_core::check;
use fromwhere_core::explain::{self, roots::Importer};
use fromwhere_core::imports::{self, Imports};
use fromwhere_core::text::{EditorPosition, Text};
use serde_json::Value;
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Response, Work};
use crate::lsp::event::ProjectKey;
use crate::lsp::page::{self, Asked, Subject};
use crate::lsp::protocol::ROOTS;
use crate::lsp::session::Session;
use crate::lsp::session::documents::Location;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::projects::Project;
use crate::lsp::session::requests::prefixes;

/// How many documents are kept true.
const MOST_PAGES: usize = 8;

/// A document that the client was given, or soon will be.
#[derive(Debug)]
pub(super) struct Page {
    subject: Subject,
    /// What the name of a module amounts to as an import of the file, so that it is answered as one.
    imports: Arc<Imports>,
    /// What the client was given last, and how it looks at it; `None` before the first time.
    shown: Option<(String, Place)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Content,
    File,
}

/// Where a question is asked from.
struct Ground {
    key: ProjectKey,
    directory: Utf8PathBuf,
}

impl Session {
    /// Carries out one of the two commands; `None`: not yet.
    pub(super) fn show_page(&mut self, command: &str, arguments: &[Value]) -> Option<Response> {
        let asked = match page::read(command, arguments) {
            Ok(asked) => asked,
            Err(reason) => return Some(Response::Refused(reason)),
        };
        let subject = match self.subject(command, &asked) {
            Ok(subject) => subject,
            Err(reason) => return Some(Response::Refused(reason)),
        };
        let text = self.page(&subject)?;
        if !asked.show {
            return Some(Response::Page(Some(text)));
        }
        match subject.uri().filter(|_| self.client.document_content) {
            _ if !self.client.show_document => return Some(Response::Page(Some(text))),
            Some(uri) => self.effects.push(Effect::ShowDocument { uri, line: None }),
            None => {
                self.keep_shown(&subject, &text, Place::File);
                self.effects.push(Effect::WritePage { file: self.file_of(&subject), text, show: true });
            }
        }
        Some(Response::Page(None))
    }

    /// Answers for the content of a document of our scheme; `None`: not yet.
    pub(super) fn page_content(&mut self, uri: &Url) -> Option<Response> {
        let Some(subject) = Subject::parse(uri) else {
            return Some(Response::Refused(format!("{uri} is no document of fromwhere")));
        };
        let text = self.page(&subject)?;
        self.keep_shown(&subject, &text, Place::Content);
        Some(Response::Page(Some(text)))
    }

    /// Tells the client about every shown document that says something else by now.
    pub(super) fn refresh_pages(&mut self) {
        for at in 0..self.pages.len() {
            let Some(page) = self.pages.get(at) else { return };
            let (subject, Some((before, place))) = (page.subject.clone(), page.shown.clone()) else { continue };
            let Some(text) = self.written(&subject) else {
                self.ask_for_page(&subject);
                continue;
            };
            if text == before {
                continue;
            }
            match place {
                Place::Content => self.effects.extend(subject.uri().map(|uri| Effect::RefreshContent { uri })),
                Place::File => {
                    let file = self.file_of(&subject);
                    self.effects.push(Effect::WritePage { file, text: text.clone(), show: false });
                }
            }
            if let Some(page) = self.pages.get_mut(at) {
                page.shown = Some((text, place));
            }
        }
    }

    /// What the documents ask about the files of one directory, beside what those import themselves.
    pub(super) fn imports_of_pages(&self, key: &ProjectKey) -> Vec<(Utf8PathBuf, Arc<Imports>)> {
        let asks = self.pages.iter().filter_map(|page| {
            let ground = self.ground(page.subject.file.as_ref())?;
            (page.subject.module.is_some() && ground.key == *key).then(|| (ground.directory, Arc::clone(&page.imports)))
        });
        asks.collect()
    }

    /// The module is the one that is named, or the one that is imported at the position.
    fn subject(&self, command: &str, asked: &Asked) -> Result<Subject, String> {
        let file = asked.file.clone().or_else(|| self.recent.clone());
        let module = match (command, &asked.module, asked.position) {
            (ROOTS, ..) => None,
            (_, Some(module), _) => Some(module.clone()),
            (_, None, Some(position)) => {
                let module = file.as_ref().and_then(|file| self.imported_at(file, position));
                Some(module.ok_or("there is no absolute import at this place")?)
            }
            (_, None, None) => return Err(format!("`{command}` takes a module, or a position in a file")),
        };
        Ok(Subject { module, file })
    }

    /// The name at a place, or else the first on its line.
    fn imported_at(&self, file: &Url, position: EditorPosition) -> Option<String> {
        let document = self.documents.get(file).filter(|document| document.kind == Kind::Python)?;
        let offset = document.text.offset(position, self.client.encoding);
        let absolute = || document.imports.imports.iter().filter(|it| it.level == 0 && !it.module.is_empty());
        let on_line = |span| document.text.range(span).start.line == position.line;
        let import = absolute().find(|it| it.span.contains(offset)).or_else(|| absolute().find(|it| on_line(it.span)));
        import.map(|import| import.module.clone())
    }

    /// Returns a document's text; `None`: not yet, and what is missing was asked for.
    fn page(&mut self, subject: &Subject) -> Option<String> {
        if !self.configured {
            return None;
        }
        self.keep(subject);
        let ground = match self.ground(subject.file.as_ref()) {
            Some(ground) => ground,
            None if self.look_for_ground(subject.file.as_ref()) => return None,
            None => return Some("# No project\n\nNo Python file is open, and no folder.\n".to_owned()),
        };
        if let Some(text) = self.written(subject) {
            return Some(text);
        }
        let project = self.projects.get(&ground.key)?;
        if project.failed && project.flight.is_none() {
            return Some("# Not known\n\nAn internal error kept this from being found out; see the log.\n".to_owned());
        }
        project.settled()?;
        self.ask_for_page(subject);
        None
    }

    /// Asks for the answers that a document lacks, where it is known of whom.
    fn ask_for_page(&mut self, subject: &Subject) {
        let Some(ground) = self.ground(subject.file.as_ref()) else { return };
        let Some(project) = self.projects.get(&ground.key).filter(|project| project.settled().is_some()) else {
            return;
        };
        let names = self.lacked_by(subject, project, &project.answers_in(&ground.directory));
        if !names.is_empty() {
            self.ask_answers(&ground.key, ground.directory, names);
        }
    }

    /// Returns the names that have to be answered before a document can be written: those that decide where an import comes
    /// from, and the whole name, as a package may lack just that part.
    fn lacked_by(&self, subject: &Subject, project: &Project, answers: &Answers) -> Vec<String> {
        let deciding = self.asked_by(subject).iter().flat_map(|it| check::unanswered(it, answers)).collect::<Vec<_>>();
        let whole = subject.module.clone().filter(|module| !answers.contains_key(module));
        let names = deciding.into_iter().chain(whole);
        names.filter(|name| !project.unanswerable.contains(name)).collect()
    }

    /// Writes a document from what is known; `None` where that is not enough.
    fn written(&self, subject: &Subject) -> Option<String> {
        let ground = self.ground(subject.file.as_ref())?;
        let project = self.projects.get(&ground.key)?;
        let situation = project.settled()?;
        let answers = project.answers_in(&ground.directory);
        let asked = self.asked_by(subject);
        if !self.lacked_by(subject, project, &answers).is_empty() {
            return None;
        }
        let Some(module) = &subject.module else {
            let importer = subject.file.as_ref().and_then(|file| self.documents.get(file));
            let importer = importer.filter(|document| document.kind == Kind::Python).and_then(|document| {
                Some(Importer { path: document.path.as_deref()?, imports: &document.imports, answers: &answers })
            });
            return Some(explain::roots::page(situation, &project.distributions, importer));
        };
        let answer = answer_to(module, &asked, &answers);
        let part = answer.and_then(|package| lacking(module, package, &answers));
        Some(match (answer, part) {
            (Some(package), Some(part)) => explain::module::page_of_lacking(situation, part, package),
            (Some(answer), None) => explain::module::page(situation, answer),
            (None, _) => format!("# Not known\n\nNo answer was found for `{module}`.\n"),
        })
    }

    /// What must be answered before a document can be written.
    fn asked_by(&self, subject: &Subject) -> Vec<Arc<Imports>> {
        if subject.module.is_some() {
            let page = self.pages.iter().find(|page| page.subject == *subject);
            return page.map(|page| Arc::clone(&page.imports)).into_iter().collect();
        }
        let document = subject.file.as_ref().and_then(|file| self.documents.get(file));
        document
            .filter(|document| document.kind == Kind::Python)
            .map(|it| Arc::clone(&it.imports))
            .into_iter()
            .collect()
    }

    fn ground(&self, file: Option<&Url>) -> Option<Ground> {
        if let Some(document) = file.and_then(|file| self.documents.get(file)).filter(|it| it.kind.has_project()) {
            return Some(Ground { key: self.project_of(document)?, directory: self.folder_of_script(document)? });
        }
        let directory = self.directory_without_document(file)?;
        let root = self.locations.get(&directory)?.root.as_ref()?;
        Some(Ground { key: ProjectKey::itself(root), directory })
    }

    /// A closed file stands for its folder, no file for the first folder of the workspace.
    fn directory_without_document(&self, file: Option<&Url>) -> Option<Utf8PathBuf> {
        let path = file.and_then(convert::path_of);
        path.as_deref().and_then(Utf8Path::parent).map(Utf8Path::to_owned).or_else(|| self.folders.first().cloned())
    }

    /// Sees to it that the project becomes known; returns whether there is one to come.
    fn look_for_ground(&mut self, file: Option<&Url>) -> bool {
        if file.is_some_and(|file| self.documents.get(file).is_some_and(|document| document.kind.has_project())) {
            return true;
        }
        let Some(directory) = self.directory_without_document(file) else { return false };
        if !self.locations.contains_key(&directory) {
            let boundary = self.folder_of(&directory).cloned();
            self.locations.insert(directory.clone(), Location::unknown(boundary.clone()));
            self.effects.push(Effect::Work(Work::Locate { directory, boundary }));
        }
        true
    }

    /// Moves a document to the end of the list, where the oldest is dropped from the front.
    fn keep(&mut self, subject: &Subject) {
        let known = self.pages.iter().position(|page| page.subject == *subject).map(|at| self.pages.remove(at));
        let page = known.unwrap_or_else(|| {
            let source = subject.module.as_ref().map(|module| format!("import {module}\n")).unwrap_or_default();
            Page { subject: subject.clone(), imports: Arc::new(imports::scan(&Text::new(source))), shown: None }
        });
        if self.pages.len() >= MOST_PAGES {
            self.pages.remove(0);
        }
        self.pages.push(page);
    }

    fn keep_shown(&mut self, subject: &Subject, text: &str, place: Place) {
        if let Some(page) = self.pages.iter_mut().find(|page| page.subject == *subject) {
            page.shown = Some((text.to_owned(), place));
        }
    }

    /// The name of the file for a client that knows no other documents: one for each project.
    fn file_of(&self, subject: &Subject) -> Utf8PathBuf {
        let root = self.ground(subject.file.as_ref()).map(|ground| ground.key.to_string()).unwrap_or_default();
        subject.file_in(&root)
    }
}

/// Returns the answer to a part of a package that is found and has no such part.
pub(super) fn lacking<'a>(module: &str, package: &Answer, answers: &'a Answers) -> Option<&'a Answer> {
    let whole = answers.get(module).filter(|_| module != package.resolution.module)?;
    (package.resolution.is_resolved() && !whole.resolution.is_resolved()).then_some(&**whole)
}

/// The name that decides where the import comes from, or the nearest package of it.
fn answer_to<'a>(module: &str, asked: &[Arc<Imports>], answers: &'a Answers) -> Option<&'a Arc<Answer>> {
    let deciding = asked.iter().flat_map(|it| check::subject_names(it, answers)).find_map(|name| answers.get(&name));
    deciding.or_else(|| prefixes(module).find_map(|name| answers.get(name)))
}
