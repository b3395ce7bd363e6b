//! What is worth saying: diagnostics for one file, and for the environment itself.
//!
//! In: a [`Situation`], the imports of a file, the [`Answers`] to their names. Out: [`Diagnostic`]s in the order of places.
//!
//! **Invariant:** silent when all is well; one fact in one place; without an interpreter no import is accused, and no file
//! in a situation that is not its own.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8Path;

use crate::answer::{Answer, Answers};
use crate::diagnostic::{Diagnostic, Related, Severity};
use crate::imports::{self, Context, Import, ImportedName, Imports};
use crate::launch::{self, Launch};
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::settings::Settings;
use crate::situation::Situation;
use crate::system::System;
use crate::text::{Span, Text};

mod commands;
mod comments;
mod dangling;
mod environment;
mod evidence;
mod fixes;
mod lacking;
mod message;
mod pyvenv;
mod recipe;
mod rivalry;
mod shadowing;
mod softening;
mod undeclared;
mod verdict;

#[cfg(test)]
pub(crate) mod tests;

pub use commands::{Instead, instead_of_pip};
pub(crate) use pyvenv::FLAG;
pub use pyvenv::check_pyvenv;
pub use recipe::{PackageOf, check_recipe};

/// The most further places that one diagnostic names.
const MOST_PLACES: usize = 5;

/// Returns the names that must be asked before a file can be checked: top-level modules and, where those turn out to
/// be namespace packages, what is below. Empty when everything is known.
pub fn unanswered(imports: &Imports, answers: &Answers) -> Vec<String> {
    // Where the answer is no namespace package, what is below is not asked about.
    let is_open = |import: &&Import| answers.get(import.top_level()).is_none_or(is_namespace);
    let mut places = Vec::new();
    for import in imports.imports.iter().filter(is_open) {
        add_places(import, answers, &mut places);
    }
    let mut names: Vec<Cow<'_, str>> = places.into_iter().map(|it| it.name).collect();
    names.retain(|name| !answers.contains_key(&**name));
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Cow::into_owned).collect()
}

/// Returns the names that decide where the imports of a file come from, in order, each once.
pub fn subject_names(imports: &Imports, answers: &Answers) -> BTreeSet<String> {
    places(imports, answers).into_iter().map(|place| place.name.into_owned()).collect()
}

/// Checks the imports of one file. A name without an answer is passed over.
pub fn check_file(
    situation: &Situation,
    path: &Utf8Path,
    text: &Text,
    imports: &Imports,
    answers: &Answers,
) -> Vec<Diagnostic> {
    let Some(interpreter) = &situation.environment.interpreter else { return Vec::new() };
    let launch = launch::of(path, imports);
    // While the words about it are typed, a file may have left the situation that it was in.
    let is_another = match (&launch, &situation.launch) {
        (Some(one), Some(other)) => !one.runs_as(other),
        (one, other) => one.is_some() != other.is_some(),
    };
    if is_another
        || situation.is_guessed()
        || softening::is_not_the_projects_own(situation, interpreter, path)
        || softening::runs_elsewhere(situation, interpreter, path)
        || softening::is_data_of_tests(situation, path)
    {
        return Vec::new();
    }
    let settings = &*situation.settings.for_path(path);
    let file = File { situation, settings, path, text, imports };
    let places = places(imports, answers);
    let groups = places.chunk_by(|a, b| a.name == b.name);
    let diagnose = |places: &[Place<'_>]| {
        let group = Group { name: &places.first()?.name, places };
        let answer = answers.get(group.name)?;
        let (rule, places) = verdict::breach(&file, interpreter, answer, group)?;
        file.diagnose(rule, answer, group, &places)
    };
    let mut found: Vec<Diagnostic> = groups.filter_map(diagnose).collect();
    let misspelled = comments::misspelled(settings, path, text, &imports.comments);
    found.extend(misspelled.into_iter().filter_map(|it| {
        let severity = softening::of_file(it.rule, it.severity, situation, path)?;
        Some(Diagnostic { severity, ..it })
    }));
    found.sort_by_key(|diagnostic| (diagnostic.range, diagnostic.rule));
    found
}

/// Checks the environment in force. A project that a test reads, or that another one carries along, has none of its own, and
/// needs none.
pub fn check_environment(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    let manifest = situation.project.root.join("pyproject.toml");
    if softening::is_data_of_tests(situation, &manifest) || softening::is_vendored_project(situation) {
        return Vec::new();
    }
    environment::check_environment(system, situation, answers)
}

/// All places of one file that ask for the same thing.
#[derive(Clone, Copy)]
struct Group<'a> {
    name: &'a str,
    places: &'a [Place<'a>],
}

/// A name whose answer decides about an import, and where it stands.
#[derive(Clone)]
struct Place<'a> {
    name: Cow<'a, str>,
    span: Span,
    import: &'a Import,
}

impl Place<'_> {
    fn context(&self) -> Context {
        self.import.context
    }
}

/// Returns what the imports of a file are about, sorted by name; under one name in the order of the file.
fn places<'a>(imports: &'a Imports, answers: &Answers) -> Vec<Place<'a>> {
    let mut places = Vec::with_capacity(imports.imports.len());
    for import in &imports.imports {
        add_places(import, answers, &mut places);
    }
    places.sort_by(|a, b| a.name.cmp(&b.name));
    places
}

/// Adds what an import is about: its top-level module, or what lies below as long as that is a namespace package,
/// which belongs to nobody.
fn add_places<'a>(import: &'a Import, answers: &Answers, places: &mut Vec<Place<'a>>) {
    if import.level > 0 || import.module.is_empty() {
        return;
    }
    let mut parts = import.module.split('.').skip(1);
    let mut name = import.top_level();
    while answers.get(name).is_some_and(is_namespace) {
        let Some(part) = parts.next() else {
            let names = import.names.iter().filter(|imported| imported.name != "*");
            let below = |it: &ImportedName| Cow::Owned(format!("{name}.{}", it.name));
            places.extend(names.map(|it| Place { name: below(it), span: it.span, import }));
            return;
        };
        name = import.module.get(..name.len() + 1 + part.len()).unwrap_or(&import.module);
    }
    places.push(Place { name: Cow::Borrowed(name), span: import.span, import });
}

fn is_namespace(answer: &Arc<Answer>) -> bool {
    answer.resolution.kind == ModuleKind::Namespace
}

struct File<'a> {
    situation: &'a Situation,
    /// What holds for this file.
    settings: &'a Settings,
    path: &'a Utf8Path,
    text: &'a Text,
    imports: &'a Imports,
}

impl File<'_> {
    /// Makes the diagnostic for those places of a group that a rule is about.
    fn diagnose(&self, rule: Rule, answer: &Answer, group: Group<'_>, places: &[Place<'_>]) -> Option<Diagnostic> {
        let module = imports::top_level(group.name);
        if verdict::can_be_allowed(rule) && self.settings.allow.contains(module) {
            return None;
        }
        let is_missing = !answer.resolution.is_resolved();
        let of_missing = verdict::is_absence(rule) || rule == Rule::ScriptUndeclared && is_missing;
        if of_missing && self.may_do_without(rule, answer, group) {
            return None;
        }
        let severity = self.severity_here(rule)?;
        let severity = softening::of_file(rule, severity, self.situation, self.path)?;
        let is_unconditional = places.iter().any(|place| !softening::is_conditional(place.context()));
        let places: Vec<(Span, Severity)> = places
            .iter()
            .filter_map(|place| Some((place.span, softening::of_place(rule, severity, place.context())?)))
            .collect();
        // An import that always runs says more than one that may be skipped, even where it stands further down.
        let severity = places.iter().map(|(_, severity)| *severity).max()?;
        let (span, _) = places.iter().find(|(_, here)| *here == severity)?;
        let range = self.text.range(*span);
        if self.imports.comments.silence(rule, range.start.line) {
            return None;
        }
        let mut related = evidence::related(self.situation, rule, answer);
        let further = places.iter().filter(|(other, _)| other != span).take(MOST_PLACES);
        related.extend(further.map(|(other, _)| Related {
            path: self.path.to_owned(),
            range: self.text.range(*other),
            message: "also imported here".to_owned(),
        }));
        Some(Diagnostic {
            rule,
            severity,
            message: message::of_import(rule, self.situation, answer),
            path: self.path.to_owned(),
            range,
            related,
            fixes: fixes::of_import(&fixes::Place {
                file: self,
                rule,
                answer,
                module,
                line: range.start.line,
                is_needed: is_unconditional
                    && severity >= Severity::Warning
                    && !softening::is_of_tests(self.situation, self.path),
            }),
            module: Some(module.to_owned()),
        })
    }

    /// Returns the severity before anything softens it. Without a manifest nothing says that the operating system's
    /// packages are wrong, so `import-from-os` is a hint there, unless the user set its severity.
    fn severity_here(&self, rule: Rule) -> Option<Severity> {
        let severity = self.settings.severity_of(rule)?;
        let lenient = rule == Rule::ImportFromOs
            && self.situation.project.manifests.is_empty()
            && !self.settings.severity.contains_key(&rule);
        Some(if lenient { Severity::Hint } else { severity })
    }

    /// Tells whether a missing module is foreseen: only an extra, a group or a marker asks for it, this file catches its
    /// absence somewhere, or a script declares it, for whose runner installs it first.
    fn may_do_without(&self, rule: Rule, answer: &Answer, group: Group<'_>) -> bool {
        if group.places.iter().any(|place| place.context().may_fail) {
            return true;
        }
        if matches!(rule, Rule::ExtensionAbiMismatch | Rule::EditableDangling) {
            return false;
        }
        if answer.declared.is_some() && matches!(self.situation.launch, Some(Launch::Script(_))) {
            return true;
        }
        let mut dependencies = self.situation.project.dependencies.iter();
        answer.declared.as_ref().is_some_and(|requirement| {
            dependencies.all(|declared| declared.is_optional() || declared.requirement != *requirement)
        })
    }
}
