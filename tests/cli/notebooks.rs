//! Notebooks: places that people and programs both find, one file for "once a file", and never written.

use std::fs;

use serde_json::json;

use super::Project;

/// Cells as Jupyter writes them, with a blank a level.
fn notebook(cells: &[(&str, &[&str])]) -> String {
    let cell = |(kind, source): &(&str, &[&str])| {
        let mut cell = json!({ "cell_type": kind, "metadata": {}, "source": source });
        if *kind == "code" {
            cell["execution_count"] = json!(null);
            cell["outputs"] = json!([{ "output_type": "stream", "name": "stdout", "text": ["import yaml\n"] }]);
        }
        cell
    };
    let cells: Vec<_> = cells.iter().map(cell).collect();
    let metadata = json!({ "language_info": { "name": "python" } });
    serde_json::to_string_pretty(&json!({ "cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 }))
        .unwrap()
}

fn demo() -> Project {
    let project = Project::demo();
    fs::remove_file(project.root.join("app.py")).unwrap();
    project.write(
        "notes/first.ipynb",
        notebook(&[
            ("markdown", &["import yaml"]),
            ("code", &["%%bash\n", "import yaml\n"]),
            ("code", &["%matplotlib inline\n", "!pip install yaml\n", "é = \"\"; import yaml as other\n"]),
            ("code", &["import yaml\n", "import inside"]),
        ]),
    );
    project
}

#[test]
fn a_module_is_reported_once_a_notebook_at_its_cell() {
    let project = demo();
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert_eq!(
        ended.stdout,
        "notes/first.ipynb:cell 3:3:16: warning[import-from-os] `yaml` comes from Debian (python3-yaml), not from .venv\n"
    );
    let text = project.run(&["check"]).stdout;
    assert!(text.contains("--> notes/first.ipynb:cell 3:3:16"), "{text}");
    assert!(text.contains("3 | é = \"\"; import yaml as other"), "{text}");
    assert!(text.contains("also imported here (notes/first.ipynb:cell 4:1)"), "{text}");
    assert!(text.contains("in 2 files"), "{text}");
}

#[test]
fn a_program_finds_the_letters_in_the_file() {
    let project = demo();
    let found = project.json(&["check"]);
    let diagnostic = &found["diagnostics"][0];
    let lines: Vec<String> =
        fs::read_to_string(project.root.join("notes/first.ipynb")).unwrap().lines().map(str::to_owned).collect();
    let letters = |range: &serde_json::Value| {
        let number = |end: &str, key: &str| usize::try_from(range[end][key].as_u64().unwrap()).unwrap() - 1;
        assert_eq!(range["start"]["line"], range["end"]["line"]);
        let line: Vec<char> = lines[number("start", "line")].chars().collect();
        line[number("start", "character")..number("end", "character")].iter().collect::<String>()
    };
    assert_eq!(letters(&diagnostic["range"]), "yaml");
    let also =
        diagnostic["related"].as_array().unwrap().iter().find(|it| it["message"] == "also imported here").unwrap();
    assert_eq!(letters(&also["range"]), "yaml");
    assert_eq!(diagnostic["cell"]["number"], 3);
    assert_eq!(diagnostic["cell"]["range"]["start"], json!({ "line": 3, "character": 16 }));
    let titles: Vec<&str> =
        diagnostic["fixes"].as_array().unwrap().iter().map(|fix| fix["title"].as_str().unwrap()).collect();
    assert!(titles.iter().all(|title| !title.starts_with("Ignore")), "no edit of a notebook: {titles:?}");
}

#[test]
fn comments_silence_a_line_a_cell_and_a_notebook() {
    let project = demo();
    let ignore = "# fromwhere: ignore[import-from-os]\n";
    let said = |cells: &[(&str, &[&str])]| {
        project.write("notes/first.ipynb", notebook(cells));
        project.run(&["check", "--output-format", "concise"]).stdout
    };
    assert_eq!(said(&[("code", &["import yaml  # fromwhere: ignore"])]), "");
    assert_eq!(said(&[("code", &[ignore, "import json"]), ("code", &["import yaml"])]), "");
    assert_eq!(said(&[("code", &["import json"]), ("code", &[ignore, "import yaml"])]), "");
    let other = said(&[("code", &["import json"]), ("code", &[ignore, "import json"]), ("code", &["import yaml"])]);
    assert!(other.starts_with("notes/first.ipynb:cell 3:1:8: "), "{other}");
}

#[test]
fn fixing_leaves_notebooks_alone() {
    let project = demo();
    project.write("pyproject.toml", "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = []\n");
    let before = fs::read(project.root.join("notes/first.ipynb")).unwrap();
    let ended = project.run(&["check", "--fix"]);
    assert!(ended.stdout.contains("1 fix applied to pyproject.toml"), "{}", ended.stdout);
    assert_eq!(fs::read(project.root.join("notes/first.ipynb")).unwrap(), before);
}

#[test]
fn what_is_no_notebook_is_named_with_its_cause() {
    let project = demo();
    let refused = |content: &[u8]| {
        project.write("bad.ipynb", content);
        let (met, named) = (project.run(&["check"]), project.run(&["check", "bad.ipynb"]));
        assert_eq!((met.code, named.code), (1, 2), "{}", met.stderr);
        assert!(met.stdout.contains("first.ipynb:cell 3"), "the others are checked: {}", met.stdout);
        assert_eq!(met.stderr, named.stderr);
        let line = met.stderr.strip_prefix(&format!("fromwhere: {}", project.path("bad.ipynb"))).unwrap().to_owned();
        line.trim_end().to_owned()
    };
    assert_eq!(refused(b"{ \"cells\": [\n"), ":2: is not JSON: EOF while parsing a list");
    assert_eq!(refused(b"\xff{}"), ": is not UTF-8");
    assert_eq!(refused(b"{\"nbformat\": 4}"), ": is no notebook: it has no `cells`");
    assert_eq!(
        refused(b"{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": 1}]}"),
        ":1: the source of cell 1 is no text"
    );
    let deep = format!(
        "{{\"nbformat\": 4, \"cells\": [{{\"cell_type\": \"code\", \"source\": \"{}\"}}]}}",
        "(".repeat(300_000)
    );
    assert_eq!(refused(deep.as_bytes()), ": nests too deep, so its imports were not read");
    let file = fs::File::create(project.root.join("bad.ipynb")).unwrap();
    file.set_len(64 * 1024 * 1024 + 1).unwrap();
    let ended = project.run(&["check", "bad.ipynb"]);
    assert_eq!(ended.stderr, format!("fromwhere: {}: larger than 64 MiB\n", project.path("bad.ipynb")));
}

#[test]
fn checkpoints_and_other_languages_are_passed_over() {
    let project = demo();
    let content = notebook(&[("code", &["import yaml"])]);
    project.write("notes/.ipynb_checkpoints/first-checkpoint.ipynb", &content);
    project.write("notes/other.ipynb", content.replace("\"python\"", "\"R\""));
    let ended = project.run(&["check", "--output-format", "concise"]);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn what_is_wrong_with_a_kernel_is_told_once() {
    let project = demo();
    let content = notebook(&[("code", &["import inside"])]);
    let content = content.replace("\"language_info\"", "\"kernelspec\": { \"name\": \"mine\" }, \"language_info\"");
    for name in ["a", "b", "c"] {
        project.write(&format!("more/{name}.ipynb"), &content);
    }
    let said = |project: &Project| project.run(&["check", "more", "--output-format", "concise"]).stdout;
    assert_eq!(said(&project), "", "a kernel that is not there leaves the choice to the project");
    project.write(
        "../home/.local/share/jupyter/kernels/mine/kernel.json",
        r#"{"argv": ["/usr/bin/python3", "-m", "ipykernel_launcher"], "language": "python"}"#,
    );
    let told = said(&project);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("more/a.ipynb:") && told.contains("env-mismatch"), "{told}");
}
