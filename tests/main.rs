//! The integration tests, in one binary: the fast ones first.

mod answers;
mod cases;
mod cli;
mod client;
mod configuration;
mod cost;
mod editor;
mod lifecycle;
mod lsp;
mod never_executes;
mod oracle;
mod ordering;
mod protocol;
mod scanner;
mod session;
mod situations;
mod tidy;
mod walk;
mod watch;
