//! Code in `.pth` files: what a line would do to the search path, where that is written out.
//!
//! In: the text of a line that begins with `import`. Out: its [`Effect`]s in order.
//!
//! **Invariant:** nothing is evaluated; a statement that is not understood is an [`Effect::Unknown`], never a guess.

use ruff_python_ast::{BoolOp, Expr, Identifier, Operator, PySourceType, Stmt, StmtIf};
use ruff_python_parser::ParseError;

use self::guarded::{Variables, truth};
use super::literal::{Literal, dotted, literal};

mod guarded;
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

/// Reads one line of the file of that name; the variables are those of the process that would run it.
pub(super) fn effects(file: &str, line: &str, variables: Variables<'_>) -> Vec<Effect> {
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
    of_code(line, variables)
}

fn of_code(code: &str, variables: Variables<'_>) -> Vec<Effect> {
    let parsed = ruff_python_parser::parse_unchecked_source(code, PySourceType::Python);
    // The parser misses an exception in `raise;`, which Python does not (better_exceptions has it).
    let is_bare_raise = |error: &ParseError| {
        let before = code.get(..usize::from(error.location.start())).unwrap_or_default();
        code.get(before.len()..).unwrap_or_default().starts_with(';') && before.trim_end().ends_with("raise")
    };
    if parsed.errors().iter().any(|error| !is_bare_raise(error)) {
        return vec![Effect::Invalid];
    }
    of_body(parsed.suite(), variables)
}

fn of_body(body: &[Stmt], variables: Variables<'_>) -> Vec<Effect> {
    body.iter().flat_map(|it| of_statement(it, variables)).collect()
}

/// Lines that are known and change no search path: (end of the file's name, a part of its text).
const HARMLESS: [(&str, &str); 2] = [("coverage.pth", "coverage"), ("pywin32.pth", "import pywin32_bootstrap")];

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

fn of_statement(statement: &Stmt, variables: Variables<'_>) -> Vec<Effect> {
    match statement {
        // Another module under a name that leads somewhere.
        Stmt::Import(import) if import.names.iter().any(|it| is_renamed(&it.name, it.asname.as_ref())) => unknown(),
        Stmt::Import(import) => import.names.iter().map(|it| Effect::Import(it.name.to_string())).collect(),
        Stmt::ImportFrom(import)
            if import.names.iter().any(|it| is_renamed("", it.asname.as_ref().or(Some(&it.name)))) =>
        {
            unknown()
        }
        Stmt::ImportFrom(import) => match &import.module {
            Some(module) => vec![Effect::Import(module.to_string())],
            None => unknown(),
        },
        Stmt::Expr(statement) => of_expression(&statement.value, variables).unwrap_or_else(unknown),
        Stmt::AugAssign(it) if it.op == Operator::Add && dotted(&it.target).as_deref() == Some("sys.path") => {
            texts(&it.value).map_or_else(unknown, |all| all.into_iter().map(Effect::Append).collect())
        }
        Stmt::Assign(it) => match &*it.targets {
            [target] if is_front(target) => texts(&it.value)
                .map_or_else(unknown, |all| (0..).zip(all).map(|(at, path)| Effect::Insert(at, path)).collect()),
            _ => unknown(),
        },
        Stmt::Pass(_) => Vec::new(),
        Stmt::If(it) => taken(it, variables).map_or_else(unknown, |body| of_body(body, variables)),
        Stmt::Try(it) => {
            let tried = of_body(&it.body, variables);
            if !tried.iter().all(cannot_fail) {
                return unknown();
            }
            [tried, of_body(&it.orelse, variables), of_body(&it.finalbody, variables)].concat()
        }
        _ => unknown(),
    }
}

/// Returns what is run of an `if`, where its tests are decided.
fn taken<'s>(statement: &'s StmtIf, variables: Variables<'_>) -> Option<&'s [Stmt]> {
    if truth(&statement.test, variables)? {
        return Some(&statement.body);
    }
    for clause in &statement.elif_else_clauses {
        if clause.test.as_ref().map_or(Some(true), |it| truth(it, variables))? {
            return Some(&clause.body);
        }
    }
    Some(&[])
}

/// Tells whether a handler around it has nothing to wait for.
fn cannot_fail(effect: &Effect) -> bool {
    match effect {
        Effect::Append(_) | Effect::Insert(..) => true,
        Effect::Import(module) => LEADING.contains(&module.as_str()),
        _ => false,
    }
}

/// The modules whose names are followed.
const LEADING: [&str; 3] = ["sys", "site", "os"];

fn is_renamed(module: &str, name: Option<&Identifier>) -> bool {
    name.is_some_and(|name| name.as_str() != module && LEADING.contains(&name.as_str()))
}

/// An expression that stands alone; of `a and b()` the second is looked at only where the first is true.
fn of_expression(expression: &Expr, variables: Variables<'_>) -> Option<Vec<Effect>> {
    match expression {
        Expr::BoolOp(it) => {
            let (last, before) = it.values.split_last()?;
            for part in before {
                if truth(part, variables)? == (it.op == BoolOp::Or) {
                    return Some(Vec::new());
                }
            }
            of_expression(last, variables)
        }
        Expr::If(it) => {
            let taken = if truth(&it.test, variables)? { &it.body } else { &it.orelse };
            of_expression(taken, variables)
        }
        Expr::Call(call) if dotted(&call.func).as_deref() == Some("exec") => match &*call.arguments.args {
            [Expr::StringLiteral(code)] if call.arguments.keywords.is_empty() => {
                Some(of_code(code.value.to_str(), variables))
            }
            _ => None,
        },
        _ => truth(expression, variables).map(|_| Vec::new()).or_else(|| of_call(expression)),
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
            assert_eq!(effects("x.pth", line, &|_| None), expected, "{line}");
        }
    }

    /// Lines as manhole and others write them, and what could be mistaken for them.
    #[test]
    fn what_a_variable_guards_is_off_without_it() {
        let manhole = r#"import os, sys;exec('if "PYTHONMANHOLE" in os.environ:\n try:\n  from manhole import install\n  eval("install({0[PYTHONMANHOLE]})".format(os.environ))\n except Exception as exc:\n  sys.stderr.write("Failed: {!r}\\n".format(exc))\n')"#;
        let better = r#"import os; exec("try:\n  if 'BETTER_EXCEPTIONS' in os.environ:import better_exceptions;better_exceptions.hook()\nexcept:print('An error occured'); raise;")"#;
        let coverage = r#"import sys; exec('import os\n\nif os.getenv("COVERAGE_PROCESS_START") or os.getenv("COVERAGE_PROCESS_CONFIG"):\n try:\n  import coverage\n except:\n  pass\n else:\n  coverage.process_startup(slug="pth")')"#;
        let wrapt = "import os; os.environ.get('AUTOWRAPT_BOOTSTRAP') and __import__('autowrapt').register()";
        let append = "import os, sys; exec('if \"X\" not in os.environ:\\n sys.path.append(\"/b\")\\nelse:\\n x()')";
        for (line, variable) in [
            (manhole, "PYTHONMANHOLE"),
            (better, "BETTER_EXCEPTIONS"),
            (coverage, "COVERAGE_PROCESS_CONFIG"),
            (wrapt, "AUTOWRAPT_BOOTSTRAP"),
            (append, "X"),
        ] {
            let does = |set: &str| effects("x.pth", line, &|name| (name == set).then(|| "1".to_owned()));
            let quiet = |it: &Effect| matches!(it, Effect::Import(name) if name == "os" || name == "sys");
            assert_eq!(does("OTHER").iter().all(quiet), line != append, "{line}");
            assert!(does(variable).contains(&Effect::Unknown), "{line}");
        }
        assert!(effects("x.pth", append, &|_| None).ends_with(&[Effect::Append("/b".to_owned())]));
        for line in [
            "import mine as os; exec('if \"X\" in os.environ: hook()')",
            "from mine import os; os.environ.get('X') and hook()",
            "import os; exec('try:\\n import mine\\nexcept ImportError:\\n pass')",
            "import os; exec('while \"X\" in os.environ: hook()')",
            "import os; hook() if os.environ.get('X') else other()",
            "import os; exec(code)",
            "import os; exec('x = 1', {})",
            "import os; hook(); exec('raise;')",
        ] {
            assert!(effects("x.pth", line, &|_| None).contains(&Effect::Unknown), "{line}");
        }
        assert!(effects("x.pth", "import os; exec('if:')", &|_| None).contains(&Effect::Invalid));
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
            assert_eq!(effects("any.pth", &distutils(default), &|_| None), [Effect::Distutils(expected)]);
        }
        let changed = distutils("local").replace("enabled and", "False and");
        assert!(effects("distutils-precedence.pth", &changed, &|_| None).contains(&Effect::Unknown));
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
            assert_eq!(effects("x.pth", &line, &|_| None), [Effect::Namespace(expected)], "{line}");
        }
    }
}
