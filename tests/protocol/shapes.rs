//! The shapes on the page, in the extension for VS Code, and on the wire are the same.
//!
//! **Invariant:** a field that one of the three has and another lacks fails here, and so does one of another kind.

use std::fs;

use fromwhere::lsp::page;
use fromwhere::lsp::protocol::{
    COMMANDS, EnvironmentSource, EnvironmentState, EnvironmentStatus, Health, METHODS, RootStatus, ServerStatus,
    VERSION,
};
use serde_json::{Value, json};

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn of_extension() -> String {
    read("editors/vscode/src/protocol.ts")
}

/// One line of an interface.
#[derive(Debug, PartialEq)]
struct Field {
    name: String,
    is_optional: bool,
    kind: String,
}

/// The fields of an interface, without the words about them.
fn interface(text: &str, name: &str) -> Vec<Field> {
    let opening = format!("interface {name} {{\n");
    let (_, body) = text.split_once(&opening).unwrap_or_else(|| panic!("no interface {name}"));
    let (body, _) = body.split_once("\n}").unwrap();
    let lines = body.lines().map(|line| line.split("//").next().unwrap().trim());
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("/*"));
    let fields = lines.map(|line| {
        let (name, kind) = line.trim_end_matches(';').split_once(": ").unwrap_or_else(|| panic!("{line}"));
        let bare = name.trim_end_matches('?');
        Field { name: bare.to_owned(), is_optional: bare != name, kind: kind.to_owned() }
    });
    fields.collect()
}

/// Tells whether a value is of a kind, written as TypeScript writes it.
fn is_of(kind: &str, value: &Value) -> bool {
    if let Some(kind) = kind.strip_suffix(" | null") {
        return value.is_null() || is_of(kind, value);
    }
    if let Some(kind) = kind.strip_suffix("[]") {
        return value.as_array().is_some_and(|list| list.iter().all(|it| is_of(kind, it)));
    }
    if let Some(inner) = kind.strip_prefix("{ ").and_then(|kind| kind.strip_suffix(" }")) {
        let fields: Vec<(&str, &str)> = inner.split("; ").filter_map(|field| field.split_once(": ")).collect();
        return value.as_object().is_some_and(|object| {
            object.len() == fields.len() && fields.iter().all(|(name, kind)| is_of(kind, &value[*name]))
        });
    }
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        words => words.split(" | ").any(|word| *value == word.trim_matches('"')),
    }
}

/// Holds a shape on the page to what is sent, with everything in it and with as little as can be.
fn compare(name: &str, full: &Value, bare: &Value) {
    let fields = interface(&read("protocol.md"), name);
    let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    names.sort_unstable();
    let mut sent: Vec<&str> = full.as_object().unwrap().keys().map(String::as_str).collect();
    sent.sort_unstable();
    assert_eq!(names, sent, "{name}");
    for field in &fields {
        for value in [&full[&field.name], &bare[&field.name]] {
            assert!(is_of(&field.kind, value), "{name}.{}: {value} is no {}", field.name, field.kind);
        }
        let may_be_null = field.kind.ends_with("| null");
        assert_eq!(bare[&field.name].is_null(), may_be_null, "{name}.{} is null where it can be", field.name);
        assert!(!full[&field.name].is_null(), "{name}.{}", field.name);
    }
    assert_eq!(interface(&of_extension(), name), fields, "{name} in the extension");
}

#[test]
fn the_environment_is_sent_as_it_is_described() {
    let text = || "x".to_owned();
    let root = RootStatus { path: text(), origin: text(), exists: true, added_by: text() };
    let full = EnvironmentStatus {
        root: text(),
        state: EnvironmentState::Resolved,
        summary: text(),
        prefix: Some(text()),
        interpreter: Some(text()),
        version: Some(text()),
        kind: text(),
        source: EnvironmentSource { kind: text(), detail: text() },
        roots: vec![root],
        packages: 1,
        warning: Some(text()),
        own: Some(text()),
        reason: Some(text()),
    };
    let bare = EnvironmentStatus {
        prefix: None,
        interpreter: None,
        version: None,
        roots: Vec::new(),
        warning: None,
        own: None,
        reason: None,
        ..full.clone()
    };
    compare("EnvironmentStatus", &json!(full), &json!(bare));
    let states = [EnvironmentState::Resolved, EnvironmentState::Broken, EnvironmentState::Missing];
    has_words("EnvironmentStatus", "state", &json!(states));
}

#[test]
fn the_status_is_sent_as_it_is_described() {
    let text = || Some("x".to_owned());
    let full = ServerStatus { health: Health::Ok, quiescent: true, message: text(), environment: text() };
    let bare = ServerStatus { message: None, environment: None, ..full };
    compare("ServerStatus", &json!(full), &json!(bare));
    has_words("ServerStatus", "health", &json!([Health::Ok, Health::Warning, Health::Error]));
}

/// Holds the words that a field may have to those that are sent.
fn has_words(name: &str, field: &str, sent: &Value) {
    let fields = interface(&read("protocol.md"), name);
    let kind = &fields.iter().find(|it| it.name == field).unwrap().kind;
    let words: Vec<&str> = kind.split(" | ").map(|word| word.trim_matches('"')).collect();
    assert_eq!(json!(words), *sent, "{name}.{field}");
}

#[test]
fn the_argument_of_a_document_is_read_as_it_is_described() {
    let read_one = |argument: Value| page::read("c", &[argument]).unwrap();
    let nothing = read_one(json!({}));
    for Field { name, is_optional, kind } in interface(&read("protocol.md"), "DocumentArgument") {
        assert!(is_optional, "{name}");
        let value = match (name.as_str(), kind.as_str()) {
            ("uri", "string") => json!("file:///a.py"),
            (_, "string") => json!("yaml"),
            (_, "Position") => json!({ "line": 1, "character": 2 }),
            (_, "boolean") => json!(!nothing.show),
            other => panic!("{other:?}"),
        };
        assert_ne!(read_one(json!({ &name: value })), nothing, "{name} changes nothing");
    }
}

#[test]
fn the_extension_speaks_of_this_version_and_of_these_names() {
    let text = of_extension();
    assert!(text.contains(&format!("export const PROTOCOL_VERSION = {VERSION};")));
    assert!(read("protocol.md").contains(&format!("`initialize` is {VERSION}.")));
    let ours = |word: &&str| ["fromwhere.", "fromwhere/", "experimental/"].iter().any(|it| word.starts_with(it));
    let named: Vec<&str> = text.split('"').skip(1).step_by(2).filter(ours).collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        assert!(COMMANDS.contains(&name) || METHODS.contains(&name), "{name}");
    }
}
