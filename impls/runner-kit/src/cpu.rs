//! Pinning the runner to one CPU.

use crate::Failure;
use std::io;

/// The highest CPU number that `--cpu` takes.
pub const MAX: u32 = 4095;

/// A CPU set large enough for [`MAX`]; libc's own type ends at 1023.
type CpuSet = [u64; (MAX as usize + 1) / 64];

/// Whether this process may run on the CPU (which must be at most [`MAX`]).
#[must_use]
pub fn allowed(cpu: u32) -> bool {
    let mut set: CpuSet = [0; _];
    // SAFETY: the kernel writes at most the size given, into a set that is ours.
    let done = unsafe { libc::sched_getaffinity(0, size_of::<CpuSet>(), (&raw mut set).cast()) };
    done == 0 && set[cpu as usize / 64] & (1 << (cpu % 64)) != 0
}

/// Pins the calling thread, and every thread that it starts later, to the CPU.
pub fn pin(cpu: u32) -> Result<(), Failure> {
    let mut set: CpuSet = [0; _];
    set[cpu as usize / 64] = 1 << (cpu % 64);
    // SAFETY: the kernel reads at most the size given, from a set that is ours.
    match unsafe { libc::sched_setaffinity(0, size_of::<CpuSet>(), (&raw const set).cast()) } {
        0 => Ok(()),
        _ => Err(Failure::internal(&format!("cannot pin to CPU {cpu}"), &io::Error::last_os_error())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_the_thread_to_a_cpu_that_it_may_use() {
        let cpu = (0..=MAX).find(|&cpu| allowed(cpu)).unwrap();
        pin(cpu).unwrap();
        assert_eq!((0..=MAX).filter(|&cpu| allowed(cpu)).collect::<Vec<_>>(), [cpu]);
    }
}
