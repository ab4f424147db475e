//! A fixed piece of CPU work, timed: it shows a processor that was slower than usual when a trial began.

use std::hint::black_box;
use std::time::Duration;

use bare_walk::{monotonic_ns, pin, thread_cpu_ns};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rounds of one chunk: about a millisecond on a processor of today.
const CHUNK: u64 = 1 << 20;

/// Chunks of a whole canary.
const CHUNKS: u64 = 24;

/// An emulated processor does what it can within this.
const LONGEST: Duration = Duration::from_millis(150);

/// What the piece of work took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canary {
    /// Where it ran; null: wherever the scheduler put it.
    pub cpu: Option<u32>,
    /// Rounds done, fewer than usual where they would have taken too long.
    pub rounds: u64,
    /// Time, nanoseconds. Time that the hypervisor or other processes took is part of it.
    pub duration_ns: u64,
    /// CPU time, nanoseconds.
    pub cpu_ns: u64,
}

impl Canary {
    /// Picoseconds a round: comparable where the number of rounds differs.
    #[must_use]
    pub fn ps_per_round(&self) -> Option<f64> {
        (self.rounds > 0).then(|| self.duration_ns as f64 * 1e3 / self.rounds as f64)
    }
}

/// Does the work on one processor, in a thread of its own, so that the caller's placement stays as it is.
#[must_use]
pub fn canary(cpu: Option<u32>) -> Option<Canary> {
    std::thread::spawn(move || {
        if let Some(cpu) = cpu {
            pin(cpu).ok()?;
        }
        Some(work(cpu))
    })
    .join()
    .ok()
    .flatten()
}

fn work(cpu: Option<u32>) -> Canary {
    let (start_ns, cpu_start_ns) = (monotonic_ns(), thread_cpu_ns());
    let mut x = 1_u64;
    let mut rounds = 0;
    for _ in 0..CHUNKS {
        for _ in 0..CHUNK {
            // Each step needs the one before, so that nothing but the clock rate decides.
            x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        }
        rounds += CHUNK;
        if Duration::from_nanos(monotonic_ns() - start_ns) >= LONGEST {
            break;
        }
    }
    let duration_ns = monotonic_ns() - start_ns;
    Canary { cpu, rounds, duration_ns, cpu_ns: thread_cpu_ns().saturating_sub(cpu_start_ns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_while_but_not_long() {
        let canary = canary(None).expect("no processor was asked for");
        assert!(canary.rounds >= CHUNK && canary.duration_ns > 100_000, "{canary:?}");
        assert!(canary.cpu_ns > 0 && canary.cpu_ns <= canary.duration_ns + 1_000_000, "{canary:?}");
        assert!(canary.ps_per_round().is_some_and(|ps| ps > 1.0));
    }

    #[test]
    fn a_processor_that_is_not_there_gives_none() {
        assert_eq!(canary(Some(1_000_000)), None);
    }
}
