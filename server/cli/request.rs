//! What the words on the command line mean.
//!
//! In: [`Options`] and paths as typed. Out: absolute paths, and the [`Question`] to ask about a project.
//!
//! **Invariant:** what is wrong with an option is an error that names it; it is never passed over.

use anyhow::{Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use fromwhere_core::environment;
use fromwhere_core::launch;
use fromwhere_core::origin::Problem;
use fromwhere_core::project;
use fromwhere_core::settings::Settings;
use fromwhere_core::situation::{self, Question, Situation};
use fromwhere_core::system::System;

use super::arguments::{Options, OutputFormat};
use crate::{native, source};

/// What shows that a directory is the root of somebody's work.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".jj", ".svn"];
/// What shows a project beside [`project::PROJECT_FILES`].
const PROJECT: [&str; 5] = ["pyproject.toml", "requirements.txt", "environment.yml", ".venv", "venv/pyvenv.cfg"];

/// Returns the path from the root on, with `.` and `..` taken out as they are spelled.
pub(super) fn absolute(system: &dyn System, path: &Utf8Path) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for component in system.working_directory().join(path).components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    Utf8PathBuf::from_path_buf(native::plain(result.into())).unwrap_or_default()
}

/// Returns the workspace that a command line without an editor means: the version control root at or above the
/// directory, else the outermost project at or above it but below the home directory, else the working directory where
/// that is above it, else the directory itself.
pub(super) fn boundary(system: &dyn System, directory: &Utf8Path) -> Utf8PathBuf {
    let home = environment::home(system);
    let inside_home = |it: &Utf8Path| it == directory || (Some(it) != home.as_deref() && it.parent().is_some());
    let above = || directory.ancestors().take_while(|it| inside_home(it));
    let has = |it: &Utf8Path, names: &[&str]| names.iter().any(|name| system.exists(&it.join(name)));
    if let Some(root) = above().find(|it| has(it, &VERSION_CONTROL)) {
        return root.to_owned();
    }
    let project = above().filter(|it| has(it, &PROJECT) || has(it, &project::PROJECT_FILES)).last();
    let working_directory = system.working_directory();
    let around = Some(working_directory.as_path()).filter(|it| directory.starts_with(it));
    match (project, around) {
        (Some(project), Some(around)) if around.starts_with(project) => project.to_owned(),
        (_, Some(around)) => around.to_owned(),
        (Some(project), None) => project.to_owned(),
        (None, None) => directory.to_owned(),
    }
}

/// Returns what is asked about the project at `root`.
pub(super) fn question(options: &Options, system: &dyn System, root: &Utf8Path, boundary: &Utf8Path) -> Question {
    Question {
        argument: options.python.clone(),
        terminal: system.working_directory(),
        overrides: Settings {
            select: (!options.select.is_empty()).then(|| options.select.iter().copied().collect()),
            ignore: options.ignore.iter().copied().collect(),
            ..Settings::default()
        },
        isolated: options.isolated,
        config: options.config.as_deref().map(|config| absolute(system, config)),
        ..Question::about(root, boundary)
    }
}

/// Answers for the project that a directory belongs to, or for one file of it: as what the file itself says has it run.
pub(super) fn situation_around(options: &Options, system: &dyn System, path: &Utf8Path) -> Situation {
    let directory = directory_of(system, path);
    let boundary = boundary(system, &directory);
    let root = project::root_of(system, &directory, &boundary);
    // A file that cannot be read says nothing of itself.
    let source = if path == directory { None } else { source::code(system, path).ok() };
    let launch = source.and_then(|code| launch::of(path, &code.imports));
    let question = Question { launch, ..question(options, system, &root, &boundary) };
    let mut situation = situation::situation(system, &question);
    situation.problems.extend(situation.problem_of(path));
    situation
}

/// Checks the options that name something on the disk.
pub(super) fn check_options(options: &Options, system: &dyn System) -> Result<()> {
    if let Some(config) = &options.config {
        let path = absolute(system, config);
        ensure!(system.exists(&path), "--config {config}: no such file");
        ensure!(system.is_file(&path), "--config {config}: not a regular file");
    }
    Ok(())
}

/// Tells whether JSON is asked for, where text and JSON are all there is.
pub(super) fn wants_json(options: &Options, command: &str) -> Result<bool> {
    match options.output_format {
        OutputFormat::Text => Ok(false),
        OutputFormat::Json => Ok(true),
        _ => bail!("`{command}` has the output formats text and json"),
    }
}

/// Returns all that could not be read as it was meant, each once.
pub(super) fn problems(situation: &Situation) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for problem in situation.problems.iter().chain(&situation.environment.problems) {
        if !problems.contains(problem) {
            problems.push(problem.clone());
        }
    }
    problems
}

/// Returns why `--python` cannot be used, where it was given and cannot.
pub(super) fn unusable_python(options: &Options, situation: &Situation) -> Option<String> {
    let python = options.python.as_ref().filter(|_| situation.environment.interpreter.is_none())?;
    let reason = situation.environment.broken.as_ref().map_or("no Python is there", |broken| &broken.reason);
    Some(format!("--python {python}: {reason}"))
}

fn directory_of(system: &dyn System, path: &Utf8Path) -> Utf8PathBuf {
    match path.parent() {
        Some(parent) if !system.is_directory(path) => parent.to_owned(),
        _ => path.to_owned(),
    }
}
