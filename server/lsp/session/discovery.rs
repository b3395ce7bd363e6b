//! Looking at a project, and taking in what was found.
//!
//! In: the wish to look, and the results of the workers. Out: work, and the project's new state.
//!
//! **Invariant:** a result is taken in whole or not at all; one that is older than the last question is dropped.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::lsp::effect::{Effect, ImportsByDirectory, Tone, Work};
use crate::lsp::event::{Answered, Discovered, Located, Timer, WorkName};
use crate::lsp::session::{PROGRESS_TITLE, SLOW, Session};

/// How often a root is looked at again only because more is watched than before.
const MOST_LOOKS_AGAIN: u8 = 3;

impl Session {
    /// Looks at a root, now or as soon as the look under way has ended.
    pub(super) fn discover(&mut self, root: &Utf8Path) {
        let imports = self.imports_of(root);
        let directories = self.locations.iter().filter(|(_, location)| location.root.as_deref() == Some(root));
        let directories =
            directories.map(|(directory, location)| (directory.clone(), location.boundary.clone())).collect();
        let Some(project) = self.projects.get_mut(root) else { return };
        if project.flight.is_some() {
            project.wanted = true;
            return;
        }
        project.generation += 1;
        project.flight = Some(project.generation);
        project.wanted = false;
        let generation = project.generation;
        self.effects.push(Effect::Work(Work::Discover {
            root: root.to_owned(),
            generation,
            question: Box::new(project.question.clone()),
            directories,
            imports,
            watch: project.watch.clone(),
        }));
        if self.client.progress || self.client.server_status {
            let timer = Timer::Slow { root: root.to_owned(), generation };
            self.effects.push(Effect::Timer { timer, after: SLOW });
        }
    }

    pub(super) fn discover_everything(&mut self) {
        let roots: Vec<Utf8PathBuf> = self.projects.keys().cloned().collect();
        for root in &roots {
            self.discover(root);
        }
    }

    pub(super) fn discovered(&mut self, found: Discovered) {
        let Some(project) = self.projects.get_mut(&found.root) else { return };
        if project.flight != Some(found.generation) {
            return;
        }
        project.flight = None;
        if project.wanted {
            self.discover(&found.root);
            return;
        }
        // What changed between the look and the watch on it would go unseen, so more watches mean one more look.
        let look_again = !found.watch.is_subset(&found.armed) && project.again < MOST_LOOKS_AGAIN;
        project.again = if look_again { project.again + 1 } else { 0 };
        project.situation = Some(found.situation);
        project.answers = found.answers;
        project.environment_diagnostics = found.environment_diagnostics;
        project.packages = found.packages;
        project.reads = found.reads;
        project.stamp = found.stamp;
        project.watch = found.watch;
        project.applied = found.generation;
        project.outdated = false;
        project.failed = false;
        project.unanswerable.clear();
        self.log_problems(&found.root);
        self.end_progress(&found.root);
        self.tell_outcome(&found.root);
        self.tell_environment(&found.root);
        self.locate_again(&found.moved);
        self.refresh_project(&found.root);
        self.publish_files();
        if look_again {
            self.discover(&found.root);
        }
        self.tell_status();
    }

    /// Asks for answers to names that the last discovery did not know of, or not for this directory.
    pub(super) fn ask_answers(&mut self, root: &Utf8Path, directory: Utf8PathBuf, names: Vec<String>) {
        let imports = self.imports_of(root);
        let Some(project) = self.projects.get_mut(root) else { return };
        let Some(situation) = project.situation.clone() else { return };
        if project.answering {
            return;
        }
        project.answering = true;
        let known = project.answers.clone();
        let generation = project.applied;
        let root = root.to_owned();
        let work = Work::Answer { root, generation, situation, directory, names, imports, known };
        self.effects.push(Effect::Work(work));
    }

    pub(super) fn answered(&mut self, found: Answered) {
        let Some(project) = self.projects.get_mut(&found.root) else { return };
        project.answering = false;
        if project.applied == found.generation {
            project.answers.extend(found.answers);
            let known = project.answers_in(&found.directory);
            let missing: Vec<String> = found.names.into_iter().filter(|name| !known.contains_key(name)).collect();
            project.unanswerable.extend(missing);
            Arc::make_mut(&mut project.reads).merge(&found.reads);
            if !found.watch.is_subset(&project.watch) {
                project.watch.extend(found.watch);
                self.discover(&found.root);
            }
        }
        self.refresh_project(&found.root);
    }

    pub(super) fn discovery_is_slow(&mut self, root: &Utf8Path, generation: u64) {
        let progress = self.client.progress;
        let Some(project) = self.projects.get_mut(root) else { return };
        if project.flight == Some(generation) && !project.shown {
            if progress {
                project.shown = true;
                self.effects.push(Effect::ProgressBegin { root: root.to_owned(), title: PROGRESS_TITLE });
            }
            self.tell_status();
        }
    }

    pub(super) fn failed(&mut self, work: WorkName, message: &str) {
        let text = format!("A worker failed ({work:?}): {message}");
        self.effects.push(Effect::Log { text, severity: Tone::Warning });
        match work {
            WorkName::Locate { directory } => {
                // Its own directory stands for the project that could not be found out.
                let boundary = self.folder_of(&directory).cloned().unwrap_or_else(|| directory.clone());
                self.located(&Located { root: directory.clone(), directory, boundary });
            }
            WorkName::Discover { root, generation } => {
                let Some(project) = self.projects.get_mut(&root) else { return };
                if project.flight == Some(generation) {
                    project.flight = None;
                    project.failed = true;
                    let wanted = project.wanted;
                    self.end_progress(&root);
                    self.tell_once(format!("fromwhere: an internal error while looking at {root}, see its log"));
                    if wanted {
                        self.discover(&root);
                    }
                }
            }
            WorkName::Answer { root, .. } => {
                let asked = self.unanswered_in(&root);
                let Some(project) = self.projects.get_mut(&root) else { return };
                project.answering = false;
                project.unanswerable.extend(asked);
                self.refresh_project(&root);
            }
            WorkName::Verify { root } => self.verified(&root, false),
        }
    }

    /// What the open documents of a project import.
    fn imports_of(&self, root: &Utf8Path) -> ImportsByDirectory {
        let mut imports = ImportsByDirectory::new();
        for document in self.documents_of(root).iter().filter_map(|uri| self.documents.get(uri)) {
            if let Some(directory) = document.directory() {
                imports.entry(directory).or_default().push(Arc::clone(&document.imports));
            }
        }
        imports
    }

    /// What could not be read as it was meant is logged once for each place.
    fn log_problems(&mut self, root: &Utf8Path) {
        let Some(situation) = self.projects.get(root).and_then(|project| project.situation.clone()) else { return };
        for problem in situation.problems.iter().chain(&situation.environment.problems) {
            self.log_once(problem.to_string());
        }
    }
}
