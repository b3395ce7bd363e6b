//! The reader of imports that parses only what can import, held against the parser's answer for the whole text.
//!
//! In: every Python file of the Pythons on this machine, with what is installed into them, and of the packages that the tests
//! install; those files torn and mended in random places; and texts that nobody would write. Out: no difference.
//!
//! **Invariant:** the two answers are equal in every part, suppressions and places included.

use std::path::{Path, PathBuf};

use fromwhere_core::imports::{scan, scan_whole};
use fromwhere_core::text::Text;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::oracle::python;

/// A developer's run takes every so-manieth file.
const STEP: usize = 12;

/// Where the tests' tools and the large packages lie that the benchmarks measure, Home Assistant among them.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools");
const INSTALLED_FOLDERS: &[&str] = &["consumers", "lint", "python", "whole-project"];

/// The largest file that is torn, in bytes: larger ones take their time and have nothing new.
const LARGEST_TORN: usize = 16 * 1024;

fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

fn corpus() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for found in python::all() {
        collect(found.library().as_std_path(), &mut files);
    }
    collect(Path::new("/usr/lib/python3/dist-packages"), &mut files);
    for folder in INSTALLED_FOLDERS {
        collect(&Path::new(INSTALLED).join(folder), &mut files);
    }
    files.sort();
    files
}

#[test]
fn every_file_of_every_python_reads_the_same() {
    let files = corpus();
    let chosen: Vec<&PathBuf> = files.iter().step_by(if is_ci() { 1 } else { STEP }).collect();
    assert!(chosen.len() > 100, "only {} Python files were found on this machine", chosen.len());
    let different: Vec<_> = chosen.par_iter().filter(|path| !reads_the_same(path)).collect();
    assert!(different.is_empty(), "{} of {} files differ: {different:#?}", different.len(), chosen.len());
}

fn reads_the_same(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return true };
    let text = Text::new(String::from_utf8_lossy(&bytes).into_owned());
    scan(&text) == scan_whole(&text)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&path, files),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|it| it == "py") => files.push(path),
            _ => {}
        }
    }
}

/// What Python is made of, above all where it is torn apart.
const PIECES: &[&str] = &[
    "import a",
    "import a.b as c, d",
    "from a import b",
    "from . import b",
    "from .. x import (b,\n c)",
    "from x",
    "import",
    "from a import (b",
    "raise x from e",
    "yield from e",
    "\n",
    "\n",
    "\n",
    "\n    ",
    "\n    ",
    "\n        ",
    "\n\t",
    "\r",
    "\r\n",
    "\x0c",
    " ",
    "\\\n",
    "\\",
    ";",
    ":",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "f\"",
    "rf'''",
    "f'{",
    "f'{x[\"",
    "}'",
    "{{",
    "}}",
    "!r",
    "b'",
    "u\"",
    "\\'",
    "# import z\n",
    "# x",
    "if TYPE_CHECKING:",
    "if sys.platform:",
    "if x:",
    "elif y:",
    "else:",
    "try:",
    "except ImportError:",
    "except:",
    "finally:",
    "with suppress(ImportError):",
    "def f():",
    "async def f(x):",
    "class C:",
    "class C(",
    "for x in y:",
    "while x:",
    "match x:",
    "case 1:",
    "@x",
    "lambda: ",
    "return",
    "pass",
    "x = 1",
    "x",
    "important",
    "__import__('m')",
    "import_module(\"m.n\")",
    "print 'x'",
    "é",
    "0x",
    "1_",
    "$",
    "?",
    "=",
    "==",
    "->",
    "...",
    "not ",
    "in ",
    "await ",
    "async ",
    "global x",
    "del x",
    "type X = int",
    "\u{feff}",
    "\0",
];

fn pieces() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Lines that are mostly whole, with one thing torn.
fn lines() -> impl Strategy<Value = String> {
    let line = (0..4_usize, proptest::collection::vec(proptest::sample::select(PIECES), 1..3));
    proptest::collection::vec(line, 1..10).prop_map(|lines| {
        lines.into_iter().map(|(depth, pieces)| "    ".repeat(depth) + &pieces.concat() + "\n").collect()
    })
}

fn assert_same(source: &str) -> Result<(), TestCaseError> {
    let text = Text::new(source.to_owned());
    prop_assert_eq!(scan(&text), scan_whole(&text), "{:?}", source);
    Ok(())
}

/// The same cases every time; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_124);
    }
    ProptestConfig { cases: config.cases.max(if is_ci() { 20_000 } else { 2_000 }), ..config }
}

/// How many torn files are read, where `PROPTEST_CASES` asks for no more.
const TORN_FILES: u32 = 2_000;

/// One thing that happens to a text, at a place given in parts of a million.
#[derive(Debug, Clone)]
enum Mutation {
    Insert(u32, &'static str),
    Remove(u32, usize),
    Repeat(u32, usize),
    /// Takes away one line, or its line end alone.
    RemoveLine(u32),
    JoinLines(u32),
    Indent(u32),
    Cut(u32),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0..1_000_000_u32;
    prop_oneof![
        (place.clone(), proptest::sample::select(PIECES)).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        (place.clone(), 1..40_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (place.clone(), 1..80_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        place.clone().prop_map(Mutation::RemoveLine),
        place.clone().prop_map(Mutation::JoinLines),
        place.clone().prop_map(Mutation::Indent),
        place.prop_map(Mutation::Cut),
    ]
}

impl Mutation {
    fn apply(&self, text: &mut String) {
        let place = |parts: u32| text.floor_char_boundary(text.len() * parts as usize / 1_000_000);
        match *self {
            Mutation::Insert(at, piece) => text.insert_str(place(at), piece),
            Mutation::Remove(at, length) => {
                let (from, to) = (place(at), text.floor_char_boundary(place(at) + length));
                text.replace_range(from..to, "");
            }
            Mutation::Repeat(at, length) => {
                let (from, to) = (place(at), text.floor_char_boundary(place(at) + length));
                let piece = text[from..to].to_owned();
                text.insert_str(to, &piece);
            }
            Mutation::RemoveLine(at) => {
                let (from, to) = line_around(text, place(at));
                text.replace_range(from..to, "");
            }
            Mutation::JoinLines(at) => {
                let (_, end) = line_around(text, place(at));
                if text[..end].ends_with('\n') {
                    text.replace_range(end - 1..end, "");
                }
            }
            Mutation::Indent(at) => {
                let (from, _) = line_around(text, place(at));
                text.insert_str(from, "    ");
            }
            Mutation::Cut(at) => text.truncate(place(at)),
        }
    }
}

/// Returns where the line of a place begins, and where the next one does.
fn line_around(text: &str, at: usize) -> (usize, usize) {
    let from = text[..at].rfind('\n').map_or(0, |end| end + 1);
    (from, text[at..].find('\n').map_or(text.len(), |end| at + end + 1))
}

#[test]
fn real_files_torn_in_random_places_read_the_same() {
    // The operating system's own files are the same on every machine, so a seed tears the same ones everywhere.
    let files: Vec<PathBuf> = corpus().into_iter().filter(|path| path.starts_with("/usr/lib")).collect();
    let texts: Vec<String> = files
        .iter()
        .step_by((files.len() / 2000).max(1))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|text| text.len() <= LARGEST_TORN && text.contains("import"))
        .collect();
    assert!(texts.len() > 50, "only {} files to tear", texts.len());
    let torn =
        (proptest::sample::select(texts), proptest::collection::vec(mutation(), 1..6)).prop_map(|(text, mutations)| {
            mutations.iter().fold(text, |mut text, mutation| {
                mutation.apply(&mut text);
                text
            })
        });
    let config = ProptestConfig { cases: ProptestConfig::default().cases.max(TORN_FILES), ..config() };
    proptest::test_runner::TestRunner::new(config).run(&torn, |source| assert_same(&source)).unwrap();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn torn_texts_read_the_same(source in pieces()) {
        assert_same(&source)?;
    }

    #[test]
    fn torn_lines_read_the_same(source in lines()) {
        assert_same(&source)?;
    }
}
