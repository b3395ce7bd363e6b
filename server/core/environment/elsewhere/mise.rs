//! mise: the environment that `_.python.venv` of its configuration names.
//!
//! In: a folder with a configuration of mise. Out: the environment that mise would put in force there.
//!
//! **Invariant:** templates are programs: only the names of this folder and of the home directory are filled in.

use super::super::{SourceKind, candidate, tool_versions};
use super::{Level, Said};
use crate::project::normalize_path;

pub(super) fn find(level: &Level<'_>) -> Option<Said> {
    let configurations = tool_versions::MISE_FILES.iter().filter_map(|name| {
        let first = name.split('/').next().unwrap_or(name);
        let document = level.has(first).then(|| tool_versions::read(level.system, &level.directory.join(name)))??;
        let keys = ["env", "_", "python", "venv"];
        let path = document.text_at(&keys).or_else(|| document.text_at(&["env", "_", "python", "venv", "path"]));
        Some((*name, path?.0.to_owned()))
    });
    let (file, path) = configurations.into_iter().next()?;
    let home = candidate::home(level.system).unwrap_or_default();
    let mut filled = path.clone();
    for (name, value) in [("config_root", level.directory), ("cwd", level.directory), ("env.HOME", &*home)] {
        for template in [format!("{{{{{name}}}}}"), format!("{{{{ {name} }}}}")] {
            filled = filled.replace(&template, value.as_str());
        }
    }
    if filled.contains("{{") || filled.contains("{%") {
        return Some(Said::nothing(
            SourceKind::Mise,
            format!("{file}: {path}"),
            "a template that only mise can fill in",
        ));
    }
    let environment = normalize_path(&level.directory.join(candidate::expand_home(level.system, &filled)));
    Some(Said::folder(SourceKind::Mise, environment).because(file))
}
