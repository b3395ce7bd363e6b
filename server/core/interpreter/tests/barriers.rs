//! Archives that end every import which gets to them: from which release on, and what they keep from being found.
//!
//! In: central directories of one entry. Out: whether Python starts, and the barrier.
//!
//! **Invariant:** every row was seen with a real interpreter (`tests/oracle/zoo/archives.rs`).

use super::*;
use crate::system::Recorder;

/// The one entry of a central directory, and the end record.
#[derive(Clone, Copy)]
struct Entry<'a> {
    name: &'a [u8],
    is_utf8: bool,
    size: u32,
    extra: &'a [u8],
    comment: u16,
}

const PLAIN: Entry<'_> = Entry { name: b"a.py", is_utf8: false, size: 0, extra: b"", comment: 0 };
const MISSPELT: Entry<'_> = Entry { name: b"\xff.py", is_utf8: true, ..PLAIN };
const LARGE: Entry<'_> = Entry { size: u32::MAX, extra: b"\x01\0\x08\0\0\0\0\0\0\0\0\0", ..PLAIN };
/// Two numbers are said to be in the extra field, which has none.
const WITHOUT_VALUES: Entry<'_> = Entry { size: u32::MAX, extra: b"\x01\0\0\0", ..PLAIN };
/// The comment takes in what ends the archive.
const CUT: Entry<'_> = Entry { comment: 19, ..PLAIN };

fn archive(entry: Entry<'_>) -> Vec<u8> {
    let short = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let flags: u16 = if entry.is_utf8 { 0x800 } else { 0 };
    let mut central = b"PK\x01\x02\0\0\0\0".to_vec();
    central.extend(flags.to_le_bytes());
    central.extend([0; 14]);
    central.extend(entry.size.to_le_bytes());
    central.extend(short(entry.name.len()));
    central.extend(short(entry.extra.len()));
    central.extend(entry.comment.to_le_bytes());
    central.extend([0; 12]);
    let size = u32::try_from(central.len() + entry.name.len() + entry.extra.len()).unwrap();
    let parts = [&central, entry.name, entry.extra, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &size.to_le_bytes(), &[0; 6]];
    parts.concat()
}

const SITE: &str = "/p/.venv/lib/python3";
const PUT_IN_FRONT: &str = "import sys; sys.path.insert(0, '/it.zip')\n";

/// What comes of an archive and a `.pth` file: why it does not start, or what no import gets past.
fn outcome(
    minor: u8,
    entry: Entry<'_>,
    lines: &str,
    change: impl Fn(&mut MemorySystem),
) -> Result<Option<bool>, String> {
    let mut system = world(&format!("3.{minor}"), "/opt/py", "include-system-site-packages = false\n");
    let library = format!("/opt/py/lib/python3.{minor}");
    for name in ["struct", "tokenize", "colorsys", "sysconfig"] {
        system.write(format!("{library}/{name}.py"), "");
    }
    system.write(format!("{library}/zipfile/__init__.py"), "import sys\nfrom struct import calcsize\n");
    system.write("/it.zip", archive(entry)).write(format!("{SITE}.{minor}/site-packages/a.pth"), lines);
    system.write(format!("{SITE}.{minor}/site-packages/sitecustomize.py"), "print()\n");
    change(&mut system);
    let (interpreter, problems) = interpret(&system, "/p/.venv/bin/python".into(), Flags::default());
    let interpreter = interpreter.unwrap();
    if let Some(reason) = interpreter.does_not_start {
        assert_eq!(problems, [], "what ends the start is said once");
        return Err(reason);
    }
    assert_eq!(problems.len(), usize::from(interpreter.barrier.is_some()));
    let is_in_front = interpreter.search_path[0].path == "/it.zip" && interpreter.barrier.is_some();
    assert_eq!(interpreter.startup_code.is_empty(), is_in_front, "a customization behind it is not reached");
    Ok(interpreter.barrier.map(|it| it.needs_struct))
}

#[test]
fn what_zipimport_fails_over_is_a_barrier() {
    let nothing = |_: &mut MemorySystem| {};
    for (entry, expected) in [
        (PLAIN, [None; 3]),
        (MISSPELT, [Some(false); 3]),
        (CUT, [Some(false); 3]),
        (LARGE, [None, None, Some(true)]),
        (WITHOUT_VALUES, [None, None, Some(false)]),
    ] {
        for (minor, expected) in [8, 12, 13].into_iter().zip(expected) {
            assert_eq!(outcome(minor, entry, PUT_IN_FRONT, nothing), Ok(expected), "3.{minor} {:?}", entry.name);
        }
    }
    assert_eq!(outcome(13, LARGE, "/it.zip\n", nothing), Ok(None), "`struct` is in front of it");
    assert_eq!(outcome(13, CUT, "/it.zip\n", nothing), Ok(Some(false)));
}

#[test]
fn what_code_has_imported_before_brings_struct_along() {
    for (lines, expected) in [
        ("import struct", Ok(None)),
        ("import zipfile", Ok(None)),
        ("import colorsys", Ok(Some(true))),
        ("import nowhere", Ok(Some(true))),
    ] {
        let failing = |it: &mut MemorySystem| {
            it.write(format!("{SITE}.13/site-packages/b.pth"), PUT_IN_FRONT);
        };
        assert_eq!(outcome(13, LARGE, lines, failing), expected, "{lines}");
    }
}

#[test]
fn a_release_that_refuses_misspelt_names_goes_on() {
    let mends = |it: &mut MemorySystem| {
        for minor in [12, 13] {
            let zipimport = format!("/opt/py/lib/python3.{minor}/zipimport.py");
            it.write(zipimport, "        except UnicodeDecodeError as exc:\n            raise ZipImportError\n");
        }
    };
    assert_eq!(outcome(13, MISSPELT, PUT_IN_FRONT, mends), Ok(None));
    assert_eq!(outcome(13, CUT, PUT_IN_FRONT, mends), Ok(Some(false)));
    let mut system = world("3.13", "/opt/py", "include-system-site-packages = false\n");
    mends(&mut system);
    for (entry, is_read) in [(PLAIN, false), (CUT, false), (MISSPELT, true)] {
        system.write("/it.zip", archive(entry)).write(format!("{SITE}.13/site-packages/a.pth"), PUT_IN_FRONT);
        let recorder = Recorder::new(&system);
        interpret(&recorder, "/p/.venv/bin/python".into(), Flags::default());
        let reads = recorder.into_reads();
        assert_eq!(reads.paths.iter().any(|it| it.ends_with("zipimport.py")), is_read, "{:?}", entry.name);
    }
}

#[test]
fn where_start_up_needs_more_it_ends() {
    let by_variable = |it: &mut MemorySystem| {
        it.set_variable("PYTHONPATH", "/it.zip");
    };
    let nothing = |_: &mut MemorySystem| {};
    let unread = "`/it.zip` is an archive that Python fails to read";
    let (sysconfig, nowhere) = (format!("import sysconfig\n{PUT_IN_FRONT}"), format!("{PUT_IN_FRONT}import nowhere\n"));
    let before = format!("import nowhere\n{PUT_IN_FRONT}");
    assert_eq!(outcome(12, CUT, "", by_variable), Err(unread.to_owned()));
    let of_large = "`/it.zip` is a zip64 archive in front of `struct`, which reads it";
    assert_eq!(outcome(13, LARGE, "", by_variable), Err(of_large.to_owned()));
    // 3.6 asks `sysconfig` where the user site is, and that imports what was configured.
    assert_eq!(outcome(6, CUT, PUT_IN_FRONT, nothing), Err(unread.to_owned()));
    assert_eq!(outcome(6, CUT, &sysconfig, nothing), Err(unread.to_owned()));
    let untold = "`traceback` cannot be imported to tell why a `.pth` line fails";
    assert_eq!(outcome(12, CUT, &nowhere, nothing), Err(untold.to_owned()));
    assert_eq!(outcome(12, CUT, &before, nothing), Ok(None), "the rest of the file is left out");
}

#[test]
fn where_site_ends_pypy_goes_on() {
    let mut system = MemorySystem::default();
    system.write_executable("/opt/pypy/bin/pypy3.11", BINARY).link("/p/.venv/bin/python", "/opt/pypy/bin/pypy3.11");
    for name in ["os.py", "site.py", "traceback.py", "encodings/__init__.py"] {
        system.write(format!("/opt/pypy/lib/pypy3.11/{name}"), "");
    }
    let site = "/p/.venv/lib/pypy3.11/site-packages";
    system.write("/p/.venv/pyvenv.cfg", "home = /opt/pypy/bin\ninclude-system-site-packages = false\n");
    system.write("/it.zip", archive(CUT)).create_directory("/behind");
    system.write(format!("{site}/a.pth"), format!("{PUT_IN_FRONT}import nowhere\n/behind\n"));
    system.write(format!("{site}/b.pth"), "import sys; sys.path.insert(0, '/behind')\n");
    let (interpreter, problems) = interpret(&system, "/p/.venv/bin/python".into(), Flags::default());
    let interpreter = interpreter.unwrap();
    let path: Vec<&str> = interpreter.search_path.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(path, ["/it.zip", "/opt/pypy/lib/pypy3.11", site], "what comes next is not done");
    assert_eq!((interpreter.does_not_start, interpreter.lacks_site), (None, true));
    assert!(interpreter.barrier.is_some());
    let untold = "`traceback` cannot be imported to tell why a `.pth` line fails";
    let messages: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, [format!("starts without site-packages: {untold}")]);
}
