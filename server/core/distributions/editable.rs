//! Which distribution an editable install's source tree belongs to.
//!
//! In: a module that was found outside the site directories, the interpreter that leads there. Out: its distribution.
//!
//! **Invariant:** the file that leads to the source tree names the owner; the tree itself is asked last.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{Distribution, Distributions, Form, metadata};
use crate::interpreter::{Finder, FinderTarget, Interpreter, Reach};
use crate::origin::{Evidence, ImportRoot};
use crate::resolve::Resolution;

impl Distributions<'_> {
    /// Returns the distribution of a module that a `.pth` file or an import hook leads to.
    pub fn editable_owner(&self, interpreter: &Interpreter, resolution: &Resolution) -> Option<Distribution> {
        let path = resolution.path.as_deref();
        let path = path.or_else(|| resolution.locations.as_ref()?.first().map(Utf8PathBuf::as_path));
        let by_path_file = || {
            let root = interpreter.search_path.iter().find(|root| Some(&root.path) == resolution.root.as_ref())?;
            let Evidence::Line { path: path_file, .. } = &root.evidence else { return None };
            self.owner(path_file.parent()?, path_file)
        };
        let by_finder = || {
            let finder = interpreter.finders.iter().find(|finder| leads_to(finder, resolution, path))?;
            self.owner(finder.path_file.parent()?, &finder.path_file)
        };
        let by_path_file = if resolution.root.is_some() { by_path_file() } else { None };
        by_path_file
            .or_else(by_finder)
            .or_else(|| self.by_direct_url(interpreter, path?))
            .or_else(|| self.in_source_tree(interpreter, resolution.root.as_deref()?, path?))
    }

    /// Looks for the nearest project that a `direct_url.json` names, by whatever links the module was reached.
    fn by_direct_url(&self, interpreter: &Interpreter, path: &Utf8Path) -> Option<Distribution> {
        let site_directories = interpreter.search_path.iter().filter(|root| is_site_directory(root));
        let real = std::cell::LazyCell::new(|| self.system.canonical(path).ok());
        let lies_in = |project: &Utf8Path| {
            let is_same = |real: &Utf8PathBuf| self.system.canonical(project).is_ok_and(|it| real.starts_with(it));
            path.starts_with(project) || real.as_ref().is_some_and(is_same)
        };
        let mut nearest: Option<Distribution> = None;
        for root in site_directories {
            let installed = self.installed(&root.path);
            let editables = installed.editables.get_or_init(|| {
                let sets = installed.sets.iter().enumerate().filter(|(_, set)| set.form == Form::DistInfo);
                sets.filter_map(|(at, set)| Some((metadata::editable_project(self.system, &set.path)?, at))).collect()
            });
            for (project, set) in editables.iter().filter_map(|(project, at)| Some((project, installed.sets.get(*at)?)))
            {
                let known = nearest.as_ref().and_then(|it| it.editable.as_ref()).map_or(0, |it| it.as_str().len());
                if project.as_str().len() > known && lies_in(project) {
                    nearest = Some(set.distribution(self.system));
                }
            }
        }
        nearest
    }

    /// `setup.py develop` leaves the `.egg-info` in the source tree, and an `.egg-link` that leads there: two lines, the
    /// tree and the way from it to the project. An egg is a copy, which `setup.py install` has made.
    fn in_source_tree(&self, interpreter: &Interpreter, root: &Utf8Path, path: &Utf8Path) -> Option<Distribution> {
        let mut distribution = self.owner(root, path)?;
        if root.extension() == Some("egg") {
            return Some(distribution);
        }
        let mut site_directories = interpreter.search_path.iter().filter(|entry| is_site_directory(entry));
        let project = site_directories.find_map(|site| {
            let listing = self.system.list(&site.path).ok()?;
            let links = listing.iter().filter(|(name, _)| Utf8Path::new(name).extension() == Some("egg-link"));
            links.map(|(name, _)| site.path.join(name)).find_map(|link| {
                let text = self.system.read_text(&link).ok()?;
                let mut lines = text.lines().map(str::trim);
                let is_it = lines.next().is_some_and(|first| first.trim_end_matches('/') == root);
                is_it.then(|| without_dots(&root.join(lines.next().unwrap_or_default())))
            })
        });
        distribution.editable.get_or_insert_with(|| project.unwrap_or_else(|| root.to_owned()));
        Some(distribution)
    }
}

/// Tells whether a module is one that the hook answers for.
fn leads_to(finder: &Finder, resolution: &Resolution, path: Option<&Utf8Path>) -> bool {
    let is_listed = |module: &str| {
        let below = resolution.module.strip_prefix(module);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if let Reach::Installed(_) = finder.reach {
        return finder.modules.iter().any(|(module, _)| is_listed(module));
    }
    finder.modules.iter().any(|(module, target)| match (target, path) {
        // A namespace whose portions all lie deeper has no place of its own.
        (_, None) => is_listed(module),
        (FinderTarget::Stem(stem), Some(path)) => {
            let suffix = path.as_str().strip_prefix(stem.as_str());
            suffix.is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(['/', '.']))
        }
        (FinderTarget::File(file), Some(path)) => {
            let package = file.parent().filter(|_| file.file_stem() == Some("__init__"));
            path == file || package.is_some_and(|it| path.starts_with(it))
        }
        (FinderTarget::Namespace(directories) | FinderTarget::Within(directories), Some(path)) => {
            directories.iter().any(|it| path.starts_with(it))
        }
    })
}

/// Takes `.` and `..` out as they are spelled.
fn without_dots(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

fn is_site_directory(root: &ImportRoot) -> bool {
    root.exists && root.path.file_name().is_some_and(|name| name == "site-packages" || name == "dist-packages")
}
