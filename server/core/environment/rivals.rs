//! Other environments that somebody names for the same project: the shell, the editor, a type checker's configuration.
//!
//! In: the environment in force and the question it answers. Out: each other one that is there, and who names it.
//!
//! **Invariant:** only an environment that the project itself chose has rivals; one that cannot run is none.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::{self, Candidate, Found};
use super::sources::Search;
use super::{Environment, SourceKind, user_folders};
use crate::configparser;
use crate::document::Document;
use crate::documents::Documents;
use crate::interpreter::{self, Flags, Interpreter};
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::System;
use crate::text::{Range, Span, Text};

/// The largest configuration of a type checker that is read, in bytes.
const LARGEST_CONFIGURATION: u64 = 1024 * 1024;

/// Folders that tools keep environments of their own in; who runs in one of them has not chosen it for the project.
const OF_TOOLS: [&str; 8] = [".tox", ".nox", "pre-commit", "pipx", ".cache", "tools", "archive-v0", "hatch"];

/// Another environment than the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    pub named_by: NamedBy,
    pub root: Utf8PathBuf,
    pub interpreter: Interpreter,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedBy {
    /// The project itself, where the editor, a kernel or the shell has chosen.
    Project,
    /// `VIRTUAL_ENV` of a shell.
    VirtualEnv,
    /// A type checker's configuration.
    File {
        tool: &'static str,
        path: Utf8PathBuf,
        range: Range,
        /// What would have to be written anew to name another; empty where that is not certain.
        values: Vec<Written>,
    },
}

/// A value in a configuration that names an environment, or a part of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub range: Range,
    pub part: Part,
    /// What stands around the path itself, within that range.
    pub around: (&'static str, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The environment's folder.
    Folder,
    /// The folder that it lies in.
    Parent,
    /// Its name there.
    Name,
    Interpreter,
}

/// How JSON and TOML write a text.
const QUOTES: (&str, &str) = ("\"", "\"");

/// Returns the environments that others name, in order of who names them.
pub(crate) fn rivals(
    documents: &Documents<'_>,
    question: &Question,
    settings: &Settings,
    in_force: &Environment,
) -> Vec<Rival> {
    let system = documents.system();
    let is_of_kernel = in_force.source.kind == SourceKind::Kernel;
    let Some(interpreter) = in_force.interpreter.as_ref().filter(|_| question.launch.is_none() || is_of_kernel) else {
        return Vec::new();
    };
    let named: Vec<(NamedBy, Found)> = match in_force.source.kind {
        SourceKind::Editor | SourceKind::Kernel => own(system, question, settings).into_iter().collect(),
        SourceKind::VirtualEnvVariable if !is_a_tools_own(&interpreter.prefix) => {
            own(system, question, settings).into_iter().collect()
        }
        SourceKind::Config | SourceKind::ProjectVenv => named_by_others(documents, &question.directory),
        kind if kind.is_tool() => named_by_others(documents, &question.directory),
        _ => Vec::new(),
    };
    let identity = |path: &Utf8Path| system.metadata(path).ok().map(|it| it.identity);
    let mut known = vec![identity(&interpreter.prefix)];
    let mut found = Vec::new();
    for (named_by, candidate) in named {
        let Found::Candidate(candidate) = candidate else { continue };
        if candidate.folder.as_deref().is_some_and(|it| known.contains(&identity(it))) {
            continue;
        }
        let Some(other) = read(system, &candidate) else { continue };
        let this = identity(&other.prefix);
        if this.is_some() && !known.contains(&this) {
            known.push(this);
            let root = candidate.folder.unwrap_or_else(|| other.prefix.clone());
            found.push(Rival { named_by, root, interpreter: other });
        }
    }
    found
}

/// The project's own environment, whatever the editor and the shell say.
fn own(system: &dyn System, question: &Question, settings: &Settings) -> Option<(NamedBy, Found)> {
    let environment = Search::new(system, question).own(settings)?;
    let executable = environment.interpreter?.executable;
    Some((NamedBy::Project, Found::Candidate(Candidate { executable, folder: environment.root })))
}

fn named_by_others(documents: &Documents<'_>, directory: &Utf8Path) -> Vec<(NamedBy, Found)> {
    let system = documents.system();
    let variable = user_folders::absolute(system, "VIRTUAL_ENV").filter(|it| !is_a_tools_own(it));
    let of_shell = variable.map(|it| (NamedBy::VirtualEnv, candidate::folder(system, &it)));
    let files = [pyright(documents, directory), ty(documents, directory), mypy(documents, directory)];
    of_shell.into_iter().chain(files.into_iter().flatten()).collect()
}

fn is_a_tools_own(folder: &Utf8Path) -> bool {
    folder.components().any(|part| OF_TOOLS.contains(&part.as_str()))
}

fn read(system: &dyn System, candidate: &Candidate) -> Option<Interpreter> {
    candidate::check(system, candidate).ok()?;
    let (interpreter, _) = interpreter::interpret(system, &candidate.executable, Flags::default());
    interpreter.filter(|it| it.does_not_start.is_none())
}

fn named(
    system: &dyn System,
    directory: &Utf8Path,
    tool: &'static str,
    (path, range): (Utf8PathBuf, Range),
    text: &str,
    values: Vec<Written>,
) -> (NamedBy, Found) {
    (NamedBy::File { tool, path, range, values }, candidate::written(system, text, directory))
}

fn written(range: Range, part: Part) -> Written {
    Written { range, part, around: QUOTES }
}

/// `venvPath` and `venv`, which count together only: of `pyrightconfig.json`, or else of `[tool.pyright]`.
fn pyright(documents: &Documents<'_>, directory: &Utf8Path) -> Option<(NamedBy, Found)> {
    let system = documents.system();
    let json = directory.join("pyrightconfig.json");
    if let Ok(bytes) = system.read(&json, LARGEST_CONFIGURATION) {
        let text = Text::new(String::from_utf8(bytes).ok()?);
        let value: serde_json::Value = serde_json::from_str(&without_comments(text.source())).ok()?;
        let (path, name) = (value.get("venvPath")?.as_str()?, value.get("venv")?.as_str()?);
        let count = u32::try_from(text.line_count()).unwrap_or(u32::MAX);
        let line = (0..count).find(|line| text.line(*line).contains("\"venv\"")).unwrap_or(0);
        let place = (json, text.range(text.line_span(line)));
        let values = json_value(&text, "venvPath").zip(json_value(&text, "venv"));
        let values = values.map(|(path, name)| vec![written(path, Part::Parent), written(name, Part::Name)]);
        return Some(named(system, directory, "pyright", place, &join(path, name), values.unwrap_or_default()));
    }
    let document = pyproject(documents, directory)?;
    let (path, of_path) = document.text_at(&["tool", "pyright", "venvPath"])?;
    let (name, span) = document.text_at(&["tool", "pyright", "venv"])?;
    let place = (document.path.clone(), document.range(span));
    let values = vec![written(document.range(of_path), Part::Parent), written(document.range(span), Part::Name)];
    Some(named(system, directory, "pyright", place, &join(path, name), values))
}

/// Finds the text behind a key that stands in the file only once, and without escapes.
fn json_value(text: &Text, key: &str) -> Option<Range> {
    let source = text.source();
    let key = format!("\"{key}\"");
    let (at, _) = source.match_indices(&key).next().filter(|_| source.matches(&key).count() == 1)?;
    let value = source.get(at + key.len()..)?.trim_start().strip_prefix(':')?.trim_start();
    let inside = value.strip_prefix('"')?;
    let length =
        inside.find(['"', '\\', '\n']).filter(|end| inside.get(*end..).is_some_and(|it| it.starts_with('"')))?;
    let start = u32::try_from(source.len() - value.len()).ok()?;
    Some(text.range(Span::new(start, start + u32::try_from(length + 2).ok()?)))
}

/// A name without a slash would be taken for a command.
fn as_path(text: &str) -> String {
    if text.contains('/') { text.to_owned() } else { format!("./{text}") }
}

/// Behind a folder, as a path.
fn join(path: &str, name: &str) -> String {
    format!("{}/{name}", path.trim_end_matches('/'))
}

/// `environment.python` of `ty.toml`, or else of `[tool.ty]`.
fn ty(documents: &Documents<'_>, directory: &Utf8Path) -> Option<(NamedBy, Found)> {
    let system = documents.system();
    let file = directory.join("ty.toml");
    let (document, keys): (_, &[&str]) = if system.is_file(&file) {
        (documents.read(&file, &mut Vec::new())?, &["environment", "python"])
    } else {
        (pyproject(documents, directory)?, &["tool", "ty", "environment", "python"])
    };
    let (text, span) = document.text_at(keys)?;
    let place = (document.path.clone(), document.range(span));
    let values = vec![written(document.range(span), Part::Folder)];
    Some(named(system, directory, "ty", place, &as_path(text), values))
}

/// `python_executable` of the first file that mypy reads.
fn mypy(documents: &Documents<'_>, directory: &Utf8Path) -> Option<(NamedBy, Found)> {
    let system = documents.system();
    let of_ini = |name: &str| {
        let path = directory.join(name);
        let bytes = system.read(&path, LARGEST_CONFIGURATION).ok()?;
        let text = Text::new(String::from_utf8(bytes).ok()?);
        let configuration = configparser::read(text.source()).ok()?;
        let value = configuration.get("mypy", "python_executable")?;
        let range = text.range(text.line_span(value.line.saturating_sub(1)));
        let values = vec![Written { range, part: Part::Interpreter, around: ("python_executable = ", "") }];
        Some(named(system, directory, "mypy", (path, range), &value.text, values))
    };
    let of_pyproject = || {
        let document = pyproject(documents, directory)?;
        let (text, span) = document.text_at(&["tool", "mypy", "python_executable"])?;
        let place = (document.path.clone(), document.range(span));
        let values = vec![written(document.range(span), Part::Interpreter)];
        Some(named(system, directory, "mypy", place, text, values))
    };
    of_ini("mypy.ini").or_else(|| of_ini(".mypy.ini")).or_else(of_pyproject).or_else(|| of_ini("setup.cfg"))
}

fn pyproject(documents: &Documents<'_>, directory: &Utf8Path) -> Option<Rc<Document>> {
    let path = directory.join("pyproject.toml");
    documents.system().is_file(&path).then(|| documents.read(&path, &mut Vec::new())).flatten()
}

/// Takes the comments out of JSON as pyright reads it, and commas before a closing bracket.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut in_string = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' if in_string => {
                plain.push(character);
                plain.extend(rest.next());
            }
            '"' => {
                in_string = !in_string;
                plain.push(character);
            }
            '/' if !in_string && rest.peek() == Some(&'/') => while rest.next_if(|it| *it != '\n').is_some() {},
            '/' if !in_string && rest.peek() == Some(&'*') => {
                let mut before = ' ';
                rest.next();
                for it in rest.by_ref() {
                    if before == '*' && it == '/' {
                        break;
                    }
                    before = it;
                }
            }
            '}' | ']' if !in_string => {
                let kept = plain.trim_end();
                let kept = kept.strip_suffix(',').unwrap_or(kept).len();
                plain.truncate(kept);
                plain.push(character);
            }
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_as_pyright_reads_it() {
        let text = "// a\n{ \"venv\": \"a//b\", /* \"x\": 1 */ \"list\": [1, 2, ], \"quote\": \"\\\"}\",\n}\n";
        let value: serde_json::Value = serde_json::from_str(&without_comments(text)).unwrap();
        assert_eq!(value, serde_json::json!({ "venv": "a//b", "list": [1, 2], "quote": "\"}" }));
        assert_eq!(without_comments("/* never ended"), "");
        assert_eq!(without_comments("\"\\"), "\"\\");
    }

    #[test]
    fn who_runs_in_a_tools_environment_has_not_chosen_it() {
        assert!(is_a_tools_own("/home/user/.cache/pre-commit/repo1/py_env-python3.11".into()));
        assert!(is_a_tools_own("/home/user/app/.tox/py311".into()));
        assert!(!is_a_tools_own("/home/user/other/.venv".into()));
    }
}
