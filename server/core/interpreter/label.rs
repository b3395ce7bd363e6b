//! Whose a directory is that somebody added to the search path by hand.
//!
//! In: a path from `PYTHONPATH` or a `.pth` file. Out: its [`Origin`].
//!
//! **Invariant:** a directory inside another environment or another Python says so, however it came onto the path.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::paths;
use crate::origin::Origin;
use crate::system::{LARGEST_METADATA, System};

/// Tells whether a path lies in an environment or a Python other than the ones with these prefixes.
pub(super) fn is_foreign(system: &dyn System, path: &str, own: &[&str], library: &str) -> bool {
    if system.platform().is_windows() {
        return is_foreign_on_windows(system, path, own);
    }
    for directory in Utf8Path::new(path).ancestors().filter(|it| it.as_str() != "/") {
        if system.is_file(&directory.join("pyvenv.cfg")) {
            return !own.contains(&directory.as_str());
        }
        let Some(name) = directory.file_name().filter(|name| is_library(name)) else { continue };
        let Some(above) = directory.parent().filter(|it| matches!(it.file_name(), Some("lib" | "lib64"))) else {
            continue;
        };
        let prefix = above.parent().map_or("", Utf8Path::as_str);
        let holds_packages = ["site-packages", "dist-packages"].iter().any(|it| path.contains(it));
        if !holds_packages && !system.is_file(&directory.join("os.py")) {
            continue;
        }
        let same = name == library || name == "python3";
        // Debian keeps root's own packages in `/usr/local`, with an interpreter in `/usr`.
        let prefix = prefix.strip_suffix("/local").filter(|it| own.contains(it)).unwrap_or(prefix);
        return !(same && own.contains(&prefix));
    }
    false
}

/// A library is `Lib` below a prefix there, in whatever case.
fn is_foreign_on_windows(system: &dyn System, path: &str, own: &[&str]) -> bool {
    let platform = system.platform();
    let is_own = |directory: &Utf8Path| {
        let folded = platform.folded(&platform.text(directory));
        own.iter().any(|it| platform.folded(it) == folded)
    };
    for directory in platform.path(path).ancestors() {
        if system.is_file(&directory.join("pyvenv.cfg")) {
            return !is_own(directory);
        }
        let is_library = directory.file_name().is_some_and(|name| name.eq_ignore_ascii_case("lib"));
        let Some(prefix) = directory.parent().filter(|_| is_library) else { continue };
        if path.contains("site-packages") || system.is_file(&directory.join("os.py")) {
            return !is_own(prefix);
        }
    }
    false
}

fn is_library(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("python3").or_else(|| name.strip_prefix("pypy3")) else { return false };
    rest.is_empty() || rest.strip_prefix('.').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
}

/// The source trees of a site directory's editable installs, as `direct_url.json` names them (PEP 610), and where links
/// lead from there: installers and build backends do not agree on the spelling.
pub(super) fn editable_projects(system: &dyn System, directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(directory) else { return Vec::new() };
    let metadata = listing.iter().filter(|(name, _)| name.ends_with(".dist-info"));
    metadata
        .filter_map(|(name, _)| {
            let file = directory.join(name).join("direct_url.json");
            let bytes = system.read(&file, LARGEST_METADATA).ok()?;
            let direct: DirectUrl = serde_json::from_slice(&bytes).ok()?;
            let path = direct.url.strip_prefix("file://").filter(|_| direct.dir_info.editable)?;
            let named = Utf8PathBuf::from(unquote(path));
            let real = system.canonical(&named).ok().filter(|it| *it != named);
            Some([named].into_iter().chain(real))
        })
        .flatten()
        .collect()
}

#[derive(Deserialize)]
struct DirectUrl {
    url: String,
    #[serde(default)]
    dir_info: DirectoryInformation,
}

#[derive(Default, Deserialize)]
struct DirectoryInformation {
    #[serde(default)]
    editable: bool,
}

/// Tells whether a `.pth` file is one that installers write for editable installs.
pub(super) fn is_editable_file(name: &str) -> bool {
    let starts = ["__editable__.", "_editable_impl_", "_editable_skbc_", "__editables_"];
    starts.iter().any(|start| name.starts_with(start)) || name == "easy-install.pth" || name.ends_with("-editable.pth")
}

/// Returns the origin of a path that a `.pth` file names.
pub(super) fn of_path_file(
    system: &dyn System,
    path: &str,
    file: &str,
    projects: &[Utf8PathBuf],
    foreign: bool,
) -> Origin {
    let is_in_project = |path: &str| projects.iter().any(|project| paths::is_below(path, project.as_str()));
    let leads_into_project = || {
        let real = || system.canonical(&paths::place(system, path)).ok();
        !projects.is_empty() && real().is_some_and(|it| is_in_project(it.as_str()))
    };
    // `setup.py install` names the egg that it has put there in the same file in which `setup.py develop` names a source tree.
    let is_egg = Utf8Path::new(path).extension() == Some("egg");
    if is_editable_file(file) && !is_egg || is_in_project(path) || leads_into_project() {
        Origin::Editable
    } else if foreign {
        Origin::OtherEnvironment
    } else {
        Origin::PathFile
    }
}

/// Decodes `%20` and its like.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|it| std::str::from_utf8(it).ok());
        if let Some(byte) = hex.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn other_pythons_are_told_apart() {
        let mut system = MemorySystem::default();
        system.write("/p/.venv/pyvenv.cfg", "").write("/q/.venv/pyvenv.cfg", "").create_directory("/p/src");
        let own = ["/p/.venv", "/usr"];
        for (path, foreign) in [
            ("/p/.venv/lib/python3.11/site-packages", false),
            ("/q/.venv/lib/python3.11/site-packages", true),
            ("/p/src", false),
            ("/usr/lib/python3/dist-packages", false),
            ("/usr/local/lib/python3.11/dist-packages", false),
            ("/usr/lib/python3.9/site-packages", true),
            ("/opt/py/lib/python3.11/site-packages/x", true),
            ("/p/lib/python3/mine", false),
        ] {
            assert_eq!(is_foreign(&system, path, &own, "python3.11"), foreign, "{path}");
        }
    }

    #[test]
    fn direct_url_names_the_project() {
        let mut system = MemorySystem::default();
        let direct = r#"{"url": "file:///home/my%20project", "dir_info": {"editable": true}}"#;
        system.write("/s/x-1.dist-info/direct_url.json", direct);
        system.write("/s/y-1.dist-info/direct_url.json", r#"{"url": "file:///y", "dir_info": {}}"#);
        assert_eq!(editable_projects(&system, "/s".into()), ["/home/my project"]);
    }

    #[test]
    fn a_project_is_known_by_every_name() {
        let mut system = MemorySystem::default();
        system.create_directory("/data/project/src").link("/home/project", "/data/project").create_directory("/other");
        let direct = |path: &str| format!(r#"{{"url": "file://{path}", "dir_info": {{"editable": true}}}}"#);
        system.write("/s/x-1.dist-info/direct_url.json", direct("/home/project"));
        system.write("/t/x-1.dist-info/direct_url.json", direct("/data/project"));
        for (site, path, origin) in [
            ("/s", "/home/project/src", Origin::Editable),
            ("/s", "/data/project/src", Origin::Editable),
            ("/t", "/home/project/src", Origin::Editable),
            ("/t", "/other", Origin::PathFile),
            ("/nothing", "/home/project/src", Origin::PathFile),
        ] {
            let projects = editable_projects(&system, site.into());
            assert_eq!(of_path_file(&system, path, "x.pth", &projects, false), origin, "{site}: {path}");
        }
    }

    #[test]
    fn an_egg_is_no_source_tree() {
        let system = MemorySystem::default();
        for (path, origin) in
            [("/s/site-packages/x-1-py3.11.egg", Origin::PathFile), ("/home/project", Origin::Editable)]
        {
            assert_eq!(of_path_file(&system, path, "easy-install.pth", &[], false), origin, "{path}");
        }
    }
}
