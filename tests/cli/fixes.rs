//! `check --fix` and `check --diff` on real files.
//!
//! **Invariant:** a file is changed only by `--fix`, only where a fix is safe, and keeps everything but the edit.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use super::Project;

const UNDECLARED: &str = "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\"attrs\"]\n";
const DECLARED: &str = "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\"attrs\", \"PyYAML\"]\n";

/// A project whose `yaml` is Debian's and not declared.
fn undeclared() -> Project {
    let project = Project::demo();
    project.write("pyproject.toml", UNDECLARED);
    project
}

fn manifest(project: &Project) -> String {
    fs::read_to_string(project.root.join("pyproject.toml")).unwrap()
}

#[test]
fn what_is_safe_is_applied_and_the_rest_is_reported() {
    let project = undeclared();
    let ended = project.run(&["check", "--fix"]);
    assert_eq!(manifest(&project), DECLARED);
    assert_eq!(ended.code, 1, "`yaml` still comes from Debian");
    assert!(ended.stdout.ends_with("\n1 fix applied to pyproject.toml\n"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("Add `PyYAML`"), "{}", ended.stdout);
    let again = project.run(&["check", "--fix"]);
    assert_eq!(manifest(&project), DECLARED);
    assert!(!again.stdout.contains("applied"), "{}", again.stdout);
}

#[test]
fn json_tells_what_was_fixed() {
    let project = undeclared();
    let said = project.json(&["check", "--fix"]);
    assert_eq!(said["summary"]["fixed"], 1);
    assert_eq!(said["summary"]["changed"], serde_json::json!([project.path("pyproject.toml")]));
    let said = project.json(&["check"]);
    assert_eq!((&said["summary"]["fixed"], &said["summary"]["changed"]), (&0.into(), &serde_json::json!([])));
}

#[test]
fn a_difference_changes_nothing_and_is_what_git_and_patch_apply() {
    let project = undeclared();
    let ended = project.run(&["check", "--diff"]);
    assert_eq!((ended.code, manifest(&project).as_str()), (1, UNDECLARED));
    assert_eq!(ended.stderr, "fromwhere: 1 fix would be applied to pyproject.toml\n");
    assert!(ended.stdout.starts_with("--- a/pyproject.toml\n+++ b/pyproject.toml\n@@ "), "{}", ended.stdout);
    let mut applied = Command::new("git")
        .args(["apply", "-"])
        .current_dir(&project.root)
        .env("GIT_CEILING_DIRECTORIES", &project.root)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    applied.stdin.take().unwrap().write_all(ended.stdout.as_bytes()).unwrap();
    assert!(applied.wait().unwrap().success());
    assert_eq!(manifest(&project), DECLARED);
    let ended = project.run(&["check", "--diff"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""), "nothing is left to fix");
}

#[test]
fn a_difference_is_no_report() {
    let project = undeclared();
    let ended = project.run(&["check", "--diff", "--output-format", "json"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_eq!(project.run(&["check", "--diff", "--statistics"]).code, 2);
}

#[test]
fn mode_line_ends_and_encoding_stay() {
    let project = undeclared();
    project.write("pyproject.toml", format!("# é\n{UNDECLARED}").replace('\n', "\r\n"));
    let path = project.root.join("pyproject.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let owner = fs::metadata(&path).unwrap().uid();
    project.run(&["check", "--fix"]);
    assert_eq!(manifest(&project), format!("# é\n{DECLARED}").replace('\n', "\r\n"));
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.mode() & 0o7777, after.uid()), (0o640, owner));
    let left = fs::read_dir(&project.root)
        .unwrap()
        .flatten()
        .filter(|it| it.file_name().to_string_lossy().contains(".fromwhere-"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_link_is_left_alone_and_named() {
    let project = undeclared();
    let real = project.root.with_file_name("elsewhere.toml");
    fs::rename(project.root.join("pyproject.toml"), &real).unwrap();
    symlink(&real, project.root.join("pyproject.toml")).unwrap();
    let ended = project.run(&["check", "--fix"]);
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        format!(
            "fromwhere: {}: not fixed: it is a link, and what it leads to is left alone\n",
            project.path("pyproject.toml")
        )
    );
    assert_eq!(fs::read_to_string(&real).unwrap(), UNDECLARED);
    assert!(ended.stdout.contains("Add `PyYAML`"), "what was not fixed is reported: {}", ended.stdout);
    assert!(!ended.stdout.contains("applied"), "{}", ended.stdout);
}

#[test]
fn what_may_not_be_written_is_named() {
    let project = undeclared();
    let path = project.root.join("pyproject.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let ended = project.run(&["check", "--fix"]);
    if fs::File::options().append(true).open(&path).is_ok() {
        // Root writes everything.
        assert_eq!(manifest(&project), DECLARED);
    } else {
        let said = format!("fromwhere: {}: not fixed: permission denied\n", project.path("pyproject.toml"));
        assert_eq!((ended.code, ended.stderr), (2, said));
        assert_eq!(manifest(&project), UNDECLARED);
    }
}
