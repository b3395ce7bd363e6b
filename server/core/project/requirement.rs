//! The name at the front of a requirement.
//!
//! In: a requirement as written (PEP 508). Out: the name of its distribution, normalized (PEP 503).
//!
//! **Invariant:** what has no name, such as a bare path or address, has none here; nothing is guessed from a path.

/// Returns the normalized name that a requirement begins with, or the one that its `#egg=` names.
pub(super) fn name(requirement: &str) -> Option<String> {
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

/// Tells whether a requirement is limited to some Pythons or platforms (PEP 508). In an address the `;` needs a space.
pub(super) fn has_marker(requirement: &str) -> bool {
    let is_address = requirement.contains("://");
    requirement.contains(if is_address { " ;" } else { ";" })
}

/// Normalizes the name of a distribution: lower case, runs of `-`, `_` and `.` become one `-` (PEP 503).
pub fn normalize_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.trim().chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
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

fn leading_name(text: &str) -> Option<String> {
    let name = text.get(..length_of_name(text))?.trim_end_matches(['-', '_', '.']);
    name.starts_with(|it: char| it.is_ascii_alphanumeric()).then(|| normalize_name(name))
}

fn length_of_name(text: &str) -> usize {
    text.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '-' | '_' | '.')).unwrap_or(text.len())
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
}
