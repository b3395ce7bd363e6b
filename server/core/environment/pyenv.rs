//! pyenv's own rules: which version is asked for, which one that is, where its files lie.
//!
//! In: a directory and pyenv's folder. Out: the `bin` folder its shims would run from. The rules are those of the scripts
//! `pyenv-version-file`, `pyenv-version-file-read`, `pyenv-version-name`, `pyenv-latest` and `pyenv-which`.
//!
//! **Invariant:** a version never leads out of `versions/`: a name with a slash is that of a folder there, without `..`.

use std::cmp::Reverse;

use camino::{Utf8Path, Utf8PathBuf};

use super::{candidate, user_folders};
use crate::system::System;

/// pyenv reads no more of a line than this.
const LONGEST_LINE: usize = 1024;

/// A version file that is larger was not written by a person.
const LARGEST_FILE: u64 = 64 * 1024;

/// The versions that a directory asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) versions: Vec<String>,
    /// The variable or file that says so.
    pub(super) said_by: String,
}

/// Returns pyenv's folder: `PYENV_ROOT`, or `~/.pyenv`; pyenv-win's lies in that.
pub(super) fn root(system: &dyn System) -> Option<Utf8PathBuf> {
    let usual = if system.platform().is_windows() { ".pyenv/pyenv-win" } else { ".pyenv" };
    user_folders::absolute(system, "PYENV_ROOT").or_else(|| Some(candidate::home(system)?.join(usual)))
}

/// Returns what is asked for at a directory: `PYENV_VERSION`, the nearest `.python-version`, pyenv's global `version`.
pub(super) fn wanted(system: &dyn System, root: &Utf8Path, directory: &Utf8Path) -> Option<Wanted> {
    if let Some(value) = system.variable("PYENV_VERSION").filter(|it| !it.is_empty()) {
        let versions = value.split(':').filter(|it| is_name(system, root, it)).map(str::to_owned).collect();
        return Some(Wanted { versions, said_by: "PYENV_VERSION".to_owned() });
    }
    // The shim itself looks up to `/`; what a workspace is does not concern it.
    let file = directory.ancestors().map(|it| it.join(".python-version")).find(|it| system.exists(it));
    let file = file.unwrap_or_else(|| root.join("version"));
    let versions = read_names(system, Some(root), &file);
    (!versions.is_empty()).then(|| Wanted { versions, said_by: file.into_string() })
}

/// Reads a version file: the first word of each line; comments are skipped.
pub(super) fn read_version_file(system: &dyn System, file: &Utf8Path) -> Vec<String> {
    read_names(system, root(system).as_deref(), file)
}

fn read_names(system: &dyn System, root: Option<&Utf8Path>, file: &Utf8Path) -> Vec<String> {
    let text = system.read(file, LARGEST_FILE).unwrap_or_default();
    let text = String::from_utf8(text).unwrap_or_default();
    let first_word = |line: &str| -> Option<String> {
        let cut = (0..=LONGEST_LINE.min(line.len())).rev().find(|it| line.is_char_boundary(*it))?;
        let line = line.get(..cut)?.trim();
        // A list of specifiers is for uv, to which blanks in it say nothing.
        let is_list = line.starts_with(['<', '>', '=', '~', '!']);
        let word = if is_list { line } else { line.split_whitespace().next()? };
        (!word.starts_with('#')).then(|| word.to_owned())
    };
    let words = text.lines().filter_map(first_word);
    let root = root.unwrap_or(Utf8Path::new(""));
    words
        .flat_map(|word| word.split(':').filter(|it| is_name(system, root, it)).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Returns the folder of the version that a name stands for: itself, or the newest release with that prefix.
pub(super) fn installed(system: &dyn System, versions: &Utf8Path, name: &str) -> Option<Utf8PathBuf> {
    let plain = name.strip_prefix("python-").unwrap_or(name);
    let exact = [name, plain].map(|it| versions.join(it)).into_iter().find(|it| system.is_directory(it));
    exact.or_else(|| latest(system, versions, name)).or_else(|| latest(system, versions, plain))
}

fn latest(system: &dyn System, versions: &Utf8Path, prefix: &str) -> Option<Utf8PathBuf> {
    let (stem, free_threaded) = match prefix.strip_suffix('t') {
        Some(stem) if stem.ends_with(|it: char| it.is_ascii_digit()) => (stem, true),
        _ => (prefix, false),
    };
    let listing = system.list(versions).ok()?;
    let matches = |name: &str| {
        let rest = name.strip_prefix(stem).filter(|rest| rest.starts_with(['-', '.']));
        rest.is_some() && is_release(name) && free_threaded == ends_free_threaded(name)
    };
    let is_virtual = |name: &str| {
        // pyenv-virtualenv links `versions/NAME` to `versions/X/envs/NAME`; those have no version of their own.
        let target = system.link_target(&versions.join(name)).ok().flatten();
        target.is_some_and(|it| it.parent().and_then(Utf8Path::file_name) == Some("envs"))
    };
    let names = listing.iter().map(|(name, _)| name).filter(|name| matches(name) && !is_virtual(name));
    let newest = names.min_by_key(|name| Reverse(sorting_key(name)))?;
    Some(versions.join(newest))
}

fn is_release(name: &str) -> bool {
    let unfinished = ["-dev", "-src", "-latest"].iter().any(|suffix| name.ends_with(suffix));
    let stem = name.trim_end_matches(|it: char| it.is_ascii_digit());
    let pre_release = stem.len() < name.len() && (stem.ends_with('a') || stem.ends_with('b') || stem.ends_with("rc"));
    !unfinished && !pre_release
}

fn ends_free_threaded(name: &str) -> bool {
    name.strip_suffix('t').is_some_and(|stem| stem.ends_with(|it: char| it.is_ascii_digit()))
}

/// A leading word as in `miniconda3-4.7` is a part of its own; the first part sorts as text, the next three as numbers.
fn sorting_key(name: &str) -> (String, [u64; 3]) {
    let dotted = match name.split_once('-') {
        Some((word, rest)) if word.chars().all(|it| it.is_ascii_alphanumeric()) => format!("{word}.{rest}"),
        _ => name.to_owned(),
    };
    let mut parts = dotted.split('.');
    let first = parts.next().unwrap_or_default().to_owned();
    let mut number = || {
        let part = parts.next().unwrap_or_default();
        let digits = part.find(|it: char| !it.is_ascii_digit()).and_then(|end| part.get(..end)).unwrap_or(part);
        digits.parse().unwrap_or(0)
    };
    (first, [number(), number(), number()])
}

/// Tells whether a text may be a version's name: an environment that lies inside a version is named by its way there.
fn is_name(system: &dyn System, root: &Utf8Path, text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['\\', '\0']) && part != "." && part != "..";
    text.split('/').all(is_part) && (!text.contains('/') || system.is_directory(&root.join("versions").join(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_prefix_means_the_newest_release() {
        let mut system = MemorySystem::default();
        for name in ["3.11.2", "3.11.10", "3.11.9", "3.12.0rc1", "3.12-dev", "3.13.1", "3.13.1t", "3.14.0b2"] {
            system.create_directory(format!("/pyenv/versions/{name}"));
        }
        system
            .create_directory("/pyenv/versions/3.11.10/envs/3.11.99")
            .link("/pyenv/versions/3.11.99", "3.11.10/envs/3.11.99");
        let newest =
            |name| installed(&system, "/pyenv/versions".into(), name).map(|it| it.file_name().unwrap().to_owned());
        assert_eq!(newest("3.11").as_deref(), Some("3.11.10"));
        assert_eq!(newest("python-3.11").as_deref(), Some("3.11.10"));
        assert_eq!(newest("3").as_deref(), Some("3.13.1"));
        assert_eq!(newest("3.13t").as_deref(), Some("3.13.1t"));
        assert_eq!(newest("3.12"), None, "neither a release candidate nor a development build is taken for 3.12");
        assert_eq!(newest("3.12.0rc1").as_deref(), Some("3.12.0rc1"));
        assert_eq!(newest("3.1"), None, "3.1 is not a prefix of 3.11 in whole parts");
    }

    #[test]
    fn a_version_file_is_read_line_by_line() {
        let mut system = MemorySystem::default();
        system.write("/p/.python-version", "# ours\n  3.11.2  trailing words\r\n3.9:system\n../../etc\n..\n");
        assert_eq!(read_version_file(&system, "/p/.python-version".into()), ["3.11.2", "3.9", "system"]);
        system.write("/l/.python-version", ">=3.11, <3.13  \n");
        assert_eq!(read_version_file(&system, "/l/.python-version".into()), [">=3.11, <3.13"], "uv's");
        system.create_directory("/pyenv/versions/3.9/envs/own").set_variable("PYENV_ROOT", "/pyenv");
        system.write("/e/.python-version", "3.9/envs/own\n3.9/envs/none\n3.9/../3.9\n/pyenv/versions/3.9\n");
        assert_eq!(read_version_file(&system, "/e/.python-version".into()), ["3.9/envs/own"]);
        let wanted = wanted(&system, "/pyenv".into(), "/p/src/deep".into()).unwrap();
        assert_eq!(wanted.said_by, "/p/.python-version");
        system.pipe("/q/.python-version").write("/r/.python-version", vec![b'3'; 100_000]).write("/s/x", b"\xff\xfe3");
        assert!(read_version_file(&system, "/r/.python-version".into()).is_empty());
        assert!(read_version_file(&system, "/s/x".into()).is_empty());
        assert!(read_version_file(&system, "/q/.python-version".into()).is_empty());
    }

    #[test]
    fn the_variable_comes_before_the_file() {
        let mut system = MemorySystem::default();
        system
            .write("/p/.python-version", "3.11")
            .write("/pyenv/version", "3.8\n")
            .set_variable("PYENV_VERSION", "3.12:3.9");
        let said = |system: &MemorySystem, directory: &str| wanted(system, "/pyenv".into(), directory.into()).unwrap();
        assert_eq!(said(&system, "/p").versions, ["3.12", "3.9"]);
        system.set_variable("PYENV_VERSION", "");
        assert_eq!(said(&system, "/p").versions, ["3.11"]);
        assert_eq!(said(&system, "/elsewhere").versions, ["3.8"]);
    }
}
