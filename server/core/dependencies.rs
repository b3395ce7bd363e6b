//! What is declared, held against what is installed.
//!
//! In: a [`Situation`] and the world. Out: [`Dependencies`]: what is missing, what has another version than is wanted, what
//! the lock pins otherwise, and who asks for whom.
//!
//! **Invariant:** only what the project's own tool would have installed in the project's own environment is missed; where
//! anything about that is not known from files, nothing is.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use crate::distributions::Dangling;
use crate::documents::Documents;
use crate::environment::{EnvironmentKind, SourceKind};
use crate::launch::Launch;
use crate::project::{self, Constraint, Declared, Part, Pinned, Source, Tool, pins};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::System;

mod extras;
mod installed;
mod markers;

use self::installed::Installed;
use self::markers::Markers;

/// What is declared, held against what is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// In the order of the manifests.
    pub unmet: Vec<Unmet>,
    /// Whether the environment has nothing but installers in it.
    pub is_empty: bool,
    /// What the lock pins to another version; asked only where its rule is on.
    pub drift: Vec<Drift>,
    /// Installed distribution → those that ask for it (`Requires-Dist`), all normalized; asked only where a rule needs it.
    pub requirers: BTreeMap<String, BTreeSet<String>>,
    /// What the extras that the project asks for bring (`ipython[notebook]`): normalized name → the requirement.
    pub by_extra: BTreeMap<String, String>,
    /// What the projects around this one declare, normalized; asked only where a rule needs it.
    pub declared_above: BTreeSet<String>,
    /// Normalized name → the editable install of what the project declares, or of itself, whose source tree is gone; asked
    /// only where its rule is on.
    pub dangling: BTreeMap<String, Dangling>,
    /// Whether all that a script's header lists is installed.
    pub script_is_complete: bool,
}

/// A requirement that what is installed does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    pub declared: Declared,
    /// What is installed in its place; `None` where nothing is.
    pub found: Option<Found>,
    /// The file that it is a constraint of.
    pub constrains: Option<Utf8PathBuf>,
    /// The distribution that one of its extras asks for, where that is what is missing; normalized.
    pub of_extra: Option<String>,
}

impl Unmet {
    fn of(declared: &Declared) -> Self {
        Unmet { declared: declared.clone(), found: None, constrains: None, of_extra: None }
    }

    /// Returns the normalized name of what is not there, or not as it should be.
    pub fn name(&self) -> &str {
        self.of_extra.as_deref().unwrap_or(&self.declared.name)
    }
}

/// One installed distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub version: String,
    /// Its `METADATA`, `PKG-INFO` or conda record.
    pub metadata: Utf8PathBuf,
}

/// A distribution whose installed version the lock does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    pub pinned: Pinned,
    pub found: Found,
}

/// Holds what is declared against what is installed.
pub(crate) fn read(system: &dyn System, situation: &Situation) -> Dependencies {
    let mut dependencies = Dependencies::default();
    let Some(interpreter) = &situation.environment.interpreter else { return dependencies };
    let is_on = |rule| situation.settings.is_ever_on(rule);
    let wants_requirers = match &situation.launch {
        None | Some(Launch::Kernel(_)) => is_on(Rule::ImportUndeclared),
        Some(Launch::Script(_)) => is_on(Rule::ScriptUndeclared),
        Some(Launch::Shebang(_)) => false,
    };
    let is_of_project = situation.launch.is_none() && !situation.is_guessed();
    let wants_dangling = is_of_project && is_on(Rule::EditableDangling);
    let is_judged = is_of_project
        && situation.environment.broken.is_none()
        && (is_on(Rule::DependencyNotInstalled) || is_on(Rule::DependencyVersion) || is_on(Rule::LockDrift));
    if !is_judged && !wants_requirers && !wants_dangling {
        return dependencies;
    }
    let Some(mut installed) = Installed::read(system, interpreter) else { return dependencies };
    let markers = Markers::of(interpreter);
    let asked = situation.project.dependencies.iter().filter(|it| markers.holds(&it.condition) != Some(false));
    let brought = extras::brought(&installed, &markers, asked);
    for extras::Brought { name, by } in &brought {
        dependencies.by_extra.entry(name.clone()).or_insert_with(|| by.requirement.clone());
    }
    if wants_dangling {
        let declared = situation.project.dependencies.iter().map(|it| &it.name);
        // Its own name may stand in its own extras.
        let names: BTreeSet<&String> = declared.chain(&situation.project.name).collect();
        dependencies.dangling = installed.dangling(interpreter, names);
    }
    if wants_requirers {
        dependencies.requirers = installed.requirers();
        dependencies.declared_above = declared_above(system, situation);
        let is_there = |declared: &Declared| match markers.holds(&declared.condition) {
            Some(true) => installed.of(&declared.name).is_some(),
            Some(false) => true,
            None => false,
        };
        dependencies.script_is_complete =
            situation.launch.is_some() && situation.project.dependencies.iter().all(is_there);
    }
    if !is_judged || !is_the_projects_own(situation, &installed) {
        return dependencies;
    }
    dependencies.is_empty = installed.is_empty;
    let expected = expected(situation, &installed);
    for declared in expected.iter().copied() {
        if declared.source == Source::Local || markers.holds(&declared.condition) != Some(true) {
            continue;
        }
        let is_of_conda = situation.project.conda_dependencies.contains(declared);
        if !is_of_conda && installed.surely_meets(declared) {
            continue;
        }
        let found = if is_of_conda { installed.of_conda(&declared.name) } else { installed.of(&declared.name) };
        match found {
            None if !installed.has_metadata_of(&declared.name) => {
                dependencies.unmet.push(Unmet::of(declared));
            }
            None => {}
            Some(found) => {
                if let Some(found) = outside(declared, &found) {
                    dependencies.unmet.push(Unmet { found: Some(found), ..Unmet::of(declared) });
                }
            }
        }
    }
    let is_expected = |it: &Declared| expected.contains(&it) && markers.holds(&it.condition) == Some(true);
    let brought = brought.into_iter().filter(|it| is_expected(it.by));
    dependencies.unmet.extend(missed_by_extras(situation, &installed, brought));
    let constrained = outside_constraints(situation, &installed, &markers, &dependencies.unmet);
    dependencies.unmet.extend(constrained);
    if is_on(Rule::LockDrift) {
        dependencies.drift = drift(system, situation, &mut installed);
    }
    dependencies
}

impl Dependencies {
    /// Returns a requirement of the project through which a distribution came, by the shortest way.
    pub fn through<'d>(&'d self, distribution: &str, is_declared: impl Fn(&str) -> bool) -> Option<&'d str> {
        let mut level: Vec<&str> = vec![distribution];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while !level.is_empty() {
            let mut next = Vec::new();
            for requirer in level.iter().filter_map(|name| self.requirers.get(*name)).flatten() {
                if is_declared(requirer) {
                    return Some(requirer);
                }
                if seen.insert(requirer) {
                    next.push(requirer.as_str());
                }
            }
            level = next;
        }
        None
    }
}

/// A workspace's own manifest may declare for its members what they all need.
fn declared_above(system: &dyn System, situation: &Situation) -> BTreeSet<String> {
    let root = &situation.project.root;
    let folders = root.ancestors().skip(1).take_while(|it| it.starts_with(&situation.boundary));
    let folders = folders.filter(|it| situation.launch.is_none() && system.is_file(&it.join("pyproject.toml")));
    folders
        .flat_map(|it| project::read(&Documents::new(system), it, None, it).0.dependencies)
        .map(|it| it.name)
        .collect()
}

/// Tells whether the environment in force is where the project's tool installs what the project declares: it lies in the
/// project, somebody chose it for the project, or the project itself is installed in it.
fn is_the_projects_own(situation: &Situation, installed: &Installed) -> bool {
    let (project, environment) = (&situation.project, &situation.environment);
    let Some(interpreter) = &environment.interpreter else { return false };
    let kind = environment.source.kind;
    let is_chosen = matches!(kind, SourceKind::Argument | SourceKind::Editor | SourceKind::Config) || kind.is_tool();
    let is_whole = matches!(environment.kind, EnvironmentKind::Conda | EnvironmentKind::Pixi);
    if !(interpreter.is_virtual() || is_whole || is_chosen && !interpreter.system) {
        return false;
    }
    let is_installed = project.name.as_ref().is_some_and(|name| installed.of(name).is_some());
    if is_installed {
        return true;
    }
    // The environment that hatch makes has the project in it, another one is for something else; pixi's own manifest is
    // not read.
    if matches!(project.tool, Tool::Hatch | Tool::Pixi) {
        return false;
    }
    let lies_inside = environment.root.as_ref().is_some_and(|root| root.starts_with(&project.root));
    let is_uvs = environment.source.detail.starts_with("UV_PROJECT_ENVIRONMENT")
        && project.manifests.contains(&project.root.join("uv.lock"));
    let is_named = || environment.root.as_ref().and_then(|root| root.file_name()) == project.conda_name.as_deref();
    match kind {
        SourceKind::CondaPrefixVariable => lies_inside || project.conda_name.is_some() && is_named(),
        _ => lies_inside || is_uvs || is_chosen && is_chosen_for_it(situation, installed),
    }
}

/// Tells whether what somebody chose is meant for the project: the folder that is opened is the project's, the project's own
/// settings name it, or most of what the project declares is there. A project further down may be one that nobody works on.
fn is_chosen_for_it(situation: &Situation, installed: &Installed) -> bool {
    let project = &situation.project;
    let names_it = situation.python_named_at.as_ref().and_then(|(path, _)| path.parent());
    if project.root == situation.boundary || names_it == Some(&project.root) {
        return true;
    }
    let all = || project.dependencies.iter().chain(&project.conda_dependencies).filter(|it| !it.is_optional());
    let there = all().filter(|it| installed.of(&it.name).is_some() || installed.of_conda(&it.name).is_some()).count();
    there * 2 > all().count()
}

/// Returns what a plain install by the project's tool would have brought.
fn expected<'s>(situation: &'s Situation, installed: &Installed) -> Vec<&'s Declared> {
    let project = &situation.project;
    let is_conda = situation.environment.kind == EnvironmentKind::Conda;
    let primary = primary(situation);
    let is_in_primary = |declared: &Declared| match primary {
        Some(Primary::File(name)) => declared.path == project.root.join(name),
        Some(Primary::RequirementFiles) => !is_other_manifest(&declared.path),
        None => false,
    };
    let is_wanted = |declared: &&Declared| match &declared.part {
        Part::Main => is_in_primary(declared),
        Part::Group { name, by_default: true } => is_group_there(situation, installed, name),
        Part::Group { .. } | Part::Extra(_) | Part::Other => false,
    };
    let is_itself = |declared: &&Declared| project.name.as_ref() == Some(&declared.name);
    let of_conda = project.conda_dependencies.iter().filter(|_| is_conda);
    project.dependencies.iter().filter(is_wanted).filter(|it| !is_itself(it)).chain(of_conda).collect()
}

/// Returns the constraints that what is installed does not meet: they ask for nothing, but hold for all that the files under
/// them bring, whoever asks for it.
fn outside_constraints(situation: &Situation, installed: &Installed, markers: &Markers, unmet: &[Unmet]) -> Vec<Unmet> {
    let primary = primary(situation);
    let is_asked = |it: &&Constraint| match it.by.file_name() {
        // uv's hold for members too, where the workspace itself may ask for nothing.
        Some("pyproject.toml") => {
            primary == Some(Primary::File("pyproject.toml")) || situation.project.tool == Tool::Uv
        }
        _ => primary == Some(Primary::RequirementFiles),
    };
    let is_said = |name: &String| unmet.iter().any(|it| it.declared.name == *name);
    let constraints = situation.project.constraints.iter().filter(|it| it.declared.part == Part::Main && is_asked(it));
    let constraints = constraints.filter(|it| markers.holds(&it.declared.condition) == Some(true));
    let found = constraints.filter(|it| !is_said(&it.declared.name)).filter_map(|Constraint { declared, by }| {
        let found = Some(outside(declared, &installed.of(&declared.name)?)?);
        Some(Unmet { found, constrains: Some(by.clone()), ..Unmet::of(declared) })
    });
    found.collect()
}

/// Returns what the extras of installed distributions ask for and is not there.
fn missed_by_extras<'s>(
    situation: &Situation,
    installed: &Installed,
    brought: impl Iterator<Item = extras::Brought<'s>>,
) -> Vec<Unmet> {
    let project = &situation.project;
    let is_there = |name: &String| installed.of(name).is_some() || installed.has_metadata_of(name);
    // Where a tool is told to do otherwise, metadata tells nothing; what is declared as well is missed for itself.
    let is_left_open = |name: &String| {
        project.overridden.contains(name) || project.name.as_ref() == Some(name) || project.declares(name)
    };
    let brought = brought.filter(|it| !project.overridden.contains(&it.by.name));
    let missed = brought.filter(|it| !is_left_open(&it.name) && !is_there(&it.name));
    missed.map(|it| Unmet { of_extra: Some(it.name), ..Unmet::of(it.by) }).collect()
}

/// Tells whether a group was installed: most of what only this group asks for is there. Otherwise it was left out on
/// purpose (`uv sync --no-dev`), and what is there of it came with something else.
fn is_group_there(situation: &Situation, installed: &Installed, group: &str) -> bool {
    let all = &situation.project.dependencies;
    let is_of_group = |it: &Declared| matches!(&it.part, Part::Group { name, .. } if name == group);
    let its_own: BTreeSet<&str> = all
        .iter()
        .filter(|it| is_of_group(it) && all.iter().all(|other| other.name != it.name || is_of_group(other)))
        .map(|it| it.name.as_str())
        .collect();
    let there = its_own.iter().filter(|name| installed.of(name).is_some()).count();
    there * 2 > its_own.len()
}

/// The manifest that the environment was made from; the others may say the same for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Primary {
    File(&'static str),
    RequirementFiles,
}

fn primary(situation: &Situation) -> Option<Primary> {
    let project = &situation.project;
    let main = || project.dependencies.iter().filter(|it| it.part == Part::Main);
    let has = |name: &str| main().any(|declared| declared.path == project.root.join(name));
    match project.tool {
        Tool::Pipenv => return has("Pipfile").then_some(Primary::File("Pipfile")),
        // A lock is made from one manifest; what it leaves unsaid no other one says.
        Tool::Uv | Tool::Poetry | Tool::Pdm if has("pyproject.toml") => return Some(Primary::File("pyproject.toml")),
        _ => {}
    }
    let files = ["environment.yml", "environment.yaml"].into_iter().filter(|_| project.tool == Tool::Conda);
    let first = files.chain(["pyproject.toml"]).find(|name| has(name)).map(Primary::File);
    let of_files = || main().any(|it| !is_other_manifest(&it.path)).then_some(Primary::RequirementFiles);
    let rest = || ["setup.cfg", "setup.py"].into_iter().find(|name| has(name)).map(Primary::File);
    first.or_else(of_files).or_else(rest)
}

fn is_other_manifest(path: &Utf8Path) -> bool {
    let names = ["pyproject.toml", "Pipfile", "setup.cfg", "setup.py", "environment.yml", "environment.yaml"];
    path.file_name().is_some_and(|name| names.contains(&name))
}

/// Returns what is installed, where no copy of it is within the specifiers and all of that is certain.
fn outside(declared: &Declared, copies: &[Found]) -> Option<Found> {
    let versions = declared.versions.as_ref().filter(|it| !it.is_any())?;
    if declared.source != Source::Index {
        return None;
    }
    for copy in copies {
        let version: Version = copy.version.parse().ok()?;
        if versions.contains(&version) {
            return None;
        }
    }
    copies.first().cloned()
}

fn drift(system: &dyn System, situation: &Situation, installed: &mut Installed) -> Vec<Drift> {
    let mut pinned: BTreeMap<String, Vec<Pinned>> = BTreeMap::new();
    for pin in pins(system, &situation.project) {
        pinned.entry(pin.name.clone()).or_default().push(pin);
    }
    let mut found = Vec::new();
    for (name, pins) in pinned {
        let Some(copies) = installed.of(&name) else { continue };
        // A lock may pin one distribution to several versions, each for other platforms.
        let is_met = |copy: &Found| {
            let Ok(version) = copy.version.parse::<Version>() else { return true };
            pins.iter().any(|pin| pin.version.as_ref().is_none_or(|it| it.parse() == Ok(version.clone())))
        };
        if copies.iter().any(is_met) {
            continue;
        }
        let first = copies.into_iter().next();
        found.extend(pins.into_iter().next().zip(first).map(|(pinned, found)| Drift { pinned, found }));
    }
    found.sort_by_key(|it| it.pinned.range);
    found
}

/// Tells whether a normalized name is one that installers bring along.
fn is_installer(name: &str) -> bool {
    matches!(name, "pip" | "setuptools" | "wheel" | "distribute" | "pkg-resources")
}
