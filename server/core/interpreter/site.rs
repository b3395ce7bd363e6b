//! What `site.py` makes of the search path.
//!
//! In: the [`Layout`] from `getpath`, the [`Features`] of this `site.py`. Out: a [`Start`]: `sys.path` with reasons, prefixes,
//! the user site, hooks and code that run.
//!
//! **Invariant:** the steps stand in the order of `site.main`; duplicates are found by text, never by what they lead to.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use rustc_hash::FxHashSet;

use super::features::Features;
use super::getpath::{Layout, REGISTRY, versioned};
use super::modules::Modules;
use super::{
    DeadLine, Finder, Flags, Implementation, Loaded, Namespace, Pyvenv, StartupCode, UserSite, Version, label, paths,
    pyvenv,
};
use crate::origin::{Evidence, Origin};
use crate::system::{Platform, System};

mod brought;
mod customizations;
mod directories;
mod find;
mod homebrew;
mod report;
mod run;
mod virtualenv;

/// One entry of `sys.path` on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) origin: Origin,
    pub(super) evidence: Evidence,
}

/// The state of the interpreter while it starts.
pub(super) struct Start<'a> {
    system: &'a dyn System,
    platform: Platform,
    version: &'a Version,
    features: Features,
    flags: Flags,
    build: SiteBuild,
    /// `sys.builtin_module_names`.
    compiled_in: &'a BTreeSet<String>,
    modules: Modules<'a>,
    pub(super) layout: Layout,
    pub(super) path: Vec<Entry>,
    /// What is on the path already, by text; `site` carries it from step to step.
    known: FxHashSet<String>,
    /// Only from 3.15 on: site directories that were read.
    done: FxHashSet<String>,
    pub(super) pyvenv: Option<Pyvenv>,
    pub(super) user_site: UserSite,
    /// `sys.real_prefix`, which only an old virtualenv's `site` sets.
    pub(super) real_prefix: Option<Utf8PathBuf>,
    /// What code in `.pth` files has imported, first time first.
    pub(super) loaded: Vec<Loaded>,
    pub(super) finders: Vec<Finder>,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) distutils_is_setuptools: bool,
    pub(super) dead_lines: Vec<DeadLine>,
    pub(super) startup_code: Vec<StartupCode>,
    pub(super) fatal: Option<String>,
    /// The same, once a `.pth` file is opened.
    pub(super) fatal_with_path_files: Option<String>,
    /// `sys.__plen` and `sys.__egginsert`, of the lines around eggs in an old `easy-install.pth`.
    eggs_begin: Option<usize>,
    eggs_moved: usize,
    /// 3.15: what waits until all site directories are read.
    batch: run::Batch,
}

/// What `site` asks `sys` about the build.
#[derive(Debug, Clone)]
pub(super) struct SiteBuild {
    /// `sys.platlibdir`.
    pub(super) platform_library_directory: String,
    /// `sys.winver`; only Windows has it.
    pub(super) registered_version: String,
    /// Whether `sys._framework` has a name.
    pub(super) is_framework: bool,
    /// `sys.implementation.name`.
    pub(super) implementation: Implementation,
}

/// A site directory that is about to be added, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SiteDirectory {
    path: String,
    origin: Origin,
    evidence: Evidence,
}

impl<'a> Start<'a> {
    pub(super) fn new(
        version: &'a Version,
        features: Features,
        flags: Flags,
        compiled_in: &'a BTreeSet<String>,
        modules: Modules<'a>,
        build: SiteBuild,
        layout: Layout,
    ) -> Self {
        let system = modules.system;
        let path = layout.search_path.iter().map(|(path, evidence)| {
            let origin = match evidence {
                Evidence::Variable(REGISTRY) => Origin::PathFile,
                Evidence::Variable(_) => Origin::PythonPath,
                _ => Origin::StandardLibrary,
            };
            Entry { path: path.clone(), origin, evidence: evidence.clone() }
        });
        Start {
            system,
            platform: system.platform(),
            version,
            features,
            flags,
            build,
            compiled_in,
            modules,
            path: path.collect(),
            known: FxHashSet::default(),
            done: FxHashSet::default(),
            pyvenv: None,
            user_site: UserSite { path: None, enabled: false },
            real_prefix: None,
            loaded: Vec::new(),
            finders: Vec::new(),
            namespaces: Vec::new(),
            distutils_is_setuptools: false,
            dead_lines: Vec::new(),
            startup_code: Vec::new(),
            fatal: layout.fatal.clone(),
            fatal_with_path_files: None,
            eggs_begin: None,
            eggs_moved: 0,
            batch: run::Batch::default(),
            layout,
        }
    }

    /// Goes through `site.main`.
    pub(super) fn run(&mut self) {
        let path = self.user_site_path();
        self.user_site.path = Some(Utf8PathBuf::from(&path));
        if self.flags.no_site || self.fatal.is_some() {
            self.label_pythonpath();
            return;
        }
        if self.has_site_of_virtualenv() {
            self.run_site_of_virtualenv(path);
            return;
        }
        self.remove_duplicates();
        self.label_pythonpath();
        let mut prefixes = vec![self.layout.prefix.clone(), self.layout.exec_prefix.clone()];
        let mut enabled = None;
        self.enter_virtual_environment(&mut prefixes, &mut enabled);
        if !self.version.at_least(3, 7) {
            // Where the user site is, it asks even where that is off (`addusersitepackages`).
            self.note_loaded("sysconfig");
            self.fatal = self.fatal.take().or_else(|| self.barrier_before_sysconfig());
        }
        let enabled = enabled.unwrap_or(!self.is_user_site_off());
        self.user_site.enabled = enabled;
        if enabled && paths::is_directory(self.system, &path) {
            let evidence = self.evidence_of_base();
            self.add_site_directory(&SiteDirectory { path, origin: Origin::UserSite, evidence });
        } else if enabled {
            // Noted as asked, so that its coming is noticed.
            let _ = self.system.list(&paths::place(self.system, &path));
        }
        self.add_site_packages(&mut prefixes, enabled);
        self.finish_batch();
        self.run_customizations(&mut prefixes, enabled);
    }

    /// Makes entries absolute and drops later duplicates (`removeduppaths`).
    fn remove_duplicates(&mut self) {
        let mut seen = FxHashSet::default();
        for entry in std::mem::take(&mut self.path) {
            let path = paths::absolute(self.system, &entry.path);
            if seen.insert(self.platform.folded(&path)) {
                self.path.push(Entry { path, ..entry });
            }
        }
        if !self.features.in_batches {
            self.known = seen;
        }
    }

    /// Reads `pyvenv.cfg` (`site.venv`): from here on it is a virtual environment, whatever `home` says.
    fn enter_virtual_environment(&mut self, prefixes: &mut Vec<String>, enabled: &mut Option<bool>) {
        let executable = paths::absolute(self.system, &self.layout.executable);
        let directory = self.platform.up(&executable).to_owned();
        let prefix = self.platform.up(&directory).to_owned();
        let separator = self.platform.separator();
        let candidates = [&directory, &prefix].map(|it| self.platform.path(&format!("{it}{separator}pyvenv.cfg")));
        let Some(file) = candidates.into_iter().find(|it| self.system.is_file(it)) else { return };
        let pyvenv = match pyvenv::read_as_site(self.system, &file) {
            Ok(pyvenv) => pyvenv,
            Err(reason) => {
                self.fatal = Some(reason);
                return;
            }
        };
        let includes_system = pyvenv.include_system_site_packages;
        // `sysconfig`, which `site` imports up to 3.6, looks below it for a build, and such a path is an error (bpo-33721).
        if !self.version.at_least(3, 7) && pyvenv.get("home").is_some_and(|it| it.value.contains('\0')) {
            self.fatal = Some(format!("`{file}` has a null byte in `home`"));
            return;
        }
        self.pyvenv = Some(pyvenv);
        if self.features.sets_prefix {
            self.layout.prefix.clone_from(&prefix);
            self.layout.exec_prefix = prefix;
        }
        let own = self.layout.prefix.clone();
        self.add_site_packages(&mut vec![own.clone()], false);
        if includes_system {
            if self.features.sets_prefix {
                prefixes.insert(0, own);
            } else {
                prefixes.extend([self.layout.base_prefix.clone(), self.layout.base_exec_prefix.clone()]);
            }
        } else {
            if self.features.sets_prefix {
                *prefixes = vec![own];
            }
            *enabled = Some(false);
        }
    }

    fn add_site_packages(&mut self, prefixes: &mut Vec<String>, user_site_enabled: bool) {
        if self.features.fedora && user_site_enabled && self.system.variable("RPM_BUILD_ROOT").is_none() {
            prefixes.insert(0, "/usr/local".to_owned());
        }
        for directory in self.site_directories(prefixes) {
            if paths::is_directory(self.system, &directory.path) {
                self.add_site_directory(&directory);
            } else {
                let _ = self.system.list(&paths::place(self.system, &directory.path));
            }
        }
    }

    /// `-s`, `-I`, `PYTHONNOUSERSITE`; a `._pth` file isolates too.
    fn is_user_site_off(&self) -> bool {
        self.flags.is_user_site_off(self.system, self.version, self.build.implementation)
            || (self.layout.path_file.is_some() && self.version.at_least(3, 15))
    }

    /// `USER_SITE`: `PYTHONUSERBASE` counts even under `-E`, and always `lib` (`site._getuserbase`, `site._get_path`).
    fn user_site_path(&self) -> String {
        let base = self.system.variable("PYTHONUSERBASE").filter(|it| !it.is_empty()).unwrap_or_else(|| {
            if self.platform.is_windows() {
                let data = self.system.variable("APPDATA").filter(|it| !it.is_empty());
                return self.platform.join_plain(&data.unwrap_or_else(|| self.home()), "Python");
            }
            let home = self.home();
            let home = home.trim_end_matches('/');
            if self.build.is_framework {
                return format!("{home}/Library/Python/{}", self.version.short());
            }
            format!("{home}/.local")
        });
        if self.platform.is_windows() {
            return format!(r"{base}\Python{}\site-packages", self.build.registered_version.replace('.', ""));
        }
        let library = if self.build.is_framework { "python".to_owned() } else { self.library_name() };
        // The text of a variable is taken as it is, a last slash of its own included (`_get_path`); 3.6 asked `sysconfig`.
        let path = format!("{base}/lib/{library}/site-packages");
        if self.version.at_least(3, 7) { path } else { self.platform.norm(&path) }
    }

    /// `os.path.expanduser("~")`.
    fn home(&self) -> String {
        let variable = |name: &str| self.system.variable(name);
        let named = if self.platform.is_windows() {
            variable("USERPROFILE").or_else(|| Some(format!("{}{}", variable("HOMEDRIVE")?, variable("HOMEPATH")?)))
        } else {
            variable("HOME")
        };
        let of_user = || self.system.home_of_user().map(|it| self.platform.text(&it));
        named.or_else(of_user).unwrap_or_default()
    }

    /// Why a virtual environment sees more than its own packages.
    fn evidence_of_base(&self) -> Evidence {
        let Some(pyvenv) = &self.pyvenv else { return Evidence::BuiltIn };
        match pyvenv.get("include-system-site-packages") {
            Some(entry) => Evidence::line(&pyvenv.path, entry.line),
            None => Evidence::Assumption("`pyvenv.cfg` does not set `include-system-site-packages` to false"),
        }
    }

    /// Names the owners of `PYTHONPATH`'s directories that belong to somebody.
    fn label_pythonpath(&mut self) {
        for index in 0..self.path.len() {
            let Some(entry) = self.path.get(index).filter(|it| it.origin == Origin::PythonPath) else { continue };
            let path = entry.path.clone();
            let origin = self.origin_by_place(&path).unwrap_or(Origin::PythonPath);
            if let Some(entry) = self.path.get_mut(index) {
                entry.origin = origin;
            }
        }
    }

    /// Whose a hand-added path is by where it lies; `None` where nobody's in particular.
    fn origin_by_place(&self, path: &str) -> Option<Origin> {
        let path = paths::absolute(self.system, path);
        let builtin = |(it, evidence): &&(String, Evidence)| *evidence == Evidence::BuiltIn && *it == path;
        if self.layout.search_path.iter().any(|it| builtin(&it)) {
            return Some(Origin::StandardLibrary);
        }
        if self.user_site.path.as_ref().is_some_and(|it| it.as_str() == path) {
            return Some(Origin::UserSite);
        }
        let layout = &self.layout;
        let bases = [layout.base_prefix.clone(), layout.base_exec_prefix.clone()];
        let known = self.site_directories(&bases).into_iter().find(|it| it.path == path);
        if let Some(known) = known {
            return Some(known.origin);
        }
        // Before `site` ran, the prefix of a virtual environment is two directories above its executable.
        let environment = self.platform.up(self.platform.up(&layout.executable));
        let own = [environment, &layout.prefix, &layout.exec_prefix, &layout.base_prefix, &layout.base_exec_prefix];
        let library = self.library_name();
        label::is_foreign(self.system, &path, &own, &library).then_some(Origin::OtherEnvironment)
    }

    /// `pythonX.Y`, `pypyX.Y`.
    fn library_name(&self) -> String {
        versioned(self.build.implementation, self.version)
    }

    /// Where an exception has ended `site`, nothing more comes: PyPy goes on without.
    fn push(&mut self, path: String, origin: Origin, evidence: Evidence) {
        if self.fatal.is_some() {
            return;
        }
        self.path.push(Entry { path, origin, evidence });
    }
}
