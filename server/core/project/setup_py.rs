//! What `setup.py` hands to `setup()`, as far as it is written out.
//!
//! In: the file's text. Out: name, `requires-python` and dependencies, added to a [`Project`].
//!
//! **Invariant:** nothing is run and nothing is computed: a list counts where it is a literal, or the name of one that is
//! assigned once in the module; an item that is no string is left out.

use camino::Utf8Path;
use ruff_python_ast::{Expr, ExprCall, Stmt, StringLiteralValue};
use ruff_text_size::Ranged as _;

use super::declared::{Declared, Part};
use super::import_roots::root_of_package;
use super::insertion::{Form, Insertion, Written};
use super::requirement::normalize_name;
use super::{Project, RequiresPython};
use crate::imports;
use crate::text::{Range, Span, Text};

/// What the file says beside what it declares.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// It says all there is: no list in it is computed.
    pub(super) complete: bool,
    /// Where the modules lie, and the lines that say so, from 1.
    pub(super) folders: Vec<(String, u32)>,
}

/// Adds what the file declares.
pub(super) fn read(path: &Utf8Path, text: &Text, project: &mut Project) -> Told {
    let found = imports::with_module(text.source(), |body| {
        let told = Told { complete: true, folders: Vec::new() };
        let mut reader = Reader { path, text, body, project: &mut *project, told };
        let call = body.iter().find_map(setup_call)?;
        reader.setup(call);
        Some(reader.told)
    });
    found.flatten().unwrap_or_default()
}

/// How `install_requires` is written.
pub(super) enum List {
    /// As a list that takes one more requirement.
    Written(Insertion),
    /// In a way that does not, in this line, from 1.
    Computed(u32),
    /// Not at all; where it could be, and whether `setup()` is given nothing else by name.
    Absent { insertion: Option<Insertion>, is_bare: bool },
}

/// Finds the list of requirements.
pub(super) fn list(path: &Utf8Path, text: &Text) -> List {
    let found = imports::with_module(text.source(), |body| {
        let reader = Reader { path, text, body, project: &mut Project::default(), told: Told::default() };
        let call = body.iter().find_map(setup_call)?;
        let is_it = |name: &ruff_python_ast::Identifier| name.as_str() == "install_requires";
        let keywords = &call.arguments.keywords;
        if let Some(keyword) = keywords.iter().find(|it| it.arg.as_ref().is_some_and(is_it)) {
            let written = reader.written(reader.followed(&keyword.value)).and_then(|it| it.insertion(path, text));
            return Some(written.map_or_else(|| List::Computed(reader.line(&keyword.value)), List::Written));
        }
        // `setup(**arguments)` may hold it.
        if let Some(keyword) = keywords.iter().find(|it| it.arg.is_none()) {
            return Some(List::Computed(reader.line(&keyword.value)));
        }
        let span = |it: ruff_text_size::TextRange| Span::new(it.start().to_u32(), it.end().to_u32());
        let last = call.arguments.iter_source_order().last().map(|it| span(it.range()));
        let written = Written { whole: span(call.arguments.range()), last, form: Form::Quoted };
        let insertion = written.insertion(path, text).map(|it| Insertion {
            prefix: format!("{}install_requires=[", it.prefix),
            suffix: format!("]{}", it.suffix),
            ..it
        });
        Some(List::Absent { insertion, is_bare: keywords.is_empty() })
    });
    // A call that is made elsewhere, or a file that is none of Python.
    found.flatten().unwrap_or(List::Computed(1))
}

/// Returns where one more requirement goes into `install_requires`, which is made where it is missing.
pub(super) fn insertion(path: &Utf8Path, text: &Text) -> Option<Insertion> {
    match list(path, text) {
        List::Written(found) => Some(found),
        List::Computed(_) => None,
        List::Absent { insertion, .. } => insertion,
    }
}

struct Reader<'a> {
    path: &'a Utf8Path,
    text: &'a Text,
    body: &'a [Stmt],
    project: &'a mut Project,
    told: Told,
}

impl<'a> Reader<'a> {
    fn setup(&mut self, call: &'a ExprCall) {
        // `setup(**arguments)` may hold anything.
        self.told.complete = call.arguments.keywords.iter().all(|it| it.arg.is_some());
        for keyword in &call.arguments.keywords {
            let Some(name) = keyword.arg.as_ref().map(ruff_python_ast::Identifier::as_str) else { continue };
            let value = self.followed(&keyword.value);
            match (name, value) {
                ("name", Expr::StringLiteral(it)) if self.project.name.is_none() => {
                    self.project.name = Some(normalize_name(it.value.to_str()));
                }
                ("python_requires", Expr::StringLiteral(it)) if self.project.requires_python.is_none() => {
                    let (specifiers, path) = (it.value.to_str().to_owned(), self.path.to_owned());
                    let range = self.range(value);
                    self.project.requires_python = Some(RequiresPython { specifiers, path, range });
                }
                ("install_requires", list) => self.list(list, &Part::Main),
                ("tests_require", list) => self.list(list, &Part::Other),
                ("extras_require", Expr::Dict(dict)) => {
                    for item in &dict.items {
                        match &item.key {
                            Some(Expr::StringLiteral(key)) => {
                                let part = Part::Extra(normalize_name(key.value.to_str()));
                                self.list(self.followed(&item.value), &part);
                            }
                            _ => self.told.complete = false,
                        }
                    }
                }
                ("extras_require", _) => self.told.complete = false,
                ("package_dir", Expr::Dict(dict)) => {
                    for item in &dict.items {
                        if let (Some(Expr::StringLiteral(package)), Expr::StringLiteral(folder)) =
                            (&item.key, &item.value)
                        {
                            let root = root_of_package(package.value.to_str(), folder.value.to_str());
                            self.told.folders.extend(root.map(|it| (it.to_owned(), self.line(&item.value))));
                        }
                    }
                }
                ("packages", Expr::Call(call)) if is_search(&call.func) => {
                    if let Some(where_ @ Expr::StringLiteral(folder)) = call.arguments.find_argument_value("where", 0) {
                        self.told.folders.push((folder.value.to_str().to_owned(), self.line(where_)));
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds the strings of a list, or the lines of one string, as setuptools takes both.
    fn list(&mut self, list: &'a Expr, part: &Part) {
        let items = match list {
            Expr::List(it) => it.elts.as_slice(),
            Expr::Tuple(it) => it.elts.as_slice(),
            Expr::StringLiteral(_) => std::slice::from_ref(list),
            _ => {
                self.told.complete = false;
                return;
            }
        };
        for item in items {
            let Expr::StringLiteral(it) = self.followed(item) else {
                self.told.complete = false;
                continue;
            };
            let range = self.range(item);
            for line in lines(&it.value) {
                self.project.dependencies.extend(Declared::read(line, self.path, range, part.clone()));
            }
        }
    }

    /// Follows a name to its assignment, where there is exactly one and the name is not changed afterwards.
    fn followed(&self, expression: &'a Expr) -> &'a Expr {
        let Expr::Name(name) = expression else { return expression };
        let is_it = |target: &Expr| matches!(target, Expr::Name(it) if it.id == name.id);
        let mut assigned = self.body.iter().filter_map(|statement| match statement {
            Stmt::Assign(it) if it.targets.iter().any(is_it) => Some(Some(&*it.value)),
            Stmt::AnnAssign(it) if is_it(&it.target) => Some(it.value.as_deref()),
            // `requires += […]`, `requires.append(…)`
            Stmt::AugAssign(it) if is_it(&it.target) => Some(None),
            Stmt::Expr(it) => match &*it.value {
                Expr::Call(call) => match &*call.func {
                    Expr::Attribute(attribute) if is_it(&attribute.value) => Some(None),
                    _ => None,
                },
                _ => None,
            },
            // A branch or a loop may change it as well.
            Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Try(_) | Stmt::With(_) => {
                may_change(self.text.source().get(std::ops::Range::from(statement.range()))?, name.id.as_str())
                    .then_some(None)
            }
            _ => None,
        });
        match (assigned.next(), assigned.next()) {
            (Some(Some(value)), None) => value,
            _ => expression,
        }
    }

    /// Returns how a list is written; a tuple may have no brackets, and one item in brackets is none.
    fn written(&self, list: &Expr) -> Option<Written> {
        let (items, is_tuple) = match list {
            Expr::List(it) => (it.elts.as_slice(), false),
            Expr::Tuple(it) if it.parenthesized => (it.elts.as_slice(), true),
            _ => return None,
        };
        let span = |it: &Expr| Span::new(it.range().start().to_u32(), it.range().end().to_u32());
        let last = items.last().map(span);
        if last.is_none() && is_tuple {
            return None;
        }
        let is_single =
            |it: Span| self.text.source().get(it.start as usize..it.end as usize)?.ends_with('\'').then_some(());
        let form = if last.and_then(is_single).is_some() { Form::SingleQuoted } else { Form::Quoted };
        Some(Written { whole: span(list), last, form })
    }

    fn line(&self, expression: &Expr) -> u32 {
        self.range(expression).start.line + 1
    }

    fn range(&self, expression: &Expr) -> Range {
        let range = expression.range();
        self.text.range(Span::new(range.start().to_u32(), range.end().to_u32()))
    }
}

/// `find_packages`, `find_namespace_packages`, `PEP420PackageFinder.find`.
fn is_search(function: &Expr) -> bool {
    match function {
        Expr::Name(name) => name.id.starts_with("find_"),
        Expr::Attribute(attribute) => attribute.attr.starts_with("find"),
        _ => false,
    }
}

/// Tells whether the text of a block may change a name: it stands there with anything behind it but the end of an
/// argument.
fn may_change(block: &str, name: &str) -> bool {
    block.match_indices(name).any(|(at, _)| {
        let rest = block.get(at + name.len()..).unwrap_or_default();
        let is_longer = rest.starts_with(|it: char| it.is_alphanumeric() || it == '_');
        !is_longer && !rest.trim_start().starts_with([',', ')'])
    })
}

fn lines(value: &StringLiteralValue) -> impl Iterator<Item = &str> {
    value.to_str().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Finds `setup(…)` or `setuptools.setup(…)` at module level or below an `if`.
fn setup_call(statement: &Stmt) -> Option<&ExprCall> {
    match statement {
        Stmt::Expr(it) => match &*it.value {
            Expr::Call(call) => {
                let is_it = match &*call.func {
                    Expr::Name(name) => name.id == "setup",
                    Expr::Attribute(attribute) => attribute.attr.as_str() == "setup",
                    _ => false,
                };
                is_it.then_some(call)
            }
            _ => None,
        },
        Stmt::If(it) => it.body.iter().find_map(setup_call),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(source: &str) -> (Vec<String>, bool) {
        let mut project = Project::default();
        let Told { complete, .. } = read("/p/setup.py".into(), &Text::new(source.to_owned()), &mut project);
        let said = project.dependencies.iter();
        (said.map(|it| format!("{}:{} {:?}", it.requirement, it.range.start.line + 1, it.part)).collect(), complete)
    }

    #[test]
    fn literals_count_and_nothing_else() {
        let source = "import setuptools\nneeds = ['six>=1']\nif __name__ == '__main__':\n  setuptools.setup(name='x',\n    \
                      install_requires=needs, extras_require={'a': ('b',\n 'c')}, python_requires='>=3.8')\n";
        let expected = ["six>=1:2 Main", "b:5 Extra(\"a\")", "c:6 Extra(\"a\")"].map(str::to_owned).to_vec();
        assert_eq!(declared(source), (expected, true));
        for (arguments, expected, complete) in [
            ("install_requires=['a', read('b'), f'c{x}']", &["a:1 Main"][..], false),
            ("install_requires=[line for line in open('x')]", &[], false),
            ("install_requires='a\\n# b\\nc>1'", &["a:1 Main", "c>1:1 Main"], true),
            ("**arguments", &[], false),
            ("name='x'", &[], true),
        ] {
            let expected = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(declared(&format!("setup({arguments})\n")), (expected, complete), "{arguments}");
        }
        for changed in ["needs += ['b']", "needs.append('b')", "if x:\n  needs = []", "needs = []"] {
            let source = format!("needs = ['a']\n{changed}\nsetup(install_requires=needs)\n");
            assert_eq!(declared(&source), (Vec::new(), false), "{changed}");
        }
        for broken in ["", "setup(", "def setup(): pass\n", &"(".repeat(100_000)] {
            assert_eq!(declared(broken), (Vec::new(), false));
        }
    }

    #[test]
    fn the_folders_of_the_modules_are_told() {
        let source = "from setuptools import find_packages, setup\nsetup(\n  packages=find_packages('lib'),\n  \
                      package_dir={'': 'lib',\n    'x.y': 'other/x/y', 'z': 'elsewhere', **more, 'w': path})\n";
        let folders =
            |source: &str| read("/p/setup.py".into(), &Text::new(source.to_owned()), &mut Project::default()).folders;
        let expected = [("lib", 3), ("lib", 4), ("other", 5)].map(|(folder, line)| (folder.to_owned(), line));
        assert_eq!(folders(source), expected);
        assert_eq!(folders("setup(packages=setuptools.find_namespace_packages(where='p'))"), [("p".to_owned(), 1)]);
        assert_eq!(folders("setup(packages=find_packages(include=['a']), package_dir=computed())"), []);
    }
}
