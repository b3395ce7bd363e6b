//! The progress of a discovery, whose end is the status line of editors that have no other.

use fromwhere::lsp::effect::Work;
use fromwhere::lsp::event::{Event, ProjectKey, Timer, WorkName};
use serde_json::{Value, json};

use super::{Desk, make_environment, world};

const BEGIN: &str = "progress: Resolving Python environment";

/// A session whose client shows progress, with one document open, before anything was looked at.
fn opened() -> Desk {
    let mut desk = Desk::with_client(world(), Value::Null, &json!({ "window": { "workDoneProgress": true } }));
    desk.open("import thing\n");
    desk
}

impl Desk {
    /// Settles, and returns what progress was shown on the way.
    fn progress(&mut self) -> Vec<String> {
        let mut shown = Vec::new();
        while !self.works.is_empty() || !self.timers.is_empty() {
            let effects = if self.works.is_empty() {
                let timer = self.timers.remove(0);
                self.handle(Event::Timer(timer))
            } else {
                self.work(0)
            };
            shown.extend(effects.into_iter().filter(|effect| effect.starts_with("progress")));
        }
        shown
    }

    fn the_clock_shows_slow(&mut self) -> Vec<String> {
        let slow = self.timers.iter().position(|timer| matches!(timer, Timer::Slow { .. })).unwrap();
        let timer = self.timers.remove(slow);
        self.handle(Event::Timer(timer))
    }
}

#[test]
fn a_slow_discovery_is_shown_until_it_ends() {
    let mut desk = opened();
    assert_eq!(desk.work(0), ["discover /ws 1", "timer 100"]);
    assert_eq!(desk.the_clock_shows_slow(), [BEGIN]);
    assert_eq!(desk.progress(), ["progress ends: .venv · Python 3.11 · 0 packages"]);
    // The same again, fast or slow: only the slow one is shown.
    desk.handle(Event::Rescan);
    assert_eq!(desk.progress(), Vec::<String>::new());
    desk.handle(Event::Rescan);
    let quiet = desk.timers.remove(0);
    desk.handle(Event::Timer(quiet));
    assert_eq!(desk.the_clock_shows_slow(), [BEGIN]);
    assert_eq!(desk.progress(), ["progress ends: .venv · Python 3.11 · 0 packages"]);
}

#[test]
fn a_fast_discovery_is_said_where_its_outcome_is_new() {
    let mut desk = opened();
    assert_eq!(desk.progress(), [BEGIN, "progress ends: .venv · Python 3.11 · 0 packages"]);
    desk.system.create_directory("/ws/.venv/lib/python3.11/site-packages/thing-1.dist-info");
    desk.handle(Event::Rescan);
    assert_eq!(desk.progress(), [BEGIN, "progress ends: .venv · Python 3.11 · 1 package"]);
    // What differs elsewhere is no other outcome.
    make_environment(&mut desk.system, false);
    desk.handle(Event::Rescan);
    assert_eq!(desk.progress(), [""; 0]);
    assert_eq!(desk.told, [""; 0], "nothing pops up");
}

#[test]
fn a_project_that_is_forgotten_leaves_no_progress_behind() {
    let mut desk = opened();
    desk.work(0);
    desk.the_clock_shows_slow();
    let folder = || vec!["/ws".into()];
    desk.handle(Event::Folders { added: Vec::new(), removed: folder() });
    let closed = desk.handle(Event::Closed { uri: super::app() });
    assert!(closed.contains(&"progress ends: not resolved".to_owned()), "{closed:?}");
}

/// Those of some effects that tell the status: whether nothing is being looked up.
fn rests(effects: &[String]) -> Vec<bool> {
    let told = effects.iter().filter(|effect| effect.starts_with("Status("));
    told.map(|status| status.contains("quiescent: true")).collect()
}

#[test]
fn the_status_is_busy_while_a_look_is_slow_however_it_ends() {
    let capabilities = json!({ "experimental": { "serverStatusNotification": true } });
    let mut desk = Desk::with_client(world(), Value::Null, &capabilities);
    desk.open("import thing\n");
    desk.work(0);
    assert_eq!(rests(&desk.the_clock_shows_slow()), [false]);
    desk.settle();
    assert_eq!(rests(&desk.happened).last(), Some(&true));

    let look = |desk: &mut Desk| {
        desk.happened.clear();
        desk.timers.clear();
        desk.handle(Event::Rescan);
        let quiet = desk.timers.remove(0);
        desk.handle(Event::Timer(quiet));
        assert_eq!(rests(&desk.the_clock_shows_slow()), [false]);
    };
    look(&mut desk);
    let Work::Discover { generation, .. } = desk.works.remove(0) else { panic!("it does not look") };
    let work = WorkName::Discover { project: ProjectKey::itself("/ws".into()), generation };
    assert_eq!(rests(&desk.handle(Event::Failed { work, message: String::new() })), [true], "it failed");

    look(&mut desk);
    desk.handle(Event::Folders { added: Vec::new(), removed: vec!["/ws".into()] });
    assert_eq!(rests(&desk.handle(Event::Closed { uri: super::app() })), [true], "nobody needs it any more");
}

#[test]
fn the_outcome_waits_for_the_settings() {
    let capabilities = json!({ "window": { "workDoneProgress": true }, "workspace": { "configuration": true } });
    let mut desk = Desk::with_client(world(), Value::Null, &capabilities);
    desk.open("import thing\n");
    desk.timers.retain(|timer| *timer != Timer::Configuration);
    assert_eq!(desk.progress(), [""; 0]);
    let answer = desk.arriving.remove(0);
    let effects = desk.handle(answer);
    assert!(effects.contains(&BEGIN.to_owned()), "{effects:?}");
}

#[test]
fn a_client_without_progress_is_shown_none() {
    let mut desk = Desk::with_client(world(), Value::Null, &json!({}));
    desk.open("import thing\n");
    assert_eq!(desk.progress(), [""; 0]);
}
