//! The order of messages, which tower-lsp does not promise, and the clients that were recorded.
//!
//! **Invariant:** a change of `buffer_unordered` that breaks the order fails here, not at somebody's desk.

use std::time::Duration;

use fromwhere::lsp::backend::Backend;
use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request};
use fromwhere::lsp::guard::{Exit, Guard};
use fromwhere::lsp::shell::Incoming;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tower_lsp::{LspService, Server};

use crate::client::{Editor, World, capabilities, codes_of, uri};

const CHANGES: i32 = 20_000;

fn frame(message: &Value) -> Vec<u8> {
    let content = message.to_string();
    format!("Content-Length: {}\r\n\r\n{content}", content.len()).into_bytes()
}

/// 20,000 changes with a hover after every third and a cancellation of every third of those.
fn stress() -> Vec<u8> {
    let mut bytes =
        frame(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": { "capabilities": {} } }));
    for version in 1..=CHANGES {
        let document = json!({ "uri": "file:///a.py", "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": "" }] });
        bytes.extend(frame(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params })));
        if version % 3 == 0 {
            let params = json!({ "textDocument": document, "position": { "line": version, "character": 0 } });
            let hover = json!({ "jsonrpc": "2.0", "id": version, "method": "textDocument/hover", "params": params });
            bytes.extend(frame(&hover));
        }
        if version % 9 == 0 {
            let params = json!({ "id": version });
            bytes.extend(frame(&json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": params })));
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_in_the_order_of_the_wire() {
    let (queue, mut incoming) = mpsc::unbounded_channel();
    let exit = Exit::default();
    let (service, socket) = LspService::new(|_| Backend::new(queue, exit.clone()));
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (input, output) = tokio::io::split(theirs);
    let server = Server::new(input, output, socket).concurrency_level(64);
    let server = tokio::spawn(server.serve(Guard::new(service, exit)));
    let (mut input, mut output) = tokio::io::split(ours);
    // Before the answer to `initialize` everything else is refused.
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": { "capabilities": {} } });
    output.write_all(&frame(&initialize)).await.unwrap();
    input.read_exact(&mut [0; 20]).await.unwrap();
    let writer = tokio::spawn(async move {
        output.write_all(&stress()).await.unwrap();
        output.shutdown().await.unwrap();
    });
    let reader = tokio::spawn(async move {
        let mut said = Vec::new();
        input.read_to_end(&mut said).await.unwrap();
        let said = String::from_utf8(said).unwrap();
        let frames = said.split("Content-Length: ").filter_map(|frame| frame.split_once("\r\n\r\n"));
        let frames = frames.filter_map(|(_, content)| serde_json::from_str::<Value>(content).ok());
        let mut ids: Vec<i64> = frames.filter_map(|message| message["id"].as_i64()).filter(|id| *id > 0).collect();
        ids.sort_unstable();
        ids
    });
    let mut order = Vec::new();
    while let Some(message) = incoming.recv().await {
        match message {
            Incoming::Event(Event::Changed { version, .. }) => order.push((version, "change")),
            Incoming::Asked(Request::Hover { position, .. }, reply) => {
                order.push((i32::try_from(position.line).unwrap(), "hover"));
                // Cancelled ones have nobody waiting.
                let _ = reply.send(Response::Hover(None));
            }
            Incoming::Event(_) | Incoming::Asked(..) => {}
        }
    }
    writer.await.unwrap();
    server.await.unwrap();
    // A request that is cancelled before its handler ran for the first time never arrives; all else does.
    assert!(order.is_sorted(), "out of order");
    order.retain(|(version, what)| *what == "change" || version % 9 != 0);
    let expected: Vec<(i32, &str)> = (1..=CHANGES)
        .flat_map(|version| [(version, "change"), (version, "hover")])
        .filter(|(version, what)| *what == "change" || (version % 3 == 0 && version % 9 != 0))
        .collect();
    assert!(order == expected, "something is missing");
    let asked: Vec<i64> = (1..=i64::from(CHANGES)).filter(|version| version % 3 == 0).collect();
    assert!(reader.await.unwrap() == asked, "not exactly one response for each request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_of_many_changes_is_what_is_shown() {
    const LINES: i32 = 2_000;
    let world = World::new();
    let app = world.app();
    let mut editor = world.editor().await;
    editor.open(&app, "import thing\n").await;
    editor.until_codes(&app, &["import-from-user-site"]).await;
    for version in 2..2 + LINES {
        editor.edit(&app, version, [[0, 0], [0, 0]], "#\n").await;
    }
    let mut last = 0;
    while last < i64::from(LINES) + 1 {
        let shown = editor.diagnostics(&app).await;
        let version = shown["version"].as_i64().unwrap();
        assert!(version > last, "{version} after {last}");
        assert_eq!(codes_of(&shown), ["import-from-user-site"]);
        assert_eq!(shown["diagnostics"][0]["range"]["start"]["line"], version - 1);
        last = version;
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn every_recorded_client_starts_a_session() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 10);
    for name in names {
        let world = World::new();
        let app = world.app();
        let text = std::fs::read_to_string(&name).unwrap().replace("file:///ws/", &uri(&world.project));
        let text = text.replace("file:///ws", &uri(&world.project)).replace("/ws", world.project.as_str());
        let mut params: Value = serde_json::from_str(&text).unwrap();
        // The recorded editors are long gone.
        params["processId"] = Value::Null;
        let utf8 = params
            .pointer("/capabilities/general/positionEncodings")
            .is_some_and(|it| it.to_string().contains("utf-8"));
        let mut editor = Editor::connect(world.disk());
        let result = editor.initialize(params.clone()).await;
        let encoding = if utf8 { "utf-8" } else { "utf-16" };
        assert_eq!(result["capabilities"]["positionEncoding"], encoding, "{}", name.display());
        // One character of four bytes and two code units before the name.
        editor.open(&app, "x = '𝐱'; import thing\n").await;
        let shown = editor.until_codes(&app, &["import-from-user-site"]).await;
        let column = if utf8 { 19 } else { 17 };
        assert_eq!(shown["diagnostics"][0]["range"]["start"]["character"], column, "{}", name.display());
        let capabilities = &params["capabilities"];
        let hover = editor.hover(&app, 0, column).await;
        let markdown = capabilities.pointer("/textDocument/hover/contentFormat/0") == Some(&json!("markdown"));
        assert_eq!(hover["contents"]["kind"], if markdown { "markdown" } else { "plaintext" }, "{}", name.display());
        assert_eq!(
            hover["contents"]["value"].as_str().unwrap().contains("**"),
            markdown,
            "{}: {hover}",
            name.display()
        );
        let literals = capabilities.pointer("/textDocument/codeAction/codeActionLiteralSupport").is_some();
        are_as_offered(&editor.fixes(&app, 0).await, literals);
        // There is most to be said when an environment changes, and when it breaks.
        world.write_pyvenv(false);
        editor.until_codes(&app, &["import-found-elsewhere"]).await;
        std::fs::remove_file(world.project.join(".venv/bin/python")).unwrap();
        editor.until_codes(&world.project.join(".venv/pyvenv.cfg"), &["venv-interpreter-missing"]).await;
        editor.listen(Duration::from_millis(200)).await;
        for method in &editor.methods {
            assert!(is_asked_for(capabilities, method), "{}: {method}", name.display());
        }
        assert_eq!(editor.stop().await, 0);
    }
}

/// Tells whether a client may be sent a message of this method: diagnostics are for all, the rest for those who said so.
fn is_asked_for(capabilities: &Value, method: &str) -> bool {
    let offered =
        |pointer| capabilities.pointer(pointer).is_some_and(|it| !matches!(it, Value::Null | Value::Bool(false)));
    match method {
        "textDocument/publishDiagnostics" => true,
        "workspace/configuration" => offered("/workspace/configuration"),
        "client/registerCapability" => {
            offered("/workspace/didChangeConfiguration/dynamicRegistration")
                || offered("/workspace/didChangeWatchedFiles/dynamicRegistration")
        }
        "window/workDoneProgress/create" | "$/progress" => offered("/window/workDoneProgress"),
        "workspace/inlayHint/refresh" => offered("/workspace/inlayHint/refreshSupport"),
        "fromwhere/environment" => offered("/experimental/fromwhere"),
        "experimental/serverStatus" => offered("/experimental/serverStatusNotification"),
        // Nothing was asked for that is shown, and a question is put only after five seconds.
        _ => false,
    }
}

/// A client without literals knows commands alone: a string where a literal has an object.
fn are_as_offered(fixes: &[Value], literals: bool) {
    assert!(!fixes.is_empty());
    for fix in fixes {
        assert_eq!(fix["command"].is_string(), !literals, "{fix}");
        assert_eq!(fix["kind"].is_string(), literals, "{fix}");
        assert!(literals || fix.get("edit").is_none(), "{fix}");
    }
}

#[tokio::test]
async fn a_client_of_the_bare_protocol_gets_commands_and_plain_text_and_no_more() {
    let world = World::new();
    let app = world.app();
    let mut editor = Editor::start(world.disk(), &world.project, json!({})).await;
    editor.open(&app, "import thing\n").await;
    let shown = editor.until_codes(&app, &["import-from-user-site"]).await;
    assert_eq!(shown["diagnostics"][0].get("relatedInformation"), None);
    // The page of the rule is named to all: some show it and do not say so.
    assert!(shown["diagnostics"][0]["codeDescription"]["href"].is_string(), "{shown}");
    are_as_offered(&editor.fixes(&app, 0).await, false);
    assert_eq!(editor.hover(&app, 0, 8).await["contents"]["kind"], "plaintext");
    world.write_pyvenv(false);
    editor.until_codes(&app, &["import-found-elsewhere"]).await;
    editor.listen(Duration::from_millis(200)).await;
    assert!(editor.methods.iter().all(|method| method == "textDocument/publishDiagnostics"), "{:?}", editor.methods);
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn hostile_words_in_a_recorded_start_are_passed_over() {
    let world = World::new();
    let mut editor = Editor::connect(world.disk());
    let mut offered = capabilities();
    offered["textDocument"]["completion"] =
        json!({ "completionItem": { "insertTextModeSupport": { "valueSet": ["new"] } } });
    let folders = json!([{ "uri": uri(&world.project), "name": "project" }]);
    let params = json!({ "trace": "compact", "rootUri": "", "capabilities": offered, "workspaceFolders": folders });
    editor.initialize(params).await;
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &["import-from-user-site"]).await;
    assert_eq!(editor.stop().await, 0);
}
