//! Environments as virtualenv made them up to 16: a library of links, and a `site.py` of its own.
//!
//! In: such an environment. Out: the search path and the prefixes.
//!
//! **Invariant:** each path was asked of a Python 3.7 in an environment of virtualenv 16.7.10.

use super::{added, world};
use crate::interpreter::{Flags, Interpreter, interpret};
use crate::origin::Origin;
use crate::resolve::Resolver;
use crate::system::memory::MemorySystem;

/// The words by which its `site.py` is known, and those that mislead.
const SITE: &str = "def virtual_install_main_packages():\n    'orig-prefix.txt'\ndef main():\n    'dist-packages'\n";
const LIBRARY: &str = "/p/old/lib/python3.7";
const PACKAGES: &str = "/p/old/lib/python3.7/site-packages";

fn environment() -> MemorySystem {
    let mut system = world("3.7", "/opt/py", "");

    system.write_executable("/p/old/bin/python", super::BINARY).write("/opt/py/lib/python3.7/json.py", "");
    system.link(format!("{LIBRARY}/os.py"), "/opt/py/lib/python3.7/os.py").write(format!("{LIBRARY}/site.py"), SITE);
    system.create_directory("/opt/py/lib/python3.7/lib-dynload");
    system.link(format!("{LIBRARY}/lib-dynload"), "/opt/py/lib/python3.7/lib-dynload");
    system.write(format!("{LIBRARY}/distutils/__init__.py"), "import opcode\n__path__.insert(0, distutils_path)\n");
    system
        .write("/opt/py/lib/python3.7/distutils/__init__.py", "")
        .write("/opt/py/lib/python3.7/distutils/core.py", "");
    system.write(format!("{LIBRARY}/orig-prefix.txt"), "/opt/py").create_directory(PACKAGES);
    system.write(format!("{LIBRARY}/no-global-site-packages.txt"), "");
    system.create_directory("/home/user/.local/lib/python3.7/site-packages");
    system
}

fn start(system: &MemorySystem) -> Interpreter {
    interpret(system, "/p/old/bin/python".into(), Flags::default()).0.unwrap()
}

#[test]
fn the_rest_of_the_library_is_in_the_other_python() {
    let system = environment();
    let interpreter = start(&system);
    let library = interpreter.search_path.iter().filter(|it| it.origin == Origin::StandardLibrary);
    let library: Vec<&str> = library.map(|it| it.path.as_str()).collect();
    let zip = "/p/old/lib/python37.zip";
    assert_eq!(library, [zip, LIBRARY, &format!("{LIBRARY}/lib-dynload"), "/opt/py/lib/python3.7"]);
    assert_eq!(added(&interpreter), [(PACKAGES, Origin::SitePackages)]);
    assert_eq!((interpreter.prefix.as_str(), interpreter.base_prefix.as_str()), ("/p/old", "/p/old"));
    assert_eq!(interpreter.real_prefix.as_deref(), Some("/opt/py".into()));
    assert!(interpreter.is_virtual() && !interpreter.user_site.enabled);
    let resolver = Resolver::new(&system, &interpreter, &[]);
    for (module, path) in [
        ("os", "/p/old/lib/python3.7/os.py"),
        ("json", "/opt/py/lib/python3.7/json.py"),
        ("distutils", "/p/old/lib/python3.7/distutils/__init__.py"),
        ("distutils.core", "/opt/py/lib/python3.7/distutils/core.py"),
    ] {
        assert_eq!(resolver.resolve(module).path.as_deref(), Some(path.into()), "{module}");
    }
}

#[test]
fn an_open_one_sees_the_other_pythons_packages_behind_its_own() {
    let mut system = environment();
    system.remove(format!("{LIBRARY}/no-global-site-packages.txt"));
    system
        .create_directory("/opt/py/lib/python3/dist-packages")
        .create_directory("/p/old/local/lib/python3.7/site-packages");
    let expected = [
        ("/p/old/local/lib/python3.7/site-packages", Origin::SitePackages),
        (PACKAGES, Origin::SitePackages),
        ("/home/user/.local/lib/python3.7/site-packages", Origin::UserSite),
        ("/opt/py/lib/python3.7/site-packages", Origin::BaseSitePackages),
        ("/opt/py/lib/python3/dist-packages", Origin::DistPackages),
    ];
    assert_eq!(added(&start(&system)), expected);
    system.set_variable("PYTHONNOUSERSITE", "1");
    assert_eq!(added(&start(&system)), [&expected[..2], &expected[3..]].concat());
}

#[test]
fn its_path_files_are_read_in_its_own_way() {
    let mut system = environment();
    for folder in ["/x/one", "/x/two", "/x/three"] {
        system.create_directory(folder);
    }
    let code = "import sys; sys.path.append('/x/two')";
    system.write(format!("{PACKAGES}/a.pth"), format!("/x/one\n\n# no\n/x/gone\n.\n{code}\n/x/three  \n\n/x/one\n"));
    let interpreter = start(&system);
    let found: Vec<&str> = added(&interpreter).into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, [PACKAGES, "/x/one", PACKAGES, "/x/two", "/x/three"], "an empty line is the folder itself");
    assert_eq!(interpreter.dead_lines.len(), 1);
    system.write(format!("{PACKAGES}/b.pth"), "import missing_thing\n");
    let reason = start(&system).does_not_start;
    assert_eq!(reason, Some(format!("`{PACKAGES}/b.pth` fails in line 1")), "nobody catches it");
    system.remove(format!("{PACKAGES}/b.pth")).remove(format!("{LIBRARY}/orig-prefix.txt"));
    let reason = start(&system).does_not_start.unwrap();
    assert!(reason.ends_with("orig-prefix.txt` cannot be read, which its `site` needs"), "{reason}");
}
