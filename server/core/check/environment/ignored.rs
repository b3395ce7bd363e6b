//! An environment that was asked for before the one in force, and is none.
//!
//! In: a [`Situation`]. Out: a diagnostic on the manifest for each source that had to be passed over.
//!
//! **Invariant:** only what somebody named or reserved is reported; a source that is not set, or whose environment its tool
//! has not made yet, is none.

use super::{diagnostic, manifest_place, open};
use crate::check::message::fitting;
use crate::check::{commands, fixes};
use crate::diagnostic::Diagnostic;
use crate::environment::{Ignored, lies};
use crate::explain::{self, shortened};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

pub(super) fn ignored(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let Some((path, range)) = manifest_place(system, situation) else { return Vec::new() };
    let found = situation.environment.ignored.iter().filter_map(|source| {
        let unset = source.variable.map(|it| fixes::command("Unset it", format!("unset {it}")));
        let create = creates(system, situation, source).map(|it| fixes::command("Create an environment", it));
        let cfg = source.path.join("pyvenv.cfg");
        let opened = [&source.path, &cfg].into_iter().find(|it| system.is_file(it));
        let ways: Vec<_> = unset.into_iter().chain(create).chain(opened.map(|it| open(situation, it, 1))).collect();
        diagnostic(Rule::EnvIgnored, situation, &words(situation, source), (&path, range), [], &ways)
    });
    found.collect()
}

/// What makes the environment that is meant; where a file is in its place, nothing does.
fn creates(system: &dyn System, situation: &Situation, source: &Ignored) -> Option<String> {
    match source.variable {
        None => Some(commands::create(situation)),
        // Another project's environment is that project's matter.
        Some(_) if !source.path.starts_with(&situation.project.root) || lies(system, &source.path) => None,
        Some(_) => Some(commands::create_at(situation, &source.path)),
    }
}

fn words(situation: &Situation, source: &Ignored) -> String {
    let folder = shortened(&explain::path_from(&situation.project.root, &source.path), 40);
    let instead = match &situation.environment.interpreter {
        Some(_) => format!("; {} is used", explain::environment_name(situation)),
        None => String::new(),
    };
    let fact = match source.variable {
        // A variable is compared with what the shell shows.
        Some(variable) => {
            format!("`{variable}` names `{}`, which is no environment", shortened(source.path.as_str(), 35))
        }
        None => format!("`{folder}` is no environment: {}", source.reason),
    };
    fitting([format!("{fact}{instead}"), fact])
}
