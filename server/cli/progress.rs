//! How far a long run has come.
//!
//! In: how many files there are, and each that is done. Out: one line on standard error, written over and in the end taken away.
//!
//! **Invariant:** nothing is written where standard error is no terminal, where quiet is asked for, or before half a second.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A run that ends sooner needs no words.
const PATIENCE: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_millis(100);

/// Goes to the line's start and takes away what stands there.
const CLEAR: &str = "\r\x1b[K";

/// One run; its line goes away with it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    counts: Arc<Counts>,
    /// Nobody looks where this is `None`.
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Debug, Default)]
struct Counts {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    pub(super) fn start(quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Progress::default();
        }
        let counts = Arc::new(Counts::default());
        let (end, ended) = mpsc::channel();
        let seen = Arc::clone(&counts);
        let show = move || {
            let mut wait = PATIENCE;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = INTERVAL;
                say(&format!("{CLEAR}{}", seen.sentence()));
            }
            if wait == INTERVAL {
                say(CLEAR);
            }
        };
        // Without a thread there is no line, and nothing else is missing.
        let thread = thread::Builder::new().name("progress".to_owned()).spawn(show).ok();
        Progress { counts, shown: thread.map(|thread| (end, thread)) }
    }

    pub(super) fn expect(&self, files: usize) {
        self.counts.done.store(0, Ordering::Relaxed);
        self.counts.total.store(files, Ordering::Relaxed);
    }

    pub(super) fn one_more(&self) {
        self.counts.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.shown.take() {
            drop(end);
            // It only writes, and has nothing to report.
            let _ = thread.join();
        }
    }
}

impl Counts {
    fn sentence(&self) -> String {
        match self.total.load(Ordering::Relaxed) {
            0 => "Looking for Python files".to_owned(),
            total => format!("Checking {} of {total} files", self.done.load(Ordering::Relaxed).min(total)),
        }
    }
}

fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nothing is left to tell where standard error itself is closed.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
