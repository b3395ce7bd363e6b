//! The real program on real directories.
//!
//! In: small projects in temporary directories, with an environment of `/usr/bin/python3` made by hand. Out: what the program
//! wrote and how it ended.
//!
//! **Invariant:** nothing of the machine but `/usr` reaches the program: `HOME`, `PATH` and the rest are set here.
#![expect(clippy::disallowed_methods, reason = "the tests start the program they test")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

mod endings;
mod fixes;
mod inputs;
mod notebooks;
mod scripts;
mod shapes;
mod texts;
mod watching;

/// A module that Debian's `python3-yaml` has.
const FROM_THE_SYSTEM: &str = "yaml";
const MANIFEST: &str = "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\"PyYAML>=6\"]\n";

/// A project in a directory of its own, with a home directory beside it.
struct Project {
    directory: TempDir,
    root: PathBuf,
}

/// What the program wrote and how it ended.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Project {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path().canonicalize().unwrap().join("project");
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::create_dir_all(root.join("../home")).unwrap();
        Project { directory, root }
    }

    /// A project as `python3 -m venv --system-site-packages .venv` leaves it: an import from each kind of place.
    fn demo() -> Self {
        let project = Project::new().with_venv(true);
        project.write("pyproject.toml", MANIFEST);
        project.write("helper.py", "import sys\n");
        project.write("app.py", "import json\n\nimport helper\nimport inside\nimport yaml\n");
        project.write(&format!(".venv/lib/{}/site-packages/inside.py", python_directory()), "");
        project
    }

    fn with_venv(self, system_site_packages: bool) -> Self {
        let site = format!(".venv/lib/{}/site-packages", python_directory());
        // Whether the system has a pip too makes no difference then.
        fs::create_dir_all(self.root.join(site).join("pip")).unwrap();
        fs::create_dir_all(self.root.join(".venv/bin")).unwrap();
        symlink("/usr/bin/python3", self.root.join(".venv/bin/python3")).unwrap();
        symlink("python3", self.root.join(".venv/bin/python")).unwrap();
        self.write(
            ".venv/pyvenv.cfg",
            format!("home = /usr/bin\ninclude-system-site-packages = {system_site_packages}\n"),
        );
        self
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fromwhere"));
        let home = self.root.with_file_name("home");
        command.args(arguments).current_dir(&self.root).env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin");
        command
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let ended = self.run(&[arguments, &["--output-format", "json"]].concat());
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr))
    }

    fn path(&self, below: &str) -> String {
        self.root.join(below).to_str().unwrap().to_owned()
    }

    /// Replaces what differs from machine to machine: this project's place and the versions of what is installed.
    fn filters(&self) -> Vec<(String, &'static str)> {
        let above = self.directory.path().canonicalize().unwrap();
        vec![
            (format!("{}/project", above.display()), "[PROJECT]"),
            (above.display().to_string(), "[ABOVE]"),
            (r"[ \t]+\n".to_owned(), "\n"),
        ]
    }
}

/// Returns `pythonX.Y` as `/usr/bin/python3` is named.
fn python_directory() -> String {
    let real = Path::new("/usr/bin/python3").canonicalize().expect("Debian's python3 is installed");
    real.file_name().unwrap().to_str().unwrap().to_owned()
}
