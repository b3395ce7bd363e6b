//! The exported symbols of an ELF file, looked up as the loader does it.
//!
//! In: where the tables lie. Out: the address of a symbol by name, and the value of a symbol by index.
//!
//! **Invariant:** with a hash table (`DT_GNU_HASH`, every linker's default) a look-up reads a few entries, not the tables,
//! which are a hundred thousand bytes in a libpython.

use object::elf::{self, Sym64};
use object::read::elf::{SectionHeader, Sym as _};
use object::{Endianness, ReadRef as _};

use super::pages::Pages;

type Section = elf::SectionHeader64<Endianness>;

/// The size of an `Elf64_Sym`, in bytes.
const SYMBOL_SIZE: u64 = 24;

/// More symbols than one bucket ever has: a table that lies must not be followed for ever.
const LONGEST_CHAIN: u64 = 10_000;

pub(super) struct Symbols<'a> {
    pages: &'a Pages<'a>,
    endian: Endianness,
    table: u64,
    count: u64,
    names: u64,
    hash: Option<HashTable>,
}

struct HashTable {
    buckets: u64,
    bucket_count: u32,
    chains: u64,
    /// The index of the first symbol that has a chain entry.
    first_symbol: u32,
}

impl<'a> Symbols<'a> {
    /// `table` is `.dynsym`, `names` is `.dynstr`, `hash` is `.gnu.hash`.
    pub(super) fn new(
        pages: &'a Pages<'a>,
        endian: Endianness,
        table: &Section,
        names: &Section,
        hash: Option<&Section>,
    ) -> Self {
        let mut symbols = Symbols {
            pages,
            endian,
            table: table.sh_offset(endian),
            count: table.sh_size(endian) / SYMBOL_SIZE,
            names: names.sh_offset(endian),
            hash: None,
        };
        symbols.hash = hash.and_then(|hash| symbols.hash_table(hash.sh_offset(endian)));
        symbols
    }

    /// Returns the address of a symbol that is defined here.
    pub(super) fn address(&self, name: &str) -> Option<u64> {
        let found = match &self.hash {
            Some(table) => self.look_up(table, name),
            None => (0..self.count).find(|index| self.is_called(*index, name)),
        };
        let symbol = self.symbol(found?)?;
        (symbol.st_shndx(self.endian) != elf::SHN_UNDEF).then(|| symbol.st_value(self.endian))
    }

    /// Returns the value of a symbol; 0 where there is none, as the symbol 0 has it.
    pub(super) fn value(&self, index: u64) -> u64 {
        self.symbol(index).map(|symbol| symbol.st_value(self.endian)).unwrap_or_default()
    }

    fn hash_table(&self, at: u64) -> Option<HashTable> {
        let [bucket_count, first_symbol, filter_words] = [0, 4, 8].map(|offset| self.word(at.saturating_add(offset)));
        let bucket_count = bucket_count.filter(|count| *count > 0)?;
        // The header of four words, then a Bloom filter of 64-bit words, which would only spare a look.
        let buckets = at.checked_add(16 + u64::from(filter_words?) * 8)?;
        let chains = buckets.checked_add(u64::from(bucket_count) * 4)?;
        Some(HashTable { buckets, bucket_count, chains, first_symbol: first_symbol? })
    }

    fn look_up(&self, table: &HashTable, name: &str) -> Option<u64> {
        let hash = name.bytes().fold(5381_u32, |hash, byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte)));
        let first = self.word(table.buckets + u64::from(hash % table.bucket_count) * 4)?;
        let first_chain = first.checked_sub(table.first_symbol)?;
        for step in 0..LONGEST_CHAIN {
            let entry = self.word(table.chains + (u64::from(first_chain) + step) * 4)?;
            let index = u64::from(first) + step;
            // The lowest bit says where a chain ends; the others are the hash.
            if entry | 1 == hash | 1 && self.is_called(index, name) {
                return Some(index);
            }
            if entry & 1 == 1 {
                return None;
            }
        }
        None
    }

    fn is_called(&self, index: u64, name: &str) -> bool {
        let place = self.symbol(index).map(|symbol| self.names.saturating_add(symbol.st_name(self.endian).into()));
        place.and_then(|place| self.pages.text(place)) == Some(name)
    }

    fn symbol(&self, index: u64) -> Option<&'a Sym64<Endianness>> {
        let place = self.table.checked_add(index.checked_mul(SYMBOL_SIZE)?)?;
        (index < self.count).then(|| self.pages.read_at(place).ok())?
    }

    fn word(&self, at: u64) -> Option<u32> {
        let word: &object::U32<Endianness> = self.pages.read_at(at).ok()?;
        Some(word.get(self.endian))
    }
}
