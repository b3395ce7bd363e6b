//! Code in `.pth` files: what a line would do to the search path, where that is written out.
//!
//! In: the text of a line that begins with `import`. Out: its [`Effect`]s in order.
//!
//! **Invariant:** nothing is evaluated; a statement that is not understood is an [`Effect::Unknown`], never a guess.

use ruff_python_ast::{Expr, Operator, Stmt};

use super::literal::{Literal, dotted, literal};

mod module;

pub(super) use module::effects_of_module;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// `sys.path.append(…)`, `extend`.
    Append(String),
    /// `sys.path.insert(…)`.
    Insert(i64, String),
    /// `sys.path.remove(…)`, which fails where there is no such entry.
    Remove(String),
    /// `site.addsitedir(…)`.
    SiteDirectory(String),
    /// The first line of an old `easy-install.pth`: what comes from here on is moved later.
    BeginEggs,
    /// Its last line: what came since is moved to the front, behind the eggs of other files.
    EndEggs,
    /// Imports a module, dotted.
    Import(String),
    /// A legacy namespace package of setuptools is created before anything else is imported.
    Namespace(Namespace),
    /// Setuptools' `_distutils_hack` is to answer for `distutils`, where its variable says so, or says nothing and this is so.
    Distutils(bool),
    /// Cannot even be compiled.
    Invalid,
    Unknown,
}

/// The name in the line that setuptools wrote into `*-nspkg.pth`, and how that goes about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Namespace {
    /// Dotted.
    pub(super) name: String,
    /// Where it lies; `None` for the directory of the file.
    pub(super) root: Option<String>,
    /// It asks `importlib` (setuptools from 31 on); before, a bare module is made.
    pub(super) by_importlib: bool,
}

/// Reads one line of the file of that name.
pub(super) fn effects(file: &str, line: &str) -> Vec<Effect> {
    if is_harmless(file, line) {
        return Vec::new();
    }
    if line.contains(EGGS_BEGIN) {
        return vec![Effect::BeginEggs];
    }
    if line.contains(EGGS_END) {
        return vec![Effect::EndEggs];
    }
    if let Some(namespace) = namespace(line) {
        return vec![Effect::Namespace(namespace)];
    }
    if let Some(by_default) = distutils(line) {
        return vec![Effect::Distutils(by_default)];
    }
    let Ok(module) = ruff_python_parser::parse_module(line) else { return vec![Effect::Invalid] };
    module.syntax().body.iter().flat_map(of_statement).collect()
}

/// Lines that are known and change no search path: (end of the file's name, a part of its text).
const HARMLESS: [(&str, &str); 5] = [
    ("coverage.pth", "coverage"),
    ("pytest-cov.pth", "COV_CORE_SOURCE"),
    ("init_cov_core.pth", "COV_CORE_SOURCE"),
    ("init_cov_core.pth", "init_cov_core"),
    ("pywin32.pth", "import pywin32_bootstrap"),
];

/// What old versions of setuptools wrote around the eggs in `easy-install.pth` (`PthDistributions.save`).
const EGGS_BEGIN: &str = "sys.__plen = len(sys.path)";
const EGGS_END: &str = "new=sys.path[sys.__plen:]; del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0)";

fn is_harmless(file: &str, line: &str) -> bool {
    HARMLESS.iter().any(|(name, part)| file.ends_with(name) && line.contains(part))
}

/// Reads the line of `*-nspkg.pth` (`Installer._nspkg_tmpl` of setuptools); `setup.py develop` names the directory.
fn namespace(line: &str) -> Option<Namespace> {
    let imports = ["import sys, types, os;", "import sys,types,os;"];
    let (_, rest) = imports.iter().find_map(|it| line.strip_prefix(it))?.split_once("p = os.path.join(")?;
    let (root, rest) = rest.split_once(", *(")?;
    let (names, after) = rest.split_once(')')?;
    let names: Vec<&str> =
        names.split(',').map(|it| it.trim().trim_matches(['\'', '"'])).filter(|it| !it.is_empty()).collect();
    let root = match root {
        "sys._getframe(1).f_locals['sitedir']" => None,
        root => Some(root.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()).filter(|it| !it.contains(['\'', '\\'])),
    };
    let by_importlib = after.contains("importlib.machinery.PathFinder.find_spec(");
    let is_whole = after.trim_end().contains("(p not in mp) and mp.append(p)");
    (is_whole && !names.is_empty()).then(|| Namespace { name: names.join("."), root, by_importlib })
}

/// Reads the line of `distutils-precedence.pth` (setuptools' `setup.py`): whether it means it unless told otherwise.
fn distutils(line: &str) -> Option<bool> {
    let rest = line.strip_prefix("import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, '")?;
    let (default, rest) = rest.split_once("') == 'local'; enabled and __import__('_distutils_hack').add_shim()")?;
    matches!(rest.trim(), "" | ";").then_some(default == "local")
}

fn of_statement(statement: &Stmt) -> Vec<Effect> {
    match statement {
        Stmt::Import(import) => import.names.iter().map(|it| Effect::Import(it.name.to_string())).collect(),
        Stmt::ImportFrom(import) => match &import.module {
            Some(module) => vec![Effect::Import(module.to_string())],
            None => unknown(),
        },
        Stmt::Expr(statement) => of_call(&statement.value).unwrap_or_else(unknown),
        Stmt::AugAssign(it) if it.op == Operator::Add && dotted(&it.target).as_deref() == Some("sys.path") => {
            texts(&it.value).map_or_else(unknown, |all| all.into_iter().map(Effect::Append).collect())
        }
        Stmt::Assign(it) => match &*it.targets {
            [target] if is_front(target) => texts(&it.value)
                .map_or_else(unknown, |all| (0..).zip(all).map(|(at, path)| Effect::Insert(at, path)).collect()),
            _ => unknown(),
        },
        Stmt::Pass(_) => Vec::new(),
        _ => unknown(),
    }
}

fn unknown() -> Vec<Effect> {
    vec![Effect::Unknown]
}

/// Tells whether this is `sys.path[:0]` or `sys.path[0:0]`.
fn is_front(target: &Expr) -> bool {
    let Expr::Subscript(it) = target else { return false };
    let Expr::Slice(slice) = &*it.slice else { return false };
    let is_zero = |bound: &Option<Box<Expr>>| bound.as_ref().is_some_and(|it| literal(it) == Some(Literal::Number(0)));
    dotted(&it.value).as_deref() == Some("sys.path")
        && slice.step.is_none()
        && is_zero(&slice.upper)
        && (slice.lower.is_none() || is_zero(&slice.lower))
}

/// The texts of a sequence that has nothing else in it.
fn texts(expression: &Expr) -> Option<Vec<String>> {
    let Literal::Sequence(items) = literal(expression)? else { return None };
    items.iter().map(|it| it.text().map(str::to_owned)).collect()
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
        ("sys.path.remove", [Literal::Text(path)]) => vec![Effect::Remove(path.clone())],
        ("sys.path.insert", [Literal::Number(at), Literal::Text(path)]) => vec![Effect::Insert(*at, path.clone())],
        // `None` for the paths that are known means that they are computed, as where nothing is said.
        ("site.addsitedir", [Literal::Text(path)] | [Literal::Text(path), Literal::Constant]) => {
            vec![Effect::SiteDirectory(path.clone())]
        }
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
            ("import sys; sys.path += ['/b']", vec![import("sys"), Effect::Append("/b".into())]),
            (
                "import sys; sys.path[:0] = ['/b', '/c']",
                vec![import("sys"), Effect::Insert(0, "/b".into()), Effect::Insert(1, "/c".into())],
            ),
            ("import sys; sys.path[0:1] = ['/b']", vec![import("sys"), Effect::Unknown]),
            ("import sys; sys.path = []", vec![import("sys"), Effect::Unknown]),
            ("import sys; sys.path.remove('/b')", vec![import("sys"), Effect::Remove("/b".into())]),
            ("import sys; sys.__plen = len(sys.path)", vec![Effect::BeginEggs]),
            ("import os; os.environ.setdefault('A', 'b')", vec![import("os"), Effect::Unknown]),
            ("import os; exec('x = 1')", vec![import("os"), Effect::Unknown]),
            ("import (", vec![Effect::Invalid]),
        ] {
            assert_eq!(effects("x.pth", line), expected, "{line}");
        }
    }

    #[test]
    fn known_lines_are_known() {
        let distutils = |default: &str| {
            format!(
                "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, '{default}') == 'local'; \
                 enabled and __import__('_distutils_hack').add_shim(); "
            )
        };
        for (default, expected) in [("local", true), ("stdlib", false)] {
            assert_eq!(effects("any.pth", &distutils(default)), [Effect::Distutils(expected)]);
        }
        let changed = distutils("local").replace("enabled and", "False and");
        assert!(effects("distutils-precedence.pth", &changed).contains(&Effect::Unknown));
        for (root, by_importlib, end) in [
            (None, true, "importlib.machinery.PathFinder.find_spec("),
            (None, false, ""),
            (Some("/src"), true, "importlib.machinery.PathFinder.find_spec("),
        ] {
            let written =
                root.map_or_else(|| "sys._getframe(1).f_locals['sitedir']".to_owned(), |it| format!("'{it}'"));
            let line = format!(
                "import sys, types, os;p = os.path.join({written}, *('google', 'cloud'));{end}(p not in mp) and mp.append(p)"
            );
            let name = "google.cloud".to_owned();
            let expected = Namespace { name, root: root.map(str::to_owned), by_importlib };
            assert_eq!(effects("x.pth", &line), [Effect::Namespace(expected)], "{line}");
        }
    }
}
