//! In: answers made by hand. Out: hovers, word for word.
//!
//! **Invariant:** every variant of a hover stands here once.

use super::*;
use crate::answer::Shadowed;
use crate::check::tests::{answer, situation};
use crate::interpreter::Barrier;

#[test]
fn each_kind_of_module_has_its_words() {
    let situation = situation();
    let builtin = answer("sys", ModuleKind::BuiltIn, Some(Origin::StandardLibrary));
    let lines = hover_plain(&situation, &Answer { resolution: without_path(&builtin), ..builtin });
    assert_eq!(lines, "sys · built into Python");

    let own = answer("app", ModuleKind::Package, Some(Origin::Project));
    assert_eq!(hover(&situation, &own), "**app** · this project  \n`/usr/lib/python3/dist-packages/app/__init__.py`");

    let missing = answer("nothing", ModuleKind::Unresolved, None);
    assert_eq!(hover(&situation, &missing), "**nothing** · not found in .venv");
    assert_eq!(sentence(&situation, &missing), "`nothing` is not found in .venv");

    let part = Answer { offered: Some("python3-tk".to_owned()), ..answer("tkinter", ModuleKind::Unresolved, None) };
    assert_eq!(hover(&situation, &part), "**tkinter** · not found in .venv  \n`apt install python3-tk` brings it");
    assert_eq!(sentence(&situation, &part), "`tkinter` is not found in .venv; `apt install python3-tk` brings it");

    let readline = Answer { without: Some("readline"), ..answer("readline", ModuleKind::Unresolved, None) };
    assert_eq!(hover(&situation, &readline), "**readline** · not found in .venv  \nThis Python was built without it");
    assert_eq!(sentence(&situation, &readline), "`readline` is not found in .venv; this Python was built without it");

    let sqlite = answer("sqlite3", ModuleKind::Package, Some(Origin::StandardLibrary));
    let sqlite = Answer { without: Some("_sqlite3"), ..sqlite };
    let last = "Its import fails: this Python was built without `_sqlite3`";
    assert_eq!(hover(&situation, &sqlite).lines().last(), Some(last));
    let words = "`sqlite3` comes from the standard library, but this Python was built without `_sqlite3`";
    assert_eq!(sentence(&situation, &sqlite), words);
    let words = "lacks: `_sqlite3`, which this Python was built without: its import fails";
    assert_eq!(lacks(&situation, &sqlite), words);

    let gnu = answer("dbm.gnu", ModuleKind::Source, Some(Origin::StandardLibrary));
    let gnu = Answer { without: Some("_gdbm"), offered: Some("python3-gdbm".to_owned()), ..gnu };
    let last = "Its import fails: `apt install python3-gdbm` brings `_gdbm`";
    assert_eq!(hover(&situation, &gnu).lines().last(), Some(last));
    let words = "`dbm.gnu` comes from the standard library, but needs `apt install python3-gdbm`";
    assert_eq!(sentence(&situation, &gnu), words);
    assert_eq!(lacks(&situation, &gnu), "lacks: `_gdbm`; `apt install python3-gdbm` brings it");

    let standard = answer("__future__", ModuleKind::Source, Some(Origin::StandardLibrary));
    assert!(hover(&situation, &standard).starts_with("**\\_\\_future\\_\\_** · standard library of Python"));
}

fn lacks(situation: &Situation, answer: &Answer) -> String {
    let rows = module::rows(situation, answer);
    let found = rows.iter().find(|row| row.name == "lacks");
    found.map(|row| format!("{}: {}", row.name, row.values.concat())).unwrap_or_default()
}

#[test]
fn a_hover_has_at_most_six_lines() {
    let mut missing = answer("yaml", ModuleKind::Unresolved, None);
    let elsewhere = Elsewhere {
        place: Place::SiblingEnvironment,
        environment: "/home/user/api/.venv".into(),
        path: "/home/user/api/.venv/lib/python3.11/site-packages/yaml/__init__.py".into(),
        distribution: None,
        os_package: None,
    };
    missing.elsewhere = vec![elsewhere; 20];
    missing.shadows =
        vec![Shadowed { path: "/x.py".into(), origin: Origin::UserSite, distribution: None, declared: None }; 20];
    let text = hover_plain(&situation(), &missing);
    assert_eq!(text.lines().count(), MOST_LINES);
    assert!(text.contains("Found in ../api/.venv: /home/user/api/.venv/lib"), "{text}");
}

#[test]
fn paths_are_written_as_people_would() {
    let root = Utf8Path::new("/home/user/app");
    assert_eq!(path_from(root, "/home/user/app/.venv".into()), ".venv");
    assert_eq!(path_from(root, "/home/user/api/.venv".into()), "../api/.venv");
    assert_eq!(path_from(root, "/opt/python".into()), "/opt/python");
    assert_eq!(path_from(root, root), "app");
    assert_eq!(path_from("/app".into(), "/opt/python".into()), "/opt/python");
}

#[test]
fn the_search_tells_how_far_an_import_gets() {
    let mut situation = situation();
    let mut interpreter = crate::resolve::tests::python(13);
    let entry = interpreter.search_path[1].path.clone();
    interpreter.barrier = Some(Barrier { archive: entry.clone(), entry, needs_struct: false });
    situation.environment.interpreter = Some(interpreter);
    let page = module::page(&situation, &answer("nothing", ModuleKind::Unresolved, None));
    let said: Vec<&str> =
        page.lines().filter_map(|it| it.strip_suffix(" |")?.rsplit(" | ").next()).map(str::trim).collect();
    assert_eq!(said[said.len() - 3..], ["no", "every import ends here", "no import gets here"], "{page}");
}

fn without_path(answer: &Answer) -> crate::resolve::Resolution {
    crate::resolve::Resolution { path: None, ..answer.resolution.clone() }
}
