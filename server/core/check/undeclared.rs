//! What is imported, is there, and is asked for by nobody.
//!
//! In: a situation and the answer to an import. Out: the rule it breaks, and the words for it.
//!
//! **Invariant:** only a distribution that is known for certain is said to be undeclared; where a manifest leaves its
//! dependencies to a program, or may be served by another one above it, nothing is.

use super::message::fitting;
use crate::answer::Answer;
use crate::environment::SourceKind;
use crate::explain::shortened;
use crate::launch::Launch;
use crate::origin::Origin;
use crate::project::normalize_name;
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;

/// Returns the rule that an import breaks whose distribution nothing declares.
pub(super) fn rule(situation: &Situation, answer: &Answer) -> Option<Rule> {
    match (&situation.launch, situation.environment.source.kind) {
        (Some(Launch::Kernel(_)), SourceKind::Kernel) => None,
        (None | Some(Launch::Kernel(_)), _) => is_undeclared(situation, answer).then_some(Rule::ImportUndeclared),
        (Some(Launch::Script(_)), SourceKind::Script) => {
            is_undeclared(situation, answer).then_some(Rule::ScriptUndeclared)
        }
        _ => None,
    }
}

/// Returns the rule for what a script imports, its header does not list and its environment has not, though that has all that
/// is listed: wherever else it may lie, the header is what its runner goes by.
pub(super) fn left_out_of_header(situation: &Situation, answer: &Answer) -> Option<Rule> {
    let is_of_script = matches!(situation.launch, Some(Launch::Script(_)))
        && situation.environment.source.kind == SourceKind::Script
        && situation.dependencies.script_is_complete;
    let is_missing = answer.resolution.kind == ModuleKind::Unresolved && answer.stubs.is_none();
    (is_of_script && is_missing && answer.declared.is_none()).then_some(Rule::ScriptUndeclared)
}

fn is_undeclared(situation: &Situation, answer: &Answer) -> bool {
    let project = &situation.project;
    let is_script = matches!(situation.launch, Some(Launch::Script(_)));
    let says_something = is_script || project.name.is_some() || !project.dependencies.is_empty();
    let Some(distribution) = &answer.distribution else { return false };
    let is_installed = answer.resolution.origin == Some(Origin::SitePackages) && distribution.editable.is_none();
    let name = normalize_name(&distribution.name);
    is_installed
        && says_something
        && !project.dynamic
        && project.name.as_ref() != Some(&name)
        && !is_declared(situation, &name)
}

fn is_declared(situation: &Situation, name: &str) -> bool {
    let project = &situation.project;
    project.declares(name)
        || project.conda_dependencies.iter().any(|it| it.name == name)
        || situation.dependencies.by_extra.contains_key(name)
        || situation.dependencies.declared_above.contains(name)
}

/// Says that nothing declares what a module comes from, and through whom it came.
pub(super) fn message(situation: &Situation, answer: &Answer) -> String {
    let module = shortened(&answer.resolution.module, 40);
    let place = if matches!(situation.launch, Some(Launch::Script(_))) {
        "not listed in the script's header"
    } else {
        "not declared"
    };
    let Some(distribution) = &answer.distribution else {
        return fitting([format!("`{module}` is {place}, and not installed")]);
    };
    let name = shortened(&distribution.name, 30);
    let subject = if normalize_name(&name) == normalize_name(&module) {
        format!("`{module}` is {place}")
    } else {
        format!("`{module}` is from {name}, which is {place}")
    };
    let normal = normalize_name(&distribution.name);
    let through = situation.dependencies.through(&normal, |it| is_declared(situation, it));
    let through = through.map(|it| format!("{subject}; it came with {}", shortened(it, 30)));
    fitting(through.into_iter().chain([subject]))
}
