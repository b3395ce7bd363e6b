//! conda: environments with a name, in folders that conda has a list of.
//!
//! In: a folder with an `environment.yml`. Out: the environment that it names, where conda's own records know it. The rules
//! are those of `locate_prefix_by_name`, `envs_dirs` and `environments.txt` in conda's source.
//!
//! **Invariant:** of YAML only what a line says by itself is read: a plain or quoted scalar, a list of them.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::{SourceKind, candidate, user_folders};
use super::{Level, Said, list};
use crate::system::System;

const MANIFESTS: [&str; 2] = ["environment.yml", "environment.yaml"];

/// Names that stand for conda's own environment.
const OF_CONDA_ITSELF: [&str; 2] = ["base", "root"];

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let file = MANIFESTS.into_iter().find(|it| level.has(it))?;
    let kind = SourceKind::Conda;
    let text = level.system.read_text(&level.directory.join(file)).unwrap_or_default();
    let platform = level.system.platform();
    if let Some(prefix) = scalar(&text, "prefix").filter(|it| platform.is_absolute(it)) {
        // conda writes the prefix of whoever exported the file; on another machine it is nothing.
        let prefix = platform.path(&prefix);
        if candidate::lies(level.system, &prefix) {
            return Some(Said::folder(kind, prefix).because(&format!("the prefix in {file}")));
        }
    }
    let Some(name) = scalar(&text, "name").filter(|it| !it.contains('/') && it != "..") else {
        return Some(Said::nothing(kind, level.directory.join(file), "does not name its environment"));
    };
    let recorded = recorded(level.system);
    let by_folder = folders(level.system, &recorded)
        .into_iter()
        .map(|it| it.join(&name))
        .filter(|it| level.system.is_directory(it));
    let by_record =
        || recorded.iter().find(|it| it.file_name() == Some(&name) && candidate::lies(level.system, it)).cloned();
    let base = || recorded.iter().find(|it| level.system.is_directory(&it.join("condabin"))).cloned();
    let found =
        if OF_CONDA_ITSELF.contains(&&*name) { base() } else { by_folder.into_iter().next().or_else(by_record) };
    let detail = format!("`{name}` in {file}");
    if let Some(environment) = found {
        return Some(Said::folder(kind, environment).because(&detail));
    }
    let names: Vec<&str> = recorded.iter().filter_map(|it| it.file_name()).collect();
    let known = if names.is_empty() { String::new() } else { format!("; it knows {}", list(&names)) };
    Some(Said::nothing(kind, detail, format!("conda knows no such environment{known}")))
}

/// Returns every environment that conda or mamba ever made for this user (`~/.conda/environments.txt`).
fn recorded(system: &dyn System) -> Vec<Utf8PathBuf> {
    let Some(home) = candidate::home(system) else { return Vec::new() };
    let text = system.read_text(&home.join(".conda/environments.txt")).unwrap_or_default();
    let platform = system.platform();
    text.lines().map(str::trim).filter(|it| platform.is_absolute(it)).map(|it| platform.path(it)).collect()
}

/// Returns the folders that hold environments by name, in conda's order: variables, `.condarc` files, conda's own.
fn folders(system: &dyn System, recorded: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let mut folders = Vec::new();
    let platform = system.platform();
    let expand = |text: &str| platform.path(&user_folders::expand(system, text));
    for variable in ["CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"] {
        let value = user_folders::set(system, variable).unwrap_or_default();
        folders.extend(
            value.split([',', platform.list_separator()]).map(str::trim).filter(|it| !it.is_empty()).map(expand),
        );
    }
    let roots = ["MAMBA_ROOT_PREFIX", "CONDA_ROOT"].into_iter().filter_map(|it| user_folders::set(system, it));
    let roots: Vec<Utf8PathBuf> = roots
        .map(|it| platform.path(&it))
        .chain(recorded.iter().filter(|it| system.is_directory(&it.join("condabin"))).cloned())
        .collect();
    for file in configurations(system, &roots) {
        let text = system.read_text(&file).unwrap_or_default();
        folders.extend(["envs_dirs", "envs_path"].iter().flat_map(|it| sequence(&text, it)).map(|it| expand(&it)));
    }
    folders.extend(roots.iter().map(|it| it.join("envs")));
    folders.extend(candidate::home(system).map(|it| it.join(".conda/envs")));
    // `user_data_dir("conda", "conda")`
    folders.extend(user_folders::local(system).filter(|_| platform.is_windows()).map(|it| it.join("conda/conda/envs")));
    folders.retain(|it| platform.is_absolute(it.as_str()));
    folders
}

/// Returns the configuration files, those that win first (`SEARCH_PATH` of conda and mamba, from its end): of the environment
/// that is active, the user's, conda's own, the machine's.
fn configurations(system: &dyn System, roots: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let platform = system.platform();
    let home = candidate::home(system).unwrap_or_default();
    let named = |variable: &str| user_folders::set(system, variable).map(|it| platform.path(&it));
    let machine: &[&str] =
        if platform.is_windows() { &["C:/ProgramData/conda"] } else { &["/var/lib/conda", "/etc/conda"] };
    let of_user = [user_folders::config(system).unwrap_or_default(), home.join(".config")].map(|it| it.join("conda"));
    let folders = std::iter::once(home.join(".conda"))
        .chain(of_user)
        .chain(roots.iter().cloned())
        .chain(machine.iter().map(|it| Utf8PathBuf::from(*it)));
    let mut files: Vec<Utf8PathBuf> = ["MAMBARC", "CONDARC"].into_iter().filter_map(named).collect();
    files.extend(named("CONDA_PREFIX").iter().flat_map(|it| in_folder(system, it)));
    files.extend([".mambarc", ".condarc"].map(|it| home.join(it)));
    files.extend(folders.flat_map(|it| in_folder(system, &it)));
    files.retain(|it| platform.is_absolute(it.as_str()));
    files
}

/// Returns the configuration files of one folder, those that win first.
fn in_folder(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let further = folder.join("condarc.d");
    let listing = system.list(&further).unwrap_or_default();
    let is_yaml = |name: &&str| matches!(Utf8Path::new(name).extension(), Some("yml" | "yaml"));
    let mut files: Vec<Utf8PathBuf> =
        listing.iter().map(|(name, _)| name).filter(is_yaml).map(|it| further.join(it)).collect();
    files.sort();
    files.reverse();
    files.extend(["condarc", ".condarc"].map(|it| folder.join(it)));
    files
}

/// Returns the value of a key at the top of a YAML file, where the line says it whole.
fn scalar(text: &str, key: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))?;
    line.starts_with([' ', '\t']).then(|| plain(line)).flatten()
}

/// Returns the list below a key at the top, written with a dash a line or in brackets on the key's own line.
fn sequence(text: &str, key: &str) -> Vec<String> {
    let mut lines =
        text.lines().skip_while(|line| line.strip_prefix(key).is_none_or(|it| !it.trim_start().starts_with(':')));
    let first = lines.next().and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim());
    if let Some(inner) = first.strip_prefix('[').and_then(|it| it.split_once(']')).map(|(inner, _)| inner) {
        return inner.split(',').filter_map(plain).collect();
    }
    let is_item = |line: &&str| {
        line.trim_start().starts_with("- ") || line.trim().is_empty() || line.trim_start().starts_with('#')
    };
    lines.take_while(is_item).filter_map(|line| plain(line.trim_start().strip_prefix("- ")?)).collect()
}

/// Reads one scalar: quoted without escapes, or plain; anchors, tags, blocks and templates are not read.
fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let (inner, after) = inner.split_once(quote)?;
            let is_whole = after.trim().is_empty() || after.trim_start().starts_with('#');
            return (is_whole && !inner.contains('\\')).then(|| inner.to_owned());
        }
    }
    let text = text.split(" #").next().unwrap_or(text).trim();
    let is_plain = !text.is_empty() && !text.starts_with(['&', '*', '!', '|', '>', '{', '[', '%', '@', '`', '#', '-']);
    (is_plain && !text.contains(": ")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_line_says_by_itself_is_read() {
        for (text, expected) in [
            ("channels: [x]\nname: science # ours\n", Some("science")),
            ("name : \"a b\"\n", Some("a b")),
            ("name: 'it''s'\n", None),
            ("name: |\n  x\n", None),
            ("name: *other\n", None),
            ("name: {{ name }}\n", None),
            ("  name: x\n", None),
            ("name:\n", None),
            ("names: x\n", None),
            ("", None),
        ] {
            assert_eq!(scalar(text, "name").as_deref(), expected, "{text}");
        }
        let dashes = "channels:\n  - x\nenvs_dirs:\n  - ~/a # first\n\n  # why\n  - '/b c'\nother: 1\n";
        assert_eq!(sequence(dashes, "envs_dirs"), ["~/a", "/b c"]);
        assert_eq!(sequence("envs_dirs: [ /a, \"/b\" ]\n", "envs_dirs"), ["/a", "/b"]);
        assert!(sequence("envs_dirs: /a\n", "envs_dirs").is_empty());
    }
}
