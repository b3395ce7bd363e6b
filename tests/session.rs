//! The session alone: events in, effects out, on a world in memory.
//!
//! **Invariant:** no runtime and no clock: timers are events, so that a race is nothing but an order.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;

use camino::Utf8Path;
use fromwhere::lsp::capabilities::Start;
use fromwhere::lsp::effect::{Effect, Response, Work};
use fromwhere::lsp::event::{Event, Request, Ticket, Timer};
use fromwhere::lsp::session::Session;
use fromwhere::lsp::worker;
use fromwhere::walk::{self, Walked};
use fromwhere_core::system::System as _;
use fromwhere_core::system::memory::MemorySystem;
use fromwhere_core::text::{Change, EditorPosition};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{CodeActionOrCommand, Diagnostic, NumberOrString, Url};

mod candidates;
mod costs;
mod dependencies;
mod foreign;
mod hints;
mod launches;
mod manifests;
mod notebooks;
mod orders;
mod pages;
mod progress;
mod prompts;
mod pyvenv;
mod recipes;
mod scopes;
mod scripts;
mod workspace;

const SITE: &str = "/ws/.venv/lib/python3.11/site-packages/thing/__init__.py";

/// A session with everything around it that is not the session.
struct Desk {
    session: Session,
    system: MemorySystem,
    settings: Value,
    works: Vec<Work>,
    arriving: Vec<Event>,
    timers: Vec<Timer>,
    shown: BTreeMap<Url, (Option<i32>, Vec<Diagnostic>)>,
    replies: Vec<(Ticket, Response)>,
    told: Vec<String>,
    logged: Vec<String>,
    /// All effects, in short.
    happened: Vec<String>,
    /// The number of the last question about settings.
    asked: u64,
    version: i32,
}

impl Desk {
    fn new(system: MemorySystem, settings: Value) -> Self {
        Desk::with_client(system, settings, &json!({ "workspace": { "configuration": true } }))
    }

    fn with_client(system: MemorySystem, settings: Value, capabilities: &Value) -> Self {
        Desk::started(system, settings, &json!({ "rootUri": "file:///ws", "capabilities": capabilities }))
    }

    /// A session that was started with these parameters of `initialize`.
    fn started(system: MemorySystem, settings: Value, params: &Value) -> Self {
        let mut desk = Desk {
            session: Session::default(),
            system,
            settings,
            works: Vec::new(),
            arriving: Vec::new(),
            timers: Vec::new(),
            shown: BTreeMap::new(),
            replies: Vec::new(),
            told: Vec::new(),
            logged: Vec::new(),
            happened: Vec::new(),
            asked: 0,
            version: 0,
        };
        desk.handle(Event::Started(Box::new(Start::read(params))));
        desk.handle(Event::Ready);
        desk
    }

    /// Hands an event over and keeps what comes of it; returns the effects in short.
    fn handle(&mut self, event: Event) -> Vec<String> {
        let effects = self.session.handle(event);
        let effects: Vec<String> = effects.into_iter().filter_map(|effect| self.keep(effect)).collect();
        self.happened.extend(effects.iter().cloned());
        effects
    }

    fn keep(&mut self, effect: Effect) -> Option<String> {
        Some(match effect {
            Effect::Publish { uri, version, diagnostics } => {
                let text = format!("publish {} {version:?} {:?}", uri.path(), codes(&diagnostics));
                self.shown.insert(uri, (version, diagnostics));
                text
            }
            Effect::Work(work) => {
                let text = match &work {
                    Work::Locate { directory, .. } => format!("locate {directory}"),
                    Work::Discover { project, generation, .. } => format!("discover {project} {generation}"),
                    Work::Answer { names, .. } => format!("answer {}", names.join(" ")),
                    Work::Verify { project, .. } => format!("verify {project}"),
                    Work::Packages => "packages".to_owned(),
                    Work::Kernel { notebook } => format!("kernel {notebook}"),
                    Work::Pythons => "pythons".to_owned(),
                    Work::Survey { folder, .. } => format!("survey {folder}"),
                    Work::Inspect { project, files, .. } => format!(
                        "inspect {project}: {}",
                        files.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" ")
                    ),
                    Work::Leave { folder } => format!("leave {folder}"),
                    Work::Forget { project } => format!("forget {project}"),
                };
                self.works.push(work);
                text
            }
            Effect::Timer { timer, after } => {
                self.timers.push(timer);
                format!("timer {}", after.as_millis())
            }
            Effect::Reply { ticket, response } => {
                self.replies.push((ticket, response));
                "reply".to_owned()
            }
            Effect::AskConfiguration { number, scopes } => {
                self.asked = number;
                let values = scopes.into_iter().map(|scope| (scope, self.settings.clone())).collect();
                self.arriving.push(Event::Configuration { number, values });
                "ask configuration".to_owned()
            }
            Effect::Ask { text, actions, .. } => format!("ask: {text} {actions:?}"),
            Effect::Tell { text, .. } => {
                self.told.push(text);
                "tell".to_owned()
            }
            Effect::Log { text, .. } => {
                self.logged.push(text);
                return None;
            }
            Effect::ProgressBegin { title, .. } => format!("progress: {title}"),
            Effect::ProgressEnd { message, .. } => format!("progress ends: {message}"),
            Effect::ShowDocument { uri, line: None } => format!("show {uri}"),
            Effect::ShowDocument { uri, line: Some(line) } => format!("show {uri} {line}"),
            Effect::RefreshContent { uri } => format!("refresh {uri}"),
            Effect::WritePage { file, show, .. } => {
                format!("write {file}{}", if show { " and show it" } else { "" })
            }
            other => format!("{other:?}"),
        })
    }

    fn work(&mut self, index: usize) -> Vec<String> {
        let work = self.works.remove(index);
        match look(&self.system, work) {
            Some(event) => self.handle(event),
            None => Vec::new(),
        }
    }

    /// Lets everything happen that is still to happen.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            if !self.works.is_empty() {
                self.work(0);
            } else if !self.arriving.is_empty() {
                let event = self.arriving.remove(0);
                self.handle(event);
            } else if !self.timers.is_empty() {
                let timer = self.timers.remove(0);
                self.handle(Event::Timer(timer));
            } else {
                return;
            }
        }
        panic!("the session does not come to rest");
    }

    fn open(&mut self, text: &str) -> Vec<String> {
        self.open_at(app(), text)
    }

    fn open_at(&mut self, uri: Url, text: &str) -> Vec<String> {
        self.version += 1;
        let language = "python".to_owned();
        self.handle(Event::Opened { uri, language, version: self.version, text: text.to_owned() })
    }

    fn edit(&mut self, range: Option<[(u32, u32); 2]>, text: &str) -> Vec<String> {
        self.version += 1;
        let place = |(line, character)| EditorPosition { line, character };
        let range = range.map(|[from, to]| (place(from), place(to)));
        let changes = vec![Change { range, text: text.to_owned() }];
        self.handle(Event::Changed { uri: app(), version: self.version, changes })
    }

    /// The titles of the quick fixes on one line, from 0.
    fn titles_at(&mut self, uri: &Url, line: u32) -> Vec<String> {
        let request = Request::Fixes { uri: uri.clone(), lines: (line, line) };
        self.handle(Event::Asked { ticket: Ticket(1000), request });
        let Some((Ticket(1000), Response::Fixes(fixes))) = self.replies.last() else { panic!("no reply") };
        let title = |fix: &CodeActionOrCommand| match fix {
            CodeActionOrCommand::CodeAction(action) => action.title.clone(),
            CodeActionOrCommand::Command(command) => command.title.clone(),
        };
        fixes.iter().map(title).collect()
    }

    fn codes(&self) -> Vec<String> {
        self.codes_at(&app())
    }

    fn codes_at(&self, uri: &Url) -> Vec<String> {
        self.shown.get(uri).map(|(_, diagnostics)| codes(diagnostics)).unwrap_or_default()
    }
}

fn app() -> Url {
    Url::from_file_path("/ws/app.py").unwrap()
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<String> {
    let code = |diagnostic: &Diagnostic| match &diagnostic.code {
        Some(NumberOrString::String(code)) => code.clone(),
        other => panic!("{other:?}"),
    };
    diagnostics.iter().map(code).collect()
}

/// Does a piece of work in a world of memory; nothing there is ignored by git.
fn look(system: &MemorySystem, work: Work) -> Option<Event> {
    worker::look(system, &|folder| walk(system, folder), work)
}

fn walk(system: &MemorySystem, folder: &Utf8Path) -> Walked {
    let mut walked = Walked::default();
    let mut ahead = vec![folder.to_owned()];
    while let Some(directory) = ahead.pop() {
        let Ok(listing) = system.list(&directory) else { continue };
        for (name, _) in listing.iter() {
            let path = directory.join(name);
            if system.is_directory(&path) {
                ahead.extend(Some(path).filter(|path| walk::may_be_walked(path)));
            } else if walk::decides(system, &path) {
                walked.files.push(path);
            }
        }
        walked.directories.insert(directory);
    }
    walked.files.sort();
    walked
}

/// Debian's Python, a project with a virtual environment on it, and a module `thing` in the user site.
fn world() -> MemorySystem {
    let mut system = MemorySystem::default();
    system.write_executable("/usr/bin/python3.11", b"\x7fELF\x02\x01\x01").link("/usr/bin/python3", "python3.11");
    system.write("/usr/lib/python3.11/os.py", "").create_directory("/usr/lib/python3.11/lib-dynload");
    system.set_variable("PATH", "/usr/bin").set_variable("HOME", "/home/user").set_working_directory("/ws");
    system.write("/home/user/.local/lib/python3.11/site-packages/thing/__init__.py", "");
    system.write("/ws/pyproject.toml", "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\"thing\"]\n");
    make_environment(&mut system, true);
    system
}

fn make_environment(system: &mut MemorySystem, system_site: bool) {
    let text = format!("home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = {system_site}\n");
    system.write("/ws/.venv/pyvenv.cfg", text).link("/ws/.venv/bin/python", "/usr/bin/python3.11");
    system.create_directory("/ws/.venv/lib/python3.11/site-packages");
}

/// A session at rest that shows one diagnostic about `import thing`.
fn at_rest() -> Desk {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import thing\n");
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"]);
    desk
}

#[test]
fn the_first_diagnostics_wait_for_the_settings() {
    let mut desk = Desk::new(world(), json!({ "ignore": ["import-from-user-site"] }));
    assert_eq!(desk.open("import thing\n"), ["locate /ws"]);
    assert_eq!(desk.work(0), ["discover /ws 1"]);
    // More is watched than before, which is nothing: one more look.
    assert_eq!(desk.work(0), ["discover /ws 2"]);
    assert_eq!(desk.work(0), Vec::<String>::new());
    let answer = desk.arriving.remove(0);
    assert_eq!(desk.handle(answer), ["discover /ws 3"]);
    let of_manifest = "publish /ws/pyproject.toml None [\"dependency-not-installed\"]";
    assert_eq!(desk.work(0), ["publish /ws/app.py Some(1) []", of_manifest]);

    // Without an answer the time comes.
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import thing\n");
    (0..3).for_each(|_| drop(desk.work(0)));
    assert_eq!(desk.timers, [Timer::Configuration]);
    let published = desk.handle(Event::Timer(Timer::Configuration));
    assert_eq!(published, ["publish /ws/app.py Some(1) [\"import-from-user-site\"]", of_manifest]);
}

#[test]
fn what_moves_is_published_at_once_and_what_stays_is_not() {
    let mut desk = at_rest();
    let moved = desk.edit(Some([(0, 0), (0, 0)]), "# a\n");
    assert_eq!(moved, ["publish /ws/app.py Some(2) [\"import-from-user-site\"]"]);
    assert_eq!(desk.edit(Some([(1, 12), (1, 12)]), "  # b"), Vec::<String>::new());
}

#[test]
fn cleared_at_once_and_accused_later() {
    let mut desk = at_rest();
    assert_eq!(desk.edit(Some([(0, 11), (0, 12)]), ""), ["publish /ws/app.py Some(2) []", "answer thin"]);
    // To look for it elsewhere, nothing was read that is not watched already.
    assert_eq!(desk.work(0), Vec::<String>::new());
    // The word is whole again, but the hand may still be on the keys.
    assert_eq!(desk.edit(Some([(0, 11), (0, 11)]), "g"), ["timer 250"]);
    assert_eq!(desk.edit(Some([(0, 12), (0, 12)]), " "), ["timer 250"]);
    let first = desk.timers.remove(0);
    assert_eq!(desk.handle(Event::Timer(first)), Vec::<String>::new());
    let last = desk.timers.remove(0);
    let accused = desk.handle(Event::Timer(last));
    assert_eq!(accused, ["publish /ws/app.py Some(4) [\"import-from-user-site\"]"]);
    // A line that is ended is no half word.
    desk.edit(None, "");
    desk.settle();
    assert_eq!(desk.codes(), Vec::<String>::new());
    let pasted = desk.edit(Some([(0, 0), (0, 0)]), "import thing\n");
    assert_eq!(pasted, ["publish /ws/app.py Some(6) [\"import-from-user-site\"]"]);
}

#[test]
fn the_disk_is_looked_at_when_it_is_quiet_once_at_a_time_and_the_last_look_counts() {
    let mut desk = at_rest();
    let hint = || Event::Disk(vec![SITE.trim_end_matches("/__init__.py").into()]);
    assert_eq!(desk.handle(Event::Disk(vec!["/elsewhere/a".into()])), Vec::<String>::new());
    desk.system.write(SITE, "");
    assert_eq!(desk.handle(hint()), ["timer 100", "timer 1000"]);
    assert_eq!(desk.handle(hint()), ["timer 100"]);
    let [first, latest, quiet]: [Timer; 3] = std::mem::take(&mut desk.timers).try_into().unwrap();
    assert_eq!(desk.handle(Event::Timer(first)), Vec::<String>::new());
    assert_eq!(desk.handle(Event::Timer(quiet)).len(), 1);
    assert_eq!(desk.handle(Event::Timer(latest)), Vec::<String>::new());
    // While it is looked at, everything may change again.
    let stale = look(&desk.system, desk.works.remove(0)).unwrap();
    desk.system.remove("/ws/.venv/lib/python3.11/site-packages/thing");
    desk.handle(hint());
    let quiet = desk.timers.remove(0);
    assert_eq!(desk.handle(Event::Timer(quiet)), Vec::<String>::new());
    let again = desk.handle(stale);
    assert!(again.len() == 1 && again[0].starts_with("discover /ws"), "{again:?}");
    // Equal to what is shown: nothing is published.
    assert_eq!(desk.work(0), Vec::<String>::new());
}

#[test]
fn a_disk_that_never_rests_is_looked_at_all_the_same() {
    let mut desk = at_rest();
    desk.handle(Event::Rescan);
    desk.handle(Event::Rescan);
    let latest = desk.timers.iter().position(|timer| matches!(timer, Timer::Latest { .. })).unwrap();
    let latest = desk.timers.remove(latest);
    assert_eq!(desk.handle(Event::Timer(latest)).len(), 1);
}

#[test]
fn a_hover_waits_for_the_discovery_and_is_answered_once() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import thing\nfrom . import x\n");
    let hover = |line| Request::Hover { uri: app(), position: EditorPosition { line, character: 8 } };
    assert_eq!(desk.handle(Event::Asked { ticket: Ticket(1), request: hover(0) }), Vec::<String>::new());
    assert_eq!(desk.handle(Event::Asked { ticket: Ticket(2), request: hover(1) }), ["reply"]);
    desk.settle();
    assert_eq!(desk.replies.iter().map(|(ticket, _)| ticket.0).collect::<Vec<_>>(), [2, 1]);
    assert!(matches!(&desk.replies[1].1, Response::Hover(Some(_))));
    // A file that is closed meanwhile.
    desk.handle(Event::Closed { uri: app() });
    assert_eq!(desk.handle(Event::Asked { ticket: Ticket(3), request: hover(0) }), ["reply"]);
}

#[test]
fn a_worker_that_fails_is_told_once_and_holds_up_nobody() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import thing\n");
    desk.work(0);
    let request = Request::Hover { uri: app(), position: EditorPosition { line: 0, character: 8 } };
    desk.handle(Event::Asked { ticket: Ticket(1), request });
    let failed = |work: &Work| Event::Failed { work: work.name().unwrap(), message: "a panic".to_owned() };
    let work = desk.works.remove(0);
    assert_eq!(desk.handle(failed(&work)), ["tell", "reply"]);
    // The next look is taken as if nothing had been.
    let pushed = desk.handle(Event::SettingsPushed(json!({ "allow": ["x"] })));
    assert_eq!(pushed, ["ask configuration"]);
    let answer = desk.arriving.remove(0);
    assert_eq!(desk.handle(answer), ["discover /ws 2"]);
    let work = desk.works.remove(0);
    assert_eq!(desk.handle(failed(&work)), Vec::<String>::new());
    desk.handle(Event::SettingsPushed(Value::Null));
    desk.handle(Event::SettingsPushed(json!({ "allow": ["y"] })));
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"]);
    assert_eq!(desk.told.len(), 1);
}

#[test]
fn a_panic_costs_one_document_and_is_told() {
    let mut desk = at_rest();
    let effects = desk.handle(Event::Panicked { document: Some(app()) });
    assert_eq!(effects, ["publish /ws/app.py None []", "tell"]);
    assert_eq!(desk.edit(None, "import thing\n"), Vec::<String>::new());
    desk.open("import thing\n");
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"]);
}

#[test]
fn an_environment_that_breaks_is_shown_on_its_file_and_taken_back() {
    let mut desk = at_rest();
    let cfg = Url::from_file_path("/ws/.venv/pyvenv.cfg").unwrap();
    desk.system.link("/ws/.venv/bin/python", "/nowhere");
    desk.handle(Event::Disk(vec!["/ws/.venv/bin/python".into()]));
    desk.settle();
    assert_eq!(codes(&desk.shown[&cfg].1), ["venv-interpreter-missing"]);
    desk.system.link("/ws/.venv/bin/python", "/usr/bin/python3.11");
    desk.handle(Event::Disk(vec!["/ws/.venv/bin/python".into()]));
    desk.settle();
    assert_eq!(codes(&desk.shown[&cfg].1), Vec::<String>::new());
    assert_eq!(desk.codes(), ["import-from-user-site"]);
}
