//! `requirements.txt` and the files it names, as pip reads them.
//!
//! In: the files of a project's folder. Out: the requirements they declare, and the constraints they are under, each with its
//! place.
//!
//! **Invariant:** an included file is read only where it lies in the project, and no file is read twice.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::declared::{Constraint, Declared, Part, Source};
use super::import_roots::normalize_path;
use crate::document::read_source;
use crate::origin::Problem;
use crate::system::{Kind, Listing, System};
use crate::text::{Span, Text};

/// More files than this are no project's requirements but a mistake.
const MOST_FILES: usize = 64;

/// The files of one project that were read, and what was found in them beside requirements.
#[derive(Debug, Default)]
pub(super) struct Known {
    seen: BTreeSet<Utf8PathBuf>,
    pub(super) constraints: Vec<Constraint>,
}

/// Returns the requirement files of a folder: `requirements*.txt`, `*-requirements.txt`, `requirements/*.txt`.
pub(super) fn files(system: &dyn System, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listing) = system.list(root) else { return Vec::new() };
    let is_file = |kind: Kind| matches!(kind, Kind::File | Kind::Link | Kind::Other);
    let own = listing.iter().filter(|(name, kind)| is_file(*kind) && is_requirements_file(name));
    let mut files: Vec<Utf8PathBuf> = own.map(|(name, _)| root.join(name)).collect();
    if listing.get("requirements") == Some(Kind::Directory)
        && let Ok(inner) = system.list(&root.join("requirements"))
    {
        let text_files = inner.iter().filter(|(name, kind)| is_file(*kind) && has_text_suffix(name));
        files.extend(text_files.map(|(name, _)| root.join("requirements").join(name)));
    }
    // The plain name first: it is the one that a message should name.
    files.sort_by_key(|file| file.file_name() != Some("requirements.txt"));
    files
}

/// Reads what the project's documentation and tests ask for in their own folders; no manifests of the project.
pub(super) fn of_parts(
    system: &dyn System,
    root: &Utf8Path,
    listing: &Listing,
    known: &mut Known,
    problems: &mut Vec<Problem>,
) -> Vec<Declared> {
    let folders =
        ["docs", "doc", "tests", "test"].into_iter().filter(|name| listing.get(name) == Some(Kind::Directory));
    let files: Vec<Utf8PathBuf> = folders.flat_map(|name| files(system, &root.join(name))).collect();
    files.iter().flat_map(|file| read(system, root, file, &Part::Other, known, problems)).collect()
}

/// Tells whether a file of that name holds requirements.
pub(super) fn is_requirements_file(name: &str) -> bool {
    has_text_suffix(name)
        && (name.starts_with("requirements")
            || name.ends_with("-requirements.txt")
            || name.ends_with("_requirements.txt"))
}

/// Tells for whom a requirement file is: `requirements-dev.txt` and its like are for some people only, and so is what they
/// alone include.
pub(super) fn part_of(file: &Utf8Path) -> Part {
    let is_main = matches!(file.file_name(), Some("requirements.txt" | "base.txt" | "main.txt" | "common.txt"));
    if is_main { Part::Main } else { Part::Other }
}

/// Reads one requirement file and those it includes with `-r`. A constraint (`-c`) declares nothing: it limits what is
/// installed with the file, whoever asks for it.
pub(super) fn read(
    system: &dyn System,
    root: &Utf8Path,
    file: &Utf8Path,
    part: &Part,
    known: &mut Known,
    problems: &mut Vec<Problem>,
) -> Vec<Declared> {
    let mut declared = Vec::new();
    let first = file;
    let mut waiting = vec![(file.to_owned(), false)];
    while let Some((file, is_constraint)) = waiting.pop() {
        if known.seen.len() >= MOST_FILES || !known.seen.insert(file.clone()) {
            continue;
        }
        let Some(source) = read_source(system, &file, problems) else {
            continue;
        };
        let text = Text::new(source);
        for (line, content) in logical_lines(text.source()) {
            let folder = file.parent().unwrap_or(root);
            let required = option(&content, "-r", "--requirement").map(|it| (it, is_constraint));
            let constraining = || option(&content, "-c", "--constraint").map(|it| (it, true));
            if let Some((included, is_constraint)) = required.or_else(constraining) {
                let path = normalize_path(&folder.join(included));
                if path.starts_with(root) && system.exists(&path) {
                    waiting.push((path, is_constraint));
                } else if !included.contains("://") {
                    let outside = if path.starts_with(root) { "is not there" } else { "lies outside the project" };
                    let message = format!("the included `{included}` {outside}");
                    problems.push(Problem { path: file.clone(), line: Some(line + 1), message });
                }
                continue;
            }
            let editable = option(&content, "-e", "--editable");
            let requirement = editable.unwrap_or(&content);
            let requirement = requirement.split(" --").next().unwrap_or(requirement).trim();
            if requirement.starts_with('-') {
                continue;
            }
            let span = text.line_span(line);
            let start = span.start + u32::try_from(leading_blanks(text.line(line))).unwrap_or(0);
            let end = span.start + u32::try_from(content_length(text.line(line))).unwrap_or(0);
            let range = text.range(Span::new(start, end.max(start)));
            let read = Declared::read(requirement, &file, range, part.clone());
            let read = read.map(|it| match editable {
                Some(_) if !requirement.contains("://") => Declared { source: Source::Local, ..it },
                _ => it,
            });
            if is_constraint {
                let by = first.to_owned();
                known.constraints.extend(read.map(|declared| Constraint { declared, by }));
            } else {
                declared.extend(read);
            }
        }
    }
    declared
}

/// Joins lines that end in a backslash and cuts comments, as pip's `req_file` does; the number is that of the first line.
fn logical_lines(source: &str) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    let mut first = 0;
    for (number, line) in source.trim_start_matches('\u{feff}').lines().enumerate() {
        if joined.is_empty() {
            first = u32::try_from(number).unwrap_or(u32::MAX);
        }
        if let Some(open) = line.strip_suffix('\\').filter(|_| !is_comment(line)) {
            joined.push_str(open);
            continue;
        }
        joined.push_str(line);
        let content = without_comment(&joined).trim().to_owned();
        if !content.is_empty() {
            lines.push((first, content));
        }
        joined.clear();
    }
    let rest = without_comment(&joined).trim();
    if !rest.is_empty() {
        lines.push((first, rest.to_owned()));
    }
    lines
}

/// A `#` begins a comment at the start of a line or after white space; the one in `#egg=` does not.
fn without_comment(line: &str) -> &str {
    let starts = line.match_indices('#').map(|(at, _)| at);
    let comment =
        starts.into_iter().find(|at| line.get(..*at).is_none_or(|it| it.is_empty() || it.ends_with([' ', '\t'])));
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Returns the value of an option in one of its spellings: `-r file`, `-rfile`, `--requirement file`, `…=file`.
fn option<'l>(line: &'l str, short: &str, long: &str) -> Option<&'l str> {
    let after_long = line.strip_prefix(long).filter(|rest| rest.starts_with([' ', '\t', '=']));
    let value = after_long.or_else(|| line.strip_prefix(short))?.trim_start_matches([' ', '\t', '=']).trim();
    (!value.is_empty()).then_some(value)
}

fn leading_blanks(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The end of what a line says before its comment and its options, in bytes.
fn content_length(line: &str) -> usize {
    let content = without_comment(line).trim_end().trim_end_matches('\\');
    let options = content.find(" --").filter(|at| *at > 0);
    content.get(..options.unwrap_or(content.len())).unwrap_or(content).trim_end().len()
}

fn has_text_suffix(name: &str) -> bool {
    name.strip_suffix(".txt").is_some_and(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn lines_are_read_as_pip_reads_them() {
        let mut system = MemorySystem::default();
        system.write(
            "/p/requirements.txt",
            "# ours\nPyYAML==6.0 # pinned\n\nrequests \\\n  >=2 --hash=sha256:00\n-r requirements/more.txt\n-c limits.txt\n\
             --index-url https://example.org/simple\n-e git+https://example.org/x.git#egg=Edit_Able\n-e .\n./local\n",
        );
        system.write(
            "/p/requirements/more.txt",
            "attrs\n-r ../requirements.txt\n-r ../../outside.txt\n--requirement=gone.txt\n",
        );
        system.write("/p/limits.txt", "urllib3<2\n").write("/outside.txt", "secret\n");
        let mut problems = Vec::new();
        let mut known = Known::default();
        let declared = read(&system, "/p".into(), "/p/requirements.txt".into(), &Part::Main, &mut known, &mut problems);
        let said: Vec<_> = declared.iter().map(|it| (it.name.as_str(), it.range.start.line + 1)).collect();
        assert_eq!(said, [("pyyaml", 2), ("requests", 4), ("edit-able", 9), ("attrs", 1)]);
        assert_eq!(declared[0].requirement, "PyYAML==6.0");
        let limits: Vec<_> =
            known.constraints.iter().map(|it| (&*it.declared.requirement, &*it.by, &*it.declared.path)).collect();
        assert_eq!(limits, [("urllib3<2", "/p/requirements.txt".into(), Utf8Path::new("/p/limits.txt"))]);
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "/p/requirements/more.txt:3: the included `../../outside.txt` lies outside the project",
                "/p/requirements/more.txt:4: the included `gone.txt` is not there",
            ]
        );
    }

    #[test]
    fn files_that_hold_requirements() {
        let mut system = MemorySystem::default();
        for name in
            ["requirements-dev.txt", "requirements.txt", "test-requirements.txt", "notes.txt", "requirements.in"]
        {
            system.write(format!("/p/{name}"), "");
        }
        system.write("/p/requirements/base.txt", "").write("/p/requirements/README.md", "");
        let names: Vec<_> =
            files(&system, "/p".into()).iter().map(|it| it.strip_prefix("/p").unwrap().to_string()).collect();
        assert_eq!(
            names,
            ["requirements.txt", "requirements-dev.txt", "test-requirements.txt", "requirements/base.txt"]
        );
    }
}
