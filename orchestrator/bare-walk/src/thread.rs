//! The calling thread: its clocks, and where it may run. Whoever times pieces of work needs them, and takes them from here.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

/// CPU time of the calling thread, nanoseconds.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    read(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// CLOCK_MONOTONIC now, nanoseconds: the clock of the protocol and of `bpf_ktime_get_ns`.
#[must_use]
pub fn monotonic_ns() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock).expect("every Linux has these two clocks");
    time.tv_sec().cast_unsigned() * 1_000_000_000 + time.tv_nsec().cast_unsigned()
}

/// Pins the calling thread to one processor.
///
/// # Errors
///
/// `EINVAL` where there is no such processor, or this process may not use it.
pub fn pin(cpu: u32) -> nix::Result<()> {
    let mut set = CpuSet::new();
    set.set(usize::try_from(cpu).map_err(|_| Errno::EINVAL)?)?;
    sched_setaffinity(Pid::from_raw(0), &set)
}
