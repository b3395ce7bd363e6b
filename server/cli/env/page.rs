//! An environment as a person reads it.
//!
//! In: a [`Situation`], its findings, how wide the terminal is. Out: a headline, rows from the choice down to pip, the table
//! of import roots, the findings.
//!
//! **Invariant:** no line is cut, only broken between words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::environment;
use fromwhere_core::explain::{self, Short};
use fromwhere_core::situation::Situation;
use fromwhere_core::system::System;

use super::roots;
use crate::cli::render::frames;
use crate::cli::terminal::{Style, visible, wrapped};

/// How wide the names of the rows are.
const NAMES: usize = 13;

/// Where the page is read.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// In characters; `None` where lines may be as long as they like.
    pub width: Option<usize>,
    pub color: bool,
}

/// Writes the page.
pub fn page(system: &dyn System, situation: &Situation, findings: &[Diagnostic], paper: Paper) -> String {
    let style = Style { color: paper.color };
    let short = Short::new(&system.working_directory(), environment::home(system).as_ref().map(|it| it.as_str()));
    let no_user_site = system.variable("PYTHONNOUSERSITE").is_some_and(|it| !it.is_empty());
    let mut output = String::new();
    for line in wrapped(&visible(&explain::environment::headline(situation, &short)), paper.width) {
        let _ = writeln!(output, "{}", style.bold(&line));
    }
    output.push('\n');
    let room = paper.width.map(|width| width.saturating_sub(NAMES + 1).max(20));
    for row in explain::environment::rows(situation, &short, no_user_site) {
        let lines = row.values.iter().flat_map(|value| wrapped(visible(value).trim_end(), room));
        for (at, line) in lines.enumerate() {
            let name = if at == 0 { row.name } else { "" };
            let line = format!("{} {line}", style.bold(&format!("{name:<NAMES$}")));
            let _ = writeln!(output, "{}", line.trim_end());
        }
    }
    output.push_str(&roots::table(situation, &short, paper));
    if !findings.is_empty() {
        let _ = writeln!(
            output,
            "\n{}",
            frames::render(system, findings, &BTreeMap::new(), &BTreeMap::new(), style).trim_end()
        );
    }
    output
}
