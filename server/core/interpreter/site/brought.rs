//! What code at start brings along by its imports: whether one module of the library is loaded by them.
//!
//! In: the modules that code has named, each with the path of that moment. Out: yes, where it is imported for certain.
//!
//! **Invariant:** files are read only where an archive needs that module; what may run or not brings nothing.

use std::collections::BTreeSet;

use super::Start;
use crate::imports::executed::{self, Ends, Facts, Step};
use crate::interpreter::modules::Found;
use crate::interpreter::{Loaded, facts};

/// Where modules are imported from, and what was looked at.
struct Walk<'l> {
    path: &'l [camino::Utf8PathBuf],
    facts: &'l Facts,
    wanted: &'l str,
    seen: BTreeSet<String>,
}

impl Start<'_> {
    pub(super) fn has_brought(&self, wanted: &str) -> bool {
        let facts = facts(self.version, self.build.implementation, self.platform);
        let mut walk = Walk { path: &[], facts: &facts, wanted, seen: BTreeSet::new() };
        self.loaded.iter().any(|Loaded { name, path, .. }| {
            walk.path = path;
            self.brings(name, &mut walk)
        })
    }

    /// Goes through `a`, then `a.b`, then `a.b.c`.
    fn brings(&self, dotted: &str, walk: &mut Walk<'_>) -> bool {
        let mut directories: Vec<String> = walk.path.iter().map(|it| self.platform.text(it)).collect();
        let mut name = String::new();
        for part in dotted.split('.') {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
            if name == walk.wanted {
                return true;
            }
            let found = directories.iter().find_map(|it| Some((it, self.modules.find(it, part)?)));
            let Some((directory, Found::Module(file))) = found else { return false };
            let is_package = file.file_stem().is_some_and(|it| it.split('.').next() == Some("__init__"));
            directories = vec![self.platform.join_plain(directory, part)];
            if walk.seen.insert(name.clone())
                && file.extension() == Some("py")
                && let Ok(text) = self.system.read_text(&file)
            {
                let package = if is_package { name.as_str() } else { name.rsplit_once('.').map_or("", |(it, _)| it) };
                let steps = executed::read(&text, walk.facts).steps;
                if self.take(&steps, package, walk) == Ok(true) {
                    return true;
                }
            }
        }
        false
    }

    /// Tells whether steps bring it, or how they end before.
    fn take(&self, steps: &[Step], package: &str, walk: &mut Walk<'_>) -> Result<bool, Ends> {
        for step in steps {
            let is_brought = match step {
                Step::Raise(ends) => return Err(*ends),
                Step::Perhaps(_) => false,
                Step::Try(it) => {
                    let body = self.take(&it.body, package, walk).unwrap_or(false);
                    body || self.take(&it.otherwise, package, walk)? || self.take(&it.finally, package, walk)?
                }
                Step::Import { level, module, .. } => match executed::absolute(package, *level, module) {
                    Some(module) => self.brings(&module, walk),
                    None => false,
                },
            };
            if is_brought {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
