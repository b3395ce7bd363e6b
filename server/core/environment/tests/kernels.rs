//! Where Jupyter keeps kernels on Windows, and the Pythons of conda and pixi there, which lie in no `Scripts`.
//!
//! In: a [`MemorySystem`] of Windows. Out: nothing but assertions on [`discover`].
//!
//! **Invariant:** each place is the one that `jupyter_core.paths`, conda and pixi name.

use super::super::{Environment, SourceKind, discover};
use crate::launch::{Kernel, Launch};
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::Platform;
use crate::system::memory::MemorySystem;

/// A project with an environment of its own.
fn world() -> MemorySystem {
    let mut system = MemorySystem::of(Platform::Windows);
    installed(&mut system, "C:/Python313", "313");
    system.set_variable("USERPROFILE", r"C:\Users\u").set_variable("APPDATA", r"C:\Users\u\AppData\Roaming");
    system.set_variable("PROGRAMDATA", r"C:\ProgramData").set_working_directory("C:/ws/app");
    system.write("C:/ws/app/.venv/pyvenv.cfg", "home = C:\\Python313\nversion = 3.13.1\n");
    system.write_executable("C:/ws/app/.venv/Scripts/python.exe", "MZ");
    system
}

/// A Python whose program and library lie in one folder, as installers and conda leave it.
fn installed(system: &mut MemorySystem, folder: &str, digits: &str) {
    system.write_executable(format!("{folder}/python.exe"), "MZ").write(format!("{folder}/python{digits}.dll"), "MZ");
    system.write(format!("{folder}/Lib/os.py"), "").write(format!("{folder}/Lib/encodings/__init__.py"), "");
}

fn kernel(system: &mut MemorySystem, folder: &str, name: &str, program: &str) {
    let argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"];
    let spec = serde_json::json!({ "argv": argv, "display_name": name, "language": "python" });
    system.write(format!("{folder}/{name}/kernel.json"), spec.to_string());
}

fn opened(system: &MemorySystem, name: Option<&str>) -> Environment {
    let mut question = Question::about("C:/ws/app".into(), "C:/ws".into());
    let notebook = "C:/ws/app/notes.ipynb".into();
    question.launch = name.map(|name| Launch::Kernel(Kernel { notebook, name: name.to_owned() }));
    discover(system, &question, &Settings::default())
}

fn executable(environment: &Environment) -> Option<String> {
    environment.interpreter.as_ref().map(|it| it.executable.as_str().replace('\\', "/"))
}

#[test]
fn a_kernel_is_found_in_the_users_folders_the_environments_and_the_machines() {
    for folder in [
        "C:/Users/u/AppData/Roaming/jupyter/kernels",
        "C:/Users/u/AppData/Roaming/Python/share/jupyter/kernels",
        "C:/ws/app/.venv/share/jupyter/kernels",
        "C:/ProgramData/jupyter/kernels",
        "C:/Users/u/.ipython/kernels",
        "D:/kernels",
    ] {
        let mut system = world();
        // Only where the user site counts is its base looked into.
        system.write("C:/ws/app/.venv/pyvenv.cfg", "home = C:\\Python313\ninclude-system-site-packages = true\n");
        system.set_variable("JUPYTER_PATH", r"relative;D:\").remove("D:/");
        installed(&mut system, "C:/conda/envs/data", "312");
        for (name, program) in
            [("Data", r"C:\conda\envs\data\python.exe"), ("shouts", r"C:\conda\envs\data\Python.EXE")]
        {
            kernel(&mut system, folder, name, program);
        }
        for name in ["data", "shouts"] {
            let found = opened(&system, Some(name));
            let context = format!("{folder} {name}: {:#?}", found.considered);
            assert_eq!(found.source.kind, SourceKind::Kernel, "{context}");
            let program = executable(&found).map(|it| it.to_lowercase());
            assert_eq!(program.as_deref(), Some("c:/conda/envs/data/python.exe"), "{context}");
        }
    }
}

#[test]
fn a_kernel_that_comes_with_an_environment_starts_its_python() {
    let mut system = world();
    kernel(&mut system, "C:/ws/app/.venv/share/jupyter/kernels", "python3", "python");
    let found = opened(&system, Some("python3"));
    assert_eq!(found.source.kind, SourceKind::Kernel, "{:#?}", found.considered);
    assert_eq!(executable(&found).as_deref(), Some("C:/ws/app/.venv/Scripts/python.exe"));
    // Somebody else's `python`, and a program that is none.
    kernel(&mut system, "C:/ProgramData/jupyter/kernels", "python3-of-all", "python");
    kernel(&mut system, "C:/ProgramData/jupyter/kernels", "wrapped", r"C:\tools\start.exe");
    for name in ["python3-of-all", "wrapped"] {
        assert_eq!(opened(&system, Some(name)).source.kind, SourceKind::ProjectVenv, "{name}");
    }
}

#[test]
fn what_conda_and_pixi_make_has_its_python_at_the_top() {
    for (kind, manifest, text, environment) in [
        (SourceKind::Conda, "environment.yml", "name: data\n", "C:/Users/u/miniconda3/envs/data"),
        (SourceKind::Conda, "environment.yml", "prefix: C:\\conda\\envs\\data\nname: other\n", "C:/conda/envs/data"),
        (SourceKind::Pixi, "pixi.toml", "", "C:/ws/app/.pixi/envs/default"),
        (SourceKind::Pixi, "pixi.toml", "detached", "C:/Users/u/AppData/Local/rattler/cache/envs/app-1/envs/default"),
    ] {
        let mut system = world();
        system.remove("C:/ws/app/.venv").write(format!("C:/ws/app/{manifest}"), text);
        system.write("C:/Users/u/.conda/environments.txt", format!("{}\r\n", environment.replace('/', "\\")));
        installed(&mut system, environment, "312");
        let witness = serde_json::json!({ "manifest_path": r"C:\ws\app\pixi.toml" });
        system.write(format!("{environment}/conda-meta/pixi"), witness.to_string());
        if text == "detached" {
            system.write("C:/ws/app/pixi.toml", "");
            system.write("C:/ws/app/.pixi/config.toml", "detached-environments = true\n");
        }
        let found = opened(&system, None);
        assert_eq!(found.source.kind, kind, "{:#?}", found.considered);
        assert_eq!(executable(&found), Some(format!("{environment}/python.exe")));
        let interpreter =
            found.interpreter.as_ref().map(|it| (it.version.short(), it.prefix.as_str().replace('\\', "/")));
        assert_eq!(interpreter, Some(("3.12".to_owned(), environment.to_owned())));
    }
}

#[test]
fn an_environment_that_is_activated_is_found_on_a_share_too() {
    for folder in ["C:/conda/envs/data", "//server/share/envs/data", "//wsl.localhost/Ubuntu/envs/data"] {
        let mut system = world();
        system.remove("C:/ws/app/.venv");
        installed(&mut system, folder, "312");
        system.create_directory(format!("{folder}/conda-meta")).create_directory(format!("{folder}/Lib/site-packages"));
        let settings =
            Settings { python: Some(format!("{folder}/python.exe").replace('/', "\\")), ..Settings::default() };
        let question = Question::about("C:/ws/app".into(), "C:/ws".into());
        let found = discover(&system, &question, &settings);
        assert_eq!(executable(&found), Some(format!("{folder}/python.exe")), "{:#?}", found.considered);
        let last = found.interpreter.as_ref().and_then(|it| it.search_path.last()).map(|it| it.path.as_str());
        assert_eq!(last, Some(&*format!("{folder}/Lib/site-packages")));
        system.set_variable("CONDA_PREFIX", &folder.replace('/', "\\"));
        let found = discover(&system, &question, &Settings::default());
        assert_eq!(executable(&found), Some(format!("{folder}/python.exe")), "{:#?}", found.considered);
    }
}
