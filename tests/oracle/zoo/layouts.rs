//! Layouts that a tool or a distribution makes and others copy by hand: libraries below `lib64`, two prefixes at once, user
//! sites in every place, packages without sources, names that differ by case only, links in place of folders.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{link, relocated, run, site_packages, venv, write};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat, Visit};

type Family = fn(&Python, &Utf8Path, &mut Visit);

const FAMILIES: [(&str, Family); 6] = [
    ("lib64", below_lib64),
    ("two prefixes", with_two_prefixes),
    ("user sites", with_user_sites),
    ("without sources", without_sources),
    ("case", by_case),
    ("links", by_links),
];

pub(super) fn habitats() -> Vec<Habitat> {
    let pythons = all();
    let count = pythons.len();
    let mut habitats = Vec::new();
    for (at, python) in pythons.into_iter().enumerate() {
        for (number, (name, family)) in FAMILIES.into_iter().enumerate() {
            // The part asks one Python for each.
            if scope::is_whole() || number % count == at {
                let python = python.clone();
                let name = format!("{name}, {}", python.name());
                habitats.push(Habitat::new(name, move |root, found| family(&python, root, found)));
            }
        }
    }
    habitats
}

/// An environment by hand: a link to the program, a `pyvenv.cfg`, nothing else.
fn by_hand(python: &Python, folder: &Utf8Path, system: bool) -> Start {
    let home = python.executable.parent().unwrap();
    write(&folder.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = {system}\n"));
    link(&folder.join("bin/python"), &python.executable);
    Start::new(&folder.join("bin/python"))
}

/// As Fedora and others lay it out; a Python that is told so by a variable behaves as one that was built so.
fn below_lib64(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let prefix = root.join("prefix");
    let executable = relocated(python, &prefix, &["site-packages", "dist-packages"]);
    if python.library_directory() == "lib" {
        std::fs::rename(prefix.join("lib"), prefix.join("lib64")).unwrap();
    }
    let library = python.library_name();
    for place in ["lib", "lib64"] {
        write(&prefix.join(place).join(library).join("site-packages").join(format!("of_{place}.py")), "");
        write(&prefix.join(place).join(library).join("site-packages/both.py"), "");
    }
    // Up to 3.8 nothing listens, and there is no library to find.
    let told = |start: Start| start.variable("PYTHONPLATLIBDIR", "lib64").variable("HOME", root.join("home"));
    write(&site_packages(&root.join("home/.local"), python).join("of_the_user.py"), "");
    let start = told(Start::new(&executable));
    let again = [&["-I"][..], &["-E"], &["-S"], &["-s"]].map(|flags| start.clone().flags(flags));
    found.push(Environment::new("its own", start).again(again));
    let inside = Python { executable, ..python.clone() };
    for system in [false, true] {
        for (shape, linked) in [("two folders", false), ("a link", true)] {
            let folder = root.join(format!("{shape} {system}"));
            let start = told(by_hand(&inside, &folder, system));
            let site = site_packages(&folder, python);
            write(&site.join("of_the_environment.py"), "");
            if linked {
                link(&folder.join("lib64"), "lib".into());
            } else {
                write(&folder.join("lib64").join(library).join("site-packages/of_64.py"), "");
                write(&folder.join("lib64").join(library).join("site-packages/of_64.pth"), format!("{root}/home\n"));
            }
            let again = [start.clone().flags(&["-s"]), start.clone().flags(&["-S"])];
            found.push(Environment::new(format!("{shape}, system: {system}"), start).again(again));
        }
    }
}

/// `PYTHONHOME` with a part for the library and one for the extensions, each with what the other lacks.
fn with_two_prefixes(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let (pure, platform) = (root.join("pure"), root.join("platform"));
    relocated(python, &pure, &["lib-dynload", "site-packages", "dist-packages"]);
    let library = python.library();
    let dynamic = platform.join(python.library_directory()).join(python.library_name()).join("lib-dynload");
    let target = library.join("lib-dynload");
    if target.is_dir() {
        link(&dynamic, &target);
    } else {
        std::fs::create_dir_all(&dynamic).unwrap();
    }
    for prefix in [&pure, &platform] {
        write(&site_packages(prefix, python).join(format!("of_{}.py", prefix.file_name().unwrap())), "");
        write(&site_packages(prefix, python).join("both.py"), "");
    }
    let environment = venv(&python.executable, &root.join("venv"), &["--system-site-packages"]);
    for (what, executable) in [("a base", &python.executable), ("a venv", &environment)] {
        let homes = [
            format!("{pure}:{platform}"),
            format!("{platform}:{pure}"),
            format!("{pure}:"),
            format!("{pure}/:{platform}/"),
            format!("{pure}/../pure:{platform}/."),
            format!("{pure}:{platform}:{root}"),
            "pure:platform".to_owned(),
        ];
        let start = |home: &String| Start::new(executable).variable("PYTHONHOME", home).directory(root);
        let again = homes[1..].iter().map(start);
        found.push(Environment::new(what, start(&homes[0])).again(again));
    }
}

fn with_user_sites(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let name = format!("lib/{}/site-packages", python.library_name());
    let work = root.join("work");
    let environment = venv(&python.executable, &root.join("venv"), &["--system-site-packages"]);
    for base in [root.join("base"), work.join("relative"), work.join("~/tilde"), root.join("home/.local")] {
        write(&base.join(&name).join("of_the_user.py"), "");
        write(&base.join(&name).join("space").join(format!("{}.py", base.file_name().unwrap())), "");
        write(
            &base.join(&name).join("x.pth"),
            format!("extra\n{root}/further\nimport sys; sys.path.append('{root}/late')\n"),
        );
        write(&base.join(&name).join("extra/added.py"), "");
    }
    for folder in ["further/space", "late/space", "venv"] {
        write(&root.join(folder).join("found.py"), "");
    }
    write(&root.join("venv").join(&name).join("space/of_the_environment.py"), "");
    write(&root.join("base").join(&name).join("usercustomize.py"), "x = 1\n");
    link(&root.join("linked"), "base".into());
    let bases = [
        root.join("base").into_string(),
        "relative".to_owned(),
        "~/tilde".to_owned(),
        "./relative/".to_owned(),
        "../base".to_owned(),
        format!("{root}/linked"),
        format!("{root}/base/../base//"),
        format!("{root}/venv"),
        format!("{root}/nothing"),
        ".".to_owned(),
        "/".to_owned(),
    ];
    for (what, executable) in [("a base", &python.executable), ("a venv", &environment)] {
        let at_home = Start::new(executable).variable("HOME", root.join("home")).directory(&work);
        let start = |base: &String| at_home.clone().variable("PYTHONUSERBASE", base);
        let again = bases[1..].iter().map(start);
        let flagged = [&["-E"][..], &["-I"], &["-s"]].map(|flags| start(&bases[0]).flags(flags));
        let both = start(&bases[0]).variable("PYTHONPATH", format!("{root}/base/{name}:{root}/venv/{name}"));
        let environment = Environment::new(what, start(&bases[0])).again(again).again(flagged).again([both]);
        found.push(environment.packages(&["space"]));
    }
}

/// What `compileall -b` leaves when the sources are taken away, and what looks like it.
fn without_sources(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let program = "import os, py_compile, sys\nfor path in sys.argv[1:]:\n    py_compile.compile(path, cfile=path + 'c')\n    os.remove(path)";
    let executable = venv(&python.executable, &root.join("venv"), &[]);
    let site = site_packages(&root.join("venv"), python);
    let sources =
        ["alone.py", "package/__init__.py", "package/inner.py", "package/deep/__init__.py", "space/part.py", "both.py"];
    let paths: Vec<Utf8PathBuf> = sources.iter().map(|it| site.join(it)).collect();
    for path in &paths {
        write(path, "x = 1\n");
    }
    let arguments: Vec<&str> = ["-c", program].into_iter().chain(paths.iter().map(|it| it.as_str())).collect();
    run(&python.executable, &arguments);
    // One of another Python, one that is empty, one in a cache with nothing beside it.
    write(&site.join("other.pyc"), b"\x00\x00\x00\x00");
    write(&site.join("empty.pyc"), "");
    write(&site.join("__pycache__/cached.cpython-311.pyc"), "");
    write(&site.join("optimized.pyo"), "");
    write(&site.join("optimized.opt-1.pyc"), "");
    let start = Start::new(&executable);
    let again = [start.clone().variable("PYTHONOPTIMIZE", "1")];
    found.push(Environment::new("bytecode alone", start).again(again).packages(&["package", "space"]));
    // What can be loaded of it in an archive, which has rules of its own.
    for name in ["other.pyc", "empty.pyc"] {
        std::fs::remove_file(site.join(name)).unwrap();
    }
    let archive = root.join("archive.zip");
    let program = "import os, sys, zipfile\nmade = zipfile.ZipFile(sys.argv[1], 'w')\nfor folder, _, names in os.walk(sys.argv[2]):\n    for name in names:\n        path = os.path.join(folder, name)\n        made.write(path, os.path.relpath(path, sys.argv[2]))\nmade.close()";
    run(&python.executable, &["-c", program, archive.as_str(), site.as_str()]);
    let start = Start::new(&python.executable).variable("PYTHONPATH", format!("{archive}:{archive}/package"));
    found.push(Environment::new("an archive of it", start).packages(&["package"]));
}

/// Linux tells names by case, whatever `PYTHONCASEOK` says.
fn by_case(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let executable = venv(&python.executable, &root.join("venv"), &[]);
    let site = site_packages(&root.join("venv"), python);
    for path in [
        "lower.py",
        "UPPER.py",
        "Mixed/__init__.py",
        "mixed/inner.py",
        "package/__INIT__.py",
        "package/Inner.py",
        "Two.py",
        "two/__init__.py",
        "ending.PY",
        "Space/one.py",
        "space/two.py",
        "json.py",
        "JSON.py",
        "\u{212a}elvin.py",
        "stra\u{df}e.py",
        "STRASSE.py",
        "A.PTH",
        "Sub/SUB.py",
    ] {
        write(&site.join(path), "");
    }
    write(&site.join("b.pth"), "SUB\nsub\nSub\n");
    let start = Start::new(&executable);
    let again =
        [start.clone().variable("PYTHONCASEOK", "1"), start.clone().variable("PYTHONCASEOK", "1").flags(&["-E"])];
    let names = ["mixed", "Mixed", "package", "space", "Space", "two"];
    found.push(Environment::new("names", start.clone()).again(again).packages(&names));
    let relaxed = start.variable("PYTHONCASEOK", "1");
    found.push(Environment::new("names, PYTHONCASEOK", relaxed).packages(&names));
}

/// Links where an environment has folders.
fn by_links(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let other = root.join("other");
    by_hand(python, &other, false);
    write(&site_packages(&other, python).join("of_the_other.py"), "");
    write(&site_packages(&other, python).join("x.pth"), "..\nsub\n");
    write(&site_packages(&other, python).join("sub/below.py"), "");
    let library = format!("lib/{}", python.library_name());
    let site = format!("{library}/site-packages");
    for (what, place) in [("its site-packages", site.as_str()), ("its library", &library), ("its lib", "lib")] {
        let folder = root.join(what);
        let start = by_hand(python, &folder, true);
        link(&folder.join(place), &other.join(place));
        // Reached by both names.
        let again = [
            start.clone().variable("PYTHONPATH", other.join(&site)),
            start.clone().variable("PYTHONPATH", format!("{}:{}", folder.join(&site), other.join(&site))),
        ];
        found.push(Environment::new(what, start).again(again));
    }
    // Its base's own packages, a folder that is gone, a file, a circle.
    let own = python.library().join("site-packages");
    write(&root.join("file"), "");
    for (what, target) in [
        ("the base's", own.as_path()),
        ("gone", "nothing".into()),
        ("a file", "/etc/hostname".into()),
        ("a circle", "site-packages".into()),
    ] {
        let folder = root.join(format!("site-packages: {what}"));
        let start = by_hand(python, &folder, true);
        link(&folder.join(&site), target);
        found.push(Environment::new(format!("its site-packages: {what}"), start));
    }
    // A program behind a chain of links, and folders of links only.
    let chain = root.join("chain");
    by_hand(python, &chain, true);
    for (name, target) in [("python3", "python"), ("python3.99", "./python3"), ("again", "../bin/python3.99")] {
        link(&chain.join("bin").join(name), target.into());
    }
    link(&root.join("shortcut"), "chain/bin/again".into());
    link(&root.join("farm/bin"), "../chain/bin".into());
    link(&root.join("farm/lib"), "../other/lib".into());
    for path in ["chain/bin/again", "shortcut", "farm/bin/python3"] {
        found.push(Environment::new(format!("by {path}"), Start::new(&root.join(path))));
    }
    // The library is found upwards from a linked folder, and lost when `site` makes that absolute; what is loaded by then stays.
    let (lost, way) = (root.join("lost"), root.join("way"));
    write(&lost.join("pyvenv.cfg"), "");
    link(&way, python.executable.parent().unwrap());
    link(&lost.join("bin/python"), &way.join(python.executable.file_name().unwrap()));
    let start = Start::new(&lost.join("bin/python")).variable("PYTHONPLATLIBDIR", "../lib");
    let again = ["-I", "-S"].map(|flag| start.clone().flags(&[flag]));
    found.push(Environment::new("its library is lost on the way", start).again(again));
}
