//! The integration tests, in one binary: the fast ones first.

mod cases;
mod client;
mod lifecycle;
mod lsp;
mod ordering;
mod protocol;
mod session;
mod situations;
mod watch;
