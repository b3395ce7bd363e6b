//! `fromwhere completions SHELL`.
//!
//! In: the name of a shell. Out: its completion script.
//!
//! **Invariant:** made from the same definition that reads the arguments, so the two cannot differ.

use clap::CommandFactory as _;

use super::Report;
use super::arguments::{Arguments, Completions};

pub(super) fn run(asked: &Completions) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Arguments::command(), "fromwhere", &mut script);
    Report { output: script, ..Report::default() }
}
