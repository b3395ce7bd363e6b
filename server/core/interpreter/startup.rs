//! Code in `.pth` files: what a line would do to the search path, where that is written out.
//!
//! In: the text of a line that begins with `import`. Out: its [`Effect`]s in order.
//!
//! **Invariant:** nothing is evaluated; a statement that is not understood is an [`Effect::Unknown`], never a guess.

use ruff_python_ast::{Expr, Stmt};

use super::literal::{Literal, dotted, literal};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// `sys.path.append(…)`, `extend`.
    Append(String),
    /// `sys.path.insert(…)`.
    Insert(i64, String),
    /// `site.addsitedir(…)`.
    SiteDirectory(String),
    /// Imports a module, dotted.
    Import(String),
    /// A legacy namespace package of setuptools is created before anything else is imported.
    Namespace(String),
    /// Cannot even be compiled.
    Invalid,
    Unknown,
}

/// Reads one line of the file of that name.
pub(super) fn effects(file: &str, line: &str) -> Vec<Effect> {
    if is_harmless(file, line) {
        return Vec::new();
    }
    if let Some(name) = namespace(line) {
        return vec![Effect::Namespace(name)];
    }
    let Ok(module) = ruff_python_parser::parse_module(line) else { return vec![Effect::Invalid] };
    module.syntax().body.iter().flat_map(of_statement).collect()
}

/// Lines that are known and change no search path: (end of the file's name, a part of its text).
const HARMLESS: [(&str, &str); 7] = [
    ("distutils-precedence.pth", "_distutils_hack"),
    ("_virtualenv.pth", "import _virtualenv"),
    ("coverage.pth", "coverage"),
    ("pytest-cov.pth", "COV_CORE_SOURCE"),
    ("init_cov_core.pth", "COV_CORE_SOURCE"),
    ("init_cov_core.pth", "init_cov_core"),
    ("pywin32.pth", "import pywin32_bootstrap"),
];

fn is_harmless(file: &str, line: &str) -> bool {
    HARMLESS.iter().any(|(name, part)| file.ends_with(name) && line.contains(part))
}

/// The name in the line that setuptools wrote into `*-nspkg.pth`, dotted.
fn namespace(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("sys._getframe(1).f_locals['sitedir'], *(")?;
    let (names, _) = rest.split_once(')')?;
    let names: Vec<&str> =
        names.split(',').map(|it| it.trim().trim_matches(['\'', '"'])).filter(|it| !it.is_empty()).collect();
    Some(names.join("."))
}

fn of_statement(statement: &Stmt) -> Vec<Effect> {
    match statement {
        Stmt::Import(import) => import.names.iter().map(|it| Effect::Import(it.name.to_string())).collect(),
        Stmt::ImportFrom(import) => match &import.module {
            Some(module) => vec![Effect::Import(module.to_string())],
            None => vec![Effect::Unknown],
        },
        Stmt::Expr(statement) => of_call(&statement.value).unwrap_or_else(|| vec![Effect::Unknown]),
        Stmt::Pass(_) => Vec::new(),
        _ => vec![Effect::Unknown],
    }
}

fn of_call(expression: &Expr) -> Option<Vec<Effect>> {
    let Expr::Call(call) = expression else { return literal(expression).map(|_| Vec::new()) };
    let arguments: Vec<Literal> = call.arguments.args.iter().map(literal).collect::<Option<_>>()?;
    if !call.arguments.keywords.is_empty() {
        return None;
    }
    Some(match (dotted(&call.func)?.as_str(), &*arguments) {
        ("sys.path.append", [Literal::Text(path)]) => vec![Effect::Append(path.clone())],
        ("sys.path.extend", [Literal::Sequence(paths)]) => {
            paths.iter().map(|it| it.text().map(|it| Effect::Append(it.to_owned()))).collect::<Option<_>>()?
        }
        ("sys.path.insert", [Literal::Number(at), Literal::Text(path)]) => vec![Effect::Insert(*at, path.clone())],
        ("site.addsitedir", [Literal::Text(path)]) => vec![Effect::SiteDirectory(path.clone())],
        // The second half of `import __editable___x_finder; __editable___x_finder.install()`.
        (name, []) if is_companion_call(name) => Vec::new(),
        _ => return None,
    })
}

fn is_companion_call(name: &str) -> bool {
    let ends = [("_finder", "install"), ("_editable_loader", "init")];
    name.split_once('.')
        .is_some_and(|(module, function)| ends.iter().any(|(end, wanted)| module.ends_with(end) && function == *wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_effects_are_read() {
        let import = |name: &str| Effect::Import(name.to_owned());
        for (line, expected) in [
            ("import sys; sys.path.append('/b')", vec![import("sys"), Effect::Append("/b".into())]),
            ("import sys; sys.path.insert(0, '/b')", vec![import("sys"), Effect::Insert(0, "/b".into())]),
            (
                "import sys; sys.path.extend(['/b', '/c'])",
                vec![import("sys"), Effect::Append("/b".into()), Effect::Append("/c".into())],
            ),
            (
                "import site; site.addsitedir(__import__(\"os\").fsdecode(b\"/c/lib\")); site.addsitedir('/d')",
                vec![import("site"), Effect::SiteDirectory("/c/lib".into()), Effect::SiteDirectory("/d".into())],
            ),
            ("import os; os.environ.setdefault('A', 'b')", vec![import("os"), Effect::Unknown]),
            ("import os; exec('x = 1')", vec![import("os"), Effect::Unknown]),
            ("import (", vec![Effect::Invalid]),
        ] {
            assert_eq!(effects("x.pth", line), expected, "{line}");
        }
    }

    #[test]
    fn known_lines_are_known() {
        let distutils = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; \
                         enabled and __import__('_distutils_hack').add_shim(); ";
        assert_eq!(effects("distutils-precedence.pth", distutils), []);
        let nspkg =
            "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google', 'cloud'));pass";
        assert_eq!(effects("google-nspkg.pth", nspkg), [Effect::Namespace("google.cloud".into())]);
    }
}
