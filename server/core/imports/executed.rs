//! What a module imports at once when it is itself imported.
//!
//! In: a source, and what is known of the Python that runs it. Out: [`Step`]s in order, and those of functions by name.
//!
//! **Invariant:** nothing is evaluated but what [`decided`](super::decided) can tell; what may run or not is [`Step::Perhaps`],
//! never left out: a branch, a loop, a handler, a function that is called.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use super::decided::Facts;

mod calls;
mod reader;

/// Something that a module does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Import {
        /// The number of leading dots.
        level: u32,
        /// Dotted; empty for `from . import x`.
        module: String,
        /// What stands behind `import` in `from module import a, b`.
        names: Vec<String>,
    },
    /// A `try`: the body ends where something in it is not found, and a handler may take that.
    Try(Try),
    /// What may be done or not.
    Perhaps(Vec<Step>),
    /// `raise`: the rest is not done.
    Raise(Ends),
}

/// How a module, or a part of it, comes to an end before its last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// By an `ImportError`.
    Missing,
    Otherwise,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Try {
    pub(crate) body: Vec<Step>,
    /// What the first handler does that takes an `ImportError`; `None` where none does.
    pub(crate) if_missing: Option<Vec<Step>>,
    /// What each of the others does.
    pub(crate) other_handlers: Vec<Vec<Step>>,
    pub(crate) otherwise: Vec<Step>,
    pub(crate) finally: Vec<Step>,
}

/// What one module does, and what others may have it do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Executed {
    pub(crate) steps: Vec<Step>,
    /// What it calls of other modules.
    pub(crate) calls: BTreeSet<Named>,
    /// What its own functions and classes do when they are called, by name: only those that import or call something.
    pub(crate) functions: BTreeMap<String, Function>,
    /// What it has from other modules, by the name that it has here.
    pub(crate) imported: BTreeMap<String, Named>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) steps: Vec<Step>,
    pub(crate) calls: BTreeSet<Named>,
}

/// A function or a class of another module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// The number of leading dots.
    pub(crate) level: u32,
    pub(crate) module: String,
    pub(crate) name: String,
}

/// Reads what a module does; nothing where it has a syntax error.
pub(crate) fn read(source: &str, facts: &Facts) -> Executed {
    super::with_module(source, |body| reader::Reader::new(facts).module(body)).unwrap_or_default()
}

/// Resolves leading dots; `None` where they lead out of the package.
pub(crate) fn absolute(package: &str, level: u32, module: &str) -> Option<String> {
    let Some(up) = level.checked_sub(1) else { return Some(module.to_owned()) };
    let mut base = Some(package).filter(|it| !it.is_empty());
    for _ in 0..up {
        base = base?.rsplit_once('.').map(|(it, _)| it);
    }
    let base = base?;
    Some(if module.is_empty() { base.to_owned() } else { format!("{base}.{module}") })
}

fn import(module: &str) -> Step {
    Step::Import { level: 0, module: module.to_owned(), names: Vec::new() }
}

/// What may be done or not, where there is anything to do.
fn perhaps_of(steps: Vec<Step>) -> impl Iterator<Item = Step> {
    // That it may end here would make all the rest uncertain, and nobody writes a module to end so.
    let steps: Vec<Step> = steps.into_iter().filter(|it| !matches!(it, Step::Raise(_))).collect();
    (!steps.is_empty()).then_some(Step::Perhaps(steps)).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            version: [3, 11],
            micro: Some(7),
            platform: "linux",
            operating_system: "posix",
            implementation: "cpython",
        }
    }

    fn perhaps(steps: &[Step]) -> Step {
        Step::Perhaps(steps.to_vec())
    }

    #[test]
    fn what_runs_with_the_module_is_read() {
        let from = |level: u32, module: &str, name: &str| Step::Import {
            level,
            module: module.to_owned(),
            names: vec![name.to_owned()],
        };
        let source = "import a.b, c\nfrom .d import e\ndef f():\n    import g\nclass H:\n    import i\n\
                      if TYPE_CHECKING:\n    import j\ntry:\n    from k import *\nexcept ImportError:\n    import l\n\
                      except ValueError:\n    import m\nelse:\n    import n\nfinally:\n    import o\n";
        let tried = Step::Try(Try {
            body: vec![from(0, "k", "*")],
            if_missing: Some(vec![import("l")]),
            other_handlers: vec![vec![import("m")]],
            otherwise: vec![import("n")],
            finally: vec![import("o")],
        });
        let expected = [import("a.b"), import("c"), from(1, "d", "e"), import("i"), tried];
        assert_eq!(read(source, &facts()).steps, expected);
        assert_eq!(read("import (", &facts()), Executed::default());
    }

    #[test]
    fn what_may_run_is_told_from_what_does() {
        for (source, expected) in [
            ("if x:\n  import a\nelse:\n  import b", vec![perhaps(&[import("a"), import("b")])]),
            ("if sys.version_info >= (3, 8):\n  import a\nelse:\n  import b", vec![import("a")]),
            ("if sys.platform == 'win32':\n  import a\nelif x:\n  import b", vec![perhaps(&[import("b")])]),
            ("if x:\n  import a\nelif os.name == 'posix':\n  import b", vec![perhaps(&[import("a"), import("b")])]),
            ("if sys.platform == 'win32':\n  raise ImportError\nimport a", vec![import("a")]),
            ("if x:\n  pass\nelse:\n  raise ImportError\nimport a", vec![import("a")]),
            ("if x:\n  pass\nelse:\n  import a", vec![perhaps(&[import("a")])]),
            ("if x:\n  raise ImportError\nimport a", vec![import("a")]),
            ("raise ImportError\nimport a", vec![Step::Raise(Ends::Missing), import("a")]),
            ("raise ImportError('x')", vec![Step::Raise(Ends::Missing)]),
            ("raise OSError('x')", vec![Step::Raise(Ends::Otherwise)]),
            ("lazy import a\nlazy from b import c\nimport d", {
                let from = Step::Import { level: 0, module: "b".to_owned(), names: vec!["c".to_owned()] };
                vec![perhaps(&[import("a")]), perhaps(&[from]), import("d")]
            }),
            ("for x in y:\n  import a\nwhile z:\n  import b", vec![perhaps(&[import("a")]), perhaps(&[import("b")])]),
            ("match x:\n  case 1:\n    import a", vec![perhaps(&[import("a")])]),
            ("with open('x'):\n  import a", vec![import("a")]),
            (
                "with suppress(ImportError):\n  import a",
                vec![Step::Try(Try { body: vec![import("a")], if_missing: Some(vec![]), ..Try::default() })],
            ),
            ("def f():\n  import a\nf()", vec![perhaps(&[import("a")])]),
            ("def f():\n  import a\ndef g():\n  f()\nx = [g() for _ in y]", vec![perhaps(&[import("a")])]),
            ("def f():\n  import a\ng = lambda: f()", vec![]),
            (
                "class C:\n  def __init__(self):\n    import a\n  def m(self):\n    import b\nC()",
                vec![perhaps(&[import("a")])],
            ),
            ("def f(g):\n  import a\n@f\ndef h(): pass", vec![perhaps(&[import("a")])]),
            ("x = __import__('a')\nimportlib.import_module('b.c').d", vec![import("a"), import("b.c")]),
            ("x = y and __import__('a')", vec![perhaps(&[import("a")])]),
            ("x = import_module('.a', p)\n__import__(x)", vec![]),
        ] {
            assert_eq!(read(source, &facts()).steps, expected, "{source}");
        }
    }
}
