//! conda's `environment.yml`, and what pip is to install in it.
//!
//! In: the file. Out: its name and what it asks for.
//!
//! **Invariant:** what conda installs and what pip installs are told apart: they have names of their own.

use camino::Utf8Path;

use super::constraint;
use super::declared::{Condition, Declared, Part, Source};
use super::insertion::{self, Form, Insertion};
use super::requirement::normalize_name;
use crate::origin::Problem;
use crate::text::{Span, Text};
use crate::yaml::{self, Node, Value};

/// What an `environment.yml` says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) name: Option<String>,
    /// What conda installs, Python itself left out.
    pub(super) of_conda: Vec<Declared>,
    /// What pip installs.
    pub(super) of_pip: Vec<Declared>,
    /// Requirement files that pip is to read (`-r FILE`).
    pub(super) files: Vec<String>,
}

pub(super) fn read(path: &Utf8Path, source: String, problems: &mut Vec<Problem>) -> Read {
    let text = Text::new(source);
    let (node, problem) = yaml::parse(path, &text);
    problems.extend(problem);
    let Some(top) = node else { return Read::default() };
    let mut read = Read { name: top.get("name").and_then(Node::text).map(str::to_owned), ..Read::default() };
    for node in top.get("dependencies").map_or(&[][..], Node::list) {
        let range = text.range(node.span);
        if let Some((name, versions)) = node.text().and_then(constraint::of_conda)
            && !matches!(name, "python" | "pip")
        {
            read.of_conda.push(Declared {
                name: normalize_name(name),
                extras: Vec::new(),
                requirement: node.text().unwrap_or_default().trim().to_owned(),
                path: path.to_owned(),
                range,
                part: Part::Main,
                condition: Condition::Always,
                source: Source::Index,
                versions,
            });
        }
        for requirement in node.get("pip").map_or(&[][..], Node::list) {
            let Some(line) = requirement.text().map(str::trim) else { continue };
            if let Some(file) = line.strip_prefix("-r ") {
                read.files.push(file.trim().to_owned());
            }
            let line = line.strip_prefix("-e ").unwrap_or(line);
            read.of_pip.extend(Declared::read(line, path, text.range(requirement.span), Part::Main));
        }
    }
    read
}

/// Returns where one more item goes: to what pip installs, where that has a list, else to what conda does; the list is made
/// where it is missing.
pub(super) fn insertion(path: &Utf8Path, source: String) -> Option<Insertion> {
    let text = Text::new(source);
    let (Some(top), None) = yaml::parse(path, &text) else { return None };
    let Some(list) = top.get("dependencies") else { return new_list(path, &text, &top) };
    let items = list.list();
    let of_pip = items.iter().find_map(|it| it.get("pip"));
    if let Some(list) = of_pip.filter(|it| !it.list().is_empty()) {
        return into_list(path, &text, list, list.list().last()?, Form::Line);
    }
    match items.iter().rfind(|it| it.text().is_some()) {
        Some(last) => into_list(path, &text, list, last, Form::OfConda),
        None if items.is_empty() => first_item(path, &text, &top, list),
        None => None,
    }
}

/// Returns the line of `dependencies`, from 1.
pub(super) fn line_of_list(path: &Utf8Path, source: String) -> Option<u32> {
    let text = Text::new(source);
    let key = yaml::parse(path, &text).0?.key("dependencies")?.span;
    Some(text.point(key.start).line + 1)
}

/// A list of its own below all that the file says, where that is a table with a line for each key.
fn new_list(path: &Utf8Path, text: &Text, top: &Node) -> Option<Insertion> {
    let Value::Table(entries) = &top.value else { return None };
    let starts_line = |node: &Node| text.point(node.span.start).utf8 == 0;
    let (_, last) = entries.last().filter(|_| entries.iter().all(|(key, _)| starts_line(key)))?;
    let is_plain = |node: &Node| match &node.value {
        Value::Text(_) => text.point(node.span.start).line == text.point(node.span.end).line && !is_null(node),
        _ => false,
    };
    let end = match &last.value {
        Value::List(items) if items.last().is_some_and(is_plain) && !is_between_brackets(text, last) => items.last()?,
        _ if is_plain(last) => last,
        _ => return None,
    };
    let line = text.point(end.span.end).line;
    Some(insertion::below(path, text, line, "dependencies:\n  - ", Form::OfConda))
}

/// The first item of a list that is `[]`, or of a key with nothing behind it.
fn first_item(path: &Utf8Path, text: &Text, top: &Node, list: &Node) -> Option<Insertion> {
    let line = text.point(top.key("dependencies")?.span.end).line;
    let (_, behind) = text.line(line).split_once(':')?;
    let said = behind.split(" #").next().unwrap_or_default().trim();
    let below = |beginning| insertion::below(path, text, line, beginning, Form::OfConda);
    match said {
        "" if is_null(list) => Some(below("  - ")),
        "[]" if list.text().is_none() => {
            let at = list.span.start + 1;
            Some(Insertion { range: text.range(Span::new(at, at)), prefix: String::new(), ..below("") })
        }
        _ => None,
    }
}

fn is_null(node: &Node) -> bool {
    node.text().is_some_and(|it| it.is_empty() || it == "~")
}

fn is_between_brackets(text: &Text, list: &Node) -> bool {
    text.source().get(list.span.start as usize..).is_some_and(|it| it.starts_with('['))
}

/// An item below another one, or behind it where the list stands between brackets.
fn into_list(path: &Utf8Path, text: &Text, list: &Node, last: &Node, form: Form) -> Option<Insertion> {
    last.text()?;
    // What an alias stands for is written elsewhere.
    let before = list.list().iter().filter(|it| it.text().is_some()).map(|it| it.span.start);
    if before.chain([list.span.start]).any(|start| start > last.span.start) {
        return None;
    }
    let line = text.point(last.span.start).line;
    if is_between_brackets(text, list) {
        let range = text.range(Span::new(last.span.end, last.span.end));
        return Some(Insertion { range, prefix: ", ".to_owned(), ..insertion::below(path, text, line, "", form) });
    }
    let before = text.source().get(text.line_span(line).start as usize..last.span.start as usize)?;
    let is_item = before.trim() == "-" && text.point(last.span.end).line == line;
    is_item.then(|| insertion::below(path, text, line, before, form))
}
