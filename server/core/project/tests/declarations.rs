//! What is declared for whom, in the words of every tool.
//!
//! In: manifests. Out: nothing but assertions on the parts, conditions and versions of what is read.
//!
//! **Invariant:** each line here is one declaration, as `requirement part versions`, and no other may be there.

use super::*;

/// Writes each declaration as `requirement: part, versions, condition, source`, leaving out what is usual.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let mut system = MemorySystem::default();
    for (path, content) in files {
        system.write(format!("/p/{path}"), *content);
    }
    let (project, problems) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    assert_eq!(problems, []);
    project.dependencies.iter().chain(&project.conda_dependencies).map(line).collect()
}

fn line(declared: &Declared) -> String {
    let part = match &declared.part {
        Part::Main => "main".to_owned(),
        Part::Extra(name) => format!("extra {name}"),
        Part::Group { name, by_default: true } => format!("group {name}"),
        Part::Group { name, .. } => format!("asked group {name}"),
        Part::Other => "other".to_owned(),
    };
    let versions = declared.versions.as_ref().map_or("unknown".to_owned(), ToString::to_string);
    let versions = if versions.is_empty() { "any".to_owned() } else { versions };
    let condition = match &declared.condition {
        Condition::Always => String::new(),
        Condition::Marker(marker) => format!(" if {marker}"),
        Condition::Unknown => " if unknown".to_owned(),
    };
    let source = if declared.source == Source::Index { String::new() } else { format!(" {:?}", declared.source) };
    format!("{}: {part}, {versions}{condition}{source}", declared.requirement)
}

#[test]
fn uv_installs_the_group_dev_and_what_it_includes() {
    let pyproject = "[project]\nname = \"x\"\ndependencies = [\"a>=1\", \"member\", \"g\", \"o<2\", \"e\"]\n\
                     [project.optional-dependencies]\nMore_Of = [\"b; os_name == 'nt'\"]\n\
                     [dependency-groups]\ndev = [\"c\", { include-group = \"Te_st\" }]\nte-st = [\"d\", { include-group = \"dev\" }]\n\
                     docs = [\"f\"]\n[tool.uv]\ndev-dependencies = [\"h\"]\noverride-dependencies = [\"o==3\"]\n\
                     exclude-dependencies = [\"e\"]\n[tool.uv.sources]\nmember = { workspace = true }\n\
                     g = [{ git = \"https://x.org/g\", marker = \"os_name == 'nt'\" }]\n";
    assert_eq!(
        said(&[("pyproject.toml", pyproject)]),
        [
            "a>=1: main, >=1",
            "member: main, unknown Local",
            "g: main, unknown Address",
            "o<2: main, unknown",
            "e: main, any Local",
            "b; os_name == 'nt': extra more-of, any if os_name == 'nt'",
            "c: group dev, any",
            "d: group te-st, any",
            "f: asked group docs, any",
            "h: group dev, any",
        ]
    );
    let all = "[dependency-groups]\nx = [\"a\"]\n[tool.uv]\ndefault-groups = \"all\"\n";
    assert_eq!(said(&[("pyproject.toml", all)]), ["a: group x, any"]);
    let none = "[dependency-groups]\ndev = [\"a\"]\n[tool.uv]\ndefault-groups = []\n";
    assert_eq!(said(&[("pyproject.toml", none)]), ["a: asked group dev, any"]);
    let plain = "[project]\nname = \"x\"\n[dependency-groups]\ndev = [\"a\"]\n";
    assert_eq!(said(&[("pyproject.toml", plain)]), ["a: asked group dev, any"]);
}

#[test]
fn poetry_has_tables() {
    let pyproject = "[tool.poetry.dependencies]\npython = \"^3.9\"\na = \"^1.2\"\nb = { version = \"*\", optional = true }\n\
                     c = { git = \"https://x.org/c\" }\nd = { path = \"../d\" }\n\
                     e = [{ version = \"<2\", python = \"<3.8\" }, { version = \">=2\", platform = \"linux\" }]\n\
                     f = { version = \"1 || 2\", markers = \"nonsense\" }\n\
                     [tool.poetry.dev-dependencies]\ng = \"~1.2\"\n\
                     [tool.poetry.group.docs]\noptional = true\n[tool.poetry.group.docs.dependencies]\nh = \"1.*\"\n\
                     [tool.poetry.group.Test.dependencies]\ni = \"2.0\"\n";
    assert_eq!(
        said(&[("pyproject.toml", pyproject)]),
        [
            "a ^1.2: main, >=1.2,<2.0",
            "b: extra , any",
            "c: main, unknown Address",
            "d: main, unknown Local",
            "e: main, <2 if python_full_version < '3.8'",
            "e: main, >=2 if sys_platform == 'linux'",
            "f 1 || 2: main, ==1 || ==2 if unknown",
            "g ~1.2: group dev, >=1.2,<1.3",
            "h 1.*: asked group docs, ==1.*",
            "i 2.0: group test, ==2.0",
        ]
    );
    let both = "[project]\nname = \"x\"\ndependencies = [\"a>=1\", \"b\"]\n\
                [tool.poetry.dependencies]\na = { path = \"../a\" }\nb = { source = \"own\" }\n";
    assert_eq!(said(&[("pyproject.toml", both)]), ["a>=1: main, unknown Local", "b: main, any"]);
}

#[test]
fn pdm_installs_every_group() {
    let pyproject = "[dependency-groups]\nlint = [\"a\"]\n[tool.pdm.dev-dependencies]\ntest = [\"-e file:///x/b#egg=b\", \"c\"]\n\
                     [tool.pdm.resolution.overrides]\nc = \"1\"\n";
    assert_eq!(
        said(&[("pyproject.toml", pyproject)]),
        ["a: group lint, any", "file:///x/b#egg=b: group test, unknown Local", "c: group test, unknown"]
    );
}

#[test]
fn pipenv_has_a_key_for_each_marker() {
    let pipfile = "[packages]\na = \"*\"\nb = { version = \"==1\", sys_platform = \"== 'win32'\", markers = \"python_version < '3'\" }\n\
                   c = { path = \".\", editable = true }\nd = { file = \"https://x.org/d.zip\" }\n[dev-packages]\ne = \">1\"\n";
    assert_eq!(
        said(&[("Pipfile", pipfile)]),
        [
            "a: main, any",
            "b ==1: main, ==1 if (sys_platform == 'win32') and (python_version < '3')",
            "c: main, unknown Local",
            "d: main, unknown Address",
            "e >1: asked group dev-packages, >1",
        ]
    );
}

#[test]
fn setuptools_may_name_files() {
    let pyproject = "[project]\nname = \"x\"\ndynamic = [\"dependencies\", \"optional-dependencies\"]\n[tool.setuptools.dynamic]\n\
                     dependencies = { file = [\"needs/base.in\"] }\noptional-dependencies.dev = { file = \"needs/dev.in\" }\n";
    let files = [("pyproject.toml", pyproject), ("needs/base.in", "a\n"), ("needs/dev.in", "b\n")];
    assert_eq!(said(&files), ["a: main, any", "b: extra dev, any"]);
    let cfg =
        "[options]\ninstall_requires = file: needs.txt\n[options.extras_require]\nfast =\n    c>1; os_name == 'nt'\n";
    assert_eq!(
        said(&[("setup.cfg", cfg), ("needs.txt", "a\n")]),
        ["c>1; os_name == 'nt': extra fast, >1 if os_name == 'nt'", "a: main, any"]
    );
}

#[test]
fn what_a_program_finds_out_is_not_known() {
    let dynamic = |files: &[(&str, &str)]| {
        let mut system = MemorySystem::default();
        for (path, content) in files {
            system.write(format!("/p/{path}"), *content);
        }
        read(&Documents::new(&system), "/p".into(), None, "/p".into()).0.dynamic
    };
    let asks = "[project]\nname = \"x\"\ndynamic = [\"dependencies\"]\n";
    assert!(dynamic(&[("pyproject.toml", asks)]));
    assert!(!dynamic(&[("pyproject.toml", asks), ("setup.cfg", "[options]\ninstall_requires =\n  a\n")]));
    assert!(!dynamic(&[("pyproject.toml", asks), ("setup.py", "setup(install_requires=['a'])\n")]));
    assert!(dynamic(&[("setup.py", "setup(install_requires=open('x'))\n")]));
    assert!(!dynamic(&[("setup.py", "from setuptools import setup\nsetup()\n")]));
}

#[test]
fn conda_and_pip_have_names_of_their_own() {
    let environment = "name: lab\ndependencies:\n  - python=3.12\n  - conda-forge::numpy=1.26\n  - pip\n  - pip:\n    - six>=1 # why\n    - -r more.txt\n";
    let files = [("environment.yml", environment), ("more.txt", "attrs\n")];
    assert_eq!(said(&files), ["six>=1: main, >=1", "attrs: main, any", "conda-forge::numpy=1.26: main, ==1.26.*"]);
}

#[test]
fn a_requirement_file_gives_each_requirement_its_place() {
    let mut system = MemorySystem::default();
    system.write(
        "/p/requirements.txt",
        "  six==1 \\\n    --hash=sha256:00 # why\nattrs>1 --config-settings x=y\n-e ./own#egg=own\n",
    );
    let (project, _) = read(&Documents::new(&system), "/p".into(), None, "/p".into());
    let places: Vec<_> = project.dependencies.iter().map(|it| (it.range.start.utf8, it.range.end.utf8)).collect();
    assert_eq!(places, [(2, 8), (0, 7), (0, 16)]);
    assert_eq!(project.dependencies[2].source, Source::Local);
}
