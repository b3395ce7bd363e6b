//! Where one name is found in one environment.
//!
//! In: a dotted module name, an [`Interpreter`](crate::interpreter::Interpreter), the project's own roots. Out: a
//! [`Resolution`]: what importlib would report as the spec, and whose it is.
//!
//! **Invariant:** the answer is importlib's, not a type checker's: no stubs, no guesses, first hit wins.

use camino::Utf8PathBuf;

use crate::origin::Origin;

/// Where one name is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The dotted name that was asked for.
    pub module: String,
    pub kind: ModuleKind,
    /// What importlib would report as the spec's origin: a file; `None` for built-in, frozen and namespace modules.
    pub path: Option<Utf8PathBuf>,
    /// A package's search locations, in order; `None` for what is not a package.
    pub locations: Option<Vec<Utf8PathBuf>>,
    pub origin: Option<Origin>,
    /// The import root (an entry of `sys.path` or of the project's roots) it was found under.
    pub root: Option<Utf8PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModuleKind {
    Source,
    Extension,
    Bytecode,
    Package,
    Namespace,
    BuiltIn,
    Frozen,
    Zip,
    Unresolved,
}

impl ModuleKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ModuleKind::Source => "source",
            ModuleKind::Extension => "extension",
            ModuleKind::Bytecode => "bytecode",
            ModuleKind::Package => "package",
            ModuleKind::Namespace => "namespace",
            ModuleKind::BuiltIn => "builtin",
            ModuleKind::Frozen => "frozen",
            ModuleKind::Zip => "zip",
            ModuleKind::Unresolved => "unresolved",
        }
    }
}
