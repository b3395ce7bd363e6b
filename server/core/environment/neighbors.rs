//! Other Pythons than the one in force, where a missing module may be found.
//!
//! In: a project's folder. Out: the environments beside the one in force, and the operating system's interpreters.
//!
//! **Invariant:** these are only looked into to say where a module is; they are never chosen.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::{self, Candidate};
use crate::system::{Kind, System};

/// Folders that hold thousands of names and never an environment at their own top.
const NEVER_ENVIRONMENTS: [&str; 5] = [".git", ".hg", ".svn", "__pycache__", "node_modules"];

/// A folder with more children than this is no project's root; looking at each would cost more than it tells.
const MOST_CHILDREN: usize = 512;

/// Where an operating system puts its `python3`.
const SYSTEM_INTERPRETERS: [&str; 3] = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"];

/// Returns the other environments that are direct children of a folder, by name.
pub fn siblings(system: &dyn System, folder: &Utf8Path, in_force: Option<&Utf8Path>) -> Vec<Utf8PathBuf> {
    let identity = |path: &Utf8Path| system.metadata(path).ok().map(|it| it.identity);
    let chosen = in_force.and_then(identity);
    let mut found = children_with_pyvenv_cfg(system, folder);
    found.retain(|child| chosen.is_none() || identity(child) != chosen);
    found
}

/// Returns the interpreters that belong to the machine, not to a project, those that exist.
pub fn system_interpreters(system: &dyn System) -> Vec<Utf8PathBuf> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for path in SYSTEM_INTERPRETERS.map(Utf8PathBuf::from) {
        let Ok(metadata) = system.metadata(&path) else { continue };
        let candidate = Candidate { executable: path, folder: None };
        if !seen.contains(&metadata.identity) && candidate::check(system, &candidate).is_ok() {
            seen.push(metadata.identity);
            found.push(candidate.executable);
        }
    }
    found
}

/// Returns the direct children of a folder that have a `pyvenv.cfg`, by name.
pub(super) fn children_with_pyvenv_cfg(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(folder) else { return Vec::new() };
    let folders = listing.iter().filter(|(_, kind)| matches!(kind, Kind::Directory | Kind::Link));
    let likely = folders.filter(|(name, _)| !NEVER_ENVIRONMENTS.contains(name)).take(MOST_CHILDREN);
    likely.map(|(name, _)| folder.join(name)).filter(|child| system.is_file(&child.join("pyvenv.cfg"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn siblings_leave_out_the_one_in_force_under_any_name() {
        let mut system = MemorySystem::default();
        for name in [".venv", "old", "node_modules"] {
            system.write(format!("/p/{name}/pyvenv.cfg"), "home = /usr/bin\n");
        }
        system.link("/p/current", ".venv").create_directory("/p/src").pipe("/p/fifo");
        assert_eq!(siblings(&system, "/p".into(), Some("/p/current".into())), ["/p/old"]);
        assert_eq!(siblings(&system, "/p".into(), None), ["/p/.venv", "/p/current", "/p/old"]);
        assert!(siblings(&system, "/nowhere".into(), None).is_empty());
    }

    #[test]
    fn a_script_in_place_of_the_system_interpreter_is_left_out() {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.11", "\x7fELF").link("/usr/bin/python3", "python3.11");
        system.write_executable("/usr/local/bin/python3", "#!/bin/sh\n");
        assert_eq!(system_interpreters(&system), ["/usr/bin/python3"]);
        system.link("/opt/homebrew/bin/python3", "/usr/bin/python3.11");
        assert_eq!(system_interpreters(&system), ["/usr/bin/python3"], "the same file is not named twice");
    }
}
