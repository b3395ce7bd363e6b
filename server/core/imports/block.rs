//! The `script` block of a file (PEP 723): what it is run with, in TOML behind comment signs.
//!
//! In: a text. Out: the first [`Block`] of the type `script`, and what is wrong with it.
//!
//! **Invariant:** what the reference regular expression of the PEP takes for a block is one here, and nothing else is. A
//! block that is never closed is kept as flawed and empty: its author means a script all the same.

use crate::text::Text;

/// What stands before the type of a block.
const OPENING: &str = "# /// ";
const CLOSING: &str = "# ///";

/// A `script` block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The line of `# /// script`, from 0.
    pub line: u32,
    /// The lines between, without `# `.
    pub content: String,
    pub flaw: Option<Flaw>,
}

/// Why tools refuse a block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// From 0.
    pub line: u32,
    /// A lower-case fragment.
    pub message: &'static str,
}

/// Finds the `script` block.
///
/// A block runs to the last `# ///` of its run of comments, and what it holds opens no other block.
pub(super) fn script(text: &Text) -> Option<Block> {
    memchr::memmem::find(text.source().as_bytes(), b"# /// script")?;
    let count = u32::try_from(text.line_count()).unwrap_or(u32::MAX);
    let mut found: Option<Block> = None;
    let mut unclosed = None;
    let mut line = 0;
    while line < count {
        let Some(kind) = opening(text.line(line)) else {
            line += 1;
            continue;
        };
        let run_end = (line + 1..count).find(|it| !is_content(text.line(*it))).unwrap_or(count);
        // At least one line stands between the two.
        if let Some(end) = (line + 2..run_end).rev().find(|it| text.line(*it) == CLOSING) {
            if kind == "script" {
                match &mut found {
                    None => found = Some(Block { line, content: content(text, line + 1, end), flaw: None }),
                    Some(first) if first.flaw.is_none() => {
                        first.flaw = Some(Flaw { line, message: "a second `script` block, where only one may be" });
                    }
                    Some(_) => {}
                }
            }
            line = end + 1;
        } else {
            // No later line of the same run can be closed either.
            let opened = (line..run_end).find(|it| opening(text.line(*it)) == Some("script"));
            unclosed = unclosed.or(opened);
            line = run_end;
        }
    }
    let flawed = |line| {
        let message = "no `# ///` closes the `script` block";
        Block { line, content: String::new(), flaw: Some(Flaw { line, message }) }
    };
    found.or_else(|| unclosed.map(flawed))
}

/// Returns the type of the block that a line opens.
fn opening(line: &str) -> Option<&str> {
    let kind = line.strip_prefix(OPENING)?;
    let is_type = !kind.is_empty() && kind.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    is_type.then_some(kind)
}

fn is_content(line: &str) -> bool {
    line == "#" || line.starts_with("# ")
}

fn content(text: &Text, from: u32, to: u32) -> String {
    let mut content = String::new();
    for line in from..to {
        let line = text.line(line);
        content.push_str(line.strip_prefix("# ").or_else(|| line.strip_prefix('#')).unwrap_or(line));
        content.push('\n');
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Option<Block> {
        script(&Text::new(source.to_owned()))
    }

    #[test]
    fn a_block_is_found_where_the_pep_finds_one() {
        for (source, expected) in [
            ("# /// script\n# a = 1\n#\n# b = 2\n# ///\n", Some((0, "a = 1\n\nb = 2\n"))),
            ("#!/x\n\nimport a\n# /// script\n# a = 1\n# ///", Some((3, "a = 1\n"))),
            ("# /// script\r\n# a = 1\r\n# ///\r\n", Some((0, "a = 1\n"))),
            ("# /// script\n#  a = [\n#   1]\n# ///\n", Some((0, " a = [\n  1]\n"))),
            // The last closing line of the run counts.
            ("# /// script\n# a = 1\n# ///\n# b = 2\n# ///\n# c\n", Some((0, "a = 1\n///\nb = 2\n"))),
            // What another block holds opens none.
            ("# /// other\n# /// script\n# a = 1\n# ///\n", None),
            ("# /// other\n# x\n# ///\n\n# /// script\n# a = 1\n# ///\n", Some((4, "a = 1\n"))),
            ("# /// scripts\n# a = 1\n# ///\n", None),
            (" # /// script\n # a = 1\n # ///\n", None),
            ("# /// script \n# a = 1\n# ///\n", None),
            ("import a\n", None),
        ] {
            let found = read(source);
            assert_eq!(found.as_ref().map(|it| (it.line, it.content.as_str())), expected, "{source:?}");
            assert_eq!(found.and_then(|it| it.flaw), None, "{source:?}");
        }
    }

    #[test]
    fn what_tools_refuse_is_flawed() {
        let flaw = |source| read(source).and_then(|it| it.flaw).map(|it| it.line);
        assert_eq!(flaw("# /// script\n# ///\n"), Some(0), "nothing stands between");
        assert_eq!(flaw("# /// script\n# a = 1\n\n# ///\n"), Some(0));
        assert_eq!(flaw("# /// script\n#a = 1\n# ///\n"), Some(0));
        let two = read("# /// script\n# a = 1\n# ///\n\n# /// script\n# b = 1\n# ///\n").unwrap();
        assert_eq!((two.content.as_str(), two.flaw.map(|it| it.line)), ("a = 1\n", Some(4)));
    }

    #[test]
    fn a_long_run_of_openings_is_read_once() {
        assert_eq!(read(&"# /// script\n".repeat(200_000)).and_then(|it| it.flaw).map(|it| it.line), Some(0));
        assert_eq!(read(&"# /// script\n# a\n# ///\n\n".repeat(50_000)).map(|it| it.line), Some(0));
    }
}
