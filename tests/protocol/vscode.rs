//! The manifest of the extension for VS Code says what the server takes.
//!
//! **Invariant:** every setting and every code that the server knows is in `package.json`, and no other; `UPDATE=1` writes
//! the lists of codes anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fromwhere::lsp::protocol::COMMANDS;
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::KEYS;
use serde_json::Value;

/// Settings that are the extension's own.
const OWN: &[&str] = &["path", "statusBar", "trace.server"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
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
    let known: BTreeSet<&str> =
        KEYS.iter().filter(|key| key.in_editor).map(|key| key.name).chain(OWN.iter().copied()).collect();
    assert_eq!(in_manifest, known);
    for key in KEYS.iter().filter(|key| key.in_editor) {
        let property = &properties(&manifest)[&format!("fromwhere.{}", key.name)];
        let kinds = property["type"]
            .as_array()
            .map_or_else(|| BTreeSet::from([property["type"].as_str().unwrap()]), |_| words(&property["type"]));
        let named = key.kind.name();
        let kind = if named.starts_with("list") { "array" } else { named };
        assert!(kinds.contains(kind), "{}: {kinds:?}, not {kind}", key.name);
        let default = &property["default"];
        let written = match key.default.trim_matches('`') {
            "unset" | "all rules" => "null".to_owned(),
            word if named == "string" => format!("\"{word}\""),
            value => value.to_owned(),
        };
        assert_eq!(default.to_string(), written, "the default of {}", key.name);
    }
}

#[test]
fn it_knows_every_rule() {
    let before = read("package.json");
    let codes: Vec<String> = Rule::ALL.iter().map(|rule| format!("              \"{}\"", rule.code())).collect();
    let severities: Vec<String> = Rule::ALL.iter().map(|rule| severity_of(*rule)).collect();
    let mut after = before.clone();
    for setting in ["fromwhere.select", "fromwhere.ignore"] {
        after = with_list(&after, setting, "\"enum\": [\n", "\n            ]", &codes.join(",\n"));
    }
    let end = "\n          },\n          \"default\"";
    after = with_list(&after, "fromwhere.severity", "\"properties\": {\n", end, &severities.join(",\n"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path("package.json"), after).unwrap();
    } else {
        assert!(before == after, "package.json is out of date: UPDATE=1 cargo test it_knows_every_rule");
    }
}

/// One property of the setting `severity`, as npm and Biome write it.
fn severity_of(rule: Rule) -> String {
    let words = ["off", "hint", "information", "warning", "error"].map(|word| format!("                \"{word}\""));
    let summary = rule.summary();
    let (first, rest) = summary.split_at(1);
    let description = Value::String(format!("{}{rest}.", first.to_uppercase()));
    format!(
        "            \"{}\": {{\n              \"type\": \"string\",\n              \"enum\": [\n{}\n              ],\n              \
         \"description\": {description}\n            }}",
        rule.code(),
        words.join(",\n")
    )
}

/// Puts `inner` between the first `opening` and `closing` that follow the name of a setting.
fn with_list(text: &str, setting: &str, opening: &str, closing: &str, inner: &str) -> String {
    let at = text.find(&format!("\"{setting}\": {{")).unwrap();
    let from = at + text[at..].find(opening).unwrap() + opening.len();
    let to = from + text[from..].find(closing).unwrap();
    format!("{}{inner}{}", &text[..from], &text[to..])
}

#[test]
fn its_words_are_those_of_the_server() {
    let manifest = manifest();
    let properties = properties(&manifest);
    let severity = &properties["fromwhere.severity"]["properties"]["env-none"];
    let of = |setting: &str| &properties[&format!("fromwhere.{setting}")];
    for (words_of, setting) in [(severity, "severity"), (of("watch"), "watch"), (of("diagnostics"), "diagnostics")] {
        let meaning = KEYS.iter().find(|key| key.name == setting).unwrap().meaning;
        let said: BTreeSet<&str> = meaning.split('`').skip(1).step_by(2).collect();
        assert_eq!(words(&words_of["enum"]), said, "{setting}");
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
