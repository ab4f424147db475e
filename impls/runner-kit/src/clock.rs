//! The clock that the kernel side uses too: `bpf_ktime_get_ns` reads the same one.

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

#[cfg(test)]
mod tests {
    #[test]
    fn sleeps_until_its_time() {
        let end = super::now_ns() + 2_000_000;
        super::sleep_until(end);
        assert!(super::now_ns() >= end);
    }

    #[test]
    fn does_not_go_backwards() {
        let before = super::now_ns();
        assert!(before > 0 && super::now_ns() >= before);
    }
}
