//! Files as Python's `configparser` reads them, its errors included.
//!
//! In: a text. Out: its values by section and key, each with the line it stands on; or the line that makes a program of
//! Python's stop.
//!
//! **Invariant:** equal to `configparser.RawConfigParser` with its defaults; who wants to read on after an error reads
//! otherwise.

use std::collections::BTreeMap;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// `[DEFAULT]`: what every other section has too.
    defaults: Section,
    sections: BTreeMap<String, Section>,
}

type Section = BTreeMap<String, Value>;

/// One value, its lines joined as `configparser` joins them, and where it stands, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) line: u32,
}

/// Why `configparser` raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// From 1.
    pub(crate) line: u32,
    pub(crate) reason: &'static str,
}

impl Configuration {
    /// Returns the values of a section and those of `[DEFAULT]` that it does not have, by key.
    pub(crate) fn items(&self, section: &str) -> impl Iterator<Item = (&str, &Value)> {
        let own = self.sections.get(section);
        let inherited = self.defaults.iter().filter(move |(key, _)| own.is_some_and(|own| !own.contains_key(*key)));
        own.into_iter().flatten().chain(inherited).map(|(key, value)| (key.as_str(), value))
    }

    /// Returns one value, from `[DEFAULT]` where the section is there and does not have it; keys are in lower case.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&Value> {
        let own = self.sections.get(section)?;
        own.get(key).or_else(|| self.defaults.get(key))
    }
}

/// Reads a file (`RawConfigParser._read`).
pub(crate) fn read(text: &str) -> Result<Configuration, Rejected> {
    let mut reader = Reader::default();
    // A text file of Python's has universal newlines.
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    for (number, line) in unified.strip_suffix('\n').unwrap_or(&unified).split('\n').enumerate() {
        reader.take(line, u32::try_from(number + 1).unwrap_or(u32::MAX))?;
    }
    // What is no option is noted, the rest is read for further errors, and then it raises all the same.
    reader.no_option.map_or_else(|| Ok(reader.finish()), Err)
}

#[derive(Default)]
struct Reader {
    configuration: Configuration,
    /// The section in force; `None` before the first header.
    section: Option<String>,
    /// The key that a deeper line continues.
    key: Option<String>,
    depth: usize,
    no_option: Option<Rejected>,
}

const DEFAULTS: &str = "DEFAULT";

impl Reader {
    fn take(&mut self, line: &str, number: u32) -> Result<(), Rejected> {
        let content = line.trim();
        if content.starts_with(['#', ';']) {
            return Ok(());
        }
        if content.is_empty() {
            if let Some(value) = self.open_value() {
                value.text.push('\n');
            }
            return Ok(());
        }
        let depth = line.chars().take_while(|it| it.is_whitespace()).count();
        if depth > self.depth
            && let Some(value) = self.open_value()
        {
            value.text.push('\n');
            value.text.push_str(content);
            return Ok(());
        }
        self.depth = depth;
        if let Some(name) = header(content) {
            return self.open_section(name, number);
        }
        if self.section.is_none() {
            return Err(Rejected { line: number, reason: "no section before this line" });
        }
        match content.split_once(['=', ':']) {
            Some((key, text)) if !key.trim().is_empty() => self.add(key.trim(), text.trim(), number),
            _ => {
                self.no_option.get_or_insert(Rejected { line: number, reason: "no `key = value`" });
                Ok(())
            }
        }
    }

    fn open_section(&mut self, name: &str, number: u32) -> Result<(), Rejected> {
        if name != DEFAULTS && self.configuration.sections.insert(name.to_owned(), Section::new()).is_some() {
            return Err(Rejected { line: number, reason: "this section is there twice" });
        }
        self.section = Some(name.to_owned());
        self.key = None;
        Ok(())
    }

    fn add(&mut self, key: &str, text: &str, number: u32) -> Result<(), Rejected> {
        let key = key.to_lowercase();
        self.key = Some(key.clone());
        let Some(section) = self.open() else { return Ok(()) };
        match section.insert(key, Value { text: text.to_owned(), line: number }) {
            Some(_) => Err(Rejected { line: number, reason: "this key is there twice" }),
            None => Ok(()),
        }
    }

    fn open(&mut self) -> Option<&mut Section> {
        match self.section.as_deref()? {
            DEFAULTS => Some(&mut self.configuration.defaults),
            name => self.configuration.sections.get_mut(name),
        }
    }

    fn open_value(&mut self) -> Option<&mut Value> {
        let key = self.key.clone()?;
        self.open()?.get_mut(&key)
    }

    fn finish(mut self) -> Configuration {
        let sections = self.configuration.sections.values_mut().chain([&mut self.configuration.defaults]);
        for value in sections.flat_map(BTreeMap::values_mut) {
            value.text.truncate(value.text.trim_end().len());
        }
        self.configuration
    }
}

/// Returns the name between `[` and the last `]` (`SECTCRE`).
fn header(content: &str) -> Option<&str> {
    let name = content.strip_prefix('[')?.rsplit_once(']')?.0;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, section: &str, key: &str) -> Option<String> {
        read(text).ok()?.get(section, key).map(|value| value.text.clone())
    }

    #[test]
    fn values_go_on_over_deeper_lines() {
        let text = "# head\n[a]\nKey: one\n  two\n\n  ; no\n  three\n\nother = x = y ; z\nempty =\n";
        assert_eq!(get(text, "a", "key").as_deref(), Some("one\ntwo\n\nthree"));
        assert_eq!(get(text, "a", "other").as_deref(), Some("x = y ; z"));
        assert_eq!(get(text, "a", "empty").as_deref(), Some(""));
        assert_eq!(get(" [a]\r\n  k = 1\r  l=2\n", "a", "k").as_deref(), Some("1"), "deeper than nothing yet");
    }

    #[test]
    fn defaults_are_in_every_section() {
        let text = "[DEFAULT]\nk = 1\nl = 2\n[a]\nk = 3\n";
        assert_eq!(get(text, "a", "k").as_deref(), Some("3"));
        assert_eq!(get(text, "a", "l").as_deref(), Some("2"));
        assert_eq!(get(text, "b", "l"), None);
        let configuration = read(text).unwrap();
        assert_eq!(configuration.items("a").map(|(key, _)| key).collect::<Vec<_>>(), ["k", "l"]);
        assert_eq!(configuration.items("DEFAULT").count(), 0);
    }

    #[test]
    fn errors_are_those_of_python() {
        for (text, line) in [
            ("k = 1\n", 1),
            ("[a]\nk = 1\nK = 2\n", 3),
            ("[a]\n[b]\n[a]\n", 3),
            ("[a]\nnothing\nk = 1\n", 2),
            ("[a]\n= 1\n", 2),
            ("[]\n", 1),
            ("\u{feff}[a]\nk = 1\n", 1),
        ] {
            assert_eq!(read(text).map_err(|it| it.line), Err(line), "{text:?}");
        }
        assert_eq!(get("[a] b]x\nk = 1\n", "a] b", "k").as_deref(), Some("1"));
        assert_eq!(read(""), Ok(Configuration::default()));
    }
}
