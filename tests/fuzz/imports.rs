//! The reader of imports that parses only what it has to, held against the parser's answer for the whole text.
//!
//! In: any bytes, taken as a file's text. Out: a panic where the two answers differ in any part.
//!
//! **Invariant:** the same as that of `tests/scanner.rs`, which reads once more whatever was found here.

#![no_main]

use fromwhere_core::imports::{scan, scan_whole};
use fromwhere_core::text::Text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = Text::new(String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(scan(&text), scan_whole(&text));
});
