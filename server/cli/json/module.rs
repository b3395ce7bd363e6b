//! The JSON shape of `why`, for one module.
//!
//! In: a [`Situation`] and an [`Answer`]. Out: one object.
//!
//! **Invariant:** `path` is what importlib would report as the spec's origin.

use fromwhere_core::answer::{Answer, Elsewhere, Foreign, Place, confidence};
use fromwhere_core::distributions::Distribution;
use fromwhere_core::dpkg::OsPackage;
use fromwhere_core::situation::Situation;
use serde::Serialize;

use super::environment::{ConfidenceJson, StartupCodeJson};

#[derive(Serialize)]
pub(in crate::cli) struct ModuleJson<'a> {
    module: &'a str,
    kind: &'static str,
    path: Option<&'a str>,
    /// The other file that it may be, and why.
    or: Option<OtherJson<'a>>,
    locations: Option<Vec<&'a str>>,
    origin: Option<&'static str>,
    root: Option<&'a str>,
    distribution: Option<DistributionJson<'a>>,
    os_package: Option<OsPackageJson<'a>>,
    declared: Option<&'a str>,
    shadows: Vec<ShadowedJson<'a>>,
    elsewhere: Vec<ElsewhereJson<'a>>,
    without: Option<&'static str>,
    offered: Option<&'a str>,
    stubs: Option<&'a str>,
    dangling: Option<DanglingJson<'a>>,
    foreign_extensions: Vec<ForeignJson<'a>>,
    owned_by: Vec<DistributionJson<'a>>,
    confidence: ConfidenceJson,
    /// What may change the answer when the interpreter starts; empty where the answer is certain.
    startup_code: Vec<StartupCodeJson<'a>>,
}

#[derive(Serialize)]
struct OtherJson<'a> {
    path: &'a str,
    reason: String,
}

#[derive(Serialize)]
struct ForeignJson<'a> {
    module: &'a str,
    path: &'a str,
    built_for: &'a str,
    needed: bool,
}

#[derive(Serialize)]
struct DanglingJson<'a> {
    distribution: DistributionJson<'a>,
    source: &'a str,
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct DistributionJson<'a> {
    name: &'a str,
    version: &'a str,
    installer: Option<&'a str>,
}

#[derive(Serialize)]
struct OsPackageJson<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct ShadowedJson<'a> {
    path: &'a str,
    origin: &'static str,
}

#[derive(Serialize)]
struct ElsewhereJson<'a> {
    environment: &'a str,
    path: &'a str,
    how: &'static str,
    os_package: Option<OsPackageJson<'a>>,
}

impl<'a> ModuleJson<'a> {
    pub(in crate::cli) fn new(situation: &'a Situation, answer: &'a Answer) -> Self {
        let resolution = &answer.resolution;
        ModuleJson {
            module: &resolution.module,
            kind: resolution.kind.as_str(),
            path: resolution.path.as_ref().map(|path| path.as_str()),
            or: resolution.twin.as_ref().map(|it| OtherJson { path: it.path.as_str(), reason: it.reason.to_string() }),
            locations: resolution.locations.as_ref().map(|all| all.iter().map(|path| path.as_str()).collect()),
            origin: resolution.origin.map(fromwhere_core::origin::Origin::as_str),
            root: resolution.root.as_ref().map(|path| path.as_str()),
            distribution: answer.distribution.as_ref().map(distribution),
            os_package: answer.os_package.as_ref().map(os_package),
            declared: answer.declared.as_deref(),
            shadows: answer
                .shadows
                .iter()
                .map(|it| ShadowedJson { path: it.path.as_str(), origin: it.origin.as_str() })
                .collect(),
            elsewhere: answer.elsewhere.iter().map(elsewhere).collect(),
            without: answer.without,
            offered: answer.offered.as_deref(),
            stubs: answer.stubs.as_ref().map(|it| it.path.as_str()),
            dangling: answer.dangling.as_ref().map(|it| DanglingJson {
                distribution: distribution(&it.distribution),
                source: it.source.as_str(),
                path: it.path.as_str(),
                line: it.line,
            }),
            foreign_extensions: answer.foreign.iter().map(foreign).collect(),
            owned_by: answer.rivals.iter().map(distribution).collect(),
            confidence: ConfidenceJson::from(confidence::of_answer(situation, answer)),
            startup_code: confidence::interfering(situation, answer).iter().map(StartupCodeJson::from).collect(),
        }
    }
}

fn distribution(distribution: &Distribution) -> DistributionJson<'_> {
    let installer = distribution.installer.as_deref();
    DistributionJson { name: &distribution.name, version: &distribution.version, installer }
}

fn foreign(foreign: &Foreign) -> ForeignJson<'_> {
    let extension = &foreign.extension;
    let (path, needed) = (extension.path.as_str(), foreign.is_needed);
    ForeignJson { module: &extension.module, path, built_for: &extension.built_for, needed }
}

fn elsewhere(elsewhere: &Elsewhere) -> ElsewhereJson<'_> {
    ElsewhereJson {
        environment: elsewhere.environment.as_str(),
        path: elsewhere.path.as_str(),
        how: match elsewhere.place {
            Place::OperatingSystem => "operating-system",
            Place::Base => "base",
            Place::UserSite => "user-site",
            Place::SiblingEnvironment => "sibling-environment",
        },
        os_package: elsewhere.os_package.as_ref().map(os_package),
    }
}

fn os_package(package: &OsPackage) -> OsPackageJson<'_> {
    OsPackageJson { name: &package.name, version: &package.version }
}
