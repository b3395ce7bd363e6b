//! `pyvenv.cfg` in an editor, with a real disk.
//!
//! **Invariant:** what is shown follows the text that the editor has, and then the disk.

use std::fs;

use serde_json::json;

use crate::client::{World, uri};

#[tokio::test]
async fn it_is_checked_while_typed_explained_completed_and_corrected() {
    let world = World::new();
    let mut editor = world.editor().await;
    let cfg = world.project.join(".venv/pyvenv.cfg");
    world.write_pyvenv(false);
    let text = fs::read_to_string(&cfg).unwrap();
    let document = json!({ "uri": uri(&cfg), "languageId": "conf", "version": 1, "text": text });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    let (line, value) = (1, [[1, 31], [1, 36]]);
    let position = json!({ "line": line, "character": 31 });
    let params = json!({ "textDocument": { "uri": uri(&cfg) }, "position": position });
    let items = editor.request("textDocument/completion", params).await;
    let labels: Vec<&str> = items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["true", "false"]);
    assert_eq!(items[0]["textEdit"]["newText"], "true");

    editor.edit(&cfg, 2, value, "yes").await;
    let shown = editor.until_codes(&cfg, &["pyvenv-cfg-syntax"]).await;
    assert_eq!(shown["version"], 2);
    let fixes = editor.fixes(&cfg, line).await;
    assert_eq!(fixes[0]["title"], "Write `true`");
    let hover = editor.hover(&cfg, line, 3).await;
    assert!(hover["contents"]["value"].as_str().unwrap().contains("Only `true`"), "{hover}");
    editor.edit(&cfg, 3, [[1, 31], [1, 34]], "false").await;
    editor.until_codes(&cfg, &[]).await;
    assert_eq!(editor.stop().await, 0);
}
