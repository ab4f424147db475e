//! The built runner from outside, beyond what `orchestrator verify` asks of every runner.

/// The runner under test.
const RUNNER: &str = env!("CARGO_BIN_EXE_impl-c");

#[path = "conformance/counting.rs"]
mod counting;
#[path = "conformance/delays.rs"]
mod delays;
#[path = "conformance/edge.rs"]
mod edge;
#[path = "conformance/process.rs"]
mod process;
#[path = "conformance/surroundings.rs"]
mod surroundings;
