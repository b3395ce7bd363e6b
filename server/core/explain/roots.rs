//! The document "Show Import Roots".
//!
//! In: a [`Situation`], what lies in each root, what one file imports. Out: Markdown: the environment, its roots in order,
//! the file's imports by root.
//!
//! **Invariant:** the numbers are those of `sys.path`, as hover, `why` and `env` say them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::document::{Table, code, document};
use super::{Short, environment};
use crate::answer::Answers;
use crate::check::subject_names;
use crate::imports::Imports;
use crate::origin::ImportRoot;
use crate::resolve::ModuleKind;
use crate::situation::Situation;

/// The file that the document is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    pub path: &'a Utf8Path,
    pub imports: &'a Imports,
    pub answers: &'a Answers,
}

/// Writes the document, in Markdown. `packages` counts the distributions in each root.
pub fn page(situation: &Situation, packages: &BTreeMap<Utf8PathBuf, usize>, importer: Option<Importer<'_>>) -> String {
    let short = Short::new(&situation.project.root, None);
    let name = situation.project.root.file_name().unwrap_or(situation.project.root.as_str());
    let title = format!("Import roots of {}", code(name));
    let headline = environment::headline(situation, &short);
    let mut page = document(&title, &headline, &environment::rows(situation, &short, false));
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    let own = &situation.project.roots;
    if !own.is_empty() || !search_path.is_empty() {
        let mut table = Table::new(["", "Import root", "Whose", "Why it is there"]);
        let own = own.iter().map(|root| ("·".to_owned(), root));
        for (number, root) in own.chain(search_path.iter().zip(1..).map(|(root, at)| (format!("{at}"), root))) {
            table.row([number, code(&short.path(&root.path)), whose(root, packages), why(root, &short)]);
        }
        page.push_str("\n## The first that has a module answers\n\n");
        page.push_str(&table.to_string());
    }
    if let Some(importer) = importer {
        page.push_str(&imports(situation, importer, &short));
    }
    page
}

fn whose(root: &ImportRoot, packages: &BTreeMap<Utf8PathBuf, usize>) -> String {
    match packages.get(&root.path).filter(|_| root.origin.is_site_directory()) {
        Some(1) => format!("{}, 1 package", root.origin),
        Some(count) => format!("{}, {count} packages", root.origin),
        None => root.origin.to_string(),
    }
}

/// Says in brackets what is worth knowing of the folder itself; a blank comes first, nothing where there is nothing to say.
pub fn remark(root: &ImportRoot) -> String {
    match root.same_as {
        _ if !root.exists => " (missing)".to_owned(),
        Some(number) => format!(" (the same folder as {number})"),
        None => String::new(),
    }
}

fn why(root: &ImportRoot, short: &Short) -> String {
    let remark = remark(root);
    let reason = short.evidence(&root.evidence);
    match &root.evidence {
        crate::origin::Evidence::Line { .. } => format!("{}{remark}", code(&reason)),
        _ => format!("{reason}{remark}"),
    }
}

/// Lists what the file imports under the root that answers, in the order of the roots.
fn imports(situation: &Situation, importer: Importer<'_>, short: &Short) -> String {
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    let mut groups: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    for name in subject_names(importer.imports, importer.answers) {
        let Some(answer) = importer.answers.get(&name) else { continue };
        let resolution = &answer.resolution;
        let group = match (resolution.kind, &resolution.root) {
            (ModuleKind::Unresolved, _) => (usize::MAX, "not found".to_owned()),
            (ModuleKind::BuiltIn | ModuleKind::Frozen, _) => (1, "in the interpreter itself".to_owned()),
            (_, None) => (usize::MAX - 1, "in several folders".to_owned()),
            (_, Some(root)) => match search_path.iter().position(|it| it.path == *root) {
                Some(at) => (at + 2, format!("{} {}", at + 1, code(&short.path(root)))),
                None => (0, code(&short.path(root))),
            },
        };
        groups.entry(group).or_default().push(code(&name));
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## What {} imports\n\n", code(&short.path(importer.path)));
    for ((_, place), names) in groups {
        let _ = writeln!(text, "- {place}: {}", names.join(", "));
    }
    text
}
