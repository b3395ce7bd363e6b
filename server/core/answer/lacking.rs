//! What is there instead of a module that can be imported.
//!
//! In: a name that is not found, or a package. Out: [`Stubs`] (PEP 561), [`Foreign`] extension modules (PEP 3149).
//!
//! **Invariant:** what is told here was put there by an installer; what a project builds in its own folders is not looked at.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Foreign, Investigation, Stubs};
use crate::distributions::Distribution;
use crate::imports;
use crate::interpreter::Interpreter;
use crate::origin::Origin;
use crate::resolve::contents::Contents;
use crate::resolve::{ModuleKind, Resolution, Resolver};
use crate::text::Text;

impl Investigation<'_> {
    /// Finds `NAME-stubs` in the directories that installers write to, and `NAME.pyi` beside where the module would be.
    pub(super) fn stubs(&self, interpreter: &Interpreter, dotted: &str) -> Option<Stubs> {
        let (top_level, below) = dotted.split_once('.').unwrap_or((dotted, ""));
        let inside = Utf8PathBuf::from(below.replace('.', "/"));
        let roots = interpreter.search_path.iter().filter(|root| root.exists && root.origin.is_site_directory());
        for root in roots {
            let contents = self.shelf.contents(&root.path);
            let Contents::Directory(folder) = &*contents else { continue };
            for folder_name in [format!("{top_level}-stubs"), top_level.to_owned()] {
                let is_listed = folder.listing.contains(&folder_name)
                    || below.is_empty() && folder.listing.contains(&format!("{folder_name}.pyi"));
                let place = root.path.join(&folder_name).join(&inside);
                let place = Utf8Path::new(place.as_str().trim_end_matches('/'));
                let files = [place.join("__init__.pyi"), Utf8PathBuf::from(format!("{place}.pyi"))];
                if let Some(path) = files.into_iter().filter(|_| is_listed).find(|it| self.system.is_file(it)) {
                    let distribution = self.distributions.owner(&root.path, &path).map(|it| it.name);
                    return Some(Stubs { path, distribution });
                }
            }
        }
        None
    }

    /// Finds the extension modules for other Pythons: those that would be the module, or those that lie in the package.
    pub(super) fn foreign(&self, resolver: &Resolver<'_>, resolution: &Resolution) -> Vec<Foreign> {
        let dotted = &resolution.module;
        if !resolution.is_resolved() {
            let foreign = resolver.foreign_extensions(dotted).into_iter();
            let owner = |root: &Utf8Path, path: &Utf8Path| self.distributions.owner(root, path).map(|it| it.name);
            return foreign
                .map(|(root, extension)| Foreign { owner: owner(&root, &extension.path), extension, is_needed: true })
                .collect();
        }
        let is_installed = resolution.origin.is_some_and(Origin::is_site_directory);
        let location = resolution.locations.as_ref().and_then(|it| it.first());
        let (Some(directory), Some(init), ModuleKind::Package, true) =
            (location, &resolution.path, resolution.kind, is_installed)
        else {
            return Vec::new();
        };
        let found = resolver.foreign_extensions_below(dotted, directory);
        let needed = if found.is_empty() { Vec::new() } else { self.needed_by(dotted, init) };
        let needed = |name: &String| needed.contains(name);
        found.into_iter().map(|it| Foreign { is_needed: needed(&it.module), extension: it, owner: None }).collect()
    }

    /// Finds the distributions that lie over each other in a module's file. A namespace package's `__init__` belongs to all.
    pub(super) fn rivals(&self, resolver: &Resolver<'_>, resolution: &Resolution) -> Vec<Distribution> {
        let is_installed = resolution.origin.is_some_and(Origin::is_site_directory);
        let (Some(root), Some(path), true) = (&resolution.root, &resolution.path, is_installed) else {
            return Vec::new();
        };
        let rivals = self.distributions.rivals(root, path);
        if rivals.is_empty() || resolver.is_legacy_namespace(path) { Vec::new() } else { rivals }
    }

    /// Returns the modules of a package that its own `__init__` imports whenever it runs.
    fn needed_by(&self, package: &str, init: &Utf8Path) -> Vec<String> {
        let Some(text) = self.system.read_text(init).ok().filter(|_| init.extension() == Some("py")) else {
            return Vec::new();
        };
        let read = imports::scan(&Text::new(text));
        let always = read.imports.iter().filter(|import| {
            let context = import.context;
            !(context.in_function || context.type_checking || context.may_fail || context.guarded)
        });
        let mut modules = Vec::new();
        for import in always {
            let module = match (import.level, import.module.as_str()) {
                (0, module) => module.to_owned(),
                (1, "") => package.to_owned(),
                (1, module) => format!("{package}.{module}"),
                _ => continue,
            };
            modules.extend(import.names.iter().map(|name| format!("{module}.{}", name.name)));
            modules.push(module);
        }
        modules
    }
}
