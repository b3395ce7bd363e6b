//! How many imports come from where.
//!
//! In: the imports of files and the answers to them. Out: a [`Tally`], as one line or as JSON.
//!
//! **Invariant:** every import is counted once, so the parts add up to the whole.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fromwhere_core::answer::{Answer, Answers};
use fromwhere_core::explain;
use fromwhere_core::imports::{Import, Imports};
use fromwhere_core::interpreter::Interpreter;
use fromwhere_core::origin::Origin;
use fromwhere_core::situation::Situation;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
pub(super) struct Tally {
    pub(super) total: usize,
    /// By the word that the JSON output has for the origin, and `unresolved`.
    pub(super) by_origin: BTreeMap<&'static str, usize>,
    /// By the words for people, in the order in which they are said.
    #[serde(skip)]
    by_place: BTreeMap<(usize, Cow<'static, str>), usize>,
}

impl Tally {
    pub(super) fn add(&mut self, situation: &Situation, imports: &Imports, answers: &Answers) {
        // A file has many imports from few places, and the words for a place take longer to find than it takes to count.
        let mut counts: Vec<(Option<Origin>, bool, usize)> = Vec::new();
        for import in &imports.imports {
            let answer = answer(import, answers);
            let origin =
                if import.level > 0 { Some(Origin::Project) } else { answer.and_then(|it| it.resolution.origin) };
            // Only dpkg's records name an owner.
            let is_owned = answer.is_some_and(|it| it.os_package.is_some());
            match counts.iter_mut().find(|it| (it.0, it.1) == (origin, is_owned)) {
                Some((_, _, count)) => *count += 1,
                None => counts.push((origin, is_owned, 1)),
            }
        }
        for (origin, is_owned, count) in counts {
            self.total += count;
            *self.by_origin.entry(origin.map_or("unresolved", Origin::as_str)).or_default() += count;
            *self.by_place.entry(place(origin, is_owned, situation)).or_default() += count;
        }
    }

    /// Adds what was counted apart.
    pub(super) fn merge(&mut self, other: Tally) {
        self.total += other.total;
        for (origin, count) in other.by_origin {
            *self.by_origin.entry(origin).or_default() += count;
        }
        for (place, count) in other.by_place {
            *self.by_place.entry(place).or_default() += count;
        }
    }

    /// Says it in one line, such as `4 imports: 2 project, 1 standard library, 1 not found`.
    pub(super) fn sentence(&self) -> String {
        let parts: Vec<String> = self.by_place.iter().map(|((_, place), count)| format!("{count} {place}")).collect();
        let noun = if self.total == 1 { "import" } else { "imports" };
        if parts.is_empty() { "0 imports".to_owned() } else { format!("{} {noun}: {}", self.total, parts.join(", ")) }
    }
}

/// Returns the answer to the longest part of the dotted name that was asked.
fn answer<'a>(import: &Import, answers: &'a Answers) -> Option<&'a Answer> {
    let mut name = import.module.as_str();
    loop {
        if let Some(answer) = answers.get(name) {
            return Some(answer);
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// Names the place, behind a number that says where it stands in the sentence; `is_owned` by a package of the operating system.
fn place(origin: Option<Origin>, is_owned: bool, situation: &Situation) -> (usize, Cow<'static, str>) {
    let interpreter = situation.environment.interpreter.as_ref();
    let Some(origin) = origin else {
        let words = if interpreter.is_some() { "not found" } else { "unknown, without a Python" };
        return (usize::MAX, words.into());
    };
    let words = match origin {
        Origin::Project => "project",
        Origin::StandardLibrary => "standard library",
        Origin::SitePackages if interpreter.is_some_and(Interpreter::is_virtual) => {
            return (origin as usize, explain::environment_name(situation).into());
        }
        Origin::SitePackages => "site-packages",
        Origin::BaseSitePackages => "base Python",
        Origin::UserSite => "user site",
        Origin::DistPackages if is_owned => {
            return (origin as usize, situation.operating_system.of_dpkg().to_owned().into());
        }
        Origin::DistPackages => "operating system",
        Origin::LocalDistPackages => "/usr/local",
        Origin::Editable => "editable",
        Origin::PathFile => ".pth",
        Origin::PythonPath => "PYTHONPATH",
        Origin::OtherEnvironment => "another environment",
        Origin::Stubs => "stubs only",
    };
    (origin as usize, words.into())
}
