//! Answers in words, for people: hover, the rows of `why` and `env`, the documents of editors.
//!
//! In: a [`Situation`] and an [`Answer`]. Out: Markdown or plain text, at most six lines for a hover.
//!
//! **Invariant:** every word comes from the answer and its evidence; nothing is looked up again here.

use camino::Utf8Path;

use crate::answer::confidence::{self, Confidence, Interference, RunMode, Unknown};
use crate::answer::{Answer, Elsewhere, Place, split_off};
pub use crate::diagnostic::shortened;
use crate::environment::SourceKind;
use crate::interpreter::Interpreter;
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::pip::Pip;
use crate::resolve::ModuleKind;
use crate::situation::Situation;

mod document;
pub mod environment;
pub mod module;
mod pyvenv;
pub mod roots;
mod short;
#[cfg(test)]
mod tests;

pub use self::pyvenv::{PyvenvCompletion, pyvenv_completions, pyvenv_hover};
pub use self::short::{Short, visible};

/// One fact with its name, and further ones of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: &'static str,
    pub values: Vec<String>,
}

impl Row {
    fn new(name: &'static str, value: impl Into<String>) -> Self {
        Row { name, values: vec![value.into()] }
    }

    /// No row where there is nothing to say.
    fn list(name: &'static str, values: Vec<String>) -> Option<Self> {
        (!values.is_empty()).then_some(Row { name, values })
    }
}

/// The most lines of a hover.
const MOST_LINES: usize = 6;

/// Explains a module in Markdown.
pub fn hover(situation: &Situation, answer: &Answer) -> String {
    lines(situation, answer, Markup { markdown: true }).join("  \n")
}

/// Explains a module in plain text.
pub fn hover_plain(situation: &Situation, answer: &Answer) -> String {
    lines(situation, answer, Markup { markdown: false }).join("\n")
}

/// Explains a module, and that it lacks the part that was asked for, where that is so.
pub fn hover_in(situation: &Situation, answer: &Answer, lacking: Option<&Answer>, markdown: bool) -> String {
    let markup = Markup { markdown };
    let part = lacking.map(|it| format!("{} · {}", markup.strong(&it.resolution.module), lack(answer)));
    let mut lines: Vec<String> = part.into_iter().chain(lines(situation, answer, markup)).collect();
    lines.truncate(MOST_LINES);
    lines.join(if markdown { "  \n" } else { "\n" })
}

/// Says that a module has no part of some name; what its code makes when it runs is not known here (`six.moves`).
fn lack(answer: &Answer) -> String {
    let module = &answer.resolution.module;
    match answer.resolution.locations {
        Some(_) => format!("no file of that name in {module}"),
        None => format!("no file of that name, as {module} is no package"),
    }
}

/// Says in one sentence where a module comes from.
pub fn sentence(situation: &Situation, answer: &Answer) -> String {
    let module = format!("`{}`", answer.resolution.module);
    if is_waited_for(situation) {
        return format!("{module} is not known: uv has not made this script's environment yet");
    }
    match (answer.resolution.kind, answer.resolution.origin) {
        (ModuleKind::Unresolved, _) => match (reason_in_words(answer), answer.elsewhere.first()) {
            (Some(reason), _) => format!("{module} is not found in {}: {reason}", environment_name(situation)),
            (None, Some(elsewhere)) => format!(
                "{module} is not found in {}, but {} has it",
                environment_name(situation),
                place_in_words(situation, elsewhere)
            ),
            (None, None) => {
                let package = answer.offered.as_ref().map(|it| format!("; `apt install {it}` brings it"));
                let without = answer.without.map(|_| "; this Python was built without it".to_owned());
                format!(
                    "{module} is not found in {}{}",
                    environment_name(situation),
                    package.or(without).unwrap_or_default()
                )
            }
        },
        (ModuleKind::BuiltIn, _) => format!("{module} is built into the interpreter"),
        (ModuleKind::Frozen, _) => format!("{module} comes from the standard library, frozen into the interpreter"),
        (_, Some(origin)) => {
            let package = answer.os_package.as_ref().map(|it| format!(" ({} {})", it.name, it.version));
            let but = answer.without.map(|part| match &answer.offered {
                Some(package) => format!(", but needs `apt install {package}`"),
                None => format!(", but this Python was built without `{part}`"),
            });
            format!("{module} comes from {}{}", origin_in_words(origin), package.or(but).unwrap_or_default())
        }
        (_, None) => format!("{module} is found in {}", environment_name(situation)),
    }
}

/// Says in a word where a module comes from, where that is neither the project, nor its environment, nor the standard
/// library.
pub fn hint(situation: &Situation, answer: &Answer) -> Option<String> {
    let word = match answer.resolution.origin? {
        Origin::Project | Origin::StandardLibrary | Origin::SitePackages => return None,
        Origin::DistPackages if answer.os_package.is_some() => {
            return Some(situation.operating_system.of_dpkg().to_lowercase());
        }
        Origin::DistPackages => "system",
        Origin::BaseSitePackages => "base",
        Origin::UserSite => "user",
        Origin::LocalDistPackages => "/usr/local",
        Origin::Editable => "editable",
        Origin::PathFile => ".pth",
        Origin::PythonPath => "PYTHONPATH",
        Origin::OtherEnvironment => "other environment",
        Origin::Stubs => "stubs",
    };
    Some(word.to_owned())
}

/// Says why a module is not found though something of its name is installed.
fn reason_in_words(answer: &Answer) -> Option<String> {
    if let Some(dangling) = &answer.dangling {
        return Some(format!("it is an editable install of {}, which is gone", dangling.source));
    }
    let foreign = answer.foreign.first().map(|it| format!("it was built for {}", it.extension.built_for));
    let stubs = answer.stubs.as_ref().map(|it| match &it.distribution {
        Some(distribution) => format!("only its stubs are installed ({distribution})"),
        None => "only its stubs are installed".to_owned(),
    });
    foreign.or(stubs)
}

/// Names an origin so that it fits behind "comes from".
pub fn origin_in_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Project => "this project",
        Origin::StandardLibrary => "the standard library",
        Origin::SitePackages => "the environment's site-packages",
        Origin::BaseSitePackages => "the base Python's site-packages",
        Origin::UserSite => "the user site",
        Origin::DistPackages => "the operating system's dist-packages",
        Origin::LocalDistPackages => "the system-wide dist-packages that pip writes to",
        Origin::Editable => "an editable install",
        Origin::PathFile => "a folder that is added at start",
        Origin::PythonPath => "a folder on `PYTHONPATH`",
        Origin::OtherEnvironment => "another environment",
        Origin::Stubs => "stubs without the module itself",
    }
}

/// Tells whether the environment is one that a script's runner makes when the script is first run.
pub fn is_waited_for(situation: &Situation) -> bool {
    let environment = &situation.environment;
    environment.source.kind == SourceKind::Script && environment.interpreter.is_none() && environment.broken.is_none()
}

/// Names the environment in force as people do: `.venv`, or `Python 3.11.2` where it has no folder of its own.
pub fn environment_name(situation: &Situation) -> String {
    let environment = &situation.environment;
    if environment.source.kind == SourceKind::Script {
        return "the script's environment".to_owned();
    }
    let version = environment.interpreter.as_ref().map(|it| format!("Python {}", it.version));
    let is_virtual = environment.interpreter.as_ref().is_none_or(Interpreter::is_virtual);
    match &environment.root {
        Some(root) if is_virtual => shortened(&path_from(&situation.project.root, root), 30),
        _ => version.unwrap_or_else(|| "the environment".to_owned()),
    }
}

/// Writes a path as seen from a folder where that is short (`.venv`, `../api/.venv`), and whole elsewhere.
pub fn path_from(folder: &Utf8Path, path: &Utf8Path) -> String {
    match path.strip_prefix(folder) {
        Ok(below) if !below.as_str().is_empty() => return below.to_string(),
        Ok(_) => return path.file_name().unwrap_or(path.as_str()).to_owned(),
        Err(_) => {}
    }
    match folder.parent() {
        // The root of the disk is everybody's parent and tells nothing.
        Some(parent) if parent.parent().is_some() => match path.strip_prefix(parent) {
            Ok(beside) => format!("../{beside}"),
            Err(_) => path.to_string(),
        },
        _ => path.to_string(),
    }
}

#[derive(Clone, Copy)]
struct Markup {
    markdown: bool,
}

impl Markup {
    fn strong(self, text: &str) -> String {
        // `__init__` would turn bold by itself.
        if self.markdown { format!("**{}**", text.replace('_', "\\_").replace('*', "\\*")) } else { text.to_owned() }
    }

    fn code(self, text: &str) -> String {
        if self.markdown { format!("`{}`", text.replace('`', "'")) } else { text.to_owned() }
    }
}

fn lines(situation: &Situation, answer: &Answer, markup: Markup) -> Vec<String> {
    let mut lines = vec![title(situation, answer, markup)];
    let resolution = &answer.resolution;
    if let Some(path) = &resolution.path {
        lines.push(markup.code(path.as_str()));
    } else if let Some(first) = resolution.locations.iter().flatten().next() {
        lines.push(format!("{} (and no `__init__.py`)", markup.code(first.as_str())));
    }
    if resolution.kind == ModuleKind::Unresolved {
        lines.extend(lacking(situation, answer, markup));
        lines.extend(
            answer
                .elsewhere
                .iter()
                .map(|it| format!("Found in {}: {}", place_in_words(situation, it), markup.code(it.path.as_str()))),
        );
        lines.extend(refusal(situation, answer, markup));
        lines.extend(doubt(situation, markup));
    } else {
        lines.extend(reachable(situation, answer));
        lines.extend(standing(situation, answer));
        lines.extend(answer.without.map(|part| match answer.offered.as_ref() {
            Some(it) => {
                format!("Its import fails: {} brings {}", markup.code(&format!("apt install {it}")), markup.code(part))
            }
            None => format!("Its import fails: this Python was built without {}", markup.code(part)),
        }));
        lines.extend(answer.shadows.first().map(|it| format!("Hides {}", markup.code(it.path.as_str()))));
        lines.extend(uncertain(situation, answer));
    }
    lines.truncate(MOST_LINES);
    lines
}

fn title(situation: &Situation, answer: &Answer, markup: Markup) -> String {
    let resolution = &answer.resolution;
    let python = situation.environment.interpreter.as_ref().map(|it| format!("Python {}", it.version));
    let python = python.unwrap_or_else(|| "Python".to_owned());
    let mut parts = vec![markup.strong(&resolution.module)];
    match (resolution.kind, resolution.origin) {
        _ if is_waited_for(situation) => parts.push("uv has not made this script's environment yet".to_owned()),
        (ModuleKind::Unresolved, _) => parts.push(format!("not found in {}", environment_name(situation))),
        (ModuleKind::BuiltIn, _) => parts.push(format!("built into {python}")),
        (ModuleKind::Frozen, _) => parts.push(format!("standard library, frozen into {python}")),
        (_, Some(Origin::StandardLibrary)) => parts.push(format!("standard library of {python}")),
        (_, Some(Origin::Project)) => parts.push("this project".to_owned()),
        _ => {
            if let Some(distribution) = &answer.distribution {
                parts.push(format!("{} {}", distribution.name, distribution.version));
            }
            match &answer.os_package {
                Some(package) => {
                    let system = situation.operating_system.of_dpkg();
                    parts.push(format!("{system} {} {}", markup.code(&package.name), package.version));
                }
                None => parts.extend(resolution.origin.map(|origin| origin_in_words(origin).to_owned())),
            }
            if resolution.kind == ModuleKind::Namespace {
                parts.push("namespace package".to_owned());
            }
        }
    }
    parts.join(" · ")
}

/// "Root 4 of 5, reachable through …": where on the search path, and why that entry is there.
fn reachable(situation: &Situation, answer: &Answer) -> Option<String> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let origin = answer.resolution.origin?;
    if matches!(origin, Origin::StandardLibrary | Origin::Project) {
        return None;
    }
    let root = answer.resolution.root.as_ref()?;
    let at = interpreter.search_path.iter().position(|entry| entry.path == *root)?;
    let entry = interpreter.search_path.get(at)?;
    let because = reason(situation, interpreter, entry);
    Some(format!("Root {} of {}{because}", at + 1, interpreter.search_path.len()))
}

fn reason(situation: &Situation, interpreter: &Interpreter, entry: &ImportRoot) -> String {
    let flag = interpreter.pyvenv.as_ref().and_then(|it| Some((it, it.get("include-system-site-packages")?)));
    let through_flag =
        matches!(entry.origin, Origin::DistPackages | Origin::LocalDistPackages | Origin::BaseSitePackages);
    match (&entry.evidence, flag) {
        (Evidence::Line { path, line }, Some((pyvenv, flag))) if *path == pyvenv.path && *line == flag.line => {
            flag_in_words(situation, path, *line)
        }
        (Evidence::BuiltIn, Some((pyvenv, flag))) if through_flag && pyvenv.include_system_site_packages => {
            flag_in_words(situation, &pyvenv.path, flag.line)
        }
        (Evidence::Line { path, line }, _) => {
            format!(", added by {}:{line}", path_from(&situation.project.root, path))
        }
        (Evidence::Variable(name), _) => format!(", added by {name}"),
        (Evidence::BuiltIn | Evidence::Assumption(_), _) => String::new(),
    }
}

fn flag_in_words(situation: &Situation, path: &Utf8Path, line: u32) -> String {
    let path = path_from(&situation.project.root, path);
    format!(", reachable through include-system-site-packages = true in {path}:{line}")
}

/// "Not in .venv · not declared in pyproject.toml".
fn standing(situation: &Situation, answer: &Answer) -> Option<String> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let origin = answer.resolution.origin?;
    if matches!(origin, Origin::StandardLibrary | Origin::Project) {
        return None;
    }
    let own = matches!(origin, Origin::SitePackages | Origin::Editable | Origin::PathFile);
    let outside = (interpreter.is_virtual() && !own).then(|| format!("Not in {}", environment_name(situation)));
    let manifest = situation.project.manifests.first().and_then(|it| it.file_name());
    let declared = match (&answer.declared, manifest) {
        (Some(requirement), _) => Some(format!("declared as {requirement}")),
        (None, Some(manifest)) => Some(format!("not declared in {manifest}")),
        (None, None) => None,
    };
    let parts: Vec<String> = outside.into_iter().chain(declared).collect();
    let mut letters = parts.join(" · ").chars().collect::<Vec<_>>().into_iter();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

/// "Only its stubs are installed", "Built for Python 3.12": what is there instead of the module.
fn lacking<'a>(situation: &'a Situation, answer: &'a Answer, markup: Markup) -> impl Iterator<Item = String> + 'a {
    let path = move |path: &Utf8Path| markup.code(&path_from(&situation.project.root, path));
    let stubs = answer.stubs.iter().map(move |it| {
        let from = it.distribution.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        format!("Only its stubs are installed{from}: {}", path(&it.path))
    });
    let dangling = answer.dangling.iter().map(move |it| {
        format!("Editable install of {}, which is gone (line {} of {})", path(&it.source), it.line, path(&it.path))
    });
    let foreign = answer.foreign.iter().map(|it| &it.extension);
    dangling.chain(stubs).chain(foreign.map(move |it| format!("Built for {}: {}", it.built_for, path(&it.path))))
}

/// Says what would install it here, where pip would not.
fn refusal(situation: &Situation, answer: &Answer, markup: Markup) -> Option<String> {
    let package = answer.offered.as_ref().map(|it| markup.code(&format!("apt install {it}")));
    if answer.without.is_some() && package.is_none() {
        return Some("This Python was built without it".to_owned());
    }
    let rule = match situation.pip.as_ref() {
        _ if split_off::is_part(&answer.resolution.module) => return package.map(|it| format!("{it} brings it")),
        Some(Pip::RefusesManaged { .. }) => "PEP 668",
        Some(Pip::RefusesOutside { .. }) => "require-virtualenv",
        _ => return None,
    };
    let package = package.map(|it| format!("{it}, or ")).unwrap_or_default();
    Some(format!("pip refuses to install here ({rule}): {package}make a virtual environment"))
}

/// Says what the answer hangs on, where there is another one, or would be none: how it is run, or what is not known at all.
fn uncertain(situation: &Situation, answer: &Answer) -> Option<String> {
    let confidence = confidence::of_answer(situation, answer);
    let is_close = match &confidence {
        Confidence::Exact
        | Confidence::UnlessStartupCode(Interference::Code(_))
        | Confidence::Unknown(Unknown::NoPython(_)) => false,
        // What is started further down is not what the project is known for.
        Confidence::AssumesRunMode(RunMode::Started(..) | RunMode::Around(_))
        | Confidence::UnlessStartupCode(Interference::Import(_))
        | Confidence::Unknown(_) => true,
        Confidence::AssumesRunMode(_) => !answer.shadows.is_empty(),
    };
    Some(format!("Certain {}", confidence.in_words().filter(|_| is_close)?).replacen(
        "Certain no: ",
        "Not certain: ",
        1,
    ))
}

/// Says that code at start may add to the search path what files do not tell.
fn doubt(situation: &Situation, markup: Markup) -> Option<String> {
    let code = situation.environment.interpreter.as_ref()?.startup_code.first()?;
    let line = code.line.map(|line| format!(":{line}")).unwrap_or_default();
    Some(format!("Not certain: {} runs code at start", markup.code(&format!("{}{line}", code.path))))
}

fn place_in_words(situation: &Situation, elsewhere: &Elsewhere) -> String {
    match (elsewhere.place, &elsewhere.os_package) {
        (Place::OperatingSystem, Some(package)) => {
            format!("{}'s {}", situation.operating_system.of_dpkg(), package.name)
        }
        (Place::OperatingSystem, None) => "the operating system's packages".to_owned(),
        (Place::Base, _) => "the base Python".to_owned(),
        (Place::UserSite, _) => "the user site".to_owned(),
        (Place::SiblingEnvironment, _) => path_from(&situation.project.root, &elsewhere.environment),
    }
}
