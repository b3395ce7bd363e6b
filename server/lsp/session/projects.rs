//! What is known about each project, and when it has to be looked at again.
//!
//! In: hints of the disk, timers, new names. Out: work for the workers, one discovery at a time for each.
//!
//! **Invariant:** at most one discovery of a project is under way; one that is asked for meanwhile starts when it ends, and
//! only then counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{Answer, Answers, AnswersByDirectory};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::launch::Launch;
use fromwhere_core::situation::{Question, Situation};
use fromwhere_core::system::Reads;
use rustc_hash::FxHashSet;
use tower_lsp::lsp_types::Url;

use crate::lsp::effect::{Effect, Work};
use crate::lsp::event::{ProjectKey, Texts, Timer};
use crate::lsp::session::{DISK_LATEST, DISK_QUIET, Session};

/// A project, or the part of it whose files name the Python that runs them.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) boundary: Utf8PathBuf,
    /// Whether a document of the project itself was ever open.
    pub(super) was_opened: bool,
    pub(super) question: Question,
    /// `None` before the first discovery.
    pub(super) situation: Option<Arc<Situation>>,
    /// For the directory of each open document.
    pub(super) answers: AnswersByDirectory,
    pub(super) environment_diagnostics: Vec<Diagnostic>,
    /// What these, and the mistakes in the settings, were found in.
    pub(super) texts: Arc<Texts>,
    pub(super) packages: usize,
    /// The number of distributions in each import root.
    pub(super) distributions: BTreeMap<Utf8PathBuf, usize>,
    pub(super) reads: Arc<Reads>,
    pub(super) stamp: u64,
    pub(super) watch: BTreeSet<Utf8PathBuf>,
    /// Counts the discoveries.
    pub(super) generation: u64,
    /// The generation that `situation` and `answers` come from.
    pub(super) applied: u64,
    /// The discovery under way.
    pub(super) flight: Option<u64>,
    /// Whether another one was asked for meanwhile.
    pub(super) wanted: bool,
    /// Whether the question has changed since `situation` was found out: nothing new is published before the next one.
    pub(super) outdated: bool,
    /// How often it was looked at again only because more is watched.
    pub(super) again: u8,
    /// Whether the discovery under way is shown.
    pub(super) shown: bool,
    /// What the last progress ended with.
    pub(super) outcome: Option<String>,
    /// Whether the last discovery failed.
    pub(super) failed: bool,
    pub(super) answering: bool,
    /// Names that a worker was asked and had no answer for.
    pub(super) unanswerable: FxHashSet<String>,
    verifying: bool,
    hint: u64,
    burst: u64,
    bursting: bool,
}

impl Project {
    fn new(question: Question) -> Self {
        Project {
            boundary: question.boundary.clone(),
            was_opened: false,
            question,
            situation: None,
            answers: AnswersByDirectory::new(),
            environment_diagnostics: Vec::new(),
            texts: Arc::default(),
            packages: 0,
            distributions: BTreeMap::new(),
            reads: Arc::default(),
            stamp: 0,
            watch: BTreeSet::new(),
            generation: 0,
            applied: 0,
            flight: None,
            wanted: false,
            outdated: false,
            again: 0,
            shown: false,
            outcome: None,
            failed: false,
            answering: false,
            unanswerable: FxHashSet::default(),
            verifying: false,
            hint: 0,
            burst: 0,
            bursting: false,
        }
    }

    /// Returns the answers for the files of one directory.
    pub(super) fn answers_in(&self, directory: &Utf8Path) -> Arc<Answers> {
        self.answers.get(directory).cloned().unwrap_or_default()
    }

    /// Takes in answers that came since the last discovery.
    pub(super) fn learn(&mut self, answers: AnswersByDirectory) {
        for (directory, more) in answers {
            let known = Arc::make_mut(self.answers.entry(directory).or_default());
            // Of the same look, so that what is known already is equal.
            let mut names: Vec<(&String, &Arc<Answer>)> =
                more.iter().filter(|(name, _)| !known.contains_key(*name)).collect();
            names.sort_unstable_by_key(|(name, _)| *name);
            known.extend(names.into_iter().map(|(name, answer)| (name.clone(), Arc::clone(answer))));
        }
    }

    /// Returns the situation where it may be spoken about.
    pub(super) fn settled(&self) -> Option<&Arc<Situation>> {
        self.situation.as_ref().filter(|_| !self.outdated)
    }
}

impl Session {
    /// Takes in what is to be known; what is known already is asked about again where the question is another.
    pub(super) fn add_project(&mut self, key: &ProjectKey, boundary: &Utf8Path, launch: Option<Launch>) {
        let question = Question { launch, ..self.question(&key.root, boundary) };
        match self.projects.get_mut(key) {
            Some(project) if project.question == question => {}
            Some(project) => {
                project.boundary = boundary.to_owned();
                project.question = question;
                project.outdated = true;
                self.discover(key);
            }
            None => {
                self.projects.insert(key.clone(), Project::new(question));
                self.discover(key);
            }
        }
    }

    /// Asks again about every project whose question the settings have changed.
    pub(super) fn ask_changed_questions(&mut self) {
        let known = self.projects.iter();
        let known = known.map(|(key, it)| (key.clone(), it.boundary.clone(), it.question.launch.clone()));
        for (key, boundary, launch) in known.collect::<Vec<_>>() {
            self.add_project(&key, &boundary, launch);
        }
    }

    /// Forgets the projects that no open document belongs to.
    pub(super) fn forget_unused_projects(&mut self) {
        // A directory that is being located may turn out to belong to any of them.
        if self.locations.values().any(|location| location.root.is_none()) {
            return;
        }
        let roots = self.locations.values().filter_map(|location| location.root.as_deref());
        let mut used: BTreeSet<ProjectKey> = roots.map(ProjectKey::itself).collect();
        used.extend(self.documents.values().filter_map(|document| self.project_of(document)));
        // What was opened once is looked after as long as its folder is.
        let was_opened =
            |key: &ProjectKey, project: &Project| project.was_opened && self.folder_of(&key.root).is_some();
        let is_kept = |(key, project): &(&ProjectKey, &Project)| {
            used.contains(key) || was_opened(key, project) || self.has_closed(key)
        };
        let unused = self.projects.iter().filter(|entry| !is_kept(entry));
        let unused: Vec<ProjectKey> = unused.map(|(key, _)| key.clone()).collect();
        for project in unused {
            self.end_progress(&project);
            self.projects.remove(&project);
            if project.launch.is_none() {
                self.environments.remove(&project.root);
            }
            self.effects.push(Effect::Work(Work::Forget { project }));
            // What was being looked up there no longer is.
            self.tell_status();
        }
        self.publish_files();
    }

    pub(super) fn disk_changed(&mut self, paths: &[Utf8PathBuf]) {
        self.ask_kernels(|notebook| paths.iter().any(|path| path == notebook));
        // A look under way may have read more than the last one; what it has read already may have changed since.
        let touched = |project: &Project| {
            project.flight.is_some() || project.answering || paths.iter().any(|path| project.reads.touches(path))
        };
        let keys: Vec<ProjectKey> =
            self.projects.iter().filter(|(_, project)| touched(project)).map(|(key, _)| key.clone()).collect();
        for key in &keys {
            self.hint(key);
        }
        self.files_hinted(paths);
    }

    pub(super) fn everything_may_have_changed(&mut self) {
        self.ask_kernels(|_| true);
        let keys: Vec<ProjectKey> = self.projects.keys().cloned().collect();
        for key in &keys {
            self.hint(key);
        }
        self.survey_everything_again();
    }

    pub(super) fn disk_is_quiet(&mut self, key: &ProjectKey, hint: u64) {
        let Some(project) = self.projects.get_mut(key) else { return };
        if project.bursting && project.hint == hint {
            project.bursting = false;
            self.discover(key);
        }
    }

    pub(super) fn disk_is_busy(&mut self, key: &ProjectKey, burst: u64) {
        let Some(project) = self.projects.get_mut(key) else { return };
        if project.bursting && project.burst == burst {
            project.bursting = false;
            self.discover(key);
        }
    }

    /// Compares what was read with the disk: the net under a watcher that cannot see everything (network disks, other
    /// kernels, limits).
    pub(super) fn verify(&mut self, uri: &Url) {
        let Some(key) = self.documents.get(uri).and_then(|document| self.project_of(document)) else { return };
        let Some(project) = self.projects.get_mut(&key) else { return };
        if project.situation.is_some() && project.flight.is_none() && !project.verifying {
            project.verifying = true;
            let work = Work::Verify { project: key, reads: Arc::clone(&project.reads), stamp: project.stamp };
            self.effects.push(Effect::Work(work));
        }
    }

    pub(super) fn verified(&mut self, key: &ProjectKey, changed: bool) {
        let Some(project) = self.projects.get_mut(key) else { return };
        project.verifying = false;
        if changed {
            self.discover(key);
        }
    }

    fn hint(&mut self, key: &ProjectKey) {
        let Some(project) = self.projects.get_mut(key) else { return };
        project.hint += 1;
        let timer = Timer::Quiet { project: key.clone(), hint: project.hint };
        self.effects.push(Effect::Timer { timer, after: DISK_QUIET });
        if !project.bursting {
            project.bursting = true;
            project.burst += 1;
            let timer = Timer::Latest { project: key.clone(), burst: project.burst };
            self.effects.push(Effect::Timer { timer, after: DISK_LATEST });
        }
    }
}
