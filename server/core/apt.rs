//! Which packages with Python modules apt could install, from the lists that it keeps.
//!
//! In: a module's name. Out: the package of that module, as Debian's Python policy names it.
//!
//! **Invariant:** the lists are read on the first question only, in pieces, and nothing of them is kept but names; what is
//! neither plain nor LZ4 (`Acquire::GzipIndexes`) is left unread, and then no package is named.

use std::io::{self, BufReader, Read};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use memchr::memmem;

use crate::system::System;

const LISTS: &str = "/var/lib/apt/lists";

/// How much of a list is read at a time, in bytes.
const PIECE: usize = 256 * 1024;

/// No list of packages is as long; a broken one must not keep anybody waiting.
const LONGEST: u64 = 1024 * 1024 * 1024;

/// The prefix of every package with a module of Python 3 (Debian Python policy, "Module Package Names").
const PREFIX: &str = "python3-";

/// apt's lists, as far as they were needed.
pub struct Apt<'a> {
    system: &'a dyn System,
    names: OnceLock<PackageNames>,
}

/// The names of all packages that begin with [`PREFIX`], sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageNames(Vec<Box<str>>);

impl<'a> Apt<'a> {
    pub fn new(system: &'a dyn System) -> Self {
        Apt { system, names: OnceLock::new() }
    }

    /// Returns the package that has a module by its name, where apt knows one: `python3-foo.bar` for `foo.bar`, or else
    /// `python3-foo`, in lower case and with hyphens.
    pub fn package_of(&self, dotted: &str) -> Option<&str> {
        self.names.get_or_init(|| PackageNames::read(self.system)).package_of(dotted)
    }
}

impl PackageNames {
    /// Reads all lists.
    pub fn read(system: &dyn System) -> Self {
        PackageNames(read_lists(system))
    }

    /// The same as [`Apt::package_of`].
    pub fn package_of(&self, dotted: &str) -> Option<&str> {
        let names = &self.0;
        let mut module = dotted.to_lowercase().replace('_', "-");
        loop {
            let wanted = format!("{PREFIX}{module}");
            if let Ok(at) = names.binary_search_by(|name| (**name).cmp(&wanted)) {
                return names.get(at).map(|name| &**name);
            }
            module.truncate(module.rfind('.')?);
        }
    }
}

fn read_lists(system: &dyn System) -> Vec<Box<str>> {
    let Ok(listing) = system.list(LISTS.into()) else { return Vec::new() };
    let mut names = Vec::new();
    for (file, _) in listing.iter() {
        let pieces = || Pieces { system, path: Utf8Path::new(LISTS).join(file), offset: 0 };
        // A list that ends in the middle has told what it has told.
        let _ = if file.ends_with("_Packages") {
            collect(pieces(), &mut names)
        } else if file.ends_with("_Packages.lz4") {
            let compressed = BufReader::with_capacity(PIECE, pieces());
            collect(lz4_flex::frame::FrameDecoder::new(compressed), &mut names)
        } else {
            Ok(())
        };
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Collects the names of a list (deb822: `Package: NAME` begins a stanza).
fn collect(list: impl Read, names: &mut Vec<Box<str>>) -> io::Result<()> {
    let mut list = list.take(LONGEST);
    let mut text = vec![0; PIECE];
    // What is left of the piece before: a line that goes on.
    let mut held = 0;
    let finder = memmem::Finder::new("Package: python3-");
    loop {
        let Some(free) = text.get_mut(held..).filter(|free| !free.is_empty()) else {
            // No line of a list is as long as a whole piece.
            return Err(io::ErrorKind::InvalidData.into());
        };
        let read = list.read(free)?;
        let end = held + read;
        let known = text.get(..end).unwrap_or_default();
        let whole = if read == 0 { end } else { memchr::memrchr(b'\n', known).map_or(0, |at| at + 1) };
        let lines = known.get(..whole).unwrap_or_default();
        for at in finder.find_iter(lines) {
            let starts_a_line = at == 0 || lines.get(at - 1) == Some(&b'\n');
            let line = lines.get(at..).and_then(|rest| rest.split(|it| *it == b'\n').next());
            let name = line.and_then(|it| it.strip_prefix(b"Package: ")).map(<[u8]>::trim_ascii);
            if let Some(Ok(name)) = name.filter(|_| starts_a_line).map(std::str::from_utf8) {
                names.push(name.into());
            }
        }
        if read == 0 {
            return Ok(());
        }
        text.copy_within(whole..end, 0);
        held = end - whole;
    }
}

/// A file, read from its beginning on.
struct Pieces<'a> {
    system: &'a dyn System,
    path: Utf8PathBuf,
    offset: u64,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.system.read_range(&self.path, self.offset, buffer.len()).map_err(io::Error::other)?;
        let length = read.as_slice().read(buffer)?;
        self.offset += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};

    use super::*;
    use crate::system::memory::MemorySystem;

    fn package(system: &MemorySystem, module: &str) -> Option<String> {
        Apt::new(system).package_of(module).map(str::to_owned)
    }

    fn list() -> String {
        let mut text =
            String::from("Package: python3-six\nVersion: 1.16\n\nPackage: zlib1g\nDepends: Package: python3-x\n");
        // Longer than one piece, so that names lie across its end.
        for number in 0..20_000 {
            let name = format!("\nPackage: python3-filler{number}\n");
            text.extend([&name, "Description: nothing\n Package: python3-no1\n"]);
        }
        text + "\nPackage: python3-ruamel.yaml\n\nPackage: python3-last-one"
    }

    #[test]
    fn packages_are_named_as_the_policy_names_them() {
        let mut system = MemorySystem::default();
        system.write("/var/lib/apt/lists/deb.example_dists_sid_main_binary-amd64_Packages", list());
        system.write("/var/lib/apt/lists/deb.example_dists_sid_main_source_Sources", "Package: python3-source\n");
        system.write("/var/lib/apt/lists/deb.example_dists_sid_contrib_Packages.xz", "Package: python3-packed\n");
        assert_eq!(package(&system, "six").as_deref(), Some("python3-six"));
        assert_eq!(package(&system, "six.moves").as_deref(), Some("python3-six"));
        assert_eq!(package(&system, "ruamel.yaml.main").as_deref(), Some("python3-ruamel.yaml"));
        assert_eq!(package(&system, "ruamel"), None);
        assert_eq!(package(&system, "Last_One").as_deref(), Some("python3-last-one"));
        let names = read_lists(&system);
        let fillers = names.iter().filter(|name| name.starts_with("python3-filler")).count();
        assert_eq!((fillers, names.len()), (20_000, 20_003));
        for absent in ["x", "no1", "source", "packed", "", "zlib1g"] {
            assert_eq!(package(&system, absent), None, "{absent}");
        }
        assert_eq!(package(&MemorySystem::default(), "six"), None);
    }

    #[test]
    fn compressed_lists_are_read_as_well() {
        let mut system = MemorySystem::default();
        let mut encoder = {
            let small_blocks = FrameInfo::new().block_size(BlockSize::Max64KB);
            FrameEncoder::with_frame_info(small_blocks, Vec::new())
        };
        encoder.write_all(list().as_bytes()).unwrap();
        let mut bytes = encoder.finish().unwrap();
        system.write("/var/lib/apt/lists/deb_Packages.lz4", bytes.clone());
        assert_eq!(package(&system, "last_one").as_deref(), Some("python3-last-one"));
        bytes.truncate(bytes.len() / 2);
        system.write("/var/lib/apt/lists/deb_Packages.lz4", bytes);
        assert_eq!(package(&system, "six").as_deref(), Some("python3-six"));
        assert_eq!(package(&system, "last_one"), None);
        system
            .write("/var/lib/apt/lists/deb_Packages.lz4", "no frame")
            .write("/var/lib/apt/lists/x_Packages", vec![b'x'; 600_000]);
        assert_eq!(package(&system, "six"), None);
    }
}
