//! What people read.

use super::{FROM_THE_SYSTEM, Project};

/// What differs from machine to machine: versions of what is installed, above all.
const VERSIONS: [(&str, &str); 8] = [
    (r"python3\.\d+", "python3.X"),
    (r"python3\d+\.zip", "python3X.zip"),
    (r"CPython 3\.\d+\.\d+\S*", "CPython [VERSION]"),
    (r"cpython-3\d+-\S+", "[ABI]"),
    // Some machines run code of their own at start; columns are as wide as the longest path.
    (r"\n\n(?:Start-up code .*\n)+exit", "\nexit"),
    (r"(?m)^Start-up code .*\n", ""),
    (r" {2,}", "  "),
    (r"(PyYAML|python3-yaml) \d[\w.+~:-]*", "$1 [VERSION]"),
];

fn assert_text(project: &Project, name: &str, arguments: &[&str]) {
    let ended = project.run(arguments);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    for (pattern, replacement) in project.filters() {
        settings.add_filter(&pattern, replacement);
    }
    for (pattern, replacement) in VERSIONS {
        settings.add_filter(pattern, replacement);
    }
    let shown = format!("{}{}exit {}", ended.stdout, ended.stderr, ended.code);
    settings.bind(|| insta::assert_snapshot!(format!("cli-{name}"), shown));
}

#[test]
fn check_shows_frames() {
    assert_text(&Project::demo(), "check", &["check"]);
}

#[test]
fn check_is_concise() {
    assert_text(&Project::demo(), "check-concise", &["check", "--output-format", "concise"]);
}

#[test]
fn check_speaks_to_github() {
    assert_text(&Project::demo(), "check-github", &["check", "--output-format=github"]);
}

#[test]
fn check_writes_reports_for_servers() {
    for format in ["gitlab", "junit", "sarif"] {
        let ended = Project::demo().run(&["check", "--output-format", format]);
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("../snapshots");
        for (pattern, replacement) in Project::demo().filters() {
            settings.add_filter(&pattern, replacement);
        }
        // The pages are compared elsewhere, and the fingerprint has no meaning but to be the same next time.
        settings.add_filter(r#""markdown": ".*""#, r#""markdown": "[PAGE]""#);
        settings.add_filter(r"file:///\S*/project/", "[PROJECT]/");
        settings.add_filter(r#""semanticVersion": ".*""#, r#""semanticVersion": "[VERSION]""#);
        let shown = format!("{}{}exit {}", ended.stdout, ended.stderr, ended.code);
        settings.bind(|| insta::assert_snapshot!(format!("cli-check-{format}"), shown));
    }
}

#[test]
fn the_terminal_says_where_only_a_person_can_add_a_dependency() {
    let project = Project::demo();
    std::fs::remove_file(project.root.join("pyproject.toml")).unwrap();
    project.write("setup.py", "from setuptools import setup\n\nsetup(install_requires=open('needs').read())\n");
    let shown = project.run(&["check"]).stdout;
    assert!(shown.contains("help: Add `PyYAML` to what `install_requires` is made from: setup.py:3\n"), "{shown}");
}

#[test]
fn what_is_written_for_programs_names_files_by_their_very_characters() {
    let project = Project::demo();
    project.write("odd\n,:\u{1b}%.py", "import yaml\n");
    let run = |format| project.run(&["check", "--output-format", format, "."]).stdout;
    let gitlab: serde_json::Value = serde_json::from_str(&run("gitlab")).unwrap();
    let paths: Vec<_> = gitlab.as_array().unwrap().iter().map(|it| it["location"]["path"].clone()).collect();
    assert!(paths.contains(&"odd\n,:\u{1b}%.py".into()), "{paths:?}");
    let github = run("github");
    assert!(github.contains("file=odd%0A%2C%3A\\u{1b}%25.py,"), "{github}");
}

#[test]
fn statistics_count_by_rule() {
    let project = Project::demo();
    project.write("other.py", "import yaml\n");
    assert_text(&project, "check-statistics", &["check", "--statistics"]);
    let rows = project.json(&["check", "--statistics"]);
    assert_eq!((&rows[0]["code"], &rows[0]["count"]), (&"import-from-os".into(), &2.into()));
}

#[test]
fn check_shows_a_broken_environment() {
    let project = Project::demo();
    std::fs::remove_file(project.root.join(".venv/bin/python3")).unwrap();
    std::os::unix::fs::symlink("/nowhere/bin/python3", project.root.join(".venv/bin/python3")).unwrap();
    assert_text(&project, "check-broken", &["check"]);
    assert_text(&project, "env-broken", &["env"]);
}

#[test]
fn env_is_a_table() {
    assert_text(&Project::demo(), "env", &["env"]);
}

#[test]
fn env_says_which_tools_were_asked() {
    let project = Project::new();
    project.write("pyproject.toml", "[tool.poetry]\nname = \"app\"\n");
    project.write("environment.yml", "name: science\n");
    project.write("../home/.conda/environments.txt", "/opt/conda/envs/other\n");
    project.write(".python-version", "3.99\n");
    let passed_over = |project: &Project| {
        let said = project.run(&["env"]).stdout.replace(&project.path(""), "");
        let rows =
            said.lines().skip_while(|it| !it.starts_with("Passed over")).take_while(|it| !it.starts_with("Not set"));
        rows.map(|it| it.replace("Passed over", "").trim().to_owned()).collect::<Vec<_>>()
    };
    let said = passed_over(&project);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].ends_with(": no environment between the file and here"), "{said:?}");
    assert!(said[1].starts_with("Poetry: ") && said[1].ends_with("-py*: no such directory"), "{said:?}");
    assert_eq!(said[2], "conda: `science` in environment.yml: conda knows no such environment; it knows `other`");
    assert_eq!(said[3], ".python-version: neither pyenv nor uv has `3.99`");
    project.write("mise.toml", "[env]\n_.python.venv = \"made/by-mise\"\n");
    project.write("made/by-mise/pyvenv.cfg", "home = /usr/bin\n");
    std::fs::create_dir(project.root.join("made/by-mise/bin")).unwrap();
    std::os::unix::fs::symlink("/usr/bin/python3", project.root.join("made/by-mise/bin/python")).unwrap();
    let ended = project.run(&["env"]);
    assert!(ended.stdout.starts_with("made/by-mise (venv) is in force: CPython "), "{}", ended.stdout);
    assert!(ended.stdout.contains("\nChosen by     mise: made/by-mise (mise.toml)\n"), "{}", ended.stdout);
    assert_eq!(passed_over(&project).len(), 3, "what comes after it was not asked");
}

#[test]
fn why_says_where_from() {
    let names = ["why", FROM_THE_SYSTEM, "json", "helper", "inside", "no_such_module", "sys"];
    assert_text(&Project::demo(), "why", &names);
}

#[test]
fn why_says_where_else() {
    assert_text(&Project::new().with_venv(false), "why-elsewhere", &["why", FROM_THE_SYSTEM]);
}

#[test]
fn rules_are_listed() {
    assert_text(&Project::new(), "rules", &["rule"]);
}
