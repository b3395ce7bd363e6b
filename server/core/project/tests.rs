//! What is read from whole projects.
//!
//! In: a [`MemorySystem`]. Out: nothing but assertions on [`read`] and [`root_of`].
//!
//! **Invariant:** every bad manifest here is named in a problem, and what stands beside it is still read.

use super::*;
use crate::system::memory::MemorySystem;

mod declarations;

fn names(project: &Project) -> Vec<&str> {
    project.dependencies.iter().map(|it| it.name.as_str()).collect()
}

fn roots(project: &Project) -> Vec<String> {
    project.roots.iter().map(|it| format!("{} ({})", it.path, it.evidence)).collect()
}

fn project_with(pyproject: &str) -> (Project, Vec<Problem>) {
    let mut system = MemorySystem::default();
    system.write("/p/pyproject.toml", pyproject);
    read(&Documents::new(&system), "/p".into(), None, "/p".into())
}

#[test]
fn a_pyproject_says_who_it_is_and_what_it_needs() {
    let (project, problems) = project_with(
        "[project]\nname = \"My_Project\"\nrequires-python = \">=3.11\"\ndependencies = [\"PyYAML>=6\", \"requests\"]\n\
         [project.optional-dependencies]\ndocs = [\"sphinx\"]\n\
         [dependency-groups]\ntest = [\"pytest\", { include-group = \"docs\" }]\n\
         [tool.uv]\ndev-dependencies = [\"ruff\"]\n",
    );
    assert_eq!(problems, []);
    assert_eq!(project.name.as_deref(), Some("my-project"));
    let requires = project.requires_python.as_ref().unwrap();
    assert_eq!((requires.specifiers.as_str(), requires.range.start.line, requires.range.start.utf8), (">=3.11", 2, 18));
    assert_eq!(names(&project), ["pyyaml", "requests", "sphinx", "pytest", "ruff"]);
    assert_eq!((project.dependencies[1].range.start.utf8, project.dependencies[1].range.end.utf8), (29, 39));
    assert_eq!(project.tool, Tool::Uv);
    assert_eq!(project.manifests, ["/p/pyproject.toml"]);
    assert!(matches!(project.next_dependency, Some(NextDependency::Edit(_))));
}

#[test]
fn poetry_keeps_its_own_tables() {
    let (project, problems) = project_with(
        "[tool.poetry]\nname = \"x\"\npackages = [{ include = \"x\", from = \"lib\" }]\n\
         [tool.poetry.dependencies]\npython = \"^3.9\"\nDjango = \"^5.0\"\nrich = { version = \"*\", optional = true }\n\
         [tool.poetry.group.dev.dependencies]\nblack = \"*\"\n",
    );
    assert_eq!(problems, []);
    assert_eq!(names(&project), ["django", "rich", "black"]);
    assert_eq!(project.dependencies[0].requirement, "Django ^5.0");
    assert_eq!(project.requires_python.as_ref().unwrap().specifiers, ">=3.9,<4.0");
    assert_eq!(project.tool, Tool::Poetry);
    assert_eq!(roots(&project)[0], "/p/lib (/p/pyproject.toml:3)");
}

#[test]
fn a_broken_pyproject_is_named_and_the_rest_still_counts() {
    let mut system = MemorySystem::default();
    system
        .write("/p/pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\n")
        .write("/p/requirements.txt", "attrs\n");
    let (project, problems) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].path, "/p/pyproject.toml");
    assert!(problems[0].line.is_some() && problems[0].message.starts_with("not valid TOML"), "{}", problems[0]);
    assert_eq!(names(&project), ["attrs"]);
    assert_eq!(project.manifests, ["/p/pyproject.toml", "/p/requirements.txt"]);
    assert!(matches!(project.next_dependency, Some(NextDependency::ByHand { line: 1, .. })));
}

#[test]
fn manifests_that_are_no_files_are_named() {
    let mut system = MemorySystem::default();
    system.pipe("/p/pyproject.toml").create_directory("/p/setup.cfg").link("/p/Pipfile", "Pipfile");
    system
        .pipe("/p/requirements.txt")
        .forbid("/p/tox.ini")
        .write("/p/requirements-dev.txt", b"a\xff\xfe\nattrs".as_slice());
    let (project, problems) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "/p/pyproject.toml: not a regular file",
            "/p/requirements.txt: not a regular file",
            "/p/requirements-dev.txt: not UTF-8",
            "/p/tox.ini: permission denied",
            "/p/setup.cfg: is a directory",
            "/p/Pipfile: too many levels of symbolic links",
        ]
    );
    assert_eq!(names(&project), ["attrs"]);
}

#[test]
fn values_of_the_wrong_type_declare_nothing() {
    let (project, problems) = project_with(
        "project = { name = 3, requires-python = [], dependencies = { a = 1 }, optional-dependencies = \"x\" }\n\
         tool.poetry.dependencies = [1]\ntool.setuptools.package-dir = 3\ntool.pytest.ini_options.pythonpath = [1]\n",
    );
    assert_eq!((problems.len(), names(&project).len(), project.name), (0, 0, None));
    assert_eq!(project.roots.len(), 1);
}

#[test]
fn setup_cfg_and_pipfile_count_too() {
    let mut system = MemorySystem::default();
    system.write(
        "/p/setup.cfg",
        "[metadata]\nname = Old_One\n[options]\npackage_dir =\n    = lib\npython_requires = >=3.8\ninstall_requires =\n    six\n    attrs>=1\n",
    );
    system.write(
        "/p/Pipfile",
        "[packages]\nflask = \"*\"\n[dev-packages]\nblack = \">1\"\n[requires]\npython_version = \"3.11\"\n",
    );
    system.write("/p/setup.py", "").write("/p/environment.yml", "");
    let (project, problems) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    assert_eq!(problems, []);
    assert_eq!(names(&project), ["six", "attrs", "flask", "black"]);
    assert_eq!(project.requires_python.as_ref().unwrap().specifiers, ">=3.8");
    assert_eq!(project.name.as_deref(), Some("old-one"));
    assert_eq!(project.tool, Tool::Pipenv);
    assert_eq!(roots(&project)[0], "/p/lib (/p/setup.cfg:5)");
    assert_eq!(project.manifests, ["/p/setup.cfg", "/p/Pipfile", "/p/setup.py", "/p/environment.yml"]);
}

#[test]
fn import_roots_come_with_their_reason() {
    let mut system = MemorySystem::default();
    system
        .write("/p/pytest.ini", "[pytest]\npythonpath = helpers .\n")
        .write("/p/src/x.py", "")
        .write("/p/lib/y/__init__.py", "");
    system.write(
        "/p/pyproject.toml",
        "[tool.pytest.ini_options]\npythonpath = \"tests\"\n[tool.hatch.build.targets.wheel]\npackages = [\"lib/y\", \"./src/\"]\n\
         [tool.setuptools.packages.find]\nwhere = [\"../shared\", \"src\"]\n",
    );
    let (project, _) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    assert_eq!(
        roots(&project),
        [
            "/p/helpers (/p/pytest.ini:2)",
            "/p (/p/pytest.ini:2)",
            "/shared (/p/pyproject.toml:6)",
            "/p/src (/p/pyproject.toml:6)",
            "/p/lib (/p/pyproject.toml:4)",
        ]
    );
    let existing: Vec<_> = project.roots.iter().filter(|it| it.exists).map(|it| it.path.as_str()).collect();
    assert_eq!(existing, ["/p", "/p/src", "/p/lib"]);
}

#[test]
fn setuptools_says_where_packages_lie() {
    let mut system = MemorySystem::default();
    system
        .write("/p/pyproject.toml", "[tool.setuptools.package-dir]\n\"x\" = \"one/x\"\n\"y.z\" = \"two/z\"\n")
        .write("/p/setup.cfg", "[options]\npackage_dir =\n    = three\n    v = four/v\n")
        .write("/p/setup.py", "setup(packages=find_packages(where='five'))\n")
        .write("/p/.pytest.ini", "[pytest]\npythonpath = six\n");
    let expected = [
        "/p/six (/p/.pytest.ini:2)",
        "/p/three (/p/setup.cfg:3)",
        "/p/four (/p/setup.cfg:4)",
        "/p/one (/p/pyproject.toml:2)",
        "/p/five (/p/setup.py:1)",
        "/p (programs are started in the project's folder)",
    ];
    assert_eq!(roots(&read(&Documents::new(&system), "/p".into(), None, "/p".into()).0), expected);
}

#[test]
fn src_is_assumed_unless_it_is_a_package() {
    let mut system = MemorySystem::default();
    system.write("/p/src/x.py", "");
    let assumed = "/p/src (`src` is no package, so it holds the modules)";
    let root = "/p (programs are started in the project's folder)";
    assert_eq!(roots(&read(&Documents::new(&system), "/p".into(), None, "/p".into()).0), [assumed, root]);
    system.write("/p/src/__init__.py", "");
    assert_eq!(roots(&read(&Documents::new(&system), "/p".into(), None, "/p".into()).0), [root]);
    system.write("/p/pyproject.toml", "[build-system]\nbuild-backend = \"uv_build\"\n");
    assert_eq!(
        roots(&read(&Documents::new(&system), "/p".into(), None, "/p".into()).0),
        ["/p/src (/p/pyproject.toml:2)", root]
    );
}

#[test]
fn maturin_takes_src_where_it_has_the_project() {
    let mut system = MemorySystem::default();
    let text = "[project]\nname = \"My-App\"\n[build-system]\nbuild-backend = \"maturin\"\n";
    system.write("/p/pyproject.toml", text).write("/p/src/__init__.py", "").write("/p/python/my/__init__.py", "");
    let first =
        |system: &MemorySystem| roots(&read(&Documents::new(system), "/p".into(), None, "/p".into()).0)[0].clone();
    assert_eq!(first(&system), "/p (programs are started in the project's folder)");
    system.create_directory("/p/src/My_App");
    assert_eq!(first(&system), "/p/src (/p/pyproject.toml:4)");
    system.write("/p/pyproject.toml", format!("{text}[tool.maturin]\npython-source = \"python\"\n"));
    assert_eq!(first(&system), "/p/python (/p/pyproject.toml:6)");
}

#[test]
fn the_nearest_project_wins() {
    let mut system = MemorySystem::default();
    system
        .write("/ws/pyproject.toml", "[project]\nname = \"root\"\n")
        .write("/ws/packages/a/pyproject.toml", "[project]\n");
    system.write("/ws/docs/requirements.txt", "").write("/ws/packages/b/.venv/pyvenv.cfg", "");
    system.write("/ws/tests/pyproject.toml", "[tool.ruff]\n").write("/ws/packages/a/src/x.py", "");
    for (file, root) in [
        ("/ws/packages/a/src/x.py", "/ws/packages/a"),
        ("/ws/packages/b/y.py", "/ws/packages/b"),
        ("/ws/packages/c/z.py", "/ws"),
        ("/ws/docs/conf.py", "/ws"),
        ("/ws/tests/test_x.py", "/ws"),
        ("/elsewhere/x.py", "/ws"),
    ] {
        assert_eq!(root_of(&system, file.into(), "/ws".into()), root, "{file}");
    }
    system.remove("/ws/pyproject.toml");
    assert_eq!(root_of(&system, "/ws/docs/conf.py".into(), "/ws".into()), "/ws/docs");
    assert_eq!(root_of(&system, "/ws/packages/a/src/x.py".into(), "/ws/packages/a/src".into()), "/ws/packages/a/src");
}
