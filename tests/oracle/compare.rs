//! The comparison of the two answers.
//!
//! In: a start of an interpreter. Out: nothing, or every difference in words.
//!
//! **Invariant:** texts are compared, not paths: `a//b` is not `a/b`.

use camino::Utf8PathBuf;
use fromwhere_core::interpreter::Interpreter;
use serde_json::{Value, json};

use super::python::Start;

/// The most differing starts that are shown.
const SHOWN: usize = 6;

/// Returns the differences between what an interpreter says and what is computed.
pub(crate) fn differences(start: &Start) -> Vec<String> {
    let real = start.ask(&[]);
    let computed = start.reconstruct();
    let real = match (real, &computed.does_not_start) {
        (Err(_), Some(_)) => return Vec::new(),
        (Err(said), None) => return vec![format!("it does not start ({said}), and that was not foreseen")],
        (Ok(_), Some(reason)) => return vec![format!("it starts, but was said not to: {reason}")],
        (Ok(real), None) => real,
    };
    let mut found = Vec::new();
    for (name, computed) in facts(&computed) {
        // Without `site` nobody has a user site to tell of.
        if name.starts_with("user_site") && real["user_site"].is_null() {
            continue;
        }
        if real[name] != computed {
            found.push(format!("{name}:\n    real     {}\n    computed {computed}", real[name]));
        }
    }
    found
}

/// Fails with all differences of all starts.
pub(crate) fn assert_equal(starts: impl IntoIterator<Item = (String, Start)>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, start) in starts {
        count += 1;
        let found = differences(&start);
        if !found.is_empty() {
            wrong.push(format!("{name}: {} {:?}\n  {}", start.executable, start.flags, found.join("\n  ")));
        }
    }
    assert!(count > 0, "nothing was compared");
    let shown = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {count} differ, the first {SHOWN} of them:\n{shown}", wrong.len());
}

/// What both sides tell, by the names that `ask.py` uses.
fn facts(it: &Interpreter) -> Vec<(&'static str, Value)> {
    let text = |path: &Utf8PathBuf| json!(path.as_str());
    vec![
        ("path", json!(it.search_path.iter().map(|root| root.path.as_str()).collect::<Vec<_>>())),
        ("prefix", text(&it.prefix)),
        ("exec_prefix", text(&it.exec_prefix)),
        ("base_prefix", text(&it.base_prefix)),
        ("base_exec_prefix", text(&it.base_exec_prefix)),
        ("executable", text(&it.executable)),
        ("user_site", it.user_site.path.as_ref().map_or(Value::Null, text)),
        ("user_site_enabled", json!(it.user_site.enabled)),
        ("builtin", json!(it.builtin_modules)),
        ("frozen", json!(it.frozen_modules)),
        ("suffixes", json!(it.extension_suffixes)),
    ]
}
