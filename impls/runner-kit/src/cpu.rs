//! Pinning the runner to one CPU.

use crate::Failure;
use crate::failure::reason;
use std::io;
use std::mem::{size_of, zeroed};

/// The highest CPU number that `--cpu` takes.
pub const MAX: u32 = 4095;

/// A CPU set large enough for [`MAX`]; libc's own type ends at 1023.
#[derive(Clone, Copy)]
struct CpuSet([u64; (MAX as usize + 1) / 64]);

impl CpuSet {
    fn only(cpu: u32) -> Self {
        let mut set = Self([0; _]);
        set.0[cpu as usize / 64] = 1 << (cpu % 64);
        set
    }

    fn contains(&self, cpu: u32) -> bool {
        self.0[cpu as usize / 64] & (1 << (cpu % 64)) != 0
    }
}

/// Whether this process may run on the CPU (which must be at most [`MAX`]).
#[must_use]
pub fn allowed(cpu: u32) -> bool {
    // SAFETY: all bit patterns are valid for an array of integers.
    let mut set: CpuSet = unsafe { zeroed() };
    // SAFETY: the kernel writes at most the size given, into a set that is ours.
    let done = unsafe { libc::sched_getaffinity(0, size_of::<CpuSet>(), (&raw mut set).cast()) };
    done == 0 && set.contains(cpu)
}

/// Pins the calling thread, and every thread that it starts later, to the CPU.
pub fn pin(cpu: u32) -> Result<(), Failure> {
    let set = CpuSet::only(cpu);
    // SAFETY: the kernel reads at most the size given, from a set that is ours.
    let done = unsafe { libc::sched_setaffinity(0, size_of::<CpuSet>(), (&raw const set).cast()) };
    if done == 0 {
        return Ok(());
    }
    Err(Failure::internal(format!("cannot pin to CPU {cpu}: {}", reason(&io::Error::last_os_error()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_the_thread_to_a_cpu_that_it_may_use() {
        let cpu = (0..=MAX).find(|&cpu| allowed(cpu)).unwrap();
        pin(cpu).unwrap();
        assert!(allowed(cpu));
        assert_eq!((0..=MAX).filter(|&cpu| allowed(cpu)).count(), 1);
    }
}
