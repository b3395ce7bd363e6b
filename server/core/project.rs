//! What a project says about itself.
//!
//! In: a project's directory. Out: a [`Project`]: manifests, `requires-python`, declared dependencies, source roots, tool.
//!
//! **Invariant:** a manifest that cannot be read is a [`Problem`](crate::origin::Problem); the others still count.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use crate::document::{Document, read_source};
use crate::documents::Documents;
use crate::origin::{ImportRoot, Problem};
use crate::system::Listing;
use crate::text::{Range, Text};

mod addition;
mod collection;
mod constraint;
mod declared;
mod environment_yml;
mod import_roots;
mod ini;
mod insertion;
mod lock;
mod overrides;
mod own_list;
mod poetry;
mod pyproject;
mod pytest;
mod requirement;
mod requirements_txt;
mod root;
mod script;
mod setup_cfg;
mod setup_py;
mod uv;
mod versions;

#[cfg(test)]
mod tests;

pub use addition::add;
pub(crate) use addition::into_new_file;
pub use collection::{ImportMode, Tests};
pub use declared::{Condition, Constraint, Declared, Part, Source};
pub(crate) use import_roots::{STARTED_HERE, normalize_path};
pub(crate) use insertion::in_toml::into_settings;
pub use insertion::{Form, Insertion};
pub use lock::Pinned;
pub(crate) use lock::pins;
pub use own_list::NextDependency;
pub(crate) use pytest::{Pytest, settings_in as pytest_in};
pub use requirement::normalize_name;
pub(crate) use requirement::{name as name_of, read as requirement, tree as marker};
pub use root::{PROJECT_FILES, Roots, can_make_a_root, is_in_a_library, root_of};
pub(crate) use script::of_script;
pub use uv::Sync;
pub use versions::Versions;

/// The manifests that only count by being there, most telling first.
const PRESENT: [&str; 11] = [
    "setup.py",
    "environment.yml",
    "environment.yaml",
    "pixi.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
];

/// The manifest that conda reads, in either spelling.
const ENVIRONMENT_FILES: [&str; 2] = ["environment.yml", "environment.yaml"];

/// The table of a `Pipfile` that a plain install brings.
const PACKAGES: &[&str] = &["packages"];

/// What a project says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    pub root: Utf8PathBuf,
    /// `project.name`, normalized as in PEP 503.
    pub name: Option<String>,
    /// The manifests that were found, most telling first.
    pub manifests: Vec<Utf8PathBuf>,
    pub requires_python: Option<RequiresPython>,
    pub dependencies: Vec<Declared>,
    /// What limits the versions of all that a requirements file installs, or uv does.
    pub constraints: Vec<Constraint>,
    /// The distributions that the tool is told to take in another way than whoever asks for them says, normalized.
    pub overridden: Vec<String>,
    /// What `environment.yml` has conda install; these names are conda's own.
    pub conda_dependencies: Vec<Declared>,
    /// `name` of `environment.yml`.
    pub conda_name: Option<String>,
    /// Whether a build backend or a program finds out dependencies that no file here says.
    pub dynamic: bool,
    /// Where one more dependency is written down; `None` where the project has no list of its own.
    pub next_dependency: Option<NextDependency>,
    pub tool: Tool,
    pub sync: Sync,
    /// The folder of the uv workspace that it is a member of; `None` where it is that folder itself, or of none.
    pub workspace: Option<Utf8PathBuf>,
    /// The project's own import roots, in the order they are searched.
    pub roots: Vec<ImportRoot>,
    /// How pytest finds and imports its tests.
    pub tests: Tests,
}

/// `requires-python` and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiresPython {
    pub specifiers: String,
    pub path: Utf8PathBuf,
    pub range: Range,
}

/// The tool that manages the project, as its files show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    Hatch,
    Pixi,
    Conda,
}

impl Project {
    /// The tool that installs what is declared: uv without a project that it could install is used as pip is.
    pub fn installer(&self) -> Tool {
        if (self.tool, self.sync) == (Tool::Uv, Sync::Nothing) { Tool::Pip } else { self.tool }
    }

    /// Returns what asks for a distribution of that normalized name, what every install brings before what is optional.
    pub fn declared(&self, name: &str) -> Option<&Declared> {
        let asks = || self.dependencies.iter().filter(|declared| declared.name == name);
        asks().find(|declared| !declared.is_optional()).or_else(|| asks().next())
    }

    /// Returns the same for every distribution that is asked for, and which of the dependencies it is.
    pub(crate) fn by_distribution(&self) -> FxHashMap<&str, (usize, &Declared)> {
        let mut asking: FxHashMap<&str, (usize, &Declared)> = FxHashMap::default();
        for (at, declared) in self.dependencies.iter().enumerate() {
            let known = asking.entry(&declared.name).or_insert((at, declared));
            if known.1.is_optional() && !declared.is_optional() {
                *known = (at, declared);
            }
        }
        asking
    }

    /// Tells whether anything declares a distribution of that normalized name.
    pub fn declares(&self, name: &str) -> bool {
        self.dependencies.iter().any(|declared| declared.name == name)
    }

    /// Notes where a distribution of that normalized name is taken from.
    fn take_from(&mut self, name: &str, source: Source) {
        for declared in self.dependencies.iter_mut().filter(|declared| declared.name == name) {
            declared.source = source;
            declared.versions = None;
        }
    }
}

/// Reads every manifest in a project's directory, which may be a member of the uv workspace in another one. Above the boundary
/// nothing is looked at.
pub(crate) fn read(
    documents: &Documents<'_>,
    directory: &Utf8Path,
    workspace: Option<&Utf8Path>,
    boundary: &Utf8Path,
) -> (Project, Vec<Problem>) {
    let system = documents.system();
    let mut problems = Vec::new();
    let workspace_folder = workspace.map(Utf8Path::to_owned);
    let mut project = Project { root: directory.to_owned(), workspace: workspace_folder, ..Project::default() };
    let listing = system.list(directory).unwrap_or_else(|failure| {
        problems.push(failure.into());
        Arc::default()
    });
    let document = |name: &str, problems: &mut Vec<Problem>| {
        listing.contains(name).then(|| documents.read(&directory.join(name), problems)).flatten()
    };
    let add_manifest = |project: &mut Project, name: &str| {
        if listing.contains(name) {
            project.manifests.push(directory.join(name));
        }
    };
    let mut roots = import_roots::Roots::new(system, directory);
    let path_of_cfg = directory.join("setup.cfg");
    let (mut of_pytest, mut of_cfg) = (Vec::new(), Vec::new());
    let cfg = listing.contains("setup.cfg").then(|| read_source(system, &path_of_cfg, &mut of_cfg)).flatten();
    let tested = pytest::settings(documents, directory, &listing, cfg.as_deref(), &mut of_pytest);
    let tested = tested.unwrap_or_else(|| pytest::settings_around(documents, directory, boundary));
    project.tests = tested.tests;
    roots.add_all(tested.pythonpath);
    // Files that a manifest names in place of a list.
    let mut named: Vec<(String, Part)> = Vec::new();

    add_manifest(&mut project, "pyproject.toml");
    let pyproject = document("pyproject.toml", &mut problems);
    // What is wrong with it is said of the workspace.
    let around = workspace.and_then(|it| documents.read(&it.join("pyproject.toml"), &mut Vec::new()));
    project.tool = tool(&listing, pyproject.as_deref(), workspace.is_some());
    project.sync = uv::sync(pyproject.as_deref(), around.as_deref());
    if let Some(pyproject) = &pyproject {
        pyproject::read(pyproject, around.as_deref(), &mut project);
        named.extend(pyproject::dynamic_files(pyproject));
    }

    let mut known = requirements_txt::Known::default();
    let include = |project: &mut Project, named: &[(String, Part)], known: &mut _, problems: &mut Vec<_>| {
        for (file, part) in named {
            let path = normalize_path(&directory.join(file));
            if path.starts_with(directory) && system.is_file(&path) {
                let declared = requirements_txt::read(system, directory, &path, part, known, problems);
                project.dependencies.extend(declared);
            }
        }
    };
    let has_named = !named.is_empty();
    include(&mut project, &named, &mut known, &mut problems);
    let requirements = requirements_txt::files(system, directory);
    for file in &requirements {
        let part = requirements_txt::part_of(file);
        let declared = requirements_txt::read(system, directory, file, &part, &mut known, &mut problems);
        project.dependencies.extend(declared);
        project.manifests.push(file.clone());
    }
    // What they are compiled from says the same, and more as soon as it is written down.
    for file in requirements.iter().map(|it| it.with_extension("in")).filter(|it| system.is_file(it)) {
        let declared = requirements_txt::read(system, directory, &file, &Part::Other, &mut known, &mut problems);
        project.dependencies.extend(declared);
    }

    project.dependencies.extend(requirements_txt::of_parts(system, directory, &listing, &mut known, &mut problems));

    let mut is_static = has_named || !pyproject.as_deref().is_some_and(pyproject::is_dynamic);
    problems.extend(of_pytest.into_iter().chain(of_cfg));
    if let Some(source) = cfg {
        roots.add_setup_cfg(&path_of_cfg, &source);
        let before = project.dependencies.len();
        let in_place = setup_cfg::read(&path_of_cfg, &Text::new(source), &mut project);
        is_static |= !in_place.is_empty() || project.dependencies.len() > before;
        include(&mut project, &in_place, &mut known, &mut problems);
        named.extend(in_place);
        project.manifests.push(path_of_cfg);
    }
    if let Some(pyproject) = &pyproject {
        roots.add_build_backend(pyproject);
    }

    add_manifest(&mut project, "Pipfile");
    if let Some(pipfile) = document("Pipfile", &mut problems) {
        poetry::read_pipfile(&pipfile, &mut project);
    }
    if listing.contains("setup.py")
        && let Some(source) = read_source(system, &directory.join("setup.py"), &mut problems)
    {
        let path = directory.join("setup.py");
        let told = setup_py::read(&path, &Text::new(source), &mut project);
        is_static = told.complete;
        roots.add_setup_py(&path, &told.folders);
    }
    project.dynamic = !is_static;
    if let Some(name) = ENVIRONMENT_FILES.into_iter().find(|name| listing.contains(name))
        && let Some(source) = read_source(system, &directory.join(name), &mut problems)
    {
        let read = environment_yml::read(&directory.join(name), source, &mut problems);
        project.conda_name = read.name;
        project.conda_dependencies = read.of_conda;
        project.dependencies.extend(read.of_pip);
        let files: Vec<_> = read.files.into_iter().map(|file| (file, Part::Main)).collect();
        include(&mut project, &files, &mut known, &mut problems);
    }
    project.constraints.extend(known.constraints);
    for name in PRESENT {
        add_manifest(&mut project, name);
    }
    for (name, _) in listing.iter().filter(|(name, _)| lock::is_named_pylock(name)) {
        add_manifest(&mut project, name);
    }
    if let Some(workspace) = around.as_deref().or(pyproject.as_deref()) {
        overrides::of_uv_for_files(workspace, &mut project);
    }
    let files = own_list::Files {
        documents,
        listing: &listing,
        project: &project,
        pyproject: pyproject.as_deref(),
        named: &named,
        requirements: &requirements,
    };
    project.next_dependency = files.next();
    project.roots = roots.finish();
    (project, problems)
}

/// Locks are surer than tables, and both than mere files. The lock of a uv workspace's member lies with the workspace.
fn tool(listing: &Listing, pyproject: Option<&Document>, is_member: bool) -> Tool {
    let file = |name: &str| listing.contains(name);
    let table = |keys: &[&str]| pyproject.is_some_and(|it| it.at(keys).is_some());
    let signs = [
        (file("uv.lock"), Tool::Uv),
        (file("poetry.lock"), Tool::Poetry),
        (file("pdm.lock"), Tool::Pdm),
        (file("Pipfile.lock"), Tool::Pipenv),
        (is_member, Tool::Uv),
        (table(&["tool", "uv"]), Tool::Uv),
        (table(&["tool", "poetry"]), Tool::Poetry),
        (table(&["tool", "pdm"]), Tool::Pdm),
        (file("Pipfile"), Tool::Pipenv),
        (file("hatch.toml") || table(&["tool", "hatch", "envs"]), Tool::Hatch),
        (file("pixi.toml") || table(&["tool", "pixi"]), Tool::Pixi),
        (["environment.yml", "environment.yaml", "conda-lock.yml"].into_iter().any(file), Tool::Conda),
    ];
    signs.into_iter().find(|(seen, _)| *seen).map_or(Tool::Pip, |(_, tool)| tool)
}
