//! What lies in a zip archive, as `zipimport` reads it.
//!
//! In: a file, and which `zipimport`. Out: the [`Member`]s of its central directory by name, or why there are none: that
//! `zipimport` takes it for no archive, or fails over it.
//!
//! **Invariant:** `_read_directory` of Lib/zipimport.py (up to 3.7 `read_directory` of Modules/zipimport.c), step by step.

use std::io::{BufReader, Read, Seek, SeekFrom};

use camino::Utf8Path;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::system::System;

mod window;

use self::window::Window;

/// Which archives are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// 3.6 and 3.7: nothing may follow the end record.
    Strict,
    /// 3.8 to 3.12: a comment may.
    Commented,
    /// From 3.13 on: zip64 too.
    Large,
}

/// Where one file lies in an archive; what is in the central directory, as zipimport takes everything from there.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) compression: u16,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    pub(crate) local_header: u64,
    /// As it is written, be it none of a calendar.
    pub(crate) date: u16,
    pub(crate) time: u16,
}

/// The table of contents of one archive.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// By name; that of a directory ends with `/`.
    members: FxHashMap<Box<str>, Member>,
    /// Directories that follow from the names below them, with their final `/`.
    implied: FxHashSet<Box<str>>,
}

/// What zipimport makes of a file.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) directory: Result<Directory, Unread>,
    /// There are numbers in extra fields, for which zipimport imports `struct` while it reads.
    pub(crate) needs_struct: bool,
}

/// Why zipimport has no table of contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no archive: a `ZipImportError`, after which others may look into the file.
    Refused,
    /// A name that is said to be UTF-8 is not: newer releases refuse the file, others fail.
    MisspeltName,
    /// It fails by another exception, which ends the import.
    Fails,
}

impl Directory {
    /// Reads an archive.
    pub(crate) fn read(system: &dyn System, file: &Utf8Path, dialect: Dialect) -> Reading {
        let mut needs_struct = false;
        let directory = Directory::read_entries(system, file, dialect, &mut needs_struct);
        Reading { directory, needs_struct }
    }

    fn read_entries(
        system: &dyn System,
        file: &Utf8Path,
        dialect: Dialect,
        needs_struct: &mut bool,
    ) -> Result<Self, Unread> {
        let (mut window, length) = Window::new(system, file).ok_or(Unread::Refused)?;
        let end = End::find(&mut window, length, dialect).ok_or(Unread::Refused)?;
        let mut reader = BufReader::with_capacity(1 << 16, window);
        reader.seek(SeekFrom::Start(end.position)).map_err(|_| Unread::Refused)?;
        let mut directory = Directory::default();
        let mut count = 0_u64;
        loop {
            let mut header = Vec::with_capacity(CENTRAL_HEADER);
            reader.by_ref().take(CENTRAL_HEADER as u64).read_to_end(&mut header).map_err(|_| Unread::Refused)?;
            let is_entry = header.starts_with(b"PK\x01\x02");
            // `EOFError`
            if header.len() < if is_entry { CENTRAL_HEADER } else { 4 } {
                return Err(Unread::Fails);
            }
            if !is_entry {
                return if end.count.is_none_or(|it| it == count) { Ok(directory) } else { Err(Unread::Refused) };
            }
            let (name, member) = entry(&header, &mut reader, &end, dialect, needs_struct)?;
            let slashes = name.match_indices('/').filter_map(|(slash, _)| name.get(..=slash));
            directory.implied.extend(slashes.map(Into::into));
            directory.members.insert(name.into(), member);
            count += 1;
        }
    }

    pub(crate) fn file(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }

    /// Tells whether zipimport sees a directory, whose name ends with `/`; up to 3.13 it sees only those with an entry of
    /// their own.
    pub(crate) fn has_directory(&self, name: &str, implied_too: bool) -> bool {
        self.members.contains_key(name) || implied_too && self.implied.contains(name)
    }
}

impl Member {
    /// Returns the first bytes of what is in it, as many as there are up to `most`, still packed.
    pub(crate) fn packed(&self, system: &dyn System, archive: &Utf8Path, most: usize) -> Option<Vec<u8>> {
        let header = system.read_range(archive, self.local_header, 30).ok()?;
        let (b"PK\x03\x04", [.., n0, n1, e0, e1]) = header.split_at_checked(4)? else { return None };
        let names = u64::from(u16::from_le_bytes([*n0, *n1])) + u64::from(u16::from_le_bytes([*e0, *e1]));
        let at = self.local_header.checked_add(header.len() as u64 + names)?;
        let packed = usize::try_from(self.packed).ok()?.min(most);
        system.read_range(archive, at, packed).ok().filter(|it| it.len() == packed)
    }
}

const CENTRAL_HEADER: usize = 46;
const END: usize = 22;
const END_OF_LARGE: usize = 56;
const LOCATOR_OF_LARGE: usize = 20;
const LONGEST_COMMENT: usize = (1 << 16) - 1;
/// Stands where the true number is in an extra field.
const ELSEWHERE: u64 = 0xffff_ffff;
const EXTRA_OF_LARGE: u16 = 1;

/// What the end record says of the central directory.
struct End {
    /// Where it begins in the file.
    position: u64,
    /// Where it says that it begins.
    said: u64,
    /// How many bytes stand before the archive.
    before: u64,
    /// How many entries there have to be.
    count: Option<u64>,
}

impl End {
    fn find(window: &mut Window<'_>, length: u64, dialect: Dialect) -> Option<Self> {
        let most = match dialect {
            Dialect::Strict => END,
            Dialect::Commented => LONGEST_COMMENT + END,
            Dialect::Large => LONGEST_COMMENT + END + END_OF_LARGE + LOCATOR_OF_LARGE,
        };
        let start = length.saturating_sub(most as u64);
        window.seek(SeekFrom::Start(start)).ok()?;
        let mut tail = Vec::new();
        window.take(most as u64).read_to_end(&mut tail).ok()?;
        let exact = tail.len().checked_sub(END)?;
        let last = memchr::memmem::rfind(&tail, b"PK\x05\x06");
        let at = match dialect {
            Dialect::Strict => last.filter(|it| *it == exact)?,
            // Where it stands when there is no comment, it is not looked for any further.
            Dialect::Commented if tail.get(exact..)?.starts_with(b"PK\x05\x06") => exact,
            Dialect::Commented => last?,
            Dialect::Large => match End::of_large(&tail, start, last) {
                Some(large) => return large.position(),
                None => last?,
            },
        };
        let record = tail.get(at..at + END)?;
        let found = End {
            position: start + at as u64,
            said: number(record, 16, 4)?,
            before: number(record, 12, 4)?,
            count: (dialect == Dialect::Large).then(|| number(record, 8, 2)).flatten(),
        };
        found.position()
    }

    /// The record of zip64 counts where it stands right before the locator and the ordinary one.
    fn of_large(tail: &[u8], start: u64, ordinary: Option<usize>) -> Option<Self> {
        let at = memchr::memmem::rfind(tail, b"PK\x06\x06")?;
        if ordinary? != at + END_OF_LARGE + LOCATOR_OF_LARGE {
            return None;
        }
        let record = tail.get(at..at + END_OF_LARGE)?;
        Some(End {
            position: start + at as u64,
            said: number(record, 48, 8)?,
            before: number(record, 40, 8)?,
            count: Some(number(record, 24, 8)?),
        })
    }

    /// Turns the place of the record and the size of the directory into the place of the directory.
    fn position(self) -> Option<Self> {
        let (record, size) = (self.position, self.before);
        if record < self.said {
            return None;
        }
        let position = record.checked_sub(size)?;
        Some(End { position, before: position.checked_sub(self.said)?, ..self })
    }
}

/// Reads what is behind the header of an entry.
fn entry(
    header: &[u8],
    reader: &mut impl Read,
    end: &End,
    dialect: Dialect,
    needs_struct: &mut bool,
) -> Result<(String, Member), Unread> {
    let field = |at: usize, length: usize| number(header, at, length).ok_or(Unread::Refused);
    let word = |at: usize| header.get(at..at + 2).and_then(|it| it.try_into().ok()).map(u16::from_le_bytes);
    let word = |at: usize| word(at).ok_or(Unread::Refused);
    let mut member = Member {
        compression: word(10)?,
        packed: field(20, 4)?,
        size: field(24, 4)?,
        local_header: field(42, 4)?,
        date: word(14)?,
        time: word(12)?,
    };
    if dialect != Dialect::Large && member.local_header > end.said {
        return Err(Unread::Refused);
    }
    let mut text = |length: u64| {
        let mut bytes = Vec::new();
        reader.take(length).read_to_end(&mut bytes).map_err(|_| Unread::Refused)?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(Unread::Refused) }
    };
    let name = text(field(28, 2)?)?;
    let extra = text(field(30, 2)? + field(32, 2)?)?;
    let name = if word(8)? & 0x800 != 0 {
        String::from_utf8(name).map_err(|_| Unread::MisspeltName)?
    } else {
        name.iter().map(|it| letter(*it)).collect()
    };
    if dialect == Dialect::Large {
        member.take_from(&extra, needs_struct)?;
        if member.local_header > end.said {
            return Err(Unread::Refused);
        }
    }
    member.local_header = member.local_header.checked_add(end.before).ok_or(Unread::Refused)?;
    Ok((name, member))
}

impl Member {
    /// Takes what is too large for its field from the extra one, and tells whether there was any.
    fn take_from(&mut self, mut extra: &[u8], needs_struct: &mut bool) -> Result<(), Unread> {
        let fields = [&mut self.size, &mut self.packed, &mut self.local_header];
        let elsewhere = fields.into_iter().filter(|it| **it == ELSEWHERE);
        let mut elsewhere = elsewhere.peekable();
        if elsewhere.peek().is_none() {
            return Ok(());
        }
        while !extra.is_empty() {
            let field = |at: usize| number(extra, at, 2).ok_or(Unread::Refused);
            let (tag, size) = (field(0)?, usize::try_from(field(2)?).map_err(|_| Unread::Refused)?);
            let rest = extra.get(4 + size..).ok_or(Unread::Refused)?;
            if tag == u64::from(EXTRA_OF_LARGE) {
                // Whatever follows is taken for a part of it.
                let values = extra.get(4..).filter(|it| it.len() % 8 == 0 && it.len() <= 24).ok_or(Unread::Refused)?;
                *needs_struct = true;
                let mut values = values.chunks_exact(8);
                for field in elsewhere {
                    // An `IndexError`, as none is left.
                    *field = values.next().and_then(|it| number(it, 0, 8)).ok_or(Unread::Fails)?;
                }
                return Ok(());
            }
            extra = rest;
        }
        Ok(())
    }
}

/// Reads a number of a few bytes, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A letter of code page 437, in which names are that say nothing else of themselves.
fn letter(byte: u8) -> char {
    const ABOVE_ASCII: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                               αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    let above = usize::from(byte).checked_sub(128).and_then(|at| ABOVE_ASCII.chars().nth(at));
    above.unwrap_or(char::from(byte))
}
