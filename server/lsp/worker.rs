//! What needs the disk, done on a thread that may wait.
//!
//! In: a piece of [`Work`]. Out: the event that tells what was found.
//!
//! **Invariant:** each piece takes a fresh look at the disk under a recorder, and what is to be watched is watched before
//! it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{self, Answers, AnswersByDirectory, Investigation};
use fromwhere_core::apt::PackageNames;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::notebook::{LARGEST_NOTEBOOK, Notebook};
use fromwhere_core::origin::{ImportRoot, Origin};
use fromwhere_core::situation::Situation;
use fromwhere_core::system::{LARGEST_SOURCE, Reads, Recorder, System};
use fromwhere_core::text::Text;
use fromwhere_core::{check, environment, project, situation};
use rustc_hash::FxHasher;

use crate::disk::Disk;
use crate::lsp::effect::{ImportsByDirectory, Since, Work};
use crate::lsp::event::{Answered, Difference, Discovered, Event, Located, Surveyed, Texts};
use crate::lsp::worker::inspection::Under;
use crate::walk::{self, Haste, Walked};
use crate::watch::Watch;

mod inspection;
mod survey;

/// How often a folder is walked through again only because more is watched than before.
const MOST_WALKS_AGAIN: u8 = 3;

#[derive(Debug)]
pub struct Worker {
    disk: Disk,
    /// `None` where this system has no watcher to offer.
    watch: Option<Watch>,
}

impl Worker {
    pub fn new(disk: Disk, watch: Option<Watch>) -> Self {
        Worker { disk, watch }
    }

    pub fn run(&self, work: Work) -> Option<Event> {
        match (&self.watch, work) {
            (Some(watcher), Work::Survey { folder, round, since }) => Some(self.survey(watcher, folder, round, since)),
            (Some(watcher), work) => {
                match &work {
                    Work::Discover { project, watch, .. } => watcher.arm(&project.to_string(), watch.clone()),
                    Work::Forget { project } => watcher.forget(&project.to_string()),
                    Work::Leave { folder } => watcher.forget(&owner_of(folder)),
                    _ => {}
                }
                look_slowly(&self.disk.fresh(), work)
            }
            (None, work) => look_slowly(&self.disk.fresh(), work),
        }
    }

    /// What comes into a directory between the walk and the watch on it would go unseen, so more watches mean one more
    /// walk; a directory that was made anew counts as one more.
    fn survey(&self, watcher: &Watch, folder: Utf8PathBuf, round: u64, mut since: Since) -> Event {
        let mut armed = BTreeSet::new();
        if let Some((basis, hints)) = &since {
            armed = survey::watch_set(&self.disk.fresh(), &folder, basis);
            armed.retain(|directory| !hints.iter().any(|hint| directory.starts_with(hint)));
        }
        let mut walks = 0;
        let survey = loop {
            walks += 1;
            let disk = self.disk.fresh();
            let walk = |folder: &Utf8Path| walk_slowly(&disk, folder);
            let Some(found) = survey::survey(&disk, &walk, &folder, since.take().as_ref()) else { break None };
            let wanted = survey::watch_set(&disk, &folder, &found.basis);
            watcher.arm(&owner_of(&folder), wanted.clone());
            if wanted.is_subset(&armed) || walks > MOST_WALKS_AGAIN {
                break Some(found);
            }
            armed = wanted;
        };
        Event::Surveyed(Surveyed { folder, round, survey })
    }
}

/// Does a piece of work on one look at the world; `walk` walks through a workspace folder.
pub fn look(system: &dyn System, walk: &dyn Fn(&Utf8Path) -> Walked, work: Work) -> Option<Event> {
    match work {
        Work::Locate { directory, boundary } => {
            let root = root_of(system, &directory, boundary.as_deref());
            let boundary = boundary.unwrap_or_else(|| root.clone());
            let linked = situation::linked_scripts(system, &directory);
            let is_library = project::is_in_a_library(system, &directory);
            Some(Event::Located(Located { directory, root, boundary, linked, is_library }))
        }
        Work::Discover { project, generation, question, directories, imports, watch, before } => {
            let recorder = Recorder::new(system);
            let moved =
                directories.iter().filter(|(it, boundary)| root_of(&recorder, it, boundary.as_deref()) != project.root);
            let moved = moved.map(|(directory, _)| directory.clone()).collect();
            let linked =
                directories.iter().map(|(it, _)| (it.clone(), situation::linked_scripts(&recorder, it))).collect();
            let situation = situation::situation(&recorder, &question);
            let answers = investigate(&recorder, &situation, &imports, AnswersByDirectory::new(), None);
            let merged = answer::merged(answers.values().map(|it| &**it));
            let environment_diagnostics = check::check_environment(&recorder, &situation, &merged);
            let texts = texts(&recorder, &environment_diagnostics, &situation);
            let distributions = count_distributions(&recorder, &situation);
            let packages = own_roots(&situation).filter_map(|root| distributions.get(&root.path)).sum();
            let reads = recorder.into_reads();
            let difference = difference(before, &situation, &answers);
            Some(Event::Discovered(Box::new(Discovered {
                project,
                generation,
                difference,
                situation: Arc::new(situation),
                answers,
                environment_diagnostics,
                texts: Arc::new(texts),
                packages,
                distributions,
                stamp: stamp_of(system, &reads),
                armed: watch,
                watch: reads.watch_set(system),
                reads: Arc::new(reads),
                moved,
                linked,
            })))
        }
        Work::Answer { project, generation, situation, directory, names, imports, known } => {
            let recorder = Recorder::new(system);
            let answers = investigate(&recorder, &situation, &imports, known, Some((&directory, &names)));
            let reads = recorder.into_reads();
            let watch = reads.watch_set(system);
            Some(Event::Answered(Answered { project, generation, directory, names, answers, reads, watch }))
        }
        Work::Verify { project, reads, stamp } => {
            let changed = stamp_of(system, &reads) != stamp;
            Some(Event::Verified { project, changed })
        }
        Work::Survey { folder, round, since } => {
            let survey = survey::survey(system, walk, &folder, since.as_ref());
            Some(Event::Surveyed(Surveyed { folder, round, survey }))
        }
        Work::Inspect { round, project, generation, situation, known, files } => {
            let under = Under { round, project, generation, situation };
            Some(Event::Inspected(inspection::inspect(system, under, known, files)))
        }
        Work::Packages => Some(Event::Packages(Arc::new(PackageNames::read(system)))),
        Work::Kernel { notebook } => Some(Event::Kernel { name: kernel_of(system, &notebook), notebook }),
        Work::Pythons => Some(Event::Pythons(environment::known_pythons(system))),
        Work::Forget { .. } | Work::Leave { .. } => None,
    }
}

/// The name under which a workspace folder is watched: a project may have the same root.
fn owner_of(folder: &Utf8Path) -> String {
    format!("the files of {folder}")
}

fn walk_slowly(disk: &Disk, folder: &Utf8Path) -> Walked {
    walk::walk(disk, folder, Haste::OneCore)
}

fn look_slowly(disk: &Disk, work: Work) -> Option<Event> {
    look(disk, &|folder| walk_slowly(disk, folder), work)
}

/// Compares what was found out with what was known.
fn difference(
    before: Option<(Arc<Situation>, AnswersByDirectory)>,
    situation: &Situation,
    answers: &AnswersByDirectory,
) -> Difference {
    let Some((_, known)) = before.filter(|(before, _)| **before == *situation) else { return Difference::Everything };
    let nothing = Arc::default();
    let differs = |directory: &Utf8PathBuf, found: &Answers| {
        let known = known.get(directory).unwrap_or(&nothing);
        // More may be known than is asked by now.
        found.keys().any(|name| known.get(name) != found.get(name))
    };
    let changed = answers.iter().filter(|(directory, found)| differs(directory, found));
    Difference::Directories(changed.map(|(directory, _)| directory.clone()).collect())
}

/// What cannot be read names no kernel; its cells are the editor's all the same.
fn kernel_of(system: &dyn System, notebook: &Utf8Path) -> Option<String> {
    let source = String::from_utf8(system.read(notebook, LARGEST_NOTEBOOK).ok()?).ok()?;
    Notebook::read(source).ok()?.kernel().map(str::to_owned)
}

/// Returns the project that a directory belongs to; without a workspace around it the nearest project upwards, else the
/// directory itself.
fn root_of(system: &dyn System, directory: &Utf8Path, boundary: Option<&Utf8Path>) -> Utf8PathBuf {
    if let Some(boundary) = boundary {
        return project::root_of(system, directory, boundary);
    }
    let top = directory.ancestors().last().unwrap_or(directory);
    let root = project::root_of(system, directory, top);
    if root == top { directory.to_owned() } else { root }
}

/// Answers all that the imports of each directory ask for and that has no answer yet, until nothing is left to ask; and the names
/// that were asked by themselves, such as a part of a package.
fn investigate(
    system: &dyn System,
    situation: &Situation,
    imports: &ImportsByDirectory,
    mut answers: AnswersByDirectory,
    asked: Option<(&Utf8Path, &[String])>,
) -> AnswersByDirectory {
    let investigation = Investigation::new(system, situation);
    for (directory, imports) in imports {
        let known = Arc::make_mut(answers.entry(directory.clone()).or_default());
        investigation.answer_in(directory, known, |known| {
            imports.iter().flat_map(|imports| check::unanswered(imports, known)).collect()
        });
    }
    if let Some((directory, names)) = asked {
        let known = Arc::make_mut(answers.entry(directory.to_owned()).or_default());
        investigation.answer_in(directory, known, |_| names.to_vec());
    }
    answers
}

/// Reads once more what was found something in, in the same look.
fn texts(system: &dyn System, found: &[Diagnostic], situation: &Situation) -> Texts {
    let mistaken = situation.mistakes.iter().map(|mistake| &mistake.problem.path);
    let paths: BTreeSet<&Utf8PathBuf> = found.iter().map(|it| &it.path).chain(mistaken).collect();
    let texts = paths.into_iter().filter_map(|path| {
        let bytes = system.read(path, LARGEST_SOURCE).ok()?;
        Some((path.clone(), Text::new(String::from_utf8_lossy(&bytes).into_owned())))
    });
    texts.collect()
}

/// Counts the distributions in each import root that installers write to.
fn count_distributions(system: &dyn System, situation: &Situation) -> BTreeMap<Utf8PathBuf, usize> {
    let search_path = situation.environment.interpreter.iter().flat_map(|it| &it.search_path);
    let is_metadata = |name: &str| name.ends_with(".dist-info") || name.ends_with(".egg-info");
    let counts = search_path.filter(|root| root.origin.is_site_directory()).filter_map(|root| {
        let list = system.list(&root.path).ok()?;
        Some((root.path.clone(), list.iter().filter(|(name, _)| is_metadata(name)).count()))
    });
    counts.collect()
}

/// Returns the roots of the environment itself, not of what it also sees.
fn own_roots(situation: &Situation) -> impl Iterator<Item = &ImportRoot> {
    let own = [Origin::SitePackages, Origin::DistPackages, Origin::LocalDistPackages];
    situation.environment.interpreter.iter().flat_map(move |interpreter| {
        interpreter.search_path.iter().filter(move |root| {
            if interpreter.is_virtual() { root.origin == Origin::SitePackages } else { own.contains(&root.origin) }
        })
    })
}

/// Sums up what can be stated of everything that was read, in one number.
fn stamp_of(system: &dyn System, reads: &Reads) -> u64 {
    let mut hasher = FxHasher::default();
    for path in reads.paths.iter().chain(&reads.directories) {
        match system.metadata(path) {
            Ok(metadata) => (metadata.identity, metadata.length, metadata.modified).hash(&mut hasher),
            Err(failure) => failure.cause.to_string().hash(&mut hasher),
        }
    }
    hasher.finish()
}
