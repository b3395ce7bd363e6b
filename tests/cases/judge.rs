//! Runs one case and compares.
//!
//! In: a [`Case`]. Out: nothing, or a report of what is unexpected and what is missing.
//!
//! **Invariant:** the whole way of the data is gone, from files in memory to diagnostics; only the disk is not real.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::cli::env::{Paper, page};
use fromwhere::cli::why;
use fromwhere_core::answer::{self, Answers, AnswersByDirectory, Investigation};
use fromwhere_core::apt::Apt;
use fromwhere_core::diagnostic::{Diagnostic, Fix, FixAction, LONGEST};
use fromwhere_core::imports::{self, Imports};
use fromwhere_core::launch::{self, Launch};
use fromwhere_core::notebook::{self, Notebook};
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::settings::Settings;
use fromwhere_core::situation::{self, Question, Situation};
use fromwhere_core::system::System;
use fromwhere_core::text::{Point, Text};
use fromwhere_core::{check, explain, project, recipe};

use super::document::{Block, Case};
use super::expectation::{self, Expected};
use super::world::{self, PROJECT, World};

/// One project of the case, and those of its files that one Python runs.
pub(super) struct Checked {
    situation: Situation,
    answers: AnswersByDirectory,
    files: Vec<File>,
}

type File = (Utf8PathBuf, Text, Imports);

/// Runs a case; the error is a report for people.
pub(super) fn run(case: &Case) -> Result<(), String> {
    let world = world::build(&case.blocks)?;
    let projects = check(&world, &Settings::default());
    let found = diagnostics(&world, &projects);
    let mut report = compare(expected(&world, &case.blocks)?, &found);
    for block in &case.blocks {
        report.extend(details(block, &world, &projects, &found)?);
    }
    let messages = projects.iter().flat_map(|it| &it.situation.mistakes).map(|it| &it.problem.message);
    report.extend(messages.chain(found.iter().map(|it| &it.message)).filter_map(|it| unfit(it)));
    for diagnostic in &found {
        let elsewhere = diagnostic.related.iter().filter(|it| !world.system.is_file(&it.path));
        report.extend(elsewhere.map(|it| format!("  is related to no file: {}: {}", it.path, diagnostic.message)));
        for fix in &diagnostic.fixes {
            report.extend(applied(&world, &projects, diagnostic, fix));
        }
    }
    if report.is_empty() { Ok(()) } else { Err(report.join("\n")) }
}

/// Returns what the `terminal` blocks of a case should hold.
pub(super) fn terminals(case: &Case) -> Result<Vec<(&Block, String)>, String> {
    let world = world::build(&case.blocks)?;
    let projects = check(&world, &Settings::default());
    let blocks = case.blocks.iter().filter(|block| block.language == "terminal");
    blocks.map(|block| Ok((block, terminal(block, &world, &projects)?))).collect()
}

/// A message is one line, and editors cut a long one.
fn unfit(message: &str) -> Option<String> {
    let fits = message.chars().count() <= LONGEST && !message.contains(char::is_control);
    (!fits).then(|| format!("  is no line of at most {LONGEST} characters: {message}"))
}

/// What `fromwhere env` shows.
fn terminal(block: &Block, world: &World, projects: &[Checked]) -> Result<String, String> {
    let situation = &projects.first().ok_or("there is no project")?.situation;
    let findings = check::check_environment(&world.system, situation, &Answers::default());
    let paper = Paper { width: block.argument.parse().ok(), color: false };
    Ok(page(&world.system, situation, &findings, paper))
}

pub(super) fn diagnostics(world: &World, projects: &[Checked]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for project in projects {
        for (path, text, imports) in &project.files {
            let answers = &project.answers[directory_of(path)];
            let of_file = check::check_file(&project.situation, path, text, imports, answers);
            if notebook::is_notebook(path) {
                found.extend(of_file.into_iter().map(|it| open(world, path).in_file(it)));
            } else {
                found.extend(of_file);
            }
        }
        let answers = answer::merged(project.answers.values().map(|it| &**it));
        for diagnostic in check::check_environment(&world.system, &project.situation, &answers) {
            if found.iter().any(|it: &Diagnostic| it.is_same_fact(&diagnostic)) {
                continue;
            }
            found.push(diagnostic);
        }
    }
    for path in &world.recipes {
        let kind = RecipeKind::of_file(&world.system, path).expect("a recipe");
        let text = Text::new(world.system.read_text(path).expect("the case wrote it"));
        let recipe = recipe::read(kind, path, &text);
        let itself = projects.iter().find(|it| it.situation.launch.is_none()).expect("the project itself");
        let apt = Apt::new(&world.system);
        let package_of = |module: &str| apt.package_of(module).map(str::to_owned);
        found.extend(check::check_recipe(&itself.situation, path, &text, &recipe, &package_of));
    }
    found
}

/// Applies a fix that edits, and looks at everything again: no file may break, and what it promises must come true.
fn applied(world: &World, projects: &[Checked], diagnostic: &Diagnostic, fix: &Fix) -> Vec<String> {
    let FixAction::Edit(edits) = &fix.action else { return Vec::new() };
    let mut after = world.with(&diagnostic.path, &world.system.read_text(&diagnostic.path).unwrap_or_default());
    // All edits speak of the text before any of them: the last place comes first.
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range));
    for edit in edits {
        let before = Text::new(world.system.read_text(&edit.path).unwrap_or_default());
        let offset = |point: Point| (before.line_span(point.line).start + point.utf8) as usize;
        let mut source = after.system.read_text(&edit.path).unwrap_or_default();
        source.replace_range(offset(edit.range.start)..offset(edit.range.end), &edit.replacement);
        after = after.with(&edit.path, &source);
    }
    let checked = check(&after, &Settings::default());
    let mut report: Vec<String> = Vec::new();
    let problems = |projects: &[Checked]| projects.iter().map(|it| it.situation.problems.len()).sum::<usize>();
    if problems(&checked) > problems(projects) {
        report.push(format!("  breaks a file: {}", fix.title));
    }
    // A manifest counts once, whatever the number of Pythons that its files run on.
    let dependencies = |projects: &[Checked]| {
        let all = projects.iter().map(|it| &it.situation.project);
        let all = all.flat_map(|it| it.dependencies.iter().chain(&it.conda_dependencies));
        all.map(|it| (it.path.clone(), it.requirement.clone())).collect::<BTreeSet<_>>().len()
    };
    let still = diagnostics(&after, &checked).iter().any(|it| {
        it.rule == diagnostic.rule && it.path == diagnostic.path && it.range.start.line == diagnostic.range.start.line
    });
    let keeps_its_word = match fix.title.split(' ').next() {
        Some("Add") => dependencies(&checked) == dependencies(projects) + 1,
        Some("Allow" | "Ignore" | "Install" | "Remove" | "Use" | "Write") => !still,
        _ => false,
    };
    if !keeps_its_word {
        report.push(format!("  does not do what it says: {}", fix.title));
    }
    report
}

/// Goes the way that `check` and the language server go, for every project that has a Python file, and every Python
/// that a file names; the settings win over those of the projects.
pub(super) fn check(world: &World, overrides: &Settings) -> Vec<Checked> {
    let boundary = Utf8Path::new(PROJECT);
    let mut groups: BTreeMap<(Utf8PathBuf, Option<Launch>), Vec<File>> = BTreeMap::new();
    groups.entry((project::root_of(&world.system, boundary, boundary), None)).or_default();
    for (path, source) in &world.sources {
        let (text, imports) = if notebook::is_notebook(path) {
            (open(world, path).text().clone(), open(world, path).imports())
        } else {
            (Text::new(source.clone()), imports::scan(&Text::new(source.clone())))
        };
        let inside = path.starts_with(boundary);
        let root = if inside { project::root_of(&world.system, path, boundary) } else { boundary.to_owned() };
        let launch = launch::of(path, &imports);
        groups.entry((root, launch)).or_default().push((path.clone(), text, imports));
    }
    groups
        .into_iter()
        .map(|((root, launch), files)| {
            let overrides = overrides.clone();
            let question = Question { launch, overrides, ..Question::about(&root, boundary) };
            let situation = situation::situation(&world.system, &question);
            let investigation = Investigation::new(&world.system, &situation);
            let mut answers = AnswersByDirectory::new();
            for (path, _, imports) in &files {
                let known: &mut Answers = Arc::make_mut(answers.entry(directory_of(path).to_owned()).or_default());
                known.extend(investigation.answers_for(path, |known| check::unanswered(imports, known)));
            }
            drop(investigation);
            Checked { situation, answers, files }
        })
        .collect()
}

/// Returns the project, or the part of it, that a block's file belongs to.
fn group_of<'c>(block: &Block, projects: &'c [Checked]) -> Result<&'c Checked, String> {
    let path = world::absolute(&block.argument);
    let group = projects.iter().find(|it| it.files.iter().any(|(file, _, _)| *file == path));
    group.ok_or_else(|| format!("no such file: {}", block.argument))
}

fn open(world: &World, path: &Utf8Path) -> Notebook {
    Notebook::read(world.system.read_text(path).expect("the case wrote it")).expect("a notebook")
}

fn directory_of(path: &Utf8Path) -> &Utf8Path {
    path.parent().expect("a file lies in a directory")
}

fn expected(world: &World, blocks: &[Block]) -> Result<Vec<Expected>, String> {
    let mut expected = Vec::new();
    for (path, source) in world.sources.iter().filter(|(path, _)| !notebook::is_notebook(path)) {
        expected.extend(expectation::in_python(shown(path), source)?);
    }
    for block in blocks.iter().filter(|block| block.language == "expect") {
        expected.extend(expectation::in_block(&block.content)?);
    }
    Ok(expected)
}

fn compare(mut missing: Vec<Expected>, found: &[Diagnostic]) -> Vec<String> {
    let mut report: Vec<String> = Vec::new();
    for diagnostic in found {
        match missing.iter().position(|expected| is_met(expected, diagnostic)) {
            Some(at) => {
                missing.remove(at);
            }
            None => report.push(format!("  unexpected: {}", line(diagnostic))),
        }
    }
    for Expected { path, line, column, severity, code, message } in missing {
        let column = column.map(|column| format!(":{column}")).unwrap_or_default();
        let message = message.unwrap_or_default();
        report.push(format!("     missing: {path}:{line}{column}: {severity}[{code}] {message}"));
    }
    report
}

fn is_met(expected: &Expected, diagnostic: &Diagnostic) -> bool {
    let start = diagnostic.range.start;
    expected.path == shown(&diagnostic.path)
        && expected.line == start.line + 1
        && expected.column.is_none_or(|column| column == start.utf32 + 1)
        && expected.severity == diagnostic.severity.as_str()
        && expected.code == diagnostic.rule.code()
        && expected.message.as_ref().is_none_or(|message| *message == diagnostic.message)
}

/// Compares what a `fixes`, `related`, `hover` or `why` block says about one place, or a `terminal` block about all.
fn details(block: &Block, world: &World, projects: &[Checked], found: &[Diagnostic]) -> Result<Vec<String>, String> {
    let at_place =
        || found.iter().filter(|it| format!("{}:{}", shown(&it.path), it.range.start.line + 1) == block.argument);
    let actual: Vec<String> = match &*block.language {
        "fixes" => at_place().flat_map(|it| it.fixes.iter().map(|fix| fix.title.clone())).collect(),
        "related" => at_place()
            .flat_map(|it| &it.related)
            .map(|it| format!("{}:{}: {}", shown(&it.path), it.range.start.line + 1, it.message))
            .collect(),
        "hover" => {
            let mut answers =
                projects.iter().flat_map(|it| it.answers.values().map(|answers| (&it.situation, answers)));
            let found = answers.find_map(|(situation, answers)| Some((situation, answers.get(&block.argument)?)));
            let (situation, answer) = found.ok_or_else(|| format!("nobody imports `{}`", block.argument))?;
            explain::hover_plain(situation, answer).lines().map(str::to_owned).collect()
        }
        "why" => {
            let situation = &projects.first().ok_or("there is no project")?.situation;
            let answer = Investigation::new(&world.system, situation).answer(&block.argument);
            why::plain(situation, answer).lines().map(str::to_owned).collect()
        }
        "terminal" => terminal(block, world, projects)?.lines().map(str::to_owned).collect(),
        "considered" => {
            let considered = &group_of(block, projects)?.situation.environment.considered;
            considered.iter().map(|it| format!("{}: {}: {}", it.kind.as_str(), it.detail, it.outcome)).collect()
        }
        "chosen" => {
            let (path, group) = (world::absolute(&block.argument), group_of(block, projects)?);
            let trail = group.situation.environment.considered.iter();
            let chosen = trail.filter(|it| it.outcome.starts_with("chosen"));
            let chosen = chosen.map(|it| format!("{}: {}: {}", it.kind.as_str(), it.detail, it.outcome));
            let problems = group.situation.problems.iter().cloned().chain(group.situation.problem_of(&path));
            chosen.chain(problems.map(|it| it.to_string())).collect()
        }
        "environment" => {
            let root = world::absolute(&block.argument);
            let project = projects.iter().find(|it| it.situation.project.root == root.as_str().trim_end_matches('/'));
            trail(&project.ok_or_else(|| format!("{root} is no project"))?.situation)
        }
        _ => return Ok(Vec::new()),
    };
    let wanted: Vec<&str> = block.content.lines().collect();
    if actual == wanted {
        return Ok(Vec::new());
    }
    let mut report = vec![format!("  {} of {} differ", block.language, block.argument)];
    for line in wanted.iter().filter(|line| !actual.iter().any(|it| it == *line)) {
        report.push(format!("     missing: {line}"));
    }
    for line in actual.iter().filter(|line| !wanted.contains(&&***line)) {
        report.push(format!("  unexpected: {line}"));
    }
    Ok(report)
}

/// The environment in force, then everything that was looked at on the way to it.
fn trail(situation: &Situation) -> Vec<String> {
    let environment = &situation.environment;
    let root = environment.root.as_ref().map_or("nowhere", |root| root.as_str());
    let considered = environment.considered.iter().filter(|it| it.outcome != "not set");
    let lines = considered.map(|it| format!("{}: {}: {}", it.kind.as_str(), it.detail, it.outcome));
    std::iter::once(format!("{} in {root}", environment.kind.as_str())).chain(lines).collect()
}

fn line(diagnostic: &Diagnostic) -> String {
    let start = diagnostic.range.start;
    format!(
        "{}:{}:{}: {}[{}] {}",
        shown(&diagnostic.path),
        start.line + 1,
        start.utf32 + 1,
        diagnostic.severity.as_str(),
        diagnostic.rule.code(),
        diagnostic.message
    )
}

pub(super) fn shown(path: &Utf8Path) -> &str {
    path.strip_prefix(PROJECT).unwrap_or(path).as_str()
}
