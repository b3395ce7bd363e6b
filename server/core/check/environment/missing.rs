//! An environment whose interpreter is gone or does not start.
//!
//! In: a [`Situation`] without an interpreter. Out: what leads nowhere, said on `pyvenv.cfg` and on the manifest.
//!
//! **Invariant:** only an environment is accused; a Python that was named and has no folder is reported where it is named,
//! or by its namer.

use camino::{Utf8Path, Utf8PathBuf};

use super::{diagnostic, layout, on_both, open, owners_place, pyvenv_line, recreate, syntax};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::check::{commands, fixes};
use crate::diagnostic::{Diagnostic, Edit, Fix, Related};
use crate::environment::{Broken, SourceKind, lies};
use crate::explain::{self, shortened};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Cause, System};
use crate::text::{Range, Span, Text};

pub(super) fn interpreter_missing(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let environment = &situation.environment;
    // An interpreter that was named and is not there belongs to no environment.
    if environment.root.is_none() {
        return named_in_settings(system, situation).into_iter().collect();
    }
    let Some(broken) = &environment.broken else { return Vec::new() };
    // Where its own rule says why, that is enough.
    if layout::made_for_another_platform(system, situation).is_some()
        || !syntax::what_stops_it(system, situation).is_empty()
    {
        return Vec::new();
    }
    let message = fitting([what_is_gone(system, situation, broken)]);
    let root = environment.root.as_deref().filter(|root| !system.is_directory(root));
    let cfg = broken.pyvenv_cfg.as_deref().unwrap_or_else(|| "pyvenv.cfg".into());
    let anew = |root| in_place_of_a_folder(system, situation, broken, root);
    let fixes = root.map_or_else(|| vec![recreate(system, situation, cfg)], anew);
    if let Some(file) = root.filter(|root| system.is_file(root)) {
        let line = system.read_text(file).map(Text::new).map(|text| text.range(text.line_span(0)));
        let place = (file, (0, line.unwrap_or_else(|_| Range::at_line(0))));
        return on_both(system, situation, Rule::VenvInterpreterMissing, &message, place, &fixes);
    }
    let name = explain::environment_name(situation);
    let cfg = broken.pyvenv_cfg.clone().map(|path| {
        let line = pyvenv_line(system, &path, &["home"]);
        (path, line)
    });
    let manifest = owners_place(system, situation);
    let mut found = Vec::new();
    if let Some((path, (line, range))) = &cfg {
        let target = broken.leads_to.iter().filter(|target| system.is_file(target)).map(|it| at(it, 1, "leads here"));
        let related = target.chain(manifest.iter().map(|(path, range)| Related {
            path: path.clone(),
            range: *range,
            message: format!("this project uses {name}, line {} of its pyvenv.cfg names the base", line + 1),
        }));
        found.extend(diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), related, &fixes));
    }
    // Many people never open pyvenv.cfg.
    if let Some((path, range)) = &manifest {
        let related = cfg.iter().map(|(path, (line, _))| at(path, line + 1, "made by this interpreter"));
        let opened = cfg.iter().map(|(path, (line, _))| open(situation, path, line + 1));
        let fixes: Vec<Fix> = fixes.iter().cloned().chain(opened).collect();
        found.extend(diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), related, &fixes));
    }
    found
}

/// Says what of an environment is not there or does not run.
fn what_is_gone(system: &dyn System, situation: &Situation, broken: &Broken) -> String {
    let name = explain::environment_name(situation);
    let python = explain::path_from(&situation.project.root, &broken.interpreter);
    let root = situation.environment.root.as_deref();
    let is_file = root.is_some_and(|root| system.is_file(root));
    match broken.leads_to.as_ref().filter(|_| !is_file) {
        Some(target) if !system.exists(target) => {
            let is_folder = root.is_none_or(|root| system.is_directory(root));
            let link = if is_folder { shortened(&python, 30) } else { name };
            let target = shortened(target.as_str(), 40);
            format!("`{link}` leads to `{target}`, which is gone")
        }
        None if is_absent(system, &broken.interpreter) => format!("`{}` is not there", shortened(&python, 60)),
        _ => {
            // The project's own paths are shorter from its root.
            let reason = broken.reason.replace(&format!("`{}/", situation.project.root), "`");
            match (reason.strip_prefix("it does not start: "), reason.strip_prefix("it redirects to ")) {
                (Some(reason), _) => format!("`{name}` does not start: {reason}"),
                (None, Some(target)) => format!("`{name}` redirects to {target}"),
                (None, None) => format!("`{name}` cannot run: {reason}"),
            }
        }
    }
}

/// What stands where an environment's folder should be is a link that leads nowhere, or a file that redirects to nothing: no
/// tool makes an environment over it. What lies outside of the workspace belongs to a tool.
fn in_place_of_a_folder(system: &dyn System, situation: &Situation, broken: &Broken, root: &Utf8Path) -> Vec<Fix> {
    if !root.starts_with(&situation.boundary) {
        return Vec::new();
    }
    // A bare name may be one of Pipenv's.
    let is_path = |it: &&Utf8Path| it.parent() != root.parent() && !lies(system, it);
    let target = broken.leads_to.as_deref().filter(|_| system.is_file(root)).filter(is_path);
    let there = target.and_then(|it| commands::create_elsewhere(situation, it));
    let there = there.map(|it| fixes::command("Create it where the file says", it));
    there.into_iter().chain([fixes::command("Replace it", commands::replace(situation, root))]).collect()
}

/// The Python that the settings of the project name.
fn named_in_settings(system: &dyn System, situation: &Situation) -> Option<Diagnostic> {
    let environment = &situation.environment;
    let broken = environment.broken.as_ref().filter(|_| environment.source.kind == SourceKind::Config)?;
    let (path, range) = situation.python_named_at.as_ref()?;
    // One file may name it for many projects, and says it once.
    let python = explain::path_from(path.parent().unwrap_or(path), &broken.interpreter);
    let message = fitting([if is_absent(system, &broken.interpreter) {
        format!("`{}` is the Python to use here, but is not there", shortened(&python, 50))
    } else {
        format!("`{}` is the Python to use here, but {}", shortened(&python, 30), broken.reason)
    }]);
    let folder = path.parent().unwrap_or(path);
    let own = [".venv", "venv"].map(|it| situation.project.root.join(it));
    let own = own.iter().find(|it| system.is_file(&it.join("pyvenv.cfg")));
    let create = folder_of(situation, folder, &broken.interpreter).filter(|it| !lies(system, it));
    let create = create.map(|it| fixes::command("Create it", commands::create_at(situation, &it)));
    let instead = own.and_then(|it| fixes::pin(situation, it));
    let removed = remove(system, situation, path, *range);
    let fixes: Vec<Fix> = instead.into_iter().chain(removed).chain(create).collect();
    diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), [], &fixes)
}

/// The environment that a path in the settings means to name, where a new one can be made there: inside of the workspace,
/// and no command's name.
fn folder_of(situation: &Situation, folder: &Utf8Path, named: &Utf8Path) -> Option<Utf8PathBuf> {
    let is_command = |it: &str| it.starts_with("python") || it.starts_with("pypy");
    let is_python = named.file_name().is_some_and(is_command);
    let root = match named.parent().filter(|_| is_python) {
        None => named,
        Some(programs) => programs.parent().filter(|_| matches!(programs.file_name(), Some("bin" | "Scripts")))?,
    };
    let is_inside = root.starts_with(&situation.boundary) && !situation.boundary.starts_with(root);
    (is_inside && root != folder).then(|| root.to_owned())
}

/// Takes a setting that has a line of its own out, so that the usual order decides.
fn remove(system: &dyn System, situation: &Situation, path: &Utf8Path, range: Range) -> Option<Fix> {
    let text = system.read_text(path).map(Text::new).ok()?;
    let line = text.line(range.start.line);
    let behind = line.get(range.end.utf8 as usize..)?.trim_start();
    let is_alone = range.start.line == range.end.line && line.trim_start().starts_with("python");
    if !is_alone || !(behind.is_empty() || behind.starts_with('#')) {
        return None;
    }
    let start = |line: u32| text.line_span(line).start;
    let range = text.range(Span::new(start(range.start.line), start(range.start.line + 1)));
    let edit = Edit::new(path.to_owned(), range, String::new());
    let manifest = shortened(&explain::path_from(&situation.project.root, path), 50);
    Some(Fix::edit(format!("Remove this line from {manifest}"), vec![edit]))
}

/// Tells that nothing is there, not even a link that leads in a circle.
fn is_absent(system: &dyn System, path: &Utf8Path) -> bool {
    system.metadata(path).is_err_and(|failure| failure.cause == Cause::NotFound)
}
