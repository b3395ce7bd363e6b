//! The oracle: real interpreters are asked what they think, and the static answer must be equal.
//!
//! In: the Pythons of this machine, and environments built by every tool, by hand and by chance, in temporary directories.
//! Out: no difference in `sys.path`, prefixes, user site, what is compiled in, suffixes, and the spec of every module.
//!
//! **Invariant:** 100 % equal, and no list of exceptions. `FROMWHERE_ORACLE=whole` asks for all of it, else a part is asked.

#![expect(clippy::unwrap_used, reason = "what a test cannot set up ends it")]
#![expect(clippy::print_stderr, reason = "what could not be compared has to be seen")]

pub(crate) mod compare;
pub(crate) mod environments;
pub(crate) mod python;
pub(crate) mod scope;
pub(crate) mod tools;

mod editables;
mod getpath;
mod random;
mod refusals;
mod requirements;
mod unbuilt;
mod verdicts;
mod zoo;
