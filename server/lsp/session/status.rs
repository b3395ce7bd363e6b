//! One line about the environment, for status bars.
//!
//! In: a project's situation. Out: the end of a progress, and the messages of clients that asked for them.
//!
//! **Invariant:** always the whole state, and only when it differs from what was said before.

use camino::Utf8Path;
use fromwhere_core::diagnostic::Severity;
use fromwhere_core::environment::{NamedBy, SourceKind};
use fromwhere_core::explain;
use fromwhere_core::launch::Launch;
use fromwhere_core::rules::Rule;
use fromwhere_core::situation::Situation;
use tower_lsp::lsp_types::Url;

use crate::lsp::effect::Effect;
use crate::lsp::event::ProjectKey;
use crate::lsp::protocol::{EnvironmentSource, EnvironmentState, EnvironmentStatus, Health, RootStatus, ServerStatus};
use crate::lsp::session::projects::Project;
use crate::lsp::session::{PROGRESS_TITLE, Session};

/// What is declared and not installed is said of the manifest, not of the environment.
const OF_DEPENDENCIES: [Rule; 3] = [Rule::DependencyNotInstalled, Rule::DependencyVersion, Rule::LockDrift];

/// uv makes it when the script is first run.
const NOT_MADE: &str = "uv has not made this script's environment yet";

impl Session {
    pub(super) fn end_progress(&mut self, key: &ProjectKey) {
        let Some(project) = self.projects.get_mut(key) else { return };
        if std::mem::take(&mut project.shown) {
            let message = summary(project);
            project.outcome = Some(message.clone());
            self.effects.push(Effect::ProgressEnd { project: key.clone(), message });
        }
    }

    /// Says how a discovery ended where it differs from what was said before: the end of a progress is the only status
    /// line that every editor has.
    pub(super) fn tell_outcome(&mut self, key: &ProjectKey) {
        if !self.client.progress || !self.configured {
            return;
        }
        let Some(project) = self.projects.get_mut(key).filter(|project| project.settled().is_some()) else { return };
        let message = summary(project);
        if !project.shown && project.outcome.as_ref() != Some(&message) {
            project.outcome = Some(message.clone());
            self.effects.push(Effect::ProgressBegin { project: key.clone(), title: PROGRESS_TITLE });
            self.effects.push(Effect::ProgressEnd { project: key.clone(), message });
        }
    }

    pub(super) fn tell_outcomes(&mut self) {
        let keys: Vec<ProjectKey> = self.projects.keys().cloned().collect();
        for key in &keys {
            self.tell_outcome(key);
        }
    }

    /// Sends `fromwhere/environment` where it was asked for and something changed: about the project, or about each open
    /// file that names its own Python.
    pub(super) fn tell_environment(&mut self, key: &ProjectKey) {
        if key.launch.is_none() {
            self.tell_environment_for(key, &key.root);
        }
        // A file that has named its own Python, and no longer does, is told about as well.
        for uri in self.documents_of(key) {
            self.tell_environment_of(&uri);
        }
    }

    /// The same about one file, where it names its own Python or did when it was last told about.
    pub(super) fn tell_environment_of(&mut self, uri: &Url) {
        let Some(document) = self.documents.get(uri) else { return };
        let Some((key, path)) = self.project_of(document).zip(document.path.clone()) else { return };
        if key.launch.is_some() || self.environments.contains_key(&path) {
            self.tell_environment_for(&key, &path);
        }
    }

    fn tell_environment_for(&mut self, key: &ProjectKey, place: &Utf8Path) {
        if !self.client.environment_messages {
            return;
        }
        let Some(project) = self.projects.get(key) else { return };
        let Some(situation) = project.settled() else { return };
        let status = environment_status(place, project, situation);
        if self.environments.get(place) != Some(&status) {
            self.environments.insert(place.to_owned(), status.clone());
            self.effects.push(Effect::Environment(status));
        }
    }

    /// Sends `experimental/serverStatus` where it was asked for and something changed.
    pub(super) fn tell_status(&mut self) {
        if !self.client.server_status {
            return;
        }
        // A file that names its own Python says nothing about the project's.
        let known = self.projects.iter().filter(|(key, project)| key.launch.is_none() && project.situation.is_some());
        let known = known.map(|(_, project)| project);
        let health = known.clone().map(health).max().unwrap_or(Health::Ok);
        let worst = known.max_by_key(|project| health_and_age(project));
        let environment = worst.and_then(|project| project.situation.as_ref()?.environment.root.as_ref());
        let status = ServerStatus {
            health,
            quiescent: self.projects.values().all(|project| project.flight.is_none()),
            message: worst.map(summary),
            environment: environment.map(ToString::to_string),
        };
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            self.effects.push(Effect::Status(status));
        }
    }
}

fn health_and_age(project: &Project) -> (Health, u64) {
    (health(project), project.applied)
}

fn health(project: &Project) -> Health {
    let Some(situation) = &project.situation else { return Health::Ok };
    match project.environment_diagnostics.iter().map(|diagnostic| diagnostic.severity).max() {
        _ if situation.environment.broken.is_some() => Health::Error,
        Some(Severity::Error) => Health::Error,
        Some(Severity::Warning) => Health::Warning,
        _ => Health::Ok,
    }
}

/// `.venv · Python 3.13 · 42 packages`.
fn summary(project: &Project) -> String {
    let Some(situation) = &project.situation else { return "not resolved".to_owned() };
    let environment = &situation.environment;
    if explain::is_waited_for(situation) {
        return NOT_MADE.to_owned();
    }
    let own_name = situation.launch.as_ref().map(|launch| match launch {
        Launch::Script(script) => script.path.file_name().unwrap_or(script.path.as_str()).to_owned(),
        Launch::Shebang(shebang) => shebang.to_string(),
        Launch::Kernel(kernel) => kernel.name.clone(),
    });
    let folder = environment.root.as_deref().map(|root| {
        let project_root = &situation.project.root;
        root.strip_prefix(project_root).or_else(|_| root.strip_prefix(&project.boundary)).unwrap_or(root).to_string()
    });
    match (&environment.interpreter, &environment.broken, own_name.or(folder)) {
        (Some(interpreter), _, folder) => {
            let folder = folder.unwrap_or_else(|| interpreter.prefix.to_string());
            let packages = match project.packages {
                1 => "1 package".to_owned(),
                number => format!("{number} packages"),
            };
            format!("{folder} · Python {} · {packages}", interpreter.version.short())
        }
        (None, Some(broken), folder) => {
            format!("{}: {}", folder.unwrap_or_else(|| broken.interpreter.to_string()), broken.reason)
        }
        (None, None, _) => "no Python found".to_owned(),
    }
}

/// The worst that is said about the environment itself, from a warning on.
fn warning(project: &Project) -> Option<String> {
    let found = project.environment_diagnostics.iter().filter(|it| it.severity >= Severity::Warning);
    // What the environment lacks is the project's matter.
    let found = found.filter(|it| !OF_DEPENDENCIES.contains(&it.rule));
    // The first of the worst.
    found.rev().max_by_key(|it| it.severity).map(|it| it.message.clone())
}

fn own_environment(situation: &Situation) -> Option<String> {
    let is_editors = situation.environment.source.kind == SourceKind::Editor;
    let own = situation.rivals.iter().find(|rival| rival.named_by == NamedBy::Project)?;
    is_editors.then(|| own.root.to_string())
}

fn environment_status(place: &Utf8Path, project: &Project, situation: &Situation) -> EnvironmentStatus {
    let environment = &situation.environment;
    let interpreter = environment.interpreter.as_ref();
    let state = match (interpreter, &environment.broken) {
        (Some(_), _) => EnvironmentState::Resolved,
        (None, Some(_)) => EnvironmentState::Broken,
        (None, None) => EnvironmentState::Missing,
    };
    let roots = interpreter.into_iter().flat_map(|interpreter| &interpreter.search_path).map(|entry| RootStatus {
        path: entry.path.to_string(),
        origin: entry.origin.to_string(),
        exists: entry.exists,
        added_by: entry.evidence.to_string(),
    });
    let broken = environment.broken.as_ref().map(|broken| broken.reason.clone());
    let prefix = environment.root.as_ref().or(interpreter.map(|interpreter| &interpreter.prefix));
    EnvironmentStatus {
        root: place.to_string(),
        state,
        summary: summary(project),
        prefix: prefix.map(ToString::to_string),
        interpreter: interpreter.map(|interpreter| interpreter.executable.to_string()),
        version: interpreter.map(|interpreter| interpreter.version.to_string()),
        kind: environment.kind.as_str().to_owned(),
        source: EnvironmentSource {
            kind: environment.source.kind.as_str().to_owned(),
            detail: environment.source.detail.clone(),
        },
        roots: roots.collect(),
        packages: project.packages,
        warning: warning(project).filter(|_| state == EnvironmentState::Resolved),
        own: own_environment(situation),
        reason: broken.or_else(|| explain::is_waited_for(situation).then(|| NOT_MADE.to_owned())),
    }
}
