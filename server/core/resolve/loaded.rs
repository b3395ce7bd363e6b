//! What is in `sys.modules` because code in `.pth` files has imported it: that itself, and what it imports in turn.
//!
//! In: what an interpreter has noted. Out: for a top-level name, the entry of the search path that it was found on.
//!
//! **Invariant:** only imports that run for certain count; files are read once, and only where a name has two answers.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::Found;
use super::search::{Hit, Hits, Place};
use super::{ModuleKind, Resolver, startup};
use crate::imports::executed::{self, Step};

/// The most modules that are followed: an ordinary hook imports some forty.
const MOST: usize = 2000;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Closure {
    /// By the top-level name.
    roots: FxHashMap<String, Utf8PathBuf>,
    /// Dotted names that were followed.
    seen: FxHashSet<String>,
}

impl Resolver<'_> {
    /// Returns the entry of the search path from which a module was imported before the program starts.
    pub(super) fn loaded_from(&self, name: &str) -> Option<&Utf8Path> {
        let loaded = &self.interpreter.loaded;
        let direct = loaded.iter().find(|it| top_level(&it.name) == name).map(|it| it.root.as_path());
        if direct.is_some() || loaded.is_empty() || !self.has_two_answers(name) {
            return direct;
        }
        let closure = self.closure.get_or_init(|| {
            let mut closure = Closure::default();
            for module in loaded {
                self.follow_dotted(&module.name, &module.path, &mut closure);
            }
            closure
        });
        closure.roots.get(name).map(Utf8PathBuf::as_path)
    }

    fn has_two_answers(&self, name: &str) -> bool {
        let found = self.places(self.all()).map(|place| self.found(&place, name, name));
        found.filter(|it| matches!(it, Some(Found::Module { .. }))).nth(1).is_some()
    }

    /// Follows `a`, then `a.b`, then `a.b.c`. Returns whether all of it is there.
    fn follow_dotted(&self, dotted: &str, path: &Arc<[Utf8PathBuf]>, closure: &mut Closure) -> bool {
        let ends = dotted.match_indices('.').map(|(at, _)| at).chain([dotted.len()]);
        ends.filter_map(|end| dotted.get(..end)).all(|name| self.follow(name, path, closure))
    }

    fn follow(&self, dotted: &str, path: &Arc<[Utf8PathBuf]>, closure: &mut Closure) -> bool {
        let interpreter = self.interpreter;
        let is_there = interpreter.builtin_modules.contains(dotted)
            || startup::is_loaded_at_start(dotted, &interpreter.version)
            || closure.seen.contains(dotted);
        if is_there || closure.seen.len() >= MOST {
            return true;
        }
        let Some(hit) = self.find_on(dotted, path) else { return false };
        closure.seen.insert(dotted.to_owned());
        if let (None, Some(root)) = (dotted.find('.'), &hit.resolution.root) {
            closure.roots.insert(dotted.to_owned(), root.clone());
        }
        let source = hit.resolution.path.as_deref().filter(|it| it.extension() == Some("py"));
        let text = source.and_then(|it| self.shelf.system.read_text(it).ok());
        if let Some(text) = text {
            let package = if hit.is_package() { Some(dotted) } else { dotted.rsplit_once('.').map(|(it, _)| it) };
            self.take(&executed::read(&text), package.unwrap_or_default(), path, closure);
        }
        true
    }

    /// Does the steps of a module in a package. Returns whether all that they import is there.
    fn take(&self, steps: &[Step], package: &str, path: &Arc<[Utf8PathBuf]>, closure: &mut Closure) -> bool {
        let mut all = true;
        for step in steps {
            match step {
                Step::Try { body, handlers } => {
                    if !self.take(body, package, path, closure) {
                        self.take(handlers, package, path, closure);
                    }
                }
                Step::Import { level, module, names } => {
                    let Some(module) = absolute(package, *level, module) else { continue };
                    let is_there = self.follow_dotted(&module, path, closure);
                    // What is no attribute of a package may be a module in it.
                    for name in names.iter().filter(|it| is_there && *it != "*") {
                        self.follow(&format!("{module}.{name}"), path, closure);
                    }
                    all &= is_there;
                }
            }
        }
        all
    }

    /// Finds a module on a path as it was once; its package was followed before.
    fn find_on(&self, dotted: &str, path: &Arc<[Utf8PathBuf]>) -> Option<Hit> {
        let mut hits = Hits::new(false);
        match dotted.rsplit_once('.') {
            None => {
                // What is frozen is the library's all the same.
                let library = self.interpreter.frozen_modules.contains(dotted).then_some(&self.interpreter.stdlib);
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

fn top_level(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}

/// Resolves leading dots; `None` where they lead out of the package.
fn absolute(package: &str, level: u32, module: &str) -> Option<String> {
    let Some(up) = level.checked_sub(1) else { return Some(module.to_owned()) };
    let mut base = Some(package).filter(|it| !it.is_empty());
    for _ in 0..up {
        base = base?.rsplit_once('.').map(|(it, _)| it);
    }
    let base = base?;
    Some(if module.is_empty() { base.to_owned() } else { format!("{base}.{module}") })
}
