//! One reading of procfs. Counters are cumulative; rates are computed later from two snapshots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::energy::PackageEnergy;

/// The runner's process tree at one moment. Unknown is null, never 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// Processes in the tree.
    pub processes: u32,
    /// CPU time in user mode, nanoseconds (clock-tick resolution).
    pub user_ns: Option<u64>,
    /// CPU time in kernel mode, nanoseconds (clock-tick resolution).
    pub system_ns: Option<u64>,
    /// CPU time, nanoseconds, exact (process CPU-time clock, else schedstat).
    pub cpu_ns: Option<u64>,
    /// Resident set, bytes.
    pub rss_bytes: Option<u64>,
    /// Peak resident set, bytes. Read with `private_bytes`.
    pub peak_rss_bytes: Option<u64>,
    /// Memory that is nobody else's and backed by no file, swapped or not: heap, stacks and written data, bytes. A buffer that it
    /// shares with the kernel is no part of it. Read every 500 ms, since the kernel walks through all of the memory.
    #[serde(default)]
    pub private_bytes: Option<u64>,
    /// Its share of all memory that it has mapped, bytes: what several mappings or processes share is divided among them.
    #[serde(default)]
    pub pss_bytes: Option<u64>,
    /// Virtual size, bytes.
    pub virtual_bytes: Option<u64>,
    /// Page faults without I/O.
    pub minor_faults: Option<u64>,
    /// Page faults with I/O.
    pub major_faults: Option<u64>,
    /// Voluntary context switches.
    pub voluntary_switches: Option<u64>,
    /// Involuntary context switches.
    pub involuntary_switches: Option<u64>,
    /// Threads.
    pub threads: Option<u32>,
}

/// The whole machine at one moment, cumulative since boot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineSnapshot {
    /// CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// Time the hypervisor gave to others, nanoseconds over all CPUs.
    pub steal_ns: Option<u64>,
    /// Time in soft interrupts, nanoseconds over all CPUs.
    pub softirq_ns: Option<u64>,
    /// Busy time, nanoseconds over all CPUs.
    pub busy_ns: Option<u64>,
    /// Load average over one minute.
    pub load_1m: Option<f64>,
    /// Time in which the machine was suspended since boot, nanoseconds; null in results of version 1.
    #[serde(default)]
    pub suspended_ns: Option<u64>,
    /// Energy counters of the processors' packages; empty where the machine has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub energy: Vec<PackageEnergy>,
}
