//! Random environments: whatever people, tools and accidents can make of one, the answers are equal.
//!
//! In: `FROMWHERE_ORACLE_SEED` and `FROMWHERE_ORACLE_RUNS`, or this file's own numbers. Out: no difference; the environments
//! themselves where `FROMWHERE_ORACLE_KEEP` names a new folder for them, each with a script that starts its Python.
//!
//! **Invariant:** a seed makes the same environment again; a failure names the seed of its environment alone.

use camino::Utf8PathBuf;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use tempfile::TempDir;

use super::compare::{Questions, compare};
use super::environments::{temporary, write};
use super::python::all;
use super::scope;
use super::zoo::{twice, wheels};

use self::world::World;

mod contents;
mod world;

/// How many environments are made where the whole is asked, and where a part is.
const RUNS: (u64, u64) = (1000, 100);
const SEED: u64 = 20_260;
/// How many packages of each environment are looked into.
const SAMPLE: u64 = 2;
/// The most environments that are shown.
const SHOWN: usize = 4;

#[test]
fn random_environments() {
    let runs = scope::number("FROMWHERE_ORACLE_RUNS", if scope::is_whole() { RUNS.0 } else { RUNS.1 });
    let first = scope::number("FROMWHERE_ORACLE_SEED", SEED);
    scope::report(&format!("random environments: seeds {first} to {}", first + runs - 1));
    let pythons = all();
    let kept = kept();
    let (_guard, shared) = place(kept.as_ref(), "shared");
    let archives = wheels(&shared).expect("a Python makes them");
    for python in &pythons {
        twice(python, &archives.join(format!("{}.zip", python.library_name())), "UTC0", 0);
    }
    let visited: Vec<_> = (first..first + runs)
        .into_par_iter()
        .map(|seed| {
            let (_guard, root) = place(kept.as_ref(), &seed.to_string());
            let mut world = World::new(Random(seed), root, &archives);
            let start = world.build(&pythons);
            if let Some(kept) = &kept {
                write(&kept.join(format!("{seed}.sh")), start.script());
            }
            let outcome = compare(&start, &Questions::everything(SAMPLE, seed));
            let different = (!outcome.differences.is_empty()).then(|| {
                let found = outcome.differences.join("\n  ");
                let whole = if scope::is_whole() { "FROMWHERE_ORACLE=whole " } else { "" };
                format!(
                    "{whole}FROMWHERE_ORACLE_SEED={seed} FROMWHERE_ORACLE_RUNS=1\n{}\n  {found}",
                    world.describe(&start)
                )
            });
            (outcome.does_not_start, outcome.modules, different)
        })
        .collect();
    let fail = visited.iter().filter(|it| it.0).count();
    let modules: usize = visited.iter().map(|it| it.1).sum();
    scope::report(&format!("random environments: {runs} compared, {fail} of them do not start, {modules} modules"));
    let wrong: Vec<&str> = visited.iter().filter_map(|it| it.2.as_deref()).collect();
    let shown = wrong.iter().take(SHOWN).copied().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {runs} differ, the first of them:\n{shown}", wrong.len());
}

/// The folder in which the environments are to stay: a new one, as nothing of somebody's is to be in the way.
fn kept() -> Option<Utf8PathBuf> {
    let folder = Utf8PathBuf::from(std::env::var("FROMWHERE_ORACLE_KEEP").ok()?);
    std::fs::create_dir(&folder).unwrap_or_else(|error| panic!("FROMWHERE_ORACLE_KEEP, {folder}: {error}"));
    Some(folder.canonicalize_utf8().unwrap())
}

/// Where one environment is built: it is removed in the end unless it is to stay.
fn place(kept: Option<&Utf8PathBuf>, name: &str) -> (Option<TempDir>, Utf8PathBuf) {
    let Some(kept) = kept else {
        let (guard, root) = temporary();
        return (Some(guard), root);
    };
    let root = kept.join(name);
    std::fs::create_dir(&root).unwrap();
    (None, root)
}

/// A small generator (SplitMix64): the same numbers on every machine.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("small")
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}
