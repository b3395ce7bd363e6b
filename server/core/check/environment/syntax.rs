//! The `pyvenv.cfg` of the environment in force, as it lies on the disk.
//!
//! In: a [`Situation`]. Out: what Python does not read as its author meant, and what keeps it from starting.
//!
//! **Invariant:** of an environment that does not start, only the reason is said here, and only where this file is the reason.

use camino::{Utf8Path, Utf8PathBuf};

use super::{open, owners_place, recreate};
use crate::check::evidence::at;
use crate::check::pyvenv::{check_bytes, unsilenced};
use crate::diagnostic::{Diagnostic, Severity};
use crate::interpreter::Version;
use crate::situation::Situation;
use crate::system::{LARGEST_METADATA, System};
use crate::text::Text;

pub(super) fn syntax(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    match &situation.environment.interpreter {
        Some(interpreter) => {
            let Some(path) = interpreter.pyvenv.as_ref().map(|it| it.path.as_path()) else { return Vec::new() };
            let found = of_file(system, situation, path, Some(&interpreter.version));
            // One fact is enough there: the gravest, and of several the first.
            let gravest = found.iter().rev().max_by_key(|it| it.severity).cloned();
            let on_manifest = gravest.and_then(|it| on_manifest(system, situation, it));
            found.into_iter().chain(on_manifest).collect()
        }
        None => what_stops_it(system, situation),
    }
}

/// Tells why the environment does not start, where that is its `pyvenv.cfg`: on that file, and on the manifest.
pub(super) fn what_stops_it(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let broken = situation.environment.broken.as_ref().filter(|it| it.reason.starts_with("it does not start"));
    let Some(path): Option<&Utf8PathBuf> = broken.and_then(|it| it.pyvenv_cfg.as_ref()) else { return Vec::new() };
    let found = of_file(system, situation, path, None).into_iter();
    let mut found: Vec<Diagnostic> = found.filter(|it| it.severity == Severity::Error).take(1).collect();
    let on_manifest = found.first().cloned().and_then(|it| on_manifest(system, situation, it));
    found.extend(on_manifest);
    found
}

/// Says what is said of `pyvenv.cfg` on the manifest, too.
fn on_manifest(system: &dyn System, situation: &Situation, found: Diagnostic) -> Option<Diagnostic> {
    let (manifest, range) = owners_place(system, situation)?;
    let settings = situation.settings.for_path(&manifest);
    let severity = settings.graded(found.rule, found.severity)?;
    let related = vec![at(&found.path, found.range.start.line + 1, "the environment's own file")];
    let opened = open(situation, &found.path, found.range.start.line + 1);
    let fixes = found.fixes.iter().cloned().chain([opened]).collect();
    Some(Diagnostic { path: manifest, range, severity, related, fixes, ..found })
}

fn of_file(system: &dyn System, situation: &Situation, path: &Utf8Path, version: Option<&Version>) -> Vec<Diagnostic> {
    let Ok(bytes) = system.read(path, LARGEST_METADATA) else { return Vec::new() };
    let settings = situation.settings.for_path(path);
    match String::from_utf8(bytes) {
        Ok(text) => unsilenced(&settings, path, &Text::new(text), version),
        Err(error) => {
            let found = check_bytes(&settings, path, error.as_bytes());
            // What the bytes were to say is not known: the file is written anew with its environment.
            let way_out = || recreate(system, situation, path);
            found.map(|it| Diagnostic { fixes: vec![way_out()], ..it }).into_iter().collect()
        }
    }
}
