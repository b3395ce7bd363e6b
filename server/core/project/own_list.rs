//! The list that a project's next dependency belongs into.
//!
//! In: the project's files. Out: where a fix adds to the list, or nothing.
//!
//! **Invariant:** the first list that the project's tool installs from; what another file computes is not written out beside it.

use camino::{Utf8Path, Utf8PathBuf};

use super::insertion::{self, Insertion, in_toml};
use super::{
    ENVIRONMENT_FILES, PACKAGES, Part, Project, Tool, environment_yml, normalize_path, pyproject, setup_cfg, setup_py,
};
use crate::document::{Document, read_source};
use crate::documents::Documents;
use crate::system::Listing;
use crate::text::Text;

/// Returns where one more dependency goes; `named` are the files that manifests name in place of a list.
pub(super) fn insertion(
    documents: &Documents<'_>,
    listing: &Listing,
    project: &Project,
    pyproject: Option<&Document>,
    named: &[(String, Part)],
) -> Option<Insertion> {
    let system = documents.system();
    let source = |name: &str| {
        let path = project.root.join(name);
        Some((read_source(system, &path, &mut Vec::new())?, path))
    };
    let listed = |name: &str| listing.contains(name).then(|| source(name)).flatten();
    if let Some(found) = pyproject.and_then(in_toml::into_dependencies) {
        return Some(found);
    }
    let pipfile = listing.contains("Pipfile").then(|| documents.read(&project.root.join("Pipfile"), &mut Vec::new()));
    if let Some(found) = pipfile.flatten().and_then(|it| in_toml::into_table(&it, PACKAGES)) {
        return Some(found);
    }
    // What `[project]` does not leave to the build backend, setuptools does not look for elsewhere.
    let is_left_open = pyproject.is_none_or(|it| it.at(&["project"]).is_none() || pyproject::is_dynamic(it));
    if is_left_open && matches!(project.tool, Tool::Pip | Tool::Uv | Tool::Hatch | Tool::Conda) {
        let mut of_all = named.iter().filter(|(_, part)| *part == Part::Main);
        if let (Some((file, _)), None) = (of_all.next(), of_all.next()) {
            let path = normalize_path(&project.root.join(file));
            let is_inside = path.starts_with(&project.root);
            let (source, path) =
                is_inside.then(|| source(path.strip_prefix(&project.root).ok()?.as_str())).flatten()?;
            return insertion::into_lines(&path, source);
        }
        let of_setup = [listed("setup.cfg"), listed("setup.py")].map(|it| it.map(|(it, path)| (Text::new(it), path)));
        if let Some(found) = of_setuptools(&of_setup) {
            return Some(found);
        }
    }
    if project.tool == Tool::Conda
        && let Some((source, path)) = ENVIRONMENT_FILES.into_iter().find_map(listed)
    {
        return environment_yml::insertion(&path, source);
    }
    // Where a tool keeps its own list, a requirements file is for somebody else.
    let (source, path) = listed("requirements.txt").filter(|_| project.name.is_none() && project.tool == Tool::Pip)?;
    insertion::into_lines(&path, source)
}

/// A list that is there, in `setup.cfg` before `setup.py`, whose own one it replaces; then a new one.
fn of_setuptools([cfg, program]: &[Option<(Text, Utf8PathBuf)>; 2]) -> Option<Insertion> {
    let in_cfg =
        |find: fn(&Utf8Path, &Text) -> Option<Insertion>| cfg.as_ref().and_then(|(text, path)| find(path, text));
    let in_program = || program.as_ref().and_then(|(text, path)| setup_py::insertion(path, text));
    let is_computed = program.as_ref().is_some_and(|(text, _)| text.source().contains("install_requires"));
    let of_new = || if is_computed { None } else { in_cfg(setup_cfg::insertion_of_list) };
    in_cfg(setup_cfg::insertion).or_else(in_program).or_else(of_new)
}
