//! What a Mach-O file (a program or a library of macOS) says about the Python inside it.
//!
//! In: a path. Out: an [`Image`], as for ELF, with the libraries it loads.
//!
//! **Invariant:** only headers and the tables they lead to are read; a file that lies yields less, never a panic.

use std::collections::BTreeSet;

use camino::Utf8Path;
use object::macho::{self, FatHeader, MachHeader64, Nlist64};
use object::read::macho::{LoadCommandVariant, MachHeader as _, Nlist as _, Section as _, Segment as _};
use object::{BigEndian, Endianness, U32, U64};

use super::elf::Image;
use super::pages::Pages;
use crate::system::System;

/// More entries than any table of modules has.
const MOST_MODULES: u64 = 1000;

/// More programs than any universal file has.
const MOST_PROGRAMS: u64 = 16;

/// The bits of a pointer that name its target in a chain of fix-ups (`dyld_chained_ptr_64_rebase`).
const TARGET: u64 = (1 << 36) - 1;

/// Reads a Mach-O file; of a universal one the first program for a 64-bit machine. `None` where it is none or is cut off.
pub(super) fn read(system: &dyn System, path: &Utf8Path) -> Option<Image> {
    let pages = Pages::open(system, path)?;
    let starts = programs(&pages);
    starts.into_iter().find_map(|start| Some(Reader::new(&pages, start)?.image()))
}

/// The offsets of the programs in a file: several in a universal one.
fn programs(pages: &Pages<'_>) -> Vec<u64> {
    let word = |at: u64| pages.bytes(at, 4).map(|it| it.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte)));
    let header = size_of::<FatHeader>() as u64;
    match word(0) {
        Some(magic) if magic == u64::from(macho::FAT_MAGIC) => {
            let count = word(4).unwrap_or_default().min(MOST_PROGRAMS);
            let offset = |index: u64| word(header + index * size_of::<macho::FatArch32>() as u64 + 8);
            (0..count).filter_map(offset).collect()
        }
        Some(_) => vec![0],
        None => Vec::new(),
    }
}

type Segment = (u64, u64, u64);

struct Reader<'a> {
    pages: &'a Pages<'a>,
    endian: Endianness,
    /// Where this program begins in the file.
    start: u64,
    /// Address, size and offset of what is loaded.
    segments: Vec<Segment>,
    constants: Option<(u64, u64)>,
    libraries: Vec<String>,
    run_paths: Vec<String>,
    symbols: Option<SymbolTable>,
}

struct SymbolTable {
    table: u64,
    count: u64,
    names: (u64, u64),
}

impl<'a> Reader<'a> {
    fn new(pages: &'a Pages<'a>, start: u64) -> Option<Self> {
        let header = MachHeader64::<Endianness>::parse(pages, start).ok()?;
        let endian = header.endian().ok()?;
        let mut reader = Reader {
            pages,
            endian,
            start,
            segments: Vec::new(),
            constants: None,
            libraries: Vec::new(),
            run_paths: Vec::new(),
            symbols: None,
        };
        let mut commands = header.load_commands(endian, pages, start).ok()?;
        while let Ok(Some(command)) = commands.next() {
            let text = |at| command.string(endian, at).ok().and_then(|it| String::from_utf8(it.to_vec()).ok());
            match command.variant() {
                Ok(LoadCommandVariant::Segment64(segment, sections)) => {
                    let (offset, _) = segment.file_range(endian);
                    reader.segments.push((segment.vmaddr(endian), segment.vmsize(endian), offset));
                    for section in segment.sections(endian, sections).unwrap_or_default() {
                        if section.name() == b"__cstring" {
                            reader.constants = section.file_range(endian, start);
                        }
                    }
                }
                Ok(LoadCommandVariant::Dylib(library)) => reader.libraries.extend(text(library.dylib.name)),
                Ok(LoadCommandVariant::Rpath(path)) => reader.run_paths.extend(text(path.path)),
                Ok(LoadCommandVariant::Symtab(table)) => {
                    reader.symbols = Some(SymbolTable {
                        table: table.symoff.get(endian).into(),
                        count: table.nsyms.get(endian).into(),
                        names: (table.stroff.get(endian).into(), table.strsize.get(endian).into()),
                    });
                }
                _ => {}
            }
        }
        Some(reader)
    }

    fn image(self) -> Image {
        let [version, modules] = self.addresses(["_Py_Version", "_PyImport_Inittab"]);
        let version_hex = version.and_then(|at| {
            let word: &U32<Endianness> = object::ReadRef::read_at(self.pages, self.file_offset(at)?).ok()?;
            Some(word.get(self.endian))
        });
        let builtin_modules = modules.and_then(|at| self.pointer_at(at)).map(|table| self.names(table));
        Image {
            version_hex,
            builtin_modules,
            needed: self.libraries,
            run_paths: self.run_paths,
            constants: self.constants,
            ..Image::default()
        }
    }

    /// Returns the addresses of symbols that are defined here.
    fn addresses<const N: usize>(&self, wanted: [&str; N]) -> [Option<u64>; N] {
        let mut found = [None; N];
        let Some(symbols) = &self.symbols else { return found };
        let place = |offset: u64| self.start.checked_add(offset);
        let names = place(symbols.names.0).and_then(|at| self.pages.bytes(at, symbols.names.1)).unwrap_or_default();
        let table = place(symbols.table).zip(usize::try_from(symbols.count).ok());
        let table: Option<&[Nlist64<Endianness>]> =
            table.and_then(|(at, count)| object::ReadRef::read_slice_at(self.pages, at, count).ok());
        for symbol in table.unwrap_or_default().iter().filter(|it| !it.is_undefined() && it.stab().is_none()) {
            let name =
                usize::try_from(symbol.n_strx(self.endian)).ok().and_then(|at| names.get(at..)).unwrap_or_default();
            let is_called =
                |text: &str| name.strip_prefix(text.as_bytes()).is_some_and(|rest| rest.first() == Some(&0));
            if let Some(index) = wanted.iter().position(|text| is_called(text)) {
                found[index] = Some(symbol.n_value(self.endian));
            }
        }
        found
    }

    /// `PyImport_Inittab` points to pairs of a name and a function, the last one without a name.
    fn names(&self, table: u64) -> BTreeSet<String> {
        let slots = (0..MOST_MODULES).map_while(|index| self.pointer_at(table.checked_add(index * 16)?));
        let texts = slots.map_while(|at| self.pages.text(self.file_offset(at)?));
        texts.map(str::to_owned).collect()
    }

    /// Follows a pointer. Before the loader is through with it, it is an address, or a link of a chain of fix-ups that
    /// holds one in its lower bits, counted from the top of the program or not.
    fn pointer_at(&self, address: u64) -> Option<u64> {
        let word: &U64<Endianness> = object::ReadRef::read_at(self.pages, self.file_offset(address)?).ok()?;
        let word = word.get(self.endian);
        let base = self.segments.iter().find(|(_, size, offset)| *offset == 0 && *size > 0).map_or(0, |it| it.0);
        let target = word & TARGET;
        let candidates = [word, target, base.wrapping_add(target)];
        candidates.into_iter().find(|it| *it > 0 && target > 0 && self.file_offset(*it).is_some())
    }

    fn file_offset(&self, address: u64) -> Option<u64> {
        let inside = |(start, size, _): &&Segment| address.checked_sub(*start).is_some_and(|it| it < *size);
        // What no segment has content for, such as the guard page at 0, is left out.
        let named = self.segments.iter().filter(|(start, _, offset)| *start > 0 || *offset > 0);
        let (start, _, offset) = named.clone().find(inside)?;
        self.start.checked_add(*offset)?.checked_add(address - start)
    }
}

/// Tells whether these are the first bytes of a Mach-O file, universal or not.
pub(super) fn is_magic(head: &[u8]) -> bool {
    let magics = [macho::MH_MAGIC_64, macho::MH_CIGAM_64, macho::FAT_MAGIC];
    let word = head.first_chunk::<4>().map(|it| U32::<BigEndian>::from_bytes(*it).get(BigEndian));
    word.is_some_and(|it| magics.contains(&it))
}
