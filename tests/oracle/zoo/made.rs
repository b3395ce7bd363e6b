//! Environments as venv, virtualenv and uv make them, with every option that changes what is made; then moved, copied,
//! nested, linked and made over.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{link, place, run, site_packages, uv, uv_if_it_can, venv, virtualenv};
use super::super::python::{Python, Start, all};
use super::super::{scope, tools};
use super::interpreters::{FLAGS, in_other_bin};
use super::{Environment, Habitat, Visit};

pub(super) fn habitats() -> Vec<Habitat> {
    let mut habitats = Vec::new();
    for python in all() {
        let by_tools = python.clone();
        let with_pip = python.clone();
        let name = format!("virtualenv and uv, {}", python.name());
        habitats.push(Habitat::new(name, move |root, found| by_virtualenv_and_uv(&by_tools, root, found)));
        // Later Pythons lack what it needs.
        if python.version < (3, 9) && python.implementation == "cpython" {
            let by_old_tool = python.clone();
            let name = format!("virtualenv 16, {}", python.name());
            habitats.push(Habitat::new(name, move |root, found| by_virtualenv_16(&by_old_tool, root, found)));
        }
        if scope::is_whole() || python.executable.starts_with("/usr") {
            let name = format!("venv with pip, {}", python.name());
            habitats.push(Habitat::new(name, move |root, found| venv_with_pip(&with_pip, root, found)));
        }
        habitats
            .push(Habitat::new(format!("venv, {}", python.name()), move |root, found| by_venv(&python, root, found)));
    }
    habitats
}

fn by_venv(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let home = root.join("home");
    let home = home.as_str();
    super::super::environments::write(&site_packages(&root.join("home/.local"), python).join("of_the_user.py"), "");
    let base = &python.executable;
    let plain = venv(base, &root.join("plain"), &[]);
    let system = venv(base, &root.join("system"), &["--system-site-packages"]);
    let copies = venv(base, &root.join("copies"), &["--copies"]);
    for (name, executable) in [("plain", &plain), ("system", &system), ("copies", &copies)] {
        let start = Start::new(executable).variable("HOME", home);
        let folder = executable.parent().and_then(Utf8Path::parent).unwrap();
        let again = FLAGS.map(|flags| start.clone().flags(flags)).into_iter().chain([
            start.clone().variable("PYTHONHOME", root.as_str()),
            start.clone().variable("PYTHONHOME", root.as_str()).flags(&["-E"]),
            start.clone().variable("PYTHONHOME", base.parent().and_then(Utf8Path::parent).unwrap()),
            start.clone().variable("VIRTUAL_ENV", "/nonexistent"),
            start.clone().variable("VIRTUAL_ENV", folder.as_str()),
            start.clone().variable("PYTHONNOUSERSITE", "1"),
            start.clone().variable("PYTHONPATH", site_packages(folder, python)),
            Start::new(base).variable("__PYVENV_LAUNCHER__", executable.as_str()),
            Start::new(base).variable("PYTHONEXECUTABLE", executable.as_str()),
            Start::new(&executable.with_file_name("python3")),
            Start::new(&folder.join("bin/../bin/python")),
        ]);
        found.push(Environment::new(name, start.clone()).again(again));
    }
    let mut add = |name: &str, executable: &Utf8Path| {
        let start = Start::new(executable).variable("HOME", home);
        found.push(Environment::new(name, start.clone()).again([start.flags(&["-I"])]));
    };
    add("with a prompt", &venv(base, &root.join("prompt"), &["--prompt", "a = b"]));
    add("by links", &venv(base, &root.join("symlinks"), &["--symlinks"]));
    add("copies, system", &venv(base, &root.join("open copies"), &["--copies", "--system-site-packages"]));
    // One in another, three deep, and one that lies in the folder of another.
    let nested = venv(&plain, &root.join("nested"), &["--system-site-packages"]);
    add("nested", &nested);
    add("nested twice", &venv(&nested, &root.join("nested twice"), &["--system-site-packages"]));
    // A program that finds its library beside itself does not start where it was copied to, which was compared above.
    if Start::new(&copies).ask(&[]).is_ok() {
        add("nested in copies", &venv(&copies, &root.join("nested in copies"), &[]));
    }
    add("copies of nested", &venv(&nested, &root.join("copies of nested"), &["--copies"]));
    add("inside another", &venv(base, &root.join("plain/inside"), &[]));
    // Moved, copied, linked; with names that need care.
    for (name, arguments) in [("moved", &[] as &[&str]), ("moved copies", &["--copies"])] {
        venv(base, &root.join("before"), arguments);
        std::fs::rename(root.join("before"), root.join(name)).unwrap();
        add(name, &root.join(name).join("bin/python"));
    }
    for name in ["system", "copies"] {
        let copy = root.join(format!("copy of {name}"));
        run("/bin/cp".into(), &["-a", root.join(name).as_str(), copy.as_str()]);
        add("copied", &copy.join("bin/python"));
    }
    link(&root.join("linked"), &root.join("system"));
    add("linked", &root.join("linked/bin/python3"));
    link(&root.join("linked twice"), "linked".into());
    add("linked twice", &root.join("linked twice/bin/python"));
    link(&root.join("by its bin/bin"), &root.join("system/bin"));
    add("linked by its bin", &root.join("by its bin/bin/python"));
    link(&root.join("one program/python"), &system);
    add("linked by its program", &root.join("one program/python"));
    add("with an odd name", &venv(base, &root.join("caf\u{e9} #1 = x"), &[]));
    add("upgraded", &venv(base, &root.join("prompt"), &["--upgrade"]));
    add("cleared", &venv(base, &root.join("prompt"), &["--clear", "--system-site-packages"]));
    // Its program was made anew, as a link to a link, and its packages lie elsewhere.
    let broken = venv(base, &root.join("remade"), &["--copies"]);
    std::fs::remove_file(&broken).unwrap();
    place(&root.join("remade"), &plain, false);
    add("remade", &broken);
    let library = root.join("symlinks/lib");
    std::fs::rename(&library, root.join("its lib")).unwrap();
    link(&library, &root.join("its lib"));
    add("with a linked lib", &root.join("symlinks/bin/python"));
    // The base by another spelling.
    link(&root.join("base"), base.parent().and_then(Utf8Path::parent).unwrap());
    let base = root.join("base/bin").join(base.file_name().unwrap());
    add("of a linked base", &venv(&base, &root.join("of a linked base"), &[]));
    add("copies of a linked base", &venv(&base, &root.join("copies of a linked base"), &["--copies"]));
    // Its `home` is `/bin`.
    if let Some(base) = in_other_bin(python) {
        add("of the other bin", &venv(&base, &root.join("of the other bin"), &["--system-site-packages"]));
        add("copies of the other bin", &venv(&base, &root.join("copies of the other bin"), &["--copies"]));
    }
}

fn venv_with_pip(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let folder = root.join("pip");
    run(&python.executable, &["-m", "venv", folder.as_str()]);
    found.push(Environment::new("with pip", Start::new(&folder.join("bin/python"))).packages(&["pip"]));
    let Some(wheels) = super::contents::wheels(root) else { return };
    let install = [&["-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels.as_str()][..]].concat();
    let names = ["tiny", "space-one", "space-two", "starting"];
    let python = folder.join("bin/python");
    run(&python, &[&install[..], &names].concat());
    found.push(Environment::new("installed by pip", Start::new(&python)).packages(&["tiny", "space"]));
    for (name, option) in [("target", "--target"), ("prefix", "--prefix")] {
        let there = root.join(name);
        run(&python, &[&install[..], &["--ignore-installed", option, there.as_str(), "tiny"]].concat());
        let place = if name == "target" { there.clone() } else { installed_below(&there) };
        let start = Start::new(&python).variable("PYTHONPATH", place);
        found.push(Environment::new(format!("pip {option}"), start).packages(&["tiny"]));
    }
}

/// Returns where a prefix has its packages: Debian's pip has a place of its own for them.
fn installed_below(prefix: &Utf8Path) -> Utf8PathBuf {
    let libraries = ["lib", "local/lib"].map(|it| prefix.join(it));
    let versions = libraries.iter().filter_map(|it| it.read_dir_utf8().ok()).flatten().flatten();
    let places = versions.flat_map(|it| ["site-packages", "dist-packages"].map(|name| it.path().join(name)));
    places.into_iter().find(|it| it.is_dir()).unwrap_or_else(|| panic!("nothing was installed below {prefix}"))
}

fn by_virtualenv_16(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let Some(tool) = tools::virtualenv_16() else { return };
    let home = root.join("home");
    let of_user = site_packages(&home.join(".local"), python);
    super::super::environments::write(&of_user.join("of_the_user.py"), "");
    let bare = ["--quiet", "--no-download", "--no-pip", "--no-setuptools", "--no-wheel"];
    for (number, options) in [&[][..], &["--system-site-packages"], &["--always-copy"]].into_iter().enumerate() {
        let folder = root.join(format!("virtualenv-16-{number}"));
        let python = ["--python", python.executable.as_str()];
        run(&tool, &[&bare[..], &python, options, &[folder.as_str()]].concat());
        let start = Start::new(&folder.join("bin/python")).variable("HOME", home.as_str());
        let again = [
            start.clone().flags(&["-I"]),
            start.clone().flags(&["-s"]),
            start.clone().flags(&["-S"]),
            start.clone().variable("PYTHONPATH", of_user.as_str()),
        ];
        found.push(Environment::new(format!("virtualenv 16 {options:?}"), start).again(again));
    }
    let folder = root.join("virtualenv-16-0");
    let site = site_packages(&folder, python);
    super::super::environments::write(&root.join("added/added.py"), "");
    let lines = format!("{root}/added\n\n# {root}\n{root}/gone\n.\nimport sys; sys.path.append('{root}/by_code')\n");
    super::super::environments::write(&site.join("a.pth"), lines);
    let start = Start::new(&folder.join("bin/python"));
    found.push(Environment::new("virtualenv 16, path files", start));
}

fn by_virtualenv_and_uv(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let mut add = |name: String, executable: &Utf8Path| {
        let start = Start::new(executable);
        found.push(Environment::new(name, start.clone()).again([start.flags(&["-I"])]));
    };
    let options: &[&[&str]] =
        &[&[], &["--system-site-packages"], &["--copies"], &["--prompt", "x"], &["--creator", "venv"]];
    for (generation, tool) in tools::generations("virtualenv").into_iter().enumerate() {
        for (number, options) in options.iter().enumerate() {
            let folder = root.join(format!("virtualenv-{generation}-{number}"));
            if let Some(made) = virtualenv(&tool, python, &folder, &[&["--no-seed"], *options].concat()) {
                add(format!("virtualenv {options:?}"), &made);
            }
        }
        if scope::is_whole() {
            let folder = root.join(format!("virtualenv-{generation}-seeded"));
            let data = root.join("virtualenv's data");
            let options = ["--no-download", "--app-data", data.as_str()];
            if let Some(made) = virtualenv(&tool, python, &folder, &options) {
                add("virtualenv, seeded".to_owned(), &made);
            }
        }
    }
    let options: &[&[&str]] = &[
        &[],
        &["--system-site-packages"],
        &["--relocatable"],
        &["--prompt", "x"],
        &["--system-site-packages", "--relocatable"],
    ];
    for (generation, tool) in tools::generations("uv").into_iter().enumerate() {
        if uv_if_it_can(&tool, python, &root.join(format!("asked-{generation}")), &[]).is_none() {
            continue;
        }
        for (number, options) in options.iter().enumerate() {
            let folder = root.join(format!("uv-{generation}-{number}"));
            let executable = uv(&tool, python, &folder, options);
            add(format!("uv venv {options:?}"), &executable);
            if number == 0 {
                add("uv venv, python3".to_owned(), &executable.with_file_name("python3"));
            }
        }
        // Made over one of another tool, and of an environment instead of a base.
        let over = venv(&python.executable, &root.join(format!("over-{generation}")), &["--copies"]);
        uv(&tool, python, &root.join(format!("over-{generation}")), &["--allow-existing"]);
        add("uv venv over venv".to_owned(), &over);
        let nested = Python { executable: over, ..python.clone() };
        add("uv venv of a venv".to_owned(), &uv(&tool, &nested, &root.join(format!("nested-{generation}")), &[]));
        let moved = root.join(format!("moved-{generation}"));
        uv(&tool, python, &root.join("before"), &["--relocatable"]);
        std::fs::rename(root.join("before"), &moved).unwrap();
        add("uv venv --relocatable, moved".to_owned(), &moved.join("bin/python"));
        if let Some(wheels) = tools::carried_wheels() {
            let options = ["--seed", "--no-index", "--find-links", wheels.as_str()];
            let seeded = uv_if_it_can(&tool, python, &root.join(format!("seeded-{generation}")), &options);
            if let Some(made) = seeded {
                add("uv venv --seed".to_owned(), &made);
            }
        }
    }
}
