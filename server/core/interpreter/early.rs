//! Modules of the standard library that Python imports before it has run anything, where another file stands in for one.
//!
//! In: the search path before `site`. Out: why Python does not start, a `site` that is none, code that runs.
//!
//! **Invariant:** a file is said to end the start only where it has not even the word for what Python needs of it (which
//! files do was measured on 3.6 to 3.15 and PyPy 3.11); what else it does is code that nobody has read.

use camino::Utf8PathBuf;

use super::getpath::Layout;
use super::modules::{Found, Modules};
use super::{Implementation, StartupCode, Version, paths};
use crate::origin::Evidence;
use crate::system::System;

/// What is imported, a word that it cannot be without, and when.
const IMPORTED: [(&str, &str, When); 12] = [
    ("encodings", "register", When::Always),
    ("codecs", "BufferedIncrementalDecoder", When::Unfrozen),
    ("io", "TextIOWrapper", When::Before(14)),
    ("abc", "ABCMeta", When::Unfrozen),
    ("_weakrefset", "WeakSet", When::Before(7)),
    ("_bootlocale", "getpreferredencoding", When::Before(8)),
    ("os", "environ", When::BySite),
    ("stat", "S_ISDIR", When::BySite),
    ("posixpath", "abspath", When::BySite),
    ("genericpath", "_splitext", When::BySite),
    ("_collections_abc", "MutableMapping", When::BySite),
    ("_sitebuiltins", "Quitter", When::BySite),
];

/// Words of a `site.py` that may load another one.
const LOADERS: [&str; 4] = ["importlib", "load_module", "exec", "runpy"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// From a file where it is not frozen: up to 3.10, and where frozen modules are switched off.
    Unfrozen,
    /// The same, up to and without this minor version.
    Before(u8),
    /// Like [`Unfrozen`](When::Unfrozen), and only where `site` is run.
    BySite,
}

/// What other files do to the start.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) fatal: Option<String>,
    /// The same, once a `.pth` file is opened: 3.8 and 3.9 import `_bootlocale` there.
    pub(super) fatal_with_path_files: Option<String>,
    /// Why `site` ends, after which PyPy goes on.
    pub(super) ends_site: Option<String>,
    /// `site` is another file, which does not do what the standard library's does.
    pub(super) has_no_site: bool,
    pub(super) code: Vec<StartupCode>,
}

/// Whose start it is.
pub(super) struct Starting<'a> {
    pub(super) version: &'a Version,
    pub(super) implementation: Implementation,
    pub(super) layout: &'a Layout,
    pub(super) modules: &'a Modules<'a>,
    /// What is a file as well is not frozen.
    pub(super) is_unfrozen: bool,
    pub(super) runs_site: bool,
}

impl Starting<'_> {
    pub(super) fn look(&self) -> Early {
        let mut early = Early { fatal: self.barrier(), ..Early::default() };
        if self.layout.search_path.iter().all(|(_, evidence)| *evidence == Evidence::BuiltIn) {
            return early;
        }
        if self.is_unfrozen && self.runs_site {
            early.has_no_site = self.stand_in("site").is_some_and(|it| {
                note(&it, &mut early);
                // Old setuptools put one beside its eggs that loads the true one.
                let may_load = |text: &String| LOADERS.iter().any(|word| text.contains(word));
                !it.text.as_ref().is_none_or(may_load)
            });
        }
        let is_pypy = self.implementation == Implementation::PyPy;
        let before = |minor| self.is_unfrozen && !is_pypy && !self.version.at_least(3, minor);
        for (name, word, when) in IMPORTED {
            // PyPy reads what is for paths even without `site`, and fails in the end without `_sitebuiltins`.
            let is_of_site = name == "stat";
            let is_imported = match when {
                When::BySite if is_pypy && name == "_sitebuiltins" => false,
                When::Always => true,
                When::BySite if is_pypy && !is_of_site => true,
                When::Unfrozen => self.is_unfrozen,
                When::Before(minor) => before(minor),
                When::BySite => self.is_unfrozen && self.runs_site && !early.has_no_site,
            };
            if is_imported {
                let ended = self.ended_by(name, word, &mut early);
                let why = if is_pypy && is_of_site { &mut early.ends_site } else { &mut early.fatal };
                *why = why.take().or(ended);
            }
        }
        if before(10) && self.version.at_least(3, 8) {
            early.fatal_with_path_files = self.ended_by("_bootlocale", "getpreferredencoding", &mut early);
        }
        if before(7) && self.runs_site && !early.has_no_site {
            early.fatal = early.fatal.take().or(self.ended_by("sysconfig", "get_path", &mut early));
        }
        early
    }

    /// Says why there is no start, where no import gets as far as `encodings`.
    fn barrier(&self) -> Option<String> {
        let entries = || self.layout.search_path.iter().map(|(entry, _)| entry.as_str());
        let at = |(number, entry)| Some((number, self.modules.barrier_at(entry, entries().take(number), || false)?));
        let (number, barrier) = entries().enumerate().find_map(at)?;
        let has_encodings = |entry| matches!(self.modules.find(entry, "encodings"), Some(Found::Module(_)));
        (!entries().take(number).any(has_encodings)).then(|| barrier.reason())
    }

    /// Says why there is no start, where another file is imported that cannot do.
    fn ended_by(&self, name: &str, word: &str, early: &mut Early) -> Option<String> {
        let stand_in = self.stand_in(name)?;
        let lacks = |text: &String| !text.contains(word) && !text.contains("import *");
        if stand_in.is_torn || stand_in.text.as_ref().is_some_and(lacks) {
            return Some(format!("`{}` stands in for the standard library's `{name}`", stand_in.file));
        }
        note(&stand_in, early);
        None
    }

    /// Returns the file that is imported in place of the standard library's own, where its text is another.
    fn stand_in(&self, name: &str) -> Option<StandIn> {
        let mut found = self.layout.search_path.iter().filter_map(|(entry, evidence)| {
            let Found::Module(file) = self.modules.find(entry, name)? else { return None };
            Some((file, evidence))
        });
        let (file, evidence) = found.next()?;
        let system = self.modules.system;
        // In an archive it is the whole library, as a rule.
        if *evidence == Evidence::BuiltIn || !system.is_file(&file) {
            return None;
        }
        let text = system.read_text(&file).ok();
        let library = paths::place(system, &self.layout.stdlib);
        let is_package = name == "encodings";
        let own = if is_package { library.join("encodings/__init__.py") } else { library.join(format!("{name}.py")) };
        let is_copy = text.is_some() && system.read_text(&own).ok() == text;
        let is_torn = is_copy && is_package && !has_codecs(system, &file);
        let is_named = *evidence == Evidence::Variable("PYTHONPATH");
        (is_torn || !is_copy).then_some(StandIn { file, text, is_torn, is_named })
    }
}

/// A file in place of the standard library's.
struct StandIn {
    file: Utf8PathBuf,
    /// `None` where it is no source.
    text: Option<String>,
    /// A copy of a package without what it imports.
    is_torn: bool,
    /// By a variable, which somebody has set for this very thing or by mistake.
    is_named: bool,
}

/// Notes the code of another file, where it has any.
fn note(stand_in: &StandIn, early: &mut Early) {
    if stand_in.is_named && stand_in.text.as_ref().is_none_or(|text| !text.trim().is_empty()) {
        early.code.push(StartupCode { path: stand_in.file.clone(), line: None });
    }
}

/// Tells whether a package has what `encodings` imports itself.
fn has_codecs(system: &dyn System, init: &camino::Utf8Path) -> bool {
    ["aliases.py", "utf_8.py"].iter().all(|it| system.is_file(&init.with_file_name(it)))
}
