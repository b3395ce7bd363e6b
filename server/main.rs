//! The `fromwhere` program.
//!
//! In: what was typed. Out: an exit code; what was asked for on standard output, logs on standard error.
//!
//! **Invariant:** this is the only place where the command line and the language server meet.

use std::io;
use std::process::ExitCode;

use fromwhere::cli;
use fromwhere::cli::arguments::{Arguments, Command};
use tracing_subscriber::EnvFilter;

/// The environment variable that says how much to log, as `tracing` reads it: `debug`, `fromwhere::lsp=trace`.
const LOG_VARIABLE: &str = "FROMWHERE_LOG";

fn main() -> ExitCode {
    let arguments = match Arguments::of_this_process() {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let serves = matches!(arguments.command, None | Some(Command::Server(_)));
    log_to_stderr(serves, arguments.options.verbose);
    if serves { fromwhere::lsp::serve() } else { cli::run(&arguments) }
}

/// Starts logging where somebody asked for it; the server always logs its warnings.
fn log_to_stderr(serves: bool, verbose: u8) {
    let wanted = std::env::var(LOG_VARIABLE).ok().filter(|filter| !filter.is_empty());
    let filter = match (wanted, verbose) {
        (Some(filter), _) => filter,
        (None, 0) if serves => fromwhere::lsp::LOG_DEFAULT.to_owned(),
        (None, 0) => return,
        (None, 1) => "info".to_owned(),
        (None, _) => "debug".to_owned(),
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::builder().parse_lossy(filter))
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
}
