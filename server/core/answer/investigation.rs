//! The answering of names in one situation.
//!
//! In: a [`Situation`] and the world. Out: an [`Answer`] for each name that is asked, from memory the second time.
//!
//! **Invariant:** `Sync`: worker threads share one, and nothing is read twice.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

use super::collected::{Folder, InFront, Place};
use super::elsewhere::OtherPython;
use super::{Answer, Answers, ByRun, Elsewhere, Shadowed, names, split_off, unbuilt};
use crate::apt::Apt;
use crate::conda::Conda;
use crate::distributions::{Distribution, Distributions};
use crate::dpkg::{Dpkg, OsPackage};
use crate::imports::top_level;
use crate::interpreter::Interpreter;
use crate::origin::Origin;
use crate::pip::Pip;
use crate::project::{Declared, Pytest, normalize_name};
use crate::resolve::contents::{Contents, Shelf};
use crate::resolve::{ModuleKind, Resolution, Resolver};
use crate::situation::{self, Situation};
use crate::system::System;

/// Answers names in one situation.
///
/// [`answer`](Self::answer) knows the project's roots and the environment. What `import x` means can also depend on the
/// importing file: `python FILE` puts the file's own folder first. [`answer_for`](Self::answer_for) takes that into
/// account, and [`answers_for`](Self::answers_for) collects all the answers that one file needs.
pub struct Investigation<'a> {
    pub(super) system: &'a dyn System,
    pub(super) situation: &'a Situation,
    pub(super) shelf: Arc<Shelf<'a>>,
    pub(super) dpkg: Dpkg<'a>,
    apt: Apt<'a>,
    conda: Conda<'a>,
    /// `None` where no Python is in force: then nothing is found, and nothing is said to be missing.
    resolver: Option<(&'a Interpreter, Resolver<'a>)>,
    /// The same for code that is run from nowhere: made for the first module of the project.
    without_run: OnceLock<Resolver<'a>>,
    pub(super) distributions: Distributions<'a>,
    answers: RwLock<Answers>,
    /// By the directory of the importing files.
    in_front: RwLock<FxHashMap<Utf8PathBuf, InFront>>,
    /// By the folder that may have them.
    pub(super) of_pytest: RwLock<FxHashMap<Utf8PathBuf, Option<Arc<Pytest>>>>,
    /// What asks for each distribution, and which of the project's requirements that is; found out for the first name.
    asking: OnceLock<FxHashMap<&'a str, (usize, &'a Declared)>>,
    /// The Pythons that are not in force; read on the first name that is not found.
    pub(super) others: OnceLock<Vec<OtherPython>>,
}

impl<'a> Investigation<'a> {
    pub fn new(system: &'a dyn System, situation: &'a Situation) -> Self {
        let shelf = Arc::new(Shelf::new(system));
        let interpreter = situation.environment.interpreter.as_ref();
        let resolver = interpreter.map(|it| (it, Resolver::on(Arc::clone(&shelf), it, &situation.project.roots)));
        Investigation {
            system,
            situation,
            shelf,
            dpkg: Dpkg::new(system),
            apt: Apt::new(system),
            conda: Conda::new(system),
            resolver,
            without_run: OnceLock::new(),
            distributions: Distributions::new(system),
            answers: RwLock::default(),
            in_front: RwLock::default(),
            of_pytest: RwLock::default(),
            asking: OnceLock::new(),
            others: OnceLock::new(),
        }
    }

    /// Returns the world that is asked.
    pub fn system(&self) -> &'a dyn System {
        self.system
    }

    /// Returns what is true for those who ask.
    pub fn situation(&self) -> &'a Situation {
        self.situation
    }

    /// Answers for code that finds the project's roots and the environment on its path.
    pub fn answer(&self, dotted: &str) -> Arc<Answer> {
        if let Some(known) = self.answers.read().unwrap_or_else(PoisonError::into_inner).get(dotted) {
            return Arc::clone(known);
        }
        let answer = Arc::new(self.investigate(dotted));
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(dotted.to_owned()).or_insert(answer))
    }

    /// Answers for a file in `importing_directory`: what is run there may find modules in folders before all others, and their
    /// folders (as namespace packages) where there is nothing else.
    pub fn answer_for(&self, dotted: &str, importing_directory: &Utf8Path) -> Arc<Answer> {
        let answer = self.answer(dotted);
        let Some((_, resolver)) = &self.resolver else { return answer };
        for Folder { path: folder, by_run, place } in &*self.in_front(importing_directory) {
            let comes_too_late = match place {
                Place::First => false,
                Place::AfterLibrary => answer.resolution.origin == Some(Origin::StandardLibrary),
                Place::Last => answer.resolution.is_resolved(),
            };
            let may_have = || match &*self.shelf.contents(folder) {
                Contents::Directory(it) => it.may_have(top_level(dotted)),
                _ => false,
            };
            if comes_too_late || !may_have() {
                continue;
            }
            let Some(resolution) = resolver.resolve_beside(dotted, folder) else { continue };
            let is_same = resolution.path.is_some() && resolution.path == answer.resolution.path;
            let is_weak = answer.resolution.is_resolved() || *by_run == ByRun::Around;
            if is_same || resolution.kind == ModuleKind::Namespace && is_weak {
                continue;
            }
            let hidden = answer.resolution.path.clone().zip(answer.resolution.origin).map(|(path, origin)| Shadowed {
                path,
                origin,
                distribution: answer.distribution.clone(),
                declared: answer.declared.clone(),
            });
            return Arc::new(Answer {
                by_run: Some(*by_run),
                shadows: hidden.into_iter().chain(answer.shadows.iter().cloned()).collect(),
                ..Answer::of(resolution)
            });
        }
        answer
    }

    /// The same as [`folders_in_front`](Self::folders_in_front), from memory the second time.
    fn in_front(&self, directory: &Utf8Path) -> InFront {
        if let Some(known) = self.in_front.read().unwrap_or_else(PoisonError::into_inner).get(directory) {
            return Arc::clone(known);
        }
        let found = self.folders_in_front(directory);
        let mut in_front = self.in_front.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(in_front.entry(directory.to_owned()).or_insert(found))
    }

    /// Returns the files of a directory that are links into other folders, with those folders: there they run.
    pub fn linked_scripts(&self, directory: &Utf8Path) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
        match &*self.shelf.contents(directory) {
            Contents::Directory(folder) => situation::links_elsewhere(self.system, directory, &folder.listing),
            _ => BTreeMap::new(),
        }
    }

    /// Collects the answers that one file needs: `unanswered` says what is still to be asked, until it says nothing new.
    pub fn answers_for(&self, file: &Utf8Path, unanswered: impl Fn(&Answers) -> Vec<String>) -> Answers {
        let mut answers = Answers::default();
        self.answer_in(&situation::script_folder(self.system, file), &mut answers, unanswered);
        answers
    }

    /// Adds the answers that the files of one directory need to those that are known already.
    pub fn answer_in(&self, directory: &Utf8Path, answers: &mut Answers, unanswered: impl Fn(&Answers) -> Vec<String>) {
        loop {
            let before = answers.len();
            for dotted in unanswered(answers) {
                if let Entry::Vacant(place) = answers.entry(dotted) {
                    let answer = self.answer_for(place.key(), directory);
                    place.insert(answer);
                }
            }
            if answers.len() == before {
                return;
            }
        }
    }

    fn investigate(&self, dotted: &str) -> Answer {
        let Some((interpreter, resolver)) = &self.resolver else {
            let resolution = Resolution::unresolved(dotted);
            let declared = self.declared(dotted, &resolution, None, &[]);
            return Answer { declared, ..Answer::of(resolution) };
        };
        let (resolution, later) = resolver.resolve_all(dotted);
        let os_package = self.os_package(&resolution);
        let distribution = self.distribution(interpreter, &resolution, os_package.is_some());
        let declared = self.declared(dotted, &resolution, distribution.as_ref(), &[]);
        let shadows = self.shadows(interpreter, &resolution, later);
        let mut answer = Answer { distribution, os_package, declared, shadows, ..Answer::of(resolution) };
        if Self::may_be_elsewhere(resolver, &answer.resolution) {
            answer.elsewhere = self.elsewhere(interpreter, dotted);
            answer.offered = self.offered(interpreter, dotted);
            answer.declared = self.declared(dotted, &answer.resolution, None, &answer.elsewhere);
            answer.stubs = self.stubs(interpreter, dotted);
            answer.dangling = self.distributions.dangling_module(interpreter, dotted);
        } else if self.leads_nowhere(&answer.resolution) {
            answer.dangling = self.distributions.dangling_module(interpreter, dotted);
        }
        if let Some(dangling) = &answer.dangling {
            answer.declared = self.declared(dotted, &answer.resolution, Some(&dangling.distribution), &[]);
        }
        answer.without = unbuilt::part_of(interpreter, resolver, &answer.resolution);
        if let Some(part) = answer.without {
            answer.offered = split_off::package_of(interpreter, part).or(answer.offered);
        }
        answer.foreign = self.foreign(resolver, &answer.resolution);
        answer.rivals = self.rivals(resolver, &answer.resolution);
        answer.by_run = self.is_by_run(interpreter, &answer.resolution).then_some(ByRun::Project);
        answer
    }

    /// Asks again without the project's roots, where one of them has the module or may have a part of it.
    fn is_by_run(&self, interpreter: &'a Interpreter, resolution: &Resolution) -> bool {
        let roots = &self.situation.project.roots;
        let is_own = roots.iter().any(|root| resolution.root.as_ref() == Some(&root.path));
        if !is_own && (resolution.kind != ModuleKind::Namespace || roots.is_empty()) {
            return false;
        }
        let resolver = self.without_run.get_or_init(|| Resolver::on(Arc::clone(&self.shelf), interpreter, &[]));
        let other = resolver.resolve(&resolution.module);
        (other.kind, &other.path, &other.locations) != (resolution.kind, &resolution.path, &resolution.locations)
    }

    /// Returns the later hits; whose they are is asked where the project's own file hides them.
    fn shadows(&self, interpreter: &Interpreter, first: &Resolution, later: Vec<Resolution>) -> Vec<Shadowed> {
        let shadows = later.into_iter().filter_map(|later| {
            let (path, origin) = (later.path.clone()?, later.origin?);
            let is_hidden_by_project = first.origin == Some(Origin::Project);
            let distribution = is_hidden_by_project.then(|| self.distribution(interpreter, &later, false)).flatten();
            let declared = distribution.as_ref().and_then(|it| self.declared(&first.module, &later, Some(it), &[]));
            Some(Shadowed { path, origin, distribution, declared })
        });
        shadows.collect()
    }

    /// Returns the package to install with apt: of a part of the library, or where pip will not do it and what apt installs is
    /// seen.
    fn offered(&self, interpreter: &Interpreter, dotted: &str) -> Option<String> {
        if let Some(package) = split_off::package_of(interpreter, dotted) {
            return Some(package);
        }
        let refuses = matches!(self.situation.pip, Some(Pip::RefusesManaged { .. }));
        let sees_packages = interpreter.search_path.iter().any(|root| root.origin == Origin::DistPackages);
        if refuses && sees_packages { self.apt.package_of(dotted).map(str::to_owned) } else { None }
    }

    pub(super) fn distribution(
        &self,
        interpreter: &Interpreter,
        resolution: &Resolution,
        has_os_package: bool,
    ) -> Option<Distribution> {
        let origin = resolution.origin?;
        if matches!(origin, Origin::Editable | Origin::PathFile) {
            return self.distributions.editable_owner(interpreter, resolution);
        }
        let place = place_of(resolution)?;
        match origin {
            Origin::Project | Origin::StandardLibrary | Origin::Stubs | Origin::Editable | Origin::PathFile => None,
            Origin::SitePackages
            | Origin::BaseSitePackages
            | Origin::UserSite
            | Origin::DistPackages
            | Origin::LocalDistPackages
            | Origin::PythonPath
            | Origin::OtherEnvironment => {
                let owner = self.distributions.owner(resolution.root.as_deref()?, place);
                // Debian leaves out RECORD at times; then dpkg's list of the same package has the metadata too.
                let by_list = || match self.dpkg.metadata_beside(place).as_slice() {
                    [only] => self.distributions.read(only),
                    _ => None,
                };
                if has_os_package {
                    // What Debian's packages say of themselves is `debian`, or nothing.
                    let installer = Some("apt".to_owned());
                    return owner.or_else(by_list).map(|it| Distribution { installer, ..it });
                }
                self.named_by_conda(interpreter, owner, place)
            }
        }
    }

    /// Conda's own records tell of what it installed, with Python's metadata beside it or without.
    fn named_by_conda(
        &self,
        interpreter: &Interpreter,
        owner: Option<Distribution>,
        place: &Utf8Path,
    ) -> Option<Distribution> {
        if owner.as_ref().is_some_and(|it| it.installer.is_some()) {
            return owner;
        }
        let prefixes = [&interpreter.prefix, &interpreter.base_prefix];
        let Some(prefix) = prefixes.into_iter().find(|it| place.starts_with(it) && self.conda.keeps(it)) else {
            return owner;
        };
        let Some(package) = self.conda.owner(prefix, place) else { return owner };
        let by_record = || Distribution {
            name: package.name,
            version: package.version,
            installer: None,
            metadata: package.record,
            editable: None,
        };
        Some(Distribution { installer: Some("conda".to_owned()), ..owner.unwrap_or_else(by_record) })
    }

    /// Asks dpkg only where the operating system's own packages lie, so that its lists are left alone elsewhere.
    pub(super) fn os_package(&self, resolution: &Resolution) -> Option<OsPackage> {
        let origin = resolution.origin?;
        let possible = |path: &Utf8Path| match origin {
            Origin::DistPackages => true,
            Origin::Project | Origin::StandardLibrary | Origin::LocalDistPackages => false,
            _ => path.starts_with("/usr") && !path.starts_with("/usr/local"),
        };
        if let Some(path) = &resolution.path {
            return if possible(path) { self.dpkg.owner(path) } else { None };
        }
        // A namespace package has no file of its own: it is a package's where all of it is.
        let locations = resolution.locations.as_ref()?;
        if locations.iter().all(|it| possible(it)) {
            self.dpkg.only_owner(locations.iter().map(Utf8PathBuf::as_path))
        } else {
            None
        }
    }

    /// Only a module that nothing here explains is searched elsewhere: a top-level one, or one in a namespace package.
    fn may_be_elsewhere(resolver: &Resolver<'_>, resolution: &Resolution) -> bool {
        let in_namespace = |(parent, _): (&str, &str)| {
            matches!(resolver.resolve(parent).kind, ModuleKind::Namespace | ModuleKind::Unresolved)
        };
        !resolution.is_resolved() && resolution.module.rsplit_once('.').is_none_or(in_namespace)
    }

    /// A hook gives the file that it was told, whether that is there or not: the import itself fails.
    fn leads_nowhere(&self, resolution: &Resolution) -> bool {
        let path = resolution.path.as_ref().filter(|_| resolution.origin == Some(Origin::Editable));
        path.is_some_and(|path| !self.system.exists(path))
    }

    /// Finds the requirement by the distribution's name; where it is not installed, by the name it has elsewhere, the
    /// one it is known by, and the module's own.
    fn declared(
        &self,
        dotted: &str,
        resolution: &Resolution,
        distribution: Option<&Distribution>,
        elsewhere: &[Elsewhere],
    ) -> Option<String> {
        let names: Vec<String> = match distribution {
            Some(distribution) => vec![normalize_name(&distribution.name)],
            None if !resolution.is_resolved() => {
                let elsewhere = elsewhere.iter().filter_map(|it| it.distribution.as_deref());
                let known = names::distribution_of(top_level(dotted));
                elsewhere.chain(known).chain([top_level(dotted)]).map(normalize_name).collect()
            }
            None => return None,
        };
        let asking = self.asking.get_or_init(|| self.situation.project.by_distribution());
        let asked = names.iter().filter_map(|name| asking.get(name.as_str()));
        let asked = asked.min_by_key(|(at, declared)| (declared.is_optional(), *at));
        let by_extra = || names.iter().find_map(|name| self.situation.dependencies.by_extra.get(name)).cloned();
        asked.map(|(_, it)| it.requirement.clone()).or_else(by_extra)
    }
}

/// Returns the file of a module, or the first directory of a namespace package.
fn place_of(resolution: &Resolution) -> Option<&Utf8Path> {
    let first = || resolution.locations.as_ref()?.first().map(Utf8PathBuf::as_path);
    resolution.path.as_deref().or_else(first)
}
