//! Archives in which source and bytecode lie side by side, and archives of every shape: which are read depends on the
//! version, and which of two files is loaded on the time zone.

use camino::Utf8Path;

use super::super::environments::{run_with, site_packages, venv, write};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat, Visit};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/archives.py");

const ODD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/odd_archives.py");

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
    let odd = root.join("odd");
    run_with(&python.executable, &["-B", ODD, odd.as_str()], &[]);
    let mut archives: Vec<String> = odd.read_dir_utf8().unwrap().flatten().map(|it| it.path().to_string()).collect();
    archives.sort();
    // Behind the standard library: 3.13 imports a module of it where it reads a zip64 archive, and would look for it there.
    write(&site_packages(&root.join("env"), python).join("odd.pth"), archives.join("\n"));
    let start = Start::new(&executable).variable("TZ", "UTC0");
    // In front of it, one is read without end where `struct` is needed for it.
    for number in [0, 2] {
        let before = start.clone().variable("PYTHONPATH", format!("{odd}/{number:02}.zip"));
        let behind = Python::library(python).join("");
        let after = start.clone().variable("PYTHONPATH", format!("{behind}:{odd}/{number:02}.zip"));
        let name = format!("archive {number} in front of the library, and behind it");
        found.push(Environment::new(name, before).again([after]));
    }
    let packages: Vec<String> = (0..6).flat_map(|it| [format!("lonely{it}"), format!("torn{it}")]).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    found.push(Environment::new("archives of every shape", start).packages(&packages));
}
