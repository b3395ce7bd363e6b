//! The workspace folders whose files are all checked, opened or not.
//!
//! In: settings, surveys of the workers, hints of the disk. Out: which closed files there are, and which to read again.
//!
//! **Invariant:** at most one survey of a folder is under way, and only the last one counts; a folder that is not to be
//! checked whole has no closed files.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::lsp::effect::{Effect, Work};
use crate::lsp::event::{Basis, ProjectKey, Surveyed, Timer};
use crate::lsp::session::Session;
use crate::lsp::session::kind::Kind;

/// How long hints about closed files are gathered.
const GATHERING: std::time::Duration = std::time::Duration::from_millis(100);

/// What is known about the files of one workspace folder.
#[derive(Debug, Default)]
pub(super) struct FolderSurvey {
    basis: Basis,
    /// The survey under way.
    flight: Option<u64>,
    /// What happened since the last survey that counts.
    since: Happened,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Happened {
    #[default]
    Anything,
    At(BTreeSet<Utf8PathBuf>),
}

impl Session {
    /// Begins and ends surveys as the settings and the folders are now.
    pub(super) fn survey_as_wished(&mut self) {
        let wished =
            |folder: &&Utf8PathBuf| self.configured && self.settings_of(&Some((*folder).clone())).whole_workspace;
        let wished: BTreeSet<Utf8PathBuf> = self.folders.iter().filter(wished).cloned().collect();
        let left: Vec<Utf8PathBuf> =
            self.closed.surveys.keys().filter(|folder| !wished.contains(*folder)).cloned().collect();
        for folder in left {
            self.closed.surveys.remove(&folder);
            self.effects.push(Effect::Work(Work::Leave { folder: folder.clone() }));
            self.drop_closed_where(|_, file| file.folder == folder);
            self.forget_unused_projects();
        }
        for folder in wished {
            if !self.closed.surveys.contains_key(&folder) {
                self.closed.surveys.insert(folder.clone(), FolderSurvey::default());
                self.survey(&folder);
            }
        }
    }

    /// Walks through all folders again: what lies in one of them may be another's by now.
    pub(super) fn survey_folders_again(&mut self) {
        for survey in self.closed.surveys.values_mut() {
            survey.since = Happened::Anything;
        }
        let folders: Vec<Utf8PathBuf> = self.closed.surveys.keys().cloned().collect();
        for folder in &folders {
            self.survey(folder);
        }
    }

    /// The same, and reads all their files again.
    pub(super) fn survey_everything_again(&mut self) {
        self.survey_folders_again();
        let files: Vec<Utf8PathBuf> = self.closed.files.keys().cloned().collect();
        for path in &files {
            self.inspect_again(path);
        }
    }

    pub(super) fn surveyed(&mut self, found: Surveyed) {
        let Surveyed { folder, round, survey: found } = found;
        let Some(survey) = self.closed.surveys.get_mut(&folder) else { return };
        if survey.flight != Some(round) {
            return;
        }
        survey.flight = None;
        let again = survey.since != Happened::At(BTreeSet::new());
        if let Some(found) = found {
            survey.basis = found.basis;
            let mut files = found.files;
            // What lies in a folder of its own inside this one is that folder's.
            for inner in self.folders.iter().filter(|it| **it != folder && it.starts_with(&folder)) {
                files.retain(|path, _| !path.starts_with(inner));
            }
            // Somebody looks at installed packages.
            if Kind::of("", Some(&folder.join("any.py")), "") == Kind::Other {
                files.clear();
            }
            self.drop_closed_where(|path, file| file.folder == folder && !files.contains_key(path));
            let mut new: BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>> = BTreeMap::new();
            for (path, root) in files {
                match self.closed.files.get_mut(&path) {
                    Some(known) if known.folder == folder && known.root == root => {}
                    Some(known) => {
                        known.moved(&folder, &root);
                        self.inspect_again(&path);
                        new.entry(root).or_default();
                    }
                    None => new.entry(root).or_default().push(path),
                }
            }
            for (root, files) in new {
                self.add_closed(&folder, &root, files);
                self.add_project(&ProjectKey::itself(&root), &folder, None);
            }
            self.forget_unused_projects();
        }
        if again {
            self.survey(&folder);
        }
    }

    /// Something happened at these paths: what concerns closed files is gathered for a moment.
    pub(super) fn files_hinted(&mut self, paths: &[Utf8PathBuf]) {
        let surveys = &self.closed.surveys;
        let concerns = |path: &Utf8Path| {
            surveys.iter().any(|(folder, survey)| {
                let directories = &survey.basis.directories;
                let inside = || path.parent().is_some_and(|parent| directories.contains(parent));
                // Before the first survey everything inside may be met by it.
                let unknown = directories.is_empty() && path.starts_with(folder);
                unknown || directories.contains(path) || inside() || survey.basis.reads.touches(path)
            })
        };
        let concerned: Vec<Utf8PathBuf> =
            paths.iter().filter(|path| self.closed.files.contains_key(*path) || concerns(path)).cloned().collect();
        if concerned.is_empty() {
            return;
        }
        if self.closed.gathered.is_empty() {
            self.effects.push(Effect::Timer { timer: Timer::Files, after: GATHERING });
        }
        self.closed.gathered.extend(concerned);
    }

    /// The moment is over.
    pub(super) fn files_gathered(&mut self) {
        let mut hints = std::mem::take(&mut self.closed.gathered);
        // A file that is known may have another text, or be gone: both is seen where it is read.
        hints.retain(|path| {
            let is_known = self.closed.files.contains_key(path);
            if is_known {
                self.inspect_again(path);
            }
            !is_known
        });
        if hints.is_empty() {
            return;
        }
        let folders: Vec<Utf8PathBuf> = self.closed.surveys.keys().cloned().collect();
        for folder in folders {
            if let Some(survey) = self.closed.surveys.get_mut(&folder) {
                if let Happened::At(paths) = &mut survey.since {
                    paths.extend(hints.iter().cloned());
                }
                self.survey(&folder);
            }
        }
    }

    /// A worker failed: the folder's files stay as they are known.
    pub(super) fn survey_failed(&mut self, folder: &Utf8Path, round: u64) {
        if let Some(survey) = self.closed.surveys.get_mut(folder)
            && survey.flight == Some(round)
        {
            survey.flight = None;
        }
    }

    /// Surveys a folder, now or as soon as the survey under way has ended.
    fn survey(&mut self, folder: &Utf8Path) {
        let Some(survey) = self.closed.surveys.get_mut(folder) else { return };
        if survey.flight.is_some() {
            return;
        }
        self.closed.rounds += 1;
        let round = self.closed.rounds;
        survey.flight = Some(round);
        let since = match std::mem::replace(&mut survey.since, Happened::At(BTreeSet::new())) {
            Happened::Anything => None,
            Happened::At(paths) => Some((survey.basis.clone(), paths)),
        };
        self.effects.push(Effect::Work(Work::Survey { folder: folder.to_owned(), round, since }));
    }
}
