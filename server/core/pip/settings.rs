//! pip's own settings: its configuration files and variables.
//!
//! In: the prefix of a Python and the world. Out: the values that `pip install` without options would have.
//!
//! **Invariant:** pip's order: the machine's files, the user's, the prefix's, `PIP_CONFIG_FILE`, for each of `[global]`,
//! `[install]` and the `PIP_…` variables, later ones winning (`Configuration`, `ConfigOptionParser`).

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::configparser;
use crate::origin::{Evidence, Problem};
use crate::system::{LARGEST_METADATA, System};

/// The options that are asked for, and the variable of each.
const OPTIONS: [(&str, &str); 9] = [
    ("python", "PIP_PYTHON"),
    ("require-virtualenv", "PIP_REQUIRE_VIRTUALENV"),
    ("break-system-packages", "PIP_BREAK_SYSTEM_PACKAGES"),
    ("dry-run", "PIP_DRY_RUN"),
    ("target", "PIP_TARGET"),
    ("prefix", "PIP_PREFIX"),
    ("root", "PIP_ROOT"),
    ("report", "PIP_REPORT"),
    ("user", "PIP_USER"),
];

/// The values in force, each with the place that sets it.
pub(super) struct Settings {
    values: Values,
    /// `python` as pip itself has it, before it knows that it is to install.
    python: Option<(String, Evidence)>,
}

/// By the option's name; a value and the place that sets it.
type Values = BTreeMap<&'static str, (String, Evidence)>;

impl Settings {
    /// Reads all of them; the first file that pip cannot read ends pip.
    pub(super) fn read(system: &dyn System, prefix: &Utf8Path) -> Result<Self, Problem> {
        // By section: a value of a later file replaces that of an earlier one, even by nothing.
        let mut by_section: [Values; 2] = Default::default();
        for file in super::files::files(system, prefix) {
            for (section, values) in ["global", "install"].into_iter().zip(&mut by_section) {
                values.extend(read_section(system, &file, section)?);
            }
        }
        let [global, install] = by_section;
        let variables = OPTIONS.into_iter().filter_map(|(key, variable)| {
            let value = system.variable(variable)?;
            Some((key, (value, Evidence::Variable(variable))))
        });
        let variables: Vec<_> = variables.collect();
        let is_set = |(_, (value, _)): &(&str, (String, Evidence))| !value.is_empty();
        let for_all: Values = global.into_iter().chain(variables.clone()).filter(is_set).collect();
        let python = for_all.get("python").cloned();
        let all = for_all.into_iter().chain(install).chain(variables);
        Ok(Settings { values: all.filter(is_set).collect(), python })
    }

    /// Returns the Python that pip is to start itself with.
    pub(super) fn python(&self) -> Option<&(String, Evidence)> {
        self.python.as_ref()
    }

    /// Returns what switches an option on; a word that is neither yes nor no ends pip (`strtobool`).
    pub(super) fn switch(&self, key: &str) -> Result<Option<Evidence>, Problem> {
        let Some((value, evidence)) = self.values.get(key) else { return Ok(None) };
        match value.to_lowercase().as_str() {
            "y" | "yes" | "t" | "true" | "on" | "1" => Ok(Some(evidence.clone())),
            "n" | "no" | "f" | "false" | "off" | "0" => Ok(None),
            _ => {
                let message = format!("pip takes `{value}` for `{key}` neither as yes nor as no");
                Err(super::problem(evidence, &message))
            }
        }
    }

    /// Returns the text of an option and what sets it.
    pub(super) fn text(&self, key: &str) -> Option<(String, Evidence)> {
        self.values.get(key).cloned()
    }
}

/// Returns what one section says; nothing where there is no file, or none that can be opened (`RawConfigParser.read`).
fn read_section(system: &dyn System, file: &Utf8Path, section: &str) -> Result<Values, Problem> {
    let Ok(bytes) = system.read(file, LARGEST_METADATA) else { return Ok(Values::new()) };
    let problem =
        |line, reason: &str| Problem { path: file.to_owned(), line, message: format!("pip cannot read it: {reason}") };
    let text = String::from_utf8(bytes).map_err(|_| problem(None, "not UTF-8"))?;
    let configuration = configparser::read(&text).map_err(|it| problem(Some(it.line), it.reason))?;
    let mut found: Vec<_> = configuration.items(section).collect();
    // Two spellings of one key: the last one of the file.
    found.sort_by_key(|(_, value)| value.line);
    let found = found.into_iter().filter_map(|(name, value)| {
        let name = name.replace('_', "-");
        let name = name.strip_prefix("--").unwrap_or(&name);
        let (key, _) = OPTIONS.into_iter().find(|(key, _)| *key == name)?;
        Some((key, (value.text.clone(), Evidence::line(file, value.line))))
    });
    Ok(found.collect())
}
