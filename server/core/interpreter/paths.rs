//! Paths as CPython's start-up code computes them: text first, disk second.
//!
//! In: texts of paths. Out: texts of paths, spelled exactly as `sys.path` and `sys.prefix` would spell them.
//!
//! Texts are the platform's own, with backslashes on Windows; what the [`System`] is asked about is a path of this host.
//!
//! **Invariant:** nothing here makes a path canonical; a link is followed only where CPython follows one.

use camino::{Utf8Path, Utf8PathBuf};

use crate::system::{Platform, System};

mod windows;

/// The most links that are followed in a row (`getpath.c`).
const MOST_LINKS: usize = 40;

/// The arithmetic of the platform whose Python is asked about; the functions below are POSIX's.
impl Platform {
    /// Returns the directory of a path by its text (`getpath_dirname`).
    pub(super) fn up(self, path: &str) -> &str {
        if self.is_windows() { windows::up(path) } else { up(path) }
    }

    /// Returns the last name of a path.
    pub(super) fn base_name(self, path: &str) -> &str {
        if self.is_windows() { windows::base_name(path) } else { base_name(path) }
    }

    pub(crate) fn is_absolute(self, path: &str) -> bool {
        if self.is_windows() { windows::is_absolute(path) } else { path.starts_with('/') }
    }

    /// Folds `.` and `..` (`os.path.normpath`).
    pub(super) fn norm(self, path: &str) -> String {
        if self.is_windows() { windows::norm(path) } else { norm(path) }
    }

    /// Joins and folds (`joinpath` of getpath.py).
    pub(super) fn join(self, first: &str, second: &str) -> String {
        if self.is_windows() { windows::join(first, second) } else { join(first, second) }
    }

    /// Joins without folding (`os.path.join`).
    pub(super) fn join_plain(self, first: &str, second: &str) -> String {
        if self.is_windows() { windows::join_plain(first, second) } else { join_plain(first, second) }
    }

    /// Returns the text by which `site` finds duplicates (`os.path.normcase`).
    pub(crate) fn folded(self, path: &str) -> String {
        if self.is_windows() { path.replace('/', "\\").to_lowercase() } else { path.to_owned() }
    }

    /// Returns the first of a directory and the ones above it that passes; `/` itself is never tried (`search_up`).
    pub(super) fn climb(self, directory: &str, mut passes: impl FnMut(&str) -> bool) -> Option<String> {
        let mut here = directory;
        while !here.is_empty() {
            if passes(here) {
                return Some(here.to_owned());
            }
            here = self.up(here);
        }
        None
    }

    /// Makes a path of this host from a text of the platform.
    pub(crate) fn path(self, text: &str) -> Utf8PathBuf {
        if self.is_windows() && !cfg!(windows) { text.replace('\\', "/").into() } else { text.into() }
    }

    /// Takes a text of the platform for a path, from a folder where it is relative.
    pub(crate) fn path_from(self, folder: &Utf8Path, text: &str) -> Utf8PathBuf {
        if self.is_absolute(text) { self.path(text) } else { folder.join(self.path(text)) }
    }

    /// Makes a text of the platform from a path of this host.
    pub(crate) fn text(self, path: &Utf8Path) -> String {
        if self.is_windows() { path.as_str().replace('/', "\\") } else { path.to_string() }
    }
}

/// Returns the text before the last `/`, or nothing where there is none (`getpath_dirname`).
pub(super) fn up(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// Returns the text after the last `/`.
pub(super) fn base_name(path: &str) -> &str {
    path.rfind('/').map_or(path, |at| &path[at + 1..])
}

/// Folds `.`, `..` and doubled slashes without looking at the disk (`_Py_normpath`, `posixpath.normpath`).
pub(super) fn norm(path: &str) -> String {
    let slashes = path.len() - path.trim_start_matches('/').len();
    let root = match slashes {
        0 => "",
        // POSIX leaves the meaning of exactly two slashes open, so both functions keep them.
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if root.is_empty() => parts.push(".."),
                _ => {}
            },
            part => parts.push(part),
        }
    }
    let joined = format!("{root}{}", parts.join("/"));
    if joined.is_empty() && !path.is_empty() { ".".to_owned() } else { joined }
}

/// Joins and folds as getpath.py's `joinpath` does, its quirk for a first part of one character included.
pub(super) fn join(first: &str, second: &str) -> String {
    if second.starts_with('/') {
        return norm(second);
    }
    if first.len() <= 1 || first.ends_with('/') {
        return norm(&format!("{first}{second}"));
    }
    norm(&format!("{first}/{second}"))
}

/// Joins as C's getpath does up to 3.10: no folding.
pub(super) fn join_plain(first: &str, second: &str) -> String {
    if second.starts_with('/') {
        return second.to_owned();
    }
    if first.is_empty() || first.ends_with('/') { format!("{first}{second}") } else { format!("{first}/{second}") }
}

/// Returns the first of a directory and the ones above it that passes (`search_up`), on POSIX.
pub(super) fn climb(directory: &str, passes: impl FnMut(&str) -> bool) -> Option<String> {
    Platform::Linux.climb(directory, passes)
}

/// Makes a path absolute and folds it (`os.path.abspath`, used by `site.makepath`).
pub(super) fn absolute(system: &dyn System, path: &str) -> String {
    let platform = system.platform();
    if platform.is_absolute(path) {
        return platform.norm(path);
    }
    platform.norm(&platform.join_plain(&working_directory(system), path))
}

/// The working directory as the platform writes it.
pub(super) fn working_directory(system: &dyn System) -> String {
    system.platform().text(&system.working_directory())
}

/// Returns the path to ask the disk about: relative ones count from the working directory.
pub(super) fn place(system: &dyn System, path: &str) -> Utf8PathBuf {
    let platform = system.platform();
    if platform.is_absolute(path) {
        return platform.path(path);
    }
    platform.path(&platform.join_plain(&working_directory(system), path))
}

pub(super) fn is_file(system: &dyn System, path: &str) -> bool {
    !path.is_empty() && system.is_file(&place(system, path))
}

pub(super) fn is_directory(system: &dyn System, path: &str) -> bool {
    !path.is_empty() && system.is_directory(&place(system, path))
}

pub(super) fn exists(system: &dyn System, path: &str) -> bool {
    !path.contains('\0') && system.exists(&place(system, path))
}

/// Follows links of the last component only, again and again (`getpath_realpath` from 3.11, `resolve_symlinks` before);
/// Windows resolves the whole path (`GetFinalPathNameByHandleW`).
pub(super) fn hops(system: &dyn System, path: &str, folding: bool) -> String {
    if system.platform().is_windows() {
        let real = system.canonical(&place(system, path));
        return real.map_or_else(|_| path.to_owned(), |real| system.platform().text(&real));
    }
    let mut here = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(Some(target)) = system.link_target(&place(system, &here)) else { return here };
        here = if folding { join(up(&here), target.as_str()) } else { join_plain(up(&here), target.as_str()) };
        if folding && target.as_str().starts_with('/') {
            // An absolute target replaces the path as it is written.
            here = target.into_string();
        }
    }
    // The script catches the error and keeps the path as it was.
    if folding { path.to_owned() } else { here }
}

/// Tells whether a path is a directory or lies below it, by text.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    Utf8Path::new(path).starts_with(directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn texts_are_folded_as_by_cpython() {
        for (path, folded) in [
            ("/a/./b//c/", "/a/b/c"),
            ("/a/x/../b", "/a/b"),
            ("../a/..", ".."),
            ("//a", "//a"),
            ("///a", "/a"),
            ("/..", "/"),
            (".", "."),
            ("", ""),
        ] {
            assert_eq!(norm(path), folded, "{path}");
        }
        assert_eq!(join(".", "lib"), ".lib");
        assert_eq!(join("/usr", "../opt"), "/opt");
        assert_eq!(up("/bin"), "");
    }

    #[test]
    fn only_the_last_component_is_followed() {
        let mut system = MemorySystem::default();
        system.write("/opt/py-3.12/bin/python3.12", "").link("/opt/py", "py-3.12");
        system.link("/opt/py-3.12/bin/python3", "python3.12").link("/usr/bin/python", "/opt/py/bin/python3");
        assert_eq!(hops(&system, "/usr/bin/python", true), "/opt/py/bin/python3.12");
    }

    #[test]
    fn the_root_is_never_tried() {
        let mut seen = Vec::new();
        assert_eq!(
            climb("/usr/bin", |it| {
                seen.push(it.to_owned());
                false
            }),
            None
        );
        assert_eq!(seen, ["/usr/bin", "/usr"]);
    }
}
