//! Comments that silence.
//!
//! In: a comment, or a text whose comments begin with `#` (in Groovy with `//` too). Out: [`Comments`]: what is silenced where, and what was meant to be.
//!
//! **Invariant:** what is not written as it has to be silences nothing, and is named: a comment that silences more than its
//! author meant would hide what nobody has seen.

use std::ops::RangeInclusive;

use crate::diagnostic::fitting;
use crate::rules::Rule;
use crate::settings::{did_you_mean_rule, nearest_rule};
use crate::text::{Span, Text};

/// A comment `# fromwhere: ignore` or `# fromwhere: ignore[code, code]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The lines it silences, from 0; `None` silences the whole file.
    pub lines: Option<RangeInclusive<u32>>,
    /// The codes it names; empty means all.
    pub codes: Vec<String>,
    /// From `#` to behind the last bracket.
    pub span: Span,
}

/// A comment that is for fromwhere and silences less than it says, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelling {
    pub span: Span,
    pub message: String,
    /// What is most likely meant in the place of the span.
    pub meant: Option<String>,
}

/// What the comments of one text say to fromwhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comments {
    pub suppressions: Vec<Suppression>,
    pub misspellings: Vec<Misspelling>,
}

impl Comments {
    /// Tells whether a rule is silenced on a line.
    pub fn silence(&self, rule: Rule, line: u32) -> bool {
        self.suppressions.iter().any(|it| it.silences(rule, line))
    }

    /// Takes in one comment, which may stand behind another tool's, and the lines that it is about.
    pub(crate) fn read(&mut self, comment: &str, offset: u32, lines: Option<&RangeInclusive<u32>>) {
        self.read_behind(HASH, comment, offset, lines);
    }

    fn read_behind(&mut self, marks: Marks, comment: &str, offset: u32, lines: Option<&RangeInclusive<u32>>) {
        let mut at = 0;
        while let Some((start, mark)) = first_of(marks, comment, at) {
            at = start + mark.len();
            let words = comment.get(at..).unwrap_or_default();
            let Some((rest, is_right)) = list(words) else { continue };
            let behind_ignore = comment.len() - rest.len();
            let span = |from: usize, to: usize| Span::new(offset + number(from), offset + number(to));
            if !is_right {
                let message = format!("it silences nothing: it is written `{WRITTEN}`");
                let from = at + words.len() - words.trim_start().len();
                at = behind_ignore;
                self.misspellings.push(Misspelling { span: span(from, at), message, meant: Some(WRITTEN.to_owned()) });
                continue;
            }
            let ignore = behind_ignore - IGNORE.len();
            match read_list(rest) {
                List::Codes { length, codes } => {
                    at = behind_ignore + length;
                    let unknown = codes.iter().filter(|(code, _)| Rule::from_code(code).is_none());
                    self.misspellings.extend(unknown.map(|(code, from)| Misspelling {
                        span: span(behind_ignore + from, behind_ignore + from + code.len()),
                        message: unknown_rule(code),
                        meant: nearest_rule(code).map(str::to_owned),
                    }));
                    let codes = codes.into_iter().map(|(code, _)| code.to_owned()).collect();
                    self.suppressions.push(Suppression { lines: lines.cloned(), codes, span: span(start, at) });
                }
                List::None { length, why, meant } => {
                    at = behind_ignore + length;
                    let message = why.to_owned();
                    self.misspellings.push(Misspelling { span: span(ignore, at), message, meant });
                }
            }
        }
    }

    /// Takes in a comment that has a line of its own where that is about nothing: all that it can silence is what would be
    /// said of itself.
    pub(crate) fn read_alone(&mut self, comment: &str, offset: u32, line: u32) {
        let mut found = Comments::default();
        found.read(comment, offset, Some(&(line..=line)));
        let of_itself = |it: &Suppression| it.codes.iter().any(|code| code == Rule::IgnoreCommentSyntax.code());
        let (own, idle): (Vec<_>, Vec<_>) = found.suppressions.into_iter().partition(of_itself);
        let alone = |it: Suppression| Misspelling { span: it.span, message: ALONE.to_owned(), meant: None };
        self.suppressions.extend(own);
        self.misspellings.extend(found.misspellings.into_iter().chain(idle.into_iter().map(alone)));
    }
}

impl Suppression {
    pub fn silences(&self, rule: Rule, line: u32) -> bool {
        self.lines.as_ref().is_none_or(|lines| lines.contains(&line))
            && (self.codes.is_empty() || self.codes.iter().any(|code| code == rule.code()))
    }
}

/// What comments begin with.
type Marks = &'static [&'static str];
const HASH: Marks = &["#"];
const HASH_AND_SLASHES: Marks = &["#", "//"];

/// The first mark at or behind an offset, and where it stands.
fn first_of(marks: Marks, text: &str, at: usize) -> Option<(usize, &'static str)> {
    let rest = text.get(at..)?;
    marks.iter().filter_map(|mark| Some((at + rest.find(mark)?, *mark))).min()
}

/// Collects the comments of a text that is not Python. Behind something they silence that line; alone, above everything
/// else, the whole file; alone further down, the line below, since what goes on over lines has no end for a comment.
///
/// A comment begins at a `#` that starts a line or follows a blank, as in a shell, a Dockerfile, YAML and a requirements file.
pub(crate) fn of_lines(text: &Text) -> Comments {
    of_marked_lines(HASH, text)
}

/// The same for Groovy, in whose strings is shell code with comments of its own.
pub(crate) fn of_groovy(text: &Text) -> Comments {
    of_marked_lines(HASH_AND_SLASHES, text)
}

fn of_marked_lines(marks: Marks, text: &Text) -> Comments {
    let mut found = Comments::default();
    if !may_stand_in(text.source().as_bytes()) {
        return found;
    }
    let mut before_anything = true;
    for line in 0..u32::try_from(text.line_count()).unwrap_or(u32::MAX) {
        let content = text.line(line);
        let is_comment = marks.iter().any(|mark| content.trim_start().starts_with(mark));
        let begins = |at: usize| content.get(..at).is_some_and(|it| it.is_empty() || it.ends_with([' ', '\t']));
        let places = marks.iter().flat_map(|mark| content.match_indices(mark)).map(|(at, _)| at);
        if let Some(at) = places.filter(|at| begins(*at)).min() {
            let silenced = match (is_comment, before_anything) {
                (true, true) => None,
                (true, false) => Some(line + 1..=line + 1),
                (false, _) => Some(line..=line),
            };
            let comment = content.get(at..).unwrap_or_default();
            found.read_behind(marks, comment, text.line_span(line).start + number(at), silenced.as_ref());
        }
        before_anything &= is_comment || content.trim().is_empty();
    }
    found
}

/// Tells whether any comment of a text can be for us: most have none, and are read faster where that is known.
pub(crate) fn may_stand_in(text: &[u8]) -> bool {
    memchr::memmem::find(text, NAME.as_bytes()).is_some()
}

/// What every comment for us begins with, whatever follows.
pub(crate) const NAME: &str = "fromwhere";
const IGNORE: &str = "ignore";
const ALONE: &str = "it silences nothing: it counts at the end of a line, or alone above the code";
const WRITTEN: &str = "fromwhere: ignore";

/// Longer words are no codes, and are named by their beginning.
const LONGEST_CODE: usize = 40;

/// What stands behind `ignore`.
enum List<'c> {
    /// Each code with its place; none for all.
    Codes { length: usize, codes: Vec<(&'c str, usize)> },
    /// No list, though one was meant.
    None { length: usize, why: &'static str, meant: Option<String> },
}

/// Returns what stands behind `fromwhere: ignore`, where the words behind a `#` are that, and whether they are written so.
/// `ignored` and `ignore-this` are somebody's prose, and so is what goes on behind another spelling.
fn list(words: &str) -> Option<(&str, bool)> {
    let behind = words.trim_start().strip_prefix(NAME)?;
    let colon = behind.trim_start().strip_prefix(':');
    let word = colon.unwrap_or(behind).trim_start();
    let (ignore, rest) = word.split_at_checked(IGNORE.len())?;
    let is_apart = colon.is_some() || behind.len() > word.len();
    let goes_on = rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_');
    if goes_on || !is_apart || !ignore.eq_ignore_ascii_case(IGNORE) {
        return None;
    }
    let is_right = ignore == IGNORE && behind.starts_with(':');
    let ends = rest.trim_start().is_empty() || rest.trim_start().starts_with(['[', '#']);
    (is_right || ends).then_some((rest, is_right))
}

/// A blank may stand before the bracket, as with `# type: ignore [code]`; what is no list and begins with a code, or with
/// another bracket, was meant to be one.
fn read_list(rest: &str) -> List<'_> {
    let own = rest.split('#').next().unwrap_or(rest);
    let content = own.trim_start();
    let blanks = own.len() - content.len();
    if let Some(inside) = content.strip_prefix('[') {
        let Some((inside, _)) = inside.split_once(']') else {
            let length = own.trim_end().len();
            return List::None { length, why: "`ignore[` has no `]`, so it silences nothing", meant: meant(content) };
        };
        let from = blanks + 1;
        let length = from + inside.len() + 1;
        let codes: Vec<(&str, usize)> = parts(inside).map(|(code, at)| (code, from + at)).collect();
        return if codes.is_empty() {
            List::None { length, why: "`ignore[]` names no rule, so it silences nothing", meant: None }
        } else {
            List::Codes { length, codes }
        };
    }
    let is_bracket = content.starts_with(['(', '{', '<', ':', '=']);
    let begins_with_code = words(content).next().is_some_and(|(word, _)| Rule::from_code(word).is_some());
    if is_bracket || begins_with_code {
        let length = blanks + end_of_list(content);
        return List::None {
            length,
            why: "it silences nothing: codes stand in brackets, `ignore[code]`",
            meant: meant(content),
        };
    }
    List::Codes { length: 0, codes: Vec::new() }
}

/// The parts between commas that hold something, each with its place.
fn parts(inside: &str) -> impl Iterator<Item = (&str, usize)> {
    let start = inside.as_ptr() as usize;
    let parts = inside.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(move |part| (part, part.as_ptr() as usize - start))
}

/// The words that could be codes, each with the place behind it.
fn words(content: &str) -> impl Iterator<Item = (&str, usize)> {
    let start = content.as_ptr() as usize;
    let is_of_word = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    let words = content.split(move |it| !is_of_word(it)).filter(|word| !word.is_empty());
    words.map(move |word| (word, word.as_ptr() as usize - start + word.len()))
}

/// The codes that stand in a list of another form; nothing where one of its words is none.
fn meant(content: &str) -> Option<String> {
    let list = content.get(..end_of_list(content))?;
    let codes: Vec<&str> = words(list).map(|(word, _)| word).collect();
    let are_codes = !codes.is_empty() && codes.iter().all(|code| Rule::from_code(code).is_some());
    are_codes.then(|| format!("{IGNORE}[{}]", codes.join(", ")))
}

/// Where a list of another form ends: behind its closing bracket, or behind the last code in a row.
fn end_of_list(content: &str) -> usize {
    if let Some(end) = content.find([')', '}', '>']) {
        return end + 1;
    }
    let codes = words(content).take_while(|(word, _)| Rule::from_code(word).is_some());
    codes.last().map_or(content.trim_end().len(), |(_, end)| end)
}

fn unknown_rule(code: &str) -> String {
    let meant = did_you_mean_rule(code);
    fitting([format!("no rule is called `{}`{meant}", shortened(code)), format!("no rule is called so{meant}")])
}

fn shortened(code: &str) -> String {
    code.chars().take(LONGEST_CODE).collect()
}

fn number(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> (Vec<String>, Vec<String>) {
        let mut found = Comments::default();
        found.read(comment, 0, None);
        let codes = found.suppressions.into_iter().map(|it| it.codes.join(","));
        let said = found.misspellings.into_iter().map(|it| {
            let place = comment.get(it.span.start as usize..it.span.end as usize).unwrap_or("outside");
            format!("{place} -> {}: {}", it.meant.unwrap_or_default(), it.message)
        });
        (codes.collect(), said.collect())
    }

    #[test]
    fn a_comment_silences_what_it_names_and_no_more() {
        for (comment, codes) in [
            ("# fromwhere: ignore", vec![""]),
            ("#fromwhere:ignore[env-none]", vec!["env-none"]),
            ("# fromwhere: ignore [env-none , import-from-os,]", vec!["env-none,import-from-os"]),
            ("# fromwhere: ignore because the image has it", vec![""]),
            ("# fromwhere: ignore[env-none] as agreed", vec!["env-none"]),
            (
                "# noqa # fromwhere: ignore[env-none] # fromwhere: ignore[import-from-os]",
                vec!["env-none", "import-from-os"],
            ),
            ("# fromwhere: ignored", vec![]),
            ("# fromwhere: ignore-this", vec![]),
            ("# see fromwhere: ignore", vec![]),
            ("# fromwhere ignore lists are short", vec![]),
            ("# fromwhereignore", vec![]),
        ] {
            assert_eq!(read(comment), (codes.into_iter().map(str::to_owned).collect(), Vec::new()), "{comment}");
        }
    }

    #[test]
    fn what_is_no_list_silences_nothing_and_is_named() {
        let in_brackets = "it silences nothing: codes stand in brackets, `ignore[code]`";
        for (comment, said) in [
            ("# fromwhere: ignore[]", "ignore[] -> : `ignore[]` names no rule, so it silences nothing".to_owned()),
            (
                "# fromwhere: ignore[ , ]",
                "ignore[ , ] -> : `ignore[]` names no rule, so it silences nothing".to_owned(),
            ),
            (
                "# fromwhere: ignore[env-none  # why",
                "ignore[env-none -> ignore[env-none]: `ignore[` has no `]`, so it silences nothing".to_owned(),
            ),
            ("# fromwhere: ignore(env-none) x", format!("ignore(env-none) -> ignore[env-none]: {in_brackets}")),
            ("# fromwhere: ignore (what, ever", format!("ignore (what, ever -> : {in_brackets}")),
            (
                "# fromwhere: ignore: env-none, import-from-os",
                format!("ignore: env-none, import-from-os -> ignore[env-none, import-from-os]: {in_brackets}"),
            ),
            ("# fromwhere: ignore env-none for now", format!("ignore env-none -> ignore[env-none]: {in_brackets}")),
        ] {
            assert_eq!(read(comment), (Vec::new(), vec![said]), "{comment}");
        }
        let spelled = "it silences nothing: it is written `fromwhere: ignore`";
        for (comment, place) in [
            ("# fromwhere ignore", "fromwhere ignore"),
            ("#  fromwhere:  Ignore[env-none]", "fromwhere:  Ignore"),
            ("# fromwhere : IGNORE # why", "fromwhere : IGNORE"),
        ] {
            assert_eq!(
                read(comment),
                (Vec::new(), vec![format!("{place} -> fromwhere: ignore: {spelled}")]),
                "{comment}"
            );
        }
        let (codes, said) = read("# fromwhere: ignore[import-form-os, env-none]");
        assert_eq!(codes, ["import-form-os,env-none"]);
        assert_eq!(
            said,
            ["import-form-os -> import-from-os: no rule is called `import-form-os`; did you mean `import-from-os`?"]
        );
    }

    #[test]
    fn any_piece_of_a_comment_can_be_read() {
        let whole = "# é # fromwhere: ignore [é, env-none](x)#fromwhere:ignore{env-none # fromwhere: ignore: é[";
        for (from, _) in whole.char_indices() {
            for (to, _) in whole.char_indices().filter(|(to, _)| *to >= from) {
                let piece = &whole[from..to];
                let mut found = Comments::default();
                found.read(piece, 0, None);
                let spans =
                    found.suppressions.iter().map(|it| it.span).chain(found.misspellings.iter().map(|it| it.span));
                for span in spans {
                    assert!(piece.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {piece}");
                }
            }
        }
    }

    #[test]
    fn where_lines_are_silenced_depends_on_what_is_above() {
        let text = "# fromwhere: ignore[env-none]\n\nFROM a\n  # fromwhere: ignore\nRUN b \\\n  c # fromwhere: ignore\nd#fromwhere: ignore\n";
        let found = of_lines(&Text::new(text.to_owned())).suppressions;
        let lines: Vec<_> = found.into_iter().map(|it| it.lines).collect();
        assert_eq!(lines, [None, Some(4..=4), Some(5..=5)]);
    }

    #[test]
    fn in_groovy_slashes_begin_a_comment_and_so_does_a_hash_in_shell_code() {
        let text = "// fromwhere: ignore[env-none]\nnode {\n  // fromwhere: ignore\n  sh 'a' // fromwhere: ignore\n  sh 'b' // # fromwhere: ignore\n  sh '''\n  c  # fromwhere: ignore\n  d https://fromwhere: ignore\n'''\n}\n";
        let found = of_groovy(&Text::new(text.to_owned())).suppressions;
        let lines: Vec<_> = found.into_iter().map(|it| it.lines).collect();
        assert_eq!(lines, [None, Some(3..=3), Some(3..=3), Some(4..=4), Some(6..=6)]);
        let in_python = of_lines(&Text::new("a = 1\n// fromwhere: ignore\n".to_owned()));
        assert_eq!(in_python, Comments::default());
    }
}
