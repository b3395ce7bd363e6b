//! What a variable of the process guards at start: `if 'X' in os.environ: …`, as hooks write it that are off by default.
//!
//! In: the test of a statement, and the variables. Out: its truth, where they decide it.
//!
//! **Invariant:** Python's own truth of a text, and of `None`; a test that asks anything else decides nothing.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCall, ExprCompare, UnaryOp};

use crate::interpreter::literal::{Literal, dotted, literal};

/// The variables of the process.
pub(in crate::interpreter) type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

/// Returns whether a test is true.
pub(super) fn truth(test: &Expr, variables: Variables<'_>) -> Option<bool> {
    match test {
        Expr::BooleanLiteral(it) => Some(it.value),
        Expr::UnaryOp(it) if it.op == UnaryOp::Not => truth(&it.operand, variables).map(|it| !it),
        Expr::BoolOp(it) => {
            // What comes behind an unknown part may fail, so it counts for nothing.
            let ends = it.op == BoolOp::Or;
            for part in &it.values {
                if truth(part, variables)? == ends {
                    return Some(ends);
                }
            }
            Some(!ends)
        }
        Expr::Compare(it) => compared(it, variables),
        _ => value(test, variables).map(|it| it.is_some_and(|it| !it.is_empty())),
    }
}

fn compared(compare: &ExprCompare, variables: Variables<'_>) -> Option<bool> {
    let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return None };
    let is_environment = dotted(right).as_deref() == Some("os.environ");
    if let (CmpOp::In | CmpOp::NotIn, Some(Literal::Text(name)), true) = (op, literal(&compare.left), is_environment) {
        return Some(variables(&name).is_some() == (*op == CmpOp::In));
    }
    let left = value(&compare.left, variables)?;
    match op {
        CmpOp::Eq => Some(left == value(right, variables)?),
        CmpOp::NotEq => Some(left != value(right, variables)?),
        CmpOp::Is | CmpOp::IsNot if matches!(right, Expr::NoneLiteral(_)) => Some(left.is_none() == (*op == CmpOp::Is)),
        CmpOp::In | CmpOp::NotIn => {
            let Literal::Sequence(items) = literal(right)? else { return None };
            let items: Option<Vec<&str>> = items.iter().map(Literal::text).collect();
            let is_among = left.is_some_and(|left| items.as_ref().is_some_and(|all| all.contains(&left.as_str())));
            items.as_ref().map(|_| is_among == (*op == CmpOp::In))
        }
        _ => None,
    }
}

/// Returns a text or, as the inner `None`, Python's.
#[expect(clippy::option_option, reason = "what is not known is another thing than None")]
fn value(expression: &Expr, variables: Variables<'_>) -> Option<Option<String>> {
    match expression {
        Expr::NoneLiteral(_) => Some(None),
        Expr::StringLiteral(it) => Some(Some(it.value.to_str().to_owned())),
        Expr::Call(call) if call.arguments.keywords.is_empty() => read(call, variables),
        _ => None,
    }
}

/// `os.environ.get(…)` and `os.getenv(…)`, and what is mostly done to their answer.
#[expect(clippy::option_option, reason = "the same")]
fn read(call: &ExprCall, variables: Variables<'_>) -> Option<Option<String>> {
    let arguments = &*call.arguments.args;
    if matches!(dotted(&call.func).as_deref(), Some("os.environ.get" | "os.getenv")) {
        let (name, default) = match arguments {
            [name] => (name, None),
            [name, default] => (name, value(default, variables)?),
            _ => return None,
        };
        let Literal::Text(name) = literal(name)? else { return None };
        return Some(variables(&name).or(default));
    }
    let Expr::Attribute(method) = &*call.func else { return None };
    let text = value(&method.value, variables)??;
    match (method.attr.as_str(), arguments) {
        ("lower", []) if text.is_ascii() => Some(Some(text.to_ascii_lowercase())),
        ("upper", []) if text.is_ascii() => Some(Some(text.to_ascii_uppercase())),
        ("strip", []) if text.is_ascii() => Some(Some(crate::interpreter::pyvenv::strip(&text).to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_decide_what_only_asks_for_them() {
        let variables = |name: &str| match name {
            "SET" => Some("Yes ".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (test, expected) in [
            ("'SET' in os.environ", Some(true)),
            ("'EMPTY' in os.environ", Some(true)),
            ("'UNSET' in os.environ", Some(false)),
            ("'UNSET' not in os.environ", Some(true)),
            ("os.environ.get('EMPTY')", Some(false)),
            ("os.getenv('SET') and os.getenv('UNSET')", Some(false)),
            ("os.getenv('UNSET') or os.environ.get('UNSET', 'on')", Some(true)),
            ("os.getenv('SET') and other()", None),
            ("os.getenv('UNSET') and other()", Some(false)),
            ("other() and os.getenv('UNSET')", None),
            ("os.getenv('SET').lower().strip() in ('1', 'yes')", Some(true)),
            ("os.getenv('UNSET', '').lower() not in ['1']", Some(true)),
            ("os.getenv('UNSET').lower() == '1'", None),
            ("os.getenv('UNSET') is None", Some(true)),
            ("os.getenv('SET') is not None", Some(true)),
            ("os.getenv('UNSET') in ('1',)", Some(false)),
            ("os.getenv('SET') != 'yes'", Some(true)),
            ("os.getenv('UNSET') == None", Some(true)),
            ("not os.environ.get('UNSET', None)", Some(true)),
            ("os.environ['SET']", None),
            ("environ.get('UNSET')", None),
            ("os.environ.get(name)", None),
            ("os.environ.get('SET', default=1)", None),
            ("os.getenv('SET') in (1, 2)", None),
            ("'x' in sys.modules", None),
            ("True", Some(true)),
        ] {
            let expression = ruff_python_parser::parse_expression(test).unwrap();
            assert_eq!(truth(expression.expr(), &variables), expected, "{test}");
        }
    }
}
