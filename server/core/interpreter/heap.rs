//! What a PyPy tells about itself: the objects that `RPython`'s translator made ahead and left in `.data`.
//!
//! In: where `.data` lies. Out: a [`Heap`]: `sys.version_info`, `sys.builtin_module_names`, the suffix of extension modules.
//!
//! The names are one tuple of texts. It is found from one text in it, by whatever points there, and is believed only
//! where everything about it fits: its length, its order, the names that no Python lacks.
//!
//! **Invariant:** a layout of objects that is not the known one (PyPy 7.3.11 to 8.0.1) gives nothing, never something.

use std::collections::BTreeSet;

use camino::Utf8Path;
use memchr::memmem;

use super::Version;
use super::elf::Data;
use crate::system::System;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heap {
    pub(super) version: Option<Version>,
    pub(super) builtin_modules: Option<BTreeSet<String>>,
    /// Such as `.pypy311-pp73-x86_64-linux-gnu.so`: PyPy has one.
    pub(super) extension_suffix: Option<String>,
}

impl Heap {
    pub(super) fn read(system: &dyn System, code: &Utf8Path, data: Option<&Data>) -> Heap {
        let Some(data) = data.filter(|it| it.size <= LARGEST_DATA) else { return Heap::default() };
        let size = usize::try_from(data.size).unwrap_or_default();
        let Ok(bytes) = system.read_range(code, data.offset, size) else { return Heap::default() };
        Objects { bytes: &bytes, address: data.address, big_endian: data.big_endian }.heap()
    }
}

/// PyPy 8.0.1 has 19 MiB.
const LARGEST_DATA: u64 = 128 * 1024 * 1024;

/// More names than any PyPy has compiled in.
const MOST_NAMES: u64 = 1000;

/// The longest name of a module here.
const LONGEST_NAME: u64 = 100;

/// One of the names, and a rare one among all texts.
const ANCHOR: &str = "__pypy__.bufferable";

/// A word in bytes; every object begins at a multiple of it.
const WORD: u64 = 8;

/// A text of `RPython` (`rpython/rtyper/lltypesystem/rstr.py`): header, hash, length, bytes.
const LENGTH_IN_TEXT: u64 = 2 * WORD;
const BYTES_IN_TEXT: u64 = 3 * WORD;

/// A `W_UnicodeObject`: header, index, length in code points, pointer to the text.
const LENGTH_IN_UNICODE: u64 = 2 * WORD;
const TEXT_IN_UNICODE: u64 = 3 * WORD;

struct Objects<'b> {
    bytes: &'b [u8],
    /// Where the bytes are in memory.
    address: u64,
    big_endian: bool,
}

impl Objects<'_> {
    fn heap(&self) -> Heap {
        Heap {
            version: self.version(),
            builtin_modules: self.builtin_modules(),
            extension_suffix: self.extension_suffix(),
        }
    }

    /// `sys.version` begins with the version of the language, and has PyPy's own in its second line.
    fn version(&self) -> Option<Version> {
        let line = memmem::find(self.bytes, b"\n[PyPy ")?;
        let before = self.bytes.get(..line)?;
        let start = memchr::memrchr(0, before)? + 1;
        let text = std::str::from_utf8(before.get(start..)?).ok()?;
        let mut parts = text.split(' ').next()?.split('.');
        let mut number = || parts.next()?.parse().ok();
        let (major, minor, micro) = (number()?, number()?, number()?);
        Some(Version { major, minor, micro: Some(micro), suffix: String::new(), free_threaded: false })
    }

    fn extension_suffix(&self) -> Option<String> {
        memmem::find_iter(self.bytes, b"\0.pypy").find_map(|at| {
            let rest = self.bytes.get(at + 1..)?;
            let text = std::str::from_utf8(rest.get(..memchr::memchr(0, rest)?)?).ok()?;
            text.strip_suffix(".so").is_some_and(|it| it.contains("-pp")).then(|| text.to_owned())
        })
    }

    fn builtin_modules(&self) -> Option<BTreeSet<String>> {
        let length = self.encoded(u64::try_from(ANCHOR.len()).ok()?);
        let pattern = [&length[..], ANCHOR.as_bytes(), b"\0"].concat();
        let texts = memmem::find_iter(self.bytes, &pattern);
        let texts = texts.filter_map(|at| (at as u64 + self.address).checked_sub(LENGTH_IN_TEXT));
        texts.flat_map(|text| self.pointers_to(text)).find_map(|slot| {
            let object = slot.checked_sub(TEXT_IN_UNICODE)?;
            self.name(object).filter(|name| *name == ANCHOR)?;
            self.pointers_to(object).find_map(|item| self.tuple_around(item))
        })
    }

    /// Reads the names of the tuple that has an item at this address.
    fn tuple_around(&self, item: u64) -> Option<BTreeSet<String>> {
        let mut first = item;
        while let Some(before) = first.checked_sub(WORD).filter(|it| item - it <= MOST_NAMES * WORD) {
            if self.word(before).and_then(|object| self.name(object)).is_none() {
                break;
            }
            first = before;
        }
        let count = self.word(first.checked_sub(WORD)?).filter(|count| (20..MOST_NAMES).contains(count))?;
        let names = (0..count).map(|index| self.name(self.word(first + index * WORD)?));
        let names: Vec<&str> = names.collect::<Option<_>>()?;
        let fits =
            names.is_sorted_by(|one, next| one < next) && ["builtins", "sys"].iter().all(|it| names.contains(it));
        fits.then(|| names.into_iter().map(str::to_owned).collect())
    }

    /// Returns the text of a `W_UnicodeObject`; the length in it and in its text are the same, as names are ASCII.
    fn name(&self, object: u64) -> Option<&str> {
        let length = self.word(object.checked_add(LENGTH_IN_UNICODE)?).filter(|it| (1..=LONGEST_NAME).contains(it))?;
        let text = self.word(object.checked_add(TEXT_IN_UNICODE)?)?;
        self.word(text.checked_add(LENGTH_IN_TEXT)?).filter(|it| *it == length)?;
        let start = self.place(text.checked_add(BYTES_IN_TEXT)?)?;
        let name = std::str::from_utf8(self.bytes.get(start..start + usize::try_from(length).ok()?)?).ok()?;
        let is_name = name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.'));
        is_name.then_some(name)
    }

    /// Returns the addresses of all words that are this address.
    fn pointers_to(&self, address: u64) -> impl Iterator<Item = u64> {
        let needle = memmem::Finder::new(&self.encoded(address)).into_owned();
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let at = from + needle.find(self.bytes.get(from..)?)?;
                from = at + 1;
                let address = at as u64 + self.address;
                if address.is_multiple_of(WORD) {
                    return Some(address);
                }
            }
        })
    }

    fn word(&self, address: u64) -> Option<u64> {
        let start = self.place(address)?;
        let bytes = self.bytes.get(start..)?.first_chunk()?;
        Some(if self.big_endian { u64::from_be_bytes(*bytes) } else { u64::from_le_bytes(*bytes) })
    }

    fn encoded(&self, word: u64) -> [u8; 8] {
        if self.big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
    }

    fn place(&self, address: u64) -> Option<usize> {
        usize::try_from(address.checked_sub(self.address)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: u64 = 0x1000;

    /// Lays out texts, the objects around them, and a tuple of those: as translated code has it.
    fn data(names: &[&str], count: u64) -> Vec<u8> {
        let mut bytes =
            b"\x003.11.11 (7.3.19, Apr 11 2025)\n[PyPy 7.3.19 with GCC]\0\0.pypy311-pp73-x86_64-linux-gnu.so\0"
                .to_vec();
        let mut objects = Vec::new();
        for name in names {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let text = ADDRESS + bytes.len() as u64;
            for word in [8, 0, name.len() as u64] {
                bytes.extend(u64::to_le_bytes(word));
            }
            bytes.extend(name.as_bytes());
            bytes.resize((bytes.len() + 1).next_multiple_of(8), 0);
            objects.push(ADDRESS + bytes.len() as u64);
            for word in [9, 0, name.len() as u64, text] {
                bytes.extend(u64::to_le_bytes(word));
            }
        }
        bytes.extend(u64::to_le_bytes(7));
        bytes.extend(u64::to_le_bytes(count));
        bytes.extend(objects.iter().flat_map(|it| it.to_le_bytes()));
        bytes
    }

    fn read(names: &[&str], count: u64) -> Heap {
        Objects { bytes: &data(names, count), address: ADDRESS, big_endian: false }.heap()
    }

    fn names() -> Vec<String> {
        let others = (0..20).map(|it| format!("m{it:02}"));
        ["__pypy__", ANCHOR, "builtins"]
            .map(str::to_owned)
            .into_iter()
            .chain(others)
            .chain(["sys".to_owned()])
            .collect()
    }

    #[test]
    fn a_tuple_is_read_by_what_points_to_it() {
        let names = names();
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let heap = read(&texts, 24);
        assert_eq!(heap.builtin_modules, Some(names.iter().cloned().collect()));
        assert_eq!(heap.extension_suffix.as_deref(), Some(".pypy311-pp73-x86_64-linux-gnu.so"));
        assert_eq!(heap.version.map(|it| it.to_string()).as_deref(), Some("3.11.11"));
    }

    #[test]
    fn a_tuple_that_does_not_fit_is_not_believed() {
        let names = names();
        let mut texts: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(read(&texts, 25).builtin_modules, None, "a wrong length");
        texts.swap(4, 5);
        assert_eq!(read(&texts, 24).builtin_modules, None, "not in order");
        assert_eq!(read(&texts[..22], 22).builtin_modules, None, "no `sys`");
        let cut = data(&texts, 24);
        for end in [0, 8, 100, cut.len() - 8] {
            let objects = Objects { bytes: &cut[..end], address: ADDRESS, big_endian: false };
            assert_eq!(objects.heap().builtin_modules, None);
        }
    }
}
