//! What a file that prepares a machine installs with pip: Dockerfiles, shell scripts, Makefiles, CI files, Jenkinsfiles.
//!
//! In: a path and a text. Out: a [`Recipe`]: each `pip install` that the operating system's Python gets, and what is known
//! of the machine.
//!
//! **Invariant:** nothing is run and nothing is expanded; a call whose Python is in doubt is no call.

use camino::Utf8Path;

use crate::suppression::{self, Comments};
use crate::system::System;
use crate::text::{Span, Text};

mod call;
mod ci;
mod code;
mod dockerfile;
mod image;
mod jenkins;
mod machine;
mod makefile;
mod shell;

#[cfg(test)]
mod tests;

/// The longest first line that names what runs a file, in bytes: as much as Linux reads of it.
const LONGEST_SHEBANG: usize = 256;

/// Shells whose scripts are read.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipeKind {
    Dockerfile,
    Shell,
    Makefile,
    /// YAML that a CI service reads.
    Ci,
    /// Groovy that Jenkins reads.
    Jenkinsfile,
}

impl RecipeKind {
    /// Tells what a file is by its name, and, where that has no suffix, by its first line, which is read.
    pub fn of_file(system: &dyn System, path: &Utf8Path) -> Option<Self> {
        Self::of(path).or_else(|| {
            let head = has_no_suffix(path).then(|| system.read_range(path, 0, LONGEST_SHEBANG).ok())??;
            is_run_by_shell(&head).then_some(RecipeKind::Shell)
        })
    }

    /// The same of a file whose text is at hand.
    pub fn of_text(path: &Utf8Path, text: &str) -> Option<Self> {
        let by_text = || has_no_suffix(path) && is_run_by_shell(text.as_bytes());
        Self::of(path).or_else(|| by_text().then_some(RecipeKind::Shell))
    }

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
            Some("jenkinsfile" | "Jenkinsfile") => Some(RecipeKind::Jenkinsfile),
            _ if stem(&["Dockerfile", "Containerfile"]) => Some(RecipeKind::Dockerfile),
            _ if stem(&["Jenkinsfile"]) => Some(RecipeKind::Jenkinsfile),
            Some("yml" | "yaml") => ci::is_ci_file(path).then_some(RecipeKind::Ci),
            _ if matches!(name, "Makefile" | "makefile" | "GNUmakefile") => Some(RecipeKind::Makefile),
            _ => None,
        }
    }
}

/// Tells whether only a file's text can say what it is: `bootstrap`, not `.profile`.
pub fn has_no_suffix(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| !name.contains('.'))
}

/// Tells whether the first line names a shell (`#!/bin/sh -e`, `#!/usr/bin/env bash`).
fn is_run_by_shell(head: &[u8]) -> bool {
    let Some(line) = head.strip_prefix(b"#!").and_then(|rest| rest.split(|byte| *byte == b'\n').next()) else {
        return false;
    };
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let is_own = |word: &&str| !word.starts_with('-') && !word.contains('=');
    let program = match words.next() {
        Some("env") => words.find(is_own),
        program => program,
    };
    program.is_some_and(|program| SHELLS.contains(&program))
}

/// What one such file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipe {
    /// In the order of the file.
    pub installs: Vec<Install>,
    pub comments: Comments,
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
pub fn read(kind: RecipeKind, path: &Utf8Path, text: &Text) -> Recipe {
    let installs = match kind {
        RecipeKind::Dockerfile => dockerfile::installs(text.source()),
        RecipeKind::Shell => machine::Machine::new(Host::Here).run(&code::Code::whole(text.source())),
        RecipeKind::Makefile => makefile::installs(text.source()),
        RecipeKind::Ci => ci::installs(ci::Service::of(path), text),
        RecipeKind::Jenkinsfile => jenkins::installs(text.source()),
    };
    let is_groovy = kind == RecipeKind::Jenkinsfile;
    let comments = if is_groovy { suppression::of_groovy(text) } else { suppression::of_lines(text) };
    Recipe { installs, comments }
}
