//! The `site.py` that virtualenv put into environments up to 16, in place of the library's.
//!
//! In: what lies beside that `site.py`: `orig-prefix.txt`, `no-global-site-packages.txt`. Out: the search path that it makes.
//!
//! **Invariant:** the steps stand in the order of its own `main`. Such an environment is a prefix of its own with links to a part of
//! the library; the rest of that is a later entry.

use rustc_hash::FxHashSet;

use super::run::File;
use super::{SiteDirectory, Start};
use crate::interpreter::getpath::versioned;
use crate::interpreter::{Implementation, paths, pth};
use crate::origin::{Evidence, Origin};
use crate::system::{LARGEST_METADATA, Platform};

/// Where the real prefix is said, which is `sys.real_prefix` then.
const REAL_PREFIX: &str = "orig-prefix.txt";

/// Keeps the other Python's site-packages out.
const CLOSED: &str = "no-global-site-packages.txt";

impl Start<'_> {
    /// Tells whether it is this `site.py`, and one for a layout that is known here.
    pub(super) fn has_site_of_virtualenv(&self) -> bool {
        self.features.of_virtualenv
            && self.build.implementation == Implementation::CPython
            && !self.platform.is_windows()
    }

    /// Goes through its `main`.
    pub(super) fn run_site_of_virtualenv(&mut self, user_site: String) {
        let library = paths::place(self.system, &self.layout.stdlib);
        let said = library.join(REAL_PREFIX);
        let Some(real) = self.system.read_text(&said).ok().map(|it| it.trim().to_owned()) else {
            self.fatal = Some(format!("`{said}` cannot be read, which its `site` needs"));
            return;
        };
        let evidence = Evidence::line(&said, 1);
        for path in self.rest_of_library(&real) {
            self.push(path, Origin::StandardLibrary, evidence.clone());
        }
        self.real_prefix = Some(self.platform.path(&real));
        self.remove_duplicates();
        self.label_pythonpath();
        let is_open = !self.system.exists(&library.join(CLOSED));
        self.user_site.enabled = is_open && !self.is_user_site_off();
        let own = self.layout.prefix.clone();
        let python = versioned(self.build.implementation, self.version);
        let base = user_site.strip_suffix(&format!("/lib/{python}/site-packages")).map(str::to_owned);
        let of_debian = |base: String| ["lib", "local/lib"].map(|it| format!("{base}/{it}/{python}/dist-packages"));
        let of_user = std::iter::once(user_site).chain(base.into_iter().flat_map(of_debian));
        for path in self.directories_of_virtualenv(&own) {
            self.add_as_virtualenv(&SiteDirectory { path, origin: Origin::SitePackages, evidence: Evidence::BuiltIn });
        }
        for path in of_user.take(if self.user_site.enabled { 3 } else { 0 }) {
            self.forget_what_is_known();
            self.add_as_virtualenv(&SiteDirectory { path, origin: Origin::UserSite, evidence: evidence.clone() });
        }
        for path in self.directories_of_virtualenv(&real).into_iter().filter(|_| is_open) {
            self.forget_what_is_known();
            let origin = match path.strip_prefix(&real) {
                Some("/lib/python3/dist-packages") => Origin::DistPackages,
                Some(below) if below.starts_with("/local/") => Origin::LocalDistPackages,
                _ => Origin::BaseSitePackages,
            };
            self.add_as_virtualenv(&SiteDirectory { path, origin, evidence: evidence.clone() });
        }
        self.run_customizations(&mut vec![own], self.user_site.enabled);
    }

    /// `virtual_install_main_packages`.
    fn rest_of_library(&self, real: &str) -> Vec<String> {
        let library = versioned(self.build.implementation, self.version);
        let wide = format!("{real}/lib64/{library}");
        let main = format!("{real}/lib/{library}");
        let is_of_platform = |name: &str| name.starts_with("plat-") && name.contains("linux");
        let listing = self.system.list(&paths::place(self.system, &main)).unwrap_or_default();
        let of_platform =
            listing.iter().find(|(name, _)| is_of_platform(name)).map(|(name, _)| format!("{main}/{name}"));
        Some(wide).filter(|it| paths::exists(self.system, it)).into_iter().chain([main]).chain(of_platform).collect()
    }

    /// `addsitepackages`, as candidates.
    fn directories_of_virtualenv(&self, prefix: &str) -> Vec<String> {
        let library = versioned(self.build.implementation, self.version);
        if self.platform == Platform::MacOs && prefix == self.layout.prefix {
            return [format!("{prefix}/local"), prefix.to_owned()]
                .map(|it| format!("{it}/lib/{library}/site-packages"))
                .into();
        }
        let mut prefixes = vec![format!("{prefix}/local"), prefix.to_owned()];
        if self.layout.exec_prefix != prefix {
            prefixes.push(format!("{}/local", self.layout.exec_prefix));
        }
        let of_one = |prefix: &String| {
            let mut found = vec![
                format!("{prefix}/lib/{library}/site-packages"),
                format!("{prefix}/lib/site-python"),
                format!("{prefix}/{library}/lib-dynload"),
            ];
            let wide = format!("{prefix}/lib64/{library}/site-packages");
            let real = |path: &String| self.system.canonical(&paths::place(self.system, path)).ok();
            if let Some(lies_at) = real(&wide)
                && found.iter().all(|it| real(it).as_ref() != Some(&lies_at))
            {
                found.insert(0, wide);
            }
            found.push(format!("{prefix}/local/lib/{library}/dist-packages"));
            found.extend(["python3/dist-packages", "dist-python"].map(|it| format!("{prefix}/lib/{it}")));
            found
        };
        prefixes.iter().flat_map(of_one).collect()
    }

    /// `addsitedir`, where it is a directory: that itself is not noted as known, so that a line may add it again.
    fn add_as_virtualenv(&mut self, directory: &SiteDirectory) {
        let place = paths::place(self.system, &directory.path);
        let listing = self.system.list(&place);
        if !paths::is_directory(self.system, &directory.path) || self.fatal.is_some() {
            return;
        }
        let path = paths::absolute(self.system, &directory.path);
        if !self.known.contains(&self.platform.folded(&path)) {
            self.push(path.clone(), directory.origin, directory.evidence.clone());
        }
        let listing = listing.unwrap_or_default();
        for (name, _) in listing.iter().filter(|(name, _)| pth::has_suffix(name, ".pth")) {
            let file = File::at(&self.platform.path(&path).join(name));
            self.follow_as_virtualenv(&file, &path, directory.origin);
        }
    }

    /// `addpackage`: what begins with `import` is code, an empty line is the directory itself, and no error is caught.
    fn follow_as_virtualenv(&mut self, file: &File, directory: &str, of_directory: Origin) {
        let Ok(bytes) = self.system.read(file.path(), LARGEST_METADATA) else { return };
        let Ok(text) = String::from_utf8(bytes) else {
            self.fatal.get_or_insert(format!("`{}` is not UTF-8", file.path()));
            return;
        };
        let mut projects = None;
        for (line, number) in text.lines().zip(1..) {
            if line.starts_with('#') || self.fatal.is_some() {
                continue;
            }
            if line.starts_with("import") {
                if self.execute(file, number, line).is_err() {
                    self.fatal.get_or_insert(format!("`{}` fails in line {number}", file.path()));
                }
                continue;
            }
            let line = line.trim_end();
            let path = self.path_of_line(file, line);
            let folded = self.platform.folded(&path);
            if self.known.contains(&folded) {
                continue;
            }
            if !paths::exists(self.system, &path) {
                self.note_dead(&path, file.path(), number);
                continue;
            }
            let origin = if path == directory { of_directory } else { self.origin_of_line(&path, file, &mut projects) };
            self.known.insert(folded);
            self.push(path, origin, Evidence::line(file.path(), number));
        }
    }

    /// Its `addsitepackages` returns nothing, so that what is known is found anew for each directory (`_init_pathinfo`).
    fn forget_what_is_known(&mut self) {
        let there = self.path.iter().filter(|it| paths::is_directory(self.system, &it.path));
        let there: FxHashSet<String> =
            there.map(|it| self.platform.folded(&paths::absolute(self.system, &it.path))).collect();
        self.known = there;
    }
}
