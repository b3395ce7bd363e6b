//! The Pythons of this machine, and one start of one of them.
//!
//! In: nothing, or an executable with flags, variables and a directory. Out: what it says about itself.
//!
//! **Invariant:** a start has only the variables that the test gives it, so that both sides see the same world.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::interpreter::{Flags, Interpreter, interpret};
use serde_json::Value;

/// One interpreter that was found on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    pub(crate) executable: Utf8PathBuf,
    pub(crate) version: (u64, u64),
    /// `sys.implementation.name`.
    pub(crate) implementation: String,
}

impl Python {
    /// The standard library's directory.
    pub(crate) fn library(&self) -> Utf8PathBuf {
        let prefix = self.executable.parent().and_then(Utf8Path::parent).unwrap_or(&self.executable);
        prefix.join("lib").join(self.library_name())
    }

    /// `python3.13`, `pypy3.11`: the directory that holds the standard library and site-packages.
    pub(crate) fn library_name(&self) -> String {
        let name = if self.implementation == "pypy" { "pypy" } else { "python" };
        format!("{name}{}.{}", self.version.0, self.version.1)
    }

    /// A folder's name of its own: two Pythons may have the same version.
    pub(crate) fn name(&self) -> String {
        self.executable.as_str().trim_start_matches('/').replace('/', "-")
    }
}

/// Finds the operating system's Python and every one of pyenv, or those of `FROMWHERE_ORACLE_PYTHONS` (with `:` between
/// them) and no others; Python 2 is left out, for it has no `importlib.util`.
pub(crate) fn all() -> Vec<Python> {
    let mut pythons = Vec::new();
    for executable in std::env::var("FROMWHERE_ORACLE_PYTHONS").map_or_else(|_| of_this_machine(), |all| named(&all)) {
        let start = Start::new(&executable);
        match start.ask(&[]) {
            Ok(answer) => {
                let part = |index: usize| answer["version"][index].as_u64().unwrap_or_default();
                let implementation = answer["implementation"].as_str().unwrap_or_default().to_owned();
                pythons.push(Python { executable, version: (part(0), part(1)), implementation });
            }
            Err(reason) => eprintln!("left out: {executable}: {reason}"),
        }
    }
    assert!(!pythons.is_empty(), "there is no Python 3 on this machine to ask");
    pythons
}

/// The interpreters of a list; each has to be there.
fn named(list: &str) -> Vec<Utf8PathBuf> {
    let all: Vec<_> = list.split(':').map(Utf8PathBuf::from).collect();
    for executable in &all {
        assert!(executable.exists(), "FROMWHERE_ORACLE_PYTHONS names {executable}, which is not there");
    }
    all
}

fn of_this_machine() -> Vec<Utf8PathBuf> {
    let home = std::env::var("HOME").unwrap_or_default();
    let root = std::env::var("PYENV_ROOT").unwrap_or_else(|_| format!("{home}/.pyenv"));
    let mut candidates = vec![Utf8PathBuf::from("/usr/bin/python3")];
    if let Ok(versions) = Utf8Path::new(&root).join("versions").read_dir_utf8() {
        let mut found: Vec<_> = versions.flatten().map(|it| it.path().join("bin/python3")).collect();
        found.sort();
        candidates.extend(found);
    }
    candidates.retain(|it| it.exists());
    candidates
}

/// One start of an interpreter.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) executable: Utf8PathBuf,
    /// Any of `-I`, `-E`, `-s`, `-S`.
    pub(crate) flags: Vec<&'static str>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) directory: Utf8PathBuf,
}

impl Start {
    pub(crate) fn new(executable: &Utf8Path) -> Self {
        let variables = [("HOME", "/nonexistent"), ("LC_ALL", "C.UTF-8"), ("PATH", "/usr/bin:/bin")];
        Start {
            executable: executable.to_owned(),
            flags: Vec::new(),
            variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            directory: Utf8PathBuf::from("/"),
        }
    }

    pub(crate) fn flags(mut self, flags: &[&'static str]) -> Self {
        self.flags = flags.to_vec();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.variables.insert(name.to_owned(), value.as_ref().to_owned());
        self
    }

    pub(crate) fn directory(mut self, directory: &Utf8Path) -> Self {
        directory.clone_into(&mut self.directory);
        self
    }

    /// Asks the real interpreter; `Err` is what it said when it did not start.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Value, String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/ask.py");
        let output = self.run(&[&["-B", "-W", "ignore", script], arguments].concat());
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said.lines().last().unwrap_or_default().to_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| format!("{self:?}: {error}"))
    }

    /// Runs the real interpreter.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        command(&self.executable)
            .args(&self.flags)
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.directory)
            .output()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", self.executable))
    }

    /// Returns the disk as this start would see it.
    pub(crate) fn disk(&self) -> Disk {
        Disk::new(self.variables.clone(), self.directory.clone())
    }

    /// Computes the same without running anything.
    pub(crate) fn reconstruct(&self) -> Interpreter {
        let has = |flag: &str| self.flags.contains(&flag);
        let flags = Flags {
            isolated: has("-I"),
            ignore_environment: has("-E"),
            no_user_site: has("-s"),
            no_site: has("-S"),
            safe_path: has("-P"),
        };
        let (interpreter, problems) = interpret(&self.disk(), &self.executable, flags);
        interpreter.unwrap_or_else(|| panic!("{} is no interpreter: {problems:?}", self.executable))
    }
}

/// Makes a command; the program under test never may, but its oracle has to.
#[expect(clippy::disallowed_methods, reason = "the oracle asks real interpreters")]
pub(crate) fn command(program: &Utf8Path) -> Command {
    Command::new(program)
}
