//! Markers, specifiers and constraints: what is missed and what is outside its versions, against Python's own libraries.
//!
//! In: every variable, operator and shape of version, for the Pythons of this machine. Out: no requirement that is missed
//! though its marker is false, none that is passed over though it is true; the same for versions.
//!
//! **Invariant:** `packaging` and `poetry-core` are asked, for the values that each Python gives the variables itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::environments::{diagnostics, site_packages, temporary, venv, write};
use super::python::{Python, Start, all, command};
use super::{scope, tools};

const OPERATORS: [&str; 8] = ["==", "!=", "<", "<=", ">", ">=", "~=", "==="];

const VERSIONS: &[&str] = &[
    "0",
    "0.0.3",
    "0.2",
    "0.2.3",
    "0.3",
    "1",
    "1.0",
    "1.0.0",
    "1.0.1",
    "1.0.post1",
    "1.0.dev1",
    "1.0a1",
    "1.0b2.dev3",
    "1.0rc1",
    "1.1",
    "1.2",
    "1.2.0",
    "1.2.3",
    "1.2.3.4",
    "1.2.3+local.1",
    "1.2.3rc1",
    "1.2.4",
    "1.3",
    "1.9.9",
    "1.10",
    "2",
    "2.0",
    "2.0.dev0",
    "2.0a1",
    "2.0rc1",
    "2.0.post1",
    "2.1",
    "3.0",
    "10.0",
    "1!1.0",
    "2024.1.1",
];

const CONSTRAINTS: &[&str] = &[
    "*",
    "^0",
    "^0.0",
    "^0.0.3",
    "^0.2",
    "^0.2.3",
    "^1",
    "^1.0",
    "^1.2.3",
    "^1.2.3.4",
    "~0",
    "~0.2",
    "~0.2.3",
    "~1",
    "~1.2",
    "~1.2.3",
    "~1.2.3.4",
    "~=1.2",
    "~=1.2.3",
    "1",
    "1.2",
    "1.2.3",
    "1.*",
    "1.2.*",
    "==1.2.*",
    "!=1.2.*",
    "=1.2.3",
    "==1.2.3",
    "!=1.2.3",
    ">=1.0,<2.0",
    ">= 1.0, < 2.0",
    ">1,<2,!=1.2.3",
    ">=1.0 <2.0",
    "<2.0",
    "<=2",
    ">1.0",
    ">=1.0rc1",
    "^1.0rc1",
    "^1.2 || ^2.0",
    "1.2 | 2.0",
    "^v1.2",
    "v1.2",
    "^1.2.3rc1",
    "~1.0a1",
    ">=1.0.post1",
    "<2.0a1",
    "^1.2.*",
    "1.x",
    "latest",
];

/// Markers of one comparison: those that have one answer everywhere, and those whose answer no file tells (the kernel's
/// release) or that tools read each in their own way (a list of versions, `<` before a pattern).
fn comparisons() -> (Vec<String>, Vec<String>) {
    let (mut plain, mut odd) = (Vec::new(), Vec::new());
    let versions = ["2.7", "3", "3.6", "3.6.15", "3.8", "3.10", "3.11.2", "3.11.*", "3.13", "3.14.0rc1", "4"];
    for variable in ["python_version", "python_full_version", "implementation_version"] {
        for operator in OPERATORS {
            for version in versions {
                let is_odd = operator == "===" || version.ends_with('*') && !["==", "!="].contains(&operator);
                let to = if is_odd { &mut odd } else { &mut plain };
                to.push(format!("{variable} {operator} '{version}'"));
            }
        }
        plain.push(format!("'3.8' <= {variable}"));
        odd.push(format!("{variable} in '3.6 3.11 3.13'"));
        odd.push(format!("{variable} not in '2.7, 3.11'"));
    }
    let texts = [
        ("os_name", ["posix", "nt", "java"]),
        ("sys_platform", ["linux", "win32", "darwin"]),
        ("platform_system", ["Linux", "Windows", "Darwin"]),
        ("platform_machine", ["x86_64", "aarch64", "AMD64"]),
        ("implementation_name", ["cpython", "pypy", "jython"]),
        ("platform_python_implementation", ["CPython", "PyPy", "Jython"]),
        ("platform_release", ["5", "6.1.0", "x"]),
        ("platform_version", ["#1 SMP", "10", "x"]),
    ];
    for (variable, values) in texts {
        let to = if variable.starts_with("platform_release") || variable == "platform_version" {
            &mut odd
        } else {
            &mut plain
        };
        for value in values {
            to.extend(["==", "!="].map(|operator| format!("{variable} {operator} '{value}'")));
            to.push(format!("'{value}' in {variable}"));
            to.push(format!("'{value}' not in {variable}"));
            to.push(format!("{variable} in '{value} other'"));
        }
    }
    plain.extend(["os.name == 'posix'", "sys.platform == 'linux'", "platform.machine == 'x86_64'"].map(str::to_owned));
    plain.extend(["python_implementation == 'CPython'", "platform.python_implementation == 'PyPy'"].map(str::to_owned));
    plain.extend(["extra == 'test'", "extra != 'test'"].map(str::to_owned));
    odd.extend(["nonsense == '1'", "python_version >= "].map(str::to_owned));
    (plain, odd)
}

/// Markers, and whether each has one answer everywhere.
fn markers() -> Vec<(String, bool)> {
    let (plain, odd) = comparisons();
    let plain = plain.into_iter().map(|it| (it, true));
    let mut all: Vec<(String, bool)> = plain.chain(odd.into_iter().map(|it| (it, false))).collect();
    // Together: every tenth with the one after next, in both ways, with and without brackets.
    let parts: Vec<(String, bool)> = all.iter().step_by(10).cloned().collect();
    for ((one, is_plain), (other, too)) in parts.iter().zip(parts.iter().skip(2)) {
        let together = [
            format!("{one} and {other}"),
            format!("{one} or {other}"),
            format!("({one} or os_name == 'nt') and ({other} or python_version >= '3.8')"),
            format!("{one} or os_name == 'posix' and {other}"),
        ];
        all.extend(together.map(|it| (it, *is_plain && *too)));
    }
    all
}

fn specifiers() -> Vec<String> {
    let versions = ["1", "1.0", "1.0a1", "1.0.post1", "1.2", "1.2.3", "1.2.3+local.1", "2.0", "2.0.dev0", "1!1.0"];
    let each = OPERATORS.iter().flat_map(|operator| versions.map(|version| format!("{operator}{version}")));
    let more = [
        "",
        "==1.*",
        "==1.2.*",
        "!=1.2.*",
        ">=1.0,<2.0",
        "(>=1.0,<2.0)",
        ">= 1.0 , < 2.0",
        ">1,!=1.2.3",
        "~=1.2.3,!=1.2.4",
        "==1.2.3,>=3",
        ">=1.x",
        "^1.2",
        "=1.2",
    ];
    each.chain(more.map(str::to_owned)).collect()
}

/// Returns what the libraries say, for the values that one Python gives the variables.
fn ask(libraries: &Utf8Path, asked: &Value) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/requirements.py");
    let mut python = command(libraries);
    let started = python.args(["-B", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut started = started.unwrap_or_else(|error| panic!("cannot run {libraries}: {error}"));
    started.stdin.take().expect("standard input").write_all(asked.to_string().as_bytes()).unwrap();
    let output = started.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{libraries}: {error}"))
}

/// A project whose manifest has the requirements, one a line from the first on, and whose environment has what is installed.
fn project(
    root: &Utf8Path,
    python: &Python,
    manifest: &[String],
    tail: &str,
    installed: &[(String, &str)],
) -> Utf8PathBuf {
    let project = root.to_owned();
    venv(&python.executable, &project.join(".venv"), &[]);
    let packages = site_packages(&project.join(".venv"), python);
    // Something that nobody asks for: an environment with nothing in it is one fact.
    for (name, version) in installed.iter().map(|(name, version)| (name.as_str(), *version)).chain([("other", "1.0")]) {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        write(&packages.join(format!("{}-{version}.dist-info/METADATA", name.replace('-', "_"))), metadata);
    }
    write(&project.join("pyproject.toml"), format!("{}\n{tail}", manifest.join("\n")));
    project
}

/// Returns the lines of the manifest, from 0, at which one of the rules fires.
fn lines(project: &Utf8Path, code: &str) -> BTreeSet<usize> {
    let variables = [("HOME".to_owned(), "/nonexistent".to_owned())].into();
    let ours = diagnostics(project, &[], &variables).into_iter().filter(|it| it["code"] == code);
    let line = |it: &Value| usize::try_from(it["range"]["start"]["line"].as_u64().unwrap()).unwrap();
    ours.map(|it| line(&it) - 1).collect()
}

fn libraries() -> Option<Utf8PathBuf> {
    // Where the tools are others, as in a chroot, these libraries are not at hand.
    let folder = tools::of_projects("poetry")?;
    Some(folder.with_file_name("python"))
}

#[test]
fn markers_are_what_packaging_says() {
    let Some(libraries) = libraries() else { return };
    let (_guard, root) = temporary();
    let markers = markers();
    let texts: Vec<&str> = markers.iter().map(|it| it.0.as_str()).collect();
    let (mut wrong, mut asked, mut missed) = (String::new(), 0, 0);
    for python in all() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/requirements.py");
        let said = Start::new(&python.executable).run(&["-B", script, "environment"]);
        let environment: Value = serde_json::from_slice(&said.stdout).unwrap();
        let real = ask(
            &libraries,
            &json!({ "environment": environment, "markers": texts, "specifiers": [], "constraints": [] }),
        );
        let manifest: Vec<String> = ["dependencies = [".to_owned()]
            .into_iter()
            .chain(
                texts.iter().enumerate().map(|(at, marker)| format!("{},", json!(format!("absent-{at} ; {marker}")))),
            )
            .collect();
        let head =
            [&["[project]".to_owned(), "name = \"app\"".to_owned(), "version = \"1\"".to_owned()][..], &manifest]
                .concat();
        let project = project(&root.join(python.name()), &python, &head, "]\n", &[]);
        let fires = lines(&project, "dependency-not-installed");
        for (at, (marker, has_one_answer)) in markers.iter().enumerate() {
            let (ours, real) = (fires.contains(&(at + 4)), real["markers"][at] == json!(true));
            // What is not known accuses nobody.
            if ours != real && (*has_one_answer || ours) {
                let _ = writeln!(wrong, "{}: {marker}: real {real}, ours {ours}", python.name());
            }
            asked += 1;
            missed += usize::from(ours);
        }
    }
    scope::report(&format!("requirements: {asked} markers, {missed} of which hold"));
    assert!(missed > 0 && missed < asked, "some markers hold and some do not");
    assert!(wrong.is_empty(), "{} differ:\n{wrong}", wrong.lines().count());
}

#[test]
fn specifiers_and_constraints_are_what_their_libraries_say() {
    let Some(libraries) = libraries() else { return };
    let (_guard, root) = temporary();
    let python = all().into_iter().next().expect("a Python");
    let pairs = |texts: &[String]| -> Vec<(String, &'static str)> {
        texts.iter().flat_map(|text| VERSIONS.iter().map(|version| (text.clone(), *version))).collect()
    };
    let (specifiers, constraints) =
        (pairs(&specifiers()), pairs(&CONSTRAINTS.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()));
    let real = ask(
        &libraries,
        &json!({ "environment": {}, "markers": [], "specifiers": specifiers, "constraints": constraints }),
    );
    let head = ["[project]", "name = \"app\"", "version = \"1\"", "dependencies = ["].map(str::to_owned);
    let of_pep_621 = |(at, (text, _)): (usize, &(String, &str))| format!("{},", json!(format!("have-{at} {text}")));
    let poetry =
        ["[tool.poetry]", "name = \"app\"", "version = \"1\"", "[tool.poetry.dependencies]"].map(str::to_owned);
    let of_poetry = |(at, (text, _)): (usize, &(String, &str))| format!("have-{at} = {}", json!(text));
    let mut wrong = String::new();
    for (kind, head, rows, pairs, tail) in [
        ("specifiers", head, specifiers.iter().enumerate().map(of_pep_621).collect::<Vec<_>>(), &specifiers, "]\n"),
        ("constraints", poetry, constraints.iter().enumerate().map(of_poetry).collect(), &constraints, ""),
    ] {
        let installed: Vec<(String, &str)> =
            pairs.iter().enumerate().map(|(at, (_, version))| (format!("have-{at}"), *version)).collect();
        let project = project(&root.join(kind), &python, &[&head[..], &rows].concat(), tail, &installed);
        let fires = lines(&project, "dependency-version");
        for (at, (text, version)) in pairs.iter().enumerate() {
            let (ours, real) = (fires.contains(&(at + 4)), real[kind][at] == json!(false));
            if ours != real {
                let _ = writeln!(wrong, "{kind}: {text:?} with {version}: outside, really: {real}, ours: {ours}");
            }
        }
        scope::report(&format!("requirements: {} {kind}, {} of which are not met", pairs.len(), fires.len()));
        assert!(!fires.is_empty() && fires.len() < pairs.len(), "some {kind} are met and some are not");
    }
    assert!(wrong.is_empty(), "{} differ:\n{wrong}", wrong.lines().count());
}
