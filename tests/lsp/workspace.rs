//! Files that nobody has opened, on a real disk.

use std::fs;

use serde_json::{Value, json};

use crate::client::{Editor, World, capabilities, codes_of, uri};

/// An editor that asks for the whole workspace and watches nothing itself; nothing is open.
async fn editor(world: &World) -> Editor {
    let mut editor = Editor::connect(world.disk());
    editor.settings = json!({ "diagnostics": "workspace" });
    let folders = json!([{ "uri": uri(&world.project), "name": "project" }]);
    editor.initialize(json!({ "capabilities": capabilities(), "workspaceFolders": folders })).await;
    editor
}

#[tokio::test]
async fn a_closed_file_follows_the_disk_and_then_its_editor() {
    let world = World::new();
    let closed = world.write("project/part/closed.py", "import thing\n");
    let ignored = world.write("project/generated/made.py", "import thing\n");
    world.write("project/.gitignore", "generated/\n");
    let mut editor = editor(&world).await;
    let shown = editor.until_codes(&closed, &["import-from-user-site"]).await;
    assert_eq!(shown["version"], Value::Null);

    fs::write(&closed, "import os\n").unwrap();
    editor.until_codes(&closed, &[]).await;
    // As editors save: beside it, then over it.
    world.write("project/part/closed.py.new", "\n\nimport thing\n");
    fs::rename(world.project.join("part/closed.py.new"), &closed).unwrap();
    let shown = editor.until_codes(&closed, &["import-from-user-site"]).await;
    assert_eq!(shown["diagnostics"][0]["range"]["start"]["line"], 2);

    let made = world.write("project/new/folder/made.py", "import thing\n");
    editor.until_codes(&made, &["import-from-user-site"]).await;
    fs::rename(world.project.join("new"), world.project.join("renamed")).unwrap();
    editor.until_codes(&made, &[]).await;
    let renamed = world.project.join("renamed/folder/made.py");
    editor.until_codes(&renamed, &["import-from-user-site"]).await;
    fs::remove_dir_all(world.project.join("renamed")).unwrap();
    editor.until_codes(&renamed, &[]).await;

    // What git ignores is left out, until git does not ignore it any more.
    fs::remove_file(world.project.join(".gitignore")).unwrap();
    editor.until_codes(&ignored, &["import-from-user-site"]).await;
    world.write("project/.gitignore", "generated/\n");
    editor.until_codes(&ignored, &[]).await;

    editor.open(&closed, "import os\n").await;
    editor.until_codes(&closed, &[]).await;
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&closed) } })).await;
    editor.until_codes(&closed, &["import-from-user-site"]).await;

    editor.settings = json!({});
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": null })).await;
    assert_eq!(codes_of(&editor.until_codes(&closed, &[]).await), [""; 0]);
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn what_git_leaves_out_is_said_around_the_folder_too() {
    let world = World::new();
    let repository = world.project.parent().unwrap().to_owned();
    fs::create_dir_all(repository.join(".git/info")).unwrap();
    let of_user = world.home.join(".config/git/ignore");
    fs::create_dir_all(of_user.parent().unwrap()).unwrap();
    let made = world.write("project/generated/made.py", "import thing\n");
    let mut editor = editor(&world).await;
    editor.until_codes(&made, &["import-from-user-site"]).await;
    for rules in [repository.join(".gitignore"), repository.join(".git/info/exclude"), of_user] {
        fs::write(&rules, "generated/\n").unwrap();
        editor.until_codes(&made, &[]).await;
        fs::remove_file(&rules).unwrap();
        editor.until_codes(&made, &["import-from-user-site"]).await;
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_environment_that_stops_working_is_asked_about() {
    let world = World::new();
    let mut offered = capabilities();
    offered["window"]["showMessage"] = json!({ "messageActionItem": {} });
    let mut editor = Editor::start(world.disk(), &world.project, offered).await;
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &["import-from-user-site"]).await;
    let python = world.project.join(".venv/bin/python");
    fs::remove_file(&python).unwrap();
    std::os::unix::fs::symlink("/nowhere/python3", &python).unwrap();
    // The test's editor chooses nothing.
    editor.until_method("window/showMessageRequest").await;
    assert_eq!(
        editor.request("workspace/executeCommand", json!({ "command": "fromwhere.server.checkAgain" })).await,
        Value::Null
    );
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_installation_reaches_what_is_closed() {
    let world = World::new();
    let closed = world.write("project/part/closed.py", "import thing\n");
    let mut editor = editor(&world).await;
    editor.until_codes(&closed, &["import-from-user-site"]).await;
    fs::create_dir(world.site_packages().join("thing")).unwrap();
    fs::write(world.site_packages().join("thing/__init__.py"), "").unwrap();
    editor.until_codes(&closed, &[]).await;
    assert_eq!(editor.stop().await, 0);
}
