//! In: notebooks as Jupyter, VS Code and nobody in their right mind write them. Out: code, places, flaws.
//!
//! **Invariant:** every place leads to the letters it is about, and back.

use super::*;

fn code(source: &str) -> Vec<(usize, String)> {
    let notebook = Notebook::read(source.to_owned()).unwrap();
    notebook.numbers.iter().enumerate().map(|(at, number)| (*number, notebook.cells.source(at).to_owned())).collect()
}

fn flaw(source: &str) -> (Option<u32>, String) {
    let flaw = Notebook::read(source.to_owned()).unwrap_err();
    (flaw.line, flaw.message)
}

#[test]
fn a_source_is_a_text_or_a_list_of_texts() {
    let text = r#"{"nbformat": 4, "cells": [
        {"cell_type": "markdown", "source": "import no", "metadata": {}},
        {"cell_type": "code", "source": ["import a\n", "import b"], "outputs": [{"text": ["x"]}], "metadata": {}},
        {"cell_type": "raw", "source": []},
        {"cell_type": "code", "source": "import \"\\\u00e9\ud83d\ude00\ud800\t\/c"},
        {"cell_type": "code", "source": "ls", "metadata": {"vscode": {"languageId": "shellscript"}}}
    ], "metadata": {"kernelspec": {"name": "mine", "display_name": "Mine"}}}"#;
    let expected = "import \"\\é😀\u{fffd}\t/c";
    assert_eq!(code(text), [(2, "import a\nimport b".to_owned()), (4, expected.to_owned())]);
    assert_eq!(Notebook::read(text.to_owned()).unwrap().kernel(), Some("mine"));
}

#[test]
fn every_place_leads_to_its_letters_and_back() {
    let text = "{\"nbformat\": 4,\n \"cells\": [{\"cell_type\": \"code\", \"source\": [\n  \"x = '\\u00e9'; \\\"\\\"; import \\u0061bc\\n\",\n\
                \"import yaml\"\n ]},\n {\"cell_type\": \"code\", \"source\": \"é;import  json\\n\\nimport last\"}]}";
    let notebook = Notebook::read(text.to_owned()).unwrap();
    let imports = notebook.imports();
    let mut seen = Vec::new();
    for import in &imports.imports {
        let inside = notebook.text().range(import.span);
        let range = notebook.range_in_file(inside);
        let offset = |point: Point| (notebook.file.line_span(point.line).start + point.utf8) as usize;
        let letters = text[offset(range.start)..offset(range.end)].to_owned();
        let shown = notebook.shown(range).unwrap();
        let found = notebook.cells.in_cell(inside).unwrap();
        assert_eq!(shown.range, found.range, "{letters}");
        seen.push((shown.cell, range.start.line, letters));
    }
    let expected = [(1, 2, "\\u0061bc"), (1, 3, "yaml"), (2, 5, "json"), (2, 5, "last")];
    assert_eq!(seen, expected.map(|(cell, line, text)| (cell, line, text.to_owned())));
    assert_eq!(notebook.shown(Range::default()), None);
}

#[test]
fn another_language_has_no_cells() {
    for metadata in [
        r#"{"language_info": {"name": "R"}}"#,
        r#"{"kernelspec": {"language": "julia", "name": "julia-1.9"}}"#,
        r#"{"kernelspec": {"language": "python"}, "language_info": {"name": "julia"}}"#,
    ] {
        let text = format!(
            r#"{{"nbformat": 4, "metadata": {metadata}, "cells": [{{"cell_type": "code", "source": "import a"}}]}}"#
        );
        assert!(code(&text).is_empty(), "{metadata}");
    }
    for metadata in [r#"{"kernelspec": 3}"#, "[]", "null", r#"{"language_info": {"name": "Python"}}"#] {
        let text = format!(
            r#"{{"nbformat": 4, "metadata": {metadata}, "cells": [{{"cell_type": "code", "source": "import a"}}]}}"#
        );
        assert_eq!(code(&text).len(), 1, "{metadata}");
    }
}

#[test]
fn what_is_no_notebook_is_named_with_its_line() {
    assert_eq!(flaw(""), (Some(1), "is not JSON: EOF while parsing a value".to_owned()));
    assert_eq!(flaw("{\n\"cells\": [,]}"), (Some(2), "is not JSON: expected value".to_owned()));
    assert_eq!(flaw("[]").1, "is no notebook: it is no JSON object");
    assert_eq!(flaw("{}").1, "is no notebook: it has no `cells`");
    assert_eq!(flaw(r#"{"cells": []}"#).1, "is no notebook: it has no `nbformat`");
    assert_eq!(flaw(r#"{"cells": [], "nbformat": 3}"#).1, "its `nbformat` is 3; only 4 is read");
    assert_eq!(flaw(r#"{"worksheets": [], "nbformat": 3}"#).1, "is no notebook: it has no `cells`");
    assert_eq!(
        flaw("{\"nbformat\": 4,\n\"cells\": 3}"),
        (Some(2), "is no notebook: invalid type: integer `3`, expected a sequence".to_owned())
    );
    let source =
        |it: &str| format!("{{\"nbformat\": 4, \"cells\": [\n{{\"cell_type\": \"code\", \"source\": {it}}}]}}");
    for wrong in ["3", "null", "{}", "[1]", "[\"a\", [\"b\"]]"] {
        assert_eq!(flaw(&source(wrong)), (Some(2), "the source of cell 1 is no text".to_owned()), "{wrong}");
    }
    assert!(flaw(r#"{"nbformat": 4, "cells": [{"source": ""}]}"#).1.contains("missing field `cell_type`"));
}

#[test]
fn what_nobody_reads_may_nest_as_deep_as_it_likes() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let text = format!(
        r#"{{"nbformat": 4, "x": {deep}, "metadata": {{"widgets": {deep}}}, "cells": [{{"cell_type": "code", "outputs": {deep}, "source": "import a"}}]}}"#
    );
    assert_eq!(code(&text).len(), 1);
    let text = format!(r#"{{"nbformat": 4, "cells": [{{"cell_type": "code", "source": {deep}}}]}}"#);
    assert_eq!(flaw(&text).1, "the source of cell 1 is no text");
}
