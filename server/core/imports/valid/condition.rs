//! What the heads of `if`, `except` and `with` say of the imports behind them.
//!
//! In: the bytes of a valid expression. Out: what [`collect`](super::super::collect) would say of its tree, for the forms that it mostly has.
//!
//! **Invariant:** what is not one of these forms is unknown; a test without any of the words that matter says nothing.

use memchr::memmem;

use super::code::is_word;

/// The words without one of which a test asks for nothing that matters here.
const WORDS: [&[u8]; 8] =
    [b"TYPE_CHECKING", b"sys", b"os", b"platform", b"six", b"__name__", b"find_spec", b"find_loader"];

/// What begins a comparison with the Python or the machine that runs it.
const PLATFORM: [&[u8]; 3] = [b"sys.version_info", b"sys.platform", b"os.name"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Test {
    Nothing,
    TypeChecking,
    Platform,
    Unknown,
}

/// Reads the test of `if` or `elif`.
pub(super) fn test(test: &[u8]) -> Test {
    let test = test.trim_ascii();
    let asks = |code: &[u8]| code.split(|byte| !is_word(*byte)).any(|word| WORDS.contains(&word));
    if !asks(test) {
        return Test::Nothing;
    }
    let (owner, last) = test.rsplit_once_dot();
    if last == b"TYPE_CHECKING" && owner.iter().all(|byte| is_word(*byte)) && !asks(owner) {
        return Test::TypeChecking;
    }
    let rest = PLATFORM.iter().find_map(|asked| test.strip_prefix(*asked)).map(<[u8]>::trim_ascii_start);
    match rest {
        // Of one comparison, or of several with `and` and `or` between, any asks for all.
        Some([b'<' | b'>', ..] | [b'=' | b'!', b'=', ..]) => {
            let rest = rest.unwrap_or_default();
            let is_other = asks(rest)
                || rest.split(|byte| !is_word(*byte)).any(|word| matches!(word, b"if" | b"lambda"))
                || memmem::find(rest, b":=").is_some();
            if is_other { Test::Unknown } else { Test::Platform }
        }
        _ => Test::Unknown,
    }
}

/// Tells whether an `except` of this type takes an `ImportError`; `None` where that is unknown.
pub(super) fn handler(kind: &[u8]) -> Option<bool> {
    let kind = kind.trim_ascii();
    let Some(several) = kind.strip_prefix(b"(").and_then(|kind| kind.strip_suffix(b")")) else { return one(kind) };
    let mut catches = false;
    let mut several = several.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).peekable();
    while let Some(kind) = several.next() {
        // A comma may stand behind the last.
        if kind.is_empty() && several.peek().is_none() {
            break;
        }
        catches |= one(kind)?;
    }
    Some(catches)
}

fn one(kind: &[u8]) -> Option<bool> {
    let is_name = !kind.is_empty() && kind.iter().all(|byte| is_word(*byte) || *byte == b'.');
    let (_, last) = kind.rsplit_once_dot();
    is_name.then_some(matches!(last, b"ImportError" | b"ModuleNotFoundError" | b"Exception" | b"BaseException"))
}

/// Tells whether what `with` holds may suppress an error.
pub(super) fn may_suppress(items: &[u8]) -> bool {
    memmem::find(items, b"suppress").is_some()
}

trait RsplitDot {
    /// Splits at the last dot: what is before it, and what is behind it or the whole.
    fn rsplit_once_dot(&self) -> (&[u8], &[u8]);
}

impl RsplitDot for [u8] {
    fn rsplit_once_dot(&self) -> (&[u8], &[u8]) {
        match self.iter().rposition(|byte| *byte == b'.') {
            Some(dot) => (self.get(..dot).unwrap_or_default(), self.get(dot + 1..).unwrap_or_default()),
            None => (&[], self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_read_where_it_is_plain() {
        for (code, expected) in [
            ("x", Test::Nothing),
            ("position and cost", Test::Nothing),
            (" TYPE_CHECKING", Test::TypeChecking),
            ("t.TYPE_CHECKING ", Test::TypeChecking),
            ("not TYPE_CHECKING", Test::Unknown),
            ("sys.TYPE_CHECKING", Test::Unknown),
            ("sys.version_info >= (3, 8)", Test::Platform),
            ("sys.platform == 'x' and y", Test::Platform),
            ("sys.platform != x if y else z", Test::Unknown),
            ("sys.platform.startswith('x')", Test::Unknown),
            ("os.name == 'x' and find_spec('y')", Test::Unknown),
            ("'x' in sys.modules", Test::Unknown),
        ] {
            assert_eq!(test(code.as_bytes()), expected, "{code}");
        }
    }

    #[test]
    fn a_handler_is_read_where_it_names_what_it_takes() {
        for (code, expected) in [
            ("ImportError", Some(true)),
            ("builtins.ImportError", Some(true)),
            ("ValueError", Some(false)),
            ("(A, ImportError,)", Some(true)),
            ("(A, b.C)", Some(false)),
            ("()", Some(false)),
            ("((A, ImportError))", None),
            ("(A) + (B)", None),
            ("errors()", None),
            ("(A, # ,\n B)", None),
        ] {
            assert_eq!(handler(code.as_bytes()), expected, "{code}");
        }
    }
}
