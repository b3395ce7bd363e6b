//! What a terminal can show.
//!
//! In: `--color`, the environment, whether standard output is a terminal; text from files. Out: a [`Style`] and text that is
//! safe to print.
//!
//! **Invariant:** `NO_COLOR` (<https://no-color.org>) wins over the terminal, and `--color` over both; no control character
//! from a file or a file name reaches a terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use camino::Utf8Path;
pub(super) use fromwhere_core::explain::visible;
use fromwhere_core::system::{Platform, System};

use super::arguments::ColorChoice;
use crate::native;

/// How text is set off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) color: bool,
}

impl Style {
    pub(super) fn new(choice: ColorChoice, system: &dyn System) -> Self {
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let refused = system.variable("NO_COLOR").is_some_and(|value| !value.is_empty())
                    || system.variable("TERM").is_some_and(|terminal| terminal == "dumb");
                !refused && io::stdout().is_terminal()
            }
        };
        Style { color }
    }

    pub(super) fn bold(self, text: &str) -> String {
        if self.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn red(self, text: &str) -> String {
        if self.color { format!("\x1b[31m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn green(self, text: &str) -> String {
        if self.color { format!("\x1b[32m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn dim(self, text: &str) -> String {
        if self.color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Returns how many characters a line on standard output has: what `COLUMNS` says, else the terminal; `None` where there is
/// neither, and lines are for programs.
pub(super) fn width(system: &dyn System) -> Option<usize> {
    let said = system.variable("COLUMNS").and_then(|columns| columns.trim().parse().ok());
    said.or_else(native::columns).filter(|columns| *columns > 0)
}

/// Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width.filter(|width| text.chars().count() > *width) else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Spells a path for people, as short as it can be from the working directory.
pub(super) fn relative<'p>(path: &'p Utf8Path, working_directory: &Utf8Path) -> Cow<'p, str> {
    visible(from_folder(path, working_directory))
}

/// The same for programs, as git and its forges write it: with every character it has, and with slashes on every platform.
pub(super) fn as_in_git<'p>(path: &'p Utf8Path, working_directory: &Utf8Path) -> Cow<'p, str> {
    Platform::HOST.with_slashes(from_folder(path, working_directory))
}

fn from_folder<'p>(path: &'p Utf8Path, folder: &Utf8Path) -> &'p str {
    match path.strip_prefix(folder) {
        Ok(rest) if rest.as_str().is_empty() => ".",
        Ok(rest) => rest.as_str(),
        Err(_) => path.as_str(),
    }
}
