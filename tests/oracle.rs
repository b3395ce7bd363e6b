//! The oracle: real interpreters are asked what they think, and the static answer must be equal.
//!
//! In: the Pythons of this machine, environments built by venv, virtualenv and uv in a temporary directory. Out: no
//! difference in `sys.path`, prefixes, user site, compiled-in and frozen modules, suffixes.
//!
//! **Invariant:** 100 % equal, and no list of exceptions.

#![expect(clippy::unwrap_used, reason = "what a test cannot set up ends it")]
#![expect(clippy::print_stderr, reason = "what could not be compared has to be seen")]

pub(crate) mod compare;
pub(crate) mod environments;
pub(crate) mod python;
pub(crate) mod tools;

mod configurations;
mod editables;
mod getpath;
mod modules;
mod path_files;
mod plain;
mod random;
mod refusals;
