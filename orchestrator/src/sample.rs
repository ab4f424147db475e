//! Reads procfs for the runner's process tree while it is measured.

mod awake;
mod canary;
mod cpu_clock;
mod environment;
mod machine;
mod namespaces;
mod process;
mod settle;
mod snapshot;
mod walk;

pub use awake::{Awake, Pauses};
pub use canary::{Canary, canary};
pub use cpu_clock::{monotonic_ns, process_cpu_ns, tree_cpu_ns};
pub use environment::{Environment, Warning};
pub use machine::machine;
pub use namespaces::Namespaces;
pub use process::{all_asleep, children_of, tree, tree_snapshot};
pub use settle::{Quiet, settle};
pub use snapshot::{MachineSnapshot, Snapshot};
pub use walk::{Walk, WalkSpec, walk};
