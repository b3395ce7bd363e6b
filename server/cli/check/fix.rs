//! The fixes that may be applied without asking, applied in memory.
//!
//! In: diagnostics, and a way to check again. Out: what is left to report, the [`Change`]s of files, how many fixes that took.
//!
//! **Invariant:** a fix is applied whole or not at all, and never where it overlaps one that came before; what it changes is
//! checked again until nothing is left to fix, and a fix that did not help is not tried twice.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::{Diagnostic, Edit, Fix, FixAction};
use fromwhere_core::origin::Problem;
use fromwhere_core::rules::Rule;
use fromwhere_core::system::{LARGEST_SOURCE, Overlay, System};
use fromwhere_core::text::{Point, Span, Text};

use super::Checked;
use crate::source::{self, Form};

/// How often is checked again. Each time at least one fix is new, so that only a project with more fixes in one place, or one
/// whose fixes never end, is left with some.
const MOST_ROUNDS: usize = 100;

/// What fixing came to.
pub(super) struct Fixed<'s> {
    /// What is left to report.
    pub(super) checked: Checked,
    /// The disk as it would be.
    pub(super) overlay: Overlay<'s>,
    /// The files that each fix changes.
    pub(super) applied: Vec<BTreeSet<Utf8PathBuf>>,
    /// What could not be fixed, and why.
    pub(super) problems: Vec<Problem>,
}

/// Applies fixes until none is left. `is_source` tells Python sources from other files.
pub(super) fn fix(
    system: &dyn System,
    is_source: impl Fn(&Utf8Path) -> bool,
    look: impl Fn(&dyn System) -> Checked,
) -> Fixed<'_> {
    let mut overlay = Overlay::new(system);
    let (mut applied, mut problems) = (Vec::new(), Vec::new());
    let mut tried = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let checked = look(&overlay);
        let mut round = Round { system: &overlay, is_source: &is_source, files: BTreeMap::new(), applied: Vec::new() };
        let mut new = BTreeSet::new();
        for diagnostic in &checked.diagnostics {
            for fix in diagnostic.fixes.iter().filter(|fix| fix.safe).take(1) {
                let name = name(diagnostic, fix);
                if !tried.contains(&name) && round.apply(fix) {
                    new.insert(name);
                }
            }
        }
        let (files, of_round) = (mem::take(&mut round.files), mem::take(&mut round.applied));
        for (path, file) in files {
            match file {
                Ok(file) if file.edits.is_empty() => {}
                Ok(file) => match file.content() {
                    Some(content) => overlay.put(path, content),
                    None => note(
                        &mut problems,
                        Problem { path, line: None, message: "its encoding lacks a character".to_owned() },
                    ),
                },
                Err(message) => note(&mut problems, Problem { path, line: None, message }),
            }
        }
        if of_round.is_empty() {
            return Fixed { checked, overlay, applied, problems };
        }
        applied.extend(of_round);
        tried.append(&mut new);
    }
    let checked = look(&overlay);
    Fixed { checked, overlay, applied, problems }
}

/// By what a fix is known again after the text around it has changed.
fn name(diagnostic: &Diagnostic, fix: &Fix) -> (Rule, Utf8PathBuf, String, String) {
    (diagnostic.rule, diagnostic.path.clone(), diagnostic.message.clone(), fix.title.clone())
}

fn note(problems: &mut Vec<Problem>, problem: Problem) {
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

/// The fixes of one look, whose places are all of the same texts.
struct Round<'a> {
    system: &'a dyn System,
    is_source: &'a dyn Fn(&Utf8Path) -> bool,
    /// The files that fixes are about, or why one cannot be edited.
    files: BTreeMap<Utf8PathBuf, Result<File, String>>,
    applied: Vec<BTreeSet<Utf8PathBuf>>,
}

struct File {
    text: Text,
    form: Form,
    /// In the order of places, none touching another.
    edits: BTreeMap<Span, String>,
}

impl Round<'_> {
    /// Takes a fix in, where it fits beside those before; tells whether it did, or has been there already.
    fn apply(&mut self, fix: &Fix) -> bool {
        let FixAction::Edit(edits) = &fix.action else { return false };
        let Some(placed) = edits.iter().map(|edit| self.place(edit)).collect::<Option<Vec<_>>>() else { return false };
        let is_there = |(path, span, replacement): &(Utf8PathBuf, Span, String)| matches!(self.files.get(path), Some(Ok(file)) if file.edits.get(span) == Some(replacement));
        // Two files that import one module have the same fix.
        if placed.iter().all(is_there) {
            return true;
        }
        let fits = |(path, span, _): &(Utf8PathBuf, Span, String)| matches!(self.files.get(path), Some(Ok(file)) if file.edits.keys().all(|other| are_apart(*other, *span)));
        if !placed.iter().all(fits) || !are_all_apart(&placed) {
            return false;
        }
        self.applied.push(placed.iter().map(|(path, _, _)| path.clone()).collect());
        for (path, span, replacement) in placed {
            if let Some(Ok(file)) = self.files.get_mut(&path) {
                file.edits.insert(span, replacement);
            }
        }
        true
    }

    /// Finds the bytes that an edit means, and spells what it puts there as the file does.
    fn place(&mut self, edit: &Edit) -> Option<(Utf8PathBuf, Span, String)> {
        let (system, is_source) = (self.system, self.is_source);
        let file =
            self.files.entry(edit.path.clone()).or_insert_with(|| open(system, &edit.path, is_source(&edit.path)));
        let file = file.as_ref().ok()?;
        let (start, end) = (offset(&file.text, edit.range.start)?, offset(&file.text, edit.range.end)?);
        let replacement = with_line_ends_of(file.text.source(), &edit.replacement);
        (start <= end && file.form.has(&replacement)).then(|| (edit.path.clone(), Span::new(start, end), replacement))
    }
}

impl File {
    fn content(&self) -> Option<Vec<u8>> {
        let mut source = self.text.source().to_owned();
        for (span, replacement) in self.edits.iter().rev() {
            source.replace_range(span.start as usize..span.end as usize, replacement);
        }
        self.form.encode(&source)
    }
}

fn open(system: &dyn System, path: &Utf8Path, is_source: bool) -> Result<File, String> {
    let bytes = system.read(path, LARGEST_SOURCE).map_err(|failure| failure.cause.to_string())?;
    let (source, form) = if is_source {
        source::decode(bytes)?
    } else {
        (String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?, Form::PLAIN)
    };
    Ok(File { text: Text::new(source), form, edits: BTreeMap::new() })
}

/// Returns the byte of a place; `None` where the text has no such place, as a text never read has none.
fn offset(text: &Text, point: Point) -> Option<u32> {
    let line = text.line_span(point.line);
    let offset = line.start.checked_add(point.utf8)?;
    let is_inside = (point.line as usize) < text.line_count() && offset <= line.end;
    (is_inside && text.source().is_char_boundary(offset as usize)).then_some(offset)
}

/// Two insertions at one place would need an order, so that they are not apart.
fn are_apart(one: Span, other: Span) -> bool {
    one.end < other.start || other.end < one.start
}

/// The edits of one fix may touch, as their author knew of each other.
fn are_all_apart(placed: &[(Utf8PathBuf, Span, String)]) -> bool {
    let apart = |one: Span, other: Span| one != other && (one.end <= other.start || other.end <= one.start);
    placed.iter().enumerate().all(|(at, (path, span, _))| {
        placed.iter().skip(at + 1).all(|(other, its, _)| other != path || apart(*span, *its))
    })
}

/// Spells line ends as the first line of a text has them.
fn with_line_ends_of(source: &str, replacement: &str) -> String {
    let first = source.find(['\n', '\r']).and_then(|at| source.get(at..)).unwrap_or_default();
    let end = if first.starts_with("\r\n") {
        "\r\n"
    } else if first.starts_with('\r') {
        "\r"
    } else {
        "\n"
    };
    replacement.replace("\r\n", "\n").replace('\n', end)
}

#[cfg(test)]
mod tests;
