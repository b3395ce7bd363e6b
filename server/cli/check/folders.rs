//! The files of one project, folder by folder.
//!
//! In: files, and how names are answered for them. Out: for each folder the diagnostics, and what its imports come to.
//!
//! **Invariant:** of a text is kept what a diagnostic points into, and nothing of the others once their folder is done: a
//! large project is larger than what is said of it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{Answers, Investigation};
use fromwhere_core::check::{check_file, unanswered};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::launch::{self, Launch};
use fromwhere_core::notebook::Notebook;
use fromwhere_core::origin::Problem;
use fromwhere_core::system::System;
use fromwhere_core::text::Text;
use rayon::iter::ParallelIterator as _;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _};
use rustc_hash::FxHashMap;

use super::Named;
use crate::cli::progress::Progress;
use crate::cli::tally::Tally;
use crate::source::{self, Code};

/// So many files of one folder are worth another core.
const MANY: usize = 8;

/// A file that could be read.
pub(super) struct Source<'f> {
    /// Its number among the files of the project.
    pub(super) place: usize,
    path: &'f Utf8Path,
    code: Code,
}

/// One folder, and what was found out about its own files.
pub(super) struct Folder<'f> {
    /// The files that were checked, each behind its number.
    pub(super) checked: Vec<(usize, &'f Utf8Path)>,
    pub(super) answers: Answers,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point into.
    pub(super) texts: Vec<(Utf8PathBuf, Text)>,
    pub(super) notebooks: Vec<(Utf8PathBuf, Notebook)>,
    pub(super) tally: Tally,
    /// The files that could not be read: their numbers, whether they were named, and why.
    pub(super) unread: Vec<(usize, bool, Problem)>,
    /// The files that say themselves what runs them.
    elsewhere: Vec<(Launch, Source<'f>)>,
}

impl<'f> Folder<'f> {
    /// Takes out what says itself what runs it.
    pub(super) fn take_elsewhere(&mut self) -> Vec<(Launch, Source<'f>)> {
        std::mem::take(&mut self.elsewhere)
    }
}

/// Reads files, and checks those that say nothing of what runs them.
pub(super) fn read_and_check<'f>(
    investigation: &Investigation<'_>,
    files: &[&Named<'f>],
    progress: &Progress,
) -> Vec<Folder<'f>> {
    let files = files.iter().enumerate().map(|(place, (path, named))| (place, *path, *named));
    let read_one = |(place, path, named): (usize, &'f Utf8Path, bool)| {
        let source = read(investigation.system(), place, path);
        progress.one_more();
        source.map_err(|problem| (place, named, problem))
    };
    let one = |(path, files): (&'f Utf8Path, Vec<_>)| {
        let (mut own, mut elsewhere, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        let read: Vec<Result<Source<'f>, _>> = files.into_par_iter().with_min_len(MANY).map(read_one).collect();
        for source in read {
            match source {
                Ok(source) => match launch::of(source.path, &source.code.imports) {
                    None => own.push(source),
                    Some(launch) => elsewhere.push((launch, source)),
                },
                Err(why) => unread.push(why),
            }
        }
        let mut folders = check_folder(investigation, path, own);
        if let Some(first) = folders.first_mut() {
            (first.unread, first.elsewhere) = (unread, elsewhere);
        }
        folders
    };
    by_folder(files, |(_, path, _)| path).into_par_iter().flat_map_iter(one).collect()
}

/// Checks files that were read before.
pub(super) fn check<'f>(investigation: &Investigation<'_>, sources: Vec<Source<'f>>) -> Vec<Folder<'f>> {
    let folders = by_folder(sources.into_iter(), |source| source.path);
    folders.into_par_iter().flat_map_iter(|(path, sources)| check_folder(investigation, path, sources)).collect()
}

/// Sorts files into their folders, in the order in which those are met.
fn by_folder<'f, T>(files: impl Iterator<Item = T>, path: impl Fn(&T) -> &'f Utf8Path) -> Vec<(&'f Utf8Path, Vec<T>)> {
    let mut folders: Vec<(&Utf8Path, Vec<T>)> = Vec::new();
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    for file in files {
        let path = path(&file);
        let folder = path.parent().unwrap_or(path);
        let at = *known.entry(folder.as_str()).or_insert_with(|| {
            folders.push((folder, Vec::new()));
            folders.len() - 1
        });
        folders[at].1.push(file);
    }
    folders
}

fn read<'f>(system: &dyn System, place: usize, path: &'f Utf8Path) -> Result<Source<'f>, Problem> {
    let code = source::code(system, path)?;
    match code.imports.problem(path) {
        Some(problem) => Err(problem),
        None => Ok(Source { place, path, code }),
    }
}

/// Checks the files of a folder; those that are links run in the folders that they lead to.
fn check_folder<'f>(
    investigation: &Investigation<'_>,
    path: &'f Utf8Path,
    sources: Vec<Source<'f>>,
) -> Vec<Folder<'f>> {
    let linked = investigation.linked_scripts(path);
    let (mut own, mut elsewhere) = (Vec::new(), BTreeMap::<Utf8PathBuf, Vec<Source<'f>>>::new());
    for source in sources {
        match linked.get(source.path) {
            Some(folder) => elsewhere.entry(folder.clone()).or_default().push(source),
            None => own.push(source),
        }
    }
    let own = check_in(investigation, path, own);
    let elsewhere = elsewhere.into_iter().map(|(folder, sources)| check_in(investigation, &folder, sources));
    std::iter::once(own).chain(elsewhere).collect()
}

/// Answers every name that files ask for, and checks them: a script finds its own folder's modules first.
fn check_in<'f>(investigation: &Investigation<'_>, path: &Utf8Path, sources: Vec<Source<'f>>) -> Folder<'f> {
    let situation = investigation.situation();
    let mut answers = Answers::default();
    investigation.answer_in(path, &mut answers, |known| {
        sources.iter().flat_map(|source| unanswered(&source.code.imports, known)).collect()
    });
    let check = |source: &Source<'_>| {
        let found = check_file(situation, source.path, &source.code.text, &source.code.imports, &answers);
        match &source.code.notebook {
            Some(notebook) => found.into_iter().map(|it| notebook.in_file(it)).collect(),
            None => found,
        }
    };
    let found: Vec<Vec<Diagnostic>> = sources.par_iter().with_min_len(MANY).map(check).collect();
    let (mut tally, mut checked) = (Tally::default(), Vec::new());
    let (mut texts, mut notebooks, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for (source, mut found) in sources.into_iter().zip(found) {
        tally.add(situation, &source.code.imports, &answers);
        checked.push((source.place, source.path));
        if !found.is_empty() {
            match source.code.notebook {
                Some(notebook) => notebooks.push((source.path.to_owned(), notebook)),
                None => texts.push((source.path.to_owned(), source.code.text)),
            }
            diagnostics.append(&mut found);
        }
    }
    let (unread, elsewhere) = (Vec::new(), Vec::new());
    Folder { checked, answers, diagnostics, texts, notebooks, tally, unread, elsewhere }
}
