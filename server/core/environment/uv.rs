//! What uv keeps: its own Pythons, and the folder of a project's environment.
//!
//! In: uv's variables and folders. Out: the folder of a Python that a request such as `3.12` stands for.
//!
//! **Invariant:** read only; a Python that uv would download first is not there.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate;
use crate::system::System;

/// Returns the folder of uv's Pythons: `UV_PYTHON_INSTALL_DIR`, or `uv/python` under the XDG data folder.
pub(super) fn folder(system: &dyn System) -> Option<Utf8PathBuf> {
    let variable = |name: &str| system.variable(name).filter(|it| it.starts_with('/')).map(Utf8PathBuf::from);
    let data = || variable("XDG_DATA_HOME").or_else(|| Some(candidate::home(system)?.join(".local/share")));
    variable("UV_PYTHON_INSTALL_DIR").or_else(|| Some(data()?.join("uv/python")))
}

/// Returns the newest of uv's Pythons that a request such as `3.12`, `3.12.4`, `cpython@3.12` or `3.13t` stands for.
pub(super) fn installed(system: &dyn System, folder: &Utf8Path, request: &str) -> Option<Utf8PathBuf> {
    let (implementation, version) = match request.split_once(['@', '-']) {
        Some((implementation, rest)) => (implementation, rest.split('-').next().unwrap_or(rest)),
        None => request.split_at(request.find(|it: char| it.is_ascii_digit())?),
    };
    let implementation = if matches!(implementation, "" | "python") { "cpython" } else { implementation };
    let (version, free_threaded) = match version.strip_suffix('t') {
        Some(version) => (version, true),
        None => (version, false),
    };
    let wanted: Vec<u64> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let listing = system.list(folder).ok()?;
    let names = listing.starting_with(implementation).filter_map(|(name, _)| {
        let (found, variant) = version_of(name, implementation)?;
        let fits = found.starts_with(&wanted) && (variant == "freethreaded") == free_threaded;
        // `cpython-3.12-…` is a link to the newest patch release; the release itself is the plainer answer.
        (fits && variant != "debug").then_some((found, name))
    });
    let (_, name) = names.max()?;
    Some(folder.join(name))
}

/// Takes `cpython-3.12.4+freethreaded-linux-x86_64-gnu` apart.
fn version_of<'n>(name: &'n str, implementation: &str) -> Option<(Vec<u64>, &'n str)> {
    let rest = name.strip_prefix(implementation)?.strip_prefix('-')?;
    let version = rest.split('-').next()?;
    let (version, variant) = version.split_once('+').unwrap_or((version, ""));
    let numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    Some((numbers, variant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_request_means_the_newest_that_fits() {
        let mut system = MemorySystem::default();
        for version in ["3.12.4", "3.12.10", "3.13.1", "3.13.1+freethreaded", "3.14.0rc1"] {
            system.create_directory(format!("/uv/cpython-{version}-linux-x86_64-gnu"));
        }
        system.link("/uv/cpython-3.12-linux-x86_64-gnu", "cpython-3.12.10-linux-x86_64-gnu");
        let found = |request| installed(&system, "/uv".into(), request).map(|it| it.file_name().unwrap().to_owned());
        for request in ["3.12", "cpython@3.12", "cpython-3.12", "python3.12", "3.12.10"] {
            assert_eq!(found(request).as_deref(), Some("cpython-3.12.10-linux-x86_64-gnu"), "{request}");
        }
        assert_eq!(found("3.13t").as_deref(), Some("cpython-3.13.1+freethreaded-linux-x86_64-gnu"));
        assert_eq!(found("3.11"), None);
        assert_eq!(found("../x"), None);
    }
}
