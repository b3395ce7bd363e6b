//! What one cell of a notebook asks for.
//!
//! In: the text of a code cell, as `IPython` would run it. Out: [`Imports`], as of a file.
//!
//! **Invariant:** a line that `IPython` takes for itself (`%`, `!`, `?`) asks for nothing, and neither does a cell that it hands
//! to another program (`%%bash`); nothing else of a cell is passed over.

use ruff_python_ast::PySourceType;
use ruff_python_parser::{Mode, parse_unchecked_source};

use super::{Imports, collect, comments, on_stack_for};
use crate::text::{Span, Text};

/// Magics of whole cells that run the cell itself as Python in the kernel (`IPython.core.magics`).
const RUN_HERE: [&str; 4] = ["capture", "prun", "time", "timeit"];

/// Reads what a cell asks for.
pub fn scan_cell(text: &Text) -> Imports {
    match without_magic(text.source()) {
        Cell::Python(None) => scan(text),
        Cell::Python(Some(plain)) => scan(&Text::new(plain)),
        Cell::Foreign => Imports::default(),
    }
}

enum Cell {
    /// With the line of a magic blanked out, where there is one.
    Python(Option<String>),
    /// For another program.
    Foreign,
}

/// Looks at the first line that is not empty, as `IPython.core.inputtransformer2.cell_magic` does.
fn without_magic(source: &str) -> Cell {
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let content = line.trim();
        if content.is_empty() {
            start += line.len();
            continue;
        }
        let Some(magic) = content.strip_prefix("%%") else { break };
        let name = magic.split(|it: char| !(it.is_alphanumeric() || it == '_')).next().unwrap_or_default();
        if magic.strip_prefix(name).is_some_and(|rest| !name.is_empty() && rest.starts_with('?')) {
            // Only help is asked for, and what follows runs.
            break;
        }
        if !RUN_HERE.contains(&name) {
            return Cell::Foreign;
        }
        let mut plain = source.to_owned();
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        plain.replace_range(start..end, &" ".repeat(end - start));
        return Cell::Python(Some(plain));
    }
    Cell::Python(None)
}

fn scan(text: &Text) -> Imports {
    let parse = || {
        let parsed = parse_unchecked_source(text.source(), PySourceType::Ipynb);
        let mut imports = collect::imports(text.source(), parsed.suite());
        imports.retain(|import| !asks_for_help(text, import.span));
        Imports { imports, comments: comments::read(text, parsed.tokens()), ..Imports::default() }
    };
    let too_deep = || Imports { too_deep: true, ..Imports::default() };
    on_stack_for(text.source(), Mode::Ipython, parse).unwrap_or_else(too_deep)
}

/// Tells whether `IPython` shows help for what stands in a line, instead of running it (`import six?`). In a comment it asks for
/// nothing.
fn asks_for_help(text: &Text, span: Span) -> bool {
    let behind = text.source().get(span.end as usize..).unwrap_or_default();
    let rest = behind.lines().next().unwrap_or_default();
    rest.trim_end().ends_with('?') && !rest.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(source: &str) -> Vec<String> {
        let found = scan_cell(&Text::new(source.to_owned()));
        found.imports.into_iter().map(|import| import.module).collect()
    }

    #[test]
    fn what_ipython_takes_for_itself_asks_for_nothing() {
        let cell = "%matplotlib inline\n!pip install \\\n  import1\nimport a\nfiles = !ls\nhere = %pwd\n?a.b\na.b??\nimport six?\n\
                    %time import no\n,print a b\n/print a\n;print a\nif True:\n    %time 1\n    !import no\n    import b\n";
        assert_eq!(modules(cell), ["a", "b"]);
        assert_eq!(modules("import a  # is it?\n"), ["a"], "a comment asks nothing");
        assert_eq!(modules("text = '''\n%%bash\n!ls\n'''\nimport a\nb = (1\n% 2)\nimport c\n"), ["a", "c"]);
    }

    #[test]
    fn a_cell_may_be_for_another_program() {
        for magic in ["%%bash", "%%html -i", "%%writefile x.py", "%%python3", "%%cython", "%%!"] {
            let expected: [&str; 0] = [];
            assert_eq!(modules(&format!("\n  \n{magic}\nimport a\n")), expected, "{magic}");
        }
        for magic in ["%%time", "%%timeit -n 1 x = 1", "%%capture out", "  %%prun", "%%bash?"] {
            assert_eq!(modules(&format!("\n{magic}\r\nimport a\n")), ["a"], "{magic}");
        }
        assert_eq!(modules("# first\n%%bash\nimport a\n"), ["a"], "only on the first line");
    }

    #[test]
    fn what_is_half_typed_or_indented_is_read_all_the_same() {
        assert_eq!(modules("    import a\n    import b\n"), ["a", "b"]);
        assert_eq!(modules("import a\ndef (:\nimport b\nfrom c import\n"), ["a", "b", "c"]);
        assert_eq!(modules("await x\nimport a\n"), ["a"]);
    }

    #[test]
    fn a_cell_that_nests_deeper_than_the_stack_is_refused() {
        let deep = format!("!echo '''\n{}{}\n", "(".repeat(200_000), ")".repeat(200_000));
        assert!(scan_cell(&Text::new(deep)).too_deep);
        let less = format!("!echo '''\n{}1{}\nimport a\n", "(".repeat(3_000), ")".repeat(3_000));
        assert_eq!(modules(&less), ["a"]);
    }

    #[test]
    fn comments_silence_inside_a_cell() {
        let found = scan_cell(&Text::new("%time 1\nimport a  # fromwhere: ignore[env-none]\n".to_owned()));
        assert_eq!(found.comments.suppressions.first().and_then(|it| it.lines.clone()), Some(1..=1));
    }
}
