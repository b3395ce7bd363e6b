//! A project that declares dependencies and has no environment to put them into.
//!
//! In: a [`Situation`]. Out: at most one diagnostic, on the manifest.
//!
//! **Invariant:** whoever names the operating system's Python means it.

use super::{diagnostic, manifest_place};
use crate::check::evidence::at;
use crate::check::{commands, fixes};
use crate::diagnostic::Diagnostic;
use crate::environment::SourceKind;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

pub(super) fn no_environment(system: &dyn System, situation: &Situation) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let managed = interpreter.system && interpreter.externally_managed.is_some() && !interpreter.is_virtual();
    // Whoever names the operating system's Python means it.
    let chosen_by_nobody = situation.environment.source.kind == SourceKind::Path;
    if !managed || !chosen_by_nobody || situation.is_guessed() || situation.project.dependencies.is_empty() {
        return None;
    }
    let (path, range) = manifest_place(system, situation)?;
    let message = "dependencies are declared, but only the operating system's Python is there";
    let marker = interpreter.externally_managed.as_ref();
    let related = marker.map(|it| at(&it.marker, 1, "pip does not install into this Python (PEP 668)"));
    let fixes = [fixes::command("Create an environment", commands::create(situation))];
    diagnostic(Rule::EnvNone, situation, message, (&path, range), related, &fixes)
}
