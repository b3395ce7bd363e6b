//! Editable installs of the project, and of what it declares, whose source tree is gone.
//!
//! In: a [`Situation`] and the answers to the project's imports. Out: diagnostics on the manifest.
//!
//! **Invariant:** what an import of the project is already told about is not said again here.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::{diagnostic, manifest_place};
use crate::answer::Answers;
use crate::check::dangling;
use crate::diagnostic::Diagnostic;
use crate::distributions::Distributions;
use crate::project::{Declared, normalize_name};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

pub(super) fn unseen(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    let Some(interpreter) = situation.environment.interpreter.as_ref().filter(|_| !situation.is_guessed()) else {
        return Vec::new();
    };
    let project = &situation.project;
    let mut wanted: BTreeMap<&str, Option<&Declared>> = BTreeMap::new();
    for declared in &project.dependencies {
        wanted.entry(&declared.name).or_insert(Some(declared));
    }
    // Its own name may stand in its own extras.
    wanted.extend(project.name.as_deref().map(|name| (name, None)));
    let told: Vec<String> = answers
        .values()
        .filter_map(|answer| Some(normalize_name(&answer.dangling.as_ref()?.distribution.name)))
        .collect();
    let distributions = Distributions::new(system);
    let say = |(name, declared): (&str, Option<&Declared>)| {
        let found = distributions.dangling_named(interpreter, name)?;
        let own = || manifest_place(system, situation);
        let (path, range) = declared.map(|it| (it.path.clone(), it.range)).or_else(own)?;
        let (message, related) = (dangling::message(situation, None, &found), dangling::related(&found));
        let fixes: Vec<_> = dangling::fix(situation, &found).into_iter().collect();
        diagnostic(Rule::EditableDangling, situation, &message, (Utf8Path::new(&path), range), [related], &fixes)
    };
    wanted.into_iter().filter(|(name, _)| !told.iter().any(|it| it == name)).filter_map(say).collect()
}
