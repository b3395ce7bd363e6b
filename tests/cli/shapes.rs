//! The JSON shapes, key by key, as they are promised.

use serde_json::Value;

use super::{FROM_THE_SYSTEM, Project, python_directory};

/// Asserts that an object has exactly these keys, in this order.
fn assert_keys(value: &Value, keys: &[&str]) {
    let mut found: Vec<_> = value.as_object().unwrap_or_else(|| panic!("{value}")).keys().map(String::as_str).collect();
    let mut wanted = keys.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{value}");
}

fn assert_diagnostic(diagnostic: &Value) {
    assert_keys(
        diagnostic,
        &["code", "severity", "message", "path", "range", "related", "fixes", "url", "module", "cell"],
    );
    assert_keys(&diagnostic["range"], &["start", "end"]);
    assert_keys(&diagnostic["range"]["start"], &["line", "character"]);
    assert_keys(&diagnostic["range"]["end"], &["line", "character"]);
    assert!(diagnostic["path"].as_str().unwrap().starts_with('/'));
    for related in diagnostic["related"].as_array().unwrap() {
        assert_keys(related, &["path", "range", "message"]);
    }
    for fix in diagnostic["fixes"].as_array().unwrap() {
        let kind = fix["kind"].as_str().unwrap();
        assert_keys(fix, &["title", "kind", "safe", kind]);
        assert!(fix["safe"].is_boolean(), "{fix}");
        assert!(if kind == "edit" { fix["edit"].is_array() } else { fix["command"].is_string() }, "{fix}");
    }
}

#[test]
fn check_has_diagnostics_and_a_summary() {
    let project = Project::demo();
    let checked = project.json(&["check"]);
    assert_keys(&checked, &["diagnostics", "summary"]);
    let diagnostics = checked["diagnostics"].as_array().unwrap();
    diagnostics.iter().for_each(assert_diagnostic);
    let [diagnostic] = diagnostics.as_slice() else { panic!("{checked}") };
    assert_eq!(diagnostic["code"], "import-from-os");
    assert_eq!(diagnostic["severity"], "warning");
    assert_eq!(diagnostic["module"], "yaml");
    assert_eq!(diagnostic["path"], project.path("app.py"));
    assert_eq!(diagnostic["range"]["start"], serde_json::json!({ "line": 5, "character": 8 }));
    assert_eq!(diagnostic["range"]["end"], serde_json::json!({ "line": 5, "character": 12 }));
    assert!(diagnostic["url"].as_str().unwrap().ends_with("/import-from-os.md"));
    let summary = &checked["summary"];
    let counts = ["files", "diagnostics", "error", "warning", "information", "hint", "imports", "fixed", "changed"];
    assert_keys(summary, &[counts.as_slice(), &["problems"]].concat());
    assert_eq!((&summary["files"], &summary["warning"]), (&2.into(), &1.into()));
    assert_eq!(summary["imports"]["total"], 5);
    let by_origin = serde_json::json!({ "project": 1, "stdlib": 2, "site-packages": 1, "dist-packages": 1 });
    assert_eq!(summary["imports"]["by_origin"], by_origin);
}

#[test]
fn env_is_one_object() {
    let project = Project::demo();
    let found = project.json(&["env"]);
    assert_keys(
        &found,
        &[
            "interpreter",
            "kind",
            "root",
            "source",
            "considered",
            "broken",
            "sys_path",
            "user_site",
            "roots",
            "project",
            "confidence",
            "startup_code",
            "pip",
            "findings",
            "problems",
        ],
    );
    let interpreter = &found["interpreter"];
    assert_keys(
        interpreter,
        &[
            "executable",
            "real_executable",
            "version",
            "implementation",
            "prefix",
            "base_prefix",
            "abi",
            "externally_managed",
            "starts",
        ],
    );
    assert_eq!(interpreter["implementation"], "cpython");
    assert_eq!(interpreter["prefix"], project.path(".venv"));
    assert_eq!(interpreter["base_prefix"], "/usr");
    assert_eq!(interpreter["real_executable"], format!("/usr/bin/{}", python_directory()));
    if !interpreter["externally_managed"].is_null() {
        assert_keys(&interpreter["externally_managed"], &["marker", "message"]);
    }
    assert_keys(&found["pip"], &["install", "because", "instead"]);
    assert_eq!(found["pip"]["install"], "installs");
    assert_eq!(found["kind"], "venv");
    assert_keys(&found["source"], &["kind", "detail"]);
    assert_eq!(found["source"]["kind"], "project-venv");
    for considered in found["considered"].as_array().unwrap() {
        assert_keys(considered, &["kind", "detail", "outcome"]);
    }
    assert_keys(&found["user_site"], &["path", "enabled"]);
    let roots = found["roots"].as_array().unwrap();
    for root in roots {
        assert_keys(root, &["path", "origin", "exists", "added_by"]);
    }
    let paths: Vec<_> = roots.iter().map(|root| root["path"].clone()).collect();
    assert_eq!(&paths, found["sys_path"].as_array().unwrap());
    let site = roots.iter().find(|root| root["origin"] == "site-packages").unwrap();
    assert_eq!(site["path"], project.path(&format!(".venv/lib/{}/site-packages", python_directory())));
    let os = roots.iter().find(|root| root["origin"] == "dist-packages").unwrap();
    assert_eq!(os["added_by"], format!("{}:2", project.path(".venv/pyvenv.cfg")));
}

#[test]
fn why_is_one_object_a_name() {
    let project = Project::demo();
    let answers = project.json(&["why", FROM_THE_SYSTEM, "sys", "helper", "inside", "no_such_module", "json"]);
    let [yaml, sys, helper, inside, absent, json] = answers.as_array().unwrap().as_slice() else { panic!("{answers}") };
    for answer in answers.as_array().unwrap() {
        assert_keys(
            answer,
            &[
                "module",
                "kind",
                "path",
                "locations",
                "origin",
                "root",
                "distribution",
                "os_package",
                "dangling",
                "declared",
                "shadows",
                "elsewhere",
                "offered",
                "without",
                "or",
                "stubs",
                "foreign_extensions",
                "owned_by",
                "confidence",
                "startup_code",
            ],
        );
    }
    assert_eq!((&yaml["kind"], &yaml["origin"]), (&"package".into(), &"dist-packages".into()));
    assert_eq!(yaml["path"], "/usr/lib/python3/dist-packages/yaml/__init__.py");
    assert_eq!(yaml["locations"], serde_json::json!(["/usr/lib/python3/dist-packages/yaml"]));
    assert_eq!(yaml["root"], "/usr/lib/python3/dist-packages");
    assert_keys(&yaml["distribution"], &["name", "version", "installer"]);
    assert_eq!(yaml["distribution"]["name"], "PyYAML");
    assert_keys(&yaml["os_package"], &["name", "version"]);
    assert_eq!(yaml["os_package"]["name"], "python3-yaml");
    assert_eq!(yaml["declared"], "PyYAML>=6");
    assert_eq!((&sys["kind"], &sys["path"], &sys["origin"]), (&"builtin".into(), &Value::Null, &"stdlib".into()));
    assert_eq!((&helper["origin"], &helper["path"]), (&"project".into(), &project.path("helper.py").into()));
    assert_eq!(inside["origin"], "site-packages");
    assert_eq!((&absent["kind"], &absent["origin"]), (&"unresolved".into(), &Value::Null));
    assert_eq!(json["path"], format!("/usr/lib/{}/json/__init__.py", python_directory()));
    assert_keys(&helper["confidence"], &["kind", "because"]);
    let started = serde_json::json!(["programs are started in the project's folder"]);
    assert_eq!(
        (&helper["confidence"]["kind"], &helper["confidence"]["because"]),
        (&"assumes-run-mode".into(), &started)
    );
    assert_eq!((&sys["confidence"]["kind"], &sys["confidence"]["because"]), (&"exact".into(), &serde_json::json!([])));
}

#[test]
fn env_and_why_have_one_word_for_how_far_they_know() {
    let project = Project::new().with_venv(false);
    let file = format!(".venv/lib/{}/site-packages/own.pth", python_directory());
    project.write(&file, "import likes\n");
    project.write(&file.replace("own.pth", "likes.py"), "");
    let words = ["unless-startup-code", "exact"];
    let kind = |found: &Value| found["confidence"]["kind"].as_str().map(str::to_owned);
    let answers = project.json(&["why", "json", "sys"]);
    let found: Vec<_> = answers.as_array().unwrap().iter().filter_map(kind).collect();
    assert_eq!((found, kind(&project.json(&["env"]))), (words.map(str::to_owned).to_vec(), Some(words[0].to_owned())));
    let nowhere = Project::new();
    nowhere.write(".venv/pyvenv.cfg", "home = /nowhere\n");
    let found = nowhere.json(&["env"]);
    assert_eq!(kind(&found).as_deref(), Some("unknown"), "{found}");
    assert_eq!(found["confidence"]["because"], serde_json::json!([found["broken"]["reason"]]));
}

#[test]
fn why_says_which_code_at_start_may_change_the_answer() {
    let project = Project::new().with_venv(false);
    let file = format!(".venv/lib/{}/site-packages/own.pth", python_directory());
    project.write(&file, "# what it runs is not known\nimport likes\n");
    project.write(&file.replace("own.pth", "likes.py"), "");
    let names = ["why", "likes", "sys", "no_such_module"];
    let answers = project.json(&names);
    let code = serde_json::json!({ "path": project.path(&file), "line": 2 });
    let said = |at: usize| answers[at]["startup_code"].as_array().unwrap();
    assert!(said(0).contains(&code) && said(2).contains(&code), "{answers}");
    assert!(said(1).is_empty(), "nothing is found before what is built in: {answers}");
    let shown = project.run(&names).stdout;
    let line = format!("Start-up code {file}:2 runs; what it does to the path is not known\n");
    assert_eq!(shown.matches(&line).count(), 1, "{shown}");
}

#[test]
fn why_names_what_is_hidden_and_where_else_a_module_is() {
    let project = Project::demo();
    project.write("inside.py", "");
    let [answer] = project.json(&["why", "inside"]).as_array().unwrap().clone().try_into().unwrap();
    assert_eq!(answer["origin"], "project");
    let [shadowed] = answer["shadows"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_keys(shadowed, &["path", "origin"]);
    assert_eq!(shadowed["origin"], "site-packages");

    let project = Project::new().with_venv(false);
    let [answer] = project.json(&["why", FROM_THE_SYSTEM]).as_array().unwrap().clone().try_into().unwrap();
    assert_eq!(answer["kind"], "unresolved");
    let elsewhere = answer["elsewhere"].as_array().unwrap();
    assert_keys(&elsewhere[0], &["environment", "path", "how", "os_package"]);
    assert_eq!(elsewhere[0]["how"], "operating-system");
    assert_eq!(elsewhere[0]["path"], "/usr/lib/python3/dist-packages/yaml/__init__.py");
}

#[test]
fn rule_has_its_page() {
    let project = Project::new();
    let rules = project.json(&["rule"]);
    for rule in rules.as_array().unwrap() {
        assert_keys(rule, &["code", "opt_in", "severity", "summary", "url", "page"]);
        let code = rule["code"].as_str().unwrap();
        assert_eq!(project.json(&["rule", code]), *rule);
        let page = project.run(&["rule", code]).stdout;
        assert_eq!(page.trim_end(), rule["page"].as_str().unwrap().trim_end());
        assert!(page.starts_with(&format!("# {code}\n")), "{page}");
    }
}
