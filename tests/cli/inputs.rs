//! Broken inputs: each is named in one line, and the rest of the project is still checked.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{MANIFEST, Project};

/// Asserts that a file met on the walk is named with its cause, and that `app.py` beside it is still checked.
fn assert_passed_over(project: &Project, file: &str, cause: &str) {
    let ended = project.run(&["check"]);
    assert!(
        ended.stderr.lines().any(|line| line == format!("fromwhere: {}: {cause}", project.path(file))),
        "{}",
        ended.stderr
    );
    assert!(ended.stdout.contains("app.py:5:8"), "{}", ended.stdout);
    assert_eq!(ended.code, 1, "what is met on the way changes no exit code");
}

#[test]
fn bytes_that_are_no_python_source() {
    let project = Project::demo();
    project.write("binary.py", b"\x7fELF\x02\x01\x01\0\0");
    assert_passed_over(&project, "binary.py", "has null bytes: not Python source");
    project.write("greek.py", b"import os\n# \xe1\xe2\n");
    assert_passed_over(&project, "greek.py", "is not UTF-8 (line 2) and declares no other encoding");
    project.write("huge.py", "#".repeat(8 * 1024 * 1024 + 1));
    assert_passed_over(&project, "huge.py", "larger than 8 MiB");
}

#[test]
fn declared_encodings_and_byte_order_marks() {
    let project = Project::demo();
    project.write("app.py", b"# -*- coding: latin-1 -*-\n# \xe9\n\n\nimport yaml  # \xe9\n");
    project.write("marked.py", b"\xef\xbb\xbfimport yaml\n");
    project.write("euro.py", b"# coding: cp1252\n# \x80\nimport yaml\n");
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.contains("app.py:5:8: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("marked.py:1:8: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("euro.py:3:8: "), "{}", ended.stdout);
}

#[test]
fn a_script_without_a_suffix_is_met_where_it_may_be_executed() {
    let project = Project::demo();
    for (name, first) in [("bootstrap", "#!/bin/sh"), ("notes", "#!/bin/sh"), ("tool", "#!/usr/bin/env python3")] {
        project.write(name, format!("{first}\nsudo pip install six\n"));
    }
    for name in ["bootstrap", "tool"] {
        fs::set_permissions(project.root.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let ended = project.run(&["check", "--output-format", "concise"]);
    let told: Vec<&str> = ended.stdout.lines().filter(|line| line.contains("pip-externally-managed")).collect();
    assert!(told.len() == 1 && told[0].starts_with("bootstrap:2:1: "), "{}", ended.stdout);
    let named = project.run(&["check", "--output-format", "concise", "notes"]);
    assert!(named.stdout.contains("notes:2:1: warning[pip-externally-managed]"), "{}", named.stdout);
}

#[test]
fn things_that_are_no_files() {
    let project = Project::demo();
    rustix::fs::mkfifoat(rustix::fs::CWD, project.root.join("pipe.py"), rustix::fs::Mode::RWXU).unwrap();
    assert_passed_over(&project, "pipe.py", "not a regular file");
    symlink("loop.py", project.root.join("loop.py")).unwrap();
    assert_passed_over(&project, "loop.py", "too many levels of symbolic links");
    symlink("gone.py", project.root.join("dangling.py")).unwrap();
    assert_passed_over(&project, "dangling.py", "no such file or directory");
    symlink("..", project.root.join("upward")).unwrap();
    assert_passed_over(&project, "pipe.py", "not a regular file");
    fs::create_dir(project.root.join("folder.py")).unwrap();
    assert_passed_over(&project, "pipe.py", "not a regular file");
}

#[test]
fn an_unreadable_file() {
    let project = Project::demo();
    project.write("secret.py", "import yaml\n");
    fs::set_permissions(project.root.join("secret.py"), fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(project.root.join("secret.py")).is_ok() {
        // Root reads everything: no permission can be taken away, and the file is checked like any other.
        assert!(project.run(&["check"]).stdout.contains("secret.py:1:8"));
    } else {
        assert_passed_over(&project, "secret.py", "permission denied");
    }
}

#[test]
fn what_is_named_and_cannot_be_read_is_two() {
    let project = Project::demo();
    project.write("binary.py", b"\0");
    let ended = project.run(&["check", "binary.py", "app.py"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.contains("app.py:5:8"), "{}", ended.stdout);
    assert_eq!(ended.stderr, format!("fromwhere: {}: has null bytes: not Python source\n", project.path("binary.py")));
}

#[test]
fn half_written_source_is_checked_as_far_as_it_goes() {
    let project = Project::demo();
    project.write("half.py", "import yaml\nfrom json import (\ndef f(:\n    import \n'''");
    let ended = project.run(&["check", "half.py", "--output-format", "concise"]);
    assert!(ended.stdout.contains("half.py:1:8: "), "{}", ended.stdout);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
}

#[test]
fn source_nested_beyond_reason() {
    let project = Project::demo();
    // Behind the last word that could import nothing is read, however deep it is.
    project.write("deep.py", format!("import yaml\nx = {} import", "(".repeat(200_000)));
    assert_passed_over(&project, "deep.py", "nests too deep, so its imports were not read");
    let ended = project.run(&["check", "deep.py"]);
    assert_eq!(ended.code, 2, "what is named and cannot be read is two");
    assert_eq!(ended.stderr.matches("nests too deep").count(), 1, "{}", ended.stderr);
}

#[test]
fn a_broken_manifest_is_named_and_the_rest_goes_on() {
    let project = Project::demo();
    project.write("pyproject.toml", format!("{MANIFEST}[tool.fromwhere\n"));
    let ended = project.run(&["check"]);
    assert!(ended.stderr.contains(&format!("fromwhere: {}:5: ", project.path("pyproject.toml"))), "{}", ended.stderr);
    assert!(ended.stdout.contains("app.py:5:8"), "{}", ended.stdout);
}

#[test]
fn pyvenv_cfg_with_anything_in_it() {
    let endless = "x".repeat(100_000);
    let contents: [&[u8]; 6] =
        [b"", b"\0\0\0", b"home\n", b"home = \xff\xfe\n", b"= = =\n\n\nhome=/nowhere\r\n", endless.as_bytes()];
    for content in contents {
        let project = Project::demo();
        project.write(".venv/pyvenv.cfg", content);
        for command in ["check", "env"] {
            let ended = project.run(&[command]);
            assert!(ended.code < 2, "{command} {}: {}", String::from_utf8_lossy(content), ended.stderr);
            assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        }
    }
}

#[test]
fn what_a_walk_leaves_out() {
    let project = Project::demo();
    for place in ["node_modules/x.py", ".hidden/x.py", "other/x.py", "site-packages/x.py", "ignored/x.py"] {
        project.write(place, "import yaml\n");
    }
    project.write("other/pyvenv.cfg", "");
    project.write(".gitignore", "ignored/\n");
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    let ended = project.run(&["check", "--output-format", "concise", "ignored", ".hidden/x.py"]);
    assert_eq!(ended.stdout.lines().count(), 2, "what is named is checked: {}", ended.stdout);
}

#[test]
fn an_environment_with_a_pipe_for_its_file() {
    let project = Project::demo();
    let pipe = project.path(".venv/pyvenv.cfg");
    fs::remove_file(&pipe).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe.as_str(), rustix::fs::Mode::RWXU).unwrap();
    let ended = project.run(&["env"]);
    assert!(ended.stderr.contains(&format!("{pipe}: not a regular file")), "{}", ended.stderr);
}

#[test]
fn a_python_that_the_configuration_names_in_vain() {
    let project = Project::demo();
    project.write("fromwhere.toml", "python = \"/dev/zero\"\n");
    let ended = project.run(&["check", "--output-format", "concise"]);
    let said = "fromwhere.toml:1:10: error[venv-interpreter-missing] `/dev/zero` is the Python to use here, but ";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    assert!(ended.stdout.contains("it is not a regular file"), "{}", ended.stdout);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    project.write("fromwhere.toml", "python = \".gone\"\n");
    let ended = project.run(&["check", "-q", "--output-format", "concise"]);
    assert!(ended.stdout.contains("`.gone` is the Python to use here, but is not there"), "{}", ended.stdout);
    assert_eq!(ended.code, 1);
}

#[test]
fn a_configuration_that_is_no_file() {
    let project = Project::demo();
    let ended = project.run(&["check", "--config", "/dev/zero"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (2, "fromwhere: --config /dev/zero: not a regular file\n"));
}
