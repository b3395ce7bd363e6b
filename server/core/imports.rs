//! What one text asks for.
//!
//! In: a [`Text`](crate::text::Text), valid Python or half typed. Out: every import with its place and context, the comments that
//! silence diagnostics, the shebang, the `script` block. The parser's types do not leave this module and its parts.
//!
//! **Invariant:** reading imports never fails; what cannot be parsed is skipped and everything around it is kept.

use std::thread;

use camino::Utf8Path;
use ruff_python_ast::PySourceType;
use ruff_python_parser::{Mode, parse_unchecked_source};

use crate::origin::Problem;
use crate::suppression::Comments;
use crate::text::{Span, Text};

mod block;
mod cell;
mod collect;
mod comments;
mod cut;
mod decided;
mod depth;
pub(crate) mod executed;
pub(crate) mod extending;
mod valid;
mod word;

pub use block::{Block, Flaw};
pub use cell::scan_cell;
pub(crate) use comments::place_for;
use cut::Part;

/// What one text asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    /// In source order.
    pub imports: Vec<Import>,
    /// The path after `#!` on the first line, with its arguments.
    pub shebang: Option<String>,
    /// The `script` block (PEP 723).
    pub script: Option<Block>,
    /// The kernel that the notebook names, where somebody chose one.
    pub kernel: Option<String>,
    /// What is said to fromwhere itself.
    pub comments: Comments,
    /// The text nests deeper than [`DEEPEST`]; its imports were not read.
    pub too_deep: bool,
}

impl Imports {
    /// Returns what has to be said about a file whose imports were not read.
    pub fn problem(&self, path: &Utf8Path) -> Option<Problem> {
        let message = "nests too deep, so its imports were not read".to_owned();
        self.too_deep.then(|| Problem { path: path.to_owned(), line: None, message })
    }
}

/// One module name in one import statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Dotted, without leading dots; empty for `from . import x`.
    pub module: String,
    /// The number of leading dots: 0 is absolute.
    pub level: u32,
    /// Where the dotted name stands (leading dots left out); the dots where there is no name.
    pub span: Span,
    /// The names after `import` in `from module import a, b`; empty for `import module`; `*` for a star.
    pub names: Vec<ImportedName>,
    pub context: Context,
}

impl Import {
    /// Returns the first part of the dotted name.
    pub fn top_level(&self) -> &str {
        top_level(&self.module)
    }

    /// Returns the same import in a text that has this many bytes more in front of it.
    #[must_use]
    pub fn moved(mut self, bytes: u32) -> Self {
        self.span = self.span.moved(bytes);
        for name in &mut self.names {
            name.span = name.span.moved(bytes);
        }
        self
    }
}

/// Returns the first part of a dotted name.
pub(crate) fn top_level(dotted: &str) -> &str {
    // Names are short: a search for one character takes longer to begin than this to end.
    let end = dotted.bytes().position(|byte| byte == b'.').unwrap_or(dotted.len());
    dotted.get(..end).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedName {
    pub name: String,
    pub span: Span,
}

/// Under what condition an import runs; all false is an ordinary import at the top of a module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context {
    /// Inside a function: it runs when the function is called.
    pub in_function: bool,
    /// Inside `if TYPE_CHECKING:` it never runs.
    pub type_checking: bool,
    /// In a `try` that catches `ImportError`: its body, such a handler, its `else`; or behind a question like `find_spec`.
    pub may_fail: bool,
    /// Inside an `if` on `sys.version_info`, `sys.platform`, `os.name` or `platform`.
    pub guarded: bool,
    /// `importlib.import_module("x")` or `__import__("x")` with a literal.
    pub dynamic: bool,
}

/// The deepest nesting of a text that is read; no person and hardly a generator writes half of that.
pub const DEEPEST: usize = 50_000;

/// Up to here the stack of any thread is enough, for the parser, the walk and the release of the tree.
const ORDINARY_DEPTH: usize = 300;

/// What one level may cost on the stack, generously, in bytes: a debug build needs the most.
const STACK_PER_LEVEL: usize = 4096;

/// Reads what a text asks for. Half typed code is read as far as it goes; nesting deeper than [`DEEPEST`] is refused.
///
/// Most texts are valid and most of a text imports nothing: neither is parsed. [`scan_whole`] says the same and takes longer.
pub fn scan(text: &Text) -> Imports {
    if let Some(imports) = valid::imports(text.source()) {
        return Imports {
            imports,
            shebang: comments::shebang(text),
            script: block::script(text),
            ..Imports::default()
        };
    }
    cut::parts(text.source()).and_then(|parts| scan_parts(text, &parts)).unwrap_or_else(|| scan_whole(text))
}

/// Reads what a text asks for from the syntax tree of all of it: what [`scan`] is held against.
pub fn scan_whole(text: &Text) -> Imports {
    let (shebang, script) = (comments::shebang(text), block::script(text));
    match on_stack_for(text.source(), Mode::Module, || parse(text)) {
        Some(read) => Imports { shebang, script, ..read },
        None => Imports { shebang, script, too_deep: true, ..Imports::default() },
    }
}

fn parse(text: &Text) -> Imports {
    let parsed = parse_unchecked_source(text.source(), PySourceType::Python);
    Imports {
        imports: collect::imports(text.source(), parsed.suite()),
        comments: comments::read(text, parsed.tokens()),
        ..Imports::default()
    }
}

/// Reads parts as if they were the text; `None` where one has a syntax error, after which the parser may go on anyhow.
fn scan_parts(text: &Text, parts: &[Part]) -> Option<Imports> {
    let (shebang, script) = (comments::shebang(text), block::script(text));
    let mut read = Imports { shebang, script, ..Imports::default() };
    for part in parts {
        let source = text.source().get(part.range.clone()).unwrap_or_default();
        let offset = u32::try_from(part.range.start).unwrap_or(u32::MAX);
        let parse = || {
            let parsed = parse_unchecked_source(source, PySourceType::Python);
            parsed.errors().is_empty().then(|| collect::imports(source, parsed.suite()))
        };
        let imports =
            if part.depth <= ORDINARY_DEPTH { Some(parse()) } else { on_stack_for(source, Mode::Module, parse) };
        let Some(imports) = imports else {
            return Some(Imports { imports: Vec::new(), too_deep: true, ..read });
        };
        read.imports.extend(imports?.into_iter().map(|import| import.moved(offset)));
    }
    Some(read)
}

/// Reads the statements of a module that has no syntax error; `None` where it has one, or is too deep.
pub(crate) fn with_module<T: Send>(source: &str, read: impl FnOnce(&[ruff_python_ast::Stmt]) -> T + Send) -> Option<T> {
    on_stack_for(source, Mode::Module, || Some(read(&ruff_python_parser::parse_module(source).ok()?.syntax().body)))?
}

/// Runs a parse where the stack is large enough for it: walking and releasing a tree recurses once a level. `None` where
/// the source is too deep, or the system gives no thread with such a stack.
fn on_stack_for<T: Send>(source: &str, mode: Mode, parse: impl FnOnce() -> T + Send) -> Option<T> {
    let depth = depth::upper_bound(source, mode);
    if depth <= ORDINARY_DEPTH {
        return Some(parse());
    }
    if depth > DEEPEST {
        return None;
    }
    let size = ORDINARY_DEPTH.max(depth) * STACK_PER_LEVEL + 1024 * 1024;
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(size).spawn_scoped(scope, parse).ok()?;
        worker.join().ok()
    })
}

#[cfg(test)]
mod tests;
