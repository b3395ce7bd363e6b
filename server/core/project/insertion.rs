//! Where a string can be added to a TOML array so that the file keeps its author's hand.
//!
//! In: a document that was read. Out: a [`DependencyInsertion`]: the range to replace, and what goes before and after the string.
//!
//! **Invariant:** nothing but the range changes, comments stay with their line, and a broken file gets no insertion.

use camino::Utf8Path;

use super::{DependencyInsertion, Form};
use crate::diagnostic::List;
use crate::document::{Document, Node};
use crate::text::{Span, Text};

/// Returns where one more dependency goes: into `[project] dependencies`, which is made where it is missing, or into
/// Poetry's table.
pub(super) fn into_dependencies(document: &Document) -> Option<DependencyInsertion> {
    match document.at(&["project", "dependencies"]) {
        Some(list) => into_array(document, list),
        None if super::pyproject::is_dynamic(document) || document.at(&["project"]).is_none() => {
            into_table(document, &["tool", "poetry", "dependencies"])
        }
        None => into_project(document),
    }
}

/// A list behind what a project says of itself; before every table of `[project]`.
fn into_project(document: &Document) -> Option<DependencyInsertion> {
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
pub(super) fn into_table(document: &Document, keys: &[&str]) -> Option<DependencyInsertion> {
    let table = document.entry(keys).filter(|_| !document.broken)?;
    let line_of = |offset: u32| document.text.point(offset).line;
    let is_header = |line: u32| document.text.line(line).trim_start().starts_with('[');
    let header = line_of(table.key_span.start);
    let mut entries = table.node.table()?.iter().filter(|entry| !is_header(line_of(entry.key_span.start)));
    let last = entries.next_back().map(|entry| line_of(entry.node.span.end));
    if !is_header(header) {
        return None;
    }
    let end = document.text.line_span(last.unwrap_or(header)).end;
    let found = at(document, Span::new(end, end), newline(document).to_owned(), String::new());
    Some(DependencyInsertion { form: Form::Constraint, ..found })
}

/// Returns where one more line goes into a requirements file: to its end.
pub(super) fn into_lines(path: &Utf8Path, source: String) -> Option<DependencyInsertion> {
    let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
    if source.trim_end().ends_with('\\') {
        return None;
    }
    let gap = if source.is_empty() || source.ends_with('\n') { "" } else { newline };
    let end = u32::try_from(source.len()).ok()?;
    let range = Text::new(source).range(Span::new(end, end));
    let (path, prefix, suffix) = (path.to_owned(), gap.to_owned(), newline.to_owned());
    Some(DependencyInsertion {
        list: List::Dependencies,
        path,
        range,
        prefix,
        suffix,
        form: Form::Line,
        creates: false,
    })
}

/// Returns where one more module goes into `allow` of `[tool.fromwhere]`; what is missing of it is made.
pub(super) fn into_allow(document: &Document) -> Option<DependencyInsertion> {
    match document.at(&["tool", "fromwhere", "allow"]) {
        Some(allow) => into_array(document, allow),
        None => into_settings(document, "allow = [", "]"),
    }
}

/// Returns where one more module goes into `allow` at the top of a `fromwhere.toml`.
pub(super) fn into_allow_of_own_file(document: &Document) -> Option<DependencyInsertion> {
    match document.at(&["allow"]) {
        Some(allow) => into_array(document, allow),
        None => at_top(document, "allow = [", "]"),
    }
}

/// Returns where the Python goes into `[tool.fromwhere]`, in the place of the one that is there.
pub(super) fn into_python(document: &Document) -> Option<DependencyInsertion> {
    match document.at(&["tool", "fromwhere", "python"]) {
        Some(python) => in_place_of(document, python),
        None => into_settings(document, "python = ", ""),
    }
}

/// Returns where the Python goes at the top of a `fromwhere.toml`.
pub(super) fn into_python_of_own_file(document: &Document) -> Option<DependencyInsertion> {
    match document.at(&["python"]) {
        Some(python) => in_place_of(document, python),
        None => at_top(document, "python = ", ""),
    }
}

fn in_place_of(document: &Document, node: &Node) -> Option<DependencyInsertion> {
    node.text().filter(|_| !document.broken)?;
    Some(at(document, node.span, String::new(), String::new()))
}

/// Before everything, as after the first `[table]` a key belongs to that table.
fn at_top(document: &Document, before: &str, behind: &str) -> Option<DependencyInsertion> {
    let suffix = format!("{behind}{}", newline(document));
    (!document.broken).then(|| at(document, Span::new(0, 0), before.to_owned(), suffix))
}

/// A key of `[tool.fromwhere]` that is not there; the table is made where it is missing.
fn into_settings(document: &Document, before: &str, behind: &str) -> Option<DependencyInsertion> {
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
pub(super) fn into_array(document: &Document, node: &Node) -> Option<DependencyInsertion> {
    let array = node.array().filter(|_| !document.broken)?;
    let source = document.text.source();
    let (open, close) = (node.span.start + 1, node.span.end.checked_sub(1)?);
    let newline = newline(document);
    let Some(last) = array.last() else {
        let inside = source.get(open as usize..close as usize)?;
        return Some(if inside.contains('\n') {
            at(document, Span::new(open, open), format!("{newline}    "), ",".to_owned())
        } else {
            at(document, Span::new(open, close), String::new(), String::new())
        });
    };
    let start_line = document.text.point(last.span.start).line;
    let line_start = document.text.line_span(start_line).start;
    let before = source.get(line_start as usize..last.span.start as usize)?;
    let indentation = before.trim().is_empty().then_some(before);
    let comma = find_comma(source, last.span.end, close);
    let end = comma.map_or(last.span.end, |comma| comma + 1);
    let Some(indentation) = indentation else {
        return Some(match comma {
            None => at(document, Span::new(end, end), ", ".to_owned(), String::new()),
            Some(_) => at(document, Span::new(end, end), " ".to_owned(), ",".to_owned()),
        });
    };
    // A comment behind the last string stays on its line; where the bracket follows, there is none.
    let line_end = document.text.line_span(document.text.point(end).line).end;
    let line_end = if close <= line_end { end } else { line_end };
    let tail = source.get(end as usize..line_end as usize)?;
    Some(match comma {
        None => at(document, Span::new(end, line_end), format!(",{tail}{newline}{indentation}"), String::new()),
        Some(_) => at(document, Span::new(line_end, line_end), format!("{newline}{indentation}"), ",".to_owned()),
    })
}

/// Finds the comma after the last string of an array; comments are skipped.
fn find_comma(source: &str, from: u32, close: u32) -> Option<u32> {
    let mut in_comment = false;
    let rest = source.get(from as usize..close as usize)?;
    for (offset, character) in rest.char_indices() {
        match character {
            '\n' => in_comment = false,
            '#' => in_comment = true,
            ',' if !in_comment => return Some(from + u32::try_from(offset).ok()?),
            _ => {}
        }
    }
    None
}

/// Tells whether a table was opened by a header such as `[tool.x]`, so that another header may add to it.
fn has_header(document: &Document, key: &str) -> bool {
    document.entry(&[key]).is_some_and(|entry| {
        let line = document.text.point(entry.key_span.start).line;
        document.text.line(line).trim_start().starts_with('[')
    })
}

fn at(document: &Document, span: Span, prefix: String, suffix: String) -> DependencyInsertion {
    let (path, range) = (document.path.clone(), document.range(span));
    DependencyInsertion { list: List::Dependencies, path, range, prefix, suffix, form: Form::Quoted, creates: false }
}

fn newline(document: &Document) -> &'static str {
    if document.text.source().contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Change, EditorPosition, Encoding, Text};

    fn apply(source: &str, find: fn(&Document) -> Option<DependencyInsertion>) -> Option<String> {
        let (document, _) = Document::parse("/p/pyproject.toml".into(), source.to_owned());
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
        let lines = |source: &str| into_lines("/p/requirements.txt".into(), source.to_owned()).map(|it| it.text("new"));
        assert_eq!(lines("a\n").as_deref(), Some("new\n"));
        assert_eq!(lines("a\r\nb").as_deref(), Some("\r\nnew\r\n"));
        assert_eq!(lines("a \\"), None);
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
            assert_eq!(apply(before, into_allow).as_deref(), Some(expected), "{before}");
        }
        for closed in
            ["tool = { x = 1 }\n", "[tool]\nfromwhere = { python = \"a\" }\n", "[tool]\nfromwhere.python = \"a\"\n"]
        {
            assert_eq!(apply(closed, into_allow), None, "{closed}");
        }
        assert_eq!(
            apply("[severity]\nenv-none = \"off\"\n", into_allow_of_own_file).as_deref(),
            Some("allow = [\"new\"]\n[severity]\nenv-none = \"off\"\n")
        );
    }
}
