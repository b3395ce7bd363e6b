//! A Makefile as code.
//!
//! In: its source. Out: the calls of pip in its recipes.
//!
//! **Invariant:** each recipe begins on an unknown machine; what make itself would expand is no call.

use super::code::Code;
use super::machine::Machine;
use super::{Host, Install};

/// Reads the recipes: lines that begin with a tab, each for a shell of its own (GNU make, "Recipe Execution").
pub(super) fn installs(source: &str) -> Vec<Install> {
    let mut top = Machine::new(Host::Here);
    let mut machine = top.clone();
    let mut found = Vec::new();
    let mut at = 0;
    let mut lines = source.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        if let Some(recipe) = line.strip_prefix('\t') {
            let mut code = Code::default();
            let prefix = recipe.len() - recipe.trim_start_matches(['@', '-', '+', ' ', '\t']).len();
            push(&mut code, recipe.get(prefix..).unwrap_or_default(), start + 1 + prefix);
            let mut last = line;
            while last.trim_end_matches(['\n', '\r']).ends_with('\\') {
                let Some(next) = lines.next() else { break };
                push(&mut code, next.strip_prefix('\t').unwrap_or(next), at + usize::from(next.starts_with('\t')));
                at += next.len();
                last = next;
            }
            found.extend(machine.run(&code));
        } else if let Some(assigned) = line.trim_start().strip_prefix("export ") {
            let Some((name, value)) = assigned.split_once('=') else { continue };
            let mut code = Code::default();
            code.push(line.trim_end(), start);
            let name = name.trim_end_matches([' ', ':', '?', '+']);
            top.set(name, value.trim(), code.span(0, line.trim_end().len()));
            machine = top.clone();
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            // Another rule or an assignment: what one recipe did holds for no other.
            machine = top.clone();
        }
    }
    found
}

/// Adds what a shell gets of a line: `$$` is its dollar; what make expands is left as it is, and so not literal.
fn push(code: &mut Code, line: &str, start: usize) {
    let mut rest = 0;
    for (at, _) in line.match_indices("$$") {
        if at < rest {
            continue;
        }
        code.push(line.get(rest..at).unwrap_or_default(), start + rest);
        code.push_for('$', start + at);
        rest = at + 2;
    }
    code.push(line.get(rest..).unwrap_or_default(), start + rest);
}
