//! What environments have in them: modules of every shape, wheels, eggs, archives, namespaces, user sites, search paths.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{Variables, link, run, say, site_packages, uv, venv, write};
use super::super::python::{Python, Start, all};
use super::super::{scope, tools};
use super::{Environment, Habitat, Visit};

/// How many environments with modules of every shape each Python gets.
const SHAPES: usize = 4;

const EXTENDING: &str = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";

pub(super) fn habitats() -> Vec<Habitat> {
    let mut habitats = Vec::new();
    for (number, python) in all().into_iter().enumerate() {
        let (shapes, installed) = (python.clone(), python.clone());
        habitats.push(Habitat::new(format!("modules of every shape, {}", python.name()), move |root, found| {
            let count = if scope::is_whole() { SHAPES } else { 1 };
            (number * SHAPES..number * SHAPES + count).for_each(|seed| found.push(of_every_shape(&shapes, root, seed)));
        }));
        if python.version >= (3, 8) {
            let name = format!("installed by uv, {}", python.name());
            habitats.push(Habitat::new(name, move |root, found| installed_by_uv(&installed, root, found)));
        }
        let (spreading, once) = (python.clone(), python.clone());
        let name = format!("every shape once, {}", python.name());
        habitats.push(Habitat::new(name, move |root, found| every_shape_once(&once, root, found)));
        let name = format!("packages that spread, {}", python.name());
        habitats.push(Habitat::new(name, move |root, found| spread(&spreading, root, found)));
        habitats
            .push(Habitat::new(format!("paths, {}", python.name()), move |root, found| on_paths(&python, root, found)));
    }
    habitats
}

/// Makes the wheels and eggs that are installed; `None` where there is no tool to make them with.
pub(in super::super) fn wheels(root: &Utf8Path) -> Option<Utf8PathBuf> {
    let folder = root.join("wheels");
    let python = all().into_iter().next()?;
    run(&python.executable, &["-B", script("wheels.py"), folder.as_str()]);
    Some(folder)
}

fn script(name: &str) -> &'static str {
    match name {
        "wheels.py" => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/wheels.py"),
        _ => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/trees.py"),
    }
}

fn of_every_shape(python: &Python, root: &Utf8Path, seed: usize) -> Environment {
    let folder = root.join(seed.to_string()).join("env");
    let executable = venv(&python.executable, &folder, &[]);
    let site = site_packages(&folder, python);
    run(&python.executable, &["-B", script("trees.py"), site.as_str(), &seed.to_string()]);
    Environment::new(format!("seed {seed}"), Start::new(&executable)).packages(&["made", "edit_package", "edit_space"])
}

/// Files below three entries of the search path; one that ends in `/` is a folder, one in `@` a link to nothing. A `.txt` only
/// has its name asked for.
const ONCE: &[&str] = &[
    "one/both/__init__.py",
    "one/both.py",
    "one/native/__init__.py",
    "one/native.so",
    "one/folder/part.py",
    "one/folder.py",
    "one/bytecode/__init__.pyc",
    "one/spread/a.py",
    "two/spread.py",
    "three/spread/b.py",
    "one/portions/a.py",
    "two/portions.txt",
    "three/portions/b.py",
    "one/portions_again.txt/a.py",
    "one/late/a.py",
    "three/late/__init__.py",
    "one/nothing/",
    "one/named.py/",
    "two/named/part.py",
    "one/dangling.py@",
    "one/away@",
    "one/Wrong.py",
    "two/wrong.txt",
    "one/windowed.pyw",
    "one/stub.pyi",
    "one/stubbed/__init__.pyi",
    "one/__pycache__/cached.cpython-311.pyc",
    "one/cached.txt",
    "one/started/__init__.py/",
    "one/linked/__init__.py@",
    "one/inner/__pycache__/__init__.cpython-311.pyc",
    "one/inner/deep/__init__.so",
    "one/.hidden.py",
    "one/a-b.py",
    "one/dotted.name.py",
    "one/dotted.name/__init__.py",
    "one/blank .py",
    "one/.py",
    "one/optimized.pyo",
    "one/older.cpython-27-x86_64-linux-gnu.so",
    "one/windows.pyd",
];

/// Each shape of a module by itself, so that what is asked does not hang on a seed; and for each suffix of this Python, a
/// module and a package with that and all that come after it.
fn every_shape_once(python: &Python, root: &Utf8Path, found: &mut Visit) {
    for path in ONCE {
        match (path.strip_suffix('/'), path.strip_suffix('@')) {
            (Some(folder), _) => std::fs::create_dir_all(root.join(folder)).unwrap(),
            (_, Some(name)) => link(&root.join(name), "/nonexistent".into()),
            _ => write(&root.join(path), ""),
        }
    }
    let program = "from importlib.machinery import *; print(*EXTENSION_SUFFIXES, *SOURCE_SUFFIXES, *BYTECODE_SUFFIXES)";
    let suffixes = say(&python.executable, &["-c", program], root, &Variables::new());
    let suffixes: Vec<&str> = suffixes.split(' ').collect();
    for from in 0..suffixes.len() {
        for suffix in &suffixes[from..] {
            write(&root.join(format!("one/module{from}{suffix}")), "");
            write(&root.join(format!("one/package{from}/__init__{suffix}")), "");
            write(&root.join(format!("one/package{from}/below{suffix}")), "");
        }
    }
    let start = Start::new(&python.executable).variable("PYTHONPATH", format!("{root}/one:{root}/two:{root}/three"));
    let names = ["spread", "portions", "late", "started", "linked", "stubbed", "inner", "bytecode"];
    let packages: Vec<String> = (0..suffixes.len()).map(|from| format!("package{from}")).collect();
    let names: Vec<&str> = names.into_iter().chain(packages.iter().map(String::as_str)).collect();
    found.push(Environment::new("every shape once", start).packages(&names));
}

fn installed_by_uv(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let (Some(wheels), Some(tool)) = (wheels(root), tools::find("uv")) else { return };
    let cache = root.join("cache");
    let install = |environment: &Utf8Path, further: &[&str]| {
        let fixed = ["pip", "install", "--quiet", "--offline", "--no-index", "--find-links", wheels.as_str()];
        let place = ["--cache-dir", cache.as_str(), "--python", environment.as_str()];
        run(&tool, &[&fixed[..], &place, further].concat());
    };
    let executable = uv(&tool, python, &root.join("env"), &["--system-site-packages"]);
    install(&executable, &["tiny", "space-one", "starting", "--link-mode", "symlink"]);
    let names = ["tiny", "space", "starting_code"];
    found.push(Environment::new("installed by links", Start::new(&executable)).packages(&names));
    let copied = uv(&tool, python, &root.join("copied"), &[]);
    install(&copied, &["tiny", "space-two", "--link-mode", "copy"]);
    let target = root.join("target");
    install(&copied, &["space-one", "--link-mode", "copy", "--target", target.as_str()]);
    let start = Start::new(&copied);
    let with_target = start.clone().variable("PYTHONPATH", target.as_str());
    found.push(Environment::new("installed by copies", start).packages(&["tiny", "space"]));
    found.push(Environment::new("with a target", with_target).packages(&["space"]));
    // A wheel is an archive that can be imported from as it is.
    let wheel = wheels.join("tiny-1.0-py3-none-any.whl");
    let start = Start::new(&copied).variable("PYTHONPATH", format!("{wheel}:{wheel}/tiny"));
    found.push(Environment::new("a wheel on the path", start).packages(&["tiny"]));
}

/// Eggs, archives, namespaces over several entries, and a user site between an environment and its base.
fn on_paths(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let wheels = wheels(root).expect("a Python makes them");
    let eggs = venv(&python.executable, &root.join("eggs"), &[]);
    let site = site_packages(&root.join("eggs"), python);
    let text = format!("./zipped-1.0-py3.egg\n{wheels}/foldered-1.0-py3.egg\n");
    std::fs::copy(wheels.join("zipped-1.0-py3.egg"), site.join("zipped-1.0-py3.egg")).unwrap();
    write(&site.join("easy-install.pth"), text);
    write(&site.join("linked.egg-link"), format!("{root}\n."));
    found.push(Environment::new("eggs", Start::new(&eggs)).packages(&["zipped", "foldered", "loose"]));
    // As setuptools wrote it long ago: what is between the lines goes to the front.
    let old = venv(&python.executable, &root.join("old eggs"), &[]);
    let site = site_packages(&root.join("old eggs"), python);
    write(&site.join("setuptools.pth"), format!("{wheels}/zipped-1.0-py3.egg\n"));
    write(
        &site.join("easy-install.pth"),
        format!(
            "import sys; sys.__plen = len(sys.path)\n{wheels}/foldered-1.0-py3.egg\nimport sys; new=sys.path[sys.__plen:]; \
             del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0); sys.path[p:p]=new; sys.__egginsert = p+len(new)\n"
        ),
    );
    found.push(Environment::new("old eggs", Start::new(&old)).packages(&["zipped", "foldered"]));

    let home = root.join("home");
    let user = site_packages(&home.join(".local"), python);
    let open = venv(&python.executable, &root.join("open"), &["--system-site-packages"]);
    let own = site_packages(&root.join("open"), python);
    for (place, name) in [(&user, "of_the_user"), (&own, "of_the_environment")] {
        write(&place.join("both.py"), "");
        write(&place.join(format!("{name}.py")), "");
        write(&place.join("pip/__init__.py"), "");
        write(&place.join(format!("halves/{name}.py")), "");
        write(&place.join("extended/__init__.py"), EXTENDING);
        write(&place.join(format!("extended/{name}.py")), "");
    }
    write(&user.join("colorsys/__init__.py"), "");
    write(&user.join("first.pth"), format!("{root}/further\n"));
    write(&root.join("further/halves/further.py"), "");
    write(&root.join("further/this.py"), "");
    let start = Start::new(&open).variable("HOME", home.as_str());
    let names = ["halves", "extended"];
    found.push(Environment::new("a user site between", start.clone()).packages(&names));
    found.push(
        Environment::new("the user site of a base", Start::new(&python.executable).variable("HOME", home.as_str()))
            .packages(&names),
    );
    let path = format!("{root}/further:{wheels}/zipped-1.0-py3.egg:{wheels}/foldered-1.0-py3.egg:{user}:relative");
    write(&root.join("work/relative/colorsys.py"), "");
    write(&root.join("work/relative/this/inside.py"), "");
    let start = start.variable("PYTHONPATH", path).directory(&root.join("work"));
    let again = [start.clone().flags(&["-E"]), start.clone().flags(&["-s"]), start.clone().flags(&["-S"])];
    found.push(Environment::new("a long search path", start).packages(&names).again(again));
    // Links to folders and files, in circles as well.
    let links = venv(&python.executable, &root.join("links"), &[]);
    let site = site_packages(&root.join("links"), python);
    write(&root.join("away/package/__init__.py"), "");
    write(&root.join("away/package/inner/deep.py"), "");
    for (name, target) in [
        ("package", "away/package"),
        ("again", "links"),
        ("module.py", "away/package/__init__.py"),
        ("gone.py", "nothing"),
        ("folder.py", "away"),
    ] {
        link(&site.join(name), &root.join(target));
    }
    link(&site.join("loop"), "loop".into());
    link(&site.join("itself"), ".".into());
    found.push(Environment::new("links", Start::new(&links)).packages(&["package"]));
}

/// What packages say of their path, in every way that is documented, and in some that say nothing.
const SPREADING: &[&str] = &[
    EXTENDING,
    "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n    \
     __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
    "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n    pass\n",
    "try:\n    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\nexcept ImportError:\n    \
     import pkgutil\n    __path__ = pkgutil.extend_path(\n        __path__,\n        __name__)\n",
    "from pkgutil import extend_path\n__path__: list = extend_path(__path__, __name__)\n",
    "\"\"\"\n__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n\"\"\"\n",
    "# __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
    "x = '__path__ = extend_path(__path__, __name__)'\n",
    "__import__('pkgutil').extend_path(__path__, __name__)\n",
    "def later():\n    __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
];

/// As setuptools has it, but for the order of what is found.
const PKG_RESOURCES: &str = "import os, sys\n\
def declare_namespace(name):\n    \
    path = sys.modules[name].__path__\n    \
    places = [os.path.join(entry, name) for entry in sys.path]\n    \
    path.extend(it for it in places if it not in path and os.path.isfile(os.path.join(it, '__init__.py')))\n";

fn spread(python: &Python, root: &Utf8Path, found: &mut Visit) {
    for has_setuptools in [false, true] {
        let folder = root.join(if has_setuptools { "with" } else { "without" });
        let executable = venv(&python.executable, &folder, &[]);
        let site = site_packages(&folder, python);
        let other = root.join("other");
        for (number, line) in SPREADING.iter().enumerate() {
            for (place, name) in [(&site, "here"), (&other, "there")] {
                write(&place.join(format!("spread{number}/__init__.py")), line);
                write(&place.join(format!("spread{number}/{name}.py")), "");
            }
        }
        if has_setuptools {
            write(&site.join("pkg_resources.py"), PKG_RESOURCES);
        }
        let start = Start::new(&executable).variable("PYTHONPATH", other.as_str());
        let names: Vec<String> = (0..SPREADING.len()).map(|number| format!("spread{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        found.push(Environment::new(format!("setuptools: {has_setuptools}"), start).packages(&names));
    }
}
