//! The closed list of all that can happen to a session.
//!
//! In: what the editor, the disk, the clock and the workers say. Out: an [`Event`] for each.
//!
//! **Invariant:** events are plain values, so that a test can put them into any order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::answer::AnswersByDirectory;
use fromwhere_core::apt::PackageNames;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::KnownPython;
use fromwhere_core::imports::Imports;
use fromwhere_core::launch::LaunchKey;
use fromwhere_core::origin::Problem;
use fromwhere_core::situation::Situation;
use fromwhere_core::system::Reads;
use fromwhere_core::text::{Change, EditorPosition, Text};
use serde_json::Value;
use tower_lsp::lsp_types::Url;

use crate::lsp::capabilities::Start;

/// All that can happen.
#[derive(Debug, Clone)]
pub enum Event {
    Started(Box<Start>),
    /// The client is ready for our own requests (`initialized`).
    Ready,
    Opened {
        uri: Url,
        language: String,
        version: i32,
        text: String,
    },
    Changed {
        uri: Url,
        version: i32,
        changes: Vec<Change>,
    },
    Saved {
        uri: Url,
    },
    Closed {
        uri: Url,
    },
    Folders {
        added: Vec<Utf8PathBuf>,
        removed: Vec<Utf8PathBuf>,
    },
    /// `workspace/didChangeConfiguration`, in whatever shape.
    SettingsPushed(Value),
    /// The answer to our question of this number, one value for each scope; an error of the client is no values.
    Configuration {
        number: u64,
        values: Vec<(Scope, Value)>,
    },
    /// Something happened at these paths: hints, the disk is the truth.
    Disk(Vec<Utf8PathBuf>),
    /// Hints were lost: anything may have changed.
    Rescan,
    /// Watching is not possible as wished; the fact, for people.
    WatchingLimited(String),
    Timer(Timer),
    Located(Located),
    Discovered(Box<Discovered>),
    Answered(Answered),
    Surveyed(Surveyed),
    Inspected(Inspected),
    /// The Pythons of this machine that an environment can be made from.
    Pythons(Vec<KnownPython>),
    /// The packages with Python modules that apt knows.
    Packages(Arc<PackageNames>),
    /// The kernel that a notebook names.
    Kernel {
        notebook: Utf8PathBuf,
        name: Option<String>,
    },
    Verified {
        project: ProjectKey,
        changed: bool,
    },
    /// A worker panicked.
    Failed {
        work: WorkName,
        message: String,
    },
    /// A turn of the session panicked while it handled an event; about this document, where there is one.
    Panicked {
        document: Option<Url>,
    },
    Asked {
        ticket: Ticket,
        request: Request,
    },
    /// What somebody chose of what we asked; `None` where they put it away.
    Chosen {
        number: u64,
        action: Option<String>,
    },
}

/// A workspace folder that settings are asked for; `None` for the whole window.
pub type Scope = Option<Utf8PathBuf>;

/// Names one request, so that its reply finds the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What the editor asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Hover {
        uri: Url,
        position: EditorPosition,
    },
    /// What may be written at a place.
    Complete {
        uri: Url,
        position: EditorPosition,
    },
    /// The quick fixes of some lines (from 0, both included).
    Fixes {
        uri: Url,
        lines: (u32, u32),
    },
    /// "Explain This Import" for the imports on some lines, as actions.
    Explanations {
        uri: Url,
        lines: (u32, u32),
    },
    /// The inlay hints of some lines.
    Hints {
        uri: Url,
        lines: (u32, u32),
    },
    Execute {
        command: String,
        arguments: Vec<Value>,
    },
    /// The content of a document of our own scheme.
    Content {
        uri: Url,
    },
}

impl Request {
    pub fn document(&self) -> Option<&Url> {
        match self {
            Request::Hover { uri, .. }
            | Request::Complete { uri, .. }
            | Request::Fixes { uri, .. }
            | Request::Explanations { uri, .. }
            | Request::Hints { uri, .. } => Some(uri),
            Request::Execute { .. } | Request::Content { .. } => None,
        }
    }
}

/// What a timer was set for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer {
    /// The client's configuration is late.
    Configuration,
    /// Nothing was typed into this document for a while; the number of the change after which it was set.
    Typing { uri: Url, change: u64 },
    /// The disk under this project was quiet for a while; the number of the hint after which it was set.
    Quiet { project: ProjectKey, hint: u64 },
    /// The disk under this project has not come to rest; the number of the burst.
    Latest { project: ProjectKey, burst: u64 },
    /// Hints about files that nobody has opened have been gathered for a while.
    Files,
    /// A project's environment has not worked for a while, in the words of the diagnostic.
    Stopped { project: ProjectKey, cause: String },
    /// This discovery takes long enough to be shown.
    Slow { project: ProjectKey, generation: u64 },
}

/// Names what is known together: the files of one project that say the same about the Python that runs them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectKey {
    pub root: Utf8PathBuf,
    /// `None` for the files that say nothing, and for the project itself.
    pub launch: Option<LaunchKey>,
}

impl ProjectKey {
    /// Names the project itself.
    pub fn itself(root: &Utf8Path) -> Self {
        ProjectKey { root: root.to_owned(), launch: None }
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.launch {
            None => formatter.write_str(self.root.as_str()),
            Some(launch) => write!(formatter, "{} ({launch})", self.root),
        }
    }
}

/// Which project a directory belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub directory: Utf8PathBuf,
    pub root: Utf8PathBuf,
    /// Nothing above it is looked at.
    pub boundary: Utf8PathBuf,
    /// Its files that are links into other folders, and those folders: there they run.
    pub linked: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// It is a part of a Python's own library.
    pub is_library: bool,
}

/// Everything that a worker found out about one project in one look at the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovered {
    pub project: ProjectKey,
    pub generation: u64,
    pub situation: Arc<Situation>,
    /// For the directory of each open document.
    pub answers: AnswersByDirectory,
    /// About pyvenv.cfg and the manifests.
    pub environment_diagnostics: Vec<Diagnostic>,
    /// The texts of the files that these, and the mistakes in the settings, are about.
    pub texts: Arc<Texts>,
    /// The number of distributions in the environment.
    pub packages: usize,
    /// The same for each import root.
    pub distributions: BTreeMap<Utf8PathBuf, usize>,
    pub reads: Arc<Reads>,
    /// What was stated of everything that was read; equal as long as nothing there changes.
    pub stamp: u64,
    /// The directories that were watched before the look.
    pub armed: BTreeSet<Utf8PathBuf>,
    /// The directories that have to be watched.
    pub watch: BTreeSet<Utf8PathBuf>,
    /// Directories of open documents that belong to another project by now.
    pub moved: Vec<Utf8PathBuf>,
    /// For each directory with open documents, its files that are links into other folders.
    pub linked: BTreeMap<Utf8PathBuf, BTreeMap<Utf8PathBuf, Utf8PathBuf>>,
    /// What says something else than before.
    pub difference: Difference,
}

/// Files as they were when something was found in them.
pub type Texts = BTreeMap<Utf8PathBuf, Text>;

/// What a look found to be different from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The situation, or nothing was known before.
    Everything,
    /// Only answers for the files of these directories.
    Directories(BTreeSet<Utf8PathBuf>),
}

/// Answers to names that came up since the last discovery.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    pub project: ProjectKey,
    pub generation: u64,
    /// The directory whose documents asked, and what they asked for.
    pub directory: Utf8PathBuf,
    pub names: Vec<String>,
    pub answers: AnswersByDirectory,
    pub reads: Reads,
    pub watch: BTreeSet<Utf8PathBuf>,
}

/// The files of a workspace folder that are worth checking.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    pub folder: Utf8PathBuf,
    pub round: u64,
    /// `None` where none of the hints can have changed anything.
    pub survey: Option<Survey>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Each with the root of its project.
    pub files: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    pub basis: Basis,
}

/// What a survey rests on: when something happens there, it may be another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// The directories that were walked through.
    pub directories: Arc<BTreeSet<Utf8PathBuf>>,
    /// What was asked to find the roots, and what git leaves out by rules from outside of the folder.
    pub reads: Arc<Reads>,
}

/// What some files of one project say that nobody has opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    pub round: u64,
    pub project: ProjectKey,
    pub generation: u64,
    pub files: Vec<(Utf8PathBuf, Inspection)>,
    pub answers: AnswersByDirectory,
    pub reads: Reads,
    pub watch: BTreeSet<Utf8PathBuf>,
}

/// What one file says.
#[derive(Debug, Clone, PartialEq)]
pub enum Inspection {
    Gone,
    Unreadable(Problem),
    /// It names another Python than the one it was inspected under.
    LaunchedOtherwise(Arc<Imports>),
    Checked {
        imports: Arc<Imports>,
        diagnostics: Vec<Diagnostic>,
    },
}

/// Which piece of work it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkName {
    Locate { directory: Utf8PathBuf },
    Discover { project: ProjectKey, generation: u64 },
    Answer { project: ProjectKey, generation: u64 },
    Verify { project: ProjectKey },
    Kernel { notebook: Utf8PathBuf },
    Packages,
    Pythons,
    Survey { folder: Utf8PathBuf, round: u64 },
    Inspect { round: u64 },
}
