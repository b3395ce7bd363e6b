//! An interpreter that the project says it does not run on.
//!
//! In: a [`Situation`]. Out: at most one diagnostic, on `requires-python`.
//!
//! **Invariant:** a Python that nobody chose is not held against the project.

use std::str::FromStr;

use super::diagnostic;
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::{commands, fixes};
use crate::diagnostic::{Diagnostic, Fix};
use crate::explain::{self, shortened};
use crate::interpreter::{Interpreter, Version};
use crate::project::{RequiresPython, Tool, Versions};
use crate::rules::Rule;
use crate::situation::Situation;

pub(super) fn outside_requires(situation: &Situation) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref().filter(|_| !situation.is_guessed())?;
    let requires = situation.project.requires_python.as_ref()?;
    let versions = Versions::from_str(&requires.specifiers).ok()?;
    if may_satisfy(&versions, &interpreter.version) {
        return None;
    }
    let name = explain::environment_name(situation);
    let python = format!("Python {}", interpreter.version);
    let here = if name == python { python } else { format!("{python} in {name}") };
    let wanted = shortened(&requires.specifiers, 30);
    let message = fitting([format!("{here} is outside requires-python `{wanted}`")]);
    let pyvenv = interpreter.pyvenv.as_ref();
    let related = pyvenv.map(|pyvenv| {
        let line = ["version", "version_info", "home"].iter().find_map(|key| pyvenv.get(key)).map_or(1, |it| it.line);
        at(&pyvenv.path, line, "the environment was made with this Python")
    });
    let fixes: Vec<Fix> = recreate_within(situation, interpreter, requires).into_iter().collect();
    diagnostic(Rule::PythonOutsideRequires, situation, &message, (&requires.path, requires.range), related, &fixes)
}

fn recreate_within(situation: &Situation, interpreter: &Interpreter, requires: &RequiresPython) -> Option<Fix> {
    let lowest = requires.specifiers.split(',').find_map(|it| it.trim().strip_prefix(">="));
    let python = if situation.project.tool == Tool::Uv {
        requires.specifiers.clone()
    } else {
        let mut parts = lowest?.trim().split('.');
        format!("python{}.{}", parts.next()?, parts.next()?)
    };
    let is_ours = interpreter.is_virtual() || situation.environment.root.is_none();
    is_ours
        .then(|| fixes::command("Recreate with a matching Python", commands::recreate(situation, Some(&python), false)))
}

/// Tells whether a version can be within what is wanted. As pip does it, only the numbers count (`3.14.0rc1` is 3.14.0);
/// where the last number is not known, one that fits is enough.
fn may_satisfy(versions: &Versions, version: &Version) -> bool {
    let (major, minor) = (u64::from(version.major), u64::from(version.minor));
    let micros = version.micro.map_or(0..=99, |micro| micro..=micro);
    micros.map(u64::from).any(|micro| versions.contains(&pep440_rs::Version::new([major, minor, micro])))
}
