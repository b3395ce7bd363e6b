//! The settings as a JSON Schema, for editors and for those who check configuration before it is used.
//!
//! In: the table of keys and the catalogue of rules. Out: a schema of draft 7, which every tool for TOML and JSON reads.
//!
//! **Invariant:** it accepts what is read without a problem, and nothing that is reported as one, as far as a schema can tell.

use serde_json::{Map, Value, json};

use super::keys::{KEYS, Key, Kind, SEVERITIES};
use crate::rules::Rule;

/// Where the schema is published.
const ADDRESS: &str = "https://raw.githubusercontent.com/fromwhere/fromwhere/main/editors/schema/fromwhere.schema.json";

/// Returns the schema of `fromwhere.toml` and `[tool.fromwhere]`; `#/definitions/editor` is that of an editor's settings.
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ADDRESS,
        "title": "fromwhere",
        "description": "Settings of fromwhere, which tells Python developers where each import comes from.",
        "type": "object",
        "properties": properties(|key| key.in_file),
        "additionalProperties": false,
        "definitions": {
            "code": {
                "type": "string",
                "enum": Rule::ALL.iter().map(|rule| rule.code()).collect::<Vec<_>>(),
                // Editors show these beside what they complete; others pass them over.
                "enumDescriptions": Rule::ALL.iter().map(|rule| sentence(rule.summary())).collect::<Vec<_>>(),
            },
            "severity": { "type": "string", "enum": SEVERITIES },
            "severities": {
                "type": "object",
                "properties": Rule::ALL.iter().map(|rule| (rule.code().to_owned(), severity(*rule))).collect::<Map<_, _>>(),
                "additionalProperties": false,
            },
            "path": {
                "type": "object",
                "properties": properties(|key| key.in_per_path),
                "additionalProperties": false,
            },
            "editor": {
                "description": "The section `fromwhere` of an editor's settings.",
                "type": "object",
                "properties": properties(|key| key.in_editor),
            },
        },
    })
}

fn properties(is_there: impl Fn(&Key) -> bool) -> Map<String, Value> {
    KEYS.iter().filter(|key| is_there(key)).map(|key| (key.name.to_owned(), property(key))).collect()
}

fn property(key: &Key) -> Value {
    let mut property = match key.kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
        Kind::Codes => json!({ "type": "array", "uniqueItems": true, "items": { "$ref": "#/definitions/code" } }),
        Kind::Modules => json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "minLength": 1 } }),
        // Beside a reference, draft 7 reads nothing.
        Kind::Severities => json!({ "allOf": [{ "$ref": "#/definitions/severities" }] }),
        Kind::PathTables => json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/path" } }),
    };
    property["description"] = json!(sentence(key.meaning));
    if let Ok(default) = serde_json::from_str::<Value>(key.default.trim_matches('`')) {
        property["default"] = default;
    }
    property
}

fn severity(rule: Rule) -> Value {
    json!({
        "allOf": [{ "$ref": "#/definitions/severity" }],
        "description": sentence(rule.summary()),
        "default": if rule.is_opt_in() { "off" } else { rule.severity().as_str() },
    })
}

/// What stands in tables as a fragment stands here alone.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['.']).collect())
}
