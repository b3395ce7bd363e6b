//! Everything that can happen, in any order.
//!
//! **Invariant:** whatever came before, a session at rest shows what a fresh one shows.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::lsp::event::Event;
use fromwhere_core::system::memory::MemorySystem;
use proptest::prelude::*;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{Diagnostic, Url};

use super::{Desk, SITE, app, launches, look, make_environment, scripts, workspace, world};

/// The environment that uv keeps for `/ws/app.py`.
const SCRIPT_ENVIRONMENT: &str = "/home/user/.cache/uv/environments-v2/app-5a92b60c1a4a4cad";

/// One thing that can happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Edit(usize),
    Install(bool),
    Pyvenv(bool),
    Environment(bool),
    /// A module beside the script.
    Sibling(bool),
    /// What uv keeps for a script.
    ScriptEnvironment(bool),
    Settings(usize),
    /// A workspace folder comes or goes.
    Folders(usize, bool),
    /// Files that nobody has opened.
    Closed(usize, Option<usize>),
    Reopen,
    /// A worker does this piece of work; its result arrives some time later.
    Work(usize),
    Arrive(usize),
    Fire(usize),
}

const TEXTS: [&str; 8] = [
    "import thing\n",
    "import os\nimport thing\n",
    "import thin\n",
    "",
    "import thing, nowhere\n",
    "#!/ws/.venv/bin/python -s\nimport thing\n",
    "# /// script\n# dependencies = []\n# ///\nimport thing\n",
    "# /// script\n# dependencies = [\"thing\"]\n# ///\nimport thing, nowhere\n",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..TEXTS.len()).prop_map(Step::Edit),
        any::<bool>().prop_map(Step::Install),
        any::<bool>().prop_map(Step::Pyvenv),
        any::<bool>().prop_map(Step::Environment),
        any::<bool>().prop_map(Step::Sibling),
        any::<bool>().prop_map(Step::ScriptEnvironment),
        (0..4_usize).prop_map(Step::Settings),
        (0..FOLDERS.len(), any::<bool>()).prop_map(|(folder, there)| Step::Folders(folder, there)),
        (0..CLOSED.len(), proptest::option::of(0..TEXTS.len())).prop_map(|(file, text)| Step::Closed(file, text)),
        Just(Step::Reopen),
        (0..4_usize).prop_map(Step::Work),
        (0..4_usize).prop_map(Step::Arrive),
        (0..4_usize).prop_map(Step::Fire),
    ]
}

/// `/ws/app.py` is open most of the time.
const CLOSED: [&str; 4] = ["/ws/app.py", workspace::CLOSED, "/ws/part/more/deep.py", "/ws/part/setup.py"];

/// The first is there at the start.
const FOLDERS: [&str; 3] = ["/ws", "/ws/part", "/ws/part/more"];

/// A session that starts in these folders.
fn session(system: MemorySystem, settings: Value, folders: &[&str]) -> Desk {
    let folders: Vec<Value> = folders.iter().map(|it| json!({ "uri": format!("file://{it}"), "name": it })).collect();
    let capabilities = json!({ "workspace": { "configuration": true } });
    Desk::started(system, settings, &json!({ "workspaceFolders": folders, "capabilities": capabilities }))
}

fn settings(number: usize) -> Value {
    let off: &[&str] = if number % 2 == 1 { &["import-from-user-site"] } else { &[] };
    json!({ "ignore": off, "diagnostics": if number < 2 { "openFiles" } else { "workspace" } })
}

impl Desk {
    fn disk(&mut self, path: &str) {
        // Hints are never overtaken by later hints, but by everything else.
        self.arriving.push(Event::Disk(vec![path.into()]));
    }

    fn take(&mut self, step: &Step, text: &mut usize, folders: &mut Vec<&'static str>) {
        match step {
            Step::Edit(index) => {
                *text = *index;
                self.edit(None, TEXTS[*index]);
            }
            Step::Install(true) => {
                self.system.write(SITE, "");
                self.disk("/ws/.venv/lib/python3.11/site-packages/thing");
            }
            Step::Install(false) => {
                self.system.remove("/ws/.venv/lib/python3.11/site-packages/thing");
                self.disk("/ws/.venv/lib/python3.11/site-packages/thing");
            }
            Step::Pyvenv(flag) | Step::Environment(flag @ true) => {
                make_environment(&mut self.system, *flag);
                self.disk("/ws/.venv/pyvenv.cfg");
                self.disk("/ws/.venv");
            }
            Step::Environment(false) => {
                self.system.remove("/ws/.venv");
                self.disk("/ws/.venv");
            }
            Step::Sibling(there) => {
                if *there {
                    self.system.write(scripts::SIBLING, "")
                } else {
                    self.system.remove(scripts::SIBLING)
                };
                self.disk(scripts::SIBLING);
            }
            Step::ScriptEnvironment(there) => {
                launches::make_script_environment(&mut self.system, SCRIPT_ENVIRONMENT, *there);
                self.disk(SCRIPT_ENVIRONMENT);
            }
            Step::Settings(number) => {
                self.settings = settings(*number);
                self.handle(Event::SettingsPushed(Value::Null));
            }
            Step::Folders(folder, there) => {
                let folder = FOLDERS[*folder];
                folders.retain(|it| *it != folder);
                folders.extend(there.then_some(folder));
                let of =
                    |wanted: bool| -> Vec<Utf8PathBuf> { Some(folder.into()).filter(|_| wanted).into_iter().collect() };
                self.handle(Event::Folders { added: of(*there), removed: of(!there) });
            }
            Step::Closed(file, text) => {
                let path = CLOSED[*file];
                match text {
                    Some(text) => self.system.write(path, TEXTS[*text]),
                    None => self.system.remove(path),
                };
                // A folder comes with its first file; it stays.
                let mut seen = Utf8Path::new(path);
                while let Some(parent) = seen.parent().filter(|parent| *parent != "/ws") {
                    self.disk(seen.as_str());
                    seen = parent;
                }
                self.disk(seen.as_str());
            }
            Step::Reopen => {
                self.handle(Event::Closed { uri: app() });
                self.open(TEXTS[*text]);
            }
            Step::Work(index) if !self.works.is_empty() => {
                let work = self.works.remove(index % self.works.len());
                self.arriving.extend(look(&self.system, work));
            }
            Step::Arrive(index) if !self.arriving.is_empty() => {
                let event = self.arriving.remove(index % self.arriving.len());
                self.handle(event);
            }
            Step::Fire(index) if !self.timers.is_empty() => {
                let timer = self.timers.remove(index % self.timers.len());
                self.handle(Event::Timer(timer));
            }
            Step::Work(_) | Step::Arrive(_) | Step::Fire(_) => {}
        }
    }

    fn all_shown(&self) -> BTreeMap<&Url, &Vec<Diagnostic>> {
        let shown = self.shown.iter().map(|(uri, (_, diagnostics))| (uri, diagnostics));
        shown.filter(|(_, diagnostics)| !diagnostics.is_empty()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_ends_in_what_a_fresh_session_shows(
        first in 0..4_usize,
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let mut folders = vec![FOLDERS[0]];
        let mut desk = session(world(), settings(first), &folders);
        let mut text = 0;
        desk.open(TEXTS[text]);
        desk.open_at(scripts::script(), "import thing\n");
        for step in &steps {
            desk.take(step, &mut text, &mut folders);
        }
        desk.settle();
        let mut fresh = session(desk.system.clone(), desk.settings.clone(), &folders);
        fresh.open(TEXTS[text]);
        fresh.open_at(scripts::script(), "import thing\n");
        fresh.settle();
        prop_assert_eq!(desk.all_shown(), fresh.all_shown());
    }
}
