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
const ROUNDS: usize = 9;

struct Measured {
    /// In milliseconds.
    wall: f64,
    /// In megabytes.
    peak: f64,
}

pub(super) fn measure() {
    assert!(Path::new(PROJECT).is_dir(), "{PROJECT} is missing: `tests/run tests` unpacks it");
    install_peer();
    let directory = tempfile::TempDir::new().unwrap();
    let copy = |name: &str| {
        // A place of its own: what lies around a project belongs to the question where else a module is.
        let copied = Command::new("cp").args(["-r", PROJECT]).arg(directory.path().join(name)).status();
        assert!(copied.is_ok_and(|ended| ended.success()), "{PROJECT} could not be copied");
        directory.path().join(name)
    };
    let tree = copy("one");
    let arguments = |directory: &Path| {
        let directory = directory.to_str().unwrap().to_owned();
        ["check", "--exit-zero", "--output-format", "concise"]
            .map(str::to_owned)
            .into_iter()
            .chain([directory])
            .collect()
    };
    let ours: Vec<String> = arguments(&tree);
    let peers = ["analyze", "graph", "--isolated", tree.to_str().unwrap()].map(str::to_owned);
    let peer = format!("{PEER_ENVIRONMENT}/bin/ruff");
    let (mut reading, mut our, mut their) = (f64::INFINITY, Measured::default(), Measured::default());
    // One after the other, again and again: what slows the machine down slows all of them down.
    for _ in 0..ROUNDS {
        reading = reading.min(read_all(&tree));
        our.take(&run(PROGRAM, &ours));
        their.take(&run(&peer, &peers));
    }
    let (third, theirs) = (their.wall / 3.0, their.wall);
    row(&format!("`check` of 6725 files, where `ruff analyze graph` takes {theirs:.0} ms"), third, our.wall, "ms");
    row(&format!("the same, where reading the files takes {reading:.0} ms"), reading * 3.0, our.wall, "ms");
    row("the same, most memory, beside ruff's", their.peak, our.peak, "MB");

    copy("two");
    let both: Vec<String> = arguments(directory.path());
    let mut twice = Measured::default();
    for _ in 0..ROUNDS {
        twice.take(&run(PROGRAM, &both));
        our.take(&run(PROGRAM, &ours));
    }
    row("the same tree twice: at most 2.2 times as long", our.wall * 2.2, twice.wall, "ms");
}

impl Measured {
    /// Keeps the shorter time, and the more of memory.
    fn take(&mut self, other: &Measured) {
        self.wall = self.wall.min(other.wall);
        self.peak = self.peak.max(other.peak);
    }
}

impl Default for Measured {
    fn default() -> Self {
        Measured { wall: f64::INFINITY, peak: 0.0 }
    }
}

fn run(program: &str, arguments: &[String]) -> Measured {
    let said = Command::new("/usr/bin/python3").args([MEASURE, "1", program]).args(arguments).output().unwrap();
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
