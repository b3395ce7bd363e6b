//! The cells of one notebook: a module is reported once, whatever happens to its cells.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{CodeActionOrCommand, Url};

use super::{Desk, at_rest, world};

fn cell(number: usize) -> Url {
    // VS Code's own: `W` and a digit, then the scheme in base64.
    Url::parse(&format!("vscode-notebook-cell:/ws/notes.ipynb#W{number}sZmlsZQ%3D%3D")).unwrap()
}

fn codes(desk: &Desk) -> Vec<usize> {
    (0..4).map(|number| desk.codes_at(&cell(number)).len()).collect()
}

fn open(desk: &mut Desk, cells: &[&str]) {
    for (number, text) in cells.iter().enumerate() {
        desk.open_at(cell(number), text);
    }
    desk.settle();
}

impl Desk {
    fn type_in(&mut self, uri: Url, text: &str) {
        self.version += 1;
        let changes = vec![fromwhere_core::text::Change { range: None, text: text.to_owned() }];
        self.handle(Event::Changed { uri, version: self.version, changes });
        self.settle();
    }
}

#[test]
fn a_module_is_reported_once_a_notebook() {
    let mut desk = at_rest();
    open(&mut desk, &["import json\n", "%time 1\nimport thing", "import thing\n", "%%bash\nimport thing\n"]);
    assert_eq!(codes(&desk), [0, 1, 0, 0]);
    let range = desk.shown[&cell(1)].1[0].range;
    assert_eq!((range.start.line, range.start.character, range.end.character), (1, 7, 12));
    assert_eq!(desk.codes(), ["import-from-user-site"], "a file beside it has its own");
}

#[test]
fn what_happens_to_one_cell_counts_for_the_others() {
    let mut desk = at_rest();
    open(&mut desk, &["import json\n", "import thing", "import thing\n"]);
    desk.type_in(cell(0), "import thing\n");
    assert_eq!(codes(&desk), [1, 0, 0, 0]);
    desk.type_in(cell(0), "# fromwhere: ignore\n");
    assert_eq!(codes(&desk), [0, 0, 0, 0]);
    desk.type_in(cell(0), "");
    assert_eq!(codes(&desk), [0, 1, 0, 0]);
    desk.handle(Event::Closed { uri: cell(1) });
    desk.settle();
    assert_eq!(codes(&desk), [0, 0, 1, 0]);
    desk.open_at(cell(1), "import thing\n");
    desk.settle();
    assert_eq!(codes(&desk), [0, 1, 0, 0]);
}

#[test]
fn the_order_of_events_makes_no_difference() {
    let texts = ["import json\n", "import thing\n", "import thing\nimport nothing\n"];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut desk = Desk::new(world(), Value::Null);
        for number in order {
            desk.open_at(cell(number), texts[number]);
        }
        desk.settle();
        assert_eq!(codes(&desk), [0, 1, 0, 0], "{order:?}");
    }
}

#[test]
fn a_fix_edits_its_own_cell() {
    let capabilities = json!({
        "workspace": { "configuration": true },
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } },
    });
    let mut desk = Desk::with_client(world(), Value::Null, &capabilities);
    open(&mut desk, &["import json\n\n", "import thing"]);
    let request = Request::Fixes { uri: cell(1), lines: (0, 0) };
    desk.handle(Event::Asked { ticket: Ticket(7), request });
    let Some((Ticket(7), Response::Fixes(fixes))) = desk.replies.last() else { panic!("no fixes") };
    let edits = fixes.iter().find_map(|fix| match fix {
        CodeActionOrCommand::CodeAction(action) if action.title.starts_with("Ignore") => action.edit.clone(),
        _ => None,
    });
    let changes = edits.unwrap().changes.unwrap();
    let (uri, edits) = changes.iter().next().unwrap();
    assert_eq!(*uri, cell(1));
    assert_eq!((edits[0].range.start.line, edits[0].range.start.character), (0, 12));
}

/// A notebook on the disk that names a kernel, and another environment with one of that name.
fn kernel(name: &str) -> String {
    json!({ "nbformat": 4, "metadata": { "kernelspec": { "name": name } }, "cells": [] }).to_string()
}

#[test]
fn a_notebook_is_checked_against_its_kernel() {
    let mut system = world();
    system.write("/ws/notes.ipynb", kernel("mine"));
    system.write(
        "/home/user/.local/share/jupyter/kernels/mine/kernel.json",
        json!({ "argv": ["/home/user/mine/bin/python", "-m", "ipykernel_launcher"] }).to_string(),
    );
    system.write(
        "/home/user/mine/pyvenv.cfg",
        "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n",
    );
    system.link("/home/user/mine/bin/python", "/usr/bin/python3.11");
    system.write("/home/user/mine/lib/python3.11/site-packages/thing/__init__.py", "");
    let mut desk = Desk::new(system, Value::Null);
    open(&mut desk, &["import json\n", "import thing\n"]);
    assert_eq!(codes(&desk), [0, 0, 0, 0], "the kernel has it");
    let file = Url::from_file_path("/ws/notes.ipynb").unwrap();
    assert_eq!(desk.codes_at(&file), Vec::<String>::new(), "the project finds it too, only elsewhere");
    // The kernel is changed in the editor, which writes the file.
    desk.system.write("/ws/notes.ipynb", kernel("python3"));
    desk.handle(Event::Disk(vec!["/ws/notes.ipynb".into()]));
    desk.settle();
    assert_eq!(codes(&desk), [0, 1, 0, 0]);
    desk.system.write("/ws/notes.ipynb", kernel("unknown"));
    desk.handle(Event::Disk(vec!["/ws/notes.ipynb".into()]));
    desk.settle();
    assert_eq!(codes(&desk), [0, 1, 0, 0], "a kernel that is not there leaves the choice to the project");
    for number in 0..2 {
        desk.handle(Event::Closed { uri: cell(number) });
    }
    desk.settle();
    assert!(desk.happened.last().unwrap().starts_with("forget /ws (/ws/notes.ipynb (unknown))"), "{:?}", desk.happened);
}

#[test]
fn a_kernel_of_another_environment_is_told_where_it_is_named() {
    let mut system = world();
    system.write("/ws/notes.ipynb", kernel("mine"));
    system.write(
        "/home/user/.local/share/jupyter/kernels/mine/kernel.json",
        json!({ "argv": ["/home/user/mine/bin/python"] }).to_string(),
    );
    system.write(
        "/home/user/mine/pyvenv.cfg",
        "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n",
    );
    system.link("/home/user/mine/bin/python", "/usr/bin/python3.11");
    system.create_directory("/home/user/mine/lib/python3.11/site-packages");
    let mut desk = Desk::new(system, Value::Null);
    open(&mut desk, &["import thing\n"]);
    let file = Url::from_file_path("/ws/notes.ipynb").unwrap();
    assert_eq!(desk.codes_at(&file), ["env-mismatch"]);
    assert_eq!(codes(&desk), [1, 0, 0, 0], "and the cell has its own");
    let range = desk.shown[&file].1[0].range;
    assert_eq!((range.start.line, range.start.character), (0, 45));
}
