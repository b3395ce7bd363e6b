//! What a PE file (an EXE or a DLL of Windows) says about the Python inside it.
//!
//! In: a path. Out: an [`Image`], as for ELF; the libraries it imports; the machine it is for.
//!
//! **Invariant:** only headers and the tables they lead to are read; a file that lies yields less, never a panic.

use std::collections::BTreeSet;

use camino::Utf8Path;
use object::LittleEndian as LE;
use object::pe::{self, ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{DataDirectories, ImageNtHeaders, ImageOptionalHeader, SectionTable};

use super::elf::Image;
use super::pages::Pages;
use crate::system::System;

/// More entries than any table of modules has.
const MOST_MODULES: u64 = 1000;

/// Begins `VS_FIXEDFILEINFO`, the numbers of a version resource.
const VERSION_SIGNATURE: [u8; 4] = 0xfeef_04bd_u32.to_le_bytes();

/// The tail of module suffixes on each machine (`PYD_PLATFORM_TAG` of `Python/dynload_win.c`).
pub(super) fn platform_tag(system: &dyn System, path: &Utf8Path) -> Option<&'static str> {
    let pages = Pages::open(system, path)?;
    let offset = u64::from(ImageDosHeader::parse(&pages).ok()?.nt_headers_offset());
    let machine = pages.bytes(offset.checked_add(4)?, 2)?;
    match u16::from_le_bytes([*machine.first()?, *machine.get(1)?]) {
        0x8664 => Some("win_amd64"),
        0xaa64 => Some("win_arm64"),
        0x014c => Some("win32"),
        _ => None,
    }
}

/// Reads a PE file; `None` where it is none or is cut off.
pub(super) fn read(system: &dyn System, path: &Utf8Path) -> Option<Image> {
    let pages = Pages::open(system, path)?;
    image::<ImageNtHeaders64>(&pages).or_else(|| image::<ImageNtHeaders32>(&pages))
}

fn image<Headers: ImageNtHeaders>(pages: &Pages<'_>) -> Option<Image> {
    let mut offset = ImageDosHeader::parse(pages).ok()?.nt_headers_offset().into();
    let (headers, directories) = Headers::parse(pages, &mut offset).ok()?;
    let reader = Reader {
        pages,
        sections: headers.sections(pages, offset).ok()?,
        directories,
        base: headers.optional_header().image_base(),
        pointer: if headers.is_type_64() { 8 } else { 4 },
    };
    Some(reader.image())
}

struct Reader<'a> {
    pages: &'a Pages<'a>,
    sections: SectionTable<'a>,
    directories: DataDirectories<'a>,
    /// What addresses inside the file count from.
    base: u64,
    /// The size of a pointer, in bytes.
    pointer: u64,
}

impl Reader<'_> {
    fn image(&self) -> Image {
        let mut image = Image { needed: self.imports(), ..Image::default() };
        image.constants = self.sections.iter().find_map(|section| {
            let (offset, size) = section.pe_file_range();
            section.name.starts_with(b".rdata").then_some((u64::from(offset), u64::from(size)))
        });
        image.version_hex = self.exported("Py_Version").and_then(|at| self.number(at, 4)?.try_into().ok());
        if image.version_hex.is_none() {
            image.version_hex = self.version_of_resource();
        }
        if let Some(table) = self.exported("PyImport_Inittab").and_then(|at| self.pointer_at(at)) {
            image.builtin_modules = Some(self.names(table, self.pointer * 2));
        }
        image
    }

    /// The names of the libraries in the import table, which is read entry by entry: its section may be large.
    fn imports(&self) -> Vec<String> {
        let directory = self.directories.get(pe::IMAGE_DIRECTORY_ENTRY_IMPORT);
        let Some(table) = directory.map(|it| u64::from(it.virtual_address.get(LE))).filter(|it| *it > 0) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for index in 0..MOST_MODULES {
            let name = table.checked_add(index * 20 + 12).and_then(|at| self.number(at, 4)).unwrap_or_default();
            let Some(text) = self.file_offset(name).filter(|_| name > 0).and_then(|at| self.pages.text(at)) else {
                break;
            };
            found.push(text.to_owned());
        }
        found
    }

    /// Returns the address of an exported symbol; the names are sorted.
    fn exported(&self, name: &str) -> Option<u64> {
        let table = self.directories.export_table(self.pages, &self.sections).ok()??;
        let pointers = table.name_pointers();
        let at = pointers
            .binary_search_by(|pointer| {
                table.name_from_pointer(pointer.get(LE)).unwrap_or_default().cmp(name.as_bytes())
            })
            .ok()?;
        let index = table.name_ordinals().get(at)?.get(LE);
        table.address_by_index(index).ok().map(u64::from)
    }

    /// `PyImport_Inittab` points to pairs of a name and a function, the last one without a name.
    fn names(&self, table: u64, stride: u64) -> BTreeSet<String> {
        let slots = (0..MOST_MODULES).map_while(|index| self.pointer_at(table.checked_add(index * stride)?));
        let texts = slots.map_while(|at| self.pages.text(self.file_offset(at)?));
        texts.map(str::to_owned).collect()
    }

    /// Follows a pointer; the loader adds to it only what the whole file is moved by.
    fn pointer_at(&self, address: u64) -> Option<u64> {
        self.number(address, self.pointer)?.checked_sub(self.base)
    }

    fn number(&self, address: u64, size: u64) -> Option<u64> {
        let bytes = self.pages.bytes(self.file_offset(address)?, size)?;
        Some(bytes.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    fn file_offset(&self, address: u64) -> Option<u64> {
        let (offset, _) = self.sections.pe_file_range_at(u32::try_from(address).ok()?)?;
        Some(offset.into())
    }

    /// `PY_VERSION_HEX` from the file version `3.10.11150.1013`: micro times 1000, plus level and serial.
    fn version_of_resource(&self) -> Option<u32> {
        let section = self.sections.iter().find(|it| it.name.starts_with(b".rsrc"))?;
        let (offset, size) = section.pe_file_range();
        let bytes = self.pages.bytes(offset.into(), size.into())?;
        let at = memchr::memmem::find(bytes, &VERSION_SIGNATURE)?;
        let word = |index: usize| {
            let bytes = bytes.get(at + index * 2..at + index * 2 + 2)?;
            Some(u32::from(u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?])))
        };
        let (minor, major, third) = (word(4)?, word(5)?, word(7)?);
        let (micro, rest) = (third / 1000, third % 1000);
        let is_python = (2..=3).contains(&major) && minor < 256 && micro < 256;
        is_python.then_some((major << 24) | (minor << 16) | (micro << 8) | ((rest / 10) << 4) | (rest % 10))
    }
}
