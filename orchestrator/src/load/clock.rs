//! `CLOCK_MONOTONIC`, and waiting for a moment on it.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};

/// The clock, in nanoseconds, and the CPU time of the calling thread.
pub(super) use bare_walk::{monotonic_ns as now_ns, thread_cpu_ns};

/// Nanoseconds in a second.
pub(super) const SECOND_NS: u64 = 1_000_000_000;

/// The last part of a wait that is spun through. A sleep overshoots by 15 to 70 µs on an idle virtual machine.
pub(super) const SPIN_NS: u64 = 200_000;

/// The longest single sleep: how late a waiting thread may notice that it should stop.
const MAX_SLEEP_NS: u64 = 20_000_000;

/// Waits for a moment: sleeps as long as it is further away than `spin_ns`, then spins.
///
/// Returns the reading of the clock that ended the wait (never before `t_ns`; later when the moment had already passed), or
/// nothing if `stop` was set first.
pub(super) fn wait_until(t_ns: u64, spin_ns: u64, stop: &AtomicBool) -> Option<u64> {
    while !stop.load(Ordering::Relaxed) {
        let now = now_ns();
        if now >= t_ns {
            return Some(now);
        }
        if t_ns - now > spin_ns {
            sleep_until((t_ns - spin_ns).min(now + MAX_SLEEP_NS));
        }
    }
    None
}

fn sleep_until(t_ns: u64) {
    let seconds = i64::try_from(t_ns / SECOND_NS).expect("the clock counts from boot");
    let request = TimeSpec::new(seconds, (t_ns % SECOND_NS).cast_signed());
    // A sleep that ends early is harmless: the caller looks at the clock.
    clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::TIMER_ABSTIME, &request).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_ends_at_the_moment_or_later() {
        let go_on = AtomicBool::new(false);
        for (distance, spin) in [(0, SPIN_NS), (50_000, SPIN_NS), (1_000_000, SPIN_NS), (1_000_000, 0)] {
            let moment = now_ns() + distance;
            assert!(wait_until(moment, spin, &go_on).expect("not stopped") >= moment);
        }
    }

    #[test]
    fn wait_gives_up_when_stopped() {
        assert_eq!(wait_until(u64::MAX, SPIN_NS, &AtomicBool::new(true)), None);
    }
}
