//! Whole sessions with a real disk, inside this process.
//!
//! **Invariant:** what an editor sees is waited for, never slept for.

use std::time::Duration;

use serde_json::{Value, json};

mod pyvenv;
mod watched;
mod workspace;

use crate::client::{Editor, World, capabilities, codes_of, uri};

#[tokio::test]
async fn an_import_from_the_user_site_is_shown_explained_and_can_be_fixed() {
    let world = World::new();
    let mut editor = world.editor().await;
    let app = world.app();
    editor.open(&app, "import os\nimport thing\n").await;
    let shown = editor.until_codes(&app, &["import-from-user-site"]).await;
    assert_eq!(shown["version"], 1);
    let diagnostic = &shown["diagnostics"][0];
    assert_eq!(diagnostic["source"], "fromwhere");
    assert_eq!(diagnostic["severity"], 2);
    assert_eq!(diagnostic["data"]["module"], "thing");
    assert_eq!(diagnostic["range"], json!({"start": {"line": 1, "character": 7}, "end": {"line": 1, "character": 12}}));
    let href = diagnostic["codeDescription"]["href"].as_str().unwrap();
    assert!(href.ends_with("import-from-user-site.md"), "{href}");

    let hover = editor.hover(&app, 1, 9).await;
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert!(hover["contents"]["value"].as_str().unwrap().contains("**thing**"), "{hover}");
    assert_eq!(editor.hover(&app, 0, 2).await, Value::Null);

    let fixes = editor.fixes(&app, 1).await;
    assert!(!fixes.is_empty());
    for fix in &fixes {
        assert_eq!(fix["kind"], "quickfix");
        assert_eq!(fix["diagnostics"][0]["code"], "import-from-user-site");
        assert!(
            fix["edit"]["documentChanges"].is_array() || fix["command"]["command"] == "fromwhere.server.showCommand"
        );
    }
    assert_eq!(editor.fixes(&app, 0).await, Vec::<Value>::new());
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_change_moves_clears_and_brings_back() {
    let world = World::new();
    let mut editor = world.editor().await;
    let app = world.app();
    editor.open(&app, "import thing\n").await;
    editor.until_codes(&app, &["import-from-user-site"]).await;

    editor.edit(&app, 2, [[0, 0], [0, 0]], "# café\n").await;
    let moved = editor.diagnostics(&app).await;
    assert_eq!(
        (moved["version"].clone(), moved["diagnostics"][0]["range"]["start"]["line"].clone()),
        (2.into(), 1.into())
    );

    editor.edit(&app, 3, [[1, 11], [1, 12]], "").await;
    assert_eq!(codes_of(&editor.diagnostics(&app).await), Vec::<&str>::new());
    // Half typed: said only when the word has come to rest.
    editor.edit(&app, 4, [[1, 11], [1, 11]], "g").await;
    let typed = std::time::Instant::now();
    let back = editor.diagnostics(&app).await;
    assert_eq!(codes_of(&back), ["import-from-user-site"]);
    assert!(typed.elapsed() > Duration::from_millis(200), "{:?}", typed.elapsed());

    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&app) } })).await;
    assert_eq!(codes_of(&editor.diagnostics(&app).await), Vec::<&str>::new());
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn settings_come_in_every_shape_and_change_what_is_shown() {
    let world = World::new();
    let app = world.app();
    // Pulled.
    let mut editor = Editor::connect(world.disk());
    editor.settings = json!({ "ignore": ["import-from-user-site"] });
    let folders = json!([{ "uri": uri(&world.project), "name": "project" }]);
    editor.initialize(json!({ "capabilities": capabilities(), "workspaceFolders": folders })).await;
    editor.open(&app, "import thing\n").await;
    assert_eq!(codes_of(&editor.diagnostics(&app).await), Vec::<&str>::new());
    // `null` says: ask again.
    editor.settings = json!({ "severity": { "import-from-user-site": "error" } });
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": null })).await;
    let shown = editor.until_codes(&app, &["import-from-user-site"]).await;
    assert_eq!(shown["diagnostics"][0]["severity"], 1);
    assert_eq!(editor.stop().await, 0);

    // At the start and pushed, by a client that cannot be asked.
    let mut editor = Editor::connect(world.disk());
    let options = json!({ "fromwhere": { "ignore": ["import-from-user-site"] } });
    editor
        .initialize(json!({ "capabilities": {}, "rootUri": uri(&world.project), "initializationOptions": options }))
        .await;
    editor.open(&app, "import thing\n").await;
    assert_eq!(codes_of(&editor.diagnostics(&app).await), Vec::<&str>::new());
    let pushed = json!({ "settings": { "fromwhere": { "ignore": [] } } });
    editor.notify("workspace/didChangeConfiguration", pushed).await;
    editor.until_codes(&app, &["import-from-user-site"]).await;
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_file_without_a_workspace_and_folders_that_come_and_go() {
    let world = World::new();
    let app = world.app();
    let mut editor = Editor::connect(world.disk());
    editor.initialize(json!({ "capabilities": {}, "rootUri": null, "workspaceFolders": null })).await;
    editor.open(&app, "import thing\n").await;
    editor.until_codes(&app, &["import-from-user-site"]).await;
    let folder = json!([{ "uri": uri(&world.project), "name": "project" }]);
    let change = |added: &Value, removed: &Value| json!({ "event": { "added": added, "removed": removed } });
    editor.notify("workspace/didChangeWorkspaceFolders", change(&folder, &json!([]))).await;
    editor.notify("workspace/didChangeWorkspaceFolders", change(&json!([]), &folder)).await;
    let hover = editor.hover(&app, 0, 8).await;
    assert!(hover["contents"]["value"].as_str().unwrap().contains("thing"), "{hover}");
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn nothing_is_said_that_was_not_asked_for() {
    let world = World::new();
    let mut editor = world.editor().await;
    let app = world.app();
    editor.open(&app, "import os\n").await;
    assert_eq!(codes_of(&editor.diagnostics(&app).await), Vec::<&str>::new());
    editor.listen(Duration::from_millis(300)).await;
    let known = [
        "workspace/configuration",
        "client/registerCapability",
        "textDocument/publishDiagnostics",
        "window/workDoneProgress/create",
        "$/progress",
    ];
    assert!(editor.methods.iter().all(|method| known.contains(&method.as_str())), "{:?}", editor.methods);
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_client_that_asks_hears_about_the_environment() {
    let world = World::new();
    let mut offered = capabilities();
    offered["experimental"] = json!({
        "fromwhere": true,
        "serverStatusNotification": true,
        "commands": { "commands": ["fromwhere.runInTerminal"] }
    });
    let mut editor = Editor::start(world.disk(), &world.project, offered).await;
    let app = world.app();
    editor.open(&app, "import thing\n").await;
    let environment = editor.wait("the environment", |message| message["method"] == "fromwhere/environment").await;
    assert_eq!(environment["params"]["state"], "resolved");
    assert_eq!(environment["params"]["root"], world.project.as_str());
    let summary = environment["params"]["summary"].as_str().unwrap();
    assert!(summary.starts_with(".venv · Python 3."), "{summary}");
    assert!(!environment["params"]["roots"].as_array().unwrap().is_empty());
    let quiet =
        |message: &Value| message["method"] == "experimental/serverStatus" && message["params"]["quiescent"] == true;
    let status = editor.wait("a status", quiet).await;
    assert_eq!(status["params"]["health"], "ok");
    editor.until_codes(&app, &["import-from-user-site"]).await;
    // Each time the diagnostics come after the environment that they follow from.
    for (system_site, code) in [(false, "import-found-elsewhere"), (true, "import-from-user-site")] {
        editor.listen(Duration::from_millis(300)).await;
        editor.methods.clear();
        world.write_pyvenv(system_site);
        editor.until_codes(&app, &[code]).await;
        let ours = ["fromwhere/environment", "textDocument/publishDiagnostics"];
        let said: Vec<&str> = editor.methods.iter().map(String::as_str).filter(|it| ours.contains(it)).collect();
        assert_eq!(said.first(), Some(&"fromwhere/environment"), "{said:?}");
    }
    let fixes = editor.fixes(&app, 0).await;
    let commands: Vec<&Value> = fixes.iter().filter(|fix| fix.get("command").is_some()).collect();
    assert!(!commands.is_empty(), "{fixes:#?}");
    assert!(commands.iter().all(|fix| fix["command"]["command"] == "fromwhere.runInTerminal"));
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_command_line_is_shown_and_an_unknown_command_refused() {
    let world = World::new();
    let mut editor = world.editor().await;
    let params = json!({ "command": "fromwhere.server.showCommand", "arguments": ["pip install thing"] });
    assert_eq!(editor.request("workspace/executeCommand", params).await, Value::Null);
    let shown = editor.wait("a message", |message| message["method"] == "window/showMessage").await;
    assert_eq!(shown["params"], json!({ "type": 3, "message": "Run in a terminal: pip install thing" }));
    let refused = editor.call("workspace/executeCommand", json!({ "command": "rm", "arguments": [] })).await;
    assert_eq!(refused["error"]["code"], -32602);
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_installed_file_is_nobodys_to_change() {
    let world = World::new();
    let mut editor = world.editor().await;
    let installed = world.write(&format!("project/.venv/lib/{}/site-packages/a.py", world.python), "import thing\n");
    editor.open(&installed, "import thing\n").await;
    assert_eq!(editor.hover(&installed, 0, 8).await, Value::Null);
    editor.listen(Duration::from_millis(200)).await;
    assert!(!editor.methods.iter().any(|method| method == "textDocument/publishDiagnostics"));
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn documents_are_shown_as_the_client_can() {
    let world = World::new();
    let app = world.app();
    let asked = |show: Option<bool>| {
        let argument = json!({ "uri": uri(&app), "module": "thing", "show": show });
        json!({ "command": "fromwhere.server.explain", "arguments": [argument] })
    };
    let shown = |message: &Value| message["method"] == "window/showDocument";

    // By the content, with a change that is told.
    let mut offered = capabilities();
    offered["workspace"]["textDocumentContent"] = json!({ "dynamicRegistration": true });
    offered["window"]["showDocument"] = json!({ "support": true });
    let mut editor = Editor::start(world.disk(), &world.project, offered.clone()).await;
    editor.open(&app, "import thing\n").await;
    assert_eq!(editor.request("workspace/executeCommand", asked(None)).await, Value::Null);
    let document = editor.wait("a document", shown).await["params"]["uri"].clone();
    assert!(document.as_str().unwrap().starts_with("fromwhere-env:/explain/thing.md?"), "{document}");
    let content = editor.request("workspace/textDocumentContent", json!({ "uri": document })).await;
    assert!(content["text"].as_str().unwrap().contains("comes from the user site"), "{content}");
    std::fs::create_dir(world.site_packages().join("thing")).unwrap();
    std::fs::write(world.site_packages().join("thing/__init__.py"), "").unwrap();
    editor.until_method("workspace/textDocumentContent/refresh").await;
    let content = editor.request("workspace/textDocumentContent", json!({ "uri": document })).await;
    assert!(content["text"].as_str().unwrap().contains("the environment's site-packages"), "{content}");
    let refused = editor.call("workspace/textDocumentContent", json!({ "uri": "fromwhere-env:/other.md" })).await;
    assert_eq!(refused["error"]["code"], -32602);
    assert_eq!(editor.stop().await, 0);

    // As a file of the user's own.
    offered["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let mut editor = Editor::start(world.disk(), &world.project, offered).await;
    editor.open(&app, "import thing\n").await;
    editor.request("workspace/executeCommand", asked(None)).await;
    let document = editor.wait("a document", shown).await["params"]["uri"].clone();
    let ours = uri(&world.home.join(".cache/fromwhere"));
    let path = document.as_str().unwrap().strip_prefix("file://").unwrap();
    assert!(document.as_str().unwrap().starts_with(&ours), "{document}");
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written.starts_with("# Where `thing` comes from\n"), "{written}");
    let text = editor.request("workspace/executeCommand", asked(Some(false))).await;
    assert_eq!(text, written);
    assert_eq!(editor.stop().await, 0);

    // As the result of the command.
    let mut editor = world.editor().await;
    editor.open(&app, "import thing\n").await;
    assert_eq!(editor.request("workspace/executeCommand", asked(None)).await, text);
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_explanation_is_offered_only_to_somebody_who_asks() {
    let world = World::new();
    let mut offered = capabilities();
    offered["window"]["showDocument"] = json!({ "support": true });
    let mut editor = Editor::start(world.disk(), &world.project, offered).await;
    let app = world.app();
    editor.open(&app, "import os\n").await;
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    for (context, expected) in [
        (json!({ "diagnostics": [], "triggerKind": 1 }), 1),
        (json!({ "diagnostics": [], "triggerKind": 1, "only": ["source"] }), 1),
        (json!({ "diagnostics": [], "triggerKind": 1, "only": ["quickfix", "source.fixAll"] }), 0),
        (json!({ "diagnostics": [], "triggerKind": 2 }), 0),
        (json!({ "diagnostics": [] }), 0),
    ] {
        let params = json!({ "textDocument": { "uri": uri(&app) }, "range": range, "context": context });
        let actions = editor.request("textDocument/codeAction", params).await;
        assert_eq!(actions.as_array().map(Vec::len), Some(expected), "{context}: {actions}");
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn what_the_editor_renames_is_heard_of_where_nothing_is_watched() {
    let world = World::new();
    let mut editor = Editor::connect(world.disk());
    editor.settings = json!({ "watch": "off", "inlayHints": true });
    let folders = json!([{ "uri": uri(&world.project), "name": "project" }]);
    let mut offered = capabilities();
    offered["workspace"]["inlayHint"] = json!({ "refreshSupport": true });
    editor.initialize(json!({ "capabilities": offered, "workspaceFolders": folders })).await;
    let app = world.app();
    editor.open(&app, "import thing\n").await;
    editor.until_codes(&app, &["import-from-user-site"]).await;
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
    let asked = json!({ "textDocument": { "uri": uri(&app) }, "range": range });
    let hints = editor.request("textDocument/inlayHint", asked.clone()).await;
    assert_eq!(hints[0]["label"], "user", "{hints}");

    let old = world.write("project/other.py", "");
    let new = world.project.join("thing.py");
    std::fs::rename(&old, &new).unwrap();
    let files = json!([{ "oldUri": uri(&old), "newUri": uri(&new) }]);
    editor.notify("workspace/didRenameFiles", json!({ "files": files })).await;
    // The project's own file wins now, and hides what is installed.
    editor.until_codes(&app, &["shadows-package"]).await;
    editor.until_method("workspace/inlayHint/refresh").await;
    assert_eq!(editor.request("textDocument/inlayHint", asked).await, json!([]));
    std::fs::remove_file(&new).unwrap();
    editor.notify("workspace/didDeleteFiles", json!({ "files": [{ "uri": uri(&new) }] })).await;
    editor.until_codes(&app, &["import-from-user-site"]).await;
    assert_eq!(editor.stop().await, 0);
}
