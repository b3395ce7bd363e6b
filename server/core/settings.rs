//! What the user decided: which Python, which rules, how severe, what is allowed.
//!
//! In: `[tool.fromwhere]`, `fromwhere.toml`, the editor's settings, the command line. Out: one [`Settings`].
//!
//! **Invariant:** an unknown key or a wrong type is reported by name and passed over; it never stops a session.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Severity;
use crate::rules::Rule;

/// What the user decided; everything unset is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// An interpreter or an environment's folder.
    pub python: Option<String>,
    /// The only rules to apply, where given.
    pub select: Option<BTreeSet<Rule>>,
    pub ignore: BTreeSet<Rule>,
    /// `None` switches the rule off.
    pub severity: BTreeMap<Rule, Option<Severity>>,
    /// Top-level modules that may come from the operating system.
    pub allow: BTreeSet<String>,
}

impl Settings {
    /// Returns the severity a rule has under these settings, or `None` where it is off.
    pub fn severity_of(&self, rule: Rule) -> Option<Severity> {
        if self.ignore.contains(&rule) || self.select.as_ref().is_some_and(|only| !only.contains(&rule)) {
            return None;
        }
        self.severity.get(&rule).copied().unwrap_or(Some(rule.severity()))
    }
}
