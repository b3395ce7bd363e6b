//! A whole session with the server, as an editor would have it: open, ask, change the disk, change the text, close.
//!
//! In: a running server and the project it serves. Out: nothing; an answer that does not come is a failure.
//!
//! **Invariant:** the session ends as the protocol says, with `shutdown`, `exit` and status 0.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Child;

use serde_json::{Value, json};

use crate::editor::Editor;

pub(super) fn play(mut child: Child, project: &Path) {
    let mut editor = Editor::of(&mut child);
    let folder = format!("file://{}", project.display());
    let uri = format!("{folder}/app.py");
    editor.ask(
        "initialize",
        &json!({
            "processId": null, "rootUri": folder,
            "workspaceFolders": [{ "uri": folder, "name": "project" }],
            "capabilities": { "textDocument": { "publishDiagnostics": { "relatedInformation": true } } },
        }),
    );
    editor.tell("initialized", &json!({}));
    let text = fs::read_to_string(project.join("app.py")).unwrap();
    editor.tell(
        "textDocument/didOpen",
        &json!({
            "textDocument": { "uri": uri, "languageId": "python", "version": 1, "text": text },
        }),
    );
    let manifest = format!("{folder}/pyproject.toml");
    let is_broken = |diagnostics: &[Value]| diagnostics.iter().any(|it| it["code"] == "venv-interpreter-missing");
    editor.diagnostics_of(&manifest, is_broken);
    ask_about_everything(&mut editor, &uri);

    // The environment's Python becomes a real one, and a fake `pip install` follows.
    for name in ["python", "python3", "python3.11"] {
        fs::remove_file(project.join(".venv/bin").join(name)).unwrap();
        symlink("/usr/bin/python3", project.join(".venv/bin").join(name)).unwrap();
    }
    editor.diagnostics_of(&manifest, |diagnostics| !is_broken(diagnostics));
    let installed = super::site_packages(&project.join(".venv")).join("numpy");
    fs::create_dir_all(&installed).unwrap();
    fs::write(installed.join("__init__.py"), "").unwrap();
    ask_about_everything(&mut editor, &uri);

    let changes = json!([{ "text": "import json\nimport numpy\nimport trapped\n" }]);
    let changed = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": changes });
    editor.tell("textDocument/didChange", &changed);
    ask_about_everything(&mut editor, &uri);
    editor.tell("textDocument/didSave", &json!({ "textDocument": { "uri": uri } }));
    editor.tell("textDocument/didClose", &json!({ "textDocument": { "uri": uri } }));
    editor.ask("shutdown", &Value::Null);
    editor.tell("exit", &Value::Null);
    drop(editor);
    let ended = child.wait().unwrap();
    assert!(ended.success(), "the server ended with {ended}");
}

/// Hover and fixes on each line of a text of four.
fn ask_about_everything(editor: &mut Editor, uri: &str) {
    for line in 0..4 {
        let start = json!({ "line": line, "character": 8 });
        let range = json!({ "start": start, "end": { "line": line, "character": 9 } });
        let document = json!({ "uri": uri });
        editor.ask("textDocument/hover", &json!({ "textDocument": document, "position": start }));
        let context = json!({ "diagnostics": [] });
        let asked = json!({ "textDocument": document, "range": range, "context": context });
        editor.ask("textDocument/codeAction", &asked);
        let argument = json!({ "uri": uri, "position": start, "show": false });
        for (command, argument) in [("roots", json!(uri)), ("explain", argument)] {
            let command = format!("fromwhere.server.{command}");
            editor.call("workspace/executeCommand", &json!({ "command": command, "arguments": [argument] }));
        }
    }
}
