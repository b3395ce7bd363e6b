//! The tools that build environments: uv and virtualenv.
//!
//! In: `FROMWHERE_TEST_TOOLS`, or `target/test-tools/python` as `tests/run` makes it. Out: their paths.
//!
//! **Invariant:** in CI a missing tool fails the test; elsewhere it is said loudly, never passed over in silence.

use camino::Utf8PathBuf;

/// Returns the folder of the tools: a virtual environment with everything in `tests/tools/requirements.txt`.
pub(crate) fn folder() -> Utf8PathBuf {
    std::env::var("FROMWHERE_TEST_TOOLS").map_or_else(
        |_| Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/python")),
        Utf8PathBuf::from,
    )
}

/// Returns the path of a tool, or `None` where it is missing outside CI.
pub(crate) fn find(name: &str) -> Option<Utf8PathBuf> {
    let path = folder().join("bin").join(name);
    if path.is_file() {
        return Some(path);
    }
    let message = format!("`{name}` is missing: run `tests/run tests`, or set FROMWHERE_TEST_TOOLS (looked in {path})");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
    eprintln!("NOT TESTED: {message}");
    None
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
