//! Files that nobody has opened, where the whole workspace is checked.
//!
//! In: surveys, what files say, discoveries. Out: pieces of reading for the workers, and diagnostics.
//!
//! **Invariant:** of a closed file no text is kept, only its imports and what is shown; one piece is read at a time; an open
//! document's text is the editor's, and nothing is said here about its file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::imports::Imports;
use fromwhere_core::launch::{self, Launch};
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::{Effect, ImportsByDirectory, Work};
use crate::lsp::event::{Difference, Inspected, Inspection, ProjectKey};
use crate::lsp::session::Session;
use crate::lsp::session::surveys::FolderSurvey;

/// The most files that one piece of work reads.
const PIECE: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Closed {
    /// By workspace folder.
    pub(super) surveys: BTreeMap<Utf8PathBuf, FolderSurvey>,
    /// All files of those folders, the opened ones included.
    pub(super) files: BTreeMap<Utf8PathBuf, ClosedFile>,
    /// Where something happened, for a moment.
    pub(super) gathered: BTreeSet<Utf8PathBuf>,
    /// Counts surveys and pieces.
    pub(super) rounds: u64,
    /// What has to be read, by the project whose situation it is checked in.
    unread: BTreeMap<ProjectKey, BTreeSet<Utf8PathBuf>>,
    /// The piece under way.
    flight: Option<(u64, Vec<Utf8PathBuf>)>,
    /// Projects whose last discovery did not know of all that is imported by now.
    undiscovered: BTreeSet<ProjectKey>,
}

#[derive(Debug)]
pub(super) struct ClosedFile {
    /// The workspace folder that it was met in.
    pub(super) folder: Utf8PathBuf,
    /// The root of its project.
    pub(super) root: Utf8PathBuf,
    launch: Option<Launch>,
    /// `None` where it has not been read, cannot be, or is open.
    imports: Option<Arc<Imports>>,
    /// What the editor shows about its imports.
    pub(super) shown: Vec<Diagnostic>,
    /// The discovery of its project that `shown` is true after.
    checked: Option<u64>,
}

impl ClosedFile {
    fn new(folder: &Utf8Path, root: &Utf8Path) -> Self {
        let (folder, root) = (folder.to_owned(), root.to_owned());
        ClosedFile { folder, root, launch: None, imports: None, shown: Vec::new(), checked: None }
    }

    /// It belongs to another project by now; what is shown stays until that is known.
    pub(super) fn moved(&mut self, folder: &Utf8Path, root: &Utf8Path) {
        let shown = std::mem::take(&mut self.shown);
        *self = ClosedFile { shown, ..ClosedFile::new(folder, root) };
    }

    fn is_of(&self, key: &ProjectKey) -> bool {
        self.root == key.root && self.launch.as_ref().map(Launch::key) == key.launch
    }

    pub(super) fn key(&self) -> ProjectKey {
        ProjectKey { root: self.root.clone(), launch: self.launch.as_ref().map(Launch::key) }
    }
}

impl Session {
    /// Files were met that were not known, in the order of their paths; there may be many, so that they are not put in one
    /// by one.
    pub(super) fn add_closed(&mut self, folder: &Utf8Path, root: &Utf8Path, files: Vec<Utf8PathBuf>) {
        let new = files.iter().map(|path| (path.clone(), ClosedFile::new(folder, root)));
        self.closed.files.append(&mut new.collect());
        let unread = self.closed.unread.entry(ProjectKey::itself(root)).or_default();
        unread.append(&mut files.into_iter().collect());
    }

    /// A closed file is to be read again.
    pub(super) fn inspect_again(&mut self, path: &Utf8Path) {
        let Some(file) = self.closed.files.get_mut(path) else { return };
        file.checked = None;
        self.closed.unread.entry(file.key()).or_default().insert(path.to_owned());
    }

    /// Hands the next piece to a worker, where none is under way and a project is known.
    pub(super) fn inspect_more(&mut self) {
        if self.closed.flight.is_none() {
            let keys: Vec<ProjectKey> = self.closed.unread.keys().cloned().collect();
            for key in &keys {
                if self.inspect_some_of(key) {
                    break;
                }
            }
        }
        self.discover_what_is_imported();
    }

    pub(super) fn inspected(&mut self, found: Inspected) {
        if self.closed.flight.as_ref().is_none_or(|(round, _)| *round != found.round) {
            return;
        }
        self.closed.flight = None;
        let key = &found.project;
        // Under another situation, or where one is being found out, it may be said otherwise.
        let is_fresh = self.projects.get(key).is_some_and(|project| {
            project.applied == found.generation && project.flight.is_none() && project.settled().is_some()
        });
        for (path, inspection) in found.files {
            self.take_in(key, is_fresh.then_some(found.generation), &path, inspection);
        }
        let Some(project) = self.projects.get_mut(key).filter(|_| is_fresh) else { return };
        project.learn(found.answers);
        Arc::make_mut(&mut project.reads).merge(&found.reads);
        if !found.watch.is_subset(&project.watch) {
            project.watch.extend(found.watch);
            self.closed.undiscovered.insert(found.project);
        }
    }

    /// A worker failed: what it was to read stays as it is shown, until it changes.
    pub(super) fn inspection_failed(&mut self, round: u64) {
        if self.closed.flight.as_ref().is_some_and(|(under_way, _)| *under_way == round) {
            self.closed.flight = None;
        }
    }

    /// A project was looked at: the closed files that are not sure to say the same are read again.
    pub(super) fn closed_may_differ(&mut self, key: &ProjectKey, before: u64, after: u64, difference: &Difference) {
        let mut unread = BTreeSet::new();
        for (path, file) in self.closed.files.iter_mut().filter(|(_, file)| file.is_of(key)) {
            let is_same = match difference {
                Difference::Everything => false,
                Difference::Directories(changed) => path.parent().is_some_and(|it| !changed.contains(it)),
            };
            if is_same && file.checked == Some(before) {
                file.checked = Some(after);
            } else {
                file.checked = None;
                unread.insert(path.clone());
            }
        }
        if !unread.is_empty() {
            self.closed.unread.entry(key.clone()).or_default().append(&mut unread);
        }
    }

    /// What the closed files of a project import.
    pub(super) fn add_imports_of_closed(&self, key: &ProjectKey, imports: &mut ImportsByDirectory) {
        for (path, file) in self.closed.files.iter().filter(|(_, file)| file.is_of(key)) {
            if let Some((directory, asked)) = path.parent().zip(file.imports.as_ref()) {
                imports.entry(directory.to_owned()).or_default().push(Arc::clone(asked));
            }
        }
    }

    /// Tells whether any closed file belongs to a project.
    pub(super) fn has_closed(&self, key: &ProjectKey) -> bool {
        self.closed.files.values().any(|file| file.is_of(key))
    }

    /// An editor has opened the file: from now on its text counts, and what is shown is the document's.
    pub(super) fn closed_was_opened(&mut self, path: &Utf8Path, uri: &Url) {
        let Some(file) = self.closed.files.get_mut(path) else { return };
        file.imports = None;
        file.checked = None;
        let shown = std::mem::take(&mut file.shown);
        // An editor may spell it otherwise than we did.
        if let Some(ours) = convert::uri_of(path).filter(|ours| !shown.is_empty() && ours != uri) {
            self.effects.push(Effect::Publish { uri: ours, version: None, diagnostics: Vec::new() });
        }
    }

    /// An editor has closed the file: what it shows stays until the disk's text is read.
    pub(super) fn closed_again(&mut self, path: &Utf8Path, shown: Vec<Diagnostic>) {
        if let Some(file) = self.closed.files.get_mut(path) {
            file.shown = shown;
            self.inspect_again(path);
        }
    }

    /// Takes back what is shown of such files, and forgets them.
    pub(super) fn drop_closed_where(&mut self, is_meant: impl Fn(&Utf8Path, &ClosedFile) -> bool) {
        let meant = self.closed.files.iter().filter(|(path, file)| is_meant(path, file));
        let meant: Vec<Utf8PathBuf> = meant.map(|(path, _)| path.clone()).collect();
        for path in meant {
            self.drop_closed(&path);
        }
    }

    fn drop_closed(&mut self, path: &Utf8Path) {
        self.show_closed(path, Vec::new());
        let Some(file) = self.closed.files.remove(path) else { return };
        let key = file.key();
        if let Some(unread) = self.closed.unread.get_mut(&key) {
            unread.remove(path);
        }
        // What it imports may be nobody's question any more.
        if file.imports.is_some() && self.projects.contains_key(&key) {
            self.closed.undiscovered.insert(key);
        }
    }

    /// Costs as much as the piece, however much is left: it is tried with every key that is pressed.
    fn inspect_some_of(&mut self, key: &ProjectKey) -> bool {
        let Some(project) = self.projects.get(key).filter(|project| project.flight.is_none()) else { return false };
        let Some(situation) = project.settled().cloned() else { return false };
        let Closed { unread, files: known, .. } = &mut self.closed;
        let Some(left) = unread.get_mut(key) else { return false };
        let mut files = Vec::new();
        while files.len() < PIECE
            && let Some(path) = left.pop_first()
        {
            // By now a file may be open, gone, or another project's.
            let is_open = || self.documents.values().any(|document| document.speaks_for(&path));
            if known.get(&path).is_some_and(|file| file.is_of(key)) && !is_open() {
                files.push(path);
            }
        }
        if left.is_empty() {
            unread.remove(key);
        }
        if files.is_empty() {
            return false;
        }
        self.closed.rounds += 1;
        let round = self.closed.rounds;
        let directories: BTreeSet<&Utf8Path> = files.iter().filter_map(|path| path.parent()).collect();
        let known = directories.into_iter().map(|directory| (directory.to_owned(), project.answers_in(directory)));
        self.effects.push(Effect::Work(Work::Inspect {
            round,
            project: key.clone(),
            generation: project.applied,
            situation,
            known: known.collect(),
            files: files.clone(),
        }));
        self.closed.flight = Some((round, files));
        true
    }

    /// `generation` is that of the project, where what was found still counts.
    fn take_in(&mut self, key: &ProjectKey, generation: Option<u64>, path: &Utf8Path, inspection: Inspection) {
        if self.documents.values().any(|document| document.speaks_for(path)) {
            return;
        }
        let Some(file) = self.closed.files.get_mut(path).filter(|file| file.is_of(key)) else { return };
        let (imports, diagnostics) = match inspection {
            Inspection::Gone => return self.drop_closed(path),
            Inspection::Unreadable(problem) => {
                file.imports = None;
                file.checked = generation;
                self.log_once(problem.to_string());
                return self.show_closed(path, Vec::new());
            }
            Inspection::LaunchedOtherwise(imports) => (imports, None),
            Inspection::Checked { imports, diagnostics } => (imports, generation.map(|_| diagnostics)),
        };
        let is_new = file.imports.as_ref() != Some(&imports);
        let launch = launch::of(path, &imports);
        file.imports = Some(imports);
        file.checked = generation.filter(|_| diagnostics.is_some());
        if launch != file.launch {
            file.launch.clone_from(&launch);
            let (own, boundary) = (file.key(), file.folder.clone());
            self.closed.undiscovered.extend([key.clone(), own.clone()]);
            self.inspect_again(path);
            if launch.is_some() {
                self.add_project(&own, &boundary, launch);
            }
            return self.forget_unused_projects();
        }
        match diagnostics {
            Some(diagnostics) => self.show_closed(path, diagnostics),
            None => self.inspect_again(path),
        }
        if is_new {
            self.closed.undiscovered.insert(key.clone());
        }
    }

    /// Looks once more at each project whose files have all been read and import what its last look did not know of.
    fn discover_what_is_imported(&mut self) {
        if self.closed.undiscovered.is_empty() || self.closed.flight.is_some() {
            return;
        }
        let unread = &self.closed.unread;
        let is_read = |key: &ProjectKey| unread.get(key).is_none_or(BTreeSet::is_empty);
        let (read, rest): (BTreeSet<_>, _) =
            std::mem::take(&mut self.closed.undiscovered).into_iter().partition(|key| is_read(key));
        self.closed.undiscovered = rest;
        for key in &read {
            self.discover(key);
        }
    }
}
