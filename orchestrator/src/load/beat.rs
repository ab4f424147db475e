//! Whether the process stood still: the longest time in which no thread looked at the clock although one was to run.

use std::sync::atomic::{AtomicU64, Ordering};

/// When any thread last looked at the clock. One for all threads: on too few processors a thread waits for the others, and the
/// load goes on all the same; a process that was stopped has no thread that looks.
#[derive(Debug, Default)]
pub(super) struct Beat {
    last_ns: AtomicU64,
}

impl Beat {
    /// Notes a look at the clock, and says for how long nobody had looked. What lies before `due_ns` does not count: until then
    /// there was nothing to do.
    pub(super) fn look(&self, now_ns: u64, due_ns: u64) -> u64 {
        // Two threads at once may exchange a later time for an earlier one; by less than they differ nothing is missed.
        let last_ns = self.last_ns.swap(now_ns, Ordering::Relaxed);
        now_ns.saturating_sub(last_ns.max(due_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_begins_with_the_last_look_of_anybody_or_when_something_was_to_be_done() {
        let beat = Beat::default();
        assert_eq!(beat.look(100, 90), 10, "ten late");
        assert_eq!(beat.look(150, 90), 50, "fifty since the last look");
        assert_eq!(beat.look(1_000, 990), 10, "a pause until 990");
        assert_eq!(beat.look(999, 0), 0, "another thread's look, a little earlier");
    }
}
