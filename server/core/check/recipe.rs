//! What is said about files that install into the operating system's Python with pip.
//!
//! In: a [`Situation`], a [`Recipe`] and its text. Out: `pip-externally-managed`, with what fits instead.
//!
//! **Invariant:** a call is named where pip refuses it (PEP 668) or something forces it, never where that is in doubt.

use camino::Utf8Path;

use super::message::fitting;
use super::{commands, comments, softening};
use crate::diagnostic::{Diagnostic, Edit, Fix, Related};
use crate::explain::shortened;
use crate::project::{Tool, normalize_name};
use crate::recipe::{Host, Install, Outcome, Recipe, RecipeKind};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::text::{Span, Text};

/// Names the operating system's package of a module, where one is known.
pub type PackageOf<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Checks one file that prepares a machine.
pub fn check_recipe(
    situation: &Situation,
    path: &Utf8Path,
    text: &Text,
    recipe: &Recipe,
    package_of: PackageOf<'_>,
) -> Vec<Diagnostic> {
    let rule = Rule::PipExternallyManaged;
    let settings = situation.settings.for_path(path);
    let severity = settings.severity_of(rule).and_then(|it| softening::of_file(rule, it, situation, path));
    let Some(severity) = severity.filter(|_| !softening::is_vendored(situation, path)) else { return Vec::new() };
    let file = File { situation, path, text, package_of };
    let is_refused_here = situation.operating_system.manages_python;
    let installs = recipe.installs.iter().filter(|it| it.outcome != Outcome::RefusedHere || is_refused_here);
    let diagnostics = installs.map(|install| Diagnostic {
        rule,
        severity,
        message: message(install),
        path: path.to_owned(),
        range: text.range(install.head),
        related: file.related(install).into_iter().collect(),
        fixes: file.fixes(install),
        module: None,
    });
    let loud = diagnostics.filter(|it| !recipe.comments.silence(rule, it.range.start.line));
    loud.chain(comments::misspelled(&settings, path, text, &recipe.comments)).collect()
}

fn message(install: &Install) -> String {
    let pip = if install.as_root { "`sudo pip install`" } else { "`pip install`" };
    let into = "the operating system's Python";
    match install.outcome {
        Outcome::Refused => {
            let image = match &install.host {
                Host::Image { name, .. } => shortened(name, 40),
                Host::Here | Host::Runner => String::new(),
            };
            fitting([
                format!("{pip} is refused in `{image}`: its operating system manages Python (PEP 668)"),
                format!("{pip} is refused in `{image}` (PEP 668)"),
            ])
        }
        Outcome::RefusedHere => format!("{pip} is refused here: the operating system manages Python (PEP 668)"),
        Outcome::ForcedByOption(_) => fitting([
            format!("{pip} is forced into {into} by `--break-system-packages`"),
            format!("{pip} is forced into the system's Python by `--break-system-packages`"),
        ]),
        Outcome::ForcedByVariable => format!("{pip} is forced into {into} by a variable"),
        Outcome::ForcedBefore(..) => format!("{pip} is forced into {into}, past PEP 668"),
        Outcome::AsRoot => format!("{pip} is for {into}, which its packages share"),
    }
}

struct File<'a> {
    situation: &'a Situation,
    path: &'a Utf8Path,
    text: &'a Text,
    package_of: PackageOf<'a>,
}

impl File<'_> {
    fn related(&self, install: &Install) -> Option<Related> {
        let Outcome::ForcedBefore(place, why) = install.outcome else { return None };
        Some(Related { path: self.path.to_owned(), range: self.text.range(place), message: why.to_owned() })
    }

    /// What fits: packages of the operating system where apt has all of them, an environment, a program's own environment.
    fn fixes(&self, install: &Install) -> Vec<Fix> {
        [self.with_apt(install), self.in_environment(install), self.as_program(install)].into_iter().flatten().collect()
    }

    fn with_apt(&self, install: &Install) -> Option<Fix> {
        let has_apt = match &install.host {
            Host::Image { name, .. } => !["alpine", "arch"].iter().any(|it| name.contains(it)),
            Host::Here | Host::Runner => true,
        };
        // apt has one version only, and knows no extras.
        let plain = |it: &String| !it.contains(['[', '=', '<', '>', '!', '~', ';', ' ']);
        if !has_apt
            || self.is_list(install)
            || install.requirements.is_empty()
            || !install.only_requirements
            || !install.requirements.iter().all(plain)
        {
            return None;
        }
        let packages: Option<Vec<String>> =
            install.requirements.iter().map(|it| (self.package_of)(&normalize_name(it))).collect();
        let command = format!("apt-get install -y {}", packages?.join(" "));
        let command = if install.as_root { format!("sudo {command}") } else { command };
        let title = format!("Install from the operating system: `{}`", shortened(&command, 60));
        Some(Fix::edit(title, vec![self.edit(install.whole, command)]))
    }

    fn in_environment(&self, install: &Install) -> Option<Fix> {
        if !install.stands_alone || self.is_list(install) {
            return None;
        }
        let is_image = RecipeKind::of(self.path) == Some(RecipeKind::Dockerfile);
        let folder = if is_image { "/opt/venv" } else { ".venv" };
        let replacement = format!("python3 -m venv {folder} && {folder}/bin/pip install");
        let mut edits = vec![self.edit(install.head, replacement)];
        if let Outcome::ForcedByOption(option) = install.outcome
            && option.start >= install.head.end
        {
            // With the blank before it.
            edits.push(self.edit(Span::new(option.start.saturating_sub(1), option.end), String::new()));
        }
        // An environment has no place for one user's packages, and pip says so and ends.
        edits.extend(install.user.map(|it| self.edit(Span::new(it.start.saturating_sub(1), it.end), String::new())));
        Some(Fix::edit(format!("Install into a virtual environment: `{folder}`"), edits))
    }

    /// Tells whether it is written as `["pip", "install", "six"]`, which runs no shell: another command has another list.
    fn is_list(&self, install: &Install) -> bool {
        let Span { start, end } = install.head;
        let head = self.text.source().get(start as usize..end as usize).unwrap_or_default();
        head.contains(',')
    }

    fn edit(&self, span: Span, replacement: String) -> Edit {
        Edit::new(self.path.to_owned(), self.text.range(span), replacement)
    }

    /// One distribution alone is often a program; only its user knows.
    fn as_program(&self, install: &Install) -> Option<Fix> {
        let [requirement] = install.requirements.as_slice() else { return None };
        let installer = if self.situation.project.tool == Tool::Uv { "uv tool" } else { "pipx" };
        let command = format!("{installer} install {}", commands::quoted(requirement));
        install.only_requirements.then(|| Fix::command(format!("If it is a program: `{command}`"), command))
    }
}
