//! Which of two files in an archive is loaded: a module's bytecode, or its source beside it, if it has one.
//!
//! In: the entries, and what the interpreter is. Out: the [`Choice`] that `zipimport._unmarshal_code` makes (3.8 and later;
//! before, `unmarshal_code` in `Modules/zipimport.c`).
//!
//! **Invariant:** nothing is read but what it needs of these two; what cannot be known is said.

use camino::{Utf8Path, Utf8PathBuf};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use siphasher::sip::{SipHasher13, SipHasher24};

use super::contents::Shelf;
use super::local_time::Zeros;
use crate::archive::Member;
use crate::interpreter::{Implementation, Interpreter, Version};
use crate::system::{LARGEST_SOURCE, System};

/// `importlib.util.MAGIC_NUMBER` of the releases from 3.6 on, whose bytecode no later release of theirs has changed.
const MAGIC_NUMBERS: [u16; 9] = [3379, 3394, 3413, 3425, 3439, 3495, 3531, 3571, 3627];

/// The compression that is none.
pub(super) const STORED: u16 = 0;

/// What of a `.pyc` is before its code: a magic number, flags, and the source's time and size, or its hash.
const HEADER: usize = 16;

/// Bytecode, and the source beside it where there is one.
#[derive(Debug)]
pub(super) struct Pair<'d> {
    pub(super) bytecode: &'d Member,
    pub(super) source: Option<&'d Member>,
    /// Whether this Python can unpack the source.
    pub(super) reads_source: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Bytecode,
    /// What comes behind it, if anything does.
    Source,
    /// Why it cannot be known.
    Unknown(&'static str),
}

/// What an interpreter takes for bytecode of its own.
#[derive(Debug)]
pub(super) enum Rules {
    /// PyPy named the bytecode that is there, whatever is in it (`interp_zipimport.py`, `get_filename`), until it had the
    /// `zipimport` of CPython.
    Always,
    CPython {
        minor: u8,
        magic: Magic,
        /// Hashes are of the newer kind (`_Py_KeyedHash`).
        is_short_hash: bool,
        zeros: Zeros,
    },
}

/// The number that bytecode begins with.
#[derive(Debug)]
pub(super) enum Magic {
    Known(u16),
    /// It stands in a file of the interpreter's own library, where that is there.
    In(Utf8PathBuf),
}

impl Rules {
    pub(super) fn of(interpreter: &Interpreter) -> Self {
        let minor = interpreter.version.minor;
        let is_cpython = interpreter.implementation == Implementation::CPython;
        if !is_cpython && interpreter.builtin_modules.contains("zipimport") {
            return Rules::Always;
        }
        let zeros = if is_cpython { Zeros::CarriedOver } else { Zeros::Ones };
        Rules::CPython { minor, magic: Magic::of(interpreter), is_short_hash: is_cpython && minor >= 11, zeros }
    }
}

impl Magic {
    fn of(interpreter: &Interpreter) -> Self {
        let Version { minor, suffix, .. } = &interpreter.version;
        let known = minor.checked_sub(6).and_then(|at| MAGIC_NUMBERS.get(usize::from(at)));
        match (interpreter.implementation, known.filter(|_| suffix.is_empty())) {
            (Implementation::CPython, Some(known)) => Magic::Known(*known),
            (Implementation::CPython, None) => Magic::of_library(interpreter, &format!("cpython-3{minor}")),
            (Implementation::PyPy, _) => Magic::of_library(interpreter, &format!("pypy3{minor}")),
        }
    }

    fn of_library(interpreter: &Interpreter, tag: &str) -> Self {
        Magic::In(interpreter.stdlib.join(format!("__pycache__/os.{tag}.pyc")))
    }

    /// Returns the first four bytes as a number.
    fn number(&self, system: &dyn System) -> Option<u32> {
        let number = match self {
            Magic::Known(number) => *number,
            Magic::In(path) => match system.read_range(path, 0, 4).ok()?.as_slice() {
                [low, high, b'\r', b'\n'] => u16::from_le_bytes([*low, *high]),
                _ => return None,
            },
        };
        Some(u32::from(number) | u32::from_le_bytes([0, 0, b'\r', b'\n']))
    }
}

/// Returns the first bytes of what is in a file of an archive, as many as there are up to `most`.
fn content(member: &Member, system: &dyn System, archive: &Utf8Path, most: usize) -> Option<Vec<u8>> {
    if member.compression == STORED {
        return member.packed(system, archive, most);
    }
    // A block of deflate may begin with a table of a few hundred bytes.
    let bytes = member.packed(system, archive, most.saturating_add(4096))?;
    let mut out = vec![0; most.min(usize::try_from(member.size).ok()?)];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (_, _, length) = decompress(&mut DecompressorOxide::new(), &bytes, &mut out, 0, flags);
    (length == out.len()).then_some(out)
}

impl Pair<'_> {
    /// Chooses as zipimport does; what fails to be read there ends the import at the bytecode.
    pub(super) fn choose(&self, shelf: &Shelf<'_>, archive: &Utf8Path, rules: &Rules) -> Choice {
        let Rules::CPython { minor, magic, is_short_hash, zeros } = rules else { return Choice::Bytecode };
        let Some(header) = content(self.bytecode, shelf.system, archive, HEADER) else { return Choice::Bytecode };
        let Some(own) = magic.number(shelf.system) else {
            let unknown = Choice::Unknown("what this Python's bytecode begins with is not known");
            return self.source.map_or(Choice::Bytecode, |_| unknown);
        };
        let word = |at: usize| header.get(at..at + 4).and_then(|it| it.try_into().ok()).map(u32::from_le_bytes);
        // Up to 3.7 what is too short is no bytecode at all; later, only where it begins as bytecode does.
        if word(0) != Some(own) {
            return if *minor < 8 && header.len() < 12 { Choice::Bytecode } else { Choice::Source };
        }
        let (Some(second), Some(third)) = (word(4), word(8)) else { return Choice::Bytecode };
        let Some(source) = self.source else {
            let is_known = match minor {
                ..=6 => true,
                7 => second <= 1,
                _ => second <= 3 || word(12).is_none(),
            };
            return if is_known { Choice::Bytecode } else { Choice::Source };
        };
        match (minor, second) {
            (..=6, time) => by_time(source, shelf, time, *zeros),
            (7, 0) => by_time(source, shelf, third, *zeros),
            (7, 1) => Choice::Bytecode,
            (7, _) => Choice::Source,
            (_, flags) => match (flags, word(12)) {
                (_, None) | (1, _) => Choice::Bytecode,
                // 2 says that a hash is to be checked, of which there is none.
                (0 | 2, Some(size)) if u64::from(size) == source.size => by_time(source, shelf, third, *zeros),
                (3, Some(_)) if !self.reads_source => Choice::Source,
                (3, Some(fourth)) => {
                    let written = u64::from(third) | u64::from(fourth) << 32;
                    by_hash(source, shelf.system, archive, *is_short_hash, own, written)
                }
                _ => Choice::Source,
            },
        }
    }
}

/// Archives keep even seconds, so one more or less is the same (`_eq_mtime`).
fn by_time(source: &Member, shelf: &Shelf<'_>, written: u32, zeros: Zeros) -> Choice {
    let Some(instants) = shelf.local_time().instants(source.date, source.time, zeros) else {
        return Choice::Unknown("the time zone is not known");
    };
    match instants.iter().filter(|it| it.abs_diff(i64::from(written)) <= 1).count() {
        0 => Choice::Source,
        fitting if fitting == instants.len() => Choice::Bytecode,
        _ => Choice::Unknown("clocks were changed at that time"),
    }
}

/// The hash is keyed with the magic number (`_imp.source_hash`).
fn by_hash(
    source: &Member,
    system: &dyn System,
    archive: &Utf8Path,
    is_short_hash: bool,
    key: u32,
    written: u64,
) -> Choice {
    let Some(most) = usize::try_from(LARGEST_SOURCE).ok().filter(|most| source.size <= *most as u64) else {
        return Choice::Unknown("the source is too large to be read");
    };
    let Some(source) = content(source, system, archive, most) else { return Choice::Bytecode };
    let key = u64::from(key);
    // `_Py_KeyedHash`.
    let hash = if is_short_hash {
        SipHasher13::new_with_keys(key, 0).hash(&source)
    } else {
        SipHasher24::new_with_keys(key, 0).hash(&source)
    };
    if hash == written { Choice::Bytecode } else { Choice::Source }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::super::tests::{python, root};
    use super::super::{ModuleKind, Resolver};
    use crate::origin::Origin;
    use crate::system::memory::MemorySystem;
    use crate::system::{Platform, System as _};

    /// Clocks of Berlin showed half past two twice on that day: these are the instants.
    const FIRST: u32 = 1_635_640_200;
    const SECOND: u32 = 1_635_643_800;
    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    /// Says which file is found, and why it may be the other.
    fn found(mut system: MemorySystem, zone: &str, words: [u32; 3]) -> String {
        let magic = 3571_u16.to_le_bytes();
        let header = [magic[0], magic[1], b'\r', b'\n'].into_iter().chain(words.into_iter().flat_map(u32::to_le_bytes));
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let time = zip::DateTime::from_date_and_time(2021, 10, 31, 2, 30, 0).unwrap();
        let options =
            SimpleFileOptions::default().last_modified_time(time).compression_method(CompressionMethod::Stored);
        for (name, content) in [("twice.pyc", header.collect()), ("twice.py", b"x = 1\n".to_vec())] {
            archive.start_file(name, options).unwrap();
            archive.write_all(&content).unwrap();
        }
        let path = if system.platform().is_windows() { "C:/lib/a.zip" } else { "/lib/a.zip" };
        system.write(path, archive.finish().unwrap().into_inner());
        system.set_variable("TZ", zone);
        let mut interpreter = python(13);
        interpreter.search_path.insert(0, root(path, Origin::PathFile));
        let found = Resolver::new(&system, &interpreter, &[]).resolve("twice");
        let twin = found.twin.map(|it| format!(" or {}: {}", it.path, it.reason)).unwrap_or_default();
        found.path.unwrap_or_default().into_string() + &twin
    }

    #[test]
    fn bytecode_is_taken_where_it_fits_its_source() {
        let (bytecode, source) = ("/lib/a.zip/twice.pyc", "/lib/a.zip/twice.py");
        let utc = 1_635_647_400;
        for (words, expected) in [
            ([0, utc, 6], bytecode),
            ([0, utc + 1, 6], bytecode),
            ([0, utc + 2, 6], source),
            ([0, utc, 7], source),
            ([1, 0, 0], bytecode),
            ([3, 0, 0], source),
            ([4, utc, 6], source),
        ] {
            assert_eq!(found(MemorySystem::default(), "UTC0", words), expected, "{words:?}");
        }
    }

    #[test]
    fn what_is_packed_is_found_where_zlib_is() {
        let found = |minor: u8, has_zlib: bool| {
            let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
            archive
                .start_file("packed.py", SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
                .unwrap();
            let mut archive = archive.finish().unwrap().into_inner();
            let entry = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
            archive[entry + 10] = 8;
            let mut system = MemorySystem::default();
            system.write("/lib/a.zip", archive).write("/std/os.py", "");
            if has_zlib {
                system.write("/std/zlib.so", "");
            }
            let mut interpreter = python(minor);
            interpreter.search_path.insert(0, root("/lib/a.zip", Origin::PathFile));
            let found = Resolver::new(&system, &interpreter, &[]).resolve("packed");
            assert_eq!(found.kind, ModuleKind::Zip);
            found.path
        };
        assert_eq!(found(13, true).as_deref(), Some("/lib/a.zip/packed.py".into()));
        assert_eq!(found(13, false), None);
        assert_eq!(found(15, false).as_deref(), Some("/lib/a.zip/packed.py".into()));
    }

    #[test]
    fn what_cannot_be_known_is_said() {
        let or = "/lib/a.zip/twice.pyc or /lib/a.zip/twice.py: ";
        for written in [FIRST, SECOND] {
            let said = found(MemorySystem::default(), BERLIN, [0, written, 6]);
            assert_eq!(said, format!("{or}clocks were changed at that time"));
        }
        assert_eq!(found(MemorySystem::default(), BERLIN, [0, FIRST - 3600, 6]), "/lib/a.zip/twice.py");
        let windows = found(MemorySystem::of(Platform::Windows), "", [0, FIRST, 6]);
        assert_eq!(windows, "C:/lib/a.zip/twice.pyc or C:/lib/a.zip/twice.py: the time zone is not known");
    }
}
