//! What is known about one module name in one situation: where it is found, whose it is, what it hides, where else it is.
//!
//! In: a [`Situation`](crate::situation::Situation) and a dotted name. Out: an [`Answer`], the one value that
//! diagnostics, hover and `why` are made of.
//!
//! **Invariant:** after the answers are there, nothing that follows needs the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use rustc_hash::FxHashMap;

use crate::distributions::{Dangling, Distribution};
use crate::dpkg::OsPackage;
use crate::origin::Origin;
use crate::resolve::Resolution;
pub use crate::resolve::foreign::ForeignExtension;

mod collected;
pub mod confidence;
mod elsewhere;
mod investigation;
mod lacking;
pub(crate) mod names;
pub(crate) mod split_off;
mod started;
#[cfg(test)]
mod tests;
mod unbuilt;

pub use self::investigation::Investigation;
pub use self::started::Program;

/// The answers to all names that were asked in one situation, by dotted name.
pub type Answers = FxHashMap<String, Arc<Answer>>;

/// The answers by the directory of the importing files: a file that is run as a script finds its own folder's modules
/// first, so one name can have several answers in one project. A link counts for the file that it leads to.
pub type AnswersByDirectory = BTreeMap<Utf8PathBuf, Arc<Answers>>;

/// What is known about one dotted name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub resolution: Resolution,
    pub distribution: Option<Distribution>,
    pub os_package: Option<OsPackage>,
    /// The requirement in a manifest that asks for the distribution, as written.
    pub declared: Option<String>,
    /// Where it hangs on how the code is run, without whose folders it would be another one: on what.
    pub by_run: Option<ByRun>,
    /// Later hits on the same search path, in order.
    pub shadows: Vec<Shadowed>,
    /// Where the module is installed that this interpreter does not look; searched only where it is unresolved.
    pub elsewhere: Vec<Elsewhere>,
    /// The part in C that the module is or needs, where the Python was built without it: its import fails.
    pub without: Option<&'static str>,
    /// The operating system's package that would bring the module where it is unresolved, or the part in C that it is without: a
    /// part of the standard library that is in a package of its own, or anything where pip refuses.
    pub offered: Option<String>,
    /// The stubs (PEP 561) that are installed where the module itself is not; asked only where it is unresolved.
    pub stubs: Option<Stubs>,
    /// Extension modules that were built for another Python: the module itself where it is unresolved, else what lies
    /// directly in the package and nothing else stands in for.
    pub foreign: Vec<Foreign>,
    /// The editable install that would bring the module, where its source tree is gone.
    pub dangling: Option<Dangling>,
    /// The distributions that have brought the module's file, where that was more than one and their contents differ.
    pub rivals: Vec<Distribution>,
}

impl Answer {
    /// Makes the answer that knows nothing but where the module is.
    pub fn of(resolution: Resolution) -> Self {
        Answer {
            resolution,
            distribution: None,
            os_package: None,
            declared: None,
            by_run: None,
            shadows: Vec::new(),
            elsewhere: Vec::new(),
            without: None,
            offered: None,
            stubs: None,
            foreign: Vec::new(),
            dangling: None,
            rivals: Vec::new(),
        }
    }
}

/// Who puts the folder onto the search path in which a module is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByRun {
    /// Any of the ways in which a project's code is run, by the project's files or as usual.
    Project,
    /// `python FILE`, of a file in that folder.
    OwnFolder,
    /// pytest, for the tests that it collects.
    Pytest,
    /// A program that is started in that folder.
    Started(&'static Program),
    /// Nobody that is known: the folder lies around the file, and nothing else has the module.
    Around,
}

/// Stubs without the module that they describe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stubs {
    pub path: Utf8PathBuf,
    /// The name of the distribution that brought them.
    pub distribution: Option<String>,
}

/// An extension module for another Python, and whether the import fails without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub extension: ForeignExtension,
    /// The package's own `__init__` imports it, without a condition.
    pub is_needed: bool,
    /// The name of the distribution that brought it.
    pub owner: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadowed {
    pub path: Utf8PathBuf,
    pub origin: Origin,
    /// Told only where the project's own file is what hides it.
    pub distribution: Option<Distribution>,
    /// The requirement in a manifest that asks for it.
    pub declared: Option<String>,
}

/// A place that has the module, but that the interpreter in force does not look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub place: Place,
    /// The environment's folder or the interpreter's prefix.
    pub environment: Utf8PathBuf,
    pub path: Utf8PathBuf,
    /// The name of the distribution that owns it there.
    pub distribution: Option<String>,
    pub os_package: Option<OsPackage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The operating system's `dist-packages`.
    OperatingSystem,
    /// The interpreter that the virtual environment was made from.
    Base,
    UserSite,
    /// Another virtual environment in the workspace.
    SiblingEnvironment,
}

/// Returns one answer to each name that any directory asks for: what one of them does not find is missing.
pub fn merged<'a>(by_directory: impl Iterator<Item = &'a Answers>) -> Answers {
    let mut merged = Answers::default();
    for (name, answer) in by_directory.flatten() {
        match merged.get_mut(name) {
            None => drop(merged.insert(name.clone(), Arc::clone(answer))),
            Some(known) if !answer.resolution.is_resolved() => *known = Arc::clone(answer),
            Some(_) => {}
        }
    }
    merged
}
