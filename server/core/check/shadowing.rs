//! Files of the project that hide what an import means elsewhere.
//!
//! In: an [`Answer`] that lies in the project and what it hides, the importing file. Out: a [`Rule`] and its words.
//!
//! **Invariant:** only what a launcher surely puts in front hides anything: the folder of a script, of a test that pytest
//! collects, and the project's folder where no other root stands before it (`src` comes after the standard library once
//! it is installed).

use camino::Utf8Path;

use super::File;
use super::message::fitting;
use crate::answer::{Answer, Shadowed};
use crate::explain::{self, shortened};
use crate::notebook;
use crate::origin::Origin;
use crate::project::{ImportMode, normalize_name};
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;

/// In the standard library, and never needed but by CPython's own tests and by nobody.
const NEVER_MISSED: [&str; 5] = ["__main__", "antigravity", "idlelib", "test", "this"];

/// Returns the rule that is broken where the project's own file is found first.
pub(super) fn rule(file: &File<'_>, answer: &Answer) -> Option<Rule> {
    let resolution = &answer.resolution;
    let is_module = !matches!(resolution.kind, ModuleKind::Namespace | ModuleKind::Unresolved);
    let is_top_level = !resolution.module.contains('.');
    if resolution.origin != Some(Origin::Project) || !is_module || !is_top_level || !stands_in_front(file, answer) {
        return None;
    }
    // Perhaps code at start has imported the hidden one already.
    if resolution.twin.as_ref().is_some_and(|it| answer.shadows.iter().any(|hidden| hidden.path == it.path)) {
        return None;
    }
    // A backport is meant to stand in for what it is called after.
    let is_the_project = file.situation.project.name.as_deref() == Some(&*normalize_name(&resolution.module));
    if hidden_from_stdlib(answer).is_some() && !is_the_project && !NEVER_MISSED.contains(&&*resolution.module) {
        return Some(Rule::ShadowsStdlib);
    }
    hidden_package(file.situation, answer).map(|_| Rule::ShadowsPackage)
}

fn hidden_from_stdlib(answer: &Answer) -> Option<&Shadowed> {
    answer.shadows.iter().find(|hidden| hidden.origin == Origin::StandardLibrary)
}

/// Returns the installed module that is hidden, where the project asks for its distribution and is not that itself.
fn hidden_package<'a>(situation: &Situation, answer: &'a Answer) -> Option<&'a Shadowed> {
    let project = &situation.project;
    answer.shadows.iter().find(|hidden| {
        let Some(distribution) = hidden.distribution.as_ref().filter(|_| hidden.declared.is_some()) else {
            return false;
        };
        let is_itself = project.name.as_deref() == Some(&*normalize_name(&distribution.name));
        let is_of_project = distribution.editable.as_ref().is_some_and(|it| it.starts_with(&project.root));
        !is_itself && !is_of_project
    })
}

fn stands_in_front(file: &File<'_>, answer: &Answer) -> bool {
    let project = &file.situation.project;
    let Some(root) = answer.resolution.root.as_deref() else { return false };
    let first_root = project.roots.iter().find(|it| it.exists);
    if root == project.root {
        return first_root.is_some_and(|first| first.path == *root) || file.path.parent() == Some(root);
    }
    file.path.parent() == Some(root) && is_started_itself(file)
}

/// Tells whether a file is one that Python or pytest starts with its own folder in front, by what it says or is called.
fn is_started_itself(file: &File<'_>) -> bool {
    let tests = &file.situation.project.tests;
    let is_test = |folder, name| name == "conftest.py" || tests.collects(folder, name);
    let is_collected = tests.import_mode == ImportMode::Prepend
        && file.path.parent().zip(file.path.file_name()).is_some_and(|(folder, name)| is_test(folder, name));
    if notebook::is_notebook(file.path) {
        // Its kernel is started in its folder, with that in front.
        return true;
    }
    let is_part_of_package = file.imports.imports.iter().any(|import| import.level > 0);
    let has_main = || file.text.source().lines().any(|line| line.starts_with("if __name__ =="));
    !is_part_of_package && (file.imports.shebang.is_some() || is_collected || has_main())
}

/// Says what is hidden, and by which file.
pub(super) fn message(rule: Rule, situation: &Situation, answer: &Answer) -> String {
    let module = format!("`{}`", shortened(&answer.resolution.module, 30));
    let path = answer.resolution.path.as_deref().unwrap_or_else(|| Utf8Path::new(""));
    let path = shortened(&explain::path_from(&situation.project.root, path), 40);
    let hidden = hidden_package(situation, answer).and_then(|it| it.distribution.as_ref());
    let hides = match (rule, hidden) {
        (Rule::ShadowsPackage, Some(it)) => format!("{} {}", shortened(&it.name, 25), shortened(&it.version, 10)),
        _ => "the standard library's".to_owned(),
    };
    fitting([
        format!("{module} is this project's {path}, which hides {hides}"),
        format!("{module} is this project's own and hides {hides}"),
        format!("{module} hides {hides}"),
    ])
}

/// Returns what is hidden, to be shown.
pub(super) fn hidden<'a>(rule: Rule, situation: &Situation, answer: &'a Answer) -> Option<&'a Utf8Path> {
    let hidden =
        if rule == Rule::ShadowsStdlib { hidden_from_stdlib(answer) } else { hidden_package(situation, answer) };
    hidden.map(|it| it.path.as_path())
}
