//! Versions as Poetry, Pipenv and conda write them.
//!
//! In: a constraint such as `^3.9`. Out: the same in the words of PEP 440.
//!
//! **Invariant:** what PEP 440 cannot say in one list has no translation; a looser or a stricter one is never given.

use std::str::FromStr;

use pep440_rs::VersionSpecifiers;

/// Reads a constraint of Poetry; empty for any version.
pub(super) fn of_poetry(constraint: &str) -> Option<VersionSpecifiers> {
    let is_any = constraint.trim().is_empty() || constraint.trim() == "*";
    if is_any {
        return Some(VersionSpecifiers::empty());
    }
    VersionSpecifiers::from_str(&poetry_specifiers(constraint)?).ok()
}

/// Reads a version of a Pipfile; empty for any.
pub(super) fn of_pipenv(version: &str) -> Option<VersionSpecifiers> {
    match version.trim() {
        "" | "*" => Some(VersionSpecifiers::empty()),
        version => VersionSpecifiers::from_str(version).ok(),
    }
}

/// Splits a match specification of conda (`channel::name=1.2=build`, `name >=1,<2`) into the name and the versions.
pub(super) fn of_conda(specification: &str) -> Option<(&str, Option<VersionSpecifiers>)> {
    let specification = specification.split_once("::").map_or(specification, |(_, rest)| rest).trim();
    let end = specification.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_' | '.'));
    let (name, rest) = specification.split_at(end.unwrap_or(specification.len()));
    if name.is_empty() {
        return None;
    }
    Some((name, conda_versions(rest.trim())))
}

/// `=1.2` is `==1.2.*`, `==1.2` is itself; a build behind the version says nothing about it.
fn conda_versions(text: &str) -> Option<VersionSpecifiers> {
    if text.is_empty() || text == "*" {
        return Some(VersionSpecifiers::empty());
    }
    if text.contains(['|', '[', '(']) {
        return None;
    }
    let is_fuzzy = text.starts_with('=') && !text.starts_with("==");
    if is_fuzzy {
        let version = text[1..].split('=').next()?.trim();
        let version = version.trim_end_matches(".*").trim_end_matches('*');
        return VersionSpecifiers::from_str(&format!("=={version}.*")).ok();
    }
    VersionSpecifiers::from_str(text).ok()
}

/// Turns the version that Poetry writes into specifiers of PEP 440; `None` where they cannot say it.
pub(super) fn poetry_specifiers(constraint: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in constraint.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "*") {
        if part.contains('|') || part.contains(' ') {
            return None;
        }
        if let Some(version) = part.strip_prefix('^') {
            let numbers = numbers(version)?;
            // The left-most number that is not zero must stay.
            let keep = numbers.iter().position(|number| *number != 0).unwrap_or(numbers.len().saturating_sub(1));
            parts.push(format!(">={version},<{}", bumped(&numbers, keep)?));
        } else if let Some(version) = part.strip_prefix('~').filter(|it| !it.starts_with('=')) {
            let numbers = numbers(version)?;
            parts.push(format!(">={version},<{}", bumped(&numbers, 1.min(numbers.len().checked_sub(1)?))?));
        } else if part.starts_with(|it: char| it.is_ascii_digit()) {
            parts.push(format!("=={part}"));
        } else {
            parts.push(part.to_owned());
        }
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
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
            ("*", None),
            ("^2.7 || ^3.6", None),
        ] {
            assert_eq!(poetry_specifiers(constraint).as_deref(), expected, "{constraint}");
        }
    }

    #[test]
    fn conda_versions() {
        for (specification, expected) in [
            ("numpy", "numpy: "),
            ("conda-forge::numpy=1.26", "numpy: ==1.26.*"),
            ("numpy=1.26.*=py311h_0", "numpy: ==1.26.*"),
            ("numpy==1.26.4", "numpy: ==1.26.4"),
            ("numpy >=1.2,<2", "numpy: >=1.2, <2"),
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
