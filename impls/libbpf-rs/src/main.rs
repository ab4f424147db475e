//! The libbpf-rs runner.
fn main() {}
