//! What fixes would change, as a unified diff that `git apply` and `patch -p1` take.
//!
//! In: the contents of files before and after. Out: bytes, in the encoding that each file has.
//!
//! **Invariant:** for programs every byte is as it is in the files; for a terminal no control character is.

use std::io::Write as _;

use camino::Utf8Path;
use similar::{ChangeTag, TextDiff};

use crate::cli::terminal::{Style, as_in_git, relative, visible};

/// How many lines that stay are shown around those that change.
const CONTEXT: usize = 3;

/// How the difference is shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Audience {
    Programs,
    People(Style),
}

/// Renders the difference of one file.
pub(in crate::cli) fn render(
    path: &Utf8Path,
    working_directory: &Utf8Path,
    (before, after): (&[u8], &[u8]),
    audience: Audience,
) -> Vec<u8> {
    let (old, new) = names(path, working_directory);
    let difference = TextDiff::from_lines(before, after);
    let mut unified = difference.unified_diff();
    let unified = unified.context_radius(CONTEXT);
    let mut output = Vec::new();
    // Memory takes every write.
    let _ = match audience {
        // The whole would be written as text, and lose what is no UTF-8; its hunks are written byte by byte.
        Audience::Programs => unified.iter_hunks().enumerate().try_for_each(|(number, hunk)| {
            if number == 0 {
                writeln!(output, "--- {old}\n+++ {new}")?;
            }
            hunk.to_writer(&mut output)
        }),
        Audience::People(style) => {
            let mut lines = vec![style.bold(&format!("--- {old}")), style.bold(&format!("+++ {new}"))];
            for hunk in unified.iter_hunks() {
                lines.push(style.dim(hunk.header().to_string().trim_end()));
                for change in hunk.iter_changes() {
                    let line = String::from_utf8_lossy(change.value());
                    let line = for_terminal(line.trim_end_matches(['\n', '\r']));
                    lines.push(match change.tag() {
                        ChangeTag::Equal => format!(" {line}"),
                        ChangeTag::Delete => style.red(&format!("-{line}")),
                        ChangeTag::Insert => style.green(&format!("+{line}")),
                    });
                    if change.missing_newline() {
                        lines.push("\\ No newline at end of file".to_owned());
                    }
                }
            }
            writeln!(output, "{}", lines.join("\n"))
        }
    };
    output
}

/// The two names in the header: below `a/` and `b/` as git has them, or the one path of what lies elsewhere.
fn names(path: &Utf8Path, working_directory: &Utf8Path) -> (String, String) {
    if path.starts_with(working_directory) {
        let name = as_in_git(path, working_directory);
        let name = visible(&name);
        (format!("a/{name}"), format!("b/{name}"))
    } else {
        let name = relative(path, working_directory);
        (name.clone().into_owned(), name.into_owned())
    }
}

fn for_terminal(line: &str) -> String {
    line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(before: &[u8], after: &[u8], audience: Audience) -> String {
        let bytes = render("/p/a.toml".into(), "/p".into(), (before, after), audience);
        bytes.iter().copied().map(char::from).collect()
    }

    #[test]
    fn programs_get_every_byte() {
        let said = show(b"\xe9\r\na", b"\xe9\r\nb", Audience::Programs);
        assert_eq!(
            said,
            "--- a/a.toml\n+++ b/a.toml\n@@ -1,2 +1,2 @@\n \u{e9}\r\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn people_get_no_control_characters() {
        let said = show(b"\x1b[2J\ta\r\n", b"\x1b[2J\tb\r\n", Audience::People(Style { color: false }));
        assert_eq!(said, "--- a/a.toml\n+++ b/a.toml\n@@ -1 +1 @@\n-\\u{1b}[2J\ta\n+\\u{1b}[2J\tb\n");
    }
}
