//! Whether `pip install` would be refused: the real pip against `core/pip`.
//!
//! In: copies of this machine's Pythons with markers and settings of every kind. Out: no difference.
//!
//! **Invariant:** nothing outside a temporary folder is written, nothing is installed, no network is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::interpreter::{Flags, Interpreter, interpret};
use fromwhere_core::pip::{Pip, pip};
use serde_json::{Value, json};

use super::environments::{link, relocated, site_packages, temporary, write};
use super::python::{Python, all, command};
use super::scope;

/// One world for pip: variables, and files below the case's own folder, which is `@` in both.
struct Case {
    name: String,
    files: Vec<(&'static str, Vec<u8>)>,
    variables: Vec<(&'static str, String)>,
}

fn case(name: &str, files: &[(&'static str, &str)], variables: &[(&'static str, &str)]) -> Case {
    Case {
        name: name.to_owned(),
        files: files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())).collect(),
        variables: variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    }
}

const USER: &str = ".config/pip/pip.conf";
const LEGACY: &str = ".pip/pip.conf";
const ON: &str = "[global]\nbreak-system-packages = true\n";
const OFF: &str = "[global]\nbreak-system-packages = false\n";
const INSTALL_ON: &str = "[install]\nbreak-system-packages = 1\n";
const FORCE: &str = "PIP_BREAK_SYSTEM_PACKAGES";

fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("nothing", &[], &[]),
        case("another Python, for one command", &[(USER, "[install]\npython = /usr\n")], &[]),
        case("legacy on, new off", &[(LEGACY, ON), (USER, OFF)], &[]),
        case("legacy off, new on", &[(LEGACY, OFF), (USER, ON)], &[]),
        case("install before global", &[(LEGACY, "[install]\nbreak-system-packages=0\n"), (USER, ON)], &[]),
        case(
            "install on, global off",
            &[(USER, "[install]\nbreak-system-packages=1\n[global]\nbreak-system-packages=0\n")],
            &[],
        ),
        case("home of configuration", &[("x/pip/pip.conf", ON)], &[("XDG_CONFIG_HOME", "@/x")]),
        case("relative home of configuration", &[("x/pip/pip.conf", ON)], &[("XDG_CONFIG_HOME", "./@/x")]),
        case("relative machine's", &[("a/pip/pip.conf", ON)], &[("XDG_CONFIG_DIRS", ":./@/a")]),
        case("blank home of configuration", &[(USER, ON)], &[("XDG_CONFIG_HOME", " ")]),
        case(
            "machine's, last wins",
            &[("a/pip/pip.conf", ON), ("b/pip/pip.conf", OFF)],
            &[("XDG_CONFIG_DIRS", "@/a:@/b")],
        ),
        case(
            "machine's, last on",
            &[("a/pip/pip.conf", OFF), ("b/pip/pip.conf", ON)],
            &[("XDG_CONFIG_DIRS", "@/a:@/b")],
        ),
        case("user over machine", &[("a/pip/pip.conf", ON), (USER, OFF)], &[("XDG_CONFIG_DIRS", "@/a")]),
        case("own file", &[("own", ON)], &[("PIP_CONFIG_FILE", "@/own")]),
        case("own file alone", &[("own", ""), (USER, ON)], &[("PIP_CONFIG_FILE", "@/own")]),
        case("own file, absent", &[(USER, ON)], &[("PIP_CONFIG_FILE", "@/own")]),
        case("own file, empty name", &[(USER, ON)], &[("PIP_CONFIG_FILE", "")]),
        case("no files at all", &[(USER, ON)], &[("PIP_CONFIG_FILE", "/dev/null")]),
        case(
            "own global, machine's install",
            &[("own", OFF), ("a/pip/pip.conf", INSTALL_ON)],
            &[("PIP_CONFIG_FILE", "@/own"), ("XDG_CONFIG_DIRS", "@/a")],
        ),
        case(
            "own over machine",
            &[("own", OFF), ("a/pip/pip.conf", ON)],
            &[("PIP_CONFIG_FILE", "@/own"), ("XDG_CONFIG_DIRS", "@/a")],
        ),
        case("variable off over file", &[(USER, ON)], &[(FORCE, "0")]),
        case("empty variable over file", &[(USER, ON)], &[(FORCE, "")]),
        case(
            "empty install over install",
            &[("a/pip/pip.conf", INSTALL_ON), (USER, "[install]\nbreak-system-packages =\n")],
            &[("XDG_CONFIG_DIRS", "@/a")],
        ),
        case(
            "empty install over global",
            &[("a/pip/pip.conf", ON), (USER, "[install]\nbreak-system-packages =\n")],
            &[("XDG_CONFIG_DIRS", "@/a")],
        ),
        case("another command's", &[(USER, "[uninstall]\nbreak-system-packages = 1\n")], &[]),
        case("defaults", &[(USER, "[DEFAULT]\nbreak-system-packages = 1\n")], &[]),
        case("defaults of a section", &[(USER, "[DEFAULT]\nbreak-system-packages = 1\n[install]\n")], &[]),
        case(
            "defaults under a section",
            &[(USER, "[DEFAULT]\nbreak-system-packages = 1\n[install]\nbreak-system-packages = 0\n")],
            &[],
        ),
        case("no section", &[(USER, "break-system-packages = 1\n")], &[]),
        case("section twice", &[(USER, "[global]\n[global]\nbreak-system-packages = 1\n")], &[]),
        case("key twice", &[(USER, "[global]\nbreak-system-packages = 1\nbreak-system-packages = 0\n")], &[]),
        case("no value", &[(USER, "[global]\nbreak-system-packages\n")], &[]),
        case("two lines", &[(USER, "[global]\nbreak-system-packages = 1\n  0\n")], &[]),
        case("on the next line", &[(USER, "[global]\nbreak-system-packages =\n  1\n")], &[]),
        case("colon", &[(USER, "[global]\nbreak-system-packages: 1\n")], &[]),
        case("inline comment", &[(USER, "[global]\nbreak-system-packages = 1 ; yes\n")], &[]),
        case("comments", &[(USER, "; a\n[global]\n# b\nbreak-system-packages = 1\n\n  # c\n")], &[]),
        case("carriage returns", &[(USER, "[global]\r\nbreak-system-packages = 1\r\n")], &[]),
        case("a mark at the start", &[(USER, "\u{feff}[global]\nbreak-system-packages = 1\n")], &[]),
        case("text behind a header", &[(USER, "[global] here\nbreak-system-packages = 1\n")], &[]),
        case("deeper header", &[(USER, "[install]\nx = 1\n  [global]\nbreak-system-packages = 1\n")], &[]),
        case("a folder", &[(".config/pip/pip.conf/x", "")], &[]),
        case("target", &[], &[("PIP_TARGET", "@/t")]),
        case("empty target", &[], &[("PIP_TARGET", "")]),
        case("prefix", &[], &[("PIP_PREFIX", "@/t")]),
        case("root of a file", &[(USER, "[install]\nroot = /t\n")], &[]),
        case("root", &[], &[("PIP_ROOT", "@/t")]),
        case("target that is a file", &[("t", "")], &[("PIP_TARGET", "@/t")]),
        case("target that is a folder", &[("t/x", "")], &[("PIP_TARGET", "@/t")]),
        case("user", &[], &[("PIP_USER", "1")]),
        case("user, off", &[(USER, "[install]\nuser = yes\n")], &[("PIP_USER", "0")]),
        case("user, no word", &[], &[("PIP_USER", "perhaps")]),
        case("user, forced", &[(USER, "[install]\nuser = yes\n")], &[(FORCE, "1")]),
        case("user and target", &[], &[("PIP_USER", "1"), ("PIP_TARGET", "@/t")]),
        case("user and prefix", &[], &[("PIP_USER", "1"), ("PIP_PREFIX", "@/t")]),
        case("user and root", &[], &[("PIP_USER", "1"), ("PIP_ROOT", "@/t")]),
        case("another Python", &[("v/bin/python", "")], &[("PIP_PYTHON", "@/v")]),
        case("another Python's program", &[("v/bin/python9", "")], &[("PIP_PYTHON", "@/v/bin/python9")]),
        case("another Python, of a file", &[("v/bin/python", ""), (USER, "[global]\npython = /usr\n")], &[]),
        case("another Python, nowhere", &[], &[("PIP_PYTHON", "@/nowhere")]),
        case("another Python, of a folder without", &[("v/x", "")], &[("PIP_PYTHON", "@/v")]),
        case(
            "another Python, only in environments",
            &[("v/bin/python", "")],
            &[("PIP_PYTHON", "@/v"), ("PIP_REQUIRE_VIRTUALENV", "1")],
        ),
        case("dry run", &[], &[("PIP_DRY_RUN", "1")]),
        case("report", &[], &[("PIP_REPORT", "@/r")]),
        case("dry run and report", &[], &[("PIP_DRY_RUN", "1"), ("PIP_REPORT", "@/r")]),
        case("no dry run and report", &[], &[("PIP_DRY_RUN", "no"), ("PIP_REPORT", "@/r")]),
        case("a dry run that may be", &[], &[("PIP_DRY_RUN", "maybe")]),
        case("only in environments", &[], &[("PIP_REQUIRE_VIRTUALENV", "true")]),
        case("only in environments, forced", &[(USER, "[global]\nrequire-virtualenv = on\n")], &[(FORCE, "1")]),
        case(
            "only in environments, off",
            &[(USER, "[global]\nrequire-virtualenv = on\n")],
            &[("PIP_REQUIRE_VIRTUALENV", "0")],
        ),
        case("home is nothing", &[(USER, ON)], &[("HOME", "")]),
        case("home with slashes", &[(USER, ON)], &[("HOME", "@//")]),
        case("German", &[], &[("LANG", "de_AT.UTF-8")]),
        case("other German", &[], &[("LC_MESSAGES", "de_CH"), ("LANG", "fr_FR.UTF-8")]),
        case("all French", &[], &[("LC_ALL", "fr_FR@euro"), ("LC_MESSAGES", "de_CH")]),
        case("all C", &[], &[("LC_ALL", "C"), ("LANG", "de_AT.UTF-8")]),
    ];
    for value in ["1", "0", "true", "YES", "On", "y", "t", "no", "F", "2", "maybe", " 1", "1 "] {
        cases.push(case(&format!("{FORCE}={value:?}"), &[], &[(FORCE, value)]));
        let mut written = case(&format!("file: {value:?}"), &[], &[]);
        written.files.push((USER, format!("[install]\nbreak-system-packages = {value}\n").into_bytes()));
        cases.push(written);
    }
    for key in [
        "break_system_packages",
        "BREAK-SYSTEM-PACKAGES",
        "--break-system-packages",
        "break-system",
        "break system packages",
    ] {
        let mut written = case(&format!("key: {key}"), &[], &[]);
        written.files.push((USER, format!("[global]\n{key} = 1\n").into_bytes()));
        cases.push(written);
    }
    let mut latin = case("not UTF-8", &[], &[]);
    latin.files.push((USER, b"[global]\n# \xe9\nbreak-system-packages = 1\n".to_vec()));
    cases.push(latin);
    cases
}

/// A name, the marker's bytes and the text of the prefix's `pip.conf`, where there are any.
type Marker = (&'static str, Option<&'static [u8]>, Option<&'static str>);

/// What lies in the standard library and in the prefix.
fn markers() -> Vec<Marker> {
    vec![
        ("plain", Some(b"[externally-managed]\nError=Use apt.\n\n Or:\n  a venv\n\nError-de=Nein\nError-de_AT: Na\nerror-FR = Non\n"), None),
        ("absent", None, None),
        ("empty", Some(b""), None),
        ("garbage", Some(b"no INI\n"), None),
        ("no section", Some(b"Error=x\n"), None),
        ("another section", Some(b"[other]\nError=x\n"), None),
        ("no key", Some(b"[externally-managed]\nWarning=x\n"), None),
        ("key twice", Some(b"[externally-managed]\nError=x\nError=y\n"), None),
        ("defaults", Some(b"[DEFAULT]\nError-de=x\n[externally-managed]\nError=100%\n"), None),
        ("not UTF-8", Some(b"[externally-managed]\nError=\xe9\n"), None),
        ("prefix on", Some(b"[externally-managed]\nError=x\n"), Some(ON)),
        ("prefix off", Some(b"[externally-managed]\nError=x\n"), Some(OFF)),
        ("prefix broken", Some(b"[externally-managed]\nError=x\n"), Some("break\n")),
    ]
}

#[test]
fn pip_refuses_where_we_say_so() {
    let (_guard, root) = temporary();
    let cases = cases();
    let folders: Vec<Utf8PathBuf> = (0..cases.len()).map(|at| root.join(format!("case{at}"))).collect();
    for (case, folder) in cases.iter().zip(&folders) {
        std::fs::create_dir_all(folder).unwrap();
        for (path, bytes) in &case.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let variables: Vec<BTreeMap<String, String>> =
        cases.iter().zip(&folders).map(|(case, it)| world(case, it)).collect();
    let (mut compared, mut outcomes) = (0, BTreeSet::new());
    for (number, python) in with_pip().iter().enumerate() {
        for (at, (marker, content, settings)) in markers().into_iter().enumerate() {
            // The whole matrix once a Python, its languages and a few more everywhere; the part has a third of either.
            let step = if at > 0 { 9 } else { 1 } * if scope::is_whole() { 1 } else { 3 };
            let chosen: Vec<usize> = (0..cases.len()).filter(|at| at % step == 0).collect();
            let prefix = root.join(format!("python{number}-{at}"));
            let executable = copied(python, &prefix, content, settings);
            let interpreter = interpreted(&Disk::new(variables[0].clone(), "/".into()), &executable);
            let asked: Vec<_> = chosen.iter().map(|at| &variables[*at]).collect();
            for (at, said) in chosen.iter().zip(ask(&executable, &json!(asked))) {
                let name = format!("{} ({marker} marker), {}", python.executable, cases[*at].name);
                assert_same(&name, &interpreter, &variables[*at], &said);
                compared += 1;
                outcomes.insert(said["did"].to_string());
            }
        }
    }
    let pythons = with_pip().len();
    let fewest = if scope::is_whole() { 150 } else { 50 };
    assert!(compared >= pythons * fewest, "only {compared} worlds were compared with {pythons} pips");
    assert!(pythons == 0 || outcomes.len() == 3, "{outcomes:?}");
}

/// A virtual environment of a marked Python is nobody's to refuse, whatever its marker says; what settings say counts.
#[test]
fn in_a_virtual_environment_only_settings_count() {
    let (_guard, root) = temporary();
    let cases = cases();
    for (number, python) in with_pip().iter().enumerate() {
        let prefix = root.join(format!("python{number}"));
        let base = copied(python, &prefix, Some(b"[externally-managed]\nError=x\n"), None);
        for (system, own) in [("true", ""), ("false", ""), ("TRUE", "[install]\nuser = yes\n"), ("false", "break\n")] {
            let venv = root.join(format!("venv {number} {system} {}", own.len()));
            let text = format!("home = {prefix}/bin\ninclude-system-site-packages = {system}\n");
            write(&venv.join("pyvenv.cfg"), text);
            write(&venv.join("pip.conf"), own);
            link(&venv.join("bin/python"), &base);
            // A closed one has no pip of the base's.
            let site = site_packages(&venv, python);
            let of_base = Python::library(python).join("site-packages/pip");
            link(&site.join("pip"), &of_base);
            let variables: Vec<BTreeMap<String, String>> = cases.iter().map(|case| world(case, &venv)).collect();
            let disk = Disk::new(variables[0].clone(), "/".into());
            let interpreter = interpreted(&disk, &venv.join("bin/python"));
            for (case, (variables, said)) in
                cases.iter().zip(variables.iter().zip(ask(&venv.join("bin/python"), &json!(variables))))
            {
                assert_same(&format!("{venv}: {}", case.name), &interpreter, variables, &said);
                assert_ne!(said["did"], "refuses", "{}", case.name);
            }
        }
    }
}

fn world(case: &Case, folder: &Utf8Path) -> BTreeMap<String, String> {
    let given = case.variables.iter().map(|(name, value)| ((*name).to_owned(), value.replace('@', folder.as_str())));
    [("HOME".to_owned(), folder.to_string()), ("PATH".to_owned(), "/usr/bin:/bin".to_owned())]
        .into_iter()
        .chain(given)
        .collect()
}

/// The Pythons whose pip knows PEP 668.
fn with_pip() -> Vec<Python> {
    let knows = |python: &Python| {
        let program = "from pip._internal.utils.misc import check_externally_managed";
        let copies = python.executable.as_str() != "/usr/bin/python3";
        copies
            && command(&python.executable)
                .args(["-c", program])
                .env_clear()
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|it| it.success())
    };
    let mut found: Vec<Python> = all().into_iter().filter(knows).collect();
    // The oldest and the newest pip there is.
    let newest = found.split_off(found.len().saturating_sub(1));
    found.truncate(1);
    found.extend(newest);
    if found.is_empty() {
        let message = "no Python of pyenv has a pip of 23.0 or later";
        assert!(!scope::is_strict(), "{message}");
        eprintln!("NOT TESTED: {message}");
    }
    found
}

/// Makes a prefix of its own for a Python, with a marker and settings.
fn copied(python: &Python, prefix: &Utf8Path, marker: Option<&[u8]>, settings: Option<&str>) -> Utf8PathBuf {
    let executable = relocated(python, prefix, &["EXTERNALLY-MANAGED"]);
    if let Some(marker) = marker {
        let name = executable.file_name().unwrap();
        std::fs::write(prefix.join(python.library_directory()).join(name).join("EXTERNALLY-MANAGED"), marker).unwrap();
    }
    if let Some(settings) = settings {
        write(&prefix.join("pip.conf"), settings);
    }
    executable
}

fn ask(executable: &Utf8Path, variables: &Value) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/refusals.py");
    let mut child = command(executable)
        .args(["-B", "-W", "ignore", script])
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(variables.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{executable}: {error}: {said}"))
}

fn assert_same(name: &str, read: &Interpreter, variables: &BTreeMap<String, String>, said: &Value) {
    let disk = Disk::new(variables.clone(), "/".into());
    let ours = pip(&disk, read);
    let did = if matches!(ours, Pip::Forced { .. } | Pip::Elsewhere { .. }) { "installs" } else { ours.as_str() };
    assert_eq!(did, said["did"], "{name}: {ours:?}, {variables:?}");
    if let Some(elsewhere) = said["elsewhere"].as_bool() {
        assert_eq!(matches!(ours, Pip::Elsewhere { .. }), elsewhere, "{name}: {ours:?}, {variables:?}");
    }
    if matches!(ours, Pip::RefusesManaged { .. }) {
        let speaks = variables.keys().any(|it| it.starts_with('L'));
        let again = speaks.then(|| interpreted(&disk, &read.executable));
        let managed = again.as_ref().unwrap_or(read).externally_managed.as_ref();
        let message = managed.map_or("", |it| &it.message);
        assert_eq!(message, said["message"].as_str().unwrap_or_default(), "{name}");
    }
}

fn interpreted(disk: &Disk, executable: &Utf8Path) -> Interpreter {
    let (interpreter, problems) = interpret(disk, executable, Flags::default());
    interpreter.unwrap_or_else(|| panic!("{executable}: {problems:?}"))
}
