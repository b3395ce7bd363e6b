//! Import hooks of editable installs, read from the modules that `.pth` files import.
//!
//! In: the name of a companion module in a site directory. Out: the [`Finder`] it would install, where it is one of
//! setuptools', `editables`' (hatchling, pdm), scikit-build-core's or meson-python's.
//!
//! **Invariant:** only literals are read; a companion that was edited into something else is not understood.

use camino::{Utf8Path, Utf8PathBuf};
use ruff_python_ast::{Expr, Stmt};

use super::literal::{Literal, assigned, dotted, literal};
use super::{Finder, FinderTarget, Precedence, Reach};
use crate::system::{LARGEST_SOURCE, System};

mod meson;
mod scikit_build;

/// What a companion module does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Companion {
    pub(super) finder: Finder,
    /// A top-level module that it imports itself, and without which it fails.
    pub(super) needs: Option<&'static str>,
    /// Whether all is known that it leads to.
    pub(super) whole: bool,
}

/// What is read of a companion's source.
struct Hook {
    precedence: Precedence,
    reach: Reach,
    modules: Vec<(String, FinderTarget)>,
    placeholder: Option<String>,
    needs: Option<&'static str>,
    whole: bool,
}

/// A companion module and where it lies.
struct Source<'a> {
    system: &'a dyn System,
    directory: &'a Utf8Path,
    file: Utf8PathBuf,
    text: &'a str,
    body: &'a [Stmt],
}

/// Reads the companion module that a line of a `.pth` file imports.
pub(super) fn companion(
    system: &dyn System,
    directory: &Utf8Path,
    module: &str,
    path_file: &Utf8Path,
    line: u32,
) -> Option<Companion> {
    let kind = Kind::of(module)?;
    let file = directory.join(format!("{module}.py"));
    let text = String::from_utf8(system.read(&file, LARGEST_SOURCE).ok()?).ok()?;
    let module = ruff_python_parser::parse_module(&text).ok()?;
    let source = Source { system, directory, file, text: &text, body: &module.syntax().body };
    let hook = match kind {
        Kind::Setuptools => setuptools(&source)?,
        Kind::Editables => editables(&source)?,
        Kind::ScikitBuild => scikit_build::hook(&source)?,
        Kind::Meson => meson::hook(&source)?,
    };
    let Hook { precedence, reach, modules, placeholder, needs, whole } = hook;
    let placeholder = placeholder.map(Utf8PathBuf::from);
    let finder = Finder { path_file: path_file.to_owned(), line, precedence, reach, placeholder, modules };
    Some(Companion { finder, needs, whole })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Setuptools,
    Editables,
    ScikitBuild,
    Meson,
}

impl Kind {
    fn of(module: &str) -> Option<Self> {
        if module.starts_with("__editable___") && module.ends_with("_finder") {
            Some(Kind::Setuptools)
        } else if module.starts_with("_editable_skbc_") || (module.starts_with('_') && module.ends_with("_editable")) {
            Some(Kind::ScikitBuild)
        } else if module.starts_with("_editable_impl_") {
            Some(Kind::Editables)
        } else if module.starts_with('_') && module.ends_with("_editable_loader") {
            Some(Kind::Meson)
        } else {
            None
        }
    }
}

/// `MAPPING` and `NAMESPACES` (`_FINDER_TEMPLATE` in setuptools' `command/editable_wheel.py`, each version of it).
fn setuptools(source: &Source<'_>) -> Option<Hook> {
    let mapping = assigned(source.body, "MAPPING")?;
    let namespaces = assigned(source.body, "NAMESPACES");
    let placeholder = assigned(source.body, "PATH_PLACEHOLDER");
    let placeholder = placeholder.as_ref().and_then(Literal::text);
    let mut modules: Vec<_> = mapping
        .entries()
        .filter_map(|(name, target)| Some((name.to_owned(), FinderTarget::Stem(target.text()?.into()))))
        .collect();
    // From 70 on the hook stands at the end of every path that it gives; before, only where there was no other.
    let always = source.text.contains("[*paths, PATH_PLACEHOLDER]");
    for (name, portions) in namespaces.iter().flat_map(Literal::entries) {
        let mut portions: Vec<Utf8PathBuf> = portions.texts().into_iter().map(Utf8PathBuf::from).collect();
        if portions.is_empty() {
            let mapped = mapping.entries().filter(|(it, _)| *it == name).filter_map(|(_, it)| it.text());
            portions.extend(mapped.map(Utf8PathBuf::from));
        }
        if always || portions.is_empty() {
            portions.extend(placeholder.map(Utf8PathBuf::from));
        }
        modules.push((name.to_owned(), FinderTarget::Namespace(portions)));
    }
    let reach = if source.text.contains("fullname.startswith(pkg)") {
        Reach::Letters
    } else if source.text.contains("fullname.startswith(f\"{pkg}.\")") {
        Reach::Below
    } else {
        Reach::Children
    };
    let has_namespaces = namespaces.is_some_and(|it| it.entries().next().is_some());
    let placeholder = placeholder.filter(|_| has_namespaces).map(str::to_owned);
    Some(Hook { precedence: Precedence::Last, reach, modules, placeholder, needs: None, whole: true })
}

/// `F.map_module('name', '/p/name/__init__.py')` (the `editables` package, whose finder does the work).
fn editables(source: &Source<'_>) -> Option<Hook> {
    let modules: Vec<_> = calls(source.body)
        .filter(|(name, _)| name.ends_with(".map_module"))
        .filter_map(|(_, arguments)| match &*arguments {
            [Some(Literal::Text(name)), Some(Literal::Text(path))] => {
                Some((name.clone(), FinderTarget::File(path.into())))
            }
            _ => None,
        })
        .collect();
    let needs = Some("editables");
    let hook =
        Hook { precedence: Precedence::Last, reach: Reach::Listed, modules, placeholder: None, needs, whole: true };
    (!hook.modules.is_empty()).then_some(hook)
}

/// The calls that stand as statements, with their positional arguments where these are literals.
fn calls(body: &[Stmt]) -> impl Iterator<Item = (String, Vec<Option<Literal>>)> {
    body.iter().filter_map(|statement| {
        let call = called(statement)?;
        Some((dotted(&call.func)?, call.arguments.args.iter().map(literal).collect()))
    })
}

/// The same in the body of a function.
fn calls_in(body: &[Stmt], name: &str) -> impl Iterator<Item = (String, Vec<Option<Literal>>)> {
    let functions = body.iter().filter_map(move |statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == name => Some(&function.body),
        _ => None,
    });
    functions.flat_map(|body| calls(body))
}

/// Returns the call that a statement is, its value kept or not.
fn called(statement: &Stmt) -> Option<&ruff_python_ast::ExprCall> {
    let value = match statement {
        Stmt::Expr(statement) => &statement.value,
        Stmt::Assign(statement) => &statement.value,
        _ => return None,
    };
    match &**value {
        Expr::Call(call) => Some(call),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
