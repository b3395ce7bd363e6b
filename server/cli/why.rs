//! `fromwhere why MODULE... [--file FILE]`.
//!
//! In: dotted names, from the command line or from standard input. Out: where each comes from, what it hides, where else it
//! is installed, in the order asked.
//!
//! **Invariant:** every name that is asked gets one answer.

use std::fmt::Write as _;
use std::io::{self, BufRead as _};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use fromwhere_core::answer::{Answer, Investigation, confidence};
use fromwhere_core::explain::{self, Short};
use fromwhere_core::origin::Problem;
use fromwhere_core::resolve::{ModuleKind, Resolution};
use fromwhere_core::situation::{self, Situation};
use fromwhere_core::system::System;

use super::arguments::{Options, Why};
use super::json::{self, module::ModuleJson};
use super::terminal::{Style, visible};
use super::{Exit, Report, request};

pub(super) fn run(system: &dyn System, options: &Options, asked: &Why) -> Result<Report> {
    request::check_options(options, system)?;
    let as_json = request::wants_json(options, "why")?;
    let names = names(&asked.modules)?;
    let around = request::absolute(system, asked.file.as_deref().unwrap_or(Utf8Path::new(".")));
    ensure!(system.exists(&around), "--file {around}: no such file or directory");
    let situation = request::situation_around(options, system, &around);
    let is_file = asked.file.is_some() && !system.is_directory(&around);
    let importing_directory = is_file.then(|| situation::script_folder(system, &around));
    let answers = answers(system, &situation, importing_directory.as_deref(), &names);
    let output = if as_json {
        json::pretty_list(answers.iter().map(|answer| ModuleJson::new(&situation, answer)))
    } else {
        let style = Style::new(options.color, system);
        let pages = answers.iter().map(|answer| page(&situation, answer, style));
        pages.chain(uncertain(&situation, &answers)).collect::<Vec<_>>().join("\n")
    };
    let unusable = request::unusable_python(options, &situation);
    let exit = if unusable.is_some() {
        Exit::Failed
    } else if answers.iter().any(|answer| answer.resolution.kind == ModuleKind::Unresolved) {
        Exit::Found
    } else {
        Exit::Clean
    };
    let problems = request::problems(&situation);
    let remarks = unusable.into_iter().chain(problems.iter().map(Problem::to_string));
    Ok(Report { output: output.into_bytes(), remarks: remarks.map(|it| visible(&it).into_owned()).collect(), exit })
}

fn names(modules: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for module in modules {
        if module == "-" {
            for line in io::stdin().lock().lines() {
                let line = line.context("standard input cannot be read")?;
                let name = line.trim();
                if !name.is_empty() {
                    names.push(name.to_owned());
                }
            }
        } else {
            names.push(module.clone());
        }
    }
    Ok(names)
}

/// Answers as a file in the importing directory would see it, where a file was named.
fn answers(
    system: &dyn System,
    situation: &Situation,
    importing_directory: Option<&Utf8Path>,
    names: &[String],
) -> Vec<Arc<Answer>> {
    let investigation = Investigation::new(system, situation);
    let answer = |name: &String| match importing_directory {
        _ if !is_dotted_name(name) => Arc::new(no_module(name)),
        Some(directory) => investigation.answer_for(name, directory),
        None => investigation.answer(name),
    };
    names.iter().map(answer).collect()
}

/// Tells whether the text can name a module at all: `importlib` would take `a/b` for a path below a root.
fn is_dotted_name(name: &str) -> bool {
    name.split('.').all(|part| !part.is_empty() && !part.contains(|it: char| it == '/' || it.is_control()))
}

fn no_module(name: &str) -> Answer {
    let module = name.to_owned();
    let kind = ModuleKind::Unresolved;
    Answer::of(Resolution { module, kind, path: None, locations: None, origin: None, root: None, twin: None })
}

/// Writes what is said where one name is asked, without color.
pub fn plain(situation: &Situation, answer: Arc<Answer>) -> String {
    let page = page(situation, &answer, Style { color: false });
    let uncertain = uncertain(situation, &[answer]);
    [page].into_iter().chain(uncertain).collect::<Vec<_>>().join("\n")
}

/// Names the code at start that may change any of the answers, once for all of them.
fn uncertain(situation: &Situation, answers: &[Arc<Answer>]) -> Option<String> {
    let short = Short::new(&situation.project.root, None);
    let first = answers.iter().map(|answer| confidence::interfering(situation, answer)).find(|it| !it.is_empty())?;
    let lines = first.iter().map(|code| {
        let words = explain::environment::startup_code(code, &short);
        format!("Start-up code {}\n", visible(&words))
    });
    Some(lines.collect())
}

fn page(situation: &Situation, answer: &Answer, style: Style) -> String {
    let mut output = format!("{}\n", style.bold(&visible(&explain::sentence(situation, answer))));
    for row in explain::module::rows(situation, answer) {
        for (at, value) in row.values.iter().enumerate() {
            let name = if at == 0 { row.name } else { "" };
            let _ = writeln!(output, "  {name:<13} {}", visible(value));
        }
    }
    output
}
