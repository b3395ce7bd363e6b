//! Shims: small programs named `python3` that pick a Python when they are run. Here they are read instead.
//!
//! In: a file in a folder named `shims`, and the directory it would be run in. Out: the interpreter it would start.
//!
//! **Invariant:** a shim is never run, nor is its text trusted; the answer comes from the version files beside it.

use camino::{Utf8Path, Utf8PathBuf};

use super::pyenv;
use crate::document::Document;
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
        _ => wanted_by_tool_versions(system, directory, root.file_name() == Some("mise")),
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
        let executable = folder.join("bin").join(name);
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

/// Finds the versions beside a folder of shims: pyenv's `versions`, asdf's and mise's `installs/python`.
fn versions(system: &dyn System, shims: &Utf8Path) -> Option<Utf8PathBuf> {
    let root = shims.parent()?;
    ["versions", "installs/python"].map(|name| root.join(name)).into_iter().find(|it| system.is_directory(it))
}

/// asdf and mise: a variable, then `.tool-versions` upwards, at last in the home directory; mise has its own files too.
fn wanted_by_tool_versions(system: &dyn System, directory: &Utf8Path, mise: bool) -> Option<pyenv::Wanted> {
    for variable in ["ASDF_PYTHON_VERSION", "MISE_PYTHON_VERSION"] {
        if let Some(value) = system.variable(variable).filter(|it| !it.is_empty()) {
            let versions = value.split_whitespace().filter(|it| is_version(it)).map(str::to_owned).collect();
            return Some(pyenv::Wanted { versions, said_by: variable.to_owned() });
        }
    }
    let home = super::candidate::home(system);
    let own_files: &[&str] = if mise { &["mise.toml", ".mise.toml", ".config/mise/config.toml"] } else { &[] };
    let places = directory.ancestors().map(Utf8Path::to_owned).chain(home);
    places.into_iter().find_map(|place| {
        if let Some(wanted) = own_files.iter().find_map(|name| wanted_by_mise(system, &place.join(name))) {
            return Some(wanted);
        }
        let file = place.join(".tool-versions");
        let versions = read_tool_versions(&system.read_text(&file).ok()?)?;
        Some(pyenv::Wanted { versions, said_by: file.into_string() })
    })
}

/// mise: `python` of `[tools]`, a version, a list of them, or a table with one.
fn wanted_by_mise(system: &dyn System, file: &Utf8Path) -> Option<pyenv::Wanted> {
    let document = Document::read(system, file, &mut Vec::new())?;
    let python = ["tools", "python"];
    let mut texts = document.texts_at(&python);
    texts.extend(document.text_at(&["tools", "python", "version"]));
    let versions: Vec<String> = texts.iter().filter(|(it, _)| is_version(it)).map(|(it, _)| (*it).to_owned()).collect();
    (!versions.is_empty()).then(|| pyenv::Wanted { versions, said_by: file.to_string() })
}

/// A version names a folder beside the others, and nothing outside.
fn is_version(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '\0']) && !text.starts_with("..")
}

fn read_tool_versions(text: &str) -> Option<Vec<String>> {
    let line = text.lines().map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let python = line.into_iter().find_map(|mut words| (words.next() == Some("python")).then_some(words))?;
    let versions: Vec<String> = python.filter(|it| is_version(it)).map(str::to_owned).collect();
    (!versions.is_empty()).then_some(versions)
}

#[cfg(test)]
mod tests {
    use super::*;
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
