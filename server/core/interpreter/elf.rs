//! What an ELF file says about the Python inside it.
//!
//! In: a path. Out: an [`Image`]: exact version, compiled-in modules, the libraries it needs, where its constants lie.
//!
//! **Invariant:** only headers, symbols, relocations and the tables they lead to are read; a file that lies yields less,
//! never a panic.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use object::elf;
use object::read::elf::{Dyn, FileHeader, Rela, SectionHeader};
use object::{Endianness, ReadRef as _};

use super::pages::Pages;
use super::symbols::Symbols;
use crate::system::System;

/// The size of an `Elf64_Rela`, in bytes.
const RELOCATION_SIZE: u64 = 24;

/// More entries than any table of modules has.
const MOST_MODULES: u64 = 1000;

#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    /// `PY_VERSION_HEX`, from 3.11 on.
    pub(super) version_hex: Option<u32>,
    /// The names behind `PyImport_Inittab`; `None` where this file does not hold the interpreter's code.
    pub(super) builtin_modules: Option<BTreeSet<String>>,
    pub(super) frozen_modules: BTreeSet<String>,
    /// `DT_NEEDED`.
    pub(super) needed: Vec<String>,
    /// `DT_RUNPATH` and `DT_RPATH`, `$ORIGIN` kept.
    pub(super) run_paths: Vec<String>,
    /// Offset and size of `.rodata`.
    pub(super) constants: Option<(u64, u64)>,
    pub(super) data: Option<Data>,
}

/// Where `.data` lies.
#[derive(Debug, Clone)]
pub(super) struct Data {
    /// In memory, before the loader moves it.
    pub(super) address: u64,
    /// In the file.
    pub(super) offset: u64,
    /// In bytes.
    pub(super) size: u64,
    pub(super) big_endian: bool,
}

/// Reads an ELF file; `None` where it is none or is cut off.
pub(super) fn read(system: &dyn System, path: &Utf8Path) -> Option<Image> {
    let pages = Pages::open(system, path)?;
    Some(Reader::new(&pages)?.image())
}

type Header = elf::FileHeader64<Endianness>;
type Relocation = elf::Rela64<Endianness>;

struct Reader<'a> {
    pages: &'a Pages<'a>,
    endian: Endianness,
    sections: &'a [elf::SectionHeader64<Endianness>],
    section_names: BTreeMap<Vec<u8>, usize>,
    symbols: Option<Symbols<'a>>,
    /// `DT_RELACOUNT`: how many relocations at the start of `.rela.dyn` have no symbol and are sorted.
    relative_relocations: u64,
}

/// The tables of frozen modules since 3.11; before, there was `PyImport_FrozenModules` alone.
const FROZEN_TABLES: [&str; 3] = ["_PyImport_FrozenBootstrap", "_PyImport_FrozenStdlib", "_PyImport_FrozenTest"];

impl<'a> Reader<'a> {
    fn new(pages: &'a Pages<'a>) -> Option<Self> {
        let header = Header::parse(pages).ok()?;
        let endian = header.endian().ok()?;
        let table = header.sections(endian, pages).ok()?;
        let sections = header.section_headers(endian, pages).ok()?;
        let mut section_names = BTreeMap::new();
        for (index, section) in sections.iter().enumerate() {
            section_names.insert(table.section_name(endian, section).unwrap_or_default().to_vec(), index);
        }
        let mut reader = Reader { pages, endian, sections, section_names, symbols: None, relative_relocations: 0 };
        let count = reader.dynamic_entries().iter().find(|entry| entry.tag(endian) == elf::DT_RELACOUNT);
        reader.relative_relocations = count.map(|entry| entry.val(endian)).unwrap_or_default();
        if let (Some(table), Some(names)) = (reader.section(".dynsym"), reader.section(".dynstr")) {
            reader.symbols = Some(Symbols::new(pages, endian, table, names, reader.section(".gnu.hash")));
        }
        Some(reader)
    }

    fn image(&self) -> Image {
        let mut image = Image::default();
        self.read_dynamic(&mut image);
        image.constants = self.section(".rodata").map(|it| (it.sh_offset(self.endian), it.sh_size(self.endian)));
        image.data = self.section(".data").map(|it| Data {
            address: it.sh_addr(self.endian),
            offset: it.sh_offset(self.endian),
            size: it.sh_size(self.endian),
            big_endian: self.endian == Endianness::Big,
        });
        if let Some(at) = self.address("Py_Version") {
            image.version_hex =
                self.bytes_at(at, 4).and_then(|bytes| self.unsigned(bytes)).and_then(|it| u32::try_from(it).ok());
        }
        if let Some(at) = self.address("PyImport_Inittab") {
            image.builtin_modules = self.pointer_at(at).map(|table| self.names(table, 16));
        }
        // `struct _frozen` had a fifth member, `get_code`, in 3.11 and 3.12 only.
        let stride = match image.version_hex.map(|hex| hex >> 16) {
            Some(0x030b | 0x030c) => 32,
            _ => 24,
        };
        let private = FROZEN_TABLES.iter().filter_map(|name| self.address(name));
        let public = self.address("PyImport_FrozenModules").filter(|_| image.version_hex.is_none());
        for at in private.chain(public) {
            if let Some(table) = self.pointer_at(at) {
                image.frozen_modules.extend(self.names(table, stride));
            }
        }
        image
    }

    fn read_dynamic(&self, image: &mut Image) {
        let Some(names) = self.section(".dynstr") else { return };
        let names = names.sh_offset(self.endian);
        for entry in self.dynamic_entries() {
            let text =
                || names.checked_add(entry.val(self.endian)).and_then(|at| self.pages.text(at)).map(str::to_owned);
            match entry.tag(self.endian) {
                elf::DT_NEEDED => image.needed.extend(text()),
                elf::DT_RUNPATH | elf::DT_RPATH => {
                    image.run_paths.extend(text().iter().flat_map(|it| it.split(':')).map(str::to_owned));
                }
                _ => {}
            }
        }
    }

    fn dynamic_entries(&self) -> &'a [elf::Dyn64<Endianness>] {
        let entries = self.section(".dynamic").and_then(|it| it.data_as_array(self.endian, self.pages).ok());
        entries.unwrap_or_default()
    }

    /// Walks an array of structs that begin with a pointer to a name, up to the one that has none.
    fn names(&self, table: u64, stride: u64) -> BTreeSet<String> {
        let end = table.saturating_add(stride * MOST_MODULES);
        let moved = self.relocations(table, end);
        let mut names = BTreeSet::new();
        for index in 0..MOST_MODULES {
            let slot = table.saturating_add(index * stride);
            let Some(pointer) = moved.get(&slot).copied().or_else(|| self.word_at(slot)) else { break };
            let Some(name) = self.offset_of(pointer).filter(|_| pointer != 0).and_then(|at| self.pages.text(at)) else {
                break;
            };
            names.insert(name.to_owned());
        }
        names
    }

    fn pointer_at(&self, address: u64) -> Option<u64> {
        self.relocations(address, address.checked_add(1)?).get(&address).copied().or_else(|| self.word_at(address))
    }

    /// Returns the pointers that the loader would write into a range of addresses; the others lie there already (RELR).
    fn relocations(&self, start: u64, end: u64) -> BTreeMap<u64, u64> {
        let mut found = BTreeMap::new();
        for name in [".rela.dyn", ".rela.data.rel.ro"] {
            let Some(section) = self.section(name) else { continue };
            let count = section.sh_size(self.endian) / RELOCATION_SIZE;
            let table = section.sh_offset(self.endian);
            let sorted = if name == ".rela.dyn" { self.relative_relocations.min(count) } else { 0 };
            let first = self.first_relocation_at(table, sorted, start);
            let in_order = (first..sorted).map_while(|index| self.relocation(table, index));
            let in_order = in_order.take_while(|it| it.r_offset(self.endian) < end);
            found.extend(in_order.map(|it| self.written_by(it)));
            // What begins with a relative relocation has no others: both the tables and their names are local.
            if !found.contains_key(&start) {
                let rest = self.relocations_in(table, sorted, count).iter();
                let rest = rest.filter(|it| (start..end).contains(&it.r_offset(self.endian)));
                found.extend(rest.map(|it| self.written_by(it)));
            }
        }
        found
    }

    /// Finds the first of the relocations, sorted by the address they write to, that writes at `address` or after it.
    ///
    /// Linkers sort the relative ones and say how many there are (`DT_RELACOUNT`): tens of thousands in a shared
    /// libpython, of which a few pages are enough.
    fn first_relocation_at(&self, table: u64, sorted: u64, address: u64) -> u64 {
        let (mut low, mut high) = (0, sorted);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.relocation(table, middle) {
                Some(it) if it.r_offset(self.endian) < address => low = middle + 1,
                Some(_) => high = middle,
                None => return sorted,
            }
        }
        low
    }

    fn relocation(&self, table: u64, index: u64) -> Option<&'a Relocation> {
        self.relocations_in(table, index, index + 1).first()
    }

    fn relocations_in(&self, table: u64, from: u64, to: u64) -> &'a [Relocation] {
        let place = table.saturating_add(from * RELOCATION_SIZE);
        let count = usize::try_from(to - from).unwrap_or_default();
        self.pages.read_slice_at(place, count).unwrap_or_default()
    }

    /// Returns the address that a relocation writes to, and what it writes there.
    fn written_by(&self, relocation: &Relocation) -> (u64, u64) {
        // A relative relocation has no symbol, and symbol 0 has the value 0.
        let symbol = relocation.r_sym(self.endian, false).into();
        let value = self.symbols.as_ref().map_or(0, |symbols| symbols.value(symbol));
        (relocation.r_offset(self.endian), value.wrapping_add_signed(relocation.r_addend(self.endian)))
    }

    fn address(&self, name: &str) -> Option<u64> {
        self.symbols.as_ref()?.address(name)
    }

    fn word_at(&self, address: u64) -> Option<u64> {
        self.bytes_at(address, 8).and_then(|bytes| self.unsigned(bytes))
    }

    fn bytes_at(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        self.pages.read_bytes_at(self.offset_of(address)?, size).ok()
    }

    fn unsigned(&self, bytes: &[u8]) -> Option<u64> {
        let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        if bytes.len() > 8 {
            return None;
        }
        Some(match self.endian {
            Endianness::Little => bytes.iter().rev().fold(0, fold),
            Endianness::Big => bytes.iter().fold(0, fold),
        })
    }

    fn offset_of(&self, address: u64) -> Option<u64> {
        self.sections.iter().find_map(|section| {
            let inside = address.checked_sub(section.sh_addr(self.endian))?;
            let loaded = section.sh_flags(self.endian).contains(elf::SHF_ALLOC);
            let filled = section.sh_type(self.endian) != elf::SHT_NOBITS;
            (loaded && filled && inside < section.sh_size(self.endian))
                .then(|| section.sh_offset(self.endian).checked_add(inside))?
        })
    }

    fn section(&self, name: &str) -> Option<&'a elf::SectionHeader64<Endianness>> {
        self.section_names.get(name.as_bytes()).and_then(|index| self.sections.get(*index))
    }
}
