//! Every import of a syntax tree, with the conditions it stands under.
//!
//! In: a tree, whole or recovered from half typed code. Out: [`Import`]s in source order.
//!
//! **Invariant:** conditions only ever make an import milder; what is not understood changes nothing.

use ruff_python_ast::visitor::{Visitor, walk_except_handler, walk_expr, walk_stmt};
use ruff_python_ast::{
    Alias, ExceptHandler, Expr, ExprCall, ExprStringLiteral, Identifier, Stmt, StmtIf, StmtTry, StmtWith, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};

use super::{Context, Import, ImportedName};
use crate::text::Span;

/// Collects the imports of a module's body.
pub(super) fn imports(source: &str, body: &[Stmt]) -> Vec<Import> {
    // Most files import nothing by a call; then no expression needs a look.
    let calls = ["import_module", "__import__"]
        .iter()
        .any(|name| memchr::memmem::find(source.as_bytes(), name.as_bytes()).is_some());
    let mut collector = Collector { source, calls, context: Context::default(), found: Vec::new() };
    collector.visit_body(body);
    let mut found = collector.found;
    found.sort_by_key(|import| (import.span.start, import.span.end));
    found
}

struct Collector<'a> {
    source: &'a str,
    calls: bool,
    context: Context,
    found: Vec<Import>,
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.push(dotted(&alias.name), 0, span(alias.name.range), Vec::new());
                }
            }
            Stmt::ImportFrom(import) => {
                let names = import.names.iter().filter_map(imported_name).collect();
                let module = import.module.as_ref().map(dotted).unwrap_or_default();
                let place = import.module.as_ref().map_or_else(|| self.dots(import.range), |name| span(name.range));
                self.push(module, import.level, place, names);
            }
            Stmt::FunctionDef(_) => {
                self.within(Context { in_function: true, ..Context::default() }, |it| walk_stmt(it, statement));
            }
            Stmt::If(branches) => self.visit_branches(branches),
            Stmt::Try(attempt) => self.visit_attempt(attempt),
            Stmt::Match(cases) if mentions(&cases.subject, asks_for_platform) => {
                self.within(Context { guarded: true, ..Context::default() }, |it| walk_stmt(it, statement));
            }
            Stmt::With(with) if with.items.iter().any(|item| suppresses_import_error(&item.context_expr)) => {
                self.within(MAY_FAIL, |it| it.visit_with_body(with));
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if !self.calls {
            return;
        }
        if let Expr::Call(call) = expression
            && let Some(literal) = imported_by(call)
        {
            let name = literal.value.to_str();
            let level = name.len() - name.trim_start_matches('.').len();
            let module = name.trim_start_matches('.').to_owned();
            // A name is written as it is; a literal with escapes or in pieces has no single place for it.
            let place = self.inside(literal.range(), &module);
            if is_dotted_name(&module) {
                let context = self.context;
                self.context.dynamic = true;
                self.push(module, u32::try_from(level).unwrap_or(u32::MAX), place, Vec::new());
                self.context = context;
            }
        }
        walk_expr(self, expression);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inside) = handler;
        if catches_import_error(inside.type_.as_deref()) {
            self.within(MAY_FAIL, |it| walk_except_handler(it, handler));
        } else {
            walk_except_handler(self, handler);
        }
    }
}

const MAY_FAIL: Context =
    Context { in_function: false, type_checking: false, may_fail: true, guarded: false, dynamic: false };

impl<'a> Collector<'a> {
    /// Visits with these conditions on top of those that hold already.
    fn within(&mut self, more: Context, visit: impl FnOnce(&mut Self)) {
        let before = self.context;
        self.context.in_function |= more.in_function;
        self.context.type_checking |= more.type_checking;
        self.context.may_fail |= more.may_fail;
        self.context.guarded |= more.guarded;
        visit(self);
        self.context = before;
    }

    fn visit_branches(&mut self, branches: &'a StmtIf) {
        let clauses = &branches.elif_else_clauses;
        let tests = || std::iter::once(&*branches.test).chain(clauses.iter().filter_map(|clause| clause.test.as_ref()));
        // `else` runs under the opposite of the tests, which asks for the same thing.
        let chain = Context {
            guarded: tests().any(|test| mentions(test, asks_for_platform) || mentions(test, asks_for_another_name)),
            may_fail: tests().any(|test| mentions(test, asks_whether_installed)),
            ..Context::default()
        };
        let mut negated = false;
        self.visit_expr(&branches.test);
        self.within(chain, |it| {
            let branch = std::iter::once((Some(&*branches.test), &branches.body));
            for (test, body) in branch.chain(clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body))) {
                let type_checking = match test {
                    Some(test) => {
                        negated |= is_not_type_checking(test);
                        mentions(test, is_type_checking) && !is_not_type_checking(test)
                    }
                    None => negated,
                };
                it.within(Context { type_checking, ..Context::default() }, |it| it.visit_body(body));
            }
        });
    }

    fn visit_attempt(&mut self, attempt: &'a StmtTry) {
        let may_fail = attempt.handlers.iter().any(|handler| {
            let ExceptHandler::ExceptHandler(handler) = handler;
            catches_import_error(handler.type_.as_deref())
        });
        self.within(Context { may_fail, ..Context::default() }, |it| it.visit_body(&attempt.body));
        for handler in &attempt.handlers {
            self.visit_except_handler(handler);
        }
        // `else` runs only where the body's import went well, and goes on with what belongs to it.
        self.within(Context { may_fail, ..Context::default() }, |it| it.visit_body(&attempt.orelse));
        self.visit_body(&attempt.finalbody);
    }

    fn visit_with_body(&mut self, with: &'a StmtWith) {
        self.visit_body(&with.body);
    }

    fn push(&mut self, module: String, level: u32, span: Span, names: Vec<ImportedName>) {
        // `import ` alone, as typed so far, asks for nothing.
        if module.is_empty() && level == 0 {
            return;
        }
        self.found.push(Import { module, level, span, names, context: self.context });
    }

    /// Returns where the dots of `from . import x` stand.
    fn dots(&self, statement: TextRange) -> Span {
        let start = statement.start().to_usize();
        let text = self.source.get(start..statement.end().to_usize()).unwrap_or_default();
        let from = text.find('.').unwrap_or_default();
        let length = text[from..].find(|next: char| next != '.' && !next.is_whitespace()).unwrap_or(text.len() - from);
        let length = text[from..from + length].trim_end().len();
        offsets(start + from, start + from + length)
    }

    fn inside(&self, literal: TextRange, name: &str) -> Span {
        let start = literal.start().to_usize();
        let text = self.source.get(start..literal.end().to_usize()).unwrap_or_default();
        match text.find(name) {
            Some(at) if !name.is_empty() => offsets(start + at, start + at + name.len()),
            _ => span(literal),
        }
    }
}

/// Returns the name as importlib gets it: no spaces around dots, no dot that waits for the next part to be typed.
fn dotted(name: &Identifier) -> String {
    let parts = name.id.as_str().split('.').map(str::trim).take_while(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

fn is_dotted_name(name: &str) -> bool {
    name.split('.').all(|part| !part.is_empty() && part.chars().all(|it| it.is_alphanumeric() || it == '_'))
}

fn imported_name(alias: &Alias) -> Option<ImportedName> {
    let name = alias.name.id.as_str();
    (!name.is_empty()).then(|| ImportedName { name: name.to_owned(), span: span(alias.name.range) })
}

fn is_type_checking(expression: &Expr) -> bool {
    matches!(last_name(expression), Some("TYPE_CHECKING"))
}

fn is_not_type_checking(test: &Expr) -> bool {
    matches!(test, Expr::UnaryOp(unary) if unary.op == UnaryOp::Not && is_type_checking(&unary.operand))
}

/// `sys.version_info`, `sys.platform`, `os.name`, `platform.system()` and their like.
fn asks_for_platform(expression: &Expr) -> bool {
    let Expr::Attribute(attribute) = expression else { return false };
    let Expr::Name(owner) = &*attribute.value else { return false };
    matches!(
        (owner.id.as_str(), attribute.attr.as_str()),
        ("sys", "version_info" | "platform" | "version" | "hexversion" | "implementation")
            | ("os", "name")
            | ("platform", _)
    ) || matches!(owner.id.as_str(), "six")
}

/// `__name__ == "setuptools"`: the module runs in the place of another, where other things are imported.
fn asks_for_another_name(expression: &Expr) -> bool {
    let Expr::Compare(compare) = expression else { return false };
    let is_name = matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__");
    let is_other = |it: &Expr| matches!(it, Expr::StringLiteral(text) if text.value.to_str() != "__main__");
    is_name && compare.comparators.iter().any(is_other)
}

fn asks_whether_installed(expression: &Expr) -> bool {
    matches!(last_name(expression), Some("find_spec" | "find_loader")) || is_modules_of_sys(expression)
}

/// `sys.modules`: `"yaml" in sys.modules` asks whether somebody has imported it already.
fn is_modules_of_sys(expression: &Expr) -> bool {
    let Expr::Attribute(attribute) = expression else { return false };
    attribute.attr.as_str() == "modules" && matches!(&*attribute.value, Expr::Name(owner) if owner.id.as_str() == "sys")
}

/// Tells whether a test asks for something anywhere in what tests are made of.
fn mentions(test: &Expr, wanted: fn(&Expr) -> bool) -> bool {
    if wanted(test) {
        return true;
    }
    match test {
        Expr::BoolOp(all) => all.values.iter().any(|part| mentions(part, wanted)),
        Expr::UnaryOp(unary) => mentions(&unary.operand, wanted),
        Expr::Compare(compare) => {
            mentions(&compare.left, wanted) || compare.comparators.iter().any(|it| mentions(it, wanted))
        }
        Expr::Subscript(subscript) => mentions(&subscript.value, wanted),
        Expr::Attribute(attribute) => mentions(&attribute.value, wanted),
        Expr::Call(call) => mentions(&call.func, wanted) || call.arguments.args.iter().any(|it| mentions(it, wanted)),
        _ => false,
    }
}

/// Tells whether an `except` clause of this type takes an `ImportError`.
pub(super) fn catches_import_error(kind: Option<&Expr>) -> bool {
    match kind {
        None => true,
        Some(Expr::Tuple(kinds)) => kinds.elts.iter().any(|kind| catches_import_error(Some(kind))),
        Some(kind) => {
            matches!(last_name(kind), Some("ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException"))
        }
    }
}

/// `contextlib.suppress(ImportError)`.
pub(super) fn suppresses_import_error(manager: &Expr) -> bool {
    let Expr::Call(call) = manager else { return false };
    last_name(&call.func) == Some("suppress") && call.arguments.args.iter().any(|kind| catches_import_error(Some(kind)))
}

/// Returns the name that `importlib.import_module("x")` or `__import__("x")` is given, where it is written out.
pub(super) fn imported_by(call: &ExprCall) -> Option<&ExprStringLiteral> {
    let is_import = matches!(last_name(&call.func), Some("import_module" | "__import__"));
    call.arguments.find_argument_value("name", 0).filter(|_| is_import)?.as_string_literal_expr()
}

fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

fn offsets(start: usize, end: usize) -> Span {
    Span::new(u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
}
