//! The line by which a package spreads over several directories.
//!
//! In: the source of an `__init__.py`. Out: [`Extending`]: which of the two documented forms it has, and which one it has
//! where the first cannot be imported.
//!
//! **Invariant:** only statements of the module itself count, never a comment or a string; nothing is evaluated.

use ruff_python_ast::{Arguments, ExceptHandler, Expr, Stmt};

/// What puts the other directories on a package's `__path__`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `pkgutil.extend_path`.
    ExtendPath,
    /// `pkg_resources.declare_namespace`.
    DeclareNamespace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extending {
    pub(crate) form: Form,
    /// In the `except` of the same `try`.
    pub(crate) otherwise: Option<Form>,
}

/// Reads what a package does about its path; `None` where it leaves it alone.
pub(crate) fn read(source: &str) -> Option<Extending> {
    if !source.contains("extend_path") && !source.contains("declare_namespace") {
        return None;
    }
    super::with_module(source, of_body).flatten()
}

fn of_body(body: &[Stmt]) -> Option<Extending> {
    body.iter().find_map(of_statement)
}

fn of_statement(statement: &Stmt) -> Option<Extending> {
    let alone = |form| Some(Extending { form, otherwise: None });
    match statement {
        Stmt::Assign(it) if it.targets.iter().any(|target| is_name(target, "__path__")) && extends(&it.value) => {
            alone(Form::ExtendPath)
        }
        Stmt::AnnAssign(it) if is_name(&it.target, "__path__") && it.value.as_deref().is_some_and(extends) => {
            alone(Form::ExtendPath)
        }
        Stmt::Expr(it) if calls(&it.value, "declare_namespace", &["__name__"]) => alone(Form::DeclareNamespace),
        Stmt::Try(it) => match of_body(&it.body) {
            Some(Extending { form, otherwise }) => {
                let mut handlers = it.handlers.iter().filter_map(|ExceptHandler::ExceptHandler(it)| of_body(&it.body));
                Some(Extending { form, otherwise: otherwise.or_else(|| handlers.next().map(|it| it.form)) })
            }
            None => of_body(&it.orelse).or_else(|| of_body(&it.finalbody)),
        },
        Stmt::If(it) => of_body(&it.body).or_else(|| it.elif_else_clauses.iter().find_map(|it| of_body(&it.body))),
        Stmt::With(it) => of_body(&it.body),
        _ => None,
    }
}

fn extends(value: &Expr) -> bool {
    calls(value, "extend_path", &["__path__", "__name__"])
}

/// Tells whether this is a call of a function, under whatever module's name, with these names.
fn calls(expression: &Expr, function: &str, names: &[&str]) -> bool {
    let Expr::Call(call) = expression else { return false };
    let is_function = match &*call.func {
        Expr::Name(name) => name.id.as_str() == function,
        Expr::Attribute(attribute) => attribute.attr.as_str() == function,
        _ => false,
    };
    let Arguments { args, keywords, .. } = &call.arguments;
    let has_names = args.len() == names.len() && args.iter().zip(names).all(|(argument, name)| is_name(argument, name));
    is_function && keywords.is_empty() && has_names
}

fn is_name(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Name(it) if it.id.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_count_and_nothing_else() {
        use Form::{DeclareNamespace, ExtendPath};
        let extending = |form, otherwise| Some(Extending { form, otherwise });
        for (source, expected) in [
            ("__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", extending(ExtendPath, None)),
            (
                "from pkgutil import extend_path\n__path__: list = extend_path(__path__, __name__)\n",
                extending(ExtendPath, None),
            ),
            ("__import__('pkg_resources').declare_namespace(__name__)\n", extending(DeclareNamespace, None)),
            (
                "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n    \
                 __path__ = __import__('pkgutil').extend_path(\n        __path__, __name__)\n",
                extending(DeclareNamespace, Some(ExtendPath)),
            ),
            (
                "try:\n    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\n\
                 except ImportError:\n    pass\n",
                extending(DeclareNamespace, None),
            ),
            ("\"\"\"\n__path__ = extend_path(__path__, __name__)\n\"\"\"\n", None),
            ("# __path__ = extend_path(__path__, __name__)\n", None),
            ("extend_path(__path__, __name__)\n", None),
            ("def f():\n    __path__ = extend_path(__path__, __name__)\n", None),
            ("x = '__path__ = extend_path(__path__, __name__)'\n", None),
        ] {
            assert_eq!(read(source), expected, "{source}");
        }
    }
}
