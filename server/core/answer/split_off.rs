//! Parts of the standard library that Debian keeps in packages of their own.
//!
//! In: the interpreter and a name that it does not find. Out: the package that brings it.
//!
//! **Invariant:** only Debian's own CPython is spoken of: any other that lacks such a part was built without it, and no package
//! mends that.

use crate::imports::top_level;
use crate::interpreter::{Implementation, Interpreter};

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
pub(super) fn package_of(interpreter: &Interpreter, dotted: &str) -> Option<String> {
    let name = top_level(dotted);
    let (_, package, dropped) = PARTS.iter().find(|(part, ..)| *part == name)?;
    let version = &interpreter.version;
    let is_debians = interpreter.is_debians && interpreter.implementation == Implementation::CPython;
    let is_there = dropped.is_none_or(|minor| !version.at_least(3, minor));
    (is_there && is_debians).then(|| package.replace("{}", &version.short()))
}

/// Tells whether a name is that of such a part: neither pip nor an environment brings it.
pub(crate) fn is_part(dotted: &str) -> bool {
    PARTS.iter().any(|(part, ..)| *part == top_level(dotted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::tests::python;

    fn of_debian(minor: u8) -> Interpreter {
        Interpreter { is_debians: true, ..python(minor) }
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
            assert_eq!(package_of(&of_debian(minor), module).as_deref(), package, "{module} of 3.{minor}");
            assert!(package.is_none() || is_part(module), "{module}");
        }
    }

    #[test]
    fn another_python_was_built_without_it() {
        assert_eq!(package_of(&python(11), "tkinter"), None);
        let pypy = Interpreter { implementation: Implementation::PyPy, ..of_debian(11) };
        assert_eq!(package_of(&pypy, "tkinter"), None, "PyPy's is in its own package");
    }
}
