//! Between the core's words and the protocol's.
//!
//! In: core values, and what the client can take. Out: protocol values, and back.
//!
//! **Invariant:** pure; a URI is turned into a path and back without touching the disk.

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::diagnostic::{Diagnostic, Edit, Fix, FixAction, Severity};
use fromwhere_core::explain::PyvenvCompletion;
use fromwhere_core::settings::Mistake;
use fromwhere_core::system::Platform;
use fromwhere_core::text::{self, Change, EditorPosition, Encoding};
use serde_json::json;
use tower_lsp::lsp_types::{
    self, CodeAction, CodeActionKind, CodeActionOrCommand, CodeDescription, Command, CompletionItemKind,
    CompletionTextEdit, CreateFile, CreateFileOptions, DiagnosticRelatedInformation, DiagnosticSeverity,
    DocumentChangeOperation, DocumentChanges, InlayHint, InlayHintLabel, InlayHintTooltip, Location, NumberOrString,
    OneOf, OptionalVersionedTextDocumentIdentifier, Position, ResourceOp, TextDocumentContentChangeEvent,
    TextDocumentEdit, TextEdit, Url, WorkspaceEdit,
};

use crate::lsp::capabilities::Client;
use crate::lsp::effect::Hint;
use crate::lsp::protocol::{EXPLAIN, EXPLAIN_KIND, OPEN, RUN_IN_TERMINAL, SHOW_COMMAND};
use crate::lsp::uri;
use crate::native;

/// The code of mistakes in the settings.
const CONFIGURATION: &str = "configuration";
const ABOUT_CONFIGURATION: &str = "https://github.com/fromwhere/fromwhere#configuration";

/// Returns the path of a file, or of the notebook that a cell belongs to; `None` for what lies on no disk.
pub fn path_of(uri: &Url) -> Option<Utf8PathBuf> {
    let path = match uri.scheme() {
        "file" => uri::path(uri, Platform::HOST)?,
        "vscode-notebook-cell" => uri::path_of_notebook(uri, Platform::HOST)?,
        _ => return None,
    };
    Utf8PathBuf::from_path_buf(native::plain(path.into())).ok()
}

/// Tells whether a document is a cell of a notebook.
pub fn is_cell(uri: &Url) -> bool {
    uri.scheme() == "vscode-notebook-cell"
}

pub fn uri_of(path: &Utf8Path) -> Option<Url> {
    uri::of(path, Platform::HOST)
}

pub fn position(point: text::Point, encoding: Encoding) -> Position {
    let character = match encoding {
        Encoding::Utf8 => point.utf8,
        Encoding::Utf16 => point.utf16,
        Encoding::Utf32 => point.utf32,
    };
    Position { line: point.line, character }
}

pub fn range(range: text::Range, encoding: Encoding) -> lsp_types::Range {
    lsp_types::Range { start: position(range.start, encoding), end: position(range.end, encoding) }
}

pub fn editor_position(position: Position) -> EditorPosition {
    EditorPosition { line: position.line, character: position.character }
}

pub fn change(event: TextDocumentContentChangeEvent) -> Change {
    let range = event.range.map(|range| (editor_position(range.start), editor_position(range.end)));
    Change { range, text: event.text }
}

pub fn diagnostic(diagnostic: &Diagnostic, client: &Client) -> lsp_types::Diagnostic {
    let related = client.related_information.then(|| {
        let related = diagnostic.related.iter().filter_map(|related| {
            let location = Location { uri: uri_of(&related.path)?, range: range(related.range, client.encoding) };
            Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
        });
        related.collect::<Vec<_>>()
    });
    lsp_types::Diagnostic {
        range: range(diagnostic.range, client.encoding),
        severity: Some(severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.rule.code().to_owned())),
        code_description: Url::parse(&diagnostic.rule.url()).ok().map(|href| CodeDescription { href }),
        source: Some("fromwhere".to_owned()),
        message: diagnostic.message.clone(),
        related_information: related.filter(|related| !related.is_empty()),
        tags: None,
        data: diagnostic.module.as_ref().map(|module| json!({ "module": module })),
    }
}

/// A mistake in the settings is no finding of a rule: it is shown where it stands, and counts nowhere else.
pub fn mistake(mistake: &Mistake, client: &Client) -> lsp_types::Diagnostic {
    lsp_types::Diagnostic {
        range: range(mistake.range, client.encoding),
        severity: Some(DiagnosticSeverity::WARNING),
        code: Some(NumberOrString::String(CONFIGURATION.to_owned())),
        code_description: Url::parse(ABOUT_CONFIGURATION).ok().map(|href| CodeDescription { href }),
        source: Some("fromwhere".to_owned()),
        message: mistake.problem.message.clone(),
        ..lsp_types::Diagnostic::default()
    }
}

/// The way out of a mistake, where it is known what was meant.
pub fn correction(mistake: &Mistake) -> Option<Fix> {
    let (name, replacement) = mistake.meant.clone()?;
    let edit = Edit::new(mistake.problem.path.clone(), mistake.range, replacement);
    Some(Fix::edit(format!("Write `{name}`"), vec![edit]))
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Hint => DiagnosticSeverity::HINT,
        Severity::Information => DiagnosticSeverity::INFORMATION,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Error => DiagnosticSeverity::ERROR,
    }
}

/// What may be written at a place; clients sort by `sort_text`, so the order is written there.
pub fn completion(
    completion: &PyvenvCompletion,
    rank: usize,
    text: &text::Text,
    encoding: Encoding,
) -> lsp_types::CompletionItem {
    let edit = TextEdit { range: range(text.range(completion.span), encoding), new_text: completion.text.clone() };
    let kind = if completion.is_key { CompletionItemKind::PROPERTY } else { CompletionItemKind::VALUE };
    lsp_types::CompletionItem {
        label: completion.text.trim_end_matches(" = ").to_owned(),
        kind: Some(kind),
        detail: Some(completion.detail.clone()),
        sort_text: Some(format!("{rank:03}")),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..lsp_types::CompletionItem::default()
    }
}

/// A fix as the client can show it; `None` where it cannot. `documents` knows the URI and version of open files.
pub fn code_action(
    fix: &Fix,
    about: &lsp_types::Diagnostic,
    preferred: bool,
    client: &Client,
    documents: &dyn Fn(&Utf8Path) -> Option<(Url, i32)>,
) -> Option<CodeActionOrCommand> {
    let (edit, command) = match &fix.action {
        FixAction::Edit(edits) => (Some(workspace_edit(edits, client, documents)?), None),
        FixAction::Command(line) => (None, Some(command(&fix.title, line, client))),
        FixAction::Open(path, line) => (None, Some(open(&fix.title, path, *line).filter(|_| client.show_document)?)),
    };
    if !client.action_literals {
        return command.map(CodeActionOrCommand::Command);
    }
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![about.clone()]),
        edit,
        command,
        is_preferred: (preferred && client.preferred_actions).then_some(true),
        ..CodeAction::default()
    }))
}

pub fn inlay_hint(hint: Hint) -> InlayHint {
    InlayHint {
        position: hint.position,
        label: InlayHintLabel::String(hint.label),
        kind: None,
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String(hint.tooltip)),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// The action that shows where a module comes from.
pub fn explanation(module: &str, file: &Url, client: &Client) -> CodeActionOrCommand {
    let title = format!("Explain the import of `{module}`");
    let arguments = Some(vec![json!({ "uri": file, "module": module })]);
    let command = Command { title: title.clone(), command: EXPLAIN.to_owned(), arguments };
    if !client.action_literals {
        return CodeActionOrCommand::Command(command);
    }
    let kind = Some(CodeActionKind::new(EXPLAIN_KIND));
    CodeActionOrCommand::CodeAction(CodeAction { title, kind, command: Some(command), ..CodeAction::default() })
}

fn command(title: &str, line: &str, client: &Client) -> Command {
    let name = if client.run_in_terminal { RUN_IN_TERMINAL } else { SHOW_COMMAND };
    Command { title: title.to_owned(), command: name.to_owned(), arguments: Some(vec![json!(line)]) }
}

/// The command that shows a line of a file, from 1.
fn open(title: &str, path: &Utf8Path, line: u32) -> Option<Command> {
    let start = Position { line: line.saturating_sub(1), character: 0 };
    let place = Location { uri: uri_of(path)?, range: lsp_types::Range { start, end: start } };
    Some(Command { title: title.to_owned(), command: OPEN.to_owned(), arguments: Some(vec![json!(place)]) })
}

fn workspace_edit(
    edits: &[Edit],
    client: &Client,
    documents: &dyn Fn(&Utf8Path) -> Option<(Url, i32)>,
) -> Option<WorkspaceEdit> {
    let creates = |edit: &&Edit| edit.addition.as_ref().is_some_and(|it| it.creates);
    // Neovim takes such operations, and offers them without `documentChanges`.
    let made = edits.iter().filter(creates).map(|edit| {
        let options = Some(CreateFileOptions { overwrite: None, ignore_if_exists: Some(true) });
        let create = CreateFile { uri: uri_of(&edit.path)?, options, annotation_id: None };
        Some(DocumentChangeOperation::Op(ResourceOp::Create(create))).filter(|_| client.creates_files)
    });
    let made: Vec<DocumentChangeOperation> = made.collect::<Option<_>>()?;
    let mut files: Vec<(Url, Option<i32>, Vec<TextEdit>)> = Vec::new();
    for edit in edits {
        let (uri, version) = match documents(&edit.path) {
            Some((uri, version)) => (uri, Some(version)),
            None => (uri_of(&edit.path)?, None),
        };
        let text = TextEdit { range: range(edit.range, client.encoding), new_text: edit.replacement.clone() };
        match files.iter_mut().find(|(known, ..)| *known == uri) {
            Some((.., texts)) => texts.push(text),
            None => files.push((uri, version, vec![text])),
        }
    }
    if made.is_empty() && !client.document_changes {
        let changes = files.into_iter().map(|(uri, _, texts)| (uri, texts)).collect();
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let changes = files.into_iter().map(|(uri, version, texts)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: texts.into_iter().map(OneOf::Left).collect(),
    });
    let changes = if made.is_empty() {
        DocumentChanges::Edits(changes.collect())
    } else {
        DocumentChanges::Operations(made.into_iter().chain(changes.map(DocumentChangeOperation::Edit)).collect())
    };
    Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
}
