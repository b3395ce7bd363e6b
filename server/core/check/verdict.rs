//! Which rule an answer breaks.
//!
//! In: the interpreter in force and an [`Answer`]. Out: a [`Rule`], or nothing where all is well.
//!
//! **Invariant:** an answer breaks at most one rule.

use crate::answer::Answer;
use crate::interpreter::Interpreter;
use crate::origin::Origin;
use crate::resolve::ModuleKind;
use crate::rules::Rule;

/// Returns the rule that an answer breaks, if any.
pub(super) fn rule(interpreter: &Interpreter, answer: &Answer) -> Option<Rule> {
    match answer.resolution.kind {
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
