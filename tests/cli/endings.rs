//! Exit codes, options, and a reader that goes away.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use super::{FROM_THE_SYSTEM, Project};

#[test]
fn nothing_to_report_is_zero() {
    let project = Project::new().with_venv(false);
    project.write("app.py", "import json\n");
    let ended = project.run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    assert!(ended.stdout.starts_with("No diagnostics in 1 file\n"), "{}", ended.stdout);
}

#[test]
fn a_warning_is_one_unless_zero_is_asked_for() {
    let project = Project::demo();
    assert_eq!(project.run(&["check"]).code, 1);
    assert_eq!(project.run(&["check", "--exit-zero"]).code, 0);
    assert_eq!(project.run(&["--exit-zero", "check"]).code, 0, "options stand before the command too");
    assert_eq!(project.run(&["check", "--ignore", "import-from-os"]).code, 0);
    assert_eq!(project.run(&["check", "--select", "env-none,import-from-base"]).code, 0);
    assert_eq!(project.run(&["check", "--severity"]).code, 2);
}

#[test]
fn a_misspelled_rule_is_a_usage_error_that_names_the_nearest() {
    let project = Project::new();
    for arguments in [["check", "--select", "import-form-os"], ["check", "--ignore", "import-from-os2"]] {
        let ended = project.run(&arguments);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains("'import-from-os'"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    let ended = project.run(&["rule", "env-nine"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("a similar value exists: 'env-none'"), "{}", ended.stderr);
}

#[test]
fn usage_errors_are_two_and_leave_standard_output_alone() {
    let project = Project::new();
    let wrong: [&[&str]; 9] = [
        &[],
        &["chek"],
        &["why"],
        &["check", "absent.py"],
        &["check", "--config", "absent.toml"],
        &["env", "--project", "absent"],
        &["env", "--output-format", "github"],
        &["why", "json", "--file", "absent.py"],
        &["check", "--isolated", "--config", "x.toml"],
    ];
    for arguments in wrong {
        let ended = project.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}{}", ended.stdout, ended.stderr);
        assert_ne!(ended.stderr, "", "{arguments:?}");
    }
}

#[test]
fn an_interpreter_that_is_not_there_is_an_error_and_never_replaced() {
    let project = Project::demo();
    let ended = project.run(&["check", "--python", "/nowhere/python"]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(ended.stderr.contains("/nowhere/python"), "{}", ended.stderr);
    let ended = project.run(&["env", "--python", "/nowhere/python"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    project.write("old/python2.7", "\u{7f}ELF");
    fs::set_permissions(project.root.join("old/python2.7"), fs::Permissions::from_mode(0o755)).unwrap();
    let ended = project.run(&["check", "--python", "old/python2.7"]);
    let said = "fromwhere: --python old/python2.7: is Python 2, which fromwhere does not read\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (2, said));
}

#[test]
fn env_and_why_are_one_where_the_answer_is_a_failure() {
    let project = Project::demo();
    assert_eq!(project.run(&["env"]).code, 0);
    assert_eq!(project.run(&["why", "json", FROM_THE_SYSTEM]).code, 0);
    assert_eq!(project.run(&["why", "json", "no_such_module"]).code, 1);
    let bare = Project::new();
    let ended = bare.command(&["env"]).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stdout));
    bare.write("app.py", "import json\n");
    let ended = bare.command(&["check"]).env("PATH", "/nowhere").output().unwrap();
    let said = format!("fromwhere: {}: no Python was found, so no import can be followed\n", bare.root.display());
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(2), said.as_str()));
}

#[test]
fn color_is_for_terminals_unless_it_is_asked_for() {
    let project = Project::demo();
    let colored = |arguments: &[&str]| project.run(arguments).stdout.contains('\x1b');
    assert!(!colored(&["check"]));
    assert!(!colored(&["check", "--color", "never"]));
    assert!(colored(&["check", "--color", "always"]));
    assert!(colored(&["--color=always", "env"]));
}

#[test]
fn quiet_leaves_the_summary_out() {
    let project = Project::new().with_venv(false);
    project.write("app.py", "import json\n");
    let ended = project.run(&["check", "-q"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let project = Project::new();
    let names: Vec<String> = (0..20_000).map(|number| format!("absent_{number}")).collect();
    project.write("names", names.join("\n"));
    let input = fs::File::open(project.root.join("names")).unwrap();
    let mut command = project.command(&["why", "-"]);
    let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 8];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"`absent_");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn output_that_cannot_be_written_is_two() {
    let project = Project::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = project.command(&["rule"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("fromwhere: standard output: "));
}

#[test]
fn names_come_from_standard_input_and_keep_their_order() {
    let project = Project::demo();
    let ended = project.run_with_input(
        &["why", "-", "helper", "--output-format", "json"],
        "sys\n\n  json.decoder \r\nno_such_module\nnot/a/name\n..\n",
    );
    let answers: Vec<serde_json::Value> = serde_json::from_str(&ended.stdout).unwrap();
    let modules: Vec<_> = answers.iter().map(|answer| answer["module"].as_str().unwrap()).collect();
    assert_eq!(modules, ["sys", "json.decoder", "no_such_module", "not/a/name", "..", "helper"]);
    let kinds: Vec<_> = answers.iter().map(|answer| answer["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["builtin", "source", "unresolved", "unresolved", "unresolved", "source"]);
    assert_eq!(ended.code, 1);
}

#[test]
fn completions_are_a_script() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = project.run(&["completions", shell]);
        assert_eq!(ended.code, 0);
        assert!(ended.stdout.contains("fromwhere"), "{shell}");
    }
}
