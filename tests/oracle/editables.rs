//! Editable installs, as every build backend makes them.
//!
//! In: the environments that `tests/tools/editables.py` makes. Out: no difference between a real interpreter's answers and
//! ours, down to the last module of every project.
//!
//! **Invariant:** what is installed is read from the environments, never written down here.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::distributions::Distributions;
use fromwhere_core::interpreter::{FinderTarget, Interpreter, Precedence};
use fromwhere_core::origin::Origin;
use fromwhere_core::project::normalize_name;
use fromwhere_core::resolve::Resolver;

use super::compare::{Questions, compare};
use super::environments::{run, temporary, venv, write};
use super::python::{Python, Start, all};
use super::tools;

/// The project's folder and its top-level modules, by the distribution's name.
type Installed = BTreeMap<String, (String, Vec<String>)>;

#[test]
fn every_backend() {
    let mut different = Vec::new();
    for folder in tools::editables() {
        let start = Start::new(&folder.join("env/bin/python"));
        let text = std::fs::read(folder.join("installed.json")).expect("what is installed");
        let installed: Installed = serde_json::from_slice(&text).expect("JSON");
        let names: Vec<&str> = installed.values().flat_map(|(_, modules)| modules).map(String::as_str).collect();
        let packages = names.iter().map(|it| (*it).to_owned()).collect();
        different.extend(compare(&start, &Questions { packages, ..Questions::everything(40, 0) }).differences);
        different.extend(wrong_owners(&start, &installed));
    }
    assert!(different.is_empty(), "{} differences:\n{}", different.len(), different.join("\n"));
}

/// Returns the modules that are not said to be an editable install of their project.
fn wrong_owners(start: &Start, installed: &Installed) -> Vec<String> {
    let (disk, interpreter) = (start.disk(), start.reconstruct());
    let (resolver, distributions) = (Resolver::new(&disk, &interpreter, &[]), Distributions::new(&disk));
    let mut wrong = Vec::new();
    for (name, (project, modules)) in installed {
        for module in modules {
            let found = resolver.resolve(module);
            let owner = distributions.editable_owner(&interpreter, &found);
            let said = owner.as_ref().map(|it| (normalize_name(&it.name), it.editable.as_deref()));
            if said != Some((normalize_name(name), Some(Utf8Path::new(project))))
                || found.origin != Some(Origin::Editable)
            {
                wrong.push(format!("{module} ({:?}): {said:?}, not {name} in {project}", found.origin));
            }
        }
    }
    wrong
}
/// Installs a project as editable, without a network: setuptools comes from the tools' folder.
fn install(python: &Utf8Path, project: &Utf8Path, setuptools: &Utf8Path) {
    let code = format!(
        "import sys; sys.path.append({:?}); from setuptools import build_meta; import os; os.chdir({:?}); \
         wheel = build_meta.build_editable({:?}); import zipfile, sysconfig; \
         zipfile.ZipFile({:?} + '/' + wheel).extractall(sysconfig.get_path('purelib'))",
        setuptools.as_str(),
        project.as_str(),
        project.as_str(),
        project.as_str()
    );
    run(python, &["-W", "ignore", "-c", &code]);
}

fn project(root: &Utf8Path, name: &str, packages: &str, files: &[&str]) -> Utf8PathBuf {
    let folder = root.join(name);
    let manifest = format!("[project]\nname = \"{name}\"\nversion = \"1.0\"\n[tool.setuptools]\n{packages}\n");
    write(&folder.join("pyproject.toml"), manifest);
    for file in files {
        write(&folder.join(file), "");
    }
    folder
}

fn pythons() -> Vec<Python> {
    all().into_iter().filter(|it| it.version >= (3, 9)).collect()
}

fn target<'a>(interpreter: &'a Interpreter, name: &str) -> Option<&'a FinderTarget> {
    interpreter.finders.iter().flat_map(|it| &it.modules).find(|(module, _)| module == name).map(|(_, target)| target)
}

#[test]
fn projects_of_every_layout() {
    let Some(setuptools) = tools::site_packages() else { return };
    let (_guard, root) = temporary();
    for python in pythons() {
        let folder = root.join(python.name());
        let executable = venv(&python.executable, &folder.join("env"), &[]);
        let source = project(
            &folder,
            "src_layout",
            "package-dir = {\"\" = \"src\"}\npackages = [\"alpha\"]",
            &["src/alpha/__init__.py"],
        );
        let mapped = project(
            &folder,
            "mapped",
            "packages = [\"beta\"]\npy-modules = [\"gamma\"]",
            &["beta/__init__.py", "gamma.py", "not_installed/__init__.py"],
        );
        let spaces = project(
            &folder,
            "spaces",
            "packages = [\"ns.part\"]\npackage-dir = {\"ns.part\" = \"code\"}",
            &["code/__init__.py"],
        );
        for folder in [&source, &mapped, &spaces] {
            install(&executable, folder, &setuptools);
        }
        let start = Start::new(&executable);
        assert_eq!(compare(&start, &Questions::everything(40, 0)).differences, Vec::<String>::new());

        let interpreter = start.reconstruct();
        let entry = interpreter.search_path.iter().find(|it| it.path == source.join("src")).expect("the source tree");
        assert_eq!(entry.origin, Origin::Editable);
        assert_eq!(target(&interpreter, "beta"), Some(&FinderTarget::Stem(mapped.join("beta"))));
        assert_eq!(target(&interpreter, "gamma"), Some(&FinderTarget::Stem(mapped.join("gamma"))));
        assert!(target(&interpreter, "ns").is_some(), "{:?}", interpreter.finders);
        assert!(interpreter.finders.iter().all(|it| it.precedence == Precedence::Last));
        assert!(interpreter.startup_code.is_empty(), "{:?}", interpreter.startup_code);
        // Uninstalled by hand, half: the line fails, and the rest of its file is left out.
        let site = super::environments::site_packages(&folder.join("env"), &python);
        for name in site.read_dir_utf8().unwrap().flatten().filter(|it| it.file_name().ends_with("_finder.py")) {
            std::fs::remove_file(name.path()).unwrap();
        }
        assert_eq!(compare(&start, &Questions::everything(40, 0)).differences, Vec::<String>::new());
    }
}
