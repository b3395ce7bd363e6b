//! Paths as people write them.
//!
//! In: a folder that people are in, and their home. Out: paths and sentences about paths, as short as they can be.
//!
//! **Invariant:** what is shortened still names one place only; no control character of a file name survives.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};

use crate::origin::Evidence;

/// Shortens paths: from a folder, else from the home directory.
#[derive(Debug, Clone)]
pub struct Short {
    folder: Utf8PathBuf,
    home: Option<Utf8PathBuf>,
}

impl Short {
    /// `home` is the content of `HOME`, where there is one.
    pub fn new(folder: &Utf8Path, home: Option<&str>) -> Self {
        let home = home.map(|home| home.trim_end_matches('/')).filter(|home| home.len() > 1);
        Short { folder: folder.to_owned(), home: home.map(Utf8PathBuf::from) }
    }

    pub fn path(&self, path: &Utf8Path) -> String {
        match path.strip_prefix(&self.folder) {
            // From the root, `usr/bin` would be no shorter and much stranger.
            Ok(below) if !below.as_str().is_empty() && self.folder != "/" => return below.to_string(),
            _ => {}
        }
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(below) => Utf8Path::new("~").join(below).to_string(),
            None => path.to_string(),
        }
    }

    pub fn evidence(&self, evidence: &Evidence) -> String {
        match evidence {
            Evidence::Line { path, line } => format!("{}:{line}", self.path(path)),
            other => other.to_string(),
        }
    }

    /// Shortens the paths in a sentence: each that begins a word, or stands behind `=`, a quote or a bracket.
    pub fn text(&self, text: &str) -> String {
        let mut shortened = String::with_capacity(text.len());
        let mut word = String::new();
        let finish = |word: &mut String, shortened: &mut String| {
            let path = Utf8Path::new(&*word);
            shortened.push_str(&if path.is_absolute() { self.path(path) } else { std::mem::take(word) });
            word.clear();
        };
        for letter in text.chars() {
            if matches!(letter, ' ' | '=' | '`' | '(' | ')' | ':') {
                finish(&mut word, &mut shortened);
                shortened.push(letter);
            } else {
                word.push(letter);
            }
        }
        finish(&mut word, &mut shortened);
        shortened
    }
}

/// Writes control characters out, so that no file name can move the cursor or end a line.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|it| if it.is_control() { it.escape_default().to_string() } else { it.to_string() });
    Cow::Owned(escaped.collect())
}
