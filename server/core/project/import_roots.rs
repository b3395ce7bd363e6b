//! Where a project's own modules are imported from.
//!
//! In: a project's manifests. Out: its import roots in search order, each with the line or the assumption it rests on.
//!
//! **Invariant:** an assumption is never shown as a fact: what no file says is [`Evidence::Assumption`].

use camino::{Utf8Path, Utf8PathBuf};

use super::ini;
use crate::document::{Document, Node};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::system::System;
use crate::text::Span;

/// Settings of build backends that hold the folder of the modules, as a string or a list of strings.
const FOLDER_SETTINGS: [&[&str]; 9] = [
    &["tool", "setuptools", "packages", "find", "where"],
    &["tool", "hatch", "build", "targets", "wheel", "sources"],
    &["tool", "hatch", "build", "sources"],
    &["tool", "hatch", "build", "dev-mode-dirs"],
    &["tool", "pdm", "build", "package-dir"],
    &["tool", "pdm", "package-dir"],
    &["tool", "uv", "build-backend", "module-root"],
    &["tool", "maturin", "python-source"],
    &["tool", "scikit-build", "wheel", "package-dir"],
];

/// Why the project's own folder is a root where nothing else makes it one.
pub(crate) const STARTED_HERE: Evidence = Evidence::Assumption("programs are started in the project's folder");

/// Collects roots without naming one twice.
pub(super) struct Roots<'a> {
    system: &'a dyn System,
    root: &'a Utf8Path,
    found: Vec<ImportRoot>,
}

impl<'a> Roots<'a> {
    pub(super) fn new(system: &'a dyn System, root: &'a Utf8Path) -> Self {
        Roots { system, root, found: Vec::new() }
    }

    /// Adds what is to be in front of everything, pytest's `pythonpath` (pytest 7 and later).
    pub(super) fn add_all(&mut self, folders: Vec<(String, Evidence)>) {
        for (folder, evidence) in folders {
            self.add(&folder, evidence);
        }
    }

    /// Adds the folders that the build backend takes the modules from.
    pub(super) fn add_build_backend(&mut self, document: &Document) {
        for keys in FOLDER_SETTINGS {
            for (folder, span) in document.texts_at(keys) {
                self.add_line(folder, document, span);
            }
        }
        // Setuptools: `package-dir = {"name" = "lib/name"}` means `lib`.
        for entry in document.table_at(&["tool", "setuptools", "package-dir"]) {
            if let Some(folder) = entry.node.text().and_then(|it| root_of_package(&entry.key, it)) {
                self.add_line(folder, document, entry.key_span);
            }
        }
        // Hatch: `packages = ["lib/name"]` and `sources = {"lib/name" = "name"}` both mean `lib`.
        let wheel = |key| ["tool", "hatch", "build", "targets", "wheel", key];
        for (package, span) in document.texts_at(&wheel("packages")) {
            self.add_line(parent_of(package), document, span);
        }
        for entry in document.table_at(&wheel("sources")) {
            let folder = entry.key.strip_suffix(entry.node.text().unwrap_or_default()).unwrap_or(&entry.key);
            self.add_line(folder, document, entry.key_span);
        }
        // Poetry: `packages = [{ include = "name", from = "lib" }]`.
        let packages = document.at(&["tool", "poetry", "packages"]).and_then(Node::array);
        for package in packages.into_iter().flatten() {
            let from = package.table().into_iter().flatten().find(|entry| entry.key == "from");
            if let Some((folder, entry)) = from.and_then(|entry| Some((entry.node.text()?, entry))) {
                self.add_line(folder, document, entry.node.span);
            }
        }
        let backend = document.text_at(&["build-system", "build-backend"]);
        if let Some((_, span)) = backend.filter(|(backend, _)| *backend == "uv_build")
            && document.at(&["tool", "uv", "build-backend", "module-root"]).is_none()
        {
            self.add_line("src", document, span);
        }
        // maturin: `src`, where it has a folder by the name of the project (`ProjectResolver::resolve`).
        if let Some((_, span)) = backend.filter(|(backend, _)| *backend == "maturin")
            && document.at(&["tool", "maturin", "python-source"]).is_none()
            && let Some((name, _)) = document.text_at(&["project", "name"])
            && self.system.is_directory(&self.root.join("src").join(name.replace('-', "_")))
        {
            self.add_line("src", document, span);
        }
    }

    /// Adds what `setup.cfg` says.
    pub(super) fn add_setup_cfg(&mut self, path: &Utf8Path, source: &str) {
        let values = ini::read(source);
        for (section, key) in [("options.packages.find", "where"), ("options", "package_dir")] {
            for (line, text) in ini::find(&values, section, key).into_iter().flat_map(|value| &value.lines) {
                match text.split_once('=') {
                    _ if key == "where" => self.add(text, Evidence::line(path, line + 1)),
                    Some((package, folder)) => {
                        if let Some(folder) = root_of_package(package.trim(), folder.trim()) {
                            self.add(folder, Evidence::line(path, line + 1));
                        }
                    }
                    None => {}
                }
            }
        }
    }

    /// Adds the folders that `setup.py` names, with their lines.
    pub(super) fn add_setup_py(&mut self, path: &Utf8Path, folders: &[(String, u32)]) {
        for (folder, line) in folders {
            self.add(folder, Evidence::line(path, *line));
        }
    }

    /// Adds what is usual where nothing is said: `src`, then the project's folder.
    pub(super) fn finish(mut self) -> Vec<ImportRoot> {
        let source = self.root.join("src");
        if self.system.is_directory(&source) && !self.system.exists(&source.join("__init__.py")) {
            self.add("src", Evidence::Assumption("`src` is no package, so it holds the modules"));
        }
        self.add("", STARTED_HERE);
        self.found
    }

    fn add_line(&mut self, folder: &str, document: &Document, span: Span) {
        self.add(folder, Evidence::line(&document.path, document.line(span)));
    }

    fn add(&mut self, folder: &str, evidence: Evidence) {
        let folder = folder.trim();
        if folder.contains(['*', '$', '{', '\0']) {
            return;
        }
        let path = normalize_path(&self.root.join(folder));
        if self.found.iter().all(|it| it.path != path) {
            let exists = self.system.is_directory(&path);
            self.found.push(ImportRoot { path, origin: Origin::Project, exists, same_as: None, evidence });
        }
    }
}

/// Takes `.`, `..` and doubled slashes out of an absolute path, as `os.path.normpath` does: by spelling alone.
pub(crate) fn normalize_path(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for component in path.components() {
        match component.as_str() {
            "." => {}
            ".." => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Returns the root of which a package's folder is a part by the package's own name: `lib` for `x.y` in `lib/x/y`; `None` where it
/// has another name there, and is found by an installed hook only.
pub(super) fn root_of_package<'f>(package: &str, folder: &'f str) -> Option<&'f str> {
    let folder = folder.trim_end_matches('/');
    if package.is_empty() {
        return Some(folder);
    }
    let root = folder.strip_suffix(&package.replace('.', "/"))?;
    (root.is_empty() || root.ends_with('/')).then(|| root.trim_end_matches('/'))
}

fn parent_of(package: &str) -> &str {
    package.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent)
}
