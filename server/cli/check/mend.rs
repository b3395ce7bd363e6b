//! What `--fix` and `--diff` do with the fixes that were found.
//!
//! In: the files as they would be. Out: those files on the disk, or their difference.
//!
//! **Invariant:** what could not be written is named and not counted.

use std::io::{self, IsTerminal as _};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::{LARGEST_SOURCE, System as _};

use super::fix::Fixed;
use super::report::{counted, remarks};
use crate::cli::arguments::Options;
use crate::cli::render::difference::{self, Audience};
use crate::cli::replace::replace;
use crate::cli::terminal::{Style, relative};
use crate::cli::{Exit, Report};
use crate::disk::Disk;

/// What `--fix` came to.
#[derive(Debug, Default)]
pub(super) struct Mended {
    pub(super) fixes: usize,
    pub(super) changed: Vec<Utf8PathBuf>,
}

/// Puts what was fixed on the disk; what cannot be put there is taken back, and named.
pub(super) fn write(disk: &Disk, fixed: &mut Fixed<'_>) -> (Mended, Vec<String>) {
    let now = disk.fresh();
    let (mut mended, mut failed) = (Mended::default(), Vec::new());
    for (path, content) in fixed.overlay.files() {
        match replace(&now, path, content, &disk.metadata(path)) {
            Ok(()) => mended.changed.push(path.clone()),
            Err(cause) => failed.push((path.clone(), format!("{path}: not fixed: {cause}"))),
        }
    }
    mended.fixes = fixed.applied.iter().filter(|paths| paths.iter().all(|path| mended.changed.contains(path))).count();
    for (path, _) in &failed {
        fixed.overlay.take_back(path);
    }
    (mended, failed.into_iter().map(|(_, said)| said).collect())
}

/// What `--diff` says: the difference for standard output, what it comes to for standard error.
pub(super) fn difference(disk: &Disk, options: &Options, fixed: &Fixed<'_>) -> Report {
    let style = Style::new(options.color, disk);
    let is_shown = style.color || io::stdout().is_terminal();
    let audience = if is_shown { Audience::People(style) } else { Audience::Programs };
    let working_directory = disk.working_directory();
    let mut output = Vec::new();
    for (path, after) in fixed.overlay.files() {
        let before = disk.read(path, LARGEST_SOURCE).unwrap_or_default();
        output.extend(difference::render(path, &working_directory, (&before, after), audience));
    }
    let would = Mended { fixes: fixed.applied.len(), changed: fixed.overlay.files().keys().cloned().collect() };
    let mut remarks = remarks(&fixed.checked);
    remarks.extend(would.sentence("would be applied", &working_directory));
    let found = if fixed.applied.is_empty() { Exit::Clean } else { Exit::Found };
    let exit = if fixed.checked.refused.is_empty() { found } else { Exit::Failed };
    Report { output, remarks, exit }
}

impl Mended {
    /// Says it in one line, such as `2 fixes applied to pyproject.toml`.
    pub(super) fn sentence(&self, verb: &str, working_directory: &Utf8Path) -> Option<String> {
        let places = match self.changed.as_slice() {
            [] => return None,
            [only] => relative(only, working_directory).into_owned(),
            several => counted(several.len(), "file"),
        };
        let noun = if self.fixes == 1 { "fix" } else { "fixes" };
        Some(format!("{} {noun} {verb} to {places}", self.fixes))
    }
}
