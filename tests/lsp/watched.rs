//! What the client watches for us, and what is looked at where nobody watches.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Editor, World, capabilities, uri};
use fromwhere::lsp::outbox::WATCHED_GLOBS;

/// What the server registers for with a client of these capabilities; `None` where it does not ask.
async fn registered(configuration: bool, watched_files: bool) -> Option<Value> {
    let world = World::new();
    let mut offered = capabilities();
    offered["workspace"]["didChangeConfiguration"]["dynamicRegistration"] = json!(configuration);
    offered["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": watched_files });
    let mut editor = Editor::start(world.disk(), &world.project, offered).await;
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &["import-from-user-site"]).await;
    let asked = |message: &&Value| message["method"] == "client/registerCapability";
    let asked = editor.heard.iter().find(asked).map(|message| message["params"]["registrations"].clone());
    assert_eq!(editor.stop().await, 0);
    asked
}

#[tokio::test]
async fn it_registers_for_what_the_client_can_register() {
    let of_configuration = json!({
        "id": "fromwhere workspace/didChangeConfiguration",
        "method": "workspace/didChangeConfiguration",
        "registerOptions": { "section": "fromwhere" },
    });
    let watchers: Vec<Value> = WATCHED_GLOBS.iter().map(|glob| json!({ "globPattern": glob })).collect();
    let of_files = json!({
        "id": "fromwhere workspace/didChangeWatchedFiles",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": { "watchers": watchers },
    });
    assert_eq!(registered(true, true).await, Some(json!([of_configuration, of_files])));
    assert_eq!(registered(true, false).await, Some(json!([of_configuration])));
    assert_eq!(registered(false, true).await, Some(json!([of_files])));
    assert_eq!(registered(false, false).await, None);
}

/// A session on a disk that tells nothing, with one file open.
async fn opened(world: &World) -> Editor {
    let mut editor = Editor::connect(world.disk());
    editor.settings = json!({ "watch": "off" });
    let folders = json!([{ "uri": uri(&world.project), "name": "project" }]);
    editor.initialize(json!({ "capabilities": capabilities(), "workspaceFolders": folders })).await;
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &["import-from-user-site"]).await;
    editor.listen(Duration::from_millis(300)).await;
    editor
}

#[tokio::test]
async fn what_the_client_sees_is_looked_at() {
    let world = World::new();
    let mut editor = opened(&world).await;
    let changed =
        |path: &str, kind: u8| json!({ "changes": [{ "uri": uri(&world.project.join(path)), "type": kind }] });
    world.write_pyvenv(false);
    editor.notify("workspace/didChangeWatchedFiles", changed(".venv/pyvenv.cfg", 2)).await;
    editor.until_codes(&world.app(), &["import-found-elsewhere"]).await;
    editor.listen(Duration::from_millis(300)).await;
    // All that is told of an installation is its metadata, in a folder that is new itself.
    let site_packages = format!("project/.venv/lib/{}/site-packages", world.python);
    world.write(&format!("{site_packages}/thing/__init__.py"), "");
    let metadata = world.write(&format!("{site_packages}/thing-1.dist-info/METADATA"), "Name: thing\nVersion: 1\n");
    let metadata = metadata.strip_prefix(&world.project).unwrap();
    editor.notify("workspace/didChangeWatchedFiles", changed(metadata.as_str(), 1)).await;
    editor.until_codes(&world.app(), &[]).await;
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn opening_a_file_compares_what_was_read_with_the_disk() {
    let world = World::new();
    let mut editor = opened(&world).await;
    world.write_pyvenv(false);
    let other = world.write("project/other.py", "");
    editor.open(&other, "").await;
    editor.until_codes(&world.app(), &["import-found-elsewhere"]).await;
    assert_eq!(editor.stop().await, 0);
}
