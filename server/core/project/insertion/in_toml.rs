//! Where a string is added to a TOML file: to an array, a table, the settings.
//!
//! In: a document that was read. Out: an [`Insertion`].
//!
//! **Invariant:** a table that cannot be opened a second time is left alone, and so is a broken file.

use super::{Form, Insertion, Written};
use crate::diagnostic::List;
use crate::document::{Document, Node};
use crate::project::pyproject;
use crate::settings::is_pyproject;
use crate::text::Span;

/// Returns where one more dependency goes: into `[project] dependencies`, which is made where it is missing, or into
/// Poetry's table.
pub(in crate::project) fn into_dependencies(document: &Document) -> Option<Insertion> {
    match document.at(&["project", "dependencies"]) {
        Some(list) => into_array(document, list),
        None if pyproject::is_dynamic(document) || document.at(&["project"]).is_none() => {
            into_table(document, &["tool", "poetry", "dependencies"])
        }
        None => into_project(document),
    }
}

/// A list behind what a project says of itself; before every table of `[project]`.
fn into_project(document: &Document) -> Option<Insertion> {
    if document.broken || !has_header(document, "project") {
        return None;
    }
    let last = ["requires-python", "version", "name"].iter().find_map(|key| document.entry(&["project", key]))?;
    let line = document.text.line(document.text.point(last.key_span.start).line).trim_start();
    // Not where all of it is one line, or dotted.
    if !line.starts_with(last.key.as_str()) {
        return None;
    }
    let end = document.text.line_span(document.text.point(last.node.span.end).line).end;
    let prefix = format!("{}dependencies = [", newline(document));
    Some(at(document, Span::new(end, end), prefix, "]".to_owned()))
}

/// Returns where one more `name = "*"` goes into a table that has a header of its own.
pub(in crate::project) fn into_table(document: &Document, keys: &[&str]) -> Option<Insertion> {
    let table = document.entry(keys).filter(|_| !document.broken)?;
    let line_of = |offset: u32| document.text.point(offset).line;
    let is_header = |line: u32| begins_with_bracket(document, line);
    let header = line_of(table.key_span.start);
    let mut entries = table.node.table()?.iter().filter(|entry| !is_header(line_of(entry.key_span.start)));
    let last = entries.next_back().map(|entry| line_of(entry.node.span.end));
    if !is_header(header) {
        return None;
    }
    let end = document.text.line_span(last.unwrap_or(header)).end;
    let found = at(document, Span::new(end, end), newline(document).to_owned(), String::new());
    Some(Insertion { form: Form::Constraint, ..found })
}

/// Returns where a value goes in a file that the settings come from: a string more in a list, or a string in the place of the
/// one that is there; the key and its table are made where they are missing.
pub(crate) fn into_settings(document: &Document, list: List) -> Option<Insertion> {
    let keys = keys_of(document, list)?;
    let key = keys.last()?;
    let is_list = list == List::Allow;
    let (before, behind) = if is_list { (format!("{key} = ["), "]") } else { (format!("{key} = "), "") };
    let found = match document.at(&keys) {
        Some(node) if is_list => into_array(document, node),
        Some(node) => in_place_of(document, node),
        None if keys.len() == 1 => at_top(document, before, behind),
        None => into_table_of_settings(document, &before, behind),
    };
    found.map(|it| Insertion { list, ..it })
}

/// Tells whether the settings say that already.
pub(in crate::project) fn has_setting(document: &Document, list: List, name: &str) -> bool {
    keys_of(document, list).is_some_and(|keys| document.texts_at(&keys).iter().any(|(it, _)| *it == name))
}

/// The settings have a table in `pyproject.toml`, and a file of their own to themselves.
fn keys_of(document: &Document, list: List) -> Option<Vec<&'static str>> {
    let key = match list {
        List::Allow => "allow",
        List::Python => "python",
        List::Dependencies => return None,
    };
    let table: &[&str] = if is_pyproject(&document.path) { &["tool", "fromwhere"] } else { &[] };
    Some([table, &[key]].concat())
}

fn in_place_of(document: &Document, node: &Node) -> Option<Insertion> {
    node.text().filter(|_| !document.broken)?;
    Some(at(document, node.span, String::new(), String::new()))
}

/// Before everything, as after the first `[table]` a key belongs to that table.
fn at_top(document: &Document, before: String, behind: &str) -> Option<Insertion> {
    let suffix = format!("{behind}{}", newline(document));
    (!document.broken).then(|| at(document, Span::new(0, 0), before, suffix))
}

/// A key of `[tool.fromwhere]` that is not there; the table is made where it is missing.
fn into_table_of_settings(document: &Document, before: &str, behind: &str) -> Option<Insertion> {
    if document.broken {
        return None;
    }
    let newline = newline(document);
    if let Some(entry) = document.entry(&["tool", "fromwhere"]) {
        let line = document.text.point(entry.key_span.start).line;
        let header = document.text.line(line).trim_start();
        if !header.starts_with('[') {
            // An inline table, or dotted keys: they cannot be opened a second time.
            return None;
        }
        let names_the_table = header.trim_start_matches(['[', ' ', '\t']).split(']').next();
        let is_own_header =
            names_the_table.is_some_and(|it| it.replace([' ', '\t', '"', '\''], "") == "tool.fromwhere");
        if is_own_header {
            let end = document.text.line_span(line).end;
            return Some(at(document, Span::new(end, end), format!("{newline}{before}"), behind.to_owned()));
        }
        // `[tool.fromwhere.severity]` alone: TOML lets the table above it follow.
    } else if document.at(&["tool"]).is_some() && !has_header(document, "tool") {
        return None;
    }
    let source = document.text.source();
    let end = u32::try_from(source.len()).ok()?;
    let gap = match source {
        "" => String::new(),
        _ if source.ends_with('\n') => newline.to_owned(),
        _ => newline.repeat(2),
    };
    let prefix = format!("{gap}[tool.fromwhere]{newline}{before}");
    Some(at(document, Span::new(end, end), prefix, format!("{behind}{newline}")))
}

/// Returns where one more string goes into an array.
pub(crate) fn into_array(document: &Document, node: &Node) -> Option<Insertion> {
    let array = node.array().filter(|_| !document.broken)?;
    let list = Written { whole: node.span, last: array.last().map(|it| it.span), form: Form::Quoted };
    list.insertion(&document.path, &document.text)
}

/// Tells whether a table was opened by a header such as `[tool.x]`, so that another header may add to it.
fn has_header(document: &Document, key: &str) -> bool {
    document
        .entry(&[key])
        .is_some_and(|entry| begins_with_bracket(document, document.text.point(entry.key_span.start).line))
}

/// The first line may begin with a byte order mark.
fn begins_with_bracket(document: &Document, line: u32) -> bool {
    document.text.line(line).trim_start_matches('\u{feff}').trim_start().starts_with('[')
}

fn at(document: &Document, span: Span, prefix: String, suffix: String) -> Insertion {
    let (path, range) = (document.path.clone(), document.range(span));
    Insertion { list: List::Dependencies, path, range, prefix, suffix, form: Form::Quoted, creates: false }
}

fn newline(document: &Document) -> &'static str {
    super::newline(document.text.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Change, EditorPosition, Encoding, Text};

    fn apply(source: &str, find: fn(&Document) -> Option<Insertion>) -> Option<String> {
        apply_to("/p/pyproject.toml", source, find)
    }

    fn apply_to(path: &str, source: &str, find: fn(&Document) -> Option<Insertion>) -> Option<String> {
        let (document, _) = Document::parse(path.into(), source.to_owned());
        let insertion = find(&document)?;
        let mut text = Text::new(source.to_owned());
        let place = |point: crate::text::Point| EditorPosition { line: point.line, character: point.utf8 };
        let range = Some((place(insertion.range.start), place(insertion.range.end)));
        let replacement = insertion.text("new");
        text.apply(&Change { range, text: replacement }, Encoding::Utf8);
        let (after, problem) = Document::parse("/p/pyproject.toml".into(), text.source().to_owned());
        assert_eq!(problem, None, "{}", after.text.source());
        Some(text.source().to_owned())
    }

    #[test]
    fn a_dependency_is_added_in_the_style_of_the_list() {
        for (before, expected) in [
            ("[]", "[\"new\"]"),
            ("[ ]", "[\"new\"]"),
            ("[\n]", "[\n    \"new\",\n]"),
            ("[\n  # none yet\n]", "[\n    \"new\",\n  # none yet\n]"),
            ("[\"a\"]", "[\"a\", \"new\"]"),
            ("[\"a\", ]", "[\"a\", \"new\", ]"),
            ("[\"a\",\"b\",]", "[\"a\",\"b\", \"new\",]"),
            ("[\n  \"a\",\n  \"b\",\n]", "[\n  \"a\",\n  \"b\",\n  \"new\",\n]"),
            ("[\n\t\"a\"\n]", "[\n\t\"a\",\n\t\"new\"\n]"),
            ("[\n  \"a\", # why, indeed\n]", "[\n  \"a\", # why, indeed\n  \"new\",\n]"),
            ("[\n  \"a\" # why, indeed\n]", "[\n  \"a\", # why, indeed\n  \"new\"\n]"),
            ("[\n  \"a\",\n  # \"off\",\n]", "[\n  \"a\",\n  \"new\",\n  # \"off\",\n]"),
            ("[\n  \"a\",\n  \"b\"]", "[\n  \"a\",\n  \"b\",\n  \"new\"]"),
            ("[\n  \"a\",\n  \"b\",]", "[\n  \"a\",\n  \"b\",\n  \"new\",]"),
            ("[\r\n  \"é\",\r\n]", "[\r\n  \"é\",\r\n  \"new\",\r\n]"),
            ("[\n  \"a\"\n  , # odd\n]", "[\n  \"a\"\n  , # odd\n  \"new\",\n]"),
        ] {
            let source = format!("[project]\ndependencies = {before} # list\nname = \"x\"\n");
            let expected = format!("[project]\ndependencies = {expected} # list\nname = \"x\"\n");
            assert_eq!(apply(&source, into_dependencies).as_deref(), Some(expected.as_str()), "{before}");
        }
        for (before, expected) in [
            ("[project]\nname = \"x\" # who\n", Some("[project]\nname = \"x\" # who\ndependencies = [\"new\"]\n")),
            (
                "[project.urls]\na = \"b\"\n[project]\nversion = \"1\"\nname = \"x\"",
                Some("[project.urls]\na = \"b\"\n[project]\nversion = \"1\"\ndependencies = [\"new\"]\nname = \"x\""),
            ),
            ("\u{feff}[project]\nname = \"x\"\n", Some("\u{feff}[project]\nname = \"x\"\ndependencies = [\"new\"]\n")),
            ("project = { name = \"x\" }\n", None),
            ("project.name = \"x\"\n", None),
            ("[project]\nname = \"x\"\ndynamic = [\"dependencies\"]\n", None),
            (
                "[tool.poetry.dependencies]\npython = \"^3\" # old\n\n[tool.poetry.dependencies.a]\nversion = \"1\"\n",
                Some(
                    "[tool.poetry.dependencies]\npython = \"^3\" # old\nnew = \"*\"\n\n[tool.poetry.dependencies.a]\nversion = \"1\"\n",
                ),
            ),
            ("[tool.poetry.dependencies]\n", Some("[tool.poetry.dependencies]\nnew = \"*\"\n")),
            ("[tool.poetry]\ndependencies = { a = \"1\" }\n", None),
            ("[tool.other]\na = 1\n", None),
        ] {
            assert_eq!(apply(before, into_dependencies).as_deref(), expected, "{before}");
        }
        assert_eq!(
            apply("[project]\ndependencies = []\nname =\n", into_dependencies),
            None,
            "a broken file is left alone"
        );
        assert_eq!(apply("[project]\ndependencies = \"a\"\n", into_dependencies), None);
    }

    #[test]
    fn a_module_is_allowed_whatever_is_there() {
        for (before, expected) in [
            ("", "[tool.fromwhere]\nallow = [\"new\"]\n"),
            ("[project]\nname = \"x\"\n", "[project]\nname = \"x\"\n\n[tool.fromwhere]\nallow = [\"new\"]\n"),
            ("[tool.x]\na = 1", "[tool.x]\na = 1\n\n[tool.fromwhere]\nallow = [\"new\"]\n"),
            (
                "[tool.fromwhere] # ours\npython = \"a\"\n",
                "[tool.fromwhere] # ours\nallow = [\"new\"]\npython = \"a\"\n",
            ),
            ("[tool.fromwhere]", "[tool.fromwhere]\nallow = [\"new\"]"),
            ("[tool.fromwhere]\nallow = ['gi']\n", "[tool.fromwhere]\nallow = ['gi', \"new\"]\n"),
            (
                "[tool.fromwhere.severity]\nenv-none = \"off\"\n",
                "[tool.fromwhere.severity]\nenv-none = \"off\"\n\n[tool.fromwhere]\nallow = [\"new\"]\n",
            ),
        ] {
            assert_eq!(apply(before, |it| into_settings(it, List::Allow)).as_deref(), Some(expected), "{before}");
        }
        for closed in
            ["tool = { x = 1 }\n", "[tool]\nfromwhere = { python = \"a\" }\n", "[tool]\nfromwhere.python = \"a\"\n"]
        {
            assert_eq!(apply(closed, |it| into_settings(it, List::Allow)), None, "{closed}");
        }
        assert_eq!(
            apply_to("/p/fromwhere.toml", "[severity]\nenv-none = \"off\"\n", |it| into_settings(it, List::Allow))
                .as_deref(),
            Some("allow = [\"new\"]\n[severity]\nenv-none = \"off\"\n")
        );
    }
}
