//! Carries out what the session decides.
//!
//! In: a queue of events. Out: messages to the client, timers, work on threads that may wait; their results are events.
//!
//! **Invariant:** nothing here decides anything, only the outbox ever waits for the client, and a task that asks the
//! client something is never dropped before the answer (tower-lsp 0.20 would panic over a late one).

use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot};
use tower_lsp::Client;
use tower_lsp::lsp_types::Url;

use crate::disk::Disk;
use crate::lsp::convert;
use crate::lsp::effect::{Effect, Response, Tone, Work};
use crate::lsp::event::{Event, Request, Ticket};
use crate::lsp::outbox::{self, Outbox, Progress};
use crate::lsp::page_folder;
use crate::lsp::session::Session;
use crate::lsp::worker::Worker;
use crate::native;
use crate::watch::{Seen, Watch};

/// The most events that are taken in before anything is carried out.
const BATCH: usize = 256;

/// What arrives at the shell.
#[derive(Debug)]
pub enum Incoming {
    Event(Event),
    Asked(Request, oneshot::Sender<Response>),
}

pub type Queue = mpsc::UnboundedSender<Incoming>;

/// Runs the session until the queue is closed.
pub async fn run(client: Client, mut incoming: mpsc::UnboundedReceiver<Incoming>, queue: Queue, disk: Disk) {
    let watch = start_watch(&queue);
    let page_folder = page_folder::folder(&disk);
    let idle = Some(Worker::new(disk.fresh(), watch.clone()));
    let work = start_worker(&queue, Worker::new(disk, watch.clone()), Rank::Awaited);
    let mut shell = Shell {
        outbox: Outbox::start(client.clone()),
        client,
        queue,
        work,
        background: None,
        idle,
        watch,
        replies: FxHashMap::default(),
        tickets: 0,
        progress: Progress::default(),
        page_folder,
    };
    let mut session = Session::default();
    let mut batch = Vec::new();
    while incoming.recv_many(&mut batch, BATCH).await > 0 {
        let events = batch.drain(..).filter_map(|incoming| shell.admit(incoming));
        for event in coalesce(events.collect()) {
            shell.turn(&mut session, event);
        }
    }
}

struct Shell {
    client: Client,
    outbox: Outbox,
    queue: Queue,
    work: std::sync::mpsc::Sender<Work>,
    /// For what may wait until nobody waits for anything else; started with its first piece of work.
    background: Option<std::sync::mpsc::Sender<Work>>,
    idle: Option<Worker>,
    watch: Option<Watch>,
    replies: FxHashMap<Ticket, oneshot::Sender<Response>>,
    tickets: u64,
    progress: Progress,
    /// Where documents of our own are written.
    page_folder: Utf8PathBuf,
}

impl Shell {
    /// Gives a request its ticket; one that nobody waits for any more is dropped.
    fn admit(&mut self, incoming: Incoming) -> Option<Event> {
        match incoming {
            Incoming::Event(event) => Some(event),
            Incoming::Asked(_, reply) if reply.is_closed() => None,
            Incoming::Asked(request, reply) => {
                self.tickets += 1;
                let ticket = Ticket(self.tickets);
                self.replies.insert(ticket, reply);
                Some(Event::Asked { ticket, request })
            }
        }
    }

    fn turn(&mut self, session: &mut Session, event: Event) {
        let document = document_of(&event);
        let effects = catch_unwind(AssertUnwindSafe(|| session.handle(event))).unwrap_or_else(|_| {
            tracing::error!("A turn of the session panicked.");
            catch_unwind(AssertUnwindSafe(|| session.handle(Event::Panicked { document }))).unwrap_or_default()
        });
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Publish { uri, version, diagnostics } => self.outbox.publish(uri, version, diagnostics),
            Effect::Reply { ticket, response } => {
                if let Some(reply) = self.replies.remove(&ticket) {
                    // An error means that the request was cancelled.
                    let _ = reply.send(response);
                }
            }
            Effect::Work(work) => self.hand_over(work),
            Effect::Timer { timer, after } => {
                let queue = self.queue.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _ = queue.send(Incoming::Event(Event::Timer(timer)));
                });
            }
            Effect::AskConfiguration { number, scopes } => {
                tokio::spawn(outbox::ask_configuration(self.client.clone(), self.queue.clone(), number, scopes));
            }
            Effect::Register { configuration, watched_files } => {
                tokio::spawn(outbox::register(self.client.clone(), configuration, watched_files));
            }
            Effect::Watch(mode) => {
                if let Some(watch) = &self.watch {
                    watch.set_mode(mode);
                }
            }
            Effect::ProgressBegin { project, title } => self.progress.begin(&self.client, project, title),
            Effect::ProgressEnd { project, message } => self.progress.end(&project, message),
            Effect::Environment(status) => self.outbox.environment(status),
            Effect::Status(status) => self.outbox.status(status),
            Effect::Tell { text, severity } => self.outbox.tell(text, severity),
            Effect::Ask { number, text, actions } => {
                tokio::spawn(outbox::ask_user(self.client.clone(), self.queue.clone(), number, text, actions));
            }
            Effect::ShowDocument { uri, line } => {
                tokio::spawn(outbox::show_document(self.client.clone(), uri, line));
            }
            Effect::RefreshContent { uri } => {
                tokio::spawn(outbox::refresh_content(self.client.clone(), uri));
            }
            Effect::RefreshHints => {
                tokio::spawn(outbox::refresh_hints(self.client.clone()));
            }
            Effect::WritePage { file, text, show } => self.write_page(&file, &text, show),
            Effect::Log { text, severity } => match severity {
                Tone::Detail => tracing::debug!("{text}"),
                Tone::Information => tracing::info!("{text}"),
                Tone::Warning => tracing::warn!("{text}"),
            },
        }
    }

    fn hand_over(&mut self, work: Work) {
        let sent = if work.is_in_the_background() {
            if let Some(idle) = self.idle.take() {
                self.background = Some(start_worker(&self.queue, idle, Rank::Background));
            }
            self.background.as_ref().is_some_and(|worker| worker.send(work).is_ok())
        } else {
            self.work.send(work).is_ok()
        };
        if !sent {
            tracing::error!("The worker has ended; a piece of work is dropped.");
        }
    }

    fn write_page(&self, file: &Utf8Path, text: &str, show: bool) {
        match page_folder::write(&self.page_folder, file, text) {
            Ok(path) => {
                if let Some(uri) = convert::uri_of(&path).filter(|_| show) {
                    tokio::spawn(outbox::show_document(self.client.clone(), uri, None));
                }
            }
            Err(error) => {
                let text = format!("fromwhere: {} cannot be written: {error}", self.page_folder.join(file));
                tracing::warn!("{text}");
                if show {
                    self.outbox.tell(text, Tone::Warning);
                }
            }
        }
    }
}

/// Who waits for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// Somebody at the keys.
    Awaited,
    /// Nobody.
    Background,
}

impl Rank {
    fn settle(self) {
        if self == Rank::Background {
            native::stand_back();
        }
    }
}

/// Starts a thread that does what needs the disk, piece by piece: one for what is waited for, since each piece takes
/// milliseconds, and one for the rest; every further thread would keep memory of its own. It ends with the shell.
fn start_worker(queue: &Queue, worker: Worker, rank: Rank) -> std::sync::mpsc::Sender<Work> {
    let (work, works) = std::sync::mpsc::channel::<Work>();
    let queue = queue.downgrade();
    let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
        rank.settle();
        for work in works {
            let name = work.name();
            let event = catch_unwind(AssertUnwindSafe(|| worker.run(work))).unwrap_or_else(|_| {
                let message = "a panic, see above".to_owned();
                name.map(|work| Event::Failed { work, message })
            });
            if let Some((event, queue)) = event.zip(queue.upgrade()) {
                // An error means that the session has ended.
                let _ = queue.send(Incoming::Event(event));
            }
        }
    });
    if let Err(error) = thread {
        tracing::error!("The worker cannot be started: {error}.");
    }
    work
}

fn start_watch(queue: &Queue) -> Option<Watch> {
    // Weak, so that the watcher alone does not keep the session alive.
    let queue = queue.downgrade();
    let watch = Watch::start(move |seen| {
        if let Some(queue) = queue.upgrade() {
            let event = match seen {
                Seen::Changed(paths) => Event::Disk(paths),
                Seen::Rescan => Event::Rescan,
                Seen::Limited(text) => Event::WatchingLimited(text),
            };
            let _ = queue.send(Incoming::Event(event));
        }
    });
    watch.inspect_err(|error| tracing::warn!("The disk cannot be watched: {error}.")).ok()
}

/// Takes in several edits of one document, or several hints of the disk, as one.
fn coalesce(events: Vec<Event>) -> Vec<Event> {
    let mut merged: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        match (merged.last_mut(), event) {
            (
                Some(Event::Changed { uri, version, changes }),
                Event::Changed { uri: next, version: newer, changes: more },
            ) if *uri == next => {
                *version = newer;
                changes.extend(more);
            }
            (Some(Event::Disk(paths)), Event::Disk(more)) => paths.extend(more),
            (_, event) => merged.push(event),
        }
    }
    merged
}

fn document_of(event: &Event) -> Option<Url> {
    match event {
        Event::Opened { uri, .. } | Event::Changed { uri, .. } | Event::Saved { uri } => Some(uri.clone()),
        Event::Asked { request, .. } => request.document().cloned(),
        _ => None,
    }
}
