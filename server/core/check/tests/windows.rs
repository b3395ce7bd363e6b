//! What is said and offered on Windows, on drives, on shares and in folders of WSL.
//!
//! In: a [`MemorySystem`] of Windows. Out: nothing but assertions on the environment's diagnostics and their ways out.
//!
//! **Invariant:** a command line is one that PowerShell and cmd.exe both take.

use crate::answer::{Answers, Investigation};
use crate::check::check_environment;
use crate::diagnostic::{Diagnostic, FixAction};
use crate::rules::Rule;
use crate::situation::{Question, Situation, situation};
use crate::system::Platform;
use crate::system::memory::MemorySystem;

/// Python 3.13 of python.org, and a project with an environment that has `requests`, and declares `six` too.
fn world(folder: &str) -> MemorySystem {
    let mut system = MemorySystem::of(Platform::Windows);
    system.write_executable(r"C:\Python313\python.exe", "MZ").write(r"C:\Python313\python313.dll", "MZ");
    system.write(r"C:\Python313\Lib\os.py", "").write(r"C:\Python313\Lib\encodings\__init__.py", "");
    system.set_variable("USERPROFILE", r"C:\Users\u").set_working_directory(folder);
    let manifest = "[project]\nname = \"app\"\nversion = \"1\"\ndependencies = [\"requests\", \"six\"]\n";
    system.write(format!("{folder}/pyproject.toml"), manifest);
    environment(&mut system, &format!("{folder}/.venv"), "requests");
    system
}

fn environment(system: &mut MemorySystem, folder: &str, package: &str) {
    system.write(format!("{folder}/pyvenv.cfg"), "home = C:\\Python313\nversion = 3.13.1\n");
    system.write_executable(format!("{folder}/Scripts/python.exe"), "MZ");
    for script in ["activate", "activate.bat", "Activate.ps1"] {
        system.write(format!("{folder}/Scripts/{script}"), "");
    }
    let packages = format!("{folder}/Lib/site-packages");
    system.write(format!("{packages}/{package}/__init__.py"), "").write(format!("{packages}/pip/__init__.py"), "");
    let metadata = format!("{packages}/{package}-1.dist-info");
    system.write(format!("{metadata}/METADATA"), format!("Name: {package}\nVersion: 1\n"));
    system.write(format!("{metadata}/RECORD"), format!("{package}/__init__.py,,\n"));
}

fn look(system: &MemorySystem, folder: &str) -> (Situation, Vec<Diagnostic>) {
    let situation = situation(system, &Question::about(folder.into(), folder.into()));
    let mut answers = Answers::default();
    answers.insert("requests".to_owned(), Investigation::new(system, &situation).answer("requests"));
    let found = check_environment(system, &situation, &answers);
    (situation, found)
}

fn commands_of(found: &[Diagnostic], rule: Rule) -> Vec<&str> {
    let fixes = found.iter().filter(|it| it.rule == rule).flat_map(|it| &it.fixes);
    let commands = fixes.filter_map(|fix| match &fix.action {
        FixAction::Command(line) => Some(line.as_str()),
        FixAction::Edit(_) | FixAction::Open(..) => None,
    });
    commands.collect()
}

const FOLDERS: [&str; 4] =
    [r"C:\ws\app", r"\\server\share\app", r"\\wsl.localhost\Ubuntu\home\u\app", r"D:\Üben und so\app"];

#[test]
fn what_is_declared_is_installed_by_the_program_in_scripts() {
    for folder in FOLDERS {
        let folder = &folder.replace('\\', "/");
        let (situation, found) = look(&world(folder), folder);
        let interpreter = situation.environment.interpreter.as_ref().unwrap();
        assert_eq!(interpreter.executable, format!("{folder}/.venv/Scripts/python.exe"));
        let sees = |path: &str| interpreter.search_path.iter().any(|it| it.path == *path && it.exists);
        assert!(sees(&format!("{folder}/.venv/Lib/site-packages")), "{:#?}", interpreter.search_path);
        let codes: Vec<&str> = found.iter().map(|it| it.rule.code()).collect();
        assert_eq!(codes, ["dependency-not-installed"], "{folder}: {found:#?}");
        let install = r".venv\Scripts\python.exe -m pip install six";
        assert_eq!(commands_of(&found, Rule::DependencyNotInstalled), [install]);
    }
}

#[test]
fn the_projects_environment_is_activated_as_in_either_shell() {
    for folder in FOLDERS {
        let folder = &folder.replace('\\', "/");
        let mut system = world(folder);
        environment(&mut system, "C:/other/.venv", "six");
        system.set_variable("VIRTUAL_ENV", r"C:\other\.venv");
        let (_, found) = look(&system, folder);
        assert_eq!(commands_of(&found, Rule::EnvMismatch), [r".venv\Scripts\activate"], "{found:#?}");
        for script in ["activate.bat", "Activate.ps1"] {
            system.remove(format!("{folder}/.venv/Scripts/{script}"));
        }
        let (_, found) = look(&system, folder);
        assert_eq!(commands_of(&found, Rule::EnvMismatch), [""; 0], "bash alone has a script");
    }
}

#[test]
fn a_program_in_quotes_is_no_command_of_both_shells() {
    let mut system = world("C:/ws/app");
    system.write("C:/ws/app/fromwhere.toml", "python = \"./my env\"\n");
    environment(&mut system, "C:/ws/app/my env", "requests");
    environment(&mut system, "C:/other/.venv", "six");
    system.set_variable("VIRTUAL_ENV", r"C:\other\.venv");
    let (_, found) = look(&system, "C:/ws/app");
    assert!(found.iter().any(|it| it.rule == Rule::EnvMismatch), "{found:#?}");
    assert_eq!(commands_of(&found, Rule::EnvMismatch), [""; 0]);
}

#[test]
fn an_environment_of_wsl_is_none_of_windows() {
    let folder = "//wsl.localhost/Ubuntu/home/u/app";
    let mut system = world(folder);
    system.remove(format!("{folder}/.venv"));
    system.write(format!("{folder}/.venv/pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.2\n");
    system.write_executable(format!("{folder}/.venv/bin/python"), "\x7fELF");
    let (_, found) = look(&system, folder);
    let messages: Vec<&str> = found.iter().map(|it| it.message.as_str()).collect();
    let foreign = "`.venv` was made for another system: it has `bin/`, and no `Scripts/` with a Python";
    assert_eq!(messages, [foreign, foreign], "on pyvenv.cfg and on the manifest");
}
