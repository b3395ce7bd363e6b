//! Files that nobody has opened, where the whole workspace is checked.
//!
//! **Invariant:** a closed file says what its text on the disk says, an open one what its editor's text says.

use fromwhere::lsp::event::Event;
use fromwhere_core::text::{Change, EditorPosition};
use serde_json::{Value, json};
use tower_lsp::lsp_types::Url;

use super::{Desk, SITE, app, world};

pub(super) const CLOSED: &str = "/ws/part/closed.py";
const THING: &str = "import thing\n";
const USER_SITE: [&str; 1] = ["import-from-user-site"];
const NOTHING: [&str; 0] = [];

fn at(path: &str) -> Url {
    Url::from_file_path(path).unwrap()
}

fn whole() -> Value {
    json!({ "diagnostics": "workspace" })
}

/// A session at rest on a workspace with one closed file that imports what is not the environment's, and an open one.
fn at_rest() -> Desk {
    let mut system = world();
    system.write(CLOSED, THING).write("/ws/part/fine.py", "import os\n").write("/ws/app.py", THING);
    let mut desk = Desk::new(system, whole());
    desk.open(THING);
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
    assert_eq!(desk.codes(), USER_SITE);
    desk.happened.clear();
    desk
}

impl Desk {
    fn written(&mut self, path: &str, text: &str) {
        self.system.write(path, text);
        self.seen(path);
    }

    fn removed(&mut self, path: &str) {
        self.system.remove(path);
        self.seen(path);
    }

    fn seen(&mut self, path: &str) {
        self.happened.clear();
        self.handle(Event::Disk(vec![path.into()]));
        self.settle();
    }

    fn what_happened(&self, word: &str) -> Vec<&String> {
        self.happened.iter().filter(|it| it.starts_with(word)).collect()
    }
}

#[test]
fn only_where_that_is_asked_for() {
    let mut system = world();
    system.write(CLOSED, THING);
    let mut desk = Desk::new(system, Value::Null);
    desk.open(THING);
    desk.settle();
    assert!(!desk.shown.contains_key(&at(CLOSED)));
    for (settings, expected) in [(whole(), &USER_SITE[..]), (json!({}), &[]), (whole(), &USER_SITE)] {
        desk.settings = settings;
        desk.handle(Event::SettingsPushed(Value::Null));
        desk.settle();
        assert_eq!(desk.codes_at(&at(CLOSED)), expected);
        assert_eq!(desk.codes(), USER_SITE, "what is open is checked either way");
    }
}

#[test]
fn nothing_has_to_be_open() {
    let mut system = world();
    system.write(CLOSED, THING);
    let mut desk = Desk::new(system, whole());
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
}

#[test]
fn one_changed_file_costs_that_file() {
    let mut desk = at_rest();
    desk.written(CLOSED, "# moved\nimport thing\n");
    assert_eq!(desk.what_happened("inspect"), [&format!("inspect /ws: {CLOSED}")]);
    assert_eq!(desk.what_happened("publish"), [&format!("publish {CLOSED} None {USER_SITE:?}")]);
    assert_eq!(desk.what_happened("survey"), [""; 0]);
    desk.written(CLOSED, "# moved\nimport thing\n");
    assert_eq!(desk.what_happened("publish"), [""; 0]);
    // What is no source, no folder and no manifest is not walked for.
    desk.written("/ws/part/log.txt", "");
    assert_eq!(desk.what_happened("inspect"), [""; 0]);
}

#[test]
fn files_come_go_and_are_renamed() {
    let mut desk = at_rest();
    let other = "/ws/part/other.py";
    desk.written(other, THING);
    assert_eq!(desk.codes_at(&at(other)), USER_SITE);
    assert_eq!(desk.what_happened("inspect"), [&format!("inspect /ws: {other}")]);
    desk.removed(other);
    assert_eq!(desk.codes_at(&at(other)), NOTHING);
    // A rename of the folder: both names are seen, and neither file.
    desk.system.remove("/ws/part").write("/ws/renamed/closed.py", THING);
    desk.handle(Event::Disk(vec!["/ws/part".into(), "/ws/renamed".into()]));
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), NOTHING);
    assert_eq!(desk.codes_at(&at("/ws/renamed/closed.py")), USER_SITE);
    // What is half written is read again when more of it is there.
    desk.written("/ws/renamed/closed.py", "");
    assert_eq!(desk.codes_at(&at("/ws/renamed/closed.py")), NOTHING);
    desk.written("/ws/renamed/closed.py", "# coding: cp437\n# \u{e9}\n");
    assert!(desk.logged.iter().any(|it| it.contains("its encoding `cp437`")), "{:?}", desk.logged);
    desk.written("/ws/renamed/closed.py", THING);
    assert_eq!(desk.codes_at(&at("/ws/renamed/closed.py")), USER_SITE);
}

#[test]
fn an_open_documents_text_wins_and_the_disks_comes_back() {
    let mut desk = at_rest();
    desk.open_at(at(CLOSED), "import os\n");
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), NOTHING);
    // Whatever is written to the disk meanwhile.
    desk.written(CLOSED, "import thing  # again\n");
    assert_eq!(desk.codes_at(&at(CLOSED)), NOTHING);
    desk.handle(Event::Closed { uri: at(CLOSED) });
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
    // Opened and closed without a difference, nothing flickers.
    desk.open_at(at(CLOSED), "import thing  # again\n");
    desk.settle();
    desk.happened.clear();
    desk.handle(Event::Closed { uri: at(CLOSED) });
    desk.settle();
    assert_eq!(desk.what_happened("publish"), [""; 0]);
    // A file that nobody has saved yet is the editor's alone.
    desk.open_at(at("/ws/new.py"), THING);
    desk.settle();
    assert_eq!(desk.codes_at(&at("/ws/new.py")), USER_SITE);
    desk.handle(Event::Closed { uri: at("/ws/new.py") });
    desk.settle();
    assert_eq!(desk.codes_at(&at("/ws/new.py")), NOTHING);
}

#[test]
fn a_document_under_another_spelling_of_its_name_is_not_shown_twice() {
    let mut desk = at_rest();
    let spelled = Url::parse("file:///ws/part/%63losed.py").unwrap();
    desk.open_at(spelled.clone(), THING);
    desk.settle();
    assert_eq!((desk.codes_at(&at(CLOSED)), desk.codes_at(&spelled)), (vec![], USER_SITE.map(str::to_owned).to_vec()));
    desk.handle(Event::Closed { uri: spelled.clone() });
    desk.settle();
    assert_eq!((desk.codes_at(&spelled), desk.codes_at(&at(CLOSED))), (vec![], USER_SITE.map(str::to_owned).to_vec()));
}

#[test]
fn an_installation_clears_every_file_and_reads_only_what_differs() {
    let mut desk = at_rest();
    desk.system.write(SITE, "");
    desk.seen(SITE.trim_end_matches("/__init__.py"));
    assert_eq!(desk.codes_at(&at(CLOSED)), NOTHING);
    assert_eq!(desk.codes(), NOTHING);
    // A module beside one of them is nothing to the others.
    desk.system.write("/ws/scripts/deep/one.py", THING);
    desk.seen("/ws/scripts");
    desk.written("/ws/scripts/deep/os.py", "");
    let inspected = desk.what_happened("inspect");
    assert!(inspected.iter().all(|it| it.contains("/ws/scripts/deep/")), "{inspected:?}");
}

#[test]
fn a_manifest_makes_a_project_of_its_own() {
    let mut desk = at_rest();
    desk.written("/ws/part/pyproject.toml", "[project]\nname = \"part\"\nversion = \"1\"\n");
    assert!(!desk.what_happened("discover /ws/part").is_empty(), "{:?}", desk.happened);
    assert!(desk.what_happened("inspect").iter().all(|it| it.starts_with("inspect /ws/part: ")));
    desk.removed("/ws/part/pyproject.toml");
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
}

#[test]
fn a_project_that_only_closed_files_belong_to_goes_with_them() {
    let mut desk = at_rest();
    let manifest = "/ws/part/pyproject.toml";
    desk.written(manifest, "[project]\nname = \"part\"\nrequires-python = \">=3.99\"\n");
    assert_eq!(desk.codes_at(&at(manifest)), ["python-outside-requires"]);
    desk.settings = json!({});
    desk.handle(Event::SettingsPushed(Value::Null));
    desk.settle();
    assert_eq!(desk.codes_at(&at(manifest)), NOTHING);
    // One that was opened stays, as its manifest is the user's to mend.
    desk.open_at(at(CLOSED), THING);
    desk.settle();
    desk.handle(Event::Closed { uri: at(CLOSED) });
    desk.settle();
    assert_eq!(desk.codes_at(&at(manifest)), ["python-outside-requires"]);
}

#[test]
fn a_file_that_names_its_python_is_checked_under_it() {
    let mut desk = at_rest();
    desk.written(CLOSED, "#!/ws/.venv/bin/python -s\nimport thing\n");
    assert_eq!(desk.codes_at(&at(CLOSED)), ["import-found-elsewhere"]);
    desk.written(CLOSED, THING);
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
    assert_eq!(desk.what_happened("forget").len(), 1, "{:?}", desk.happened);
}

#[test]
fn what_a_file_declares_is_shown_whether_it_is_open_or_not() {
    let mut system = world();
    system.remove("/ws/pyproject.toml");
    let setup = "from setuptools import setup\nsetup(name=\"demo\", install_requires=[\"nowhere\"])\n";
    system.write("/ws/setup.py", setup);
    let declared = ["dependency-not-installed"];
    for settings in [Value::Null, whole()] {
        let mut desk = Desk::new(system.clone(), settings);
        desk.open("");
        desk.settle();
        assert_eq!(desk.codes_at(&at("/ws/setup.py")), declared);
        // Its imports are another list, which is empty.
        desk.open_at(at("/ws/setup.py"), setup);
        desk.settle();
        assert_eq!(desk.codes_at(&at("/ws/setup.py")), declared);
        desk.handle(Event::Closed { uri: at("/ws/setup.py") });
        desk.settle();
        assert_eq!(desk.codes_at(&at("/ws/setup.py")), declared);
    }
}

#[test]
fn a_closed_notebook_speaks_by_its_file_and_an_open_one_by_its_cells() {
    let notebook = "/ws/part/cells.ipynb";
    let text = r#"{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["import thing"]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#;
    let mut desk = at_rest();
    desk.written(notebook, text);
    assert_eq!(desk.codes_at(&at(notebook)), USER_SITE);
    let cell = Url::parse("vscode-notebook-cell:/ws/part/cells.ipynb#W0").unwrap();
    desk.open_at(cell.clone(), THING);
    desk.settle();
    assert_eq!((desk.codes_at(&at(notebook)), desk.codes_at(&cell).len()), (vec![], 1));
    desk.handle(Event::Closed { uri: cell.clone() });
    desk.settle();
    assert_eq!((desk.codes_at(&at(notebook)).len(), desk.codes_at(&cell)), (1, vec![]));
    // An editor that knows no notebooks opens it as JSON, which says nothing.
    let language = "json".to_owned();
    desk.handle(Event::Opened { uri: at(notebook), language, version: 1, text: text.to_owned() });
    desk.settle();
    desk.written(notebook, &text.replace("thing", "os"));
    assert_eq!(desk.codes_at(&at(notebook)), NOTHING);
    desk.written(notebook, text);
    assert_eq!(desk.codes_at(&at(notebook)), USER_SITE);
}

#[test]
fn folders_inside_folders_have_their_own_wishes() {
    let mut desk = at_rest();
    let folder = "/ws/part";
    desk.handle(Event::Folders { added: vec![folder.into()], removed: vec![] });
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
    desk.handle(Event::Folders { added: vec![], removed: vec!["/ws".into()] });
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), USER_SITE);
    desk.handle(Event::Folders { added: vec![], removed: vec![folder.into()] });
    desk.settle();
    assert_eq!(desk.codes_at(&at(CLOSED)), NOTHING);
}

#[test]
fn keys_are_answered_while_files_are_read() {
    let mut system = world();
    for number in 0..600 {
        system.write(format!("/ws/many/module_{number}.py"), THING);
    }
    let mut desk = Desk::new(system, whole());
    desk.open(THING);
    // Until the first piece is under way.
    while !desk.happened.iter().any(|it| it.starts_with("inspect")) {
        if desk.works.is_empty() {
            let event = desk.arriving.remove(0);
            desk.handle(event);
        } else {
            desk.work(0);
        }
    }
    let start = EditorPosition { line: 0, character: 0 };
    let changes = vec![Change { range: Some((start, start)), text: "\n".to_owned() }];
    let effects = desk.handle(Event::Changed { uri: app(), version: 2, changes });
    assert_eq!(effects, [format!("publish /ws/app.py Some(2) {USER_SITE:?}")]);
    // Turned off meanwhile: what is under way counts no more.
    desk.settings = json!({});
    desk.handle(Event::SettingsPushed(Value::Null));
    let answer = desk.arriving.remove(0);
    desk.handle(answer);
    desk.settle();
    assert_eq!(desk.what_happened("inspect").len(), 1);
    assert!(desk.shown.iter().all(|(uri, (_, it))| it.is_empty() || !uri.path().starts_with("/ws/many/")));
}
