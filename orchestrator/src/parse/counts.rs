//! What was counted in one trial, by whom ever counted it. Unknown is null, never 0.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts of one trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Triggers that the load generator issued, to warm up and measured.
    pub issued: Option<u64>,
    /// Those of them of which the program makes records; null in older results: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u64>,
    /// Runs of the BPF programs that the kernel skipped; other processes' triggers may be among them.
    pub missed: Option<u64>,
    /// Records that the BPF program tried to produce.
    pub attempted: Option<u64>,
    /// Records that it handed over.
    pub submitted: Option<u64>,
    /// Reservations that failed.
    pub dropped: Option<u64>,
    /// Sum of the marks of those, modulo 2^64.
    #[serde(default)]
    pub dropped_marks: Option<u64>,
    /// Records that the kernel told the consumer it had lost (perf buffer).
    pub lost: Option<u64>,
    /// Records that the consumer read.
    pub received: Option<u64>,
    /// Bytes of them, without the kernel's headers.
    pub bytes: Option<u64>,
    /// Sum of the marks that the consumer read, modulo 2^64.
    #[serde(default)]
    pub marks: Option<u64>,
    /// Results of version 1 only: sum of sequence numbers modulo 2^64, in the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_kernel: Option<u64>,
    /// Results of version 1 only: the same in user space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_user: Option<u64>,
    /// How often the consumer was woken because there was data.
    pub wakeups: Option<u64>,
    /// The runner's own measuring time, nanoseconds.
    pub elapsed_ns: Option<u64>,
}
