//! What is wrong with the environment itself, said in its own files.
//!
//! In: a [`Situation`] and the answers to the project's imports. Out: diagnostics on `pyvenv.cfg` and on the manifest.
//!
//! **Invariant:** each fact once on `pyvenv.cfg` and at most once on the manifest; both are read only for places.

use camino::{Utf8Path, Utf8PathBuf};

use super::pyvenv::FLAG;
use super::{commands, comments, evidence, fixes};
use crate::answer::Answers;
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::environment::SourceKind;
use crate::explain::{self, shortened};
use crate::interpreter::{pyvenv_lines, read_pyvenv};
use crate::launch::Launch;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;
use crate::text::{Range, Text};

mod dangling;
mod dependencies;
mod home;
mod ignored;
mod layout;
mod mismatch;
mod missing;
mod none;
mod relocated;
mod requires;
mod syntax;
mod system_site;

/// Checks the environment in force, in the order of files and places.
pub(super) fn check_environment(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    match &situation.launch {
        None => {}
        // Where something of higher rank was chosen instead of the kernel, the project itself is told about that.
        Some(Launch::Kernel(_)) if situation.environment.source.kind != SourceKind::Kernel => return Vec::new(),
        Some(Launch::Kernel(_)) => {
            let missing = missing::interpreter_missing(system, situation);
            let found = [missing, mismatch::mismatch(system, situation, answers)].concat();
            return comments::silence(system, situation, &found);
        }
        // Its shebang says nothing of what the project around it needs.
        Some(Launch::Shebang(_)) => {
            return comments::silence(system, situation, &missing::interpreter_missing(system, situation));
        }
        // Its runner makes it anew where it does not fit.
        Some(Launch::Script(_)) => return Vec::new(),
    }
    let rules = [
        missing::interpreter_missing(system, situation),
        layout::foreign_platform(system, situation),
        layout::version_skew(system, situation),
        home::home_mismatch(system, situation),
        relocated::relocated(system, situation),
        syntax::syntax(system, situation),
        mismatch::mismatch(system, situation, answers),
        ignored::ignored(system, situation),
        system_site::system_site_no_effect(system, situation, answers),
        requires::outside_requires(system, situation).into_iter().collect(),
        none::no_environment(system, situation).into_iter().collect(),
        dependencies::not_installed(situation),
        dependencies::other_version(situation),
        dependencies::drift(situation),
        dangling::unseen(system, situation, answers),
    ];
    let mut found = comments::silence(system, situation, &rules.concat());
    found.sort_by(|one, other| (&one.path, one.range, one.rule).cmp(&(&other.path, other.range, other.rule)));
    found
}

fn diagnostic(
    rule: Rule,
    situation: &Situation,
    message: &str,
    (path, range): (&Utf8Path, Range),
    related: impl IntoIterator<Item = Related>,
    fixes: &[Fix],
) -> Option<Diagnostic> {
    Some(Diagnostic {
        rule,
        severity: situation.settings.for_path(path).severity_of(rule)?,
        message: message.to_owned(),
        path: path.to_owned(),
        range,
        related: related.into_iter().collect(),
        fixes: fixes.to_vec(),
        module: None,
    })
}

/// Says one fact on `pyvenv.cfg`, and once on the manifest: many people never open the former.
fn on_both(
    system: &dyn System,
    situation: &Situation,
    rule: Rule,
    message: &str,
    (cfg, (line, range)): (&Utf8Path, (u32, Range)),
    fixes: &[Fix],
) -> Vec<Diagnostic> {
    let on_cfg = diagnostic(rule, situation, message, (cfg, range), [], fixes);
    let on_manifest = owners_place(system, situation).and_then(|(manifest, range)| {
        let related = [evidence::at(cfg, line + 1, "the environment's own file")];
        let fixes = [fixes, &[open(situation, cfg, line + 1)]].concat();
        diagnostic(rule, situation, message, (&manifest, range), related, &fixes)
    });
    on_cfg.into_iter().chain(on_manifest).collect()
}

/// Leads to a line of a file that is hardly ever opened, from 1.
fn open(situation: &Situation, path: &Utf8Path, line: u32) -> Fix {
    let name = shortened(&explain::path_from(&situation.project.root, path), 50);
    Fix::open(format!("Open {name}"), path.to_owned(), line)
}

/// Finds the line of the first of some keys that a `pyvenv.cfg` has, from 0, and its range.
fn pyvenv_line(system: &dyn System, path: &Utf8Path, keys: &[&str]) -> (u32, Range) {
    let Ok(text) = system.read_text(path).map(Text::new) else { return (0, Range::at_line(0)) };
    let lines = pyvenv_lines(&text);
    let line = keys.iter().find_map(|key| lines.iter().find(|it| it.key == *key)).map_or(0, |it| it.line);
    (line, text.range(text.line_span(line)))
}

/// The way out of most of it: the environment made anew, with the same packages of the base.
fn recreate(system: &dyn System, situation: &Situation, cfg: &Utf8Path) -> Fix {
    let pyvenv = read_pyvenv(system, cfg);
    let flag = pyvenv.as_ref().filter(|it| it.include_system_site_packages);
    let is_set = flag.is_some_and(|it| it.get(FLAG).is_some());
    // One that cannot run does not say what it is; its file may, and its library does.
    let library = cfg.parent().and_then(|it| system.list(&it.join("lib")).ok());
    let is_of_pypy = pyvenv
        .and_then(|it| it.get("implementation").map(|entry| entry.value.eq_ignore_ascii_case("pypy")))
        .unwrap_or_else(|| library.is_some_and(|it| it.starting_with("pypy3").next().is_some()));
    fixes::command("Recreate it", commands::recreate(situation, is_of_pypy.then_some(commands::PYPY), is_set))
}

/// The place in the first manifest that stands for the project: `[project]`, or the first line.
fn manifest_place(system: &dyn System, situation: &Situation) -> Option<(Utf8PathBuf, Range)> {
    let path = situation.project.manifests.first().filter(|_| situation.launch.is_none())?;
    Some((path.clone(), line_of(system, path, |line| line.trim() == "[project]").1))
}

/// The same for the project whose environment is in force: it may be one around this one, and many in it.
fn owners_place(system: &dyn System, situation: &Situation) -> Option<(Utf8PathBuf, Range)> {
    let root = &situation.project.root;
    let owner = situation.environment.root.as_deref().and_then(Utf8Path::parent);
    let owner = owner.filter(|it| *it != root && root.starts_with(it) && it.starts_with(&situation.boundary));
    let manifests =
        owner.into_iter().flat_map(|it| ["pyproject.toml", "setup.cfg", "requirements.txt"].map(|name| it.join(name)));
    let manifest = manifests.into_iter().find(|it| situation.launch.is_none() && system.is_file(it));
    let place = |path: Utf8PathBuf| {
        let range = line_of(system, &path, |line| line.trim() == "[project]").1;
        (path, range)
    };
    manifest.map(place).or_else(|| manifest_place(system, situation))
}

/// Finds the first line that is meant, from 0, and its range; the first line where there is none.
fn line_of(system: &dyn System, path: &Utf8Path, is_meant: impl Fn(&str) -> bool) -> (u32, Range) {
    let Ok(text) = system.read_text(path).map(Text::new) else { return (0, Range::at_line(0)) };
    let lines = u32::try_from(text.line_count()).unwrap_or(u32::MAX);
    let line = (0..lines).find(|line| is_meant(text.line(*line))).unwrap_or(0);
    (line, text.range(text.line_span(line)))
}
