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
use fromwhere_core::answer::{Answer, Elsewhere, Investigation, Place};
use fromwhere_core::dpkg::OsPackage;
use fromwhere_core::explain;
use fromwhere_core::origin::{Origin, Problem};
use fromwhere_core::resolve::{ModuleKind, Resolution};
use fromwhere_core::situation::Situation;
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
    let importing_directory = around.parent().filter(|_| asked.file.is_some() && !system.is_directory(&around));
    let answers = answers(system, &situation, importing_directory, &names);
    let output = if as_json {
        json::pretty(&answers.iter().map(|answer| ModuleJson::from(answer.as_ref())).collect::<Vec<_>>())
    } else {
        let style = Style::new(options.color, system);
        answers.iter().map(|answer| page(&situation, answer, style)).collect::<Vec<_>>().join("\n")
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
    Answer {
        resolution: Resolution {
            module: name.to_owned(),
            kind: ModuleKind::Unresolved,
            path: None,
            locations: None,
            origin: None,
            root: None,
        },
        distribution: None,
        os_package: None,
        declared: None,
        shadows: Vec::new(),
        elsewhere: Vec::new(),
        offered: None,
    }
}

fn page(situation: &Situation, answer: &Answer, style: Style) -> String {
    let resolution = &answer.resolution;
    let mut output = format!("{}\n", style.bold(&visible(&explain::sentence(situation, answer))));
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(output, "  {name:<13} {}", visible(value));
    };
    if resolution.kind != ModuleKind::Unresolved {
        row("kind", resolution.kind.as_str());
    }
    if let Some(path) = &resolution.path {
        row("path", path.as_str());
    }
    for (at, location) in resolution.locations.iter().flatten().enumerate() {
        if resolution.path.is_none() || at > 0 {
            row(if at == 0 || resolution.path.is_some() { "location" } else { "" }, location.as_str());
        }
    }
    if let Some(root) = root_words(situation, resolution) {
        row("root", &root);
    }
    if let Some(distribution) = &answer.distribution {
        let installer = distribution.installer.as_ref().map(|it| format!(", installed by {it}")).unwrap_or_default();
        row("distribution", &format!("{} {}{installer}", distribution.name, distribution.version));
    }
    if let Some(package) = &answer.os_package {
        row("OS package", &package_words(package));
    }
    let installed = resolution.origin.is_some_and(|it| !matches!(it, Origin::Project | Origin::StandardLibrary));
    match &answer.declared {
        Some(requirement) => row("declared", &format!("`{requirement}`")),
        None if installed && !situation.project.manifests.is_empty() => row("declared", "no"),
        None => {}
    }
    for shadowed in &answer.shadows {
        row("shadows", &format!("{} ({})", shadowed.path, shadowed.origin));
    }
    for elsewhere in &answer.elsewhere {
        row("elsewhere", &elsewhere_words(elsewhere));
    }
    output
}

/// Says which root a module was found under, counted as the interpreter searches them, and why that root is there.
fn root_words(situation: &Situation, resolution: &Resolution) -> Option<String> {
    let root = resolution.root.as_ref()?;
    let own = &situation.project.roots;
    let search_path = situation.environment.interpreter.as_ref().map_or(&[][..], |it| &it.search_path);
    if resolution.origin == Some(Origin::Project)
        && let Some(found) = own.iter().find(|it| it.path == *root)
    {
        return Some(format!("{root}, the project's own ({})", found.evidence));
    }
    match search_path.iter().position(|it| it.path == *root) {
        Some(at) => {
            let reason = search_path.get(at).map(|it| it.evidence.to_string()).unwrap_or_default();
            Some(format!("{root}, {} of {} ({reason})", at + 1, search_path.len()))
        }
        None if resolution.origin == Some(Origin::Project) => Some(format!("{root}, the folder of the file itself")),
        None => Some(root.to_string()),
    }
}

fn elsewhere_words(elsewhere: &Elsewhere) -> String {
    let place = match elsewhere.place {
        Place::OperatingSystem => "the operating system's packages",
        Place::Base => "the base Python",
        Place::UserSite => "the user site",
        Place::SiblingEnvironment => "another environment",
    };
    let package = elsewhere.os_package.as_ref().map(|it| format!(", {}", package_words(it))).unwrap_or_default();
    format!("{} ({place} of {}{package})", elsewhere.path, elsewhere.environment)
}

fn package_words(package: &OsPackage) -> String {
    format!("{} {}", package.name, package.version)
}
