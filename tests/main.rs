//! The integration tests, in one binary: the fast ones first.

mod situations;
