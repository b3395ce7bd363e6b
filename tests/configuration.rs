//! The settings as they are published: the schema, the table in README.md, and what is read in truth.
//!
//! **Invariant:** what is published is what the code has; `UPDATE=1` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use fromwhere_core::diagnostic::Severity;
use fromwhere_core::settings::{KEYS, Kind, SEVERITIES, read, schema};
use fromwhere_core::system::memory::MemorySystem;

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a file with what it has to be.
fn assert_is(path: &str, expected: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(repository(path).parent().unwrap()).unwrap();
        fs::write(repository(path), expected).unwrap();
    }
    let there = fs::read_to_string(repository(path)).unwrap_or_default();
    assert!(there == expected, "{path} is out of date: UPDATE=1 cargo test --test tests configuration");
}

#[test]
fn the_schema_is_what_the_code_reads() {
    let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    assert_is("editors/schema/fromwhere.schema.json", &schema);
}

#[test]
fn the_readme_lists_every_setting() {
    let mut table = "| key | kind | default | command line | meaning |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for key in KEYS.iter().filter(|key| key.in_file) {
        let option = key.option.map_or_else(String::new, |option| format!("`{option}`"));
        let cells = [&format!("`{}`", key.name), key.kind.name(), key.default, &option, key.meaning];
        writeln!(table, "| {} |", cells.join(" | ").replace("|  |", "| |")).unwrap();
    }
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- begin settings -->\n").expect("README.md has a table of settings");
    let (_, after) = rest.split_once("<!-- end settings -->").unwrap();
    assert_is("README.md", &format!("{before}<!-- begin settings -->\n{table}<!-- end settings -->{after}"));
}

/// A value that each kind of key takes, in TOML.
fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "\".venv\"",
        Kind::Boolean => "true",
        Kind::Codes => "[\"import-from-os\"]",
        Kind::Severities => "{ import-from-os = \"error\", env-none = \"off\" }",
        Kind::Modules => "[\"gi\"]",
        Kind::PathTables => "{ \"scripts/*.py\" = { ignore = [\"import-from-os\"] } }",
        Kind::OneOf(_) => "\"auto\"",
    }
}

fn problems(content: &str) -> Vec<String> {
    let mut system = MemorySystem::default();
    system.write("/p/fromwhere.toml", content);
    read(&system, "/p".into(), None, false).1.iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_of_the_table_is_read_and_no_other() {
    for key in KEYS {
        let line = format!("{} = {}\n", key.name, example(key.kind));
        let in_table = format!("[per-path.a]\n{line}");
        if key.in_file {
            assert_eq!(problems(&line), [""; 0]);
            let wrong = problems(&format!("\n{} = 1\n", key.name));
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(&format!("/p/fromwhere.toml:2: `{}` must be ", key.name)), "{wrong:?}");
        } else {
            assert_eq!(problems(&line).len(), 1, "{line}");
        }
        assert_eq!(problems(&in_table).is_empty(), key.in_per_path, "{in_table}");
    }
    for word in SEVERITIES.iter().filter(|word| **word != "off") {
        assert!(Severity::parse(word).is_some(), "{word}");
    }
}

#[test]
fn a_mistake_is_named_at_its_line_with_what_was_meant() {
    let said = problems(
        "python = \".venv\"\n\nigonre = []\n[severity]\nimport-from-so = \"off\"\n[per-path.x]\nallows = []\n",
    );
    assert_eq!(
        said,
        [
            "/p/fromwhere.toml:3: unknown key `igonre`; did you mean `ignore`?",
            "/p/fromwhere.toml:5: unknown rule `import-from-so` in `severity`; did you mean `import-from-os`?",
            "/p/fromwhere.toml:7: unknown key `allows`; did you mean `allow`?",
        ]
    );
}
