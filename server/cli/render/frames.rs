//! Diagnostics with the source they point at.
//!
//! In: diagnostics, and the texts that are at hand. Out: one frame each, then related places, ways out, and the rule's page.
//!
//! **Invariant:** a place whose text cannot be read is still named.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::{Diagnostic, Fix, FixAction, Severity};
use fromwhere_core::notebook::Notebook;
use fromwhere_core::system::System;
use fromwhere_core::text::{self, Text};

use crate::cli::terminal::{Style, relative, visible};
use crate::source;

pub(in crate::cli) fn render(
    system: &dyn System,
    diagnostics: &[Diagnostic],
    texts: &BTreeMap<Utf8PathBuf, Text>,
    notebooks: &BTreeMap<Utf8PathBuf, Notebook>,
    style: Style,
) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let working_directory = system.working_directory();
    let mut read: BTreeMap<&Utf8Path, Option<Text>> = BTreeMap::new();
    let mut output = String::new();
    for diagnostic in diagnostics {
        let path = relative(&diagnostic.path, &working_directory).into_owned();
        let place = |text, range| Place { text, range, path: path.clone() };
        if let Some(shown) = notebooks.get(&diagnostic.path).and_then(|it| it.shown(diagnostic.range)) {
            let path = format!("{path}:cell {}", shown.cell);
            let place = Place { text: Some(&shown.text), range: shown.range, path };
            output.push_str(&renderer.render(&[group(diagnostic, &place, notebooks, &working_directory)]));
            output.push_str("\n\n");
            continue;
        }
        let text = match texts.get(&diagnostic.path) {
            Some(text) => Some(text),
            None => {
                read.entry(&diagnostic.path).or_insert_with(|| source::read(system, &diagnostic.path).ok()).as_ref()
            }
        };
        let place = place(text, diagnostic.range);
        output.push_str(&renderer.render(&[group(diagnostic, &place, notebooks, &working_directory)]));
        output.push_str("\n\n");
    }
    output
}

/// Where a diagnostic is shown: in a notebook, within its cell.
struct Place<'a> {
    text: Option<&'a Text>,
    range: text::Range,
    path: String,
}

fn group<'a>(
    diagnostic: &'a Diagnostic,
    place: &Place<'a>,
    notebooks: &BTreeMap<Utf8PathBuf, Notebook>,
    working_directory: &Utf8Path,
) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO.with_name("information"),
        Severity::Hint => Level::HELP.with_name("hint"),
    };
    let path = place.path.clone();
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.rule.code()));
    group = match place.text.map(|text| excerpt(text, place.range)) {
        Some(excerpt) => group.element(
            Snippet::source(excerpt.source)
                .line_start(excerpt.first_line)
                .path(path)
                .annotation(AnnotationKind::Primary.span(excerpt.span)),
        ),
        None => group.element(
            Origin::path(path)
                .line(place.range.start.line as usize + 1)
                .char_column(place.range.start.utf32 as usize + 1),
        ),
    };
    for related in &diagnostic.related {
        let place = relative(&related.path, working_directory);
        let shown = notebooks.get(&related.path).and_then(|notebook| notebook.shown(related.range));
        let cell = shown.as_ref().map(|shown| format!(":cell {}", shown.cell)).unwrap_or_default();
        let line = shown.map_or(related.range, |shown| shown.range).start.line + 1;
        group = group.element(Level::NOTE.message(format!("{} ({place}{cell}:{line})", visible(&related.message))));
    }
    for fix in diagnostic.fixes.iter().filter(|fix| !is_for_editors(fix, diagnostic)) {
        group = group.element(Level::HELP.message(way_out(fix)));
    }
    group.element(Level::NOTE.with_name("see").message(diagnostic.rule.url()))
}

/// The lines that a range touches.
struct Excerpt<'a> {
    source: &'a str,
    first_line: usize,
    /// In bytes of `source`.
    span: Range<usize>,
}

fn excerpt(text: &Text, range: text::Range) -> Excerpt<'_> {
    let (first, last) = (text.line_span(range.start.line), text.line_span(range.end.line));
    let source = text.source().get(first.start as usize..last.end as usize).unwrap_or_default();
    let start = range.start.utf8 as usize;
    let end = (last.start - first.start) as usize + range.end.utf8 as usize;
    // An empty range at a line's start stands for the line.
    let span = if end > start { start..end.min(source.len()) } else { start..text.line(range.start.line).len() };
    let span = if source.get(span.clone()).is_some() { span } else { 0..0 };
    Excerpt { source, first_line: range.start.line as usize + 1, span }
}

/// Tells whether a fix is only for an editor: an edit of the file itself, such as a comment that silences the rule, which it
/// offers where that is one key away, or a place to look at that the notes name already; here it would be noise.
fn is_for_editors(fix: &Fix, diagnostic: &Diagnostic) -> bool {
    match &fix.action {
        FixAction::Edit(edits) => edits.iter().all(|edit| edit.path == diagnostic.path),
        FixAction::Open(path, line) => {
            diagnostic.related.iter().any(|it| it.path == *path && it.range.start.line + 1 == *line)
        }
        FixAction::Command(_) => false,
    }
}

fn way_out(fix: &Fix) -> String {
    let title = visible(&fix.title);
    match &fix.action {
        FixAction::Command(command) if !title.contains(command.as_str()) => {
            format!("{title}: `{}`", visible(command))
        }
        FixAction::Command(_) | FixAction::Edit(_) | FixAction::Open(..) => title.into_owned(),
    }
}
