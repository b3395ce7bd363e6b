//! The versions that a requirement wants.
//!
//! In: specifiers (PEP 440), as requirements and tools write them. Out: whether a version is among them.
//!
//! **Invariant:** the answer is that of the `packaging` library, which pip and every tool asks, in its newest release; what it
//! allows is never held against anybody.

use std::fmt;
use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

/// The versions that a requirement wants: those that one of its lists lets in whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    alternatives: Vec<VersionSpecifiers>,
}

impl Versions {
    /// Any version.
    pub fn any() -> Self {
        Versions::from(VersionSpecifiers::empty())
    }

    /// Lets in what one of several lists lets in.
    pub(super) fn one_of(alternatives: Vec<VersionSpecifiers>) -> Self {
        Versions { alternatives }
    }

    /// Lets in what either lets in.
    #[must_use]
    pub(super) fn or(self, other: Versions) -> Self {
        let mut alternatives = self.alternatives;
        for list in other.alternatives {
            if !alternatives.contains(&list) {
                alternatives.push(list);
            }
        }
        Versions { alternatives }
    }

    pub fn is_any(&self) -> bool {
        self.alternatives.iter().any(VersionSpecifiers::is_empty)
    }

    pub(super) fn alternatives(&self) -> &[VersionSpecifiers] {
        &self.alternatives
    }

    pub fn contains(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|list| list.iter().all(|it| is_let_in(it, version)))
    }
}

impl From<VersionSpecifiers> for Versions {
    fn from(list: VersionSpecifiers) -> Self {
        Versions { alternatives: vec![list] }
    }
}

impl FromStr for Versions {
    type Err = pep440_rs::VersionSpecifiersParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        VersionSpecifiers::from_str(text).map(Versions::from)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, list) in self.alternatives.iter().enumerate() {
            write!(formatter, "{}{}", if at == 0 { "" } else { " || " }, list.to_string().replace(", ", ","))?;
        }
        Ok(())
    }
}

/// `VersionSpecifier::contains`, but for what it answers otherwise than `packaging`: `==1.2.*` lets in no `1`, and around
/// `<` and `>` only the wanted version's own pre- and post-releases are left out.
fn is_let_in(specifier: &VersionSpecifier, version: &Version) -> bool {
    let wanted = specifier.version();
    match specifier.operator() {
        Operator::EqualStar | Operator::NotEqualStar => specifier.contains(&padded(version, wanted.release().len())),
        Operator::LessThan => {
            let is_final = wanted.pre().is_none() && wanted.dev().is_none();
            let first = if is_final { wanted.clone().with_dev(Some(0)) } else { wanted.clone() };
            version.clone().without_local() < first
        }
        Operator::GreaterThan => {
            let version = version.clone().without_local();
            let has_posts = wanted.post().is_none() && wanted.dev().is_none();
            let is_its_post = has_posts && version.clone().with_post(None).with_dev(None) == *wanted;
            version > *wanted && !is_its_post
        }
        _ => specifier.contains(version),
    }
}

/// Adds zeros to the numbers of a version: `1` is `1.0`.
fn padded(version: &Version, length: usize) -> Version {
    let mut release = version.release().to_vec();
    release.resize(release.len().max(length), 0);
    version.clone().with_release(release)
}
