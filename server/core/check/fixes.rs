//! The ways out of a diagnostic about an import.
//!
//! In: the diagnostic's place, its rule, its answer. Out: [`Fix`]es, edits before commands.
//!
//! **Invariant:** nothing is run; every edit keeps the file valid; a name that is not certain is never installed.

use camino::Utf8Path;

use super::{File, commands, dangling, verdict};
use crate::answer::{Answer, Place as Found, names};
use crate::diagnostic::{Edit, Fix};
use crate::environment::{EnvironmentKind, SourceKind};
use crate::explain::{path_from, shortened};
use crate::imports;
use crate::origin::Evidence;
use crate::project::{Form, NextDependency, Tool, normalize_name};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::text::{Range, Span, Text};

pub(super) struct Place<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) rule: Rule,
    pub(super) answer: &'a Answer,
    pub(super) module: &'a str,
    pub(super) line: u32,
    /// Whether every install of the project needs the module: it is imported without a condition, outside of the tests, and
    /// the rule is more than a remark.
    pub(super) is_needed: bool,
}

/// Returns what can be done about one import.
pub(super) fn of_import(place: &Place<'_>) -> Vec<Fix> {
    let situation = place.file.situation;
    let commands: Vec<Fix> = match place.rule {
        Rule::ShadowsStdlib | Rule::ShadowsPackage => rename(place).into_iter().collect(),
        Rule::ExtensionAbiMismatch => reinstall(place).into_iter().collect(),
        Rule::ModuleOwnedTwice => uninstall(place),
        Rule::EditableDangling => {
            let install = place.answer.dangling.as_ref().and_then(|it| dangling::fix(situation, it));
            install.into_iter().collect()
        }
        _ => install(place).into_iter().chain(recreate(situation, place)).collect(),
    };
    let edits = [declare(place), use_that(place), allow(place), suppress(place), suppress_in_file(place)];
    edits.into_iter().flatten().chain(commands).chain(show_entry(place)).collect()
}

/// A name that stands for nothing else; the imports that mean this file have to follow.
fn rename(place: &Place<'_>) -> Option<Fix> {
    let root = &place.file.situation.project.root;
    let path = place.answer.resolution.path.as_deref().filter(|it| it.starts_with(root))?;
    let path = if path.file_stem() == Some("__init__") { path.parent()? } else { path };
    let new = path.with_file_name(format!("own_{}", path.file_name()?));
    Some(command("Rename it, then what imports it", commands::rename(place.file.situation, path, &new)))
}

fn reinstall(place: &Place<'_>) -> Option<Fix> {
    let distribution = place.answer.distribution.as_ref().map(|it| it.name.as_str());
    let owner = place.answer.foreign.iter().find_map(|it| it.owner.as_deref());
    commands::reinstall(place.file.situation, distribution.or(owner)?).map(|it| command("Build or fetch it anew", it))
}

/// Removing one of two takes the files of both: the other is installed again. What the project declares stays.
fn uninstall(place: &Place<'_>) -> Vec<Fix> {
    let situation = place.file.situation;
    let is_declared = |name: &str| situation.project.declares(&normalize_name(name));
    let names: Vec<&str> = place.answer.rivals.iter().map(|it| it.name.as_str()).collect();
    let (declared, others): (Vec<&str>, Vec<&str>) = names.iter().copied().partition(|name| is_declared(name));
    let pairs: Vec<(&str, &str)> = match (declared.as_slice(), others.as_slice(), names.as_slice()) {
        ([keep], [remove], _) => vec![(*keep, *remove)],
        (_, _, [one, other]) => vec![(*one, *other), (*other, *one)],
        _ => Vec::new(),
    };
    let fix = |(keep, remove)| {
        let command_line = commands::keep_one(situation, keep, remove)?;
        Some(command(&format!("Keep {keep} alone"), command_line))
    };
    pairs.into_iter().filter_map(fix).collect()
}

/// The fix that runs a command when the user picks it.
pub(super) fn command(title: &str, command: String) -> Fix {
    Fix::command(format!("{title}: `{command}`"), command)
}

/// Returns the distribution's name, where the installed metadata or the table of well known names tells it.
fn distribution<'a>(place: &Place<'a>) -> Option<&'a str> {
    let installed = place.answer.distribution.as_ref().map(|it| it.name.as_str());
    let elsewhere = || place.answer.elsewhere.iter().find_map(|it| it.distribution.as_deref());
    let name =
        installed.or_else(|| names::distribution_of(place.module)).or_else(elsewhere).or_else(|| described(place))?;
    (!names::is_only_from_the_system(name)).then_some(name)
}

/// Typeshed's stubs are called `types-` and the name of the distribution that they describe.
fn described<'a>(place: &Place<'a>) -> Option<&'a str> {
    place.answer.stubs.as_ref()?.distribution.as_deref()?.strip_prefix("types-")
}

fn declare(place: &Place<'_>) -> Option<Fix> {
    let is_about_installing = !matches!(
        place.rule,
        Rule::ShadowsStdlib
            | Rule::ShadowsPackage
            | Rule::ExtensionAbiMismatch
            | Rule::ModuleOwnedTwice
            | Rule::EditableDangling
    );
    if place.answer.declared.is_some() || !is_about_installing {
        return None;
    }
    let project = &place.file.situation.project;
    let next = project.next_dependency.as_ref()?;
    let name = distribution(place)?;
    if project.conda_dependencies.iter().any(|it| it.name == normalize_name(name)) {
        return None;
    }
    let manifest = |path| shortened(&path_from(&project.root, path), 50);
    let insertion = match next {
        NextDependency::Edit(insertion) => insertion,
        NextDependency::ByHand { path, line, list } => {
            let title = format!("Add `{name}` to {list}: {}:{line}", manifest(path));
            return Some(Fix::open(title, path.clone(), *line));
        }
    };
    let name = insertion.spelled(name);
    let manifest = manifest(&insertion.path);
    let title = format!("Add `{name}` to the dependencies in {manifest}");
    let edits = vec![insertion.edit(&name)];
    // conda may have another name for it.
    let is_certain = insertion.form != Form::OfConda;
    Some(if place.is_needed && is_certain { Fix::safe_edit(title, edits) } else { Fix::edit(title, edits) })
}

fn allow(place: &Place<'_>) -> Option<Fix> {
    let is_about_declaring = matches!(place.rule, Rule::ImportUndeclared | Rule::ScriptUndeclared);
    if is_about_declaring || !verdict::can_be_allowed(place.rule) {
        return None;
    }
    let situation = place.file.situation;
    let insertion = situation.allow_insertion.as_ref()?;
    // It may be that of a project around this one.
    let manifest = shortened(&path_from(&situation.project.root, &insertion.path), 50);
    let title = format!("Allow `{}` in {manifest}", place.module);
    Some(Fix::edit(title, vec![insertion.edit(place.module)]))
}

/// Names the environment that has the module as the project's.
fn use_that(place: &Place<'_>) -> Option<Fix> {
    let situation = place.file.situation;
    let has_it = place.answer.elsewhere.iter().find(|it| it.place == Found::SiblingEnvironment)?;
    (place.rule == Rule::ImportFoundElsewhere).then(|| pin(situation, &has_it.environment))?
}

/// Names an environment as the project's, where the settings decide.
pub(super) fn pin(situation: &Situation, environment: &Utf8Path) -> Option<Fix> {
    let is_outranked = matches!(situation.environment.source.kind, SourceKind::Argument | SourceKind::Editor);
    let insertion = situation.python_insertion.as_ref().filter(|_| !is_outranked && situation.launch.is_none())?;
    let folder = insertion.path.parent()?;
    let name = commands::path_from(folder, environment);
    let manifest = shortened(&path_from(&situation.project.root, &insertion.path), 50);
    let title = format!("Use {} as this project's Python in {manifest}", shortened(&name, 40));
    Some(Fix::edit(title, vec![insertion.edit(&name)]))
}

/// Leads to the line that brings a module in from another environment.
fn show_entry(place: &Place<'_>) -> Option<Fix> {
    let Evidence::Line { path, line } = entry(place)? else { return None };
    let name = shortened(&path_from(&place.file.situation.project.root, path), 50);
    Some(Fix::open(format!("Show the entry that brings it: {name}:{line}"), path.clone(), *line))
}

/// Returns why the search path has the place that another environment's module comes from.
fn entry<'a>(place: &Place<'a>) -> Option<&'a Evidence> {
    let root = place.answer.resolution.root.as_ref().filter(|_| place.rule == Rule::ImportFromOtherEnvironment)?;
    let interpreter = place.file.situation.environment.interpreter.as_ref()?;
    interpreter.search_path.iter().find(|entry| entry.path == *root).map(|entry| &entry.evidence)
}

/// Silences the rule in the whole file: a comment above the code, or one more code in the one that is there.
fn suppress_in_file(place: &Place<'_>) -> Option<Fix> {
    let code = place.rule.code();
    let mut present = place.file.imports.comments.suppressions.iter().filter(|it| !it.codes.is_empty());
    let (range, replacement) = if let Some(comment) = present.find(|it| it.lines.is_none()) {
        (empty_range(place, comment.span.end.saturating_sub(1)), format!(", {code}"))
    } else {
        (empty_range(place, above_code(place.file.text)?), format!("# fromwhere: ignore[{code}]\n"))
    };
    let edit = Edit::new(place.file.path.to_owned(), range, replacement);
    Some(Fix::edit(format!("Ignore {code} in this file"), vec![edit]))
}

/// Returns where a line of its own can stand above the code, behind what has to be on one of the first two lines.
fn above_code(text: &Text) -> Option<u32> {
    let stays_first = |line: &u32| {
        let content = text.line(*line);
        content.starts_with("#!") || content.trim_start().starts_with('#') && content.contains("coding")
    };
    let line = (0..2).filter(stays_first).last().map_or(0, |line| line + 1);
    let start = text.line_span(line).start;
    // The line above may be the last, without an end.
    let before = text.source().get(..start as usize)?;
    (before.is_empty() || before.ends_with(['\n', '\r'])).then_some(start)
}

/// Silences the rule on this line: a new comment, or one more code in the one that is there.
fn suppress(place: &Place<'_>) -> Option<Fix> {
    let (text, code) = (place.file.text, place.rule.code());
    // Behind a backslash, or inside of a string, no comment may stand.
    let end = imports::place_for(text, place.line)?;
    let last = text.point(end).line;
    let mut present = place.file.imports.comments.suppressions.iter().filter(|it| !it.codes.is_empty());
    let present = present.find(|it| it.lines.is_some() && text.point(it.span.start).line == last);
    let (range, replacement) = match present {
        Some(comment) => {
            let before_bracket = comment.span.end.saturating_sub(1);
            (empty_range(place, before_bracket), format!(", {code}"))
        }
        None => (empty_range(place, end), format!("  # fromwhere: ignore[{code}]")),
    };
    let edit = Edit::new(place.file.path.to_owned(), range, replacement);
    Some(Fix::edit(format!("Ignore {code} on this line"), vec![edit]))
}

fn empty_range(place: &Place<'_>, offset: u32) -> Range {
    place.file.text.range(Span::new(offset, offset))
}

fn install(place: &Place<'_>) -> Vec<Fix> {
    let situation = place.file.situation;
    if situation.environment.interpreter.is_none() {
        return Vec::new();
    }
    let declared = place.answer.declared.as_deref();
    if matches!(place.rule, Rule::ImportUndeclared | Rule::ScriptUndeclared) {
        // pip installs, but writes nothing down.
        let name = distribution(place).filter(|_| commands::can_declare(situation));
        let add = name.and_then(|name| commands::install(situation, name, false, false));
        return add.map(|it| command("Add it", it)).into_iter().collect();
    }
    if commands::is_left_to_others(situation) {
        let create = command("Create an environment", commands::create(situation));
        let package = place.answer.offered.as_ref().map(|package| {
            let title = format!("Install {}'s package", situation.operating_system.of_dpkg());
            command(&title, format!("apt install {package}"))
        });
        return [create].into_iter().chain(package).collect();
    }
    let Some(requirement) = declared.or_else(|| distribution(place)) else { return Vec::new() };
    let title = if declared.is_some() { "Install what is declared" } else { "Install it here" };
    let is_seen_elsewhere = !verdict::is_absence(place.rule);
    // What PYTHONPATH names is found before all that is installed, by pip too.
    let variable = match entry(place) {
        Some(Evidence::Variable(variable)) => Some(variable),
        _ => None,
    };
    let is_seen_elsewhere = is_seen_elsewhere && variable.is_none();
    let install = commands::install(situation, requirement, declared.is_some(), is_seen_elsewhere);
    let unset = variable.map(|variable| format!("unset {variable} && ")).unwrap_or_default();
    install.map(|it| command(title, format!("{unset}{it}"))).into_iter().collect()
}

/// Offers an environment that sees the operating system's packages, where one of those is what is missing.
fn recreate(situation: &Situation, place: &Place<'_>) -> Option<Fix> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let from_system = place.answer.elsewhere.iter().any(|it| it.place == Found::OperatingSystem);
    if place.rule != Rule::ImportFoundElsewhere || !from_system || !interpreter.is_virtual() {
        return None;
    }
    let makes_it = matches!(situation.project.tool, Tool::Uv | Tool::Pip)
        && situation.environment.kind != EnvironmentKind::Conda
        && situation.environment.source.kind != SourceKind::Script;
    let python = if verdict::has_system_base(interpreter) { None } else { Some("/usr/bin/python3") };
    makes_it
        .then(|| command("Recreate with system packages", commands::recreate_with_system_packages(situation, python)))
}
