//! What the user decided: which Python, which rules, how severe, what is allowed.
//!
//! In: `[tool.fromwhere]`, `fromwhere.toml`, the editor's settings, the command line. Out: one [`Settings`].
//!
//! **Invariant:** an unknown key or a wrong type is reported by name and passed over; it never stops a session.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::diagnostic::Severity;
use crate::rules::Rule;

mod keys;
mod per_path;
mod read;
mod schema;

pub(crate) use keys::nearest_rule;
pub use keys::{KEYS, Key, Kind, SEVERITIES, did_you_mean, did_you_mean_rule};
pub use per_path::PathSettings;
pub(crate) use per_path::matches_pattern;
pub use read::{Mistake, read};
pub(crate) use read::{Read, configured, file, is_pyproject, read_with_places};
pub use schema::schema;

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
    /// Top-level modules that may come from wherever they are found.
    pub allow: BTreeSet<String>,
    /// What holds for some of the files only; a later one wins over an earlier one.
    pub per_path: Vec<PathSettings>,
}

impl Settings {
    /// Returns the severity a rule has under these settings, or `None` where it is off. A rule that is opt-in is on where
    /// it is selected, or, without a selection, where it has been given a severity.
    pub fn severity_of(&self, rule: Rule) -> Option<Severity> {
        let is_selected = match &self.select {
            Some(only) => only.contains(&rule),
            None => !rule.is_opt_in() || self.severity.contains_key(&rule),
        };
        if self.ignore.contains(&rule) || !is_selected {
            return None;
        }
        self.severity.get(&rule).copied().unwrap_or(Some(rule.severity()))
    }

    /// Tells whether a rule is on for any file: what it needs has to be found out then.
    pub fn is_ever_on(&self, rule: Rule) -> bool {
        let parts = self.per_path.iter().map(|part| &part.settings);
        self.severity_of(rule).is_some()
            || !self.ignore.contains(&rule) && parts.filter_map(|it| it.severity.get(&rule)).any(Option::is_some)
    }

    /// Returns the severity of one finding of a rule whose findings weigh differently; what the user set wins.
    pub fn graded(&self, rule: Rule, severity: Severity) -> Option<Severity> {
        let usual = self.severity_of(rule)?;
        Some(if self.severity.contains_key(&rule) { usual } else { severity })
    }

    /// Returns these settings with those that win over them laid on top.
    #[must_use]
    pub fn overridden_by(mut self, winning: &Settings) -> Self {
        if let Some(select) = &winning.select {
            // Whoever selects a rule by hand wants to see it, whatever the file ignores.
            self.ignore.retain(|rule| !select.contains(rule));
            for rule in select {
                if self.severity.get(rule) == Some(&None) {
                    self.severity.remove(rule);
                }
            }
            self.select = Some(select.clone());
        }
        if winning.python.is_some() {
            self.python.clone_from(&winning.python);
        }
        self.ignore.extend(&winning.ignore);
        // Also where it is said of some files only: what wins for all files wins for these.
        for part in &mut self.per_path {
            part.settings.severity.retain(|rule, _| !winning.severity.contains_key(rule));
        }
        self.severity.extend(&winning.severity);
        self.allow.extend(winning.allow.iter().cloned());
        self.per_path.extend(winning.per_path.iter().cloned());
        self
    }

    /// Returns what holds for one file: these settings, and what `per-path` says about it.
    pub fn for_path(&self, path: &Utf8Path) -> Cow<'_, Settings> {
        let mut settings = Cow::Borrowed(self);
        for part in self.per_path.iter().filter(|part| part.covers(path)) {
            let settings = settings.to_mut();
            settings.ignore.extend(&part.settings.ignore);
            settings.severity.extend(&part.settings.severity);
            settings.allow.extend(part.settings.allow.iter().cloned());
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file() {
        let file = Settings {
            ignore: BTreeSet::from([Rule::EnvNone, Rule::ImportFromBase]),
            severity: BTreeMap::from([(Rule::EnvNone, None), (Rule::ImportFromOs, Some(Severity::Error))]),
            python: Some("/a".to_owned()),
            allow: BTreeSet::from(["gi".to_owned()]),
            ..Settings::default()
        };
        let winning = Settings {
            select: Some(BTreeSet::from([Rule::EnvNone])),
            allow: BTreeSet::from(["apt".to_owned()]),
            ..Settings::default()
        };
        let settings = file.clone().overridden_by(&winning);
        assert_eq!(settings.severity_of(Rule::EnvNone), Some(Rule::EnvNone.severity()));
        assert_eq!(settings.severity_of(Rule::ImportFromOs), None, "only what is selected");
        assert_eq!((settings.allow.len(), settings.python.as_deref()), (2, Some("/a")));
        assert_eq!(file.clone().overridden_by(&Settings::default()), file);
    }

    #[test]
    fn an_opt_in_rule_is_off_until_it_is_asked_for() {
        let rule = Rule::LockDrift;
        let mut settings = Settings::default();
        assert_eq!((settings.severity_of(rule), settings.is_ever_on(rule)), (None, false));
        settings.severity.insert(rule, Some(Severity::Warning));
        assert_eq!(settings.severity_of(rule), Some(Severity::Warning));
        settings.select = Some(BTreeSet::from([Rule::EnvNone]));
        assert_eq!(settings.severity_of(rule), None, "a selection is the whole list");
        let selecting = Settings { select: Some(BTreeSet::from([rule])), ..Settings::default() };
        assert_eq!(selecting.severity_of(rule), Some(Severity::Information));
        let off = Settings { severity: BTreeMap::from([(rule, None)]), ..Settings::default() };
        assert_eq!(off.overridden_by(&selecting).severity_of(rule), Some(Severity::Information));
        let part = PathSettings {
            folder: "/p".into(),
            pattern: "src/**".to_owned(),
            settings: Settings { severity: BTreeMap::from([(rule, Some(Severity::Hint))]), ..Settings::default() },
        };
        let settings = Settings { per_path: vec![part], ..Settings::default() };
        assert_eq!((settings.severity_of(rule), settings.is_ever_on(rule)), (None, true));
        assert_eq!(settings.for_path("/p/src/a.py".into()).severity_of(rule), Some(Severity::Hint));
    }
}
