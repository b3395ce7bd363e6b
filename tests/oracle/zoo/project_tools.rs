//! Poetry, PDM, Hatch and Pipenv: the environments that they keep for projects, in the project and in folders of their own.
//!
//! Each makes its environment, is asked which one that is, and has to say what `fromwhere env` says.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::super::environments::{Variables, command_of_ours, link, say, write};
use super::super::python::{Python, Start, all};
use super::super::{scope, tools};
use super::{Environment, Habitat, Visit};

/// The oldest Python that all of them make environments for.
const OLDEST: (u64, u64) = (3, 9);

/// A project of each tool, by the backend or the table that its own `init` writes.
const POETRY: &str = "[project]\nname = \"My.App_x\"\nversion = \"1.0\"\nrequires-python = \">=3.6\"\n\
                      [build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
const PDM: &str = "[project]\nname = \"My.App_x\"\nversion = \"1.0\"\nrequires-python = \">=3.6\"\n\
                   [tool.pdm]\ndistribution = false\n";
const HATCH: &str = "[project]\nname = \"My.App_x\"\nversion = \"1.0\"\n\
                     [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";

/// A project in the folder `project` of a habitat. In its texts, `@ROOT` stands for the habitat, `@PYTHON` for the Python,
/// `@X.Y` for its version.
struct Case {
    name: &'static str,
    tool: &'static str,
    /// Where it is worked in, from the habitat.
    directory: &'static str,
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    /// What makes the environment, one command a line.
    make: &'static [&'static str],
}

impl Case {
    const fn new(tool: &'static str, name: &'static str) -> Self {
        let (make, files): (&[&str], &[(&str, &str)]) = match tool.as_bytes()[1] {
            b'o' => (&["env use @PYTHON"], &[("project/pyproject.toml", POETRY)]),
            b'd' => (&["use -f @PYTHON"], &[("project/pyproject.toml", PDM)]),
            b'a' => (&["env create"], &[("project/pyproject.toml", HATCH), ("project/hatch.toml", DETACHED)]),
            _ => (&["--python @PYTHON"], &[("project/Pipfile", "[packages]\n")]),
        };
        Case { name, tool, directory: "project", files, variables: &[], make }
    }

    const fn files(self, files: &'static [(&'static str, &'static str)]) -> Self {
        Case { files, ..self }
    }

    const fn variables(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Case { variables, ..self }
    }

    const fn make(self, make: &'static [&'static str]) -> Self {
        Case { make, ..self }
    }

    const fn directory(self, directory: &'static str) -> Self {
        Case { directory, ..self }
    }

    /// The words that ask the tool which environment is in force.
    fn question(&self) -> &'static [&'static str] {
        match self.tool {
            "poetry" => &["env", "info", "--path"],
            "pdm" => &["info", "--python"],
            // Only what runs something listens to HATCH_ENV; `env find` and `env create` do not.
            "hatch" => &["run", "python", "-c", "import sys; print(sys.prefix)"],
            _ => &["--venv"],
        }
    }
}

const DETACHED: &str = "[envs.default]\nskip-install = true\n";

/// The first of each tool is the one that the part asks.
const CASES: &[Case] = &[
    Case::new("poetry", "in its cache"),
    Case::new("poetry", "in the project").files(&[
        ("project/pyproject.toml", POETRY),
        ("project/poetry.toml", "[virtualenvs]\nin-project = true\n"),
    ]),
    Case::new("poetry", "by its own table, with a long name").files(&[(
        "project/pyproject.toml",
        "[tool.poetry]\nname = \"A.very--Long_name-that-goes-on-and-on-until-nobody-reads-it\"\nversion = \"1\"\n\
         description = \"\"\nauthors = []\n[tool.poetry.dependencies]\npython = \"*\"\n",
    )]),
    Case::new("poetry", "without a name").files(&[("project/pyproject.toml", "[tool.poetry]\npackage-mode = false\n")]),
    Case::new("poetry", "where a variable says").variables(&[("POETRY_VIRTUALENVS_PATH", "@ROOT/envs")]),
    Case::new("poetry", "in another cache").variables(&[("POETRY_CACHE_DIR", "@ROOT/cache of its own")]),
    Case::new("poetry", "where its configuration says").files(&[
        ("project/pyproject.toml", POETRY),
        ("home/.config/pypoetry/config.toml", "[virtualenvs]\npath = \"@ROOT/configured\"\noptions.system-site-packages = true\n"),
    ]),
    Case::new("poetry", "through a link").directory("linked"),
    Case::new("poetry", "from below").directory("project/src/package"),
    Case::new("poetry", "with copies").files(&[
        ("project/pyproject.toml", POETRY),
        ("project/poetry.toml", "[virtualenvs.options]\nalways-copy = true\n"),
    ]),
    Case::new("pdm", "in its data folder").make(&["config -l venv.in_project false", "use -f @PYTHON"]),
    Case::new("pdm", "in the project"),
    Case::new("pdm", "not written down").make(&["config venv.in_project false", "venv create @PYTHON"]),
    Case::new("pdm", "by name").make(&["config -l venv.in_project false", "venv create --name other @PYTHON", "use -f --venv other"]),
    Case::new("pdm", "where its configuration says").make(&[
        "config venv.in_project false",
        "config venv.location @ROOT/places",
        "use -f @PYTHON",
    ]),
    Case::new("pdm", "by venv").make(&["config venv.backend venv", "use -f @PYTHON"]),
    Case::new("hatch", "in its data folder"),
    Case::new("hatch", "another name").files(&[
        ("project/pyproject.toml", HATCH),
        ("project/hatch.toml", "[envs.default]\nskip-install = true\n[envs.test]\n"),
    ]).variables(&[("HATCH_ENV", "test")]).make(&["env create test"]),
    Case::new("hatch", "another name, detached, in a shell of its own").files(&[
        ("project/pyproject.toml", HATCH),
        ("project/hatch.toml", "[envs.default]\npath = \".own\"\n[envs.alone]\ndetached = true\n"),
    ]).variables(&[("HATCH_ENV_ACTIVE", "alone")]).make(&["env create alone"]),
    Case::new("hatch", "without a name").files(&[
        ("project/pyproject.toml", "[tool.hatch.envs.default]\nskip-install = true\n"),
    ]),
    Case::new("hatch", "from below").directory("project/src/package"),
    Case::new("hatch", "where its path says").files(&[
        ("project/pyproject.toml", HATCH),
        ("project/hatch.toml", "[envs.default]\nskip-install = true\npath = \".own\"\n"),
    ]),
    Case::new("hatch", "in another data folder").variables(&[("HATCH_DATA_DIR", "@ROOT/data of its own")]),
    Case::new("hatch", "in the project, by its configuration").files(&[
        ("project/pyproject.toml", HATCH),
        ("project/hatch.toml", DETACHED),
        ("home/.config/hatch/config.toml", "[dirs.env]\nvirtual = \".hatch\"\n"),
    ]),
    Case::new("hatch", "through a link, in pyproject.toml").directory("linked").files(&[(
        "project/pyproject.toml",
        "[project]\nname = \"x\"\nversion = \"1\"\n[tool.hatch.envs.default]\nskip-install = true\nsystem-packages = true\n",
    )]),
    Case::new("pipenv", "in its data folder"),
    Case::new("pipenv", "in the project").variables(&[("PIPENV_VENV_IN_PROJECT", "1")]),
    Case::new("pipenv", "below WORKON_HOME").variables(&[("WORKON_HOME", "@ROOT/workon")]),
    Case::new("pipenv", "by a name of its own").variables(&[("PIPENV_CUSTOM_VENV_NAME", "chosen")]),
    Case::new("pipenv", "of a folder with an odd name")
        .directory("a (very) odd & long name of a folder, that has no end")
        .files(&[("a (very) odd & long name of a folder, that has no end/Pipfile", "[packages]\n")]),
    Case::new("pipenv", "by its .env").files(&[
        ("project/Pipfile", "[packages]\n"),
        ("project/.env", "WORKON_HOME=@ROOT/from-dot-env\n"),
    ]),
    Case::new("pipenv", "from below").directory("project/src/package"),
    Case::new("pipenv", "with the base's packages").make(&["--site-packages --python @PYTHON"]),
];

pub(super) fn habitats() -> Vec<Habitat> {
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.version >= OLDEST).collect();
    let mut habitats = Vec::new();
    let mut seen = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let is_first = !seen.contains(&case.tool);
        seen.push(case.tool);
        if !scope::is_whole() && !is_first {
            continue;
        }
        let (Some(tool), false) = (tools::of_projects(case.tool), pythons.is_empty()) else { continue };
        let python = pythons[number % pythons.len()].clone();
        let name = format!("{} {}, {}", case.tool, case.name, python.name());
        habitats.push(Habitat::new(name, move |root, found| visit(case, &tool, &python, root, found)));
    }
    habitats
}

fn visit(case: &Case, tool: &Utf8Path, python: &Python, root: &Utf8Path, found: &mut Visit) {
    let fill = |text: &str| text.replace("@ROOT", root.as_str()).replace("@PYTHON", python.executable.as_str());
    for (path, text) in case.files {
        write(&root.join(path), fill(text));
    }
    let directory = root.join(case.directory);
    if case.directory == "linked" {
        link(&directory, "project".into());
    } else {
        std::fs::create_dir_all(&directory).unwrap();
    }
    std::fs::create_dir_all(root.join("home")).unwrap();
    let variables = variables(root, python, case.variables.iter().map(|(name, value)| (*name, fill(value))));
    for words in case.make {
        let words: Vec<String> = words.split(' ').map(fill).collect();
        say(tool, &words.iter().map(String::as_str).collect::<Vec<_>>(), &directory, &variables);
    }
    let said = Utf8PathBuf::from(say(tool, case.question(), &directory, &variables));
    let said = if case.tool == "pdm" { said.parent().and_then(Utf8Path::parent).unwrap().to_owned() } else { said };
    let ours = in_force(&["env"], &directory, &variables);
    let root_of_ours = ours["root"].as_str().unwrap_or_default();
    if Utf8Path::new(root_of_ours).canonicalize_utf8().ok() != said.canonicalize_utf8().ok() {
        found.differs(&format!("{} says {said}, and `fromwhere env` {ours:#}", case.tool));
    }
    found.push(Environment::new("its environment", Start::new(&said.join("bin/python"))));
}

/// The variables of a shell in which a tool is run: a home of its own, and the Python first on `PATH`.
pub(super) fn variables(
    root: &Utf8Path,
    python: &Python,
    further: impl IntoIterator<Item = (&'static str, String)>,
) -> Variables {
    let bin = python.executable.parent().unwrap();
    let fixed = [
        ("HOME", root.join("home").into_string()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("PATH", format!("{bin}:/usr/bin:/bin")),
        ("PDM_CHECK_UPDATE", "0".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        ("COLUMNS", "1000".to_owned()),
    ];
    fixed.into_iter().chain(further).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns what `fromwhere env` says in a folder.
pub(super) fn in_force(arguments: &[&str], directory: &Utf8Path, variables: &Variables) -> Value {
    let arguments = [arguments, &["--output-format", "json"]].concat();
    let output = command_of_ours().args(arguments).env_clear().envs(variables).current_dir(directory).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run fromwhere: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{directory}: {error}: {complaint}"))
}
