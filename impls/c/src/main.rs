//! The C runner.
fn main() {}
