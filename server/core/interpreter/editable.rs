//! Import hooks of editable installs, read from the modules that `.pth` files import.
//!
//! In: the name of a companion module in a site directory. Out: the [`Finder`] it would install, where it is one of
//! setuptools', `editables`' (hatchling, pdm), scikit-build-core's or meson-python's.
//!
//! **Invariant:** only literals are read; a companion that was edited into something else is not understood.

use camino::{Utf8Path, Utf8PathBuf};
use ruff_python_ast::{Expr, Stmt};

use super::literal::{Literal, assigned, dotted, literal};
use super::{Finder, FinderTarget, Precedence};
use crate::system::{LARGEST_SOURCE, System};

/// What a companion module does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Companion {
    pub(super) finder: Finder,
    /// A text that it appends to `sys.path`, only to trigger its own hook (setuptools with namespaces).
    pub(super) placeholder: Option<String>,
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
    let source = system.read(&directory.join(format!("{module}.py")), LARGEST_SOURCE).ok()?;
    let source = String::from_utf8(source).ok()?;
    let module = ruff_python_parser::parse_module(&source).ok()?;
    let body = &module.syntax().body;
    let (modules, precedence) = match kind {
        Kind::Setuptools => (setuptools(body)?, Precedence::Last),
        Kind::Editables => (editables(body)?, Precedence::Last),
        Kind::ScikitBuild => (scikit_build(body, directory)?, Precedence::First),
        Kind::Meson => (meson(body)?, Precedence::First),
    };
    let has_namespaces =
        kind == Kind::Setuptools && assigned(body, "NAMESPACES").is_some_and(|it| it.entries().count() > 0);
    let placeholder = has_namespaces.then(|| assigned(body, "PATH_PLACEHOLDER")?.text().map(str::to_owned)).flatten();
    let finder = Finder { path_file: path_file.to_owned(), line, precedence, modules };
    Some(Companion { finder, placeholder })
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

/// `MAPPING` and `NAMESPACES` (setuptools' `editable_wheel`).
fn setuptools(body: &[Stmt]) -> Option<Vec<(String, FinderTarget)>> {
    let mapping = assigned(body, "MAPPING")?;
    let namespaces = assigned(body, "NAMESPACES");
    let mut modules: Vec<_> = mapping
        .entries()
        .filter_map(|(name, target)| Some((name.to_owned(), FinderTarget::Stem(target.text()?.into()))))
        .collect();
    for (name, portions) in namespaces.iter().flat_map(Literal::entries) {
        let mut portions: Vec<Utf8PathBuf> = portions.texts().into_iter().map(Utf8PathBuf::from).collect();
        if portions.is_empty() {
            portions.extend(
                mapping.entries().filter(|(it, _)| *it == name).filter_map(|(_, it)| it.text()).map(Utf8PathBuf::from),
            );
        }
        modules.push((name.to_owned(), FinderTarget::Namespace(portions)));
    }
    Some(modules)
}

/// `F.map_module('name', '/p/name/__init__.py')` (the `editables` package).
fn editables(body: &[Stmt]) -> Option<Vec<(String, FinderTarget)>> {
    let modules: Vec<_> = calls(body)
        .filter(|(name, _)| name.ends_with(".map_module"))
        .filter_map(|(_, arguments)| match &*arguments {
            [Some(Literal::Text(name)), Some(Literal::Text(path))] => {
                Some((name.clone(), FinderTarget::File(path.into())))
            }
            _ => None,
        })
        .collect();
    (!modules.is_empty()).then_some(modules)
}

/// `install({module: source}, {module: file in the wheel}, {package: [directories]}, …)` (scikit-build-core).
fn scikit_build(body: &[Stmt], directory: &Utf8Path) -> Option<Vec<(String, FinderTarget)>> {
    let (_, arguments) = calls(body).filter(|(name, _)| name == "install").last()?;
    let mut arguments = arguments.into_iter();
    let sources = arguments.next()??;
    let wheel = arguments.next()??;
    let mut modules: Vec<(String, FinderTarget)> = wheel
        .entries()
        .filter_map(|(name, file)| Some((name.to_owned(), FinderTarget::File(directory.join(file.text()?)))))
        .collect();
    for (name, file) in sources.entries() {
        if !modules.iter().any(|(known, _)| known == name) {
            modules.push((name.to_owned(), FinderTarget::File(file.text()?.into())));
        }
    }
    let packages = arguments.next().flatten();
    for (name, portions) in packages.iter().flat_map(Literal::entries) {
        if !modules.iter().any(|(known, _)| known == name) {
            let portions = portions.texts().into_iter().map(|it| directory.join(it)).collect();
            modules.push((name.to_owned(), FinderTarget::Namespace(portions)));
        }
    }
    Some(modules)
}

/// `install(name, {top-level names}, build_dir, …)` inside `init()` (meson-python): where the sources are is not written
/// there, so a name stands for a namespace without portions.
fn meson(body: &[Stmt]) -> Option<Vec<(String, FinderTarget)>> {
    let init = body.iter().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == "init" => Some(function),
        _ => None,
    });
    let inside = init.map_or(body, |function| &function.body);
    let (_, arguments) =
        calls(inside).chain(calls(body)).find(|(name, _)| name == "install" || name.ends_with(".install"))?;
    let names = arguments.iter().flatten().find(|it| matches!(it, Literal::Sequence(_)))?.texts();
    Some(names.into_iter().map(|name| (name.to_owned(), FinderTarget::Namespace(Vec::new()))).collect())
}

/// The calls that stand as statements, with their positional arguments where these are literals.
fn calls(body: &[Stmt]) -> impl Iterator<Item = (String, Vec<Option<Literal>>)> {
    body.iter().filter_map(|statement| {
        let Stmt::Expr(statement) = statement else { return None };
        let Expr::Call(call) = &*statement.value else { return None };
        Some((dotted(&call.func)?, call.arguments.args.iter().map(literal).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    fn read(module: &str, source: &str) -> Option<Companion> {
        let mut system = MemorySystem::default();
        system.write(format!("/s/{module}.py"), source);
        companion(&system, "/s".into(), module, "/s/x.pth".into(), 1)
    }

    #[test]
    fn setuptools_writes_a_mapping() {
        let source = "from __future__ import annotations\nMAPPING: dict[str, str] = {'mod': '/p/mod', 'pkg': '/p/pkg'}\n\
                      NAMESPACES: dict[str, list[str]] = {'ns': ['/p/ns']}\n\
                      PATH_PLACEHOLDER = '__editable__.x-1.finder' + \".__path_hook__\"\n";
        let companion = read("__editable___x_1_finder", source).unwrap();
        assert_eq!(companion.placeholder.as_deref(), Some("__editable__.x-1.finder.__path_hook__"));
        assert_eq!(companion.finder.precedence, Precedence::Last);
        let expected = [
            ("mod".to_owned(), FinderTarget::Stem("/p/mod".into())),
            ("pkg".to_owned(), FinderTarget::Stem("/p/pkg".into())),
            ("ns".to_owned(), FinderTarget::Namespace(vec!["/p/ns".into()])),
        ];
        assert_eq!(companion.finder.modules, expected);
    }

    #[test]
    fn editables_map_modules_one_by_one() {
        let source = "from _editable_impl_x import F\nF.map_module('x', '/p/x/__init__.py')\nF.install()\n";
        let companion = read("_editable_impl_x", source).unwrap();
        assert_eq!(companion.finder.modules, [("x".to_owned(), FinderTarget::File("/p/x/__init__.py".into()))]);
    }

    #[test]
    fn scikit_build_prefers_the_wheel() {
        let source =
            "install({'x': '/p/x/__init__.py', 'x._c': '/p/old.so'}, {'x._c': 'x/_c.so'}, {'n': ['n']}, [], None)\n";
        let companion = read("_editable_skbc_x", source).unwrap();
        assert_eq!(companion.finder.precedence, Precedence::First);
        let expected = [
            ("x._c".to_owned(), FinderTarget::File("/s/x/_c.so".into())),
            ("x".to_owned(), FinderTarget::File("/p/x/__init__.py".into())),
            ("n".to_owned(), FinderTarget::Namespace(vec!["/s/n".into()])),
        ];
        assert_eq!(companion.finder.modules, expected);
    }

    #[test]
    fn what_is_not_written_out_is_not_understood() {
        assert_eq!(read("__editable___x_1_finder", "MAPPING = compute()\n"), None);
        assert_eq!(read("something_else", "MAPPING = {}\n"), None);
    }
}
