//! The `fromwhere` program.

fn main() {}
