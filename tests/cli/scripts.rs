//! A file that is run as a script finds its own folder's modules first.

use super::{FROM_THE_SYSTEM, Project};

/// A demo with `scripts/run.py` and, beside it, a module that has the name of one of the system's.
fn demo() -> Project {
    let project = Project::demo();
    project.write("scripts/run.py", "import yaml\n");
    project.write("scripts/yaml.py", "");
    project
}

#[test]
fn check_accuses_no_module_beside_the_file() {
    let project = demo();
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert!(ended.stdout.starts_with("app.py:5:8: "), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    let checked = project.json(&["check", "scripts"]);
    assert_eq!(checked["summary"]["imports"]["by_origin"], serde_json::json!({ "project": 1 }));
    project.write("scripts/__init__.py", "");
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert!(ended.stdout.contains("scripts/run.py:1:8: "), "a package is no script: {}", ended.stdout);
}

#[test]
fn why_answers_for_the_file_that_is_named() {
    let project = demo();
    let answer = |arguments: &[&str]| project.json(&[&["why", FROM_THE_SYSTEM], arguments].concat())[0].clone();
    let beside = answer(&["--file", "scripts/run.py"]);
    assert_eq!((&beside["origin"], &beside["path"]), (&"project".into(), &project.path("scripts/yaml.py").into()));
    assert_eq!(answer(&["--file", "app.py"])["origin"], "dist-packages");
    assert_eq!(answer(&["--file", "scripts"])["origin"], "dist-packages", "a folder is no file");
    assert_eq!(answer(&[])["origin"], "dist-packages");
    let page = project.run(&["why", FROM_THE_SYSTEM, "--file", "scripts/run.py"]).stdout;
    assert!(page.contains("scripts, the folder of the file itself\n"), "{page}");
}
