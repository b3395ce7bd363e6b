//! What is loaded before the first line of a program runs, and so cannot be replaced by one of its files.
//!
//! In: a name and an interpreter. Out: whether the name is taken, and from where.
//!
//! **Invariant:** measured, not read: this is the same on every machine, but for what `site` is told to import.

use crate::interpreter::Interpreter;
use crate::origin::{Evidence, ImportRoot};

/// In `sys.modules` of every CPython when a program starts (measured on 3.6 to 3.15).
const LOADED_AT_START: &[&str] = &[
    "_abc",
    "_codecs",
    "_collections_abc",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_imp",
    "_io",
    "_signal",
    "_sitebuiltins",
    "_stat",
    "_thread",
    "_warnings",
    "_weakref",
    "abc",
    "builtins",
    "codecs",
    "encodings",
    "genericpath",
    "io",
    "marshal",
    "os",
    "posix",
    "posixpath",
    "site",
    "sitecustomize",
    "stat",
    "sys",
    "time",
    "usercustomize",
    "zipimport",
];

/// What further is loaded by old versions, up to and without this minor one (measured): `_bootlocale` from 3.8 on only where
/// there is a `.pth` file to open, and without one nothing stands before it.
const LOADED_BEFORE: [(&str, u8); 2] = [("_bootlocale", 10), ("_weakrefset", 7)];

/// Tells whether the name is taken when a program starts.
pub(super) fn is_loaded_at_start(name: &str, interpreter: &Interpreter) -> bool {
    let is_old = |minor: u8| !interpreter.version.at_least(3, minor);
    let by_old_version = || LOADED_BEFORE.iter().any(|(known, minor)| *known == name && is_old(*minor));
    let is_missing = interpreter.lacks_site && name == "site";
    LOADED_AT_START.binary_search(&name).is_ok() && !is_missing || by_old_version()
}

/// What may be code of somebody's own, run last of all.
const CUSTOMIZATIONS: [&str; 2] = ["sitecustomize", "usercustomize"];

/// Tells whether the name is taken before anybody's code runs.
pub(super) fn is_loaded_before_code(name: &str, interpreter: &Interpreter) -> bool {
    matches!(name, "__main__" | "os.path") || is_loaded_at_start(name, interpreter) && !CUSTOMIZATIONS.contains(&name)
}

/// Tells whether an entry of the search path was there when this name was loaded: `site` puts further ones there later, and
/// its `.pth` files may put them in front.
pub(super) fn was_there(root: &ImportRoot, name: &str, interpreter: &Interpreter) -> bool {
    match &root.evidence {
        Evidence::BuiltIn | Evidence::Variable("PYTHONPATH") => true,
        // A `._pth` file is the whole path that start-up begins with.
        Evidence::Line { path, .. } if path.extension() == Some("_pth") => true,
        // 3.6 asks for the user site once it has read the files of the virtual environment.
        Evidence::Line { path, .. } => is_of_sysconfig(name) && path.starts_with(&interpreter.prefix),
        _ => false,
    }
}

/// Tells whether the name is taken before `site` has read all `.pth` files.
pub(super) fn is_loaded_by_site(name: &str, interpreter: &Interpreter) -> bool {
    let by_user_site = is_of_sysconfig(name) && !interpreter.version.at_least(3, 7) && interpreter.user_site.enabled;
    by_user_site || is_loaded_at_start(name, interpreter) && !CUSTOMIZATIONS.contains(&name)
}

fn is_of_sysconfig(name: &str) -> bool {
    name == "sysconfig" || name.starts_with("_sysconfigdata_")
}

/// Returns the module that the standard library itself puts under a name in `sys.modules`.
pub(super) fn real_name(dotted: &str) -> Option<&'static str> {
    match dotted {
        "os.path" => Some("posixpath"),
        "importlib._bootstrap" => Some("_frozen_importlib"),
        "importlib._bootstrap_external" => Some("_frozen_importlib_external"),
        // Lib/collections/__init__.py, or its abc.py, in 3.13 and newer.
        "collections.abc" => Some("_collections_abc"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(LOADED_AT_START.is_sorted());
    }
}
