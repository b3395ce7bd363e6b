//! What Homebrew's `sitecustomize.py` does to the search path (homebrew-core, `Formula/p/python@3.*.rb`).
//!
//! In: the file, which names its places as literals. Out: entries, prefixes and the executable under their public names.
//!
//! **Invariant:** only steps whose text is in the file are followed, as the formulas of different years have different ones.

use camino::Utf8Path;

use super::{Entry, Start};
use crate::interpreter::paths;
use crate::origin::{Evidence, Origin};

/// How every `sitecustomize.py` of Homebrew begins.
const SIGNATURE: &str = "# This file is created by Homebrew";

/// The places that the file names.
struct Places<'t> {
    text: &'t str,
    /// Where all versions are kept, such as `/opt/homebrew/Cellar/python@3.13`.
    rack: &'t str,
}

impl<'t> Places<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let rack = literal_after(text, "os.path.realpath(sys.executable).startswith(")?;
        text.starts_with(SIGNATURE).then_some(Places { text, rack })
    }

    fn literal(&self, before: &str) -> Option<&'t str> {
        literal_after(self.text, before)
    }

    /// The line of a statement, from 1.
    fn line(&self, statement: &str) -> u32 {
        let before = self.text.split(statement).next().unwrap_or_default();
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    }

    /// Takes `RACK/VERSION` off a path; what follows is empty or begins with a slash.
    fn below_version<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.rack)?.strip_prefix('/')?;
        let after = rest.trim_start_matches(|it: char| it.is_ascii_digit() || "\\._abrc".contains(it));
        (after.len() < rest.len() && (after.is_empty() || after.starts_with('/'))).then_some(after)
    }
}

impl Start<'_> {
    /// Does what the file does, where it is Homebrew's.
    pub(super) fn follow_homebrew(&mut self, file: &Utf8Path, prefixes: &mut Vec<String>) -> bool {
        let Ok(text) = self.system.read_text(file) else { return false };
        let Some(places) = Places::of(&text) else { return false };
        if self.leads_into(&self.layout.executable, &places) {
            self.move_shared_packages(&places);
            self.shorten_entries(&places);
            self.rename_executable(&places);
        }
        if self.system.variable("PYTHONHOME").is_none() {
            self.rename_prefixes(&places, prefixes);
        }
        self.add_public_packages(&places, file, prefixes);
        self.add_split_modules(&places, file);
        true
    }

    fn leads_into(&self, path: &str, places: &Places<'_>) -> bool {
        let real = self.system.canonical(&paths::place(self.system, path));
        real.is_ok_and(|real| real.as_str().starts_with(places.rack))
    }

    /// Apple's shared directory goes to the end.
    fn move_shared_packages(&mut self, places: &Places<'_>) {
        let Some(shared) = places.literal("library_site = ") else { return };
        let (moved, kept): (Vec<Entry>, Vec<Entry>) =
            std::mem::take(&mut self.path).into_iter().partition(|it| it.path.starts_with(shared));
        self.path = kept;
        self.path.extend(moved);
    }

    /// The packages in the rack are a link to the public ones.
    fn shorten_entries(&mut self, places: &Places<'_>) {
        let Some(public) = places.literal("long_prefix.sub(") else { return };
        let version = self.version.short();
        for entry in &mut self.path {
            let Some(rest) = places.below_version(&entry.path) else { continue };
            let framework = format!("/Frameworks/Python.framework/Versions/{version}");
            let rest = rest.strip_prefix(&framework).unwrap_or(rest);
            if let Some(below) = rest.strip_prefix(&format!("/lib/python{version}/site-packages")) {
                entry.path = format!("{public}{below}");
            }
        }
    }

    fn rename_executable(&mut self, places: &Places<'_>) {
        let Some(public) = places.literal("sys.executable = sys._base_executable = ") else { return };
        let named = self.system.variable("PYTHONEXECUTABLE").is_some();
        if !named && self.layout.prefix == self.layout.base_prefix {
            public.clone_into(&mut self.layout.executable);
        }
    }

    fn rename_prefixes(&mut self, places: &Places<'_>, prefixes: &mut [String]) {
        let Some(public) = places.literal("cellar_prefix.sub(") else { return };
        let renamed = |path: &str| places.below_version(path).map(|rest| format!("{public}{rest}"));
        let layout = self.layout.clone();
        if let Some(new) = renamed(&layout.base_prefix).filter(|_| self.leads_into(&layout.base_prefix, places)) {
            let old = std::mem::replace(&mut self.layout.base_prefix, new.clone());
            prefixes.iter_mut().filter(|it| **it == old).for_each(|it| it.clone_from(&new));
            if layout.prefix == old {
                self.layout.prefix = new;
            }
        }
        let exec = &layout.base_exec_prefix;
        if let Some(new) = renamed(exec).filter(|_| self.leads_into(exec, places)) {
            prefixes.iter_mut().filter(|it| *it == exec).for_each(|it| it.clone_from(&new));
            if layout.exec_prefix == *exec {
                self.layout.exec_prefix.clone_from(&new);
            }
            self.layout.base_exec_prefix = new;
        }
    }

    /// Outside of environments, and in those that see the base's packages.
    fn add_public_packages(&mut self, places: &Places<'_>, file: &Utf8Path, prefixes: &mut Vec<String>) {
        let statement = "site.addsitedir(";
        let at = prefixes.iter().position(|it| *it == self.layout.base_prefix);
        let homebrew = places.literal("site.PREFIXES.insert(site.PREFIXES.index(sys.base_prefix), ");
        let (Some(at), Some(homebrew)) = (at, homebrew) else { return };
        prefixes.insert(at, homebrew.to_owned());
        if let Some(packages) = places.literal(statement) {
            self.add_now(packages.to_owned(), &Evidence::line(file, places.line(statement)));
        }
    }

    /// `tkinter` and `gdbm` are formulas of their own.
    fn add_split_modules(&mut self, places: &Places<'_>, file: &Utf8Path) {
        let statement = "split_prefix = f";
        let Some(pattern) = places.literal(statement) else { return };
        for module in ["tk", "gdbm"] {
            let path = pattern.replace("{split_module}", module);
            if paths::is_directory(self.system, &path) {
                self.push(path, Origin::StandardLibrary, Evidence::line(file, places.line(statement)));
            }
        }
    }
}

/// Returns the text in quotes that follows some other text.
fn literal_after<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    let quote = rest.chars().next().filter(|it| matches!(it, '\'' | '"'))?;
    let (literal, _) = rest.get(1..)?.split_once(quote)?;
    Some(literal)
}
