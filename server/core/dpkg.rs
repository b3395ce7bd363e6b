//! Which Debian package owns a file, from dpkg's own records.
//!
//! In: a path. Out: an [`OsPackage`], from `/var/lib/dpkg/info/*.list` and `/var/lib/dpkg/status`.
//!
//! **Invariant:** read-only, and read at most once, on the first question.

/// A package of the operating system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OsPackage {
    pub name: String,
    pub version: String,
}
