//! Everything that is true for the files of one project: its manifests, its environment, its settings.
//!
//! In: a project's directory, the workspace around it, what the user and the editor ask for. Out: a [`Situation`].
//!
//! **Invariant:** a situation is a value; it is replaced whole when something it was read from changes, never patched.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::dependencies::{self, Dependencies};
use crate::diagnostic::List;
use crate::documents::Documents;
use crate::environment::{self, Environment, Rival, SourceKind};
use crate::interpreter::Interpreter;
use crate::launch::Launch;
use crate::operating_system::OperatingSystem;
use crate::origin::Problem;
use crate::pip::{self, Pip};
use crate::project::{self, Insertion, Project, Tool};
use crate::settings::{self, Mistake, Read, Settings};
use crate::system::{Kind, Listing, Overlay, System};
use crate::text::Range;

/// What is asked: the project's directory and what comes from outside its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Where the upward search for an environment starts.
    pub directory: Utf8PathBuf,
    /// The workspace folder; nothing above it is looked at.
    pub boundary: Utf8PathBuf,
    /// `--python`.
    pub argument: Option<String>,
    /// The editor's own choice of interpreter, or its `fromwhere.python` setting.
    pub editor: Option<String>,
    /// Variables of Python's own (`PYTHONPATH` of a `.env`) with which the editor runs the project, in place of the process's.
    pub variables: BTreeMap<String, String>,
    /// Where the user's terminal opens: command lines are written to be run there.
    pub terminal: Utf8PathBuf,
    /// What the file says about the Python that runs it, where the question is about one file.
    pub launch: Option<Launch>,
    /// Settings that win over the project's own (command line, editor).
    pub overrides: Settings,
    /// Read no configuration file at all (`--isolated`).
    pub isolated: bool,
    /// The one configuration file to read (`--config`).
    pub config: Option<Utf8PathBuf>,
}

impl Question {
    /// Asks about a directory with nothing said from outside.
    pub fn about(directory: &Utf8Path, boundary: &Utf8Path) -> Self {
        Question {
            directory: directory.to_owned(),
            boundary: boundary.to_owned(),
            argument: None,
            editor: None,
            variables: BTreeMap::new(),
            terminal: boundary.to_owned(),
            launch: None,
            overrides: Settings::default(),
            isolated: false,
            config: None,
        }
    }
}

/// Everything that is true for the files of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The workspace that the project lies in; nothing above it is looked at.
    pub boundary: Utf8PathBuf,
    /// Where the user's terminal opens.
    pub terminal: Utf8PathBuf,
    /// What the files have in common that it holds for; `None` for those that say nothing about the Python that runs them.
    pub launch: Option<Launch>,
    /// The editor's variables of Python that the environment was read with; one that is empty is unset.
    pub variables: BTreeMap<String, String>,
    pub project: Project,
    pub environment: Environment,
    pub settings: Settings,
    /// Where a fix adds a module to `allow`, in the file that the settings come from; `None` where none could take it.
    pub allow_insertion: Option<Insertion>,
    /// Where a fix writes the project's Python, in the same file.
    pub python_insertion: Option<Insertion>,
    /// Other environments that somebody names for the same project.
    pub rivals: Vec<Rival>,
    /// What `pip install` would do here; `None` without a Python.
    pub pip: Option<Pip>,
    /// Whether `python3 -m venv` fails: Debian keeps `ensurepip` in a package of its own, `python3-venv`.
    pub lacks_ensurepip: bool,
    /// Whether the virtual environment in force has no pip.
    pub lacks_pip: bool,
    pub operating_system: OperatingSystem,
    /// What is declared, held against what is installed.
    pub dependencies: Dependencies,
    /// Where the settings of the project name its Python.
    pub python_named_at: Option<(Utf8PathBuf, Range)>,
    /// The mistakes in the settings, which are among the problems too.
    pub mistakes: Vec<Mistake>,
    /// What could not be read as it was meant.
    pub problems: Vec<Problem>,
}

impl Situation {
    /// Tells whether the Python in force is only the one that happens to be on `PATH`, or just a version of it, while a
    /// tool of the project keeps its environments elsewhere, and none was found there: then what is not seen here says
    /// nothing.
    pub fn is_guessed(&self) -> bool {
        let Environment { source, interpreter, considered, .. } = &self.environment;
        let by_default =
            matches!(source.kind, SourceKind::Path | SourceKind::PythonVersionFile | SourceKind::ToolVersionsFile);
        // pyenv-virtualenv's environments are named in `.python-version`: that is a choice, not a default.
        let is_virtual = interpreter.as_ref().is_some_and(Interpreter::is_virtual);
        let keeps_elsewhere = matches!(
            self.project.tool,
            Tool::Poetry | Tool::Pipenv | Tool::Pdm | Tool::Hatch | Tool::Pixi | Tool::Conda
        );
        by_default && !is_virtual && (keeps_elsewhere || considered.iter().any(|it| it.kind.is_tool()))
    }

    /// Tells whether a program's own folder, or the working directory, comes first on its path: not under `-I`, `-P` and
    /// `PYTHONSAFEPATH`. `IPython` puts the notebook's folder there by itself.
    pub fn finds_own_folder(&self) -> bool {
        let is_safe = self.environment.interpreter.as_ref().is_some_and(|it| it.safe_path);
        !is_safe || matches!(self.launch, Some(Launch::Kernel(_)))
    }

    /// Returns what is wrong with a file's shebang or kernel, where no environment's own files can be shown for it.
    pub fn problem_of(&self, file: &Utf8Path) -> Option<Problem> {
        let Environment { source, broken, root, .. } = &self.environment;
        let broken = broken.as_ref().filter(|_| root.is_none())?;
        let (who, line) = match source.kind {
            SourceKind::Shebang => ("shebang", Some(1)),
            SourceKind::Kernel => ("kernel", None),
            _ => return None,
        };
        let message = format!("its {who} names `{}`, but {}", broken.interpreter, broken.reason);
        Some(Problem { path: file.to_owned(), line, message })
    }
}

/// Returns the folder that `python FILE` puts first on its path: a file that is a link stands for the one it leads to
/// (`_PyPathConfig_ComputeSysPath0`).
pub fn script_folder(system: &dyn System, file: &Utf8Path) -> Utf8PathBuf {
    let own = file.parent().unwrap_or(file);
    let is_link = system.list(own).is_ok_and(|it| file.file_name().and_then(|name| it.get(name)) == Some(Kind::Link));
    let elsewhere = if is_link { folder_behind(system, own, file) } else { None };
    elsewhere.unwrap_or_else(|| own.to_owned())
}

/// Returns the files of a directory that are links into other folders, with those folders.
pub fn linked_scripts(system: &dyn System, directory: &Utf8Path) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
    system.list(directory).map(|listing| links_elsewhere(system, directory, &listing)).unwrap_or_default()
}

pub(crate) fn links_elsewhere(
    system: &dyn System,
    directory: &Utf8Path,
    listing: &Listing,
) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
    let links = listing.iter().filter(|(_, kind)| *kind == Kind::Link).map(|(name, _)| directory.join(name));
    links.filter_map(|file| Some((file.clone(), folder_behind(system, directory, &file)?))).collect()
}

/// The folder that a link leads to, where it is another one; a notebook is run where it is opened.
fn folder_behind(system: &dyn System, own: &Utf8Path, link: &Utf8Path) -> Option<Utf8PathBuf> {
    let real = system.canonical(link).ok().filter(|it| it.extension() != Some("ipynb") && system.is_file(it))?;
    let folder = real.parent()?;
    (system.canonical(own).ok()? != folder).then(|| folder.to_owned())
}

/// Reads everything that is true for the files of one project.
pub fn situation(system: &dyn System, question: &Question) -> Situation {
    // A file that names the Python that runs it is run by that name, not by the editor; a kernel is the editor's.
    let by_editor = matches!(question.launch, None | Some(Launch::Kernel(_))) && !question.variables.is_empty();
    if by_editor {
        let variables = question.variables.clone();
        let read = read(&Overlay::new(system).with_variables(variables.clone()), question);
        Situation { variables, ..read }
    } else {
        read(system, question)
    }
}

fn read(system: &dyn System, question: &Question) -> Situation {
    let documents = Documents::new(system);
    let workspace = environment::workspace_around(&documents, &question.directory, &question.boundary);
    let (mut project, mut problems) =
        project::read(&documents, &question.directory, workspace.as_deref(), &question.boundary);
    if let Some(Launch::Script(script)) = &question.launch {
        let (of_script, wrong) = project::of_script(project, script);
        project = of_script;
        problems.extend(wrong);
    }
    let configured = settings::configured(&documents, &question.directory, &question.boundary);
    let config = question.config.as_deref();
    // Its own errors are reported by those who read the settings.
    let file = settings::file(system, &configured, config, question.isolated);
    let document = file.as_ref().map(|path| documents.read(path, &mut Vec::new()));
    let insertion = |list| match &document {
        Some(document) => project::into_settings(document.as_deref()?, list),
        None if config.is_some() || question.isolated => None,
        None => project::into_new_file(&configured.join("fromwhere.toml"), list),
    };
    let (allow_insertion, python_insertion) = (insertion(List::Allow), insertion(List::Python));
    let Read { settings, problems: mut of_settings, mistakes, python } =
        settings::read_with_places(&documents, &configured, config, question.isolated);
    of_settings.extend(mistakes.iter().map(|mistake| mistake.problem.clone()));
    let settings = settings.overridden_by(&question.overrides);
    let environment = environment::discover(system, question, &settings);
    // A broken `pyproject.toml` is read for the project and again for the settings; one problem is enough.
    for problem in of_settings.into_iter().chain(environment.problems.iter().cloned()) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if project.manifests.is_empty() {
        // There is no file to report it on.
        let named = environment.ignored.iter().filter_map(|it| Some((it.variable?, it)));
        problems.extend(named.map(|(variable, it)| {
            let message = format!("`{variable}` names it, but it is no environment");
            Problem { path: it.path.clone(), line: None, message }
        }));
    }
    let rivals = environment::rivals(&documents, question, &settings, &environment);
    let pip = environment.interpreter.as_ref().map(|interpreter| pip::pip(system, interpreter));
    let lacks_ensurepip = environment.interpreter.as_ref().is_some_and(|interpreter| {
        interpreter.is_debians && !system.is_directory(&interpreter.stdlib.join("ensurepip"))
    });
    let lacks_pip = environment.interpreter.as_ref().is_some_and(|interpreter| {
        let mut roots = interpreter.search_path.iter().filter(|root| root.exists);
        interpreter.is_virtual() && !roots.any(|root| system.is_directory(&root.path.join("pip")))
    });
    let operating_system = OperatingSystem::read(system);
    let (boundary, launch, terminal) = (question.boundary.clone(), question.launch.clone(), question.terminal.clone());
    let mut situation = Situation {
        boundary,
        terminal,
        launch,
        variables: BTreeMap::new(),
        project,
        environment,
        settings,
        allow_insertion,
        python_insertion,
        rivals,
        pip,
        lacks_ensurepip,
        lacks_pip,
        operating_system,
        dependencies: Dependencies::default(),
        python_named_at: python,
        mistakes,
        problems,
    };
    if !situation.finds_own_folder() {
        situation.project.roots.retain(|root| root.evidence != project::STARTED_HERE);
    }
    situation.dependencies = dependencies::read(system, &situation);
    situation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rule;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_situation_is_read_from_the_projects_own_files() {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.11", b"\x7fELF".as_slice()).write("/usr/lib/python3.11/os.py", "");
        system.write("/ws/pyproject.toml", "[tool.fromwhere]\npython = \"tools/py\"\nallow = [\"gi\"]\n");
        system.write("/ws/a/pyproject.toml", "[project]\nname = \"a\"\ndependencies = [\"attrs\"]\n");
        system.write("/ws/tools/py/pyvenv.cfg", "home = /usr/bin\n");
        system.link("/ws/tools/py/bin/python", "/usr/bin/python3.11");
        let mut question = Question::about("/ws/a".into(), "/ws".into());
        question.overrides.ignore.insert(Rule::EnvNone);
        let found = situation(&system, &question);
        assert_eq!(found.problems, []);
        assert_eq!(found.project.name.as_deref(), Some("a"));
        assert!(found.settings.allow.contains("gi") && found.settings.ignore.contains(&Rule::EnvNone));
        assert_eq!(found.environment.source.kind, SourceKind::Config);
        assert_eq!(found.environment.root.as_deref(), Some("/ws/tools/py".into()));
        question.isolated = true;
        let found = situation(&system, &question);
        assert_eq!(found.environment.source.kind, SourceKind::None);
    }

    #[test]
    fn a_safe_path_has_no_folder_of_the_program() {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.11", b"\x7fELF".as_slice()).write("/usr/lib/python3.11/os.py", "");
        system.link("/usr/bin/python3", "python3.11").set_variable("PATH", "/usr/bin").write("/ws/pyproject.toml", "");
        system.write("/ws/src/a.py", "");
        let mut question = Question::about("/ws".into(), "/ws".into());
        let roots = |system: &MemorySystem, question: &Question| -> Vec<Utf8PathBuf> {
            situation(system, question).project.roots.into_iter().map(|root| root.path).collect()
        };
        assert_eq!(roots(&system, &question), ["/ws/src", "/ws"]);
        system.set_variable("PYTHONSAFEPATH", "0");
        assert_eq!(roots(&system, &question), ["/ws/src"]);
        let shebang = |line: &str| {
            let text = crate::text::Text::new(format!("{line}\n"));
            crate::launch::of("/ws/run.py".into(), &crate::imports::scan(&text))
        };
        question.launch = shebang("#!/usr/bin/python3 -E");
        assert_eq!(roots(&system, &question), ["/ws/src", "/ws"]);
        question.launch = shebang("#!/usr/bin/python3 -I");
        assert_eq!(roots(&system, &question), ["/ws/src"]);
        system.set_variable("PYTHONSAFEPATH", "");
        question.launch = shebang("#!/usr/bin/python3 -P");
        assert!(!situation(&system, &question).finds_own_folder());
    }

    #[test]
    fn what_the_editor_sets_counts_for_what_the_editor_runs() {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.11", b"\x7fELF".as_slice()).write("/usr/lib/python3.11/os.py", "");
        system.link("/usr/bin/python3", "python3.11").set_variable("PATH", "/usr/bin");
        system.set_variable("PYTHONPATH", "/of/process").write("/ws/pyproject.toml", "");
        let mut question = Question::about("/ws".into(), "/ws".into());
        let first = |question: &Question| {
            let interpreter = situation(&system, question).environment.interpreter;
            interpreter.and_then(|it| it.search_path.first().map(|root| root.path.to_string()))
        };
        assert_eq!(first(&question).as_deref(), Some("/of/process"));
        question.variables.insert("PYTHONPATH".to_owned(), "/of/editor".to_owned());
        assert_eq!(first(&question).as_deref(), Some("/of/editor"));
        question.variables.insert("PYTHONPATH".to_owned(), String::new());
        assert_eq!(first(&question).as_deref(), Some("/usr/lib/python311.zip"));
        let text = crate::text::Text::new("#!/usr/bin/python3\n".to_owned());
        question.launch = crate::launch::of("/ws/run.py".into(), &crate::imports::scan(&text));
        assert_eq!(first(&question).as_deref(), Some("/of/process"));
    }

    #[test]
    fn a_script_that_is_a_link_runs_where_it_leads() {
        let mut system = MemorySystem::default();
        system.write("/ws/tools/run.py", "").write("/ws/tools/note.ipynb", "").write("/ws/bin/own.py", "");
        system
            .link("/ws/bin/run", "../tools/run.py")
            .link("/ws/bin/twice.py", "run")
            .link("/ws/bin/gone.py", "nowhere");
        system.link("/ws/bin/note.ipynb", "../tools/note.ipynb").link("/ws/bin/beside.py", "own.py");
        system.link("/ws/bin/folder", "../tools");
        for (file, expected) in [
            ("run", "/ws/tools"),
            ("twice.py", "/ws/tools"),
            ("own.py", "/ws/bin"),
            ("beside.py", "/ws/bin"),
            ("gone.py", "/ws/bin"),
            ("note.ipynb", "/ws/bin"),
        ] {
            assert_eq!(script_folder(&system, &Utf8Path::new("/ws/bin").join(file)), expected, "{file}");
        }
        let linked: Vec<_> = linked_scripts(&system, "/ws/bin".into()).into_keys().collect();
        assert_eq!(linked, ["/ws/bin/run", "/ws/bin/twice.py"]);
    }

    #[test]
    fn a_module_is_allowed_where_the_settings_are_read() {
        let mut system = MemorySystem::default();
        system
            .write("/ws/pyproject.toml", "[tool.fromwhere]\nallow = [\"gi\"]\n")
            .write("/ws/sub/pyproject.toml", "[project]\nname = \"sub\"\n")
            .write("/ws/own/pyproject.toml", "[tool.fromwhere]\nallow = []\n");
        system.write("/ws/own/fromwhere.toml", "").write("/elsewhere/pyproject.toml", "").write("/ws/c.toml", "");
        system.set_working_directory("/ws");
        let place = |question: &Question| {
            let insertion = situation(&system, question).allow_insertion?;
            Some((insertion.path.to_string(), insertion.text("yaml")))
        };
        let about = |directory: &str| Question::about(directory.into(), "/ws".into());
        let found = |path: &str, text: &str| Some((path.to_owned(), text.to_owned()));
        let around = found("/ws/pyproject.toml", ", \"yaml\"");
        assert_eq!(place(&about("/ws/sub")), around, "a table in `sub` would hide the one around it");
        assert_eq!(place(&about("/ws")), around);
        assert_eq!(place(&about("/ws/own")), found("/ws/own/fromwhere.toml", "allow = [\"yaml\"]\n"));
        let lone = Question::about("/elsewhere".into(), "/elsewhere".into());
        assert_eq!(place(&lone), found("/elsewhere/pyproject.toml", "[tool.fromwhere]\nallow = [\"yaml\"]\n"));
        let nowhere = Question::about("/nowhere".into(), "/nowhere".into());
        assert_eq!(place(&nowhere), found("/nowhere/fromwhere.toml", "allow = [\"yaml\"]\n"), "it is made");
        let made = situation(&system, &nowhere).allow_insertion.unwrap();
        assert!(made.creates && !situation(&system, &lone).allow_insertion.unwrap().creates);
        let named = |name: &str| Question { config: Some(name.into()), ..about("/ws/sub") };
        assert_eq!(place(&named("c.toml")), found("/ws/c.toml", "allow = [\"yaml\"]\n"));
        assert_eq!(place(&named("gone.toml")), None);
        assert_eq!(place(&Question { isolated: true, ..about("/ws/sub") }), None, "none is read");
    }

    #[test]
    fn a_broken_manifest_is_named_once() {
        let mut system = MemorySystem::default();
        system.write("/p/pyproject.toml", "[tool.fromwhere\n");
        let found = situation(&system, &Question::about("/p".into(), "/p".into()));
        assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
        assert_eq!(found.problems[0].line, Some(1));
    }
}
