//! protocol.md says what the code does.
//!
//! **Invariant:** every table that the code can make is compared with the page; `UPDATE=1` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fmt::Write as _;

use camino::Utf8Path;
use fromwhere::lsp::capabilities::{ASKED, offered};
use fromwhere::lsp::outbox::WATCHED_GLOBS;
use fromwhere::lsp::protocol::{COMMANDS, METHODS};
use fromwhere::lsp::settings::KNOWN_ELSEWHERE;
use fromwhere_core::project::PROJECT_FILES;
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::KEYS;
use fromwhere_core::text::Encoding;
use serde_json::Value;

use crate::client::{Editor, World, uri};

mod shapes;
mod vscode;

fn page() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/protocol.md"))
}

fn asked() -> String {
    let mut table = "| capability | used for | without it |\n|---|---|---|\n".to_owned();
    for row in ASKED {
        let pointer = row.pointer.trim_start_matches('/').replace('/', ".");
        writeln!(table, "| `{pointer}` | {} | {} |", row.used_for, row.without).unwrap();
    }
    table
}

fn offers() -> String {
    let mut table = "| capability | value |\n|---|---|\n".to_owned();
    let offered = offered(Encoding::Utf8);
    for (name, value) in offered.as_object().unwrap() {
        let value = if name == "positionEncoding" {
            "`\"utf-8\"` where the client offers it, else `\"utf-16\"`".to_owned()
        } else {
            format!("`{value}`")
        };
        writeln!(table, "| `{name}` | {value} |").unwrap();
    }
    table
}

fn settings() -> String {
    let mut table = "| key | kind | default | meaning |\n|---|---|---|---|\n".to_owned();
    for key in KEYS.iter().filter(|key| key.in_editor) {
        writeln!(table, "| `{}` | {} | {} | {} |", key.name, key.kind.name(), key.default, key.meaning).unwrap();
    }
    table
}

fn rules() -> String {
    let mut table = "| code | severity | fires when |\n|---|---|---|\n".to_owned();
    for rule in Rule::ALL {
        let code = rule.code();
        let link = format!("[`{code}`](server/core/rules/{code}.md)");
        let off = if rule.is_opt_in() { ", off unless selected" } else { "" };
        writeln!(table, "| {link} | {}{off} | {} |", rule.severity().as_str(), rule.summary()).unwrap();
    }
    table
}

fn globs() -> String {
    WATCHED_GLOBS.iter().fold(String::new(), |mut list, glob| {
        writeln!(list, "- `{glob}`").unwrap();
        list
    })
}

#[test]
fn the_tables_are_what_the_code_does() {
    let before = std::fs::read_to_string(page()).unwrap();
    let mut after = before.clone();
    let tables =
        [("asked", asked()), ("offered", offers()), ("settings", settings()), ("rules", rules()), ("globs", globs())];
    for (name, table) in tables {
        let begin = format!("<!-- begin {name} -->\n");
        let from = after.find(&begin).unwrap_or_else(|| panic!("no table {name}")) + begin.len();
        let to = from + after[from..].find(&format!("<!-- end {name} -->")).unwrap();
        after.replace_range(from..to, &table);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(page(), after).unwrap();
    } else {
        assert!(before == after, "protocol.md is out of date: UPDATE=1 cargo test the_tables_are_what_the_code_does");
    }
}

#[test]
fn a_client_is_asked_to_report_every_file_that_makes_a_project() {
    let reports = |glob: &str, name: &str| match glob.trim_start_matches("**/").split_once('*') {
        Some((start, end)) => name.starts_with(start) && name.ends_with(end),
        None => glob.ends_with(&format!("/{name}")),
    };
    for name in PROJECT_FILES {
        assert!(WATCHED_GLOBS.iter().any(|glob| reports(glob, name)), "{name}");
    }
}

#[test]
fn every_key_that_is_passed_over_is_named() {
    let text = std::fs::read_to_string(page()).unwrap();
    let (_, settings) = text.split_once("## 5. Settings").unwrap();
    let (settings, _) = settings.split_once("\n## 6.").unwrap();
    let words: Vec<&str> = settings.split('`').skip(1).step_by(2).collect();
    for key in KNOWN_ELSEWHERE {
        assert!(words.iter().any(|word| word.split('.').next() == Some(key)), "{key}");
    }
}

#[test]
fn every_message_of_our_own_is_described_and_no_other() {
    let text = std::fs::read_to_string(page()).unwrap();
    for name in METHODS.iter().chain(COMMANDS) {
        assert!(text.contains(&format!("`{name}`")), "{name} is not described");
    }
    let is_ours = |word: &&str| {
        let method = word.starts_with("fromwhere/") || word.starts_with("experimental/");
        let command =
            word.starts_with("fromwhere.") && *word != "fromwhere.python" && !word.ends_with("protocolVersion");
        method || command
    };
    for name in text.split('`').skip(1).step_by(2).filter(is_ours) {
        assert!(METHODS.contains(&name) || COMMANDS.contains(&name), "{name} is described and not there");
    }
}

#[tokio::test]
async fn the_recorded_session_replays() {
    let text = std::fs::read_to_string(page()).unwrap();
    let (_, recorded) = text.split_once("```jsonc\n").unwrap();
    let (recorded, _) = recorded.split_once("```").unwrap();
    let world = World::new();
    let recorded = recorded.replace("ROOT", &uri(&world.project)).replace("VERSION", env!("CARGO_PKG_VERSION"));
    let mut editor = Editor::connect(world.disk());
    editor.answers = false;
    let lines: Vec<&str> = recorded.lines().collect();
    for pair in lines.chunks(2) {
        let message: Value = serde_json::from_str(pair[1]).unwrap_or_else(|error| panic!("{error}: {}", pair[1]));
        match pair[0] {
            "// client" => editor.send(message).await,
            "// server" => {
                editor.wait(pair[1], |said| includes(said, &message)).await;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(editor.ended().await, 0);
}

/// Tells whether all that is written in `part` is said in `whole`.
fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|said| includes(said, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(said, value)| includes(said, value))
        }
        (whole, part) => whole == part,
    }
}
