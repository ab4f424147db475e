//! Waits for the moment in which a consumer reads its first record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::monotonic_ns;

/// Between two looks: what the moment is off by at most, beside what a timer is late. Start-up takes milliseconds.
const GAP: Duration = Duration::from_micros(20);

/// A thread that looks until something was read, or until it is told to stop or dropped.
#[derive(Debug)]
pub struct FirstRead {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Option<u64>>>,
}

impl FirstRead {
    /// Begins to look; `consumed` says what has been read by now. None where no thread is to be had.
    #[must_use]
    pub fn start(consumed: impl FnMut() -> u64 + Send + 'static) -> Option<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let look = move || look(consumed, &stopped);
        let thread = thread::Builder::new().name("first read".into()).spawn(look).ok()?;
        Some(Self { stop, thread: Some(thread) })
    }

    /// Looks no more; answers when something was first seen to be read, CLOCK_MONOTONIC nanoseconds.
    #[must_use]
    pub fn stop(mut self) -> Option<u64> {
        self.end()
    }

    fn end(&mut self) -> Option<u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take()?.join().ok()?
    }
}

impl Drop for FirstRead {
    fn drop(&mut self) {
        let _seen = self.end();
    }
}

fn look(mut consumed: impl FnMut() -> u64, stop: &AtomicBool) -> Option<u64> {
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
    let before = consumed();
    while !stop.load(Ordering::Relaxed) {
        if consumed() != before {
            return Some(monotonic_ns());
        }
        thread::sleep(GAP);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn the_moment_of_the_first_read_is_seen_and_none_where_nothing_is_read() {
        let read = Arc::new(AtomicU64::new(7));
        let seen = Arc::clone(&read);
        let first = FirstRead::start(move || seen.load(Ordering::Relaxed)).expect("a thread");
        thread::sleep(Duration::from_millis(20));
        let before_ns = monotonic_ns();
        read.store(8, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
        let seen_ns = first.stop().expect("it was read");
        assert!(seen_ns >= before_ns, "{seen_ns} {before_ns}");
        let nothing = FirstRead::start(|| 7).expect("a thread");
        assert_eq!(nothing.stop(), None);
    }
}
