//! Editable installs of the project, and of what it declares, whose source tree is gone.
//!
//! In: a [`Situation`] and the answers to the project's imports. Out: diagnostics on the manifest.
//!
//! **Invariant:** what an import of the project is already told about is not said again here.

use camino::Utf8Path;

use super::{diagnostic, manifest_place};
use crate::answer::Answers;
use crate::check::dangling;
use crate::diagnostic::Diagnostic;
use crate::distributions::Dangling;
use crate::project::normalize_name;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

pub(super) fn unseen(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    let project = &situation.project;
    let told: Vec<String> = answers
        .values()
        .filter_map(|answer| Some(normalize_name(&answer.dangling.as_ref()?.distribution.name)))
        .collect();
    let say = |(name, found): (&String, &Dangling)| {
        // What asks for itself in its own extras is said where its name stands.
        let is_itself = project.name.as_ref() == Some(name);
        let declared = project.dependencies.iter().find(|it| it.name == *name && !is_itself);
        let own = || manifest_place(system, situation);
        let (path, range) = declared.map(|it| (it.path.clone(), it.range)).or_else(own)?;
        let (message, related) = (dangling::message(situation, None, found), dangling::related(found));
        let fixes: Vec<_> = dangling::fix(situation, found).into_iter().collect();
        diagnostic(Rule::EditableDangling, situation, &message, (Utf8Path::new(&path), range), [related], &fixes)
    };
    let untold = situation.dependencies.dangling.iter().filter(|(name, _)| !told.contains(name));
    untold.filter_map(say).collect()
}
