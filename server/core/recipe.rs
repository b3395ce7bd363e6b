//! What a file that prepares a machine installs with pip: Dockerfiles, shell scripts, Makefiles, CI files.
//!
//! In: a path and a text. Out: a [`Recipe`]: each `pip install` that the operating system's Python gets, and what is known
//! of the machine.
//!
//! **Invariant:** nothing is run and nothing is expanded; a call whose Python is in doubt is no call.

use camino::Utf8Path;

use crate::imports::Suppression;
use crate::text::{Span, Text};

mod call;
mod ci;
mod code;
mod dockerfile;
mod image;
mod machine;
mod makefile;
mod shell;
mod suppressions;

#[cfg(test)]
mod tests;

/// What kind of file it is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipeKind {
    Dockerfile,
    Shell,
    Makefile,
    /// YAML that a CI service reads.
    Ci,
}

impl RecipeKind {
    /// Tells what a file is by its name; `None` for what is no recipe.
    pub fn of(path: &Utf8Path) -> Option<Self> {
        let name = path.file_name()?;
        let stem = |names: &[&str]| {
            names.iter().any(|it| name == *it || name.strip_prefix(it).is_some_and(|rest| rest.starts_with('.')))
        };
        // A walk asks about every file there is, and a path takes itself apart each time.
        let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
        match extension {
            Some("sh" | "bash") => Some(RecipeKind::Shell),
            Some("dockerfile" | "Dockerfile" | "containerfile" | "Containerfile") => Some(RecipeKind::Dockerfile),
            Some("mk") => Some(RecipeKind::Makefile),
            // `Dockerfile.md` is about one, `Dockerfile.j2` becomes one.
            Some("md" | "rst" | "txt" | "j2" | "jinja" | "jinja2" | "in" | "tmpl" | "template" | "py") => None,
            _ if stem(&["Dockerfile", "Containerfile"]) => Some(RecipeKind::Dockerfile),
            Some("yml" | "yaml") => ci::is_ci_file(path).then_some(RecipeKind::Ci),
            _ if matches!(name, "Makefile" | "makefile" | "GNUmakefile") => Some(RecipeKind::Makefile),
            _ => None,
        }
    }
}

/// What one such file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipe {
    /// In the order of the file.
    pub installs: Vec<Install>,
    pub suppressions: Vec<Suppression>,
}

/// One `pip install` that the operating system's Python gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    pub host: Host,
    pub outcome: Outcome,
    /// Whether `sudo` or `doas` stands in front of it.
    pub as_root: bool,
    /// From the program to `install`.
    pub head: Span,
    /// The whole command.
    pub whole: Span,
    /// As they were written.
    pub requirements: Vec<String>,
    /// Whether the requirements are all that it installs.
    pub only_requirements: bool,
    /// `--user`, where it stands there.
    pub user: Option<Span>,
    /// Whether another program may take the place of everything up to `install`.
    pub stands_alone: bool,
}

/// The machine that a recipe is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A container's image, and whether the operating system in it manages its Python (PEP 668), where that is known.
    Image { name: String, managed: Option<bool> },
    /// Whichever machine somebody runs it on; most often this one.
    Here,
    /// A machine of a CI service, of which nothing is known.
    Runner,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// pip refuses: the image's Python is externally managed.
    Refused,
    /// pip refuses where this machine's own Python is externally managed.
    RefusedHere,
    /// `--break-system-packages`, which stands there.
    ForcedByOption(Span),
    /// `PIP_BREAK_SYSTEM_PACKAGES=1` in front of it.
    ForcedByVariable,
    /// Something before it forces it: where, and what that is.
    ForcedBefore(Span, &'static str),
    /// `sudo pip install` on a machine that is not known.
    AsRoot,
}

/// Reads a recipe.
pub fn read(kind: RecipeKind, text: &Text) -> Recipe {
    let installs = match kind {
        RecipeKind::Dockerfile => dockerfile::installs(text.source()),
        RecipeKind::Shell => machine::Machine::new(Host::Here).run(&code::Code::whole(text.source())),
        RecipeKind::Makefile => makefile::installs(text.source()),
        RecipeKind::Ci => ci::installs(text),
    };
    Recipe { installs, suppressions: suppressions::of(text) }
}
