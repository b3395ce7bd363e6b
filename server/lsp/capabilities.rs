//! What we ask of the client and what we offer it.
//!
//! In: the `initialize` parameters as raw JSON. Out: a [`Start`], and the [`ServerCapabilities`] that answer it.
//!
//! **Invariant:** every capability is read by a JSON pointer listed in [`ASKED`]; nothing a client can write there stops
//! the session, and what is absent or of a wrong type counts as not offered.

use camino::Utf8PathBuf;
use fromwhere_core::text::Encoding;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions, ExecuteCommandOptions,
    FileOperationFilter, FileOperationPattern, FileOperationRegistrationOptions, HoverProviderCapability, OneOf,
    PositionEncodingKind, SaveOptions, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Url, WorkspaceFileOperationsServerCapabilities,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use crate::lsp::convert;
use crate::lsp::page;
use crate::lsp::protocol;
use crate::native;

/// One capability of the client that changes what we do.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// A JSON pointer (RFC 6901) below `capabilities`.
    pub pointer: &'static str,
    pub used_for: &'static str,
    pub without: &'static str,
}

macro_rules! asked {
    ($($name:ident $pointer:literal $used_for:literal $without:literal;)*) => {
        $(const $name: &str = $pointer;)*

        /// Everything we look at; the table in protocol.md is held equal to it by a test.
        pub const ASKED: &[Asked] =
            &[$(Asked { pointer: $pointer, used_for: $used_for, without: $without }),*];
    };
}

asked! {
    ENCODINGS "/general/positionEncodings"
        "columns in UTF-8 where the list has `utf-8`" "UTF-16";
    RELATED "/textDocument/publishDiagnostics/relatedInformation"
        "further places of a diagnostic" "left out";
    ACTION_LITERALS "/textDocument/codeAction/codeActionLiteralSupport"
        "quick fixes with edits inside" "only commands are offered";
    PREFERRED "/textDocument/codeAction/isPreferredSupport"
        "marks the first fix of a diagnostic" "left out";
    HOVER_FORMAT "/textDocument/hover/contentFormat"
        "Markdown where it is the first of the list" "plain text";
    DOCUMENT_CHANGES "/workspace/workspaceEdit/documentChanges"
        "edits that name the document's version" "edits in `changes`, except where a file is made";
    RESOURCE_OPERATIONS "/workspace/workspaceEdit/resourceOperations"
        "edits that make a file where the list has `create`, in `documentChanges`" "left out";
    CONFIGURATION "/workspace/configuration"
        "pulls the section `fromwhere`, once for each workspace folder" "initialization options and pushed settings";
    CONFIGURATION_REGISTRATION "/workspace/didChangeConfiguration/dynamicRegistration"
        "registers for changes of the section `fromwhere`" "waits for what the client sends unasked";
    WATCHED_REGISTRATION "/workspace/didChangeWatchedFiles/dynamicRegistration"
        "hears of changes that our own watcher cannot see (remote disks)" "our own watcher alone";
    HINT_REFRESH "/workspace/inlayHint/refreshSupport"
        "tells when inlay hints have changed" "hints are those of the last question";
    DOCUMENT_CONTENT "/workspace/textDocumentContent"
        "shows documents by their URI and tells when one changes" "files";
    SHOW_DOCUMENT "/window/showDocument/support"
        "shows documents: import roots, explanations, the line that is to blame" "a command returns the text";
    MESSAGE_ACTIONS "/window/showMessage/messageActionItem"
        "asks once what to do where an environment stops working" "nothing is asked";
    PROGRESS "/window/workDoneProgress"
        "shows a discovery that takes longer than 100 ms or ends in news" "no progress";
    SERVER_STATUS "/experimental/serverStatusNotification"
        "sends `experimental/serverStatus`" "not sent";
    CLIENT_COMMANDS "/experimental/commands/commands"
        "hands a command line to `fromwhere.runInTerminal` where the list has it" "the command line is shown";
    ENVIRONMENT_MESSAGES "/experimental/fromwhere"
        "sends `fromwhere/environment`" "not sent";
}

/// What the client can do, as far as we use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub encoding: Encoding,
    pub related_information: bool,
    pub action_literals: bool,
    pub preferred_actions: bool,
    pub markdown: bool,
    pub document_changes: bool,
    pub creates_files: bool,
    pub configuration: bool,
    pub configuration_registration: bool,
    pub watched_files_registration: bool,
    pub hint_refresh: bool,
    pub document_content: bool,
    pub show_document: bool,
    pub prompts: bool,
    pub progress: bool,
    pub server_status: bool,
    pub run_in_terminal: bool,
    pub environment_messages: bool,
}

impl Default for Client {
    fn default() -> Self {
        Client::read(&Value::Null)
    }
}

impl Client {
    pub fn read(capabilities: &Value) -> Self {
        let flag = |pointer: &str| capabilities.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let object = |pointer: &str| {
            capabilities.pointer(pointer).is_some_and(|value| value.is_object() || *value == Value::Bool(true))
        };
        let words = |pointer: &str| -> Vec<&str> {
            let list = capabilities.pointer(pointer).and_then(Value::as_array);
            list.map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
        };
        let utf8 = words(ENCODINGS).contains(&"utf-8");
        Client {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            related_information: flag(RELATED),
            action_literals: object(ACTION_LITERALS),
            preferred_actions: flag(PREFERRED),
            markdown: words(HOVER_FORMAT).first() == Some(&"markdown"),
            document_changes: flag(DOCUMENT_CHANGES),
            creates_files: words(RESOURCE_OPERATIONS).contains(&"create"),
            configuration: flag(CONFIGURATION),
            configuration_registration: flag(CONFIGURATION_REGISTRATION),
            watched_files_registration: flag(WATCHED_REGISTRATION),
            hint_refresh: flag(HINT_REFRESH),
            document_content: object(DOCUMENT_CONTENT),
            show_document: flag(SHOW_DOCUMENT),
            prompts: object(MESSAGE_ACTIONS),
            progress: flag(PROGRESS),
            server_status: flag(SERVER_STATUS),
            run_in_terminal: words(CLIENT_COMMANDS).contains(&protocol::RUN_IN_TERMINAL),
            environment_messages: object(ENVIRONMENT_MESSAGES),
        }
    }
}

/// All that `initialize` tells us.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Start {
    pub client: Client,
    /// The workspace folders; empty where a single file was opened.
    pub folders: Vec<Utf8PathBuf>,
    /// `initializationOptions`.
    pub options: Value,
    /// The client's own process.
    pub process: Option<i32>,
    /// The client's name and version, for the log.
    pub client_name: String,
}

impl Start {
    /// Reads the raw parameters of `initialize`; a client without workspace folders has `rootUri` or `rootPath`.
    pub fn read(params: &Value) -> Self {
        let text = |pointer: &str| params.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let mut folders: Vec<Utf8PathBuf> = Vec::new();
        for folder in params.pointer("/workspaceFolders").and_then(Value::as_array).into_iter().flatten() {
            let uri = folder.get("uri").and_then(Value::as_str).and_then(|uri| Url::parse(uri).ok());
            folders.extend(uri.as_ref().and_then(convert::path_of));
        }
        if folders.is_empty() {
            let root = Url::parse(text("/rootUri")).ok().as_ref().and_then(convert::path_of);
            let path = Utf8PathBuf::from_path_buf(native::plain(text("/rootPath").into())).ok();
            let path = path.filter(|path| path.is_absolute());
            folders.extend(root.or(path));
        }
        let process = params.pointer("/processId").and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
        Start {
            client: Client::read(params.pointer("/capabilities").unwrap_or(&Value::Null)),
            folders,
            options: params.pointer("/initializationOptions").cloned().unwrap_or_default(),
            process,
            client_name: format!("{} {}", text("/clientInfo/name"), text("/clientInfo/version")).trim().to_owned(),
        }
    }
}

/// What we offer, in the encoding that was agreed on, as it is sent.
pub fn offered(encoding: Encoding) -> Value {
    let mut offered = serde_json::to_value(typed(encoding)).unwrap_or_default();
    add_untyped(&mut offered);
    offered
}

/// Adds what lsp-types 0.94 has no words for to the capabilities that are sent.
pub fn add_untyped(offered: &mut Value) {
    if let Some(workspace) = offered.pointer_mut("/workspace").and_then(Value::as_object_mut) {
        workspace.insert("textDocumentContent".to_owned(), json!({ "schemes": [page::SCHEME] }));
    }
}

/// What we offer, as far as lsp-types has words for it.
pub fn typed(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        // Of all that is opened, only `pyvenv.cfg` is completed: behind a `=`, and at each folder of a path.
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec!["=".to_owned(), "/".to_owned()]),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::new(protocol::EXPLAIN_KIND)]),
            ..CodeActionOptions::default()
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: [
                protocol::SHOW_COMMAND,
                protocol::OPEN,
                protocol::ROOTS,
                protocol::EXPLAIN,
                protocol::CHECK_AGAIN,
            ]
            .map(str::to_owned)
            .to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: Some(file_operations()),
        }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        experimental: Some(json!({ "fromwhere": { "protocolVersion": protocol::VERSION } })),
        ..ServerCapabilities::default()
    }
}

/// What was created, renamed or deleted in the editor is heard of at once, also on disks that tell nothing.
fn file_operations() -> WorkspaceFileOperationsServerCapabilities {
    let everything = FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern { glob: "**".to_owned(), ..FileOperationPattern::default() },
    };
    let options = Some(FileOperationRegistrationOptions { filters: vec![everything] });
    WorkspaceFileOperationsServerCapabilities {
        did_create: options.clone(),
        did_rename: options.clone(),
        did_delete: options,
        ..WorkspaceFileOperationsServerCapabilities::default()
    }
}
