//! Comments for fromwhere: what they silence in files that are not Python, and those that silence nothing.
//!
//! In: diagnostics, and the texts they stand in. Out: what is left of them, and a diagnostic for each comment that is not
//! written as it has to be.
//!
//! **Invariant:** a file is read once for its comments, and a lock only where something is said in it.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::message::fitting;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::imports;
use crate::notebook;
use crate::rules::Rule;
use crate::settings::Settings;
use crate::situation::Situation;
use crate::suppression::{self, Comments};
use crate::system::{LARGEST_SOURCE, System};
use crate::text::Text;

/// Says which comments of a file silence nothing as they are written.
pub(super) fn misspelled(settings: &Settings, path: &Utf8Path, text: &Text, comments: &Comments) -> Vec<Diagnostic> {
    let rule = Rule::IgnoreCommentSyntax;
    let Some(severity) = settings.severity_of(rule) else { return Vec::new() };
    let found = comments.misspellings.iter().map(|it| {
        let range = text.range(it.span);
        let fix = it.meant.as_ref().map(|meant| {
            let edit = Edit::new(path.to_owned(), range, meant.clone());
            Fix::edit(format!("Write `{meant}`"), vec![edit])
        });
        let (path, message, fixes) = (path.to_owned(), fitting([it.message.clone()]), fix.into_iter().collect());
        Diagnostic { rule, severity, message, path, range, related: Vec::new(), fixes, module: None }
    });
    found.filter(|it| !comments.silence(rule, it.range.start.line)).collect()
}

/// Leaves out what comments in manifests, locks and `pyvenv.cfg` silence, and names the comments that silence nothing.
pub(super) fn silence(system: &dyn System, situation: &Situation, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut files: BTreeMap<&Utf8Path, Option<(Text, Comments)>> = BTreeMap::new();
    let is_lock = |path: &Utf8Path| path.extension() == Some("lock") || path.as_str().contains("/pylock.");
    let manifests = situation.project.manifests.iter().filter(|path| situation.launch.is_none() && !is_lock(path));
    let pyvenv = situation.environment.interpreter.iter().filter_map(|it| it.pyvenv.as_ref()).map(|it| &it.path);
    for path in found.iter().map(|it| &it.path).chain(manifests).chain(pyvenv) {
        files.entry(path).or_insert_with(|| with_comments(system, path));
    }
    let is_silenced = |it: &&Diagnostic| {
        let file = files.get(it.path.as_path()).and_then(Option::as_ref);
        file.is_some_and(|(text, comments)| silences(&it.path, text, comments, it))
    };
    let mut left: Vec<Diagnostic> = found.iter().filter(|it| !is_silenced(it)).cloned().collect();
    for (path, file) in &files {
        let Some((text, comments)) = file else { continue };
        left.extend(misspelled(&situation.settings.for_path(path), path, text, comments));
    }
    left
}

/// Tells whether a comment silences a diagnostic. Behind a value of `pyvenv.cfg` it is a part of that value, and what is
/// said of this is not silenced by it.
pub(super) fn silences(path: &Utf8Path, text: &Text, comments: &Comments, found: &Diagnostic) -> bool {
    let is_alone = |start: u32| text.line(text.point(start).line).trim_start().starts_with('#');
    let counts =
        |start: u32| path.file_name() != Some("pyvenv.cfg") || found.rule != Rule::PyvenvCfgSyntax || is_alone(start);
    let line = found.range.start.line;
    comments.suppressions.iter().any(|it| it.silences(found.rule, line) && counts(it.span.start))
}

/// `None` where there is no comment for us.
fn with_comments(system: &dyn System, path: &Utf8Path) -> Option<(Text, Comments)> {
    if notebook::is_notebook(path) {
        return None;
    }
    let bytes = system.read(path, LARGEST_SOURCE).ok()?;
    if !suppression::may_stand_in(&bytes) {
        return None;
    }
    let text = Text::new(String::from_utf8_lossy(&bytes).into_owned());
    let comments =
        if path.extension() == Some("py") { imports::scan(&text).comments } else { suppression::of_lines(&text) };
    Some((text, comments))
}
