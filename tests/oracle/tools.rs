//! The tools that build environments: uv and virtualenv, and those that keep environments for projects.
//!
//! In: `FROMWHERE_TEST_TOOLS`, or the folders in `target/test-tools` as `tests/run` makes them. Out: their paths.
//!
//! **Invariant:** in CI a missing tool fails the test; elsewhere it is said loudly, never passed over in silence.

use camino::Utf8PathBuf;

use super::scope;

/// Returns the folder of the tools: a virtual environment with everything in `tests/tools/requirements.txt`.
pub(crate) fn folder() -> Utf8PathBuf {
    std::env::var("FROMWHERE_TEST_TOOLS").map_or_else(
        |_| Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/python")),
        Utf8PathBuf::from,
    )
}

/// Returns the path of a tool, or `None` where it is missing outside CI.
pub(crate) fn find(name: &str) -> Option<Utf8PathBuf> {
    present(folder().join("bin").join(name))
}

/// Returns the path of Poetry, PDM, Hatch or Pipenv, or of what they use themselves, which is newer: uv and virtualenv.
///
/// They are this machine's own: where the tools are others, as in a chroot, there are none.
pub(crate) fn of_projects(name: &str) -> Option<Utf8PathBuf> {
    if std::env::var_os("FROMWHERE_TEST_TOOLS").is_some() {
        return None;
    }
    present(Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/project-tools/bin")).join(name))
}

/// Returns every generation of a tool that there is: the one in [`folder`], and the one that project tools use.
pub(crate) fn generations(name: &str) -> Vec<Utf8PathBuf> {
    find(name).into_iter().chain(of_projects(name)).collect()
}

/// Returns the virtualenv that put a `site.py` of its own into environments.
///
/// It is this machine's own: where the tools are others, as in a chroot, there is none.
pub(crate) fn virtualenv_16() -> Option<Utf8PathBuf> {
    if std::env::var_os("FROMWHERE_TEST_TOOLS").is_some() {
        return None;
    }
    present(Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/virtualenv/bin/virtualenv")))
}

/// Returns the wheels that virtualenv carries with it, of pip above all.
pub(crate) fn carried_wheels() -> Option<Utf8PathBuf> {
    Some(site_packages()?.join("virtualenv/seed/wheels/embed")).filter(|it| it.is_dir())
}

fn present(path: Utf8PathBuf) -> Option<Utf8PathBuf> {
    if path.is_file() {
        return Some(path);
    }
    let message = format!("{path} is missing: run `tests/run tests`, or set FROMWHERE_TEST_TOOLS");
    assert!(!scope::is_strict(), "{message}");
    eprintln!("NOT TESTED: {message}");
    None
}

/// Returns the environments that `tests/tools/editables.py` made: all of them, or the first where not the whole is asked.
///
/// They are this machine's own: where the tools are others, as in a chroot, there are none.
pub(crate) fn editables() -> Vec<Utf8PathBuf> {
    if std::env::var_os("FROMWHERE_TEST_TOOLS").is_some() {
        return Vec::new();
    }
    let folder = Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/editables"));
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let mut made: Vec<_> = entries.map(|it| it.path().to_owned()).filter(|it| it.join("made").is_file()).collect();
    made.sort_by_key(|it| (!it.file_name().is_some_and(|name| name.starts_with("usr-")), it.clone()));
    if made.is_empty() {
        let message = format!("editable installs are missing: run `tests/run tests` (looked in {folder})");
        assert!(!scope::is_strict(), "{message}");
        eprintln!("NOT TESTED: {message}");
    }
    made.truncate(if scope::is_whole() { made.len() } else { 1 });
    made
}

/// Returns the site-packages of the tools' folder, which have setuptools to build with.
pub(crate) fn site_packages() -> Option<Utf8PathBuf> {
    let library = folder().join("lib");
    let found =
        library.read_dir_utf8().ok()?.flatten().map(|it| it.path().join("site-packages")).find(|it| it.is_dir());
    if found.is_none() {
        find("setuptools");
    }
    found
}
