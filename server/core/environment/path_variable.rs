//! Commands on `PATH`.
//!
//! In: a command's name. Out: the files a shell would find under that name, in order.
//!
//! **Invariant:** finding a command says nothing about what it is; the caller looks at the file before it believes it.

use camino::{Utf8Path, Utf8PathBuf};

use crate::system::{Kind, System};

/// Returns every executable regular file of that name on `PATH`, in order (POSIX 8.3; an empty entry is the working
/// directory); on Windows, every program, and the batch files that pyenv-win and mise have for one.
pub(super) fn commands(system: &dyn System, name: &str) -> Vec<Utf8PathBuf> {
    let path = system.variable("PATH").unwrap_or_default();
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    let platform = system.platform();
    let is_named_whole = Utf8Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case("exe"));
    // In the order of `PATHEXT`.
    let endings: &[&str] = if platform.is_windows() && !is_named_whole { &[".exe", ".bat", ".cmd"] } else { &[""] };
    for directory in path.split(platform.list_separator()) {
        let is_whole = platform.is_absolute(directory);
        let directory = platform.path(directory);
        let folder = if is_whole { directory } else { system.working_directory().join(directory) };
        let mut files = endings.iter().map(|ending| folder.join(format!("{name}{ending}")));
        let runs = |file: &Utf8PathBuf| system.metadata(file).is_ok_and(|it| it.kind == Kind::File && it.executable);
        if let Some(file) = files.find(runs).filter(|it| !found.contains(it)) {
            found.push(file);
        }
    }
    found
}
