//! `check --watch` while files change, until a signal ends it.
//!
//! **Invariant:** a report comes whenever it differs, without a key pressed, and the end has the exit code of the last look.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::Project;

struct Watching {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Watching {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.command(&[&["check", "--watch"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Watching { child, output }
    }

    /// Reads a report up to the line that counts its imports.
    fn report(&mut self) -> String {
        let mut report = String::new();
        while !report.lines().last().is_some_and(|line| line.contains(" imports: ") || line.contains("1 import: ")) {
            assert_ne!(self.output.read_line(&mut report).unwrap(), 0, "it ended: {report}");
        }
        report
    }

    fn end(mut self, signal: Signal) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (code, rest)
    }
}

#[test]
fn a_change_is_seen_and_the_end_has_the_code_of_the_last_look() {
    let project = Project::demo();
    let mut watching = Watching::start(&project, &[]);
    let first = watching.report();
    assert!(first.contains("`yaml` comes from Debian") && !first.contains('\x1b'), "{first}");
    project.write("app.py", "import json\n");
    assert!(watching.report().starts_with("No diagnostics in 2 files\n"));
    project.write("package/new.py", "import yaml\n");
    let with_new = watching.report();
    assert!(with_new.contains(" package/new.py:1:8\n"), "{with_new}");
    fs::remove_dir_all(project.root.join("package")).unwrap();
    assert!(watching.report().starts_with("No diagnostics in 2 files\n"));
    project.write("app.py", "import yaml\n");
    assert!(watching.report().contains(" app.py:1:8\n"));
    assert_eq!(watching.end(Signal::INT), (Some(1), String::new()));
}

#[test]
fn what_is_installed_is_seen() {
    let project = Project::demo();
    let mut watching = Watching::start(&project, &[]);
    watching.report();
    let site = format!(".venv/lib/{}/site-packages", super::python_directory());
    project.write(&format!("{site}/yaml.py"), "");
    assert!(watching.report().starts_with("No diagnostics in 2 files\n"));
    fs::remove_file(project.root.join(format!("{site}/yaml.py"))).unwrap();
    assert!(watching.report().contains("`yaml` comes from Debian"));
    project.write("fromwhere.toml", "allow = [\"yaml\"]\n");
    assert!(watching.report().starts_with("No diagnostics in 2 files\n"));
    assert_eq!(watching.end(Signal::TERM), (Some(0), String::new()));
}

#[test]
fn watching_neither_fixes_nor_compares() {
    let project = Project::demo();
    for option in ["--fix", "--diff"] {
        assert_eq!(project.run(&["check", "--watch", option]).code, 2);
    }
}
