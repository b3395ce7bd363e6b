//! conda's `environment.yml`, and what pip is to install in it.
//!
//! In: the file. Out: its name and what it asks for.
//!
//! **Invariant:** what conda installs and what pip installs are told apart: they have names of their own.

use camino::Utf8Path;

use super::constraint;
use super::declared::{Condition, Declared, Part, Source};
use super::requirement::normalize_name;
use crate::origin::Problem;
use crate::text::Text;
use crate::yaml::{self, Node};

/// What an `environment.yml` says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) name: Option<String>,
    /// What conda installs, Python itself left out.
    pub(super) of_conda: Vec<Declared>,
    /// What pip installs.
    pub(super) of_pip: Vec<Declared>,
    /// Requirement files that pip is to read (`-r FILE`).
    pub(super) files: Vec<String>,
}

pub(super) fn read(path: &Utf8Path, source: String, problems: &mut Vec<Problem>) -> Read {
    let text = Text::new(source);
    let (node, problem) = yaml::parse(path, &text);
    problems.extend(problem);
    let Some(top) = node else { return Read::default() };
    let mut read = Read { name: top.get("name").and_then(Node::text).map(str::to_owned), ..Read::default() };
    for node in top.get("dependencies").map_or(&[][..], Node::list) {
        let range = text.range(node.span);
        if let Some((name, versions)) = node.text().and_then(constraint::of_conda)
            && !matches!(name, "python" | "pip")
        {
            read.of_conda.push(Declared {
                name: normalize_name(name),
                requirement: node.text().unwrap_or_default().trim().to_owned(),
                path: path.to_owned(),
                range,
                part: Part::Main,
                condition: Condition::Always,
                source: Source::Index,
                versions,
            });
        }
        for requirement in node.get("pip").map_or(&[][..], Node::list) {
            let Some(line) = requirement.text().map(str::trim) else { continue };
            if let Some(file) = line.strip_prefix("-r ") {
                read.files.push(file.trim().to_owned());
            }
            let line = line.strip_prefix("-e ").unwrap_or(line);
            read.of_pip.extend(Declared::read(line, path, text.range(requirement.span), Part::Main));
        }
    }
    read
}
