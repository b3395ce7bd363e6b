//! Where a name can be added to a list so that the file keeps its author's hand.
//!
//! In: a list as it is written. Out: an [`Insertion`]: the range to replace, and what goes before and after the name.
//!
//! **Invariant:** nothing but the range changes, and comments stay with their line.

use camino::{Utf8Path, Utf8PathBuf};

use super::normalize_name;
use crate::diagnostic::{Addition, Edit, List};
use crate::text::{Range, Span, Text};

pub(crate) mod in_toml;

/// Where a string can be added: the range is replaced by prefix, the string in its form, suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    pub list: List,
    pub path: Utf8PathBuf,
    pub range: Range,
    pub prefix: String,
    pub suffix: String,
    pub form: Form,
    /// Whether the file is to be made for it.
    pub creates: bool,
}

/// How a name is written where it is added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// `"name"` in a list.
    #[default]
    Quoted,
    /// `'name'` in a list.
    SingleQuoted,
    /// A line of a requirements file or of `setup.cfg`, an item of YAML.
    Line,
    /// The same under conda's own name, which may be another one.
    OfConda,
    /// `name = "*"`, as Poetry and Pipenv have it.
    Constraint,
}

impl Insertion {
    /// Returns what the range is replaced by.
    pub fn text(&self, name: &str) -> String {
        let name = match self.form {
            Form::Quoted => format!("\"{name}\""),
            Form::SingleQuoted => format!("'{name}'"),
            Form::Line => name.to_owned(),
            Form::OfConda => self.spelled(name),
            Form::Constraint => format!("{name} = \"*\""),
        };
        format!("{}{name}{}", self.prefix, self.suffix)
    }

    /// Returns a distribution's name as the list has it.
    pub fn spelled(&self, name: &str) -> String {
        if self.form == Form::OfConda { normalize_name(name) } else { name.to_owned() }
    }

    /// Returns the edit that adds a name.
    pub fn edit(&self, name: &str) -> Edit {
        let addition = Some(Addition { list: self.list, name: name.to_owned(), creates: self.creates });
        Edit { path: self.path.clone(), range: self.range, replacement: self.text(name), addition }
    }
}

/// A list between brackets, in TOML or Python.
pub(super) struct Written {
    /// With its brackets.
    pub(super) whole: Span,
    /// Its last item, where it has any.
    pub(super) last: Option<Span>,
    pub(super) form: Form,
}

impl Written {
    /// Returns where one more item goes; `None` where more than a comma stands behind the last one.
    pub(super) fn insertion(&self, path: &Utf8Path, text: &Text) -> Option<Insertion> {
        let source = text.source();
        let (open, close) = (self.whole.start + 1, self.whole.end.checked_sub(1)?);
        let newline = newline(source);
        let at = |start: u32, end: u32, prefix: String, suffix: &str| {
            let (path, range) = (path.to_owned(), text.range(Span::new(start, end)));
            let (list, suffix) = (List::Dependencies, suffix.to_owned());
            Some(Insertion { list, path, range, prefix, suffix, form: self.form, creates: false })
        };
        let Some(last) = self.last else {
            let inside = source.get(open as usize..close as usize)?;
            return if inside.contains('\n') {
                at(open, open, format!("{newline}    "), ",")
            } else {
                at(open, close, String::new(), "")
            };
        };
        let line_start = text.line_span(text.point(last.start).line).start;
        let before = source.get(line_start as usize..last.start as usize)?;
        let indentation = before.trim().is_empty().then_some(before);
        let comma = match behind_last(source, last.end, close)?.as_slice() {
            [] => None,
            [(comma, ',')] => Some(*comma),
            _ => return None,
        };
        let end = comma.map_or(last.end, |comma| comma + 1);
        let Some(indentation) = indentation else {
            return match comma {
                None => at(end, end, ", ".to_owned(), ""),
                Some(_) => at(end, end, " ".to_owned(), ","),
            };
        };
        // A comment behind the last string stays on its line; where the bracket follows, there is none.
        let line_end = text.line_span(text.point(end).line).end;
        let line_end = if close <= line_end { end } else { line_end };
        let tail = source.get(end as usize..line_end as usize)?;
        match comma {
            None => at(end, line_end, format!(",{tail}{newline}{indentation}"), ""),
            Some(_) => at(line_end, line_end, format!("{newline}{indentation}"), ","),
        }
    }
}

/// Returns what stands between the last item of a list and its end, with its places, comments left out.
fn behind_last(source: &str, from: u32, close: u32) -> Option<Vec<(u32, char)>> {
    let mut in_comment = false;
    let mut found = Vec::new();
    for (offset, character) in source.get(from as usize..close as usize)?.char_indices() {
        match character {
            '\n' => in_comment = false,
            '#' => in_comment = true,
            _ if !in_comment && !character.is_whitespace() => {
                found.push((from + u32::try_from(offset).ok()?, character));
            }
            _ => {}
        }
    }
    Some(found)
}

/// Returns where one more line goes into a requirements file: to its end. Where one line has a hash, pip wants one for all.
pub(super) fn into_lines(path: &Utf8Path, source: String) -> Option<Insertion> {
    let newline = newline(&source);
    if source.trim_end().ends_with('\\') || has_hashes(&source) {
        return None;
    }
    let gap = if source.is_empty() || source.ends_with('\n') { "" } else { newline };
    let end = u32::try_from(source.len()).ok()?;
    let range = Text::new(source).range(Span::new(end, end));
    let (path, prefix, suffix) = (path.to_owned(), gap.to_owned(), newline.to_owned());
    Some(Insertion { list: List::Dependencies, path, range, prefix, suffix, form: Form::Line, creates: false })
}

/// Tells whether a requirements file is under pip's hash-checking mode.
pub(super) fn has_hashes(source: &str) -> bool {
    source.lines().any(|line| {
        !line.trim_start().starts_with('#') && line.contains("--hash=") || line.trim() == "--require-hashes"
    })
}

/// Returns where one more line goes below a line of a text, with what begins it; its line ends become those of the text.
pub(super) fn below(path: &Utf8Path, text: &Text, line: u32, beginning: &str, form: Form) -> Insertion {
    let end = text.line_span(line).end;
    let newline = newline(text.source());
    Insertion {
        list: List::Dependencies,
        path: path.to_owned(),
        range: text.range(Span::new(end, end)),
        prefix: format!("{newline}{}", beginning.replace('\n', newline)),
        suffix: String::new(),
        form,
        creates: false,
    }
}

fn newline(source: &str) -> &'static str {
    if source.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_more_keeps_the_line_ends_of_the_file() {
        let lines = |source: &str| into_lines("/p/requirements.txt".into(), source.to_owned()).map(|it| it.text("new"));
        assert_eq!(lines("a\n").as_deref(), Some("new\n"));
        assert_eq!(lines("a\r\nb").as_deref(), Some("\r\nnew\r\n"));
        assert_eq!(lines("a \\"), None);
        assert_eq!(lines("a==1 \\\n    --hash=sha256:00\n"), None);
        assert_eq!(lines("# --hash=sha256:00\n").as_deref(), Some("new\n"));
    }
}
