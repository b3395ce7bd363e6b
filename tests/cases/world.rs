//! The world of one case, in memory.
//!
//! In: the blocks of a case. Out: a [`MemorySystem`], and the Python files that are to be checked.
//!
//! **Invariant:** what a block asks for and nobody knows is an error, never passed over.

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::system::memory::MemorySystem;

use super::document::Block;

/// Where the project of every case lies.
pub(super) const PROJECT: &str = "/home/user/app";

pub(super) struct World {
    pub(super) system: MemorySystem,
    /// The Python files and notebooks that the case writes, in its order.
    pub(super) sources: Vec<(Utf8PathBuf, String)>,
    /// The files of the case that prepare machines.
    pub(super) recipes: Vec<Utf8PathBuf>,
}

impl World {
    /// Returns the same world with another text of a file.
    pub(super) fn with(&self, path: &Utf8Path, text: &str) -> World {
        let (mut system, mut sources) = (self.system.clone(), self.sources.clone());
        system.write(path, text);
        for (_, source) in sources.iter_mut().filter(|(it, _)| it == path) {
            text.clone_into(source);
        }
        World { system, sources, recipes: self.recipes.clone() }
    }
}

/// Builds the world that the blocks describe: presets first, then files, then what is no file.
pub(super) fn build(blocks: &[Block]) -> Result<World, String> {
    let mut system = MemorySystem::default();
    system.create_directory(PROJECT).set_working_directory(PROJECT);
    system.set_variable("HOME", "/home/user").set_variable("PATH", "/usr/local/bin:/usr/bin:/bin");
    for line in lines(blocks, "world") {
        preset(&mut system, line)?;
    }
    let mut sources = Vec::new();
    let mut recipes = Vec::new();
    for block in blocks {
        match (&*block.language, &*block.argument) {
            (
                "python" | "toml" | "text" | "ini" | "json" | "cfg" | "dockerfile" | "shell" | "makefile" | "yaml",
                path,
            ) if !path.is_empty() => {
                let path = absolute(path);
                system.write(&path, block.content.clone());
                if RecipeKind::of_text(&path, &block.content).is_some() {
                    recipes.push(path.clone());
                }
                if matches!(path.extension(), Some("py" | "ipynb")) || block.language == "python" {
                    sources.retain(|(other, _)| *other != path);
                    sources.push((path, block.content.clone()));
                }
            }
            ("executable", path) => {
                system.write_executable(absolute(path), block.content.clone());
            }
            _ => {}
        }
    }
    for line in lines(blocks, "links") {
        let (path, target) = line.split_once(" -> ").ok_or_else(|| format!("not `path -> target`: {line}"))?;
        system.link(absolute(path.trim()), target.trim());
    }
    for line in lines(blocks, "nodes") {
        node(&mut system, line)?;
    }
    for line in lines(blocks, "env") {
        let (name, value) = line.split_once('=').ok_or_else(|| format!("not `NAME=value`: {line}"))?;
        system.set_variable(name, value);
    }
    Ok(World { system, sources, recipes })
}

/// Makes a path of a case absolute: what has no leading slash lies in the project.
pub(super) fn absolute(path: &str) -> Utf8PathBuf {
    Utf8Path::new(PROJECT).join(path)
}

fn lines<'a>(blocks: &'a [Block], language: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = blocks.iter().filter(move |block| block.language == language);
    blocks.flat_map(|block| block.content.lines()).filter(|line| !line.trim().is_empty())
}

fn node(system: &mut MemorySystem, line: &str) -> Result<(), String> {
    let (kind, path) = line.split_once(' ').ok_or_else(|| format!("not `kind path`: {line}"))?;
    let path = absolute(path.trim());
    match kind {
        "pipe" => system.pipe(path),
        "forbidden" => system.forbid(path),
        "directory" => system.create_directory(path),
        "binary" => system.write(path, [0x7f, b'E', b'L', b'F', 0, 0xff, 0xfe, 0x80, b'\n', 0xc3, 0x28]),
        "gone" => system.remove(path),
        _ => return Err(format!("no such kind of node: {line}")),
    };
    Ok(())
}

fn preset(system: &mut MemorySystem, line: &str) -> Result<(), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match *words {
        ["Debian", "12"] => debian(system),
        ["Arch", "Linux"] => arch(system),
        ["venv", folder, "from", "Arch", "Linux", "with", "system", "packages"] => {
            venv(system, folder, "/usr/bin", "3.13", true);
        }
        ["uv", "Python", version] => uv_python(system, version),
        ["venv", folder, "from", "Debian"] => venv(system, folder, "/usr/bin", "3.11", false),
        ["venv", folder, "from", "Debian", "with", "system", "packages"] => {
            venv(system, folder, "/usr/bin", "3.11", true);
        }
        ["venv", folder, "from", "uv", "Python", version] => venv(system, folder, &uv_bin(version), version, false),
        ["venv", folder, "from", "uv", "Python", version, "with", "system", "packages"] => {
            venv(system, folder, &uv_bin(version), version, true);
        }
        ["conda", "prefix", folder] => conda(system, folder),
        ["package", module, "in", root] => package(system, module, root),
        _ => return Err(format!("no such preset: {line}")),
    }
    Ok(())
}

/// Debian's Python 3.11 with `python3-yaml` and what Debian changes: `dist-packages` and PEP 668's marker.
fn debian(system: &mut MemorySystem) {
    system.write_executable("/usr/bin/python3.11", b"\x7fELF".as_slice());
    system.link("/usr/bin/python3", "python3.11");
    stdlib(system, "/usr/lib/python3.11", "/usr/lib/python3/dist-packages");
    system.write("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\nError=To install, use apt.\n");
    system.create_directory("/usr/local/lib/python3.11/dist-packages");
    let root = "/usr/lib/python3/dist-packages";
    system.write(format!("{root}/yaml/__init__.py"), "__version__ = '6.0'\n");
    metadata(system, root, "PyYAML", "6.0", "yaml", "debian");
    system.write("/usr/lib/python3/dist-packages/apt/__init__.py", "");
    system.write(
        "/var/lib/dpkg/status",
        "Package: python3-yaml\nStatus: install ok installed\nVersion: 6.0-3+b2\n\n\
         Package: python3-apt\nStatus: install ok installed\nVersion: 2.6.0\n",
    );
    let list = |files: &[&str]| files.iter().fold(String::from("/.\n"), |text, file| text + file + "\n");
    system.write(
        "/var/lib/dpkg/info/python3-yaml.list",
        list(&[
            "/usr/lib/python3/dist-packages/yaml",
            "/usr/lib/python3/dist-packages/yaml/__init__.py",
            "/usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA",
        ]),
    );
    system.write(
        "/var/lib/dpkg/info/python3-apt.list",
        list(&["/usr/lib/python3/dist-packages/apt", "/usr/lib/python3/dist-packages/apt/__init__.py"]),
    );
}

/// Arch's Python 3.13 with `python-yaml`: PEP 668's marker, upstream's layout and no dpkg.
fn arch(system: &mut MemorySystem) {
    system.write_executable("/usr/bin/python3.13", b"\x7fELF".as_slice());
    system.link("/usr/bin/python3", "python3.13");
    stdlib(system, "/usr/lib/python3.13", "site-packages");
    system.write("/usr/lib/python3.13/EXTERNALLY-MANAGED", "[externally-managed]\nError=To install, use pacman.\n");
    system.write("/etc/os-release", "NAME=\"Arch Linux\"\nID=arch\n");
    package(system, "yaml", "/usr/lib/python3.13/site-packages");
}

/// An environment as `conda create` leaves it: a whole Python 3.12 with a history.
fn conda(system: &mut MemorySystem, folder: &str) {
    let folder = absolute(folder);
    system.write_executable(folder.join("bin/python3.12"), b"\x7fELF".as_slice());
    system.link(folder.join("bin/python3"), "python3.12").link(folder.join("bin/python"), "python3.12");
    stdlib(system, folder.join("lib/python3.12").as_str(), "site-packages");
    system.create_directory(folder.join("lib/python3.12/site-packages"));
    system.write(folder.join("conda-meta/history"), "==> created <==\n");
}

/// A Python as `uv python install` leaves it in the home directory, PEP 668's marker included.
fn uv_python(system: &mut MemorySystem, version: &str) {
    let bin = uv_bin(version);
    system.write_executable(format!("{bin}/python{version}"), b"\x7fELF".as_slice());
    system.link(format!("{bin}/python3"), format!("python{version}"));
    system.link(format!("{bin}/python"), format!("python{version}"));
    let library = format!("{bin}/../lib/python{version}").replace("/bin/..", "");
    stdlib(system, &library, "site-packages");
    system.create_directory(format!("{library}/site-packages"));
    system
        .write(format!("{library}/EXTERNALLY-MANAGED"), "[externally-managed]\nError=This Python is managed by uv.\n");
}

fn uv_bin(version: &str) -> String {
    format!("/home/user/.local/share/uv/python/cpython-{version}.4-linux-x86_64-gnu/bin")
}

fn stdlib(system: &mut MemorySystem, library: &str, site_packages: &str) {
    for module in [
        "os.py",
        "json/__init__.py",
        "encodings/__init__.py",
        "typing.py",
        "importlib/__init__.py",
        "ensurepip/__init__.py",
    ] {
        system.write(format!("{library}/{module}"), "");
    }
    system.write(format!("{library}/site.py"), format!("# packages lie in {site_packages}\n"));
    system.create_directory(format!("{library}/lib-dynload"));
}

/// A virtual environment as `python3 -m venv` leaves it.
fn venv(system: &mut MemorySystem, folder: &str, home: &str, version: &str, system_packages: bool) {
    let folder = absolute(folder);
    system.link(folder.join("bin/python3"), format!("{home}/python3"));
    system.link(folder.join("bin/python"), "python3");
    system.link(folder.join(format!("bin/python{version}")), "python3");
    let text = format!(
        "home = {home}\ninclude-system-site-packages = {system_packages}\nversion = {version}.4\n\
         executable = {home}/python{version}\n"
    );
    system.write(folder.join("pyvenv.cfg"), text);
    system.write(folder.join(format!("lib/python{version}/site-packages/pip/__init__.py")), "");
}

fn package(system: &mut MemorySystem, module: &str, root: &str) {
    let root = absolute(root);
    system.write(root.join(module).join("__init__.py"), "");
    metadata(system, root.as_str(), module, "1.0", module, "pip");
}

fn metadata(system: &mut MemorySystem, root: &str, name: &str, version: &str, module: &str, installer: &str) {
    let folder = format!("{root}/{name}-{version}.dist-info");
    system.write(format!("{folder}/METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"));
    system.write(format!("{folder}/INSTALLER"), format!("{installer}\n"));
    system.write(format!("{folder}/top_level.txt"), format!("{module}\n"));
    system.write(
        format!("{folder}/RECORD"),
        format!("{module}/__init__.py,,\n{name}-{version}.dist-info/METADATA,,\n{name}-{version}.dist-info/RECORD,,\n"),
    );
}
