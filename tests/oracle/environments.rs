//! Environments, built for real in a temporary directory.
//!
//! In: an interpreter and a folder. Out: the environment's own interpreter.
//!
//! **Invariant:** everything lies below one temporary directory that is removed at the end.

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::python::{Python, command};

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

/// `virtualenv`, with nothing seeded.
pub(crate) fn virtualenv(tool: &Utf8Path, python: &Python, folder: &Utf8Path, arguments: &[&str]) -> Utf8PathBuf {
    let all =
        [&["--no-seed", "--no-periodic-update", "--python", python.executable.as_str()], arguments, &[folder.as_str()]];
    run(tool, &all.concat());
    folder.join("bin/python")
}

/// `uv venv`.
pub(crate) fn uv(tool: &Utf8Path, python: &Python, folder: &Utf8Path, arguments: &[&str]) -> Utf8PathBuf {
    let all =
        [&["venv", "--offline", "--no-project", "--python", python.executable.as_str()], arguments, &[folder.as_str()]];
    run(tool, &all.concat());
    folder.join("bin/python")
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

/// Runs a tool that has to succeed.
pub(crate) fn run(program: &Utf8Path, arguments: &[&str]) {
    let output = command(program)
        .args(arguments)
        .env_remove("PYTHONPATH")
        .env_remove("VIRTUAL_ENV")
        .env_remove("PYTHONHOME")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
}
