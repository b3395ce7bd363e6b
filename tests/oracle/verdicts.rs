//! What the rules about `pyvenv.cfg` and its environment say, against what real interpreters and shells do.
//!
//! In: environments broken in every way that a rule speaks of. Out: no diagnostic without its effect, no effect without its
//! diagnostic.
//!
//! **Invariant:** a rule is judged by what happens: Python is started, the script is sourced, the program is run.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::environments::{diagnostics, link, place, relocated, run, site_packages, temporary, venv, write};
use super::python::{Python, Start, all, command};
use super::zoo::{TEXTS, filled};
use super::{scope, tools};

/// What Python does with an environment.
struct Facts {
    base_prefix: String,
    path: BTreeSet<String>,
}

impl Facts {
    fn ask(project: &Utf8Path) -> Option<Facts> {
        Facts::of(&start(project))
    }

    /// `None` where it does not start.
    fn of(start: &Start) -> Option<Facts> {
        let answer = start.ask(&[]).ok()?;
        let path = answer["facts"]["path"].as_array()?.iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect();
        Some(Facts { base_prefix: answer["facts"]["base_prefix"].as_str()?.to_owned(), path })
    }

    /// Tells whether the base's own packages are seen: more is searched than the same environment searches when closed.
    fn sees_more_than(&self, closed: &Facts) -> bool {
        !self.path.is_subset(&closed.path)
    }
}

fn start(project: &Utf8Path) -> Start {
    Start::new(&project.join(".venv/bin/python")).directory(project)
}

/// Returns what `fromwhere check` says on `pyvenv.cfg`: code, severity and message.
fn said(project: &Utf8Path, arguments: &[&str]) -> Vec<[String; 3]> {
    let diagnostics = diagnostics(project, arguments, &start(project).variables).into_iter();
    let on_cfg = diagnostics.filter(|it| it["path"].as_str().is_some_and(|path| path.ends_with("pyvenv.cfg")));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    on_cfg.map(|it| [text(&it["code"]), text(&it["severity"]), text(&it["message"])]).collect()
}

fn says(said: &[[String; 3]], code: &str, severity: &str) -> bool {
    said.iter().any(|it| it[0] == code && it[1] == severity)
}

/// A project with an environment of its own, whose program is a link.
fn project(python: &Python, root: &Utf8Path, name: &str, text: &[u8]) -> Utf8PathBuf {
    let project = root.join(name);
    let folder = project.join(".venv");
    write(&project.join("pyproject.toml"), "[project]\nname = \"app\"\nversion = \"1\"\n");
    write(&folder.join("pyvenv.cfg"), filled(text, python, &folder));
    place(&folder, &python.executable, false);
    write(&site_packages(&folder, python).join("own.py"), "");
    project
}

/// Each text of a `pyvenv.cfg` is asked of each Python, or of one in the part.
fn every_text(mut visit: impl FnMut(&Python, usize, &'static [u8])) {
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.implementation == "cpython").collect();
    for (number, python) in pythons.iter().enumerate() {
        for (index, text) in TEXTS.iter().enumerate() {
            if scope::is_whole() || index % pythons.len() == number {
                visit(python, index, text);
            }
        }
    }
}

#[test]
fn an_error_on_pyvenv_cfg_is_one_that_keeps_python_from_starting() {
    let (_guard, root) = temporary();
    let (mut wrong, mut stopped, mut asked) = (Vec::new(), 0, 0);
    every_text(|python, index, text| {
        let project = project(python, &root, &format!("{index}-{}", python.name()), text);
        let starts = Facts::ask(&project).is_some();
        let said = said(&project, &[]);
        let is_error = said.iter().any(|it| it[1] == "error");
        if is_error == starts {
            let text = String::from_utf8_lossy(text);
            wrong.push(format!("{}, {text:?}: it starts: {starts}, said: {said:?}", python.name()));
        }
        stopped += usize::from(!starts);
        asked += 1;
    });
    scope::report(&format!("verdicts: {asked} texts of pyvenv.cfg, {stopped} of which stop Python"));
    assert!(stopped > 0, "one text at least stops Python");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_warning_on_home_is_one_that_moves_the_base() {
    let (_guard, root) = temporary();
    let (mut wrong, mut moved) = (Vec::new(), 0);
    let mut visit = |python: &Python, name: &str, text: &[u8]| {
        let of = |what: &str, text: &[u8]| project(python, &root, &format!("{name}{what}-{}", python.name()), text);
        let right = Facts::ask(&of(", right", b"home = @BIN\n")).expect("a plain environment starts");
        let project = of("", text);
        // A relative path moves it in some folders only, and is no reason to accuse.
        let moves = [project.as_str(), site_packages(&project.join(".venv"), python).as_str()].map(|directory| {
            let facts = Facts::of(&start(&project).directory(directory.into()))?;
            let real = |path: &str| Utf8Path::new(directory).join(path).canonicalize_utf8().ok();
            (real(&facts.base_prefix) != real(&right.base_prefix)).then_some(facts.base_prefix)
        });
        let to = match moves {
            [Some(to), Some(_)] => Some(to),
            _ => None,
        };
        let moves = to.is_some();
        let said = said(&project, &[]);
        // What moves it is said once: of the text, where that is no path as it stands.
        let is_said_of_text = |it: &[String; 3]| it[0] == "pyvenv-cfg-syntax" && it[2].contains("path");
        let expected = moves && !said.iter().any(is_said_of_text);
        if says(&said, "venv-home-mismatch", "warning") != expected {
            let text = String::from_utf8_lossy(text);
            wrong.push(format!("{}, {text:?}: the base moves to {to:?}, said: {said:?}", python.name()));
        }
        moved += usize::from(moves);
    };
    every_text(|python, index, text| visit(python, &index.to_string(), text));
    // Another install of the same version, and one of another version.
    let pythons = all();
    for python in pythons.iter().filter(|it| it.implementation == "cpython") {
        let twin = root.join("twin").join(python.name());
        relocated(python, &twin, &[]);
        visit(python, "twin", format!("home = {twin}/bin\n").as_bytes());
        for other in pythons.iter().filter(|it| it.version != python.version).take(2) {
            let bin = other.executable.parent().unwrap();
            visit(python, &format!("of {}", other.name()), format!("home = {bin}\n").as_bytes());
        }
    }
    // Some Pythons go by their program alone (3.14 and newer), and a chroot may have no others.
    let are_chosen = std::env::var_os("FROMWHERE_ORACLE_PYTHONS").is_some();
    assert!(moved > 0 || are_chosen, "one text at least moves the base");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Lines about the base's packages, and what their author meant by them.
const FLAGS: &[(&[u8], bool)] = &[
    (b"include-system-site-packages = true\n", true),
    (b"include-system-site-packages = True\n", true),
    (b"Include-System-Site-Packages = TRUE\n", true),
    (b"include-system-site-packages=true", true),
    (b"include-system-site-packages = yes\n", true),
    (b"include-system-site-packages = on\n", true),
    (b"include-system-site-packages = 1\n", true),
    (b"include-system-site-packages = \"true\"\n", true),
    (b"include-system-site-packages = 'True'\n", true),
    (b"include-system-site-packages = true # apt's\n", true),
    (b"include-system-site-packages = true;\n", true),
    (b"include-system-site-packages: true\n", true),
    (b"include_system_site_packages = true\n", true),
    (b"include-system-site-packages = false\n", false),
    (b"include-system-site-packages = False\n", false),
    (b"include-system-site-packages = no\n", false),
    (b"include-system-site-packages = off\n", false),
    (b"include-system-site-packages = 0\n", false),
    (b"include-system-site-packages = \"false\"\n", false),
    (b"include-system-site-packages = false # of the base\n", false),
    (b"include-system-site-packages: false\n", false),
    (b"include_system_site_packages = false\n", false),
    (b"Include_System_Site_Packages=no\n", false),
];

#[test]
fn a_flag_is_warned_of_where_python_reads_it_otherwise_and_its_fix_makes_it_true() {
    let (_guard, root) = temporary();
    let (mut wrong, mut misread) = (Vec::new(), 0);
    for python in all().into_iter().filter(|it| it.implementation == "cpython") {
        let of = |name: &str, text: &[u8]| {
            let project = project(&python, &root, &format!("{name}-{}", python.name()), b"");
            let text = [b"home = @BIN\n", text].concat();
            write(&project.join(".venv/pyvenv.cfg"), filled(&text, &python, &project));
            project
        };
        for (index, (text, meant)) in FLAGS.iter().enumerate() {
            let name = index.to_string();
            let project = of(&name, text);
            // The same folder closed, as its own packages have to be the same.
            let written = std::fs::read(project.join(".venv/pyvenv.cfg")).unwrap();
            let closed = [b"home = @BIN\n", FLAGS[13].0].concat();
            write(&project.join(".venv/pyvenv.cfg"), filled(&closed, &python, &project));
            let closed = Facts::ask(&project).expect("a closed environment starts");
            write(&project.join(".venv/pyvenv.cfg"), written);
            let sees = || Facts::ask(&project).expect("an open environment starts").sees_more_than(&closed);
            let (before, first) = (sees(), said(&project, &[]));
            let is_warned = says(&first, "pyvenv-cfg-syntax", "warning");
            let second = said(&project, &["--fix"]);
            let after = sees();
            if is_warned != (before != *meant) || after != *meant || says(&second, "pyvenv-cfg-syntax", "warning") {
                let text = String::from_utf8_lossy(text);
                wrong.push(format!(
                    "{}, {text:?}: meant {meant}, Python reads {before}, said {first:?}; when mended it reads {after}, said \
                     {second:?}",
                    python.name()
                ));
            }
            misread += usize::from(before != *meant);
        }
    }
    assert!(misread > 0, "one text at least is read otherwise");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn another_version_s_library_is_an_error_where_its_packages_are_not_found() {
    let (_guard, root) = temporary();
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.implementation == "cpython").collect();
    let mut skewed = 0;
    for made_by in &pythons {
        for now in &pythons {
            let project = root.join(format!("{} then {}", made_by.name(), now.name()));
            write(&project.join("pyproject.toml"), "[project]\nname = \"app\"\nversion = \"1\"\n");
            let python = venv(&made_by.executable, &project.join(".venv"), &[]);
            write(&site_packages(&project.join(".venv"), made_by).join("own.py"), "");
            // The base was upgraded: the link leads to another Python now.
            std::fs::remove_file(&python).unwrap();
            link(&python, &now.executable);
            let succeeds = |code| start(&project).run(&["-c", code]).status.success();
            let (starts, found) = (succeeds(""), succeeds("import own"));
            let said = said(&project, &[]);
            // One that was moved starts from the folder it lies in alone, which the link hides.
            let is_missing = says(&said, "venv-interpreter-missing", "error");
            let is_skewed = says(&said, "venv-version-skew", "error");
            assert_eq!(
                (is_missing, is_skewed),
                (!starts, starts && !found),
                "{project}: found: {found}, said: {said:?}"
            );
            skewed += usize::from(starts && !found);
        }
    }
    assert!(skewed > 0 || pythons.len() < 2, "two Pythons at least have other versions");
}

#[test]
fn a_moved_environment_is_warned_of_where_its_script_names_another_folder() {
    let (_guard, root) = temporary();
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.implementation == "cpython").collect();
    let python = pythons.iter().max_by_key(|it| it.version).expect("a Python");
    let names = |project: &Utf8Path| {
        let words = "cd \"$1\" && . .venv/bin/activate && [ \"$(cd \"$VIRTUAL_ENV\" && pwd -P)\" = \"$1/.venv\" ]";
        let mut bash = command(Utf8Path::new("bash"));
        bash.args(["-c", words, "bash", project.as_str()]).output().unwrap().status.success()
    };
    // As pip writes it: a kernel reads no blanks in a first line, so a shell starts the interpreter there.
    let script = |project: &Utf8Path| {
        let python = project.join(".venv/bin/python");
        let head = if python.as_str().contains(' ') {
            format!("#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n")
        } else {
            format!("#!{python}\n")
        };
        write(&project.join(".venv/bin/tool"), format!("{head}print('ran')\n"));
    };
    let uv = tools::generations("uv").into_iter().next_back();
    let mut made = 0;
    for (tool, is_moved, before, after) in [
        ("venv", false, "plain", "plain"),
        ("venv", true, "venv before", "venv after"),
        ("venv", true, "venv-before", "venv-after"),
        ("uv", true, "uv before", "uv-after"),
        ("uv --relocatable", true, "relocatable before", "relocatable after"),
    ] {
        let (before, project) = (root.join(before), root.join(after));
        write(&before.join("pyproject.toml"), "[project]\nname = \"app\"\nversion = \"1\"\n");
        let folder = before.join(".venv");
        match (tool, &uv) {
            ("venv", _) => drop(venv(&python.executable, &folder, &[])),
            (_, None) => continue,
            (_, Some(uv)) => {
                let options = if tool == "uv" { &[] as &[&str] } else { &["--relocatable"] };
                let fixed = ["venv", "--offline", "--no-project", "--python", python.executable.as_str()];
                run(uv, &[&fixed[..], options, &[folder.as_str()]].concat());
            }
        }
        if tool != "uv --relocatable" {
            script(&before);
        }
        if is_moved {
            std::fs::rename(&before, &project).unwrap();
        }
        let is_right = names(&project);
        let said = said(&project, &[]);
        assert_eq!(says(&said, "venv-relocated", "warning"), !is_right, "{tool}, moved: {is_moved}: {said:?}");
        made += 1;
    }
    assert!(made == 5 || !scope::is_strict(), "uv is missing: `tests/run oracle` installs it");
}

#[test]
fn a_program_that_cannot_be_run_is_an_error() {
    let (_guard, root) = temporary();
    let python = all().into_iter().next().expect("a Python");
    for (name, target) in [
        ("whole", Some(python.executable.clone())),
        ("dangling", Some("/nonexistent/bin/python3".into())),
        ("loop", Some("python".into())),
        ("absent", None),
    ] {
        let project = project(&python, &root, name, b"home = @BIN\n");
        std::fs::remove_file(project.join(".venv/bin/python")).unwrap();
        if let Some(target) = target {
            link(&project.join(".venv/bin/python"), &target);
        }
        let runs =
            command(&project.join(".venv/bin/python")).args(["-c", ""]).output().is_ok_and(|it| it.status.success());
        let said = said(&project, &[]);
        assert_eq!(says(&said, "venv-interpreter-missing", "error"), !runs, "{name}: it runs: {runs}, said: {said:?}");
    }
}
