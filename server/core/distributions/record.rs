//! What a distribution says that it installed.
//!
//! In: its metadata. Out: the top-level modules it claims, and whether it lists one path: from RECORD (a CSV file, PEP 376
//! and PEP 627), `installed-files.txt`, or `top_level.txt`.
//!
//! **Invariant:** a list of files is believed before a list of names, and both before the distribution's own name.

use std::borrow::Cow;
use std::collections::BTreeSet;

use camino::Utf8Path;

use super::{Form, metadata, top_level_of};
use crate::system::System;

/// The files of one distribution, sorted, relative to the import root.
pub(super) struct Files(Vec<Box<str>>);

impl Files {
    /// Reads the list of files; `None` where there is none.
    pub(super) fn read(system: &dyn System, form: Form, metadata: &Utf8Path) -> Option<Files> {
        let text = file_list(system, form, metadata)?;
        let mut files: Vec<Box<str>> = files(&text, metadata).map(|file| file.into_owned().into_boxed_str()).collect();
        files.sort_unstable();
        Some(Files(files))
    }

    /// Tells whether a path is listed, or, for a directory, anything below it.
    pub(super) fn have(&self, inside: &Utf8Path) -> bool {
        let wanted = inside.as_str();
        // Between `a` and `a/b` may stand `a.py`, so each is looked for.
        let is_listed = |wanted: &str| self.0.binary_search_by(|file| (**file).cmp(wanted)).is_ok();
        let below = format!("{wanted}/");
        let next = self.0.get(self.0.partition_point(|file| **file < *below));
        is_listed(wanted) || next.is_some_and(|file| file.starts_with(&below))
    }

    /// Returns the top-level modules that they are of.
    pub(super) fn top_levels(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut last = "";
        for file in &self.0 {
            let name = top_level_of(Utf8Path::new(file));
            // The files of one directory stand together.
            if name != last {
                last = name;
                names.insert(name.to_owned());
            }
        }
        names
    }
}

/// Returns the hash that RECORD gives a file, such as `sha256=…`; `None` where it lists none.
pub(super) fn hash_of(system: &dyn System, dist_info: &Utf8Path, inside: &Utf8Path) -> Option<String> {
    let text = file_list(system, Form::DistInfo, dist_info)?;
    let hash = text.lines().find_map(|line| {
        // A comma stands only in a path that is quoted, and no path of a module has one.
        let mut fields = line.split(',');
        let file = fields.next()?.trim_matches('"');
        (file == inside.as_str()).then(|| fields.next().unwrap_or_default().trim().to_owned())
    });
    hash.filter(|hash| !hash.is_empty())
}

/// Returns the top-level modules that a distribution without a list of files claims.
pub(super) fn named_top_levels(system: &dyn System, form: Form, metadata: &Utf8Path) -> BTreeSet<String> {
    if form != Form::EggInfoFile
        && let Ok(text) = system.read_text(&metadata.join("top_level.txt"))
    {
        let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
        return names.map(|line| top_level_of(Utf8Path::new(line)).to_owned()).collect();
    }
    let (name, _) = metadata::split_file_name(metadata.file_name().unwrap_or_default());
    BTreeSet::from([name.replace(['-', '.'], "_").to_lowercase(), name.to_owned()])
}

/// Reads the list of files, where it names anything but the metadata itself (Debian empties some).
fn file_list(system: &dyn System, form: Form, metadata: &Utf8Path) -> Option<String> {
    let name = match form {
        Form::DistInfo => "RECORD",
        Form::EggInfo => "installed-files.txt",
        Form::EggInfoFile | Form::Egg => return None,
    };
    let text = system.read_text(&metadata.join(name)).ok()?;
    let own = format!("{}/", metadata.file_name()?);
    let names_modules = files(&text, metadata).any(|file| !file.starts_with(&own));
    names_modules.then_some(text)
}

/// Returns the files of a list, relative to the import root; those outside it are left out.
fn files<'t>(text: &'t str, metadata: &'t Utf8Path) -> impl Iterator<Item = Cow<'t, str>> {
    let is_record = text.lines().next().is_some_and(|line| line.contains(','));
    let root = metadata.parent().map(Utf8Path::as_str).unwrap_or_default();
    text.lines().filter_map(move |line| {
        let file = if is_record { first_field(line) } else { Cow::Borrowed(line.trim_end()) };
        // `installed-files.txt` is relative to the `.egg-info`.
        let file = if is_record { file } else { Cow::Owned(file.strip_prefix("../")?.to_owned()) };
        if let Some(absolute) = file.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) {
            return Some(Cow::Owned(absolute.to_owned()));
        }
        (!file.is_empty() && !file.starts_with("../") && !file.starts_with('/')).then_some(file)
    })
}

/// Returns the first field of a line of CSV, quotes taken off (PEP 376: the default dialect of Python's `csv`).
fn first_field(line: &str) -> Cow<'_, str> {
    let Some(quoted) = line.strip_prefix('"') else {
        return Cow::Borrowed(line.split(',').next().unwrap_or_default());
    };
    let mut field = String::new();
    let mut characters = quoted.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '"' {
            field.push(character);
        } else if characters.next_if_eq(&'"').is_some() {
            field.push('"');
        } else {
            break;
        }
    }
    Cow::Owned(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_field_is_read_as_csv() {
        assert_eq!(first_field("a/b.py,sha256=x,3"), "a/b.py");
        assert_eq!(first_field("\"a/b,c.py\",sha256=x,3"), "a/b,c.py");
        assert_eq!(first_field("\"a \"\"b\"\".py\",,"), "a \"b\".py");
    }
}
