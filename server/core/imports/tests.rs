//! In: small texts. Out: what is read from them.
//!
//! **Invariant:** every text in here stands for something people or generators really write.

use super::*;

fn read(source: &str) -> Imports {
    scan(&Text::new(source.to_owned()))
}

fn modules(source: &str) -> Vec<String> {
    read(source).imports.into_iter().map(|it| format!("{}{}", ".".repeat(it.level as usize), it.module)).collect()
}

fn context(source: &str, module: &str) -> Context {
    let found = read(source).imports.into_iter().find(|import| import.module == module);
    found.unwrap_or_else(|| panic!("no `{module}` in {source:?}")).context
}

#[test]
fn every_form_is_read_with_its_place() {
    let source = "import os, xml.dom as dom\nfrom a . b import c, d\nfrom ..x import *\nfrom . import y\n";
    let imports = read(source).imports;
    let places: Vec<_> = imports
        .iter()
        .map(|it| (&*it.module, it.level, &source[it.span.start as usize..it.span.end as usize]))
        .collect();
    assert_eq!(places, [("os", 0, "os"), ("xml.dom", 0, "xml.dom"), ("a.b", 0, "a . b"), ("x", 2, "x"), ("", 1, ".")]);
    let names: Vec<_> = imports.iter().flat_map(|it| &it.names).map(|it| &*it.name).collect();
    assert_eq!(names, ["c", "d", "*", "y"]);
}

#[test]
fn half_typed_code_keeps_every_import() {
    let cases: &[(&str, &[&str])] = &[
        ("import a\nfrom reque\nimport sys\n", &["a", "reque", "sys"]),
        ("import a\nimport xml.\nimport sys\n", &["a", "xml", "sys"]),
        ("import a\nfrom requests import \nimport sys\n", &["a", "requests", "sys"]),
        ("import a\nfrom . import\nimport sys\n", &["a", ".", "sys"]),
        ("import a\nx = foo(1, (2\nimport sys\n", &["a", "sys"]),
        ("import a\ndef f():\n    x = [1, 2\n    import b\nimport sys\n", &["a", "b", "sys"]),
        ("import a\nfrom b import (c, d\nimport sys\n", &["a", "b", "sys"]),
        ("import a\nx = 'unclosed\nimport sys\n", &["a", "sys"]),
        ("import a\nif x:\n        y = 1\n    import b\nimport sys\n", &["a", "b", "sys"]),
        ("import a\nprint 'python 2'\nimport sys\n", &["a", "sys"]),
        ("<<<<<<< ours\nimport a\n=======\nimport b\n>>>>>>> theirs\nimport sys\n", &["a", "b", "sys"]),
        ("import a\ntry:\n    import b\nimport sys\n", &["a", "b", "sys"]),
    ];
    for (source, expected) in cases {
        assert_eq!(modules(source), *expected, "{source:?}");
    }
    assert_eq!(modules("import \nimport sys"), ["sys"]);
}

#[test]
fn conditions_are_noticed() {
    let checked = "from typing import TYPE_CHECKING\nimport typing as t\nif t.TYPE_CHECKING:\n    import a\nelse:\n    import b\n";
    assert!(context(checked, "a").type_checking);
    assert!(!context(checked, "b").type_checking);
    let negated = "if not TYPE_CHECKING:\n    import a\nelse:\n    import b\n";
    assert!(!context(negated, "a").type_checking);
    assert!(context(negated, "b").type_checking);

    for clause in ["except ImportError", "except", "except (KeyError, ModuleNotFoundError) as e", "except Exception"] {
        let source =
            format!("try:\n    import a\n{clause}:\n    import b\nelse:\n    import c\nfinally:\n    import d\n");
        assert!(context(&source, "a").may_fail, "{clause}");
        assert!(context(&source, "b").may_fail, "{clause}");
        assert!(context(&source, "c").may_fail, "{clause}");
        assert!(!context(&source, "d").may_fail, "{clause}");
    }
    assert!(!context("try:\n    import a\nexcept KeyError:\n    pass\n", "a").may_fail);
    assert!(context("with contextlib.suppress(ImportError):\n    import a\n", "a").may_fail);
    assert!(!context("with open(x):\n    import a\n", "a").may_fail);
    assert!(context("if importlib.util.find_spec('a') is not None:\n    import a\n", "a").may_fail);

    for test in ["sys.version_info >= (3, 11)", "sys.platform == 'win32'", "os.name == 'nt'", "sys.version_info[0] < 3"]
    {
        let source = format!("if {test}:\n    import a\nelif z:\n    import b\nelse:\n    import c\n");
        assert!(["a", "b", "c"].iter().all(|module| context(&source, module).guarded), "{test}");
    }
    assert!(context("def f():\n    class A:\n        import a\n", "a").in_function);
    assert_eq!(context("class A:\n    import a\n", "a"), Context::default());
    assert_eq!(context("if x:\n    import a\n", "a"), Context::default());
}

#[test]
fn dynamic_imports_with_a_literal_are_read() {
    let source = "import importlib\nx = importlib.import_module('yaml.nodes')\n__import__(\"six\")\nimport_module(name)\nimport_module('no name')\n";
    let imports = read(source).imports;
    let found: Vec<_> = imports.iter().filter(|it| it.context.dynamic).map(|it| &*it.module).collect();
    assert_eq!(found, ["yaml.nodes", "six"]);
    let span = imports[1].span;
    assert_eq!(&source[span.start as usize..span.end as usize], "yaml.nodes");
}

#[test]
fn comments_are_read_from_tokens() {
    let found = read(concat!(
        "#!/usr/bin/python3 -E\n# fromwhere: ignore[import-from-base, import-from-os]\n\n",
        "import yaml  # noqa: F401  # fromwhere: ignore\nx = '# fromwhere: ignore'\n# fromwhere: ignored\n",
    ));
    assert_eq!(found.shebang.as_deref(), Some("/usr/bin/python3 -E"));
    let all: Vec<_> = found.comments.suppressions.iter().map(|it| (it.lines.clone(), it.codes.join(","))).collect();
    assert_eq!(all, [(None, "import-from-base,import-from-os".to_owned()), (Some(3..=3), String::new())]);
    let alone = read("import a\n# fromwhere: ignore\n").comments;
    assert_eq!((alone.suppressions.len(), alone.misspellings.len()), (0, 1));
    for (docstring, silenced) in [
        ("'''What\nit does.'''\n", Some(None)),
        ("# first\n\n'a' 'b'\n\n", Some(None)),
        ("'a'; b\n", None),
        ("'a'.b\n", None),
        ("'a'\n'b'\n", None),
        ("f'a'\n", None),
        ("('a')\n", None),
    ] {
        let found = read(&format!("{docstring}# fromwhere: ignore\nimport a\n")).comments;
        assert_eq!(found.suppressions.first().map(|it| it.lines.clone()), silenced, "{docstring}");
        assert_eq!(found.misspellings.len(), usize::from(silenced.is_none()), "{docstring}");
    }
    assert_eq!(read("'a'  # fromwhere: ignore\nimport a\n").comments.suppressions[0].lines, Some(0..=0));
    assert_eq!(read("a = 1 + \\\n  # fromwhere: ignore\n").comments.misspellings.len(), 0, "joined");
    // Neither of the readers that need no tree passes over what is written otherwise.
    assert_eq!(read("import a  # fromwhere ignore\n").comments.misspellings.len(), 1);
}

#[test]
fn a_comment_silences_the_lines_that_are_joined_to_its_own() {
    for (source, lines, place) in [
        ("import a; b = '''\n\n'''  # fromwhere: ignore\nimport c\n", Some(0..=2), 2),
        ("import a; b = 1 \\\n  + 2  # fromwhere: ignore\n", Some(0..=1), 1),
        ("import a; b = f'''\n{\n1}'''  # fromwhere: ignore\n", Some(0..=2), 2),
        ("from a import (  # fromwhere: ignore\n    b,\n)\n", Some(0..=0), 0),
        ("from a import (\n    b,  # fromwhere: ignore\n)\n", Some(1..=1), 0),
        ("'''\n'''; import a  # fromwhere: ignore\n", Some(0..=1), 1),
    ] {
        assert_eq!(read(source).comments.suppressions[0].lines, lines, "{source}");
        let text = Text::new(source.to_owned());
        let line = text.range(read(source).imports[0].span).start.line;
        assert_eq!(place_for(&text, line), Some(text.line_span(place).end), "{source}");
    }
    let open = Text::new("import a; b = '''\n".to_owned());
    assert_eq!(place_for(&open, 0).filter(|it| *it <= 16), None, "inside of a string is no place for a comment");
}

#[test]
fn deep_nesting_never_ends_the_process() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{1:", "}"), ("f(", ")"), ("-", ""), ("not ", ""), ("lambda a, b: ", "")]
    {
        let source = format!("import a\nx = {}1{}\nimport b\n", open.repeat(10_000), close.repeat(10_000));
        assert_eq!(modules(&source), ["a", "b"], "{open}");
        // Half typed, as it is while somebody writes it.
        let found = read(&format!("import a\nx = {}", open.repeat(10_000)));
        assert!(found.too_deep || found.imports.len() == 1, "{open}");
    }
    for chain in ["+ 1 ", ".a", "()", "[0]", "if a else 1 ", "** 1 "] {
        assert_eq!(modules(&format!("import a\nx = y {}\nimport b\n", chain.repeat(5_000))), ["a", "b"], "{chain}");
        // What cannot import is not even looked at.
        let deepest = format!("import a\nx = y {}\n", chain.repeat(200_000));
        assert_eq!(modules(&deepest), ["a"], "{chain}");
        assert!(scan_whole(&Text::new(deepest)).too_deep, "{chain}");
        assert!(read(&format!("x = __import__(y {})\n", chain.repeat(200_000))).too_deep, "{chain}");
    }
    let ifs = (0..1_000).fold(String::new(), |source, depth| source + &" ".repeat(depth) + "if x:\n");
    assert_eq!(modules(&format!("{ifs}{}import a\nimport b\n", " ".repeat(1_000))), ["a", "b"]);
    // Long but flat: a table of data.
    let table = format!("import a\nx = [{}]\n", "(1, 'b', {'c': d.e}),\n".repeat(100_000));
    assert_eq!(modules(&table), ["a"]);
}

#[test]
fn anything_at_all_can_be_read() {
    for source in
        ["", "\u{feff}import a", "\0\0\0", "import a\r\nimport b\r", "\x7fELF\u{2}", "'''", "from", "import", "#!"]
    {
        let _ = read(source);
    }
    assert_eq!(modules("\u{feff}import a"), ["a"]);
    assert_eq!(modules("import café, a\n"), ["café", "a"]);
}

#[test]
fn every_state_of_typing_can_be_read() {
    let sample = concat!(
        "#!/usr/bin/python3\n# fromwhere: ignore[a]\nimport os.path as p, café\n",
        "try:\n    from .x import (a, b as c)\nexcept (ImportError, KeyError) as e:\n    import y  # fromwhere: ignore\n",
        "if not TYPE_CHECKING and sys.platform:\n\tx = f'{import_module(\"z\")!r:>{w}}' + __import__('''q''', *a)[1:2]\n",
        "match v:\n    case [1, *_]: import w\nwith suppress(ImportError): from . import 名前\n",
    );
    let states = sample.char_indices().map(|(at, _)| sample[..at].to_owned());
    let without_one = sample.char_indices().map(|(at, it)| sample[..at].to_owned() + &sample[at + it.len_utf8()..]);
    for state in states.chain(without_one) {
        let found = read(&state);
        let names = found.imports.iter().flat_map(|import| import.names.iter().map(|name| name.span));
        for span in found.imports.iter().map(|import| import.span).chain(names) {
            assert!(state.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {state:?}");
        }
        assert!(found.imports.iter().all(|it| it.level > 0 || !it.module.is_empty()), "{state:?}");
        let text = Text::new(state.clone());
        for line in 0..=u32::try_from(text.line_count()).unwrap() {
            let place = place_for(&text, line);
            assert!(place.is_none_or(|it| state.is_char_boundary(it as usize)), "{line} of {state:?}");
        }
    }
}
