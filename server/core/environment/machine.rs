//! The Pythons of this machine that an environment can be made from.
//!
//! In: the world. Out: the folder and the version of each, the newest first.
//!
//! **Invariant:** only what is there and can run, at most [`MOST`] of them; a virtual environment is none of them.

use std::cmp::Reverse;

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::{self, Candidate};
use super::{neighbors, path_variable, pyenv, tool_versions, uv};
use crate::interpreter::{self, Flags, Version};
use crate::system::System;

/// A folder with more Pythons than this is no place where people choose from.
const MOST: usize = 64;

/// A Python that an environment can be made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPython {
    /// Where its interpreter lies: what `home` in `pyvenv.cfg` names.
    pub folder: Utf8PathBuf,
    pub version: Version,
}

/// Returns the Pythons of the operating system, of `PATH`, and those that pyenv, uv, mise and asdf have installed.
pub fn known_pythons(system: &dyn System) -> Vec<KnownPython> {
    let of_path = ["python3", "python"].into_iter().flat_map(|name| path_variable::commands(system, name));
    let mut executables: Vec<Utf8PathBuf> = neighbors::system_interpreters(system);
    executables.extend(of_path);
    let kept = pyenv::root(system).map(|it| it.join("versions")).into_iter().chain(uv::folder(system));
    for folder in kept.chain(tool_versions::installs(system)) {
        let listing = system.list(&folder).unwrap_or_default();
        let folders = listing.iter().take(MOST).map(|(name, _)| folder.join(name));
        executables.extend(folders.filter_map(|it| candidate::installed(system, &it)));
    }
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for executable in executables.into_iter().take(2 * MOST) {
        let Ok(metadata) = system.metadata(&executable) else { continue };
        // A link to the newest patch release leads to the same file; the first name stands for all.
        if seen.contains(&metadata.identity) {
            continue;
        }
        // An environment's interpreter is the same file as its base's, which is still to come.
        if let Some(python) = look(system, executable) {
            seen.push(metadata.identity);
            found.push(python);
        }
    }
    found.sort_by_key(|it| {
        let Version { major, minor, micro, .. } = it.version;
        Reverse((major, minor, micro))
    });
    found.truncate(MOST);
    found
}

fn look(system: &dyn System, executable: Utf8PathBuf) -> Option<KnownPython> {
    let folder = executable.parent().map(Utf8Path::to_owned)?;
    let candidate = Candidate { executable, folder: None };
    candidate::check(system, &candidate).ok()?;
    let (interpreter, _) = interpreter::interpret(system, &candidate.executable, Flags::default());
    let interpreter = interpreter.filter(|it| it.does_not_start.is_none() && !it.is_virtual())?;
    Some(KnownPython { folder, version: interpreter.version })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    fn install(system: &mut MemorySystem, prefix: &str, version: &str) {
        system.write_executable(format!("{prefix}/bin/python{version}"), "\x7fELF");
        system.link(format!("{prefix}/bin/python3"), format!("python{version}"));
        for file in ["os.py", "encodings/__init__.py"] {
            system.write(format!("{prefix}/lib/python{version}/{file}"), "");
        }
    }

    #[test]
    fn each_python_is_named_once_and_no_environment() {
        let mut system = MemorySystem::default();
        system.set_variable("HOME", "/home/user").set_variable("PATH", "/home/user/app/.venv/bin:/usr/bin");
        install(&mut system, "/usr", "3.11");
        install(&mut system, "/home/user/.pyenv/versions/3.12.1", "3.12");
        install(&mut system, "/home/user/.local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu", "3.13");
        system
            .link("/home/user/.local/share/uv/python/cpython-3.13-linux-x86_64-gnu", "cpython-3.13.2-linux-x86_64-gnu");
        system.write("/home/user/app/.venv/pyvenv.cfg", "home = /usr/bin\n");
        system.link("/home/user/app/.venv/bin/python3", "/usr/bin/python3");
        system.write_executable("/home/user/.pyenv/versions/broken/bin/python3", "#!/bin/sh\n");
        let found = known_pythons(&system);
        let shown: Vec<(&str, String)> = found.iter().map(|it| (it.folder.as_str(), it.version.short())).collect();
        assert_eq!(
            shown,
            [
                ("/home/user/.local/share/uv/python/cpython-3.13-linux-x86_64-gnu/bin", "3.13".to_owned()),
                ("/home/user/.pyenv/versions/3.12.1/bin", "3.12".to_owned()),
                ("/usr/bin", "3.11".to_owned()),
            ]
        );
    }
}
