//! `home` in `pyvenv.cfg`, against where the environment's interpreter really leads.
//!
//! In: a [`Situation`]. Out: at most one fact, on the `home` line and on the manifest.
//!
//! **Invariant:** graded by what happens: start-up is computed once as the file is and once as it should be, and only where
//! the base differs is it a warning. Another name for the same Python is no mismatch.

use camino::{Utf8Path, Utf8PathBuf};

use super::{on_both, pyvenv_line, recreate};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::pyvenv::no_plain_path;
use crate::diagnostic::{Diagnostic, Edit, Fix, Severity};
use crate::explain::shortened;
use crate::interpreter::{self, Flags, Implementation, Interpreter, Pyvenv, pyvenv_lines};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Overlay, System};
use crate::text::Text;

/// More links than this in one chain are a loop (Linux's own limit).
const MOST_LINKS: usize = 40;

pub(super) fn home_mismatch(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    // What the base is under the variables of the editor is not compared with what it is without them.
    let system = Overlay::new(system).with_variables(situation.variables.clone());
    mismatch(&system, situation).unwrap_or_default()
}

fn mismatch(system: &dyn System, situation: &Situation) -> Option<Vec<Diagnostic>> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    let pyvenv = interpreter.pyvenv.as_ref()?;
    // On Windows a launcher reads `home`, and does not start without it.
    if system.platform().is_windows() || interpreter.implementation != Implementation::CPython {
        return None;
    }
    let text = Text::new(system.read_text(&pyvenv.path).ok()?);
    let leads_to = folder_it_leads_to(system, interpreter);
    let fact = judge(system, interpreter, pyvenv, leads_to.as_deref())?;
    // Only now: it starts a Python once more, so to speak, and most of the environments are as they should be.
    let meant = leads_to.as_ref().map(|folder| with_home(&text, folder));
    let base = meant.and_then(|meant| base_with(system, interpreter, &pyvenv.path, meant, None));
    let (fact, moves) = match fact {
        // What is relative moves the base where Python is started in some folders; in all of them it is wrong.
        Fact::Relative => {
            let mut paths = interpreter.search_path.iter().map(|it| it.path.as_path());
            let inside = paths.rfind(|path| path.starts_with(&interpreter.prefix));
            let folders = [situation.project.root.as_path(), inside.unwrap_or(&interpreter.prefix)];
            let moves =
                |folder| base != base_with(system, interpreter, &pyvenv.path, text.source().to_owned(), Some(folder));
            if base.is_none() || !folders.into_iter().all(moves) {
                return None;
            }
            (Fact::Relative, true)
        }
        fact => (fact, base.as_ref().is_some_and(|base| *base != base_of(system, interpreter))),
    };
    if matches!(fact, Fact::Elsewhere) && !moves {
        return None;
    }
    let there = leads_to.as_ref().map(|it| format!("`{}`", shortened(it.as_str(), 30)));
    let python = "`bin/python`";
    let message = match (&fact, &there) {
        (_, Some(there)) if moves => fitting([
            format!("`home` moves the base to `{}`, {python} leads to {there}", interpreter.base_prefix),
            format!("`home` moves the base to another Python; {python} leads to {there}"),
        ]),
        (Fact::Missing, _) => "`home` is missing: Python starts, but tools do not know the base".to_owned(),
        (Fact::Gone(home), Some(there)) => fitting([
            format!("`{}` is gone; Python goes by {python}, which leads to {there}", shortened(home, 40)),
            format!("`home` is gone; Python goes by {python}, which leads to {there}"),
            format!("`home` is gone; Python goes by {python} ({there})"),
        ]),
        (Fact::Gone(home), None) => fitting([format!("`{}` is gone; Python starts by luck", shortened(home, 50))]),
        (Fact::Another | Fact::Elsewhere, Some(there)) => fitting([
            format!("`home` is not where {python} leads ({there}); Python goes by that"),
            format!("`home` is not where {python} leads, to {there}"),
        ]),
        (Fact::Relative, _) => "`home` is relative: the base depends on where Python is started".to_owned(),
        (Fact::Another | Fact::Elsewhere, None) => format!("`home` holds no Python that {python} could be a copy of"),
    };
    let mut ways: Vec<Fix> = Vec::new();
    if let (Some(folder), Some(edit)) = (&leads_to, leads_to.as_ref().and_then(|it| correction(&text, pyvenv, it))) {
        ways.push(Fix::edit(format!("Write `home = {folder}`"), vec![edit]));
    }
    ways.push(recreate(system, situation, &pyvenv.path));
    let place = pyvenv_line(system, &pyvenv.path, &["home"]);
    let severity = if moves { Severity::Warning } else { Severity::Information };
    let found = on_both(system, situation, Rule::VenvHomeMismatch, &message, (&pyvenv.path, place), &ways);
    let graded = found.into_iter().filter_map(|mut it| {
        it.severity = situation.settings.for_path(&it.path).graded(it.rule, severity)?;
        it.related.extend(moves.then(|| at(&interpreter.stdlib.join("os.py"), 1, "the standard library in force")));
        Some(it)
    });
    Some(graded.collect())
}

enum Fact {
    Missing,
    /// No folder of that name.
    Gone(String),
    /// There is another Python in it, or none.
    Another,
    /// It is another folder with the same Python in it, which only matters where that moves the base.
    Elsewhere,
    /// What it means depends on where Python is started.
    Relative,
}

/// Says what may be wrong with `home`; `None` where it is another name of the right folder, or a text that means no path.
fn judge(system: &dyn System, interpreter: &Interpreter, pyvenv: &Pyvenv, leads_to: Option<&Utf8Path>) -> Option<Fact> {
    // Start-up takes the first one.
    let Some(entry) = pyvenv.entries.iter().find(|it| it.key == "home") else {
        let is_hidden = pyvenv.entries.iter().any(|it| it.key == "\u{feff}home");
        return (!is_hidden).then_some(Fact::Missing);
    };
    let home = entry.value.as_str();
    // That is said of the text.
    if no_plain_path(home).is_some() {
        return None;
    }
    if !home.starts_with('/') {
        return Some(Fact::Relative);
    }
    let home = Utf8Path::new(home);
    if !system.is_directory(home) {
        return Some(Fact::Gone(home.to_string()));
    }
    let version = interpreter.version.short();
    let own = interpreter.executable.file_name().unwrap_or("python").to_owned();
    let names = ["python3".to_owned(), "python".to_owned(), format!("python{version}"), own];
    let real = system.canonical(&interpreter.executable).ok()?;
    let mut there = names.iter().filter_map(|name| system.canonical(&home.join(name)).ok());
    let is_same = |folder| system.canonical(home).is_ok_and(|it| system.canonical(folder) == Ok(it));
    match leads_to {
        Some(folder) if is_same(folder) => None,
        Some(_) if there.any(|it| it == real) => Some(Fact::Elsewhere),
        // A copy can be compared with nothing but that there is a Python.
        None if there.next().is_some() => None,
        Some(_) | None => Some(Fact::Another),
    }
}

/// Returns the folder outside of the environment that `bin/python` leads to; `None` where it is no link, but a copy.
fn folder_it_leads_to(system: &dyn System, interpreter: &Interpreter) -> Option<Utf8PathBuf> {
    let mut here = interpreter.executable.clone();
    let own = interpreter.executable.parent()?.to_owned();
    for _ in 0..MOST_LINKS {
        let target = system.link_target(&here).ok().flatten()?;
        here = here.parent()?.join(target);
        let folder = crate::project::normalize_path(here.parent()?);
        if folder != own {
            return Some(folder);
        }
    }
    None
}

/// Returns the base and its standard library that start-up would find with another text of pyvenv.cfg, in a working directory.
fn base_with(
    system: &dyn System,
    interpreter: &Interpreter,
    path: &Utf8Path,
    text: String,
    directory: Option<&Utf8Path>,
) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    let mut edited = Overlay::new(system);
    edited.put(path.to_owned(), text.into_bytes());
    if let Some(directory) = directory {
        edited = edited.in_directory(directory);
    }
    let (found, _) = interpreter::interpret(&edited, &interpreter.executable, Flags::default());
    Some(base_of(&edited, &found?))
}

fn base_of(system: &dyn System, interpreter: &Interpreter) -> (Utf8PathBuf, Utf8PathBuf) {
    let directory = system.working_directory();
    let real = |path: &Utf8Path| system.canonical(&directory.join(path)).unwrap_or_else(|_| path.to_owned());
    (real(&interpreter.base_prefix), real(&interpreter.stdlib))
}

/// Returns the text with the right `home`.
fn with_home(text: &Text, folder: &Utf8Path) -> String {
    let lines = pyvenv_lines(text);
    let mut source = text.source().to_owned();
    match lines.iter().find(|it| it.key == "home") {
        Some(line) => {
            source.replace_range(line.value_span.start as usize..line.value_span.end as usize, folder.as_str());
            source
        }
        None => format!("home = {folder}\n{source}"),
    }
}

fn correction(text: &Text, pyvenv: &Pyvenv, folder: &Utf8Path) -> Option<Edit> {
    let lines = pyvenv_lines(text);
    let path = pyvenv.path.clone();
    match lines.iter().find(|it| it.key == "home") {
        Some(line) => {
            let range = text.range(line.value_span);
            Some(Edit::new(path, range, folder.to_string()))
        }
        // In front of a byte order mark it would be hidden by it, behind it as well.
        None if text.source().starts_with('\u{feff}') => None,
        None => {
            let range = text.range(crate::text::Span::new(0, 0));
            Some(Edit::new(path, range, format!("home = {folder}\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::situation::{Question, situation};
    use crate::system::memory::MemorySystem;

    #[test]
    fn the_base_is_compared_under_the_variables_of_the_editor() {
        let mut system = MemorySystem::default();
        for prefix in ["/usr", "/opt/other"] {
            system
                .write_executable(format!("{prefix}/bin/python3.11"), b"\x7fELF".as_slice())
                .write(format!("{prefix}/lib/python3.11/os.py"), "")
                .create_directory(format!("{prefix}/lib/python3.11/lib-dynload"));
        }
        system
            .link("/ws/.venv/bin/python", "/usr/bin/python3.11")
            .create_directory("/ws/.venv/lib/python3.11/site-packages")
            .write("/ws/.venv/pyvenv.cfg", "home = /opt/gone/bin\n")
            .write("/ws/pyproject.toml", "");
        let mut question = Question::about("/ws".into(), "/ws".into());
        question.variables.insert("PYTHONHOME".to_owned(), "/opt/other".to_owned());
        let situation = situation(&system, &question);
        let interpreter = situation.environment.interpreter.as_ref().unwrap();
        assert_eq!(interpreter.base_prefix, "/opt/other");
        let said = home_mismatch(&system, &situation);
        let said: Vec<_> = said.iter().map(|it| (it.severity, it.message.as_str())).collect();
        let fact = "`/opt/gone/bin` is gone; Python goes by `bin/python`, which leads to `/usr/bin`";
        assert_eq!(said.first(), Some(&(Severity::Information, fact)), "`home` moves nothing: the editor does");
    }
}
