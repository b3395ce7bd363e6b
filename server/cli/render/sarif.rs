//! Diagnostics as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>), which code hosts show
//! beside the code.
//!
//! In: what a run has found. Out: one log with one run.
//!
//! **Invariant:** paths below the working directory are relative to it, so a host finds them in the repository.

use std::collections::BTreeSet;

use camino::Utf8Path;
use fromwhere_core::diagnostic::{Diagnostic, Edit, FixAction, Severity};
use fromwhere_core::origin::Problem;
use fromwhere_core::rules::Rule;
use fromwhere_core::text::Range;
use serde_json::{Value, json};
use url::Url;

use super::{Found, fingerprint};
use crate::cli::json;

pub(in crate::cli) fn render(found: &Found<'_>) -> String {
    let places = Places { base: Url::from_directory_path(found.working_directory).ok() };
    let fingerprints = fingerprint::all(found.diagnostics, found.working_directory);
    let rules: BTreeSet<Rule> = found.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    let results = found.diagnostics.iter().zip(fingerprints).map(|(diagnostic, fingerprint)| {
        let mut result = result(diagnostic, &places);
        result["ruleIndex"] = json!(rules.iter().position(|rule| *rule == diagnostic.rule));
        result["partialFingerprints"] = json!({ "fromwhere/v1": fingerprint });
        result
    });
    let notifications: Vec<Value> = found.problems.iter().map(|problem| notification(problem, &places)).collect();
    json::pretty(&json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "fromwhere",
                "informationUri": "https://github.com/fromwhere/fromwhere",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| describe(*rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { BASE: { "uri": places.base.as_ref().map_or("file:///", Url::as_str) } },
            "invocations": [{
                "executionSuccessful": found.complete,
                "toolExecutionNotifications": notifications,
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    }))
}

/// What the working directory is called in the log.
const BASE: &str = "%SRCROOT%";

fn describe(rule: Rule) -> Value {
    json!({
        "id": rule.code(),
        "name": pascal_case(rule.code()),
        "shortDescription": { "text": sentence(rule.summary()) },
        "helpUri": rule.url(),
        "help": { "text": format!("See {}", rule.url()), "markdown": rule.page() },
        "defaultConfiguration": { "level": level(rule.severity()), "enabled": !rule.is_opt_in() },
    })
}

fn result(diagnostic: &Diagnostic, places: &Places) -> Value {
    let related = diagnostic.related.iter().enumerate().map(|(id, related)| {
        let mut location = places.location(&related.path, related.range);
        location["id"] = json!(id);
        location["message"] = json!({ "text": related.message });
        location
    });
    let mut result = json!({
        "ruleId": diagnostic.rule.code(),
        "level": level(diagnostic.severity),
        "message": { "text": sentence(&diagnostic.message) },
        "locations": [places.location(&diagnostic.path, diagnostic.range)],
        "relatedLocations": related.collect::<Vec<_>>(),
    });
    let fixes: Vec<Value> = diagnostic
        .fixes
        .iter()
        .filter_map(|fix| match &fix.action {
            FixAction::Edit(edits) => Some(json!({
                "description": { "text": fix.title },
                "artifactChanges": edits.iter().map(|edit| change(edit, places)).collect::<Vec<_>>(),
            })),
            FixAction::Command(_) | FixAction::Open(..) => None,
        })
        .collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    // SARIF has no place for a command line that a person may run.
    let commands: Vec<&str> = diagnostic
        .fixes
        .iter()
        .filter_map(|fix| match &fix.action {
            FixAction::Command(command) => Some(command.as_str()),
            FixAction::Edit(_) | FixAction::Open(..) => None,
        })
        .collect();
    if !commands.is_empty() {
        result["properties"] = json!({ "commands": commands });
    }
    result
}

fn change(edit: &Edit, places: &Places) -> Value {
    json!({
        "artifactLocation": places.artifact(&edit.path),
        "replacements": [{ "deletedRegion": region(edit.range), "insertedContent": { "text": edit.replacement } }],
    })
}

fn notification(problem: &Problem, places: &Places) -> Value {
    let mut place = json!({ "artifactLocation": places.artifact(&problem.path) });
    if let Some(line) = problem.line {
        place["region"] = json!({ "startLine": line });
    }
    json!({
        "level": "warning",
        "message": { "text": sentence(&problem.message) },
        "locations": [{ "physicalLocation": place }],
    })
}

/// Where the log's relative paths begin.
struct Places {
    base: Option<Url>,
}

impl Places {
    fn location(&self, path: &Utf8Path, range: Range) -> Value {
        json!({ "physicalLocation": { "artifactLocation": self.artifact(path), "region": region(range) } })
    }

    fn artifact(&self, path: &Utf8Path) -> Value {
        let Ok(url) = Url::from_file_path(path) else { return json!({ "uri": path.as_str() }) };
        let inside = self.base.as_ref().filter(|base| url.as_str().starts_with(base.as_str()));
        match inside.and_then(|base| base.make_relative(&url)) {
            Some(relative) => json!({ "uri": relative, "uriBaseId": BASE }),
            None => json!({ "uri": url.as_str() }),
        }
    }
}

fn region(range: Range) -> Value {
    json!({
        "startLine": range.start.line + 1,
        "startColumn": range.start.utf32 + 1,
        "endLine": range.end.line + 1,
        "endColumn": range.end.utf32 + 1,
    })
}

/// SARIF has three levels.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    }
}

/// SARIF's messages end as sentences do (3.11.3), ours do not.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

/// `import-from-os` → `ImportFromOs`, as rules are named in SARIF.
fn pascal_case(code: &str) -> String {
    code.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
