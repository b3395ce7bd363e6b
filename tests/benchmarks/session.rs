//! What a session with the server feels like: a key, a cursor that moves, a change of the disk, and what it weighs at rest.
//!
//! In: a project with `app.py`, whose `yaml` is of the operating system. Out: five rows.
//!
//! **Invariant:** a measured change is one whose diagnostics differ, so the server has to publish.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::editor::Editor;
use crate::{PROGRAM, percentile, row};

const KEYS: i32 = 2000;
const MOVES: usize = 2000;
const INSTALLATIONS: usize = 20;

pub(super) fn measure(project: &Path) {
    let mut child = Command::new(PROGRAM)
        .arg("server")
        .current_dir(project)
        .env_remove("VIRTUAL_ENV")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let uri = format!("file://{}/app.py", project.display());
    let mut editor = Editor::of(&mut child);
    open(&mut editor, project, &uri);

    let mut keys = press_keys(&mut editor, &uri);
    row("a key in 500 lines to its diagnostics, p50", 1.0, percentile(&mut keys, 0.5), "ms");
    row("the same, p99", 5.0, percentile(&mut keys, 0.99), "ms");

    let mut moves = move_about(&mut editor, &uri);
    row("a cursor's move to its quick fixes, p99", 5.0, percentile(&mut moves, 0.99), "ms");

    let mut installations = install(&mut editor, project, &uri);
    row("a change of the disk to its diagnostics, p50", 200.0, percentile(&mut installations, 0.5), "ms");

    sleep(Duration::from_secs(2));
    row("server at rest, resident", 15.0, resident_megabytes(child.id()), "MB");

    editor.ask("shutdown", &Value::Null);
    editor.tell("exit", &Value::Null);
    drop(editor);
    child.wait().unwrap();
}

fn open(editor: &mut Editor, project: &Path, uri: &str) {
    let folder = format!("file://{}", project.display());
    let encodings = json!({ "positionEncodings": ["utf-8"] });
    let capabilities = json!({ "general": encodings, "textDocument": { "publishDiagnostics": {} } });
    editor.ask(
        "initialize",
        &json!({
            "processId": null, "rootUri": folder, "capabilities": capabilities,
            "workspaceFolders": [{ "uri": folder, "name": "project" }],
        }),
    );
    editor.tell("initialized", &json!({}));
    let text = fs::read_to_string(project.join("app.py")).unwrap();
    let document = json!({ "uri": uri, "languageId": "python", "version": 0, "text": text });
    editor.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    editor.diagnostics_of(uri, |diagnostics| !diagnostics.is_empty());
}

/// Opens a line above the imports and closes it again: every diagnostic moves.
fn press_keys(editor: &mut Editor, uri: &str) -> Vec<f64> {
    let start = json!({ "line": 0, "character": 0 });
    let below = json!({ "line": 1, "character": 0 });
    let mut times = Vec::new();
    for version in 1..=KEYS {
        let opens = version % 2 == 1;
        let end = if opens { &start } else { &below };
        let change = json!({ "range": { "start": start, "end": end }, "text": if opens { "\n" } else { "" } });
        let document = json!({ "uri": uri, "version": version });
        let line = if opens { 15 } else { 14 };
        let began = Instant::now();
        editor.tell("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": [change] }));
        editor.diagnostics_of(uri, |it| it.first().is_some_and(|first| first["range"]["start"]["line"] == line));
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        sleep(Duration::from_millis(1));
    }
    times
}

/// Asks for the quick fixes of the import, as VS Code does wherever the cursor comes to rest.
fn move_about(editor: &mut Editor, uri: &str) -> Vec<f64> {
    let place = json!({ "line": 14, "character": 8 });
    let asked = json!({
        "textDocument": { "uri": uri }, "range": { "start": place, "end": place }, "context": { "diagnostics": [] },
    });
    let mut times = Vec::new();
    for _ in 0..MOVES {
        let began = Instant::now();
        let actions = editor.ask("textDocument/codeAction", &asked);
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        assert!(actions.as_array().is_some_and(|it| !it.is_empty()), "no quick fix: {actions}");
    }
    times
}

/// Puts `yaml` into the environment and takes it out again: its diagnostic goes and comes.
fn install(editor: &mut Editor, project: &Path, uri: &str) -> Vec<f64> {
    let library = project.join(".venv/lib");
    let python = fs::read_dir(library).unwrap().next().unwrap().unwrap().path();
    let module = python.join("site-packages/yaml.py");
    let mut times = Vec::new();
    for _ in 0..INSTALLATIONS {
        let began = Instant::now();
        fs::write(&module, "").unwrap();
        editor.diagnostics_of(uri, <[Value]>::is_empty);
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        fs::remove_file(&module).unwrap();
        editor.diagnostics_of(uri, |diagnostics| !diagnostics.is_empty());
        sleep(Duration::from_millis(300));
    }
    times
}

fn resident_megabytes(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
