//! Commands on `PATH`.
//!
//! In: a command's name. Out: the files a shell would find under that name, in order.
//!
//! **Invariant:** finding a command says nothing about what it is; the caller looks at the file before it believes it.

use camino::{Utf8Path, Utf8PathBuf};

use crate::system::{Kind, System};

/// Returns every executable regular file of that name on `PATH`, in order (POSIX 8.3; an empty entry is the working
/// directory); on Windows, every program.
pub(super) fn commands(system: &dyn System, name: &str) -> Vec<Utf8PathBuf> {
    let path = system.variable("PATH").unwrap_or_default();
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    let platform = system.platform();
    let is_whole = Utf8Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case("exe"));
    let name = if platform.is_windows() && !is_whole { format!("{name}.exe") } else { name.to_owned() };
    for directory in path.split(platform.list_separator()) {
        let is_whole = platform.is_absolute(directory);
        let directory = platform.path(directory);
        let folder = if is_whole { directory } else { system.working_directory().join(directory) };
        let file = folder.join(&name);
        let runs = system.metadata(&file).is_ok_and(|it| it.kind == Kind::File && it.executable);
        if runs && !found.contains(&file) {
            found.push(file);
        }
    }
    found
}
