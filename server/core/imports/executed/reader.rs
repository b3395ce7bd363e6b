//! The body of a module, statement by statement.
//!
//! In: a syntax tree, and [`Facts`]. Out: an [`Executed`].
//!
//! **Invariant:** a name that is called stands for every function of that name in the module, and may be called or not.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{ExceptHandler, Expr, Identifier, Stmt, StmtIf, StmtTry, StmtWith};
use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{Calls, called, imported_by, imported_by_call};
use super::{Ends, Executed, Facts, Function, Named, Step, Try, import, perhaps_of};
use crate::imports::collect::{catches_import_error, suppresses_import_error};
use crate::imports::decided::{decide, dotted};
use crate::imports::top_level;

/// What one module says so far.
pub(super) struct Reader<'a> {
    facts: &'a Facts,
    /// The bodies of functions, and of what runs when a class is called, by name.
    defined: FxHashMap<&'a str, Vec<&'a [Stmt]>>,
    /// What a name was given: another name, or the class of an object.
    meant: FxHashMap<&'a str, &'a str>,
    /// What comes from other modules.
    imported: BTreeMap<String, Named>,
    /// Modules by the names that they have here: leading dots, and the dotted name.
    modules: FxHashMap<&'a str, (u32, String)>,
    now: Part<'a>,
    is_in_function: bool,
}

/// What is read of one body.
#[derive(Debug, Clone, Default)]
struct Part<'a> {
    steps: Vec<Step>,
    called: BTreeSet<&'a str>,
    /// Called as a part of another module.
    elsewhere: BTreeSet<Named>,
}

/// Methods that run when a class is made or called.
const OF_CLASS: [&str; 6] = ["__init__", "__new__", "__call__", "__init_subclass__", "__set_name__", "__post_init__"];

impl<'a> Reader<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Reader {
            facts,
            defined: FxHashMap::default(),
            meant: FxHashMap::default(),
            imported: BTreeMap::new(),
            modules: FxHashMap::default(),
            now: Part::default(),
            is_in_function: false,
        }
    }

    pub(super) fn module(mut self, body: &'a [Stmt]) -> Executed {
        let own = self.part(body);
        self.is_in_function = true;
        let mut parts: FxHashMap<&str, Part<'_>> = FxHashMap::default();
        // Functions may be defined in functions.
        while let Some(name) = self.defined.keys().copied().find(|it| !parts.contains_key(it)) {
            let bodies = self.defined.get(name).cloned().unwrap_or_default();
            let mut whole = Part::default();
            for body in bodies {
                let part = self.part(body);
                whole.steps.extend(part.steps);
                whole.called.extend(part.called);
                whole.elsewhere.extend(part.elsewhere);
            }
            parts.insert(name, whole);
        }
        // What is written in C takes the place of a function of the same name.
        parts.retain(|name, _| !self.imported.contains_key(*name));
        let reached = |start: &Part<'a>| self.reached(start, &parts);
        let of_function = |(name, part): (&&str, &Part<'a>)| {
            let it = reached(part);
            (!it.steps.is_empty() || !it.calls.is_empty()).then(|| ((*name).to_owned(), it))
        };
        let functions = parts.iter().filter_map(of_function).collect();
        let Function { steps, calls } = reached(&own);
        Executed { steps, calls, functions, imported: self.imported }
    }

    /// Follows the calls of a part within its module.
    fn reached(&self, start: &Part<'a>, parts: &FxHashMap<&'a str, Part<'a>>) -> Function {
        let mut found = Function { steps: start.steps.clone(), calls: BTreeSet::new() };
        let mut elsewhere = start.elsewhere.clone();
        let mut done: FxHashSet<&str> = FxHashSet::default();
        let mut waiting: Vec<&str> = start.called.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            if !done.insert(name) {
                continue;
            }
            if let Some(part) = parts.get(name) {
                found.steps.extend(perhaps_of(part.steps.clone()));
                elsewhere.extend(part.elsewhere.iter().cloned());
                waiting.extend(&part.called);
            }
            waiting.extend(self.meant.get(name));
            elsewhere.extend(self.imported.get(name).cloned());
        }
        found.calls = elsewhere;
        found
    }

    fn part(&mut self, body: &'a [Stmt]) -> Part<'a> {
        let steps = self.steps(body);
        Part { steps, ..std::mem::take(&mut self.now) }
    }

    fn steps(&mut self, body: &'a [Stmt]) -> Vec<Step> {
        body.iter().flat_map(|statement| self.of_statement(statement)).collect()
    }

    fn of_statement(&mut self, statement: &'a Stmt) -> Vec<Step> {
        match statement {
            Stmt::Import(it) => {
                for alias in &it.names {
                    let (name, module) = match &alias.asname {
                        Some(name) => (name.as_str(), alias.name.as_str()),
                        None => (top_level(&alias.name), top_level(&alias.name)),
                    };
                    self.modules.insert(name, (0, module.to_owned()));
                }
                put_off(it.is_lazy, it.names.iter().map(|it| import(&it.name)).collect())
            }
            Stmt::ImportFrom(it) => {
                let module = it.module.as_ref().map(ToString::to_string).unwrap_or_default();
                for alias in &it.names {
                    let name = alias.asname.as_ref().map_or(alias.name.as_str(), Identifier::as_str);
                    let named = Named { level: it.level, module: module.clone(), name: alias.name.to_string() };
                    self.imported.insert(name.to_owned(), named);
                    // It may be a module as well.
                    let inside =
                        if module.is_empty() { alias.name.to_string() } else { format!("{module}.{}", alias.name) };
                    self.modules.insert(name, (it.level, inside));
                }
                let names = it.names.iter().map(|it| it.name.to_string()).collect();
                put_off(it.is_lazy, vec![Step::Import { level: it.level, module, names }])
            }
            Stmt::Try(it) => self.of_try(it),
            Stmt::With(it) => self.of_with(it),
            Stmt::If(it) => self.of_if(it),
            Stmt::FunctionDef(it) => {
                self.defined.entry(it.name.as_str()).or_default().push(&it.body);
                if self.is_in_function {
                    // A decorator and its like give it back to be called.
                    self.now.called.insert(it.name.as_str());
                }
                it.decorator_list.iter().for_each(|it| self.note_call(&it.expression));
                let defaults = it.parameters.iter_non_variadic_params().filter_map(|it| it.default());
                let decorators = it.decorator_list.iter().map(|it| &it.expression);
                decorators.chain(defaults).flat_map(|it| self.of_expression(it)).collect()
            }
            Stmt::ClassDef(it) => {
                let runs = it.body.iter().filter_map(|it| match it {
                    Stmt::FunctionDef(it) if OF_CLASS.contains(&it.name.as_str()) => Some(&*it.body),
                    _ => None,
                });
                self.defined.entry(it.name.as_str()).or_default().extend(runs);
                self.steps(&it.body)
            }
            Stmt::For(it) => {
                let mut found = self.of_expression(&it.iter);
                found.extend(perhaps_of([self.steps(&it.body), self.steps(&it.orelse)].concat()));
                found
            }
            Stmt::While(it) => perhaps_of([self.steps(&it.body), self.steps(&it.orelse)].concat()).collect(),
            Stmt::Match(it) => perhaps_of(it.cases.iter().flat_map(|it| self.steps(&it.body)).collect()).collect(),
            Stmt::Raise(it) => {
                let is_missing = it.exc.is_some() && catches_import_error(it.exc.as_deref().map(called));
                vec![Step::Raise(if is_missing { Ends::Missing } else { Ends::Otherwise })]
            }
            Stmt::Expr(it) => self.of_expression(&it.value),
            Stmt::Assign(it) => {
                if let ([Expr::Name(name)], Expr::Name(meant)) = (&*it.targets, called(&it.value)) {
                    self.meant.insert(name.id.as_str(), meant.id.as_str());
                }
                self.of_expression(&it.value)
            }
            Stmt::AnnAssign(it) => it.value.as_deref().map(|it| self.of_expression(it)).unwrap_or_default(),
            Stmt::AugAssign(it) => self.of_expression(&it.value),
            Stmt::Return(it) => it.value.as_deref().map(|it| self.of_expression(it)).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn of_if(&mut self, branches: &'a StmtIf) -> Vec<Step> {
        let others = branches.elif_else_clauses.iter().map(|it| (it.test.as_ref(), &*it.body));
        let mut perhaps = Vec::new();
        let mut is_open = false;
        for (test, body) in [(Some(&*branches.test), &*branches.body)].into_iter().chain(others) {
            if let Some(test) = test {
                perhaps.extend(self.of_expression(test));
            }
            match test.map_or(Some(true), |test| decide(test, self.facts)) {
                Some(false) => {}
                Some(true) if !is_open => return perhaps_of(perhaps).chain(self.steps(body)).collect(),
                Some(true) => {
                    perhaps.extend(self.steps(body));
                    break;
                }
                None => {
                    is_open = true;
                    perhaps.extend(self.steps(body));
                }
            }
        }
        perhaps_of(perhaps).collect()
    }

    fn of_try(&mut self, it: &'a StmtTry) -> Vec<Step> {
        let mut found = Try { body: self.steps(&it.body), ..Try::default() };
        for ExceptHandler::ExceptHandler(handler) in &it.handlers {
            let steps = self.steps(&handler.body);
            if found.if_missing.is_none() && catches_import_error(handler.type_.as_deref()) {
                found.if_missing = Some(steps);
            } else {
                found.other_handlers.push(steps);
            }
        }
        found.otherwise = self.steps(&it.orelse);
        found.finally = self.steps(&it.finalbody);
        vec![Step::Try(found)]
    }

    fn of_with(&mut self, it: &'a StmtWith) -> Vec<Step> {
        let mut found: Vec<Step> = it.items.iter().flat_map(|it| self.of_expression(&it.context_expr)).collect();
        let body = self.steps(&it.body);
        if it.items.iter().any(|it| suppresses_import_error(&it.context_expr)) {
            found.push(Step::Try(Try { body, if_missing: Some(Vec::new()), ..Try::default() }));
        } else {
            found.extend(body);
        }
        found
    }

    /// `f()` and `module.f()`; of an object's methods, those of the object itself and of one that was made here.
    fn note_call(&mut self, function: &'a Expr) {
        match called(function) {
            Expr::Name(it) => {
                self.now.called.insert(it.id.as_str());
            }
            Expr::Attribute(it) => {
                let Some(owner) = dotted(&it.value) else { return };
                let (first, rest) = owner.split_once('.').map_or((owner.as_str(), None), |(it, rest)| (it, Some(rest)));
                let is_own = matches!(first, "self" | "cls")
                    || self.meant.contains_key(first)
                    || self.defined.contains_key(first);
                if let Some((level, module)) = self.modules.get(first) {
                    let module = rest.map_or_else(|| module.clone(), |rest| format!("{module}.{rest}"));
                    self.now.elsewhere.insert(Named { level: *level, module, name: it.attr.to_string() });
                } else if rest.is_none() && is_own {
                    self.now.called.insert(it.attr.as_str());
                }
            }
            _ => {}
        }
    }

    /// Notes what is called; a module that is named in full may be imported by it.
    fn of_expression(&mut self, expression: &'a Expr) -> Vec<Step> {
        if let Some(module) = imported_by(expression) {
            return vec![import(module)];
        }
        let mut calls = Calls(Vec::new());
        calls.visit_expr(expression);
        calls.0.iter().for_each(|it| self.note_call(&it.func));
        let imported = calls.0.iter().filter_map(|it| imported_by_call(it)).map(import).collect();
        perhaps_of(imported).collect()
    }
}

/// A lazy import (PEP 810) is made when the name is first used, if ever.
fn put_off(is_lazy: bool, steps: Vec<Step>) -> Vec<Step> {
    if is_lazy { perhaps_of(steps).collect() } else { steps }
}
