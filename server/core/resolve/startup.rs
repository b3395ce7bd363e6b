//! What is loaded before the first line of a program runs, and so cannot be replaced by one of its files.
//!
//! In: an interpreter's site directories. Out: [`Startup`]: names that are taken, namespaces that `*-nspkg.pth` files
//! make, whether setuptools stands in for `distutils`.
//!
//! **Invariant:** files are only read as text; the lines that Python would run are recognized by their literals.

use camino::{Utf8Path, Utf8PathBuf};

use crate::interpreter::{Interpreter, Version};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::system::System;

/// In `sys.modules` of every CPython when a program starts (measured on 3.6 to 3.15).
const LOADED_AT_START: &[&str] = &[
    "_abc",
    "_codecs",
    "_collections_abc",
    "_distutils_hack",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_imp",
    "_io",
    "_signal",
    "_sitebuiltins",
    "_stat",
    "_thread",
    "_virtualenv",
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

/// What `.pth` files did to the import system before the program runs.
#[derive(Debug, Default)]
pub(super) struct Startup {
    /// A namespace package and the site directory whose `*-nspkg.pth` makes it.
    pub(super) namespaces: Vec<(String, Utf8PathBuf)>,
    /// Setuptools' `distutils-precedence.pth` is in force (`_distutils_hack`).
    pub(super) distutils_is_setuptools: bool,
}

impl Startup {
    pub(super) fn of(system: &dyn System, interpreter: &Interpreter) -> Self {
        let mut startup = Startup::default();
        let allowed = system.variable("SETUPTOOLS_USE_DISTUTILS").is_none_or(|choice| choice == "local");
        for root in interpreter.search_path.iter().filter(|root| is_site_directory(root)) {
            let Ok(listing) = system.list(&root.path) else { continue };
            // Names of many files, asked about for many Pythons: a path would take each apart.
            let is_path_file = |name: &str| name.strip_suffix(".pth").is_some_and(|stem| !stem.is_empty());
            for (name, _) in listing.iter().filter(|(name, _)| is_path_file(name)) {
                if name == "distutils-precedence.pth" {
                    // Older ones ask for the standard library's unless told otherwise.
                    let text = system.read_text(&root.path.join(name)).unwrap_or_default();
                    let by_default = !text.contains("'stdlib'");
                    let asked = system.variable("SETUPTOOLS_USE_DISTUTILS").is_some();
                    startup.distutils_is_setuptools |= allowed && (by_default || asked);
                } else if name.ends_with("-nspkg.pth") {
                    let text = system.read_text(&root.path.join(name)).unwrap_or_default();
                    for module in text.lines().filter_map(namespace_of) {
                        startup.namespaces.push((module, root.path.clone()));
                    }
                }
            }
        }
        startup
    }

    /// Returns the site directories that make the namespace package of this name, in the order in which they do.
    pub(super) fn namespace(&self, name: &str) -> impl Iterator<Item = &Utf8Path> {
        self.namespaces.iter().filter(move |(module, _)| module == name).map(|(_, site)| site.as_path())
    }
}

/// What further is loaded by old versions, up to and without this minor one (measured): `_bootlocale` from 3.8 on only where
/// there is a `.pth` file to open, and without one nothing stands before it.
const LOADED_BEFORE: [(&str, u8); 2] = [("_bootlocale", 10), ("_weakrefset", 7)];

/// Tells whether the name is taken when a program starts.
pub(super) fn is_loaded_at_start(name: &str, version: &Version) -> bool {
    let by_old_version = || LOADED_BEFORE.iter().any(|(known, minor)| *known == name && !version.at_least(3, *minor));
    LOADED_AT_START.binary_search(&name).is_ok() || by_old_version()
}

/// Tells whether an entry of the search path was there when this name was loaded: `site` puts further ones there later, and
/// its `.pth` files may put them in front.
pub(super) fn was_there(root: &ImportRoot, name: &str, interpreter: &Interpreter) -> bool {
    match &root.evidence {
        Evidence::BuiltIn | Evidence::Variable("PYTHONPATH") => true,
        // 3.6 asks for the user site once it has read the files of the virtual environment.
        Evidence::Line { path, .. } => is_of_sysconfig(name) && path.starts_with(&interpreter.prefix),
        _ => false,
    }
}

/// Tells whether the name is taken before `site` has read all `.pth` files.
pub(super) fn is_loaded_by_site(name: &str, interpreter: &Interpreter) -> bool {
    let later = ["_distutils_hack", "_virtualenv", "sitecustomize", "usercustomize"];
    let by_user_site = is_of_sysconfig(name) && !interpreter.version.at_least(3, 7) && interpreter.user_site.enabled;
    by_user_site || is_loaded_at_start(name, &interpreter.version) && !later.contains(&name)
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

fn is_site_directory(root: &ImportRoot) -> bool {
    let by_origin = root.origin.is_site_directory() || root.origin == Origin::OtherEnvironment;
    root.exists && by_origin && !matches!(root.evidence, Evidence::Variable("PYTHONPATH"))
}

/// Reads the tuple literal of setuptools' namespace line: `… os.path.join(…, *('google', 'cloud')); …`.
fn namespace_of(line: &str) -> Option<String> {
    if !line.starts_with("import ") {
        return None;
    }
    let (_, after) = line.split_once("*(")?;
    let (tuple, _) = after.split_once(')')?;
    let parts: Vec<&str> =
        tuple.split(',').map(|part| part.trim().trim_matches(['\'', '"'])).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(LOADED_AT_START.is_sorted());
    }

    #[test]
    fn the_namespace_line_of_setuptools_is_read() {
        let line = "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));m = 1";
        assert_eq!(namespace_of(line).as_deref(), Some("google"));
        let deeper = "import sys, types, os;p = os.path.join(sitedir, *('google', 'cloud'));m = 1";
        assert_eq!(namespace_of(deeper).as_deref(), Some("google.cloud"));
        assert_eq!(namespace_of("/a/*('x',)"), None);
    }
}
