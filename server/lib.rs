//! fromwhere, outside its pure core: the disk, the command line, the language server.
//!
//! **Invariant:** the two faces, `cli` and `lsp`, use the same core and never each other.

pub mod disk;
mod native;
pub mod source;
pub mod walk;
pub mod watch;

pub mod cli;
pub mod lsp;
