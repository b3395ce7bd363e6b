//! Files that name the Python that runs them, as they are opened and typed.

use fromwhere::lsp::effect::Effect;
use fromwhere::lsp::event::Event;
use fromwhere_core::system::memory::MemorySystem;
use serde_json::{Value, json};
use tower_lsp::lsp_types::Url;

use super::{Desk, app, at_rest, codes, look, world};

/// The environment that uv keeps for `/ws/run.py`.
const SCRIPT_ENVIRONMENT: &str = "/home/user/.cache/uv/environments-v2/run-e95fd7915e9fc99b";
const SHEBANG: &str = "#!/ws/tools/bin/python\nimport thing\n";
const SCRIPT: &str = "# /// script\n# dependencies = []\n# ///\nimport thing\n";

fn run() -> Url {
    Url::from_file_path("/ws/run.py").unwrap()
}

fn tool() -> Url {
    Url::from_file_path("/ws/tool.py").unwrap()
}

fn make_venv(system: &mut MemorySystem, folder: &str) {
    system
        .write(format!("{folder}/pyvenv.cfg"), "home = /usr/bin\nuv = 0.9.11\ninclude-system-site-packages = false\n");
    system.link(format!("{folder}/bin/python"), "/usr/bin/python3.11");
    system.create_directory(format!("{folder}/lib/python3.11/site-packages"));
}

pub(super) fn make_script_environment(system: &mut MemorySystem, folder: &str, there: bool) {
    if there {
        make_venv(system, folder);
    } else {
        system.remove(folder);
    }
}

/// A session at rest, with `thing` in the user site, which `.venv` sees and `tools` does not.
fn with_tools() -> Desk {
    let mut desk = at_rest();
    make_venv(&mut desk.system, "/ws/tools");
    desk
}

impl Desk {
    /// Types a text at the start of a line, one letter after the other; returns what came of each.
    fn type_at(&mut self, line: u32, text: &str) -> Vec<Vec<String>> {
        let typed = text.chars().enumerate().map(|(at, letter)| {
            let at = u32::try_from(at).unwrap();
            self.edit(Some([(line, at), (line, at)]), &letter.to_string())
        });
        typed.collect()
    }

    fn told_of(&mut self, event: Event) -> Vec<(String, String)> {
        let effects = self.session.handle(event);
        let statuses: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Environment(status) => Some((status.root.clone(), status.source.kind.clone())),
                _ => None,
            })
            .collect();
        for effect in effects {
            self.keep(effect);
        }
        statuses
    }
}

#[test]
fn each_file_is_answered_by_the_python_that_it_names() {
    let mut desk = with_tools();
    assert_eq!(desk.open_at(tool(), SHEBANG), ["discover /ws (#!/ws/tools/bin/python) 1"]);
    desk.settle();
    assert_eq!(desk.codes_at(&tool()), ["import-found-elsewhere"]);
    assert_eq!(desk.codes(), ["import-from-user-site"], "the project's own files keep theirs");
    // A second one asks nobody anew.
    let other = Url::from_file_path("/ws/other.py").unwrap();
    let opened = desk.open_at(other.clone(), SHEBANG);
    assert!(opened.iter().all(|it| !it.starts_with("discover")), "{opened:?}");
    desk.settle();
    assert_eq!(desk.codes_at(&other), ["import-found-elsewhere"]);
    desk.handle(Event::Closed { uri: tool() });
    let closed = desk.handle(Event::Closed { uri: other });
    assert!(closed.contains(&"forget /ws (#!/ws/tools/bin/python)".to_owned()), "{closed:?}");
}

#[test]
fn a_shebang_that_is_typed_takes_effect_when_the_hand_rests() {
    let mut desk = with_tools();
    desk.edit(Some([(0, 0), (0, 0)]), "\n");
    desk.settle();
    let typed = desk.type_at(0, "#!/ws/tools/bin/python");
    let works: Vec<&String> = typed.iter().flatten().filter(|it| !it.starts_with("timer")).collect();
    // From the first letter on that makes it a Python's path, it is not the project's environment that speaks.
    assert_eq!(works, ["publish /ws/app.py Some(24) []"]);
    let timer = desk.timers.pop().unwrap();
    assert_eq!(desk.handle(Event::Timer(timer)), ["discover /ws (#!/ws/tools/bin/python) 1"]);
    desk.settle();
    assert_eq!(desk.codes(), ["import-found-elsewhere"]);
    // A whole line that goes is no half word.
    let gone = desk.edit(Some([(0, 0), (1, 0)]), "");
    assert!(gone.contains(&"forget /ws (#!/ws/tools/bin/python)".to_owned()), "{gone:?}");
    assert_eq!(desk.codes(), ["import-from-user-site"]);
}

#[test]
fn a_script_waits_for_its_environment_and_is_answered_by_it() {
    let mut desk = at_rest();
    desk.open_at(run(), SCRIPT);
    desk.settle();
    assert_eq!(desk.shown[&run()].1, [], "nothing is accused before uv has made it");
    make_script_environment(&mut desk.system, SCRIPT_ENVIRONMENT, true);
    desk.handle(Event::Disk(vec![SCRIPT_ENVIRONMENT.into()]));
    desk.settle();
    assert_eq!(desk.codes_at(&run()), ["script-undeclared"]);
    make_script_environment(&mut desk.system, SCRIPT_ENVIRONMENT, false);
    desk.handle(Event::Disk(vec![SCRIPT_ENVIRONMENT.into()]));
    desk.settle();
    assert_eq!(desk.shown[&run()].1, []);
}

#[test]
fn what_is_typed_into_a_block_asks_the_disk_only_when_the_hand_rests() {
    let mut desk = Desk::new(world(), Value::Null);
    make_script_environment(&mut desk.system, SCRIPT_ENVIRONMENT, true);
    desk.open_at(run(), SCRIPT);
    desk.settle();
    assert_eq!(desk.codes_at(&run()), ["script-undeclared"]);
    let edit = |desk: &mut Desk, at: u32, text: &str| {
        desk.version += 1;
        let place = fromwhere_core::text::EditorPosition { line: 1, character: at };
        let changes = vec![fromwhere_core::text::Change { range: Some((place, place)), text: text.to_owned() }];
        desk.handle(Event::Changed { uri: run(), version: desk.version, changes })
    };
    for (at, letter) in (18..).zip("\"thing\"".chars()) {
        let done = edit(&mut desk, at, &letter.to_string());
        assert!(done.iter().all(|it| it.starts_with("timer")), "{done:?}");
    }
    assert_eq!(desk.codes_at(&run()), ["script-undeclared"], "nothing flickers meanwhile");
    desk.settle();
    assert_eq!(desk.shown[&run()].1, [], "what it declares is installed when it is run");
}

#[test]
fn the_status_of_a_file_follows_what_it_names() {
    let mut desk = Desk::with_client(world(), Value::Null, &json!({ "experimental": { "fromwhere": true } }));
    make_venv(&mut desk.system, "/ws/tools");
    desk.open("import thing\n");
    desk.open_at(tool(), SHEBANG);
    let mut told = Vec::new();
    while !desk.works.is_empty() {
        let work = desk.works.remove(0);
        if let Some(event) = look(&desk.system, work) {
            told.extend(desk.told_of(event));
        }
    }
    let pair = |root: &str, kind: &str| (root.to_owned(), kind.to_owned());
    assert_eq!(told, [pair("/ws", "project-venv"), pair("/ws/tool.py", "shebang")]);
    let changes = vec![fromwhere_core::text::Change { range: None, text: "\nimport thing\n".to_owned() }];
    desk.told_of(Event::Changed { uri: tool(), version: 9, changes });
    let timer = desk.timers.pop().unwrap();
    assert_eq!(desk.told_of(Event::Timer(timer)), [pair("/ws/tool.py", "project-venv")]);
}

#[test]
fn a_shebang_whose_interpreter_is_gone_is_logged_for_each_file() {
    let mut desk = at_rest();
    for uri in [tool(), run()] {
        desk.open_at(uri, "#!/opt/gone/bin/python3\nimport thing\n");
        desk.settle();
    }
    let said = "its shebang names `/opt/gone/bin/python3`, but there is no such file";
    let logged: Vec<&String> = desk.logged.iter().filter(|line| line.starts_with('/')).collect();
    assert_eq!(logged, [&format!("/ws/tool.py:1: {said}"), &format!("/ws/run.py:1: {said}")]);
    assert_eq!((codes(&desk.shown[&tool()].1), codes(&desk.shown[&app()].1).len()), (Vec::new(), 1));
}
