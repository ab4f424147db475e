//! Keeps one processor awake while bursts are measured, and watches how fast it is.
//!
//! Between two bursts the consumer has nothing to do. Its processor would go to sleep, a hypervisor would lend it to a
//! neighbour, and the next burst would begin on a slow clock and cold caches: an effect of our pauses, not of the consumer. A
//! thread that runs only when nobody else wants the processor (`SCHED_IDLE`) prevents that. What it does in the meantime is a
//! fixed piece of work, so that it sees each time when a neighbour on the same core slows everything down.
//!
//! The children inherit this process's session and control group. Otherwise the scheduler would share the processor between
//! groups before it looks at the policy of a thread (sched(7), autogroup).

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use bare_walk::{pin, thread_cpu_ns};
use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rounds of one piece of work: some 40 µs, short against a burst.
const ROUNDS: u64 = 20_000;

/// A piece counts as slow when it takes so many hundredths of a quick one's CPU time.
const SLOW_PERCENT: u64 = 105;

/// A quick piece: one at this percentile. The very quickest is a piece of which the hypervisor's account took too much away.
const QUICK_PERCENTILE: f64 = 10.0;

/// Longest CPU time of a piece that is told apart, nanoseconds.
const LONGEST_NS: u64 = 100_000_000;

/// A thread that keeps a processor awake until it is told to stop or dropped.
#[derive(Debug)]
pub struct Awake {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Pauses>>,
}

/// What the pauses showed of the processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pauses {
    /// The processor.
    pub cpu: u32,
    /// CPU time of the thread that kept it awake, nanoseconds: what nobody else wanted.
    pub cpu_ns: u64,
    /// Pieces of work done.
    pub pieces: u64,
    /// CPU time of a quick piece, nanoseconds: a tenth of them took no longer.
    pub quick_ns: u64,
    /// Pieces that took more than 1.05 times as long as a quick one: something else used the same core.
    pub slow_pieces: u64,
}

impl Pauses {
    /// Share of the pieces that were slow.
    #[must_use]
    pub fn slow_share(&self) -> Option<f64> {
        (self.pieces > 0).then(|| self.slow_pieces as f64 / self.pieces as f64)
    }
}

impl Awake {
    /// Keeps a processor awake; none where a thread cannot be given the idle policy or the processor.
    #[must_use]
    pub fn keep(cpu: u32) -> Option<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = thread::Builder::new()
            .name("awake".into())
            .spawn(move || {
                let prepared = only_when_idle().and_then(|()| pin(cpu).ok());
                // The receiver waits for it.
                ready.send(prepared.is_some()).ok();
                match prepared {
                    Some(()) => work(cpu, &stopped),
                    None => Pauses::default(),
                }
            })
            .ok()?;
        let kept = Self { stop, thread: Some(thread) };
        is_ready.recv().ok()?.then_some(kept)
    }

    /// Lets the processor sleep again.
    #[must_use]
    pub fn stop(mut self) -> Option<Pauses> {
        self.end()
    }

    fn end(&mut self) -> Option<Pauses> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take()?.join().ok()
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        let _pauses = self.end();
    }
}

fn work(cpu: u32, stop: &AtomicBool) -> Pauses {
    let mut pieces = Histogram::<u32>::new_with_bounds(1, LONGEST_NS, 3).expect("the bounds are valid");
    let start_ns = thread_cpu_ns();
    let mut before_ns = start_ns;
    loop {
        piece();
        let now_ns = thread_cpu_ns();
        pieces.saturating_record(now_ns - before_ns);
        before_ns = now_ns;
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    let quick_ns = pieces.value_at_percentile(QUICK_PERCENTILE);
    let slow_pieces = pieces.count_between(quick_ns * SLOW_PERCENT / 100 + 1, u64::MAX);
    Pauses { cpu, cpu_ns: before_ns - start_ns, pieces: pieces.len(), quick_ns, slow_pieces }
}

/// Several independent chains of cheap operations: they fill a core's units, so that a neighbour on its other thread shows.
fn piece() {
    let (mut a, mut b, mut c, mut d) = (0x9E37_79B9_7F4A_7C15_u64, 1_u64, 2_u64, 3_u64);
    for round in 0..ROUNDS {
        a ^= a << 13;
        a ^= a >> 7;
        a ^= a << 17;
        b = b.wrapping_mul(3).wrapping_add(a);
        c = c.wrapping_mul(5).wrapping_add(round);
        d ^= c.wrapping_add(d >> 3);
    }
    black_box((a, b, c, d));
}

/// Gives the calling thread the policy under which it runs only when nothing else wants its processor.
fn only_when_idle() -> Option<()> {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the parameters outlive the call; 0 means the calling thread.
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
    (result == 0).then_some(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn works_until_it_is_stopped_and_says_how_it_went() {
        let awake = Awake::keep(0).expect("every Linux has the policy, and CPU 0");
        thread::sleep(Duration::from_millis(50));
        let pauses = awake.stop().expect("the thread ends");
        // However little a busy machine gave it: one piece is done, and the quick ones are not slow.
        assert_eq!(pauses.cpu, 0);
        assert!(pauses.cpu_ns > 0 && pauses.quick_ns > 0, "{pauses:?}");
        assert!(pauses.slow_share().is_some_and(|share| share < 1.0), "{pauses:?}");
    }

    #[test]
    fn a_processor_that_is_not_there_gives_none() {
        assert!(Awake::keep(1_000_000).is_none());
    }
}
