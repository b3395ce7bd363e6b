//! Shims: small programs named `python3` that pick a Python when they are run. Here they are read instead.
//!
//! In: a file in a folder named `shims`, and the directory it would be run in. Out: the interpreter it would start.
//!
//! **Invariant:** a shim is never run, nor is its text trusted; the answer comes from the version files beside it.

use camino::{Utf8Path, Utf8PathBuf};

use super::{pyenv, tool_versions};
use crate::system::{Kind, System};

/// What a shim would do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Interpreter {
        executable: Utf8PathBuf,
        said_by: String,
    },
    /// Hands on to the next command of that name on `PATH`; why, for people.
    Next(String),
}

/// Tells whether a file is a shim: it lies in a folder named `shims` beside the versions that it chooses from.
pub(super) fn is_shim(system: &dyn System, executable: &Utf8Path) -> bool {
    let shims = executable.parent();
    shims.is_some_and(|it| it.file_name() == Some("shims")) && shims.and_then(|it| versions(system, it)).is_some()
}

/// Tells whether a file is a shim that would hand on to the next command of its name.
pub(super) fn hands_on(system: &dyn System, executable: &Utf8Path, directory: &Utf8Path) -> bool {
    is_shim(system, executable) && matches!(target(system, executable, directory), Target::Next(_))
}

/// Says what a shim would start in a directory.
pub(super) fn target(system: &dyn System, shim: &Utf8Path, directory: &Utf8Path) -> Target {
    let Some((shims, name)) = shim.parent().zip(shim.file_name()) else { return Target::Next("no shim".to_owned()) };
    let Some(versions) = versions(system, shims) else { return Target::Next("no versions beside it".to_owned()) };
    let root = shims.parent().unwrap_or(shims);
    let wanted = match versions.file_name() {
        Some("versions") => pyenv::wanted(system, root, directory),
        _ => tool_versions::wanted(system, directory, root.file_name() == Some("mise")),
    };
    let Some(wanted) = wanted else { return Target::Next("a shim that hands on: no version is set".to_owned()) };
    let mut missing = Vec::new();
    for version in &wanted.versions {
        if version == "system" {
            return Target::Next(format!("a shim that hands on: `system` (set by {})", wanted.said_by));
        }
        let Some(folder) = pyenv::installed(system, &versions, version) else {
            missing.push(format!("`{version}`"));
            continue;
        };
        let executable = started(system, &folder, name);
        if system.metadata(&executable).is_ok_and(|it| it.kind == Kind::File && it.executable) {
            return Target::Interpreter { executable, said_by: wanted.said_by };
        }
    }
    let why = if missing.is_empty() {
        format!("a version without `{name}`")
    } else {
        format!("{}, not installed", missing.join(", "))
    };
    Target::Next(format!("a shim for {why} (set by {})", wanted.said_by))
}

/// The program of a version that a shim of that name starts: pyenv-win has `python.bat` for `python.exe`.
fn started(system: &dyn System, folder: &Utf8Path, shim: &str) -> Utf8PathBuf {
    match Utf8Path::new(shim).file_stem() {
        Some(stem) if system.platform().is_windows() => folder.join(format!("{stem}.exe")),
        _ => folder.join("bin").join(shim),
    }
}

/// Finds the versions beside a folder of shims: pyenv's `versions`, asdf's and mise's `installs/python`.
fn versions(system: &dyn System, shims: &Utf8Path) -> Option<Utf8PathBuf> {
    let root = shims.parent()?;
    ["versions", "installs/python"].map(|name| root.join(name)).into_iter().find(|it| system.is_directory(it))
}

#[cfg(test)]
mod tests {
    use super::super::path_variable;
    use super::*;
    use crate::system::Platform;
    use crate::system::memory::MemorySystem;

    fn with_pyenv() -> MemorySystem {
        let mut system = MemorySystem::default();
        system.write_executable("/home/user/.pyenv/shims/python3", "#!/usr/bin/env bash\nexec pyenv exec\n");
        for version in ["3.10.4", "3.11.9", "3.11.2"] {
            system.write_executable(format!("/home/user/.pyenv/versions/{version}/bin/python3"), "\x7fELF");
        }
        system
    }

    #[test]
    fn a_pyenv_shim_starts_what_the_version_file_asks_for() {
        let mut system = with_pyenv();
        system.write("/p/.python-version", "3.99\n3.11\n");
        let shim = Utf8Path::new("/home/user/.pyenv/shims/python3");
        assert!(is_shim(&system, shim));
        assert_eq!(
            target(&system, shim, "/p/src".into()),
            Target::Interpreter {
                executable: "/home/user/.pyenv/versions/3.11.9/bin/python3".into(),
                said_by: "/p/.python-version".to_owned()
            }
        );
    }

    #[test]
    fn on_windows_a_shim_is_a_batch_file() {
        let mut system = MemorySystem::of(Platform::Windows);
        let root = r"C:\Users\u\.pyenv\pyenv-win";
        system.set_variable("PATH", &format!(r"{root}\bin;{root}\shims;C:\Python"));
        system.write_executable(format!(r"{root}\shims\python.bat"), "@echo off\r\ncall pyenv exec %~n0 %*\r\n");
        system.write_executable(format!(r"{root}\versions\3.12.4\python.exe"), "MZ");
        system.write_executable(r"C:\Python\python.exe", "MZ").write("C:/p/.python-version", "3.12\r\n");
        let commands = path_variable::commands(&system, "python");
        assert_eq!(commands, ["C:/Users/u/.pyenv/pyenv-win/shims/python.bat", "C:/Python/python.exe"]);
        assert!(is_shim(&system, &commands[0]) && !is_shim(&system, &commands[1]));
        assert_eq!(
            target(&system, &commands[0], "C:/p".into()),
            Target::Interpreter {
                executable: "C:/Users/u/.pyenv/pyenv-win/versions/3.12.4/python.exe".into(),
                said_by: "C:/p/.python-version".to_owned()
            }
        );
    }

    #[test]
    fn a_shim_hands_on_where_nothing_fits() {
        let mut system = with_pyenv();
        let shim = Utf8Path::new("/home/user/.pyenv/shims/python3");
        let said = |system: &MemorySystem| match target(system, shim, "/p".into()) {
            Target::Next(why) => why,
            Target::Interpreter { executable, .. } => executable.into_string(),
        };
        assert_eq!(said(&system), "a shim that hands on: no version is set");
        system.write("/p/.python-version", "3.99\n");
        assert_eq!(said(&system), "a shim for `3.99`, not installed (set by /p/.python-version)");
        system.write("/p/.python-version", "system\n");
        assert_eq!(said(&system), "a shim that hands on: `system` (set by /p/.python-version)");
    }

    #[test]
    fn an_asdf_shim_reads_tool_versions() {
        let mut system = MemorySystem::default();
        system.write_executable("/home/user/.asdf/shims/python3", "#!/usr/bin/env bash\nexec asdf exec\n");
        system.write_executable("/home/user/.asdf/installs/python/3.12.1/bin/python3", "\x7fELF");
        system.write("/p/.tool-versions", "nodejs 20.1\npython 3.12.1 system # pinned\n");
        let executable = "/home/user/.asdf/installs/python/3.12.1/bin/python3".into();
        let said_by = "/p/.tool-versions".to_owned();
        assert_eq!(
            target(&system, "/home/user/.asdf/shims/python3".into(), "/p".into()),
            Target::Interpreter { executable, said_by }
        );
    }

    #[test]
    fn a_mise_shim_reads_mise_toml() {
        let mut system = MemorySystem::default();
        let root = "/home/user/.local/share/mise";
        system.write_executable("/usr/bin/mise", "\x7fELF").link(format!("{root}/shims/python3"), "/usr/bin/mise");
        system.write_executable(format!("{root}/installs/python/3.12.1/bin/python3"), "\x7fELF");
        let shim = Utf8PathBuf::from(format!("{root}/shims/python3"));
        for text in ["python = \"3.12\"", "python = [\"../../..\", \"3.12.1\"]", "python = { version = \"3.12\" }"] {
            system.write("/p/mise.toml", format!("[tools]\n{text}\n"));
            let executable = format!("{root}/installs/python/3.12.1/bin/python3").into();
            let said_by = "/p/mise.toml".to_owned();
            assert_eq!(target(&system, &shim, "/p".into()), Target::Interpreter { executable, said_by }, "{text}");
        }
    }
}
