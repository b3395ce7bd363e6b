//! What happens on disk reaches open files with no help from the editor.
//!
//! **Invariant:** the editor of these tests offers no watching of its own.

use std::fs;
use std::time::{Duration, Instant};

use crate::client::{Editor, World};

/// Of which 100 ms is waiting for the disk to come to rest.
const SOON: Duration = Duration::from_secs(1);

async fn opened(world: &World, code: &str) -> Editor {
    let mut editor = world.editor().await;
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &[code]).await;
    // The watches are armed with the second look, which changes nothing that could be waited for.
    editor.listen(Duration::from_millis(300)).await;
    editor
}

async fn soon(editor: &mut Editor, world: &World, codes: &[&str]) {
    let changed = Instant::now();
    editor.until_codes(&world.app(), codes).await;
    assert!(changed.elapsed() < SOON, "{:?}", changed.elapsed());
}

#[tokio::test]
async fn an_install_and_an_uninstall_are_seen() {
    let world = World::new();
    let mut editor = opened(&world, "import-from-user-site").await;
    let site_packages = world.site_packages();
    for _ in 0..3 {
        // As pip does: the package, its files, then the metadata.
        fs::create_dir(site_packages.join("thing")).unwrap();
        fs::write(site_packages.join("thing/__init__.py"), "").unwrap();
        fs::create_dir(site_packages.join("thing-1.0.dist-info")).unwrap();
        fs::write(site_packages.join("thing-1.0.dist-info/METADATA"), "Name: thing\nVersion: 1.0\n").unwrap();
        fs::write(site_packages.join("thing-1.0.dist-info/RECORD"), "thing/__init__.py,,\n").unwrap();
        soon(&mut editor, &world, &[]).await;
        fs::remove_dir_all(site_packages.join("thing")).unwrap();
        fs::remove_dir_all(site_packages.join("thing-1.0.dist-info")).unwrap();
        soon(&mut editor, &world, &["import-from-user-site"]).await;
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn pyvenv_cfg_edited_in_place_and_by_rename_is_seen() {
    let world = World::new();
    let mut editor = opened(&world, "import-from-user-site").await;
    world.write_pyvenv(false);
    soon(&mut editor, &world, &["import-found-elsewhere"]).await;
    let cfg = world.project.join(".venv/pyvenv.cfg");
    let text = fs::read_to_string(&cfg).unwrap().replace("false", "true");
    fs::write(world.project.join(".venv/pyvenv.cfg.new"), text).unwrap();
    fs::rename(world.project.join(".venv/pyvenv.cfg.new"), &cfg).unwrap();
    soon(&mut editor, &world, &["import-from-user-site"]).await;
    // Its inode is another one now.
    world.write_pyvenv(false);
    soon(&mut editor, &world, &["import-found-elsewhere"]).await;
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_environment_that_goes_and_comes_back_is_seen() {
    let world = World::new();
    world.write_pyvenv(false);
    let mut editor = opened(&world, "import-found-elsewhere").await;
    for _ in 0..3 {
        fs::remove_dir_all(world.project.join(".venv")).unwrap();
        soon(&mut editor, &world, &["import-from-user-site"]).await;
        world.make_environment(false);
        soon(&mut editor, &world, &["import-found-elsewhere"]).await;
    }
    fs::create_dir(world.site_packages().join("thing")).unwrap();
    fs::write(world.site_packages().join("thing/__init__.py"), "").unwrap();
    soon(&mut editor, &world, &[]).await;
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn an_environment_cleared_in_place_is_seen_afterwards() {
    let world = World::new();
    let mut editor = opened(&world, "import-from-user-site").await;
    for _ in 0..3 {
        // `python -m venv --clear`: the folder stays, everything in it is new.
        fs::remove_dir_all(world.project.join(".venv/lib")).unwrap();
        fs::create_dir_all(world.site_packages().join("thing")).unwrap();
        fs::write(world.site_packages().join("thing/__init__.py"), "").unwrap();
        soon(&mut editor, &world, &[]).await;
        fs::remove_dir_all(world.site_packages().join("thing")).unwrap();
        soon(&mut editor, &world, &["import-from-user-site"]).await;
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_broken_environment_is_reported_on_its_file_and_taken_back() {
    let world = World::new();
    let mut editor = opened(&world, "import-from-user-site").await;
    let cfg = world.project.join(".venv/pyvenv.cfg");
    let python = world.project.join(".venv/bin/python");
    fs::remove_file(&python).unwrap();
    std::os::unix::fs::symlink("/nowhere/python3", &python).unwrap();
    let changed = Instant::now();
    editor.until_codes(&cfg, &["venv-interpreter-missing"]).await;
    assert!(changed.elapsed() < SOON, "{:?}", changed.elapsed());
    fs::remove_file(&python).unwrap();
    std::os::unix::fs::symlink("/usr/bin/python3", &python).unwrap();
    editor.until_codes(&cfg, &[]).await;
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn a_module_beside_a_script_is_seen_as_it_comes_and_goes() {
    let world = World::new();
    let mut editor = opened(&world, "import-from-user-site").await;
    let script = world.write("project/scripts/run.py", "import thing\n");
    editor.open(&script, "import thing\n").await;
    editor.until_codes(&script, &["import-from-user-site"]).await;
    editor.listen(Duration::from_millis(300)).await;
    for _ in 0..3 {
        let changed = Instant::now();
        let sibling = world.write("project/scripts/thing.py", "");
        editor.until_codes(&script, &[]).await;
        let hover = editor.hover(&script, 0, 8).await;
        assert!(hover["contents"]["value"].as_str().unwrap().contains("this project"), "{hover}");
        fs::remove_file(sibling).unwrap();
        editor.until_codes(&script, &["import-from-user-site"]).await;
        assert!(changed.elapsed() < 2 * SOON, "{:?}", changed.elapsed());
    }
    assert_eq!(editor.stop().await, 0);
}

#[tokio::test]
async fn without_a_watcher_a_save_looks_again() {
    let world = World::new();
    let mut editor = world.editor().await;
    editor.settings = serde_json::json!({ "watch": "off" });
    editor.open(&world.app(), "import thing\n").await;
    editor.until_codes(&world.app(), &["import-from-user-site"]).await;
    editor.listen(Duration::from_millis(300)).await;
    world.write_pyvenv(false);
    editor.listen(Duration::from_millis(400)).await;
    assert!(!editor.heard.iter().any(|message| message.to_string().contains("import-found-elsewhere")));
    let document = serde_json::json!({ "textDocument": { "uri": crate::client::uri(&world.app()) } });
    editor.notify("textDocument/didSave", document).await;
    soon(&mut editor, &world, &["import-found-elsewhere"]).await;
    assert_eq!(editor.stop().await, 0);
}
