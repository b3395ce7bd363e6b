//! Which files a workspace folder has.
//!
//! In: a folder, and the paths at which something happened since the last survey. Out: a [`Survey`], where it can be another.
//!
//! **Invariant:** what happens in a folder all day (logs, caches, backup copies) costs one question each, and no walk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::project::{self, Roots};
use fromwhere_core::system::{Recorder, System};
use rustc_hash::FxHashMap;

use crate::lsp::event::{Basis, Survey};
use crate::walk::{self, Walked};

/// `None` where none of the hints can have changed anything.
pub(super) fn survey(
    system: &dyn System,
    walk: &dyn Fn(&Utf8Path) -> Walked,
    folder: &Utf8Path,
    since: Option<&(Basis, BTreeSet<Utf8PathBuf>)>,
) -> Option<Survey> {
    if let Some((basis, hints)) = since
        && !hints.iter().any(|hint| matters(system, basis, hint))
    {
        return None;
    }
    let walked = walk(folder);
    let recorder = Recorder::new(system);
    let mut roots = Roots::new(&recorder);
    let mut known: FxHashMap<String, Utf8PathBuf> = FxHashMap::default();
    let mut files = BTreeMap::new();
    for path in walked.files {
        let directory = path.parent().unwrap_or(folder);
        let root = known.entry(directory.to_string());
        let root = root.or_insert_with(|| roots.root_of(directory, folder)).clone();
        files.insert(path, root);
    }
    walk::ask_rules_outside(&recorder, folder);
    let basis = Basis { directories: Arc::new(walked.directories), reads: Arc::new(recorder.into_reads()) };
    Some(Survey { files, basis })
}

/// Returns the directories whose flat watches notice every change of a survey.
pub(super) fn watch_set(system: &dyn System, folder: &Utf8Path, basis: &Basis) -> BTreeSet<Utf8PathBuf> {
    let mut wanted = basis.reads.watch_set(system);
    wanted.extend(basis.directories.iter().cloned());
    // A folder that goes away and comes back is seen by its parent's watch, not by its own.
    wanted.extend(folder.parent().map(Utf8Path::to_owned));
    wanted
}

/// Tells whether what happened at a path can have changed which files there are, or whose.
fn matters(system: &dyn System, basis: &Basis, path: &Utf8Path) -> bool {
    walk::decides(system, path)
        || basis.directories.contains(path)
        || basis.reads.paths.contains(path)
        || path.file_name().is_some_and(project::can_make_a_root)
        || walk::may_be_walked(path) && system.is_directory(path)
}
