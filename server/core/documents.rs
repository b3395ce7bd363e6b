//! The TOML files of one look at the world, which several readers read each for its own tables.
//!
//! In: paths and the world. Out: each file's [`Document`], parsed when it is first asked for.
//!
//! **Invariant:** a file is parsed once, and whoever asks is told all that is wrong with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::document::Document;
use crate::origin::Problem;
use crate::system::System;

pub(crate) struct Documents<'s> {
    system: &'s dyn System,
    known: RefCell<BTreeMap<Utf8PathBuf, Known>>,
}

#[derive(Clone)]
struct Known {
    document: Option<Rc<Document>>,
    problems: Vec<Problem>,
}

impl<'s> Documents<'s> {
    pub(crate) fn new(system: &'s dyn System) -> Self {
        Documents { system, known: RefCell::default() }
    }

    /// The world that they are read from.
    pub(crate) fn system(&self) -> &'s dyn System {
        self.system
    }

    /// The same as [`Document::read`].
    pub(crate) fn read(&self, path: &Utf8Path, problems: &mut Vec<Problem>) -> Option<Rc<Document>> {
        let mut known = self.known.borrow_mut();
        if let Some(known) = known.get(path) {
            problems.extend(known.problems.iter().cloned());
            return known.document.clone();
        }
        let mut found = Vec::new();
        let document = Document::read(self.system, path, &mut found).map(Rc::new);
        problems.extend(found.iter().cloned());
        known.insert(path.to_owned(), Known { document: document.clone(), problems: found });
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_file_is_parsed_once_and_its_errors_are_told_to_all() {
        let mut system = MemorySystem::default();
        system.write("/p/good.toml", "a = 1\n").write("/p/bad.toml", "a = \n");
        let documents = Documents::new(&system);
        let first = documents.read("/p/good.toml".into(), &mut Vec::new()).unwrap();
        let second = documents.read("/p/good.toml".into(), &mut Vec::new()).unwrap();
        assert!(Rc::ptr_eq(&first, &second));
        for _ in 0..2 {
            let mut problems = Vec::new();
            let document = documents.read("/p/bad.toml".into(), &mut problems).unwrap();
            assert!(document.broken);
            assert_eq!(problems.len(), 1);
            assert!(documents.read("/p/absent.toml".into(), &mut problems).is_none());
            assert_eq!(problems.len(), 1);
        }
    }
}
