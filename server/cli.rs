//! The command line.
//!
//! In: the [`Arguments`] that were typed. Out: text on standard output, one line for each trouble on standard error, an
//! exit code: 0 nothing to report, 1 something to report, 2 a usage or internal error.
//!
//! **Invariant:** a command returns a [`Report`]; only this file prints, and a reader that has gone away ends it quietly.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::disk::Disk;
use arguments::{Arguments, Command};

pub mod arguments;
pub mod env;
pub mod why;

mod request;
mod terminal;

mod progress;
mod replace;

mod check;
mod completions;
mod rule;

mod json;
mod render;
mod tally;

/// What a command has to say.
#[derive(Debug, Default)]
struct Report {
    /// For standard output, line ends included: text, or a difference in the encoding of its files.
    output: Vec<u8>,
    /// For standard error: what could not be read as it was meant, one line each.
    remarks: Vec<String>,
    exit: Exit,
}

/// How a command ended; the greater one wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    #[default]
    Clean = 0,
    /// There is something to report, or the answer is a failure.
    Found = 1,
    /// The question could not be answered as it was asked.
    Failed = 2,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Written,
    /// The reader of a pipe has gone away, which is no error.
    Unread,
    /// Standard output takes no more, such as on a full disk.
    Failed,
}

/// Does what was asked.
pub fn run(arguments: &Arguments) -> ExitCode {
    let quiet = arguments.options.quiet;
    let exit = answer(arguments).unwrap_or_else(|error| {
        show(&Report { remarks: vec![format!("{error:#}")], exit: Exit::Failed, ..Report::default() }, quiet);
        Exit::Failed
    });
    match exit {
        Exit::Found if arguments.options.exit_zero => ExitCode::SUCCESS,
        exit => ExitCode::from(exit as u8),
    }
}

fn answer(arguments: &Arguments) -> anyhow::Result<Exit> {
    let options = &arguments.options;
    let system = Disk::of_this_process().context("the working directory cannot be read")?;
    // The process is about to end: to give back what was remembered, piece by piece, would only take time.
    let system = std::mem::ManuallyDrop::new(system);
    let system: &Disk = &system;
    let report = match &arguments.command {
        Some(Command::Check(asked)) if asked.watch => {
            return check::watch(system, options, asked, &|report| show(report, options.quiet));
        }
        Some(Command::Check(asked)) => check::run(system, options, asked)?,
        Some(Command::Env(asked)) => env::run(system, options, asked)?,
        Some(Command::Why(asked)) => why::run(system, options, asked)?,
        Some(Command::Rule(asked)) => rule::run(options, asked)?,
        Some(Command::Completions(asked)) => completions::run(asked),
        None | Some(Command::Server(_)) => Report::default(),
    };
    let shown = show(&report, options.quiet);
    Ok(if shown == Shown::Failed { Exit::Failed } else { report.exit })
}

/// Writes the remarks, then the output.
fn show(report: &Report, quiet: bool) -> Shown {
    let mut stderr = io::stderr().lock();
    if !quiet || report.exit == Exit::Failed {
        for remark in &report.remarks {
            // Nothing is left to tell where standard error itself is closed.
            let _ = writeln!(stderr, "fromwhere: {remark}");
        }
    }
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&report.output).and_then(|()| stdout.flush());
    match written {
        Ok(()) => Shown::Written,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Shown::Unread,
        Err(error) => {
            let _ = writeln!(stderr, "fromwhere: standard output: {error}");
            Shown::Failed
        }
    }
}
