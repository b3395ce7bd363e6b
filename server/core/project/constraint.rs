//! Versions as Poetry, Pipenv and conda write them.
//!
//! In: a constraint such as `^3.9`. Out: the same in the words of PEP 440.
//!
//! **Invariant:** what PEP 440 cannot say in one list has no translation; a looser or a stricter one is never given.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::versions::Versions;

/// Reads a constraint of Poetry (`parse_constraint` in poetry-core).
pub(super) fn of_poetry(constraint: &str) -> Option<Versions> {
    let alternatives = constraint.split('|').filter(|it| !it.trim().is_empty() || !constraint.contains('|'));
    let lists: Option<Vec<_>> = alternatives.map(|it| VersionSpecifiers::from_str(&one_of_poetry(it)?).ok()).collect();
    lists.filter(|it| !it.is_empty()).map(Versions::one_of)
}

/// Reads a version of a Pipfile; empty for any.
pub(super) fn of_pipenv(version: &str) -> Option<Versions> {
    match version.trim() {
        "" | "*" => Some(Versions::any()),
        version => Versions::from_str(version).ok(),
    }
}

/// Splits a match specification of conda (`channel::name=1.2=build`, `name >=1,<2`) into the name and the versions.
pub(super) fn of_conda(specification: &str) -> Option<(&str, Option<Versions>)> {
    let specification = specification.split_once("::").map_or(specification, |(_, rest)| rest).trim();
    let end = specification.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_' | '.'));
    let (name, rest) = specification.split_at(end.unwrap_or(specification.len()));
    if name.is_empty() {
        return None;
    }
    Some((name, conda_versions(rest.trim())))
}

/// `=1.2` is `==1.2.*`, `==1.2` is itself; a build behind the version says nothing about it.
fn conda_versions(text: &str) -> Option<Versions> {
    if text.is_empty() || text == "*" {
        return Some(Versions::any());
    }
    if text.contains(['|', '[', '(']) {
        return None;
    }
    let is_fuzzy = text.starts_with('=') && !text.starts_with("==");
    if is_fuzzy {
        let version = text[1..].split('=').next()?.trim();
        let version = version.trim_end_matches(".*").trim_end_matches('*');
        return Versions::from_str(&format!("=={version}.*")).ok();
    }
    Versions::from_str(text).ok()
}

/// Turns the version that Poetry writes into specifiers of PEP 440; `None` where one list cannot say it.
pub(super) fn poetry_specifiers(constraint: &str) -> Option<String> {
    one_of_poetry(constraint).filter(|it| !it.is_empty())
}

/// Reads what has to hold together: parts with commas or blanks between them, each with an operator or without one.
fn one_of_poetry(list: &str) -> Option<String> {
    let mut parts = Vec::new();
    let mut operator = String::new();
    for word in list.split([',', ' ', '\t']).filter(|word| !word.is_empty() && *word != "*") {
        operator.push_str(word);
        // A blank may stand behind an operator.
        if word.ends_with(['=', '<', '>', '~', '^', '!']) {
            continue;
        }
        parts.push(part_of_poetry(&std::mem::take(&mut operator))?);
    }
    operator.is_empty().then(|| parts.join(","))
}

fn part_of_poetry(part: &str) -> Option<String> {
    let at = part.find(|it: char| !matches!(it, '=' | '<' | '>' | '~' | '^' | '!'))?;
    let (operator, version) = part.split_at(at);
    let version = version.strip_prefix('v').unwrap_or(version);
    Some(match operator {
        "^" => {
            let numbers = numbers(version)?;
            // The left-most number that is not zero must stay.
            let keep = numbers.iter().position(|number| *number != 0).unwrap_or(numbers.len().saturating_sub(1));
            format!(">={version},<{}", bumped(&numbers, keep)?)
        }
        "~" => {
            let numbers = numbers(version)?;
            format!(">={version},<{}", bumped(&numbers, 1.min(numbers.len().checked_sub(1)?))?)
        }
        "" | "=" => format!("=={version}"),
        _ => format!("{operator}{version}"),
    })
}

/// The numbers of a version, before what makes it a pre-release or such.
fn numbers(version: &str) -> Option<Vec<u64>> {
    Some(Version::from_str(version).ok().filter(|it| it.epoch() == 0)?.release().to_vec())
}

fn bumped(numbers: &[u64], at: usize) -> Option<String> {
    let kept = numbers.get(..at)?.iter().copied();
    let bumped = numbers.get(at)?.checked_add(1)?;
    let mut words: Vec<String> = kept.chain([bumped]).map(|number| number.to_string()).collect();
    if words.len() == 1 {
        words.push("0".to_owned());
    }
    Some(words.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poetry_versions() {
        for (constraint, expected) in [
            ("^3.9", Some(">=3.9,<4.0")),
            ("^0.2.3", Some(">=0.2.3,<0.3")),
            ("^0.0.3", Some(">=0.0.3,<0.0.4")),
            ("~3.9", Some(">=3.9,<3.10")),
            ("~3", Some(">=3,<4.0")),
            ("~=3.9", Some("~=3.9")),
            (">=3.8,<4.0", Some(">=3.8,<4.0")),
            ("3.11.*", Some("==3.11.*")),
            (">= 3.8, < 4.0", Some(">=3.8,<4.0")),
            (">=3.8 <4.0", Some(">=3.8,<4.0")),
            ("^v1.2rc1", Some(">=1.2rc1,<2.0")),
            ("=3.8", Some("==3.8")),
            ("*", None),
            ("^", None),
        ] {
            assert_eq!(poetry_specifiers(constraint).as_deref(), expected, "{constraint}");
        }
    }

    #[test]
    fn poetry_alternatives() {
        let read = |constraint: &str| of_poetry(constraint).map(|it| it.to_string());
        assert_eq!(read("^2.7 || ^3.6").as_deref(), Some(">=2.7,<3.0 || >=3.6,<4.0"));
        assert_eq!(read("1.2 | 2.0").as_deref(), Some("==1.2 || ==2.0"));
        assert!(of_poetry("*").is_some_and(|it| it.is_any()) && of_poetry("").is_some_and(|it| it.is_any()));
        assert_eq!((read("latest"), read("^1.2 || latest")), (None, None));
    }

    #[test]
    fn conda_versions() {
        for (specification, expected) in [
            ("numpy", "numpy: "),
            ("conda-forge::numpy=1.26", "numpy: ==1.26.*"),
            ("numpy=1.26.*=py311h_0", "numpy: ==1.26.*"),
            ("numpy==1.26.4", "numpy: ==1.26.4"),
            ("numpy >=1.2,<2", "numpy: >=1.2,<2"),
            ("numpy>=1.2|<1", "numpy: unknown"),
            ("numpy=1.26*", "numpy: ==1.26.*"),
            ("numpy 1.26", "numpy: unknown"),
        ] {
            let (name, versions) = of_conda(specification).unwrap();
            assert_eq!(format!("{name}: {}", versions.map_or("unknown".to_owned(), |it| it.to_string())), expected);
        }
        assert_eq!(of_conda("::"), None);
    }
}
