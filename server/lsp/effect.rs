//! The closed list of all that a session can do.
//!
//! In: decisions of the session. Out: an [`Effect`] for each, carried out by the shell in order.
//!
//! **Invariant:** an effect is a plain value; holding one changes nothing yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use fromwhere_core::answer::AnswersByDirectory;
use fromwhere_core::imports::Imports;
use fromwhere_core::situation::{Question, Situation};
use fromwhere_core::system::Reads;
use tower_lsp::lsp_types::{CodeActionOrCommand, CompletionItem, Diagnostic, Hover, Position, Url};

use crate::lsp::event::{Basis, ProjectKey, Scope, Ticket, Timer, WorkName};
use crate::lsp::protocol::{EnvironmentStatus, ServerStatus};
use crate::watch::WatchMode;

/// All that can be done about an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Publish {
        uri: Url,
        version: Option<i32>,
        diagnostics: Vec<Diagnostic>,
    },
    Reply {
        ticket: Ticket,
        response: Response,
    },
    Work(Work),
    Timer {
        timer: Timer,
        after: Duration,
    },
    /// Asks the client for its settings: the question of this number.
    AskConfiguration {
        number: u64,
        scopes: Vec<Scope>,
    },
    /// Asks the client to tell of changed settings and of changed files.
    Register {
        configuration: bool,
        watched_files: bool,
    },
    Watch(WatchMode),
    ProgressBegin {
        project: ProjectKey,
        title: &'static str,
    },
    ProgressEnd {
        project: ProjectKey,
        message: String,
    },
    Environment(EnvironmentStatus),
    Status(ServerStatus),
    /// Shows a line to the user.
    Tell {
        text: String,
        severity: Tone,
    },
    /// Asks the user; what is chosen comes back under the number.
    Ask {
        number: u64,
        text: String,
        actions: Vec<String>,
    },
    /// Asks the client to show a document.
    ShowDocument {
        uri: Url,
        /// The line to go to, from 0.
        line: Option<u32>,
    },
    /// Tells the client that the content of a document has changed.
    RefreshContent {
        uri: Url,
    },
    /// Tells the client to ask for inlay hints again.
    RefreshHints,
    /// Writes a document into our own folder, for clients that can show only files.
    WritePage {
        /// Below that folder.
        file: Utf8PathBuf,
        text: String,
        /// Whether to ask the client to show it.
        show: bool,
    },
    Log {
        text: String,
        severity: Tone,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Detail,
    Information,
    Warning,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    Hover(Option<Hover>),
    Completions(Vec<CompletionItem>),
    Fixes(Vec<CodeActionOrCommand>),
    Hints(Vec<Hint>),
    Executed,
    /// A document of our own; `None` where it was shown.
    Page(Option<String>),
    /// Nobody here knows this command or its arguments.
    Refused(String),
}

/// One word behind an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub position: Position,
    pub label: String,
    /// The sentence behind the word.
    pub tooltip: String,
}

/// What the open documents of each directory import.
pub type ImportsByDirectory = BTreeMap<Utf8PathBuf, Vec<Arc<Imports>>>;

/// What the last survey rested on, and the paths at which something happened since; `None`: anything may have.
pub type Since = Option<(Basis, BTreeSet<Utf8PathBuf>)>;

/// What needs the disk, and so a worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Which project does this directory belong to? Without a boundary the file stands alone.
    Locate { directory: Utf8PathBuf, boundary: Option<Utf8PathBuf> },
    /// Watches `watch`, then looks at everything.
    Discover {
        project: ProjectKey,
        generation: u64,
        question: Box<Question>,
        /// The directories of open documents, with the boundary each was located under.
        directories: Vec<(Utf8PathBuf, Option<Utf8PathBuf>)>,
        imports: ImportsByDirectory,
        watch: BTreeSet<Utf8PathBuf>,
        /// What was known, where somebody asks what differs from it.
        before: Option<(Arc<Situation>, AnswersByDirectory)>,
    },
    /// Answers names that are new since the last discovery.
    Answer {
        project: ProjectKey,
        generation: u64,
        situation: Arc<Situation>,
        /// The directory whose documents ask, and what they ask for.
        directory: Utf8PathBuf,
        names: Vec<String>,
        imports: ImportsByDirectory,
        known: AnswersByDirectory,
    },
    /// Has anything changed that was read, seen by the watcher or not?
    Verify { project: ProjectKey, reads: Arc<Reads>, stamp: u64 },
    /// Which files does a workspace folder have?
    Survey { folder: Utf8PathBuf, round: u64, since: Since },
    /// Reads files that nobody has opened, and checks them.
    Inspect {
        round: u64,
        project: ProjectKey,
        generation: u64,
        situation: Arc<Situation>,
        /// What is known for the directories of these files.
        known: AnswersByDirectory,
        files: Vec<Utf8PathBuf>,
    },
    /// Watches nothing for this workspace folder any more.
    Leave { folder: Utf8PathBuf },
    /// Which packages with Python modules does apt know?
    Packages,
    /// Which kernel does this notebook name? Its cells do not tell.
    Kernel { notebook: Utf8PathBuf },
    /// Which Pythons are there on this machine?
    Pythons,
    /// Watches nothing for this project any more.
    Forget { project: ProjectKey },
}

impl Work {
    /// Returns the name under which its failure is reported; `None` where nobody waits for it.
    pub fn name(&self) -> Option<WorkName> {
        match self {
            Work::Locate { directory, .. } => Some(WorkName::Locate { directory: directory.clone() }),
            Work::Discover { project, generation, .. } => {
                Some(WorkName::Discover { project: project.clone(), generation: *generation })
            }
            Work::Answer { project, generation, .. } => {
                Some(WorkName::Answer { project: project.clone(), generation: *generation })
            }
            Work::Verify { project, .. } => Some(WorkName::Verify { project: project.clone() }),
            Work::Kernel { notebook } => Some(WorkName::Kernel { notebook: notebook.clone() }),
            Work::Packages => Some(WorkName::Packages),
            Work::Pythons => Some(WorkName::Pythons),
            Work::Survey { folder, round, .. } => Some(WorkName::Survey { folder: folder.clone(), round: *round }),
            Work::Inspect { round, .. } => Some(WorkName::Inspect { round: *round }),
            Work::Forget { .. } | Work::Leave { .. } => None,
        }
    }

    /// Tells whether it may wait for everything that somebody at the keys waits for.
    pub fn is_in_the_background(&self) -> bool {
        matches!(self, Work::Survey { .. } | Work::Inspect { .. } | Work::Leave { .. })
    }
}
