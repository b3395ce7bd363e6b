//! What the editor shows, and when it hears of it.
//!
//! In: texts, imports, situations and answers. Out: diagnostics for open documents, pyvenv.cfg and manifests.
//!
//! **Invariant:** clear at once, accuse later: what is no longer true is taken back in the same turn, and only a word that
//! is still being typed waits before it is complained about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::apt::PackageNames;
use fromwhere_core::check;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::recipe;
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::Mistake;
use tower_lsp::lsp_types::{self, Url};

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Work};
use crate::lsp::event::{ProjectKey, Timer};
use crate::lsp::session::kind::Kind;
use crate::lsp::session::notebooks::once_a_notebook;
use crate::lsp::session::{Session, TYPING_QUIET};

/// Why a document is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Its text has changed: what is known is said at once, the rest when its answer comes.
    Typed,
    /// More is known than before: what still has no answer waits, so that nothing vanishes and comes back.
    Learned,
}

impl Session {
    /// Checks one document, publishes what differs from what is shown, and asks for what has no answer yet.
    pub(super) fn refresh(&mut self, uri: &Url, cause: Cause) {
        if !self.configured {
            return;
        }
        let Some(document) = self.documents.get(uri) else { return };
        let Some(path) = &document.path else { return };
        let Some(key) = self.project_of(document) else { return };
        let Some(project) = self.projects.get(&key) else { return };
        let Some(situation) = project.settled() else { return };
        match document.kind {
            Kind::Python if convert::is_cell(uri) => {
                let path = path.clone();
                return self.refresh_notebook(&path, cause);
            }
            Kind::Python => {}
            Kind::Recipe(kind) => {
                let found = recipe::read(kind, path, &document.text);
                let packages = self.packages.as_deref();
                let package_of = |module: &str| Some(packages?.package_of(module)?.to_owned());
                let found = check::check_recipe(situation, path, &document.text, &found, &package_of);
                return self.show(uri, found);
            }
            Kind::Pyvenv | Kind::Other => return,
        }
        let Some(directory) = self.folder_of_script(document) else { return };
        let answers = project.answers_in(&directory);
        let mut names = check::unanswered(&document.imports, &answers);
        names.retain(|name| !project.unanswerable.contains(name));
        let wait = !names.is_empty() && (cause == Cause::Learned || document.shown.is_none());
        if !wait {
            let found = if self.is_foreign_stub(path) {
                Vec::new()
            } else {
                check::check_file(situation, path, &document.text, &document.imports, &answers)
            };
            self.show(uri, found);
        }
        if !names.is_empty() {
            self.ask_answers(&key, directory, names);
        }
    }

    /// Tells whether a file is a stub from elsewhere, as type checkers bring them along and "go to definition" opens them.
    fn is_foreign_stub(&self, path: &Utf8Path) -> bool {
        path.extension() == Some("pyi") && !self.folders.is_empty() && self.folder_of(path).is_none()
    }

    /// Asks once which packages apt knows: its lists are long, and of interest only beside such a file.
    pub(super) fn ask_packages(&mut self) {
        if self.packages.is_none() {
            self.packages = Some(Arc::default());
            self.effects.push(Effect::Work(Work::Packages));
        }
    }

    pub(super) fn packages_came(&mut self, packages: Arc<PackageNames>) {
        self.packages = Some(packages);
        let recipes = self.documents.iter().filter(|(_, document)| matches!(document.kind, Kind::Recipe(_)));
        let recipes: Vec<Url> = recipes.map(|(uri, _)| uri.clone()).collect();
        for uri in &recipes {
            self.refresh(uri, Cause::Learned);
        }
    }

    pub(super) fn refresh_project(&mut self, key: &ProjectKey) {
        for uri in once_a_notebook(self.documents_of(key)) {
            self.refresh(&uri, Cause::Learned);
        }
    }

    pub(super) fn refresh_everything(&mut self) {
        let uris = once_a_notebook(self.documents.keys().cloned().collect());
        for uri in &uris {
            self.refresh(uri, Cause::Learned);
        }
        self.publish_files();
    }

    /// Returns the names that the documents of a project import and that have no answer.
    pub(super) fn unanswered_in(&self, key: &ProjectKey) -> Vec<String> {
        let Some(project) = self.projects.get(key) else { return Vec::new() };
        let documents = self.documents_of(key);
        let documents = documents.iter().filter_map(|uri| self.documents.get(uri));
        let asked = documents.filter_map(|document| {
            Some(check::unanswered(&document.imports, &project.answers_in(&self.folder_of_script(document)?)))
        });
        asked.flatten().collect()
    }

    /// Publishes what is true about pyvenv.cfg and the manifests, opened or not, and takes back what no longer is.
    pub(super) fn publish_files(&mut self) {
        for path in self.replace_files() {
            self.publish(&path);
        }
    }

    /// Finds out anew what is shown about pyvenv.cfg and the manifests; returns the files of which it is something else.
    pub(super) fn replace_files(&mut self) -> BTreeSet<Utf8PathBuf> {
        if !self.configured {
            return BTreeSet::new();
        }
        let mut wanted: BTreeMap<Utf8PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        let shown = |it: &Diagnostic| self.files.get(&it.path).is_some_and(|shown| shown.contains(it));
        let projects = self.projects.values();
        let found = projects.flat_map(|project| self.found_in(project).into_iter().map(|it| (project.outdated, it)));
        // Of what was found out under another question nothing new is said.
        for (_, diagnostic) in found.filter(|(outdated, it)| !outdated || shown(it)) {
            let list = wanted.entry(diagnostic.path.clone()).or_default();
            // One environment may serve several projects.
            if !list.iter().any(|it| it.is_same_fact(&diagnostic)) {
                list.push(diagnostic);
            }
        }
        for path in self.pyvenv_documents() {
            let on_disk = wanted.remove(&path).unwrap_or_default();
            let about = self.about_pyvenv(&path, on_disk);
            if !about.is_empty() {
                wanted.insert(path, about);
            }
        }
        let mut differ = self.replace_mistakes();
        let before = std::mem::replace(&mut self.files, wanted);
        let paths = before.keys().chain(self.files.keys());
        let changed = paths.filter(|path| match (before.get(*path), self.files.get(*path)) {
            (Some(before), Some(after)) => !look_the_same(before, after),
            _ => true,
        });
        differ.extend(changed.cloned());
        differ
    }

    /// Collects the mistakes in the settings of all projects; returns the files that have others than before.
    fn replace_mistakes(&mut self) -> BTreeSet<Utf8PathBuf> {
        let mut wanted: BTreeMap<Utf8PathBuf, Vec<Mistake>> = BTreeMap::new();
        for mistake in self.projects.values().flat_map(|project| self.mistakes_in(project)) {
            let list = wanted.entry(mistake.problem.path.clone()).or_default();
            if !list.contains(&mistake) {
                list.push(mistake);
            }
        }
        let before = std::mem::replace(&mut self.mistakes, wanted);
        let paths = before.keys().chain(self.mistakes.keys());
        paths.filter(|path| before.get(*path) != self.mistakes.get(*path)).cloned().collect()
    }

    /// Returns the URI and version under which the client has opened a file. A cell is no file: what is said of a notebook
    /// itself is said of its file.
    pub(super) fn opened(&self, path: &Utf8Path) -> Option<(Url, i32)> {
        let mut documents = self.documents.iter();
        documents.find_map(|(uri, document)| {
            (document.path.as_deref() == Some(path) && !convert::is_cell(uri)).then(|| (uri.clone(), document.version))
        })
    }

    pub(super) fn show(&mut self, uri: &Url, found: Vec<Diagnostic>) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        let (shown, held): (Vec<Diagnostic>, Vec<Diagnostic>) = match (document.typing, &document.shown) {
            (Some(typing), Some(before)) => {
                let known: Vec<(Rule, &Option<String>)> = before.iter().map(|it| (it.rule, &it.module)).collect();
                found.into_iter().partition(|diagnostic| {
                    known.contains(&(diagnostic.rule, &diagnostic.module))
                        || !typing.covers(diagnostic.range.start.line)
                })
            }
            _ => (found, Vec::new()),
        };
        if !held.is_empty() {
            let timer = Timer::Typing { uri: uri.clone(), change: document.change };
            self.effects.push(Effect::Timer { timer, after: TYPING_QUIET });
        }
        let is_same = document.shown.as_ref().is_some_and(|before| look_the_same(before, &shown));
        document.shown = Some(shown);
        if !is_same {
            self.publish_document(uri);
        }
    }

    /// The same about a file that nobody has opened.
    pub(super) fn show_closed(&mut self, path: &Utf8Path, found: Vec<Diagnostic>) {
        let Some(file) = self.closed.files.get_mut(path) else { return };
        let is_same = look_the_same(&file.shown, &found);
        file.shown = found;
        if !is_same {
            self.publish(path);
        }
    }

    /// A document was closed that was shown with these: they go with it, or stay as those of a closed file.
    pub(super) fn show_no_longer(&mut self, uri: &Url, path: Option<&Utf8Path>, shown: Vec<Diagnostic>) {
        let still_open = |path: &Utf8Path| self.documents.values().any(|document| document.speaks_for(path));
        let ours = path.filter(|path| convert::uri_of(path).as_ref() == Some(uri) && !still_open(path));
        let Some(path) = ours else {
            self.effects.push(Effect::Publish { uri: uri.clone(), version: None, diagnostics: Vec::new() });
            // Under the name that we give it, nothing is shown yet.
            return path.map_or((), |path| self.closed_again(path, Vec::new()));
        };
        if self.closed.files.contains_key(path) {
            self.closed_again(path, shown);
        } else {
            self.publish(path);
        }
    }

    /// Publishes all there is to say about a file.
    pub(super) fn publish(&mut self, path: &Utf8Path) {
        if let Some((uri, _)) = self.opened(path) {
            return self.publish_document(&uri);
        }
        let Some(uri) = convert::uri_of(path) else { return };
        let of_imports = self.closed.files.get(path).map(|file| &file.shown);
        let diagnostics = self.with_those_of_file(path, of_imports);
        self.effects.push(Effect::Publish { uri, version: None, diagnostics });
    }

    fn publish_document(&mut self, uri: &Url) {
        let Some(document) = self.documents.get(uri) else { return };
        // What is said of a notebook itself stands in its file, not in a cell.
        let path = document.path.as_deref().filter(|_| !convert::is_cell(uri)).unwrap_or(Utf8Path::new(""));
        let of_closed = || self.closed.files.get(path).filter(|_| !document.kind.has_project()).map(|file| &file.shown);
        let diagnostics = self.with_those_of_file(path, document.shown.as_ref().or_else(of_closed));
        let version = Some(document.version);
        self.effects.push(Effect::Publish { uri: uri.clone(), version, diagnostics });
    }

    /// A list replaces the one before it, and one file may have two: `setup.py` imports, and declares.
    fn with_those_of_file(&self, path: &Utf8Path, of_imports: Option<&Vec<Diagnostic>>) -> Vec<lsp_types::Diagnostic> {
        let all = of_imports.into_iter().chain(self.files.get(path)).flatten();
        let mistakes = self.mistakes.get(path).into_iter().flatten();
        let mistakes = mistakes.map(|mistake| convert::mistake(mistake, &self.client));
        all.map(|diagnostic| convert::diagnostic(diagnostic, &self.client)).chain(mistakes).collect()
    }
}

/// Tells whether two lists are one to the editor: it is not sent the fixes, it asks for them.
fn look_the_same(before: &[Diagnostic], after: &[Diagnostic]) -> bool {
    let same = |(before, after): (&Diagnostic, &Diagnostic)| {
        (before.rule, before.severity, before.range, &before.message, &before.related, &before.module)
            == (after.rule, after.severity, after.range, &after.message, &after.related, &after.module)
    };
    before.len() == after.len() && before.iter().zip(after).all(same)
}
