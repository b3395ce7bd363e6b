//! Looking at a project, and taking in what was found.
//!
//! In: the wish to look, and the results of the workers. Out: work, and the project's new state.
//!
//! **Invariant:** a result is taken in whole or not at all; one that is older than the last question is dropped.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::lsp::effect::{Effect, ImportsByDirectory, Tone, Work};
use crate::lsp::event::{Answered, Discovered, Located, ProjectKey, Timer, WorkName};
use crate::lsp::session::documents::Location;
use crate::lsp::session::{PROGRESS_TITLE, SLOW, Session, prompts};

/// How often a project is looked at again only because more is watched than before.
const MOST_LOOKS_AGAIN: u8 = 3;

impl Session {
    /// Looks at a project, now or as soon as the look under way has ended.
    pub(super) fn discover(&mut self, key: &ProjectKey) {
        let mut imports = self.imports_of(key);
        self.add_imports_of_closed(key, &mut imports);
        let is_compared = self.has_closed(key);
        // Whether a directory belongs to another project by now is the project's own question.
        let own = |location: &Location| key.launch.is_none() && location.root.as_ref() == Some(&key.root);
        let directories = self.locations.iter().filter(|(_, location)| own(location));
        let directories =
            directories.map(|(directory, location)| (directory.clone(), location.boundary.clone())).collect();
        let Some(project) = self.projects.get_mut(key) else { return };
        if project.flight.is_some() {
            project.wanted = true;
            return;
        }
        project.generation += 1;
        project.flight = Some(project.generation);
        project.wanted = false;
        let generation = project.generation;
        self.effects.push(Effect::Work(Work::Discover {
            project: key.clone(),
            generation,
            question: Box::new(project.question.clone()),
            directories,
            imports,
            watch: project.watch.clone(),
            before: project.situation.clone().filter(|_| is_compared).map(|it| (it, project.answers.clone())),
        }));
        if self.client.progress || self.client.server_status {
            let timer = Timer::Slow { project: key.clone(), generation };
            self.effects.push(Effect::Timer { timer, after: SLOW });
        }
    }

    pub(super) fn discover_everything(&mut self) {
        let keys: Vec<ProjectKey> = self.projects.keys().cloned().collect();
        for key in &keys {
            self.discover(key);
        }
    }

    /// Somebody does not trust what is shown: everything is read again.
    pub(super) fn check_again(&mut self) {
        self.discover_everything();
        self.survey_everything_again();
    }

    pub(super) fn discovered(&mut self, found: Discovered) {
        let Some(project) = self.projects.get_mut(&found.project) else { return };
        if project.flight != Some(found.generation) {
            return;
        }
        project.flight = None;
        if project.wanted {
            self.discover(&found.project);
            return;
        }
        // What changed between the look and the watch on it would go unseen, so more watches mean one more look.
        let look_again = !found.watch.is_subset(&found.armed) && project.again < MOST_LOOKS_AGAIN;
        project.again = if look_again { project.again + 1 } else { 0 };
        let is_first = project.situation.is_none();
        let stopped = prompts::cause(&project.environment_diagnostics).map(|cause| cause.message.clone());
        project.situation = Some(found.situation);
        project.answers = found.answers;
        project.environment_diagnostics = found.environment_diagnostics;
        project.texts = found.texts;
        project.packages = found.packages;
        project.distributions = found.distributions;
        project.reads = found.reads;
        project.stamp = found.stamp;
        project.watch = found.watch;
        let before = std::mem::replace(&mut project.applied, found.generation);
        project.outdated = false;
        project.failed = false;
        project.unanswerable.clear();
        self.log_problems(&found.project);
        self.end_progress(&found.project);
        self.tell_outcome(&found.project);
        self.tell_environment(&found.project);
        for (directory, linked) in found.linked {
            if let Some(location) = self.locations.get_mut(&directory) {
                location.linked = linked;
            }
        }
        self.locate_again(&found.moved);
        self.refresh_project(&found.project);
        self.closed_may_differ(&found.project, before, found.generation, &found.difference);
        self.publish_files();
        if look_again {
            self.discover(&found.project);
        }
        if !is_first {
            self.environment_may_have_stopped(&found.project, stopped.as_deref());
        }
        self.tell_status();
    }

    /// Asks for answers to names that the last discovery did not know of, or not for this directory.
    pub(super) fn ask_answers(&mut self, key: &ProjectKey, directory: Utf8PathBuf, names: Vec<String>) {
        let imports = self.imports_of(key);
        let Some(project) = self.projects.get_mut(key) else { return };
        let Some(situation) = project.situation.clone() else { return };
        if project.answering {
            return;
        }
        project.answering = true;
        let known = project.answers.clone();
        let generation = project.applied;
        let project = key.clone();
        let work = Work::Answer { project, generation, situation, directory, names, imports, known };
        self.effects.push(Effect::Work(work));
    }

    pub(super) fn answered(&mut self, found: Answered) {
        let Some(project) = self.projects.get_mut(&found.project) else { return };
        project.answering = false;
        if project.applied == found.generation {
            project.learn(found.answers);
            let known = project.answers_in(&found.directory);
            let missing: Vec<String> = found.names.into_iter().filter(|name| !known.contains_key(name)).collect();
            project.unanswerable.extend(missing);
            Arc::make_mut(&mut project.reads).merge(&found.reads);
            if !found.watch.is_subset(&project.watch) {
                project.watch.extend(found.watch);
                self.discover(&found.project);
            }
        }
        self.refresh_project(&found.project);
    }

    pub(super) fn discovery_is_slow(&mut self, key: &ProjectKey, generation: u64) {
        let progress = self.client.progress;
        let Some(project) = self.projects.get_mut(key) else { return };
        if project.flight == Some(generation) && !project.shown {
            if progress {
                project.shown = true;
                self.effects.push(Effect::ProgressBegin { project: key.clone(), title: PROGRESS_TITLE });
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
                let linked = BTreeMap::new();
                let root = directory.clone();
                self.located(&Located { root, directory, boundary, linked, is_library: false });
            }
            WorkName::Discover { project: key, generation } => {
                let Some(project) = self.projects.get_mut(&key) else { return };
                if project.flight == Some(generation) {
                    project.flight = None;
                    project.failed = true;
                    let wanted = project.wanted;
                    self.end_progress(&key);
                    self.tell_once(format!("fromwhere: an internal error while looking at {key}, see its log"));
                    if wanted {
                        self.discover(&key);
                    }
                    self.tell_status();
                }
            }
            WorkName::Answer { project: key, .. } => {
                let asked = self.unanswered_in(&key);
                let Some(project) = self.projects.get_mut(&key) else { return };
                project.answering = false;
                project.unanswerable.extend(asked);
                self.refresh_project(&key);
            }
            WorkName::Kernel { notebook } => self.kernel_came(&notebook, None),
            WorkName::Packages => self.packages_came(Arc::default()),
            WorkName::Pythons => self.pythons_came(Vec::new()),
            WorkName::Verify { project } => self.verified(&project, false),
            WorkName::Survey { folder, round } => self.survey_failed(&folder, round),
            WorkName::Inspect { round } => self.inspection_failed(round),
        }
    }

    /// What the open documents of a project import.
    fn imports_of(&self, key: &ProjectKey) -> ImportsByDirectory {
        let mut imports = ImportsByDirectory::new();
        for document in self.documents_of(key).iter().filter_map(|uri| self.documents.get(uri)) {
            if let Some(directory) = self.folder_of_script(document) {
                imports.entry(directory).or_default().push(Arc::clone(&document.imports));
            }
        }
        for (directory, asked) in self.imports_of_pages(key) {
            imports.entry(directory).or_default().push(asked);
        }
        imports
    }

    /// What could not be read as it was meant is logged once for each place.
    fn log_problems(&mut self, key: &ProjectKey) {
        let Some(situation) = self.projects.get(key).and_then(|project| project.situation.clone()) else { return };
        for problem in situation.problems.iter().chain(&situation.environment.problems) {
            self.log_once(problem.to_string());
        }
        for uri in self.documents_of(key) {
            self.log_problem_of(&uri);
        }
    }
}
