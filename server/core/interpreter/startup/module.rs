//! A module that Python runs at start, `sitecustomize.py` or `usercustomize.py`: what it would do to the search path.
//!
//! In: its source. Out: its [`Effect`]s with their lines, where every statement of it is understood.
//!
//! **Invariant:** one statement that is not understood, and nothing is known: it may undo the others, or end them.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::guarded::Variables;
use super::{Effect, LEADING, of_statement};
use crate::interpreter::literal::{dotted, literal};

/// Reads a module; `None` where something in it is not understood.
pub(in crate::interpreter) fn effects_of_module(source: &str, variables: Variables<'_>) -> Option<Vec<(u32, Effect)>> {
    let module = ruff_python_parser::parse_module(source).ok()?;
    let mut bound = Vec::new();
    let mut effects = Vec::new();
    for statement in &module.syntax().body {
        let before = source.get(..usize::from(statement.start()))?;
        let line = u32::try_from(before.matches('\n').count()).ok()?.checked_add(1)?;
        let found = of_one(statement, &mut bound, variables)?;
        if found.contains(&Effect::Unknown) {
            return None;
        }
        effects.extend(found.into_iter().map(|effect| (line, effect)));
    }
    Some(effects)
}

fn of_one(statement: &Stmt, bound: &mut Vec<String>, variables: Variables<'_>) -> Option<Vec<Effect>> {
    match statement {
        Stmt::Import(import) => {
            for alias in &import.names {
                let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                // Another name of `sys` is not followed, and nothing else may have its name.
                let is_plain = alias.asname.is_none() || !LEADING.contains(&alias.name.as_str());
                if !is_plain || alias.asname.is_some() && LEADING.contains(&name) {
                    return None;
                }
                bound.push(name.to_owned());
            }
            Some(of_statement(statement, variables))
        }
        Stmt::ImportFrom(import) => {
            let names = import.names.iter().map(|it| it.asname.as_ref().unwrap_or(&it.name).as_str());
            // Out of a package it could be a module, and a star could be anything.
            let is_clear = import.level == 0 && names.clone().all(|it| it != "*" && !LEADING.contains(&it));
            let is_future = import.module.as_ref().is_some_and(|it| it.as_str() == "__future__");
            (is_clear && is_future).then(Vec::new)
        }
        Stmt::Assign(it) if it.targets.iter().all(is_own_name) && literal(&it.value).is_some() => Some(Vec::new()),
        Stmt::AnnAssign(it) if is_own_name(&it.target) && is_plain(Some(&it.annotation)) => {
            it.value.as_ref().is_none_or(|value| literal(value).is_some()).then(Vec::new)
        }
        Stmt::FunctionDef(it) if it.decorator_list.is_empty() && !LEADING.contains(&it.name.as_str()) => {
            let parameters = it.parameters.iter();
            let is_quiet = parameters.into_iter().all(|parameter| {
                is_plain(parameter.annotation()) && parameter.default().is_none_or(|default| literal(default).is_some())
            });
            (is_quiet && is_plain(it.returns.as_deref()) && it.type_params.is_none()).then(Vec::new)
        }
        _ => {
            let found = of_statement(statement, variables);
            // What names `sys` without an import of it fails; that is not told from what somebody has put into `builtins`.
            let leads = |name: &str| bound.iter().any(|it| it == name);
            let says_nothing = || found.is_empty() && (is_literal(statement) || leads("os"));
            let is_quiet = root_of(statement).map_or_else(says_nothing, leads);
            is_quiet.then_some(found)
        }
    }
}

/// Words that do nothing; any other statement that does nothing asks `os` first.
fn is_literal(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(it) => literal(&it.value).is_some(),
        statement => matches!(statement, Stmt::Pass(_)),
    }
}

/// A name of the module's own.
fn is_own_name(target: &Expr) -> bool {
    matches!(target, Expr::Name(name) if !LEADING.contains(&name.id.as_str()))
}

/// Tells whether an annotation does nothing when it is computed, which it is up to 3.13.
fn is_plain(annotation: Option<&Expr>) -> bool {
    let builtin = |it: &Expr| matches!(dotted(it).as_deref(), Some("str" | "int" | "bool" | "float" | "bytes"));
    annotation.is_none_or(|it| builtin(it) || literal(it).is_some())
}

/// The name that what a statement does to the path begins with.
fn root_of(statement: &Stmt) -> Option<&'static str> {
    let path = match statement {
        Stmt::Expr(it) => match &*it.value {
            Expr::Call(call) => dotted(&call.func)?,
            _ => return None,
        },
        Stmt::AugAssign(_) | Stmt::Assign(_) => "sys.path".to_owned(),
        _ => return None,
    };
    ["sys", "site"].into_iter().find(|name| path.split('.').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_is_known_and_the_rest_is_not() {
        let append = |line: u32, path: &str| (line, Effect::Append(path.to_owned()));
        let import = |line: u32, name: &str| (line, Effect::Import(name.to_owned()));
        for (source, expected) in [
            ("", Some(vec![])),
            ("\"\"\"Words.\"\"\"\nfrom __future__ import annotations\nX: int = 1\nY = ['a']\n", Some(vec![])),
            ("def helper(a: int = 1) -> str:\n    import sys\n    sys.path.append('/b')\n", Some(vec![])),
            ("import sys\n\nsys.path.append('/b')\n", Some(vec![import(1, "sys"), append(3, "/b")])),
            ("import os, sys\nsys.path += ['/b']\n", Some(vec![import(1, "os"), import(1, "sys"), append(2, "/b")])),
            (
                "import site\nsite.addsitedir('/b')\n",
                Some(vec![import(1, "site"), (2, Effect::SiteDirectory("/b".to_owned()))]),
            ),
            ("sys.path.append('/b')\n", None),
            ("import sys as s\ns.path.append('/b')\n", None),
            ("import mine as sys\nsys.path.append('/b')\n", None),
            ("import sys\nsys = None\nsys.path.append('/b')\n", None),
            ("from x import *\n", None),
            ("from os import path\n", None),
            ("import sys\nsys.path.append('/b')\nif True:\n    sys.path.clear()\n", None),
            ("import sys\nsys.path.append(path)\n", None),
            ("def helper(a=print()):\n    pass\n", None),
            ("@decorate\ndef helper():\n    pass\n", None),
            ("class A:\n    pass\n", None),
            ("helper()\n", None),
            ("import (\n", None),
            ("import os\nif os.getenv('SET'):\n    hook()\n", None),
            ("import os\nif os.getenv('UNSET'):\n    hook()\n", Some(vec![import(1, "os")])),
            ("if os.getenv('UNSET'):\n    hook()\n", None),
            ("import os\nos = 1\nif os.getenv('UNSET'):\n    hook()\n", None),
        ] {
            let set = |name: &str| (name == "SET").then(|| "1".to_owned());
            assert_eq!(effects_of_module(source, &set), expected, "{source}");
        }
    }
}
