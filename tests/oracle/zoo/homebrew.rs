//! Homebrew's trees, each with the `sitecustomize.py` that its formulas write there, started by real Pythons.
//!
//! In: every Python, put into a cellar. Out: environments that are started by each of their names.
//!
//! **Invariant:** the file is run by the Python that is asked, so what it does is never taken on trust.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{link, relocated, write};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat, Visit};

/// What the formulas write, as far as the path goes; `BREW` stands for Homebrew's prefix, `XY` for the version, `NAME` for the
/// name of the library's folder, `RENAMED` for [`RENAMED`] once for each of the two prefixes, the rest for parts of a [`Formula`].
const TEXT: &str = r"# This file is created by Homebrew and is executed on each python startup.
import os, re, site, sys
if os.path.realpath(sys.executable).startswith('BREW/Cellar/python@XY'):
    library_site = '/Library/Python/XY/site-packages'
    shared = [it for it in sys.path if it.startswith(library_site)]
    sys.path = [it for it in sys.path if not it.startswith(library_site)] + shared
    long_prefix = re.compile(r'BREW/Cellar/python@XY/KEGlib/NAME/site-packages')
    sys.path = [long_prefix.sub('BREW/lib/NAME/site-packages', p) for p in sys.path]
    if 'PYTHONEXECUTABLE' not in os.environ and sys.prefix == sys.base_prefix:
        sys.executable = sys._base_executable = 'BREW/opt/python@XY/bin/NAME'
if 'PYTHONHOME' not in os.environ:
    cellar_prefix = re.compile(r'BREW/Cellar/python@XY/[0-9\._abrc]+/')
RENAMEDLAST";

/// For `PREFIX` and what it was at first.
const RENAMED: &str = "    if os.path.realpath(sys.base_PREFIX).startswith('BREW/Cellar/python@XY'):
        new_PREFIX = cellar_prefix.sub('BREW/opt/python@XY/', sys.base_PREFIX)
EVERYWHERE        if sys.PREFIX == sys.base_PREFIX:
OUTSIDE            sys.PREFIX = new_PREFIX
        sys.base_PREFIX = new_PREFIX
";

/// In what formulas differ.
struct Formula {
    name: &'static str,
    /// The pattern of what lies between the rack and the library.
    keg: &'static str,
    /// How `site` learns of a prefix: in environments too, or outside of them alone.
    everywhere: &'static str,
    outside: &'static str,
    last: &'static str,
}

/// Up to 3.13 entries become shorter in a framework alone, and `site` keeps the long prefix for environments.
const OLDER: Formula = Formula {
    name: "older",
    keg: r"[0-9\._abrc]+/Frameworks/Python\.framework/Versions/XY/",
    everywhere: "",
    outside: "            site.PREFIXES[:] = [new_PREFIX if x == sys.PREFIX else x for x in site.PREFIXES]\n",
    last: r#"for split_module in ["tk", "gdbm"]:
    split_prefix = f"BREW/opt/python-{split_module}@XY/libexec"
    if os.path.isdir(split_prefix):
        sys.path.append(split_prefix)
"#,
};

/// From 3.14 on, `site` knows the public packages as well.
const NEWER: Formula = Formula {
    name: "newer",
    keg: r"(?:[0-9\._abrc]+/Frameworks/Python\.framework/Versions/XY/)?",
    everywhere: "        site.PREFIXES[:] = [new_PREFIX if x == sys.base_PREFIX else x for x in site.PREFIXES]\n",
    outside: "",
    last: "if sys.base_prefix in site.PREFIXES:
    site.PREFIXES.insert(site.PREFIXES.index(sys.base_prefix), 'BREW')
    site.addsitedir('BREW/lib/NAME/site-packages')
",
};

impl Formula {
    fn text(&self) -> String {
        let renamed = RENAMED.replace("EVERYWHERE", self.everywhere).replace("OUTSIDE", self.outside);
        // `PREFIXES` is a name of `site`.
        let renamed = |prefix: &str| {
            renamed.replace("PREFIXES", "prefixes").replace("PREFIX", prefix).replace("prefixes", "PREFIXES")
        };
        let renamed = renamed("prefix") + &renamed("exec_prefix");
        TEXT.replace("RENAMED", &renamed).replace("LAST", self.last).replace("KEG", self.keg)
    }
}

pub(super) fn habitats() -> Vec<Habitat> {
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.implementation == "cpython").collect();
    let count = pythons.len();
    let mut habitats = Vec::new();
    for (at, python) in pythons.into_iter().enumerate() {
        for (number, formula) in [OLDER, NEWER].into_iter().enumerate() {
            // No formula of 3.14 is the older one; the newer one is asked of a few that no formula of Homebrew has.
            let has = if number == 0 { python.version < (3, 14) } else { python.version >= (3, 12) };
            // The part asks one Python for each.
            let is_asked = if scope::is_whole() { has } else { number % count == at };
            if is_asked {
                let python = python.clone();
                let name = format!("{}, {}", formula.name, python.name());
                habitats.push(Habitat::new(name, move |root, found| poured(&python, &formula, root, found)));
            }
        }
    }
    habitats
}

fn poured(python: &Python, formula: &Formula, root: &Utf8Path, found: &mut Visit) {
    for (shape, below) in [("framework", "Frameworks/Python.framework/Versions/XY"), ("keg", "")] {
        let brew = root.join(shape);
        let program = pour(python, formula, below, &brew);
        let opt = brew.join(fill("opt/python@XY/bin", python, &brew)).join(python.library_name());
        for (name, executable) in [("linked", &program), ("public", &opt)] {
            let start = Start::new(executable);
            let again = [
                start.clone().variable("PYTHONEXECUTABLE", "/nonexistent"),
                start.clone().variable(
                    "PYTHONHOME",
                    executable.canonicalize_utf8().unwrap().parent().unwrap().parent().unwrap(),
                ),
                start.clone().flags(&["-S"]),
                start.clone().flags(&["-I"]),
            ];
            found.push(Environment::new(format!("{shape}, {name}"), start).again(again));
            for system in [false, true] {
                let folder = brew.join(format!("{name} {system}"));
                let home = executable.parent().unwrap();
                write(&folder.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = {system}\n"));
                link(&folder.join("bin/python"), executable);
                write(&folder.join("lib").join(python.library_name()).join("site-packages/of_the_environment.py"), "");
                let start = Start::new(&folder.join("bin/python"));
                found.push(Environment::new(format!("{shape}, {name}, a venv, system: {system}"), start));
            }
        }
    }
}

/// Makes the trees; returns the program as it lies on `PATH`.
fn pour(python: &Python, formula: &Formula, below: &str, brew: &Utf8Path) -> Utf8PathBuf {
    let name = python.library_name();
    let keg = brew.join(fill("Cellar/python@XY/XY.0_1", python, brew));
    let prefix = keg.join(fill(below, python, brew));
    let program = relocated(python, &prefix, &["site-packages", "dist-packages", "sitecustomize.py"]);
    let library = prefix.join(python.library_directory()).join(name);
    let public = brew.join("lib").join(name).join("site-packages");
    write(&public.join("brewed.py"), "");
    write(&public.join("a.pth"), format!("{brew}/added\nimport sys; sys.path.append('{brew}/late')\n"));
    write(&brew.join("added/of_added.py"), "");
    write(&brew.join("late/of_late.py"), "");
    link(&library.join("site-packages"), &public);
    write(&library.join("sitecustomize.py"), fill(&formula.text(), python, brew));
    if !below.is_empty() {
        link(&keg.join("bin").join(name), &program);
    }
    link(&brew.join(fill("opt/python@XY", python, brew)), &keg);
    write(&brew.join(fill("opt/python-tk@XY/libexec/_tkinter_of_its_own.py", python, brew)), "");
    let on_path = brew.join("bin").join(name);
    link(&on_path, &keg.join("bin").join(name));
    on_path
}

fn fill(text: &str, python: &Python, brew: &Utf8Path) -> String {
    let version = format!("{}.{}", python.version.0, python.version.1);
    text.replace("BREW", brew.as_str()).replace("XY", &version).replace("NAME", python.library_name())
}
