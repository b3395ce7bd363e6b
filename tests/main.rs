//! The integration tests, in one binary: the fast ones first.

mod cases;
mod situations;
