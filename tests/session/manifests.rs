//! Manifests that are open: what is typed into them counts before it is saved.
//!
//! **Invariant:** the disk keeps the text that was opened, whatever the editor makes of it.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use fromwhere_core::text::{Change, EditorPosition, Encoding, Text};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{CodeActionOrCommand, DocumentChanges, OneOf, Position, Url};

use super::{Desk, app, world};

const MANIFEST: &str = "/ws/pyproject.toml";
const USER_SITE: &str = "/home/user/.local/lib/python3.11/site-packages";
const METADATA: &str = "/ws/.venv/lib/python3.11/site-packages/thing-1.dist-info/METADATA";

/// A manifest that is open, as its editor has it.
struct Open {
    uri: Url,
    version: i32,
    text: Text,
}

impl Open {
    fn new(desk: &mut Desk, path: &str, text: &str) -> Self {
        let uri = Url::from_file_path(path).unwrap();
        let (language, text) = (String::new(), text.to_owned());
        desk.handle(Event::Opened { uri: uri.clone(), language, version: 1, text: text.clone() });
        Open { uri, version: 1, text: Text::new(text) }
    }

    fn change(&mut self, desk: &mut Desk, from: Position, to: Position, text: &str) -> Vec<String> {
        self.version += 1;
        let place = |position: Position| EditorPosition { line: position.line, character: position.character };
        let change = Change { range: Some((place(from), place(to))), text: text.to_owned() };
        self.text.apply(&change, Encoding::Utf16);
        desk.handle(Event::Changed { uri: self.uri.clone(), version: self.version, changes: vec![change] })
    }

    /// Types lines at the top.
    fn head(&mut self, desk: &mut Desk, text: &str) -> Vec<String> {
        self.change(desk, Position::default(), Position::default(), text)
    }

    /// Takes the fix of this title, which has to be for the version that is open.
    fn take(&mut self, desk: &mut Desk, (file, line): (&Url, u32), title: &str) {
        let request = Request::Fixes { uri: file.clone(), lines: (line, line) };
        desk.handle(Event::Asked { ticket: Ticket(7), request });
        let Some((_, Response::Fixes(fixes))) = desk.replies.last() else { panic!("no reply") };
        let actions = fixes.iter().filter_map(|fix| match fix {
            CodeActionOrCommand::CodeAction(action) => Some(action),
            CodeActionOrCommand::Command(_) => None,
        });
        let edit = actions.clone().find(|it| it.title == title).and_then(|it| it.edit.clone());
        let titles: Vec<&str> = actions.map(|it| it.title.as_str()).collect();
        let Some(edit) = edit else { panic!("no `{title}` in {titles:?}") };
        let Some(DocumentChanges::Edits(files)) = edit.document_changes else { panic!("{edit:?}") };
        assert_eq!((files.len(), files[0].edits.len()), (1, 1));
        let document = &files[0].text_document;
        assert_eq!((&document.uri, document.version), (&self.uri, Some(self.version)));
        let OneOf::Left(edit) = files[0].edits[0].clone() else { panic!("annotated") };
        self.change(desk, edit.range.start, edit.range.end, &edit.new_text);
    }

    /// What is shown in it, each with the line that it is shown at.
    fn shown(&self, desk: &Desk) -> Vec<(String, String)> {
        let (version, diagnostics) = &desk.shown[&self.uri];
        assert_eq!(*version, Some(self.version), "of the newest text");
        let line = |line: u32| self.text.line(line).to_owned();
        diagnostics.iter().map(|it| (line(it.range.start.line), it.message.clone())).collect()
    }
}

fn desk(files: &[(&str, &str)]) -> Desk {
    let mut system = world();
    system.write(format!("{USER_SITE}/yaml/__init__.py"), "").write(format!("{USER_SITE}/six.py"), "");
    for (path, text) in files {
        system.write(path, *text);
    }
    let capabilities = json!({
        "workspace": { "configuration": true, "workspaceEdit": { "documentChanges": true } },
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } },
    });
    let mut desk = Desk::with_client(system, Value::Null, &capabilities);
    desk.open("import yaml\nimport six\n");
    desk.settle();
    desk
}

#[test]
fn fixes_in_a_row_each_go_into_what_the_one_before_has_left() {
    let head = "[project]\nname = \"demo\"\n";
    for (before, [yaml, six], expected) in [
        (
            format!("{head}dependencies = []\n"),
            ["Add `PyYAML` to the dependencies in pyproject.toml", "Add `six` to the dependencies in pyproject.toml"],
            format!("# a\n# b\n{head}dependencies = [\"PyYAML\", \"six\"]\n"),
        ),
        (
            head.to_owned(),
            ["Add `PyYAML` to the dependencies in pyproject.toml", "Add `six` to the dependencies in pyproject.toml"],
            format!("# a\n# b\n{head}dependencies = [\"PyYAML\", \"six\"]\n"),
        ),
        (
            head.to_owned(),
            ["Allow `yaml` in pyproject.toml", "Allow `six` in pyproject.toml"],
            format!("# a\n# b\n{head}\n[tool.fromwhere]\nallow = [\"yaml\", \"six\"]\n"),
        ),
    ] {
        let mut desk = desk(&[(MANIFEST, &before)]);
        let mut manifest = Open::new(&mut desk, MANIFEST, &before);
        manifest.take(&mut desk, (&app(), 0), yaml);
        manifest.head(&mut desk, "# a\n# b\n");
        manifest.take(&mut desk, (&app(), 1), six);
        assert_eq!(manifest.text.source(), expected);
        let left = desk.titles_at(&app(), 1);
        assert!(!left.iter().any(|title| title == six), "it is there by now: {left:?}");
    }
    // What could not take one more gets none.
    let mut desk = desk(&[(MANIFEST, head)]);
    let mut manifest = Open::new(&mut desk, MANIFEST, head);
    manifest.head(&mut desk, "[");
    let left = desk.titles_at(&app(), 1);
    assert!(!left.iter().any(|title| title.contains("pyproject.toml")), "{left:?}");
}

#[test]
fn a_mistake_in_the_settings_is_corrected_where_it_stands_now() {
    let text = "[project]\nname = \"demo\"\ndependencies=[]\n\n[tool.fromwhere]\nalow=[]\n";
    let mut desk = desk(&[(MANIFEST, text)]);
    let mut manifest = Open::new(&mut desk, MANIFEST, text);
    let message = "unknown key `alow`; did you mean `allow`?";
    assert_eq!(manifest.head(&mut desk, "# a\n# b\n"), ["publish /ws/pyproject.toml Some(2) [\"configuration\"]"]);
    assert_eq!(manifest.shown(&desk), [("alow=[]".to_owned(), message.to_owned())]);
    let uri = manifest.uri.clone();
    assert_eq!(desk.titles_at(&uri, 5), [""; 0]);
    manifest.take(&mut desk, (&uri, 7), "Write `allow`");
    assert_eq!(manifest.text.source(), format!("# a\n# b\n{}", text.replace("alow", "allow")));
    assert_eq!(manifest.shown(&desk), [], "taken back before it is saved");
    // Thrown away: the disk still has it.
    desk.handle(Event::Closed { uri: uri.clone() });
    desk.settle();
    assert_eq!(desk.shown[&uri].1[0].range.start.line, 5);
}

#[test]
fn what_is_found_on_the_disk_is_shown_where_its_line_stands_in_the_editor() {
    let path = "/ws/requirements.txt";
    let text = "thing\nother\n";
    let mut desk = desk(&[(MANIFEST, ""), (path, text)]);
    let mut requirements = Open::new(&mut desk, path, text);
    requirements.head(&mut desk, "# x\n# y\n");
    desk.settle();
    desk.system.write(METADATA, "Name: thing\nVersion: 1\n");
    desk.handle(Event::Disk(vec![METADATA.trim_end_matches("/METADATA").into()]));
    desk.settle();
    let message = "`other` is declared, but not installed in .venv";
    assert_eq!(requirements.shown(&desk), [("other".to_owned(), message.to_owned())]);
    // Its line is typed on: it may be right by now, and nobody has looked.
    let end = Position::new(3, 5);
    let taken_back = requirements.change(&mut desk, end, end, "s");
    assert_eq!(taken_back, ["publish /ws/requirements.txt Some(3) []"]);
    let saved = requirements.text.source().to_owned();
    desk.system.write(path, saved);
    desk.handle(Event::Disk(vec![path.into()]));
    desk.settle();
    assert_eq!(requirements.shown(&desk), [("others".to_owned(), message.replace("other", "others"))]);
}

#[test]
fn what_setup_py_declares_moves_with_its_line() {
    let path = "/ws/setup.py";
    let text = "import yaml\nfrom setuptools import setup\nsetup(install_requires=['other'])\n";
    let mut desk = desk(&[(MANIFEST, ""), (path, text), (METADATA, "Name: thing\nVersion: 1\n")]);
    let mut setup = Open::new(&mut desk, path, text);
    desk.settle();
    let declared = ["setup(install_requires=['other'])"];
    let lines = |shown: Vec<(String, String)>| shown.into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    assert_eq!(lines(setup.shown(&desk)), declared);
    for place in [Position::default(), Position::new(2, 0)] {
        let effects = setup.change(&mut desk, place, place, "# x\n");
        assert_eq!(effects.iter().filter(|it| it.starts_with("publish")).count(), 1, "{effects:?}");
        assert_eq!(lines(setup.shown(&desk)), declared);
    }
}

/// The client's words for edits that name versions and make files, and for documents that it shows.
fn of_all(names_versions: bool, makes_files: bool) -> Value {
    let operations = if makes_files { json!(["create"]) } else { json!([]) };
    json!({
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } },
        "workspace": { "workspaceEdit": { "documentChanges": names_versions, "resourceOperations": operations } },
        "window": { "showDocument": { "support": true } },
    })
}

#[test]
fn a_file_is_made_where_the_client_makes_files() {
    // Neovim makes files, and does not say that it takes `documentChanges`.
    for (names_versions, makes_files) in [(true, true), (false, true), (true, false), (false, false)] {
        let mut desk = Desk::with_client(world(), Value::Null, &of_all(names_versions, makes_files));
        desk.system.remove(MANIFEST);
        desk.open("import thing\n");
        desk.settle();
        desk.replies.clear();
        let request = Request::Fixes { uri: app(), lines: (0, 0) };
        desk.handle(Event::Asked { ticket: Ticket(7), request });
        let Some((_, Response::Fixes(fixes))) = desk.replies.last() else { panic!("no reply") };
        let made = fixes.iter().find_map(|fix| match fix {
            CodeActionOrCommand::CodeAction(action) if action.title == "Allow `thing` in fromwhere.toml" => {
                Some(serde_json::to_value(action.edit.as_ref()?).unwrap())
            }
            _ => None,
        });
        let Some(made) = made else {
            assert!(!makes_files, "{fixes:?}");
            continue;
        };
        assert!(makes_files);
        let uri = "file:///ws/fromwhere.toml";
        assert_eq!(made.pointer("/documentChanges/0/kind"), Some(&json!("create")));
        assert_eq!(made.pointer("/documentChanges/0/uri"), Some(&json!(uri)));
        assert_eq!(made.pointer("/documentChanges/1/textDocument/uri"), Some(&json!(uri)));
        assert_eq!(made.pointer("/documentChanges/1/edits/0/newText"), Some(&json!("allow = [\"thing\"]\n")));
    }
}

#[test]
fn the_file_that_is_to_blame_is_shown() {
    let mut desk = Desk::with_client(world(), Value::Null, &of_all(true, false));
    desk.system.remove("/ws/.venv/bin/python").link("/ws/.venv/bin/python", "/opt/gone");
    desk.open("import thing\n");
    desk.settle();
    desk.replies.clear();
    let uri = Url::from_file_path(MANIFEST).unwrap();
    desk.handle(Event::Asked { ticket: Ticket(7), request: Request::Fixes { uri, lines: (0, 0) } });
    let Some((_, Response::Fixes(fixes))) = desk.replies.last() else { panic!("no reply") };
    let command = fixes.iter().find_map(|fix| match fix {
        CodeActionOrCommand::CodeAction(action) if action.title == "Open .venv/pyvenv.cfg" => action.command.clone(),
        _ => None,
    });
    let command = command.unwrap_or_else(|| panic!("{fixes:?}"));
    let (command, arguments) = (command.command, command.arguments.unwrap_or_default());
    let shown = desk.handle(Event::Asked { ticket: Ticket(8), request: Request::Execute { command, arguments } });
    assert!(shown.contains(&"show file:///ws/.venv/pyvenv.cfg 0".to_owned()), "{shown:?}");
    let refused = Request::Execute { command: "fromwhere.server.open".to_owned(), arguments: vec![json!("here")] };
    desk.handle(Event::Asked { ticket: Ticket(9), request: refused });
    assert!(matches!(desk.replies.last(), Some((Ticket(9), Response::Refused(_)))));
}
