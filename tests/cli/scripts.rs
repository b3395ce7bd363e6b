//! A file that is run as a script finds its own folder's modules first.

use serde_json::Value;

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

#[test]
fn a_link_runs_where_it_leads() {
    let project = demo();
    project.write("bin/own.py", "import yaml\n");
    std::os::unix::fs::symlink("../scripts/run.py", project.path("bin/link.py")).unwrap();
    let linked = project.run(&["check", "--output-format", "concise", "bin/link.py"]);
    assert_eq!((linked.code, linked.stdout.as_str()), (0, ""), "{}", linked.stderr);
    let both = project.run(&["check", "--output-format", "concise", "bin/link.py", "bin/own.py"]);
    assert!(both.stdout.starts_with("bin/own.py:1:8: "), "{}", both.stdout);
    assert_eq!(both.stdout.lines().count(), 1, "{}", both.stdout);
    let answer = project.json(&["why", "yaml", "--file", "bin/link.py"]);
    assert_eq!(answer[0]["path"], Value::from(project.path("scripts/yaml.py")));
}

#[test]
fn a_shebang_that_ends_in_a_carriage_return_leads_nowhere() {
    let project = Project::demo();
    project.write("tool.py", "#!/usr/bin/python3\r\nimport yaml\r\n");
    let ended = project.run(&["check", "tool.py"]);
    let tool = project.path("tool.py");
    let said =
        format!("fromwhere: {tool}:1: its shebang names `/usr/bin/python3`, but the line ends in a carriage return\n");
    assert_eq!(ended.stderr, said);
    project.write("tool.py", "#!/usr/bin/python3 -I\r\nimport yaml\r\n");
    let said = r"its shebang names `/usr/bin/python3`, but it does not start: `-\r` is none of its switches";
    assert_eq!(project.run(&["check", "tool.py"]).stderr, format!("fromwhere: {tool}:1: {said}\n"));
}

#[test]
fn a_shebang_chooses_the_python_of_its_file_alone() {
    let project = demo();
    project.write("tool.py", "#!/usr/bin/python3 -I\nimport yaml\n");
    project.write("gone.py", "#!/opt/gone/bin/python3\nimport yaml\n");
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    let gone = project.path("gone.py");
    let said = format!("{gone}:1: its shebang names `/opt/gone/bin/python3`, but there is no such file");
    assert_eq!(ended.stderr.matches(&said).count(), 1, "{}", ended.stderr);
    let chosen = |file: &str| -> Value { project.json(&["env", "--file", file]) };
    let environment = chosen("tool.py");
    assert_eq!(environment["source"]["kind"], "shebang");
    assert_eq!(environment["source"]["detail"], "#!/usr/bin/python3 -I");
    assert_eq!(environment["interpreter"]["executable"], "/usr/bin/python3");
    assert_eq!(environment["user_site"]["enabled"], false);
    assert_eq!(chosen("app.py")["source"]["kind"], "project-venv");
    let ended = project.run(&["env", "--file", "gone.py"]);
    assert_eq!((ended.code, ended.stderr.contains(&said)), (1, true), "{}", ended.stderr);
    let argument = project.json(&["env", "--file", "tool.py", "--python", ".venv"]);
    assert_eq!(argument["source"]["kind"], "argument", "what the user says comes first");
    let answer = project.json(&["why", FROM_THE_SYSTEM, "--file", "tool.py"]);
    assert_eq!(answer[0]["root"], "/usr/lib/python3/dist-packages");
    project.write("scripts/isolated.py", "#!/usr/bin/python3 -I\n");
    let answer = project.json(&["why", FROM_THE_SYSTEM, "--file", "scripts/isolated.py"]);
    assert_eq!(answer[0]["origin"], "dist-packages", "under -I its own folder is not looked at");
}

#[test]
fn a_script_whose_environment_is_not_there_yet_is_waited_for() {
    let project = demo();
    project.write("run.py", "# /// script\n# dependencies = [\"PyYAML>=6\"]\n# ///\nimport yaml\nimport rich\n");
    let ended = project.run(&["check", "run.py"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    let ended = project.run(&["env", "--file", "run.py"]);
    assert_eq!(ended.code, 1);
    for line in [
        "No Python is in force: none was found\n",
        "Chosen by     the script itself: ",
        "Not there     uv has not made ",
    ] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
    }
    let answer = project.json(&["why", "yaml", "--file", "run.py"]);
    assert_eq!((&answer[0]["kind"], &answer[0]["declared"]), (&"unresolved".into(), &"PyYAML>=6".into()));
    let page = project.run(&["why", "yaml", "--file", "run.py"]).stdout;
    assert!(page.starts_with("`yaml` is not known: uv has not made this script's environment yet\n"), "{page}");
}

#[test]
fn a_block_that_tools_refuse_is_named_at_its_line() {
    let project = demo();
    project.write("run.py", "# /// script\n# dependencies = [\n# ///\nimport yaml\n");
    for arguments in [&["check"][..], &["env", "--file", "run.py"], &["why", "yaml", "--file", "run.py"]] {
        let ended = project.run(arguments);
        let said = format!("{}:2: not valid TOML: ", project.path("run.py"));
        assert_eq!(ended.stderr.matches(&said).count(), 1, "{arguments:?}: {}", ended.stderr);
    }
}
