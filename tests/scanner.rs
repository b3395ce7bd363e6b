//! The reader of imports that parses only what can import, held against the parser's answer for the whole text.
//!
//! In: every Python file of the Pythons on this machine, with what is installed into them; and texts that nobody would write.
//! Out: no difference.
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

#[test]
fn every_file_of_every_python_reads_the_same() {
    let whole = std::env::var_os("CI").is_some();
    let mut files = Vec::new();
    for found in python::all() {
        collect(found.library().as_std_path(), &mut files);
    }
    collect(Path::new("/usr/lib/python3/dist-packages"), &mut files);
    files.sort();
    let chosen: Vec<&PathBuf> = files.iter().step_by(if whole { 1 } else { STEP }).collect();
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
    ProptestConfig { cases: config.cases.max(if std::env::var_os("CI").is_some() { 20_000 } else { 2_000 }), ..config }
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
