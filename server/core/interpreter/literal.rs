//! Python literals, read without running anything.
//!
//! In: an expression of a syntax tree. Out: a [`Literal`], or nothing where the expression is more than a literal.
//!
//! **Invariant:** no name is ever looked up; what is not written out is not known.

use ruff_python_ast::{Expr, Number, Operator, Stmt, UnaryOp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Number(i64),
    /// `None`, `True`, `False`: told apart by nobody here.
    Constant,
    /// A list, a tuple or a set.
    Sequence(Vec<Literal>),
    Mapping(Vec<(Literal, Literal)>),
}

impl Literal {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the texts of a sequence; what else is in it is left out.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Literal::Sequence(items) => items.iter().filter_map(Literal::text).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the entries of a mapping whose key is a text.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Literal)> {
        let items = match self {
            Literal::Mapping(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().filter_map(|(key, value)| Some((key.text()?, value)))
    }
}

pub(super) fn literal(expression: &Expr) -> Option<Literal> {
    match expression {
        Expr::StringLiteral(it) => Some(Literal::Text(it.value.to_str().to_owned())),
        Expr::NumberLiteral(it) => match &it.value {
            Number::Int(number) => number.as_i64().map(Literal::Number),
            _ => None,
        },
        Expr::UnaryOp(it) if it.op == UnaryOp::USub => match literal(&it.operand)? {
            Literal::Number(number) => number.checked_neg().map(Literal::Number),
            _ => None,
        },
        Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) => Some(Literal::Constant),
        Expr::List(it) => it.elts.iter().map(literal).collect::<Option<_>>().map(Literal::Sequence),
        Expr::Tuple(it) => it.elts.iter().map(literal).collect::<Option<_>>().map(Literal::Sequence),
        Expr::Set(it) => it.elts.iter().map(literal).collect::<Option<_>>().map(Literal::Sequence),
        Expr::Dict(it) => {
            let items = it.items.iter().map(|item| Some((literal(item.key.as_ref()?)?, literal(&item.value)?)));
            items.collect::<Option<_>>().map(Literal::Mapping)
        }
        Expr::BinOp(it) if it.op == Operator::Add => match (literal(&it.left)?, literal(&it.right)?) {
            (Literal::Text(left), Literal::Text(right)) => Some(Literal::Text(left + &right)),
            _ => None,
        },
        // uv writes paths as `__import__("os").fsdecode(b"…")`.
        Expr::Call(call) if dotted(&call.func).is_some_and(|it| it.ends_with(".fsdecode")) => {
            match &*call.arguments.args {
                [Expr::BytesLiteral(bytes)] => String::from_utf8(bytes.value.bytes().collect()).ok().map(Literal::Text),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns `a.b.c` as written; `__import__("os")` stands for `os`.
pub(super) fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr.as_str())),
        Expr::Call(call) => match &*call.arguments.args {
            [Expr::StringLiteral(name)] if dotted(&call.func)? == "__import__" => Some(name.value.to_str().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the value of a plain or annotated assignment to a name at module level.
pub(super) fn assigned(body: &[Stmt], name: &str) -> Option<Literal> {
    body.iter().find_map(|statement| {
        let (target, value) = match statement {
            Stmt::Assign(assign) => (assign.targets.first()?, &*assign.value),
            Stmt::AnnAssign(assign) => (&*assign.target, assign.value.as_deref()?),
            _ => return None,
        };
        (dotted(target)? == name).then(|| literal(value))?
    })
}
