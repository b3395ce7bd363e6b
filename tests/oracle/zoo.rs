//! The zoo: environments built for real, by tools, by hand and by accident, each asked for everything.
//!
//! In: the families below, each a list of habitats. Out: no difference, and how many environments were compared.
//!
//! **Invariant:** an environment counts once, however often it is started, and is asked as soon as it is built, before
//! anything is done to it; the zoo never shrinks below its promise.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::compare::{Outcome, Questions, compare};
use super::environments::temporary;
use super::python::Start;
use super::scope;

mod archives;
mod configurations;
mod contents;
mod homebrew;
mod interpreters;
mod layouts;
mod made;
mod path_files;
mod project_tools;
mod relocated;
mod uv_projects;

pub(super) use self::archives::{ZONES, twice};
pub(super) use self::configurations::{TEXTS, filled};
pub(super) use self::contents::wheels;
pub(super) use self::path_files::{HACK, SHIM};

/// How many environments are asked about at least, in the whole and wherever a proof may not be short of anything.
const FEWEST: usize = 200;

/// How many packages of each environment are looked into; which ones, its number decides.
const SAMPLE: u64 = 6;

/// The most differing starts that are shown, unless `FROMWHERE_ORACLE_SHOWN` says otherwise.
const SHOWN: u64 = 6;

/// Builds environments in a folder, and shows each to the visit.
type Build = Box<dyn Fn(&Utf8Path, &mut Visit) + Send + Sync>;

/// The habitats of a family.
type Habitats = fn() -> Vec<Habitat>;

/// One place in which environments are built, and removed once they were asked.
pub(super) struct Habitat {
    name: String,
    visit: Build,
}

/// One environment, and the ways in which it is started.
pub(super) struct Environment {
    name: String,
    /// Asked for the facts and every module.
    start: Start,
    /// Asked for the facts.
    again: Vec<Start>,
    packages: Vec<String>,
}

impl Habitat {
    /// Takes what builds environments in a folder, and shows each to the visit.
    fn new(name: impl Into<String>, visit: impl Fn(&Utf8Path, &mut Visit) + Send + Sync + 'static) -> Self {
        Habitat { name: name.into(), visit: Box::new(visit) }
    }
}

impl Environment {
    fn new(name: impl Into<String>, start: Start) -> Self {
        Environment { name: name.into(), start, again: Vec::new(), packages: Vec::new() }
    }

    /// Starts it again in other ways.
    fn again(mut self, starts: impl IntoIterator<Item = Start>) -> Self {
        self.again.extend(starts);
        self
    }

    /// Compares some packages to the bottom.
    fn packages(mut self, names: &[&str]) -> Self {
        self.packages = names.iter().map(|it| (*it).to_owned()).collect();
        self
    }
}

/// What was found out in one habitat, or in many.
#[derive(Default)]
pub(super) struct Visit {
    name: String,
    environments: usize,
    starts: usize,
    modules: usize,
    do_not_start: usize,
    took: Duration,
    wrong: Vec<String>,
}

impl Visit {
    /// Compares one environment, start by start.
    fn push(&mut self, environment: Environment) {
        let mut questions = Questions::everything(SAMPLE, (self.environments + self.name.len()) as u64);
        questions.packages = environment.packages;
        self.environments += 1;
        self.compare(&environment.name, &environment.start, &questions);
        for start in &environment.again {
            self.compare(&environment.name, start, &Questions::default());
        }
    }

    fn compare(&mut self, name: &str, start: &Start, questions: &Questions) {
        let Outcome { differences, modules, does_not_start } = compare(start, questions);
        self.starts += 1;
        self.modules += modules;
        self.do_not_start += usize::from(does_not_start);
        if !differences.is_empty() {
            self.differs(&format!("{name}: {start:?}\n  {}", differences.join("\n  ")));
        }
    }

    /// Notes a difference.
    fn differs(&mut self, what: &str) {
        self.wrong.push(format!("{}: {what}", self.name));
    }

    fn add(&mut self, other: Visit) {
        self.environments += other.environments;
        self.starts += other.starts;
        self.modules += other.modules;
        self.do_not_start += other.do_not_start;
        self.took += other.took;
        self.wrong.extend(other.wrong);
    }
}

#[test]
fn every_environment_is_what_python_says() {
    let families: [(&str, Habitats); 11] = [
        ("interpreters", interpreters::habitats),
        ("made by tools", made::habitats),
        ("project tools", project_tools::habitats),
        ("uv projects", uv_projects::habitats),
        ("relocated", relocated::habitats),
        ("pyvenv.cfg", configurations::habitats),
        (".pth files", path_files::habitats),
        ("contents", contents::habitats),
        ("layouts", layouts::habitats),
        ("homebrew", homebrew::habitats),
        ("archives", archives::habitats),
    ];
    let only = std::env::var("FROMWHERE_ORACLE_ONLY").unwrap_or_default();
    let habitats: Vec<(&str, Habitat)> =
        families.iter().flat_map(|(family, make)| make().into_iter().map(|it| (*family, it))).collect();
    let habitats: Vec<_> =
        habitats.into_iter().filter(|(family, it)| format!("{family}: {}", it.name).contains(&only)).collect();
    let counts: Mutex<BTreeMap<&str, Visit>> = Mutex::default();
    habitats.par_iter().for_each(|(family, habitat)| {
        let (_guard, root) = temporary();
        let mut visit = Visit { name: format!("{family}: {}", habitat.name), ..Visit::default() };
        let began = Instant::now();
        // What could not be built is a difference, and the others are built all the same.
        if catch_unwind(AssertUnwindSafe(|| (habitat.visit)(&root, &mut visit))).is_err() {
            visit.differs("it could not be built; why, is said above");
        }
        visit.took = began.elapsed();
        counts.lock().unwrap().entry(family).or_default().add(visit);
    });
    let counts = counts.into_inner().unwrap();
    for (family, it) in &counts {
        scope::report(&format!(
            "{family}: {} environments, {} starts ({} that fail), {} modules, {:.1} s",
            it.environments,
            it.starts,
            it.do_not_start,
            it.modules,
            it.took.as_secs_f64()
        ));
    }
    let sum = |of: fn(&Visit) -> usize| counts.values().map(of).sum::<usize>();
    let environments = sum(|it| it.environments);
    scope::report(&format!(
        "the zoo: {environments} environments, {} starts, {} modules compared",
        sum(|it| it.starts),
        sum(|it| it.modules)
    ));
    let wrong: Vec<&String> = counts.values().flat_map(|it| &it.wrong).collect();
    let most = usize::try_from(scope::number("FROMWHERE_ORACLE_SHOWN", SHOWN)).expect("small");
    let shown = wrong.iter().take(most).map(|it| it.as_str()).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} starts differ, the first {most} of them:\n{shown}", wrong.len());
    // A chroot has a few Pythons only, and adds to what the machine has.
    if only.is_empty() && std::env::var_os("FROMWHERE_ORACLE_PYTHONS").is_none() {
        let missing: Vec<&str> =
            families.iter().map(|it| it.0).filter(|it| counts.get(it).is_none_or(|it| it.environments == 0)).collect();
        assert!(missing.is_empty() || !scope::is_strict(), "nothing was built of {missing:?}");
        assert!(
            !(scope::is_whole() || scope::is_strict()) || environments >= FEWEST,
            "{environments} environments are less than {FEWEST}"
        );
    }
}
