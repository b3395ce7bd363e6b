//! Editable installs whose source tree is gone.
//!
//! In: an interpreter, a module that it does not find or the name of a distribution. Out: the [`Dangling`] install.
//!
//! **Invariant:** as long as one thing is there that an install leads to, or code runs that nobody can read, it is not gone.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Distribution, Distributions, Form, Listed, MetadataSet, metadata, record, top_level_of};
use crate::interpreter::{Finder, FinderTarget, Interpreter, Reach};
use crate::origin::Evidence;
use crate::project::normalize_name;

/// An editable install that leads to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    pub distribution: Distribution,
    /// What is gone: the project's folder, or only what was taken from it.
    pub source: Utf8PathBuf,
    /// The file that leads there.
    pub path: Utf8PathBuf,
    /// From 1.
    pub line: u32,
}

impl Distributions<'_> {
    /// Returns the install that would bring a module which is not found.
    pub fn dangling_module(&self, interpreter: &Interpreter, dotted: &str) -> Option<Dangling> {
        self.by_finder(interpreter, dotted)
            .or_else(|| self.dangling_named(interpreter, &normalize_name(dotted)))
            .or_else(|| self.by_dead_line(interpreter, dotted))
    }

    /// Returns the install of a distribution, by its normalized name. Of several copies the first one counts.
    pub fn dangling_named(&self, interpreter: &Interpreter, name: &str) -> Option<Dangling> {
        for site in sites(interpreter) {
            let installed = self.installed(site);
            let mut sets = installed.sets.iter();
            if let Some(set) = sets.find(|set| set.form == Form::DistInfo && set.name == name) {
                return self.of_set(interpreter, site, set);
            }
            if let Some(link) = self.dead_link(site, name) {
                return Some(link);
            }
        }
        None
    }

    /// A hook that lists the module.
    fn by_finder(&self, interpreter: &Interpreter, dotted: &str) -> Option<Dangling> {
        let lists = |finder: &&Finder| finder.modules.iter().any(|(module, _)| module == dotted);
        let finder = interpreter.finders.iter().find(lists)?;
        let site = finder.path_file.parent()?;
        if let Reach::Installed(_) = finder.reach {
            let installed = self.installed(site);
            let set = self.set_with(&installed.sets, &finder.path_file)?;
            return self.of_set(interpreter, site, set);
        }
        let targets = finder.modules.iter().filter(|(module, _)| module == dotted);
        let target = self.dead(finder, targets.map(|(_, target)| target))?;
        let distribution = self.owner(site, &finder.path_file)?;
        Some(self.dangling(distribution, target, &finder.path_file, finder.line))
    }

    /// A line of a `.pth` file, where the distribution lists the names of its modules.
    fn by_dead_line(&self, interpreter: &Interpreter, dotted: &str) -> Option<Dangling> {
        let top_level = top_level_of(Utf8Path::new(dotted));
        interpreter.dead_lines.iter().find_map(|dead| {
            let site = dead.path_file.parent()?;
            let installed = self.installed(site);
            let set = self.set_with(&installed.sets, &dead.path_file)?;
            let names = record::named_top_levels(self.system, set.form, &set.path);
            if names.contains(top_level) { self.of_set(interpreter, site, set) } else { None }
        })
    }

    fn set_with<'s>(&self, sets: &'s [MetadataSet], path_file: &Utf8Path) -> Option<&'s MetadataSet> {
        let name = Utf8Path::new(path_file.file_name()?);
        sets.iter().find(|set| set.form == Form::DistInfo && set.lists(self.system, name) == Listed::Yes)
    }

    fn of_set(&self, interpreter: &Interpreter, site: &Utf8Path, set: &MetadataSet) -> Option<Dangling> {
        let project = metadata::editable_project(self.system, &set.path)?;
        let files = set.files(self.system)?;
        let owns = |path_file: &Utf8Path| {
            path_file.parent() == Some(site) && path_file.file_name().is_some_and(|name| files.have(name.into()))
        };
        let is_of_hook = |path: &Utf8Path| interpreter.finders.iter().any(|finder| finder.path_file == path);
        let mut entries = interpreter.search_path.iter().filter(|entry| entry.exists);
        if entries.any(|entry| matches!(&entry.evidence, Evidence::Line { path, .. } if owns(path)))
            || interpreter.startup_code.iter().any(|code| owns(&code.path) && !is_of_hook(&code.path))
        {
            return None;
        }
        let is_gone = !self.system.exists(&project);
        let mut leads: Option<(Utf8PathBuf, &Utf8Path, u32)> = None;
        for finder in interpreter.finders.iter().filter(|finder| owns(&finder.path_file)) {
            let target = match &finder.reach {
                // What meson has built tells, and is built anew where it can be.
                Reach::Installed(built) if !is_gone || built.values().any(|it| self.system.exists(it)) => return None,
                Reach::Installed(_) => project.clone(),
                _ => self.dead(finder, finder.modules.iter().map(|(_, target)| target))?,
            };
            leads.get_or_insert((target, &finder.path_file, finder.line));
        }
        let lines = interpreter.dead_lines.iter().filter(|dead| owns(&dead.path_file));
        let mut leads = leads.into_iter().chain(lines.map(|it| (it.path.clone(), it.path_file.as_path(), it.line)));
        let distribution = set.distribution(self.system);
        let direct_url = set.path.join("direct_url.json");
        match leads.next() {
            Some((target, path, line)) => Some(self.dangling(distribution, target, path, line)),
            None if is_gone => Some(Dangling { distribution, source: project, path: direct_url, line: 1 }),
            None => None,
        }
    }

    /// `setup.py develop` leaves `NAME.egg-link`, whose first line is the source tree.
    fn dead_link(&self, site: &Utf8Path, name: &str) -> Option<Dangling> {
        let listing = self.system.list(site).ok()?;
        let stem = |file: &str| file.strip_suffix(".egg-link").map(str::to_owned);
        let stem = listing.iter().find_map(|(file, _)| stem(file).filter(|it| normalize_name(it) == name))?;
        let path = site.join(format!("{stem}.egg-link"));
        let text = self.system.read_text(&path).ok()?;
        let source = Utf8PathBuf::from(text.lines().next()?.trim());
        if !source.is_absolute() || self.system.exists(&source) {
            return None;
        }
        let (version, installer, metadata) = (String::new(), None, path.clone());
        let distribution = Distribution { name: stem, version, installer, metadata, editable: Some(source.clone()) };
        Some(Dangling { distribution, source, path, line: 1 })
    }

    /// Returns the first of a hook's targets, where none is there.
    fn dead<'f>(&self, finder: &Finder, targets: impl Iterator<Item = &'f FinderTarget>) -> Option<Utf8PathBuf> {
        let mut first = None;
        for target in targets {
            let places: Vec<&Utf8PathBuf> = match target {
                FinderTarget::Stem(path) | FinderTarget::File(path) => vec![path],
                FinderTarget::Namespace(paths) | FinderTarget::Within(paths) => paths.iter().collect(),
            };
            for place in places.into_iter().filter(|place| finder.placeholder.as_ref() != Some(place)) {
                if self.is_there(place, matches!(target, FinderTarget::Stem(_))) {
                    return None;
                }
                first.get_or_insert_with(|| place.clone());
            }
        }
        first
    }

    fn is_there(&self, place: &Utf8Path, is_stem: bool) -> bool {
        let has_suffix = || {
            let listing = self.system.list(place.parent()?).ok()?;
            Some(listing.starting_with(&format!("{}.", place.file_name()?)).next().is_some())
        };
        self.system.exists(place) || is_stem && has_suffix().unwrap_or_default()
    }

    /// Where the whole project is gone, that says more than what was taken from it.
    fn dangling(&self, distribution: Distribution, target: Utf8PathBuf, path: &Utf8Path, line: u32) -> Dangling {
        let project = distribution.editable.clone().filter(|project| !self.system.exists(project));
        Dangling { distribution, source: project.unwrap_or(target), path: path.to_owned(), line }
    }
}

/// The directories that installers write to, in order.
fn sites(interpreter: &Interpreter) -> impl Iterator<Item = &Utf8PathBuf> {
    let roots = interpreter.search_path.iter().filter(|root| root.exists && root.origin.is_site_directory());
    roots.map(|root| &root.path)
}
