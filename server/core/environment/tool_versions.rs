//! The version files of asdf and mise: `.tool-versions`, `mise.toml` and its other names.
//!
//! In: a directory, or a file. Out: the versions of Python that are asked for. The rules are those of asdf's
//! `.tool-versions` and of `LOCAL_CONFIG_FILENAMES` in mise's source.
//!
//! **Invariant:** a version names a folder beside the others, and nothing outside.

use camino::{Utf8Path, Utf8PathBuf};

use super::{candidate, pyenv, user_folders};
use crate::document::Document;
use crate::system::{Platform, System};

/// mise's own files in one folder, the one that wins first.
pub(super) const MISE_FILES: [&str; 11] = [
    ".mise.local.toml",
    "mise.local.toml",
    "mise/config.local.toml",
    ".mise/config.local.toml",
    ".mise.toml",
    "mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/mise.toml",
    ".config/mise/config.toml",
];

/// Returns what a shim of asdf or mise would start in a directory: a variable, then the nearest file upwards, at last the
/// one in the home directory; mise has files of its own too.
pub(super) fn wanted(system: &dyn System, directory: &Utf8Path, mise: bool) -> Option<pyenv::Wanted> {
    for variable in ["ASDF_PYTHON_VERSION", "MISE_PYTHON_VERSION"] {
        if let Some(value) = system.variable(variable).filter(|it| !it.is_empty()) {
            let versions = value.split_whitespace().filter(|it| is_version(it)).map(str::to_owned).collect();
            return Some(pyenv::Wanted { versions, said_by: variable.to_owned() });
        }
    }
    let home = candidate::home(system);
    let places = directory.ancestors().map(Utf8Path::to_owned).chain(home);
    places.into_iter().find_map(|place| {
        let by_mise = || wanted_by_mise(system, &place);
        (if mise { by_mise() } else { None }).or_else(|| wanted_by_tool_versions(system, &place))
    })
}

/// Returns what a folder's `.tool-versions` asks for.
pub(super) fn wanted_by_tool_versions(system: &dyn System, folder: &Utf8Path) -> Option<pyenv::Wanted> {
    let file = folder.join(".tool-versions");
    let versions = read_tool_versions(&system.read_text(&file).ok()?)?;
    Some(pyenv::Wanted { versions, said_by: file.into_string() })
}

/// Returns what mise's own files in a folder ask for: `python` of `[tools]`, a version, a list of them, or tables with one.
pub(super) fn wanted_by_mise(system: &dyn System, folder: &Utf8Path) -> Option<pyenv::Wanted> {
    let listing = system.list(folder).ok()?;
    let there = MISE_FILES.iter().filter(|it| it.split('/').next().is_some_and(|first| listing.contains(first)));
    there.into_iter().find_map(|name| {
        let file = folder.join(name);
        let document = read(system, &file)?;
        let mut texts = document.texts_at(&["tools", "python"]);
        texts.extend(document.text_at(&["tools", "python", "version"]));
        let versions: Vec<String> =
            texts.iter().filter(|(it, _)| is_version(it)).map(|(it, _)| (*it).to_owned()).collect();
        (!versions.is_empty()).then(|| pyenv::Wanted { versions, said_by: file.into_string() })
    })
}

/// Reads a configuration of mise; what is wrong with it is mise's to say.
pub(super) fn read(system: &dyn System, file: &Utf8Path) -> Option<Document> {
    Document::read(system, file, &mut Vec::new())
}

/// Returns the folders that asdf and mise install Pythons into.
pub(super) fn installs(system: &dyn System) -> Vec<Utf8PathBuf> {
    let named = |variable: &str| user_folders::absolute(system, variable);
    let data = || match system.platform() {
        Platform::Windows => named("XDG_DATA_HOME").or_else(|| user_folders::local(system)),
        Platform::Linux | Platform::MacOs => user_folders::data(system),
    };
    let mise = named("MISE_DATA_DIR").or_else(|| Some(data()?.join("mise")));
    let asdf = named("ASDF_DATA_DIR").or_else(|| Some(candidate::home(system)?.join(".asdf")));
    mise.into_iter().chain(asdf).map(|it| it.join("installs/python")).collect()
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '\0']) && !text.starts_with("..")
}

fn read_tool_versions(text: &str) -> Option<Vec<String>> {
    let line = text.lines().map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let python = line.into_iter().find_map(|mut words| (words.next() == Some("python")).then_some(words))?;
    let versions: Vec<String> = python.filter(|it| is_version(it)).map(str::to_owned).collect();
    (!versions.is_empty()).then_some(versions)
}
