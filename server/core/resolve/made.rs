//! Packages that are in `sys.modules` before the program starts, as lines of `*-nspkg.pth` files have made them.
//!
//! In: a dotted name, the lines that an interpreter has run. Out: a hit: what was made, with its path as it is later.
//!
//! **Invariant:** a regular package of that name elsewhere is never imported; other portions are still found where the path
//! is a living one (`_NamespacePath._recalculate`).

use super::search::{self, Hit, Hits, Place, Portion};
use super::{ModuleKind, Resolver};
use crate::interpreter::Namespace;

impl Resolver<'_> {
    pub(super) fn made_at_start(&self, dotted: &str, hits: &mut Hits) {
        if hits.done() {
            return;
        }
        let lines: Vec<&Namespace> = self.interpreter.namespaces.iter().filter(|it| it.name == dotted).collect();
        let Some(first) = lines.first() else { return };
        let name = dotted.rsplit_once('.').map_or(dotted, |(_, name)| name);
        let mut hit = if first.is_searched {
            let Some(found) = self.made_in(first, dotted, name) else { return };
            found
        } else {
            search::namespace(dotted, lines.iter().take(1).map(|line| self.portion_of_line(line)).collect())
        };
        if first.is_searched && hit.resolution.kind == ModuleKind::Namespace {
            let mut everywhere = Hits::new(false);
            match dotted.rsplit_once('.') {
                None => self.search(dotted, name, self.places(self.all()), &mut everywhere),
                Some((parent, _)) => {
                    if let Some(parent) = self.package(parent) {
                        self.search(dotted, name, self.portions_of(&parent), &mut everywhere);
                    }
                }
            }
            if let Some(all) = everywhere.list.pop().filter(|all| all.resolution.kind == ModuleKind::Namespace) {
                hits.push(all);
                return;
            }
        }
        // The line of every further one adds its own place to what the first has made, whatever that is.
        for line in lines {
            if hit.portions.iter().all(|known| known.path != line.portion) {
                if let Some(locations) = &mut hit.resolution.locations {
                    locations.push(line.portion.clone());
                }
                hit.portions.push(self.portion_of_line(line));
            }
        }
        hits.push(hit);
    }

    /// What `importlib` finds in the one directory.
    fn made_in(&self, line: &Namespace, dotted: &str, name: &str) -> Option<Hit> {
        let directory = line.portion.parent()?;
        let Portion { origin, root, .. } = self.portion_of_line(line);
        let place = Place { path: directory, origin, root: root.as_deref(), contents: self.contents(directory) };
        let mut here = Hits::new(false);
        self.search(dotted, name, std::iter::once(place), &mut here);
        here.list.pop()
    }

    fn portion_of_line(&self, line: &Namespace) -> Portion {
        let entry = self.entries.iter().find(|entry| entry.root.path == line.site);
        let (origin, root) = entry.map(|entry| (entry.origin, entry.root.path.clone())).unzip();
        Portion { path: line.portion.clone(), origin, root }
    }
}
