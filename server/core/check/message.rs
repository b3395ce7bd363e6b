//! The one line of each diagnostic.
//!
//! In: a rule and an [`Answer`]. Out: a sentence, the fact first, of at most [`LONGEST`](crate::diagnostic::LONGEST) characters.
//!
//! **Invariant:** however long the names are, a message fits; what goes first is what matters least.

use super::{dangling, lacking, rivalry, shadowing, undeclared};
use crate::answer::{Answer, Elsewhere, Place};
pub(super) use crate::diagnostic::fitting;
use crate::explain::{self, shortened};
use crate::interpreter::Interpreter;
use crate::origin::{Evidence, Origin};
use crate::rules::Rule;
use crate::situation::Situation;

/// Says what an import does that it should not do.
pub(super) fn of_import(rule: Rule, situation: &Situation, answer: &Answer) -> String {
    match rule {
        Rule::ImportStubOnly | Rule::ExtensionAbiMismatch => lacking::message(rule, situation, answer),
        Rule::ShadowsStdlib | Rule::ShadowsPackage => shadowing::message(rule, situation, answer),
        Rule::ModuleOwnedTwice => rivalry::message(answer),
        Rule::EditableDangling => {
            let module = Some(answer.resolution.module.as_str());
            answer.dangling.as_ref().map(|it| dangling::message(situation, module, it)).unwrap_or_default()
        }
        _ => of_origin(rule, situation, answer),
    }
}

/// Says where a module comes from that it should not come from.
fn of_origin(rule: Rule, situation: &Situation, answer: &Answer) -> String {
    let module = format!("`{}`", shortened(&answer.resolution.module, 40));
    if matches!(rule, Rule::ImportUndeclared | Rule::ScriptUndeclared) {
        return undeclared::message(situation, answer);
    }
    if rule == Rule::ImportFoundElsewhere {
        return found_elsewhere(&module, situation, answer);
    }
    let interpreter = situation.environment.interpreter.as_ref();
    let here = interpreter.filter(|it| it.is_virtual()).map(|_| explain::environment_name(situation));
    let pip = rule == Rule::ImportFromOs
        && answer.resolution.origin == Some(Origin::LocalDistPackages)
        && answer.os_package.is_none();
    if pip {
        let fact = format!("{module} was installed system-wide with pip");
        let with_place = here.map(|here| format!("{fact}, not in {here}"));
        return fitting(with_place.into_iter().chain([fact]));
    }
    let (long, short) = match rule {
        Rule::ImportFromOs => operating_system(situation, answer),
        Rule::ImportFromBase => {
            let base = interpreter.map(|it| format!("the base Python ({})", it.base_prefix)).unwrap_or_default();
            (base, "the base Python".to_owned())
        }
        Rule::ImportFromUserSite => (user_site(answer), "the user site".to_owned()),
        _ => other_environment(situation, answer),
    };
    let fact = |source: &str| format!("{module} comes from {source}");
    let with_place = |source: &str| here.as_ref().map(|here| format!("{}, not from {here}", fact(source)));
    let wordings = [with_place(&long), with_place(&short), Some(fact(&long)), Some(fact(&short))];
    fitting(wordings.into_iter().flatten())
}

/// Names the user site's folder, which `PYTHONUSERBASE` may have moved.
fn user_site(answer: &Answer) -> String {
    let root = answer.resolution.root.as_ref().map_or("", |root| root.as_str());
    let base = root.find("/lib/python").and_then(|end| root.get(..end)).unwrap_or(root);
    let folder = if base.is_empty() || base.ends_with("/.local") { "~/.local".to_owned() } else { shortened(base, 30) };
    format!("the user site ({folder})")
}

fn operating_system(situation: &Situation, answer: &Answer) -> (String, String) {
    let system = &situation.operating_system;
    // What lies in dist-packages and belongs to no package did not come with the system.
    let other = system.name.as_ref().filter(|_| answer.resolution.origin != Some(Origin::DistPackages));
    match (&answer.os_package, other) {
        (Some(package), _) => {
            let name = shortened(system.of_dpkg(), 20);
            (format!("{name} ({})", shortened(&package.name, 40)), name)
        }
        (None, Some(name)) => (format!("{name}'s packages"), shortened(name, 20)),
        (None, None) => ("the operating system's packages".to_owned(), "the operating system".to_owned()),
    }
}

fn other_environment(situation: &Situation, answer: &Answer) -> (String, String) {
    let root = answer.resolution.root.as_deref().unwrap_or_else(|| "another environment".into());
    // `…/venv/lib/python3.11/site-packages` is the environment `…/venv`.
    let folder = root.as_str().find("/lib/python").and_then(|end| root.as_str().get(..end)).unwrap_or(root.as_str());
    let name = explain::path_from(&situation.project.root, folder.into());
    let name = shortened(&name, 30);
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    let evidence = search_path.iter().find(|entry| entry.path == *root).map(|entry| &entry.evidence);
    match evidence {
        // No file can be shown for a variable, so the message has to tell.
        Some(Evidence::Variable(variable)) => {
            (format!("{name} through {variable}"), format!("another environment through {variable}"))
        }
        _ => (format!("another environment ({name})"), "another environment".to_owned()),
    }
}

fn found_elsewhere(module: &str, situation: &Situation, answer: &Answer) -> String {
    let here = match &situation.environment.interpreter {
        Some(interpreter) if !interpreter.is_virtual() => format!("for Python {}", interpreter.version),
        _ => format!("in {}", explain::environment_name(situation)),
    };
    let fact = format!("{module} is not installed {here}");
    let place = answer.elsewhere.first().map(|it| owner(situation, it)).unwrap_or_default();
    // No file can be shown for a variable, so the message has to tell.
    if answer.elsewhere.first().is_some_and(|it| it.place == Place::UserSite) && is_off_by_variable(situation) {
        let fact = format!("{fact}; the user site has it, but PYTHONNOUSERSITE is set");
        return fitting([fact, format!("{module} is in the user site, but PYTHONNOUSERSITE is set")]);
    }
    fitting([format!("{fact}; {place} has it"), format!("{module} is not installed here; {place} has it"), fact])
}

/// Tells whether nothing but the variable keeps the user site out: no environment does, and no option of a command line.
fn is_off_by_variable(situation: &Situation) -> bool {
    let interpreter = situation.environment.interpreter.as_ref();
    let is_shut = |it: &Interpreter| it.pyvenv.as_ref().is_some_and(|it| !it.include_system_site_packages);
    situation.launch.is_none() && interpreter.is_some_and(|it| !it.user_site.enabled && !is_shut(it))
}

fn owner(situation: &Situation, elsewhere: &Elsewhere) -> String {
    match (elsewhere.place, &elsewhere.os_package) {
        (Place::OperatingSystem, Some(package)) => {
            let name = shortened(situation.operating_system.of_dpkg(), 20);
            format!("{name}'s {}", shortened(&package.name, 30))
        }
        (Place::OperatingSystem, None) => "the operating system".to_owned(),
        (Place::Base, _) => "its base Python".to_owned(),
        (Place::UserSite, _) => "the user site".to_owned(),
        (Place::SiblingEnvironment, _) => {
            shortened(&explain::path_from(&situation.project.root, &elsewhere.environment), 30)
        }
    }
}
