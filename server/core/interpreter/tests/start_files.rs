//! `.start` files (PEP 829), which only 3.15 and newer read.
//!
//! In: a site directory with one. Out: what is on the path, and what runs.
//!
//! **Invariant:** what was asked of 3.15 is restated here.

use super::{added, start, world};
use crate::origin::Origin;

#[test]
fn a_start_file_suppresses_the_code_of_its_namesake() {
    let mut system = world("3.15", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.15/site-packages";
    system.create_directory("/w/A").create_directory("/w/B");
    system.write(format!("{site}/a.pth"), "import sys; sys.path.append('/w/B')\n/w/A\n");
    system.write(format!("{site}/a.start"), "");
    let interpreter = start(&system, "/p/.venv/bin/python");
    assert_eq!(added(&interpreter), [(site, Origin::SitePackages), ("/w/A", Origin::PathFile)]);
}

/// Asked of 3.15: the error is told, and the rest of the file is run.
#[test]
fn a_start_file_that_names_what_is_missing_does_nothing() {
    let mut system = world("3.15", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.15/site-packages";
    system.write(format!("{site}/a.start"), "missing:go\nmystery:go\n");
    assert_eq!(start(&system, "/p/.venv/bin/python").startup_code, []);
    system.write(format!("{site}/mystery.py"), "import sys\nsys.path.append(str(1))\n");
    let code = start(&system, "/p/.venv/bin/python").startup_code;
    assert_eq!(code.iter().map(|it| it.line).collect::<Vec<_>>(), [Some(2)]);
}

#[test]
fn a_start_file_that_cannot_be_read_suppresses_nothing() {
    for unreadable in ["", "a.start", "directory"] {
        let mut system = world("3.15", "/opt/py", "include-system-site-packages = false\n");
        let site = "/p/.venv/lib/python3.15/site-packages";
        system.create_directory("/w/B").write(format!("{site}/a.pth"), "import sys; sys.path.append('/w/B')\n");
        match unreadable {
            "" => system.write(format!("{site}/a.start"), b"# \xe9\n".to_vec()),
            "directory" => system.create_directory(format!("{site}/a.start")),
            loops => system.link(format!("{site}/a.start"), loops),
        };
        let interpreter = start(&system, "/p/.venv/bin/python");
        assert_eq!(added(&interpreter), [(site, Origin::SitePackages), ("/w/B", Origin::PathFile)], "{unreadable}");
    }
}
