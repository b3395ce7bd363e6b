//! Parts of the standard library that Debian keeps in packages of their own.
//!
//! In: the interpreter and a name that it does not find. Out: the package that brings it.
//!
//! **Invariant:** only Debian's own Python is spoken of: any other that lacks such a part was built without it, and no package
//! mends that.

use crate::imports::top_level;
use crate::interpreter::{Implementation, Interpreter};
use crate::system::System;

/// Each part, the package that brings it (`debian/control` of python3-defaults, python3-stdlib-extensions and python3.Y; `{}`
/// stands for the version), and the minor version from which on Python has it no more.
const PARTS: [(&str, &str, Option<u8>); 8] = [
    ("tkinter", "python3-tk", None),
    ("_tkinter", "python3-tk", None),
    ("_gdbm", "python3-gdbm", None),
    ("idlelib", "idle-python{}", None),
    ("turtledemo", "python{}-examples", None),
    ("ensurepip", "python{}-venv", None),
    ("distutils", "python3-distutils", Some(12)),
    ("lib2to3", "python3-lib2to3", Some(13)),
];

/// Returns the package to install with apt.
pub(super) fn package_of(system: &dyn System, interpreter: &Interpreter, dotted: &str) -> Option<String> {
    let name = top_level(dotted);
    let (_, package, dropped) = PARTS.iter().find(|(part, ..)| *part == name)?;
    let version = &interpreter.version;
    let is_there = dropped.is_none_or(|minor| !version.at_least(3, minor));
    (is_there && is_of_debian(system, interpreter)).then(|| package.replace("{}", &version.short()))
}

/// Tells whether a name is that of such a part: neither pip nor an environment brings it.
pub(crate) fn is_part(dotted: &str) -> bool {
    PARTS.iter().any(|(part, ..)| *part == top_level(dotted))
}

/// Its library is where Debian's policy has it, and `dist-packages`, which nobody else makes, is beside it.
fn is_of_debian(system: &dyn System, interpreter: &Interpreter) -> bool {
    interpreter.implementation == Implementation::CPython
        && interpreter.stdlib.as_str() == format!("/usr/lib/python{}", interpreter.version.short())
        && system.is_directory("/usr/lib/python3/dist-packages".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::tests::python;
    use crate::system::memory::MemorySystem;

    fn of_debian(minor: u8) -> Interpreter {
        let mut interpreter = python(minor);
        interpreter.stdlib = format!("/usr/lib/python3.{minor}").into();
        interpreter
    }

    fn debian() -> MemorySystem {
        let mut system = MemorySystem::default();
        system.create_directory("/usr/lib/python3/dist-packages");
        system
    }

    #[test]
    fn a_part_is_in_the_package_that_debian_puts_it_in() {
        for (minor, module, package) in [
            (11, "tkinter", Some("python3-tk")),
            (13, "tkinter.ttk", Some("python3-tk")),
            (13, "_gdbm", Some("python3-gdbm")),
            (11, "idlelib", Some("idle-python3.11")),
            (11, "turtledemo", Some("python3.11-examples")),
            (14, "ensurepip", Some("python3.14-venv")),
            (11, "distutils.core", Some("python3-distutils")),
            (12, "distutils.core", None),
            (12, "lib2to3", Some("python3-lib2to3")),
            (13, "lib2to3", None),
            (11, "tkinters", None),
            (11, "yaml", None),
        ] {
            assert_eq!(package_of(&debian(), &of_debian(minor), module).as_deref(), package, "{module} of 3.{minor}");
            assert!(package.is_none() || is_part(module), "{module}");
        }
    }

    #[test]
    fn another_python_was_built_without_it() {
        assert_eq!(package_of(&MemorySystem::default(), &of_debian(11), "tkinter"), None, "another system's in /usr");
        let mut own = of_debian(11);
        own.stdlib = "/usr/local/lib/python3.11".into();
        assert_eq!(package_of(&debian(), &own, "tkinter"), None, "one that was built by hand");
        let pypy = Interpreter { implementation: Implementation::PyPy, ..of_debian(11) };
        assert_eq!(package_of(&debian(), &pypy, "tkinter"), None, "PyPy's is in its own package");
    }
}
