//! How far an answer can be relied on.
//!
//! In: a [`Situation`] and an [`Answer`] in it. Out: a [`Confidence`]: one word of four, and what keeps it from the better one.
//!
//! **Invariant:** the weakest of all that applies is said; a word other than exact has its cause with it.

use camino::Utf8Path;

use super::{Answer, ByRun, Program};
use crate::environment::SourceKind;
use crate::interpreter::{Interpreter, StartupCode};
use crate::origin::{ImportRoot, Origin};
use crate::project::STARTED_HERE;
use crate::resolve::{ModuleKind, TwinReason};
use crate::situation::Situation;

/// From the best to the worst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confidence<'a> {
    /// As the interpreter itself would say, with the variables that are set here.
    Exact,
    /// Exact, unless code that runs at start and that nobody has read here interferes.
    UnlessStartupCode(Interference<'a>),
    /// It holds where the code is run in this way.
    AssumesRunMode(RunMode<'a>),
    Unknown(Unknown<'a>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interference<'a> {
    Code(&'a [StartupCode]),
    /// A module that may have imported another file of the name.
    Import(&'a str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunMode<'a> {
    /// A root of the project is on the path.
    Root(&'a ImportRoot),
    /// Another folder is, as the file itself is run.
    OwnFolder(&'a Utf8Path),
    /// Another folder is, as pytest collects the tests.
    Pytest(&'a Utf8Path),
    /// Another folder is, as this is started there.
    Started(&'static Program, &'a Utf8Path),
    /// Another folder is, for whatever reason.
    Around(&'a Utf8Path),
    /// Python is started in the folder from which `PYTHONPATH` counts.
    WorkingDirectory(&'a Utf8Path),
    /// Folders of the project are, which have parts of a namespace package.
    Portions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown<'a> {
    /// No Python is in force, for this reason.
    NoPython(&'a str),
    /// The one in force does not start, for this reason.
    DoesNotStart(&'a str),
    /// The one in force is only what happens to be there.
    Guessed,
    /// Two files may be meant.
    Bytecode(&'static str),
    /// The interpreter's file does not tell what is built into it.
    BuiltIn,
}

/// Tells how far it can be relied on where a module comes from.
pub fn of_answer<'a>(situation: &'a Situation, answer: &'a Answer) -> Confidence<'a> {
    let resolution = &answer.resolution;
    let twin = resolution.twin.as_ref().map(|twin| &twin.reason);
    if let Err(unknown) = python(situation) {
        return Confidence::Unknown(unknown);
    }
    if let Some(TwinReason::Bytecode(reason)) = twin {
        return Confidence::Unknown(Unknown::Bytecode(reason));
    }
    let interpreter = situation.environment.interpreter.as_ref();
    if interpreter.is_some_and(|it| !it.tells_built_in) && may_be_built_in(answer) {
        return Confidence::Unknown(Unknown::BuiltIn);
    }
    if let Some(run_mode) = run_mode(situation, answer) {
        return Confidence::AssumesRunMode(run_mode);
    }
    match (interfering(situation, answer), twin) {
        (_, Some(TwinReason::ImportedBy(module))) => Confidence::UnlessStartupCode(Interference::Import(module)),
        ([], _) => Confidence::Exact,
        (code, _) => Confidence::UnlessStartupCode(Interference::Code(code)),
    }
}

/// Tells how far the search path can be relied on; the folder of the program is none of it.
pub fn of_environment(situation: &Situation) -> Confidence<'_> {
    let interpreter = match python(situation) {
        Ok(interpreter) => interpreter,
        Err(unknown) => return Confidence::Unknown(unknown),
    };
    match (interpreter.relative_roots.first(), interpreter.startup_code.as_slice()) {
        (Some(root), _) => Confidence::AssumesRunMode(RunMode::WorkingDirectory(root)),
        (None, []) => Confidence::Exact,
        (None, code) => Confidence::UnlessStartupCode(Interference::Code(code)),
    }
}

/// Returns the code at start that may change the answer: what is compiled in is found before anything that it could add.
pub fn interfering<'a>(situation: &'a Situation, answer: &Answer) -> &'a [StartupCode] {
    match (&situation.environment.interpreter, answer.resolution.kind) {
        (None, _) | (_, ModuleKind::BuiltIn | ModuleKind::Frozen) => &[],
        (Some(interpreter), _) => &interpreter.startup_code,
    }
}

impl Confidence<'_> {
    /// Returns the word that the JSON output uses.
    pub fn as_str(&self) -> &'static str {
        match self {
            Confidence::Exact => "exact",
            Confidence::UnlessStartupCode(_) => "unless-startup-code",
            Confidence::AssumesRunMode(_) => "assumes-run-mode",
            Confidence::Unknown(_) => "unknown",
        }
    }

    /// Returns the causes, each as a fragment; none where it is exact.
    pub fn because(&self) -> Vec<String> {
        match self {
            Confidence::Exact => Vec::new(),
            Confidence::UnlessStartupCode(Interference::Import(module)) => vec![format!("`{module}`")],
            Confidence::UnlessStartupCode(Interference::Code(code)) => code.iter().map(place).collect(),
            Confidence::AssumesRunMode(run_mode) => vec![run_mode.in_words()],
            Confidence::Unknown(unknown) => vec![unknown.in_words().to_owned()],
        }
    }

    /// Says in a line what it hangs on; nothing where it is exact.
    pub fn in_words(&self) -> Option<String> {
        match self {
            Confidence::Exact => None,
            Confidence::UnlessStartupCode(Interference::Import(module)) => {
                Some(format!("unless `{module}` has imported another one at start"))
            }
            Confidence::UnlessStartupCode(Interference::Code(code)) => {
                let more = code.len().saturating_sub(1);
                let more = if more == 0 { String::new() } else { format!(", or {more} more,") };
                code.first().map(|first| format!("unless {}{more} interferes at start", place(first)))
            }
            Confidence::AssumesRunMode(run_mode) => Some(format!("if {}", run_mode.in_words())),
            Confidence::Unknown(unknown) => Some(format!("no: {}", unknown.in_words())),
        }
    }
}

impl RunMode<'_> {
    fn in_words(&self) -> String {
        match self {
            RunMode::Root(root) if root.evidence == STARTED_HERE => root.evidence.to_string(),
            RunMode::Root(root) => format!("`{}` is on the path", root.path),
            RunMode::OwnFolder(_) => "the file itself is run (`python FILE`)".to_owned(),
            RunMode::Pytest(_) => "pytest collects the tests".to_owned(),
            RunMode::Started(Program { tool: Some(tool), .. }, path) => format!("{tool} is started in `{path}`"),
            RunMode::Started(program, path) => format!("`{path}/{}` is run", program.file),
            RunMode::Around(path) => format!("`{path}` is on the path"),
            RunMode::WorkingDirectory(path) => format!("`PYTHONPATH`, which is relative, leads to `{path}`"),
            RunMode::Portions => "all of the project's folders with a part of it are on the path".to_owned(),
        }
    }
}

impl Unknown<'_> {
    fn in_words(&self) -> &str {
        match self {
            Unknown::NoPython(reason) | Unknown::DoesNotStart(reason) | Unknown::Bytecode(reason) => reason,
            Unknown::Guessed => "the project's own environment was not found",
            Unknown::BuiltIn => "the interpreter's file does not tell what is built in",
        }
    }
}

fn python(situation: &Situation) -> Result<&Interpreter, Unknown<'_>> {
    let environment = &situation.environment;
    let Some(interpreter) = &environment.interpreter else {
        return Err(Unknown::NoPython(match &environment.broken {
            Some(broken) => &broken.reason,
            None if environment.source.kind == SourceKind::Script => "uv has not made this script's environment yet",
            None => "no Python was found",
        }));
    };
    match &interpreter.does_not_start {
        Some(reason) => Err(Unknown::DoesNotStart(reason)),
        None if situation.is_guessed() => Err(Unknown::Guessed),
        None => Ok(interpreter),
    }
}

fn run_mode<'a>(situation: &'a Situation, answer: &'a Answer) -> Option<RunMode<'a>> {
    let root = answer.resolution.root.as_deref();
    if let Some(by_run) = answer.by_run {
        let own = situation.project.roots.iter().find(|it| Some(it.path.as_path()) == root);
        let (None, Some(root)) = (own, root) else { return Some(own.map_or(RunMode::Portions, RunMode::Root)) };
        return Some(match by_run {
            ByRun::Pytest => RunMode::Pytest(root),
            ByRun::Started(program) => RunMode::Started(program, root),
            ByRun::Around => RunMode::Around(root),
            ByRun::OwnFolder | ByRun::Project if answer.resolution.kind == ModuleKind::Namespace => RunMode::Portions,
            ByRun::OwnFolder | ByRun::Project => RunMode::OwnFolder(root),
        });
    }
    let relative = &situation.environment.interpreter.as_ref()?.relative_roots;
    relative.iter().find(|it| Some(it.as_path()) == root).map(|it| RunMode::WorkingDirectory(it))
}

/// Tells whether a file was found for what may be built in: a part of the library in C, or what hides one.
fn may_be_built_in(answer: &Answer) -> bool {
    let resolution = &answer.resolution;
    let is_of_library = resolution.origin == Some(Origin::StandardLibrary);
    let is_extension = resolution.kind == ModuleKind::Extension;
    let hides = || {
        let hidden = answer.shadows.iter().filter(|it| it.origin == Origin::StandardLibrary);
        hidden.into_iter().any(|it| !matches!(it.path.extension(), Some("py" | "pyc")))
    };
    !resolution.module.contains('.') && (is_of_library && is_extension || !is_of_library && hides())
}

fn place(code: &StartupCode) -> String {
    match code.line {
        Some(line) => format!("{}:{line}", code.path),
        None => code.path.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Investigation;
    use super::*;
    use crate::situation::{Question, situation};
    use crate::system::memory::MemorySystem;

    const SITE: &str = "/ws/.venv/lib/python3.11/site-packages";

    fn world() -> MemorySystem {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.11", b"\x7fELF".as_slice()).write("/usr/lib/python3.11/os.py", "");
        system
            .write("/usr/lib/python3.11/json.py", "")
            .write("/usr/lib/python3.11/lib-dynload/zlib.so", "")
            .write("/usr/lib/python3.11/lib-dynload/audioop.so", "")
            .write("/ws/pyproject.toml", "")
            .write("/ws/.venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
            .link("/ws/.venv/bin/python", "/usr/bin/python3.11")
            .write(format!("{SITE}/six.py"), "")
            .write(format!("{SITE}/both.py"), "")
            .write(format!("{SITE}/spread/a.py"), "")
            .write("/ws/both.py", "")
            .write("/ws/own.py", "")
            .write("/ws/zlib.py", "")
            .write("/ws/spread/b.py", "")
            .write("/ws/src/inner.py", "")
            .write("/ws/tools/beside.py", "");
        system
    }

    /// One line a name: the word, and what is said.
    fn said(system: &MemorySystem, names: &[&str]) -> Vec<String> {
        let situation = situation(system, &Question::about("/ws".into(), "/ws".into()));
        let investigation = Investigation::new(system, &situation);
        let say = |name: &&str| {
            let answer = investigation.answer_for(name, "/ws/tools".into());
            let confidence = of_answer(&situation, &answer);
            let words = confidence.in_words();
            assert_eq!(words.is_none(), confidence == Confidence::Exact);
            assert_eq!(confidence.because().is_empty(), confidence == Confidence::Exact);
            let words = words.map(|it| format!(": {it}")).unwrap_or_default();
            format!("{name} {}{words}", confidence.as_str())
        };
        names.iter().map(say).collect()
    }

    fn of_path(system: &MemorySystem) -> String {
        let situation = situation(system, &Question::about("/ws".into(), "/ws".into()));
        let confidence = of_environment(&situation);
        format!("{}: {}", confidence.as_str(), confidence.because().join(", "))
    }

    #[test]
    fn what_a_run_puts_in_front_is_an_assumption() {
        let mut system = world();
        let names = ["six", "json", "sys", "absent", "both", "own", "inner", "beside", "spread"];
        let started = "if programs are started in the project's folder";
        let expected = [
            "six exact".to_owned(),
            "json exact".to_owned(),
            "sys exact".to_owned(),
            "absent exact".to_owned(),
            format!("both assumes-run-mode: {started}"),
            format!("own assumes-run-mode: {started}"),
            "inner assumes-run-mode: if `/ws/src` is on the path".to_owned(),
            "beside assumes-run-mode: if the file itself is run (`python FILE`)".to_owned(),
            format!("spread assumes-run-mode: {started}"),
        ];
        assert_eq!(said(&system, &names), expected);
        assert_eq!(of_path(&system), "exact: ");
        // What is installed in place is there however it is run, but for what something else hides then.
        system.write(format!("{SITE}/own.pth"), "/ws\n/ws/src\n");
        let installed = said(&system, &["own", "inner", "both", "beside"]);
        assert_eq!(installed, ["own exact", "inner exact", &*expected[4], &*expected[7]]);
    }

    #[test]
    fn code_at_start_may_interfere() {
        let mut system = world();
        system.write(format!("{SITE}/a.pth"), "import likes\n").write(format!("{SITE}/likes.py"), "");
        system.write(format!("{SITE}/harmless.pth"), "import json\n");
        let words = format!("unless-startup-code: unless {SITE}/a.pth:1 interferes at start");
        let found = said(&system, &["six", "absent", "sys", "own"]);
        let own = "own assumes-run-mode: if programs are started in the project's folder";
        assert_eq!(found, [format!("six {words}"), format!("absent {words}"), "sys exact".to_owned(), own.to_owned()]);
        assert_eq!(of_path(&system), format!("unless-startup-code: {SITE}/a.pth:1"));
        system.write(format!("{SITE}/b.pth"), "import likes\n");
        let words = format!("six unless-startup-code: unless {SITE}/a.pth:1, or 1 more, interferes at start");
        assert_eq!(said(&system, &["six"]), [words]);
        assert_eq!(of_path(&system), format!("unless-startup-code: {SITE}/a.pth:1, {SITE}/b.pth:1"));
    }

    #[test]
    fn a_relative_variable_counts_from_where_python_is_started() {
        let mut system = world();
        system.write("/ws/lib/tool.py", "").write("/other/fixed.py", "").set_working_directory("/ws");
        system.set_variable("PYTHONPATH", "lib:/other");
        let words = "`PYTHONPATH`, which is relative, leads to `/ws/lib`";
        let found = said(&system, &["tool", "fixed", "six"]);
        assert_eq!(found, [format!("tool assumes-run-mode: if {words}"), "fixed exact".into(), "six exact".into()]);
        assert_eq!(of_path(&system), format!("assumes-run-mode: {words}"));
        system.set_variable("PYTHONPATH", "/other");
        assert_eq!(of_path(&system), "exact: ");
    }

    #[test]
    fn without_a_python_nothing_is_known() {
        let mut system = world();
        system.write("/ws/.venv/pyvenv.cfg", b"home = /usr/bin\n# \xe9\n".as_slice());
        let found = said(&system, &["six", "own"]);
        assert!(found.iter().all(|it| it.contains(" unknown: no: ")), "{found:?}");
        assert!(of_path(&system).starts_with("unknown: "));
        let mut system = world();
        system.link("/ws/.venv/bin/python", "/nowhere");
        assert!(said(&system, &["sys"])[0].contains("sys unknown: no: "), "{:?}", said(&system, &["sys"]));
        let mut system = MemorySystem::default();
        system.write("/ws/pyproject.toml", "");
        assert_eq!(said(&system, &["sys"]), ["sys unknown: no: no Python was found"]);
        assert_eq!(of_path(&system), "unknown: no Python was found");
    }

    #[test]
    fn what_is_built_in_may_not_be_told() {
        let words = "unknown: no: the interpreter's file does not tell what is built in";
        let expected = [format!("audioop {words}"), format!("zlib {words}"), "json exact".to_owned()];
        assert_eq!(said(&world(), &["audioop", "zlib", "json"]), expected);
    }
}
