//! The built runner against docs/PROTOCOL.md, from outside: the cases of the C runner.

/// The runner under test.
const RUNNER: &str = env!("CARGO_BIN_EXE_ringbuf_throughput");

#[path = "../../../c/tests/conformance/counting.rs"]
mod counting;
#[path = "../../../c/tests/conformance/delays.rs"]
mod delays;
#[path = "../../../c/tests/conformance/process.rs"]
mod process;
#[path = "../../../c/tests/conformance/surroundings.rs"]
mod surroundings;
