//! Where else a module is installed.
//!
//! In: a name that the interpreter in force does not find. Out: the operating system, the base, the user site and the
//! environments beside it that have it.
//!
//! **Invariant:** only installed packages count: another Python's standard library is not a place to install from.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Elsewhere, Investigation, Place};
use crate::environment;
use crate::interpreter::{self, Flags, Interpreter};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::resolve::Resolver;
use crate::system::Overlay;

/// What an interpreter has installed by itself, leaving out what its user or a `.pth` file adds.
const INSTALLED: &[Origin] = &[Origin::SitePackages, Origin::DistPackages, Origin::LocalDistPackages];

/// A Python that is not in force, with nothing on its path but what it has installed and ours has not.
pub(super) struct OtherPython {
    place: Place,
    environment: Utf8PathBuf,
    interpreter: Interpreter,
}

impl Investigation<'_> {
    pub(super) fn elsewhere(&self, in_force: &Interpreter, dotted: &str) -> Vec<Elsewhere> {
        let mut found: Vec<Elsewhere> = Vec::new();
        for other in self.others.get_or_init(|| self.other_pythons(in_force)) {
            let resolver = Resolver::on(Arc::clone(&self.shelf), &other.interpreter, &[]);
            let resolution = resolver.resolve(dotted);
            let first_portion = || resolution.locations.as_ref()?.first().cloned();
            let Some(path) = resolution.path.clone().or_else(first_portion) else { continue };
            if found.iter().all(|known| known.path != path) {
                let os_package = self.os_package(&resolution);
                let distribution = self.distribution(&other.interpreter, &resolution, os_package.is_some());
                let (environment, distribution) = (other.environment.clone(), distribution.map(|it| it.name));
                found.push(Elsewhere { place: other.place, environment, path, distribution, os_package });
            }
        }
        found
    }

    /// The others are started as the one in force is: with the editor's variables, where it was read with them.
    fn other_pythons(&self, in_force: &Interpreter) -> Vec<OtherPython> {
        let world = Overlay::new(self.system).with_variables(self.situation.variables.clone());
        let read = |place, environment: Option<&Utf8Path>, executable: &Utf8Path, origins: &[Origin]| {
            let (python, _) = interpreter::interpret(&world, executable, Flags::default());
            let python = python?;
            let environment = environment.unwrap_or(&python.prefix).to_owned();
            OtherPython::with(place, environment, python, in_force, |root| origins.contains(&root.origin))
        };
        let mut others = Vec::new();
        for executable in environment::system_interpreters(self.system) {
            let origins = [Origin::DistPackages, Origin::LocalDistPackages];
            others.extend(read(Place::OperatingSystem, None, &executable, &origins));
        }
        if in_force.is_virtual()
            && let Some(executable) = self.base_executable(in_force)
        {
            others.extend(read(Place::Base, Some(&in_force.base_prefix), &executable, INSTALLED));
        }
        if let Some(path) = in_force.user_site.path.as_ref().filter(|_| !in_force.user_site.enabled) {
            let exists = self.system.is_directory(path);
            let root = ImportRoot {
                path: path.clone(),
                origin: Origin::UserSite,
                exists,
                same_as: None,
                evidence: Evidence::BuiltIn,
            };
            let mut python = in_force.clone();
            python.search_path = vec![root];
            python.finders.clear();
            others.extend(OtherPython::with(Place::UserSite, path.clone(), python, in_force, |_| true));
        }
        let folder = self.situation.environment.root.as_deref();
        for sibling in
            environment::siblings(self.system, &self.situation.project.root, &self.situation.boundary, folder)
        {
            let origins = [INSTALLED, &[Origin::Editable, Origin::PathFile]].concat();
            others.extend(read(
                Place::SiblingEnvironment,
                Some(&sibling),
                &environment::usual_interpreter(self.system, &sibling),
                &origins,
            ));
        }
        others
    }

    /// Returns the interpreter that a virtual environment was made from: where its own links lead, or by its name.
    fn base_executable(&self, in_force: &Interpreter) -> Option<Utf8PathBuf> {
        let names = if self.system.platform().is_windows() {
            vec!["python.exe".to_owned()]
        } else {
            ["python3", "python"].map(|it| format!("bin/{it}")).into()
        };
        let own = format!("bin/python{}", in_force.version.short());
        let mut candidates = [own].into_iter().chain(names).map(|name| in_force.base_prefix.join(name));
        candidates.find(|path| self.system.is_file(path)).or_else(|| {
            (!in_force.real_executable.starts_with(&in_force.prefix)).then(|| in_force.real_executable.clone())
        })
    }
}

impl OtherPython {
    fn with(
        place: Place,
        environment: Utf8PathBuf,
        mut interpreter: Interpreter,
        in_force: &Interpreter,
        wanted: impl Fn(&ImportRoot) -> bool,
    ) -> Option<Self> {
        let known = |root: &ImportRoot| in_force.search_path.iter().any(|ours| ours.path == root.path);
        interpreter.search_path.retain(|root| root.exists && wanted(root) && !known(root));
        interpreter.builtin_modules.clear();
        interpreter.frozen_modules.clear();
        (!interpreter.search_path.is_empty()).then_some(OtherPython { place, environment, interpreter })
    }
}
