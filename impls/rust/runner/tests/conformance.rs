//! The built runner against docs/PROTOCOL.md, from outside: the cases of the C runner.

/// The runner under test.
const RUNNER: &str = env!("CARGO_BIN_EXE_ringbuf_throughput");
/// Its name in `hello`.
const IMPLEMENTATION: &str = "rust";

#[path = "../../../c/tests/conformance/command_line.rs"]
mod command_line;
#[path = "../../../c/tests/conformance/counting.rs"]
mod counting;
#[path = "../../../c/tests/conformance/delays.rs"]
mod delays;
#[path = "../../../c/tests/conformance/process.rs"]
mod process;
#[path = "../../../c/tests/conformance/stopping.rs"]
mod stopping;
#[path = "../../../c/tests/conformance/tracefs.rs"]
mod tracefs;
