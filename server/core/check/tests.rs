//! In: answers made by hand. Out: the words and ways out that cases on whole projects would show too late.
//!
//! **Invariant:** what needs a disk is tested in `tests/cases`, not here.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::message::{fitting, of_import};
use super::*;
use crate::answer::{Elsewhere, Foreign, ForeignExtension, Place, Shadowed, Stubs};
use crate::diagnostic::LONGEST;
use crate::distributions::{Dangling, Distribution};
use crate::dpkg::OsPackage;
use crate::environment::{Environment, EnvironmentKind, Source, SourceKind};
use crate::operating_system::OperatingSystem;
use crate::origin::Origin;
use crate::project::Project;
use crate::resolve::Resolution;

mod windows;

pub(crate) fn situation() -> Situation {
    Situation {
        boundary: "/home/user/app".into(),
        terminal: "/home/user/app".into(),
        launch: None,
        variables: std::collections::BTreeMap::new(),
        project: Project { root: "/home/user/app".into(), ..Project::default() },
        environment: Environment {
            root: Some("/home/user/app/.venv".into()),
            interpreter: None,
            kind: EnvironmentKind::Venv,
            source: Source { kind: SourceKind::ProjectVenv, detail: ".venv".to_owned() },
            considered: Vec::new(),
            ignored: Vec::new(),
            broken: None,
            problems: Vec::new(),
        },
        settings: Settings::default(),
        allow_insertion: None,
        python_insertion: None,
        rivals: Vec::new(),
        pip: None,
        lacks_ensurepip: false,
        lacks_pip: false,
        operating_system: OperatingSystem::default(),
        dependencies: crate::dependencies::Dependencies::default(),
        python_named_at: None,
        mistakes: Vec::new(),
        problems: Vec::new(),
    }
}

pub(crate) fn answer(module: &str, kind: ModuleKind, origin: Option<Origin>) -> Answer {
    let root = Utf8PathBuf::from("/usr/lib/python3/dist-packages");
    let path = (kind != ModuleKind::Unresolved).then(|| root.join(module).join("__init__.py"));
    Answer::of(Resolution {
        module: module.to_owned(),
        kind,
        path,
        locations: None,
        origin,
        root: Some(root),
        twin: None,
    })
}

#[test]
fn names_are_asked_until_no_namespace_is_left() {
    let imports = imports::scan(&Text::new(
        "import os\nimport google.cloud.storage\nfrom google import auth, oauth\nfrom . import x\nfrom .y import z\n"
            .into(),
    ));
    let mut answers = Answers::default();
    assert_eq!(unanswered(&imports, &answers), ["google", "os"]);
    answers.insert("os".into(), Arc::new(answer("os", ModuleKind::Source, Some(Origin::StandardLibrary))));
    answers.insert("google".into(), Arc::new(answer("google", ModuleKind::Namespace, None)));
    assert_eq!(unanswered(&imports, &answers), ["google.auth", "google.cloud", "google.oauth"]);
    for name in ["google.auth", "google.cloud", "google.oauth"] {
        answers.insert(name.into(), Arc::new(answer(name, ModuleKind::Package, Some(Origin::SitePackages))));
    }
    assert_eq!(unanswered(&imports, &answers), [""; 0]);
}

#[test]
fn every_message_fits_however_long_the_names() {
    let origins = [
        Origin::DistPackages,
        Origin::LocalDistPackages,
        Origin::BaseSitePackages,
        Origin::UserSite,
        Origin::OtherEnvironment,
    ];
    for length in [1, 20, 40, 60, 200] {
        let name = "ä".repeat(length);
        let mut situation = situation();
        situation.environment.root = Some(Utf8PathBuf::from(format!("/{name}/{name}")));
        for origin in origins {
            let mut answer = answer(&name, ModuleKind::Package, Some(origin));
            answer.resolution.root = Some(format!("/{name}/lib/python3.11/site-packages").into());
            for package in [None, Some(OsPackage { name: format!("python3-{name}"), version: "1".to_owned() })] {
                answer.os_package = package;
                for rule in Rule::ALL {
                    give_everything_a_name(&mut answer, &name);
                    let message = of_import(*rule, &situation, &answer);
                    assert!(message.chars().count() <= LONGEST, "{message}");
                    assert!(message.starts_with('`'), "{message}");
                }
            }
        }
        for place in [Place::OperatingSystem, Place::Base, Place::UserSite, Place::SiblingEnvironment] {
            let mut answer = answer(&name, ModuleKind::Unresolved, None);
            let environment = Utf8PathBuf::from(format!("/{name}"));
            answer.elsewhere.push(Elsewhere {
                place,
                path: environment.join("x.py"),
                environment,
                distribution: None,
                os_package: None,
            });
            let message = of_import(Rule::ImportFoundElsewhere, &situation, &answer);
            assert!(message.chars().count() <= LONGEST, "{message}");
        }
    }
}

/// Fills in what the rules about what is lacking and what lies twice speak of.
fn give_everything_a_name(answer: &mut Answer, name: &str) {
    let distribution = Distribution {
        name: name.to_owned(),
        version: name.to_owned(),
        installer: None,
        metadata: "/x".into(),
        editable: None,
    };
    let (module, path) = (format!("{name}.{name}"), Utf8PathBuf::from(format!("/{name}/{name}.so")));
    let extension = ForeignExtension { module, path: path.clone(), built_for: name.to_owned() };
    answer.stubs = Some(Stubs { path: path.clone(), distribution: Some(name.to_owned()) });
    answer.foreign = vec![Foreign { extension, is_needed: true, owner: None }];
    answer.rivals = vec![distribution.clone(), distribution.clone()];
    answer.dangling =
        Some(Dangling { distribution: distribution.clone(), source: path.clone(), path: path.clone(), line: 1 });
    let (distribution, declared) = (Some(distribution), Some(name.to_owned()));
    answer.shadows = vec![Shadowed { path, origin: Origin::SitePackages, distribution, declared }];
}

#[test]
fn the_first_wording_that_fits_is_taken() {
    assert_eq!(fitting(["a".repeat(91), "b".to_owned(), "c".to_owned()]), "b");
    assert_eq!(fitting(["a".repeat(91)]).chars().count(), LONGEST);
    assert_eq!(explain_shortened("python3-something-long", 11), "pytho…-long");
}

#[test]
fn words_for_a_shell_are_quoted() {
    assert_eq!(commands::quoted("PyYAML"), "PyYAML");
    assert_eq!(commands::quoted("PyYAML>=6; rm -rf ~"), "'PyYAML>=6; rm -rf ~'");
    assert_eq!(commands::quoted("it's"), r"'it'\''s'");
    assert_eq!(commands::quoted(""), "''");
}

#[test]
fn without_an_interpreter_no_import_is_accused() {
    let text = Text::new("import yaml\n".to_owned());
    let imports = imports::scan(&text);
    let mut found = answer("yaml", ModuleKind::Package, Some(Origin::DistPackages));
    found.distribution = Some(Distribution {
        name: "PyYAML".to_owned(),
        version: "6.0".to_owned(),
        installer: None,
        metadata: "/x".into(),
        editable: None,
    });
    let answers = Answers::from_iter([("yaml".to_owned(), Arc::new(found))]);
    assert_eq!(check_file(&situation(), "/home/user/app/app.py".into(), &text, &imports, &answers), []);
}

fn explain_shortened(text: &str, most: usize) -> String {
    crate::explain::shortened(text, most)
}
