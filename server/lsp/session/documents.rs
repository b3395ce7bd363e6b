//! The open documents and which project each belongs to.
//!
//! In: opened, changed, saved, closed; where a worker located a directory. Out: texts that are the editor's, and work.
//!
//! **Invariant:** an open document's text is the editor's, whatever the disk says; a document nobody opened is ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::imports::{self, Imports};
use fromwhere_core::launch::{self, Launch};
use fromwhere_core::system::{Cause as ReadCause, LARGEST_SOURCE};
use fromwhere_core::text::{Change, Text};
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Work};
use crate::lsp::event::{Located, ProjectKey};
use crate::lsp::session::Session;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::notebooks::once_a_notebook;
use crate::lsp::session::publish::Cause;

#[derive(Debug)]
pub(super) struct Document {
    /// `None` for what lies on no disk.
    pub(super) path: Option<Utf8PathBuf>,
    pub(super) kind: Kind,
    pub(super) version: i32,
    pub(super) text: Text,
    /// The text as it was opened or last saved, where what is found on the disk has to be laid over it.
    pub(super) saved: Option<Text>,
    pub(super) imports: Arc<Imports>,
    /// What the text says about the Python that runs it, as far as it has come to rest.
    pub(super) launch: Option<Launch>,
    /// Counts the changes.
    pub(super) change: u64,
    /// The line that was typed on last, until nothing is typed for a while.
    pub(super) typing: Option<Typing>,
    /// What the editor shows; `None` before the first time.
    pub(super) shown: Option<Vec<Diagnostic>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typing {
    Line(u32),
    /// The client sends whole texts.
    Somewhere,
}

impl Typing {
    pub(super) fn covers(self, line: u32) -> bool {
        match self {
            Typing::Line(typed) => typed == line,
            Typing::Somewhere => true,
        }
    }
}

#[derive(Debug)]
pub(super) struct Location {
    /// `None` while a worker looks.
    pub(super) root: Option<Utf8PathBuf>,
    pub(super) boundary: Option<Utf8PathBuf>,
    /// Its files that are links into other folders, and those folders.
    pub(super) linked: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

impl Location {
    pub(super) fn unknown(boundary: Option<Utf8PathBuf>) -> Self {
        Location { root: None, boundary, linked: BTreeMap::new() }
    }
}

impl Session {
    pub(super) fn open(&mut self, uri: &Url, language: &str, version: i32, text: String) {
        let path = convert::path_of(uri);
        let kind = Kind::of(language, path.as_deref(), &text);
        let shown = self.documents.remove(uri).and_then(|known| known.shown);
        if let Some(path) = path.as_deref().filter(|_| kind.has_project()) {
            self.closed_was_opened(path, uri);
        }
        if let Some(notebook) = path.as_ref().filter(|_| convert::is_cell(uri)) {
            self.ask_kernel(notebook);
        }
        let text = Text::new(text);
        let saved = (kind == Kind::Pyvenv).then(|| text.clone());
        let imports = if kind == Kind::Python { self.scan(uri, path.as_deref(), &text) } else { Arc::default() };
        let launch = path.as_deref().and_then(|path| launch::of(path, &imports));
        let document = Document { path, kind, version, text, saved, imports, launch, change: 0, typing: None, shown };
        self.documents.insert(uri.clone(), document);
        match kind {
            Kind::Python => self.recent = Some(uri.clone()),
            Kind::Pyvenv => self.pyvenv_opened(),
            Kind::Recipe(_) => self.ask_packages(),
            Kind::Other => {}
        }
        if self.is_overlaid(uri) {
            self.publish_files();
        }
        if kind.has_project() {
            self.locate(uri);
            self.verify(uri);
        }
    }

    pub(super) fn change(&mut self, uri: &Url, version: i32, changes: &[Change]) {
        let encoding = self.client.encoding;
        let Some(document) = self.documents.get_mut(uri) else { return };
        for change in changes {
            document.text.apply(change, encoding);
            document.typing = typing(change);
        }
        document.version = version;
        document.change += 1;
        let kind = document.kind;
        match kind {
            Kind::Python => {}
            Kind::Pyvenv => return self.pyvenv_changed(uri),
            Kind::Recipe(_) => return self.refresh(uri, Cause::Typed),
            Kind::Other if self.is_overlaid(uri) => return self.publish_files(),
            Kind::Other => return,
        }
        // `setup.py` has two lists that are published as one: both are of this text.
        let moved = if self.is_overlaid(uri) { self.replace_files() } else { BTreeSet::new() };
        self.recent = Some(uri.clone());
        let Some(document) = self.documents.get_mut(uri) else { return };
        let too_large = document.text.source().len() as u64 > LARGEST_SOURCE;
        let kernel = document.path.as_ref().and_then(|path| self.kernels.get(path)).cloned().flatten();
        document.imports = if too_large { Arc::default() } else { Arc::new(scan(uri, &document.text, kernel)) };
        if let Some(problem) = document.path.as_deref().and_then(|path| document.imports.problem(path)) {
            self.log_once(problem.to_string());
        }
        self.launch_may_have_changed(uri);
        self.refresh(uri, Cause::Typed);
        for path in moved {
            self.publish_once(&path);
        }
    }

    /// Nothing was typed since that change: what was held back is said now.
    pub(super) fn typing_paused(&mut self, uri: &Url, change: u64) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        if document.change == change {
            document.typing = None;
            if document.kind == Kind::Pyvenv {
                return self.publish_files();
            }
            self.launch_may_have_changed(uri);
            self.refresh(uri, Cause::Learned);
        }
    }

    pub(super) fn save(&mut self, uri: &Url) {
        if let Some(document) = self.documents.get_mut(uri)
            && document.saved.is_some()
        {
            document.saved = Some(document.text.clone());
        }
        self.verify(uri);
    }

    pub(super) fn close(&mut self, uri: &Url) {
        let was_overlaid = self.is_overlaid(uri);
        let Some(document) = self.documents.remove(uri) else { return };
        if was_overlaid {
            self.publish_files();
        }
        self.hinted.remove(uri);
        if self.recent.as_ref() == Some(uri) {
            self.recent = None;
        }
        if let Some(path) = &document.path {
            self.environments.remove(path);
        }
        if let Some(shown) = document.shown {
            self.show_no_longer(uri, document.path.as_deref(), shown);
        }
        // What was said of this cell may be due to the next one now.
        if let Some(path) = document.path.filter(|_| convert::is_cell(uri) && self.configured) {
            self.refresh_notebook(&path, Cause::Learned);
        }
        self.forget_unused_kernels();
        let directories: Vec<Utf8PathBuf> = self.documents.values().filter_map(Document::directory).collect();
        self.locations.retain(|directory, _| directories.contains(directory));
        self.forget_unused_projects();
    }

    /// Asks a worker for the project of a document's directory, once.
    pub(super) fn locate(&mut self, uri: &Url) {
        let Some(directory) = self.documents.get(uri).and_then(Document::directory) else { return };
        match self.locations.get(&directory) {
            Some(Location { root: Some(_), .. }) => {
                self.add_launched(uri);
                self.refresh(uri, Cause::Learned);
            }
            Some(Location { root: None, .. }) => {}
            None => {
                let boundary = self.folder_of(&directory).cloned();
                let location = Location::unknown(boundary.clone());
                self.locations.insert(directory.clone(), location);
                self.effects.push(Effect::Work(Work::Locate { directory, boundary }));
            }
        }
    }

    pub(super) fn located(&mut self, located: &Located) {
        // A late answer about a directory whose documents are closed, or that is asked about again, says nothing.
        let boundary = self.folder_of(&located.directory).cloned();
        let Some(location) = self.locations.get(&located.directory) else { return };
        if location.boundary != boundary {
            return;
        }
        let uris = self.documents_in(slice::from_ref(&located.directory));
        if located.is_library && !uris.is_empty() {
            // Opened by "go to definition": the same as an installed package.
            self.locations.remove(&located.directory);
            for uri in &uris {
                if let Some(document) = self.documents.get_mut(uri) {
                    document.kind = Kind::Other;
                }
            }
            return self.forget_unused_projects();
        }
        let Some(location) = self.locations.get_mut(&located.directory) else { return };
        location.root = Some(located.root.clone());
        location.linked.clone_from(&located.linked);
        let key = ProjectKey::itself(&located.root);
        self.add_project(&key, &located.boundary, None);
        if let Some(project) = self.projects.get_mut(&key) {
            project.was_opened = true;
        }
        for uri in &uris {
            self.add_launched(uri);
        }
        self.forget_unused_projects();
        for uri in &once_a_notebook(uris) {
            self.refresh(uri, Cause::Learned);
        }
    }

    /// The given directories may belong to other projects by now.
    pub(super) fn locate_again(&mut self, directories: &[Utf8PathBuf]) {
        self.locations.retain(|directory, _| !directories.contains(directory));
        let uris = self.documents_in(directories);
        for uri in &uris {
            self.locate(uri);
        }
    }

    pub(super) fn locate_everything_again(&mut self) {
        let directories: Vec<Utf8PathBuf> = self.locations.keys().cloned().collect();
        self.locate_again(&directories);
        self.forget_unused_projects();
    }

    /// Returns the root of a document's project, where it is known.
    pub(super) fn root_of(&self, document: &Document) -> Option<&Utf8PathBuf> {
        self.locations.get(&document.directory()?)?.root.as_ref()
    }

    /// Returns the folder by which the answers for a document are kept: a link runs where it leads.
    pub(super) fn folder_of_script(&self, document: &Document) -> Option<Utf8PathBuf> {
        let directory = document.directory()?;
        let elsewhere = self.locations.get(&directory).zip(document.path.as_ref());
        let elsewhere = elsewhere.and_then(|(location, path)| location.linked.get(path));
        Some(elsewhere.cloned().unwrap_or(directory))
    }

    /// Returns the project whose situation a document is in, where its root is known.
    pub(super) fn project_of(&self, document: &Document) -> Option<ProjectKey> {
        let root = self.root_of(document)?.clone();
        Some(ProjectKey { root, launch: document.launch.as_ref().map(Launch::key) })
    }

    /// Returns the documents of one project.
    pub(super) fn documents_of(&self, key: &ProjectKey) -> Vec<Url> {
        let belongs = |document: &Document| self.project_of(document).is_some_and(|its| its == *key);
        self.documents.iter().filter(|(_, document)| belongs(document)).map(|(uri, _)| uri.clone()).collect()
    }

    fn documents_in(&self, directories: &[Utf8PathBuf]) -> Vec<Url> {
        let lies = |document: &Document| document.directory().is_some_and(|its| directories.contains(&its));
        self.documents.iter().filter(|(_, document)| lies(document)).map(|(uri, _)| uri.clone()).collect()
    }

    fn scan(&mut self, uri: &Url, path: Option<&Utf8Path>, text: &Text) -> Arc<Imports> {
        if text.source().len() as u64 > LARGEST_SOURCE {
            let name = path.map(Utf8Path::as_str).unwrap_or_default();
            let cause = ReadCause::TooLarge { limit: LARGEST_SOURCE };
            self.log_once(format!("{name}: {cause}, left out"));
            return Arc::default();
        }
        let kernel = path.and_then(|path| self.kernels.get(path)).cloned().flatten();
        let imports = scan(uri, text, kernel);
        if let Some(problem) = path.and_then(|path| imports.problem(path)) {
            self.log_once(problem.to_string());
        }
        Arc::new(imports)
    }
}

impl Document {
    /// Tells whether it is this document, not the disk, that says what is in a file. A notebook that was opened as JSON does
    /// not.
    pub(super) fn speaks_for(&self, path: &Utf8Path) -> bool {
        self.kind.has_project() && self.path.as_deref() == Some(path)
    }

    /// Returns the directory of a document that belongs to a project.
    pub(super) fn directory(&self) -> Option<Utf8PathBuf> {
        let path = self.path.as_deref().filter(|_| self.kind.has_project())?;
        path.parent().map(Utf8Path::to_owned)
    }
}

/// A cell is read as `IPython` would, anything else as Python would.
fn scan(uri: &Url, text: &Text, kernel: Option<String>) -> Imports {
    if convert::is_cell(uri) { Imports { kernel, ..imports::scan_cell(text) } } else { imports::scan(text) }
}

/// A change within one line may be half a word; one that ends or joins lines is not.
fn typing(change: &Change) -> Option<Typing> {
    match change.range {
        None => Some(Typing::Somewhere),
        Some((from, to)) if from.line == to.line && !change.text.contains(['\n', '\r']) => {
            Some(Typing::Line(from.line))
        }
        Some(_) => None,
    }
}
