//! Tests of `if` whose outcome is known before anything runs.
//!
//! In: the test of a module that is imported, and facts about the Python that does so. Out: its truth, where that is known.
//!
//! **Invariant:** what is not known decides nothing, and what follows from either outcome is still known.

use std::cmp::Ordering;

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCompare, Number, UnaryOp};

/// What a Python says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The major and the minor number.
    pub(crate) version: [i64; 2],
    pub(crate) micro: Option<i64>,
    /// `sys.platform`.
    pub(crate) platform: &'static str,
    /// `os.name`.
    pub(crate) operating_system: &'static str,
    /// `sys.implementation.name`.
    pub(crate) implementation: &'static str,
}

/// Returns whether a test is true; `None` where it depends on what is not known.
pub(crate) fn decide(test: &Expr, facts: &Facts) -> Option<bool> {
    match test {
        Expr::BooleanLiteral(it) => Some(it.value),
        Expr::NumberLiteral(it) => match &it.value {
            Number::Int(number) => Some(number.as_i64()? != 0),
            _ => None,
        },
        Expr::UnaryOp(it) if it.op == UnaryOp::Not => decide(&it.operand, facts).map(|it| !it),
        Expr::BoolOp(it) => {
            let ends = it.op == BoolOp::Or;
            let mut parts = it.values.iter().map(|part| decide(part, facts));
            let all = parts.clone().collect::<Option<Vec<_>>>();
            if parts.any(|part| part == Some(ends)) { Some(ends) } else { all.map(|_| !ends) }
        }
        Expr::Name(it) if it.id.as_str() == "TYPE_CHECKING" => Some(false),
        Expr::Attribute(it) if it.attr.as_str() == "TYPE_CHECKING" => Some(false),
        Expr::Name(it) if it.id.as_str() == "__debug__" => Some(true),
        Expr::Compare(it) => compare(it, facts),
        Expr::Call(it) => {
            let Expr::Attribute(method) = &*it.func else { return None };
            let [Expr::StringLiteral(start)] = &*it.arguments.args else { return None };
            let is_start = method.attr.as_str() == "startswith" && it.arguments.keywords.is_empty();
            word(&method.value, facts).filter(|_| is_start).map(|it| it.starts_with(start.value.to_str()))
        }
        _ => None,
    }
}

fn compare(compare: &ExprCompare, facts: &Facts) -> Option<bool> {
    let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return None };
    let left = &*compare.left;
    if dotted(left).as_deref() == Some("__name__") {
        // It is imported, so it is not the program.
        let Expr::StringLiteral(text) = right else { return None };
        return match (text.value.to_str(), op) {
            ("__main__", CmpOp::Eq) => Some(false),
            ("__main__", CmpOp::NotEq) => Some(true),
            _ => None,
        };
    }
    if let Some(word) = word(left, facts) {
        let is = |expression: &Expr| match expression {
            Expr::StringLiteral(text) => Some(text.value.to_str() == word),
            _ => None,
        };
        let among = || match right {
            Expr::Tuple(it) => it.elts.iter().map(is).collect::<Option<Vec<_>>>(),
            Expr::List(it) => it.elts.iter().map(is).collect(),
            Expr::Set(it) => it.elts.iter().map(is).collect(),
            _ => None,
        };
        return match op {
            CmpOp::Eq => is(right),
            CmpOp::NotEq => is(right).map(|it| !it),
            CmpOp::In => among().map(|all| all.contains(&true)),
            CmpOp::NotIn => among().map(|all| !all.contains(&true)),
            _ => None,
        };
    }
    let ordering = ordering(left, right, facts)?;
    match op {
        CmpOp::Lt => Some(ordering.is_lt()),
        CmpOp::LtE => Some(ordering.is_le()),
        CmpOp::Gt => Some(ordering.is_gt()),
        CmpOp::GtE => Some(ordering.is_ge()),
        CmpOp::Eq => Some(ordering.is_eq()),
        CmpOp::NotEq => Some(ordering.is_ne()),
        _ => None,
    }
}

/// Compares `sys.version_info`, a part of it or its first two parts with what is written out.
fn ordering(left: &Expr, right: &Expr, facts: &Facts) -> Option<Ordering> {
    let [major, minor] = facts.version;
    if let Some(name) = dotted(left) {
        return match name.as_str() {
            "sys.version_info" => whole_version(right, facts),
            "sys.version_info.major" => Some(major.cmp(&number(right)?)),
            "sys.version_info.minor" => Some(minor.cmp(&number(right)?)),
            _ => None,
        };
    }
    let Expr::Subscript(it) = left else { return None };
    if dotted(&it.value).as_deref() != Some("sys.version_info") {
        return None;
    }
    if let Expr::Slice(slice) = &*it.slice {
        let is_first_two = slice.lower.is_none() && slice.step.is_none() && number(slice.upper.as_deref()?)? == 2;
        let written = numbers(right)?;
        return is_first_two.then(|| facts.version.as_slice().cmp(&written));
    }
    match number(&it.slice)? {
        0 => Some(major.cmp(&number(right)?)),
        1 => Some(minor.cmp(&number(right)?)),
        _ => None,
    }
}

/// A tuple of five stands against what is written, of which no more than three count here.
fn whole_version(right: &Expr, facts: &Facts) -> Option<Ordering> {
    let written = numbers(right)?;
    let known = [Some(facts.version[0]), Some(facts.version[1]), facts.micro, None];
    for (known, written) in known.into_iter().zip(&written) {
        match known?.cmp(written) {
            Ordering::Equal => {}
            other => return Some(other),
        }
    }
    (written.len() <= 3).then_some(Ordering::Greater)
}

fn word(expression: &Expr, facts: &Facts) -> Option<&'static str> {
    match dotted(expression)?.as_str() {
        "sys.platform" => Some(facts.platform),
        "os.name" => Some(facts.operating_system),
        "sys.implementation.name" => Some(facts.implementation),
        _ => None,
    }
}

fn numbers(expression: &Expr) -> Option<Vec<i64>> {
    let Expr::Tuple(it) = expression else { return None };
    it.elts.iter().map(number).collect()
}

fn number(expression: &Expr) -> Option<i64> {
    let Expr::NumberLiteral(it) = expression else { return None };
    let Number::Int(number) = &it.value else { return None };
    number.as_i64()
}

/// Writes `a.b.c`.
pub(super) fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(it) => Some(it.id.to_string()),
        Expr::Attribute(it) => Some(format!("{}.{}", dotted(&it.value)?, it.attr)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_decides() {
        let facts = Facts {
            version: [3, 11],
            micro: Some(7),
            platform: "linux",
            operating_system: "posix",
            implementation: "cpython",
        };
        for (test, expected) in [
            ("sys.version_info >= (3, 11)", Some(true)),
            ("sys.version_info > (3, 11)", Some(true)),
            ("sys.version_info == (3, 11)", Some(false)),
            ("sys.version_info >= (3, 11, 8)", Some(false)),
            ("sys.version_info >= (3, 11, 7, 'final')", None),
            ("sys.version_info < (3, 12, 0, 'final')", None),
            ("sys.version_info[:2] == (3, 11)", Some(true)),
            ("sys.version_info[:2] > (3, 11)", Some(false)),
            ("sys.version_info[0] < 3", Some(false)),
            ("sys.version_info.minor >= 9", Some(true)),
            ("sys.platform == 'win32'", Some(false)),
            ("sys.platform.startswith('lin')", Some(true)),
            ("sys.platform in ('linux', 'darwin')", Some(true)),
            ("os.name not in ['nt']", Some(true)),
            ("sys.implementation.name != 'pypy'", Some(true)),
            ("TYPE_CHECKING or typing.TYPE_CHECKING", Some(false)),
            ("__name__ == '__main__'", Some(false)),
            ("__name__ == 'x'", None),
            ("not x", None),
            ("x and False", Some(false)),
            ("x or 1", Some(true)),
            ("x or 0", None),
            ("sys.platform == x", None),
            ("1 < sys.version_info[0] < 4", None),
        ] {
            let module = ruff_python_parser::parse_expression(test).unwrap();
            assert_eq!(decide(module.expr(), &facts), expected, "{test}");
        }
    }
}
