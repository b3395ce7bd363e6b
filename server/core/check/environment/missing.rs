//! An environment whose interpreter is gone or does not start.
//!
//! In: a [`Situation`] without an interpreter. Out: what leads nowhere, said on `pyvenv.cfg` and on the manifest.
//!
//! **Invariant:** only an environment is accused; a Python that was named and has no folder is reported where it is named,
//! or by its namer.

use camino::Utf8Path;

use super::{diagnostic, layout, open, owners_place, pyvenv_line, recreate, syntax};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::environment::SourceKind;
use crate::explain::{self, shortened};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Cause, System};

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
    let name = explain::environment_name(situation);
    let python = explain::path_from(&situation.project.root, &broken.interpreter);
    let gone = match &broken.leads_to {
        Some(target) if !system.exists(target) => {
            let target = shortened(target.as_str(), 40);
            format!("`{}` leads to `{target}`, which is gone", shortened(&python, 30))
        }
        None if is_absent(system, &broken.interpreter) => format!("`{}` is not there", shortened(&python, 60)),
        _ => {
            // The project's own paths are shorter from its root.
            let reason = broken.reason.replace(&format!("`{}/", situation.project.root), "`");
            match reason.strip_prefix("it does not start: ") {
                Some(reason) => format!("`{name}` does not start: {reason}"),
                None => format!("`{name}` cannot run: {reason}"),
            }
        }
    };
    let message = fitting([gone]);
    // No tool makes an environment in the place of a file or of a link that leads nowhere.
    let is_folder = environment.root.as_ref().is_some_and(|root| system.is_directory(root));
    let cfg = broken.pyvenv_cfg.as_deref().unwrap_or_else(|| "pyvenv.cfg".into());
    let fixes: Vec<Fix> = is_folder.then(|| recreate(system, situation, cfg)).into_iter().collect();
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
    diagnostic(Rule::VenvInterpreterMissing, situation, &message, (path, *range), [], &[])
}

/// Tells that nothing is there, not even a link that leads in a circle.
fn is_absent(system: &dyn System, path: &Utf8Path) -> bool {
    system.metadata(path).is_err_and(|failure| failure.cause == Cause::NotFound)
}
