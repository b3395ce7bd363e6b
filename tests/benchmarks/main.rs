//! How fast fromwhere is, as ratios to what was promised: `cargo release-binary && cargo bench`.
//!
//! In: a project made for it in a temporary folder, with an environment of `/usr/bin/python3`. Out: one row for each
//! promise: what was promised, what was measured, how many times better that is.
//!
//! **Invariant:** it measures whole processes from outside, as a user has them, and asserts nothing about time.
#![expect(clippy::disallowed_methods, reason = "it starts the program that it measures")]
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

#[path = "../editor.rs"]
mod editor;
mod names;
mod session;
mod start;
mod whole_project;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The program as people get it, made by `cargo release-binary`.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/static/release/fromwhere");

fn main() {
    assert!(Path::new(PROGRAM).is_file(), "{PROGRAM} is missing: run `cargo release-binary` first");
    let directory = TempDir::new().unwrap();
    let folder = directory.path().canonicalize().unwrap();
    let project = make_project(&folder);
    println!("| what | promised | measured | ratio |");
    println!("| --- | ---: | ---: | ---: |");
    start::measure(&project);
    names::measure(&folder);
    session::measure(&project);
    whole_project::measure();
}

/// One row: `measured` is good when it is smaller than `promised`.
fn row(what: &str, promised: f64, measured: f64, unit: &str) {
    println!("| {what} | {promised:.2} {unit} | {measured:.2} {unit} | {:.1}x |", promised / measured);
}

/// The value below which `share` of all lie.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a few thousand values"
    )]
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    values[at]
}

/// A project with an environment that lets system packages through, and one file of 500 lines.
fn make_project(directory: &Path) -> PathBuf {
    let project = directory.join("project");
    fs::create_dir_all(&project).unwrap();
    fs::write(
        project.join("pyproject.toml"),
        "[project]\nname = \"bench\"\nversion = \"1\"\ndependencies = [\"PyYAML\"]\n",
    )
    .unwrap();
    let made = Command::new("/usr/bin/python3")
        .args(["-m", "venv", "--system-site-packages", "--without-pip", ".venv"])
        .current_dir(&project)
        .status();
    assert!(made.is_ok_and(|ended| ended.success()), "no environment: `apt install python3-venv`");
    let standard = ["json", "os", "re", "sys", "ast", "csv", "abc", "ssl", "cmd", "bz2", "dis", "pdb", "zlib", "uuid"];
    let mut text = format!("import {}\n", standard.join("\nimport "));
    text.push_str("import yaml\n");
    for number in text.lines().count()..500 {
        let line =
            if number % 10 == 0 { format!("def f{number}(a, b):\n") } else { format!("    a += b * {number}\n") };
        text.push_str(if number < 20 { "\n" } else { &line });
    }
    fs::write(project.join("app.py"), text).unwrap();
    project
}
