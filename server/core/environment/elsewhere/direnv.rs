//! direnv: what `layout python` makes in the project's `.direnv`.
//!
//! In: a folder. Out: the one environment in its `.direnv` (`layout_python` in direnv's `stdlib.sh`).
//!
//! **Invariant:** `.envrc` is a program, so it is never read: of several environments none is taken.

use super::super::{SourceKind, candidate};
use super::{Level, Said, list};

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    if !level.has(".direnv") {
        return None;
    }
    let folder = level.directory.join(".direnv");
    let listing = level.system.list(&folder).ok()?;
    let names = listing.iter().map(|(name, _)| name).filter(|it| *it == "virtualenv" || it.starts_with("python-"));
    let marks = |name: &str| ["pyvenv.cfg", "bin/python"].map(|it| folder.join(name).join(it));
    let found: Vec<&str> =
        names.filter(|it| marks(it).iter().any(|mark| candidate::lies(level.system, mark))).collect();
    match &*found {
        [] => None,
        [only] => Some(Said::folder(SourceKind::Direnv, folder.join(only))),
        several => {
            let why = format!("there are {}; which one `.envrc` takes is not read", list(several));
            Some(Said::nothing(SourceKind::Direnv, folder, why))
        }
    }
}
