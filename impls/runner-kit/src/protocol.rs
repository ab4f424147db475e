//! The messages to a supervisor, one JSON object a line.

use crate::Failure;
use crate::stage::{KernelCounters, Stopped};
use crate::tally::Totals;
use serde::Serialize;

/// The version of the protocol that these messages belong to.
pub const VERSION: u32 = 2;

/// A message; the order of the fields is the order in the line.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message<'a> {
    /// At start.
    Hello {
        /// [`VERSION`].
        protocol_version: u32,
        /// Name of the implementation.
        implementation: &'a str,
        /// Name of its framework.
        framework: &'a str,
        /// Version of its framework.
        framework_version: &'a str,
        /// This process.
        pid: u32,
    },
    /// Attached, about to read.
    Ready {
        /// Kernel id of the attached program.
        program_ids: &'a [u32],
        /// Kernel ids of the maps that it uses.
        map_ids: &'a [u32],
        /// Time to open, verify and load.
        load_ns: u64,
        /// Time to attach.
        attach_ns: u64,
        /// The program type really used.
        program_type: &'a str,
        /// The attach target really used.
        attach_target: &'a str,
    },
    /// Every 100 ms; all cumulative.
    Counters {
        /// `CLOCK_MONOTONIC`.
        t_ns: u64,
        /// Records read.
        received: u64,
        /// Their payloads' length.
        bytes: u64,
        /// Sleeps that ended because there was data.
        wakeups: u64,
    },
    /// At the end.
    Summary(Summary),
    /// Instead of a summary.
    Error {
        /// [`crate::failure::Kind`].
        kind: &'a str,
        /// What happened.
        message: &'a str,
        /// What to do about it.
        hint: Option<&'a str>,
    },
}

/// What was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// From `ready` to the decision to stop.
    pub elapsed_ns: u64,
    /// Records that the program tried to produce.
    pub attempted: u64,
    /// Records handed to the consumer.
    pub submitted: u64,
    /// Reservations that failed.
    pub dropped: u64,
    /// The sum of the marks of those, modulo 2^64.
    pub dropped_marks: u64,
    /// Always 0: a ring buffer cannot lose.
    pub lost: u64,
    /// Records read.
    pub received: u64,
    /// Their payloads' length.
    pub bytes: u64,
    /// The sum of the marks of records read, modulo 2^64.
    pub marks: u64,
    /// Sleeps that ended because there was data.
    pub wakeups: u64,
    /// The encoded histogram of delays.
    pub latency: Option<String>,
    /// What had been read when it was decided to stop, without what was drained: what the report's rates are of.
    #[serde(skip)]
    pub at_stop: Totals,
}

impl Summary {
    /// Puts both sides' numbers together.
    #[must_use]
    pub fn new(
        Stopped { elapsed_ns, wakeups, totals: at_stop }: Stopped,
        kernel: KernelCounters,
        user: Totals,
        latency: Option<String>,
    ) -> Self {
        Self {
            elapsed_ns,
            attempted: kernel.attempted,
            submitted: kernel.submitted,
            dropped: kernel.dropped,
            dropped_marks: kernel.dropped_marks,
            lost: 0,
            received: user.received,
            bytes: user.bytes,
            marks: user.marks,
            wakeups,
            latency,
            at_stop,
        }
    }
}

impl<'a> From<&'a Failure> for Message<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self::Error { kind: failure.kind().as_str(), message: failure.message(), hint: failure.hint() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_shared_lines_byte_for_byte() {
        let kernel =
            KernelCounters { attempted: 25, submitted: 23, dropped: 2, dropped_marks: 12_884_901_888 };
        let user = Totals { received: 23, bytes: 1472, marks: u64::MAX };
        let stopped = Stopped { elapsed_ns: 10_000_000_000, wakeups: 5, totals: Totals::default() };
        let (unsupported, internal) = (Failure::no_kprobes(), Failure::internal("a \"quoted\"\tname\\"));
        let messages = [
            Message::Hello {
                protocol_version: VERSION,
                implementation: "example",
                framework: "example-bpf",
                framework_version: "1.2.3",
                pid: 4242,
            },
            Message::Ready {
                program_ids: &[7],
                map_ids: &[11, 12, 13],
                load_ns: 2_500_000,
                attach_ns: 40_000,
                program_type: "tracepoint",
                attach_target: "syscalls/sys_enter_openat2",
            },
            Message::Counters { t_ns: 123_456_789_012, received: 23, bytes: 1472, wakeups: 5 },
            Message::Summary(Summary::new(stopped, kernel, user, None)),
            Message::from(&unsupported),
            Message::from(&internal),
        ];
        let lines: String =
            messages.iter().map(|message| serde_json::to_string(message).unwrap() + "\n").collect();
        assert_eq!(lines, include_str!("../../testdata/protocol.jsonl"));
    }
}
