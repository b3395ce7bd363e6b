//! Other Pythons than the one in force, where a missing module may be found.
//!
//! In: a project's folder. Out: the environments beside the one in force, and the operating system's interpreters.
//!
//! **Invariant:** these are only looked into to say where a module is; they are never chosen.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::{self, Candidate};
use super::sources::levels;
use crate::document::Document;
use crate::system::{Hive, Kind, System};

/// Folders that hold thousands of names and never an environment at their own top.
const NEVER_ENVIRONMENTS: [&str; 5] = [".git", ".hg", ".svn", "__pycache__", "node_modules"];

/// A folder with more children than this is no project's root; looking at each would cost more than it tells.
const MOST_CHILDREN: usize = 512;

/// The most projects beside one another that are looked into; each costs a watched folder.
const MOST_PROJECTS: usize = 64;

/// Folders that a workspace keeps its projects in.
const COLLECTIONS: [&str; 8] = ["apps", "components", "libs", "modules", "packages", "plugins", "projects", "services"];

/// Where an operating system puts its `python3`.
const SYSTEM_INTERPRETERS: [&str; 3] = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"];

/// Where Windows has python.org's Pythons registered.
const REGISTERED: &str = r"Software\Python\PythonCore";

/// Returns the other environments of a workspace, nearest first: those in the project's folder and in the projects that lie in
/// it, and above it, up to the workspace's own folder, those in each folder and in the projects beside the way; in the
/// workspace's own folder also in the folders that hold its projects by their name.
pub fn siblings(
    system: &dyn System,
    folder: &Utf8Path,
    boundary: &Utf8Path,
    in_force: Option<&Utf8Path>,
) -> Vec<Utf8PathBuf> {
    let identity = |path: &Utf8Path| system.metadata(path).ok().map(|it| it.identity);
    let mut known: Vec<_> = in_force.and_then(identity).into_iter().collect();
    let mut found = Vec::new();
    for (steps, level) in levels(folder, boundary).enumerate() {
        found.extend(children_with_pyvenv_cfg(system, level));
        found.extend(environments_of_projects(system, level));
        if steps == 0 || *level == *boundary {
            found.extend(collections(system, level).iter().flat_map(|it| environments_of_projects(system, it)));
        }
    }
    found.retain(|environment| {
        let this = identity(environment);
        let is_new = this.as_ref().is_none_or(|it| !known.contains(it));
        known.extend(this);
        is_new
    });
    found
}

/// Returns the environments of the projects that are direct children of a folder, under their usual names.
fn environments_of_projects(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(folder) else { return Vec::new() };
    let folders = listing.iter().filter(|(name, kind)| *kind == Kind::Directory && may_be_project(name));
    let projects = folders.take(MOST_PROJECTS);
    let environments = projects.flat_map(|(name, _)| [".venv", "venv"].map(|it| folder.join(name).join(it)));
    environments.filter(|environment| system.is_file(&environment.join("pyvenv.cfg"))).collect()
}

/// Returns the folders below a folder that hold projects: by their name, and those that `[tool.uv.workspace]` says its members
/// lie in.
fn collections(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(folder) else { return Vec::new() };
    let there = COLLECTIONS.into_iter().filter(|name| listing.get(name) == Some(Kind::Directory));
    let mut found: Vec<Utf8PathBuf> = there.map(|name| folder.join(name)).collect();
    let manifest = listing.contains("pyproject.toml").then(|| folder.join("pyproject.toml"));
    let document = manifest.and_then(|it| Document::read(system, &it, &mut Vec::new()));
    for (member, _) in document.iter().flat_map(|it| it.texts_at(&["tool", "uv", "workspace", "members"])) {
        let parts = member.trim_end_matches('/').rsplit_once('/');
        let named =
            parts.map(|(above, _)| above).filter(|it| !it.contains(['*', '?', '[']) && !it.starts_with(['/', '.']));
        let folder = named.map(|it| folder.join(it)).filter(|it| !found.contains(it));
        found.extend(folder.into_iter().take(MOST_PROJECTS.saturating_sub(found.len())));
    }
    found
}

fn may_be_project(name: &str) -> bool {
    !name.starts_with('.') && !NEVER_ENVIRONMENTS.contains(&name)
}

/// Returns the interpreters that belong to the machine, not to a project, those that exist.
pub fn system_interpreters(system: &dyn System) -> Vec<Utf8PathBuf> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for path in places(system) {
        let Ok(metadata) = system.metadata(&path) else { continue };
        let candidate = Candidate { executable: path, folder: None };
        if !seen.contains(&metadata.identity) && candidate::check(system, &candidate).is_ok() {
            seen.push(metadata.identity);
            found.push(candidate.executable);
        }
    }
    found
}

/// Windows has a list of what was installed (PEP 514), the user's own first.
fn places(system: &dyn System) -> Vec<Utf8PathBuf> {
    if !system.platform().is_windows() {
        return SYSTEM_INTERPRETERS.map(Utf8PathBuf::from).into();
    }
    let mut found = Vec::new();
    for hive in [Hive::CurrentUser, Hive::LocalMachine] {
        let versions = system.registry_key(hive, REGISTERED).unwrap_or_default().below;
        for (version, _) in versions {
            let key = system.registry_key(hive, &format!(r"{REGISTERED}\{version}\InstallPath"));
            let folder = key.and_then(|it| it.value).map(|it| system.platform().path(it.trim_end_matches('\\')));
            found.extend(folder.map(|it| it.join("python.exe")));
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
    use crate::system::Platform;
    use crate::system::memory::MemorySystem;

    #[test]
    fn siblings_leave_out_the_one_in_force_under_any_name() {
        let mut system = MemorySystem::default();
        for name in [".venv", "old", "node_modules"] {
            system.write(format!("/p/{name}/pyvenv.cfg"), "home = /usr/bin\n");
        }
        system.link("/p/current", ".venv").create_directory("/p/src").pipe("/p/fifo");
        assert_eq!(siblings(&system, "/p".into(), "/p".into(), Some("/p/current".into())), ["/p/old"]);
        assert_eq!(siblings(&system, "/p".into(), "/p".into(), None), ["/p/.venv", "/p/old"]);
        assert!(siblings(&system, "/nowhere".into(), "/nowhere".into(), None).is_empty());
    }

    #[test]
    fn projects_of_one_workspace_are_siblings() {
        let mut system = MemorySystem::default();
        for folder in ["/ws/.venv", "/ws/packages/api/.venv", "/ws/packages/web/venv", "/elsewhere/.venv"] {
            system.write(format!("{folder}/pyvenv.cfg"), "home = /usr/bin\n");
        }
        let in_force = Some("/ws/packages/web/venv".into());
        let found = siblings(&system, "/ws/packages/web".into(), "/ws".into(), in_force);
        assert_eq!(found, ["/ws/packages/api/.venv", "/ws/.venv"]);
        assert!(siblings(&system, "/ws/packages/web".into(), "/ws/packages/web".into(), in_force).is_empty());
        system.write("/ws/tool/.venv/pyvenv.cfg", "home = /usr/bin\n").write("/ws/a/b/.venv/pyvenv.cfg", "");
        let nested = siblings(&system, "/ws".into(), "/ws".into(), Some("/ws/.venv".into()));
        assert_eq!(nested, ["/ws/tool/.venv", "/ws/packages/api/.venv", "/ws/packages/web/venv"]);
        let across = siblings(&system, "/ws/apps/shop".into(), "/ws".into(), Some("/ws/.venv".into()));
        assert_eq!(across, ["/ws/tool/.venv", "/ws/packages/api/.venv", "/ws/packages/web/venv"]);
        system.write("/ws/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"a/*\", \"*/x\", \"../b/c\", \"tool\"]\n");
        let named = siblings(&system, "/ws/apps/shop".into(), "/ws".into(), Some("/ws/.venv".into()));
        assert_eq!(named, ["/ws/tool/.venv", "/ws/packages/api/.venv", "/ws/packages/web/venv", "/ws/a/b/.venv"]);
    }

    #[test]
    fn windows_has_its_pythons_registered() {
        let mut system = MemorySystem::of(Platform::Windows);
        for (hive, folder) in
            [(Hive::CurrentUser, r"C:\Users\u\Python313\"), (Hive::LocalMachine, r"C:\Program Files\Python312\")]
        {
            let version = if hive == Hive::CurrentUser { "3.13" } else { "3.12" };
            system.set_registry_value(hive, &format!(r"{REGISTERED}\{version}\InstallPath"), folder);
            system.write_executable(format!("{folder}python.exe"), "MZ");
        }
        let found = system_interpreters(&system);
        assert_eq!(found, ["C:/Users/u/Python313/python.exe", "C:/Program Files/Python312/python.exe"]);
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
