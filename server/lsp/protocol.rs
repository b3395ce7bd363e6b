//! Our own messages, beyond the protocol that every editor speaks.
//!
//! In: what the session knows. Out: the shapes on the wire; protocol.md describes each of them.
//!
//! **Invariant:** nothing of this is sent to a client that has not asked for it, and a shape is only ever extended by
//! optional fields.

use serde::{Deserialize, Serialize};
use tower_lsp::lsp_types::Url;
use tower_lsp::lsp_types::notification::Notification;
use tower_lsp::lsp_types::request::Request;

/// The version of this protocol, in `capabilities.experimental.fromwhere.protocolVersion`.
pub const VERSION: u32 = 1;

/// Our command for a command line that the client has no terminal for: it is shown, never run.
pub const SHOW_COMMAND: &str = "fromwhere.server.showCommand";

/// The request for the content of a document of our scheme (LSP 3.18, which lsp-types does not have yet).
pub const DOCUMENT_CONTENT: &str = "workspace/textDocumentContent";

/// Our command that shows a line of a file.
pub const OPEN: &str = "fromwhere.server.open";

/// Our command that reads everything again.
pub const CHECK_AGAIN: &str = "fromwhere.server.checkAgain";

/// Our commands that show a document: the import roots, and where one import comes from.
pub const ROOTS: &str = "fromwhere.server.roots";
pub const EXPLAIN: &str = "fromwhere.server.explain";

/// The kind of the code action that explains an import: editors show it where actions are asked for, not as a light bulb.
pub const EXPLAIN_KIND: &str = "source.fromwhere.explain";

/// The client's command that types a command line into a terminal of the editor.
pub const RUN_IN_TERMINAL: &str = "fromwhere.runInTerminal";

/// Every method and command of our own, for the test against protocol.md.
pub const METHODS: &[&str] = &[EnvironmentNotification::METHOD, ServerStatusNotification::METHOD];
pub const COMMANDS: &[&str] = &[SHOW_COMMAND, OPEN, CHECK_AGAIN, ROOTS, EXPLAIN, RUN_IN_TERMINAL];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentContentParams {
    pub uri: Url,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentContent {
    pub text: String,
}

/// Tells the client that a document of our scheme has changed.
#[derive(Debug)]
pub enum DocumentContentRefresh {}

impl Request for DocumentContentRefresh {
    type Params = DocumentContentParams;
    type Result = ();
    const METHOD: &'static str = "workspace/textDocumentContent/refresh";
}

/// The environment in force for one project root: always the whole state, sent when it changes.
#[derive(Debug)]
pub enum EnvironmentNotification {}

impl Notification for EnvironmentNotification {
    type Params = EnvironmentStatus;
    const METHOD: &'static str = "fromwhere/environment";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentStatus {
    /// The project's directory; for a file that names the Python that runs it, the file.
    pub root: String,
    pub state: EnvironmentState,
    /// One line for a status bar: `.venv · Python 3.13 · 42 packages`.
    pub summary: String,
    /// The environment's folder, or the interpreter's prefix.
    pub prefix: Option<String>,
    pub interpreter: Option<String>,
    pub version: Option<String>,
    pub kind: String,
    /// How it was chosen.
    pub source: EnvironmentSource,
    /// `sys.path` at start, in order.
    pub roots: Vec<RootStatus>,
    pub packages: usize,
    /// What is wrong with it, where it runs all the same.
    #[serde(default)]
    pub warning: Option<String>,
    /// The project's own environment, where the editor has chosen another.
    #[serde(default)]
    pub own: Option<String>,
    /// What is wrong with it, where it cannot run.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvironmentState {
    Resolved,
    /// It was chosen, and it cannot run.
    Broken,
    /// No Python was found.
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentSource {
    pub kind: String,
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootStatus {
    pub path: String,
    pub origin: String,
    pub exists: bool,
    pub added_by: String,
}

/// The state of the server as rust-analyzer's extension has it, which several editors show.
#[derive(Debug)]
pub enum ServerStatusNotification {}

impl Notification for ServerStatusNotification {
    type Params = ServerStatus;
    const METHOD: &'static str = "experimental/serverStatus";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    pub health: Health,
    /// Whether nothing is being looked up.
    pub quiescent: bool,
    pub message: Option<String>,
    /// The folder of the environment in force, where there is one.
    pub environment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    Ok,
    Warning,
    Error,
}
