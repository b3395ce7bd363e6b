//! A YAML file whose every value knows where it stands.
//!
//! In: a text. Out: a tree of [`Node`]s with spans, and a [`Problem`] where the text is no YAML.
//!
//! **Invariant:** what stands before an error is kept; depth and number are bounded, those of what aliases stand for as well: one
//! that would go beyond is left. This is the only file that names the YAML parser's types.

use std::collections::BTreeMap;

use camino::Utf8Path;
use saphyr_parser::{Event, Marker, Parser};

use crate::origin::Problem;
use crate::text::{Span, Text};

/// Values nested deeper than this end the reading: no file here needs more than five levels.
const DEEPEST: usize = 32;

/// A file with more values than this is read up to there.
const MOST_VALUES: usize = 16_384;

/// The key whose value is taken into the table.
const MERGE: &str = "<<";

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
    /// An alias of something that is not there, or too large.
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

    /// Returns how many values there are, this one among them, and how deep they lie.
    fn extent(&self) -> (usize, usize) {
        let of_all = |nodes: &mut dyn Iterator<Item = &Node>| {
            nodes.map(Node::extent).fold((1, 0), |(size, depth), it| (size + it.0, depth.max(it.1)))
        };
        let (size, depth) = match &self.value {
            Value::Text(_) | Value::Alias => (1, 0),
            Value::List(nodes) => of_all(&mut nodes.iter()),
            Value::Table(entries) => of_all(&mut entries.iter().flat_map(|(key, value)| [key, value])),
        };
        (size, depth + 1)
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
    let mut anchors: BTreeMap<usize, Anchored> = BTreeMap::new();
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
        let (node, anchor) = match event {
            Event::Scalar(value, _, anchor, _) => (Node { value: Value::Text(value.into_owned()), span }, anchor),
            Event::Alias(anchor) => {
                let fits = |it: &&Anchored| count + it.size <= MOST_VALUES && open.len() + it.depth <= DEEPEST;
                let known = anchors.get(&anchor).filter(fits);
                count += known.map_or(0, |it| it.size);
                (known.map_or(Node { value: Value::Alias, span }, |it| it.node.clone()), 0)
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let is_table = matches!(event, Event::MappingStart(..));
                open.push(Open { is_table, nodes: Vec::new(), span, anchor });
                if open.len() > DEEPEST {
                    let line = u32::try_from(place.start.line()).ok();
                    let problem = Problem { path: path.to_owned(), line, message: "nested too deep".to_owned() };
                    return (close_all(open), Some(problem));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(done) => {
                    let anchor = done.anchor;
                    (done.close(), anchor)
                }
                None => continue,
            },
            Event::DocumentEnd | Event::StreamEnd => return (None, None),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        count += 1;
        // The parser counts anchors from 1.
        if anchor > 0 {
            let (size, depth) = node.extent();
            anchors.insert(anchor, Anchored { node: node.clone(), size, depth });
        }
        match open.last_mut() {
            None => return (Some(node), None),
            Some(_) if count > MOST_VALUES => return (close_all(open), None),
            Some(around) => around.nodes.push(node),
        }
    }
    (close_all(open), None)
}

/// What an alias may stand for.
struct Anchored {
    node: Node,
    /// How many values it has, itself among them.
    size: usize,
    /// How deep they lie.
    depth: usize,
}

/// A list or a table whose end has not come yet.
struct Open {
    is_table: bool,
    /// 0 for none.
    anchor: usize,
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
        Node { value: Value::Table(merged(entries)), span }
    }
}

/// Takes in what `<<` brings (<https://yaml.org/type/merge.html>): the table's own keys win, then the first of several tables. One
/// that is not known stays.
fn merged(entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let (brought, mut entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key.text() == Some(MERGE));
    for (key, value) in brought {
        let tables = match value.value {
            Value::Table(_) => vec![value],
            Value::List(tables) if tables.iter().all(|it| matches!(it.value, Value::Table(_))) => tables,
            _ => {
                entries.push((key, value));
                continue;
            }
        };
        for table in tables {
            if let Value::Table(more) = table.value {
                add_missing(&mut entries, more);
            }
        }
    }
    entries
}

/// Adds what has no entry of its key yet.
pub(crate) fn add_missing(entries: &mut Vec<(Node, Node)>, more: Vec<(Node, Node)>) {
    for (key, value) in more {
        if entries.iter().all(|(own, _)| own.text() != key.text()) {
            entries.push((key, value));
        }
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
    fn aliases_stand_for_what_they_name() {
        let source = "a: &a\n  x: &x one\n  y: two\nb:\n  <<: *a\n  y: own\nc: *x\nd: *gone\ne:\n  <<: [{x: 1}, *a]\n";
        let (node, _) = read(&source.replace("d: *gone\n", ""));
        let node = node.unwrap();
        let text = |table: &str, key: &str| node.get(table)?.get(key)?.text().map(str::to_owned);
        assert_eq!((text("b", "x").as_deref(), text("b", "y").as_deref()), (Some("one"), Some("own")));
        let Some(Value::Table(entries)) = node.get("b").map(|it| &it.value) else { panic!("no table") };
        assert_eq!(entries.len(), 2, "what is overridden is not there a second time");
        assert_eq!((text("e", "x").as_deref(), text("e", "y").as_deref()), (Some("1"), Some("two")));
        assert_eq!(node.get("c").and_then(Node::text), Some("one"));
        assert!(read(source).1.is_some(), "an anchor that is not there");
        // Each level names the one before ten times.
        let bomb = (1..12)
            .map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")))
            .collect::<Vec<_>>()
            .concat();
        let (node, _) = read(&format!("a0: &a0 x\n{bomb}"));
        assert!(node.unwrap().extent().0 <= 2 * MOST_VALUES);
        let chain =
            (1..500).map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1)).collect::<Vec<_>>().concat();
        assert!(read(&format!("a0: &a0 x\n{chain}")).0.unwrap().extent().1 <= DEEPEST + 2);
    }

    #[test]
    fn nothing_grows_without_bound() {
        assert_eq!(read(&"- ".repeat(100)).1.unwrap().message, "nested too deep");
        assert!(read(&"[".repeat(100_000)).1.is_some() && read(&"- ".repeat(100_000)).1.is_some());
        let (node, _) = read(&"- a\n".repeat(100_000));
        assert!(node.unwrap().list().len() <= MOST_VALUES);
    }
}
