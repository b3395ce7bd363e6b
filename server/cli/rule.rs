//! `fromwhere rule [CODE]`.
//!
//! In: a rule's code, or none. Out: its page, or the list of all rules.
//!
//! **Invariant:** what is shown is the page that the repository has, word for word.

use std::fmt::Write as _;

use anyhow::Result;
use fromwhere_core::rules::Rule;
use serde::Serialize;

use super::arguments::{Options, RuleAsked};
use super::{Report, json, request};

#[derive(Serialize)]
struct RuleJson {
    code: &'static str,
    severity: &'static str,
    /// Whether it is off unless it is selected.
    opt_in: bool,
    summary: &'static str,
    url: String,
    page: &'static str,
}

pub(super) fn run(options: &Options, asked: &RuleAsked) -> Result<Report> {
    let as_json = request::wants_json(options, "rule")?;
    let output = match (asked.code, as_json) {
        (Some(rule), false) => format!("{}\n", rule.page().trim_end()),
        (Some(rule), true) => json::pretty(&describe(rule)),
        (None, false) => list(),
        (None, true) => json::pretty(&Rule::ALL.iter().copied().map(describe).collect::<Vec<_>>()),
    };
    Ok(Report { output: output.into_bytes(), ..Report::default() })
}

fn list() -> String {
    let width = Rule::ALL.iter().map(|rule| rule.code().len()).max().unwrap_or_default();
    let mut output = String::new();
    for rule in Rule::ALL {
        let severity = if rule.is_opt_in() { "off" } else { rule.severity().as_str() };
        let _ = writeln!(output, "{:width$}  {severity:<11}  {}", rule.code(), rule.summary());
    }
    output
}

fn describe(rule: Rule) -> RuleJson {
    RuleJson {
        code: rule.code(),
        severity: rule.severity().as_str(),
        opt_in: rule.is_opt_in(),
        summary: rule.summary(),
        url: rule.url(),
        page: rule.page(),
    }
}
