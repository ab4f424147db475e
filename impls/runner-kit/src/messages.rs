//! What a runner says to a supervisor, one JSON object a line, and to a person.

use crate::Failure;
use crate::args::Output;
use crate::identity::Identity;
use crate::tally::Totals;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write as _};
use std::iter::Sum;

/// What loading and attaching came to.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// Kernel id of the attached program.
    pub program_ids: Vec<u32>,
    /// Kernel ids of all the maps that it uses, each once.
    pub map_ids: Vec<u32>,
    /// Time to open, verify and load.
    pub load_ns: u64,
    /// Time to attach.
    pub attach_ns: u64,
}

/// The program's own counters, summed over CPUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct KernelCounters {
    /// Records that it tried to produce.
    pub attempted: u64,
    /// Records handed to the consumer.
    pub submitted: u64,
    /// Reservations that failed.
    pub dropped: u64,
    /// The sum of the marks of those, modulo 2^64.
    pub dropped_marks: u64,
}

impl Sum for KernelCounters {
    fn sum<I: Iterator<Item = Self>>(cpus: I) -> Self {
        cpus.fold(Self::default(), |sum, cpu| Self {
            attempted: sum.attempted + cpu.attempted,
            submitted: sum.submitted + cpu.submitted,
            dropped: sum.dropped + cpu.dropped,
            dropped_marks: sum.dropped_marks.wrapping_add(cpu.dropped_marks),
        })
    }
}

/// What was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Summary {
    /// From `ready` to the decision to stop.
    pub(crate) elapsed_ns: u64,
    #[serde(flatten)]
    pub(crate) kernel: KernelCounters,
    /// Always 0: a ring buffer cannot lose.
    pub(crate) lost: u64,
    #[serde(flatten)]
    pub(crate) user: Totals,
    /// Sleeps that ended because there was data.
    pub(crate) wakeups: u64,
    /// The encoded histogram of delays.
    pub(crate) latency: Option<String>,
    /// The ring buffers, where each CPU has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rings: Option<Vec<RingSummary>>,
    /// What had been read when it was decided to stop, without what was drained: what the report's rates are of.
    #[serde(skip)]
    pub(crate) at_stop: Totals,
}

/// What was read of one ring buffer among several.
#[derive(Debug, Clone, Serialize)]
pub struct RingSummary {
    pub(crate) cpu: u32,
    pub(crate) received: u64,
    pub(crate) latency: Option<String>,
}

/// A message; docs/PROTOCOL.md says when and what of.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message<'a> {
    Hello {
        protocol_version: u32,
        #[serde(flatten)]
        identity: Identity,
        pid: u32,
    },
    Ready {
        #[serde(flatten)]
        ready: &'a Ready,
        program_type: &'a str,
        attach_target: &'a str,
    },
    Counters {
        t_ns: u64,
        received: u64,
        bytes: u64,
        wakeups: u64,
    },
    Summary(&'a Summary),
    Error(&'a Failure),
}

impl Output {
    /// Says it to a supervisor, if there is one.
    pub(crate) fn say(self, message: &Message<'_>) -> Result<(), Failure> {
        if self == Self::Text {
            return Ok(());
        }
        let line = serde_json::to_string(message)
            .map_err(|error| Failure::internal("cannot encode a message", &error))?;
        print(&format!("{line}\n"))
    }

    /// Says why nothing was measured, on standard error too.
    pub(crate) fn fail(self, failure: &Failure) {
        complain(format_args!("error: {failure}\n"));
        if let Some(hint) = failure.hint {
            complain(format_args!("\nhint: {hint}\n"));
        }
        // The exit status still tells when not even this can be written.
        self.say(&Message::Error(failure)).ok();
    }
}

/// Writes and flushes, so that a supervisor sees every line at once.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::internal("cannot write to standard output", &error))
}

/// Writes to standard error.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    // There is nowhere left to tell that standard error is closed.
    io::stderr().write_fmt(text).ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn nested_messages_are_one_object_of_exact_numbers() {
        let user = Totals { received: 23, bytes: 1472, marks: u64::MAX };
        let summary =
            serde_json::to_value(Message::Summary(&Summary { user, ..Summary::default() })).unwrap();
        assert_eq!((&summary["type"], summary["marks"].as_u64()), (&"summary".into(), Some(u64::MAX)));
        let failure =
            Failure { kind: Kind::Internal, message: "a \"quoted\"\tname\\".to_owned(), hint: None };
        let line = r#"{"type":"error","kind":"internal","message":"a \"quoted\"\tname\\","hint":null}"#;
        assert_eq!(serde_json::to_string(&Message::Error(&failure)).unwrap(), line);
    }

    #[test]
    fn sums_counters_over_cpus() {
        let cpu = KernelCounters { attempted: 3, submitted: 2, dropped: 1, dropped_marks: u64::MAX };
        let sum = KernelCounters { attempted: 6, submitted: 4, dropped: 2, dropped_marks: u64::MAX - 1 };
        assert_eq!([cpu, cpu].into_iter().sum::<KernelCounters>(), sum);
    }
}
