//! An environment as a person reads it.
//!
//! In: a [`Situation`], its findings, how wide the terminal is. Out: a headline, rows from the choice down to pip, the table
//! of import roots, the findings.
//!
//! **Invariant:** all that the JSON output says of the environment stands here too; no line is cut, only broken between words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8Path;
use fromwhere_core::check::instead_of_pip;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment::{Source, SourceKind};
use fromwhere_core::explain;
use fromwhere_core::interpreter::{Implementation, Interpreter};
use fromwhere_core::origin::Evidence;
use fromwhere_core::pip::Pip;
use fromwhere_core::situation::Situation;
use fromwhere_core::system::System;

use super::roots;
use crate::cli::render::frames;
use crate::cli::terminal::{Style, visible, wrapped};

/// Outcomes that are said in another way than the rest.
const CHOSEN: &str = "chosen";
const CHOSEN_BUT: &str = "chosen, but ";
const NOT_SET: &str = "not set";

/// How wide the names of the rows are.
const NAMES: usize = 13;

/// Where the page is read.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// In characters; `None` where lines may be as long as they like.
    pub width: Option<usize>,
    pub color: bool,
}

/// Writes the page.
pub fn page(system: &dyn System, situation: &Situation, findings: &[Diagnostic], paper: Paper) -> String {
    let style = Style { color: paper.color };
    let short = Short::new(system);
    let mut page = Page { output: String::new(), paper, style, short };
    page.headline(situation);
    page.choice(situation);
    if let Some(interpreter) = &situation.environment.interpreter {
        page.interpreter(system, interpreter);
    }
    page.pip(situation);
    let Page { mut output, short, .. } = page;
    output.push_str(&roots::table(situation, &short, paper));
    if !findings.is_empty() {
        let _ = writeln!(output, "\n{}", frames::render(system, findings, &BTreeMap::new(), style).trim_end());
    }
    output
}

struct Page {
    output: String,
    paper: Paper,
    style: Style,
    short: Short,
}

impl Page {
    fn row(&mut self, name: &str, value: &str) {
        let room = self.paper.width.map(|width| width.saturating_sub(NAMES + 1).max(20));
        for (at, line) in wrapped(visible(value).trim_end(), room).into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            let line = format!("{} {line}", self.style.bold(&format!("{name:<NAMES$}")));
            let _ = writeln!(self.output, "{}", line.trim_end());
        }
    }

    /// "`.venv` (venv) is in force: CPython 3.11.2".
    fn headline(&mut self, situation: &Situation) {
        let environment = &situation.environment;
        let python = environment.interpreter.as_ref().map(|interpreter| {
            let implementation = match interpreter.implementation {
                Implementation::CPython => "CPython",
                Implementation::PyPy => "PyPy",
            };
            format!("{implementation} {}", interpreter.version)
        });
        let root = environment.root.as_ref().map(|root| self.short.path(root));
        let kind = environment.kind.as_str();
        let line = match (root, python, &environment.broken) {
            (Some(root), Some(python), _) => format!("{root} ({kind}) is in force: {python}"),
            (None, Some(python), _) => format!("{python} is in force"),
            (Some(root), None, Some(broken)) => {
                format!("{root} ({kind}) is in force, but cannot run: {}", self.short.text(&broken.reason))
            }
            (None, None, Some(broken)) => {
                let interpreter = self.short.path(&broken.interpreter);
                format!("{interpreter} is in force, but cannot run: {}", self.short.text(&broken.reason))
            }
            (_, None, None) => "No Python is in force: none was found".to_owned(),
        };
        for line in wrapped(&visible(&line), self.paper.width) {
            let _ = writeln!(self.output, "{}", self.style.bold(&line));
        }
        self.output.push('\n');
    }

    fn choice(&mut self, situation: &Situation) {
        let environment = &situation.environment;
        self.row("Project", &self.short.path(&situation.project.root));
        let Source { kind, detail } = &environment.source;
        if *kind != SourceKind::None {
            let (words, detail) = (source_words(*kind), self.short.text(detail));
            // `VIRTUAL_ENV=/x` says already what it is.
            let chosen = if detail.starts_with(words) { detail } else { format!("{words}: {detail}") };
            self.row("Chosen by", &chosen);
        }
        let considered = || environment.considered.iter();
        let passed_over = considered().filter(|it| !it.outcome.starts_with(CHOSEN) && it.outcome != NOT_SET);
        for (at, it) in passed_over.enumerate() {
            let whose = if it.kind.is_tool() { format!("{}: ", source_words(it.kind)) } else { String::new() };
            let words = format!("{whose}{}: {}", self.short.text(&it.detail), self.short.text(&it.outcome));
            self.row(if at == 0 { "Passed over" } else { "" }, &words);
        }
        let not_set: Vec<_> = considered().filter(|it| it.outcome == NOT_SET).map(|it| it.detail.as_str()).collect();
        if !not_set.is_empty() {
            self.row("Not set", &not_set.join(", "));
        }
        if let Some(broken) = &environment.broken {
            let arrow = broken.leads_to.as_ref().map(|target| format!(" → {}", self.short.path(target)));
            let words = format!("{}{}", self.short.path(&broken.interpreter), arrow.unwrap_or_default());
            self.row("Interpreter", &words);
        }
        if explain::is_waited_for(situation) {
            let mut outcomes = considered().map(|it| it.outcome.as_str());
            let waiting = outcomes.find_map(|it| it.strip_prefix(CHOSEN_BUT)).unwrap_or_default();
            self.row("Not there", &self.short.text(waiting));
        }
    }

    fn interpreter(&mut self, system: &dyn System, interpreter: &Interpreter) {
        let short = |path: &Utf8Path| self.short.path(path);
        let mut executable = short(&interpreter.executable);
        if interpreter.real_executable != interpreter.executable {
            let _ = write!(executable, " → {}", short(&interpreter.real_executable));
        }
        let prefix = short(&interpreter.prefix);
        let base = interpreter.pyvenv.as_ref().map(|pyvenv| {
            let because = match pyvenv.get("include-system-site-packages") {
                Some(entry) => format!("{}:{}", short(&pyvenv.path), entry.line),
                None => format!("{} does not say otherwise", short(&pyvenv.path)),
            };
            let seen = if pyvenv.include_system_site_packages { "are seen" } else { "are not seen" };
            format!("{}, whose packages {seen} ({because})", short(&interpreter.base_prefix))
        });
        let user_site = self.user_site(system, interpreter);
        self.row("Interpreter", &executable);
        self.row("Prefix", &prefix);
        if let Some(words) = base {
            self.row("Base", &words);
        }
        if let Some(abi) = &interpreter.abi {
            self.row("ABI", abi);
        }
        if let Some(reason) = &interpreter.does_not_start {
            self.row("Starts", &format!("no: {}", self.short.text(reason)));
        }
        if let Some(words) = user_site {
            self.row("User site", &words);
        }
        for code in &interpreter.startup_code {
            let line = code.line.map(|line| format!(":{line}")).unwrap_or_default();
            let place = self.short.path(&code.path);
            self.row("Start-up code", &format!("{place}{line} runs; what it does to the path is not known"));
        }
    }

    /// Says whether the user site is searched, and why (`site.check_enableusersite`).
    fn user_site(&self, system: &dyn System, interpreter: &Interpreter) -> Option<String> {
        let path = interpreter.user_site.path.as_ref()?;
        let shown = self.short.path(path);
        let pyvenv = interpreter.pyvenv.as_ref().filter(|it| !it.include_system_site_packages);
        Some(if interpreter.user_site.enabled {
            let is_there = interpreter.search_path.iter().any(|root| root.path == *path);
            let missing = if is_there { "" } else { ", but there is no such folder" };
            format!("on: {shown}{missing}")
        } else if let Some(pyvenv) = pyvenv {
            let line = pyvenv.get("include-system-site-packages").map(|it| format!(":{}", it.line));
            format!("off: {shown} ({}{})", self.short.path(&pyvenv.path), line.unwrap_or_default())
        } else if system.variable("PYTHONNOUSERSITE").is_some_and(|it| !it.is_empty()) {
            format!("off: {shown} (PYTHONNOUSERSITE)")
        } else {
            format!("off: {shown}")
        })
    }

    fn pip(&mut self, situation: &Situation) {
        let Some(pip) = &situation.pip else { return };
        let place = |evidence: &Evidence| self.short.evidence(evidence);
        let words = match pip {
            Pip::Installs => {
                let root = situation.environment.root.as_ref();
                root.map_or_else(|| "goes here".to_owned(), |root| format!("goes into {}", self.short.path(root)))
            }
            Pip::RefusesManaged { marker } => format!("refused by {} (PEP 668)", self.short.path(marker)),
            Pip::RefusesOutside { by } => format!("refused outside virtual environments by {}", place(by)),
            Pip::Forced { by } => format!("not refused, though PEP 668 would: {} forces it", place(by)),
            Pip::Elsewhere { by } => format!("goes elsewhere by {}", place(by)),
            Pip::Fails { problem } => format!("fails: {}", self.short.text(&problem.to_string())),
        };
        self.row("pip install", &words);
        let mut last = "";
        for instead in instead_of_pip(situation) {
            let purpose = if instead.purpose == last { String::new() } else { format!("to {}:", instead.purpose) };
            self.row("", &format!("{purpose:<37} {}", instead.command));
            last = instead.purpose;
        }
    }
}

/// Paths as short as people write them: from the working directory, else from the home directory.
pub(super) struct Short {
    working_directory: String,
    home: Option<String>,
}

impl Short {
    fn new(system: &dyn System) -> Self {
        let home = system.variable("HOME").filter(|home| home.trim_end_matches('/').len() > 1);
        let working_directory = system.working_directory().into_string();
        Short { working_directory, home: home.map(|home| home.trim_end_matches('/').to_owned()) }
    }

    pub(super) fn path(&self, path: &Utf8Path) -> String {
        match path.strip_prefix(&self.working_directory) {
            Ok(below) if !below.as_str().is_empty() => return below.to_string(),
            _ => {}
        }
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(below) => Utf8Path::new("~").join(below).to_string(),
            None => path.to_string(),
        }
    }

    pub(super) fn evidence(&self, evidence: &Evidence) -> String {
        match evidence {
            Evidence::Line { path, line } => format!("{}:{line}", self.path(path)),
            other => other.to_string(),
        }
    }

    /// Shortens the paths in a sentence: each that begins a word, or stands behind `=`, a quote or a bracket.
    fn text(&self, text: &str) -> String {
        let mut shortened = String::with_capacity(text.len());
        let mut word = String::new();
        let finish = |word: &mut String, shortened: &mut String| {
            let path = Utf8Path::new(&*word);
            shortened.push_str(&if path.is_absolute() { self.path(path) } else { std::mem::take(word) });
            word.clear();
        };
        for letter in text.chars() {
            if matches!(letter, ' ' | '=' | '`' | '(' | ')' | ':') {
                finish(&mut word, &mut shortened);
                shortened.push(letter);
            } else {
                word.push(letter);
            }
        }
        finish(&mut word, &mut shortened);
        shortened
    }
}

fn source_words(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Argument => "--python",
        SourceKind::Editor => "the editor",
        SourceKind::Config => "the configuration",
        SourceKind::Script => "the script itself",
        SourceKind::Shebang => "the file's shebang",
        SourceKind::ProjectVenv => "the project's environment",
        SourceKind::VirtualEnvVariable => "VIRTUAL_ENV",
        SourceKind::CondaPrefixVariable => "CONDA_PREFIX",
        SourceKind::Poetry => "Poetry",
        SourceKind::Pipenv => "Pipenv",
        SourceKind::Pdm => "PDM",
        SourceKind::Hatch => "Hatch",
        SourceKind::Pixi => "pixi",
        SourceKind::Conda => "conda",
        SourceKind::Mise => "mise",
        SourceKind::Direnv => "direnv",
        SourceKind::Virtualenvwrapper => "virtualenvwrapper",
        SourceKind::PythonVersionFile | SourceKind::ToolVersionsFile => "the version file",
        SourceKind::Path => "PATH",
        SourceKind::None => "nothing",
    }
}
