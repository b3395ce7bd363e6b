//! Packages that spread over several directories by a line in their `__init__.py`.
//!
//! In: a package. Out: its `__path__` after that line ran: `pkgutil.extend_path` (Lib/pkgutil.py) or
//! `pkg_resources.declare_namespace` (setuptools).
//!
//! **Invariant:** only the two forms that their documentation shows are recognized; nothing is evaluated.

use camino::{Utf8Path, Utf8PathBuf};

use super::entry::Found;
use super::search::{Hit, Place};
use super::{ModuleKind, Resolver};
use crate::imports::extending::{self, Extending, Form};

impl Resolver<'_> {
    /// Tells whether an `__init__.py` is one that every portion of its package has.
    pub(crate) fn is_legacy_namespace(&self, init: &Utf8Path) -> bool {
        self.shelf.system.read_text(init).is_ok_and(|text| extending::read(&text).is_some())
    }

    /// Returns the package with its path extended, or `None` where its `__init__.py` does not say so.
    pub(super) fn extended(&self, dotted: &str, package: &Hit) -> Option<Hit> {
        let init = package.resolution.path.as_ref().filter(|init| init.extension() == Some("py"))?;
        if package.resolution.kind != ModuleKind::Package {
            return None;
        }
        let text = self.shelf.system.read_text(init).ok()?;
        // virtualenv up to 16 had a `distutils` of its own, which puts the one of the other Python on its path.
        let is_of_virtualenv = dotted == "distutils" && self.interpreter.real_prefix.is_some();
        let form = if is_of_virtualenv { Form::ExtendPath } else { self.form(extending::read(&text)?)? };
        let mut extended = package.clone();
        match dotted.rsplit_once('.') {
            None => self.extend(dotted, dotted, self.places(self.all()), form, &mut extended),
            Some((parent, name)) => {
                let parent_package = self.package(parent)?;
                let wider = self.extended(parent, &parent_package);
                let parent_package = wider.as_ref().unwrap_or(&parent_package);
                self.extend(dotted, name, self.portions_of(parent_package), form, &mut extended);
            }
        }
        (extended.portions.len() > package.portions.len()).then_some(extended)
    }

    /// Returns what is done in the end: `pkg_resources` may not be there.
    fn form(&self, extending: Extending) -> Option<Form> {
        match extending.form {
            Form::DeclareNamespace if !self.resolve("pkg_resources").is_resolved() => extending.otherwise,
            form => Some(form),
        }
    }

    fn extend<'s>(
        &self,
        dotted: &str,
        name: &str,
        places: impl Iterator<Item = Place<'s>>,
        form: Form,
        package: &mut Hit,
    ) {
        let zip_speaks = self.interpreter.version.at_least(3, 10);
        for place in places {
            let found = self.found(&place, name, name);
            let directories = match (found, form) {
                // Up to 3.9 zipimporter had no `find_spec`, and `extend_path` did not hear of its packages.
                (Some(Found::Module { kind: ModuleKind::Zip, .. }), Form::ExtendPath) if !zip_speaks => Vec::new(),
                (Some(Found::Module { location, .. }), _) => location.into_iter().collect(),
                (Some(Found::Portions(directories)), Form::ExtendPath) => directories,
                (Some(Found::Portions(_)), Form::DeclareNamespace) | (None, _) => Vec::new(),
            };
            let mut add = |path: Utf8PathBuf| {
                if package.portions.iter().all(|portion| portion.path != path) {
                    package.portions.push(self.portion(path, &place));
                }
            };
            directories.into_iter().for_each(&mut add);
            // Of a package within a package it is the whole name: `zope.app.pkg`.
            let list = format!("{dotted}.pkg");
            if form == Form::ExtendPath
                && matches!(&*place.contents, super::Contents::Directory(folder) if folder.listing.contains(&list))
                && let Ok(text) = self.shelf.system.read_text(&place.path.join(list))
            {
                let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
                lines.map(Utf8PathBuf::from).for_each(&mut add);
            }
        }
    }
}
