//! The facts about an environment, row by row.
//!
//! In: a [`Situation`]. Out: a headline and rows from the choice down to pip, for a terminal, a document, or whoever asks.
//!
//! **Invariant:** all that the JSON output says of the environment stands here too, whoever shows it.

use std::fmt::Write as _;

use super::{Row, Short, is_waited_for};
use crate::answer::confidence::{self, Confidence, Unknown};
use crate::check::instead_of_pip;
use crate::environment::{Source, SourceKind};
use crate::interpreter::{Implementation, Interpreter, StartupCode};
use crate::pip::Pip;
use crate::situation::Situation;

/// Outcomes that are said in another way than the rest.
const CHOSEN: &str = "chosen";
const CHOSEN_BUT: &str = "chosen, but ";
const NOT_SET: &str = "not set";

/// "`.venv` (venv) is in force: CPython 3.11.2".
pub fn headline(situation: &Situation, short: &Short) -> String {
    let environment = &situation.environment;
    let python = environment.interpreter.as_ref().map(|interpreter| {
        let implementation = match interpreter.implementation {
            Implementation::CPython => "CPython",
            Implementation::PyPy => "PyPy",
        };
        format!("{implementation} {}", interpreter.version)
    });
    let root = environment.root.as_ref().map(|root| short.path(root));
    let kind = environment.kind.as_str();
    match (root, python, &environment.broken) {
        (Some(root), Some(python), _) => format!("{root} ({kind}) is in force: {python}"),
        (None, Some(python), _) => format!("{python} is in force"),
        (Some(root), None, Some(broken)) => {
            format!("{root} ({kind}) is in force, but cannot run: {}", short.text(&broken.reason))
        }
        (None, None, Some(broken)) => {
            let interpreter = short.path(&broken.interpreter);
            format!("{interpreter} is in force, but cannot run: {}", short.text(&broken.reason))
        }
        (_, None, None) => "No Python is in force: none was found".to_owned(),
    }
}

/// Returns everything else that is to be said, in the order in which people ask.
///
/// `no_user_site` tells whether `PYTHONNOUSERSITE` is set, where that is known.
pub fn rows(situation: &Situation, short: &Short, no_user_site: bool) -> Vec<Row> {
    let mut rows = choice(situation, short);
    if let Some(interpreter) = &situation.environment.interpreter {
        rows.extend(of_interpreter(interpreter, short, no_user_site));
    }
    rows.extend(certain(situation, short));
    rows.extend(pip(situation, short));
    rows
}

/// Says what the search path hangs on, where nothing else of it is said yet.
fn certain(situation: &Situation, short: &Short) -> Option<Row> {
    let confidence = confidence::of_environment(situation);
    let is_new = matches!(confidence, Confidence::AssumesRunMode(_) | Confidence::Unknown(Unknown::Guessed));
    let words = confidence.in_words().filter(|_| is_new)?;
    Some(Row::new("Certain", short.text(&words)))
}

/// Says that code runs at start, and that it may change where modules are found.
pub fn startup_code(code: &StartupCode, short: &Short) -> String {
    let line = code.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line} runs; what it does to the path is not known", short.path(&code.path))
}

fn choice(situation: &Situation, short: &Short) -> Vec<Row> {
    let environment = &situation.environment;
    let mut rows = vec![Row::new("Project", short.path(&situation.project.root))];
    let Source { kind, detail } = &environment.source;
    if *kind != SourceKind::None {
        let (words, detail) = (source_in_words(*kind), short.text(detail));
        // `VIRTUAL_ENV=/x` says already what it is.
        rows.push(Row::new("Chosen by", if detail.starts_with(words) { detail } else { format!("{words}: {detail}") }));
    }
    let considered = || environment.considered.iter();
    let passed_over = considered().filter(|it| !it.outcome.starts_with(CHOSEN) && it.outcome != NOT_SET);
    let passed_over = passed_over.map(|it| {
        let whose = if it.kind.is_tool() { format!("{}: ", source_in_words(it.kind)) } else { String::new() };
        format!("{whose}{}: {}", short.text(&it.detail), short.text(&it.outcome))
    });
    rows.extend(Row::list("Passed over", passed_over.collect()));
    let not_set: Vec<_> = considered().filter(|it| it.outcome == NOT_SET).map(|it| it.detail.as_str()).collect();
    if !not_set.is_empty() {
        rows.push(Row::new("Not set", not_set.join(", ")));
    }
    if let Some(broken) = &environment.broken {
        let arrow = broken.leads_to.as_ref().map(|target| format!(" → {}", short.path(target)));
        let words = format!("{}{}", short.path(&broken.interpreter), arrow.unwrap_or_default());
        rows.push(Row::new("Interpreter", words));
    }
    if is_waited_for(situation) {
        let mut outcomes = considered().map(|it| it.outcome.as_str());
        let waiting = outcomes.find_map(|it| it.strip_prefix(CHOSEN_BUT)).unwrap_or_default();
        rows.push(Row::new("Not there", short.text(waiting)));
    }
    rows
}

fn of_interpreter(interpreter: &Interpreter, short: &Short, no_user_site: bool) -> Vec<Row> {
    let mut executable = short.path(&interpreter.executable);
    if interpreter.real_executable != interpreter.executable {
        let _ = write!(executable, " → {}", short.path(&interpreter.real_executable));
    }
    let mut rows = vec![Row::new("Interpreter", executable), Row::new("Prefix", short.path(&interpreter.prefix))];
    if let Some(pyvenv) = &interpreter.pyvenv {
        let because = match pyvenv.get("include-system-site-packages") {
            Some(entry) => format!("{}:{}", short.path(&pyvenv.path), entry.line),
            None => format!("{} does not say otherwise", short.path(&pyvenv.path)),
        };
        let seen = if pyvenv.include_system_site_packages { "are seen" } else { "are not seen" };
        let base = short.path(&interpreter.base_prefix);
        rows.push(Row::new("Base", format!("{base}, whose packages {seen} ({because})")));
    }
    if let Some(real) = &interpreter.real_prefix {
        rows.push(Row::new("Base", format!("{}, by the `site.py` of a virtualenv up to 16", short.path(real))));
    }
    if let Some(abi) = &interpreter.abi {
        rows.push(Row::new("ABI", abi.clone()));
    }
    if let Some(reason) = &interpreter.does_not_start {
        rows.push(Row::new("Starts", format!("no: {}", short.text(reason))));
    }
    if let Some(words) = user_site(interpreter, short, no_user_site) {
        rows.push(Row::new("User site", words));
    }
    let startup_code = interpreter.startup_code.iter().map(|code| startup_code(code, short));
    rows.extend(startup_code.map(|words| Row::new("Start-up code", words)));
    rows
}

/// Says whether the user site is searched, and why (`site.check_enableusersite`).
fn user_site(interpreter: &Interpreter, short: &Short, no_user_site: bool) -> Option<String> {
    let path = interpreter.user_site.path.as_ref()?;
    let shown = short.path(path);
    let pyvenv = interpreter.pyvenv.as_ref().filter(|it| !it.include_system_site_packages);
    Some(if interpreter.user_site.enabled {
        let is_there = interpreter.search_path.iter().any(|root| root.path == *path);
        let missing = if is_there { "" } else { ", but there is no such folder" };
        format!("on: {shown}{missing}")
    } else if let Some(pyvenv) = pyvenv {
        let line = pyvenv.get("include-system-site-packages").map(|it| format!(":{}", it.line));
        format!("off: {shown} ({}{})", short.path(&pyvenv.path), line.unwrap_or_default())
    } else if no_user_site {
        format!("off: {shown} (PYTHONNOUSERSITE)")
    } else {
        format!("off: {shown}")
    })
}

fn pip(situation: &Situation, short: &Short) -> Option<Row> {
    let words = match situation.pip.as_ref()? {
        Pip::Installs => {
            let root = situation.environment.root.as_ref();
            root.map_or_else(|| "goes here".to_owned(), |root| format!("goes into {}", short.path(root)))
        }
        Pip::RefusesManaged { marker } => format!("refused by {} (PEP 668)", short.path(marker)),
        Pip::RefusesOutside { by } => format!("refused outside virtual environments by {}", short.evidence(by)),
        Pip::Forced { by } => format!("not refused, though PEP 668 would: {} forces it", short.evidence(by)),
        Pip::Elsewhere { by } => format!("goes elsewhere by {}", short.evidence(by)),
        Pip::Fails { problem } => format!("fails: {}", short.text(&problem.to_string())),
    };
    let mut values = vec![words];
    let mut last = "";
    for instead in instead_of_pip(situation) {
        let purpose = if instead.purpose == last { String::new() } else { format!("to {}:", instead.purpose) };
        values.push(format!("{purpose:<37} {}", instead.command));
        last = instead.purpose;
    }
    Row::list("pip install", values)
}

fn source_in_words(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Argument => "--python",
        SourceKind::Editor => "the editor",
        SourceKind::Config => "the configuration",
        SourceKind::Script => "the script itself",
        SourceKind::Shebang => "the file's shebang",
        SourceKind::Kernel => "the notebook's kernel",
        SourceKind::ProjectVenv => "the project's environment",
        SourceKind::VirtualEnvVariable => "VIRTUAL_ENV",
        SourceKind::CondaPrefixVariable => "CONDA_PREFIX",
        SourceKind::Poetry => "Poetry",
        SourceKind::Pipenv => "Pipenv",
        SourceKind::Pdm => "PDM",
        SourceKind::Hatch => "Hatch",
        SourceKind::Pixi => "pixi",
        SourceKind::Conda => "conda",
        SourceKind::Mise => "mise",
        SourceKind::Direnv => "direnv",
        SourceKind::Virtualenvwrapper => "virtualenvwrapper",
        SourceKind::PythonVersionFile | SourceKind::ToolVersionsFile => "the version file",
        SourceKind::Path => "PATH",
        SourceKind::None => "nothing",
    }
}
