//! The facts about one module, row by row, and as a document.
//!
//! In: a [`Situation`] and an [`Answer`]. Out: what it is, where and whose, what it hides; the search of every root.
//!
//! **Invariant:** the roots are numbered as `sys.path` is, and only where Python would go through them is it said that it
//! does: nothing for a module that is built in, and nothing for a part of a package.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::document::{Table, code, document};
use super::{Markup, Row, Short, doubt, lack, sentence, visible};
use crate::answer::confidence::{self, Confidence};
use crate::answer::{Answer, ByRun, Elsewhere, Place, Program};
use crate::dpkg::OsPackage;
use crate::origin::{ImportRoot, Origin};
use crate::resolve::{ModuleKind, Resolution};
use crate::situation::Situation;

/// Returns what is to be said of a module behind [`sentence`].
pub fn rows(situation: &Situation, answer: &Answer) -> Vec<Row> {
    let resolution = &answer.resolution;
    let mut rows = Vec::new();
    if resolution.kind != ModuleKind::Unresolved {
        rows.push(Row::new("kind", resolution.kind.as_str()));
    }
    rows.extend(resolution.path.as_ref().map(|path| Row::new("path", path.as_str())));
    rows.extend(resolution.twin.as_ref().map(|it| Row::new("or", format!("{} ({})", it.path, it.reason))));
    rows.extend(certain(situation, answer));
    // The first location of a package is the folder of its file.
    let locations = resolution.locations.iter().flatten().skip(usize::from(resolution.path.is_some()));
    rows.extend(Row::list("location", locations.map(ToString::to_string).collect()));
    rows.extend(root_in_words(situation, answer).map(|words| Row::new("root", words)));
    if let Some(distribution) = &answer.distribution {
        let installer = distribution.installer.as_ref().map(|it| format!(", installed by {it}")).unwrap_or_default();
        rows.push(Row::new("distribution", format!("{} {}{installer}", distribution.name, distribution.version)));
    }
    rows.extend(answer.os_package.as_ref().map(|package| Row::new("OS package", package_in_words(package))));
    let installed = resolution.origin.is_some_and(|it| !matches!(it, Origin::Project | Origin::StandardLibrary));
    match &answer.declared {
        Some(requirement) => rows.push(Row::new("declared", format!("`{requirement}`"))),
        None if installed && !situation.project.manifests.is_empty() => rows.push(Row::new("declared", "no")),
        None => {}
    }
    rows.extend(answer.dangling.as_ref().map(|it| {
        let distribution = format!("{} {}", it.distribution.name, it.distribution.version);
        Row::new("gone", format!("{}, where {}:{} leads ({})", it.source, it.path, it.line, distribution.trim_end()))
    }));
    rows.extend(answer.without.filter(|_| resolution.is_resolved()).map(|part| match &answer.offered {
        Some(package) => Row::new("lacks", format!("`{part}`; `apt install {package}` brings it")),
        None => Row::new("lacks", format!("`{part}`, which this Python was built without: its import fails")),
    }));
    rows.extend(answer.stubs.as_ref().map(|stubs| Row::new("stubs", stubs.path.as_str())));
    let foreign = answer.foreign.iter().map(|foreign| {
        let needed = if foreign.is_needed && resolution.is_resolved() { ", and needed" } else { "" };
        format!("{} (built for {}{needed})", foreign.extension.path, foreign.extension.built_for)
    });
    rows.extend(Row::list("not for here", foreign.collect()));
    rows.extend(Row::list("owned by", answer.rivals.iter().map(|it| format!("{} {}", it.name, it.version)).collect()));
    rows.extend(answer.shadows.iter().map(|it| Row::new("shadows", format!("{} ({})", it.path, it.origin))));
    rows.extend(answer.elsewhere.iter().map(|it| Row::new("elsewhere", elsewhere_in_words(it))));
    rows
}

/// Says what the answer hangs on, where no other file is named for it; code at start is named once for all answers.
fn certain(situation: &Situation, answer: &Answer) -> Option<Row> {
    let confidence = confidence::of_answer(situation, answer);
    let is_said = answer.resolution.twin.is_some() || matches!(confidence, Confidence::UnlessStartupCode(_));
    Some(Row::new("certain", confidence.in_words().filter(|_| !is_said)?))
}

/// Writes the same about a part that a package lacks: what is said of the package is said of it.
pub fn page_of_lacking(situation: &Situation, part: &Answer, package: &Answer) -> String {
    let title = format!("Where {} comes from", code(&part.resolution.module));
    let fact = format!(
        "`{}` is not there as a file: {}. {}",
        part.resolution.module,
        lack(package),
        sentence(situation, package)
    );
    document(&title, &fact, &rows(situation, package))
}

/// Writes the document "Explain This Import", in Markdown.
pub fn page(situation: &Situation, answer: &Answer) -> String {
    let short = Short::new(&situation.project.root, None);
    let title = format!("Where {} comes from", code(&answer.resolution.module));
    let mut page = document(&title, &sentence(situation, answer), &rows(situation, answer));
    if !confidence::interfering(situation, answer).is_empty()
        && let Some(doubt) = doubt(situation, Markup { markdown: true })
    {
        let _ = writeln!(page, "\n{}.", visible(&doubt));
    }
    if let Some(table) = search(situation, answer, &short) {
        page.push_str("\n## The search\n\n");
        page.push_str(&table.to_string());
    }
    page
}

/// Returns what each import root has to say to the name, in the order in which Python asks them.
fn search(situation: &Situation, answer: &Answer, short: &Short) -> Option<Table> {
    let Resolution { kind, module, .. } = &answer.resolution;
    let interpreter = situation.environment.interpreter.as_ref()?;
    let search_path = &interpreter.search_path;
    let barrier = interpreter.barrier.as_ref().and_then(|it| search_path.iter().position(|root| root.path == it.entry));
    if matches!(kind, ModuleKind::BuiltIn | ModuleKind::Frozen) || module.contains('.') {
        return None;
    }
    let mut table = Table::new(["", "Import root", "Whose", &format!("has {}", code(module))]);
    let roots: Vec<&ImportRoot> = situation.project.roots.iter().chain(search_path).collect();
    let is_known = |root: &Utf8Path| roots.iter().any(|it| it.path == root);
    // A folder that is no root of the project: that of the file itself, or one that an installed finder knows.
    if let Some(root) = answer.resolution.root.as_deref().filter(|root| !is_known(root)) {
        let origin = answer.resolution.origin.map(Origin::as_str).unwrap_or_default();
        table.row(["·".to_owned(), code(&short.path(root)), origin.to_owned(), found(answer, short)]);
    }
    let mut row = |number: String, root: &ImportRoot, said: String| {
        table.row([number, code(&short.path(&root.path)), root.origin.as_str().to_owned(), said]);
    };
    for root in &situation.project.roots {
        row("·".to_owned(), root, says(answer, root, &roots, short));
    }
    for (at, root) in search_path.iter().enumerate() {
        // What was imported before the barrier came has its place behind it all the same.
        let is_found_here = answer.resolution.root.as_ref() == Some(&root.path);
        let said = match barrier.filter(|_| !is_found_here) {
            Some(barrier) if at == barrier => "every import ends here".to_owned(),
            Some(barrier) if at > barrier => "no import gets here".to_owned(),
            _ => says(answer, root, &roots, short),
        };
        row((at + 1).to_string(), root, said);
    }
    Some(table)
}

fn says(answer: &Answer, root: &ImportRoot, roots: &[&ImportRoot], short: &Short) -> String {
    let is_here = |path: &Utf8Path| deepest(roots, path).is_some_and(|it| it == root);
    if answer.resolution.root.as_ref() == Some(&root.path) && answer.resolution.path.is_some() {
        return found(answer, short);
    }
    let portions = answer.resolution.locations.iter().flatten();
    if answer.resolution.kind == ModuleKind::Namespace && portions.into_iter().any(|it| is_here(it)) {
        return "**a part of it**".to_owned();
    }
    match answer.shadows.iter().find(|it| is_here(&it.path)) {
        Some(shadowed) => format!("hidden: {}", code(&short.path(&shadowed.path))),
        None if !root.exists => "it is not there".to_owned(),
        None => "no".to_owned(),
    }
}

fn found(answer: &Answer, short: &Short) -> String {
    match &answer.resolution.path {
        Some(path) => format!("**yes**: {}", code(&short.path(path))),
        None => "**yes**".to_owned(),
    }
}

/// The root that a path lies under; roots may lie in each other.
fn deepest<'r>(roots: &[&'r ImportRoot], path: &Utf8Path) -> Option<&'r ImportRoot> {
    let around = roots.iter().filter(|root| path.starts_with(&root.path));
    around.copied().max_by_key(|root| root.path.as_str().len())
}

/// Says which root a module was found under, counted as the interpreter searches them, and why that root is there.
fn root_in_words(situation: &Situation, answer: &Answer) -> Option<String> {
    let resolution = &answer.resolution;
    let root = resolution.root.as_ref()?;
    let own = &situation.project.roots;
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    if resolution.origin == Some(Origin::Project)
        && let Some(found) = own.iter().find(|it| it.path == *root)
    {
        return Some(format!("{root}, the project's own ({})", found.evidence));
    }
    match search_path.iter().position(|it| it.path == *root) {
        Some(at) => {
            let reason = search_path.get(at).map(|it| it.evidence.to_string()).unwrap_or_default();
            Some(format!("{root}, {} of {} ({reason})", at + 1, search_path.len()))
        }
        None => Some(match answer.by_run {
            Some(ByRun::Pytest) => format!("{root}, which pytest puts on the path"),
            Some(ByRun::Started(Program { tool: Some(tool), .. })) => format!("{root}, where {tool} is started"),
            Some(ByRun::Started(program)) => format!("{root}, the folder of {}", program.file),
            Some(ByRun::Around) => format!("{root}, a folder around the file"),
            _ if resolution.origin == Some(Origin::Project) => format!("{root}, the folder of the file itself"),
            _ => root.to_string(),
        }),
    }
}

fn elsewhere_in_words(elsewhere: &Elsewhere) -> String {
    let place = match elsewhere.place {
        Place::OperatingSystem => "the operating system's packages",
        Place::Base => "the base Python",
        Place::UserSite => "the user site",
        Place::SiblingEnvironment => "another environment",
    };
    let package = elsewhere.os_package.as_ref().map(|it| format!(", {}", package_in_words(it))).unwrap_or_default();
    format!("{} ({place} of {}{package})", elsewhere.path, elsewhere.environment)
}

fn package_in_words(package: &OsPackage) -> String {
    format!("{} {}", package.name, package.version)
}
