//! `fromwhere env [--project DIR | --file FILE]`.
//!
//! In: a project's directory, or one file. Out: the environment in force, how it was chosen and what was passed over, its `sys.path` with
//! a reason for each entry, its findings.
//!
//! **Invariant:** no thread is started and no source file is read but the one that was named.

use std::mem::ManuallyDrop;

use anyhow::{Result, ensure};
use camino::Utf8Path;
use fromwhere_core::answer::Answers;
use fromwhere_core::check::check_environment;
use fromwhere_core::origin::Problem;
use fromwhere_core::system::System;

use super::arguments::{Env, Options};
use super::json::{self, environment::EnvironmentJson};
use super::terminal::{self, Style, visible};
use super::{Exit, Report, request};

mod page;
mod roots;

pub use page::{Paper, page};

pub(super) fn run(system: &dyn System, options: &Options, asked: &Env) -> Result<Report> {
    request::check_options(options, system)?;
    let as_json = request::wants_json(options, "env")?;
    let situation = if let Some(file) = &asked.file {
        let file = request::absolute(system, file);
        ensure!(system.is_file(&file), "--file {file}: no such file");
        request::situation_around(options, system, &file)
    } else {
        let directory = request::absolute(system, asked.project.as_deref().unwrap_or(Utf8Path::new(".")));
        ensure!(system.is_directory(&directory), "--project {directory}: no such directory");
        request::situation_around(options, system, &directory)
    };
    // As the disk's memory in `cli`: nothing is given back before the process ends.
    let situation = ManuallyDrop::new(situation);
    let findings = check_environment(system, &situation, &Answers::default());
    let problems = request::problems(&situation);
    let output = if as_json {
        json::pretty(&EnvironmentJson::new(&situation, &findings, &problems))
    } else {
        let paper = Paper { width: terminal::width(system), color: Style::new(options.color, system).color };
        page(system, &situation, &findings, paper)
    };
    let remarks = problems.iter().map(Problem::to_string);
    let remarks = request::unusable_python(options, &situation).into_iter().chain(remarks);
    let exit = if situation.environment.interpreter.is_some() { Exit::Clean } else { Exit::Found };
    Ok(Report { output: output.into_bytes(), remarks: remarks.map(|it| visible(&it).into_owned()).collect(), exit })
}
