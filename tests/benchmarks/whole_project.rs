//! A large project checked whole, beside the nearest peer and beside reading its files and no more.
//!
//! In: Home Assistant as `tests/run tests` unpacks it, and ruff, both in `target/test-tools`. Out: four rows, the peer's or the reading's as the promise.
//!
//! **Invariant:** the same tree, the same cores, the same run, the page cache warm for all; the best of several runs counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::Value;

use crate::{PROGRAM, row};

/// 6725 Python files, 33 MB.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/large/homeassistant");
const PEER_ENVIRONMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/peer");
const MEASURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benchmarks/measure.py");

const PEER: &str = "ruff==0.17.6";
const RUNS: &str = "7";

struct Measured {
    /// In milliseconds.
    wall: f64,
    /// In megabytes.
    peak: f64,
}

pub(super) fn measure() {
    let project = Path::new(PROJECT);
    assert!(project.is_dir(), "{PROJECT} is missing: `tests/run tests` unpacks it");
    install_peer();
    let tree = PROJECT;
    let check = ["check", "--exit-zero", "--output-format", "concise", tree];
    // Once for the page cache, which is nobody's merit.
    let reading = (0..7).map(|_| read_all(project)).fold(f64::INFINITY, f64::min);
    let ours = run(PROGRAM, &check);
    let peer = run(&format!("{PEER_ENVIRONMENT}/bin/ruff"), &["analyze", "graph", "--isolated", tree]);
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

/// Brings the peer here, once.
fn install_peer() {
    if Path::new(PEER_ENVIRONMENT).join("bin/ruff").is_file() {
        return;
    }
    must(Command::new("/usr/bin/python3").args(["-m", "venv", PEER_ENVIRONMENT]));
    let pip = Path::new(PEER_ENVIRONMENT).join("bin/pip");
    must(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", PEER]));
}

fn must(command: &mut Command) {
    let ended = command.status();
    assert!(ended.is_ok_and(|it| it.success()), "{command:?} failed");
}
