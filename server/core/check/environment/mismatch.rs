//! Another environment than the project's that somebody works with, where an import of the project gets another answer.
//!
//! In: a [`Situation`], its rivals, and the answers to the project's imports. Out: one diagnostic for each rival that differs.
//!
//! **Invariant:** two environments that give the project's imports the same distributions are no mismatch.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{diagnostic, manifest_place};
use crate::answer::{Answer, Answers, Investigation};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::{commands, fixes};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::environment::{Environment, NamedBy, Part, Rival, SourceKind, Written, usual_interpreter};
use crate::explain::{self, shortened};
use crate::launch::{Kernel, Launch};
use crate::notebook::{LARGEST_NOTEBOOK, Notebook};
use crate::origin::Origin;
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;
use crate::text::Range;

pub(super) fn mismatch(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    let found = situation.rivals.iter().filter_map(|rival| {
        let (here, there) = difference(system, situation, rival, answers)?;
        of_rival(system, situation, rival, &here, &there)
    });
    found.collect()
}

fn of_rival(
    system: &dyn System,
    situation: &Situation,
    rival: &Rival,
    here: &Answer,
    there: &Answer,
) -> Option<Diagnostic> {
    let in_force = explain::environment_name(situation);
    let other = shortened(&explain::path_from(&situation.project.root, &rival.root), 30);
    let module = shortened(&here.resolution.module, 25);
    // The first is the one that is named, the second the project's own.
    let (who, (named, own), (of_named, of_own)) = match &rival.named_by {
        NamedBy::Project => (chosen_by(situation), (&in_force, &other), (here, there)),
        NamedBy::VirtualEnv => ("VIRTUAL_ENV".to_owned(), (&other, &in_force), (there, here)),
        NamedBy::File { tool, .. } => ((*tool).to_owned(), (&other, &in_force), (there, here)),
    };
    let (version_named, version_own) = (version(of_named), version(of_own));
    let message = fitting([
        format!("{who} names `{named}`, not `{own}`: `{module}` is {version_named} there, {version_own} here"),
        format!("{who} names another environment: `{module}` is {version_named} there, {version_own} here"),
    ]);
    let (path, range) = match (&rival.named_by, &situation.launch) {
        (NamedBy::File { path, range, .. }, _) => (path.clone(), *range),
        (_, Some(Launch::Kernel(kernel))) => (kernel.notebook.clone(), place_of_kernel(system, kernel)),
        _ => manifest_place(system, situation)?,
    };
    let pyvenv = |environment: Option<&crate::interpreter::Interpreter>, message: &str| {
        let pyvenv = environment?.pyvenv.as_ref()?;
        Some(at(&pyvenv.path, 1, message))
    };
    let is_own = rival.named_by == NamedBy::Project;
    let words = if is_own { ["chosen", "the project's own"] } else { ["the project's own", "named instead"] };
    let related =
        [pyvenv(situation.environment.interpreter.as_ref(), words[0]), pyvenv(Some(&rival.interpreter), words[1])];
    // Where only the shell decides, the settings may.
    let is_of_shell = is_own && situation.environment.source.kind == SourceKind::VirtualEnvVariable;
    let pinned = is_of_shell.then(|| fixes::pin(situation, &rival.root)).flatten();
    let fixes: Vec<Fix> = way_out(system, situation, rival).into_iter().chain(pinned).collect();
    diagnostic(Rule::EnvMismatch, situation, &message, (&path, range), related.into_iter().flatten(), &fixes)
}

/// Who has chosen the environment in force, where that is not the project's.
fn chosen_by(situation: &Situation) -> String {
    match (situation.environment.source.kind, &situation.launch) {
        (SourceKind::Editor, _) => "the editor".to_owned(),
        (SourceKind::Kernel, Some(Launch::Kernel(kernel))) => format!("the kernel `{}`", shortened(&kernel.name, 20)),
        _ => "VIRTUAL_ENV".to_owned(),
    }
}

/// Lets the other one name the project's environment too.
fn way_out(system: &dyn System, situation: &Situation, rival: &Rival) -> Option<Fix> {
    let environment = &situation.environment;
    let folder = |root: &Utf8Path| match root.strip_prefix(&situation.project.root) {
        Ok(inside) => inside.to_owned(),
        Err(_) => root.to_owned(),
    };
    let from_terminal = |path: &Utf8Path| commands::path_from(&situation.terminal, path);
    let in_force = || environment.root.as_deref().filter(|root| system.is_file(&usual_interpreter(system, root)));
    match (&rival.named_by, environment.source.kind, &situation.launch) {
        (NamedBy::File { path, values, .. }, ..) => {
            let root = in_force().filter(|_| !values.is_empty())?;
            let edits: Option<Vec<Edit>> =
                values.iter().map(|value| write(system, path, value, &folder(root))).collect();
            let file = path.file_name().unwrap_or(path.as_str());
            Some(Fix::edit(format!("Write `{}` into {file}", folder(root)), edits?))
        }
        (NamedBy::VirtualEnv, ..) => {
            let command = commands::activate(system, situation, in_force()?)?;
            Some(fixes::command("Activate the project's", command))
        }
        (NamedBy::Project, SourceKind::VirtualEnvVariable, _) => {
            Some(fixes::command("Leave the other one", "deactivate".to_owned()))
        }
        (NamedBy::Project, SourceKind::Kernel, Some(Launch::Kernel(kernel))) => {
            let mut roots = rival.interpreter.search_path.iter();
            let has_it = roots.any(|root| system.is_directory(&root.path.join("ipykernel")));
            let python = commands::quoted(&from_terminal(&rival.interpreter.executable));
            let name = commands::quoted(&kernel.name);
            let command = format!("{python} -m ipykernel install --user --name {name}");
            has_it.then(|| fixes::command("Give its name to the project's environment", command))
        }
        (NamedBy::Project, ..) => None,
    }
}

/// Writes a path, or a part of it, as the configuration has it.
fn write(system: &dyn System, path: &Utf8Path, value: &Written, folder: &Utf8Path) -> Option<Edit> {
    let text = match value.part {
        Part::Folder => folder.to_owned(),
        Part::Parent => match folder.parent() {
            Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
            _ => Utf8PathBuf::from("."),
        },
        Part::Name => Utf8PathBuf::from(folder.file_name()?),
        Part::Interpreter => usual_interpreter(system, folder),
    };
    let is_plain = |it: char| !(it.is_control() || matches!(it, '"' | '\\'));
    let (before, after) = value.around;
    text.as_str()
        .chars()
        .all(is_plain)
        .then(|| Edit::new(path.to_owned(), value.range, format!("{before}{text}{after}")))
}

fn place_of_kernel(system: &dyn System, kernel: &Kernel) -> Range {
    let source = system.read(&kernel.notebook, LARGEST_NOTEBOOK).ok().and_then(|it| String::from_utf8(it).ok());
    let notebook = source.and_then(|source| Notebook::read(source).ok());
    notebook.and_then(|it| it.place_of_kernel()).unwrap_or_default()
}

/// Returns the first import, by name, that the two answer differently.
fn difference(
    system: &dyn System,
    situation: &Situation,
    rival: &Rival,
    answers: &Answers,
) -> Option<(Arc<Answer>, Arc<Answer>)> {
    let environment = Environment {
        root: Some(rival.root.clone()),
        interpreter: Some(rival.interpreter.clone()),
        ..situation.environment.clone()
    };
    let other = Situation { environment, ..situation.clone() };
    let investigation = Investigation::new(system, &other);
    let mut names: Vec<_> = answers.iter().collect();
    names.sort_by(|one, other| one.0.cmp(other.0));
    // What lies beside the importing file is the same whoever runs it.
    names.retain(|(_, here)| here.resolution.origin != Some(Origin::Project));
    names.into_iter().find_map(|(name, here)| {
        let there = investigation.answer(name);
        differ(here, &there).then(|| (Arc::clone(here), there))
    })
}

fn differ(one: &Answer, other: &Answer) -> bool {
    let is_found = |answer: &Answer| answer.resolution.kind != ModuleKind::Unresolved;
    if is_found(one) != is_found(other) {
        return true;
    }
    let distribution = |answer: &Answer| {
        let found = answer.distribution.as_ref().filter(|it| it.editable.is_none())?;
        Some((found.name.clone(), found.version.clone()))
    };
    match (distribution(one), distribution(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// `6.0.2`, `found` where nobody tells the version, or `missing`.
fn version(answer: &Answer) -> String {
    match (&answer.distribution, answer.resolution.kind) {
        (_, ModuleKind::Unresolved) => "missing".to_owned(),
        (Some(distribution), _) => shortened(&distribution.version, 12),
        (None, _) => "found".to_owned(),
    }
}
