//! Watching the directories that answers were read from.
//!
//! In: a set of directories for each owner. Out: the paths at which something happened, spelled as they were asked.
//!
//! **Invariant:** every watch is flat, on a directory that exists; what is reported is a hint and the disk is the truth,
//! so that an event is never interpreted, only passed on, and lost events are said to be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use notify::{Config, ErrorKind, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use crate::native;

/// How often a disk is looked at that tells nothing by itself.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How the disk is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WatchMode {
    /// The kernel's own, polling on disks that have none.
    #[default]
    Auto,
    Native,
    Poll,
    Off,
}

impl WatchMode {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(WatchMode::Auto),
            "native" => Some(WatchMode::Native),
            "poll" => Some(WatchMode::Poll),
            "off" => Some(WatchMode::Off),
            _ => None,
        }
    }
}

/// What the watcher has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Changed(Vec<Utf8PathBuf>),
    /// Events were lost: anything may have changed.
    Rescan,
    /// Not everything can be watched; the fact, for people.
    Limited(String),
}

/// The handle of the thread that owns the watches; the thread ends when the last handle is gone.
#[derive(Debug, Clone)]
pub struct Watch {
    commands: Sender<Command>,
}

#[derive(Debug)]
enum Command {
    Arm { owner: String, directories: BTreeSet<Utf8PathBuf>, done: Sender<()> },
    Forget(String),
    Mode(WatchMode),
}

enum Message {
    Command(Command),
    Noticed(notify::Result<notify::Event>),
    Ended,
}

impl Watch {
    /// Starts the thread; `sink` is called on it for everything that is seen.
    pub fn start(sink: impl Fn(Seen) + Send + 'static) -> std::io::Result<Self> {
        let (commands, received) = mpsc::channel();
        let (messages, inbox) = mpsc::channel();
        let forwarded = messages.clone();
        thread::Builder::new().name("watch-commands".to_owned()).spawn(move || {
            for command in received {
                if forwarded.send(Message::Command(command)).is_err() {
                    return;
                }
            }
            // The watchers hold the other end of `messages` themselves, so that its closing would never be seen.
            let _ = forwarded.send(Message::Ended);
        })?;
        thread::Builder::new().name("watch".to_owned()).spawn(move || Thread::new(messages, sink).run(&inbox))?;
        Ok(Watch { commands })
    }

    /// Watches these directories for `owner` instead of those before, every one anew; returns when that is done.
    pub fn arm(&self, owner: &str, directories: BTreeSet<Utf8PathBuf>) {
        let (done, wait) = mpsc::channel();
        if self.commands.send(Command::Arm { owner: owner.to_owned(), directories, done }).is_ok() {
            // An error means that the thread is gone, and then nothing is watched.
            let _ = wait.recv();
        }
    }

    pub fn forget(&self, owner: &str) {
        let _ = self.commands.send(Command::Forget(owner.to_owned()));
    }

    pub fn set_mode(&self, mode: WatchMode) {
        let _ = self.commands.send(Command::Mode(mode));
    }
}

struct Thread<F> {
    sink: F,
    messages: Sender<Message>,
    mode: WatchMode,
    /// What each owner wants watched, as it spells it, links resolved.
    owners: BTreeMap<String, BTreeMap<Utf8PathBuf, Utf8PathBuf>>,
    /// What is watched, links resolved, and how it is spelled by those who asked: two spellings of one directory share
    /// the kernel's one watch.
    watched: BTreeMap<Utf8PathBuf, Watched>,
    native: Option<RecommendedWatcher>,
    poll: Option<PollWatcher>,
    limited: bool,
}

#[derive(Default)]
struct Watched {
    spellings: BTreeSet<Utf8PathBuf>,
    polled: bool,
}

impl<F: Fn(Seen)> Thread<F> {
    fn new(messages: Sender<Message>, sink: F) -> Self {
        Thread {
            sink,
            messages,
            mode: WatchMode::Auto,
            owners: BTreeMap::new(),
            watched: BTreeMap::new(),
            native: None,
            poll: None,
            limited: false,
        }
    }

    fn run(mut self, inbox: &Receiver<Message>) {
        while let Ok(first) = inbox.recv() {
            let mut changed = BTreeSet::new();
            for message in std::iter::once(first).chain(inbox.try_iter()) {
                match message {
                    Message::Noticed(noticed) => self.notice(noticed, &mut changed),
                    Message::Command(command) => self.obey(command),
                    Message::Ended => return,
                }
            }
            if !changed.is_empty() {
                (self.sink)(Seen::Changed(changed.into_iter().collect()));
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Arm { owner, directories, done } => {
                // What is gone by now was seen by the watch on its parent.
                let canonical = |it: &Utf8Path| Utf8PathBuf::from_path_buf(native::canonical(it).ok()?).ok();
                let resolved = |it: Utf8PathBuf| canonical(&it).map(|canonical| (it, canonical));
                let directories: BTreeMap<_, _> = directories.into_iter().filter_map(resolved).collect();
                let anew = directories.values().cloned().collect();
                self.owners.insert(owner, directories);
                self.rearm(&anew);
                let _ = done.send(());
            }
            Command::Forget(owner) => {
                self.owners.remove(&owner);
                self.rearm(&BTreeSet::new());
            }
            Command::Mode(mode) => {
                self.mode = mode;
                self.native = None;
                self.poll = None;
                self.watched.clear();
                self.rearm(&BTreeSet::new());
            }
        }
    }

    fn notice(&mut self, noticed: notify::Result<notify::Event>, changed: &mut BTreeSet<Utf8PathBuf>) {
        match noticed {
            Ok(event) if event.need_rescan() => (self.sink)(Seen::Rescan),
            // Reading is no change; our own reading would wake us for ever.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => changed.extend(event.paths.iter().flat_map(|path| self.spellings(path))),
            Err(error) => {
                tracing::warn!("The watcher reports: {error}.");
                (self.sink)(Seen::Rescan);
            }
        }
    }

    /// Returns a path as it was asked about: below each spelling of its directory, and as that directory itself.
    fn spellings(&self, path: &Path) -> Vec<Utf8PathBuf> {
        let Some(path) = Utf8Path::from_path(path) else { return Vec::new() };
        let itself = self.watched.get(path).into_iter().flat_map(|watched| watched.spellings.iter().cloned());
        let inside = path.parent().and_then(|parent| self.watched.get(parent)).zip(path.file_name());
        let inside =
            inside.into_iter().flat_map(|(watched, name)| watched.spellings.iter().map(move |it| it.join(name)));
        itself.chain(inside).collect()
    }

    /// Watches all that is wanted and is not watched yet, and `anew` even where it was watched before: a directory that
    /// was deleted and made again has the same name and another inode.
    fn rearm(&mut self, anew: &BTreeSet<Utf8PathBuf>) {
        let mut wanted: BTreeMap<Utf8PathBuf, Watched> = BTreeMap::new();
        if self.mode != WatchMode::Off {
            for (directory, canonical) in self.owners.values().flatten() {
                wanted.entry(canonical.clone()).or_default().spellings.insert(directory.clone());
            }
        }
        let before = std::mem::take(&mut self.watched);
        for (directory, watched) in &before {
            if !wanted.contains_key(directory) {
                self.unwatch(directory, watched.polled);
            }
        }
        for (directory, watched) in &mut wanted {
            if let Some(known) = before.get(directory).filter(|_| !anew.contains(directory)) {
                watched.polled = known.polled;
                continue;
            }
            watched.polled = match self.mode {
                WatchMode::Poll => true,
                WatchMode::Auto => native::tells_nothing(directory),
                WatchMode::Native | WatchMode::Off => false,
            };
            if let Err(error) = self.watch(directory, watched.polled) {
                self.complain(&error);
            }
        }
        self.watched = wanted;
    }

    fn watch(&mut self, directory: &Utf8Path, polled: bool) -> notify::Result<()> {
        let messages = self.messages.clone();
        let handler = move |noticed| {
            // An error means that our thread is gone, and nobody listens.
            let _ = messages.send(Message::Noticed(noticed));
        };
        let mode = RecursiveMode::NonRecursive;
        if polled {
            if self.poll.is_none() {
                let config = Config::default().with_poll_interval(POLL_INTERVAL);
                self.poll = Some(PollWatcher::new(handler, config)?);
            }
            self.poll.as_mut().map_or(Ok(()), |watcher| watcher.watch(directory.as_std_path(), mode))
        } else {
            if self.native.is_none() {
                self.native = Some(RecommendedWatcher::new(handler, Config::default())?);
            }
            self.native.as_mut().map_or(Ok(()), |watcher| watcher.watch(directory.as_std_path(), mode))
        }
    }

    fn unwatch(&mut self, directory: &Utf8Path, polled: bool) {
        let path = directory.as_std_path();
        // An error means that the directory is gone, and its watch with it.
        let _ = match (polled, &mut self.native, &mut self.poll) {
            (false, Some(watcher), _) => watcher.unwatch(path),
            (true, _, Some(watcher)) => watcher.unwatch(path),
            _ => Ok(()),
        };
    }

    /// Says once that not everything can be watched; files are still compared when they are opened and saved.
    fn complain(&mut self, error: &notify::Error) {
        let limit = match &error.kind {
            ErrorKind::MaxFilesWatch => Some("fs.inotify.max_user_watches"),
            ErrorKind::Io(error) if native::is_too_many_watchers(error) => Some("fs.inotify.max_user_instances"),
            _ => None,
        };
        match limit {
            Some(limit) if !self.limited => {
                self.limited = true;
                (self.sink)(Seen::Limited(format!("fromwhere cannot watch the disk: `{limit}` is reached")));
            }
            Some(_) => {}
            None => tracing::debug!("A directory is not watched: {error}."),
        }
    }
}
