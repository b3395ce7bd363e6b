//! What the extras of installed distributions ask for.
//!
//! In: what is declared (`ipython[notebook]`), and what is installed. Out: the distributions that these extras bring.
//!
//! **Invariant:** only the metadata of what is installed speaks, and of it only what surely holds for the Python in force;
//! what a distribution asks for without its extras is its own matter.

use std::collections::BTreeSet;

use super::installed::Installed;
use super::markers::Markers;
use crate::project::{self, Declared};

/// Extras may ask for extras; nobody writes a longer chain.
const MOST: usize = 256;

/// A distribution that an extra asks for.
pub(super) struct Brought<'s> {
    /// Normalized.
    pub(super) name: String,
    /// The requirement of the project that asks for the extra.
    pub(super) by: &'s Declared,
}

/// Returns what the extras of some requirements bring, in their order, each name once for a requirement.
pub(super) fn brought<'s>(
    installed: &Installed<'_>,
    markers: &Markers,
    declared: impl IntoIterator<Item = &'s Declared>,
) -> Vec<Brought<'s>> {
    let mut found: Vec<Brought<'s>> = Vec::new();
    for by in declared.into_iter().filter(|it| !it.extras.is_empty()) {
        let mut names = BTreeSet::new();
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        let mut waiting: Vec<_> = by.extras.iter().rev().map(|extra| (by.name.clone(), extra.clone())).collect();
        while let Some((name, extra)) = waiting.pop().filter(|_| seen.len() < MOST) {
            if !seen.insert((name.clone(), extra.clone())) {
                continue;
            }
            let asked = installed.requirements_of(&name);
            for it in asked.iter().filter_map(|text| project::requirement(text)) {
                let is_of_extra = markers.holds(&it.condition) == Some(false)
                    && markers.holds_with(&it.condition, Some(&extra)) == Some(true);
                if !is_of_extra {
                    continue;
                }
                waiting.extend(it.extras.into_iter().map(|extra| (it.name.clone(), extra)));
                // An extra that stands for others asks for its own distribution.
                if it.name != by.name && names.insert(it.name.clone()) {
                    found.push(Brought { name: it.name, by });
                }
            }
        }
    }
    found
}
