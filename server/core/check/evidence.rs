//! The places that prove a diagnostic.
//!
//! In: an [`Answer`]. Out: [`Related`] places.
//!
//! **Invariant:** always a file, never a directory: editors open what is named here.

use camino::Utf8Path;

use super::{dangling, shadowing};
use crate::answer::{Answer, Elsewhere, Place};
use crate::diagnostic::Related;
use crate::interpreter::Interpreter;
use crate::origin::{Evidence, Origin};
use crate::resolve::ModuleKind;
use crate::rules::Rule;
use crate::situation::Situation;
use crate::text::Range;

/// The most files of one kind that are shown.
const MOST: usize = 5;

/// Returns what lets a module in, or keeps it out, and the module itself.
pub(super) fn related(situation: &Situation, rule: Rule, answer: &Answer) -> Vec<Related> {
    let Some(interpreter) = &situation.environment.interpreter else { return Vec::new() };
    match rule {
        Rule::ShadowsStdlib | Rule::ShadowsPackage => {
            let own = answer.resolution.path.iter().map(|path| at(path, 1, "this file is found first"));
            let hidden = shadowing::hidden(rule, situation, answer).into_iter().filter(|path| is_file_name(path));
            return own.chain(hidden.map(|path| at(path, 1, "this is hidden"))).collect();
        }
        Rule::ExtensionAbiMismatch => {
            let foreign = answer.foreign.iter().take(MOST);
            return foreign
                .map(|it| at(&it.extension.path, 1, &format!("built for {}", it.extension.built_for)))
                .collect();
        }
        Rule::EditableDangling => return answer.dangling.iter().map(dangling::related).collect(),
        Rule::ModuleOwnedTwice => {
            let records =
                answer.rivals.iter().take(MOST).map(|it| {
                    at(&it.metadata.join("RECORD"), 1, &format!("{} {} lists the file", it.name, it.version))
                });
            let file = answer.resolution.path.iter().map(|path| at(path, 1, "found here"));
            return file.chain(records).collect();
        }
        _ => {}
    }
    let mut related: Vec<Related> = match answer.resolution.kind {
        // Its runner makes the environment from the header alone.
        ModuleKind::Unresolved if rule == Rule::ScriptUndeclared => Vec::new(),
        ModuleKind::Unresolved => what_keeps_it_out(interpreter, answer).into_iter().collect(),
        _ => what_lets_it_in(interpreter, answer).into_iter().collect(),
    };
    let files = answer.resolution.path.iter().chain(answer.elsewhere.iter().map(|it| &it.path));
    related.extend(answer.stubs.iter().map(|it| at(&it.path, 1, "only these stubs are there")));
    related.extend(files.filter(|path| is_file_name(path)).map(|path| at(path, 1, "found here")));
    related
}

/// Points to a line, from 1.
pub(super) fn at(path: &Utf8Path, line: u32, message: &str) -> Related {
    Related { path: path.to_owned(), range: Range::at_line(line.saturating_sub(1)), message: message.to_owned() }
}

fn what_lets_it_in(interpreter: &Interpreter, answer: &Answer) -> Option<Related> {
    let root = answer.resolution.root.as_ref()?;
    let entry = interpreter.search_path.iter().find(|entry| entry.path == *root)?;
    match (&entry.evidence, entry.origin) {
        (Evidence::Line { path, line }, _) => Some(at(path, *line, "this line lets it in")),
        (_, Origin::DistPackages | Origin::LocalDistPackages | Origin::BaseSitePackages) => {
            let pyvenv = interpreter.pyvenv.as_ref()?;
            let flag = pyvenv.get("include-system-site-packages")?;
            Some(at(&pyvenv.path, flag.line, "this line lets it in"))
        }
        _ => None,
    }
}

fn what_keeps_it_out(interpreter: &Interpreter, answer: &Answer) -> Option<Related> {
    let Elsewhere { place, environment, .. } = answer.elsewhere.first()?;
    let place = *place;
    if place == Place::SiblingEnvironment {
        return Some(at(&environment.join("pyvenv.cfg"), 1, "an environment of its own, which is not in force here"));
    }
    let pyvenv = interpreter.pyvenv.as_ref()?;
    if !pyvenv.include_system_site_packages {
        let line = pyvenv.get("include-system-site-packages").map_or(1, |entry| entry.line);
        return Some(at(&pyvenv.path, line, "`include-system-site-packages` is not on"));
    }
    let home = pyvenv.get("home").map_or(1, |entry| entry.line);
    (place == Place::OperatingSystem)
        .then(|| at(&pyvenv.path, home, "the base is not the operating system's Python, so its packages are not seen"))
}

fn is_file_name(path: &Utf8Path) -> bool {
    path.extension().is_some()
}
