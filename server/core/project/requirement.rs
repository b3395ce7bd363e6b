//! One requirement as pip takes it.
//!
//! In: a requirement as written (PEP 508). Out: the name of its distribution, normalized (PEP 503), and what it asks for.
//!
//! **Invariant:** what has no name, such as a bare path or address, has none here; nothing is guessed from a path, and a
//! text that could keep the parser busy is not given to it.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use pep508_rs::{MarkerTree, MarkerWarningKind, Pep508Url, VersionOrUrl};

use super::declared::{Condition, Source};
use super::versions::Versions;

/// Longer ones, in bytes, are read for their name alone; the longest of real projects have some hundred.
const LONGEST: usize = 1024;

/// A marker with more comparisons, or deeper in parentheses, is not read: its table of truth would grow without bound.
const MOST_COMPARISONS: usize = 16;

/// What a requirement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) name: String,
    /// The extras that are asked for, normalized.
    pub(crate) extras: Vec<String>,
    pub(crate) condition: Condition,
    pub(super) source: Source,
    pub(super) versions: Option<Versions>,
}

/// Reads a requirement; `None` where it has no name.
pub(crate) fn read(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let name = name(text)?;
    let marker = has_marker(text).then(|| text.rsplit_once(';').map_or("", |(_, marker)| marker.trim()).to_owned());
    let condition = marker.map_or(Condition::Always, |text| {
        if tree(&text).is_some() { Condition::Marker(text) } else { Condition::Unknown }
    });
    if !is_bounded(text) || !names_end_well(text) {
        let source = source_of_unread(text);
        let extras = Vec::new();
        return Some(Requirement { name, extras, condition: Condition::Unknown, source, versions: None });
    }
    let Ok(parsed) = pep508_rs::Requirement::<Address>::from_str(text) else {
        let source = source_of_unread(text);
        return Some(Requirement { name, extras: Vec::new(), condition, source, versions: None });
    };
    let extras = parsed.extras.iter().map(ToString::to_string).collect();
    let (source, versions) = match parsed.version_or_url {
        None => (Source::Index, Some(Versions::any())),
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => (Source::Index, Some(specifiers.into())),
        Some(VersionOrUrl::Url(Address(address))) => (source_of(&address), None),
    };
    Some(Requirement { name, extras, condition, source, versions })
}

/// Reads an environment marker; `None` where it is none, or none that can be read in bounded time.
///
/// The parser passes over a comparison that makes no sense to it (`python_version < '3.11.*'`), which tools refuse or compare
/// as texts: then nothing of the marker is known. Nor is it where a version is looked for in a list: to `packaging` that is a
/// text in a text, to uv a version among versions.
pub(crate) fn tree(marker: &str) -> Option<MarkerTree> {
    let mut is_whole = !is_list_of_versions(marker);
    let mut reporter = |kind, _: String| is_whole &= kind == MarkerWarningKind::DeprecatedMarkerName;
    let tree = is_bounded(marker).then(|| MarkerTree::parse_reporter(marker, &mut reporter));
    tree?.ok().filter(|_| is_whole)
}

/// Returns the normalized name that a requirement begins with, or the one that its `#egg=` names.
pub(crate) fn name(requirement: &str) -> Option<String> {
    let requirement = requirement.trim();
    if let Some((_, egg)) = requirement.split_once("#egg=") {
        return leading_name(egg);
    }
    let name = leading_name(requirement)?;
    let rest = requirement.get(length_of_name(requirement)..)?.trim_start();
    // PEP 508: after the name come extras, a specifier, an address or a marker. `./folder` and `https://…` have none.
    let ends_well = rest.is_empty() || rest.starts_with(['[', '(', '<', '>', '=', '!', '~', '@', ';', ',']);
    ends_well.then_some(name)
}

/// `python_version in '2.7 3.6'`, the other way round, and with `not`.
fn is_list_of_versions(marker: &str) -> bool {
    let words = marker.split([' ', '\t', '(', ')']);
    words.clone().any(|word| word == "in") && words.into_iter().any(|word| word.ends_with("_version"))
}

/// Tells whether a requirement is limited to some Pythons or platforms (PEP 508). In an address the `;` needs a space.
fn has_marker(requirement: &str) -> bool {
    let is_address = requirement.contains("://");
    requirement.contains(if is_address { " ;" } else { ";" })
}

/// Normalizes the name of a distribution: lower case, runs of `-`, `_` and `.` become one `-` (PEP 503).
pub fn normalize_name(name: &str) -> String {
    let name = name.trim();
    // Most names are, and every file of an environment may be asked for its own.
    if name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()) {
        return name.to_owned();
    }
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other if other.is_ascii() => normal.push(other.to_ascii_lowercase()),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
}

/// Tells by an address whether it leads to a folder of this machine.
pub(super) fn source_of(address: &str) -> Source {
    let is_remote = address.contains("://") && !address.starts_with("file:");
    if is_remote { Source::Address } else { Source::Local }
}

fn source_of_unread(text: &str) -> Source {
    match text.split_once(" @ ") {
        Some((_, address)) => source_of(address.trim()),
        None if text.contains("://") => source_of(text),
        None => Source::Index,
    }
}

fn is_bounded(text: &str) -> bool {
    let comparisons = text.split([' ', '\t', '(', ')', '"', '\'']).filter(|word| matches!(*word, "and" | "or")).count();
    text.len() <= LONGEST && comparisons < MOST_COMPARISONS && text.matches('(').count() <= MOST_COMPARISONS
}

/// Tells whether neither the name nor an extra ends with a separator: the parser takes such a name, and then ends the process.
fn names_end_well(text: &str) -> bool {
    let (name, rest) = text.split_at(length_of_name(text));
    let extras =
        rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(extras, _)| extras);
    std::iter::once(name).chain(extras.split(',')).all(|it| !it.trim_end().ends_with(['-', '_', '.']))
}

fn leading_name(text: &str) -> Option<String> {
    let name = text.get(..length_of_name(text))?.trim_end_matches(['-', '_', '.']);
    name.starts_with(|it: char| it.is_ascii_alphanumeric()).then(|| normalize_name(name))
}

fn length_of_name(text: &str) -> usize {
    text.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_' | '.')).unwrap_or(text.len())
}

/// An address as written. Nothing in it is expanded: the crate's own type would ask for variables and folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(String);

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Pep508Url for Address {
    type Err = Infallible;

    fn parse_url(url: &str, _working_dir: Option<&Path>) -> Result<Self, Self::Err> {
        Ok(Address(url.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_requirement() {
        for (requirement, expected) in [
            ("PyYAML", Some("pyyaml")),
            ("ruamel.yaml>=0.17,<1", Some("ruamel-yaml")),
            ("zope_.interface [test] ; python_version < '3.12'", Some("zope-interface")),
            ("pkg @ https://example.org/pkg.whl", Some("pkg")),
            ("git+https://example.org/x.git#egg=Some_Name&subdirectory=a", Some("some-name")),
            ("https://example.org/x.whl", None),
            ("./local", None),
            ("../other/x.whl", None),
            ("folder/x.whl", None),
            ("", None),
            ("\u{e9}t\u{e9}", None),
        ] {
            assert_eq!(name(requirement).as_deref(), expected, "{requirement}");
        }
    }

    #[test]
    fn what_a_requirement_asks_for() {
        let said = |text: &str| {
            let it = read(text).unwrap();
            let specifiers = it.versions.map_or("unknown".to_owned(), |it| it.to_string());
            format!("{} {specifiers} {:?} {:?}", it.name, it.source, it.condition)
        };
        for (text, expected) in [
            ("six", "six  Index Always"),
            ("six (>=1.0)", "six >=1.0 Index Always"),
            ("Six[a,b] >=1, <2 ; python_version<'3'", "six >=1,<2 Index Marker(\"python_version<'3'\")"),
            ("six @ https://x.org/six.whl ; os_name == 'nt'", "six unknown Address Marker(\"os_name == 'nt'\")"),
            ("six @ file:///x/six", "six unknown Local Always"),
            ("git+https://x.org/six#egg=six", "six unknown Address Always"),
            ("six-(-r other)", "six unknown Index Unknown"),
            ("six.[a]>=1", "six unknown Index Unknown"),
            ("six[a, b-]>=1", "six unknown Index Unknown"),
            ("six == one", "six unknown Index Always"),
            ("six; nothing", "six unknown Index Unknown"),
            ("six ^1", ""),
        ] {
            match expected {
                "" => assert_eq!(read(text), None),
                _ => assert_eq!(said(text), expected),
            }
        }
    }

    #[test]
    fn a_marker_cannot_keep_the_parser_busy() {
        let pairs: Vec<String> = (0..200).map(|it| format!("(extra == 'a{it}' and extra == 'b{it}')")).collect();
        for marker in [pairs.join(" or "), "(".repeat(500), format!("{}os_name=='x'", "(".repeat(100_000))] {
            let found = read(&format!("six ; {marker}")).unwrap();
            assert_eq!((found.condition, found.versions), (Condition::Unknown, None));
            assert!(tree(&marker).is_none());
        }
    }
}
