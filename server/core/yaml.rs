//! A YAML file whose every value knows where it stands.
//!
//! In: a text. Out: a tree of [`Node`]s with spans, and a [`Problem`] where the text is no YAML.
//!
//! **Invariant:** what stands before an error is kept; depth and number are bounded, and an alias is never expanded.
//! This is the only file that names the YAML parser's types.

use camino::Utf8Path;
use saphyr_parser::{Event, Marker, Parser};

use crate::origin::Problem;
use crate::text::{Span, Text};

/// Values nested deeper than this end the reading: no file here needs more than five levels.
const DEEPEST: usize = 32;

/// A file with more values than this is read up to there.
const MOST_VALUES: usize = 16_384;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Every scalar: a number is a text here.
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; a key that is no scalar is left out.
    Table(Vec<(Node, Node)>),
    /// An alias of something above.
    Alias,
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(crate) fn list(&self) -> &[Node] {
        if let Value::List(list) = &self.value { list } else { &[] }
    }

    /// Returns the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// Returns a key of the table, as it is written.
    pub(crate) fn key(&self, key: &str) -> Option<&Node> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().map(|(name, _)| name).find(|name| name.text() == Some(key))
    }
}

/// Reads the first document of a text.
pub(crate) fn parse(path: &Utf8Path, text: &Text) -> (Option<Node>, Option<Problem>) {
    let mut open: Vec<Open> = Vec::new();
    let mut count = 0;
    for event in Parser::new_from_str(text.source()) {
        let (event, place) = match event {
            Ok(found) => found,
            Err(error) => {
                let line = u32::try_from(error.marker().line()).ok();
                let message = format!("not valid YAML: {}", error.info());
                let problem = Problem { path: path.to_owned(), line, message };
                return (close_all(open), Some(problem));
            }
        };
        let start = offset(text, &place.start);
        let span = Span::new(start, offset(text, &place.end).max(start));
        let node = match event {
            Event::Scalar(value, ..) => Node { value: Value::Text(value.into_owned()), span },
            Event::Alias(_) => Node { value: Value::Alias, span },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let is_table = matches!(event, Event::MappingStart(..));
                open.push(Open { is_table, nodes: Vec::new(), span });
                if open.len() > DEEPEST {
                    let line = u32::try_from(place.start.line()).ok();
                    let problem = Problem { path: path.to_owned(), line, message: "nested too deep".to_owned() };
                    return (close_all(open), Some(problem));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(done) => done.close(),
                None => continue,
            },
            Event::DocumentEnd | Event::StreamEnd => return (None, None),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        count += 1;
        match open.last_mut() {
            None => return (Some(node), None),
            Some(_) if count > MOST_VALUES => return (close_all(open), None),
            Some(around) => around.nodes.push(node),
        }
    }
    (close_all(open), None)
}

/// A list or a table whose end has not come yet.
struct Open {
    is_table: bool,
    /// Of a table: keys and values in turns.
    nodes: Vec<Node>,
    span: Span,
}

impl Open {
    fn close(self) -> Node {
        let end = self.nodes.last().map_or(self.span.end, |last| last.span.end);
        let span = Span::new(self.span.start, end.max(self.span.start));
        if !self.is_table {
            return Node { value: Value::List(self.nodes), span };
        }
        let mut entries = Vec::new();
        let mut nodes = self.nodes.into_iter();
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            if key.text().is_some() {
                entries.push((key, value));
            }
        }
        Node { value: Value::Table(entries), span }
    }
}

fn close_all(mut open: Vec<Open>) -> Option<Node> {
    let mut inner = open.pop()?.close();
    while let Some(mut around) = open.pop() {
        around.nodes.push(inner);
        inner = around.close();
    }
    Some(inner)
}

/// The parser counts lines from 1 and columns in characters from 0.
fn offset(text: &Text, marker: &Marker) -> u32 {
    let line = u32::try_from(marker.line()).unwrap_or(u32::MAX).saturating_sub(1);
    let content = text.line(line);
    let column = content.char_indices().nth(marker.col()).map_or(content.len(), |(at, _)| at);
    text.line_span(line).start + u32::try_from(column).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (Option<Node>, Option<Problem>) {
        parse("/p/environment.yml".into(), &Text::new(source.to_owned()))
    }

    #[test]
    fn values_know_their_place() {
        let source = "# é\nname: x\ndependencies:\n  - \"é\"\n  - pip:\n      - a>1 # why\n";
        let (node, problem) = read(source);
        assert_eq!(problem, None);
        let list = node.as_ref().unwrap().get("dependencies").unwrap().list();
        let shown = |node: &Node| source[node.span.start as usize..node.span.end as usize].to_owned();
        assert_eq!((shown(&list[0]), list[0].text()), ("\"é\"".to_owned(), Some("é")));
        assert_eq!(shown(&list[1].get("pip").unwrap().list()[0]), "a>1");
    }

    #[test]
    fn what_stands_before_an_error_is_kept() {
        let (node, problem) = read("name: x\nlist:\n  - a\n  - [b\nrest: }\n");
        assert!(problem.unwrap().message.starts_with("not valid YAML: "));
        let node = node.unwrap();
        assert_eq!(node.get("name").and_then(Node::text), Some("x"));
        for source in
            ["", "\u{feff}", "- - -", "{", "a: &b [*b, *b]\n", "\t", "%", "? [a]\n: b\n", "--- |\n x\n--- y\n"]
        {
            read(source);
        }
    }

    #[test]
    fn nothing_grows_without_bound() {
        assert_eq!(read(&"- ".repeat(100)).1.unwrap().message, "nested too deep");
        assert!(read(&"[".repeat(100_000)).1.is_some() && read(&"- ".repeat(100_000)).1.is_some());
        let (node, _) = read(&"- a\n".repeat(100_000));
        assert!(node.unwrap().list().len() <= MOST_VALUES);
    }
}
