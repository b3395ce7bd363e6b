//! What a large environment costs: 300 distributions, and 10,000 names asked of them in one process.
//!
//! In: a folder. Out: three rows, and Python's own answer to the same names beside the last.
//!
//! **Invariant:** what lies deeper in the environment is never looked at: every package has a tree that would show.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{PROGRAM, row, start};

const DISTRIBUTIONS: usize = 300;
/// What the manifest asks for; the others came with these.
const DECLARED: usize = 30;
/// Of each distribution, beside its package itself.
const MODULES: usize = 30;
const NAMES: usize = 10_000;
const RUNS: u32 = 20;

/// What Python does for a name that is not imported: the parent is, which is why its packages are empty.
const QUESTIONS: &str = "import sys
from importlib.util import find_spec
for name in sys.stdin.read().split():
    try:
        find_spec(name)
    except ModuleNotFoundError:
        pass
";

pub(super) fn measure(directory: &Path) {
    let project = make_project(directory);
    let names = names();
    let discovery = start::processor_time(&project, PROGRAM, &["env"]);
    row("`env` on a venv with 300 distributions, processor time", 3.0, discovery, "ms");
    let python = project.join(".venv/bin/python");
    let ours = answering(&project, PROGRAM.as_ref(), &["why", "--output-format", "json", "-"], &names) - discovery;
    let starting = start::processor_time(&project, ".venv/bin/python", &["-c", "pass"]);
    let theirs = answering(&project, &python, &["-c", QUESTIONS], &names) - starting;
    row("10,000 names of `why` there, beyond that", 100.0, ours, "ms");
    row(&format!("the same, where its Python's `find_spec` takes {theirs:.0} ms"), theirs, ours, "ms");
}

/// Milliseconds of processor time for all names, of several runs.
fn answering(project: &Path, program: &Path, arguments: &[&str], names: &str) -> f64 {
    start::processor_time_of(RUNS, || {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(project)
            .env_remove("VIRTUAL_ENV")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(names.as_bytes()).unwrap();
        // Some of the names are not there, which ends `why` with 1.
        assert!(child.wait().unwrap().code().is_some_and(|code| code < 2));
    })
}

/// All packages, modules in them, and names that nothing has.
fn names() -> String {
    let mut names = Vec::new();
    for number in 0..DISTRIBUTIONS {
        names.push(format!("package{number:03}"));
        names.extend((0..MODULES).map(|it| format!("package{number:03}.module{it:02}")));
    }
    names.extend((0..).map(|number| format!("absent{number:03}")).take(NAMES - names.len()));
    names.join("\n")
}

fn make_project(directory: &Path) -> std::path::PathBuf {
    let project = directory.join("large");
    fs::create_dir_all(&project).unwrap();
    let made =
        Command::new("/usr/bin/python3").args(["-m", "venv", "--without-pip", ".venv"]).current_dir(&project).status();
    assert!(made.is_ok_and(|ended| ended.success()), "no environment: `apt install python3-venv`");
    let mut dependencies = String::from("[project]\nname = \"large\"\nversion = \"1\"\ndependencies = [\n");
    let library = fs::read_dir(project.join(".venv/lib")).unwrap().next().unwrap().unwrap().path();
    for number in 0..DISTRIBUTIONS {
        let name = format!("package{number:03}");
        if number < DECLARED {
            let _ = writeln!(dependencies, "    \"{name}>=1\",");
        }
        make_distribution(&library.join("site-packages"), &name);
    }
    fs::write(project.join("pyproject.toml"), dependencies + "]\n").unwrap();
    project
}

fn make_distribution(root: &Path, name: &str) {
    let package = root.join(name);
    let mut record = String::new();
    let mut file = |path: String, content: &str| {
        let _ = writeln!(record, "{path},sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,{}", content.len());
        fs::write(root.join(path), content).unwrap();
    };
    fs::create_dir_all(package.join("deep/deeper/deepest")).unwrap();
    file(format!("{name}/__init__.py"), "");
    for number in 0..MODULES {
        file(format!("{name}/module{number:02}.py"), "");
        file(format!("{name}/deep/deeper/deepest/module{number:02}.py"), "");
    }
    let metadata = format!("{name}-1.0.dist-info");
    fs::create_dir_all(root.join(&metadata)).unwrap();
    file(format!("{metadata}/METADATA"), &format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"));
    file(format!("{metadata}/INSTALLER"), "pip\n");
    file(format!("{metadata}/top_level.txt"), &format!("{name}\n"));
    fs::write(root.join(&metadata).join("RECORD"), record).unwrap();
}
