//! The whole machine: who else takes time.

use std::path::Path;

use nix::time::{ClockId, clock_gettime};
use procfs::{Current, CurrentSI};

use super::cpu_clock::monotonic_ns;
use super::energy::package_energy;
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
    snapshot.energy = package_energy(Path::new("/"));
    snapshot.suspended_ns = suspended_ns();
    snapshot.load_1m = procfs::LoadAverage::current().ok().map(|load| f64::from(load.one));
    snapshot
}

/// What `CLOCK_BOOTTIME` counts and CLOCK_MONOTONIC does not (`clock_gettime(2)`). The least of some readings: this process may be put
/// aside between the two clocks.
fn suspended_ns() -> Option<u64> {
    let read = || {
        let awake_ns = i128::from(monotonic_ns());
        let boot = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
        Some(i128::from(boot.tv_sec()) * 1_000_000_000 + i128::from(boot.tv_nsec()) - awake_ns)
    };
    let least = (0..3).filter_map(|_| read()).min()?;
    u64::try_from(least.max(0)).ok()
}

/// CPUs that are online; none where nobody says.
#[must_use]
pub fn online_cpus() -> Option<u32> {
    // SAFETY: a number, and no memory of ours.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    u32::try_from(count).ok().filter(|count| *count > 0)
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
        assert!(first.suspended_ns.is_some() && second.suspended_ns.is_some());
    }
}
