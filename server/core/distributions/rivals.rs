//! Distributions that have put different files into the same place.
//!
//! In: an import root and a module's file. Out: all that list the file, where their RECORDs (PEP 376) give it different hashes.
//!
//! **Invariant:** a file without a hash, and one that is the same in all, tells of nothing wrong.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::{Distribution, Distributions, Form, below, record, top_level_of};

impl Distributions<'_> {
    /// Returns the distributions that claim a file with different contents, by name; empty where at most one does.
    pub fn rivals(&self, root: &Utf8Path, path: &Utf8Path) -> Vec<Distribution> {
        let Some(inside) = below(root, path) else { return Vec::new() };
        let inside = Utf8Path::new(&*inside);
        let installed = self.installed(root);
        let claims = installed.claims.get_or_init(|| self.claims(&installed.sets));
        let claiming = claims.get(top_level_of(inside)).map_or(&[][..], Vec::as_slice);
        if claiming.len() < 2 {
            return Vec::new();
        }
        let sets = claiming.iter().filter_map(|at| installed.sets.get(*at)).filter(|it| it.form == Form::DistInfo);
        let (mut names, mut hashes, mut found) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for set in sets {
            let Some(hash) = record::hash_of(self.system, &set.path, inside) else { continue };
            // Two versions of one distribution are what an installer left behind, not two owners.
            if names.insert(set.name.as_str()) {
                hashes.insert(hash);
                found.push(set.distribution(self.system));
            }
        }
        if hashes.len() < 2 {
            return Vec::new();
        }
        found.sort();
        found
    }
}
