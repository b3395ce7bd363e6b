//! What a module imports at once when it is itself imported.
//!
//! In: a source. Out: [`Step`]s in order: the imports that run with the module, not those in its functions.
//!
//! **Invariant:** nothing is evaluated: what stands under a condition is left out, but for the parts of a `try`.

use ruff_python_ast::{ExceptHandler, Stmt};

/// One import that runs, or several of which some do.
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
    /// A `try`: its handlers run where something in its body is not found.
    Try { body: Vec<Step>, handlers: Vec<Step> },
}

/// Reads the steps of a module; none where it has a syntax error.
pub(crate) fn read(source: &str) -> Vec<Step> {
    super::with_module(source, steps).unwrap_or_default()
}

fn steps(body: &[Stmt]) -> Vec<Step> {
    body.iter().flat_map(of_statement).collect()
}

fn of_statement(statement: &Stmt) -> Vec<Step> {
    match statement {
        Stmt::Import(it) => {
            let import = |name: String| Step::Import { level: 0, module: name, names: Vec::new() };
            it.names.iter().map(|it| import(it.name.to_string())).collect()
        }
        Stmt::ImportFrom(it) => vec![Step::Import {
            level: it.level,
            module: it.module.as_ref().map(ToString::to_string).unwrap_or_default(),
            names: it.names.iter().map(|it| it.name.to_string()).collect(),
        }],
        Stmt::Try(it) => {
            let handlers = it.handlers.iter().flat_map(|ExceptHandler::ExceptHandler(it)| steps(&it.body));
            let body = [steps(&it.body), steps(&it.orelse)].concat();
            let mut found = vec![Step::Try { body, handlers: handlers.collect() }];
            found.extend(steps(&it.finalbody));
            found
        }
        Stmt::ClassDef(it) => steps(&it.body),
        Stmt::With(it) => steps(&it.body),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_with_the_module_is_read() {
        let import = |level: u32, module: &str, names: &[&str]| Step::Import {
            level,
            module: module.to_owned(),
            names: names.iter().map(|&it| it.to_owned()).collect(),
        };
        let source = "import a.b, c\nfrom .d import e\ndef f():\n    import g\nclass H:\n    import i\n\
                      if TYPE_CHECKING:\n    import j\ntry:\n    from k import *\nexcept ImportError:\n    import l\n";
        let tried = Step::Try { body: vec![import(0, "k", &["*"])], handlers: vec![import(0, "l", &[])] };
        let expected = [import(0, "a.b", &[]), import(0, "c", &[]), import(1, "d", &["e"]), import(0, "i", &[]), tried];
        assert_eq!(read(source), expected);
        assert_eq!(read("import ("), []);
    }
}
