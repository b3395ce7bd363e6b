//! A large project checked whole, beside the nearest peer and beside reading its files and no more.
//!
//! In: the wheel of Home Assistant, and ruff, both in `target/test-tools`. Out: four rows, the peer's or the reading's as the promise.
//!
//! **Invariant:** the same tree, the same cores, the same run, the page cache warm for all; the best of several runs counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::Value;

use crate::{PROGRAM, row};

const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/whole-project");
const MEASURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benchmarks/measure.py");

/// 6725 Python files, 33 MB.
const PROJECT: &str = "homeassistant==2024.3.3";
const PEER: &str = "ruff==0.17.6";
const RUNS: &str = "7";

struct Measured {
    /// In milliseconds.
    wall: f64,
    /// In megabytes.
    peak: f64,
}

pub(super) fn measure() {
    let project = fetch();
    let tree = project.to_str().unwrap();
    let check = ["check", "--exit-zero", "--output-format", "concise", tree];
    // Once for the page cache, which is nobody's merit.
    let reading = (0..7).map(|_| read_all(&project)).fold(f64::INFINITY, f64::min);
    let ours = run(PROGRAM, &check);
    let peer = run(&format!("{TOOLS}/env/bin/ruff"), &["analyze", "graph", "--isolated", tree]);
    let (third, peer_wall) = (peer.wall / 3.0, peer.wall);
    row(&format!("`check` of 6725 files, where `ruff analyze graph` takes {peer_wall:.0} ms"), third, ours.wall, "ms");
    row(&format!("the same, where reading the files takes {reading:.0} ms"), reading * 3.0, ours.wall, "ms");
    row("the same, most memory, beside ruff's", peer.peak, ours.peak, "MB");

    let twice = tempfile::TempDir::new().unwrap();
    for copy in ["one", "two"] {
        let copied = Command::new("cp").args(["-r", tree]).arg(twice.path().join(copy)).status();
        assert!(copied.is_ok_and(|ended| ended.success()), "{tree} could not be copied");
    }
    let check = ["check", "--exit-zero", "--output-format", "concise", twice.path().to_str().unwrap()];
    row("the same tree twice: at most 2.2 times as long", ours.wall * 2.2, run(PROGRAM, &check).wall, "ms");
}

fn run(program: &str, arguments: &[&str]) -> Measured {
    let said = Command::new("/usr/bin/python3").args([MEASURE, RUNS, program]).args(arguments).output().unwrap();
    assert!(said.status.success(), "`{program}` {arguments:?} failed");
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    Measured { wall: said["wall"].as_f64().unwrap() * 1000.0, peak: said["peak"].as_f64().unwrap() / 1e6 }
}

/// Reads every Python file on all cores and looks at nothing; milliseconds.
fn read_all(directory: &Path) -> f64 {
    let began = Instant::now();
    let mut files = Vec::new();
    collect(directory, &mut files);
    let bytes: usize = files.par_iter().map(|path| fs::read(path).map_or(0, |content| content.len())).sum();
    assert!(bytes > 30_000_000 && files.len() > 6000, "{}: {bytes} bytes", directory.display());
    began.elapsed().as_secs_f64() * 1000.0
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), files);
        } else if entry.path().extension().is_some_and(|it| it == "py") {
            files.push(entry.path());
        }
    }
}

/// Brings the project and the peer here, once.
fn fetch() -> PathBuf {
    let (tools, environment) = (Path::new(TOOLS), Path::new(TOOLS).join("env"));
    let project = tools.join("homeassistant");
    if !environment.join("bin/ruff").is_file() {
        must(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&environment));
        let quiet = ["install", "--quiet", "--disable-pip-version-check"];
        must(Command::new(environment.join("bin/pip")).args(quiet).arg(PEER));
    }
    if !project.is_dir() {
        let new = tools.join("homeassistant.new");
        let quiet = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"];
        let any = ["--ignore-requires-python", "--only-binary", ":all:"];
        must(Command::new(environment.join("bin/pip")).args(quiet).args(any).arg("--target").arg(&new).arg(PROJECT));
        fs::rename(new, &project).unwrap();
    }
    project
}

fn must(command: &mut Command) {
    let ended = command.status();
    assert!(ended.is_ok_and(|it| it.success()), "{command:?} failed");
}
