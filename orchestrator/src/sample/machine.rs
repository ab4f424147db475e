//! The whole machine: who else takes time.

use procfs::{Current, CurrentSI};

use super::cpu_clock::monotonic_ns;
use super::snapshot::MachineSnapshot;

/// Reads /proc/stat and /proc/loadavg once.
#[must_use]
pub fn machine() -> MachineSnapshot {
    let mut snapshot = MachineSnapshot { t_ns: monotonic_ns(), ..MachineSnapshot::default() };
    let tick_ns = 1_000_000_000 / procfs::ticks_per_second();
    if let Ok(stat) = procfs::KernelStats::current() {
        let total = &stat.total;
        let softirq = total.softirq.unwrap_or(0);
        let irq = total.irq.unwrap_or(0);
        snapshot.steal_ns = total.steal.map(|ticks| ticks * tick_ns);
        snapshot.softirq_ns = total.softirq.map(|ticks| ticks * tick_ns);
        snapshot.busy_ns = Some((total.user + total.nice + total.system + irq + softirq) * tick_ns);
    }
    snapshot.load_1m = procfs::LoadAverage::current().ok().map(|load| f64::from(load.one));
    snapshot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_time_never_goes_back() {
        let first = machine();
        let second = machine();
        assert!(second.busy_ns >= first.busy_ns);
        assert!(first.busy_ns.is_some());
    }
}
