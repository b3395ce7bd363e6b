//! Parts of the library in C that a Python lacks: what real Pythons then fail to import, and what we say.
//!
//! In: copies of this machine's Pythons from which such parts are taken away. Out: no difference in any module.
//!
//! **Invariant:** a module is said to fail without a part where, and only where, its import does.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::{Answer, Investigation};
use fromwhere_core::situation::{Question, situation};

use super::environments::{link, relocated, temporary};
use super::python::{Python, Start, all};

const PARTS: [&str; 15] = [
    "_bz2",
    "_ctypes",
    "_curses",
    "_curses_panel",
    "_dbm",
    "_gdbm",
    "_hashlib",
    "_lzma",
    "_sqlite3",
    "_ssl",
    "_tkinter",
    "_zstd",
    "pyexpat",
    "readline",
    "zlib",
];

/// What needs one of them, what does without, and what is one.
const MODULES: &str = "bz2 compression.bz2 compression.gzip compression.lzma compression.zlib compression.zstd ctypes \
    ctypes.util curses curses.ascii curses.panel curses.textpad dbm dbm.dumb dbm.gnu dbm.ndbm dbm.sqlite3 encodings.bz2_codec encodings.zlib_codec gzip hashlib hmac \
    http.client lzma multiprocessing.sharedctypes plistlib pyexpat readline rlcompleter shelve smtplib sqlite3 sqlite3.dbapi2 ssl \
    tarfile tkinter tkinter.constants tkinter.ttk turtle turtledemo urllib.request uuid xml.dom.expatbuilder \
    xml.dom.minidom xml.etree.ElementTree xml.parsers.expat xml.sax.expatreader xmlrpc.client xmlrpc.server zipfile zlib \
    _bz2 _ctypes _curses _gdbm _sqlite3 _ssl _tkinter";

/// Writes for each name what it fails for want of, if it does. Some say it in words of their own, as Debian's `dbm.gnu` does.
const IMPORT: &str = "
import json, sys
said = {}
for name in sys.argv[1:]:
    try:
        __import__(name)
        said[name] = ''
    except Exception as error:
        while getattr(error, 'name', None) is None:
            error = error.__context__
        said[name] = error.name
json.dump(said, sys.stdout)
";

#[test]
fn an_import_fails_where_we_say_so() {
    let (_guard, root) = temporary();
    let modules: Vec<&str> = MODULES.split_whitespace().collect();
    let mut failed = BTreeMap::new();
    for python in all().iter().filter(|it| it.implementation == "cpython") {
        for (name, step) in [("whole", usize::MAX), ("none", 1), ("half", 2), ("third", 3)] {
            let prefix = root.join(format!("{}-{name}", python.name()));
            let lacking: Vec<&str> =
                PARTS.into_iter().skip(usize::from(step == usize::MAX) * PARTS.len()).step_by(step).collect();
            let executable = without(python, &prefix, &lacking);
            let start = Start::new(&executable).directory(&prefix);
            let arguments = [&["-B", "-W", "ignore", "-c", IMPORT], &*modules].concat();
            let output = start.run(&arguments);
            let said: BTreeMap<String, String> = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{executable}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
            let question = Question { argument: Some(executable.to_string()), ..Question::about(&prefix, &prefix) };
            let disk = start.disk();
            let situation = situation(&disk, &question);
            let investigation = Investigation::new(&disk, &situation);
            for module in &modules {
                let (answer, real) = (investigation.answer(module), &*said[*module]);
                assert!(is_same(&answer, real), "{executable}: {module} fails for want of {real:?}: {answer:?}");
                if let Some(part) = answer.without {
                    *failed.entry(part).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(failed.len() >= 8, "{failed:?}");
}

fn is_same(answer: &Answer, real: &str) -> bool {
    match (answer.without, answer.resolution.is_resolved()) {
        (Some(part), _) => real == part,
        (None, true) => real.is_empty(),
        // It, or the package that it would be in, is not of this version.
        (None, false) => answer.resolution.module == real || answer.resolution.module.starts_with(&format!("{real}.")),
    }
}

/// Copies a Python but for some of its parts.
fn without(python: &Python, prefix: &Utf8Path, parts: &[&str]) -> Utf8PathBuf {
    let executable = relocated(python, prefix, &["lib-dynload"]);
    let folder = prefix.join(&python.below).join("lib-dynload");
    std::fs::create_dir_all(&folder).unwrap();
    for entry in Python::library(python).join("lib-dynload").read_dir_utf8().into_iter().flatten().flatten() {
        if !parts.iter().any(|part| entry.file_name().split('.').next() == Some(part)) {
            link(&folder.join(entry.file_name()), entry.path());
        }
    }
    executable
}
