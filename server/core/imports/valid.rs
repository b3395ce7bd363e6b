//! The imports of a text that is certainly valid, read without a syntax tree.
//!
//! In: a source. Out: what [`collect`](super::collect) finds in its tree; `None` where that is not certain.
//!
//! **Invariant:** an answer is that of the parser for the whole text.
//!
//! That holds because nothing is read but a part of the grammar, token by token as the parser takes them. As long as each token is
//! one that the parser expects there, it has no reason to look for another way to go on, so it builds the same statements out of
//! the same lines; and at the first token that is anything else, or merely rare, there is no answer. It may end before the text
//! does: the parser never takes back a statement it is done with, and what an import stands in is known once the `if` and
//! the `try` around it are over. So what comes behind the last word that could import may be torn.

use std::sync::LazyLock;

use memchr::memmem::{FindIter, Finder};

use super::word::{FROM, IMPORT};
use super::{Context, Import};
use crate::suppression::NAME;
use code::Code;

mod code;
mod condition;
mod expression;
mod import;
mod level;
mod statement;
mod string;

/// The longest logical line that is read, in bytes, and the most blocks: so no tree is deeper than what the parser is given.
const LONGEST: usize = 40_000;
const MOST_BLOCKS: usize = 100;

static IMPORTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(IMPORT));
static FROMS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(FROM));

/// Reads the imports of a source.
pub(super) fn imports(source: &str) -> Option<Vec<Import>> {
    let bytes = source.as_bytes();
    // At a null byte the lexer stops or not.
    if memchr::memchr(0, bytes).is_some() {
        return None;
    }
    Reader::new(source).run().ok()
}

/// The text is torn, or not as plain as these files need it.
struct Doubt;

struct Reader<'a> {
    source: &'a str,
    code: Code<'a>,
    imports: Places<'a>,
    froms: Places<'a>,
    /// The blocks that are open, the module first.
    blocks: Vec<Block>,
    /// What all indentation is made of.
    blank: Option<u8>,
    /// The block that the line above has opened.
    opened: Option<Block>,
    /// Whether the line above is a decorator.
    decorates: bool,
    /// Whether what is read stands on the line of its head.
    is_inline: bool,
    found: Vec<Import>,
}

/// One block, and the statement in it that clauses may still be added to.
#[derive(Clone, Copy)]
struct Block {
    indentation: usize,
    context: Context,
    chain: Chain,
}

/// A statement that has clauses.
#[derive(Clone, Copy, Default)]
struct Chain {
    next: Next,
    /// So many imports were found before it.
    first: usize,
    /// So many were found before the first handler of a `try`.
    handled: usize,
    /// Something decides about the imports in it that only the parser can read.
    is_unknown: bool,
    /// What holds for all imports in it.
    guarded: bool,
    /// What holds for those before the handlers.
    catches: bool,
}

/// Which clauses may follow.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Nothing,
    /// `elif` and `else`.
    Branch,
    /// `else`.
    Else,
    /// `except` and `finally`, one of which has to come.
    Handler,
    /// `except`, `else` and `finally`.
    AfterHandler,
    /// `finally`.
    Finally,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        let bytes = source.as_bytes();
        let module = Block { indentation: 0, context: Context::default(), chain: Chain::default() };
        Reader {
            source,
            code: Code::new(bytes),
            imports: Places::new(IMPORTS.find_iter(bytes)),
            froms: Places::new(FROMS.find_iter(bytes)),
            blocks: vec![module],
            blank: None,
            opened: None,
            decorates: false,
            is_inline: false,
            found: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Import>, Doubt> {
        while self.code.at < self.code.bytes.len() {
            if !self.more()? && self.is_settled() {
                return self.finish();
            }
            self.line()?;
        }
        self.more()?;
        if self.opened.is_some() || self.decorates {
            return Err(Doubt);
        }
        self.finish()
    }

    fn finish(mut self) -> Result<Vec<Import>, Doubt> {
        while let Some(block) = self.blocks.pop() {
            self.close(block.chain)?;
        }
        Ok(self.found)
    }

    /// Tells whether anything that comes could import. What is said to us in a comment, and what a call may import, is left
    /// to the parser.
    fn more(&mut self) -> Result<bool, Doubt> {
        while let Some(place) = self.imports.take_before(self.code.at) {
            let (before, from) = self.code.bytes.split_at(place);
            if before.ends_with(b"__") || from.get(IMPORT.len()..).is_some_and(|it| it.starts_with(b"_module")) {
                return Err(Doubt);
            }
        }
        while let Some(place) = self.froms.take_before(self.code.at) {
            if self.code.bytes.get(place..).is_some_and(|it| it.starts_with(NAME.as_bytes())) {
                return Err(Doubt);
            }
        }
        Ok(self.imports.next.is_some() || self.froms.next.is_some())
    }

    /// Tells whether no clause that comes can change what holds for the imports so far.
    fn is_settled(&self) -> bool {
        let is_settled = |chain: &Chain| match chain.next {
            Next::Nothing | Next::Else => !chain.is_unknown,
            Next::Branch | Next::Handler | Next::AfterHandler | Next::Finally => false,
        };
        self.blocks.iter().all(|block| block.chain.first == self.found.len() || is_settled(&block.chain))
    }

    /// Reads one logical line, or one that has no code.
    fn line(&mut self) -> Result<(), Doubt> {
        let start = self.code.at;
        while matches!(self.code.next(), b' ' | b'\t') {
            self.code.at += 1;
        }
        match self.code.next() {
            b'#' | b'\n' | b'\r' | 0 => return self.rest_of_line(),
            // Either changes what an indentation is.
            b'\x0c' | b'\\' => return Err(Doubt),
            _ => {}
        }
        self.indent(start)?;
        self.statement()?;
        if self.code.at - start > LONGEST { Err(Doubt) } else { Ok(()) }
    }

    /// Goes past a comment, where there is one, and the end of the line.
    fn rest_of_line(&mut self) -> Result<(), Doubt> {
        if self.code.next() == b'#' {
            self.code.comment();
        }
        if self.code.next() == 0 { Ok(()) } else { self.code.line_end() }
    }

    /// Takes the indentation of a line that starts there: blocks begin and end.
    fn indent(&mut self, start: usize) -> Result<(), Doubt> {
        let indentation = self.code.bytes.get(start..self.code.at).unwrap_or_default();
        if let Some(first) = indentation.first() {
            let blank = *self.blank.get_or_insert(*first);
            if indentation.iter().any(|byte| *byte != blank) {
                return Err(Doubt);
            }
        }
        let width = indentation.len();
        let current = self.blocks.last().ok_or(Doubt)?.indentation;
        if let Some(block) = self.opened.take() {
            if width <= current || self.blocks.len() >= MOST_BLOCKS {
                return Err(Doubt);
            }
            self.blocks.push(Block { indentation: width, ..block });
            return Ok(());
        }
        if width == current {
            return Ok(());
        }
        if self.decorates {
            return Err(Doubt);
        }
        while self.blocks.last().is_some_and(|block| block.indentation > width) {
            let chain = self.blocks.pop().ok_or(Doubt)?.chain;
            self.close(chain)?;
        }
        if self.blocks.last().is_some_and(|block| block.indentation == width) { Ok(()) } else { Err(Doubt) }
    }

    /// Ends a statement that had clauses, and tells its imports what they said. A `try` without a handler is not valid, but ends
    /// where it seems to.
    fn close(&mut self, chain: Chain) -> Result<(), Doubt> {
        let inside = self.found.get_mut(chain.first..).unwrap_or_default();
        if (chain.next == Next::Handler || chain.is_unknown) && !inside.is_empty() {
            return Err(Doubt);
        }
        if chain.guarded {
            for import in inside.iter_mut() {
                import.context.guarded = true;
            }
        }
        if chain.catches {
            let handled = chain.handled.saturating_sub(chain.first);
            for import in inside.iter_mut().take(handled) {
                import.context.may_fail = true;
            }
        }
        Ok(())
    }

    /// The innermost block.
    fn block(&mut self) -> Result<&mut Block, Doubt> {
        self.blocks.last_mut().ok_or(Doubt)
    }
}

/// The places of one word in a text, one after the other.
struct Places<'a> {
    rest: FindIter<'a, 'static>,
    next: Option<usize>,
}

impl<'a> Places<'a> {
    fn new(mut places: FindIter<'a, 'static>) -> Self {
        let next = places.next();
        Places { rest: places, next }
    }

    fn take_before(&mut self, at: usize) -> Option<usize> {
        let place = self.next.filter(|place| *place < at)?;
        self.next = self.rest.next();
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{scan, scan_whole};
    use crate::text::Text;

    const PLAIN: &str = r#"
"""Words: from here, import there."""
from __future__ import annotations
import a.b as c, d  # why
from . import (
    e as f,  # from here
    g,
)
from ..h.i import *
if TYPE_CHECKING:
    from j import k
else:
    k = None
if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli
try:
    import fast; fast = fast.x
except (ImportError, AttributeError) as error:
    from slow import fast
else:
    import speed
finally:
    import end

@decorate(x := 1, *args, **{"a": 1, **b})
async def read(self, a: int = 3, /, *rest: str, key=lambda x, *_: x, **more) -> dict[str, int]:
    value: list[int] = [x for x, (y, z) in await one() if x not in y async for z in w]
    a, *b = c[1:2, ::3] = {1, 2}, (yield_ := 3), not -x ** 2, f"{a!r:>10} {{}} {b['c']}" 'd'
    x += yield from y
    match = type(match)[0x1f] if a <= b < 1e-3 else ...
    for x, z in y: print(x, end="")
    with open(a) as b, c:
        import inside
        raise Error(a) from error
    return {k: v for k, v in a.items()},         None
"#;

    #[test]
    fn a_plain_text_is_read_as_the_parser_reads_it() {
        let text = Text::new(PLAIN.to_owned());
        let read = super::imports(text.source());
        assert_eq!(read.as_ref(), Some(&scan_whole(&text).imports));
        assert_eq!(read.map(|it| it.len()), Some(13));
    }

    #[test]
    fn what_is_torn_or_rare_is_left_to_the_parser() {
        for line in [
            "import",
            "import a,",
            "from a import ()",
            "from a import b,",
            "x y",
            "x = (a b)",
            "f(a, b for b in c)",
            "{a: b, c}",
            "[x for x in lambda: a if b]",
            "f'{a'",
            "f'{lambda: a}'",
            "x[]",
            "012",
            "1if a else b",
            "if a: import b",
            "match x:\n    case 1: pass",
            "import_module('a')",
            "# fromwhere: ignore",
            "# fromwhere ignore",
            "x = 'a",
            "  x",
            "é = 1",
            "def f(a b): pass",
            "class A[T]: pass",
            "else: pass",
            "@x",
            "a if b",
            "f(**a=1)",
            "assert a as b",
        ] {
            let source = format!("import a\n{line}\nimport b\n");
            assert!(super::imports(&source).is_none(), "{source}");
            let text = Text::new(source);
            assert_eq!(scan(&text), scan_whole(&text));
        }
    }

    #[test]
    fn what_is_behind_the_last_import_may_be_torn() {
        for source in ["import a\nx = (", "def f():\n    import a\n    x y\n", "if x:\n    import a\nelse:\n    y\nz ="]
        {
            let text = Text::new(source.to_owned());
            assert_eq!(super::imports(source), Some(scan_whole(&text).imports), "{source}");
        }
        // A handler that comes would say more.
        assert!(super::imports("try:\n    import a\nexcept (").is_none());
    }
}
