//! The cells of a notebook that are open, as one file.
//!
//! In: documents whose URIs are those of cells. Out: diagnostics for each cell, where one module is reported once a notebook.
//!
//! **Invariant:** cells are in the order of their URIs, which is that in which they were made; what is said of one never
//! depends on the order of events.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::check;
use fromwhere_core::diagnostic::{Diagnostic, Edit, Fix, FixAction};
use fromwhere_core::imports::Imports;
use fromwhere_core::launch;
use fromwhere_core::notebook::Cells;
use tower_lsp::lsp_types::Url;

use crate::lsp::convert;
use crate::lsp::effect::{Effect, Work};
use crate::lsp::session::Session;
use crate::lsp::session::documents::Document;
use crate::lsp::session::kind::Kind;
use crate::lsp::session::publish::Cause;

impl Session {
    /// Checks all cells of one notebook.
    pub(super) fn refresh_notebook(&mut self, path: &Utf8Path, cause: Cause) {
        let cells = self.cells_of(path);
        let uris: Vec<Url> = cells.iter().map(|(uri, _)| (*uri).clone()).collect();
        let documents: Vec<&Document> = cells.into_iter().map(|(_, document)| document).collect();
        let Some(first) = documents.first() else { return };
        let Some(key) = self.project_of(first) else { return };
        let Some(project) = self.projects.get(&key) else { return };
        let Some(situation) = project.settled() else { return };
        let Some(directory) = first.directory() else { return };
        let joined = Cells::join(documents.iter().map(|document| document.text.source()));
        let each: Vec<Arc<Imports>> = documents.iter().map(|document| Arc::clone(&document.imports)).collect();
        let imports = joined.imports(&each);
        let answers = project.answers_in(&directory);
        let mut names = check::unanswered(&imports, &answers);
        names.retain(|name| !project.unanswerable.contains(name));
        let is_new = documents.iter().any(|document| document.shown.is_none());
        let mut of_cells: Vec<Vec<Diagnostic>> = vec![Vec::new(); uris.len()];
        let wait = !names.is_empty() && (cause == Cause::Learned || is_new);
        if !wait {
            for found in check::check_file(situation, path, joined.text(), &imports, &answers) {
                if let Some((cell, diagnostic)) = within(&joined, found)
                    && let Some(of_cell) = of_cells.get_mut(cell)
                {
                    of_cell.push(diagnostic);
                }
            }
            for (uri, found) in uris.iter().zip(of_cells) {
                self.show(uri, found);
            }
        }
        if !names.is_empty() {
            self.ask_answers(&key, directory, names);
        }
    }

    /// Asks which kernel a notebook names, when the first of its cells is opened.
    pub(super) fn ask_kernel(&mut self, notebook: &Utf8Path) {
        if !self.kernels.contains_key(notebook) {
            self.kernels.insert(notebook.to_owned(), None);
            self.effects.push(Effect::Work(Work::Kernel { notebook: notebook.to_owned() }));
        }
    }

    /// Asks again where the file may name another one by now.
    pub(super) fn ask_kernels(&mut self, is_meant: impl Fn(&Utf8Path) -> bool) {
        let notebooks = self.kernels.keys().filter(|notebook| is_meant(notebook)).cloned();
        self.effects.extend(notebooks.map(|notebook| Effect::Work(Work::Kernel { notebook })));
    }

    /// The cells of a notebook may be in another situation by now.
    pub(super) fn kernel_came(&mut self, notebook: &Utf8Path, name: Option<&str>) {
        let name = name.map(str::to_owned);
        if self.kernels.get(notebook).is_none_or(|known| *known == name) {
            return;
        }
        self.kernels.insert(notebook.to_owned(), name.clone());
        let uris: Vec<Url> = self.cells_of(notebook).into_iter().map(|(uri, _)| uri.clone()).collect();
        for uri in &uris {
            if let Some(document) = self.documents.get_mut(uri) {
                Arc::make_mut(&mut document.imports).kernel.clone_from(&name);
                document.launch = launch::of(notebook, &document.imports);
            }
            self.add_launched(uri);
        }
        self.forget_unused_projects();
        if let Some(uri) = uris.first() {
            self.tell_environment_of(uri);
        }
        self.refresh_notebook(notebook, Cause::Learned);
    }

    pub(super) fn forget_unused_kernels(&mut self) {
        let open = |notebook: &Utf8PathBuf| {
            let mut documents = self.documents.iter();
            documents.any(|(uri, document)| convert::is_cell(uri) && document.path.as_ref() == Some(notebook))
        };
        let unused: Vec<Utf8PathBuf> = self.kernels.keys().filter(|notebook| !open(notebook)).cloned().collect();
        for notebook in unused {
            self.kernels.remove(&notebook);
        }
    }

    fn cells_of(&self, path: &Utf8Path) -> Vec<(&Url, &Document)> {
        let cells = self.documents.iter().filter(|(uri, document)| {
            convert::is_cell(uri) && document.kind == Kind::Python && document.path.as_deref() == Some(path)
        });
        cells.collect()
    }
}

/// Leaves of the cells of each notebook only the first: all of them are checked together.
pub(super) fn once_a_notebook(uris: Vec<Url>) -> Vec<Url> {
    let mut seen: Vec<Utf8PathBuf> = Vec::new();
    let is_first = |uri: &Url| match convert::path_of(uri).filter(|_| convert::is_cell(uri)) {
        Some(path) if seen.contains(&path) => false,
        Some(path) => {
            seen.push(path);
            true
        }
        None => true,
    };
    uris.into_iter().filter(is_first).collect()
}

/// Puts a diagnostic into its cell. Places in other cells have no path that an editor could open.
fn within(joined: &Cells, diagnostic: Diagnostic) -> Option<(usize, Diagnostic)> {
    let found = joined.in_cell(diagnostic.range)?;
    let path = &diagnostic.path;
    let edit = |edit: Edit| {
        if edit.path != *path {
            return Some(edit);
        }
        let range = joined.in_cell(edit.range).filter(|it| it.cell == found.cell)?.range;
        Some(Edit { range, ..edit })
    };
    let fix = |fix: Fix| match fix.action {
        FixAction::Edit(edits) => {
            let edits: Option<Vec<Edit>> = edits.into_iter().map(edit).collect();
            Some(Fix { action: FixAction::Edit(edits?), ..fix })
        }
        FixAction::Command(_) | FixAction::Open(..) => Some(fix),
    };
    let related = diagnostic.related.iter().filter(|related| related.path != *path).cloned().collect();
    let fixes = diagnostic.fixes.iter().cloned().filter_map(fix).collect();
    Some((found.cell, Diagnostic { range: found.range, related, fixes, ..diagnostic }))
}
