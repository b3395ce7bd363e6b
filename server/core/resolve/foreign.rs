//! Extension modules that another Python or another platform was meant for.
//!
//! In: a dotted name that importlib does not find, or a package. Out: [`ForeignExtension`]s: files of that name whose
//! suffix is none of `EXTENSION_SUFFIXES` (`Python/dynload_shlib.c`, `Python/dynload_win.c`; PEP 3149 for the tags).
//!
//! **Invariant:** only where a module has no other candidate in the same place, and never in the project's own roots,
//! where builds for several Pythons lie beside each other.

use camino::{Utf8Path, Utf8PathBuf};

use super::contents::{Contents, Folder};
use super::{Place, Resolver};
use crate::interpreter::{Implementation, Interpreter};
use crate::origin::Origin;
use crate::system::Kind;

/// The most that are kept of one package.
const MOST: usize = 64;

/// An extension module that the interpreter in force does not take for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignExtension {
    /// The full dotted name.
    pub module: String,
    pub path: Utf8PathBuf,
    /// What it was built for, in words that fit behind "built for".
    pub built_for: String,
}

impl Resolver<'_> {
    /// Returns the extension modules that would be the module of this name for another Python, each with its root.
    pub(crate) fn foreign_extensions(&self, dotted: &str) -> Vec<(Utf8PathBuf, ForeignExtension)> {
        let mut found = Vec::new();
        let mut look = |place: Place<'_>, name: &str| {
            let Contents::Directory(folder) = &*place.contents else { return };
            if place.origin.is_some_and(|it| it != Origin::Project) && folder.may_have(name) {
                let of_name = extensions(folder).filter(|(stem, ..)| *stem == name);
                let root = place.root.unwrap_or(place.path);
                let foreign = self.foreign(dotted, place.path, of_name.map(|(_, tag, file)| (tag, file)));
                found.extend(foreign.into_iter().map(|it| (root.to_owned(), it)));
            }
        };
        match dotted.rsplit_once('.') {
            None => {
                let (_, rest) = self.entries.split_at(self.first_party);
                self.places(rest.iter().filter(|it| !it.again)).for_each(|place| look(place, dotted));
            }
            Some((parent, name)) => {
                let Some(package) = self.package(parent) else { return found };
                self.portions_of(&package).for_each(|place| look(place, name));
            }
        }
        found
    }

    /// Returns the extension modules directly in a package that are there for other Pythons alone.
    pub(crate) fn foreign_extensions_below(&self, package: &str, directory: &Utf8Path) -> Vec<ForeignExtension> {
        let contents = self.shelf.contents(directory);
        let Contents::Directory(folder) = &*contents else { return Vec::new() };
        let mut found = Vec::new();
        for (stem, tag, file) in extensions(folder) {
            let loads = |suffix: &str| folder.listing.contains(&format!("{stem}{suffix}"));
            if found.len() < MOST
                && stem != "__init__"
                && !self.suffixes.in_order().any(|(suffix, _)| loads(suffix))
                && folder.listing.get(stem).is_none()
            {
                found.extend(self.foreign(&format!("{package}.{stem}"), directory, std::iter::once((tag, file))));
            }
        }
        found
    }

    fn foreign<'f>(
        &self,
        dotted: &str,
        directory: &Utf8Path,
        files: impl Iterator<Item = (&'f str, &'f str)>,
    ) -> Vec<ForeignExtension> {
        let other = files.filter_map(|(tag, file)| {
            let built_for = built_for(tag, self.interpreter)?;
            Some(ForeignExtension { module: dotted.to_owned(), path: directory.join(file), built_for })
        });
        other.collect()
    }
}

/// Returns the files of a folder that are extension modules anywhere: the module, the tag (with the final suffix), the name.
fn extensions(folder: &Folder) -> impl Iterator<Item = (&str, &str, &str)> {
    folder.listing.iter().filter(|(_, kind)| *kind != Kind::Directory).filter_map(|(file, _)| {
        let extension = Utf8Path::new(file).extension()?;
        let (stem, tag) = file.split_once('.').filter(|_| matches!(extension, "so" | "pyd"))?;
        (!stem.is_empty()).then_some((stem, tag, file))
    })
}

/// Says what a file with this tag is built for; `None` where the interpreter takes it, or the tag says nothing.
fn built_for(tag: &str, interpreter: &Interpreter) -> Option<String> {
    let suffix = format!(".{tag}");
    if interpreter.extension_suffixes.contains(&suffix) {
        return None;
    }
    let (abi, is_windows) = match tag.strip_suffix(".pyd") {
        Some(abi) => (abi, true),
        None if tag == "pyd" => ("", true),
        None => (tag.strip_suffix(".so")?, false),
    };
    if is_windows != interpreter.platform.is_windows() {
        return Some(if is_windows { "Windows" } else { "another platform than Windows" }.to_owned());
    }
    let mut parts = abi.splitn(if is_windows { 2 } else { 3 }, '-');
    let (python, version, platform) = if is_windows {
        ("Python", parts.next()?.strip_prefix("cp")?, parts.next()?)
    } else {
        let first = parts.next()?;
        match first.strip_prefix("pypy") {
            Some(version) => ("PyPy", version, abi.splitn(3, '-').nth(2)?),
            None if first == "cpython" => ("Python", parts.next()?, parts.next()?),
            None => return None,
        }
    };
    let digits = version.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let (major, minor) = digits.split_at_checked(1)?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(major) || !is_number(minor) {
        return None;
    }
    let flags = version.get(digits.len()..).unwrap_or_default();
    let ours = format!("{}{}", interpreter.version.major, interpreter.version.minor);
    let implementation = if interpreter.implementation == Implementation::PyPy { "PyPy" } else { "Python" };
    let is_free_threaded = flags.contains('t');
    if digits != ours || python != implementation || is_free_threaded != interpreter.version.free_threaded {
        let kind = if is_free_threaded { ", free-threaded" } else { "" };
        return Some(format!("{python} {major}.{minor}{kind}"));
    }
    // The same Python: a debug build, or another platform.
    let ours = interpreter.abi.as_deref()?.splitn(if is_windows { 2 } else { 3 }, '-').last()?;
    (!flags.contains('d') && ours != platform).then(|| platform_in_words(platform))
}

fn platform_in_words(platform: &str) -> String {
    match platform {
        "darwin" => "macOS".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::{Flags, interpret};
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_tag_says_what_a_file_is_built_for() {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/python3.12", b"\x7fELF".as_slice()).write("/usr/lib/python3.12/os.py", "");
        system.write("/usr/lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py", "");
        let interpreter = interpret(&system, "/usr/bin/python3.12".into(), Flags::default()).0.unwrap();
        let rows: &[(&str, Option<&str>)] = &[
            ("cpython-312-x86_64-linux-gnu.so", None),
            ("abi3.so", None),
            ("so", None),
            ("cpython-312d-x86_64-linux-gnu.so", None),
            ("cpython-311-x86_64-linux-gnu.so", Some("Python 3.11")),
            ("cpython-37m-x86_64-linux-gnu.so", Some("Python 3.7")),
            ("cpython-312t-x86_64-linux-gnu.so", Some("Python 3.12, free-threaded")),
            ("cpython-312-darwin.so", Some("macOS")),
            ("cpython-312-aarch64-linux-gnu.so", Some("aarch64-linux-gnu")),
            ("pypy312-pp73-x86_64-linux-gnu.so", Some("PyPy 3.12")),
            ("cp312-win_amd64.pyd", Some("Windows")),
            ("pyd", Some("Windows")),
            ("1.2.so", None),
            ("cpython-x-y.so", None),
            ("py", None),
        ];
        for (tag, expected) in rows {
            assert_eq!(built_for(tag, &interpreter).as_deref(), *expected, "{tag}");
        }
    }
}
