//! What an expression calls, and what it imports by that.
//!
//! In: an expression. Out: its calls; the module that `__import__("a")` and `import_module("a")` name.
//!
//! **Invariant:** a name that is put together when it runs is no name.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall};

use crate::imports::collect;

/// Calls anywhere in an expression, but for those that wait in a `lambda`.
pub(super) struct Calls<'a>(pub(super) Vec<&'a ExprCall>);

impl<'a> Visitor<'a> for Calls<'a> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Lambda(_) => return,
            Expr::Call(call) => self.0.push(call),
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

/// Returns the module that an expression imports for certain: `__import__("a")`, also with attributes behind it.
pub(super) fn imported_by(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Call(call) => imported_by_call(call),
        Expr::Attribute(it) => imported_by(&it.value),
        _ => None,
    }
}

pub(super) fn imported_by_call(call: &ExprCall) -> Option<&str> {
    let name = collect::imported_by(call)?.value.to_str();
    Some(name).filter(|it| !it.is_empty() && !it.starts_with('.'))
}

/// Returns what is called, or the expression itself.
pub(super) fn called(expression: &Expr) -> &Expr {
    if let Expr::Call(call) = expression { &call.func } else { expression }
}
