//! Interpreters as they are, by every spelling, with every flag and every variable that Python listens to.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{link, namespace_line, site_packages, write};
use super::super::python::{Python, Start, all};
use super::{Environment, Habitat, Visit};

pub(super) const FLAGS: [&[&str]; 5] = [&["-I"], &["-E"], &["-s"], &["-S"], &["-E", "-S"]];

/// Variables and values that mean something, or look as if they did.
const VALUES: &[(&str, &[&str])] = &[
    ("PYTHONNOUSERSITE", &["0", "00", "+0", " 0", "0 ", "-1", "no", "1", "", "99999999999", "-0", "0x0"]),
    ("HOME", &["", "/", "relative", "~", "HOME//"]),
    ("PYTHONUSERBASE", &["HOME/base", "../base", "~/base", ""]),
    ("PYTHONPATH", &["one", "/nonexistent:one", ":one", "../work/one:one", "", "/usr//lib/..//share", "~/x:one/"]),
    ("PYTHONSAFEPATH", &["1", "0", ""]),
    ("PYTHON_FROZEN_MODULES", &["off", "on", "", "OFF"]),
    ("PYTHONPLATLIBDIR", &["lib64", "lib", "", "../lib", "share"]),
    ("PYTHONHOME", &["", "PREFIX", "PREFIX:PREFIX", "PREFIX/", ":PREFIX", "/nonexistent", "HOME:PREFIX"]),
    ("PYTHONEXECUTABLE", &["/usr/bin/python3", "HOME/bin/python", "python", ""]),
    ("__PYVENV_LAUNCHER__", &["/usr/bin/python3", "HOME/bin/python", "python", ""]),
    ("VIRTUAL_ENV", &["HOME", ""]),
    ("CONDA_PREFIX", &["HOME"]),
    ("PYTHONCASEOK", &["1"]),
    ("PYTHONDONTWRITEBYTECODE", &["1"]),
    ("PYTHONOPTIMIZE", &["2"]),
    ("PYTHONSTARTUP", &["HOME/startup.py"]),
];

pub(super) fn habitats() -> Vec<Habitat> {
    all()
        .into_iter()
        .map(|python| Habitat::new(python.name(), move |root, found| environments(&python, root, found)))
        .collect()
}

fn environments(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let version = python.library().file_name().unwrap_or_default().to_owned();
    let home = root.join("home");
    write(&home.join(format!(".local/lib/{version}/site-packages/u.pth")), "../../../../extra\n");
    write(&home.join(format!(".local/lib/{version}/site-packages/of_the_user/__init__.py")), "");
    write(&home.join(format!("base/lib/{version}/site-packages/x.py")), "");
    write(&home.join(".local/extra/further.py"), "");
    write(&home.join("work/one/first.py"), "");
    let plain = Start::new(&python.executable);
    let at_home = plain.clone().variable("HOME", home.as_str()).directory(&home.join("work"));
    let bin = python.executable.parent().unwrap();
    let prefix = bin.parent().unwrap();
    let mut with_values = Vec::new();
    for (name, values) in VALUES {
        for value in *values {
            let value = value.replace("HOME", home.as_str()).replace("PREFIX", prefix.as_str());
            with_values.push(at_home.clone().variable(name, value));
        }
    }
    let flagged = |start: &Start| FLAGS.map(|flags| start.clone().flags(flags));
    let mut ignoring = Vec::new();
    if python.version >= (3, 11) {
        let safe: [&[&'static str]; 4] = [&["-P"], &["-P", "-E"], &["-P", "-S"], &["-Xfrozen_modules=off"]];
        ignoring.extend(safe.map(|flags| at_home.clone().flags(flags).variable("PYTHONPATH", ":one")));
    }
    for flags in FLAGS {
        let start = at_home.clone().flags(flags);
        ignoring.push(start.clone().variable("PYTHONPATH", ":one"));
        ignoring.push(start.clone().variable("PYTHONUSERBASE", "../base"));
        ignoring.push(start.variable("PYTHONHOME", prefix.as_str()).variable("PYTHONPLATLIBDIR", "lib64"));
    }
    let mut without_home = plain.clone();
    without_home.variables.remove("HOME");
    for environment in [
        Environment::new("plain", plain.clone()).again(flagged(&plain)).again([without_home]),
        Environment::new("with a user site", at_home.clone())
            .again(flagged(&at_home))
            .again(with_values)
            .again(ignoring),
        Environment::new("without frozen modules", at_home.clone().variable("PYTHON_FROZEN_MODULES", "off")),
        Environment::new("with a search path", at_home.clone().variable("PYTHONPATH", format!("one:{prefix}/lib"))),
    ] {
        found.push(environment);
    }
    for name in ["sitecustomize", "usercustomize"] {
        write(&home.join("customized").join(format!("{name}.py")), format!("import sys\nsys.path.append('/{name}')\n"));
    }
    let start = at_home.variable("PYTHONPATH", home.join("customized"));
    found.push(Environment::new("customized", start.clone()).again(flagged(&start)));
    found.push(Environment::new("with other files at the start", plain).again(replacing(python, root)));
    beside_a_script(python, root, found);
    // Other spellings of the same interpreter.
    link(&root.join("links/python"), &python.executable);
    link(&root.join("links/again"), "python".into());
    link(&root.join("bin"), bin);
    link(&root.join("prefix"), prefix);
    link(&root.join("around"), "prefix".into());
    let name = python.executable.file_name().unwrap();
    let spellings = [
        ("a link to a link", root.join("links/again")),
        ("a linked bin", root.join("bin").join(name)),
        ("a linked prefix", root.join("prefix/bin").join(name)),
        ("a link to a linked prefix", root.join("around/bin").join(name)),
        ("a twisted path", format!("{prefix}/bin/../bin//{name}").as_str().into()),
        ("a longer twisted path", format!("//{prefix}/./bin/{name}").as_str().into()),
    ];
    let in_other_bin = in_other_bin(python).map(|it| ("the `bin` of `/`", it));
    for (what, path) in spellings.into_iter().chain(in_other_bin) {
        found.push(Environment::new(what, Start::new(&path)).again([Start::new(&path).flags(&["-S"])]));
    }
}

/// The same program in `/bin`, where that is `/usr/bin`: above it is no library, and what is compiled in leads to one.
pub(super) fn in_other_bin(python: &Python) -> Option<Utf8PathBuf> {
    let name = python.executable.strip_prefix("/usr/bin").ok()?;
    Some(Utf8Path::new("/bin").join(name)).filter(|it| it.exists())
}

/// A program beside which lies a file of every name that the library has, and one that has a namespace made at start beside it.
fn beside_a_script(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let home = python.executable.parent().unwrap();
    let (library, folder) = (Python::library(python), root.join("beside"));
    for directory in [library.clone(), library.join("lib-dynload")] {
        for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
            let name = entry.file_name().split('.').next().unwrap_or_default();
            if !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_') {
                write(&folder.join(format!("{name}.py")), "");
            }
        }
    }
    for name in &Start::new(&python.executable).reconstruct().builtin_modules {
        write(&folder.join(format!("{name}.py")), "");
    }
    for (what, of_line, own) in MADE_AT_START {
        write(&root.join(what).join("script").join(own), "");
        let environment = root.join(what).join("env");
        write(&environment.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = false\n"));
        link(&environment.join("bin/python"), &python.executable);
        let site = site_packages(&environment, python);
        write(&site.join(of_line), "");
        write(&site.join("google-nspkg.pth"), namespace_line("google"));
        write(&site.join("plain/__init__.py"), "");
        write(&root.join(what).join("script/plain/below.py"), "");
        let start = Start::new(&environment.join("bin/python"));
        let names = ["google", "plain"];
        found.push(Environment::new(what, start.clone().beside(&root.join(what).join("script"))).packages(&names));
        if what == MADE_AT_START[0].0 {
            found.push(Environment::new("every name beside a script", start.beside(&folder)));
        }
    }
}

/// What setuptools' line makes of a file in site-packages, and what lies beside a script under the same name.
const MADE_AT_START: [(&str, &str, &str); 4] = [
    ("a namespace and a package", "google/two.py", "google/__init__.py"),
    ("two parts of a namespace", "google/two.py", "google/one.py"),
    ("a package and a folder", "google/__init__.py", "google/one.py"),
    ("a namespace and a module", "google/deep/two.py", "google.py"),
];

/// Starts with an empty file, or another one, before a module that Python imports early.
fn replacing(python: &Python, root: &Utf8Path) -> Vec<Start> {
    let library = Python::library(python);
    let mut starts = Vec::new();
    let mut add = |name: &str, content: &str, flags: &[&'static str]| {
        let folder = root.join(format!("early {}", starts.len()));
        write(&folder.join(format!("{name}.py")), content);
        starts.push(Start::new(&python.executable).variable("PYTHONPATH", folder.as_str()).flags(flags));
    };
    for name in EARLY {
        add(name, "", &[]);
        add(name, "", &["-S"]);
        if python.version >= (3, 11) {
            add(name, "", &["-Xfrozen_modules=off"]);
        }
        if let Ok(own) = std::fs::read_to_string(library.join(format!("{name}.py"))) {
            add(name, &own, &[]);
        }
    }
    add("site", "x = 1\n", &[]);
    add("site", "x = 1\n", &["-I"]);
    add("encodings/aliases", "", &[]);
    link(&root.join("early library/encodings"), &library.join("encodings"));
    link(&root.join("early library/os.py"), &library.join("os.py"));
    starts.push(Start::new(&python.executable).variable("PYTHONPATH", root.join("early library")));
    starts
}

/// What Python imports before a program, or might.
const EARLY: [&str; 19] = [
    "abc",
    "codecs",
    "io",
    "os",
    "stat",
    "posixpath",
    "genericpath",
    "_collections_abc",
    "_sitebuiltins",
    "_bootlocale",
    "_weakrefset",
    "site",
    "encodings",
    "encodings/__init__",
    "sysconfig",
    "types",
    "warnings",
    "zipimport",
    "ntpath",
];
