//! The figures that a trial has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parse::limit::Limit;

/// What went through one of several rings while measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RingFigures {
    /// The CPU whose records went there.
    pub cpu: u32,
    /// Records that were read.
    pub read: u64,
    /// Reservations that failed; null where it is unknown.
    pub dropped: Option<u64>,
    /// Most bytes that waited at a reading, record headers included.
    pub peak_backlog_bytes: u64,
}

/// Figures of one trial (docs/METHODOLOGY.md defines each).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Capacity: nanoseconds of the runner's CPU time an event, from the release of the load until the buffer was empty.
    pub cpu_ns_per_event: Option<f64>,
    /// Throughput: the highest rate that was carried without loss, events per second; at least that, where `limit` is the load.
    #[serde(default)]
    pub loss_free_per_sec: Option<f64>,
    /// Saturation: events per second delivered while the load ran.
    pub delivered_per_sec: Option<f64>,
    /// Events per second that the load caused.
    pub offered_per_sec: Option<f64>,
    /// Share of attempted events that were dropped.
    pub drop_ratio: Option<f64>,
    /// Wakeups an event: how often the consumer slept and was woken because there was data.
    pub wakeups_per_event: Option<f64>,
    /// Events a wakeup.
    pub events_per_wakeup: Option<f64>,
    /// Events attempted in the measured part.
    #[serde(default)]
    pub events_attempted: Option<u64>,
    /// Those of them that were dropped.
    #[serde(default)]
    pub events_dropped: Option<u64>,
    /// Those that were read.
    #[serde(default)]
    pub events_read: Option<u64>,
    /// Wakeups of the measured part, but for what came before its first `counters` message.
    #[serde(default)]
    pub wakeups: Option<u64>,
    /// Events read meanwhile.
    #[serde(default)]
    pub events_while_wakeups: Option<u64>,
    /// Most bytes that waited in the ring at a reading, record headers included.
    #[serde(default)]
    pub peak_backlog_bytes: Option<u64>,
    /// What limited the rate, and by how much. In results of version 1 `limited_by`, the word alone.
    #[serde(default, alias = "limited_by")]
    pub limit: Option<Limit>,
    /// CPU time of the load an event that it caused, nanoseconds; null where it waits for a schedule.
    #[serde(default)]
    pub load_ns_per_event: Option<f64>,
    /// The same while nobody was woken and nobody read, measured in the same trial.
    #[serde(default)]
    pub load_ns_per_event_alone: Option<f64>,
    /// Share of the load's CPU time beyond that: what wakeups, and a consumer that reads beside it, cost it.
    #[serde(default)]
    pub load_excess_share: Option<f64>,
    /// Open loop: share of the schedule's slots in which nothing was triggered.
    #[serde(default)]
    pub missed_share: Option<f64>,
    /// Open loop: share of the triggers that came more than one period late.
    #[serde(default)]
    pub late_share: Option<f64>,
    /// Open loop: median of the triggers' lateness, nanoseconds. It is no part of the latency.
    #[serde(default)]
    pub lateness_p50_ns: Option<u64>,
    /// The same, 99th percentile.
    #[serde(default)]
    pub lateness_p99_ns: Option<u64>,
    /// CPU time of the runner while the load ran, per cent of one core.
    pub runner_cpu_percent: Option<f64>,
    /// The same of the load generator; the BPF program's time is part of it.
    pub load_cpu_percent: Option<f64>,
    /// The same of the supervisor.
    pub supervisor_cpu_percent: Option<f64>,
    /// Peak resident set of the supervisor, bytes.
    pub supervisor_peak_rss_bytes: Option<u64>,
    /// The runner's CPU time in user mode while measured, nanoseconds (clock-tick resolution).
    pub user_ns: Option<u64>,
    /// The same in kernel mode.
    pub system_ns: Option<u64>,
    /// Peak resident set of the runner, bytes. The ring counts twice, once for each of its two mappings.
    pub peak_rss_bytes: Option<u64>,
    /// Most private memory of the runner, bytes: heap, stacks and written data, without the ring.
    #[serde(default)]
    pub private_bytes: Option<u64>,
    /// Its largest share of all memory that it has mapped, bytes; the ring counts once at most.
    #[serde(default)]
    pub pss_bytes: Option<u64>,
    /// Largest virtual size, bytes.
    pub virtual_bytes: Option<u64>,
    /// Memory of its maps, bytes: a ring's by its size, the others' as the kernel charges it.
    pub map_memory_bytes: Option<u64>,
    /// Page faults without I/O while measured.
    pub minor_faults: Option<u64>,
    /// Page faults with I/O while measured.
    pub major_faults: Option<u64>,
    /// Voluntary context switches while measured.
    pub voluntary_switches: Option<u64>,
    /// Involuntary context switches while measured.
    pub involuntary_switches: Option<u64>,
    /// Most threads seen.
    pub threads: Option<u32>,
    /// From spawn to `ready`, nanoseconds.
    pub time_to_ready_ns: Option<u64>,
    /// Cost: nanoseconds of the load's CPU time a trigger, that of the attached program included; of an open loop, which waits
    /// between triggers, nanoseconds from before the call to after it.
    #[serde(default)]
    pub load_ns_per_trigger: Option<f64>,
    /// Nanoseconds that one run of the BPF programs took, by the kernel's statistics; null unless they were on.
    #[serde(default)]
    pub bpf_run_ns: Option<f64>,
    /// Instructions that the verifier walked, over the programs of which the kernel says it.
    #[serde(default)]
    pub verified_instructions: Option<u64>,
    /// Native code of the programs, bytes.
    #[serde(default)]
    pub jited_bytes: Option<u64>,
    /// From spawn to `ready`, and from the first trigger until a record was read, nanoseconds; null unless that was looked for.
    #[serde(default)]
    pub first_event_ns: Option<u64>,
    /// From the request to stop until the runner was gone, nanoseconds.
    #[serde(default)]
    pub exit_ns: Option<u64>,
    /// Private memory of the runner at `ready`, bytes.
    #[serde(default)]
    pub private_at_rest_bytes: Option<u64>,
    /// Time of all CPUs in soft interrupts while measured, per cent of one core (clock-tick resolution).
    #[serde(default)]
    pub softirq_percent: Option<f64>,
    /// Triggers of the slowest thread of the load as a share of the mean of all; null of one alone.
    #[serde(default)]
    pub least_thread_share: Option<f64>,
    /// `delivered_per_sec` for each thread of the load, where the question is what more of them bring.
    #[serde(default)]
    pub delivered_per_thread: Option<f64>,
    /// Starvation: median delay of the records of the quiet ring, nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_p50_ns: Option<u64>,
    /// The same, 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_p99_ns: Option<u64>,
    /// Where each CPU has a ring: what was read from the ring that was read least, of those through which something went, as a share
    /// of their mean.
    #[serde(default)]
    pub least_ring_share: Option<f64>,
    /// Where each CPU has a ring: what went through each of them while measured, by CPU; those through which nothing went are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rings: Vec<RingFigures>,
    /// Energy of all processors' packages while measured, load and supervisor included, for each event read, joules; null where the
    /// machine does not count it.
    #[serde(default)]
    pub joules_per_event: Option<f64>,
    /// Files with code that the runner had mapped at `ready`: its program and shared objects.
    #[serde(default)]
    pub program_files: Option<u32>,
    /// Their sizes, bytes.
    #[serde(default)]
    pub program_bytes: Option<u64>,
    /// Open, verify, load, nanoseconds (the runner's word).
    pub load_ns: Option<u64>,
    /// Attach, nanoseconds (the runner's word).
    pub attach_ns: Option<u64>,
}
