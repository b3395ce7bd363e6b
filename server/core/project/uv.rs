//! What `uv sync` makes of a project.
//!
//! In: its `pyproject.toml`, and that of the uv workspace that it is a member of. Out: a [`Sync`].
//!
//! **Invariant:** what others have installed into an environment that is theirs as well stays there.

use crate::document::{Document, Node};

/// What `uv sync` does in a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sync {
    /// It installs what the project declares, and takes the rest away.
    #[default]
    Whole,
    /// The environment is that of a workspace's members, and what one of them needs is the rest for another one: all are to
    /// be named (`--all-packages`).
    WithMembers,
    /// The same, with members that uv is told never to install together: nothing is to be taken away (`--inexact`).
    AmongRivals,
    /// Without a project that it could install it empties the environment: uv is used in pip's place here.
    Nothing,
}

/// Tells what it does; without a `pyproject.toml` of its own the project is none of uv's.
pub(super) fn sync(own: Option<&Document>, around: Option<&Document>) -> Sync {
    let Some(workspace) = around.or(own) else { return Sync::Whole };
    let members = || workspace.at(&["tool", "uv", "workspace", "members"]).and_then(Node::array);
    if around.is_some() || members().is_some_and(|it| !it.is_empty()) {
        return if has_rivals(workspace) { Sync::AmongRivals } else { Sync::WithMembers };
    }
    let installed: [&[&str]; 4] =
        [&["project"], &["dependency-groups"], &["tool", "uv", "dev-dependencies"], &["tool", "uv", "workspace"]];
    if installed.iter().any(|keys| workspace.at(keys).is_some()) { Sync::Whole } else { Sync::Nothing }
}

/// Tells whether `[tool.uv] conflicts` has sets of whole packages.
fn has_rivals(workspace: &Document) -> bool {
    let sets = workspace.at(&["tool", "uv", "conflicts"]).and_then(Node::array).into_iter().flatten();
    let items = sets.filter_map(Node::array).flatten().filter_map(Node::table);
    let is_whole = |keys: &Vec<crate::document::Entry>| keys.iter().all(|it| it.key == "package");
    items.into_iter().any(is_whole)
}
