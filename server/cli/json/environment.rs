//! The JSON shape of `env`.
//!
//! In: a [`Situation`] and its findings. Out: one object.
//!
//! **Invariant:** `sys_path` is exactly the interpreter's `sys.path` at start, without the launcher's own entry.

use fromwhere_core::answer::confidence::{self, Confidence};
use fromwhere_core::check::instead_of_pip;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::Environment;
use fromwhere_core::interpreter::{Interpreter, StartupCode};
use fromwhere_core::origin::{Evidence, ImportRoot, Problem};
use fromwhere_core::situation::Situation;
use serde::Serialize;

use super::{DiagnosticJson, ProblemJson};

#[derive(Serialize)]
pub(in crate::cli) struct EnvironmentJson<'a> {
    interpreter: Option<InterpreterJson<'a>>,
    kind: &'static str,
    root: Option<&'a str>,
    source: SourceJson<'a>,
    considered: Vec<ConsideredJson<'a>>,
    broken: Option<BrokenJson<'a>>,
    sys_path: Vec<&'a str>,
    user_site: UserSiteJson<'a>,
    roots: Vec<RootJson<'a>>,
    project: ProjectJson<'a>,
    confidence: ConfidenceJson,
    startup_code: Vec<StartupCodeJson<'a>>,
    pip: Option<PipJson>,
    findings: Vec<DiagnosticJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct InterpreterJson<'a> {
    executable: &'a str,
    real_executable: &'a str,
    version: String,
    implementation: &'static str,
    prefix: &'a str,
    base_prefix: &'a str,
    abi: Option<&'a str>,
    externally_managed: Option<ExternallyManagedJson<'a>>,
    starts: bool,
}

#[derive(Serialize)]
struct ExternallyManagedJson<'a> {
    marker: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    kind: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct ConsideredJson<'a> {
    kind: &'static str,
    detail: &'a str,
    outcome: &'a str,
}

#[derive(Serialize)]
struct BrokenJson<'a> {
    interpreter: &'a str,
    leads_to: Option<&'a str>,
    pyvenv_cfg: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct UserSiteJson<'a> {
    path: Option<&'a str>,
    enabled: bool,
}

#[derive(Serialize)]
struct RootJson<'a> {
    path: &'a str,
    origin: &'static str,
    exists: bool,
    added_by: Option<String>,
}

#[derive(Serialize)]
struct ProjectJson<'a> {
    root: &'a str,
    roots: Vec<RootJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct StartupCodeJson<'a> {
    path: &'a str,
    line: Option<u32>,
}

/// How far what is said can be relied on, and why no further.
#[derive(Serialize)]
pub(super) struct ConfidenceJson {
    kind: &'static str,
    because: Vec<String>,
}

/// What `pip install` would do, and what fits where it refuses.
#[derive(Serialize)]
struct PipJson {
    install: &'static str,
    because: Option<String>,
    instead: Vec<String>,
}

impl<'a> EnvironmentJson<'a> {
    pub(in crate::cli) fn new(situation: &'a Situation, findings: &'a [Diagnostic], problems: &'a [Problem]) -> Self {
        let Environment { root, interpreter, kind, source, considered, broken, .. } = &situation.environment;
        let search_path = interpreter.as_ref().map(|it| it.search_path.as_slice()).unwrap_or_default();
        let startup_code = interpreter.as_ref().map(|it| it.startup_code.as_slice()).unwrap_or_default();
        EnvironmentJson {
            interpreter: interpreter.as_ref().map(describe),
            kind: kind.as_str(),
            root: root.as_ref().map(|root| root.as_str()),
            source: SourceJson { kind: source.kind.as_str(), detail: &source.detail },
            considered: considered
                .iter()
                .map(|it| ConsideredJson { kind: it.kind.as_str(), detail: &it.detail, outcome: &it.outcome })
                .collect(),
            broken: broken.as_ref().map(|broken| BrokenJson {
                interpreter: broken.interpreter.as_str(),
                leads_to: broken.leads_to.as_ref().map(|path| path.as_str()),
                pyvenv_cfg: broken.pyvenv_cfg.as_ref().map(|path| path.as_str()),
                reason: &broken.reason,
            }),
            sys_path: search_path.iter().map(|root| root.path.as_str()).collect(),
            user_site: UserSiteJson {
                path: interpreter.as_ref().and_then(|it| it.user_site.path.as_ref()).map(|path| path.as_str()),
                enabled: interpreter.as_ref().is_some_and(|it| it.user_site.enabled),
            },
            roots: search_path.iter().map(import_root).collect(),
            project: ProjectJson {
                root: situation.project.root.as_str(),
                roots: situation.project.roots.iter().map(import_root).collect(),
            },
            confidence: ConfidenceJson::from(confidence::of_environment(situation)),
            startup_code: startup_code.iter().map(StartupCodeJson::from).collect(),
            pip: situation.pip.as_ref().map(|pip| PipJson {
                install: pip.as_str(),
                because: pip.because(),
                instead: instead_of_pip(situation).into_iter().map(|it| it.command).collect(),
            }),
            findings: findings.iter().map(DiagnosticJson::from).collect(),
            problems: problems.iter().map(ProblemJson::from).collect(),
        }
    }
}

fn describe(interpreter: &Interpreter) -> InterpreterJson<'_> {
    InterpreterJson {
        executable: interpreter.executable.as_str(),
        real_executable: interpreter.real_executable.as_str(),
        version: interpreter.version.to_string(),
        implementation: interpreter.implementation.as_str(),
        prefix: interpreter.prefix.as_str(),
        base_prefix: interpreter.base_prefix.as_str(),
        abi: interpreter.abi.as_deref(),
        externally_managed: interpreter
            .externally_managed
            .as_ref()
            // PEP 668: in a virtual environment the base's marker does not count.
            .filter(|_| !interpreter.is_virtual())
            .map(|it| ExternallyManagedJson { marker: it.marker.as_str(), message: &it.message }),
        starts: interpreter.does_not_start.is_none(),
    }
}

fn import_root(root: &ImportRoot) -> RootJson<'_> {
    let added_by = match &root.evidence {
        Evidence::BuiltIn => None,
        evidence => Some(evidence.to_string()),
    };
    RootJson { path: root.path.as_str(), origin: root.origin.as_str(), exists: root.exists, added_by }
}

impl From<Confidence<'_>> for ConfidenceJson {
    fn from(confidence: Confidence<'_>) -> Self {
        ConfidenceJson { kind: confidence.as_str(), because: confidence.because() }
    }
}

impl<'a> From<&'a StartupCode> for StartupCodeJson<'a> {
    fn from(code: &'a StartupCode) -> Self {
        StartupCodeJson { path: code.path.as_str(), line: code.line }
    }
}
