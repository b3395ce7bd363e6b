//! The file of a notebook (nbformat 4), and where in it each letter of its code stands.
//!
//! In: JSON. Out: the sources of the code cells, [`Places`], and what the notebook says of its kernel.
//!
//! **Invariant:** outputs and attachments are passed over unread, however deep they nest; what is needed and is not as
//! nbformat has it is an error with its line.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Flaw;
use crate::text::Span;

/// What is read of a notebook.
pub(super) struct Content {
    /// The Python cells: the number of each among all cells, from 1, and its source.
    pub(super) cells: Vec<(usize, String)>,
    /// For each of them.
    pub(super) places: Vec<Places>,
    /// `metadata.kernelspec.name`, and where it stands.
    pub(super) kernel: Option<(String, Span)>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    nbformat: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    cells: Option<Vec<Cell<'a>>>,
}

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(rename = "cell_type")]
    kind: String,
    #[serde(borrow)]
    source: &'a RawValue,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Metadata<'a> {
    #[serde(default, borrow)]
    kernelspec: Kernelspec<'a>,
    #[serde(default)]
    language_info: Language,
    /// Of a cell: VS Code notes a language of its own there.
    #[serde(default)]
    vscode: Editor,
}

#[derive(Deserialize, Default)]
struct Kernelspec<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    language: Option<String>,
}

#[derive(Deserialize, Default)]
struct Language {
    name: Option<String>,
}

#[derive(Deserialize, Default)]
struct Editor {
    #[serde(rename = "languageId")]
    language: Option<String>,
}

/// Reads the file; one of another language has no cells.
pub(super) fn read(source: &str) -> Result<Content, Flaw> {
    if !source.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(source).is_ok() {
        return Err(Flaw::of_file("is no notebook: it is no JSON object"));
    }
    let file: File<'_> = serde_json::from_str(source).map_err(|error| flaw(&error))?;
    let Some(cells) = file.cells else { return Err(Flaw::of_file("is no notebook: it has no `cells`")) };
    match file.nbformat.map(RawValue::get) {
        Some("4") => {}
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            return Err(Flaw::of_file(&format!("its `nbformat` is {other}; only 4 is read")));
        }
        None => return Err(Flaw::of_file("is no notebook: it has no `nbformat`")),
    }
    let metadata = metadata(file.metadata);
    let language = metadata.language_info.name.or(metadata.kernelspec.language);
    let mut content = Content { cells: Vec::new(), places: Vec::new(), kernel: None };
    if language.is_some_and(|it| !it.eq_ignore_ascii_case("python")) {
        return Ok(content);
    }
    content.kernel = metadata.kernelspec.name.and_then(|raw| {
        let name: String = serde_json::from_str(raw.get()).ok()?;
        let start = u32::try_from(start_of(source, raw)).ok()?;
        let end = start + u32::try_from(raw.get().len()).ok()?;
        (!name.is_empty()).then_some((name, Span::new(start, end)))
    });
    for (cell, number) in cells.iter().zip(1..) {
        let of_cell = self::metadata(cell.metadata).vscode.language;
        if cell.kind != "code" || of_cell.is_some_and(|it| it != "python") {
            continue;
        }
        let Some((text, places)) = text(source, cell.source) else {
            let line = line_of(source, start_of(source, cell.source));
            return Err(Flaw { line: Some(line), message: format!("the source of cell {number} is no text") });
        };
        content.cells.push((number, text));
        content.places.push(places);
    }
    Ok(content)
}

/// What a notebook says beside its cells is for other programs; what of it cannot be read says nothing.
fn metadata(raw: Option<&RawValue>) -> Metadata<'_> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn flaw(error: &serde_json::Error) -> Flaw {
    let said = error.to_string();
    let reason = said.split(" at line ").next().unwrap_or_default().replace("struct Cell", "a cell");
    let what = if error.is_data() { "is no notebook" } else { "is not JSON" };
    Flaw { line: u32::try_from(error.line()).ok(), message: format!("{what}: {reason}") }
}

/// A text, or a list of texts that belong together.
fn text(file: &str, raw: &RawValue) -> Option<(String, Places)> {
    let mut places = Places::default();
    let mut text = String::new();
    if raw.get().starts_with('[') {
        let lines: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
        for line in lines {
            decode(file, line, &mut text, &mut places)?;
        }
    } else {
        decode(file, raw, &mut text, &mut places)?;
    }
    Some((text, places))
}

fn decode(file: &str, raw: &RawValue, text: &mut String, places: &mut Places) -> Option<()> {
    let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    let base = start_of(file, raw) + 1;
    places.end = base + inside.len();
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        if plain > 0 {
            places.pieces.push(Piece { text: text.len(), file: base + at, escape: 0 });
            text.push_str(rest.get(..plain)?);
            at += plain;
            continue;
        }
        let (character, width) = escape(rest)?;
        places.pieces.push(Piece { text: text.len(), file: base + at, escape: width });
        text.push(character);
        at += width;
    }
    Some(())
}

/// Reads one escape: the character, and how many bytes say it.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let character = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let first = unit(2)?;
            let second = text.get(6..8).filter(|it| *it == "\\u").and_then(|_| unit(8));
            if let (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) = (first, second) {
                let both = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Some((char::from_u32(both)?, 12));
            }
            // Half of a pair is no character; Python keeps it, and no name has one.
            return Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6));
        }
        byte => char::from(*byte),
    };
    Some((character, 2))
}

/// Where a value that was not copied starts in the file.
fn start_of(file: &str, raw: &RawValue) -> usize {
    (raw.get().as_ptr() as usize).saturating_sub(file.as_ptr() as usize)
}

fn line_of(file: &str, at: usize) -> u32 {
    let lines = file.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(lines + 1).unwrap_or(u32::MAX)
}

/// Where the letters of one cell stand in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// In order of both.
    pieces: Vec<Piece>,
    /// Where the last of its texts ends.
    end: usize,
}

/// A run of letters that stand in the file as they are, or one that is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    text: usize,
    file: usize,
    /// How many bytes an escape has; 0 for a run.
    escape: usize,
}

impl Places {
    /// Returns where a byte of the cell's source stands in the file.
    pub(super) fn in_file(&self, offset: usize) -> usize {
        let at = self.pieces.partition_point(|piece| piece.text <= offset);
        match at.checked_sub(1).and_then(|at| self.pieces.get(at)) {
            Some(piece) if piece.escape == 0 => piece.file + (offset - piece.text),
            Some(piece) => piece.file,
            None => self.end,
        }
    }

    /// Returns where in the file a range ends that ends before this byte of the source.
    pub(super) fn end_in_file(&self, offset: usize) -> usize {
        let Some(last) = offset.checked_sub(1) else { return self.in_file(offset) };
        let at = self.pieces.partition_point(|piece| piece.text <= last);
        match at.checked_sub(1).and_then(|at| self.pieces.get(at)) {
            Some(piece) if piece.escape == 0 => piece.file + (offset - piece.text),
            Some(piece) => piece.file + piece.escape,
            None => self.end,
        }
    }

    /// Returns which byte of the source stands at a byte of the file; `None` outside of the cell.
    pub(super) fn in_text(&self, file: usize) -> Option<usize> {
        let at = self.pieces.partition_point(|piece| piece.file <= file).checked_sub(1)?;
        let piece = self.pieces.get(at)?;
        let next = self.pieces.get(at + 1);
        if next.is_none() && file > self.end {
            return None;
        }
        let offset = if piece.escape == 0 { piece.text + (file - piece.file) } else { piece.text };
        // Between two texts of a list nothing of the source stands.
        Some(next.map_or(offset, |next| offset.min(next.text)))
    }
}
