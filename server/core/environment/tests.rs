//! What is chosen, in one small world a test.
//!
//! In: a [`MemorySystem`]. Out: nothing but assertions on [`discover`].
//!
//! **Invariant:** every test names the source it expects, so that a new source cannot slip in between unseen.

use camino::Utf8Path;

use super::candidate::Found;
use super::*;
use crate::system::memory::MemorySystem;
use crate::system::{LARGEST_METADATA, Platform, Recorder};

mod kernels;
mod platforms;

const PROGRAM: &[u8] = b"\x7fELF\x02\x01\x01";

/// A machine with Debian's Python and one project at `/ws/p`.
fn machine() -> MemorySystem {
    let mut system = MemorySystem::default();
    system.write_executable("/usr/bin/python3.11", PROGRAM).link("/usr/bin/python3", "python3.11");
    system.write("/usr/lib/python3.11/os.py", "").create_directory("/usr/lib/python3.11/lib-dynload");
    system.set_variable("PATH", "/usr/local/bin:/usr/bin").set_working_directory("/ws/p");
    system.set_variable("HOME", "/home/user");
    system.write("/ws/p/pyproject.toml", "");
    system
}

fn venv(system: &mut MemorySystem, folder: &str, extra: &str) {
    system.write(format!("{folder}/pyvenv.cfg"), format!("home = /usr/bin\nversion = 3.11.2\n{extra}"));
    system.link(format!("{folder}/bin/python"), "/usr/bin/python3.11");
    system.create_directory(format!("{folder}/lib/python3.11/site-packages"));
}

fn ask(system: &MemorySystem, change: impl FnOnce(&mut Question)) -> Environment {
    let mut question = Question::about("/ws/p".into(), "/ws".into());
    change(&mut question);
    discover(system, &question, &Settings::default())
}

fn chosen(environment: &Environment) -> (SourceKind, Option<&str>, Option<&str>) {
    let executable = environment.interpreter.as_ref().map(|it| it.executable.as_str());
    (environment.source.kind, executable, environment.broken.as_ref().map(|it| it.reason.as_str()))
}

fn outcome(environment: &Environment, kind: SourceKind) -> &str {
    environment.considered.iter().find(|it| it.kind == kind).map_or("not considered", |it| &it.outcome)
}

#[test]
fn windows_has_its_interpreters_elsewhere() {
    let mut system = MemorySystem::of(Platform::Windows);
    system.write_executable(r"C:\Python313\python.exe", "MZ").write(r"C:\Python313\python313.dll", "MZ");
    system.write(r"C:\Python313\Lib\os.py", "").write(r"C:\Python313\Lib\encodings\__init__.py", "");
    system.write(r"C:\ws\p\pyproject.toml", "").set_working_directory("C:/ws/p");
    system.set_variable("PATH", r"C:\Windows;C:\Python313");
    let of_project = |system: &MemorySystem| {
        discover(system, &Question::about("C:/ws/p".into(), "C:/ws".into()), &Settings::default())
    };
    system.write(r"C:\ws\p\.venv\pyvenv.cfg", "home = C:\\Python313\nversion = 3.13.1\n");
    let reason = of_project(&system).broken.map(|it| (it.interpreter, it.reason));
    assert_eq!(reason, Some(("C:/ws/p/.venv/Scripts/python.exe".into(), "there is no such file".to_owned())));
    system.write_executable(r"C:\ws\p\.venv\Scripts\python.exe", "\x7fELF");
    assert_eq!(of_project(&system).broken.map(|it| it.reason).as_deref(), Some("it is not a program"));
    system.write_executable(r"C:\ws\p\.venv\Scripts\python.exe", "MZ");
    let environment = of_project(&system);
    let executable = environment.interpreter.as_ref().map(|it| it.executable.as_str().replace('\\', "/"));
    assert_eq!(executable.as_deref(), Some("C:/ws/p/.venv/Scripts/python.exe"), "{:?}", environment.broken);
    assert_eq!(path_variable::commands(&system, "python"), ["C:/Python313/python.exe"]);
}

#[test]
fn the_nearest_environment_wins() {
    let mut system = machine();
    venv(&mut system, "/ws/.venv", "");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment), (SourceKind::ProjectVenv, Some("/ws/.venv/bin/python"), None));
    assert_eq!(environment.root.as_deref(), Some("/ws/.venv".into()));
    venv(&mut system, "/ws/p/env", "uv = 0.9\n");
    let environment = ask(&system, |question| question.directory = "/ws/p/src/deep".into());
    assert_eq!(chosen(&environment), (SourceKind::ProjectVenv, Some("/ws/p/env/bin/python"), None));
    assert_eq!(environment.kind, EnvironmentKind::Uv);
    assert_eq!(environment.source.detail, "/ws/p/env");
    assert_eq!(outcome(&environment, SourceKind::Argument), "not set");
}

#[test]
fn nothing_above_the_boundary_is_looked_at() {
    let mut system = machine();
    venv(&mut system, "/.venv", "");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment), (SourceKind::Path, Some("/usr/bin/python3"), None));
    assert_eq!(environment.kind, EnvironmentKind::System);
}

#[test]
fn any_child_with_a_pyvenv_cfg_is_an_environment() {
    let mut system = machine();
    venv(&mut system, "/ws/p/.direnv-py", "virtualenv = 20.1\n");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment), (SourceKind::ProjectVenv, Some("/ws/p/.direnv-py/bin/python"), None));
    assert_eq!(environment.kind, EnvironmentKind::Virtualenv);
}

#[test]
fn a_folder_of_sources_named_env_is_no_environment() {
    let mut system = machine();
    system.write("/ws/p/env/__init__.py", "").write("/ws/p/venv", "export A=1").create_directory("/ws/p/.venv");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment).0, SourceKind::Path);
    let said: Vec<_> = environment.considered.iter().map(|it| (it.detail.as_str(), it.outcome.as_str())).collect();
    assert!(said.contains(&("/ws/p/env", "a folder without `pyvenv.cfg` and without `bin/python`")), "{said:?}");
}

#[test]
fn a_broken_environment_is_chosen_and_reported() {
    type Breaking = fn(&mut MemorySystem);
    let cases: [(&str, Breaking); 8] = [
        ("its link leads nowhere", |system| _ = system.link("/ws/p/.venv/bin/python", "/opt/gone/bin/python3.9")),
        ("there is no such file", |_| {}),
        ("its links lead in a circle", |system| _ = system.link("/ws/p/.venv/bin/python", "python")),
        ("it is not a regular file", |system| _ = system.pipe("/ws/p/.venv/bin/python")),
        ("it is a script, not an interpreter", |system| {
            system.write_executable("/ws/p/.venv/bin/python", "#!/bin/sh\ntouch /tmp/pwned\n");
        }),
        ("it is not executable", |system| _ = system.write("/ws/p/.venv/bin/python", PROGRAM)),
        ("it is a directory", |system| _ = system.create_directory("/ws/p/.venv/bin/python")),
        ("it was made for Windows", |system| _ = system.write("/ws/p/.venv/Scripts/python.exe", "MZ")),
    ];
    for (reason, break_it) in cases {
        let mut system = machine();
        system.write("/ws/p/.venv/pyvenv.cfg", "home = /opt/gone/bin\nuv = 0.9\n").set_variable("VIRTUAL_ENV", "/usr");
        break_it(&mut system);
        let environment = ask(&system, |_| {});
        assert_eq!(chosen(&environment), (SourceKind::ProjectVenv, None, Some(reason)));
        let broken = environment.broken.as_ref().unwrap();
        assert_eq!(broken.interpreter, "/ws/p/.venv/bin/python");
        assert_eq!(broken.pyvenv_cfg.as_deref(), Some("/ws/p/.venv/pyvenv.cfg".into()));
        assert_eq!((environment.root.as_deref(), environment.kind), (Some("/ws/p/.venv".into()), EnvironmentKind::Uv));
        assert_eq!(outcome(&environment, SourceKind::ProjectVenv), format!("chosen, but {reason}"));
        assert_eq!(outcome(&environment, SourceKind::VirtualEnvVariable), "outranked");
    }
}

#[test]
fn a_dangling_interpreter_says_where_it_leads() {
    let mut system = machine();
    system.write("/ws/p/.venv/pyvenv.cfg", "").link("/ws/p/.venv/bin/python", "python3");
    system.link("/ws/p/.venv/bin/python3", "/opt/py/bin/python3.9");
    let broken = ask(&system, |_| {}).broken.unwrap();
    assert_eq!(broken.leads_to.as_deref(), Some("/opt/py/bin/python3.9".into()));
}

#[test]
fn a_redirect_file_leads_one_step() {
    let mut system = machine();
    venv(&mut system, "/home/user/envs/p", "");
    system.write("/ws/p/.venv", "../../home/user/envs/p\nsecond line\n");
    let environment = ask(&system, |_| {});
    assert_eq!(environment.source.detail, "/ws/p/.venv");
    assert_eq!(chosen(&environment).1, Some("/home/user/envs/p/bin/python"));
    for content in ["", "/nowhere", "/ws/p/.venv", "\0\u{1}"] {
        system.write("/ws/p/.venv", content);
        assert!(ask(&system, |_| {}).broken.is_some(), "{content:?}");
    }
    system.write("/ws/p/.venv", vec![b'/'; 9000]);
    assert_eq!(chosen(&ask(&system, |_| {})).2, Some("larger than 8 KiB"));
}

#[test]
fn an_environment_folder_that_is_a_bad_link_is_reported() {
    let mut system = machine();
    system.link("/ws/p/.venv", "/opt/gone");
    assert_eq!(chosen(&ask(&system, |_| {})).2, Some("it is a link that leads nowhere"));
    system.link("/ws/p/.venv", ".venv");
    assert_eq!(chosen(&ask(&system, |_| {})).2, Some("its links lead in a circle"));
    system.pipe("/ws/p/.venv");
    assert_eq!(chosen(&ask(&system, |_| {})).0, SourceKind::Path, "a pipe is no environment");
}

#[test]
fn the_argument_wins_in_every_spelling() {
    let mut system = machine();
    venv(&mut system, "/ws/p/.venv", "");
    venv(&mut system, "/home/user/tools", "");
    for (written, expected) in [
        ("/usr/bin/python3.11", "/usr/bin/python3.11"),
        ("python3", "/usr/bin/python3"),
        ("../../home/user/tools", "/home/user/tools/bin/python"),
        ("~/tools/bin/python", "/home/user/tools/bin/python"),
        ("~/tools", "/home/user/tools/bin/python"),
    ] {
        let environment = ask(&system, |question| {
            question.argument = Some(written.to_owned());
            question.editor = Some("/usr/bin/python3".to_owned());
        });
        assert_eq!(chosen(&environment), (SourceKind::Argument, Some(expected), None), "{written}");
    }
    system.link("/ws/p/linked", "/home/user/tools/lib");
    let Found::Candidate(found) = candidate::written(&system, "linked/..", "/ws/p".into()) else { panic!("not found") };
    assert_eq!(found.executable, "/ws/p/linked/../bin/python", "behind a link `..` is another folder");
    system.set_variable("PATH", "/home/user/.pyenv/shims:/usr/bin");
    system
        .write_executable("/home/user/.pyenv/shims/python3", "#!/bin/sh\n")
        .create_directory("/home/user/.pyenv/versions");
    for (written, expected) in [
        ("./.venv/bin/python", "/ws/p/.venv/bin/python"),
        ("./.venv/../.venv", "/ws/p/.venv/bin/python"),
        ("python3", "/usr/bin/python3"),
    ] {
        let environment = ask(&system, |question| question.argument = Some(written.to_owned()));
        assert_eq!(chosen(&environment), (SourceKind::Argument, Some(expected), None), "{written}");
    }
    let environment = ask(&system, |question| question.editor = Some(".venv".to_owned()));
    assert_eq!(environment.source.kind, SourceKind::Editor);
    assert_eq!(environment.broken.unwrap().interpreter, "/ws/.venv", "relative to the workspace");
}

#[test]
fn what_somebody_wrote_is_never_replaced() {
    let mut system = machine();
    venv(&mut system, "/ws/p/.venv", "");
    for (written, reason) in [
        ("/no/such/python", "there is no such file"),
        ("python3.99", "there is no `python3.99` on PATH"),
        ("/ws/p/pyproject.toml", "it is not executable"),
        ("/ws", "it is a folder without `pyvenv.cfg` and without `bin/python`"),
    ] {
        let environment = ask(&system, |question| question.argument = Some(written.to_owned()));
        assert_eq!(chosen(&environment), (SourceKind::Argument, None, Some(reason)), "{written}");
    }
}

#[test]
fn variables_come_after_the_project_and_before_path() {
    let mut system = machine();
    venv(&mut system, "/home/user/active", "");
    system.set_variable("VIRTUAL_ENV", "/home/user/active").set_variable("CONDA_PREFIX", "/home/user/conda");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment), (SourceKind::VirtualEnvVariable, Some("/home/user/active/bin/python"), None));
    assert_eq!(outcome(&environment, SourceKind::CondaPrefixVariable), "outranked");
    system.set_variable("VIRTUAL_ENV", "/home/user/deleted");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment).0, SourceKind::Path);
    assert_eq!(outcome(&environment, SourceKind::VirtualEnvVariable), "no such directory");
    assert_eq!(environment.ignored.len(), 2, "{:?}", environment.ignored);
    system.set_variable("UV_PROJECT_ENVIRONMENT", "/home/user/active").write("/ws/p/uv.lock", "");
    assert_eq!(chosen(&ask(&system, |_| {})).0, SourceKind::ProjectVenv);
}

#[test]
fn the_variable_of_uv_is_folded_by_spelling() {
    let mut system = machine();
    venv(&mut system, "/ws/made", "uv = 0.9\n");
    system.write("/ws/p/uv.lock", "").create_directory("/data/deep").link("/ws/p/sub", "/data/deep");
    for (value, root) in [("../made", "/ws/made"), ("sub/../../made/", "/ws/made"), ("/ws/./p/../made", "/ws/made")] {
        system.set_variable("UV_PROJECT_ENVIRONMENT", value);
        let environment = ask(&system, |_| {});
        assert_eq!(environment.root.as_deref(), Some(root.into()), "{value}");
        let executable = environment.interpreter.map(|it| it.executable);
        assert_eq!(executable.as_deref(), Some("/ws/made/bin/python".into()), "{value}");
        assert_eq!(environment.source.detail, format!("UV_PROJECT_ENVIRONMENT={value}"));
    }
}

#[test]
fn the_variable_of_uv_is_relative_to_the_workspace() {
    let mut system = machine();
    venv(&mut system, "/ws/made/here", "uv = 0.9\n");
    system.set_variable("UV_PROJECT_ENVIRONMENT", "made/here");
    let said = |system: &MemorySystem| {
        let environment = ask(system, |_| {});
        let of_uv = environment.considered.iter().find(|it| it.detail.starts_with("UV_")).unwrap();
        (environment.source.kind == SourceKind::ProjectVenv, of_uv.outcome.clone())
    };
    let unused = (false, "not a uv project: neither `uv.lock` nor `[tool.uv]`".to_owned());
    let alone = (false, "no such directory".to_owned());
    let found = (true, "chosen".to_owned());
    for (workspace, own, expected) in [
        ("[project]\nname = 'ws'\n", "[project]\nname = 'p'\n", &unused),
        ("[tool.uv.workspace]\nmembers = ['p']\n", "[project]\nname = 'p'\n", &found),
        ("[tool.uv.workspace]\nmembers = ['./*']\n", "[project]\nname = 'p'\n", &found),
        ("[tool.uv.workspace]\nmembers = ['q/*']\n", "[tool.uv]\n", &alone),
        ("[tool.uv.workspace]\nmembers = ['*']\nexclude = ['p']\n", "[tool.uv]\n", &alone),
        (
            "[tool.uv.workspace]\nmembers = ['*']\n",
            "[tool.uv]\nmanaged = false\n",
            &(false, "not managed by uv: `[tool.uv] managed = false`".to_owned()),
        ),
        ("[tool.uv.workspace]\nmembers = ['*']\n", "[tool.uv.workspace]\n", &alone),
    ] {
        system.write("/ws/pyproject.toml", workspace).write("/ws/p/pyproject.toml", own);
        assert_eq!(&said(&system), expected, "{workspace} {own}");
    }
}

#[test]
fn a_version_file_names_a_managed_python() {
    let mut system = machine();
    system.write("/ws/p/.python-version", "3.12\n");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment).0, SourceKind::Path);
    assert_eq!(outcome(&environment, SourceKind::PythonVersionFile), "neither pyenv nor uv has `3.12`");
    let folder = "/home/user/.local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu";
    system.write_executable(format!("{folder}/bin/python3.12"), PROGRAM);
    system.link(format!("{folder}/bin/python3"), "python3.12").write(format!("{folder}/lib/python3.12/os.py"), "");
    let environment = ask(&system, |_| {});
    assert_eq!(environment.source.kind, SourceKind::PythonVersionFile);
    assert_eq!(environment.kind, EnvironmentKind::UvManaged);
}

#[test]
fn a_shim_on_path_is_read_and_a_script_passed_over() {
    let mut system = machine();
    system.set_variable("PATH", "/home/user/.pyenv/shims:/usr/local/bin:/usr/bin");
    system.write_executable("/home/user/.pyenv/shims/python3", "#!/usr/bin/env bash\n");
    system.write_executable("/usr/local/bin/python3", "#!/bin/sh\nexec /usr/bin/python3\n");
    system.create_directory("/home/user/.pyenv/versions");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment), (SourceKind::Path, Some("/usr/bin/python3"), None));
    let said: Vec<_> = environment.considered.iter().filter(|it| it.kind == SourceKind::Path).collect();
    assert_eq!(said[0].outcome, "a shim that hands on: no version is set");
    assert_eq!(said[1].outcome, "it is a script, not an interpreter");
    let version = "/home/user/.pyenv/versions/3.10.1";
    system.write_executable(format!("{version}/bin/python3.10"), PROGRAM);
    system.link(format!("{version}/bin/python3"), "python3.10").write(format!("{version}/lib/python3.10/os.py"), "");
    system.write("/home/user/.pyenv/version", "3.10\n");
    let environment = ask(&system, |_| {});
    assert_eq!(chosen(&environment).1, Some("/home/user/.pyenv/versions/3.10.1/bin/python3"));
    assert_eq!(environment.kind, EnvironmentKind::Pyenv);
}

#[test]
fn no_python_at_all_is_an_answer() {
    let environment = ask(&MemorySystem::default(), |_| {});
    assert_eq!(environment.source.kind, SourceKind::None);
    assert!(environment.interpreter.is_none() && environment.broken.is_none());
    assert!(environment.considered.len() >= 5, "{:?}", environment.considered);
}

#[test]
fn what_a_tool_would_make_is_watched_before_it_is_there() {
    // The file that shows the tool, and what the tool would make or change for the project in `/ws/p`.
    let hash = short_hash::sha256("/ws/p");
    for (name, content, made) in [
        ("poetry.lock", "", format!("/home/user/.cache/pypoetry/virtualenvs/p-{hash}-py3.12")),
        ("poetry.lock", "", "/home/user/.cache/pypoetry/virtualenvs/envs.toml".to_owned()),
        ("poetry.lock", "", "/home/user/.config/pypoetry/config.toml".to_owned()),
        (
            "Pipfile",
            "",
            format!("/home/user/.local/share/virtualenvs/p-{}/bin/python", short_hash::sha256("/ws/p/Pipfile")),
        ),
        ("Pipfile", "", "/ws/p/.env".to_owned()),
        ("pdm.lock", "", "/ws/p/.pdm-python".to_owned()),
        ("pdm.lock", "", format!("/home/user/.local/share/pdm/venvs/p-{}-3.12", short_hash::md5("/ws/p"))),
        ("hatch.toml", "", format!("/home/user/.local/share/hatch/env/virtual/p/{hash}/p/bin/python")),
        ("pixi.toml", "", "/ws/p/.pixi/envs/default/bin/python".to_owned()),
        ("environment.yml", "name: x", "/home/user/.conda/environments.txt".to_owned()),
        ("requirements.txt", "", "/home/user/.virtualenvs/new/.project".to_owned()),
        ("requirements.txt", "", "/ws/p/.direnv/python-3.12/bin/python".to_owned()),
        (".tool-versions", "python 3.12", "/home/user/.asdf/installs/python/3.12/bin/python".to_owned()),
        (".python-version", "3.12", "/home/user/.pyenv/versions/3.12.4/bin/python3".to_owned()),
        (".python-version", "3.12", "/usr/bin/python3.12".to_owned()),
    ] {
        let mut system = machine();
        system.write(format!("/ws/p/{name}"), content);
        if name == "poetry.lock" {
            system.write("/ws/p/pyproject.toml", "[project]\nname = 'p'\n");
        }
        let recorder = Recorder::new(&system);
        let mut question = Question::about("/ws/p".into(), "/ws".into());
        question.isolated = true;
        assert_eq!(discover(&recorder, &question, &Settings::default()).source.kind, SourceKind::Path, "{name}");
        let reads = recorder.into_reads();
        // Of a tree that comes, the top is what the operating system reports.
        let mut came: Vec<&Utf8Path> = Utf8Path::new(&made).ancestors().collect();
        came.retain(|it| !system.exists(it));
        let top = came.last().copied().unwrap_or(Utf8Path::new(&made));
        assert!(reads.touches(top), "{name}: {made}: {reads:#?}");
    }
}

#[test]
fn a_path_file_that_is_not_read_here_is_named() {
    let mut system = machine();
    venv(&mut system, "/ws/p/.venv", "");
    let site = "/ws/p/.venv/lib/python3.11/site-packages";
    let large = usize::try_from(LARGEST_METADATA).unwrap() + 1;
    system.pipe(format!("{site}/a.pth")).write(format!("{site}/b.pth"), vec![b'#'; large]);
    system
        .link(format!("{site}/c.pth"), "b.pth")
        .link(format!("{site}/d.pth"), "gone")
        .write(format!("{site}/e.pth"), "");
    system.pipe("/usr/lib/python3.11/of-no-site.pth");
    let said: Vec<String> = ask(&system, |_| {}).problems.iter().map(ToString::to_string).collect();
    let expected = ["a.pth: not a regular file", "b.pth: larger than 32 MiB", "c.pth: larger than 32 MiB"];
    assert_eq!(said, expected.map(|it| format!("{site}/{it}")));
}
