//! What is in one directory.
//!
//! In: names and kinds, in the order in which the disk has them. Out: a [`Listing`]: sorted, and searched by name.
//!
//! **Invariant:** a directory with a thousand entries costs two allocations, not a thousand.

use super::Kind;

/// The names in one directory, sorted by code point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    names: Names,
    not_utf8: Names,
}

/// Names with their kinds.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// All of them, one behind the other.
    text: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Of its name in the text.
    start: usize,
    end: usize,
    kind: Kind,
}

impl Listing {
    /// Takes the names, and as they can be shown those that are not UTF-8: these only say that something is there.
    pub fn new(mut names: Names, mut not_utf8: Names) -> Self {
        names.sort();
        not_utf8.sort();
        Listing { names, not_utf8 }
    }

    pub fn not_utf8(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.not_utf8.iter()
    }

    pub fn get(&self, name: &str) -> Option<Kind> {
        let at = self.names.entries.binary_search_by(|entry| self.names.name(*entry).cmp(name)).ok()?;
        Some(self.names.entries[at].kind)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.names.iter()
    }

    /// Returns the entries whose name begins with `prefix`, in order.
    pub fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, Kind)> {
        let from = self.names.entries.partition_point(|entry| self.names.name(*entry) < prefix);
        let rest = self.names.entries[from..].iter().map(|entry| (self.names.name(*entry), entry.kind));
        rest.take_while(move |(name, _)| name.starts_with(prefix))
    }
}

impl Names {
    pub fn push(&mut self, name: &str, kind: Kind) {
        let start = self.text.len();
        self.text.push_str(name);
        self.entries.push(Entry { start, end: self.text.len(), kind });
    }

    fn name(&self, entry: Entry) -> &str {
        &self.text[entry.start..entry.end]
    }

    fn iter(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.entries.iter().map(|entry| (self.name(*entry), entry.kind))
    }

    fn sort(&mut self) {
        let text = self.text.as_bytes();
        self.entries.sort_unstable_by(|one, other| text[one.start..one.end].cmp(&text[other.start..other.end]));
    }
}

/// The order in which the disk had them makes no difference.
impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        let mut found = Names::default();
        for name in names {
            found.push(name, Kind::File);
        }
        Listing::new(found, Names::default())
    }

    #[test]
    fn names_are_sorted_and_found_in_whatever_order_they_came() {
        let one = listing(&["b.py", "äpfel", "a", "b", "B"]);
        assert_eq!(one.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["B", "a", "b", "b.py", "äpfel"]);
        assert_eq!(one, listing(&["a", "äpfel", "B", "b", "b.py"]));
        assert_ne!(one, listing(&["a"]));
        assert_eq!(one.starting_with("b").map(|(name, _)| name).collect::<Vec<_>>(), ["b", "b.py"]);
        assert!(one.contains("äpfel") && one.get("c").is_none() && listing(&[]).get("").is_none());
    }
}
