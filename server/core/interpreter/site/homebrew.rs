//! What Homebrew's `sitecustomize.py` does to the search path (homebrew-core, `Formula/p/python@3.*.rb`).
//!
//! In: the file, which names its places as literals. Out: entries, prefixes and the executable under their public names.
//!
//! **Invariant:** only steps whose text is in the file are followed, as the formulas of different years have different ones.

use camino::Utf8Path;

use super::{Entry, Start};
use crate::interpreter::getpath::Layout;
use crate::interpreter::paths;
use crate::origin::{Evidence, Origin};
use crate::system::System;

/// How every `sitecustomize.py` of Homebrew begins.
const SIGNATURE: &str = "# This file is created by Homebrew";

/// What stands for a version in the patterns of the file.
const VERSION: &str = r"[0-9\._abrc]+";

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

    /// Tells whether a path leads into the rack.
    fn keep(&self, system: &dyn System, path: &str) -> bool {
        system.canonical(&paths::place(system, path)).is_ok_and(|real| real.as_str().starts_with(self.rack))
    }

    /// Replaces what the pattern `NAME` matches at the start of a path (`NAME.sub`).
    fn replaced(&self, name: &str, path: &str) -> Option<String> {
        let pattern = self.literal(&format!("{name} = re.compile(r"))?;
        let by = self.literal(&format!("{name}.sub("))?;
        Some(format!("{by}{}", matched(pattern, path)?))
    }
}

/// Takes off a path what a pattern matches at its start: texts, a version, and groups that may be missing.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    if let Some(rest) = pattern.strip_prefix("(?:") {
        let (group, behind) = rest.split_once(")?")?;
        let with_it = matched(group, path).and_then(|rest| matched(behind, rest));
        return with_it.or_else(|| matched(behind, path));
    }
    if let Some(behind) = pattern.strip_prefix(VERSION) {
        let rest = path.trim_start_matches(|it: char| it.is_ascii_digit() || "._abrc".contains(it));
        return if rest.len() < path.len() { matched(behind, rest) } else { None };
    }
    let pattern = pattern.strip_prefix('\\').unwrap_or(pattern);
    let Some(letter) = pattern.chars().next() else { return Some(path) };
    matched(pattern.get(letter.len_utf8()..)?, path.strip_prefix(letter)?)
}

impl Start<'_> {
    /// Does what the file does, where it is Homebrew's.
    pub(super) fn follow_homebrew(&mut self, file: &Utf8Path, prefixes: &mut Vec<String>) -> bool {
        let Ok(text) = self.system.read_text(file) else { return false };
        let Some(places) = Places::of(&text) else { return false };
        if places.keep(self.system, &self.layout.executable) {
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
        for entry in &mut self.path {
            if let Some(shorter) = places.replaced("long_prefix", &entry.path) {
                entry.path = shorter;
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

    /// Older files leave `site` the long ones in environments.
    fn rename_prefixes(&mut self, places: &Places<'_>, prefixes: &mut [String]) {
        let everywhere = places.text.contains("if x == sys.base_prefix else x");
        let system = self.system;
        let Layout { prefix, base_prefix, exec_prefix, base_exec_prefix, .. } = &mut self.layout;
        for (own, base) in [(prefix, base_prefix), (exec_prefix, base_exec_prefix)] {
            let new = places.replaced("cellar_prefix", base).filter(|_| places.keep(system, base));
            let Some(new) = new else { continue };
            let is_own = own == base;
            if everywhere || is_own {
                prefixes.iter_mut().filter(|it| *it == base).for_each(|it| it.clone_from(&new));
            }
            if is_own {
                own.clone_from(&new);
            }
            *base = new;
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
