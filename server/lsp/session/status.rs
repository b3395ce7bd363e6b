//! One line about the environment, for status bars.
//!
//! In: a project's situation. Out: the end of a progress, and the messages of clients that asked for them.
//!
//! **Invariant:** always the whole state, and only when it differs from what was said before.

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::Severity;
use fromwhere_core::situation::Situation;

use crate::lsp::effect::Effect;
use crate::lsp::protocol::{EnvironmentSource, EnvironmentState, EnvironmentStatus, Health, RootStatus, ServerStatus};
use crate::lsp::session::projects::Project;
use crate::lsp::session::{PROGRESS_TITLE, Session};

impl Session {
    pub(super) fn end_progress(&mut self, root: &Utf8Path) {
        let Some(project) = self.projects.get_mut(root) else { return };
        if std::mem::take(&mut project.shown) {
            let message = summary(project);
            project.outcome = Some(message.clone());
            self.effects.push(Effect::ProgressEnd { root: root.to_owned(), message });
        }
    }

    /// Says how a discovery ended where it differs from what was said before: the end of a progress is the only status
    /// line that every editor has.
    pub(super) fn tell_outcome(&mut self, root: &Utf8Path) {
        if !self.client.progress || !self.configured {
            return;
        }
        let Some(project) = self.projects.get_mut(root).filter(|project| project.settled().is_some()) else { return };
        let message = summary(project);
        if !project.shown && project.outcome.as_ref() != Some(&message) {
            project.outcome = Some(message.clone());
            self.effects.push(Effect::ProgressBegin { root: root.to_owned(), title: PROGRESS_TITLE });
            self.effects.push(Effect::ProgressEnd { root: root.to_owned(), message });
        }
    }

    pub(super) fn tell_outcomes(&mut self) {
        let roots: Vec<Utf8PathBuf> = self.projects.keys().cloned().collect();
        for root in &roots {
            self.tell_outcome(root);
        }
    }

    /// Sends `fromwhere/environment` where it was asked for and something changed.
    pub(super) fn tell_environment(&mut self, root: &Utf8Path) {
        if !self.client.environment_messages {
            return;
        }
        let Some(project) = self.projects.get(root) else { return };
        let Some(situation) = &project.situation else { return };
        let status = environment_status(root, project, situation);
        if self.environments.get(root) != Some(&status) {
            self.environments.insert(root.to_owned(), status.clone());
            self.effects.push(Effect::Environment(status));
        }
    }

    /// Sends `experimental/serverStatus` where it was asked for and something changed.
    pub(super) fn tell_status(&mut self) {
        if !self.client.server_status {
            return;
        }
        let known = self.projects.values().filter(|project| project.situation.is_some());
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
    let folder = environment.root.as_deref().map(|root| {
        let project_root = &situation.project.root;
        root.strip_prefix(project_root).or_else(|_| root.strip_prefix(&project.boundary)).unwrap_or(root).to_string()
    });
    match (&environment.interpreter, &environment.broken, folder) {
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

fn environment_status(root: &Utf8Path, project: &Project, situation: &Situation) -> EnvironmentStatus {
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
    let prefix = environment.root.as_ref().or(interpreter.map(|interpreter| &interpreter.prefix));
    EnvironmentStatus {
        root: root.to_string(),
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
        reason: environment.broken.as_ref().map(|broken| broken.reason.clone()),
    }
}
