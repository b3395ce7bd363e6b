//! Real files torn in many ways, and lines that make no sense.
//!
//! In: the bytes of a file, and numbers that look random. Out: the same file with a few things done to it; or a text of its own.
//!
//! **Invariant:** a seed and a text are enough to get a torn text again, on every machine.

use super::vocabulary::{HEADERS, PIECES, WORDS};

/// Numbers that look random and follow from a seed (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }

    pub(crate) fn of<'t, T: ?Sized>(&mut self, all: &'t [&'t T]) -> &'t T {
        all[self.below(all.len())]
    }
}

/// Does up to six things to a text.
pub(crate) fn tear(text: &[u8], random: &mut Random) -> String {
    let mut text = text.to_vec();
    for _ in 0..=random.below(6) {
        tear_once(&mut text, random);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn tear_once(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(20) {
        0 | 1 => insert(text, at, random.of(PIECES).as_bytes()),
        2 => {
            let token = token_at(text, at);
            text.drain(token);
        }
        3 => {
            let token = text[token_at(text, at)].to_vec();
            insert(text, at, &token);
        }
        4 => {
            // Two neighbours change places.
            let first = token_at(text, at);
            let second = token_at(text, first.end);
            text[first.start..second.end].rotate_left(first.len());
        }
        5 => {
            let token = token_at(text, at);
            text.splice(token, random.of(PIECES).bytes());
        }
        6 => {
            let end = text.len().min(at + random.below(60));
            text.drain(at..end);
        }
        7 => {
            let end = text.len().min(at + random.below(120));
            let piece = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            insert(text, to, &piece);
        }
        8 => {
            let byte = u8::try_from(random.below(256)).unwrap_or_default();
            insert(text, at, &[byte]);
        }
        9 => {
            let line = line_at(text, at);
            text.drain(line);
        }
        10 => {
            let line = text[line_at(text, at)].to_vec();
            let to = line_at(text, random.below(text.len() + 1)).start;
            insert(text, to, &line);
        }
        11 => {
            let end = line_at(text, at).end;
            text.drain(end.saturating_sub(1)..end);
        }
        12 => {
            let start = line_at(text, at).start;
            insert(text, start, random.of(&[" ", "  ", "    ", "        ", "\t", "\x0c", "\\\n"]).as_bytes());
        }
        13 => {
            let line = line_at(text, at);
            let blanks = text[line.clone()].iter().take_while(|it| **it == b' ').count();
            text.drain(line.start..line.start + random.below(blanks + 1));
        }
        14 => text.truncate(at),
        15 => {
            let end = line_at(text, at).end;
            insert(text, end.saturating_sub(1), random.of(PIECES).as_bytes());
        }
        // What the answers are about: imports at the place's own indentation, after whatever is torn above.
        16 | 17 => {
            let line = line_at(text, at);
            let blanks = text[line.clone()].iter().take_while(|it| **it == b' ').count();
            let import = random.of(&["import probe\n", "from probe import x\n", "__import__('probe')\n"]);
            insert(text, line.start, format!("{}{import}", " ".repeat(blanks)).as_bytes());
        }
        18 => {
            let start = line_at(text, at).start;
            insert(text, start, b"import probe\n");
        }
        _ => {
            let line = line_at(text, at);
            let blanks = text[line.clone()].iter().take_while(|it| **it == b' ').count();
            let piece = format!("{}{}\n", " ".repeat(blanks), random.of(PIECES));
            insert(text, line.start, piece.as_bytes());
        }
    }
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}

/// Returns the word around a place, or the one byte that is no part of a word.
fn token_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let at = at.min(text.len());
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let before = text[..at].iter().rev().take_while(|it| is_word(it)).count();
    let after = text[at..].iter().take_while(|it| is_word(it)).count();
    if before + after > 0 { at - before..at + after } else { at..text.len().min(at + 1) }
}

/// Returns the line around a place, its end included.
fn line_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = text[..at].iter().rposition(|it| *it == b'\n').map_or(0, |end| end + 1);
    start..text[at..].iter().position(|it| *it == b'\n').map_or(text.len(), |end| at + end + 1)
}

/// Pieces of Python in any order, on lines of any depth.
pub(crate) fn loose_pieces(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(12) {
        text.push_str(&"    ".repeat(random.below(4)));
        for _ in 0..=random.below(3) {
            text.push_str(random.of(PIECES));
            text.push_str(random.of(&["", " "]));
        }
        text.push_str(random.of(&["\n", "\n", "\n", "", "\r\n"]));
    }
    text
}

/// Lines that end where they seem to, in brackets and in indentation, and make no sense: what is read without the parser
/// unless something in it is unsure.
pub(crate) fn closed_lines(random: &mut Random) -> String {
    let mut text = String::new();
    let mut blocks: Vec<usize> = Vec::new();
    let mut opened = false;
    for _ in 0..2 + random.below(12) {
        if opened {
            blocks.push(blocks.last().copied().unwrap_or_default() + 1 + random.below(4));
        } else {
            blocks.truncate(random.below(2 * blocks.len() + 1));
        }
        text.push_str(&" ".repeat(blocks.last().copied().unwrap_or_default()));
        match random.below(4) {
            0 => text.push_str(random.of(&["import probe", "from probe import x", "__import__('probe')"])),
            1 => text.push_str(random.of(HEADERS)),
            _ => words(&mut text, random, 0),
        }
        opened = random.below(3) == 0;
        text.push_str(if opened { ":\n" } else { "\n" });
    }
    text
}

/// Words with any brackets around some of them, each closed.
fn words(text: &mut String, random: &mut Random, depth: usize) {
    for _ in 0..=random.below(6) {
        if depth < 4 && random.below(4) == 0 {
            let (open, close) = [("(", ")"), ("[", "]"), ("{", "}")][random.below(3)];
            text.push_str(open);
            words(text, random, depth + 1);
            text.push_str(close);
        } else {
            text.push_str(random.of(WORDS));
        }
        if random.below(3) > 0 {
            text.push(' ');
        }
    }
}
