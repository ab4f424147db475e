//! Reads procfs for the runner's process tree while it is measured.

mod snapshot;

pub use snapshot::{MachineSnapshot, Snapshot};
