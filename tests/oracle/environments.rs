//! Environments, built for real in a temporary directory.
//!
//! In: an interpreter and a folder. Out: the environment's own interpreter.
//!
//! **Invariant:** everything lies below one temporary directory that is removed at the end.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tempfile::TempDir;

use super::python::{Python, command};

/// The variables of one start.
pub(crate) type Variables = BTreeMap<String, String>;

/// A temporary directory with a name that is UTF-8 and has no links in it.
pub(crate) fn temporary() -> (TempDir, Utf8PathBuf) {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().canonicalize().expect("its real path");
    let path = Utf8PathBuf::from_path_buf(path).expect("UTF-8");
    (directory, path)
}

/// `python -m venv --without-pip`.
pub(crate) fn venv(python: &Utf8Path, folder: &Utf8Path, arguments: &[&str]) -> Utf8PathBuf {
    let all = [&["-m", "venv", "--without-pip"], arguments, &[folder.as_str()]].concat();
    run(python, &all);
    folder.join("bin/python")
}

/// What a tool says of a Python that is too old for it; that one is left to the other generation of the tool.
const REFUSALS: [&str; 5] = [
    // uv, of the Python, and of the wheels that it would seed an environment with.
    " is not supported. Please use Python ",
    " requires Python >=",
    // virtualenv, of what it carries for seeding, and where its own code breaks in the Python that is to run it.
    "the oldest supported target is ",
    "future feature annotations is not defined",
    "cannot import name 'Final' from 'typing'",
];

/// `virtualenv`; `None` where it says that it does not do that for such an old Python.
pub(crate) fn virtualenv(
    tool: &Utf8Path,
    python: &Python,
    folder: &Utf8Path,
    arguments: &[&str],
) -> Option<Utf8PathBuf> {
    let all = [&["--no-periodic-update", "--python", python.executable.as_str()], arguments, &[folder.as_str()]];
    makes(tool, &all.concat()).then(|| folder.join("bin/python"))
}

/// `uv venv`.
pub(crate) fn uv(tool: &Utf8Path, python: &Python, folder: &Utf8Path, arguments: &[&str]) -> Utf8PathBuf {
    uv_if_it_can(tool, python, folder, arguments).unwrap_or_else(|| panic!("{tool} refuses {}", python.executable))
}

/// `uv venv`; `None` where it says that it does not do that for such an old Python.
pub(crate) fn uv_if_it_can(
    tool: &Utf8Path,
    python: &Python,
    folder: &Utf8Path,
    arguments: &[&str],
) -> Option<Utf8PathBuf> {
    let all =
        [&["venv", "--offline", "--no-project", "--python", python.executable.as_str()], arguments, &[folder.as_str()]];
    makes(tool, &all.concat()).then(|| folder.join("bin/python"))
}

/// Returns the `site-packages` of an environment, made if need be.
pub(crate) fn site_packages(folder: &Utf8Path, python: &Python) -> Utf8PathBuf {
    let path = folder.join("lib").join(python.library_name()).join("site-packages");
    std::fs::create_dir_all(&path).expect("site-packages");
    path
}

/// Writes a file and the directories above it.
pub(crate) fn write(path: &Utf8Path, content: impl AsRef<[u8]>) {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).expect("a directory");
    }
    std::fs::write(path, content).expect("a file");
}

pub(crate) fn link(path: &Utf8Path, target: &Utf8Path) {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).expect("a directory");
    }
    std::os::unix::fs::symlink(target, path).expect("a link");
}

/// Puts an interpreter into an environment as `venv` does, with or without `--copies`.
pub(crate) fn place(folder: &Utf8Path, executable: &Utf8Path, copied: bool) {
    let at = folder.join("bin/python");
    if copied {
        std::fs::create_dir_all(folder.join("bin")).expect("a directory");
        copy(executable, &at);
    } else {
        link(&at, executable);
    }
}

/// Copies a program by a process of its own: what this one writes could be kept open by a child of another thread just when
/// it is to be run ("text file busy").
pub(crate) fn copy(program: &Utf8Path, to: &Utf8Path) {
    succeeds(command(Utf8Path::new("cp")).args(["-L", program.as_str(), to.as_str()]));
}

/// The line by which setuptools made a namespace package of a dotted name, from `*-nspkg.pth`.
pub(crate) fn namespace_line(name: &str) -> String {
    format!(
        "import sys, types, os;has_mfs = sys.version_info > (3, 5);\
         p = os.path.join(sys._getframe(1).f_locals['sitedir'], *({}));\
         importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');\
         m = has_mfs and sys.modules.setdefault('{name}', importlib.util.module_from_spec(\
         importlib.machinery.PathFinder.find_spec('{name}', [os.path.dirname(p)])));\
         m = m or sys.modules.setdefault('{name}', types.ModuleType('{name}'));\
         mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p){}\n",
        parts(name),
        on_parent(name),
    )
}

/// The same as setuptools up to 30 wrote it.
pub(crate) fn old_namespace_line(name: &str) -> String {
    format!(
        "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *({}));\
         ie = os.path.exists(os.path.join(p,'__init__.py'));\
         m = not ie and sys.modules.setdefault('{name}', types.ModuleType('{name}'));\
         mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p){}\n",
        parts(name),
        on_parent(name),
    )
}

fn parts(name: &str) -> String {
    format!("'{}',", name.replace('.', "','"))
}

fn on_parent(name: &str) -> String {
    let (parent, last) = name.rsplit_once('.').unwrap_or_default();
    if parent.is_empty() { String::new() } else { format!(";m and setattr(sys.modules['{parent}'], '{last}', m)") }
}

/// Returns a text with a name in it replaced, wherever it stands.
pub(crate) fn replaced(text: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        if let Some(after) = rest.strip_prefix(name.as_bytes()) {
            out.extend_from_slice(value.as_bytes());
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// Makes a prefix of its own for a Python: a copy of the program, links to all that lies in its library but for some names.
/// Returns the program.
pub(crate) fn relocated(python: &Python, prefix: &Utf8Path, left_out: &[&str]) -> Utf8PathBuf {
    let (library, name) = (python.library(), python.library_name());
    let to = prefix.join(python.library_directory()).join(name);
    std::fs::create_dir_all(&to).expect("a library");
    std::fs::create_dir_all(prefix.join("bin")).expect("a bin");
    for entry in library.read_dir_utf8().expect("a library").flatten() {
        if !left_out.contains(&entry.file_name()) {
            link(&to.join(entry.file_name()), entry.path());
        }
    }
    // What the program is linked with, where it looks for it beside itself.
    for (name, library) in python.shared_libraries() {
        link(&prefix.join("lib").join(name), &library);
    }
    let executable = prefix.join("bin").join(name);
    copy(&python.executable, &executable);
    executable
}

/// Runs a tool that has to succeed, with this process's variables but for those that say where Python is.
pub(crate) fn run(program: &Utf8Path, arguments: &[&str]) {
    succeeds(&mut prepared(program, arguments));
}

/// The same with a few variables more.
pub(crate) fn run_with(program: &Utf8Path, arguments: &[&str], variables: &[(&str, &str)]) {
    succeeds(prepared(program, arguments).envs(variables.iter().copied()));
}

/// Runs a tool that has to succeed, or to say that the Python it was given is too old for it.
fn makes(program: &Utf8Path, arguments: &[&str]) -> bool {
    let mut prepared = prepared(program, arguments);
    let output = prepared.output().unwrap_or_else(|error| panic!("cannot run {prepared:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let refused = !output.status.success() && REFUSALS.iter().any(|it| said.contains(it));
    assert!(output.status.success() || refused, "{prepared:?}:\n{said}");
    !refused
}

fn prepared(program: &Utf8Path, arguments: &[&str]) -> Command {
    let mut prepared = command(program);
    prepared.args(arguments).env_remove("PYTHONPATH").env_remove("VIRTUAL_ENV").env_remove("PYTHONHOME");
    prepared
}

/// Runs a tool that has to succeed in a folder, with these variables and no others. Returns the last line it printed.
pub(crate) fn say(program: &Utf8Path, arguments: &[&str], folder: &Utf8Path, variables: &Variables) -> String {
    let mut prepared = command(program);
    prepared.args(arguments).env_clear().envs(variables).current_dir(folder).stdin(Stdio::null());
    let said = succeeds(&mut prepared);
    said.lines().rfind(|it| !it.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

/// The program under test, as people run it.
pub(crate) fn command_of_ours() -> Command {
    command(Utf8Path::new(env!("CARGO_BIN_EXE_fromwhere")))
}

/// Returns the diagnostics of `fromwhere check` in a folder.
pub(crate) fn diagnostics(folder: &Utf8Path, arguments: &[&str], variables: &Variables) -> Vec<Value> {
    let mut ours = command_of_ours();
    ours.args(["check", "--exit-zero", "--output-format", "json"]).args(arguments);
    let output = ours.env_clear().envs(variables).current_dir(folder).output().expect("fromwhere runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {complaint}"));
    report["diagnostics"].as_array().expect("diagnostics").clone()
}

fn succeeds(prepared: &mut Command) -> String {
    let output = prepared.output().unwrap_or_else(|error| panic!("cannot run {prepared:?}: {error}"));
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{prepared:?}:\n{said}\n{complaint}");
    said.into_owned()
}
