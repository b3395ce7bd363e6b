//! What `--fix` and `--diff` do with the fixes that were found.
//!
//! In: the files as they would be. Out: those files on the disk, or their difference.
//!
//! **Invariant:** what could not be written is named and not counted.

use std::io::{self, IsTerminal as _};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::RecipeKind;
use fromwhere_core::system::{LARGEST_SOURCE, System};

use super::fix::{self, Fixed};
use super::report::{counted, remarks, report};
use crate::cli::arguments::{Check, Options};
use crate::cli::progress::Progress;
use crate::cli::render::difference::{self, Audience};
use crate::cli::replace::replace;
use crate::cli::terminal::{Style, relative};
use crate::cli::{Exit, Report};
use crate::disk::Disk;

/// Fixes what can be fixed, on the disk or only as a difference.
pub(super) fn run(disk: &Disk, options: &Options, asked: &Check) -> Result<Report> {
    let progress = Progress::start(options.quiet);
    let found = super::find(disk, asked);
    let look = |system: &dyn System| super::look(system, options, &found, &progress);
    let is_source = |path: &Utf8Path| found.has(path) && RecipeKind::of_file(disk, path).is_none();
    let mut fixed = fix::fix(disk, is_source, look);
    let unfixed =
        fixed.problems.iter().map(|it| Problem { message: format!("not fixed: {}", it.message), ..it.clone() });
    fixed.checked.problems.extend(unfixed);
    if asked.diff {
        return Ok(difference(disk, options, &fixed));
    }
    let (mended, failed) = write(disk, &mut fixed);
    if !failed.is_empty() {
        fixed.checked = look(&fixed.overlay);
        fixed.checked.refused.extend(failed);
    }
    report(&fixed.overlay, options, asked, &fixed.checked, &mended)
}

/// What `--fix` came to.
#[derive(Debug, Default)]
pub(super) struct Mended {
    pub(super) fixes: usize,
    pub(super) changed: Vec<Utf8PathBuf>,
}

/// Puts what was fixed on the disk; what cannot be put there is taken back, and named.
fn write(disk: &Disk, fixed: &mut Fixed<'_>) -> (Mended, Vec<String>) {
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
fn difference(disk: &Disk, options: &Options, fixed: &Fixed<'_>) -> Report {
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
