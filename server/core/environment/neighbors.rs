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

/// The most folders that are looked into below one, and how far down: `services/payments/api/.venv` is found.
const MOST_FOLDERS: usize = 128;
const DEEPEST: usize = 4;

/// Folders that a workspace keeps its projects in.
const COLLECTIONS: [&str; 8] = ["apps", "components", "libs", "modules", "packages", "plugins", "projects", "services"];

/// Where an operating system puts its `python3`.
const SYSTEM_INTERPRETERS: [&str; 3] = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"];

/// Where Windows has python.org's Pythons registered.
const REGISTERED: &str = r"Software\Python\PythonCore";

/// Returns the other environments of a workspace, nearest first: those in the project's folder and in the projects anywhere in
/// it, and above it, up to the workspace's own folder, those in each folder and in the projects beside the way; in the
/// workspace's own folder also those further down.
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
        if steps == 0 || *level == *boundary {
            found.extend(environments_below(system, level));
        } else {
            found.extend(environments_of_projects(system, level));
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
    folders.take(MOST_PROJECTS).flat_map(|(name, _)| environments_of(system, &folder.join(name))).collect()
}

/// Returns a project's own environments, under their usual names.
fn environments_of(system: &dyn System, project: &Utf8Path) -> Vec<Utf8PathBuf> {
    let usual = [".venv", "venv"].map(|it| project.join(it));
    usual.into_iter().filter(|it| system.is_file(&it.join("pyvenv.cfg"))).collect()
}

/// Returns the environments of the projects at any depth below a folder: level by level, and in each those first that lie
/// where projects are kept. Packages and environments hold no projects.
fn environments_below(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let collections = collections(system, folder);
    let mut found = Vec::new();
    let mut level = vec![folder.to_owned()];
    let mut left = MOST_FOLDERS;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for here in &level {
            let Ok(listing) = system.list(here) else { continue };
            if here != folder && ["__init__.py", "pyvenv.cfg"].iter().any(|name| listing.contains(name)) {
                continue;
            }
            let folders = listing.iter().filter(|(name, kind)| *kind == Kind::Directory && may_be_project(name));
            let mut folders: Vec<Utf8PathBuf> = folders.map(|(name, _)| here.join(name)).collect();
            folders.sort_by_key(|it| !collections.contains(it));
            folders.truncate(left.min(MOST_PROJECTS));
            left -= folders.len();
            found.extend(folders.iter().flat_map(|it| environments_of(system, it)));
            next.extend(folders);
        }
        level = next;
    }
    found
}

/// Returns the folders below a folder that hold projects: by their name, and those that `[tool.uv.workspace]` says its members
/// lie in.
fn collections(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found: Vec<Utf8PathBuf> = COLLECTIONS.into_iter().map(|name| folder.join(name)).collect();
    let manifest = folder.join("pyproject.toml");
    let document = system.is_file(&manifest).then(|| Document::read(system, &manifest, &mut Vec::new())).flatten();
    for (member, _) in document.iter().flat_map(|it| it.texts_at(&["tool", "uv", "workspace", "members"])) {
        let first = member.trim_start_matches("./").split('/').next().unwrap_or_default();
        found.extend((!first.is_empty()).then(|| folder.join(first)));
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
        let all = ["/ws/tool/.venv", "/ws/packages/api/.venv", "/ws/packages/web/venv", "/ws/a/b/.venv"];
        assert_eq!(nested, all);
        let across = siblings(&system, "/ws/apps/shop".into(), "/ws".into(), Some("/ws/.venv".into()));
        assert_eq!(across, all);
    }

    #[test]
    fn projects_further_down_are_siblings_and_cost_no_more_than_so_many_folders() {
        let mut system = MemorySystem::default();
        let far = "/ws/services/payments/python/api/.venv";
        for folder in [far, "/ws/one/two/three/four/five/.venv", "/ws/package/inner/.venv", "/ws/old/lib/x/.venv"] {
            system.write(format!("{folder}/pyvenv.cfg"), "home = /usr/bin\n");
        }
        system.write("/ws/package/__init__.py", "").write("/ws/old/pyvenv.cfg", "home = /usr/bin\n");
        let found = |system: &MemorySystem| siblings(system, "/ws".into(), "/ws".into(), Some("/ws/old".into()));
        assert_eq!(found(&system), [far]);
        for number in 0..100 {
            system.create_directory(format!("/ws/data/{number:03}/deep")).create_directory(format!("/ws/a{number:03}"));
        }
        assert_eq!(found(&system), [far], "where projects are kept is looked at first");
        let recorder = crate::system::Recorder::new(&system as &dyn System);
        siblings(&recorder, "/ws".into(), "/ws".into(), None);
        let asked = recorder.into_reads();
        assert!(asked.directories.len() <= 1 + MOST_FOLDERS, "{}", asked.directories.len());
        system.write("/ws/z/own/.venv/pyvenv.cfg", "").write("/ws/pyproject.toml", "");
        assert_eq!(found(&system), [far], "too far behind");
        system.write("/ws/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"z/**\"]\n");
        assert_eq!(found(&system), ["/ws/z/own/.venv", far]);
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
