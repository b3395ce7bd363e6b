//! What is wrong with the environment itself, said in its own files.
//!
//! In: a [`Situation`] and the answers to the project's imports. Out: diagnostics on `pyvenv.cfg` and on the manifest.
//!
//! **Invariant:** each fact once on `pyvenv.cfg` and at most once on the manifest; both are read only for places.

use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};

use super::evidence::at;
use super::message::fitting;
use super::{commands, fixes, verdict};
use crate::answer::{Answer, Answers, Place};
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::environment::SourceKind;
use crate::explain::{self, shortened};
use crate::interpreter::{Interpreter, Version};
use crate::launch::Launch;
use crate::origin::Origin;
use crate::project::{RequiresPython, Tool};
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Cause, System};
use crate::text::{Range, Text};

/// Checks the environment in force, in the order of files and places.
pub fn check_environment(system: &dyn System, situation: &Situation, answers: &Answers) -> Vec<Diagnostic> {
    match &situation.launch {
        None => {}
        // Its shebang says nothing of what the project around it needs.
        Some(Launch::Shebang(_)) => return interpreter_missing(system, situation),
        // Its runner makes it anew where it does not fit.
        Some(Launch::Script(_)) => return Vec::new(),
    }
    let rules = [
        interpreter_missing(system, situation),
        system_site_no_effect(system, situation, answers).into_iter().collect(),
        outside_requires(situation).into_iter().collect(),
        no_environment(system, situation).into_iter().collect(),
    ];
    let mut found: Vec<Diagnostic> = rules.into_iter().flatten().collect();
    found.sort_by(|one, other| (&one.path, one.range, one.rule).cmp(&(&other.path, other.range, other.rule)));
    found
}

fn interpreter_missing(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let environment = &situation.environment;
    // An interpreter that was named and is not there belongs to no environment; that is the caller's to report.
    let Some(broken) = environment.broken.as_ref().filter(|_| environment.root.is_some()) else { return Vec::new() };
    let name = explain::environment_name(situation);
    let python = explain::path_from(&situation.project.root, &broken.interpreter);
    let gone = match &broken.leads_to {
        Some(target) if !system.exists(target) => {
            let target = shortened(target.as_str(), 40);
            format!("`{}` leads to `{target}`, which is gone", shortened(&python, 30))
        }
        None if is_absent(system, &broken.interpreter) => format!("`{}` is not there", shortened(&python, 60)),
        _ => {
            // The project's own paths are shorter from its root.
            let reason = broken.reason.replace(&format!("`{}/", situation.project.root), "`");
            match reason.strip_prefix("it does not start: ") {
                Some(reason) => format!("`{name}` does not start: {reason}"),
                None => format!("`{name}` cannot run: {reason}"),
            }
        }
    };
    let message = fitting([gone]);
    // No tool makes an environment in the place of a file or of a link that leads nowhere.
    let is_folder = environment.root.as_ref().is_some_and(|root| system.is_directory(root));
    let recreate = is_folder.then(|| fixes::command("Recreate it", commands::recreate(situation, None, false)));
    let fixes: Vec<Fix> = recreate.into_iter().collect();
    let cfg = broken.pyvenv_cfg.clone().map(|path| {
        let line = line_of(system, &path, |line| line.split_once('=').is_some_and(|(key, _)| is_key(key, "home")));
        (path, line)
    });
    let manifest = manifest_place(system, situation);
    let mut found = Vec::new();
    if let Some((path, (line, range))) = &cfg {
        let target = broken.leads_to.iter().filter(|target| system.is_file(target)).map(|it| at(it, 1, "leads here"));
        let related = target.chain(manifest.iter().map(|(path, range)| Related {
            path: path.clone(),
            range: *range,
            message: format!("this project uses {name}, line {} of its pyvenv.cfg names the base", line + 1),
        }));
        found.extend(diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), related, &fixes));
    }
    // Many people never open pyvenv.cfg.
    if let Some((path, range)) = &manifest {
        let related = cfg.iter().map(|(path, (line, _))| at(path, line + 1, "made by this interpreter"));
        found.extend(diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), related, &fixes));
    }
    found
}

fn system_site_no_effect(system: &dyn System, situation: &Situation, answers: &Answers) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let pyvenv = interpreter.pyvenv.as_ref().filter(|it| it.include_system_site_packages)?;
    let sees_them = interpreter.search_path.iter().any(|entry| entry.origin == Origin::DistPackages && entry.exists);
    if sees_them || verdict::has_system_base(interpreter) {
        return None;
    }
    let mut missed: Vec<&Answer> = answers.values().map(|it| &**it).filter(|it| only_the_system_has(it)).collect();
    missed.sort_by(|one, other| one.resolution.module.cmp(&other.resolution.module));
    let first = missed.first()?;
    let line = pyvenv.get("include-system-site-packages")?.line;
    let range = whole_line(system, &pyvenv.path, line.saturating_sub(1));
    let module = shortened(&first.resolution.module, 30);
    let system = shortened(situation.operating_system.of_dpkg(), 20);
    let message = fitting([
        format!("no effect on {system}'s packages (`{module}`): the base is {}", interpreter.base_prefix),
        format!("no effect on {system}'s packages (`{module}`): the base is another Python"),
    ]);
    let home = pyvenv.get("home").map(|home| at(&pyvenv.path, home.line, "this base does not look in dist-packages"));
    let fix = commands::recreate(situation, Some("/usr/bin/python3"), true);
    let fixes = [fixes::command("Recreate on the operating system's Python", fix)];
    diagnostic(Rule::SystemSiteNoEffect, situation, &message, (&pyvenv.path, range), home, &fixes)
}

fn only_the_system_has(answer: &Answer) -> bool {
    answer.resolution.kind == ModuleKind::Unresolved
        && answer.elsewhere.iter().any(|elsewhere| elsewhere.place == Place::OperatingSystem)
}

fn outside_requires(situation: &Situation) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref().filter(|_| !situation.is_guessed())?;
    let requires = situation.project.requires_python.as_ref()?;
    let specifiers = pep440_rs::VersionSpecifiers::from_str(&requires.specifiers).ok()?;
    if may_satisfy(&specifiers, &interpreter.version) {
        return None;
    }
    let name = explain::environment_name(situation);
    let python = format!("Python {}", interpreter.version);
    let here = if name == python { python } else { format!("{python} in {name}") };
    let wanted = shortened(&requires.specifiers, 30);
    let message = fitting([format!("{here} is outside requires-python `{wanted}`")]);
    let pyvenv = interpreter.pyvenv.as_ref();
    let related = pyvenv.map(|pyvenv| {
        let line = ["version", "version_info", "home"].iter().find_map(|key| pyvenv.get(key)).map_or(1, |it| it.line);
        at(&pyvenv.path, line, "the environment was made with this Python")
    });
    let fixes: Vec<Fix> = recreate_within(situation, interpreter, requires).into_iter().collect();
    diagnostic(Rule::PythonOutsideRequires, situation, &message, (&requires.path, requires.range), related, &fixes)
}

fn recreate_within(situation: &Situation, interpreter: &Interpreter, requires: &RequiresPython) -> Option<Fix> {
    let lowest = requires.specifiers.split(',').find_map(|it| it.trim().strip_prefix(">="));
    let python = if situation.project.tool == Tool::Uv {
        requires.specifiers.clone()
    } else {
        let mut parts = lowest?.trim().split('.');
        format!("python{}.{}", parts.next()?, parts.next()?)
    };
    let is_ours = interpreter.is_virtual() || situation.environment.root.is_none();
    is_ours
        .then(|| fixes::command("Recreate with a matching Python", commands::recreate(situation, Some(&python), false)))
}

/// Tells whether a version can be within the specifiers. As pip does it, only the numbers count (`3.14.0rc1` is 3.14.0);
/// where the last number is not known, one that fits is enough.
fn may_satisfy(specifiers: &pep440_rs::VersionSpecifiers, version: &Version) -> bool {
    let (major, minor) = (u64::from(version.major), u64::from(version.minor));
    let micros = version.micro.map_or(0..=99, |micro| micro..=micro);
    micros.map(u64::from).any(|micro| specifiers.contains(&pep440_rs::Version::new([major, minor, micro])))
}

fn no_environment(system: &dyn System, situation: &Situation) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let managed = interpreter.system && interpreter.externally_managed.is_some() && !interpreter.is_virtual();
    // Whoever names the operating system's Python means it.
    let chosen_by_nobody = situation.environment.source.kind == SourceKind::Path;
    if !managed || !chosen_by_nobody || situation.is_guessed() || situation.project.dependencies.is_empty() {
        return None;
    }
    let (path, range) = manifest_place(system, situation)?;
    let message = "dependencies are declared, but only the operating system's Python is there";
    let marker = interpreter.externally_managed.as_ref();
    let related = marker.map(|it| at(&it.marker, 1, "pip does not install into this Python (PEP 668)"));
    let fixes = [fixes::command("Create an environment", commands::create(situation))];
    diagnostic(Rule::EnvNone, situation, message, (&path, range), related, &fixes)
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

/// The place in the first manifest that stands for the project: `[project]`, or the first line.
fn manifest_place(system: &dyn System, situation: &Situation) -> Option<(Utf8PathBuf, Range)> {
    let path = situation.project.manifests.first().filter(|_| situation.launch.is_none())?;
    Some((path.clone(), line_of(system, path, |line| line.trim() == "[project]").1))
}

/// Finds the first line that is meant, from 0, and its range; the first line where there is none.
fn line_of(system: &dyn System, path: &Utf8Path, is_meant: impl Fn(&str) -> bool) -> (u32, Range) {
    let Ok(text) = system.read_text(path).map(Text::new) else { return (0, Range::at_line(0)) };
    let lines = u32::try_from(text.line_count()).unwrap_or(u32::MAX);
    let line = (0..lines).find(|line| is_meant(text.line(*line))).unwrap_or(0);
    (line, text.range(text.line_span(line)))
}

fn whole_line(system: &dyn System, path: &Utf8Path, line: u32) -> Range {
    match system.read_text(path).map(Text::new) {
        Ok(text) => text.range(text.line_span(line)),
        Err(_) => Range::at_line(line),
    }
}

/// Tells that nothing is there, not even a link that leads in a circle.
fn is_absent(system: &dyn System, path: &Utf8Path) -> bool {
    system.metadata(path).is_err_and(|failure| failure.cause == Cause::NotFound)
}

fn is_key(text: &str, key: &str) -> bool {
    text.trim().eq_ignore_ascii_case(key)
}
