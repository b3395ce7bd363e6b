//! Fixes that overlap, repeat, reach into several files, or never end.
//!
//! **Invariant:** what is written is what the author of a fix meant, or the file as it was.

use super::*;
use fromwhere_core::diagnostic::Severity;
use fromwhere_core::system::memory::MemorySystem;
use fromwhere_core::text::Range;

fn edit(text: &str, path: &str, from: usize, to: usize, replacement: &str) -> Edit {
    let text = Text::new(text.to_owned());
    let offset = |at: usize| u32::try_from(at).unwrap();
    let range = text.range(Span::new(offset(from), offset(to)));
    Edit::new(path.into(), range, replacement.to_owned())
}

fn diagnostic(message: &str, fixes: Vec<Fix>) -> Diagnostic {
    Diagnostic {
        rule: Rule::EnvNone,
        severity: Severity::Warning,
        message: message.to_owned(),
        path: "/p/a.toml".into(),
        range: Range::default(),
        related: Vec::new(),
        fixes,
        module: None,
    }
}

/// Checks with `rule`, which makes diagnostics from the text of `/p/a.toml`, until nothing is left to fix.
fn fixed(content: &[u8], rule: impl Fn(&str) -> Vec<Diagnostic>) -> (String, usize, usize) {
    let mut system = MemorySystem::default();
    system.write("/p/a.toml", content).write("/p/b.toml", "b\n");
    let look = |system: &dyn System| {
        let text = system.read_text("/p/a.toml".into()).unwrap();
        Checked { diagnostics: rule(&text), ..Checked::default() }
    };
    let fixed = fix(&system, |_| false, look);
    let content = fixed.overlay.read_text("/p/a.toml".into()).unwrap();
    (content, fixed.applied.len(), fixed.checked.diagnostics.len())
}

fn replace_word(text: &str, word: &str, replacement: &str) -> Option<Diagnostic> {
    let at = text.find(word)?;
    let edits = vec![edit(text, "/p/a.toml", at, at + word.len(), replacement)];
    Some(diagnostic(word, vec![Fix::safe_edit(format!("Replace {word}"), edits)]))
}

#[test]
fn of_two_that_overlap_the_first_wins_and_the_other_waits() {
    let rule = |text: &str| {
        [("ab", "x"), ("bc", "y"), ("c", "z")].iter().filter_map(|(old, new)| replace_word(text, old, new)).collect()
    };
    assert_eq!(fixed(b"abc\n", rule), ("xz\n".to_owned(), 2, 0), "`bc` is gone when its turn comes");
    assert_eq!(fixed(b"ab bc\n", rule), ("x y\n".to_owned(), 2, 0));
}

#[test]
fn two_insertions_at_one_place_come_one_after_the_other() {
    let rule = |text: &str| {
        let missing = ["one", "two", "three"].into_iter().filter(|word| !text.contains(word));
        missing
            .map(|word| {
                let at = text.find(']').unwrap();
                let comma = if text.contains("[]") { "" } else { ", " };
                let insertion = edit(text, "/p/a.toml", at, at, &format!("{comma}{word}"));
                diagnostic(word, vec![Fix::safe_edit(word.to_owned(), vec![insertion])])
            })
            .collect()
    };
    assert_eq!(fixed(b"a = []\n", rule), ("a = [one, two, three]\n".to_owned(), 3, 0));
}

#[test]
fn one_fix_of_two_diagnostics_is_applied_once() {
    let rule = |text: &str| {
        let both = replace_word(text, "old", "new");
        both.clone().into_iter().chain(both.map(|it| Diagnostic { path: "/p/b.toml".into(), ..it })).collect()
    };
    assert_eq!(fixed(b"old\n", rule), ("new\n".to_owned(), 1, 0));
}

#[test]
fn a_fix_that_does_not_help_is_not_tried_twice() {
    let grow = |text: &str| {
        let edits = vec![edit(text, "/p/a.toml", 0, 0, "x")];
        vec![diagnostic("grows", vec![Fix::safe_edit("Grow".to_owned(), edits)])]
    };
    assert_eq!(fixed(b"a\n", grow), ("xa\n".to_owned(), 1, 1));
    let count = |text: &str| {
        let edits = vec![edit(text, "/p/a.toml", 0, 0, "x")];
        vec![diagnostic(&text.len().to_string(), vec![Fix::safe_edit("Grow".to_owned(), edits)])]
    };
    assert_eq!(fixed(b"", count).1, MOST_ROUNDS, "not even where it always looks new");
}

#[test]
fn only_safe_edits_are_applied() {
    let rule = |text: &str| {
        let unsafe_edit = Fix::edit("Silence".to_owned(), vec![edit(text, "/p/a.toml", 0, 1, "x")]);
        vec![diagnostic("a", vec![unsafe_edit, Fix::command("Run".to_owned(), "rm -rf /".to_owned())])]
    };
    assert_eq!(fixed(b"a\n", rule), ("a\n".to_owned(), 0, 1));
}

#[test]
fn line_ends_and_bytes_around_an_edit_stay() {
    let rule = |text: &str| {
        let at = text.find("b = 2").map(|at| edit(text, "/p/a.toml", at, at + 5, "b = 3\nc = 4"));
        at.map(|edit| diagnostic("b", vec![Fix::safe_edit("b".to_owned(), vec![edit])])).into_iter().collect()
    };
    assert_eq!(fixed(b"a = 1\r\nb = 2\r\n", rule).0, "a = 1\r\nb = 3\r\nc = 4\r\n");
    assert_eq!(fixed("\u{feff}é = 1\nb = 2".as_bytes(), rule).0, "\u{feff}é = 1\nb = 3\nc = 4");
}

#[test]
fn what_is_no_text_or_has_no_such_place_stays_as_it_is() {
    let mut system = MemorySystem::default();
    system.write("/p/a.toml", b"a\xff\n".as_slice());
    let rule = |path: &str, from: usize, to: usize| {
        let edits = vec![edit("0123456789", path, from, to, "x")];
        diagnostic("a", vec![Fix::safe_edit("a".to_owned(), edits)])
    };
    let checked = |diagnostic: Diagnostic| {
        move |_: &dyn System| Checked { diagnostics: vec![diagnostic.clone()], ..Checked::default() }
    };
    let unreadable = fix(&system, |_| false, checked(rule("/p/a.toml", 0, 1)));
    assert_eq!(unreadable.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/p/a.toml: not UTF-8"]);
    let absent = fix(&system, |_| false, checked(rule("/p/gone.toml", 0, 1)));
    assert_eq!(absent.problems.len(), 1);
    system.write("/p/short.toml", "é\n");
    for (from, to) in [(1, 2), (0, 9), (9, 9), (2, 1)] {
        let astray = fix(&system, |_| false, checked(rule("/p/short.toml", from, to)));
        assert!(astray.applied.is_empty() && astray.overlay.files().is_empty(), "{from}..{to}");
    }
}

#[test]
fn a_fix_of_two_files_is_applied_to_both_or_to_none() {
    let mut system = MemorySystem::default();
    system.write("/p/a.toml", "a\n").write("/p/b.toml", "b\n");
    let both = |at: usize| {
        let edits = vec![edit("a", "/p/a.toml", 0, 1, "x"), edit("bbbb", "/p/b.toml", at, at + 1, "y")];
        vec![diagnostic("both", vec![Fix::safe_edit("both".to_owned(), edits)])]
    };
    for (at, expected) in [(0, 2), (2, 0)] {
        let diagnostics = both(at);
        let look = |_: &dyn System| Checked { diagnostics: diagnostics.clone(), ..Checked::default() };
        assert_eq!(fix(&system, |_| false, look).overlay.files().len(), expected);
    }
}
