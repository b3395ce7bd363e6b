//! The oracle of the module finder: every module of every Python on this machine, and of environments full of oddities.
//!
//! In: real interpreters, asked by `modules.py`. Out: the names for which our answer is not theirs.
//!
//! **Invariant:** equal means equal: kind, path and locations, for every name, with no list of exceptions.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use fromwhere_core::resolve::Resolver;

use super::environments::{site_packages, temporary, uv, venv, virtualenv};
use super::python::{Start, all};
use super::tools;

/// Kind, path and locations of one module.
type Spec = (String, Option<String>, Option<Vec<String>>);

/// The program that asks, given to the interpreter with `-c`.
const QUESTIONS: &str = include_str!("modules.py");
/// The program that makes modules of every shape.
const TREES: &str = include_str!("trees.py");
const SEEDS: u32 = 4;

#[derive(Debug, serde::Deserialize)]
struct Said {
    answers: BTreeMap<String, Spec>,
}

#[test]
fn every_module_of_every_python_is_found_where_importlib_finds_it() {
    assert_none(all().iter().flat_map(|python| differences(&Start::new(&python.executable))));
}

#[test]
fn every_module_of_environments_is_found_where_importlib_finds_it() {
    let (_guard, root) = temporary();
    let mut different = Vec::new();
    for python in all() {
        let folder = root.join(python.name());
        let arguments = ["--system-site-packages"];
        let mut pythons = vec![venv(&python.executable, &folder.join("venv"), &arguments)];
        if python.version >= (3, 8) {
            let tool = tools::find("virtualenv");
            pythons.extend(tool.map(|tool| virtualenv(&tool, &python, &folder.join("virtualenv"), &arguments)));
            pythons.extend(tools::find("uv").map(|tool| uv(&tool, &python, &folder.join("uv"), &[])));
        }
        different.extend(pythons.iter().flat_map(|executable| differences(&Start::new(executable))));
    }
    assert_none(different);
}

#[test]
fn modules_of_every_shape_are_found_where_importlib_finds_them() {
    let mut different = Vec::new();
    for (number, python) in (0_u32..).zip(all()) {
        let (_guard, root) = temporary();
        for seed in number * SEEDS..(number + 1) * SEEDS {
            let folder = root.join(seed.to_string()).join("env");
            let executable = venv(&python.executable, &folder, &[]);
            let site_packages = site_packages(&folder, &python);
            run(&Start::new(&python.executable), TREES, &[site_packages.as_str(), &seed.to_string()]);
            different.extend(differences(&Start::new(&executable)).into_iter().map(|it| format!("seed {seed}: {it}")));
        }
    }
    assert_none(different);
}

/// Returns every name for which the real interpreter and the resolver disagree.
fn differences(start: &Start) -> Vec<String> {
    differences_within(start, &[])
}

/// The same, with the named packages compared to the bottom.
pub(crate) fn differences_within(start: &Start, packages: &[&str]) -> Vec<String> {
    let said: Said = serde_json::from_str(&run(start, QUESTIONS, packages)).expect("modules.py prints JSON");
    assert!(said.answers.len() > 500, "{}: {} names are too few", start.executable, said.answers.len());
    let (disk, interpreter) = (start.disk(), start.reconstruct());
    let resolver = Resolver::new(&disk, &interpreter, &[]);
    let different = said.answers.iter().filter_map(|(name, spec)| {
        let found = resolver.resolve(name);
        let locations = found.locations.map(|all| all.into_iter().map(Utf8PathBuf::into_string).collect());
        let ours: Spec = (found.kind.as_str().to_owned(), found.path.map(Utf8PathBuf::into_string), locations);
        (ours != *spec).then(|| format!("{}: {name}\n  python: {spec:?}\n    ours: {ours:?}", start.executable))
    });
    different.collect()
}

fn run(start: &Start, program: &str, arguments: &[&str]) -> String {
    let output = start.run(&[&["-B", "-W", "ignore", "-c", program], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", start.executable);
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

fn assert_none(different: impl IntoIterator<Item = String>) {
    let different: Vec<String> = different.into_iter().collect();
    assert!(different.is_empty(), "{} differences:\n{}", different.len(), different.join("\n"));
}
