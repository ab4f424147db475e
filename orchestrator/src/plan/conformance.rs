//! The checks of `orchestrator verify`: small exact counts that a runner either gets right or not.

use super::builtin::RING_SIZE;
use super::spec::{
    Benchmark, LoadPattern, LoadShape, LoadSpec, Mechanism, ProgramType, Question, RunnerSettings, Syscall,
    Wakeup,
};

/// A prime: no batch, page or power of two explains it by accident.
pub const TRIGGERS: u64 = 23;
/// The smallest ring there is.
const SMALL_RING: u64 = 4096;
/// How many times a small ring's capacity is offered to force drops.
const OVERLOAD: u64 = 10;
/// A counted load is over at once; this only bounds one that is not.
const LOAD_LIMIT_NS: u64 = 10_000_000_000;

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is run.
    pub benchmark: Benchmark,
    /// Whether the runner is held while the load runs, so that the ring fills to its last record.
    pub hold_runner: bool,
    /// Events that must be attempted.
    pub attempted: u64,
    /// Events that must be submitted and received; the others must be dropped.
    pub submitted: u64,
}

/// All checks of one program type: batch 1 and 100, every wakeup policy, without and with drops.
#[must_use]
pub fn conformance_checks(program: &str, program_type: ProgramType) -> Vec<Check> {
    let mut checks = Vec::new();
    for batch in [1, 100] {
        for wakeup in [Wakeup::Adaptive, Wakeup::Sampled { bytes: 2048 }, Wakeup::WITHOUT] {
            for drops in [false, true] {
                checks.push(check(program, program_type, batch, wakeup, drops));
            }
        }
    }
    checks
}

fn check(program: &str, program_type: ProgramType, batch: u32, wakeup: Wakeup, drops: bool) -> Check {
    let ring_size = if drops { SMALL_RING } else { RING_SIZE };
    let runner = RunnerSettings { ring_size, record_size: 64, batch, wakeup, work: 0, latency: false };
    // The kernel keeps one byte free: a reservation fails when it would make the ring exactly full (kernel/bpf/ringbuf.c).
    let capacity = (ring_size - 1) / runner.slot_bytes();
    let triggers = if drops { (OVERLOAD * capacity).div_ceil(u64::from(batch)) } else { TRIGGERS };
    let attempted = triggers * u64::from(batch);
    let what = if drops { "drops" } else { "exact" };
    let benchmark = Benchmark {
        name: format!("{program_type} {what}, batch {batch}, wakeup {wakeup}"),
        question: Question::Saturation,
        program: program.to_owned(),
        program_type,
        attach_target: None,
        mechanism: Mechanism::RingBuffer,
        runner,
        load: LoadSpec {
            pattern: LoadPattern::Closed,
            shape: LoadShape::FailFast,
            syscall: Syscall::Openat2,
            threads: 1,
            duration_ns: LOAD_LIMIT_NS,
            count: Some(triggers),
        },
        metrics: Vec::new(),
        implementations: Vec::new(),
    };
    Check { benchmark, hold_runner: drops, attempted, submitted: attempted.min(capacity) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_checks_fit_and_drop_checks_do_not() {
        let checks = conformance_checks("x", ProgramType::Tracepoint);
        assert_eq!(checks.len(), 12);
        for check in checks {
            if check.hold_runner {
                // 56 slots of 72 bytes are 4,032 bytes; a 57th would need 4,104.
                assert_eq!(check.submitted, 56);
                assert!(check.attempted >= 560);
            } else {
                assert_eq!(check.attempted, 23 * u64::from(check.benchmark.runner.batch));
                assert_eq!(check.submitted, check.attempted);
            }
        }
    }
}
