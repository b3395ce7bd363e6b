//! The end of the script: the search path before `site`, and the prefixes that are told to the world.
//!
//! In: what the script found so far. Out: a [`Layout`].
//!
//! **Invariant:** the order is the platform's own: Windows puts extension modules before the library, others after.

use camino::Utf8PathBuf;

use super::Script;
use crate::interpreter::getpath::{Layout, PathFile, REGISTRY, variable};
use crate::interpreter::{paths, pyvenv};
use crate::origin::Evidence;
use crate::system::Hive;

/// A `._pth` file that was found.
pub(super) struct PathLines {
    pub(super) place: Utf8PathBuf,
    /// Its directory, as the script spells it.
    pub(super) directory: String,
    pub(super) lines: Vec<String>,
}

impl Script<'_> {
    pub(super) fn finish(&mut self, prefix: String, exec_prefix: String, path_lines: Option<PathLines>) -> Layout {
        let compiled = (self.is_build && !self.platform.is_windows()).then(|| self.build.compiled_prefix()).flatten();
        let is_virtual = self.virtual_prefix.is_some() && self.build.flavor().is_14();
        let own = self.virtual_prefix.clone().filter(|it| is_virtual && !it.is_empty());
        let (search_path, stdlib) = match path_lines.filter(|it| !it.lines.is_empty()) {
            Some(path_lines) => {
                let (search_path, path_file) = self.path_of_lines(&path_lines);
                return self.layout(prefix, exec_prefix, own, compiled, search_path, Some(path_file));
            }
            None => self.search_path(&prefix, &exec_prefix, compiled.as_deref()),
        };
        self.stdlib = Some(stdlib);
        self.layout(prefix, exec_prefix, own, compiled, search_path, None)
    }

    fn layout(
        &self,
        prefix: String,
        exec_prefix: String,
        own: Option<String>,
        compiled: Option<String>,
        search_path: Vec<(String, Evidence)>,
        path_file: Option<PathFile>,
    ) -> Layout {
        let stdlib = self.stdlib.clone().unwrap_or_else(|| self.platform.join(&prefix, &self.landmarks.library));
        let compiled_exec = compiled.as_ref().and_then(|_| self.build.compiled_exec_prefix());
        let base_exec_prefix = compiled_exec.or_else(|| compiled.clone()).unwrap_or(exec_prefix);
        let base_prefix = compiled.unwrap_or(prefix);
        Layout {
            executable: self.executable.clone(),
            base_executable: self.base_executable.clone(),
            prefix: own.clone().unwrap_or_else(|| base_prefix.clone()),
            exec_prefix: own.unwrap_or_else(|| base_exec_prefix.clone()),
            base_prefix,
            base_exec_prefix,
            stdlib,
            search_path,
            path_file,
            fatal: None,
        }
    }

    /// Returns the search path and the standard library in it.
    fn search_path(
        &self,
        prefix: &str,
        exec_prefix: &str,
        compiled: Option<&str>,
    ) -> (Vec<(String, Evidence)>, String) {
        let (platform, landmarks) = (self.platform, &self.landmarks);
        let mut found = Vec::new();
        if let Some(list) = variable(self.system, "PYTHONPATH", self.flags) {
            let items = list.split(platform.list_separator()).map(|item| self.item(item));
            found.extend(items.map(|item| (item, Evidence::Variable("PYTHONPATH"))));
        }
        let stdlib = self.stdlib.clone().unwrap_or_else(|| platform.join(prefix, &landmarks.library));
        let dynamic = self.dynamic.clone().filter(|it| !it.is_empty());
        let dynamic = dynamic.unwrap_or_else(|| platform.join(exec_prefix, &landmarks.dynamic));
        if !platform.is_windows() {
            let zip = platform.join(compiled.unwrap_or(prefix), &landmarks.archive);
            found.extend([zip, stdlib.clone(), dynamic].map(|path| (path, Evidence::BuiltIn)));
            return (found, stdlib);
        }
        let library = self.build.library();
        let beside = library.as_deref().map_or(self.executable_directory.as_str(), |it| platform.up(it));
        found.push((platform.join(beside, &landmarks.archive), Evidence::BuiltIn));
        self.add_registered(&mut found);
        found.extend([dynamic, stdlib.clone()].map(|path| (path, Evidence::BuiltIn)));
        let own = &self.executable_directory;
        if !own.is_empty() && found.iter().all(|(path, _)| path != own) {
            found.push((own.clone(), Evidence::BuiltIn));
        }
        (found, stdlib)
    }

    /// Windows: other programs name directories below a key of the registry.
    fn add_registered(&self, found: &mut Vec<(String, Evidence)>) {
        if self.flags.ignores_environment() {
            return;
        }
        let path = format!(r"SOFTWARE\Python\PythonCore\{}\PythonPath", self.build.registered_version());
        for hive in [Hive::CurrentUser, Hive::LocalMachine] {
            let Some(key) = self.system.registry_key(hive, &path) else { continue };
            // The key's own value counts only where nothing else tells where the library is.
            let own = key.value.filter(|_| self.home.is_none() && self.stdlib.is_none());
            let below = key.below.into_iter().filter_map(|(_, value)| value);
            for list in below.chain(own) {
                found.extend(list.split(';').map(|item| (item.to_owned(), Evidence::Variable(REGISTRY))));
            }
        }
    }

    /// One item of `PYTHONPATH`, absolute; a leading `..` is folded only later, by `site`.
    fn item(&self, item: &str) -> String {
        if self.platform.is_windows() || item.starts_with('/') {
            return paths::absolute(self.system, item);
        }
        let directory = self.system.working_directory();
        let folded = paths::norm(item);
        if folded.is_empty() || folded == "." { directory.into_string() } else { format!("{directory}/{folded}") }
    }

    /// Reads the lines of a `._pth` file, which replace the search path; comments begin anywhere, code is refused.
    fn path_of_lines(&self, file: &PathLines) -> (Vec<(String, Evidence)>, PathFile) {
        let mut imports_site = false;
        let mut found = Vec::new();
        for (line, number) in file.lines.iter().zip(1..) {
            let line = pyvenv::strip(line.split('#').next().unwrap_or_default());
            if line == "import site" {
                imports_site = true;
            } else if !line.is_empty() && !line.starts_with("import ") {
                found.push((self.platform.join(&file.directory, line), Evidence::line(&file.place, number)));
            }
        }
        (found, PathFile { imports_site })
    }
}
