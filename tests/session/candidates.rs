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

/// From 3.15 on a `.start` file takes the place of the code in the `.pth` file that it is called after.
#[test]
fn what_site_of_3_15_reads_is_watched() {
    let mut system = world();
    system.remove(VENV).write_executable("/usr/bin/python3.15", b"\x7fELF\x02\x01\x01");
    system.write("/usr/lib/python3.15/os.py", "").create_directory("/usr/lib/python3.15/lib-dynload");
    system.write(format!("{VENV}/pyvenv.cfg"), "home = /usr/bin\nversion = 3.15.0\n");
    system.link(format!("{VENV}/bin/python"), "/usr/bin/python3.15");
    let (site, user_site) = (SITE.replace("3.11", "3.15"), USER_SITE.replace("3.11", "3.15"));
    let at = |name: &str| format!("{site}/{name}");
    system.write("/opt/one/other.py", "").write("/opt/src/other/__init__.py", "").create_directory(&site);
    let code = "import sys; sys.path.append('/opt/one')\n";
    let path_file = (at("a.pth"), code);
    let finder = "MAPPING = {}\nNAMESPACES = {}\ndef install(): pass\n";
    let finder = (at("__editable___other_1_finder.py"), finder);
    let mapped = "MAPPING = {'other': '/opt/src/other'}\nNAMESPACES = {}\ndef install(): pass\n";
    let mapping = (finder.0.clone(), mapped);
    let start = "__editable___other_1_finder:install\n";
    let alone = [path_file.clone()];
    let changes: [Change<'_>; 9] = [
        (&alone, at("a.start"), ""),
        (&alone, at("a.start"), "json:loads\n"),
        (&[path_file.clone(), (at("a.start"), "-> /opt/starts/a.start")], "/opt/starts/a.start".to_owned(), ""),
        (&[path_file.clone(), (at("a.start"), "")], at("a.start"), "-> /nowhere"),
        (&[(at("a.start"), "")], at("b.pth"), code),
        (&[mapping.clone(), (at("a.start"), "")], at("a.start"), start),
        (&[mapping], at("a.start"), start),
        (&[finder.clone(), (at("a.start"), start)], finder.0, mapped),
        (&[(at("a.start"), "mystery:go\n")], at("mystery.py"), "import sys\nsys.path.append(str(1))\n"),
    ];
    for (before, path, text) in changes {
        let mut system = system.clone();
        for (path, text) in before {
            write(&mut system, path, text);
        }
        is_seen_in(system, &path, text);
    }
    // The user site is a folder of its own, and not there at first.
    let text = "home = /usr/bin\nversion = 3.15.0\ninclude-system-site-packages = true\n";
    system.write(format!("{VENV}/pyvenv.cfg"), text);
    is_seen_in(system.clone(), &format!("{user_site}/a.pth"), code);
    write(&mut system, &format!("{user_site}/a.pth"), code);
    is_seen_in(system, &format!("{user_site}/a.start"), "");
}

#[test]
fn what_a_link_leads_to_is_watched() {
    let at = |folder: &str, name: &str| format!("{folder}/{name}");
    let code = "/opt/one\n";
    let linked = |to: &'static str| [(at(SITE, "a.pth"), to), ("/opt/one/other.py".to_owned(), "")];
    let twice = [(at(SITE, "a.pth"), "-> ../a.pth"), (at(VENV, "lib/python3.11/a.pth"), "-> /opt/files/b.pth")];
    let twice: Vec<_> = twice.into_iter().chain([("/opt/one/other.py".to_owned(), "")]).collect();
    let changes: [Change<'_>; 4] = [
        (&linked("-> /opt/files/a.pth"), "/opt/files/a.pth".to_owned(), code),
        (&linked("-> ../../../../.files/a.pth"), "/ws/.files/a.pth".to_owned(), code),
        (&twice, "/opt/files/b.pth".to_owned(), code),
        (&[(at(VENV, "pyvenv.cfg"), "-> /opt/files/cfg")], "/opt/files/cfg".to_owned(), "home = /usr/bin\n"),
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
