//! Imports that fail though something of their name is installed: stubs alone, an extension for another Python.
//!
//! In: an [`Answer`], the places that ask for it. Out: which of them fail, and the words for it.
//!
//! **Invariant:** a package's extension for another Python counts only where it is asked for by name, or where the
//! package's own `__init__` needs it.

use super::message::fitting;
use super::{Group, Place};
use crate::answer::{Answer, Foreign};
use crate::explain::{self, shortened};
use crate::imports::Import;
use crate::rules::Rule;
use crate::situation::Situation;

/// Returns the places of a group that do not import, as what they ask for was built for another Python.
pub(super) fn places_that_need_foreign<'g>(answer: &Answer, group: Group<'g>) -> Vec<Place<'g>> {
    let fails = |place: &&Place<'_>| answer.foreign.iter().any(|foreign| asks_for(place.import, foreign));
    group.places.iter().filter(fails).cloned().collect()
}

fn asks_for(import: &Import, foreign: &Foreign) -> bool {
    let module = &foreign.extension.module;
    let is_or_below =
        |name: &str| name.strip_prefix(module.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('.'));
    let by_name = || {
        let Some((package, name)) = module.rsplit_once('.') else { return false };
        import.module == package && import.names.iter().any(|imported| imported.name == name)
    };
    foreign.is_needed || is_or_below(&import.module) || by_name()
}

/// Says why the import fails.
pub(super) fn message(rule: Rule, situation: &Situation, answer: &Answer) -> String {
    let module = format!("`{}`", shortened(&answer.resolution.module, 40));
    let here = explain::environment_name(situation);
    if rule == Rule::ImportStubOnly {
        let stubs = answer.stubs.as_ref().and_then(|it| it.distribution.as_deref());
        let fact = format!("{module} is not installed in {here}, only its stubs");
        let named = stubs.map(|stubs| format!("{fact} ({})", shortened(stubs, 30)));
        let wordings = named.into_iter().chain([fact, format!("{module} is not installed, only its stubs")]);
        return fitting(wordings);
    }
    let extension = answer.foreign.iter().find(|it| it.is_needed).or(answer.foreign.first());
    let Some(extension) = extension.map(|it| &it.extension) else { return format!("{module} does not import") };
    let built_for = shortened(&extension.built_for, 30);
    let python = situation.environment.interpreter.as_ref().map(|it| format!("Python {}", it.version.short()));
    let python = python.unwrap_or_else(|| "this Python".to_owned());
    // The same Python on another platform.
    let not_for = if built_for.starts_with("Py") { format!(", not for {python}") } else { String::new() };
    let fact = if extension.module == answer.resolution.module {
        format!("{module} was built for {built_for}")
    } else {
        format!("{module} needs `{}`, which was built for {built_for}", shortened(&extension.module, 40))
    };
    let wordings = [
        format!("{fact}{not_for} in {here}"),
        format!("{fact}{not_for}"),
        fact,
        format!("{module} was built for {built_for}"),
    ];
    fitting(wordings.into_iter().filter(|it| !not_for.is_empty() || !it.contains(" in ")))
}
