//! Which `site.py` an interpreter has: upstream's of some version, Debian's, Fedora's.
//!
//! In: the text of `site.py`, or the version where it cannot be read. Out: [`Features`].
//!
//! **Invariant:** features are found by text, never by the name of a distribution; the text was compared with running
//! interpreters.

use super::Version;
use crate::system::{LARGEST_METADATA, System};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features {
    /// Debian's `dist-packages` (`distutils-install-layout.diff`).
    pub(super) debian: bool,
    /// What virtualenv up to 16 puts into its environments; it knows of `dist-packages`, too.
    pub(super) of_virtualenv: bool,
    /// Debian 11 and older: `VIRTUAL_ENV` alone makes it look for `site-packages`.
    pub(super) debian_trusts_variable: bool,
    /// Fedora's `/usr/local` (`00251-change-user-install-location.patch`).
    pub(super) fedora: bool,
    /// Apple's `/Library/Python`, and upstream's up to 3.6.
    pub(super) apple: bool,
    /// Up to 3.13 `site` sets `sys.prefix`; later `getpath` does.
    pub(super) sets_prefix: bool,
    /// `.pth` files whose name begins with a dot are skipped.
    pub(super) skips_hidden: bool,
    /// `.pth` files are UTF-8 with or without a byte order mark, split as `str.splitlines` does.
    pub(super) utf8_path_files: bool,
    /// PEP 829: collect first, then apply, then run.
    pub(super) in_batches: bool,
    /// Lines of code find the directory of their file in the frame that runs them (`-nspkg.pth`); not in the first 3.15.
    pub(super) tells_directory: bool,
    /// Directories of a free-threaded build carry a `t`.
    pub(super) marks_threads: bool,
}

impl Features {
    /// Reads the features out of the `site.py` of a standard library; a stub of it is as good as none.
    pub(super) fn read(system: &dyn System, stdlib: &str, version: &Version) -> Self {
        let path = super::paths::place(system, stdlib).join("site.py");
        let text = system.read(&path, LARGEST_METADATA).unwrap_or_default();
        Features::in_text(&text).unwrap_or_else(|| Features::of(system, stdlib, version))
    }

    /// Reads them out of a text; `None` where that is no `site.py`.
    pub(super) fn in_text(text: &[u8]) -> Option<Self> {
        let has = |needle: &str| memchr::memmem::find(text, needle.as_bytes()).is_some();
        has("def main(").then(|| {
            let in_batches = has("class StartupState");
            let of_virtualenv = has("def virtual_install_main_packages(");
            Features {
                debian: has("dist-packages") && !of_virtualenv,
                of_virtualenv,
                debian_trusts_variable: has("'VIRTUAL_ENV' in os.environ"),
                fedora: has("RPM_BUILD_ROOT"),
                apple: has("\"/Library") || has("'/Library"),
                sets_prefix: has("sys.prefix = sys.exec_prefix = site_prefix"),
                skips_hidden: has("not name.startswith(\".\")") || has("not name.startswith('.')"),
                utf8_path_files: has("utf-8-sig"),
                in_batches,
                tells_directory: !in_batches || has("sitedir = os.path.dirname(filename)"),
                marks_threads: has("abi_thread"),
            }
        })
    }

    /// What that version has upstream; a `dist-packages` in `/usr` tells Debian.
    fn of(system: &dyn System, stdlib: &str, version: &Version) -> Self {
        let debian = stdlib.starts_with("/usr/lib/") && system.is_directory("/usr/lib/python3/dist-packages".into());
        Features {
            debian,
            of_virtualenv: false,
            debian_trusts_variable: debian && !version.at_least(3, 10),
            fedora: false,
            apple: false,
            sets_prefix: !version.at_least(3, 14),
            skips_hidden: version.at_least(3, 13),
            utf8_path_files: version.at_least(3, 13),
            in_batches: version.at_least(3, 15),
            tells_directory: true,
            marks_threads: version.at_least(3, 13),
        }
    }
}
