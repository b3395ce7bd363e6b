//! The reader of imports that parses only what it has to, held against the parser's answer for the whole text.
//!
//! In: every Python file of the Pythons on this machine, with what is installed into them, and of the packages that the tests
//! install; those files torn in many ways; texts that nobody would write; and those that showed a difference once, in
//! `scanner/torn.md`. Out: no difference.
//!
//! **Invariant:** the two answers are equal in every part, suppressions and places included.

use std::path::{Path, PathBuf};

use fromwhere_core::imports::{scan, scan_whole};
use fromwhere_core::text::Text;
use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

use crate::oracle::python;
use minimise::minimise;
use nearly::nearly_valid;
use torn::{Random, closed_lines, loose_pieces, tear};

mod minimise;
mod nearly;
mod torn;
mod vocabulary;

/// A developer's run takes every so-manieth file.
const STEP: usize = 12;

/// Where the tests' tools and the large packages lie.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools");
const INSTALLED_FOLDERS: &[&str] = &["consumers", "large", "lint", "project-tools", "python"];

/// What has to be among them where all of it is read.
const LARGE: &[&str] = &["django", "homeassistant", "numpy"];

/// The largest file that is torn, in bytes: larger ones take their time and have nothing new.
const LARGEST_TORN: usize = 8 * 1024;

/// Texts that showed a difference once.
const KNOWN: &str = include_str!("scanner/torn.md");

fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// How many texts of a kind are read; `FROMWHERE_SCANNER_RUNS` asks for more, and `FROMWHERE_SCANNER_SEED` for others.
fn seeds() -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse().ok());
    let first = number("FROMWHERE_SCANNER_SEED").unwrap_or(20_261_127);
    first..first + number("FROMWHERE_SCANNER_RUNS").unwrap_or(if is_ci() { 20_000 } else { 1_500 })
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

fn reads_the_same(source: &str) -> bool {
    let text = Text::new(source.to_owned());
    scan(&text) == scan_whole(&text)
}

#[test]
fn every_file_of_every_python_reads_the_same() {
    let files = corpus();
    let chosen: Vec<&PathBuf> = files.iter().step_by(if is_ci() { 1 } else { STEP }).collect();
    assert!(chosen.len() > 100, "only {} Python files were found on this machine", chosen.len());
    if is_ci() {
        let is_there =
            |name: &&&str| files.iter().any(|it| it.starts_with(Path::new(INSTALLED).join("large").join(name)));
        let missing: Vec<_> = LARGE.iter().filter(|name| !is_there(name)).collect();
        assert!(missing.is_empty(), "{missing:?} are not in target/test-tools/large: `tests/run tests` installs them");
    }
    let differs =
        |path: &&&PathBuf| std::fs::read(path).is_ok_and(|bytes| !reads_the_same(&String::from_utf8_lossy(&bytes)));
    let different: Vec<_> = chosen.par_iter().filter(differs).collect();
    assert!(different.is_empty(), "{} of {} files differ: {different:#?}", different.len(), chosen.len());
}

#[test]
fn real_files_torn_in_random_places_read_the_same() {
    // So many are enough to find every way to write; a seed finds the same one again as long as the same are installed.
    let files = corpus();
    let files = files.iter().step_by((files.len() / 4000).max(1)).filter_map(|path| std::fs::read(path).ok());
    let imports = |bytes: &Vec<u8>| memchr::memmem::find(bytes, b"import").is_some();
    let files: Vec<Vec<u8>> = files.filter(|bytes| bytes.len() <= LARGEST_TORN && imports(bytes)).collect();
    assert!(files.len() > 50, "only {} files to tear", files.len());
    assert_all_read_the_same(|random| tear(&files[random.below(files.len())], random));
}

#[test]
fn texts_that_nobody_would_write_read_the_same() {
    assert_all_read_the_same(loose_pieces);
}

#[test]
fn lines_that_are_closed_and_make_no_sense_read_the_same() {
    assert_all_read_the_same(closed_lines);
}

#[test]
fn statements_that_are_nearly_valid_read_the_same() {
    assert_all_read_the_same(nearly_valid);
}

#[test]
fn what_differed_once_reads_the_same() {
    let texts: Vec<String> = KNOWN.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(texts.len() > 5, "scanner/torn.md has no texts");
    let different: Vec<_> = texts.iter().filter(|text| !reads_the_same(text)).collect();
    assert!(different.is_empty(), "{different:#?}");
}

/// Says the seed of a text that reads differently, and the least of it that does, as a line for `scanner/torn.md`.
fn assert_all_read_the_same(text_of: impl Fn(&mut Random) -> String + Sync) {
    let differs = |seed: &u64| !reads_the_same(&text_of(&mut Random(*seed)));
    let Some(seed) = seeds().into_par_iter().find_first(differs) else { return };
    let small = minimise(&text_of(&mut Random(seed)), |text| !reads_the_same(text));
    let text = Text::new(small.clone());
    let line = serde_json::to_string(&small).unwrap_or_default();
    panic!(
        "FROMWHERE_SCANNER_SEED={seed} reads differently. Mend it, and add to tests/scanner/torn.md:\n\n{line}\n\n{:#?}\n{:#?}",
        scan(&text),
        scan_whole(&text)
    );
}
