//! What was typed.
//!
//! In: the process's arguments. Out: [`Arguments`], or an exit code after help, version or a usage error was printed.
//!
//! **Invariant:** nothing is looked up on the disk here; `request` says what the words mean.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use fromwhere_core::rules::Rule;

/// Tells where each Python import comes from, without running Python.
#[derive(Debug, Parser)]
#[command(
    name = "fromwhere",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 nothing to report, 1 warnings or errors, 2 a usage or internal error."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Serve the Language Server Protocol, as `server` does
    #[arg(long, hide = true)]
    pub stdio: bool,
    #[command(flatten)]
    pub options: Options,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report imports that do not come from where they should
    Check(Check),
    /// Show the environment in force, how it was chosen, and its import roots
    Env(Env),
    /// Tell where modules come from
    Why(Why),
    /// Explain a rule, or list them all
    Rule(RuleAsked),
    /// Run the language server on standard input and output
    Server(Server),
    /// Print shell completions
    Completions(Completions),
}

/// What every command accepts, before its name or after it.
#[derive(Debug, Args)]
pub struct Options {
    /// The interpreter, or the folder of an environment; wins over everything
    #[arg(long, global = true, value_name = "PATH")]
    pub python: Option<String>,
    /// The one configuration file to read
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<Utf8PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true)]
    pub isolated: bool,
    /// Apply these rules only
    #[arg(long, global = true, value_name = "CODE", value_delimiter = ',', value_parser = rule_code(), hide_possible_values = true)]
    pub select: Vec<Rule>,
    /// Leave these rules out
    #[arg(long, global = true, value_name = "CODE", value_delimiter = ',', value_parser = rule_code(), hide_possible_values = true)]
    pub ignore: Vec<Rule>,
    /// How to print; `env`, `why` and `rule` know text and json
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub output_format: OutputFormat,
    /// When to use color
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Print no summary and no remarks
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more; repeat it for more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Exit with 0 also where there is something to report
    #[arg(long, global = true)]
    pub exit_zero: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Text,
    Concise,
    Json,
    Github,
    Gitlab,
    Sarif,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Files and directories; the working directory where none is named
    pub paths: Vec<Utf8PathBuf>,
    /// Apply the fixes that say what was surely meant, then report what is left
    #[arg(long)]
    pub fix: bool,
    /// Show what `--fix` would change as a unified diff, and change nothing
    #[arg(long, conflicts_with = "statistics")]
    pub diff: bool,
    /// Check again whenever something changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    pub watch: bool,
    /// Show how often each rule fired instead of where
    #[arg(long)]
    pub statistics: bool,
}

#[derive(Debug, Args)]
pub struct Env {
    /// The project's directory; the working directory's project where none is named
    #[arg(long, value_name = "DIR")]
    pub project: Option<Utf8PathBuf>,
    /// Answer for this file: for the Python that its shebang or its `script` block names
    #[arg(long, value_name = "FILE", conflicts_with = "project")]
    pub file: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct Why {
    /// Dotted module names; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "MODULE")]
    pub modules: Vec<String>,
    /// Answer for this file: its project, and its own folder's modules first
    #[arg(long, value_name = "FILE")]
    pub file: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct RuleAsked {
    /// The rule's code; all rules are listed where none is named
    #[arg(value_parser = rule_code(), hide_possible_values = true)]
    pub code: Option<Rule>,
}

#[derive(Debug, Args)]
pub struct Server {
    /// Speak on standard input and output, which is the only way there is
    #[arg(long)]
    pub stdio: bool,
    /// The editor's process, as some editors append it; the protocol's own `processId` is what counts
    #[arg(long = "clientProcessId", hide = true, value_name = "ID")]
    pub client_process: Option<i64>,
}

#[derive(Debug, Args)]
pub struct Completions {
    pub shell: clap_complete::Shell,
}

impl Arguments {
    /// Reads this process's arguments; prints help and usage errors itself.
    pub fn of_this_process() -> Result<Self, ExitCode> {
        let parsed = Arguments::try_parse().and_then(|arguments| {
            if arguments.command.is_none() && !arguments.stdio {
                let kind = clap::error::ErrorKind::MissingSubcommand;
                let mut command = <Arguments as clap::CommandFactory>::command();
                return Err(command.error(kind, "a command is missing; `fromwhere --help` lists them"));
            }
            Ok(arguments)
        });
        parsed.map_err(|error| {
            // A reader that has gone away does not want the help any more.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        })
    }
}

/// Reads a rule's code; a misspelled one is answered with the nearest.
fn rule_code() -> impl TypedValueParser<Value = Rule> {
    PossibleValuesParser::new(Rule::ALL.iter().map(|rule| rule.code()))
        .try_map(|code| Rule::from_code(&code).ok_or("no rule has this code"))
}
