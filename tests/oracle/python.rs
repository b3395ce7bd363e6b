//! The Pythons of this machine, and one start of one of them.
//!
//! In: nothing, or an executable with flags, variables and a directory. Out: what it says about itself.
//!
//! **Invariant:** a start has only the variables that the test gives it, so that both sides see the same world.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::interpreter::{Flags, FrozenModules, Interpreter, interpret};
use serde_json::Value;

use super::scope;

const ASK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/ask.py");

/// One interpreter that was found on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    pub(crate) executable: Utf8PathBuf,
    pub(crate) version: (u64, u64),
    /// `sys.implementation.name`.
    pub(crate) implementation: String,
    /// Where the standard library is below its prefix: `lib/python3.13`, `lib64/python3.13t`, `lib/pypy3.11`.
    pub(crate) below: Utf8PathBuf,
}

impl Python {
    /// The standard library's directory.
    pub(crate) fn library(&self) -> Utf8PathBuf {
        let prefix = self.executable.parent().and_then(Utf8Path::parent).unwrap_or(&self.executable);
        prefix.join(&self.below)
    }

    /// `lib`, or `lib64` where it was configured so.
    pub(crate) fn library_directory(&self) -> &str {
        self.below.parent().map_or("lib", Utf8Path::as_str)
    }

    /// `python3.13`, `python3.13t`, `pypy3.11`: the directory that holds the standard library and site-packages.
    pub(crate) fn library_name(&self) -> &str {
        self.below.file_name().unwrap_or_default()
    }

    /// `python313.zip`, `python313t.zip`: the archive that the standard library may be in.
    pub(crate) fn archive_name(&self) -> String {
        format!("{}.zip", self.library_name().replace("pypy", "python").replace('.', ""))
    }

    /// `libpython3.13t.so.1.0` and its like, with where they are; none where the code is in the program itself.
    pub(crate) fn shared_libraries(&self) -> Vec<(String, Utf8PathBuf)> {
        let beside = self.executable.parent().and_then(Utf8Path::parent).unwrap_or(&self.executable).join("lib");
        let entries = beside.read_dir_utf8().into_iter().flatten().flatten();
        let names = entries.map(|it| (it.file_name().to_owned(), it.path().to_owned()));
        names.filter(|(name, _)| name.starts_with("libpython") && name.contains(".so")).collect()
    }

    /// A folder's name of its own: two Pythons may have the same version.
    pub(crate) fn name(&self) -> String {
        self.executable.as_str().trim_start_matches('/').replace('/', "-")
    }
}

/// Returns the Pythons to ask: all of them, or those that stand for the rest where not the whole is asked.
///
/// They are the operating system's and every one of pyenv, or those of `FROMWHERE_ORACLE_PYTHONS` (with `:` between them)
/// and no others. Python 2 is left out, for it has no `importlib.util`.
pub(crate) fn all() -> Vec<Python> {
    static FOUND: OnceLock<Vec<Python>> = OnceLock::new();
    let found = FOUND.get_or_init(find);
    if scope::is_whole() || std::env::var_os("FROMWHERE_ORACLE_PYTHONS").is_some() {
        return found.clone();
    }
    // The operating system's, which comes first, and pyenv's oldest and newest.
    let pyenv = found.get(1..).unwrap_or_default();
    let oldest = pyenv.iter().min_by_key(|it| it.version);
    let newest = pyenv.iter().max_by_key(|it| it.version);
    let mut chosen: Vec<Python> = found.iter().take(1).chain(oldest).chain(newest).cloned().collect();
    chosen.dedup_by(|one, other| one.executable == other.executable);
    chosen
}

fn find() -> Vec<Python> {
    let named = std::env::var("FROMWHERE_ORACLE_PYTHONS").ok();
    let mut pythons = Vec::new();
    for executable in named.as_deref().map_or_else(of_this_machine, of_a_list) {
        let start = Start::new(&executable);
        match start.ask(&[]) {
            Ok(answer) => {
                let part = |index: usize| answer["facts"]["version"][index].as_u64().unwrap_or_default();
                let text = |name: &str| answer["facts"][name].as_str().unwrap_or_default().to_owned();
                let (version, implementation) = ((part(0), part(1)), text("implementation"));
                let below = Utf8Path::new(&text("library")).strip_prefix(text("base_prefix")).map(Utf8Path::to_owned);
                match below {
                    Ok(below) => pythons.push(Python { executable, version, implementation, below }),
                    Err(outside) => {
                        panic!("{executable}: its library is not below its prefix ({outside}): {}", answer["facts"])
                    }
                }
            }
            Err(reason) => eprintln!("left out: {executable}: {reason}"),
        }
    }
    assert!(!pythons.is_empty(), "there is no Python 3 on this machine to ask");
    if named.is_none() && pythons.len() == 1 {
        eprintln!("NOT TESTED: pyenv has no Python here: {} is the only one that is asked", pythons[0].executable);
    }
    pythons
}

/// The interpreters of a list; each has to be there.
fn of_a_list(list: &str) -> Vec<Utf8PathBuf> {
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
    /// Any of `-I`, `-E`, `-s`, `-S`, `-P`, `-Xfrozen_modules=off`.
    pub(crate) flags: Vec<&'static str>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) directory: Utf8PathBuf,
    /// The folder of the script that asks, where what lies beside that counts too.
    pub(crate) beside: Option<Utf8PathBuf>,
}

impl Start {
    pub(crate) fn new(executable: &Utf8Path) -> Self {
        let variables = [("HOME", "/nonexistent"), ("LC_ALL", "C.UTF-8"), ("PATH", "/usr/bin:/bin")];
        Start {
            executable: executable.to_owned(),
            flags: Vec::new(),
            variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            directory: Utf8PathBuf::from("/"),
            beside: None,
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

    /// Asks as a script in that folder, which its own modules come first for.
    pub(crate) fn beside(mut self, folder: &Utf8Path) -> Self {
        std::fs::copy(ASK, folder.join("ask.py")).expect("a script");
        self.beside = Some(folder.to_owned());
        self
    }

    /// Asks the real interpreter; `Err` is what it said when it did not start.
    pub(crate) fn ask(&self, arguments: &[String]) -> Result<Value, String> {
        let copy = self.beside.as_ref().map(|folder| folder.join("ask.py").into_string());
        let script = copy.as_ref().map_or_else(|| vec![ASK], |copy| vec![copy.as_str(), "beside"]);
        let arguments = arguments.iter().map(String::as_str);
        let output = self.run(&std::iter::once("-B").chain(script).chain(arguments).collect::<Vec<_>>());
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

    /// Writes it as a shell script, which hands its own arguments on.
    pub(crate) fn script(&self) -> String {
        let quoted = |it: &str| format!("'{}'", it.replace('\'', r"'\''"));
        let variables = self.variables.iter().map(|(name, value)| quoted(&format!("{name}={value}")));
        let program = std::iter::once(quoted(self.executable.as_str()));
        let words: Vec<String> = variables.chain(program).chain(self.flags.iter().map(|it| quoted(it))).collect();
        format!("#!/bin/sh\ncd {} && exec env -i {} \"$@\"\n", quoted(self.directory.as_str()), words.join(" "))
    }

    /// Returns the disk as this start would see it.
    pub(crate) fn disk(&self) -> Disk {
        Disk::new(self.variables.clone(), self.directory.clone())
    }

    /// Computes the same without running anything.
    pub(crate) fn reconstruct(&self) -> Interpreter {
        self.interpret().unwrap_or_else(|| panic!("{} is no interpreter", self.executable))
    }

    /// The same; `None` where the path leads to no interpreter.
    pub(crate) fn interpret(&self) -> Option<Interpreter> {
        let has = |flag: &str| self.flags.contains(&flag);
        let flags = Flags {
            isolated: has("-I"),
            ignore_environment: has("-E"),
            no_user_site: has("-s"),
            no_site: has("-S"),
            safe_path: has("-P"),
            frozen_modules: has("-Xfrozen_modules=off").then_some(FrozenModules::Off),
            unknown: None,
        };
        interpret(&self.disk(), &self.executable, flags).0
    }
}

/// Makes a command; the program under test never may, but its oracle has to.
#[expect(clippy::disallowed_methods, reason = "the oracle asks real interpreters")]
pub(crate) fn command(program: &Utf8Path) -> Command {
    Command::new(program)
}
