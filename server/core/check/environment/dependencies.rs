//! What is declared and not there, or there in another version than is wanted.
//!
//! In: a [`Situation`], which holds what is declared against what is installed. Out: diagnostics on the manifest, at the
//! requirement, and on the lock, at the version.
//!
//! **Invariant:** an environment with nothing in it is one fact, not one for each dependency.

use camino::Utf8Path;

use super::super::evidence::at;
use super::super::message::fitting;
use super::super::{commands, fixes};
use super::diagnostic;
use crate::dependencies::{Drift, Unmet};
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::explain::{self, shortened};
use crate::project::Declared;
use crate::rules::Rule;
use crate::situation::Situation;

/// More than so many lines of a lock are not pointed to: then it is the whole lock that was not followed.
const MOST_DRIFT: usize = 100;

/// Says what is declared and not installed.
pub(super) fn not_installed(situation: &Situation) -> Vec<Diagnostic> {
    let missing = once_each(situation.dependencies.unmet.iter().filter(|it| it.found.is_none()));
    let rule = Rule::DependencyNotInstalled;
    let here = here_of(situation);
    if situation.dependencies.is_empty
        && let Some(first) = missing.first().map(|it| &it.declared)
    {
        let missing: Vec<&Declared> = missing.iter().map(|it| &it.declared).collect();
        let count = match missing.len() {
            1 => format!("`{}` is declared", shortened(&first.name, 30)),
            count => format!("{count} dependencies are declared"),
        };
        let message = fitting([format!("{here} has no packages in it; {count}")]);
        let place = (first.path.as_path(), first.range);
        let fix = commands::sync_all(situation, &missing).map(|it| fixes::command("Install what is declared", it));
        let fixes: Vec<Fix> = fix.into_iter().collect();
        return diagnostic(rule, situation, &message, place, related(situation), &fixes).into_iter().collect();
    }
    let say = |unmet: &&Unmet| {
        let (declared, name) = (&unmet.declared, shortened(unmet.name(), 40));
        let message = if unmet.of_extra.is_some() {
            let asks = format!("`{}[{}]` asks for it", declared.name, declared.extras.join(","));
            let fact = format!("`{name}` is not installed in {here}");
            fitting([
                format!("{fact}; {asks}"),
                format!("`{name}` is not installed; an extra of `{}` asks for it", shortened(&declared.name, 25)),
            ])
        } else {
            fitting([
                format!("`{name}` is declared, but not installed in {here}"),
                format!("`{name}` is declared, but not installed"),
            ])
        };
        let place = (declared.path.as_path(), declared.range);
        diagnostic(rule, situation, &message, place, related(situation), &sync(situation, declared))
    };
    missing.iter().filter_map(say).collect()
}

/// Says what is installed in a version that is not wanted.
pub(super) fn other_version(situation: &Situation) -> Vec<Diagnostic> {
    let unmet = situation.dependencies.unmet.iter();
    let say = |unmet: &Unmet| {
        let (declared, found) = (&unmet.declared, unmet.found.as_ref()?);
        let name = shortened(&declared.name, 30);
        let version = shortened(&found.version, 20);
        let wanted = declared.versions.as_ref().map(ToString::to_string).unwrap_or_default();
        // Of the workspace's file every member says the same.
        let workspace = situation.project.workspace.as_deref().filter(|it| declared.path.parent() == Some(it));
        let root = situation.environment.root.as_deref();
        let here = workspace.zip(root).map(|(folder, root)| shortened(&explain::path_from(folder, root), 30));
        let here = here.unwrap_or_else(|| here_of(situation));
        let message = fitting([
            format!("`{name}` {version} is installed in {here}, outside `{wanted}`"),
            format!("`{name}` {version} is installed, outside `{}`", shortened(&wanted, 25)),
        ]);
        let related = [at(&found.metadata, 1, "the version that is installed")];
        let place = (declared.path.as_path(), declared.range);
        // A constraint is met where the file is installed that is under it.
        let path = unmet.constrains.clone().unwrap_or_else(|| declared.path.clone());
        let asked = Declared { path, ..declared.clone() };
        diagnostic(Rule::DependencyVersion, situation, &message, place, related, &sync(situation, &asked))
    };
    unmet.filter_map(say).collect()
}

/// Says what is installed in another version than the lock pins.
pub(super) fn drift(situation: &Situation) -> Vec<Diagnostic> {
    let say = |Drift { pinned, found }: &Drift| {
        let lock = pinned.path.file_name().unwrap_or(pinned.path.as_str());
        let (name, version) = (shortened(&pinned.name, 30), shortened(&found.version, 20));
        let wanted = shortened(pinned.version.as_deref().unwrap_or_default(), 20);
        let message = fitting([format!("`{name}` {version} is installed, {lock} pins {wanted}")]);
        let related = [at(&found.metadata, 1, "the version that is installed")];
        let fixes: Vec<Fix> = commands::sync_with_lock(situation, &pinned.path)
            .map(|it| fixes::command("Install what is locked", it))
            .into_iter()
            .collect();
        diagnostic(Rule::LockDrift, situation, &message, (&pinned.path, pinned.range), related, &fixes)
    };
    situation.dependencies.drift.iter().take(MOST_DRIFT).filter_map(say).collect()
}

/// One name may stand in one manifest several times, for several platforms.
fn once_each<'s>(unmet: impl Iterator<Item = &'s Unmet>) -> Vec<&'s Unmet> {
    let mut found: Vec<&Unmet> = Vec::new();
    for unmet in unmet {
        if !found.iter().any(|it| (&it.declared.path, it.name()) == (&unmet.declared.path, unmet.name())) {
            found.push(unmet);
        }
    }
    found
}

fn here_of(situation: &Situation) -> String {
    shortened(&explain::environment_name(situation), 30)
}

fn sync(situation: &Situation, declared: &Declared) -> Vec<Fix> {
    commands::sync(situation, declared).map(|it| fixes::command("Install what is declared", it)).into_iter().collect()
}

/// What shows which environment is meant.
fn related(situation: &Situation) -> Option<Related> {
    let pyvenv = situation.environment.interpreter.as_ref()?.pyvenv.as_ref()?;
    let line = pyvenv.get("home").map_or(1, |it| it.line);
    Some(at(Utf8Path::new(&pyvenv.path), line, "the environment that was looked into"))
}
