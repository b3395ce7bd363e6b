//! A TOML file whose every value knows where it stands.
//!
//! In: the path of a TOML file. Out: a [`Document`]: its text and a tree of values with spans.
//!
//! **Invariant:** a broken file still gives what could be read of it, and a [`Problem`] that names the line. This is the
//! only file that names the TOML parser's types.

use camino::{Utf8Path, Utf8PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::origin::Problem;
use crate::system::{Cause, LARGEST_SOURCE, System};
use crate::text::{Range, Span, Text};

/// Tables nested deeper than this say nothing that anybody reads here; they are cut off.
const DEEPEST: usize = 32;

/// Lists and tables longer than this are cut off: no person wrote them, and each value's place costs time.
const MOST_VALUES: usize = 4096;

/// One TOML file that was read.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) path: Utf8PathBuf,
    pub(crate) text: Text,
    pub(crate) top: Vec<Entry>,
    /// Whether the file has a syntax error; an edit could then go astray.
    pub(crate) broken: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// The value as written, quotes and brackets included; for a `[table]` somewhere in its header.
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Array(Vec<Node>),
    /// In the order of the file.
    Table(Vec<Entry>),
    Boolean(bool),
    /// A number or a date: nothing here reads one.
    Other(&'static str),
}

impl Document {
    /// Reads a file; `None` where there is none, or where it cannot be read at all (a problem is noted).
    pub(crate) fn read(system: &dyn System, path: &Utf8Path, problems: &mut Vec<Problem>) -> Option<Self> {
        let text = read_source(system, path, problems)?;
        let (document, problem) = Document::parse(path, text);
        problems.extend(problem);
        Some(document)
    }

    /// Parses a text; the first syntax error is returned, what stands around it is kept.
    pub(crate) fn parse(path: &Utf8Path, source: String) -> (Self, Option<Problem>) {
        let text = Text::new(source);
        let fail = |line: Option<u32>, message: &str| Problem {
            path: path.to_owned(),
            line,
            message: format!("not valid TOML: {message}"),
        };
        let (table, errors) = DeTable::parse_recoverable(text.source());
        let problem = errors.first().map(|error| {
            let line = error.span().map(|span| text.point(span_of(span).start).line + 1);
            fail(line, error.message().lines().next().unwrap_or("unreadable"))
        });
        let top = entries(table.get_ref(), 0);
        (Document { path: path.to_owned(), top, broken: problem.is_some(), text }, problem)
    }

    /// Returns the value at a path of keys.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<&Node> {
        let (last, tables) = keys.split_last()?;
        let mut here = &self.top;
        for key in tables {
            here = find(here, key)?.node.table()?;
        }
        Some(&find(here, last)?.node)
    }

    pub(crate) fn entry(&self, keys: &[&str]) -> Option<&Entry> {
        let (last, tables) = keys.split_last()?;
        let table = if tables.is_empty() { &self.top } else { self.at(tables)?.table()? };
        find(table, last)
    }

    /// Returns the entries of the table at a path of keys; none where it is absent or no table.
    pub(crate) fn table_at(&self, keys: &[&str]) -> &[Entry] {
        self.at(keys).and_then(Node::table).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn text_at(&self, keys: &[&str]) -> Option<(&str, Span)> {
        let node = self.at(keys)?;
        Some((node.text()?, node.span))
    }

    pub(crate) fn boolean_at(&self, keys: &[&str]) -> Option<bool> {
        if let Value::Boolean(value) = self.at(keys)?.value { Some(value) } else { None }
    }

    /// Returns the strings of an array, or the one string that stands in its place.
    pub(crate) fn texts_at(&self, keys: &[&str]) -> Vec<(&str, Span)> {
        self.at(keys).map(Node::texts).unwrap_or_default()
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        self.text.range(span)
    }

    /// Returns the line of a place, from 1.
    pub(crate) fn line(&self, span: Span) -> u32 {
        self.text.point(span.start).line + 1
    }
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(crate) fn table(&self) -> Option<&Vec<Entry>> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    pub(crate) fn array(&self) -> Option<&Vec<Node>> {
        if let Value::Array(array) = &self.value { Some(array) } else { None }
    }

    pub(crate) fn texts(&self) -> Vec<(&str, Span)> {
        let nodes = if let Value::Array(nodes) = &self.value { nodes.as_slice() } else { std::slice::from_ref(self) };
        nodes.iter().filter_map(|node| Some((node.text()?, node.span))).collect()
    }

    /// The kind of the value, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a string",
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
            Value::Boolean(_) => "a boolean",
            Value::Other(kind) => kind,
        }
    }
}

/// Reads a small text file that people write; `None` where there is none. What is not UTF-8 is noted and replaced.
pub(crate) fn read_source(system: &dyn System, path: &Utf8Path, problems: &mut Vec<Problem>) -> Option<String> {
    match system.read(path, LARGEST_SOURCE) {
        Ok(bytes) => Some(String::from_utf8(bytes).unwrap_or_else(|error| {
            problems.push(Problem { path: path.to_owned(), line: None, message: "not UTF-8".to_owned() });
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        })),
        Err(failure) if matches!(failure.cause, Cause::NotFound | Cause::NotADirectory) => None,
        Err(failure) => {
            problems.push(failure.into());
            None
        }
    }
}

fn find<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| entry.key == key)
}

fn entries(table: &DeTable<'_>, depth: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: span_of(key.span()),
            node: node(value, depth + 1),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    entries.truncate(MOST_VALUES);
    entries
}

fn node(value: &Spanned<DeValue<'_>>, depth: usize) -> Node {
    let span = span_of(value.span());
    let value = match value.get_ref() {
        _ if depth > DEEPEST => Value::Other("a value nested too deep"),
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Array(array) => {
            Value::Array(array.iter().take(MOST_VALUES).map(|value| node(value, depth + 1)).collect())
        }
        DeValue::Table(table) => Value::Table(entries(table, depth)),
        DeValue::Integer(_) => Value::Other("an integer"),
        DeValue::Float(_) => Value::Other("a float"),
        DeValue::Datetime(_) => Value::Other("a date"),
    };
    Node { value, span }
}

fn span_of(range: std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    fn parse(source: &str) -> (Document, Option<Problem>) {
        Document::parse("/p/pyproject.toml".into(), source.to_owned())
    }

    #[test]
    fn values_know_their_place() {
        let (document, problem) = parse("[project]\nname = \"é\"\ndependencies = ['a>1', \"b\"]\nx.y = 1\n");
        assert_eq!(problem, None);
        let (name, span) = document.text_at(&["project", "name"]).unwrap();
        assert_eq!((name, document.line(span)), ("é", 2));
        assert_eq!(&document.text.source()[span.start as usize..span.end as usize], "\"é\"");
        let dependencies = document.texts_at(&["project", "dependencies"]);
        assert_eq!(dependencies.iter().map(|it| it.0).collect::<Vec<_>>(), ["a>1", "b"]);
        assert_eq!(document.at(&["project", "x", "y"]).unwrap().kind(), "an integer");
    }

    #[test]
    fn a_broken_file_keeps_what_stands_around_the_error() {
        let (document, problem) = parse("[project]\nname = \"x\"\nrequires-python = \n\n[tool.uv]\ndev = true\n");
        assert_eq!(problem.map(|it| it.line), Some(Some(3)));
        assert!(document.broken);
        assert_eq!(document.text_at(&["project", "name"]).unwrap().0, "x");
        for source in ["[[[", "= =", "a = {", "\u{0}", "x = \"\"\"", "[a]\n[a]\n", "\u{feff}a = 1\n[b]\nc = \"d\"\n"] {
            let (document, _) = parse(source);
            assert_eq!(document.text.source(), source);
        }
    }

    #[test]
    fn nesting_cannot_end_the_program() {
        let (document, _) = parse(&format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)));
        assert!(document.broken);
        let (document, _) = parse(&format!("a = [{}]", "\"\",".repeat(500_000)));
        assert_eq!(document.texts_at(&["a"]).len(), MOST_VALUES);
        assert!(parse(&format!("[{}a]\nb = 1\n", "a.".repeat(200_000))).0.broken);
        assert!(parse(&format!("{}a = 1\n", "a.".repeat(200_000))).0.broken);
    }

    #[test]
    fn what_is_no_text_file_is_a_problem() {
        let mut system = MemorySystem::default();
        system.pipe("/p/pipe").write("/p/latin", b"name = '\xe9'\n".as_slice()).create_directory("/p/folder");
        system.write("/p/huge", vec![b'#'; 8 * 1024 * 1024 + 1]);
        let mut problems = Vec::new();
        assert!(Document::read(&system, "/p/absent".into(), &mut problems).is_none());
        assert!(problems.is_empty());
        for (path, message) in [
            ("/p/pipe", "not a regular file"),
            ("/p/folder", "is a directory"),
            ("/p/latin", "not UTF-8"),
            ("/p/huge", "larger than 8 MiB"),
        ] {
            Document::read(&system, path.into(), &mut problems);
            assert_eq!(problems.last().map(|it| it.message.as_str()), Some(message));
        }
    }
}
