//! Checking files that nobody has opened.
//!
//! In: a project's situation and paths. Out: what each file imports and what is to be said about it, as [`Inspected`].
//!
//! **Invariant:** one text at a time: of each file only its imports and its diagnostics are kept.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{AnswersByDirectory, Investigation};
use fromwhere_core::check;
use fromwhere_core::imports::Imports;
use fromwhere_core::launch::{self, Launch};
use fromwhere_core::recipe::{self, RecipeKind};
use fromwhere_core::situation::{self, Situation};
use fromwhere_core::system::{LARGEST_SOURCE, Recorder, System};
use fromwhere_core::text::Text;

use crate::lsp::event::{Inspected, Inspection, ProjectKey};
use crate::source::{self, Code};

/// Whose files they are, and which look at it they are checked under.
pub(super) struct Under {
    pub(super) round: u64,
    pub(super) project: ProjectKey,
    pub(super) generation: u64,
    pub(super) situation: Arc<Situation>,
}

pub(super) fn inspect(
    system: &dyn System,
    under: Under,
    mut answers: AnswersByDirectory,
    files: Vec<Utf8PathBuf>,
) -> Inspected {
    let Under { round, project, generation, situation } = under;
    let recorder = Recorder::new(system);
    let investigation = Investigation::new(&recorder, &situation);
    let mut inspect_one = |path: &Utf8Path| match RecipeKind::of_file(system, path) {
        Some(kind) => inspect_recipe(system, &situation, path, kind),
        None => inspect_source(system, &situation, path, &investigation, &mut answers),
    };
    let files = files.into_iter().map(|path| {
        let inspection = inspect_one(&path);
        (path, inspection)
    });
    let files = files.collect();
    drop(investigation);
    let reads = recorder.into_reads();
    let watch = reads.watch_set(system);
    Inspected { round, project, generation, files, answers, reads, watch }
}

fn inspect_source(
    system: &dyn System,
    situation: &Situation,
    path: &Utf8Path,
    investigation: &Investigation<'_>,
    answers: &mut AnswersByDirectory,
) -> Inspection {
    if !system.is_file(path) {
        return Inspection::Gone;
    }
    let Code { text, imports, notebook } = match source::code(system, path) {
        Ok(code) => code,
        Err(problem) => return Inspection::Unreadable(problem),
    };
    let imports = Arc::new(imports);
    if let Some(problem) = imports.problem(path) {
        return Inspection::Unreadable(problem);
    }
    if launch::of(path, &imports).as_ref().map(Launch::key) != situation.launch.as_ref().map(Launch::key) {
        return Inspection::LaunchedOtherwise(imports);
    }
    let directory = situation::script_folder(investigation.system(), path);
    let known = Arc::make_mut(answers.entry(directory.clone()).or_default());
    investigation.answer_in(&directory, known, |known| check::unanswered(&imports, known));
    let mut diagnostics = check::check_file(situation, path, &text, &imports, known);
    if let Some(notebook) = notebook {
        diagnostics = diagnostics.into_iter().map(|it| notebook.in_file(it)).collect();
    }
    Inspection::Checked { imports, diagnostics }
}

/// The same is said as where it is opened: which packages apt has is not looked up.
fn inspect_recipe(system: &dyn System, situation: &Situation, path: &Utf8Path, kind: RecipeKind) -> Inspection {
    if !system.is_file(path) {
        return Inspection::Gone;
    }
    match system.read(path, LARGEST_SOURCE) {
        Ok(bytes) => {
            // What is no UTF-8 in it stands in a comment or a string; a call of pip is ASCII.
            let text = Text::new(String::from_utf8_lossy(&bytes).into_owned());
            let found = recipe::read(kind, path, &text);
            let diagnostics = check::check_recipe(situation, path, &text, &found, &|_| None);
            Inspection::Checked { imports: Arc::<Imports>::default(), diagnostics }
        }
        Err(failure) => Inspection::Unreadable(failure.into()),
    }
}
