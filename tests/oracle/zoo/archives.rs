//! Archives in which source and bytecode lie side by side, and archives of every shape: which are read depends on the
//! version, and which of two files is loaded on the time zone.

use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};

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
    let of_folder = odd.read_dir_utf8().unwrap().flatten().map(Utf8DirEntry::into_path);
    let of_folder = of_folder.filter(|it| it.extension() == Some("zip"));
    let mut archives: Vec<String> = of_folder.map(Utf8PathBuf::into_string).collect();
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
    for archive in (0..FAILING).skip(first % FAILING).step_by(step) {
        for (number, text) in IN_FRONT.iter().enumerate() {
            found.push(failing(python, root, &odd.join(format!("failing/{archive:02}.zip")), number, text));
        }
    }
    let packages: Vec<String> = (0..6).flat_map(|it| [format!("lonely{it}"), format!("torn{it}")]).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    found.push(Environment::new("archives of every shape", start).packages(&packages));
}

/// How many archives are made over which imports fail.
const FAILING: usize = 5;

/// What a `.pth` file says of such an archive: `IT` stands for it, `BEHIND` for a folder with a module. Some lines fail, and some
/// have `struct` imported, without which a zip64 archive cannot be read from 3.13 on.
const IN_FRONT: [&str; 8] = [
    "IT\nBEHIND\n",
    "import sys; sys.path.insert(0, 'IT')\nBEHIND\n",
    "import sys; sys.path.insert(0, 'IT')\nimport nope_nope\nBEHIND\n",
    "import sys; sys.path.insert(0, 'IT/inside')\nimport colorsys\n",
    "import struct\nimport sys; sys.path.insert(0, 'IT')\nBEHIND\n",
    "import nope_nope\nimport sys; sys.path.insert(0, 'BEHIND')\nimport sys; sys.path.insert(1, 'IT')\n",
    "import zipfile\nimport sys; sys.path.insert(0, 'IT')\nBEHIND\n",
    "import colorsys\nimport sys; sys.path.insert(0, 'IT')\nBEHIND\n",
];

/// An archive over which imports fail, by a `.pth` file and by `PYTHONPATH`, with customizations that may not be reached.
fn failing(python: &Python, root: &Utf8Path, archive: &Utf8Path, number: usize, text: &str) -> Environment {
    let folder = root.join(format!("over {} {number}", archive.file_stem().unwrap()));
    let executable = venv(&python.executable, &folder, &[]);
    let site = site_packages(&folder, python);
    let behind = root.join("behind");
    write(&behind.join("behind.py"), "");
    write(&behind.join("spread/behind.py"), "");
    write(&site.join("spread/inside.py"), "");
    write(&site.join("sitecustomize.py"), "import sys\nsys.path.append('/behind')\n");
    write(&site.join("x.pth"), text.replace("IT", archive.as_str()).replace("BEHIND", behind.as_str()));
    let start = Start::new(&executable);
    let before = start.clone().variable("PYTHONPATH", archive.as_str());
    Environment::new(format!("{archive}, row {number}"), start).again([before])
}
