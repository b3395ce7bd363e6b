//! Interpreters that are elsewhere than they were built for: conda's prefixes, uv's managed ones, unpacked archives; with
//! the environments that were made from them, before and after they are moved, replaced or removed.

use camino::Utf8Path;

use super::super::environments::{copy, link, relocated, run, site_packages, uv, venv, write};
use super::super::python::{Python, Start, all};
use super::super::tools;
use super::{Environment, Habitat, Visit};

/// What belongs to the installation that a prefix is made from.
const ITS_OWN: [&str; 3] = ["site-packages", "dist-packages", "EXTERNALLY-MANAGED"];

pub(super) fn habitats() -> Vec<Habitat> {
    let mut habitats = Vec::new();
    for python in all() {
        let (conda, managed) = (python.clone(), python.clone());
        habitats.push(Habitat::new(format!("conda, {}", conda.name()), move |root, found| {
            as_conda_does(&conda, root, found);
        }));
        habitats.push(Habitat::new(format!("uv, {}", managed.name()), move |root, found| {
            as_uv_does(&managed, root, found);
        }));
        let every = python.clone();
        habitats.push(Habitat::new(format!("every folder, {}", every.name()), move |root, found| {
            with_every_folder(&every, root, found);
        }));
        habitats
            .push(Habitat::new(format!("others, {}", python.name()), move |root, found| others(&python, root, found)));
    }
    habitats
}

/// A prefix with `conda-meta/history` and no `pyvenv.cfg`; a second one beside it, and environments of both.
fn as_conda_does(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let home = root.join("home");
    write(&site_packages(&home.join(".local"), python).join("of_the_user.py"), "");
    for (name, prefix) in [("base", root.join("conda")), ("an environment", root.join("conda/envs/other"))] {
        let executable = relocated(python, &prefix, &ITS_OWN);
        write(&prefix.join("conda-meta/history"), "==> 2026-01-01 00:00:00 <==\n# cmd: conda create\n");
        write(&prefix.join("conda-meta/python-3.0-0.json"), "{}");
        write(&site_packages(&prefix, python).join(format!("of_{}.py", name.replace(' ', "_"))), "");
        for name in ["python", "python3"] {
            link(&prefix.join("bin").join(name), executable.file_name().unwrap().into());
        }
        let start = Start::new(&prefix.join("bin/python")).variable("CONDA_PREFIX", prefix.as_str());
        let at_home = start.clone().variable("HOME", home.as_str());
        let again = [
            at_home.clone().flags(&["-s"]),
            at_home.clone().variable("PYTHONNOUSERSITE", "1"),
            at_home.clone().flags(&["-I"]),
            at_home.variable("PYTHONHOME", prefix.as_str()),
            Start::new(&executable),
        ];
        found.push(Environment::new(format!("conda: {name}"), start).again(again));
        let environment = venv(&prefix.join("bin/python"), &prefix.join("venv"), &["--system-site-packages"]);
        let start = Start::new(&environment).variable("HOME", home.as_str());
        found.push(Environment::new(format!("a venv of conda's {name}"), start));
    }
    // Packed and unpacked in another place, as conda-pack does; the environments of it are left behind.
    std::fs::rename(root.join("conda"), root.join("moved")).unwrap();
    found.push(Environment::new("conda, moved", Start::new(&root.join("moved/bin/python"))));
    link(&root.join("conda"), "moved".into());
    found.push(Environment::new("a venv inside, moved along", Start::new(&root.join("moved/venv/bin/python"))));
    found.push(Environment::new("conda, linked", Start::new(&root.join("conda/bin/python3"))));
    found.push(Environment::new("a venv of it", Start::new(&root.join("conda/envs/other/venv/bin/python"))));
    // Both marks at once: what a venv that was made over a conda environment leaves.
    let home = root.join("moved/bin");
    write(&root.join("moved/envs/other/pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = true\n"));
    found.push(Environment::new("conda with a pyvenv.cfg", Start::new(&root.join("moved/envs/other/bin/python"))));
}

/// A folder named by the full version, with a link named by the minor one, through which environments are made.
fn as_uv_does(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let (major, minor) = python.version;
    let store = root.join("uv/python");
    let full = store.join(format!("cpython-{major}.{minor}.99-linux-x86_64-gnu"));
    let executable = relocated(python, &full, &ITS_OWN);
    let library = executable.file_name().unwrap();
    write(
        &full.join(python.library_directory()).join(library).join("EXTERNALLY-MANAGED"),
        "[externally-managed]\nError=x\n",
    );
    write(&site_packages(&full, python).join("of_the_base.py"), "");
    link(&full.join("bin/python"), library.into());
    let short = store.join(format!("cpython-{major}.{minor}-linux-x86_64-gnu"));
    link(&short, full.file_name().unwrap().into());
    let through = Python { executable: short.join("bin").join(library), ..python.clone() };
    for environment in [
        Environment::new("the full name", Start::new(&executable)),
        Environment::new("through the link", Start::new(&through.executable)),
        Environment::new(
            "a venv",
            Start::new(&venv(&through.executable, &root.join("venv"), &["--system-site-packages"])),
        ),
        Environment::new("a copy", Start::new(&venv(&through.executable, &root.join("copy"), &["--copies"]))),
    ] {
        found.push(environment);
    }
    if python.version >= (3, 8) {
        for (number, tool) in tools::generations("uv").into_iter().enumerate() {
            for (name, options) in [("closed", &[] as &[&str]), ("open", &["--system-site-packages"])] {
                let folder = root.join(format!("uv-{number}-{name}"));
                let start = Start::new(&uv(&tool, &through, &folder, options));
                found.push(Environment::new(format!("uv venv, {name}"), start));
            }
        }
    }
    // An upgrade: the link goes to another folder, and the old one is gone.
    let newer = store.join(format!("cpython-{major}.{minor}.100-linux-x86_64-gnu"));
    relocated(python, &newer, &ITS_OWN);
    write(&site_packages(&newer, python).join("of_the_newer.py"), "");
    std::fs::remove_file(&short).unwrap();
    link(&short, newer.file_name().unwrap().into());
    found.push(Environment::new("upgraded", Start::new(&through.executable)));
}

/// Folders that the `site` of some distribution looks into; `NAME` stands for `pythonX.Y`.
const EVERY_FOLDER: [&str; 9] = [
    "lib/NAME/site-packages",
    "lib64/NAME/site-packages",
    "lib/NAME/dist-packages",
    "lib64/NAME/dist-packages",
    "lib/python3/dist-packages",
    "lib/python3/site-packages",
    "local/lib/NAME/dist-packages",
    "local/lib/NAME/site-packages",
    "local/lib64/NAME/site-packages",
];

/// A prefix and its environments, each with all of those, and a user site: which of them count, and in which order.
fn with_every_folder(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let fill = |prefix: &Utf8Path| {
        for folder in EVERY_FOLDER {
            let folder = prefix.join(folder.replace("NAME", Python::library_name(python)));
            write(&folder.join("everywhere.py"), "");
            write(&folder.join("space").join(format!("{}.py", folder.as_str().len())), "");
            write(&folder.join("x.pth"), "below\n");
            write(&folder.join("below/of_path_file.py"), "");
        }
    };
    let executable = relocated(python, &root.join("prefix"), &ITS_OWN);
    fill(&root.join("prefix"));
    fill(&root.join("home/.local"));
    let mut starts = vec![("a base", executable)];
    for (name, system) in [("a closed environment", false), ("an open environment", true)] {
        let folder = root.join(name);
        let home = root.join("prefix/bin");
        write(&folder.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = {system}\n"));
        link(&folder.join("bin/python"), &starts[0].1);
        fill(&folder);
        starts.push((name, folder.join("bin/python")));
    }
    for (name, executable) in starts {
        let start = Start::new(&executable).variable("HOME", root.join("home"));
        let flagged = [&["-s"][..], &["-I"], &["-S"]].map(|flags| start.clone().flags(flags));
        let variables = [
            ("VIRTUAL_ENV", "/nonexistent"),
            ("DEB_PYTHON_INSTALL_LAYOUT", "deb"),
            ("RPM_BUILD_ROOT", "/nonexistent"),
            ("PYTHONNOUSERSITE", "1"),
        ];
        let told = variables.map(|(variable, value)| start.clone().variable(variable, value));
        found.push(Environment::new(name, start).again(flagged).again(told).packages(&["space"]));
    }
}

fn others(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let library = python.library();
    let name = library.file_name().unwrap();
    let prefix = |what: &str, left_out: &[&str]| {
        let prefix = root.join(what);
        let executable = relocated(python, &prefix, left_out);
        (prefix, executable)
    };
    let (_, plain) = prefix("with the packages of its origin", &[]);
    found.push(Environment::new("with the packages of its origin", Start::new(&plain)));
    let (there, without) = prefix("without extensions", &["lib-dynload", "site-packages"]);
    write(&site_packages(&there, python).join("own.py"), "");
    found.push(Environment::new("without extensions", Start::new(&without).flags(&["-S"])));
    // An environment of it, as CPython's own tests make one of a Python that is not installed.
    let folder = root.join("of the one without extensions");
    write(&folder.join("pyvenv.cfg"), format!("home = {there}/bin\n"));
    link(&folder.join("bin/python"), &without);
    let start = Start::new(&folder.join("bin/python"));
    let dynamic = Python::library(python).join("lib-dynload");
    let again = [start.clone().flags(&["-S"]), start.clone().variable("PYTHONPATH", dynamic)];
    found.push(Environment::new("an environment of one without extensions", start).again(again));
    let (_, without) = prefix("without extensions, with setuptools", &["lib-dynload"]);
    let start = Start::new(&without).variable("SETUPTOOLS_USE_DISTUTILS", "local");
    found.push(Environment::new("without extensions, with setuptools", start).packages(&["distutils"]));
    for (what, text) in [("empty", ""), ("broken", "/nonexistent\r\n"), ("other", "x = 1\n")] {
        let (there, with) = prefix(&format!("with {what} encodings"), &["encodings"]);
        write(&there.join(&python.below).join("encodings/__init__.py"), text);
        found.push(Environment::new(format!("with {what} encodings"), Start::new(&with)));
    }
    let (there, without) = prefix("without os", &["os.py"]);
    found.push(Environment::new("without os.py", Start::new(&without)));
    let (source, compiled) = (library.join("os.py"), there.join(python.library_directory()).join(name).join("os.pyc"));
    let program = "import py_compile, sys; py_compile.compile(sys.argv[1], cfile=sys.argv[2])";
    run(&python.executable, &["-c", program, source.as_str(), compiled.as_str()]);
    found.push(Environment::new("os.pyc alone", Start::new(&without)));
    // Programs with no library of their own.
    for folder in
        ["alone", "alone/bin", "with the packages of its origin/sub/bin", "with the packages of its origin/lib"]
    {
        let at = root.join(folder).join("python");
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        copy(&plain, &at);
        found.push(Environment::new(format!("a program in {folder}"), Start::new(&at)));
    }
    // PYTHONHOME takes a program to another's library, from inside an environment too.
    let (home, _) = prefix("a home", &ITS_OWN);
    write(&site_packages(&home, python).join("of_the_home.py"), "");
    let environment = venv(&python.executable, &root.join("venv"), &["--system-site-packages"]);
    for (what, start) in
        [("a base", &python.executable), ("a venv", &environment), ("a copy", &root.join("alone/python"))]
    {
        let start = Start::new(start);
        let split = format!("{home}:{}", root.join("with the packages of its origin"));
        found.push(
            Environment::new(format!("PYTHONHOME for {what}"), start.clone().variable("PYTHONHOME", home.as_str()))
                .again([
                    start.clone().variable("PYTHONHOME", split),
                    start.clone().variable("PYTHONHOME", home.as_str()).flags(&["-E"]),
                    start.variable("PYTHONHOME", home.as_str()).variable("PYTHONPATH", root.as_str()),
                ]),
        );
    }
    // A library below `lib64`, by a link or alone, and one that is an archive's neighbour.
    let (there, linked) = prefix("linked lib64", &ITS_OWN);
    let other = if python.library_directory() == "lib" { "lib64" } else { "lib" };
    if !there.join(other).exists() {
        link(&there.join(other), python.library_directory().into());
    }
    found.push(Environment::new("a linked lib64", Start::new(&linked)).again([
        Start::new(&linked).variable("PYTHONPLATLIBDIR", other),
        Start::new(&linked).variable("PYTHONPLATLIBDIR", other).flags(&["-I"]),
    ]));
    let (there, zipped) = prefix("zipped", &ITS_OWN);
    let archive = there.join(python.library_directory()).join(python.archive_name());
    let program = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as made:\n    for name in ('zipped.py', 'package/__init__.py', 'package/a.py', 'loose/b.py'): made.writestr(name, '')";
    run(&python.executable, &["-c", program, archive.as_str()]);
    found.push(Environment::new("an archive that is there", Start::new(&zipped)));
    found.push(Environment::new("a venv of it", Start::new(&venv(&zipped, &root.join("of the zipped"), &[]))));
    // The base is gone, or was replaced by something else.
    for (what, options) in [("links", &[] as &[&str]), ("copies", &["--copies"])] {
        let (there, base) = prefix(&format!("to be removed {what}"), &ITS_OWN);
        let environment = venv(&base, &root.join(format!("of the removed {what}")), options);
        std::fs::rename(&there, root.join(format!("away {what}"))).unwrap();
        if what == "copies" {
            found.push(Environment::new("its base is gone", Start::new(&environment)));
        } else {
            link(&base, &python.executable);
            found.push(Environment::new("its base is another", Start::new(&environment)));
        }
    }
}
