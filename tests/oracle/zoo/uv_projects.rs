//! What uv keeps for projects, scripts and tools, and the environments that it lays over others for one run.
//!
//! Each is made by uv from wheels that are here, without a network; uv is asked which Python is in force, and has to say what
//! `fromwhere env` says.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{Variables, run, say, write};
use super::super::python::{Python, Start, all};
use super::super::{scope, tools};
use super::project_tools::{in_force, variables};
use super::{Environment, Habitat, Visit, contents};

/// The oldest Python that uv makes environments for without a complaint.
const OLDEST: (u64, u64) = (3, 8);

pub(super) fn habitats() -> Vec<Habitat> {
    let mut habitats = Vec::new();
    let pythons: Vec<Python> = all().into_iter().filter(|it| it.version >= OLDEST).collect();
    for (number, tool) in tools::generations("uv").into_iter().enumerate() {
        for (at, python) in pythons.iter().enumerate() {
            // The part asks one Python for each generation of uv.
            if scope::is_whole() || at % 2 == number {
                let (tool, python) = (tool.clone(), python.clone());
                let name = format!("generation {number}, {}", python.name());
                habitats.push(Habitat::new(name, move |root, found| visit(&tool, &python, root, found)));
            }
        }
    }
    habitats
}

/// One uv with one Python in a home of its own.
struct Uv<'a> {
    tool: &'a Utf8Path,
    python: &'a Python,
    variables: Variables,
}

impl Uv<'_> {
    /// Runs it in a folder; returns the last line that it printed.
    fn say(&self, arguments: &[&str], folder: &Utf8Path, further: &[(&str, &str)]) -> String {
        let mut variables = self.variables.clone();
        variables.extend(further.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        say(self.tool, arguments, folder, &variables)
    }

    /// Compares what uv says of a project's Python, and its environment.
    fn compare(
        &self,
        what: &str,
        folder: &Utf8Path,
        script: Option<&str>,
        further: &[(&str, &str)],
        found: &mut Visit,
    ) {
        let said = match script {
            // `uv python find --script` passes over environments without the global lock, which it runs all the same.
            Some(script) => self.say(&["run", "--quiet", script], folder, further),
            None => {
                self.say(&["run", "--no-sync", "python", "-c", "import sys; print(sys.executable)"], folder, further)
            }
        };
        let said = Utf8PathBuf::from(said);
        let mut variables = self.variables.clone();
        variables.extend(further.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let asked = ["env"].into_iter().chain(script.into_iter().flat_map(|it| ["--file", it]));
        let ours = in_force(&asked.collect::<Vec<_>>(), folder, &variables);
        let executable = ours["interpreter"]["executable"].as_str().unwrap_or_default();
        let bin = |path: &Utf8Path| path.parent().and_then(|it| it.canonicalize_utf8().ok());
        if bin(executable.into()) != bin(&said) {
            found.differs(&format!("{what}: uv says {said}, and `fromwhere env` {ours:#}"));
        }
        let start = Start::new(&said);
        found.push(Environment::new(what, start.clone()).packages(&["tiny", "space"]).again([start.flags(&["-I"])]));
    }
}

fn visit(tool: &Utf8Path, python: &Python, root: &Utf8Path, found: &mut Visit) {
    let wheels = contents::wheels(root).expect("a Python makes them");
    let options = [
        ("UV_OFFLINE", "1".to_owned()),
        ("UV_NO_INDEX", "1".to_owned()),
        ("UV_FIND_LINKS", wheels.to_string()),
        ("UV_PYTHON", python.executable.to_string()),
        ("UV_CACHE_DIR", root.join("cache").into_string()),
        ("UV_LINK_MODE", "symlink".to_owned()),
        ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
    ];
    let uv = Uv { tool, python, variables: variables(root, python, options) };
    in_projects(&uv, root, found);
    of_scripts(&uv, root, found);
    laid_over(&uv, root, found);
    redirected(&uv, root, found);
    // A tool has an environment of its own.
    let (place, programs) = (root.join("tools").into_string(), root.join("programs").into_string());
    let further = [("UV_TOOL_DIR", place.as_str()), ("UV_TOOL_BIN_DIR", programs.as_str())];
    uv.say(&["tool", "install", "--quiet", "tiny"], root, &further);
    found.push(Environment::new("a tool", Start::new(&root.join("tools/tiny/bin/python"))).packages(&["tiny"]));
}

fn in_projects(uv: &Uv<'_>, root: &Utf8Path, found: &mut Visit) {
    let project = |name: &str, further: &str| {
        let text = format!(
            "[project]\nname = \"{name}\"\nversion = \"1\"\nrequires-python = \">=3.8\"\ndependencies = [\"tiny\"]\n{further}"
        );
        write(&root.join(name).join("pyproject.toml"), text);
        root.join(name)
    };
    let plain = project("plain", "[tool.uv]\npackage = false\n");
    uv.say(&["sync", "--quiet"], &plain, &[]);
    uv.compare("a project", &plain, None, &[], found);
    std::fs::create_dir_all(plain.join("src/below")).unwrap();
    uv.compare("a project, from below", &plain.join("src/below"), None, &[], found);
    let place = root.join("elsewhere").into_string();
    for (what, place) in [
        ("an absolute place", place.as_str()),
        ("a relative place", "build/env"),
        ("a place above", "../above"),
        ("a place with steps back", "build/../made"),
    ] {
        let further = [("UV_PROJECT_ENVIRONMENT", place)];
        uv.say(&["sync", "--quiet"], &plain, &further);
        uv.compare(what, &plain, None, &further, found);
    }
    let workspace =
        project("workspace", "[tool.uv]\npackage = false\n[tool.uv.workspace]\nmembers = [\"members/*\"]\n");
    let member = "[project]\nname = \"member\"\nversion = \"1\"\nrequires-python = \">=3.8\"\ndependencies = [\"space-one\"]\n\
                  [tool.uv]\npackage = false\n";
    write(&workspace.join("members/one/pyproject.toml"), member);
    uv.say(&["sync", "--quiet", "--all-packages"], &workspace, &[]);
    uv.compare("a workspace", &workspace, None, &[], found);
    uv.compare("a member of a workspace", &workspace.join("members/one"), None, &[], found);
}

/// Scripts that name what they need (PEP 723).
fn of_scripts(uv: &Uv<'_>, root: &Utf8Path, found: &mut Visit) {
    let folder = root.join("scripts");
    for (name, dependencies) in [("one.py", "\"tiny\""), ("two.py", "\"space-one\", \"space-two\""), ("none.py", "")] {
        let text = format!(
            "# /// script\n# requires-python = \">=3.8\"\n# dependencies = [{dependencies}]\n# ///\nimport sys; print(sys.executable)\n"
        );
        write(&folder.join(name), text);
        uv.say(&["sync", "--quiet", "--script", name], &folder, &[]);
        uv.compare(&format!("the script {name}"), &folder, Some(name), &[], found);
    }
}

/// A `.venv` that is a file names an environment elsewhere (PEP 832).
fn redirected(uv: &Uv<'_>, root: &Utf8Path, found: &mut Visit) {
    let folder = root.join("redirected");
    let environment = folder.join("kept here/env");
    std::fs::create_dir_all(folder.join("below")).unwrap();
    uv.say(&["venv", "--quiet", "--no-project", environment.as_str()], root, &[]);
    let texts = [
        "kept here/env".to_owned(),
        environment.to_string(),
        format!("{environment}\n"),
        "kept here/env\r\n".to_owned(),
        "./kept here//env/\n".to_owned(),
        "../redirected/below/../kept here/env\n\n".to_owned(),
    ];
    for text in texts {
        write(&folder.join(".venv"), &text);
        for here in [folder.clone(), folder.join("below")] {
            let said = uv.say(&["python", "find"], &here, &[]);
            // An older uv takes a file for nothing.
            if Utf8Path::new(&said).starts_with(&folder) {
                let ours = in_force(&["env"], &here, &uv.variables);
                let root = ours["root"].as_str().unwrap_or_default();
                let is_same =
                    |one: &Utf8Path, other: &Utf8Path| one.canonicalize_utf8().ok() == other.canonicalize_utf8().ok();
                if !is_same(root.into(), &environment) {
                    found.differs(&format!("a redirect {text:?}: uv says {said}, and `fromwhere env` {ours:#}"));
                }
            }
        }
    }
    found.push(Environment::new("a redirect's", Start::new(&environment.join("bin/python"))));
}

/// `uv run --with` makes an environment over the project's for one run only; it is copied while it runs.
fn laid_over(uv: &Uv<'_>, root: &Utf8Path, found: &mut Visit) {
    let program = "import shutil, sys; shutil.copytree(sys.prefix, sys.argv[1], symlinks=True)";
    let plain = root.join("plain");
    let script = root.join("scripts/one.py");
    write(&script, format!("# /// script\n# dependencies = [\"tiny\"]\n# ///\n{program}\n"));
    for (what, arguments, folder) in [
        ("over a project", &["--with", "space-one", "python", "-c", program] as &[&str], &plain),
        (
            "over no project",
            &["--no-project", "--with", "space-two", "--with", "tiny", "python", "-c", program],
            &plain,
        ),
        ("isolated", &["--isolated", "--with", "space-two", "python", "-c", program], &plain),
        ("over a script", &["--with", "space-one", script.as_str()], &plain),
    ] {
        let copy = root.join(format!("copy {what}"));
        uv.say(&[&["run", "--quiet"], arguments, &[copy.as_str()]].concat(), folder, &[]);
        // As it was, in its own place, it is gone; what it says names everything by absolute paths.
        assert!(copy.join("pyvenv.cfg").is_file(), "{what}: nothing was copied");
        let start = Start::new(&copy.join("bin/python"));
        found.push(Environment::new(what, start).packages(&["tiny", "space"]));
    }
    // The same by hand: one environment that extends another, as uv writes it.
    let library = format!("lib/{}/site-packages", uv.python.library().file_name().unwrap());
    let over = root.join("by hand");
    run(
        uv.tool,
        &["venv", "--quiet", "--offline", "--no-project", "--python", uv.python.executable.as_str(), over.as_str()],
    );
    let below = plain.join(".venv").join(&library);
    let line = format!("import site; site.addsitedir(__import__(\"os\").fsdecode(b\"{below}\"))");
    write(&over.join(&library).join("_uv_ephemeral_overlay.pth"), line);
    found.push(Environment::new("by hand", Start::new(&over.join("bin/python"))).packages(&["tiny"]));
}
