//! Looks at a buffer at random moments, to know what waits in it on the average.
//!
//! The gaps between looks are exponential, so that the looks are a Poisson process: whatever the load's and the consumer's rhythm, each
//! moment is as likely as any other, and what a sum over such looks is off by follows from the looks themselves (Campbell's theorem:
//! its variance is the sum of the squares). Nobody can know when the next one comes: the gaps are drawn from the kernel's random numbers,
//! not from a seed that is written somewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bare_walk::thread_cpu_ns;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gap between two looks on the average: a look is a timer, a switch and two loads, some microseconds.
const GAP: Duration = Duration::from_millis(4);

/// What was seen in a buffer at random moments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Glances {
    /// How many looks.
    pub looks: u64,
    /// Those that found something.
    pub waiting: u64,
    /// What they found, added up, bytes.
    pub bytes: u64,
    /// The sum of the squares of what they found, bytes².
    pub squares: f64,
    /// What looking cost, nanoseconds of CPU time.
    pub cpu_ns: u64,
}

impl Glances {
    /// One more look.
    pub fn add(&mut self, bytes: u64) {
        self.looks += 1;
        self.waiting += u64::from(bytes > 0);
        self.bytes = self.bytes.saturating_add(bytes);
        self.squares += (bytes as f64).powi(2);
    }

    /// Bytes that wait on the average, and the standard error of that; none without a look.
    #[must_use]
    pub fn mean(&self) -> Option<(f64, f64)> {
        let looks = (self.looks > 0).then_some(self.looks as f64)?;
        Some((self.bytes as f64 / looks, self.squares.sqrt() / looks))
    }
}

/// A thread that looks until it is told to stop or dropped.
#[derive(Debug)]
pub struct Glancer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Glances>>>,
}

impl Glancer {
    /// Begins to look; `waiting` says what waits now in each of several buffers, bytes. None where there is no randomness or no thread to be had.
    #[must_use]
    pub fn start(waiting: impl FnMut() -> Vec<u64> + Send + 'static) -> Option<Self> {
        let random = StdRng::from_seed(seed()?);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let look = move || look(waiting, random, &stopped);
        let thread = thread::Builder::new().name("glances".into()).spawn(look).ok()?;
        Some(Self { stop, thread: Some(thread) })
    }

    /// Looks no more; answers what was seen in all buffers together, and in each.
    #[must_use]
    pub fn stop(mut self) -> Option<(Glances, Vec<Glances>)> {
        let mut of_each = self.end()?;
        Some((of_each.pop()?, of_each))
    }

    /// Of each buffer, and of all together at last.
    fn end(&mut self) -> Option<Vec<Glances>> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take()?;
        thread.thread().unpark();
        thread.join().ok()
    }
}

impl Drop for Glancer {
    fn drop(&mut self) {
        let _seen = self.end();
    }
}

fn look(mut waiting: impl FnMut() -> Vec<u64>, mut random: StdRng, stop: &AtomicBool) -> Vec<Glances> {
    // The usual slack lets the kernel wake this thread with somebody else's timer: the load's, say, which would be no random moment.
    // And a load that looks at its clock before a slot would keep this thread off their processor until it has called: then looks
    // would find what the call has just left.
    // SAFETY: plain numbers, and a parameter that lives as long as the call.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        libc::sched_setscheduler(0, libc::SCHED_FIFO, &libc::sched_param { sched_priority: 1 });
    }
    let (mut all, mut of_each) = (Glances::default(), Vec::new());
    loop {
        let even: f64 = random.random();
        thread::park_timeout(GAP.mul_f64(-(1.0 - even).ln()));
        if stop.load(Ordering::Relaxed) {
            all.cpu_ns = thread_cpu_ns();
            of_each.push(all);
            return of_each;
        }
        let waiting = waiting();
        all.add(waiting.iter().sum());
        of_each.resize(waiting.len(), Glances::default());
        of_each.iter_mut().zip(waiting).for_each(|(seen, bytes)| seen.add(bytes));
    }
}

fn seed() -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    // SAFETY: pointer and length are those of `seed`. So few bytes come at once or not at all.
    let got = unsafe { libc::getrandom(seed.as_mut_ptr().cast(), seed.len(), 0) };
    usize::try_from(got).is_ok_and(|got| got == seed.len()).then_some(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_mean_follows_from_the_looks_themselves() {
        let mut seen = Glances::default();
        assert_eq!(seen.mean(), None);
        for bytes in [0, 72, 0, 72, 72, 0, 0, 72] {
            seen.add(bytes);
        }
        assert_eq!((seen.looks, seen.waiting, seen.bytes), (8, 4, 288));
        let (mean, error) = seen.mean().expect("there are looks");
        // Four looks at the same backlog are off by their root, as any count is.
        assert!((mean - 36.0).abs() < 1e-9 && (error - 72.0 * 2.0 / 8.0).abs() < 1e-9, "{mean} {error}");
    }
}
