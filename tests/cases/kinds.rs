//! Which cases there are of each rule: it fires, it does not, it is softened, it is suppressed.
//!
//! In: the cases of one file. Out: for every rule the kinds that are proved, each by a case that was run.
//!
//! **Invariant:** nothing is taken from what a case is called: a comment suppresses where the rule speaks without the comment, a
//! reason softens where it speaks louder without the reason, and a rule does not fire where it is near to a case in which it does.

use std::collections::{BTreeMap, BTreeSet};

use fromwhere_core::diagnostic::{Diagnostic, Severity};
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::Settings;

use super::document::{Block, Case};
use super::judge::{check, diagnostics, shown};
use super::nearness::{self, Accused};
use super::world::{self, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Fires,
    DoesNotFire,
    Softened,
    Suppressed,
}

impl Kind {
    pub(super) const ALL: [Kind; 4] = [Kind::Fires, Kind::DoesNotFire, Kind::Softened, Kind::Suppressed];
}

/// What is known of all files together.
#[derive(Debug, Default)]
pub(super) struct Proved {
    pub(super) kinds: BTreeSet<(Rule, Kind)>,
    /// The reasons that have softened something.
    pub(super) reasons: BTreeSet<&'static str>,
}

/// A reason to say less, and how a line reads without it.
struct Reason {
    name: &'static str,
    without: fn(&str) -> String,
}

/// Every reason of `check/softening.rs` that can be taken away from a text and leave the rest of the world as it was.
const REASONS: [Reason; 7] = [
    Reason { name: "if TYPE_CHECKING", without: |line| line.replace("if TYPE_CHECKING:", "if True:") },
    Reason {
        name: "except ImportError",
        without: |line| line.replace("except ImportError", "except KeyError").replace("(ImportError)", "(KeyError)"),
    },
    Reason {
        name: "a guarded import",
        without: |line| {
            let (guard, rest) = line.split_once(':').unwrap_or((line, ""));
            let indent = &line[..line.len() - line.trim_start().len()];
            if guard.trim_start().starts_with("if sys.") { format!("{indent}if True:{rest}") } else { line.to_owned() }
        },
    },
    Reason {
        name: "the operating system's shebang",
        without: |line| if line.starts_with("#!/usr/bin/python") { "#".to_owned() } else { line.to_owned() },
    },
    Reason { name: "packaging", without: |line| line.replace("debian/", "making/") },
    Reason { name: "vendored", without: |line| line.replace("vendor/", "common/") },
    Reason { name: "data of tests", without: |line| line.replace("tests/data/", "parts/more/") },
];

pub(super) fn reasons() -> BTreeSet<&'static str> {
    REASONS.iter().map(|it| it.name).collect()
}

/// What is said in a world, and how loudly.
type Said = BTreeMap<Place, Severity>;
type Place = (Rule, String, u32);

/// Runs the cases of one file, each as it is, without each of its comments and without each reason.
pub(super) fn prove(cases: &[Case], proved: &mut Proved) {
    let mut fired: Vec<(Accused, &Case)> = Vec::new();
    let mut heard_in: Vec<(&Case, World, BTreeSet<Rule>)> = Vec::new();
    for case in cases {
        let world = world::build(&case.blocks).expect("a world that can be built");
        let found = diagnostics(&world, &check(&world, &Settings::default()));
        fired.extend(found.iter().map(|it| (Accused::of(&world, it), case)));
        let before = of(&found);
        let mut heard: BTreeSet<Rule> = before.keys().map(|(rule, ..)| *rule).collect();
        proved.kinds.extend(heard.iter().map(|rule| (*rule, Kind::Fires)));
        for blocks in without_one_comment(&case.blocks) {
            for (rule, ..) in said(&blocks).into_keys().filter(|key| !before.contains_key(key)) {
                proved.kinds.insert((rule, Kind::Suppressed));
                heard.insert(rule);
            }
        }
        for reason in &REASONS {
            let Some(blocks) = altered(&case.blocks, reason.without) else { continue };
            let under_new_name = |((rule, path, line), severity): (&Place, &Severity)| {
                ((*rule, (reason.without)(path), *line), *severity)
            };
            let before: Said = before.iter().map(under_new_name).collect();
            let louder = said(&blocks).into_iter().filter(|(key, loud)| before.get(key).is_none_or(|it| it < loud));
            for ((rule, ..), _) in louder {
                proved.kinds.insert((rule, Kind::Softened));
                proved.reasons.insert(reason.name);
                heard.insert(rule);
            }
        }
        heard_in.push((case, world, heard));
    }
    for (case, world, heard) in heard_in {
        let missed = fired.iter().filter(|(accused, _)| !heard.contains(&accused.rule));
        let near = missed.filter(|(accused, other)| nearness::is_near(accused, &other.blocks, &world, &case.blocks));
        proved.kinds.extend(near.map(|(accused, _)| (accused.rule, Kind::DoesNotFire)));
    }
}

/// The same world once for each of its comments that suppress, without that one.
fn without_one_comment(blocks: &[Block]) -> Vec<Vec<Block>> {
    const COMMENT: &str = "fromwhere: ignore";
    let places = blocks
        .iter()
        .enumerate()
        .flat_map(|(index, block)| block.content.match_indices(COMMENT).map(move |(at, _)| (index, at)));
    let without = |(index, at): (usize, usize)| {
        let mut blocks = blocks.to_vec();
        blocks[index].content.replace_range(at..at + COMMENT.len(), "fromwhere, ignore");
        blocks
    };
    places.map(without).collect()
}

/// The same world with every line and every name of a file read in another way; `None` where that changes nothing.
fn altered(blocks: &[Block], without: fn(&str) -> String) -> Option<Vec<Block>> {
    let of_block = |block: &Block| {
        let content = block.content.lines().map(|line| without(line) + "\n").collect();
        Block { argument: without(&block.argument), content, ..block.clone() }
    };
    let altered: Vec<Block> = blocks.iter().map(of_block).collect();
    let is_same = |(one, other): (&Block, &Block)| one.argument == other.argument && one.content == other.content;
    (!blocks.iter().zip(&altered).all(is_same)).then_some(altered)
}

fn said(blocks: &[Block]) -> Said {
    let world = world::build(blocks).expect("a world that can be built");
    of(&diagnostics(&world, &check(&world, &Settings::default())))
}

fn of(found: &[Diagnostic]) -> Said {
    let mut said = Said::new();
    for it in found {
        let severity = said.entry((it.rule, shown(&it.path).to_owned(), it.range.start.line)).or_insert(it.severity);
        *severity = it.severity.max(*severity);
    }
    said
}
