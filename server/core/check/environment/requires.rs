//! An interpreter that the project says it does not run on.
//!
//! In: a [`Situation`]. Out: at most one diagnostic, on `requires-python`, or else on `.python-version`.
//!
//! **Invariant:** a Python that nobody chose is not held against the project, and a request that is not understood is met.

use std::cmp::Reverse;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};

use super::{diagnostic, line_of};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::{commands, fixes};
use crate::diagnostic::{Diagnostic, Fix};
use crate::environment::{SourceKind, version_file};
use crate::explain::{self, shortened};
use crate::interpreter::{Interpreter, Version};
use crate::project::{Tool, Versions};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;
use crate::text::Range;

/// The newest minor release that is thought of.
const NEWEST_MINOR: u8 = 40;

/// What is asked for, and the interpreter in force is not.
struct Outside {
    path: Utf8PathBuf,
    range: Range,
    /// Behind the name of the interpreter.
    fact: String,
    /// The Python that would be right, in the words of the project's tool.
    python: Option<String>,
}

pub(super) fn outside_requires(system: &dyn System, situation: &Situation) -> Option<Diagnostic> {
    let interpreter = situation.environment.interpreter.as_ref().filter(|_| !situation.is_guessed())?;
    let by_manifest = by_manifest(situation, interpreter);
    let by_file = by_version_file(system, situation, interpreter);
    let also = by_file.as_ref().filter(|_| by_manifest.is_some());
    let also = also.map(|it| at(&it.path, it.range.start.line + 1, "this asks for another one too"));
    let Outside { path, range, fact, python } = by_manifest.or(by_file)?;
    let name = explain::environment_name(situation);
    let version = format!("Python {}", interpreter.version);
    let here = if name == version { version } else { format!("{version} in {name}") };
    let pyvenv = interpreter.pyvenv.as_ref().map(|pyvenv| {
        let line = ["version", "version_info", "home"].iter().find_map(|key| pyvenv.get(key)).map_or(1, |it| it.line);
        at(&pyvenv.path, line, "the environment was made with this Python")
    });
    let is_ours = interpreter.is_virtual() || situation.environment.root.is_none();
    let fix = python.filter(|_| is_ours).map(|python| {
        let command = commands::recreate(situation, Some(&python), false);
        fixes::command("Recreate with a matching Python", command)
    });
    let fixes: Vec<Fix> = fix.into_iter().collect();
    let message = fitting([format!("{here} is outside {fact}")]);
    let related = pyvenv.into_iter().chain(also);
    diagnostic(Rule::PythonOutsideRequires, situation, &message, (Utf8Path::new(&path), range), related, &fixes)
}

fn by_manifest(situation: &Situation, interpreter: &Interpreter) -> Option<Outside> {
    let requires = situation.project.requires_python.as_ref()?;
    let versions = Versions::from_str(&requires.specifiers).ok()?;
    if may_satisfy(&versions, &interpreter.version) {
        return None;
    }
    let python = match situation.project.tool {
        Tool::Uv => Some(requires.specifiers.clone()),
        _ => nearest(&versions, &interpreter.version),
    };
    let fact = format!("requires-python `{}`", shortened(&requires.specifiers, 30));
    Some(Outside { path: requires.path.clone(), range: requires.range, fact, python })
}

/// What was chosen by a version file is what it asks for.
fn by_version_file(system: &dyn System, situation: &Situation, interpreter: &Interpreter) -> Option<Outside> {
    if situation.environment.source.kind == SourceKind::PythonVersionFile {
        return None;
    }
    let by_uv = situation.project.tool == Tool::Uv;
    let file = version_file(system, &situation.project.root, &situation.boundary, by_uv)?;
    // uv makes an environment anew where any number differs, and other tools hardly ever mean the last one.
    let is_outside = |request: &String| is_met(request, &interpreter.version, by_uv) == Some(false);
    let first = file.requests.first().filter(|_| file.requests.iter().all(is_outside))?;
    let python = match situation.project.tool {
        Tool::Uv => Some(first.clone()),
        _ => numbers(first).and_then(|it| it.get(..2).map(|it| format!("python{}.{}", it[0], it[1]))),
    };
    let (_, range) = line_of(system, &file.path, |line| line.trim_start().starts_with(first.as_str()));
    let name = explain::path_from(&situation.project.root, &file.path);
    Some(Outside {
        path: file.path,
        range,
        fact: format!("{} `{}`", shortened(&name, 30), shortened(first, 20)),
        python,
    })
}

/// Tells whether a version is what a line of `.python-version` asks for; `None` where that is not known, such as for the name of
/// an environment.
fn is_met(request: &str, version: &Version, is_exact: bool) -> Option<bool> {
    let plain = without_name(request);
    if plain.starts_with(['<', '>', '=', '~', '!']) {
        return Some(may_satisfy(&Versions::from_str(plain).ok()?, version));
    }
    let wanted = numbers(request)?;
    let own = [Some(version.major), Some(version.minor), version.micro];
    let compared = if is_exact { 3 } else { 2 };
    let are_met = wanted.iter().zip(own).take(compared).all(|(wanted, own)| own.is_none_or(|own| own == *wanted));
    let is_threaded = plain.ends_with('t');
    Some(are_met && (!is_threaded || version.free_threaded))
}

/// pyenv's and uv's names of `CPython`.
fn without_name(request: &str) -> &str {
    let names = ["cpython", "python"];
    let rest = names.iter().find_map(|name| request.strip_prefix(name)).unwrap_or(request);
    rest.trim_start_matches(['-', '@'])
}

/// The numbers of `3`, `3.12`, `3.12.4`, `3.13t`, `cpython-3.12.4-linux-x86_64-gnu`; what follows them in the last part, such as
/// `rc1`, is left out.
fn numbers(request: &str) -> Option<Vec<u8>> {
    let parts = without_name(request).split('-').next()?.split('.');
    let number = |part: &str| -> Option<u8> {
        let digits = part.find(|it: char| !it.is_ascii_digit()).and_then(|end| part.get(..end)).unwrap_or(part);
        digits.parse().ok()
    };
    let numbers: Option<Vec<u8>> = parts.map(number).collect();
    numbers.filter(|it| (1..=3).contains(&it.len()))
}

/// The Python nearest to a version among those that are wanted, by the name of its program.
fn nearest(versions: &Versions, version: &Version) -> Option<String> {
    let minors = (0..=NEWEST_MINOR).filter(|minor| {
        let mut micros = (0..=99).map(|micro| pep440_rs::Version::new([3, u64::from(*minor), micro]));
        micros.any(|it| versions.contains(&it))
    });
    let minor = minors.min_by_key(|minor| (minor.abs_diff(version.minor), Reverse(*minor)))?;
    Some(format!("python3.{minor}"))
}

/// Tells whether a version can be within what is wanted. As pip does it, only the numbers count (`3.14.0rc1` is 3.14.0);
/// where the last number is not known, one that fits is enough.
fn may_satisfy(versions: &Versions, version: &Version) -> bool {
    let (major, minor) = (u64::from(version.major), u64::from(version.minor));
    let micros = version.micro.map_or(0..=99, |micro| micro..=micro);
    micros.map(u64::from).any(|micro| versions.contains(&pep440_rs::Version::new([major, minor, micro])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        let mut parts = text.trim_end_matches('t').split('.').map(|it| it.parse().unwrap());
        Version {
            major: parts.next().unwrap(),
            minor: parts.next().unwrap(),
            micro: parts.next(),
            suffix: String::new(),
            free_threaded: text.ends_with('t'),
        }
    }

    #[test]
    fn a_request_that_is_not_understood_is_not_known_to_be_met() {
        for (request, own, is_exact, expected) in [
            ("3.12", "3.12.4", false, Some(true)),
            ("3.12", "3.11.4", false, Some(false)),
            ("3", "3.11", true, Some(true)),
            ("3.12.4", "3.12.7", false, Some(true)),
            ("3.12.4", "3.12.7", true, Some(false)),
            ("3.12.4", "3.12", true, Some(true)),
            ("cpython-3.12.4-linux-x86_64-gnu", "3.12.4", true, Some(true)),
            ("cpython@3.12", "3.11", true, Some(false)),
            ("python-3.12", "3.12", true, Some(true)),
            (">=3.12,<3.14", "3.11.2", true, Some(false)),
            ("3.13t", "3.13.1", false, Some(false)),
            ("3.13t", "3.13.1t", false, Some(true)),
            ("3.14.0rc1", "3.14.0", true, Some(true)),
            ("pypy3.10-7.3.1", "3.10", true, None),
            ("system", "3.10", true, None),
            ("my-environment", "3.10", true, None),
            ("3.x", "3.10", true, None),
        ] {
            assert_eq!(is_met(request, &version(own), is_exact), expected, "{request} {own}");
        }
    }

    #[test]
    fn the_nearest_python_is_the_one_to_make_it_with() {
        for (specifiers, own, expected) in [
            (">=3.12", "3.11.2", Some("python3.12")),
            ("~=3.12", "3.11.2", Some("python3.12")),
            ("==3.12.*", "3.14", Some("python3.12")),
            ("==3.12.4", "3.11", Some("python3.12")),
            ("<3.12", "3.14", Some("python3.11")),
            (">=3.8,!=3.11.*", "3.11", Some("python3.12")),
            (">=4", "3.11", None),
        ] {
            assert_eq!(nearest(&Versions::from_str(specifiers).unwrap(), &version(own)).as_deref(), expected);
        }
    }
}
