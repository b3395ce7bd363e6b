//! How much of the oracle is run: a part of every kind within a minute, or the whole.
//!
//! In: `FROMWHERE_ORACLE`, which `tests/run` sets. Out: whether it says `whole`.
//!
//! **Invariant:** the part has something of every kind in it; where CI=true the part keeps what is promised, too.

use std::io::Write as _;

/// Tells whether everything is to be asked: every Python, every environment, a thousand random ones.
pub(crate) fn is_whole() -> bool {
    match std::env::var("FROMWHERE_ORACLE").as_deref() {
        Ok("whole") => true,
        Ok("" | "part") | Err(_) => false,
        Ok(other) => panic!("FROMWHERE_ORACLE is {other:?}; it can be \"part\" or \"whole\""),
    }
}

/// Tells whether a tool that is missing, or a zoo that is too small, is an error.
pub(crate) fn is_strict() -> bool {
    std::env::var("CI").as_deref() == Ok("true")
}

/// Returns the number that a variable says, or another one.
pub(crate) fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(said) => said.parse().unwrap_or_else(|_| panic!("{variable} is {said:?}, which is no number")),
        Err(_) => otherwise,
    }
}

/// Says on standard error what was compared, also where the test passes and its output is not shown.
pub(crate) fn report(what: &str) {
    writeln!(std::io::stderr(), "{what}").expect("standard error is open");
}
