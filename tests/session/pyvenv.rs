//! An open `pyvenv.cfg`: checked while it is typed, explained, completed.
//!
//! **Invariant:** the language id is the editor's business; the file's name decides.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use fromwhere_core::text::{Change, EditorPosition};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{HoverContents, Url};

use super::{Desk, make_environment, world};

fn cfg() -> Url {
    Url::from_file_path("/ws/.venv/pyvenv.cfg").unwrap()
}

const TEXT: &str = "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n";

fn open(desk: &mut Desk, text: &str) -> Vec<String> {
    let opened = Event::Opened { uri: cfg(), language: "dosini".to_owned(), version: 1, text: text.to_owned() };
    desk.handle(opened)
}

fn edit(desk: &mut Desk, version: i32, (line, from, to): (u32, u32, u32), text: &str) -> Vec<String> {
    let place = |character| EditorPosition { line, character };
    let changes = vec![Change { range: Some((place(from), place(to))), text: text.to_owned() }];
    desk.handle(Event::Changed { uri: cfg(), version, changes })
}

fn at_rest(text: &str) -> Desk {
    let mut system = world();
    make_environment(&mut system, false);
    system.write("/ws/.venv/pyvenv.cfg", text);
    let mut desk = Desk::new(system, Value::Null);
    open(&mut desk, text);
    desk.settle();
    desk
}

fn ask(desk: &mut Desk, request: Request) -> Response {
    desk.handle(Event::Asked { ticket: Ticket(7), request });
    let (ticket, response) = desk.replies.pop().unwrap();
    assert_eq!(ticket, Ticket(7));
    response
}

fn hover(desk: &mut Desk, line: u32) -> Option<String> {
    let position = EditorPosition { line, character: 3 };
    match ask(desk, Request::Hover { uri: cfg(), position }) {
        Response::Hover(hover) => hover.map(|hover| match hover.contents {
            HoverContents::Markup(markup) => markup.value,
            other => panic!("{other:?}"),
        }),
        other => panic!("{other:?}"),
    }
}

fn completions(desk: &mut Desk, line: u32, character: u32) -> Vec<String> {
    match ask(desk, Request::Complete { uri: cfg(), position: EditorPosition { line, character } }) {
        Response::Completions(items) => items.into_iter().map(|item| item.label).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn opening_it_looks_at_its_project_and_at_the_machine() {
    let mut system = world();
    make_environment(&mut system, false);
    let mut desk = Desk::new(system, Value::Null);
    assert_eq!(open(&mut desk, TEXT), ["pythons", "locate /ws/.venv"]);
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), Vec::<String>::new());
}

#[test]
fn a_word_that_is_typed_waits_and_what_is_right_is_cleared_at_once() {
    let mut desk = at_rest(TEXT);
    assert_eq!(edit(&mut desk, 2, (2, 31, 36), "y"), ["timer 250"]);
    assert_eq!(edit(&mut desk, 3, (2, 32, 32), "es"), ["timer 250"]);
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), ["pyvenv-cfg-syntax"]);
    assert_eq!(desk.shown[&cfg()].0, Some(3));
    let cleared = edit(&mut desk, 4, (2, 31, 34), "true");
    assert_eq!(cleared, ["timer 250", "publish /ws/.venv/pyvenv.cfg Some(4) []"]);
}

#[test]
fn what_the_disk_says_stays_with_its_line() {
    let text = "home = /gone/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n";
    let mut desk = at_rest(text);
    assert_eq!(desk.codes_at(&cfg()), ["venv-home-mismatch"]);
    let moved = edit(&mut desk, 2, (0, 0, 0), "# made by hand\n");
    assert_eq!(moved, ["publish /ws/.venv/pyvenv.cfg Some(2) [\"venv-home-mismatch\"]"]);
    assert_eq!(desk.shown[&cfg()].1[0].range.start.line, 1);
    let gone = edit(&mut desk, 3, (1, 7, 16), "/usr/bin");
    assert_eq!(gone, ["timer 250", "publish /ws/.venv/pyvenv.cfg Some(3) []"]);
    // What is saved is on the disk, where it is looked at again.
    desk.system.write("/ws/.venv/pyvenv.cfg", format!("# made by hand\n{}", text.replace("/gone", "/usr")));
    desk.handle(Event::Saved { uri: cfg() });
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), Vec::<String>::new());
}

#[test]
fn it_is_closed_and_the_disk_speaks_again() {
    let mut desk = at_rest("home = /gone/bin\ninclude-system-site-packages = false\n");
    edit(&mut desk, 2, (0, 7, 16), "/usr/bin");
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), Vec::<String>::new());
    desk.handle(Event::Closed { uri: cfg() });
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), ["venv-home-mismatch"]);
}

#[test]
fn its_keys_are_explained_for_the_python_in_force() {
    let mut desk =
        at_rest("home = /usr/bin\nversion = 3.9.1\ninclude-system-site-packages = yes\nnonsense\nuv = 0.9.1\n");
    let home = hover(&mut desk, 0).unwrap();
    assert!(home.contains("Python 3.11 looks for its standard library from here upwards"), "{home}");
    assert!(home.contains("In force: the standard library in /usr/lib/python3.11"), "{home}");
    assert!(home.contains("Written by uv 0.9.1"), "{home}");
    let version = hover(&mut desk, 1).unwrap();
    assert!(version.contains("No Python reads it") && version.contains("In force: Python 3.11"), "{version}");
    let flag = hover(&mut desk, 2).unwrap();
    assert!(flag.contains("every other word is false") && flag.contains("Here it is false"), "{flag}");
    assert_eq!(hover(&mut desk, 3), None);
}

#[test]
fn keys_and_values_are_completed() {
    let mut desk = at_rest("home = \ninclude-system-site-packages = f\n\n");
    assert_eq!(completions(&mut desk, 0, 7), ["/usr/bin"]);
    assert_eq!(completions(&mut desk, 1, 32), ["true", "false"]);
    assert_eq!(completions(&mut desk, 2, 0), ["prompt"]);
    assert_eq!(completions(&mut desk, 0, 2), ["home", "prompt"]);
}

#[test]
fn python_is_not_completed() {
    let mut desk = super::at_rest();
    let request = Request::Complete { uri: super::app(), position: EditorPosition { line: 0, character: 3 } };
    assert_eq!(ask(&mut desk, request), Response::Completions(Vec::new()));
}

#[test]
fn the_settings_hold_for_what_is_typed() {
    let mut system = world();
    make_environment(&mut system, false);
    let mut desk = Desk::new(system, json!({ "severity": { "pyvenv-cfg-syntax": "off" } }));
    open(&mut desk, TEXT);
    desk.settle();
    edit(&mut desk, 2, (2, 31, 36), "yes");
    desk.settle();
    assert_eq!(desk.codes_at(&cfg()), Vec::<String>::new());
}
