//! The site directories of a prefix (`site.getsitepackages`), upstream's and Debian's.
//!
//! In: prefixes in order. Out: candidate directories in order, with whose they are.
//!
//! **Invariant:** candidates are listed whether they exist or not, so that one that appears is noticed.

use super::{SiteDirectory, Start};
use crate::interpreter::getpath::versioned;
use crate::interpreter::{Implementation, Version};
use crate::origin::{Evidence, Origin};

impl Start<'_> {
    /// Returns the candidates of all prefixes; a prefix that was named before is passed over.
    pub(super) fn site_directories(&self, prefixes: &[String]) -> Vec<SiteDirectory> {
        let mut found = Vec::new();
        for (index, prefix) in prefixes.iter().enumerate() {
            if prefix.is_empty() || prefixes.iter().take(index).any(|earlier| earlier == prefix) {
                continue;
            }
            if self.platform.is_windows() {
                found.extend(self.directories_on_windows(prefix));
                continue;
            }
            let names = if self.features.debian { self.names_on_debian() } else { self.names_upstream() };
            for name in names {
                let origin = self.origin(prefix, &name);
                let is_own = origin == Origin::SitePackages || self.pyvenv.is_none();
                let evidence = if is_own { Evidence::BuiltIn } else { self.evidence_of_base() };
                let separator = if prefix.ends_with('/') { "" } else { "/" };
                found.push(SiteDirectory { path: format!("{prefix}{separator}{name}"), origin, evidence });
            }
            if self.features.apple && self.build.is_framework {
                let path = format!("/Library/Python/{}/site-packages", self.version.short());
                found.push(SiteDirectory { path, origin: Origin::BaseSitePackages, evidence: self.evidence_of_base() });
            }
        }
        found
    }

    /// The prefix itself, and the one that installers write to.
    fn directories_on_windows(&self, prefix: &str) -> [SiteDirectory; 2] {
        let origin = self.origin(prefix, "");
        let is_own = origin == Origin::SitePackages || self.pyvenv.is_none();
        let evidence = if is_own { Evidence::BuiltIn } else { self.evidence_of_base() };
        let packages = self.platform.join_plain(prefix, r"Lib\site-packages");
        [prefix.to_owned(), packages].map(|path| SiteDirectory { path, origin, evidence: evidence.clone() })
    }

    fn names_upstream(&self) -> Vec<String> {
        let version = self.directory_version();
        self.library_directories().into_iter().map(|it| format!("{it}/{version}/site-packages")).collect()
    }

    /// Debian's `distutils-install-layout.diff`; being virtual is one value for all prefixes, the base's included.
    fn names_on_debian(&self) -> Vec<String> {
        let layout = &self.layout;
        let by_variable = self.features.debian_trusts_variable && self.system.variable("VIRTUAL_ENV").is_some();
        let version = versioned(self.build.implementation, &Version { free_threaded: false, ..self.version.clone() });
        let mut names = Vec::new();
        if by_variable || layout.prefix != layout.base_prefix {
            names.push(format!("lib/{version}/site-packages"));
        }
        names.push(format!("local/lib/{version}/dist-packages"));
        names.push("lib/python3/dist-packages".to_owned());
        if self.build.implementation == Implementation::PyPy {
            return names;
        }
        let deprecated = self.directory_version();
        names.extend(self.library_directories().into_iter().map(|it| format!("{it}/{deprecated}/dist-packages")));
        names
    }

    fn library_directories(&self) -> Vec<&str> {
        let own = self.build.platform_library_directory.as_str();
        if own == "lib" || !self.version.at_least(3, 9) { vec!["lib"] } else { vec![own, "lib"] }
    }

    fn directory_version(&self) -> String {
        let free_threaded = self.version.free_threaded && self.features.marks_threads;
        versioned(self.build.implementation, &Version { free_threaded, ..self.version.clone() })
    }

    fn origin(&self, prefix: &str, name: &str) -> Origin {
        let layout = &self.layout;
        let virtual_prefix = (layout.prefix != layout.base_prefix).then_some(layout.prefix.as_str());
        if virtual_prefix == Some(prefix) {
            Origin::SitePackages
        } else if self.features.debian && name.ends_with("dist-packages") {
            if name.starts_with("local/") { Origin::LocalDistPackages } else { Origin::DistPackages }
        } else if virtual_prefix.is_some() {
            Origin::BaseSitePackages
        } else {
            Origin::SitePackages
        }
    }
}
