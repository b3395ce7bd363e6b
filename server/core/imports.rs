//! What one text asks for.
//!
//! In: a [`Text`](crate::text::Text), valid Python or half typed. Out: every import with its place and context, the comments that
//! silence diagnostics, the shebang. This is the only file that names the parser's types.
//!
//! **Invariant:** reading imports never fails; what cannot be parsed is skipped and everything around it is kept.

use crate::text::Span;

/// What one text asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    /// In source order.
    pub imports: Vec<Import>,
    /// The path after `#!` on the first line, with its arguments.
    pub shebang: Option<String>,
    pub suppressions: Vec<Suppression>,
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
        self.module.split('.').next().unwrap_or_default()
    }
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
    /// In the body of a `try` that catches `ImportError`, or in such a handler.
    pub may_fail: bool,
    /// Inside an `if` on `sys.version_info`, `sys.platform`, `os.name` or `platform`.
    pub guarded: bool,
    /// `importlib.import_module("x")` or `__import__("x")` with a literal.
    pub dynamic: bool,
}

/// A comment `# fromwhere: ignore` or `# fromwhere: ignore[code, code]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The line it silences, from 0; `None` silences the whole file.
    pub line: Option<u32>,
    /// The codes it names; empty means all.
    pub codes: Vec<String>,
    pub span: Span,
}
