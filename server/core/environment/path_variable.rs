//! Commands on `PATH`.
//!
//! In: a command's name. Out: the files a shell would find under that name, in order.
//!
//! **Invariant:** finding a command says nothing about what it is; the caller looks at the file before it believes it.

use camino::Utf8PathBuf;

use crate::system::{Kind, System};

/// Returns every executable regular file of that name on `PATH`, in order (POSIX 8.3; an empty entry is the working
/// directory).
pub(super) fn commands(system: &dyn System, name: &str) -> Vec<Utf8PathBuf> {
    let path = system.variable("PATH").unwrap_or_default();
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    for directory in path.split(':') {
        let file = system.working_directory().join(directory).join(name);
        let runs = system.metadata(&file).is_ok_and(|it| it.kind == Kind::File && it.executable);
        if runs && !found.contains(&file) {
            found.push(file);
        }
    }
    found
}
