//! Everything that goes to the client on our own account.
//!
//! In: what the shell hands over. Out: notifications in one order, requests that wait for their answer by themselves.
//!
//! **Invariant:** notifications leave in the order in which they were handed over; a request to the client is awaited to
//! its end, whatever becomes of the wish behind it.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tower_lsp::Client;
use tower_lsp::lsp_types::notification::{Progress as ProgressNotification, PublishDiagnostics, ShowMessage};
use tower_lsp::lsp_types::request::{ShowDocument, WorkDoneProgressCreate};
use tower_lsp::lsp_types::{
    ConfigurationItem, Diagnostic, MessageActionItem, MessageType, NumberOrString, Position, ProgressParams,
    ProgressParamsValue, PublishDiagnosticsParams, Range, Registration, ShowDocumentParams, ShowDocumentResult,
    ShowMessageParams, Url, WorkDoneProgress, WorkDoneProgressBegin, WorkDoneProgressCreateParams, WorkDoneProgressEnd,
};

use crate::lsp::convert;
use crate::lsp::effect::Tone;
use crate::lsp::event::{Event, ProjectKey, Scope};
use crate::lsp::protocol::{
    DocumentContentParams, DocumentContentRefresh, EnvironmentNotification, EnvironmentStatus, ServerStatus,
    ServerStatusNotification,
};
use crate::lsp::settings::SECTION;
use crate::lsp::shell::{Incoming, Queue};

/// The files whose changes a client is asked to report, for disks that our own watcher cannot see.
///
/// An installation tells of itself by its metadata; locks of other languages are hints that nobody has read the file of.
pub const WATCHED_GLOBS: &[&str] = &[
    "**/pyvenv.cfg",
    "**/*.pth",
    "**/*.dist-info/METADATA",
    "**/pyproject.toml",
    "**/fromwhere.toml",
    "**/setup.py",
    "**/setup.cfg",
    "**/requirements*.txt",
    "**/*requirements.txt",
    "**/requirements/*.txt",
    "**/Pipfile",
    "**/environment.yml",
    "**/environment.yaml",
    "**/pixi.toml",
    "**/*.lock",
    "**/pylock*.toml",
    "**/.python-version",
];

/// The one way out for notifications.
#[derive(Debug)]
pub struct Outbox {
    outgoing: mpsc::UnboundedSender<Outgoing>,
}

#[derive(Debug)]
enum Outgoing {
    Publish(PublishDiagnosticsParams),
    Environment(EnvironmentStatus),
    Status(ServerStatus),
    Show(ShowMessageParams),
}

impl Outbox {
    pub fn start(client: Client) -> Self {
        let (outgoing, mut queue) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                match message {
                    Outgoing::Publish(params) => client.send_notification::<PublishDiagnostics>(params).await,
                    Outgoing::Environment(params) => client.send_notification::<EnvironmentNotification>(params).await,
                    Outgoing::Status(params) => client.send_notification::<ServerStatusNotification>(params).await,
                    Outgoing::Show(params) => client.send_notification::<ShowMessage>(params).await,
                }
            }
        });
        Outbox { outgoing }
    }

    pub fn publish(&self, uri: Url, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        self.send(Outgoing::Publish(PublishDiagnosticsParams { uri, diagnostics, version }));
    }

    pub fn environment(&self, status: EnvironmentStatus) {
        self.send(Outgoing::Environment(status));
    }

    pub fn status(&self, status: ServerStatus) {
        self.send(Outgoing::Status(status));
    }

    pub fn tell(&self, message: String, severity: Tone) {
        let typ = match severity {
            Tone::Detail => MessageType::LOG,
            Tone::Information => MessageType::INFO,
            Tone::Warning => MessageType::WARNING,
        };
        self.send(Outgoing::Show(ShowMessageParams { typ, message }));
    }

    fn send(&self, message: Outgoing) {
        // An error means that the client is gone, and the server soon will be.
        let _ = self.outgoing.send(message);
    }
}

/// Asks for our section in each scope; the answer comes back as an event, a refusal as an empty one.
pub async fn ask_configuration(client: Client, queue: Queue, number: u64, scopes: Vec<Scope>) {
    let items = scopes.iter().map(|scope| ConfigurationItem {
        scope_uri: scope.as_deref().and_then(convert::uri_of),
        section: Some(SECTION.to_owned()),
    });
    let values = client.configuration(items.collect()).await.unwrap_or_else(|error| {
        tracing::warn!("The client does not tell its settings: {error}.");
        Vec::new()
    });
    let values = scopes.into_iter().zip(values).collect();
    let _ = queue.send(Incoming::Event(Event::Configuration { number, values }));
}

pub async fn register(client: Client, configuration: bool, watched_files: bool) {
    let mut registrations = Vec::new();
    let mut add = |method: &str, options| {
        let id = format!("fromwhere {method}");
        registrations.push(Registration { id, method: method.to_owned(), register_options: Some(options) });
    };
    if configuration {
        add("workspace/didChangeConfiguration", json!({ "section": SECTION }));
    }
    if watched_files {
        let watchers: Vec<_> = WATCHED_GLOBS.iter().map(|glob| json!({ "globPattern": glob })).collect();
        add("workspace/didChangeWatchedFiles", json!({ "watchers": watchers }));
    }
    if let Err(error) = client.register_capability(registrations).await {
        tracing::warn!("The client does not register what it offered: {error}.");
    }
}

/// Asks the user; a client that fails has put the question away.
pub async fn ask_user(client: Client, queue: Queue, number: u64, text: String, actions: Vec<String>) {
    let actions =
        actions.into_iter().map(|title| MessageActionItem { title, properties: HashMap::default() }).collect();
    let answer = client.show_message_request(MessageType::WARNING, text, Some(actions)).await;
    let answer = answer.unwrap_or_else(|error| {
        tracing::warn!("The client did not ask: {error}.");
        None
    });
    let action = answer.map(|item| item.title);
    let _ = queue.send(Incoming::Event(Event::Chosen { number, action }));
}

/// Asks the client to show a document and go there, as somebody has just asked for it.
pub async fn show_document(client: Client, uri: Url, line: Option<u32>) {
    let start = line.map(|line| Position { line, character: 0 });
    let selection = start.map(|start| Range { start, end: start });
    let params = ShowDocumentParams { uri, external: None, take_focus: Some(true), selection };
    match client.send_request::<ShowDocument>(params).await {
        Ok(ShowDocumentResult { success: true }) => {}
        Ok(_) => tracing::warn!("The client did not show a document."),
        Err(error) => tracing::warn!("The client did not show a document: {error}."),
    }
}

pub async fn refresh_content(client: Client, uri: Url) {
    if let Err(error) = client.send_request::<DocumentContentRefresh>(DocumentContentParams { uri }).await {
        tracing::warn!("The client does not take a changed document: {error}.");
    }
}

pub async fn refresh_hints(client: Client) {
    if let Err(error) = client.inlay_hint_refresh().await {
        tracing::warn!("The client does not ask for inlay hints again: {error}.");
    }
}

/// The progress shown for each project.
#[derive(Debug, Default)]
pub struct Progress {
    ends: BTreeMap<ProjectKey, oneshot::Sender<String>>,
    count: u32,
}

impl Progress {
    pub fn begin(&mut self, client: &Client, project: ProjectKey, title: &'static str) {
        let (end, ended) = oneshot::channel();
        self.count += 1;
        self.ends.insert(project, end);
        let token = NumberOrString::String(format!("fromwhere/discovery/{}", self.count));
        tokio::spawn(show_progress(client.clone(), token, title, ended));
    }

    pub fn end(&mut self, project: &ProjectKey, message: String) {
        if let Some(end) = self.ends.remove(project) {
            let _ = end.send(message);
        }
    }
}

async fn show_progress(client: Client, token: NumberOrString, title: &str, ended: oneshot::Receiver<String>) {
    let create = WorkDoneProgressCreateParams { token: token.clone() };
    if client.send_request::<WorkDoneProgressCreate>(create).await.is_err() {
        return;
    }
    let send = async |progress| {
        let params = ProgressParams { token: token.clone(), value: ProgressParamsValue::WorkDone(progress) };
        client.send_notification::<ProgressNotification>(params).await;
    };
    let begin = WorkDoneProgressBegin { title: title.to_owned(), ..WorkDoneProgressBegin::default() };
    send(WorkDoneProgress::Begin(begin)).await;
    let message = ended.await.ok();
    send(WorkDoneProgress::End(WorkDoneProgressEnd { message })).await;
}
