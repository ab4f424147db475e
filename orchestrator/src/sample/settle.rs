//! Between two trials: waits until the last one has left nothing behind and the processors are quiet.

use std::time::Duration;

use procfs::CurrentSI;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::canary::Canary;
use super::cpu_clock::monotonic_ns;

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
    let mut before = busy_ns(cpus);
    loop {
        sleep(WINDOW).await;
        let after = busy_ns(cpus);
        let busy_share = before.iter().zip(&after).map(|(before, after)| after.saturating_sub(*before)).max();
        let busy_share = busy_share.map(|busy| (busy as f64 / WINDOW.as_nanos() as f64).min(1.0));
        before = after;
        let leftover_bpf = bpf_objects().zip(base).map(|(now, base)| now.saturating_sub(base));
        let settle_ns = monotonic_ns() - start_ns;
        let settled =
            leftover_bpf.is_none_or(|left| left == 0) && busy_share.is_none_or(|share| share <= BUSY_SHARE);
        if settled || Duration::from_nanos(settle_ns) >= LONGEST {
            return Quiet { settle_ns, settled, leftover_bpf, busy_share, canary: None };
        }
    }
}

/// Time that each processor was not idle, stolen time included, in clock ticks. Empty when the kernel does not say.
fn busy_ns(cpus: &[u32]) -> Vec<u64> {
    let tick_ns = 1_000_000_000 / procfs::ticks_per_second();
    let Ok(stat) = procfs::KernelStats::current() else { return Vec::new() };
    let chosen =
        |index: usize| cpus.is_empty() || u32::try_from(index).is_ok_and(|index| cpus.contains(&index));
    stat.cpu_time
        .iter()
        .enumerate()
        .filter(|(index, _)| chosen(*index))
        .map(|(_, cpu)| {
            let others = [cpu.irq, cpu.softirq, cpu.steal].into_iter().flatten().sum::<u64>();
            (cpu.user + cpu.nice + cpu.system + others) * tick_ns
        })
        .collect()
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
