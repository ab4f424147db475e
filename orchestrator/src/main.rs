//! Builds, runs, checks and compares eBPF programs across frameworks.

fn main() {}
