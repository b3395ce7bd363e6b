//! Literate cases: Markdown that is read by people and run as tests.
//!
//! In: `tests/cases/*.md` and the rules' own pages. Out: a readable list of what is unexpected and what is missing.
//!
//! **Invariant:** every heading without headings below it is one case; its fenced blocks are its whole world.
//!
//! The syntax is written down in `tests/cases/README.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

mod document;
mod expectation;
mod judge;
mod kinds;
mod nearness;
mod silence;
mod world;

#[test]
fn cases() {
    let files = markdown("tests/cases");
    let count = run_all(&files.into_iter().filter(|it| !it.ends_with("README.md")).collect::<Vec<_>>());
    assert!(count >= 40, "only {count} cases were found");
}

#[test]
fn pages_of_rules_show_what_they_say() {
    run_all(&markdown("server/core/rules"));
}

#[test]
fn every_rule_can_be_silenced() {
    let (mut silenced, mut reports) = (BTreeSet::new(), Vec::new());
    for path in markdown("tests/cases").into_iter().chain(markdown("server/core/rules")) {
        let text = fs::read_to_string(&path).expect("the pages can be read");
        for case in document::read(&text).iter().filter(|_| !path.ends_with("README.md")) {
            let (rules, report) = silence::silence(case).expect("a case that can be run");
            silenced.extend(rules);
            if !report.is_empty() {
                reports.push(format!("\n{} · {}\n{}", path.display(), case.name, report.join("\n")));
            }
        }
    }
    assert!(reports.is_empty(), "{} cases fail\n{}", reports.len(), reports.join("\n"));
    let all: BTreeSet<_> = fromwhere_core::rules::Rule::ALL.iter().copied().collect();
    assert_eq!(silenced, all, "every rule fires in some case");
}

#[test]
fn every_rule_fires_and_does_not_and_is_softened_and_is_suppressed() {
    let mut proved = kinds::Proved::default();
    for path in markdown("tests/cases").into_iter().chain(markdown("server/core/rules")) {
        let text = fs::read_to_string(&path).expect("the pages can be read");
        kinds::prove(&document::read(&text), &mut proved);
    }
    let all = fromwhere_core::rules::Rule::ALL.iter();
    let all = all.flat_map(|rule| kinds::Kind::ALL.map(|kind| (*rule, kind)));
    let missing: Vec<String> =
        all.filter(|it| !proved.kinds.contains(it)).map(|(rule, kind)| format!("{}: {kind:?}", rule.code())).collect();
    assert!(missing.is_empty(), "{} kinds of cases are missing:\n{}", missing.len(), missing.join("\n"));
    assert_eq!(proved.reasons, kinds::reasons(), "every reason softens something");
}

#[test]
fn every_rule_has_a_whole_page() {
    for rule in fromwhere_core::rules::Rule::ALL {
        let page = rule.page();
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings.first().copied(), Some(&*format!("# {}", rule.code())), "{}", rule.code());
        for heading in ["## What it does", "## Why it matters", "## How to fix", "## Example"] {
            assert!(headings.contains(&heading), "{} has no `{heading}`", rule.code());
        }
        let fires = document::read(page)
            .iter()
            .any(|case| case.blocks.iter().any(|block| block.content.contains(&format!("[{}]", rule.code()))));
        assert!(fires, "the page of {} has no example in which it fires", rule.code());
    }
}

#[test]
fn a_case_that_is_wrong_fails() {
    let text = "# A\n\n```world\nDebian 12\n```\n\n```python app.py\nimport os  # error: [import-from-os]\n```\n";
    let wrong = document::read(text);
    let report = judge::run(&wrong[0]).unwrap_err();
    assert!(report.contains("missing"), "{report}");
    let text = "# A\n\n```world\nDebian 12\n```\n\n```python app.py\nimport yaml\n```\n";
    let report = judge::run(&document::read(text)[0]).unwrap_err();
    assert!(report.contains("unexpected"), "{report}");
    let text = "# A\n\n```world\nDebian 13000\n```\n\n```python app.py\nimport yaml\n```\n";
    assert!(judge::run(&document::read(text)[0]).unwrap_err().contains("Debian 13000"));
}

/// Runs every case of some files and fails with all reports at once; returns how many cases there were.
fn run_all(files: &[PathBuf]) -> usize {
    let (mut count, mut reports) = (0, Vec::new());
    for path in files {
        let mut text = fs::read_to_string(path).expect("the pages can be read");
        if std::env::var_os("UPDATE").is_some() {
            text = updated(&text);
            fs::write(path, &text).expect("the pages can be written");
        }
        for case in document::read(&text) {
            count += 1;
            if let Err(report) = judge::run(&case) {
                reports.push(format!("\n{} · {}\n{report}", path.display(), case.name));
            }
        }
    }
    assert!(reports.is_empty(), "{} of {count} cases fail\n{}", reports.len(), reports.join("\n"));
    count
}

/// Writes into every `terminal` block what it should hold: `UPDATE=1 cargo test --test tests cases`.
fn updated(text: &str) -> String {
    let cases = document::read(text);
    let mut blocks: Vec<_> = cases.iter().flat_map(|case| judge::terminals(case).unwrap_or_default()).collect();
    blocks.sort_by_key(|(block, _)| std::cmp::Reverse(block.begins));
    blocks.dedup_by_key(|(block, _)| block.begins);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (block, content) in blocks {
        let old = block.begins..block.begins + block.content.lines().count();
        lines.splice(old, content.lines().map(str::to_owned));
    }
    lines.join("\n") + "\n"
}

fn markdown(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "md"));
    files.sort();
    files
}
