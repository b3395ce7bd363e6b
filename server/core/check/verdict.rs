//! Which rule an answer breaks.
//!
//! In: the interpreter in force and an [`Answer`]. Out: a [`Rule`], or nothing where all is well.
//!
//! **Invariant:** an answer breaks at most one rule.

use super::{File, Group, Place, lacking, shadowing, undeclared};
use crate::answer::Answer;
use crate::interpreter::Interpreter;
use crate::origin::Origin;
use crate::resolve::ModuleKind;
use crate::rules::Rule;

/// Returns the rule that the answer to a group of imports breaks, if any, and the places where it does.
pub(super) fn breach<'g>(
    file: &File<'_>,
    interpreter: &Interpreter,
    answer: &Answer,
    group: Group<'g>,
) -> Option<(Rule, Vec<Place<'g>>)> {
    // Whatever else is to be said of the module, without its extension it does not import.
    let failing = lacking::places_that_need_foreign(answer, group);
    if !failing.is_empty() {
        return Some((Rule::ExtensionAbiMismatch, failing));
    }
    if answer.dangling.is_some() {
        return Some((Rule::EditableDangling, group.places.to_vec()));
    }
    let rule = undeclared::left_out_of_header(file.situation, answer)
        .or_else(|| origin(interpreter, answer))
        .or_else(|| shadowing::rule(file, answer))
        .or_else(|| (!answer.rivals.is_empty()).then_some(Rule::ModuleOwnedTwice))
        .or_else(|| undeclared::rule(file.situation, answer))?;
    Some((rule, group.places.to_vec()))
}

/// Tells whether the rule says that an import fails: then it is silent where a failure is expected.
pub(super) fn is_absence(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::ImportFoundElsewhere | Rule::ImportStubOnly | Rule::ExtensionAbiMismatch | Rule::EditableDangling
    )
}

/// Tells whether `allow` silences the rule: not where the module cannot be had at all.
pub(super) fn can_be_allowed(rule: Rule) -> bool {
    !matches!(rule, Rule::ImportFoundElsewhere | Rule::ExtensionAbiMismatch | Rule::EditableDangling)
}

/// Returns the rule that the place breaks where a module comes from, or fails to.
fn origin(interpreter: &Interpreter, answer: &Answer) -> Option<Rule> {
    match answer.resolution.kind {
        ModuleKind::Unresolved if answer.stubs.is_some() => return Some(Rule::ImportStubOnly),
        ModuleKind::Unresolved => return (!answer.elsewhere.is_empty()).then_some(Rule::ImportFoundElsewhere),
        // A namespace package belongs to nobody; what lies below it is asked instead.
        ModuleKind::Namespace => return None,
        _ => {}
    }
    match answer.resolution.origin? {
        Origin::DistPackages | Origin::LocalDistPackages => Some(Rule::ImportFromOs),
        // Distributions without a directory of their own (Fedora, Arch) keep their packages in site-packages.
        Origin::SitePackages if interpreter.system && !interpreter.is_virtual() => Some(Rule::ImportFromOs),
        Origin::BaseSitePackages if has_system_base(interpreter) => Some(Rule::ImportFromOs),
        Origin::BaseSitePackages => Some(Rule::ImportFromBase),
        Origin::UserSite => Some(Rule::ImportFromUserSite),
        Origin::OtherEnvironment => Some(Rule::ImportFromOtherEnvironment),
        Origin::Project
        | Origin::StandardLibrary
        | Origin::SitePackages
        | Origin::Editable
        | Origin::PathFile
        | Origin::PythonPath
        | Origin::Stubs => None,
    }
}

/// Tells whether the base is the operating system's Python. The marker of PEP 668 alone does not tell: uv writes it into
/// its own Pythons too, so the base must lie where only the operating system installs.
pub(super) fn has_system_base(interpreter: &Interpreter) -> bool {
    interpreter.system || interpreter.base_prefix == "/usr"
}
