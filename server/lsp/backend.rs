//! The protocol's methods.
//!
//! In: typed messages of the client. Out: one event each; a request awaits its reply.
//!
//! **Invariant:** every method puts its event into the queue before it awaits anything: that is what keeps messages in
//! the order of the wire, since tower-lsp runs its handlers concurrently.

use std::time::Duration;

use camino::Utf8Path;
use fromwhere_core::text::Encoding;
use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::{
    CodeActionKind, CodeActionParams, CodeActionResponse, CodeActionTriggerKind, CompletionParams, CompletionResponse,
    CreateFilesParams, DeleteFilesParams, DidChangeConfigurationParams, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, ExecuteCommandParams, FileChangeType, Hover, HoverParams,
    InitializeParams, InitializeResult, InitializedParams, InlayHint, InlayHintParams, RenameFilesParams, ServerInfo,
    Url, WorkspaceFolder,
};

use crate::lsp::capabilities::{self, Start};
use crate::lsp::convert;
use crate::lsp::effect::Response;
use crate::lsp::event::{Event, Request};
use crate::lsp::guard::Exit;
use crate::lsp::parent;
use crate::lsp::protocol::{DocumentContent, DocumentContentParams, EXPLAIN_KIND};
use crate::lsp::shell::{Incoming, Queue};

/// How often the editor's process is looked for.
const PARENT_INTERVAL: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Backend {
    queue: Queue,
    exit: Exit,
}

impl Backend {
    pub fn new(queue: Queue, exit: Exit) -> Self {
        Backend { queue, exit }
    }

    fn send(&self, event: Event) {
        if self.queue.send(Incoming::Event(event)).is_err() {
            tracing::error!("The session has ended; a message is dropped.");
        }
    }

    /// `workspace/textDocumentContent`: tower-lsp knows the methods of LSP 3.17 only.
    pub async fn document_content(&self, params: DocumentContentParams) -> Result<DocumentContent> {
        let answer = self.ask(Request::Content { uri: params.uri });
        match answer.await {
            Ok(Response::Page(text)) => Ok(DocumentContent { text: text.unwrap_or_default() }),
            Ok(Response::Refused(reason)) => Err(Error::invalid_params(reason)),
            _ => Err(Error::internal_error()),
        }
    }

    /// These files came or went: a hint, as those of the disk are. A folder may have come or gone with its file, and of
    /// that no editor tells.
    fn touched<'u>(&self, uris: impl Iterator<Item = &'u str>) {
        let paths = uris.filter_map(|uri| convert::path_of(&Url::parse(uri).ok()?));
        let with_folder = paths.flat_map(|path| [path.parent().map(Utf8Path::to_owned), Some(path)]);
        self.send(Event::Disk(with_folder.flatten().collect()));
    }

    /// Puts a request into the queue at once; the reply is awaited by the caller.
    fn ask(&self, request: Request) -> oneshot::Receiver<Response> {
        let (reply, answer) = oneshot::channel();
        // An error drops `reply`, which the caller sees.
        let _ = self.queue.send(Incoming::Asked(request, reply));
        answer
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Backend {
    /// The guard hands over the raw parameters as `initializationOptions`.
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let start = Start::read(&params.initialization_options.unwrap_or_default());
        let (encoding, process): (Encoding, Option<i32>) = (start.client.encoding, start.process);
        self.send(Event::Started(Box::new(start)));
        if let Some(process) = process {
            tokio::spawn(parent::watch(process, PARENT_INTERVAL, self.exit.clone()));
        }
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        Ok(InitializeResult {
            capabilities: capabilities::typed(encoding),
            server_info: Some(ServerInfo { name: "fromwhere".to_owned(), version }),
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.send(Event::Ready);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        self.send(Event::Opened {
            uri: document.uri,
            language: document.language_id,
            version: document.version,
            text: document.text,
        });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.send(Event::Changed {
            uri: params.text_document.uri,
            version: params.text_document.version,
            changes: params.content_changes.into_iter().map(convert::change).collect(),
        });
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.send(Event::Saved { uri: params.text_document.uri });
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.send(Event::Closed { uri: params.text_document.uri });
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.send(Event::SettingsPushed(params.settings));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let (changed, others): (Vec<_>, Vec<_>) =
            params.changes.into_iter().partition(|change| change.typ == FileChangeType::CHANGED);
        self.touched(others.iter().map(|change| change.uri.as_str()));
        self.send(Event::Disk(changed.iter().filter_map(|change| convert::path_of(&change.uri)).collect()));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths =
            |folders: &[WorkspaceFolder]| folders.iter().filter_map(|folder| convert::path_of(&folder.uri)).collect();
        self.send(Event::Folders { added: paths(&params.event.added), removed: paths(&params.event.removed) });
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let place = params.text_document_position_params;
        let position = convert::editor_position(place.position);
        let answer = self.ask(Request::Hover { uri: place.text_document.uri, position });
        match answer.await {
            Ok(Response::Hover(hover)) => Ok(hover),
            _ => Err(Error::internal_error()),
        }
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let place = params.text_document_position;
        let position = convert::editor_position(place.position);
        let answer = self.ask(Request::Complete { uri: place.text_document.uri, position });
        match answer.await {
            Ok(Response::Completions(items)) => Ok(Some(CompletionResponse::Array(items))),
            _ => Err(Error::internal_error()),
        }
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let lines = (params.range.start.line, params.range.end.line);
        let uri = params.text_document.uri;
        let only = params.context.only.unwrap_or_default();
        let wants = |kind: &str| only.is_empty() || only.iter().any(|wanted| includes(wanted, kind));
        // Where nobody asked, an editor shows a light bulb for each action, and each import has one of these.
        let by_hand = params.context.trigger_kind == Some(CodeActionTriggerKind::INVOKED);
        let questions = [
            (wants(CodeActionKind::QUICKFIX.as_str()), Request::Fixes { uri: uri.clone(), lines }),
            (by_hand && wants(EXPLAIN_KIND), Request::Explanations { uri, lines }),
        ];
        let questions = questions.into_iter().filter_map(|(wanted, question)| wanted.then(|| self.ask(question)));
        let mut actions = Vec::new();
        for answer in questions.collect::<Vec<_>>() {
            match answer.await {
                Ok(Response::Fixes(more)) => actions.extend(more),
                _ => return Err(Error::internal_error()),
            }
        }
        Ok(Some(actions))
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let lines = (params.range.start.line, params.range.end.line);
        let answer = self.ask(Request::Hints { uri: params.text_document.uri, lines });
        match answer.await {
            Ok(Response::Hints(hints)) => Ok(Some(hints.into_iter().map(convert::inlay_hint).collect())),
            _ => Err(Error::internal_error()),
        }
    }

    async fn did_create_files(&self, params: CreateFilesParams) {
        self.touched(params.files.iter().map(|file| &*file.uri));
    }

    async fn did_rename_files(&self, params: RenameFilesParams) {
        self.touched(params.files.iter().flat_map(|file| [&*file.old_uri, &*file.new_uri]));
    }

    async fn did_delete_files(&self, params: DeleteFilesParams) {
        self.touched(params.files.iter().map(|file| &*file.uri));
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let answer = self.ask(Request::Execute { command: params.command, arguments: params.arguments });
        match answer.await {
            Ok(Response::Executed) => Ok(None),
            Ok(Response::Page(text)) => Ok(text.map(Value::String)),
            Ok(Response::Refused(reason)) => Err(Error::invalid_params(reason)),
            _ => Err(Error::internal_error()),
        }
    }
}

/// Kinds are hierarchical: `source` includes `source.x`, and the empty kind includes all.
fn includes(wanted: &CodeActionKind, kind: &str) -> bool {
    match kind.strip_prefix(wanted.as_str()) {
        Some(rest) => rest.is_empty() || rest.starts_with('.') || wanted.as_str().is_empty(),
        None => false,
    }
}
