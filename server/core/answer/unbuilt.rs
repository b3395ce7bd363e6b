//! Parts of the standard library that are written in C and that a Python was built without.
//!
//! In: an interpreter and where a name was found in it. Out: the part in C without which the import fails.
//!
//! **Invariant:** only what the module needs whenever it is imported is named, not what it does without (`_decimal`, `_uuid`), and
//! nothing where the interpreter does not tell what is built into it.

use crate::interpreter::{Implementation, Interpreter};
use crate::origin::Origin;
use crate::resolve::{Resolution, Resolver};

/// What CPython builds only where another library's headers are found (`Modules/Setup.stdlib.in`; `missing` of `setup.py` before
/// 3.12), and the minor version that brought it.
const PARTS: [(&str, u8); 16] = [
    ("_bz2", 3),
    ("_ctypes", 0),
    ("_curses", 0),
    ("_curses_panel", 0),
    ("_dbm", 0),
    ("_gdbm", 0),
    ("_hashlib", 0),
    ("_lzma", 3),
    ("_sqlite3", 0),
    ("_ssl", 0),
    ("_tkinter", 0),
    ("_uuid", 7),
    ("_zstd", 14),
    ("pyexpat", 0),
    ("readline", 0),
    ("zlib", 0),
];

/// The modules of the library whose import fails without one of them, as that of what lies below them does (measured on 3.6 to
/// 3.14, each module without each part). Debian has `turtle` without `tkinter`, which is not in C.
const NEEDING: [(&str, &str); 28] = [
    ("bz2", "_bz2"),
    ("compression.bz2", "_bz2"),
    ("compression.gzip", "zlib"),
    ("compression.lzma", "_lzma"),
    ("compression.zlib", "zlib"),
    ("compression.zstd", "_zstd"),
    ("ctypes", "_ctypes"),
    ("curses", "_curses"),
    ("curses.panel", "_curses_panel"),
    ("dbm.gnu", "_gdbm"),
    ("dbm.ndbm", "_dbm"),
    ("dbm.sqlite3", "_sqlite3"),
    ("encodings.bz2_codec", "_bz2"),
    ("encodings.zlib_codec", "zlib"),
    ("gzip", "zlib"),
    ("lzma", "_lzma"),
    ("multiprocessing.sharedctypes", "_ctypes"),
    ("plistlib", "pyexpat"),
    ("sqlite3", "_sqlite3"),
    ("ssl", "_ssl"),
    ("tkinter", "_tkinter"),
    ("turtle", "tkinter"),
    ("turtle", "_tkinter"),
    ("xml.dom.expatbuilder", "pyexpat"),
    ("xml.parsers.expat", "pyexpat"),
    ("xml.sax.expatreader", "pyexpat"),
    ("xmlrpc.client", "pyexpat"),
    ("xmlrpc.server", "pyexpat"),
];

/// Returns the part in C that the module needs or is, and that this Python was built without.
pub(super) fn part_of(
    interpreter: &Interpreter,
    resolver: &Resolver<'_>,
    resolution: &Resolution,
) -> Option<&'static str> {
    let is_known = interpreter.implementation == Implementation::CPython && interpreter.tells_built_in;
    // Where their folder is not there at all, none of them is, however it was built.
    let has_folder = || {
        let names = |it: &str| matches!(it, "lib-dynload" | "DLLs");
        interpreter.search_path.iter().any(|root| root.exists && root.path.file_name().is_some_and(names))
    };
    let module = &*resolution.module;
    if !resolution.is_resolved() {
        let (part, _) =
            PARTS.iter().find(|(part, since)| *part == module && interpreter.version.at_least(3, *since))?;
        return (is_known && has_folder()).then_some(part);
    }
    let is_in = |package: &str| module.strip_prefix(package).is_some_and(|it| it.is_empty() || it.starts_with('.'));
    let mut needed = NEEDING.iter().filter(|(needing, _)| is_in(needing)).map(|(_, part)| *part);
    let is_of_library = resolution.origin == Some(Origin::StandardLibrary);
    let is_missing = |part: &&str| !resolver.resolve(part).is_resolved();
    needed.find(is_missing).filter(|_| is_of_library && is_known && has_folder())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::{Evidence, ImportRoot};
    use crate::resolve::tests::python;
    use crate::system::memory::MemorySystem;

    fn world() -> (MemorySystem, Interpreter) {
        let mut system = MemorySystem::default();
        for file in
            ["tkinter/__init__.py", "tkinter/ttk.py", "curses/__init__.py", "curses/panel.py", "lzma.py", "uuid.py"]
        {
            system.write(format!("/std/{file}"), "");
        }
        system.write("/std/lib-dynload/_curses.so", "");
        let mut interpreter = python(11);
        interpreter.tells_built_in = true;
        let (path, origin) = ("/std/lib-dynload".into(), Origin::StandardLibrary);
        let root = ImportRoot { path, origin, exists: true, same_as: None, evidence: Evidence::BuiltIn };
        interpreter.search_path.push(root);
        (system, interpreter)
    }

    fn part(system: &MemorySystem, interpreter: &Interpreter, module: &str) -> Option<&'static str> {
        let resolver = Resolver::new(system, interpreter, &[]);
        part_of(interpreter, &resolver, &resolver.resolve(module))
    }

    #[test]
    fn a_module_is_there_and_its_part_in_c_is_not() {
        let (system, interpreter) = world();
        for (module, expected) in [
            ("tkinter", Some("_tkinter")),
            ("tkinter.ttk", Some("_tkinter")),
            ("_tkinter", Some("_tkinter")),
            ("curses", None),
            ("curses.panel", Some("_curses_panel")),
            ("_curses", None),
            ("readline", Some("readline")),
            ("_zstd", None),
            ("uuid", None),
            ("json", None),
            ("tkinters", None),
            ("sqlite3", None),
        ] {
            assert_eq!(part(&system, &interpreter, module), expected, "{module}");
        }
    }

    #[test]
    fn a_package_of_debian_brings_the_part() {
        let (mut system, mut situation) = crate::answer::tests::machine();
        let library = "/usr/lib/python3.11";
        system.write(format!("{library}/dbm/__init__.py"), "").write(format!("{library}/dbm/gnu.py"), "");
        system.write(format!("{library}/lzma.py"), "");
        let (_, mut interpreter) = world();
        interpreter.stdlib = library.into();
        interpreter.is_debians = true;
        for root in &mut interpreter.search_path {
            root.path = root.path.as_str().replace("/std", library).into();
        }
        situation.environment.interpreter = Some(interpreter);
        let investigation = crate::answer::Investigation::new(&system, &situation);
        let said = |module: &str| {
            let answer = investigation.answer(module);
            (answer.without, answer.offered.clone())
        };
        assert_eq!(said("dbm.gnu"), (Some("_gdbm"), Some("python3-gdbm".to_owned())));
        assert_eq!(said("lzma"), (Some("_lzma"), None), "it is in no package of its own");
        assert_eq!(said("dbm"), (None, None));
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let (system, mut interpreter) = world();
        let mut own = system.clone();
        own.write("/one/lzma.py", "").remove("/std/lzma.py");
        assert_eq!(part(&own, &interpreter, "lzma"), None, "it is not the library's");
        interpreter.implementation = Implementation::PyPy;
        assert_eq!(part(&system, &interpreter, "tkinter"), None, "PyPy has its own");
        interpreter.implementation = Implementation::CPython;
        interpreter.tells_built_in = false;
        assert_eq!(part(&system, &interpreter, "tkinter"), None, "it may be built in");
        interpreter.tells_built_in = true;
        interpreter.search_path.iter_mut().for_each(|root| root.exists = root.path != "/std/lib-dynload");
        assert_eq!(part(&system, &interpreter, "tkinter"), None, "they are all gone");
        assert_eq!(part(&system, &interpreter, "readline"), None);
    }
}
