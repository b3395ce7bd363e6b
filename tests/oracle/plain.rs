//! Interpreters as they are, and environments as venv, virtualenv and uv make them.

use super::compare::assert_equal;
use super::environments::{link, run, site_packages, temporary, uv, venv, virtualenv, write};
use super::python::{Python, Start, all};
use super::tools;

const FLAGS: [&[&str]; 6] = [&[], &["-I"], &["-E"], &["-s"], &["-S"], &["-E", "-S"]];

fn named(python: &Python, what: &str) -> String {
    format!("{}.{} {what}", python.version.0, python.version.1)
}

#[test]
fn every_interpreter_of_this_machine() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all() {
        let version = python.library_name();
        let home = root.join("home");
        write(&home.join(format!(".local/lib/{version}/site-packages/u.pth")), "../../../../extra\n");
        write(&home.join(format!("base/lib/{version}/site-packages/x.py")), "");
        std::fs::create_dir_all(home.join(".local/extra")).unwrap();
        std::fs::create_dir_all(home.join("work/one")).unwrap();
        for flags in FLAGS {
            let start = Start::new(&python.executable).flags(flags);
            starts.push((named(&python, "plain"), start.clone()));
            let at_home = start.variable("HOME", home.as_str()).directory(&home.join("work"));
            starts.push((named(&python, "user site"), at_home.clone()));
            starts.push((
                named(&python, "PYTHONUSERBASE"),
                at_home.clone().variable("PYTHONUSERBASE", home.join("base")),
            ));
            starts.push((
                named(&python, "relative PYTHONUSERBASE"),
                at_home.clone().variable("PYTHONUSERBASE", "../base"),
            ));
            for path in ["one", "/nonexistent:one", ":one", "../work/one:one", "", "/usr//lib/..//share", "~/x:one/"] {
                starts.push((named(&python, "PYTHONPATH"), at_home.clone().variable("PYTHONPATH", path)));
            }
        }
        for value in ["0", "00", "+0", " 0", "0 ", "-1", "no", "1", "", "99999999999", "-0", "0x0"] {
            let start = Start::new(&python.executable).variable("HOME", home.as_str());
            starts.push((named(&python, "PYTHONNOUSERSITE"), start.variable("PYTHONNOUSERSITE", value)));
        }
        for value in ["", "/", "relative"] {
            starts.push((named(&python, "HOME"), Start::new(&python.executable).variable("HOME", value)));
        }
        let mut without_home = Start::new(&python.executable);
        without_home.variables.remove("HOME");
        starts.push((named(&python, "no HOME"), without_home));
        // Other spellings of the same interpreter.
        let elsewhere = root.join(format!("links-{}", python.name()));
        link(&elsewhere.join("python"), &python.executable);
        link(&elsewhere.join("again"), "python".into());
        starts.push((named(&python, "link"), Start::new(&elsewhere.join("again"))));
        let bin = python.executable.parent().unwrap();
        link(&root.join(format!("bin-{}", python.name())), bin);
        starts.push((named(&python, "linked bin"), Start::new(&root.join(format!("bin-{}/python3", python.name())))));
        if let Some(prefix) = bin.parent() {
            link(&root.join(format!("prefix-{}", python.name())), prefix);
            starts.push((
                named(&python, "linked prefix"),
                Start::new(&root.join(format!("prefix-{}/bin/python3", python.name()))),
            ));
            let twisted = format!("{prefix}/bin/../bin//python3");
            starts.push((named(&python, "twisted"), Start::new(twisted.as_str().into())));
        }
    }
    assert_equal(starts);
}

#[test]
fn environments_made_by_venv() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all() {
        let folder = root.join(python.name());
        let user = root.join("home/.local");
        site_packages(&user, &python);
        let plain = venv(&python.executable, &folder.join("plain"), &[]);
        let system = venv(&python.executable, &folder.join("system"), &["--system-site-packages"]);
        let copies = venv(&python.executable, &folder.join("copies"), &["--copies"]);
        let nested = venv(&plain, &folder.join("nested"), &["--system-site-packages"]);
        let moved = venv(&python.executable, &folder.join("before"), &[]);
        std::fs::rename(folder.join("before"), folder.join("after")).unwrap();
        let moved = folder.join("after").join(moved.strip_prefix(folder.join("before")).unwrap());
        link(&folder.join("linked"), &folder.join("system"));
        let linked = folder.join("linked/bin/python3");
        for (what, executable) in [
            ("plain", plain),
            ("system", system),
            ("copies", copies),
            ("nested", nested),
            ("moved", moved),
            ("linked", linked),
        ] {
            for flags in FLAGS {
                let start = Start::new(&executable).flags(flags).variable("HOME", root.join("home"));
                starts.push((named(&python, what), start));
            }
            let start = Start::new(&executable).variable("PYTHONHOME", folder.as_str());
            starts.push((named(&python, "broken PYTHONHOME"), start.clone()));
            starts.push((named(&python, "ignored PYTHONHOME"), start.flags(&["-E"])));
            let start = Start::new(&executable).variable("VIRTUAL_ENV", "/nonexistent");
            starts.push((named(&python, "VIRTUAL_ENV"), start));
            let launcher = Start::new(&python.executable).variable("__PYVENV_LAUNCHER__", executable.as_str());
            starts.push((named(&python, "launcher"), launcher));
        }
    }
    assert_equal(starts);
}

#[test]
fn environments_made_by_virtualenv_and_uv() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all().into_iter().filter(|it| it.version >= (3, 8)) {
        let folder = root.join(python.name());
        for (name, arguments) in [("plain", &[] as &[&str]), ("system", &["--system-site-packages"])] {
            if let Some(tool) = tools::find("virtualenv") {
                let executable = virtualenv(&tool, &python, &folder.join("virtualenv").join(name), arguments);
                starts.push((named(&python, "virtualenv"), Start::new(&executable)));
                starts.push((named(&python, "virtualenv -I"), Start::new(&executable).flags(&["-I"])));
            }
            if let Some(tool) = tools::find("uv") {
                let executable = uv(&tool, &python, &folder.join("uv").join(name), arguments);
                starts.push((named(&python, "uv"), Start::new(&executable)));
                starts.push((named(&python, "uv python3"), Start::new(&executable.with_file_name("python3"))));
            }
        }
        if let Some(tool) = tools::find("uv") {
            let executable = uv(&tool, &python, &folder.join("relocatable"), &["--relocatable"]);
            starts.push((named(&python, "uv relocatable"), Start::new(&executable)));
        }
    }
    if starts.is_empty() {
        run("true".into(), &[]);
        return;
    }
    assert_equal(starts);
}
