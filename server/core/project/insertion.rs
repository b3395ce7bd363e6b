//! Where a string can be added to a TOML array so that the file keeps its author's hand.
//!
//! In: a document that was read. Out: a [`DependencyInsertion`]: the range to replace, and what goes before and after the string.
//!
//! **Invariant:** nothing but the range changes, comments stay with their line, and a broken file gets no insertion.

use super::DependencyInsertion;
use crate::document::{Document, Node};
use crate::text::Span;

/// Returns where one more string goes into `[project] dependencies`.
pub(super) fn into_dependencies(document: &Document) -> Option<DependencyInsertion> {
    into_array(document, document.at(&["project", "dependencies"])?)
}

/// Returns where one more module goes into `allow` of `[tool.fromwhere]`; what is missing of it is made.
pub(super) fn into_allow(document: &Document) -> Option<DependencyInsertion> {
    if document.broken {
        return None;
    }
    if let Some(allow) = document.at(&["tool", "fromwhere", "allow"]) {
        return into_array(document, allow);
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
            return Some(at(document, Span::new(end, end), format!("{newline}allow = ["), "]".to_owned()));
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
    let prefix = format!("{gap}[tool.fromwhere]{newline}allow = [");
    Some(at(document, Span::new(end, end), prefix, format!("]{newline}")))
}

/// Returns where one more module goes into `allow` at the top of a `fromwhere.toml`.
pub(super) fn into_allow_of_own_file(document: &Document) -> Option<DependencyInsertion> {
    if document.broken {
        return None;
    }
    if let Some(allow) = document.at(&["allow"]) {
        return into_array(document, allow);
    }
    // Before everything, as after the first `[table]` a key belongs to that table.
    Some(at(document, Span::new(0, 0), "allow = [".to_owned(), format!("]{}", newline(document))))
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
    DependencyInsertion { path: document.path.clone(), range: document.range(span), prefix, suffix }
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
        let replacement = format!("{}\"new\"{}", insertion.prefix, insertion.suffix);
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
        assert_eq!(apply("[project]\nname = \"x\"\n", into_dependencies), None);
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
