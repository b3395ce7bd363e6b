//! Which distribution an editable install's source tree belongs to.
//!
//! In: a module that was found outside the site directories, the interpreter that leads there. Out: its distribution.
//!
//! **Invariant:** the file that leads to the source tree names the owner; the tree itself is asked last.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Distribution, Distributions, Form, metadata};
use crate::interpreter::{FinderTarget, Interpreter};
use crate::origin::{Evidence, ImportRoot};
use crate::resolve::Resolution;

impl Distributions<'_> {
    /// Returns the distribution of a module that a `.pth` file or an import hook leads to.
    pub fn editable_owner(&self, interpreter: &Interpreter, resolution: &Resolution) -> Option<Distribution> {
        let path = resolution.path.as_deref();
        let path = path.or_else(|| resolution.locations.as_ref()?.first().map(Utf8PathBuf::as_path))?;
        let by_path_file = || {
            let root = interpreter.search_path.iter().find(|root| Some(&root.path) == resolution.root.as_ref())?;
            let Evidence::Line { path: path_file, .. } = &root.evidence else { return None };
            self.owner(path_file.parent()?, path_file)
        };
        let by_finder = || {
            let leads_here = |target: &FinderTarget| match target {
                FinderTarget::Stem(stem) => {
                    let suffix = path.as_str().strip_prefix(stem.as_str());
                    suffix.is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(['/', '.']))
                }
                FinderTarget::File(file) => path == file || file.parent().is_some_and(|it| path.starts_with(it)),
                FinderTarget::Namespace(directories) => directories.iter().any(|it| path.starts_with(it)),
            };
            let mut finders = interpreter.finders.iter();
            let finder = finders.find(|finder| finder.modules.iter().any(|(_, target)| leads_here(target)))?;
            self.owner(finder.path_file.parent()?, &finder.path_file)
        };
        let by_path_file = if resolution.root.is_some() { by_path_file() } else { None };
        by_path_file
            .or_else(by_finder)
            .or_else(|| self.by_direct_url(interpreter, path))
            .or_else(|| self.in_source_tree(resolution.root.as_deref()?, path))
    }

    /// Looks for the nearest project that a `direct_url.json` names.
    fn by_direct_url(&self, interpreter: &Interpreter, path: &Utf8Path) -> Option<Distribution> {
        let site_directories = interpreter.search_path.iter().filter(|root| is_site_directory(root));
        let mut nearest: Option<Distribution> = None;
        for root in site_directories {
            for set in self.installed(&root.path).sets.iter().filter(|set| set.form == Form::DistInfo) {
                let Some(project) = metadata::editable_project(self.system, &set.path) else { continue };
                let known = nearest.as_ref().and_then(|it| it.editable.as_ref()).map_or(0, |it| it.as_str().len());
                if path.starts_with(&project) && project.as_str().len() > known {
                    nearest = Some(metadata::read(self.system, set.form, &set.path));
                }
            }
        }
        nearest
    }

    /// `setup.py develop` leaves the `.egg-info` in the source tree.
    fn in_source_tree(&self, root: &Utf8Path, path: &Utf8Path) -> Option<Distribution> {
        let mut distribution = self.owner(root, path)?;
        distribution.editable.get_or_insert_with(|| root.to_owned());
        Some(distribution)
    }
}

fn is_site_directory(root: &ImportRoot) -> bool {
    root.exists && root.path.file_name().is_some_and(|name| name == "site-packages" || name == "dist-packages")
}
