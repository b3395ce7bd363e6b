//! The files of a project that prepare machines.
//!
//! In: the project's situation and such files. Out: what they give to [`Checked`].
//!
//! **Invariant:** one that cannot be read is named; the others are checked.

use camino::Utf8Path;
use fromwhere_core::apt::Apt;
use fromwhere_core::check::check_recipe;
use fromwhere_core::diagnostic::Diagnostic;
use fromwhere_core::origin::Problem;
use fromwhere_core::recipe::{self, RecipeKind};
use fromwhere_core::situation::Situation;
use fromwhere_core::system::{LARGEST_SOURCE, System};
use fromwhere_core::text::Text;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{Checked, Named};

pub(super) fn check(system: &dyn System, situation: &Situation, files: &[&Named], checked: &mut Checked) {
    let apt = Apt::new(system);
    let package_of = |module: &str| apt.package_of(module).map(str::to_owned);
    let read: Vec<_> =
        files.par_iter().map(|(path, named)| (path, *named, check_one(system, situation, path, &package_of))).collect();
    for (path, named, result) in read {
        match result {
            Ok((text, diagnostics)) => {
                checked.files += 1;
                if !diagnostics.is_empty() {
                    checked.texts.insert((*path).to_owned(), text);
                    checked.diagnostics.extend(diagnostics);
                }
            }
            Err(problem) if named => checked.refused.push(problem.to_string()),
            Err(problem) => checked.problems.push(problem),
        }
    }
}

fn check_one(
    system: &dyn System,
    situation: &Situation,
    path: &Utf8Path,
    package_of: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<(Text, Vec<Diagnostic>), Problem> {
    let bytes = system.read(path, LARGEST_SOURCE)?;
    // What is no UTF-8 in it stands in a comment or a string; a call of pip is ASCII.
    let text = Text::new(String::from_utf8_lossy(&bytes).into_owned());
    let Some(kind) = RecipeKind::of_text(path, text.source()) else { return Ok((text, Vec::new())) };
    let found = recipe::read(kind, path, &text);
    let diagnostics = check_recipe(situation, path, &text, &found, package_of);
    Ok((text, diagnostics))
}
