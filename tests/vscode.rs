//! The manifest of the extension for VS Code says what the server takes.
//!
//! **Invariant:** every setting and every code that the server knows is in `package.json`, and no other.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fromwhere::lsp::protocol::COMMANDS;
use fromwhere::lsp::settings::KEYS;
use fromwhere_core::rules::Rule;
use serde_json::Value;

/// Settings that are the extension's own.
const OWN: &[&str] = &["path", "statusBar", "trace.server"];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode").join(name)).unwrap()
}

fn manifest() -> Value {
    serde_json::from_str(&read("package.json")).unwrap()
}

fn properties(manifest: &Value) -> &serde_json::Map<String, Value> {
    manifest["contributes"]["configuration"]["properties"].as_object().unwrap()
}

fn words(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn it_has_every_setting_of_the_server() {
    let manifest = manifest();
    let in_manifest: BTreeSet<&str> =
        properties(&manifest).keys().map(|name| name.strip_prefix("fromwhere.").unwrap()).collect();
    let known: BTreeSet<&str> = KEYS.iter().map(|key| key.name).chain(OWN.iter().copied()).collect();
    assert_eq!(in_manifest, known);
    for key in KEYS {
        let property = &properties(&manifest)[&format!("fromwhere.{}", key.name)];
        let kinds = property["type"]
            .as_array()
            .map_or_else(|| BTreeSet::from([property["type"].as_str().unwrap()]), |_| words(&property["type"]));
        let kind = if key.kind.starts_with("list") { "array" } else { key.kind };
        assert!(kinds.contains(kind), "{}: {kinds:?}, not {kind}", key.name);
        let default = &property["default"];
        let written = match key.default.trim_matches('`') {
            "unset" | "all rules" => "null".to_owned(),
            word if key.kind == "string" => format!("\"{word}\""),
            value => value.to_owned(),
        };
        assert_eq!(default.to_string(), written, "the default of {}", key.name);
    }
}

#[test]
fn it_knows_every_rule_and_every_word() {
    let manifest = manifest();
    let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    for name in ["select", "ignore"] {
        assert_eq!(words(&properties(&manifest)[&format!("fromwhere.{name}")]["items"]["enum"]), codes, "{name}");
    }
    let severity = properties(&manifest)["fromwhere.severity"]["properties"].as_object().unwrap();
    assert_eq!(severity.keys().map(String::as_str).collect::<BTreeSet<_>>(), codes);
    let watch = KEYS.iter().find(|key| key.name == "watch").unwrap().meaning;
    for (word, meaning) in [
        (&severity["env-none"]["enum"], KEYS.iter().find(|key| key.name == "severity").unwrap().meaning),
        (&properties(&manifest)["fromwhere.watch"]["enum"], watch),
    ] {
        let said: BTreeSet<&str> = meaning.split('`').skip(1).step_by(2).collect();
        assert_eq!(words(word), said, "{meaning}");
    }
}

#[test]
fn it_is_of_this_version_and_registers_no_command_of_the_server() {
    let manifest = manifest();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let lock: Value = serde_json::from_str(&read("package-lock.json")).unwrap();
    assert_eq!(lock["version"], env!("CARGO_PKG_VERSION"));
    for command in manifest["contributes"]["commands"].as_array().unwrap() {
        let name = command["command"].as_str().unwrap();
        // The client registers the server's commands by their own names; one that is there twice ends the start.
        assert!(!COMMANDS.contains(&name) && !name.starts_with("fromwhere.server."), "{name}");
    }
}

#[test]
fn what_npm_locks_names_no_registry() {
    assert!(!read("package-lock.json").contains("\"resolved\""));
}

#[test]
fn its_page_names_every_setting_and_every_command() {
    let (manifest, page) = (manifest(), read("README.md"));
    for name in properties(&manifest).keys() {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in editors/vscode/README.md");
    }
    for command in manifest["contributes"]["commands"].as_array().unwrap() {
        let title = command["title"].as_str().unwrap();
        assert!(page.contains(title), "`{title}` is not in editors/vscode/README.md");
    }
}
