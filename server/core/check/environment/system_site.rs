//! `include-system-site-packages` that does not reach the packages it was switched on for.
//!
//! In: a [`Situation`] and the answers to the project's imports. Out: at most one fact, on that line and on the manifest.
//!
//! **Invariant:** silent where no import of the project lies in the operating system's packages.

use super::{on_both, pyvenv_line};
use crate::answer::{Answer, Answers, Place, names};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::pyvenv::FLAG;
use crate::check::{commands, fixes, verdict};
use crate::diagnostic::{Diagnostic, Fix};
use crate::explain::shortened;
use crate::origin::Origin;
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

pub(super) fn system_site_no_effect(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    without_effect(system, situation, answers).unwrap_or_default()
}

fn without_effect(system: &dyn System, situation: &Situation, answers: &Answers) -> Option<Vec<Diagnostic>> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let pyvenv = interpreter.pyvenv.as_ref().filter(|it| it.include_system_site_packages)?;
    let sees_them = interpreter.search_path.iter().any(|entry| entry.origin == Origin::DistPackages && entry.exists);
    if sees_them || verdict::has_system_base(interpreter) {
        return None;
    }
    let mut missed: Vec<&Answer> = answers.values().map(|it| &**it).filter(|it| only_the_system_has(it)).collect();
    missed.sort_by(|one, other| one.resolution.module.cmp(&other.resolution.module));
    let first = missed.first()?;
    let place = pyvenv_line(system, &pyvenv.path, &[FLAG]);
    let module = shortened(&first.resolution.module, 30);
    let whose = shortened(situation.operating_system.of_dpkg(), 20);
    let message = fitting([
        format!("no effect on {whose}'s packages (`{module}`): the base is {}", interpreter.base_prefix),
        format!("no effect on {whose}'s packages (`{module}`): the base is another Python"),
    ]);
    let home = pyvenv.get("home").map(|home| at(&pyvenv.path, home.line, "this base does not look in dist-packages"));
    let fix = commands::recreate_with_system_packages(situation, Some("/usr/bin/python3"));
    let recreate = fixes::command("Recreate on the operating system's Python", fix);
    let named = || first.elsewhere.iter().find_map(|it| it.distribution.as_deref());
    let requirement = first.declared.as_deref().or_else(|| named().filter(|it| !names::is_only_from_the_system(it)));
    let install = requirement.and_then(|it| commands::install(situation, it, first.declared.is_some(), false));
    let install = install.map(|it| fixes::command("Install it here", it));
    let fixes: Vec<Fix> = [recreate].into_iter().chain(install).collect();
    let mut found = on_both(system, situation, Rule::SystemSiteNoEffect, &message, (&pyvenv.path, place), &fixes);
    for diagnostic in &mut found {
        diagnostic.related.extend(home.clone());
    }
    Some(found)
}

fn only_the_system_has(answer: &Answer) -> bool {
    answer.resolution.kind == ModuleKind::Unresolved
        && answer.elsewhere.iter().any(|elsewhere| elsewhere.place == Place::OperatingSystem)
}
