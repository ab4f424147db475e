//! The threads of a load: created, pinned and parked, then released together.

use std::io::{self, PipeReader};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread::{self, Scope, ScopedJoinHandle};

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl;
use nix::unistd::Pid;

use super::clock::{SPIN_NS, now_ns, wait_until};
use super::error::Error;
use super::pattern::{Part, Rounds, issue};
use super::tally::{CpuTime, Tally};
use crate::plan::LoadSpec;

/// What the threads of one load share.
pub(super) struct Crew<'a> {
    spec: &'a LoadSpec,
    /// Set once: the moment to start at, or nothing if there is nothing to do.
    release: OnceLock<Option<u64>>,
    stop: AtomicBool,
    rounds: Rounds,
}

/// Threads that are ready.
pub(super) struct Started<'scope> {
    /// At end of file once every thread has ended.
    pub(super) all_done: PipeReader,
    threads: Vec<ScopedJoinHandle<'scope, Option<Tally>>>,
}

impl<'a> Crew<'a> {
    pub(super) fn new(spec: &'a LoadSpec) -> Self {
        Self {
            spec,
            release: OnceLock::new(),
            stop: AtomicBool::new(false),
            rounds: Rounds::new(spec.threads),
        }
    }

    /// Creates the threads; returns when all are pinned and parked.
    pub(super) fn start<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        cpus: &[u32],
    ) -> Result<Started<'scope>, Error> {
        let thread_failed = |source| Error::ThreadFailed { threads: self.spec.threads, source };
        let (all_done, alive) = io::pipe().map_err(thread_failed)?;
        let (ready, is_ready) = mpsc::channel();
        let mut cpus = cpus.iter().copied().cycle();
        let mut threads = Vec::new();
        for thread in 0..self.spec.threads {
            let cpu = cpus.next();
            let ready = ready.clone();
            let alive = alive.try_clone().map_err(thread_failed)?;
            let body = move || {
                let tally = self.work(thread, cpu, &ready);
                drop(alive);
                tally
            };
            let builder = thread::Builder::new().name(format!("load-{thread}"));
            threads.push(builder.spawn_scoped(scope, body).map_err(thread_failed)?);
        }
        drop(ready);
        is_ready.iter().take(threads.len()).collect::<Result<(), Error>>()?;
        Ok(Started { all_done, threads })
    }

    /// Lets the parked threads begin at a moment.
    pub(super) fn release(&self, start_ns: u64) {
        self.release.get_or_init(|| Some(start_ns));
    }

    /// Ends the threads, parked or running.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.release.get_or_init(|| None);
    }

    /// The life of one thread. It is ready only after everything that allocates or may fail.
    fn work(&self, thread: u32, cpu: Option<u32>, ready: &mpsc::Sender<Result<(), Error>>) -> Option<Tally> {
        let mut tally = Tally::new(&self.spec.pattern);
        let prepared = cpu.map_or(Ok(()), pin);
        // By default the kernel delays a wake-up by up to 50 µs to join it with others; without that, schedules hold.
        prctl::set_timerslack(1).expect("every Linux lets a thread choose its timer slack");
        // If nobody listens, the crew was given up, and the release below says so.
        ready.send(prepared).ok();

        let start_ns = (*self.release.wait())?;
        wait_until(start_ns, SPIN_NS, &self.stop);
        let part = Part { spec: self.spec, thread, start_ns, stop: &self.stop, rounds: &self.rounds };
        let cpu_before = CpuTime::of_this_thread();
        tally.started_ns = now_ns();
        issue(&part, &mut tally);
        tally.ended_ns = now_ns();
        tally.cpu = CpuTime::of_this_thread().since(cpu_before);
        Some(tally)
    }
}

impl Started<'_> {
    /// Waits for the threads, which must have been released, and sums what they counted.
    pub(super) fn join(self) -> Tally {
        self.threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload)))
            .reduce(Tally::merge)
            .expect("a load has at least one thread")
    }
}

/// Pins the calling thread to one CPU.
fn pin(cpu: u32) -> Result<(), Error> {
    let mut set = CpuSet::new();
    usize::try_from(cpu)
        .map_err(|_| Errno::EINVAL)
        .and_then(|index| set.set(index))
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &set))
        .map_err(|errno| Error::PinFailed { cpu, source: errno.into() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::load::clock::SECOND_NS;
    use crate::plan::{LoadPattern, LoadShape, Syscall};

    fn spec(pattern: LoadPattern, threads: u32, duration_ns: u64, count: Option<u64>) -> LoadSpec {
        LoadSpec {
            pattern,
            shape: LoadShape::FailFast,
            syscall: Syscall::Openat2,
            threads,
            duration_ns,
            count,
        }
    }

    /// Runs a load to its end.
    fn run(spec: &LoadSpec) -> Tally {
        let crew = Crew::new(spec);
        thread::scope(|scope| {
            let started = crew.start(scope, &[]).expect("threads start");
            crew.release(now_ns());
            started.join()
        })
    }

    #[rstest]
    fn count_is_exact(#[values(23, 1_000_003)] count: u64, #[values(1, 2, 3, 4)] threads: u32) {
        let tally = run(&spec(LoadPattern::Closed, threads, u64::MAX, Some(count)));
        assert_eq!((tally.issued, tally.unexpected), (count, 0));
        assert!(tally.started_ns < tally.ended_ns);
    }

    #[rstest]
    fn every_kind_of_call_succeeds(
        #[values(Syscall::Openat2, Syscall::Openat)] syscall: Syscall,
        #[values(LoadShape::FailFast, LoadShape::OpenClose)] shape: LoadShape,
    ) {
        let spec = LoadSpec { shape, syscall, ..spec(LoadPattern::Closed, 2, u64::MAX, Some(2_001)) };
        let tally = run(&spec);
        assert_eq!((tally.issued, tally.unexpected), (2_001, 0));
    }

    #[test]
    fn closed_loop_ends_with_the_duration() {
        let tally = run(&spec(LoadPattern::Closed, 1, 20_000_000, None));
        assert!(tally.issued > 0);
        assert!(tally.ended_ns - tally.started_ns >= 20_000_000);
    }

    #[test]
    fn unreachable_schedule_is_missed_not_stretched() {
        // One trigger a nanosecond.
        let tally = run(&spec(LoadPattern::Open { rate_per_sec: SECOND_NS }, 2, 5_000_000, None));
        let open = tally.open.expect("an open loop");
        assert!(open.missed > 0 && open.late > 0);
        assert_eq!(tally.issued + open.missed, 5_000_000);
    }

    #[test]
    fn early_stop_shortens_the_schedule() {
        let spec = spec(LoadPattern::Open { rate_per_sec: 1 }, 2, 3600 * SECOND_NS, None);
        let crew = Crew::new(&spec);
        let tally = thread::scope(|scope| {
            let started = crew.start(scope, &[]).expect("threads start");
            crew.release(now_ns() - SECOND_NS / 2);
            crew.stop();
            started.join()
        });
        // Only the slot at the start was due; it was issued, or stopped before and then missed.
        assert_eq!(tally.issued + tally.open.expect("an open loop").missed, 1);
    }

    #[test]
    fn crew_that_is_never_released_issues_nothing() {
        let spec = spec(LoadPattern::Closed, 2, SECOND_NS, None);
        let crew = Crew::new(&spec);
        thread::scope(|scope| {
            let started = crew.start(scope, &[]).expect("threads start");
            crew.stop();
            assert!(started.threads.into_iter().all(|thread| thread.join().unwrap().is_none()));
        });
    }

    #[test]
    fn cpu_that_does_not_exist_is_an_error() {
        let spec = spec(LoadPattern::Closed, 2, SECOND_NS, None);
        let crew = Crew::new(&spec);
        thread::scope(|scope| {
            let result = crew.start(scope, &[0, 4095]);
            crew.stop();
            assert!(matches!(result, Err(Error::PinFailed { cpu: 4095, .. })));
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn open_loop_issues_or_misses_every_slot(
            rate_per_sec in 1_000_u64..2_000_000,
            threads in 1_u32..=4,
            duration_ns in 1_u64..20_000_000,
            count in proptest::option::of(1_u64..5_000),
        ) {
            let tally = run(&spec(LoadPattern::Open { rate_per_sec }, threads, duration_ns, count));
            let open = tally.open.expect("an open loop");
            let scheduled = (duration_ns * rate_per_sec).div_ceil(SECOND_NS).min(count.unwrap_or(u64::MAX));
            prop_assert_eq!(tally.issued + open.missed, scheduled);
            prop_assert_eq!(open.lateness.len(), tally.issued);
        }

        #[test]
        fn bursts_are_full(triggers in 1_u64..5_000, threads in 1_u32..=4, duration_ns in 1_u64..10_000_000) {
            let tally = run(&spec(LoadPattern::Bursts { triggers, pause_ns: 1_000_000 }, threads, duration_ns, None));
            prop_assert!(tally.bursts >= Some(1));
            prop_assert_eq!(Some(tally.issued), tally.bursts.map(|bursts| bursts * triggers));
        }

        #[test]
        fn count_cuts_the_last_burst(triggers in 1_u64..500, threads in 1_u32..=4, count in 1_u64..2_000) {
            let pattern = LoadPattern::Bursts { triggers, pause_ns: 1_000 };
            let tally = run(&spec(pattern, threads, u64::MAX, Some(count)));
            prop_assert_eq!(tally.issued, count);
            prop_assert_eq!(tally.bursts, Some(count / triggers));
        }
    }
}
