//! The clock that the kernel side uses too: `bpf_ktime_get_ns` reads the same one.

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

#[cfg(test)]
mod tests {
    #[test]
    fn does_not_go_backwards() {
        let before = super::now_ns();
        assert!(before > 0 && super::now_ns() >= before);
    }
}
