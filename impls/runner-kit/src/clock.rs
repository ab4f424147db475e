//! Time: the clock that the kernel side uses too (`bpf_ktime_get_ns` reads the same one), the beat of the `counters`
//! messages, and whether this thread slept.

use std::mem::{replace, zeroed};
use std::ptr::null_mut;

/// `CLOCK_MONOTONIC` in nanoseconds.
#[must_use]
#[inline]
pub fn now_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is ours to write, and this clock exists on every Linux, so the call cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    // Neither part is ever negative on this clock.
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// Does a step; answers how long it took, in nanoseconds, besides.
pub fn timed<T>(step: impl FnOnce() -> T) -> (T, u64) {
    let start_ns = now_ns();
    let done = step();
    (done, now_ns() - start_ns)
}

/// Returns at that time of the clock, or when a signal comes.
pub fn sleep_until(end_ns: u64) {
    let time = libc::timespec {
        tv_sec: (end_ns / 1_000_000_000).cast_signed(),
        tv_nsec: (end_ns % 1_000_000_000).cast_signed(),
    };
    // The standard library's sleep goes on after a signal.
    // SAFETY: `time` outlives the call, which writes nothing when the time is absolute.
    unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &raw const time, null_mut()) };
}

/// Nanoseconds between two `counters` messages.
const BEAT_NS: u64 = 100_000_000;

/// Beats at multiples of 100 ms after its start: late beats do not move the later ones, and beats that were missed
/// altogether are not made up for.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// When the next beat is due.
    pub(crate) next_ns: u64,
}

impl Ticker {
    /// A ticker whose first beat is one interval after `start_ns`.
    pub(crate) fn new(start_ns: u64) -> Self {
        Self { next_ns: start_ns + BEAT_NS }
    }

    /// Whether a beat is due; if so, moves on to the next.
    pub(crate) fn due(&mut self, now_ns: u64) -> bool {
        let Some(late) = now_ns.checked_sub(self.next_ns) else { return false };
        self.next_ns += (late / BEAT_NS + 1) * BEAT_NS;
        true
    }

    /// How long to wait for data: until a beat, but not one that is close. A beat in the middle of a burst would wake a
    /// consumer that then chases the producer record by record; it comes late instead, with the wakeup at the burst's end.
    pub(crate) fn longest_wait_ns(&self, now_ns: u64) -> u64 {
        let wait_ns = self.next_ns.saturating_sub(now_ns);
        if wait_ns < BEAT_NS / 2 { wait_ns + BEAT_NS } else { wait_ns }
    }
}

/// Counts how often this thread gave its CPU away, from one look to the next: what tells a wait that slept from one that
/// returned at once.
///
/// One look a wait is enough: between two waits a consumer only reads memory. After anything else that may have slept,
/// such as writing a message, one more look leaves that out.
#[derive(Debug)]
pub(crate) struct Naps {
    seen: libc::c_long,
}

impl Naps {
    /// Counts from now on.
    pub(crate) fn new() -> Self {
        Self { seen: voluntary_switches() }
    }

    /// Whether there was one since the last look.
    pub(crate) fn any(&mut self) -> bool {
        let now = voluntary_switches();
        replace(&mut self.seen, now) != now
    }
}

fn voluntary_switches() -> libc::c_long {
    // SAFETY: zero is valid for every field.
    let mut usage: libc::rusage = unsafe { zeroed() };
    // SAFETY: `usage` is ours to write. It cannot fail for one's own thread.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    usage.ru_nvcsw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_lasts_until_its_time_and_is_a_nap() {
        let mut naps = Naps::new();
        let end = now_ns() + 2_000_000;
        sleep_until(end);
        assert!(now_ns() >= end);
        assert!(naps.any());
        assert!(!naps.any());
    }

    #[test]
    fn beats_on_an_absolute_schedule_and_leaves_out_those_that_were_missed() {
        let mut ticker = Ticker::new(7);
        assert!(!ticker.due(6 + BEAT_NS));
        assert!(ticker.due(7 + BEAT_NS + 30));
        assert_eq!(ticker.next_ns, 7 + 2 * BEAT_NS);
        assert!(!ticker.due(7 + BEAT_NS + 40));
        assert!(ticker.due(7 + 5 * BEAT_NS));
        assert_eq!(ticker.next_ns, 7 + 6 * BEAT_NS);
    }
}
