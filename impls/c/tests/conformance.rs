//! The built runner against docs/PROTOCOL.md, from outside.

/// The runner under test.
const RUNNER: &str = env!("CARGO_BIN_EXE_impl-c");
/// Its name in `hello`.
const IMPLEMENTATION: &str = "c";

#[path = "conformance/command_line.rs"]
mod command_line;
#[path = "conformance/counting.rs"]
mod counting;
#[path = "conformance/delays.rs"]
mod delays;
#[path = "conformance/edge.rs"]
mod edge;
#[path = "conformance/process.rs"]
mod process;
#[path = "conformance/stopping.rs"]
mod stopping;
#[path = "conformance/tracefs.rs"]
mod tracefs;
