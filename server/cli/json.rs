//! The JSON shapes of `check`, `env` and `why`.
//!
//! In: values of the core. Out: JSON text. Lines and characters count from 1, characters in Unicode code points; paths
//! are absolute.
//!
//! **Invariant:** a key is never renamed and never left out; what is unknown is `null`.

use fromwhere_core::diagnostic::{Diagnostic, Edit, Fix, FixAction, Related};
use fromwhere_core::origin::Problem;
use fromwhere_core::text;
use serde::{Serialize, Serializer as _};

pub(super) mod environment;
pub(super) mod module;

/// Renders with two blanks a level and a line end, as people and `diff` like it.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // The shapes have no map with keys that are not strings and no float, the only things that cannot be written.
    let mut output = serde_json::to_string_pretty(value).unwrap_or_default();
    output.push('\n');
    output
}

/// The same for a list of which each part is made when it is written: ten thousand answers are not held twice.
pub(super) fn pretty_list<T: Serialize>(parts: impl IntoIterator<Item = T>) -> String {
    let mut output = Vec::new();
    let mut serializer = serde_json::Serializer::pretty(&mut output);
    // As above: nothing of this cannot be written.
    let _ = serializer.collect_seq(parts);
    output.push(b'\n');
    String::from_utf8(output).unwrap_or_default()
}

#[derive(Serialize)]
pub(super) struct DiagnosticJson<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    path: &'a str,
    range: RangeJson,
    related: Vec<RelatedJson<'a>>,
    fixes: Vec<FixJson<'a>>,
    url: String,
    module: Option<&'a str>,
    /// Where it stands in a notebook.
    cell: Option<CellJson>,
}

#[derive(Serialize)]
struct CellJson {
    /// Among all cells, from 1.
    number: usize,
    range: RangeJson,
}

impl DiagnosticJson<'_> {
    /// Adds the cell of a notebook, and the place in it.
    pub(super) fn within(mut self, cell: Option<(usize, text::Range)>) -> Self {
        self.cell = cell.map(|(number, range)| CellJson { number, range: range.into() });
        self
    }
}

#[derive(Serialize)]
struct RangeJson {
    start: PointJson,
    end: PointJson,
}

#[derive(Serialize)]
struct PointJson {
    line: u32,
    character: u32,
}

#[derive(Serialize)]
struct RelatedJson<'a> {
    path: &'a str,
    range: RangeJson,
    message: &'a str,
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: &'a str,
    kind: &'static str,
    /// Whether `--fix` applies it.
    safe: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    edit: Option<Vec<EditJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<PlaceJson<'a>>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct EditJson<'a> {
    path: &'a str,
    range: RangeJson,
    replacement: &'a str,
}

#[derive(Serialize)]
pub(super) struct ProblemJson<'a> {
    path: &'a str,
    line: Option<u32>,
    message: &'a str,
}

impl<'a> From<&'a Diagnostic> for DiagnosticJson<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        DiagnosticJson {
            code: diagnostic.rule.code(),
            severity: diagnostic.severity.as_str(),
            message: &diagnostic.message,
            path: diagnostic.path.as_str(),
            range: diagnostic.range.into(),
            related: diagnostic.related.iter().map(related).collect(),
            fixes: diagnostic.fixes.iter().map(fix).collect(),
            url: diagnostic.rule.url(),
            module: diagnostic.module.as_deref(),
            cell: None,
        }
    }
}

impl<'a> From<&'a Problem> for ProblemJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        ProblemJson { path: problem.path.as_str(), line: problem.line, message: &problem.message }
    }
}

impl From<text::Range> for RangeJson {
    fn from(range: text::Range) -> Self {
        RangeJson { start: range.start.into(), end: range.end.into() }
    }
}

impl From<text::Point> for PointJson {
    fn from(point: text::Point) -> Self {
        PointJson { line: point.line + 1, character: point.utf32 + 1 }
    }
}

fn related(related: &Related) -> RelatedJson<'_> {
    RelatedJson { path: related.path.as_str(), range: related.range.into(), message: &related.message }
}

fn fix(fix: &Fix) -> FixJson<'_> {
    let (title, safe) = (fix.title.as_str(), fix.safe);
    let nothing = FixJson { title, kind: "", safe, edit: None, command: None, open: None };
    match &fix.action {
        FixAction::Edit(edits) => FixJson { kind: "edit", edit: Some(edits.iter().map(edit).collect()), ..nothing },
        FixAction::Command(command) => FixJson { kind: "command", command: Some(command), ..nothing },
        FixAction::Open(path, line) => {
            FixJson { kind: "open", open: Some(PlaceJson { path: path.as_str(), line: *line }), ..nothing }
        }
    }
}

fn edit(edit: &Edit) -> EditJson<'_> {
    EditJson { path: edit.path.as_str(), range: edit.range.into(), replacement: &edit.replacement }
}
