//! What was found in a manifest on the disk, laid over the text that its editor has.
//!
//! In: findings, the texts they were made in, the open documents. Out: findings whose places are those of the open texts.
//!
//! **Invariant:** the text is the editor's: what was found on the disk is shown where its line still stands, and is taken
//! back where it does not.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::{Diagnostic, FixAction};
use fromwhere_core::settings::Mistake;
use fromwhere_core::text::{Range, Text};
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::Effect;
use crate::lsp::session::Session;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::projects::Project;

impl Session {
    /// Returns what was found out in a project about its environment and manifests.
    pub(super) fn found_in(&self, project: &Project) -> Vec<Diagnostic> {
        let mut known = BTreeMap::new();
        let found = project.environment_diagnostics.iter().filter_map(|it| {
            let lines = known.entry(&it.path).or_insert_with(|| self.lines(project, &it.path));
            lines.as_ref().map_or_else(|| Some(it.clone()), |lines| lines.diagnostic(it))
        });
        found.collect()
    }

    /// Returns the mistakes in the settings of a project.
    pub(super) fn mistakes_in(&self, project: &Project) -> Vec<Mistake> {
        let mut known: BTreeMap<&Utf8PathBuf, Option<Lines<'_>>> = BTreeMap::new();
        let mistakes = project.situation.iter().flat_map(|situation| &situation.mistakes).filter_map(|it| {
            let path = &it.problem.path;
            let lines = known.entry(path).or_insert_with(|| self.lines(project, path));
            lines.as_ref().map_or_else(|| Some(it.clone()), |lines| lines.mistake(it))
        });
        mistakes.collect()
    }

    /// Tells whether something was found in a file that this document has the text of.
    pub(super) fn is_overlaid(&self, uri: &Url) -> bool {
        let document = self.documents.get(uri).filter(|document| document.kind != Kind::Pyvenv);
        let path = document.and_then(|document| document.path.as_ref()).filter(|_| !convert::is_cell(uri));
        path.is_some_and(|path| self.projects.values().any(|project| project.texts.contains_key(path)))
    }

    /// Publishes all there is to say about a file, unless this turn has done so.
    pub(super) fn publish_once(&mut self, path: &Utf8Path) {
        let uri = self.opened(path).map(|(uri, _)| uri).or_else(|| convert::uri_of(path));
        let is_done = |effect: &Effect| matches!(effect, Effect::Publish { uri: of, .. } if Some(of) == uri.as_ref());
        if !self.effects.iter().any(is_done) {
            self.publish(path);
        }
    }

    /// `None` where the file is not open, or its text is the one that was looked at. `pyvenv.cfg` is checked as it is typed.
    fn lines<'s>(&'s self, project: &'s Project, path: &Utf8Path) -> Option<Lines<'s>> {
        let found_in = project.texts.get(path)?;
        let mut documents = self.documents.iter().filter(|(uri, _)| !convert::is_cell(uri)).map(|(_, it)| it);
        let document = documents.find(|it| it.path.as_deref() == Some(path) && it.kind != Kind::Pyvenv)?;
        (*found_in != document.text).then(|| Lines::between(found_in, &document.text))
    }
}

/// Where the lines of one text stand in another.
pub(super) struct Lines<'t> {
    before: &'t Text,
    after: &'t Text,
    /// How many lines both begin with, and how many both end with.
    same: (u32, u32),
    counts: (u32, u32),
}

impl<'t> Lines<'t> {
    pub(super) fn between(before: &'t Text, after: &'t Text) -> Self {
        let count = |text: &Text| u32::try_from(text.line_count()).unwrap_or(u32::MAX);
        let counts = (count(before), count(after));
        let shorter = counts.0.min(counts.1);
        let is_same = |from_start: &u32| before.line(*from_start) == after.line(*from_start);
        let start = (0..shorter).take_while(is_same).count();
        let start = u32::try_from(start).unwrap_or(shorter);
        let is_same = |from_end: &u32| before.line(counts.0 - 1 - from_end) == after.line(counts.1 - 1 - from_end);
        let end = (0..shorter - start).take_while(is_same).count();
        Lines { before, after, same: (start, u32::try_from(end).unwrap_or(0)), counts }
    }

    /// Returns what is to be said at its new place; its edits were made for the other text.
    pub(super) fn diagnostic(&self, found: &Diagnostic) -> Option<Diagnostic> {
        let range = self.range(found.range)?;
        let is_still_right = |action: &FixAction| match action {
            FixAction::Command(_) | FixAction::Open(..) => true,
            FixAction::Edit(edits) => edits.iter().all(|edit| edit.addition.is_some()),
        };
        let fixes = found.fixes.iter().filter(|fix| is_still_right(&fix.action)).cloned().collect();
        Some(Diagnostic { range, fixes, ..found.clone() })
    }

    /// Its correction is for the very letters of its place, which are the same.
    fn mistake(&self, found: &Mistake) -> Option<Mistake> {
        Some(Mistake { range: self.range(found.range)?, ..found.clone() })
    }

    /// Moves a place with its lines; `None` where one of them is not there, or not beside the others, any more.
    fn range(&self, range: Range) -> Option<Range> {
        let (start, end) = (self.line(range.start.line)?, self.line(range.end.line)?);
        let mut moved = range;
        (moved.start.line, moved.end.line) = (start, end);
        (end.checked_sub(start) == range.end.line.checked_sub(range.start.line)).then_some(moved)
    }

    /// Finds the line between what is the same above and below; of several the nearest.
    fn line(&self, line: u32) -> Option<u32> {
        let (above, below) = self.same;
        if line < above {
            return Some(line);
        }
        if line >= self.counts.0 - below {
            return Some(self.counts.1 - (self.counts.0.checked_sub(line)?));
        }
        let content = self.before.line(line);
        let equal = (above..self.counts.1 - below).filter(|it| self.after.line(*it) == content);
        equal.min_by_key(|it| it.abs_diff(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_again_whatever_is_typed_around_them() {
        let text = |source: &str| Text::new(source.to_owned());
        for (before, after, expected) in [
            ("a\nb\nc\n", "x\ny\na\nb\nc\n", [Some(2), Some(3), Some(4), Some(5)]),
            ("a\nb\nc\n", "a\nx\nb\nc\ny\n", [Some(0), Some(2), Some(3), Some(5)]),
            ("a\nb\nc\n", "a\nbb\nc\n", [Some(0), None, Some(2), Some(3)]),
            ("a\na\na\n", "a\na\na\na\n", [Some(0), Some(1), Some(2), Some(4)]),
            ("a\nb\nc\n", "", [None, None, None, Some(0)]),
            ("a\nb\nc\n", "c\nb\na\n", [Some(2), Some(1), Some(0), Some(3)]),
        ] {
            let (before, after) = (text(before), text(after));
            let lines = Lines::between(&before, &after);
            assert_eq!([0, 1, 2, 3].map(|line| lines.line(line)), expected, "{}", after.source());
            assert_eq!(lines.line(9), None);
        }
    }
}
