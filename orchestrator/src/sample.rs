//! Reads procfs for the runner's process tree while it is measured.

mod awake;
mod canary;
mod cpu_clock;
mod energy;
mod first_read;
mod glances;
mod machine;
mod mappings;
mod namespaces;
mod proc_stat;
mod process;
mod program_files;
mod settle;
mod snapshot;
mod strangers;
mod thread_use;
mod threads;
mod walk;

pub use awake::{Awake, Pauses};
pub use canary::{Canary, canary};
pub use cpu_clock::{monotonic_ns, process_cpu_ns, tree_cpu_ns};
pub use energy::{PackageEnergy, joules_between, package_energy};
pub use first_read::FirstRead;
pub use glances::{Glancer, Glances};
pub use machine::{machine, online_cpus};
pub use mappings::Mappings;
pub use namespaces::Namespaces;
pub use proc_stat::{Busy, busy_processors};
pub use process::{all_asleep, children_of, reaped, tree, tree_snapshot};
pub use program_files::{ProgramFiles, program_files};
pub use settle::{Quiet, settle};
pub use snapshot::{MachineSnapshot, Snapshot};
pub use strangers::{Census, Stranger};
pub use thread_use::{ThreadUse, thread_uses};
pub use threads::{ThreadPlace, cpu_list, policy_name, thread_places};
pub use walk::{Walk, WalkSpec, walk};
