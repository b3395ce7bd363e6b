//! What a `pyvenv.cfg` says that Python does not read as its author meant it.
//!
//! In: the text of the file, saved or not, and the version of the Python that reads it. Out: [`Diagnostic`]s at the lines.
//!
//! **Invariant:** pure, so that it can be asked at every keystroke; where what the author meant and what Python does are the
//! same, nothing is said.

use camino::Utf8Path;

use super::comments;
use super::evidence::at;
use super::message::fitting;
use crate::diagnostic::{Diagnostic, Edit, Fix, Related, Severity};
use crate::explain::shortened;
use crate::interpreter::{PyvenvLine, Version, pyvenv_lines, stated_version};
use crate::rules::Rule;
use crate::settings::Settings;
use crate::suppression;
use crate::text::{Range, Span, Text};

/// The key that lets a virtual environment see its base's packages.
pub(crate) const FLAG: &str = "include-system-site-packages";

/// From this size on `getpath.py` (3.11) gives up, in bytes (`getpath_readlines`).
const TOO_LARGE: usize = 32 * 1024;

/// What people write for `true`, and Python takes for false.
const YES: [&str; 8] = ["true", "yes", "y", "on", "1", "t", "enable", "enabled"];
const NO: [&str; 8] = ["false", "no", "n", "off", "0", "f", "disable", "disabled"];

/// Checks the text of a `pyvenv.cfg` alone. Without a version, the one that the text itself states is taken.
pub fn check_pyvenv(settings: &Settings, path: &Utf8Path, text: &Text, version: Option<&Version>) -> Vec<Diagnostic> {
    let comments = suppression::of_lines(text);
    let mut found = unsilenced(settings, path, text, version);
    found.retain(|it| !comments::silences(path, text, &comments, it));
    found.extend(comments::misspelled(settings, path, text, &comments));
    found.sort_by_key(|diagnostic| diagnostic.range);
    found
}

/// The same, whatever the comments in it say.
pub(super) fn unsilenced(
    settings: &Settings,
    path: &Utf8Path,
    text: &Text,
    version: Option<&Version>,
) -> Vec<Diagnostic> {
    let lines = pyvenv_lines(text);
    let stated = stated_version(&lines);
    let file = File { settings, path, text, lines: &lines };
    let mut found: Vec<Option<Diagnostic>> = vec![
        file.too_large(version.or(stated.as_ref())),
        file.hidden_by_a_mark(),
        file.flag_is_another_word(),
        file.home_is_no_plain_path(),
    ];
    found.extend(file.misspelled_flags());
    found.extend(file.lines_without_effect());
    let mut found: Vec<Diagnostic> = found.into_iter().flatten().collect();
    found.sort_by_key(|diagnostic| diagnostic.range);
    found
}

/// Says that bytes which are no UTF-8 stop Python from starting; `None` where all are.
pub(super) fn check_bytes(settings: &Settings, path: &Utf8Path, bytes: &[u8]) -> Option<Diagnostic> {
    let valid = std::str::from_utf8(bytes).err()?.valid_up_to();
    let before = String::from_utf8_lossy(bytes.get(..valid)?).into_owned();
    let byte = bytes.get(valid).copied().unwrap_or_default();
    let is_utf16 = valid == 0 && matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let fact = if is_utf16 { "the file is UTF-16".to_owned() } else { format!("byte 0x{byte:02X} is not UTF-8") };
    let message = format!("{fact}: Python does not start with this file");
    let place = Text::new(before);
    let end = Span::new(u32::try_from(valid).unwrap_or(u32::MAX), u32::try_from(valid).unwrap_or(u32::MAX));
    let severity = settings.graded(Rule::PyvenvCfgSyntax, Severity::Error)?;
    Some(diagnostic(severity, path, message, place.range(end)))
}

/// What a value of the flag means to the person who wrote it.
fn meant(value: &str) -> Option<bool> {
    let plain = value.split([' ', '\t', '#', ';', ',']).next().unwrap_or_default();
    let plain = plain.trim_matches(['"', '\'', '`']).to_lowercase();
    if YES.contains(&plain.as_str()) {
        return Some(true);
    }
    NO.contains(&plain.as_str()).then_some(false)
}

/// What `site.py` makes of it.
fn is_true(value: &str) -> bool {
    value.to_lowercase() == "true"
}

struct File<'a> {
    settings: &'a Settings,
    path: &'a Utf8Path,
    text: &'a Text,
    lines: &'a [PyvenvLine],
}

impl File<'_> {
    /// What the flag is to Python: the last line counts, and a missing one is true.
    fn reads_flag_as(&self) -> bool {
        self.lines.iter().rev().find(|it| it.key == FLAG).is_none_or(|it| is_true(&it.value))
    }

    fn too_large(&self, version: Option<&Version>) -> Option<Diagnostic> {
        let dies = self.text.source().len() >= TOO_LARGE && version?.at_least(3, 11);
        let severity = self.settings.graded(Rule::PyvenvCfgSyntax, Severity::Error).filter(|_| dies)?;
        let message = "the file has 32 KiB or more: Python 3.11 and newer do not start with it".to_owned();
        Some(diagnostic(severity, self.path, message, Range::at_line(0)))
    }

    /// A byte order mark becomes a part of the first key, which is then another one.
    fn hidden_by_a_mark(&self) -> Option<Diagnostic> {
        let first = self.lines.first().filter(|it| it.line == 0)?;
        let key = first.key.strip_prefix('\u{feff}')?;
        let changes_something = match key {
            "home" => !self.lines.iter().any(|it| it.key == "home"),
            FLAG => meant(&first.value).is_some_and(|meant| meant != self.reads_flag_as()),
            _ => false,
        };
        if !changes_something {
            return None;
        }
        let message = format!("a byte order mark hides `{key}` from Python");
        // The whole line, as editors differ in whether they count the mark.
        let line = self.text.line_span(0);
        let content = self.text.line(0).trim_start_matches('\u{feff}').to_owned();
        let fix = Fix::safe_edit("Remove the byte order mark".to_owned(), vec![self.edit(line, content)]);
        Some(Diagnostic { fixes: vec![fix], ..self.warning(message, line)? })
    }

    fn flag_is_another_word(&self) -> Option<Diagnostic> {
        let line = self.lines.iter().rev().find(|it| it.key == FLAG)?;
        if is_true(&line.value) || meant(&line.value) != Some(true) {
            return None;
        }
        let value = shortened(&line.value, 30);
        let message = format!("Python reads `{value}` as false: only `true` is true");
        let fix = Fix::safe_edit("Write `true`".to_owned(), vec![self.edit(line.value_span, "true".to_owned())]);
        Some(Diagnostic { fixes: vec![fix], ..self.warning(message, line.value_span)? })
    }

    fn home_is_no_plain_path(&self) -> Option<Diagnostic> {
        let line = self.lines.iter().find(|it| it.key == "home")?;
        let (message, plain) = no_plain_path(&line.value)?;
        let fix = plain.map(|plain| {
            let edit = self.edit(line.value_span, plain.to_owned());
            Fix::safe_edit(format!("Write `{}`", shortened(plain, 40)), vec![edit])
        });
        let warning = self.warning(message.to_owned(), line.value_span)?;
        Some(Diagnostic { fixes: fix.into_iter().collect(), ..warning })
    }

    /// `include_system_site_packages = false`, or the key with a colon behind it.
    fn misspelled_flags(&self) -> Vec<Option<Diagnostic>> {
        let count = u32::try_from(self.text.line_count()).unwrap_or(u32::MAX);
        let misspelled = (0..count).filter_map(|line| {
            let content = self.text.line(line);
            let head: String = content.trim_start().chars().take(FLAG.len()).collect();
            if head.to_lowercase().replace('_', "-") != FLAG {
                return None;
            }
            let from = content.len() - content.trim_start().len();
            let rest = content.get(from + FLAG.len()..)?;
            let is_right = head.to_lowercase() == FLAG;
            let divider = rest.trim_start().chars().next().filter(|it| matches!(it, '=' | ':'))?;
            if is_right && (divider == '=' || rest.contains('=')) {
                return None;
            }
            let value = rest.trim_start().get(1..)?.trim();
            let start = self.text.line_span(line).start + u32::try_from(from).ok()?;
            let length = FLAG.len() + (rest.len() - rest.trim_start().len()) + 1;
            let span = Span::new(start, start + u32::try_from(length).ok()?);
            (meant(value)? != self.reads_flag_as()).then_some((span, is_right))
        });
        misspelled
            .map(|(span, is_right)| {
                let message = if is_right {
                    "without a `=`, no Python reads this line".to_owned()
                } else {
                    format!("no key that Python reads: it is spelled `{FLAG}`")
                };
                let edit = self.edit(span, format!("{FLAG} ="));
                let fix = Fix::safe_edit(format!("Write `{FLAG} =`"), vec![edit]);
                Some(Diagnostic { fixes: vec![fix], ..self.warning(message, span)? })
            })
            .collect()
    }

    /// Of two lines with one key, one reader takes the first and another the last.
    fn lines_without_effect(&self) -> Vec<Option<Diagnostic>> {
        let of = |key: &'static str| self.lines.iter().filter(move |it| it.key == key);
        let mut found = Vec::new();
        if let Some(last) = of(FLAG).next_back() {
            let lost = of(FLAG).filter(|it| is_true(&it.value) != is_true(&last.value));
            found.extend(lost.map(|it| self.without_effect(it, last, "the last")));
        }
        if let Some(first) = of("home").next() {
            let lost = of("home").filter(|it| it.value != first.value);
            found.extend(lost.map(|it| self.without_effect(it, first, "the first")));
        }
        found
    }

    fn without_effect(&self, line: &PyvenvLine, counting: &PyvenvLine, which: &str) -> Option<Diagnostic> {
        let value = shortened(&counting.value, 30);
        let message = fitting([
            format!("no effect: of two lines Python takes {which}, `{value}` in line {}", counting.line + 1),
            format!("no effect: of two lines Python takes {which}, line {}", counting.line + 1),
        ]);
        let whole = Span::new(line.key_span.start, line.value_span.end);
        let next = self.text.line_span(line.line + 1).start;
        let removed = Span::new(self.text.line_span(line.line).start, next);
        let fix = Fix::edit("Remove this line".to_owned(), vec![self.edit(removed, String::new())]);
        let related: Related = at(self.path, counting.line + 1, "this line counts");
        Some(Diagnostic { fixes: vec![fix], related: vec![related], ..self.warning(message, whole)? })
    }

    fn warning(&self, message: String, span: Span) -> Option<Diagnostic> {
        let severity = self.settings.severity_of(Rule::PyvenvCfgSyntax)?;
        Some(diagnostic(severity, self.path, message, self.text.range(span)))
    }

    fn edit(&self, span: Span, replacement: String) -> Edit {
        Edit::new(self.path.to_owned(), self.text.range(span), replacement)
    }
}

fn diagnostic(severity: Severity, path: &Utf8Path, message: String, range: Range) -> Diagnostic {
    Diagnostic {
        rule: Rule::PyvenvCfgSyntax,
        severity,
        message,
        path: path.to_owned(),
        range,
        related: Vec::new(),
        fixes: Vec::new(),
        module: None,
    }
}

/// Says why the value of `home` is no path as it stands, and which one is meant: no quotes are taken off, no `~` is replaced, and
/// no comment is left out.
pub(super) fn no_plain_path(value: &str) -> Option<(&'static str, Option<&str>)> {
    let quote = ['"', '\''].into_iter().find(|it| value.len() > 1 && value.starts_with(*it) && value.ends_with(*it));
    if let Some(quote) = quote {
        Some(("the quotes are a part of the path to Python", Some(value.trim_matches(quote))))
    } else if let Some((path, _)) = value.split_once(" #").filter(|(path, _)| path.starts_with('/')) {
        Some(("`#` starts no comment here: all of this is the path to Python", Some(path.trim_end())))
    } else if value == "~" || value.starts_with("~/") {
        Some(("Python does not replace `~` in this path", None))
    } else {
        None
    }
}
