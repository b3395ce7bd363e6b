//! The one owner of all that the server knows: events in, effects out.
//!
//! In: an [`Event`]. Out: what to do about it, as [`Effect`]s in order.
//!
//! **Invariant:** no lock, no await, no clock, no disk: the same events in the same order give the same effects. What is
//! derived is replaced whole, never patched, so that every order of events ends in the same published state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::apt::PackageNames;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::KnownPython;
use fromwhere_core::settings::Mistake;
use tower_lsp::lsp_types::Url;

use crate::lsp::capabilities::{Client, Start};
use crate::lsp::effect::{Effect, Tone};
use crate::lsp::event::{Event, ProjectKey, Request, Ticket, Timer};
use crate::lsp::protocol::{EnvironmentStatus, ServerStatus};
use crate::lsp::session::closed::Closed;
use crate::lsp::session::configuration::Layers;
use crate::lsp::session::documents::{Document, Location};
use crate::lsp::session::pages::Page;
use crate::lsp::session::projects::Project;
use crate::lsp::session::prompts::Prompts;

mod closed;
mod configuration;
mod discovery;
mod documents;
mod hints;
mod kind;
mod launches;
mod notebooks;
mod overlay;
mod pages;
mod projects;
mod prompts;
mod publish;
mod pyvenv;
mod requests;
mod status;
mod surveys;

/// How long the first diagnostics wait for the client's settings.
const CONFIGURATION_WAIT: Duration = Duration::from_millis(500);
/// How long nothing must be typed before a half-typed import is complained about.
const TYPING_QUIET: Duration = Duration::from_millis(250);
/// How long the disk must be quiet before it is looked at again.
const DISK_QUIET: Duration = Duration::from_millis(100);
/// How long the disk may stay busy before it is looked at all the same.
const DISK_LATEST: Duration = Duration::from_secs(1);
/// How long a discovery may take before it is shown.
const SLOW: Duration = Duration::from_millis(100);
const PROGRESS_TITLE: &str = "Resolving Python environment";

/// The one owner of all that the server knows.
#[derive(Debug, Default)]
pub struct Session {
    client: Client,
    folders: Vec<Utf8PathBuf>,
    settings: Layers,
    /// Whether the client's settings are there, or were waited for long enough.
    configured: bool,
    documents: BTreeMap<Url, Document>,
    /// By the directory of an open document.
    locations: BTreeMap<Utf8PathBuf, Location>,
    projects: BTreeMap<ProjectKey, Project>,
    /// The files that nobody has opened, where they are checked too.
    closed: Closed,
    /// The packages that apt knows; `None` before a file was opened that installs some.
    packages: Option<Arc<PackageNames>>,
    /// The kernels that the notebooks with open cells name, as far as they are known.
    kernels: BTreeMap<Utf8PathBuf, Option<String>>,
    /// The Pythons of this machine; `None` before anybody needed them.
    pythons: Option<Vec<KnownPython>>,
    /// What was published about files that no document stands for: pyvenv.cfg and manifests.
    files: BTreeMap<Utf8PathBuf, Vec<Diagnostic>>,
    /// What was asked of the user.
    prompts: Prompts,
    /// The mistakes in the settings that are shown, by file.
    mistakes: BTreeMap<Utf8PathBuf, Vec<Mistake>>,
    /// Requests that wait for a discovery.
    waiting: Vec<(Ticket, Request)>,
    /// What was told or logged and is not said twice.
    said: BTreeSet<String>,
    status: Option<ServerStatus>,
    /// What was told, by the project's root or the file that has an environment of its own.
    environments: BTreeMap<Utf8PathBuf, EnvironmentStatus>,
    /// What the hints said that the client was given, by document.
    hinted: BTreeMap<Url, Vec<String>>,
    /// The file that something was last done in.
    recent: Option<Url>,
    /// The documents of our own that the client looks at, the most recent last.
    pages: Vec<Page>,
    /// What this turn has decided so far.
    effects: Vec<Effect>,
}

impl Session {
    /// Takes in one event and returns what to do about it.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Started(start) => self.start(*start),
            Event::Ready => self.ready(),
            Event::Opened { uri, language, version, text } => self.open(&uri, &language, version, text),
            Event::Changed { uri, version, changes } => self.change(&uri, version, &changes),
            Event::Saved { uri } => self.save(&uri),
            Event::Closed { uri } => self.close(&uri),
            Event::Folders { added, removed } => self.change_folders(added, &removed),
            Event::SettingsPushed(value) => self.settings_pushed(&value),
            Event::Configuration { number, values } => self.configuration_came(number, values),
            Event::Disk(paths) => self.disk_changed(&paths),
            Event::Rescan => self.everything_may_have_changed(),
            Event::WatchingLimited(text) => self.tell_once(text),
            Event::Timer(timer) => self.timer(timer),
            Event::Located(located) => self.located(&located),
            Event::Discovered(discovered) => self.discovered(*discovered),
            Event::Answered(answered) => self.answered(answered),
            Event::Surveyed(surveyed) => self.surveyed(surveyed),
            Event::Inspected(inspected) => self.inspected(inspected),
            Event::Pythons(pythons) => self.pythons_came(pythons),
            Event::Packages(packages) => self.packages_came(packages),
            Event::Kernel { notebook, name } => self.kernel_came(&notebook, name.as_deref()),
            Event::Verified { project, changed } => self.verified(&project, changed),
            Event::Failed { work, message } => self.failed(work, &message),
            Event::Panicked { document } => self.panicked(document),
            Event::Asked { ticket, request } => self.asked(ticket, request),
            Event::Chosen { number, action } => self.chosen(number, action.as_deref()),
        }
        self.inspect_more();
        self.answer_waiting();
        self.refresh_pages();
        self.refresh_hints();
        std::mem::take(&mut self.effects)
    }

    fn start(&mut self, start: Start) {
        self.client = start.client;
        self.folders = start.folders;
        self.configured = !self.client.configuration;
        self.effects.push(Effect::Log {
            text: format!("Started by {}.", if start.client_name.is_empty() { "a client" } else { &start.client_name }),
            severity: Tone::Information,
        });
        self.settings_at_start(&start.options);
        if !self.configured {
            self.effects.push(Effect::Timer { timer: Timer::Configuration, after: CONFIGURATION_WAIT });
        }
    }

    fn ready(&mut self) {
        let configuration = self.client.configuration_registration;
        let watched_files = self.client.watched_files_registration;
        if configuration || watched_files {
            self.effects.push(Effect::Register { configuration, watched_files });
        }
        self.ask_configuration();
    }

    fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::Configuration => self.configuration_is_late(),
            Timer::Typing { uri, change } => self.typing_paused(&uri, change),
            Timer::Quiet { project, hint } => self.disk_is_quiet(&project, hint),
            Timer::Latest { project, burst } => self.disk_is_busy(&project, burst),
            Timer::Files => self.files_gathered(),
            Timer::Stopped { project, cause } => self.environment_has_stopped(&project, &cause),
            Timer::Slow { project, generation } => self.discovery_is_slow(&project, generation),
        }
    }

    fn asked(&mut self, ticket: Ticket, request: Request) {
        if let Some(uri) = request.document() {
            self.recent = Some(uri.clone());
        }
        self.waiting.push((ticket, request));
    }

    /// A turn panicked: the document it was about is given up, since nobody knows how far its text came.
    fn panicked(&mut self, document: Option<Url>) {
        if let Some(uri) = document {
            self.close(&uri);
        }
        self.tell_once("fromwhere: an internal error, see its log; the file is left out until reopened".to_owned());
    }

    /// Returns the deepest workspace folder that holds a directory.
    fn folder_of(&self, directory: &Utf8Path) -> Option<&Utf8PathBuf> {
        let holding = self.folders.iter().filter(|folder| directory.starts_with(folder));
        holding.max_by_key(|folder| folder.as_str().len())
    }

    fn tell_once(&mut self, text: String) {
        if self.said.insert(text.clone()) {
            self.effects.push(Effect::Tell { text, severity: Tone::Warning });
        }
    }

    fn log_once(&mut self, text: String) {
        if self.said.insert(text.clone()) {
            self.effects.push(Effect::Log { text, severity: Tone::Warning });
        }
    }
}
