//! One project of a `check`.
//!
//! In: the project's root and its files. Out: what its files and its environment give to [`Checked`].
//!
//! **Invariant:** files are read and checked on all cores; what comes out does not depend on their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Checked, Named, recipes};
use crate::cli::arguments::Options;
use crate::cli::progress::Progress;
use crate::cli::request;
use crate::source::{self, Code};
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{self, Answers, AnswersByDirectory, Investigation};
use fromwhere_core::check::{check_environment, check_file, unanswered};
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::SourceKind;
use fromwhere_core::launch::{self, Launch};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::situation::{self, Question, Situation};
use fromwhere_core::system::System;
use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

/// A file that could be read.
struct Source {
    path: Utf8PathBuf,
    code: Code,
}

impl Source {
    fn directory(&self) -> &Utf8Path {
        self.path.parent().unwrap_or(&self.path)
    }
}

/// The files of one project that one Python runs, and what was found out about them.
struct Group {
    situation: Situation,
    sources: Vec<Source>,
    answers: AnswersByDirectory,
    diagnostics: Vec<Diagnostic>,
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
        files.iter().partition(|(path, _)| RecipeKind::of(path).is_some());
    let read = |(path, named): &&Named<'_>| {
        let source = read(system, path);
        progress.one_more();
        (*named, source)
    };
    let read: Vec<(bool, Result<Source, Problem>)> = files.par_iter().map(read).collect();
    // The project has its environment to check even where all its files run on another.
    let mut by_launch: BTreeMap<Option<Launch>, Vec<Source>> = BTreeMap::from([(None, Vec::new())]);
    for (named, source) in read {
        match source {
            Ok(source) => by_launch.entry(launch::of(&source.path, &source.code.imports)).or_default().push(source),
            Err(problem) if named => checked.refused.push(problem.to_string()),
            Err(problem) => checked.problems.push(problem),
        }
    }
    let groups: Vec<Group> = by_launch
        .into_par_iter()
        .map(|(launch, sources)| {
            let question = Question { launch, ..request::question(options, system, root, boundary) };
            check_group(system, &question, sources)
        })
        .collect();
    for group in groups {
        if group.situation.launch.is_none() {
            recipes::check(system, &group.situation, &recipes, checked);
        }
        add(options, group, checked);
    }
}

fn check_group(system: &dyn System, question: &Question, sources: Vec<Source>) -> Group {
    let situation = situation::situation(system, question);
    log(&situation, sources.len());
    let answers = answer_all(system, &situation, &sources);
    let mut diagnostics: Vec<_> = sources
        .par_iter()
        .flat_map_iter(|source| {
            let Some(answers) = answers.get(source.directory()) else { return Vec::new() };
            let found = check_file(&situation, &source.path, &source.code.text, &source.code.imports, answers);
            match &source.code.notebook {
                Some(notebook) => found.into_iter().map(|it| notebook.in_file(it)).collect(),
                None => found,
            }
        })
        .collect();
    diagnostics.extend(check_environment(system, &situation, &answer::merged(&answers)));
    Group { situation, sources, answers, diagnostics }
}

fn add(options: &Options, group: Group, checked: &mut Checked) {
    let Group { situation, sources, answers, mut diagnostics } = group;
    note_problems(options, &situation, checked);
    checked.files += sources.len();
    let pointed_into: BTreeSet<&Utf8Path> = diagnostics.iter().map(|diagnostic| diagnostic.path.as_path()).collect();
    for source in sources {
        checked.problems.extend(situation.problem_of(&source.path));
        if let Some(answers) = answers.get(source.directory()) {
            checked.tally.add(&situation, &source.code.imports, answers);
        }
        if pointed_into.contains(source.path.as_path()) {
            match source.code.notebook {
                Some(notebook) => _ = checked.notebooks.insert(source.path, notebook),
                None => _ = checked.texts.insert(source.path, source.code.text),
            }
        }
    }
    checked.diagnostics.append(&mut diagnostics);
}

fn read(system: &dyn System, path: &Utf8Path) -> Result<Source, Problem> {
    let code = source::code(system, path)?;
    if let Some(problem) = code.imports.problem(path) {
        return Err(problem);
    }
    Ok(Source { path: path.to_owned(), code })
}

/// Answers every name that the files ask for, for each directory: a script finds its own folder's modules first.
fn answer_all(system: &dyn System, situation: &Situation, project: &[Source]) -> AnswersByDirectory {
    let investigation = Investigation::new(system, situation);
    look_up(&investigation, project);
    let mut directories: BTreeMap<&Utf8Path, Vec<&Source>> = BTreeMap::new();
    for source in project {
        directories.entry(source.directory()).or_default().push(source);
    }
    directories
        .into_par_iter()
        .map(|(directory, sources)| {
            let mut answers = Answers::default();
            investigation.answer_in(directory, &mut answers, |known| {
                sources.par_iter().flat_map_iter(|source| unanswered(&source.code.imports, known)).collect()
            });
            (directory.to_owned(), Arc::new(answers))
        })
        .collect()
}

/// Looks every name up once, on all cores, and then what those answers make it necessary to ask; from here on each
/// directory finds them in memory.
fn look_up(investigation: &Investigation<'_>, project: &[Source]) {
    let mut answers = Answers::default();
    loop {
        let names: BTreeSet<String> =
            project.par_iter().flat_map_iter(|source| unanswered(&source.code.imports, &answers)).collect();
        let new: Vec<String> = names.into_iter().filter(|name| !answers.contains_key(name)).collect();
        if new.is_empty() {
            return;
        }
        let found: Vec<_> = new
            .into_par_iter()
            .map(|name| {
                let answer = investigation.answer(&name);
                (name, answer)
            })
            .collect();
        answers.extend(found);
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
        let message = "no Python was found, so no import can be followed".to_owned();
        checked.problems.push(Problem { path: situation.project.root.clone(), line: None, message });
    }
    if let Some(refused) = request::unusable_python(options, situation)
        && !checked.refused.contains(&refused)
    {
        checked.refused.push(refused);
    }
}
