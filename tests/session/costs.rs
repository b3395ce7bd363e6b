//! What one changed file costs among many.
//!
//! **Invariant:** a change of one file asks the disk for nothing that is known, and publishes that file only.

use fromwhere::lsp::event::Event;
use fromwhere_core::text::{Change, EditorPosition};
use serde_json::Value;
use tower_lsp::lsp_types::Url;

use super::{Desk, SITE, world};

const FILES: usize = 40;

fn file(number: usize) -> Url {
    Url::from_file_path(format!("/ws/package_{}/module_{number}.py", number % 8)).unwrap()
}

/// A session at rest with many files open that all import what is not the environment's.
fn many() -> Desk {
    let mut system = world();
    for number in 0..FILES {
        system.write(file(number).path(), "import os\nimport thing\n");
    }
    let mut desk = Desk::new(system, Value::Null);
    for number in 0..FILES {
        desk.open_at(file(number), "import os\nimport thing\n");
    }
    desk.settle();
    assert!((0..FILES).all(|number| desk.codes_at(&file(number)) == ["import-from-user-site"]));
    desk
}

fn change(desk: &mut Desk, number: usize, text: &str) -> Vec<String> {
    desk.version += 1;
    let start = EditorPosition { line: 0, character: 0 };
    let changes = vec![Change { range: Some((start, start)), text: text.to_owned() }];
    desk.handle(Event::Changed { uri: file(number), version: desk.version, changes })
}

#[test]
fn a_changed_file_is_read_again_and_no_other() {
    let mut desk = many();
    let effects = change(&mut desk, 3, "\n");
    assert_eq!(effects, ["publish /ws/package_3/module_3.py Some(41) [\"import-from-user-site\"]"]);
    let effects = change(&mut desk, 3, "import sys\n");
    assert!(effects.contains(&"answer sys".to_owned()), "{effects:?}");
    desk.happened.clear();
    desk.settle();
    let published: Vec<&String> = desk.happened.iter().filter(|it| it.starts_with("publish")).collect();
    assert!(published.iter().all(|it| it.starts_with("publish /ws/package_3/module_3.py ")), "{published:?}");
    // Known by now, for that directory.
    let effects = change(&mut desk, 3, "import sys\n");
    assert_eq!(effects, ["publish /ws/package_3/module_3.py Some(43) [\"import-from-user-site\"]"]);
}

#[test]
fn a_file_written_to_the_disk_publishes_nothing_where_nothing_differs() {
    let mut desk = many();
    desk.system.write("/ws/package_3/module_3.py", "import os\nimport thing\n");
    desk.happened.clear();
    desk.handle(Event::Disk(vec!["/ws/package_3/module_3.py".into()]));
    desk.settle();
    let published: Vec<&String> = desk.happened.iter().filter(|it| it.starts_with("publish")).collect();
    assert_eq!(published, [""; 0], "{:?}", desk.happened);
    let looks = desk.happened.iter().filter(|it| it.starts_with("discover")).count();
    assert!(looks <= 1, "{:?}", desk.happened);
}

#[test]
fn an_installation_is_one_look_for_all_files() {
    let mut desk = many();
    desk.system.write(SITE, "");
    desk.happened.clear();
    // Watches are flat: what is seen is the new folder, not what it holds.
    let folder = SITE.trim_end_matches("/__init__.py");
    desk.handle(Event::Disk(vec![folder.into()]));
    desk.settle();
    let count = |word: &str| desk.happened.iter().filter(|it| it.starts_with(word)).count();
    assert_eq!(count("publish"), FILES, "{:?}", desk.happened);
    assert!(count("discover") <= 2, "{:?}", desk.happened);
}
