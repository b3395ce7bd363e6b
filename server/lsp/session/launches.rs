//! Open documents that name the Python that runs them: by a shebang, or by a `script` block (PEP 723).
//!
//! In: texts that have come to rest. Out: a situation of its own for each Python that is named.
//!
//! **Invariant:** while it is typed, no word about the Python that runs a file leads to a look at the disk.

use fromwhere_core::launch;
use tower_lsp::lsp_types::Url;

use crate::lsp::effect::Effect;
use crate::lsp::event::{ProjectKey, Timer};
use crate::lsp::session::kind::Kind;
use crate::lsp::session::{Session, TYPING_QUIET};

impl Session {
    /// A document's text has changed: it may belong to another situation by now, or it waits until nothing is typed.
    pub(super) fn launch_may_have_changed(&mut self, uri: &Url) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        let Some(path) = document.path.as_deref().filter(|_| document.kind == Kind::Python) else { return };
        let launch = launch::of(path, &document.imports);
        if launch == document.launch {
            return;
        }
        if document.typing.is_some() {
            let timer = Timer::Typing { uri: uri.clone(), change: document.change };
            self.effects.push(Effect::Timer { timer, after: TYPING_QUIET });
            return;
        }
        document.launch = launch;
        self.add_launched(uri);
        self.forget_unused_projects();
        self.tell_environment_of(uri);
    }

    /// Sees to the situation of a document that names its Python, once the root of its project is known.
    pub(super) fn add_launched(&mut self, uri: &Url) {
        let Some(document) = self.documents.get(uri) else { return };
        let Some((key, launch)) = self.project_of(document).zip(document.launch.clone()) else { return };
        let Some(around) = self.projects.get(&ProjectKey::itself(&key.root)) else { return };
        let boundary = around.boundary.clone();
        self.add_project(&key, &boundary, Some(launch));
        self.log_problem_of(uri);
        self.tell_environment_of(uri);
    }

    /// Logs what is wrong with a document's shebang, where that is known.
    pub(super) fn log_problem_of(&mut self, uri: &Url) {
        let problem = self.documents.get(uri).and_then(|document| {
            let situation = self.projects.get(&self.project_of(document)?)?.settled()?;
            situation.problem_of(document.path.as_deref()?)
        });
        if let Some(problem) = problem {
            self.log_once(problem.to_string());
        }
    }
}
