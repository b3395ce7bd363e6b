//! What is in `sys.modules` because code at start has imported it: that itself, and what it imports in turn.
//!
//! In: what an interpreter has noted. Out: for a top-level name, the entry of the search path that it was found on, or may have
//! been.
//!
//! **Invariant:** only imports that run for certain decide; those that may run are told apart and never left out. Files are read
//! once, and only where a name has two answers.

use std::collections::VecDeque;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::Found;
use super::search::{Hit, Hits, Place};
use super::{ModuleKind, Resolver, startup};
use crate::imports::executed::{self, Ends, Executed, Facts, Function, Named, Step, Try, absolute};
use crate::imports::top_level;
use crate::interpreter::{Interpreter, facts};

/// The most modules that are followed: an ordinary hook imports some forty.
const MOST: usize = 2000;

/// What modules of the standard library that are written in C import, and since which minor version (measured on 3.6 to 3.13).
const IMPORTED_IN_C: [(&str, u8, &[&str]); 6] = [
    ("_decimal", 0, &["numbers", "collections"]),
    ("_elementtree", 0, &["copy", "pyexpat"]),
    ("_pickle", 0, &["copyreg", "_compat_pickle", "functools"]),
    ("_sqlite3", 11, &["functools"]),
    ("_ssl", 0, &["_socket"]),
    ("array", 10, &["collections"]),
];

/// What modules that are compiled into PyPy lack, for want of which the library imports something else: `threading` has what
/// prints exceptions from `traceback` there. What else they lack it does without (measured on PyPy 7.3.19 and 8.0.1).
const MISSING_IN_PYPY: [(&str, &str); 1] = [("_thread", "_excepthook")];

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Closure {
    /// What is loaded for certain, by the top-level name.
    roots: FxHashMap<String, Utf8PathBuf>,
    /// What may be loaded.
    perhaps: FxHashMap<String, Perhaps>,
    /// Dotted names that were followed.
    seen: FxHashSet<String>,
    /// Those that are not there, or end in an error.
    failed: FxHashSet<String>,
}

/// What is in `sys.modules` under one name when a program starts.
pub(super) struct Loaded<'r> {
    /// The entry of the search path from which it was imported.
    pub(super) from: Option<&'r Utf8Path>,
    /// What may have been imported.
    pub(super) perhaps: Option<&'r Perhaps>,
}

/// A module that may have been imported at start.
#[derive(Debug, Clone)]
pub(super) struct Perhaps {
    pub(super) root: Utf8PathBuf,
    /// The module that may have done it.
    pub(super) by: String,
}

/// A module whose steps are done.
#[derive(Clone)]
struct Importer {
    name: String,
    package: String,
    /// The search path at that moment.
    path: Arc<[Utf8PathBuf]>,
    /// It is of the standard library, whose modules are of one release: what is found has what is asked of it.
    is_library: bool,
}

/// A walk along imports: first of those that run, then of those that may.
struct Walk {
    closure: Closure,
    facts: Facts,
    is_certain: bool,
    /// What is left for the second part: what is nearest to code at start comes first, and is named as the cause.
    waiting: VecDeque<(Vec<Step>, Importer)>,
    /// Functions of modules that were followed, by dotted name, until somebody calls them.
    functions: FxHashMap<String, (Function, Importer)>,
    /// What a module has from another one, by dotted name.
    meant: FxHashMap<String, String>,
    called: FxHashSet<String>,
    missing: Missing,
}

/// Whose imports are missing for certain where nothing is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// Nothing is known of what is compiled in, or hooks answer.
    Nobodys,
    /// What others import may be found all the same, as they may change the path.
    OfTheLibrary,
    Everybodys,
}

impl Walk {
    fn new(interpreter: &Interpreter, missing: Missing) -> Self {
        Walk {
            closure: Closure::default(),
            facts: facts(&interpreter.version, interpreter.implementation, interpreter.platform),
            is_certain: true,
            waiting: VecDeque::new(),
            functions: FxHashMap::default(),
            meant: FxHashMap::default(),
            called: FxHashSet::default(),
            missing: if interpreter.builtin_modules.is_empty() { Missing::Nobodys } else { missing },
        }
    }

    /// Keeps what a module may do later.
    fn define(&mut self, module: &Importer, executed: Executed) {
        let inside = |name: &str| format!("{}.{name}", module.name);
        for (name, function) in executed.functions {
            self.functions.insert(inside(&name), (function, module.clone()));
        }
        for (name, meant) in executed.imported {
            if let Some(meant) = module.qualified(&meant) {
                self.meant.insert(inside(&name), meant);
            }
        }
        self.called.extend(executed.calls.iter().filter_map(|it| module.qualified(it)));
        self.run_called();
    }

    /// What is called may do its steps, and call others.
    fn run_called(&mut self) {
        let mut names: Vec<String> = self.called.iter().cloned().collect();
        while let Some(name) = names.pop() {
            if let Some(meant) = self.meant.get(&name).filter(|it| !self.called.contains(*it)) {
                self.called.insert(meant.clone());
                names.push(meant.clone());
            }
            let Some((function, module)) = self.functions.remove(&name) else { continue };
            for called in function.calls.iter().filter_map(|it| module.qualified(it)) {
                if self.called.insert(called.clone()) {
                    names.push(called);
                }
            }
            self.waiting.push_back((function.steps, module));
        }
    }
}

impl Importer {
    /// Returns the dotted name of a part of another module.
    fn qualified(&self, named: &Named) -> Option<String> {
        Some(format!("{}.{}", absolute(&self.package, named.level, &named.module)?, named.name))
    }
}

impl Resolver<'_> {
    /// Returns what was imported under a name before the program starts.
    pub(super) fn loaded(&self, name: &str) -> Loaded<'_> {
        self.loaded_with(name, 2)
    }

    /// The same for a name that a script's own folder has as well, which is none of the entries.
    pub(super) fn loaded_before_script(&self, name: &str) -> Loaded<'_> {
        self.loaded_with(name, 1)
    }

    fn loaded_with(&self, name: &str, answers: usize) -> Loaded<'_> {
        let closure = self.closure_for(name, answers);
        // What was imported in turn may have come before code at start named it.
        let in_turn = closure.and_then(|it| it.roots.get(name));
        let named = || self.interpreter.loaded.iter().find(|it| top_level(&it.name) == name).map(|it| &it.root);
        let from = in_turn.or_else(named).map(Utf8PathBuf::as_path);
        Loaded { from, perhaps: closure.and_then(|it| it.perhaps.get(name)) }
    }

    /// Returns the entry that no import gets past.
    pub(super) fn barrier(&self) -> Option<&Utf8Path> {
        self.interpreter.barrier.as_ref().map(|it| it.entry.as_path())
    }

    /// Returns what was loaded, where that makes a difference to the name.
    fn closure_for(&self, name: &str, answers: usize) -> Option<&Closure> {
        let makes_difference = || self.interpreter.barrier.is_some() || self.has_answers(name, answers);
        if self.interpreter.loaded.is_empty() || !makes_difference() {
            return None;
        }
        Some(self.closure.get_or_init(|| self.walk()))
    }

    fn has_answers(&self, name: &str, least: usize) -> bool {
        let found = self.places(self.all()).map(|place| self.found(&place, name, name));
        found.filter(|it| matches!(it, Some(Found::Module { .. }))).take(least).count() == least
    }

    /// Tells whether to import a module now fails, as something of the standard library that it needs is not there.
    pub(super) fn lacks_library(&self, dotted: &str) -> bool {
        let roots = self.interpreter.search_path.iter().map(|root| &root.path);
        let path = roots.take_while(|path| self.barrier() != Some(path)).cloned().collect();
        let importer = Importer { name: String::new(), package: String::new(), path, is_library: false };
        !self.follow_dotted(dotted, &importer, &mut Walk::new(self.interpreter, Missing::OfTheLibrary))
    }

    fn walk(&self) -> Closure {
        let missing = if self.interpreter.finders.is_empty() { Missing::Everybodys } else { Missing::Nobodys };
        let mut walk = Walk::new(self.interpreter, missing);
        for module in &self.interpreter.loaded {
            let importer = Importer {
                name: String::new(),
                package: String::new(),
                path: Arc::clone(&module.path),
                is_library: false,
            };
            self.follow_dotted(&module.name, &importer, &mut walk);
        }
        walk.is_certain = false;
        while let Some((steps, importer)) = walk.waiting.pop_front() {
            // How a part ends that may not be done says nothing of the rest.
            let _ = self.take(&steps, &importer, &mut walk);
        }
        walk.closure
    }

    /// Follows `a`, then `a.b`, then `a.b.c`. Returns whether all of it is there.
    fn follow_dotted(&self, dotted: &str, importer: &Importer, walk: &mut Walk) -> bool {
        let ends = dotted.match_indices('.').map(|(at, _)| at).chain([dotted.len()]);
        ends.filter_map(|end| dotted.get(..end)).all(|name| self.follow(name, importer, walk))
    }

    fn follow(&self, dotted: &str, importer: &Importer, walk: &mut Walk) -> bool {
        let interpreter = self.interpreter;
        let closure = &mut walk.closure;
        if closure.failed.contains(dotted) {
            return false;
        }
        let is_new = !closure.seen.contains(dotted);
        let is_it = |(name, since, _): &&(&str, u8, _)| *name == dotted && interpreter.version.at_least(3, *since);
        if let Some((_, _, names)) = IMPORTED_IN_C.iter().find(is_it).filter(|_| is_new) {
            for name in *names {
                self.follow(name, importer, walk);
            }
        }
        let closure = &mut walk.closure;
        let is_there = interpreter.builtin_modules.contains(dotted)
            || startup::is_loaded_before_code(dotted, interpreter)
            || closure.seen.contains(dotted);
        if is_there || closure.seen.len() >= MOST {
            return true;
        }
        closure.seen.insert(dotted.to_owned());
        let Some(hit) = self.find_on(dotted, &importer.path) else {
            let is_known = match walk.missing {
                Missing::Nobodys => false,
                Missing::OfTheLibrary => importer.is_library && !self.may_be_put(dotted, &importer.path),
                Missing::Everybodys => !self.may_be_put(dotted, &importer.path),
            };
            if is_known {
                walk.closure.failed.insert(dotted.to_owned());
            }
            return !is_known;
        };
        let source = hit.resolution.path.as_deref().filter(|it| it.extension() == Some("py"));
        let text = source.and_then(|it| self.shelf.system.read_text(it).ok());
        let package = if hit.is_package() { Some(dotted) } else { dotted.rsplit_once('.').map(|(it, _)| it) };
        let package = package.unwrap_or_default().to_owned();
        let is_library = hit.resolution.root.as_ref() == Some(&interpreter.stdlib);
        let own = Importer { name: dotted.to_owned(), package, path: Arc::clone(&importer.path), is_library };
        let executed = text.map(|text| executed::read(&text, &walk.facts)).unwrap_or_default();
        let runs = self.take(&executed.steps, &own, walk).is_ok();
        walk.define(&own, executed);
        if !runs {
            walk.closure.failed.insert(dotted.to_owned());
        } else if let (None, Some(root)) = (dotted.find('.'), hit.resolution.root) {
            if walk.is_certain {
                walk.closure.roots.insert(dotted.to_owned(), root);
            } else {
                let perhaps = Perhaps { root, by: importer.name.clone() };
                walk.closure.perhaps.insert(dotted.to_owned(), perhaps);
            }
        }
        runs
    }

    /// Does the steps of a module, and tells how it ends before it is through.
    fn take(&self, steps: &[Step], importer: &Importer, walk: &mut Walk) -> Result<(), Ends> {
        steps.iter().try_for_each(|step| match step {
            Step::Raise(how) => Err(*how),
            Step::Perhaps(steps) => {
                walk.waiting.push_back((steps.clone(), importer.clone()));
                Ok(())
            }
            Step::Try(it) => {
                let outcome = self.take_try(it, importer, walk);
                self.take(&it.finally, importer, walk).and(outcome)
            }
            Step::Import { level, module, names } => {
                let Some(module) = absolute(&importer.package, *level, module) else { return Ok(()) };
                let is_there = self.follow_dotted(&module, importer, walk);
                let is_missing = |name: &&str| MISSING_IN_PYPY.contains(&(module.as_str(), *name));
                if self.is_pypy() && names.iter().map(String::as_str).any(|it| is_missing(&it)) {
                    return Err(Ends::Missing);
                }
                // What is no attribute of a package may be a module in it.
                for name in names.iter().filter(|it| is_there && *it != "*") {
                    let below = format!("{module}.{name}");
                    if self.find_on(&below, &importer.path).is_some() {
                        self.follow(&below, importer, walk);
                    }
                }
                // Where it is not certain that this is done, what comes behind it may be done without.
                if is_there || !walk.is_certain { Ok(()) } else { Err(Ends::Missing) }
            }
        })
    }

    fn take_try(&self, it: &Try, importer: &Importer, walk: &mut Walk) -> Result<(), Ends> {
        let outcome = self.take(&it.body, importer, walk);
        let mut perhaps = it.other_handlers.concat();
        let outcome = match (outcome, &it.if_missing) {
            (Err(Ends::Missing), Some(handler)) => return self.take(handler, importer, walk),
            (Err(Ends::Otherwise), handler) if handler.is_some() || !it.other_handlers.is_empty() => {
                perhaps.extend(handler.iter().flatten().cloned());
                Ok(())
            }
            (Err(ends), _) => Err(ends),
            (Ok(()), handler) => {
                perhaps.extend(handler.iter().filter(|_| !importer.is_library).flatten().cloned());
                self.take(&it.otherwise, importer, walk)
            }
        };
        walk.waiting.push_back((perhaps, importer.clone()));
        outcome
    }

    /// Tells whether a module that is no file may be put into `sys.modules` by the package that it belongs to.
    fn may_be_put(&self, dotted: &str, path: &Arc<[Utf8PathBuf]>) -> bool {
        let Some((parent, _)) = dotted.rsplit_once('.') else { return false };
        let source = || self.find_on(parent, path)?.resolution.path;
        let says_so = |path: Utf8PathBuf| self.shelf.system.read_text(&path).map_or(true, |it| it.contains("modules"));
        startup::real_name(dotted).is_some() || source().is_none_or(says_so)
    }

    /// Finds a module on a path as it was once; its package was followed before.
    fn find_on(&self, dotted: &str, path: &Arc<[Utf8PathBuf]>) -> Option<Hit> {
        let mut hits = Hits::new(false);
        match dotted.rsplit_once('.') {
            None => {
                // What is frozen, or was loaded before anything came to stand in front, is the library's all the same.
                let is_of_library = self.interpreter.frozen_modules.contains(dotted)
                    || startup::is_loaded_before_code(dotted, self.interpreter);
                let library = is_of_library.then_some(&self.interpreter.stdlib);
                let places = library.into_iter().chain(path.iter()).map(|entry| self.place(entry));
                self.search(dotted, dotted, places, &mut hits);
            }
            Some((parent, name)) => {
                let parent = self.find_on(parent, path)?;
                self.search(dotted, name, self.portions_of(&parent), &mut hits);
            }
        }
        hits.list.pop().filter(|hit| hit.resolution.kind != ModuleKind::Unresolved)
    }

    fn place<'s>(&self, entry: &'s Utf8Path) -> Place<'s> {
        Place { path: entry, origin: None, root: Some(entry), contents: self.contents(entry) }
    }
}
