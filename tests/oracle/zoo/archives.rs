//! Archives in which source and bytecode lie side by side: which of the two is loaded depends on the time zone.

use camino::Utf8Path;

use super::super::environments::{run_with, venv};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat, Visit};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/archives.py");

/// Values of `TZ`: names of files, rules of POSIX, and what is neither.
pub(in super::super) const ZONES: &[&str] = &[
    "UTC0",
    "Europe/Berlin",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "America/New_York",
    "EST5EDT,M3.2.0,M11.1.0",
    "Asia/Kolkata",
    "<+0530>-5:30",
    ":Europe/Dublin",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "Australia/Lord_Howe",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "/usr/share/zoneinfo/Africa/Casablanca",
    "Nowhere/At_All",
    "",
];

pub(super) fn habitats() -> Vec<Habitat> {
    let habitat = |(number, python): (usize, Python)| {
        let name = format!("source and bytecode in archives, {}", python.name());
        Habitat::new(name, move |root, found| in_zones(&python, number, root, found))
    };
    all().into_iter().enumerate().map(habitat).collect()
}

/// Makes an archive in a time zone.
pub(in super::super) fn twice(python: &Python, archive: &Utf8Path, zone: &str, seed: usize) {
    run_with(&python.executable, &["-B", SCRIPT, archive.as_str(), &seed.to_string()], &[("TZ", zone)]);
}

fn in_zones(python: &Python, number: usize, root: &Utf8Path, found: &mut Visit) {
    let executable = venv(&python.executable, &root.join("env"), &[]);
    let (step, first) = if scope::is_whole() { (1, 0) } else { (5, number % 5) };
    for (number, zone) in ZONES.iter().enumerate().skip(first).step_by(step) {
        let archive = root.join(format!("{number}.zip"));
        twice(python, &archive, zone, number);
        let start = Start::new(&executable).variable("TZ", *zone);
        let start = start.variable("PYTHONPATH", format!("{archive}:{archive}/inside"));
        found.push(Environment::new(format!("in {zone:?}"), start).packages(&["twice_below0", "twice_below1"]));
    }
    // The same archive in a zone that it was not made in, and in none.
    let archive = root.join("elsewhere.zip");
    twice(python, &archive, "JST-9", 100);
    let start = Start::new(&executable).variable("PYTHONPATH", archive.as_str());
    found.push(Environment::new("in no zone", start));
}
