//! What makes a diagnostic milder, or silent.
//!
//! In: where a file lies and under what condition an import runs. Out: the severity that is left.
//!
//! **Invariant:** nothing here makes a diagnostic more severe.

use camino::Utf8Path;

use super::verdict;
use crate::diagnostic::Severity;
use crate::environment::SourceKind;
use crate::imports::Context;
use crate::interpreter::Interpreter;
use crate::launch::Launch;
use crate::project::Tool;
use crate::rules::Rule;
use crate::situation::Situation;

/// Folders with other people's code that a project carries along.
const VENDORED: [&str; 6] = ["_vendor", "vendor", "vendored", "third_party", "third-party", "node_modules"];

/// Files that a tool runs in an environment of its own: build frontends (PEP 517), nox, hatch.
const RUN_ELSEWHERE: [&str; 3] = ["setup.py", "noxfile.py", "hatch_build.py"];

/// Folders of tests with what tests read: examples, broken on purpose, of projects that are none.
const TESTS: [&str; 3] = ["test", "testing", "tests"];
const DATA_OF_TESTS: [&str; 6] = ["data", "fixtures", "resources", "test-data", "test_data", "testdata"];

/// Tells whether a file is what a test reads, not what it runs.
pub(super) fn is_data_of_tests(situation: &Situation, path: &Utf8Path) -> bool {
    let below = path.strip_prefix(&situation.boundary).unwrap_or(path);
    let mut folders = below.parent().into_iter().flat_map(Utf8Path::components).map(|part| part.as_str());
    folders.any(|folder| TESTS.contains(&folder)) && folders.any(|folder| DATA_OF_TESTS.contains(&folder))
}

/// Tells whether a file runs in another environment than the one in force: a tool looks for its name, or what it says of
/// itself is outranked. A shebang with a Python that is no virtual environment wants what comes with that Python, and
/// often it is only an old habit: nothing is said there either.
pub(super) fn runs_elsewhere(situation: &Situation, interpreter: &Interpreter, path: &Utf8Path) -> bool {
    let outranked = match (&situation.launch, situation.environment.source.kind) {
        // Whoever sets `--python` or the editor's Python wants to know about that one.
        (None, _) | (Some(Launch::Script(_)), SourceKind::Script) => false,
        (Some(Launch::Kernel(_)), kind) => kind == SourceKind::Kernel && !interpreter.is_virtual(),
        (Some(Launch::Script(_)), _) => true,
        (Some(Launch::Shebang(_)), SourceKind::Shebang) => !interpreter.is_virtual(),
        (Some(Launch::Shebang(shebang)), _) => {
            !(interpreter.is_virtual() && shebang.interpreter.starts_with(&interpreter.prefix))
        }
    };
    // Poetry runs what `tool.poetry.build.script` names where it builds.
    let is_build_script = || situation.project.tool == Tool::Poetry && *path == situation.project.root.join("build.py");
    outranked || is_build_script() || path.file_name().is_some_and(|name| RUN_ELSEWHERE.contains(&name))
}

/// Tells whether a file is somebody else's: installed, part of an environment, or vendored. Nothing is said there.
pub(super) fn is_not_the_projects_own(situation: &Situation, interpreter: &Interpreter, path: &Utf8Path) -> bool {
    let installed = path.components().any(|part| matches!(part.as_str(), "site-packages" | "dist-packages"));
    // The prefix alone does not tell: an environment may have been made in the project's own folder.
    let in_environment = || {
        let inside = path.strip_prefix(&interpreter.prefix).ok().and_then(|inside| inside.components().next());
        inside.is_some_and(|part| matches!(part.as_str(), "lib" | "lib64" | "bin" | "share" | "Lib" | "Scripts"))
    };
    installed
        || (interpreter.is_virtual() && in_environment())
        || path.starts_with(&interpreter.stdlib)
        || is_vendored(situation, path)
}

/// Tells whether a file is other people's code that the project carries along.
pub(super) fn is_vendored(situation: &Situation, path: &Utf8Path) -> bool {
    folders(situation, path).any(|folder| VENDORED.contains(&folder)) || is_vendored_project(situation)
}

/// Tells whether the whole project is such: one of these folders has it, and nobody gave it an environment of its own.
pub(super) fn is_vendored_project(situation: &Situation) -> bool {
    let project = &situation.project;
    let around = project.root.parent().and_then(|it| it.strip_prefix(&situation.boundary).ok());
    let mut folders = around.into_iter().flat_map(Utf8Path::components).map(|part| part.as_str());
    let has_environment = || situation.environment.root.as_ref().is_some_and(|it| it.starts_with(&project.root));
    folders.any(|folder| VENDORED.contains(&folder)) && project.workspace.is_none() && !has_environment()
}

/// Returns the severity left after where the file lies: what is under `debian/` is packaging, which may use the operating
/// system's packages.
pub(super) fn of_file(rule: Rule, severity: Severity, situation: &Situation, path: &Utf8Path) -> Option<Severity> {
    let packaging = folders(situation, path).any(|folder| folder == "debian");
    match rule {
        Rule::ImportFromOs if packaging => None,
        _ if packaging => severity.softened(),
        _ => Some(severity),
    }
}

/// Returns the severity left after the conditions an import stands under: a missing module is expected there, one from
/// an unexpected place is worth one level less.
pub(super) fn of_place(rule: Rule, severity: Severity, context: Context) -> Option<Severity> {
    match rule {
        _ if !is_conditional(context) => Some(severity),
        _ if verdict::is_absence(rule) => None,
        _ => severity.softened(),
    }
}

/// Tells whether an import may be skipped, or fail, and the program goes on.
pub(super) fn is_conditional(context: Context) -> bool {
    context.type_checking || context.may_fail || context.guarded
}

/// Tells whether a file is one that only those who test the project run.
pub(super) fn is_of_tests(situation: &Situation, path: &Utf8Path) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem == "conftest"
        || folders(situation, path).any(|folder| TESTS.contains(&folder))
}

/// The names of the folders between the project's root and a file.
fn folders<'a>(situation: &Situation, path: &'a Utf8Path) -> impl Iterator<Item = &'a str> {
    let below = path.strip_prefix(&situation.project.root).unwrap_or(path);
    below.parent().into_iter().flat_map(Utf8Path::components).map(|part| part.as_str())
}
