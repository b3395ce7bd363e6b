//! The editor's settings, in every shape that editors send them.
//!
//! In: JSON from `initializationOptions`, `workspace/didChangeConfiguration` and `workspace/configuration`. Out: one
//! [`ClientSettings`] and the names of keys that nobody here knows.
//!
//! **Invariant:** no value stops a session: a key of a wrong type counts as unset and is named, every other key counts.

use std::collections::{BTreeMap, BTreeSet};

use fromwhere_core::diagnostic::Severity;
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::{KEYS, Settings, did_you_mean, did_you_mean_rule};
use serde_json::{Map, Value};
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::watch::WatchMode;

/// The name of our section.
pub const SECTION: &str = "fromwhere";

/// Keys that plugins and clients put beside ours and that are read elsewhere or not at all.
pub const KNOWN_ELSEWHERE: &[&str] = &["pythonExtension", "trace", "path", "untrusted", "statusBar"];

/// What the editor decided, for one workspace folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// The setting `python`, or else the interpreter that the editor's Python extension has chosen.
    pub python: Option<String>,
    /// Variables of Python's own with which the editor runs the folder's Python; an empty one is not set.
    pub variables: BTreeMap<String, String>,
    /// Everything else that wins over the project's own configuration.
    pub overrides: Settings,
    pub watch: WatchMode,
    pub inlay_hints: bool,
    /// Whether a question may be put when an environment stops working.
    pub prompts: bool,
    /// Whether every file of the folder is checked, opened or not.
    pub whole_workspace: bool,
}

/// Takes our section out of whatever a client sent: nested under `fromwhere`, flat with `fromwhere.` before each key, or
/// the content itself; `None` where nothing was said.
pub fn section(value: &Value) -> Option<Map<String, Value>> {
    let object = value.as_object()?;
    let object = object.get("settings").and_then(Value::as_object).unwrap_or(object);
    if let Some(inner) = object.get(SECTION) {
        return inner.as_object().cloned();
    }
    let mut content = Map::new();
    for (key, value) in object {
        match key.strip_prefix("fromwhere.") {
            Some(name) => insert_dotted(&mut content, name, value),
            // Another server's section beside ours, such as `{"pylsp": {…}}`, is not a key of ours.
            None if key.contains('.') => {}
            None => insert_dotted(&mut content, key, value),
        }
    }
    Some(content)
}

/// Reads the content of our section; what is wrong comes back as one line for each key.
pub fn read(content: &Map<String, Value>) -> (ClientSettings, Vec<String>) {
    let mut settings = ClientSettings { prompts: true, ..ClientSettings::default() };
    let mut wrong = Vec::new();
    for (key, value) in content {
        if value.is_null() {
            continue;
        }
        let understood = match key.as_str() {
            "python" => value.as_str().map(|path| {
                settings.python = Some(path.to_owned()).filter(|path| !path.is_empty());
            }),
            // A list in which no rule is left after its mistakes would switch everything off.
            "select" => codes(value, key, &mut wrong)
                .map(|codes| settings.overrides.select = Some(codes).filter(|codes| !codes.is_empty())),
            "ignore" => codes(value, key, &mut wrong).map(|codes| settings.overrides.ignore = codes),
            "severity" => severities(value, &mut wrong).map(|severity| settings.overrides.severity = severity),
            "allow" => strings(value).map(|names| settings.overrides.allow = names.into_iter().collect()),
            "inlayHints" => value.as_bool().map(|wanted| settings.inlay_hints = wanted),
            "prompts" => value.as_bool().map(|wanted| settings.prompts = wanted),
            "diagnostics" => value.as_str().and_then(whole_workspace).map(|whole| settings.whole_workspace = whole),
            "watch" => value.as_str().and_then(WatchMode::parse).map(|mode| settings.watch = mode),
            name if KNOWN_ELSEWHERE.contains(&name) => Some(()),
            _ => {
                let known: Vec<&str> = KEYS.iter().filter(|it| it.in_editor).map(|it| it.name).collect();
                wrong.push(format!("unknown setting `fromwhere.{key}`{}", did_you_mean(key, &known)));
                continue;
            }
        };
        if understood.is_none() {
            let expected = KEYS.iter().find(|it| it.name == key).map(|it| it.kind.expected()).unwrap_or_default();
            wrong.push(format!("`fromwhere.{key}` must be {expected}"));
        }
    }
    if settings.python.is_none() {
        settings.python = active_environment(content);
    }
    settings.variables = environment_variables(content);
    (settings, wrong)
}

/// Lays `above` over `below`, key by key.
pub fn overlay(below: &Map<String, Value>, above: &Map<String, Value>) -> Map<String, Value> {
    let mut both = below.clone();
    both.extend(above.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())));
    both
}

/// The interpreter that VS Code's Python extension has chosen, in the shape that ty's extension introduced:
/// `pythonExtension.activeEnvironment.executable.{uri,sysPrefix}`.
fn active_environment(content: &Map<String, Value>) -> Option<String> {
    let executable = content.get("pythonExtension")?.pointer("/activeEnvironment/executable")?;
    let uri = executable.get("uri").and_then(|uri| match uri {
        Value::String(text) => Some(text.as_str()),
        // A `vscode.Uri` that went through JSON.
        other => other.get("path").and_then(Value::as_str),
    });
    let path = uri.map(|text| match Url::parse(text) {
        Ok(url) => convert::path_of(&url).map_or_else(|| text.to_owned(), camino::Utf8PathBuf::into_string),
        Err(_) => text.to_owned(),
    });
    path.or_else(|| executable.get("sysPrefix").and_then(Value::as_str).map(str::to_owned))
}

/// `pythonExtension.environmentVariables`: those that Python itself reads, as nothing else of a `.env` is our business.
fn environment_variables(content: &Map<String, Value>) -> BTreeMap<String, String> {
    let said = content.get("pythonExtension").and_then(|it| it.get("environmentVariables")).and_then(Value::as_object);
    let of_python = said.into_iter().flatten().filter(|(name, _)| name.starts_with("PYTHON"));
    let texts = of_python.filter_map(|(name, value)| match value {
        Value::Null => Some((name.clone(), String::new())),
        value => Some((name.clone(), value.as_str()?.to_owned())),
    });
    texts.collect()
}

fn insert_dotted(content: &mut Map<String, Value>, name: &str, value: &Value) {
    match name.split_once('.') {
        None => {
            content.insert(name.to_owned(), value.clone());
        }
        Some((first, rest)) => {
            let inner = content.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert_dotted(inner, rest, value);
            }
        }
    }
}

fn whole_workspace(word: &str) -> Option<bool> {
    match word {
        "openFiles" => Some(false),
        "workspace" => Some(true),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn codes(value: &Value, key: &str, wrong: &mut Vec<String>) -> Option<BTreeSet<Rule>> {
    let mut codes = BTreeSet::new();
    for code in strings(value)? {
        match Rule::from_code(&code) {
            Some(rule) => {
                codes.insert(rule);
            }
            None => wrong.push(format!("unknown rule `{code}` in `fromwhere.{key}`{}", did_you_mean_rule(&code))),
        }
    }
    Some(codes)
}

fn severities(value: &Value, wrong: &mut Vec<String>) -> Option<BTreeMap<Rule, Option<Severity>>> {
    let mut severities = BTreeMap::new();
    for (code, word) in value.as_object()? {
        let severity = word.as_str().and_then(|word| match word {
            "off" => Some(None),
            word => Severity::parse(word).map(Some),
        });
        match (Rule::from_code(code), severity) {
            (Some(rule), Some(severity)) => {
                severities.insert(rule, severity);
            }
            (None, _) => {
                wrong.push(format!("unknown rule `{code}` in `fromwhere.severity`{}", did_you_mean_rule(code)));
            }
            (Some(_), None) => wrong.push(format!("unknown severity {word} of `{code}` in `fromwhere.severity`")),
        }
    }
    Some(severities)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn python(value: &Value) -> Option<String> {
        read(&section(value).unwrap_or_default()).0.python
    }

    #[test]
    fn every_shape_says_the_same() {
        for shape in [
            json!({"python": "/p"}),
            json!({"fromwhere": {"python": "/p"}}),
            json!({"settings": {"fromwhere": {"python": "/p"}}}),
            json!({"settings": {"fromwhere.python": "/p"}}),
            json!({"fromwhere.python": "/p", "pylsp.plugins": {}}),
        ] {
            assert_eq!(python(&shape).as_deref(), Some("/p"), "{shape}");
        }
        assert_eq!(section(&Value::Null), None);
        assert_eq!(section(&json!({"fromwhere": null})), None);
    }

    #[test]
    fn a_setting_of_a_wrong_kind_leaves_the_others() {
        let content =
            section(&json!({"python": 3, "select": ["import-from-os", "nope"], "colour": "red", "watch": "poll",
            "severity": {"env-none": "off", "import-from-os": "loud"}}));
        let (settings, wrong) = read(&content.unwrap_or_default());
        assert_eq!(settings.python, None);
        assert_eq!(settings.watch, WatchMode::Poll);
        assert_eq!(settings.overrides.select, Some(BTreeSet::from([Rule::ImportFromOs])));
        assert_eq!(settings.overrides.severity, BTreeMap::from([(Rule::EnvNone, None)]));
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(wrong.iter().any(|it| it.starts_with("unknown setting `fromwhere.colour`; there are `python`, ")));
    }

    #[test]
    fn the_python_extension_chooses_where_the_setting_does_not() {
        let chosen = json!({"activeEnvironment": {"executable": {"uri": "file:///w/.venv/bin/python", "sysPrefix": "/w/.venv"}}});
        assert_eq!(python(&json!({"pythonExtension": chosen})).as_deref(), Some("/w/.venv/bin/python"));
        assert_eq!(python(&json!({"python": "/p", "pythonExtension": chosen})).as_deref(), Some("/p"));
        let prefix = json!({"activeEnvironment": {"executable": {"uri": null, "sysPrefix": "/w/.venv"}}});
        assert_eq!(python(&json!({"pythonExtension": prefix})).as_deref(), Some("/w/.venv"));
    }

    #[test]
    fn of_the_editors_variables_only_pythons_own_count() {
        let variables = json!({"PYTHONPATH": "src", "PYTHONHOME": null, "PYTHONSAFEPATH": 1, "SECRET": "x"});
        let content = section(&json!({"python": "/p", "pythonExtension": {"environmentVariables": variables}}));
        let (settings, wrong) = read(&content.unwrap_or_default());
        let expected = [("PYTHONHOME", ""), ("PYTHONPATH", "src")].map(|(name, it)| (name.to_owned(), it.to_owned()));
        assert_eq!((settings.variables, wrong), (BTreeMap::from(expected), vec![]));
    }
}
