//! The words that torn texts are made of.
//!
//! In: nothing. Out: lists of them.
//!
//! **Invariant:** a seed stands for a text only as long as these stay as they are; what is new makes other texts of all seeds.

/// What Python is made of, above all where it is torn apart.
#[rustfmt::skip]
pub(crate) const PIECES: &[&str] = &[
    "import a", "import a.b as c, d", "from a import b", "from . import b", "from .. x import (b,\n c)", "from x", "import",
    "from a import (b", "raise x from e", "raise x(y) from e", "yield from e", "x = yield from e", "\n", "\n", "\n",
    "\n    ", "\n    ", "\n        ", "\n\t", "\r", "\r\n", "\x0c", " ", "\\\n", "\\", ";", ":", ",", "(", ")", "[", "]",
    "{", "}", "'", "\"", "'''", "\"\"\"", "f'", "f\"", "rf'''", "f'{", "f'{x[\"", "f\"{x}\"", "}'", "{{", "}}", "!r", "b'",
    "u\"", "\\'", "# import z\n", "# x", "if TYPE_CHECKING:", "if sys.platform:", "if x:", "elif y:", "else:", "try:",
    "except ImportError:", "except:", "finally:", "with suppress(ImportError):", "with (suppress(ImportError))",
    "with (a, b)", "with (a):", "def f():", "def f(a,", "def f(", "def f", "async def f(x):", "class C:", "class C(",
    "class C[T", "for x in y:", "while x:", "match x:", "match x", "match (x)", "match (x):", "re.match(x):", "case 1:",
    "case a, b", "case (a, b):", "@x", "lambda: ", "lambda x", "lambda x, y=1: ", "return", "pass", "x = 1", "x",
    "a = b = c", "important", "__import__('m')", "import_module(\"m.n\")", "print 'x'", "é", "0x", "1_", "1if x else y",
    "1lambda x", "$", "?", "!", "`", "=", "==", ":=", "->", "...", ".", "..", "*", "**", "/", "@", "+", "-", "~", "not ",
    "in ", "is ", "and ", "or ", "as ", "if ", "for ", "await ", "async ", "async", "yield ", "global x", "nonlocal x",
    "del x", "type X = int", "type X", "lazy import x", "\u{feff}", "\0", "\u{a0}", "\u{2028}", "    ", "  ", "\t", "None",
    "True",
];

/// What opens a block, or fails to.
#[rustfmt::skip]
pub(crate) const HEADERS: &[&str] = &[
    "if TYPE_CHECKING", "if sys.platform", "elif x", "else", "try", "except ImportError", "except", "finally", "def f()",
    "async def f(x)", "class C", "class C(x)", "with suppress(ImportError)", "with (suppress(ImportError))", "match x",
    "match (x)", "case 1", "case a, b", "for x in y", "while x", "@x", "def f", "def", "lambda x", "match", "async",
];

/// Words and signs, in any order.
#[rustfmt::skip]
pub(crate) const WORDS: &[&str] = &[
    "a", "b", "f", "1", "1.5", "'s'", "f'{a}'", "f'{a b}'", "f'{a if}'", "f'{pass}'", "b's'", "=", "==", ":=", ":", ",",
    ",", ";", ".", "...", "*", "**", "/", "+", "-", "~", "@", "->", "<", "%", "|", "!=", "+=", "not", "in", "is", "and",
    "or", "as", "if", "else", "for", "await", "async", "yield", "yield from x", "raise x from y", "lambda", "lambda x: y",
    "def", "class", "while", "with", "try", "except", "finally", "elif", "return", "pass", "break", "del", "assert",
    "global", "nonlocal", "raise", "type", "match", "case", "lazy", "print", "None", "True", "_", "$", "!", "é", "0x",
    "1if", "import_", "from_", "from", "re.match", "x.yield",
];
