//! `check --watch`: checks again when something changes.
//!
//! In: what the watcher sees and the signals that end a program. Out: a report whenever it differs from the one before.
//!
//! **Invariant:** what is watched is what was read, and a look counts only when all of it was watched before; how it ends is how
//! the last look ended.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::{Reads, Recorder};

use super::Look;
use crate::cli::arguments::{Check, Options};
use crate::cli::{Exit, Report, Shown};
use crate::disk::Disk;
use crate::native;
use crate::watch::{Seen, Watch};

/// An installer or an editor writes several files; it is waited for until it is quiet for so long,
const QUIET: Duration = Duration::from_millis(100);
/// but no longer than this.
const LONGEST: Duration = Duration::from_secs(1);

/// How often is looked again only because more is watched than before.
const MOST_LOOKS_AGAIN: u8 = 3;

/// Takes everything off a terminal, what was scrolled away included.
const CLEAR: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

const OWNER: &str = "check";

enum Happened {
    Seen(Seen),
    Ended,
}

/// Checks and shows, until a signal or a reader that goes away ends it.
pub(in crate::cli) fn run(
    disk: &Disk,
    options: &Options,
    asked: &Check,
    show: &dyn Fn(&Report) -> Shown,
) -> Result<Exit> {
    let (sender, inbox) = mpsc::channel();
    let told = sender.clone();
    // A first signal ends the watch, a second one the program, should that hang.
    native::at_an_ending_signal(move || told.send(Happened::Ended).is_ok()).context("signals cannot be waited for")?;
    // An error means that nobody listens any more.
    let tell = move |seen| _ = sender.send(Happened::Seen(seen));
    let watch = Watch::start(tell).context("the disk cannot be watched")?;
    let (mut watched, mut looks, mut last) = (BTreeSet::new(), 0, None);
    loop {
        let disk = disk.fresh();
        let recorder = Recorder::new(&disk);
        let look = Look::take(&recorder, options, asked);
        let report = look.report(&recorder, options, asked)?;
        let reads = recorder.into_reads();
        let said = (report.output, report.remarks);
        if last.as_ref() != Some(&said) {
            let shown =
                show(&Report { output: on_a_clear_terminal(&said.0), remarks: said.1.clone(), exit: report.exit });
            if shown != Shown::Written {
                return Ok(if shown == Shown::Failed { Exit::Failed } else { report.exit });
            }
            last = Some(said);
        }
        let walked = &look.found.walked;
        let directories: BTreeSet<Utf8PathBuf> = reads.watch_set(&disk).union(walked).cloned().collect();
        let is_known = directories.is_subset(&watched);
        watch.arm(OWNER, directories.clone());
        watched = directories;
        looks = if is_known { 0 } else { looks + 1 };
        if !is_known && looks <= MOST_LOOKS_AGAIN {
            continue;
        }
        if !wait(&inbox, |path| concerns(&reads, walked, path), show) {
            return Ok(report.exit);
        }
    }
}

fn on_a_clear_terminal(output: &[u8]) -> Vec<u8> {
    if io::stdout().is_terminal() { [CLEAR, output].concat() } else { output.to_vec() }
}

/// Tells whether a change can change the report: something that was read, or anything in a directory that was walked through.
fn concerns(reads: &Reads, walked: &BTreeSet<Utf8PathBuf>, path: &Utf8Path) -> bool {
    walked.contains(path) || path.parent().is_some_and(|parent| walked.contains(parent)) || reads.touches(path)
}

/// Waits until something that concerns us has changed and it is quiet again; `false` where it is time to end.
fn wait(inbox: &Receiver<Happened>, concerns: impl Fn(&Utf8Path) -> bool, show: &dyn Fn(&Report) -> Shown) -> bool {
    let mut changed: Option<Instant> = None;
    loop {
        let left = changed.map(|since| QUIET.min(LONGEST.saturating_sub(since.elapsed())));
        let happened = match left {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(left) => inbox.recv_timeout(left),
        };
        match happened {
            Ok(Happened::Ended) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => return true,
            Ok(Happened::Seen(Seen::Limited(fact))) => {
                show(&Report { remarks: vec![fact], ..Report::default() });
            }
            Ok(Happened::Seen(Seen::Rescan)) => _ = changed.get_or_insert_with(Instant::now),
            Ok(Happened::Seen(Seen::Changed(paths))) => {
                if changed.is_some() || paths.iter().any(|path| concerns(path)) {
                    changed.get_or_insert_with(Instant::now);
                }
            }
        }
    }
}
