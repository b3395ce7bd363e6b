//! The comparison of the two answers.
//!
//! In: a start of an interpreter, and how much it is asked. Out: nothing, or every difference in words.
//!
//! **Invariant:** texts are compared, not paths: `a//b` is not `a/b`. Equal means equal for every fact and for every name.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::Investigation;
use fromwhere_core::interpreter::Interpreter;
use fromwhere_core::origin::{Evidence, ImportRoot, Origin};
use fromwhere_core::resolve::Resolver;
use fromwhere_core::situation::{Question, situation};
use serde_json::{Value, json};

use super::python::Start;

/// The most differences of one kind that are shown.
const SHOWN: usize = 6;

/// One name of so many is asked with all that its module hides.
const WITH_HIDDEN: usize = 4;

/// No Python that starts has fewer names than this on its path.
const FEWEST_MODULES: usize = 200;

/// The same where start-up has lost its library on the way: what is compiled in, and what was imported until then.
const FEWEST_WITHOUT_LIBRARY: usize = 40;

/// What an interpreter is asked beside the facts about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Questions {
    /// The spec of every module on its path, and of what lies in a sample of packages: this many, from that one on.
    pub(crate) sample: Option<(u64, u64)>,
    /// Packages that are compared to the bottom.
    pub(crate) packages: Vec<String>,
}

/// What came out of one comparison.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) differences: Vec<String>,
    /// How many modules were compared.
    pub(crate) modules: usize,
    pub(crate) does_not_start: bool,
}

/// Kind, path and locations of one module.
type Spec = (String, Option<String>, Option<Vec<String>>);

#[derive(Debug, serde::Deserialize)]
struct Said {
    facts: Value,
    #[serde(default)]
    modules: Option<BTreeMap<String, Spec>>,
}

/// Asks a real interpreter and computes the same.
pub(crate) fn compare(start: &Start, questions: &Questions) -> Outcome {
    let mut outcome = Outcome::default();
    let real = start.ask(&questions.arguments());
    let Some(computed) = start.interpret() else {
        outcome.differences.push("it was said to be no interpreter".to_owned());
        return outcome;
    };
    outcome.does_not_start = computed.does_not_start.is_some();
    let real: Said = match (real, &computed.does_not_start) {
        (Err(_), Some(_)) => return outcome,
        (Err(said), None) => {
            outcome.differences.push(format!("it does not start ({said}), and that was not foreseen"));
            return outcome;
        }
        (Ok(_), Some(reason)) => {
            outcome.differences.push(format!("it starts, but was said not to: {reason}"));
            return outcome;
        }
        (Ok(real), None) => serde_json::from_value(real).expect("ask.py prints facts and modules"),
    };
    outcome.differences = different_facts(&real.facts, &computed);
    if let Some(modules) = &real.modules {
        let fewest = if has_library(&computed) { FEWEST_MODULES } else { FEWEST_WITHOUT_LIBRARY };
        assert!(modules.len() > fewest, "{start:?}: {} modules are too few", modules.len());
        outcome.modules = modules.len();
        outcome.differences.extend(different_modules(start, &computed, modules));
        outcome.differences.extend(start.beside.iter().flat_map(|folder| different_answers(start, folder, modules)));
    }
    outcome
}

impl Questions {
    /// Asks for every module, and looks into as many packages, from the one of that number on.
    pub(crate) fn everything(size: u64, first: u64) -> Self {
        Questions { sample: Some((size, first)), packages: Vec::new() }
    }

    fn arguments(&self) -> Vec<String> {
        let Some((size, first)) = self.sample else { return Vec::new() };
        let fixed = ["modules".to_owned(), size.to_string(), first.to_string()];
        fixed.into_iter().chain(self.packages.iter().cloned()).collect()
    }
}

/// Tells whether the library is still on the path: `site` makes that absolute, and beyond a link `..` may lead elsewhere.
fn has_library(computed: &Interpreter) -> bool {
    computed.search_path.iter().any(|root| root.origin == Origin::StandardLibrary && root.exists)
}

fn different_facts(real: &Value, computed: &Interpreter) -> Vec<String> {
    let mut found = Vec::new();
    for (name, computed) in facts(computed) {
        // Without `site` nobody has a user site to tell of.
        if name.starts_with("user_site") && real["user_site"].is_null() || name == "stdlib" && real[name].is_null() {
            continue;
        }
        if real[name] != computed {
            found.push(format!("{name}:\n    real     {}\n    computed {computed}", real[name]));
        }
    }
    found
}

/// What both sides tell, by the names that `ask.py` uses.
fn facts(it: &Interpreter) -> Vec<(&'static str, Value)> {
    let text = |path: &Utf8PathBuf| json!(path.as_str());
    vec![
        ("path", json!(it.search_path.iter().map(|root| root.path.as_str()).collect::<Vec<_>>())),
        ("stdlib", text(&it.stdlib)),
        ("prefix", text(&it.prefix)),
        ("exec_prefix", text(&it.exec_prefix)),
        ("base_prefix", text(&it.base_prefix)),
        ("base_exec_prefix", text(&it.base_exec_prefix)),
        ("executable", text(&it.executable)),
        ("user_site", it.user_site.path.as_ref().map_or(Value::Null, text)),
        ("user_site_enabled", json!(it.user_site.enabled)),
        ("safe_path", json!(it.safe_path)),
        ("builtin", json!(it.builtin_modules)),
        ("frozen", json!(it.frozen_modules)),
        ("suffixes", json!(it.extension_suffixes)),
    ]
}

/// The entry that the launcher puts in front for a script.
fn script_root(folder: &Utf8PathBuf) -> ImportRoot {
    let evidence = Evidence::Assumption("the script's own folder");
    ImportRoot { path: folder.clone(), origin: Origin::Project, exists: true, same_as: None, evidence }
}

/// Returns the names for which a file in a script's folder gets another answer than the script: there the project's root, the
/// folder around, comes first, and what lies beside the file before that.
fn different_answers(start: &Start, folder: &Utf8Path, said: &BTreeMap<String, Spec>) -> Vec<String> {
    let disk = start.disk();
    let project = folder.parent().expect("a folder below another");
    let mut question = Question::about(project, project);
    question.argument = Some(start.executable.to_string());
    let situation = situation(&disk, &question);
    let investigation = Investigation::new(&disk, &situation);
    let differs = |(name, (kind, path, _)): (&String, &Spec)| {
        let found = investigation.answer_for(name, folder).resolution.clone();
        let ours = found.path.map(Utf8PathBuf::into_string);
        let is_twin = found.twin.is_some_and(|twin| Some(twin.path.as_str()) == path.as_deref());
        // Which portions a namespace has is asked of the resolver alone.
        (!is_twin && (found.kind.as_str() != kind || ours != *path)).then(|| {
            format!(
                "beside a script, {name}\n    real     {kind} {path:?}\n    computed {} {ours:?}",
                found.kind.as_str()
            )
        })
    };
    said.iter().filter_map(differs).take(SHOWN).collect()
}

/// Returns the names for which the real interpreter and the resolver disagree.
fn different_modules(start: &Start, computed: &Interpreter, said: &BTreeMap<String, Spec>) -> Vec<String> {
    let disk = start.disk();
    let roots: Vec<ImportRoot> = start.beside.iter().map(script_root).collect();
    let resolver = Resolver::new(&disk, computed, &roots);
    let mut different = Vec::new();
    for (at, (name, spec)) in said.iter().enumerate() {
        // The answer is the same where what it hides is asked for as well.
        let with_hidden = at % WITH_HIDDEN == 0;
        let found = if with_hidden { resolver.resolve_all(name).0 } else { resolver.resolve(name) };
        let texts = |all: Vec<Utf8PathBuf>| all.into_iter().map(Utf8PathBuf::into_string).collect();
        let locations = found.locations.map(texts);
        let path = found.path.map(Utf8PathBuf::into_string);
        let mut ours: Spec = (found.kind.as_str().to_owned(), path, locations);
        // Which of two files it is cannot always be known; that it is one of them can.
        if let Some(twin) = found.twin.filter(|twin| Some(twin.path.as_str()) == spec.1.as_deref()) {
            ours = (twin.kind.as_str().to_owned(), Some(twin.path.into_string()), twin.locations.map(texts));
        }
        if ours != *spec {
            different.push(format!("{name}\n    real     {spec:?}\n    computed {ours:?}"));
        }
    }
    let count = different.len();
    if count > SHOWN {
        different.truncate(SHOWN);
        different.push(format!("and {} modules more", count - SHOWN));
    }
    different
}
