//! Between two trials: waits until the last one has left nothing behind and the processors are quiet.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::canary::Canary;
use super::cpu_clock::monotonic_ns;
use super::proc_stat::busy_processors;

/// Processors are looked at over windows of this length.
const WINDOW: Duration = Duration::from_millis(40);

/// The wait is given up after this.
const LONGEST: Duration = Duration::from_millis(500);

/// Quiet: busy for at most this share of a window. The kernel counts in ticks of 10 ms, so that is one tick.
const BUSY_SHARE: f64 = 0.25;

/// The machine just before a trial.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quiet {
    /// How long it took to become quiet, nanoseconds.
    pub settle_ns: u64,
    /// Whether it did; false: the wait was given up after 500 ms.
    pub settled: bool,
    /// Loaded BPF programs and maps beyond those at the run's start; null where the kernel cannot be asked.
    pub leftover_bpf: Option<u32>,
    /// Busy share of the busiest of the trial's processors, by anyone, in the last 40 ms.
    pub busy_share: Option<f64>,
    /// A fixed piece of work on the runner's processor.
    pub canary: Option<Canary>,
}

/// Waits, at most half a second. `bpf_objects` counts what is loaded; `base` is the count to come back to. `cpus`: the
/// trial's processors; empty: all.
pub async fn settle(bpf_objects: impl Fn() -> Option<u32>, base: Option<u32>, cpus: &[u32]) -> Quiet {
    let start_ns = monotonic_ns();
    let (mut since_ns, mut before) = (start_ns, busy_ns(cpus));
    loop {
        sleep(WINDOW).await;
        let (now_ns, after) = (monotonic_ns(), busy_ns(cpus));
        let grown = |(number, after): (&u32, &u64)| Some(after.saturating_sub(*before.get(number)?));
        let busy_share = after.iter().filter_map(grown).max();
        let window_ns = now_ns.saturating_sub(since_ns).max(1);
        let busy_share = busy_share.map(|busy| (busy as f64 / window_ns as f64).min(1.0));
        (since_ns, before) = (now_ns, after);
        let leftover_bpf = bpf_objects().zip(base).map(|(now, base)| now.saturating_sub(base));
        let settle_ns = monotonic_ns() - start_ns;
        let settled =
            leftover_bpf.is_none_or(|left| left == 0) && busy_share.is_none_or(|share| share <= BUSY_SHARE);
        if settled || Duration::from_nanos(settle_ns) >= LONGEST {
            return Quiet { settle_ns, settled, leftover_bpf, busy_share, canary: None };
        }
    }
}

/// Time that each of these processors was not idle, stolen time included. Empty when the kernel does not say.
fn busy_ns(cpus: &[u32]) -> BTreeMap<u32, u64> {
    let mut busy = busy_processors();
    busy.retain(|number, _| cpus.is_empty() || cpus.contains(number));
    busy.into_iter().map(|(number, cpu)| (number, cpu.busy_ns + cpu.stolen_ns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn leftovers_are_waited_for_but_not_for_ever() {
        let quiet = settle(|| Some(7), Some(5), &[]).await;
        assert_eq!((quiet.settled, quiet.leftover_bpf), (false, Some(2)));
        assert!(quiet.settle_ns >= 500_000_000, "{quiet:?}");
    }

    #[tokio::test]
    async fn what_the_kernel_does_not_say_is_not_waited_for() {
        // No processor has this number, so nothing is busy.
        let quiet = settle(|| None, Some(5), &[u32::MAX]).await;
        assert_eq!((quiet.settled, quiet.leftover_bpf, quiet.busy_share), (true, None, None));
        assert!(quiet.settle_ns < 500_000_000, "{quiet:?}");
    }
}
