//! What a Python would look at when it starts, file by file: a change of each alone is seen, also of one that was not there.
//!
//! **Invariant:** a session that lives says what one says that is started anew.

use camino::Utf8Path;
use fromwhere::lsp::event::Event;
use fromwhere_core::system::System as _;
use fromwhere_core::system::memory::MemorySystem;
use serde_json::Value;

use super::{Desk, world};

const VENV: &str = "/ws/.venv";
const SITE: &str = "/ws/.venv/lib/python3.11/site-packages";
const USER_SITE: &str = "/home/user/.local/lib/python3.11/site-packages";
const LIBRARY: &str = "/usr/lib/python3.11";

/// What is there to begin with, and then what is written, with the text; a link where it begins with an arrow.
type Change<'c> = (&'c [(String, &'c str)], String, &'c str);

fn desk(system: MemorySystem) -> Desk {
    let mut desk = Desk::new(system, Value::Null);
    desk.open("import thing\nimport other\n");
    desk.settle();
    desk
}

/// All that is said of the environment and of two imports.
fn said(desk: &mut Desk) -> String {
    let pages = [desk.page("fromwhere.server.roots", Value::Null)]
        .into_iter()
        .chain(["thing", "other"].map(|it| desk.page("fromwhere.server.explain", serde_json::json!({ "module": it }))));
    let pages: Vec<String> = pages.flatten().collect();
    format!("{}{:?}", pages.join("\n"), desk.codes())
}

fn write(system: &mut MemorySystem, path: &str, text: &str) {
    match text.strip_prefix("-> ") {
        Some(target) => drop(system.link(path, target)),
        None => drop(system.write(path, text.as_bytes())),
    }
}

/// Makes the change in a session that lives, and compares.
fn is_seen((before, path, text): &Change<'_>) {
    let mut system = world();
    for (path, text) in *before {
        write(&mut system, path, text);
    }
    is_seen_in(system, path, text);
}

fn is_seen_in(system: MemorySystem, path: &str, text: &str) {
    let mut live = desk(system);
    let first = said(&mut live);
    let path = Utf8Path::new(path);
    // A watch stands on what is there: it tells of the first folder that is new.
    let is_new = |it: &&Utf8Path| live.system.metadata(it).is_err();
    let told = path.ancestors().take_while(is_new).last().unwrap_or(path).to_owned();
    write(&mut live.system, path.as_str(), text);
    live.handle(Event::Disk(vec![told]));
    live.settle();
    let seen = said(&mut live);
    let anew = said(&mut desk(live.system));
    assert!(seen != first, "{path}: nothing has changed\n{seen}");
    assert_eq!(seen, anew, "{path}");
}

#[test]
fn what_leads_to_the_interpreter_is_watched() {
    let at = |folder: &str, name: &str| format!("{folder}/{name}");
    let chain =
        [(at("/opt/bin", "python3.11"), "-> /usr/bin/python3.11"), (at(VENV, "bin/python"), "-> /opt/bin/python3.11")];
    let absent = [(at(VENV, "bin/python"), "-> /opt/bin/python3.11")];
    let cfg = "home = /usr/bin\ninclude-system-site-packages = false\n";
    let changes: [Change<'_>; 5] = [
        (&[], at(VENV, "pyvenv.cfg"), cfg),
        (&[], at(VENV, "bin/pyvenv.cfg"), cfg),
        (&chain, at("/opt/bin", "python3.11"), "-> /nowhere"),
        (&absent, at("/opt/bin", "python3.11"), "-> /usr/bin/python3.11"),
        (&[], at(VENV, "bin/python"), "-> /nowhere"),
    ];
    changes.iter().for_each(is_seen);
}

#[test]
fn what_site_reads_is_watched() {
    let at = |folder: &str, name: &str| format!("{folder}/{name}");
    let path_file = [(at(SITE, "a.pth"), "/opt/one\n"), ("/opt/one/x.py".to_owned(), "")];
    let path_file: Vec<_> = path_file.into_iter().chain([("/opt/two/other.py".to_owned(), "")]).collect();
    let finder = [
        (
            at(SITE, "__editable__.other-1.pth"),
            "import __editable___other_1_finder; __editable___other_1_finder.install()",
        ),
        (at(SITE, "__editable___other_1_finder.py"), "MAPPING = {}\nNAMESPACES = {}\ndef install(): pass\n"),
        ("/opt/src/other/__init__.py".to_owned(), ""),
    ];
    let mapped = "MAPPING = {'other': '/opt/src/other'}\nNAMESPACES = {}\ndef install(): pass\n";
    let dead = [(at(SITE, "a.pth"), "/opt/three\n")];
    let changes: [Change<'_>; 11] = [
        (&path_file, at(SITE, "a.pth"), "/opt/two\n"),
        (&path_file, at(SITE, "b.pth"), "/opt/two\n"),
        (&path_file, at(USER_SITE, "b.pth"), "/opt/two\n"),
        (&dead, "/opt/three/other.py".to_owned(), ""),
        (&finder, at(SITE, "__editable___other_1_finder.py"), mapped),
        (&[], at("/usr/lib/python3.11/site-packages", "other.py"), ""),
        (&[], at(LIBRARY, "sitecustomize.py"), "import sys\nfor it in (1,): sys.path.append(str(it))\n"),
        (&[], at(SITE, "sitecustomize.py"), "import sys\nfor it in (1,): sys.path.append(str(it))\n"),
        (&[], at(SITE, "usercustomize.py"), "import sys\nfor it in (1,): sys.path.append(str(it))\n"),
        (&[], at(SITE, "thing.py"), ""),
        (&[], at(SITE, "other/__init__.py"), ""),
    ];
    changes.iter().for_each(is_seen);
}

#[test]
fn what_pip_asks_is_watched() {
    let mut system = world();
    system.remove(VENV);
    let refused = "[global]\nrequire-virtualenv = true\n";
    let marker = format!("{LIBRARY}/EXTERNALLY-MANAGED");
    for (path, text) in [
        (marker.as_str(), "[externally-managed]\nError = no\n"),
        ("/etc/pip.conf", refused),
        ("/etc/xdg/pip/pip.conf", refused),
        ("/home/user/.config/pip/pip.conf", refused),
        ("/home/user/.pip/pip.conf", refused),
        ("/usr/pip.conf", refused),
    ] {
        is_seen_in(system.clone(), path, text);
    }
}
