//! The one question that is put to the user.

use fromwhere::lsp::event::{Event, Request, Ticket, Timer};
use serde_json::{Value, json};

use super::{Desk, SITE, make_environment, world};

const PYTHON: &str = "/ws/.venv/bin/python";

fn client(actions: bool) -> Value {
    let message =
        if actions { json!({ "messageActionItem": { "additionalPropertiesSupport": true } }) } else { json!({}) };
    json!({ "workspace": { "configuration": true }, "window": { "showMessage": message, "showDocument": { "support": true } } })
}

fn at_rest(settings: Value, actions: bool) -> Desk {
    let mut desk = Desk::with_client(world(), settings, &client(actions));
    desk.open("import thing\n");
    desk.settle();
    desk.happened.clear();
    desk
}

impl Desk {
    fn point_python_to(&mut self, target: &str) {
        self.system.link(PYTHON, target);
        self.handle(Event::Disk(vec![PYTHON.into()]));
    }

    /// Lets everything happen but what waits longer than a look at the disk.
    fn settle_but_for_the_question(&mut self) -> Vec<Timer> {
        let mut kept = Vec::new();
        loop {
            let is_question = |timer: &Timer| matches!(timer, Timer::Stopped { .. });
            while let Some(at) = self.timers.iter().position(is_question) {
                kept.push(self.timers.remove(at));
            }
            if self.works.is_empty() && self.arriving.is_empty() && self.timers.is_empty() {
                return kept;
            }
            if !self.works.is_empty() {
                self.work(0);
            } else if !self.arriving.is_empty() {
                let event = self.arriving.remove(0);
                self.handle(event);
            } else {
                let timer = self.timers.remove(0);
                self.handle(Event::Timer(timer));
            }
        }
    }

    fn asked_for(&self) -> Vec<&String> {
        self.happened.iter().filter(|it| it.starts_with("ask: ")).collect()
    }
}

#[test]
fn a_python_that_goes_away_is_asked_about_once() {
    let mut desk = at_rest(Value::Null, true);
    for _ in 0..2 {
        desk.point_python_to("/nowhere");
        desk.settle();
        desk.point_python_to("/usr/bin/python3.11");
        desk.settle();
    }
    let asked = "ask: fromwhere: `.venv/bin/python` leads to `/nowhere`, which is gone \
                 [\"Show import roots\", \"Show the command that helps\", \"Not now\"]";
    assert_eq!(desk.asked_for(), [asked]);
    // Another cause is another question.
    desk.point_python_to("/elsewhere");
    desk.settle();
    assert_eq!(desk.asked_for().len(), 2);
}

#[test]
fn what_lasts_a_moment_is_not_asked_about() {
    let mut desk = at_rest(Value::Null, true);
    desk.point_python_to("/nowhere");
    let late = desk.settle_but_for_the_question();
    assert_eq!(late.len(), 1);
    desk.point_python_to("/usr/bin/python3.11");
    desk.settle();
    desk.handle(Event::Timer(late[0].clone()));
    assert_eq!(desk.asked_for(), [""; 0]);
    // And nothing where nobody looks at the project any more.
    desk.point_python_to("/nowhere");
    let late = desk.settle_but_for_the_question();
    desk.handle(Event::Closed { uri: super::app() });
    desk.handle(Event::Timer(late[0].clone()));
    assert_eq!(desk.asked_for(), [""; 0]);
}

#[test]
fn nothing_is_asked_at_the_start_and_where_it_is_not_wanted() {
    let mut broken = world();
    broken.link(PYTHON, "/nowhere");
    let mut desk = Desk::with_client(broken, Value::Null, &client(true));
    desk.open("import thing\n");
    desk.settle();
    desk.handle(Event::Disk(vec![SITE.trim_end_matches("/__init__.py").into()]));
    desk.settle();
    assert_eq!(desk.asked_for(), [""; 0], "it was never otherwise");
    for (settings, actions) in [(json!({ "prompts": false }), true), (Value::Null, false)] {
        let mut desk = at_rest(settings, actions);
        desk.point_python_to("/nowhere");
        desk.settle();
        assert_eq!(desk.asked_for(), [""; 0]);
    }
}

#[test]
fn what_is_chosen_is_shown_and_nothing_is_run() {
    let mut desk = at_rest(Value::Null, true);
    desk.point_python_to("/nowhere");
    desk.settle();
    let shown = desk.handle(Event::Chosen { number: 1, action: Some("Show import roots".to_owned()) });
    assert!(shown.iter().any(|it| it.starts_with("write ") && it.ends_with(" and show it")), "{shown:?}");
    assert_eq!(desk.handle(Event::Chosen { number: 1, action: Some("Show import roots".to_owned()) }), [""; 0]);
    desk.point_python_to("/elsewhere");
    desk.settle();
    desk.handle(Event::Chosen { number: 2, action: Some("Show the command that helps".to_owned()) });
    assert!(desk.told[0].starts_with("Run in a terminal: "), "{:?}", desk.told);
    desk.point_python_to("/third");
    desk.settle();
    assert_eq!(desk.handle(Event::Chosen { number: 3, action: None }), [""; 0]);
    desk.point_python_to("/fourth");
    desk.settle();
    assert_eq!(desk.handle(Event::Chosen { number: 4, action: Some("Not now".to_owned()) }), [""; 0]);
}

#[test]
fn an_environment_that_is_gone_is_asked_about() {
    let mut system = world();
    system.write("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\n");
    let mut desk = Desk::with_client(system, Value::Null, &client(true));
    desk.open("import thing\n");
    desk.settle();
    desk.system.remove("/ws/.venv");
    desk.handle(Event::Disk(vec!["/ws/.venv".into()]));
    desk.settle();
    assert_eq!(desk.asked_for().len(), 1, "{:?}", desk.happened);
    make_environment(&mut desk.system, true);
    desk.handle(Event::Disk(vec!["/ws/.venv".into(), "/ws/.venv/pyvenv.cfg".into()]));
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"]);
}

#[test]
fn everything_is_read_again_where_somebody_asks() {
    let mut desk = at_rest(json!({ "diagnostics": "workspace", "watch": "off" }), true);
    // No watcher has seen these.
    desk.system.write(SITE, "").write("/ws/other.py", "import nowhere, thing\n");
    let command = "fromwhere.server.checkAgain".to_owned();
    let ask = |ticket, arguments| Event::Asked {
        ticket: Ticket(ticket),
        request: Request::Execute { command: command.clone(), arguments },
    };
    assert!(desk.handle(ask(1, vec![])).contains(&"reply".to_owned()));
    desk.settle();
    assert_eq!(desk.codes(), [""; 0]);
    desk.system.remove("/ws/.venv/lib/python3.11/site-packages/thing");
    desk.handle(ask(2, vec![]));
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"]);
    let other = tower_lsp::lsp_types::Url::from_file_path("/ws/other.py").unwrap();
    assert_eq!(desk.codes_at(&other), ["import-from-user-site"]);
    desk.handle(ask(3, vec![json!(1)]));
    assert!(matches!(desk.replies.last(), Some((Ticket(3), fromwhere::lsp::effect::Response::Refused(_)))));
}
