//! Answers on a real disk: ownership and what is installed elsewhere.
//!
//! In: environments that real Pythons made, and this machine's own packages. Out: answers with true owners.
//!
//! **Invariant:** what is expected is read from the tools themselves (`importlib.metadata`, `dpkg`), never written down.

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::answer::{Investigation, Place};
use fromwhere_core::origin::Origin;
use fromwhere_core::situation::{Question, Situation, situation};

use crate::oracle::environments::{site_packages, temporary, venv, write};
use crate::oracle::python::{Python, Start, all};

fn look(python: Option<&Utf8Path>, project: &Utf8Path) -> (Disk, Situation) {
    let disk = Start::new("/usr/bin/python3".into()).disk();
    let mut question = Question::about(project, project);
    question.argument = python.map(|python| python.as_str().to_owned());
    let situation = situation(&disk, &question);
    (disk, situation)
}

#[test]
fn owners_are_those_that_importlib_metadata_names() {
    let (_guard, root) = temporary();
    let program = "import json, sys\ntry:\n from importlib import metadata\n\
                   except ImportError:\n print('{}'); sys.exit()\n\
                   ask = getattr(metadata, 'packages_distributions', dict)\n\
                   print(json.dumps({k: sorted(set(v)) for k, v in ask().items()}))";
    let mut asked = 0;
    for python in all() {
        let (disk, situation) = look(Some(&python.executable), &root);
        let investigation = Investigation::new(&disk, &situation);
        let output = Start::new(&python.executable).run(&["-B", "-W", "ignore", "-c", program]);
        let owners: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&output.stdout).expect("it prints JSON");
        for (module, owners) in owners {
            let answer = investigation.answer(&module);
            let installed = answer.resolution.path.is_some()
                && answer.resolution.origin.is_some_and(|origin| origin != Origin::StandardLibrary);
            if !installed || module.contains(['/', '.']) {
                continue;
            }
            asked += 1;
            let name = answer.distribution.as_ref().map(|it| it.name.clone());
            let owners: Vec<&str> = owners.as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
            assert!(name.as_deref().is_some_and(|it| owners.contains(&it)), "{module}: {owners:?}, not {name:?}");
        }
    }
    assert!(asked > 0, "no Python here has anything installed");
}

#[test]
fn debian_packages_are_those_that_dpkg_names() {
    let dist = Utf8Path::new("/usr/lib/python3/dist-packages");
    if !Utf8Path::new("/var/lib/dpkg/status").is_file() || !dist.is_dir() {
        return not_tested("this is no Debian");
    }
    let (_guard, root) = temporary();
    let (disk, situation) = look(Some("/usr/bin/python3".into()), &root);
    let investigation = Investigation::new(&disk, &situation);
    let mut asked = 0;
    for entry in dist.read_dir_utf8().expect("a directory").flatten() {
        let name = entry.file_name().split('.').next().unwrap_or_default();
        let answer = investigation.answer(name);
        let Some(path) = answer.resolution.path.as_ref().filter(|path| path.starts_with(dist)) else { continue };
        asked += 1;
        let found = Start::new("/usr/bin/dpkg-query".into()).run(&["-S", path.as_str()]);
        let said = String::from_utf8_lossy(&found.stdout).into_owned();
        let owner = said.split(':').next().filter(|owner| !owner.is_empty());
        let ours = answer.os_package.as_ref().map(|package| package.name.as_str());
        assert_eq!(ours, owner, "{path}");
        let Some(owner) = owner else { continue };
        let found = Start::new("/usr/bin/dpkg-query".into()).run(&["-W", "-f", "${Version}", owner]);
        let version = answer.os_package.as_ref().map(|package| package.version.as_str());
        assert_eq!(version, Some(&*String::from_utf8_lossy(&found.stdout)), "{path}");
    }
    assert!(asked > 0, "nothing lies in {dist}");
}

/// Returns the first Python whose site-packages the operating system does not share.
fn other_than_the_systems() -> Option<Python> {
    all().into_iter().find(|python| !python.executable.starts_with("/usr"))
}

#[test]
fn what_is_missing_is_found_in_the_other_pythons() {
    let (_guard, root) = temporary();
    let Some(python) = other_than_the_systems() else {
        return not_tested("there is no Python but the operating system's");
    };
    let project = root.join("project");
    venv(&python.executable, &project.join(".venv"), &[]);
    venv(&python.executable, &project.join("old"), &[]);
    write(&site_packages(&project.join("old"), &python).join("left_behind.py"), "");
    write(&project.join("pyproject.toml"), "[project]\nname = 'x'\ndependencies = ['left-behind>=1']\n");
    let (disk, situation) = look(None, &project);
    let investigation = Investigation::new(&disk, &situation);

    let answer = investigation.answer("left_behind");
    assert!(!answer.resolution.is_resolved());
    let places: Vec<(Place, &Utf8PathBuf)> = answer.elsewhere.iter().map(|it| (it.place, &it.environment)).collect();
    assert_eq!(places, [(Place::SiblingEnvironment, &project.join("old"))]);
    assert_eq!(answer.declared.as_deref(), Some("left-behind>=1"));

    let dist = Utf8Path::new("/usr/lib/python3/dist-packages");
    let modules = dist.read_dir_utf8().into_iter().flatten().flatten();
    let names = modules.filter_map(|entry| entry.file_name().strip_suffix(".py").map(str::to_owned));
    for name in names {
        let answer = investigation.answer(&name);
        if answer.resolution.is_resolved() {
            continue;
        }
        let found = answer.elsewhere.iter().find(|it| it.place == Place::OperatingSystem);
        let found = found.unwrap_or_else(|| panic!("{name} is in {dist}, not in {:?}", answer.elsewhere));
        assert_eq!((&found.path, found.environment.as_str()), (&dist.join(format!("{name}.py")), "/usr"));
    }
}

/// In CI a proof that cannot run is a failure; elsewhere it is said.
#[expect(clippy::print_stderr, reason = "a proof that could not run is told to the tester")]
pub(crate) fn not_tested(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    eprintln!("NOT TESTED: {why}");
}
