//! One project of a `check`.
//!
//! In: the project's root and its files. Out: what its files and its environment give to [`Checked`].
//!
//! **Invariant:** files are read and checked on all cores, and what comes out does not depend on their order.

use std::collections::BTreeMap;

use super::folders::{self, Folder, Source};
use super::{Checked, Named, recipes};
use crate::cli::arguments::Options;
use crate::cli::progress::Progress;
use crate::cli::request;
use camino::Utf8Path;
use fromwhere_core::answer::{self, Investigation};
use fromwhere_core::check::check_environment;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::SourceKind;
use fromwhere_core::launch::Launch;
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::situation::{self, Question, Situation};
use fromwhere_core::system::System;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// The files of one project that one Python runs, and what was found out about them.
struct Group<'f> {
    situation: Situation,
    folders: Vec<Folder<'f>>,
    environment: Vec<Diagnostic>,
}

pub(super) fn check(
    system: &dyn System,
    options: &Options,
    root: &Utf8Path,
    boundary: &Utf8Path,
    files: &[Named<'_>],
    progress: &Progress,
    checked: &mut Checked,
) {
    let (recipes, files): (Vec<&Named>, Vec<&Named>) =
        files.iter().partition(|(path, _)| RecipeKind::of_file(system, path).is_some());
    // The project has its environment to check even where all its files run on another.
    let question = request::question(options, system, root, boundary);
    let mut own = group(system, &question, |investigation| folders::read_and_check(investigation, &files, progress));
    note_unread(&mut own.folders, checked);
    let mut elsewhere: Vec<(Launch, Source<'_>)> = own.folders.iter_mut().flat_map(Folder::take_elsewhere).collect();
    elsewhere.sort_by_key(|(_, source)| source.place);
    let mut by_launch: BTreeMap<Launch, Vec<Source<'_>>> = BTreeMap::new();
    for (launch, source) in elsewhere {
        // What holds for one notebook of a kernel holds for all: it is found out, and told, once.
        let is_of_kernel = matches!(launch, Launch::Kernel(_));
        let known = by_launch.keys().find(|it| is_of_kernel && it.runs_as(&launch)).cloned();
        by_launch.entry(known.unwrap_or(launch)).or_default().push(source);
    }
    let others: Vec<Group<'_>> = by_launch
        .into_par_iter()
        .map(|(launch, sources)| {
            let question = Question { launch: Some(launch), ..question.clone() };
            group(system, &question, |investigation| folders::check(investigation, sources))
        })
        .collect();
    recipes::check(system, &own.situation, &recipes, checked);
    for group in std::iter::once(own).chain(others) {
        add(options, group, checked);
    }
}

/// Finds out what is true for the files that one Python runs, and checks them and it.
fn group<'f>(
    system: &dyn System,
    question: &Question,
    check: impl FnOnce(&Investigation<'_>) -> Vec<Folder<'f>>,
) -> Group<'f> {
    let situation = situation::situation(system, question);
    let folders = check(&Investigation::new(system, &situation));
    log(&situation, folders.iter().map(|folder| folder.checked.len()).sum());
    let answers = answer::merged(folders.iter().map(|folder| &folder.answers));
    let environment = check_environment(system, &situation, &answers);
    Group { situation, folders, environment }
}

/// Says which files could not be read, in their order.
fn note_unread(folders: &mut [Folder<'_>], checked: &mut Checked) {
    let mut unread: Vec<_> = folders.iter_mut().flat_map(|folder| std::mem::take(&mut folder.unread)).collect();
    unread.sort_by_key(|(place, ..)| *place);
    for (_, named, problem) in unread {
        if named {
            checked.refused.push(problem.to_string());
        } else {
            checked.problems.push(problem);
        }
    }
}

fn add(options: &Options, group: Group<'_>, checked: &mut Checked) {
    let Group { situation, folders, environment } = group;
    note_problems(options, &situation, checked);
    let mut paths: Vec<(usize, &Utf8Path)> = folders.iter().flat_map(|folder| folder.checked.iter().copied()).collect();
    paths.sort_unstable();
    checked.files += paths.len();
    checked.problems.extend(paths.into_iter().filter_map(|(_, path)| situation.problem_of(path)));
    for folder in folders {
        checked.tally.merge(folder.tally);
        checked.texts.extend(folder.texts);
        checked.notebooks.extend(folder.notebooks);
        checked.diagnostics.extend(folder.diagnostics);
    }
    // What is wrong in a file that several projects share is said once.
    for diagnostic in environment {
        if !checked.diagnostics.iter().any(|it| it.is_same_fact(&diagnostic)) {
            checked.diagnostics.push(diagnostic);
        }
    }
}

fn log(situation: &Situation, files: usize) {
    let environment = &situation.environment;
    let executable = environment.interpreter.as_ref().map_or("no Python", |it| it.executable.as_str());
    let source = environment.source.kind.as_str();
    tracing::info!("{}: {files} files, {executable} ({source})", situation.project.root);
    for considered in &environment.considered {
        tracing::debug!("{}: {}: {}", considered.kind.as_str(), considered.detail, considered.outcome);
    }
}

fn note_problems(options: &Options, situation: &Situation, checked: &mut Checked) {
    for problem in request::problems(situation) {
        if !checked.problems.contains(&problem) {
            checked.problems.push(problem);
        }
    }
    if situation.environment.source.kind == SourceKind::None {
        // A run that could follow nothing is no clean one.
        let message = "no Python was found, so no import can be followed".to_owned();
        let refused = Problem { path: situation.project.root.clone(), line: None, message }.to_string();
        if !checked.refused.contains(&refused) {
            checked.refused.push(refused);
        }
    }
    if let Some(refused) = request::unusable_python(options, situation)
        && !checked.refused.contains(&refused)
    {
        checked.refused.push(refused);
    }
}
