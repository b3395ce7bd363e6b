//! `fromwhere env [--project DIR]`.
//!
//! In: a project's directory. Out: the environment in force, how it was chosen and what was passed over, its `sys.path` with
//! a reason for each entry, its findings.
//!
//! **Invariant:** no thread is started and no source file is read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use camino::Utf8Path;
use fromwhere_core::answer::Answers;
use fromwhere_core::check::check_environment;
use fromwhere_core::environment::{Environment, Source, SourceKind};
use fromwhere_core::interpreter::{Implementation, Interpreter};
use fromwhere_core::origin::{ImportRoot, Problem};
use fromwhere_core::situation::Situation;
use fromwhere_core::system::System;

use super::arguments::{Env, Options};
use super::json::{self, environment::EnvironmentJson};
use super::render::frames;
use super::terminal::{Style, relative, visible};
use super::{Exit, Report, request};

pub(super) fn run(system: &dyn System, options: &Options, asked: &Env) -> Result<Report> {
    request::check_options(options, system)?;
    let as_json = request::wants_json(options, "env")?;
    let directory = request::absolute(system, asked.project.as_deref().unwrap_or(Utf8Path::new(".")));
    ensure!(system.is_directory(&directory), "--project {directory}: no such directory");
    let situation = request::situation_around(options, system, &directory);
    let findings = check_environment(system, &situation, &Answers::default());
    let problems = request::problems(&situation);
    let output = if as_json {
        json::pretty(&EnvironmentJson::new(&situation, &findings, &problems))
    } else {
        let style = Style::new(options.color, system);
        let mut output = table(&situation, &system.working_directory(), style);
        if !findings.is_empty() {
            let _ = write!(output, "\n{}", frames::render(system, &findings, &BTreeMap::new(), style).trim_end());
            output.push('\n');
        }
        output
    };
    let remarks = problems.iter().map(Problem::to_string);
    let remarks = request::unusable_python(options, &situation).into_iter().chain(remarks);
    let exit = if situation.environment.interpreter.is_some() { Exit::Clean } else { Exit::Found };
    Ok(Report { output, remarks: remarks.map(|it| visible(&it).into_owned()).collect(), exit })
}

/// Outcomes that are said in another way than the rest.
const CHOSEN: &str = "chosen";
const NOT_SET: &str = "not set";

fn table(situation: &Situation, working_directory: &Utf8Path, style: Style) -> String {
    let environment = &situation.environment;
    let mut output = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(output, "{}  {}", style.bold(&format!("{name:<12}")), visible(value).trim_end());
    };
    row("Project", situation.project.root.as_str());
    row("Environment", &environment_words(environment, working_directory));
    let Source { kind, detail } = &environment.source;
    let words = source_words(*kind);
    // `VIRTUAL_ENV=/x` says already what it is.
    row("Chosen by", &if detail.starts_with(words) { detail.clone() } else { format!("{words}: {detail}") });
    let considered = || environment.considered.iter();
    for (at, it) in considered().filter(|it| !it.outcome.starts_with(CHOSEN) && it.outcome != NOT_SET).enumerate() {
        row(if at == 0 { "Passed over" } else { "" }, &format!("{}: {}", it.detail, it.outcome));
    }
    let not_set: Vec<_> = considered().filter(|it| it.outcome == NOT_SET).map(|it| it.detail.as_str()).collect();
    if !not_set.is_empty() {
        row("Not set", &not_set.join(", "));
    }
    if let Some(broken) = &environment.broken {
        row("Broken", &broken.reason);
    }
    if let Some(interpreter) = &environment.interpreter {
        for (name, value) in interpreter_words(interpreter) {
            row(name, &value);
        }
    }
    if let Some(interpreter) = environment.interpreter.as_ref().filter(|it| !it.search_path.is_empty()) {
        output.push_str(&roots(
            "Import roots (sys.path, without the entry the launcher adds)",
            &interpreter.search_path,
            style,
        ));
    }
    if !situation.project.roots.is_empty() {
        output.push_str(&roots("The project's own roots", &situation.project.roots, style));
    }
    output
}

fn environment_words(environment: &Environment, working_directory: &Utf8Path) -> String {
    match &environment.root {
        Some(root) => format!("{} ({})", relative(root, working_directory), environment.kind.as_str()),
        None => "none".to_owned(),
    }
}

fn source_words(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Argument => "--python",
        SourceKind::Editor => "the editor",
        SourceKind::Config => "the configuration",
        SourceKind::Shebang => "the file's shebang",
        SourceKind::ProjectVenv => "the project's environment",
        SourceKind::VirtualEnvVariable => "VIRTUAL_ENV",
        SourceKind::CondaPrefixVariable => "CONDA_PREFIX",
        SourceKind::PythonVersionFile => "the version file",
        SourceKind::Path => "PATH",
        SourceKind::None => "nothing",
    }
}

fn interpreter_words(interpreter: &Interpreter) -> Vec<(&'static str, String)> {
    let implementation = match interpreter.implementation {
        Implementation::CPython => "CPython",
        Implementation::PyPy => "PyPy",
    };
    let mut rows = vec![("Python", format!("{implementation} {}", interpreter.version))];
    rows.push(("Executable", interpreter.executable.to_string()));
    if interpreter.real_executable != interpreter.executable {
        rows.push(("", format!("→ {}", interpreter.real_executable)));
    }
    rows.push(("Prefix", interpreter.prefix.to_string()));
    if interpreter.is_virtual() {
        rows.push(("Base prefix", interpreter.base_prefix.to_string()));
    }
    if let Some(abi) = &interpreter.abi {
        rows.push(("ABI", abi.clone()));
    }
    if let Some(pyvenv) = &interpreter.pyvenv {
        let seen = if pyvenv.include_system_site_packages { "included" } else { "left out" };
        let because = match pyvenv.get("include-system-site-packages") {
            Some(entry) => format!("{}:{}", pyvenv.path, entry.line),
            None => format!("{} does not say otherwise", pyvenv.path),
        };
        rows.push(("System", format!("system site-packages {seen} ({because})")));
    }
    if let Some(managed) = &interpreter.externally_managed {
        let whose = if interpreter.is_virtual() { "the base is " } else { "" };
        rows.push(("PEP 668", format!("{whose}externally managed ({})", managed.marker)));
    }
    if let Some(path) = &interpreter.user_site.path {
        let enabled = if interpreter.user_site.enabled { "enabled" } else { "not searched" };
        rows.push(("User site", format!("{path} ({enabled})")));
    }
    for code in &interpreter.startup_code {
        let line = code.line.map(|line| format!(":{line}")).unwrap_or_default();
        rows.push(("Startup code", format!("{}{line} runs at start; what it does is not known", code.path)));
    }
    if let Some(reason) = &interpreter.does_not_start {
        rows.push(("Starts", format!("no: {reason}")));
    }
    rows
}

fn roots(title: &str, roots: &[ImportRoot], style: Style) -> String {
    let mut output = format!("\n{}\n", style.bold(title));
    let path_width = roots.iter().map(|root| root.path.as_str().chars().count()).max().unwrap_or_default();
    let origin_width = roots.iter().map(|root| root.origin.as_str().len()).max().unwrap_or_default();
    for (at, root) in roots.iter().enumerate() {
        let missing = if root.exists { "" } else { " (missing)" };
        let line = format!(
            "{:>3}  {:path_width$}  {:origin_width$}  {}{missing}",
            at + 1,
            visible(root.path.as_str()),
            root.origin.as_str(),
            visible(&root.evidence.to_string()),
        );
        let _ = writeln!(output, "{}", if root.exists { line } else { style.dim(&line) });
    }
    output
}
