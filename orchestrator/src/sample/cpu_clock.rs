//! Exact clocks. `/proc/<pid>/stat` counts CPU time in ticks of 10 ms; a process's CPU-time clock counts nanoseconds and
//! includes threads (not processes) that have ended, which is what capacity divides by.

use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

pub use bare_walk::monotonic_ns;

/// CPU time of one process, all its threads, nanoseconds; none when it is gone.
#[must_use]
pub fn process_cpu_ns(pid: u32) -> Option<u64> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?);
    read(clock_getcpuclockid(pid).ok()?)
}

/// CPU time of several living processes; none when the first (the root of the tree) is gone. That of children that have ended is in
/// none of these clocks: the runner's control group has it.
#[must_use]
pub fn tree_cpu_ns(pids: &[u32]) -> Option<u64> {
    let (root, rest) = pids.split_first()?;
    Some(process_cpu_ns(*root)? + rest.iter().filter_map(|pid| process_cpu_ns(*pid)).sum::<u64>())
}

fn read(clock: ClockId) -> Option<u64> {
    let time = clock_gettime(clock).ok()?;
    let seconds = u64::try_from(time.tv_sec()).ok()?;
    let nanoseconds = u64::try_from(time.tv_nsec()).ok()?;
    Some(seconds * 1_000_000_000 + nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_cpu_time_grows_with_work() {
        let before = process_cpu_ns(std::process::id()).unwrap();
        let mut x = 1_u64;
        for i in 0..2_000_000_u64 {
            x = std::hint::black_box(x.wrapping_mul(31).wrapping_add(i));
        }
        assert!(process_cpu_ns(std::process::id()).unwrap() > before);
    }

    #[test]
    fn unknown_process_is_none_not_zero() {
        assert_eq!(process_cpu_ns(4_194_304), None);
        assert_eq!(tree_cpu_ns(&[]), None);
    }
}
