//! Inlay hints: off by default, one word where an import comes from elsewhere, and true when the disk has changed.

use fromwhere::lsp::convert;
use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use serde_json::{Value, json};

use super::{Desk, SITE, app, world};

fn desk(settings: Value) -> Desk {
    let capabilities = json!({ "workspace": { "configuration": true, "inlayHint": { "refreshSupport": true } } });
    let mut desk = Desk::with_client(world(), settings, &capabilities);
    desk.open("import os\nimport thing\nimport nowhere\n");
    desk
}

impl Desk {
    fn hints(&mut self, lines: (u32, u32)) -> Value {
        self.replies.clear();
        self.handle(Event::Asked { ticket: Ticket(1), request: Request::Hints { uri: app(), lines } });
        self.settle();
        match self.replies.as_slice() {
            [(_, Response::Hints(hints))] => {
                hints.iter().cloned().map(|it| serde_json::to_value(convert::inlay_hint(it)).unwrap()).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn hints_are_off_unless_asked_for() {
    assert_eq!(desk(Value::Null).hints((0, 9)), json!([]));
}

#[test]
fn one_word_stands_behind_what_comes_from_elsewhere() {
    let mut desk = desk(json!({ "inlayHints": true }));
    let hint = json!({
        "position": { "line": 1, "character": 12 },
        "label": "user",
        "tooltip": "`thing` comes from the user site",
        "paddingLeft": true
    });
    assert_eq!(desk.hints((0, 9)), json!([hint]));
    assert_eq!(desk.hints((0, 0)), json!([]));
}

#[test]
fn the_client_is_told_when_a_hint_is_another() {
    let mut desk = desk(json!({ "inlayHints": true }));
    desk.hints((0, 9));
    desk.happened.clear();
    desk.system.write(SITE, "");
    desk.handle(Event::Disk(vec![SITE.trim_end_matches("/__init__.py").into()]));
    desk.settle();
    assert!(desk.happened.contains(&"RefreshHints".to_owned()), "{:?}", desk.happened);
    assert_eq!(desk.hints((0, 9)), json!([]));
    desk.happened.clear();
    desk.handle(Event::Rescan);
    desk.settle();
    assert!(!desk.happened.contains(&"RefreshHints".to_owned()), "{:?}", desk.happened);
    // Switched off while they are shown.
    desk.system.remove("/ws/.venv/lib/python3.11/site-packages/thing");
    desk.handle(Event::Rescan);
    desk.settle();
    desk.hints((0, 9));
    desk.happened.clear();
    desk.settings = json!({ "inlayHints": false });
    desk.handle(Event::SettingsPushed(Value::Null));
    desk.settle();
    assert!(desk.happened.contains(&"RefreshHints".to_owned()), "{:?}", desk.happened);
}
