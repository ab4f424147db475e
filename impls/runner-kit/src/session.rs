//! The measurement itself: consume until told to stop, then detach, drain and sum up.

use crate::emitter::Emitter;
use crate::histogram::Histogram;
use crate::naps::Naps;
use crate::protocol::Summary;
use crate::stage::{KernelCounters, Ready, Stopped};
use crate::stop::Stop;
use crate::tally::Totals;
use crate::ticker::{INTERVAL_NS, Ticker};
use crate::{Args, Failure, Wakeup, clock};
use std::thread;
use std::time::Duration;

/// Records to read between two looks at the clock, so that stopping works inside a saturated drain.
const BATCH: usize = 4096;

/// How long to wait for the producer's last records after detaching.
const SETTLE: Duration = Duration::from_secs(1);

/// A framework's reader of the ring buffer, and its hold on the attached program.
pub trait Consumer {
    /// Reads at most `limit` records into the tally, and fewer only when no more are there. Never waits.
    fn consume(&mut self, limit: usize) -> Result<usize, Failure>;

    /// Waits for data; answers whether that is why it returned.
    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure>;

    /// Detaches the program, so that no new run of it begins.
    fn detach(&mut self) -> Result<(), Failure>;

    /// Reads the program's counters.
    fn counters(&self) -> Result<KernelCounters, Failure>;

    /// The tally's sums so far.
    fn totals(&self) -> Totals;

    /// The tally's delays.
    fn histogram(&self) -> Option<&Histogram>;
}

/// One measurement.
#[derive(Debug)]
pub struct Session<'a> {
    args: Args,
    emitter: &'a mut Emitter,
    stop: Stop,
}

impl<'a> Session<'a> {
    pub(crate) fn new(args: Args, emitter: &'a mut Emitter, stop: Stop) -> Self {
        Self { args, emitter, stop }
    }

    /// The flags.
    #[must_use]
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// Measures until it is time to stop, and prints the summary.
    pub fn measure(&mut self, ready: &Ready, consumer: &mut impl Consumer) -> Result<(), Failure> {
        self.emitter.ready(&self.args, ready)?;
        let stopped = self.consume(consumer)?;
        consumer.detach()?;
        let kernel = settle(consumer)?;
        let summary = Summary::new(stopped, kernel, consumer.totals(), None);
        self.emitter.summary(&self.args, summary, consumer.histogram())
    }

    /// Consumes until it is time to stop.
    fn consume(&mut self, consumer: &mut impl Consumer) -> Result<Stopped, Failure> {
        let start_ns = clock::now_ns();
        let end_ns = start_ns + nanos(self.args.duration);
        let mut ticker = Ticker::new(start_ns);
        let mut naps = Naps::new();
        let (mut now_ns, mut next_look_ns) = (start_ns, start_ns);
        let (mut wakeups, mut read) = (0, 0);
        loop {
            // A beat alone is no reason to look: with a timer that would shorten its time.
            if now_ns >= next_look_ns {
                read = consumer.consume(BATCH)?;
                now_ns = clock::now_ns();
                if let (Wakeup::Timer(period), true) = (self.args.wakeup, read < BATCH) {
                    next_look_ns = now_ns + nanos(period);
                }
            }
            let mut stops = now_ns >= end_ns || self.stop.signalled();
            if !stops && ticker.due(now_ns) {
                self.emitter.counters(now_ns, consumer.totals(), wakeups)?;
                naps.any();
                stops = self.stop.stdin_ended();
            }
            if stops {
                return Ok(Stopped { elapsed_ns: now_ns - start_ns, wakeups, totals: consumer.totals() });
            }
            if read == BATCH {
                continue;
            }
            if let Wakeup::Timer(_) = self.args.wakeup {
                clock::sleep_until(next_look_ns.min(ticker.next_ns()).min(end_ns));
                now_ns = clock::now_ns();
            } else {
                let wait_ns = longest_wait_ns(now_ns, ticker.next_ns()).min(end_ns - now_ns);
                let woken = consumer.wait(Duration::from_nanos(wait_ns))?;
                wakeups += u64::from(naps.any() && woken);
            }
        }
    }
}

/// How long to wait for data: until a beat, but not one that is close. A beat in the middle of a burst would wake a consumer
/// that then chases the producer record by record; it comes late instead, with the wakeup at the burst's end.
fn longest_wait_ns(now_ns: u64, next_beat_ns: u64) -> u64 {
    let wait_ns = next_beat_ns.saturating_sub(now_ns);
    if wait_ns < INTERVAL_NS / 2 { wait_ns + INTERVAL_NS } else { wait_ns }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX >> 1)
}

/// Drains the ring until the counters stand still and everything that was submitted was read.
///
/// Detaching only keeps new runs of the program from beginning; one that is under way on another CPU may still submit. The
/// barrier waits for those on most kernels, and the comparison with the counters covers the rest.
fn settle(consumer: &mut impl Consumer) -> Result<KernelCounters, Failure> {
    wait_for_running_programs();
    let deadline_ns = clock::now_ns() + nanos(SETTLE);
    let mut before = None;
    loop {
        while consumer.consume(BATCH)? > 0 {}
        let counters = consumer.counters()?;
        let settled = before == Some(counters) && counters.submitted == consumer.totals().received;
        if settled || clock::now_ns() >= deadline_ns {
            return Ok(counters);
        }
        before = Some(counters);
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for an RCU grace period: what ran under RCU when it began, as BPF programs do, has ended afterwards.
fn wait_for_running_programs() {
    // SAFETY: takes no pointers. Kernels that do not offer it answer an error, which changes nothing.
    unsafe { libc::syscall(libc::SYS_membarrier, libc::MEMBARRIER_CMD_GLOBAL, 0, 0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A consumer of scripted reads; its program submits `late` records after it was detached.
    #[derive(Default)]
    struct Scripted {
        reads: Vec<usize>,
        late: u64,
        received: u64,
        waits: Vec<Duration>,
    }

    impl Consumer for Scripted {
        fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
            let read = self.reads.pop().unwrap_or(0).min(limit);
            self.received += read as u64;
            Ok(read)
        }

        fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
            self.waits.push(timeout);
            // Only the first wait sleeps before there is data; a later one finds it there.
            if self.waits.len() == 1 || self.reads.is_empty() {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(!self.reads.is_empty())
        }

        fn detach(&mut self) -> Result<(), Failure> {
            Ok(())
        }

        fn counters(&self) -> Result<KernelCounters, Failure> {
            let submitted = self.late;
            Ok(KernelCounters { attempted: submitted, submitted, ..KernelCounters::default() })
        }

        fn totals(&self) -> Totals {
            Totals { received: self.received, ..Totals::default() }
        }

        fn histogram(&self) -> Option<&Histogram> {
            None
        }
    }

    fn session(words: &[&str], reads: Vec<usize>) -> (Stopped, Scripted) {
        let crate::args::Command::Run(args) =
            crate::args::parse(words.iter().map(|&word| word.to_owned())).1.unwrap()
        else {
            panic!("{words:?} do not ask for a run");
        };
        let identity = crate::Identity { implementation: "x", framework: "x", framework_version: "0" };
        let mut emitter = Emitter::new(identity, crate::args::Output::Text);
        let mut session = Session::new(args, &mut emitter, Stop::install().unwrap());
        let mut consumer = Scripted { reads, ..Scripted::default() };
        let stopped = session.consume(&mut consumer).unwrap();
        (stopped, consumer)
    }

    #[test]
    fn waits_only_when_the_ring_was_empty_and_stops_on_time() {
        let (stopped, consumer) = session(&["-d", "0.01"], vec![5, BATCH, BATCH, 3]);
        assert!(stopped.elapsed_ns >= 10_000_000);
        assert_eq!(consumer.received, 3 + 2 * BATCH as u64 + 5);
        assert_eq!(stopped.totals.received, consumer.received);
        assert_eq!(stopped.wakeups, 1, "only the wait after the first read ended because of data");
        assert!(consumer.waits.iter().all(|wait| *wait <= Duration::from_millis(10)));
    }

    #[test]
    fn looks_on_a_timer_when_the_producer_never_wakes_it() {
        let (stopped, consumer) = session(&["-d", "0.05", "--wakeup", "timer:10ms"], vec![1, 1, BATCH, 1]);
        assert!(consumer.waits.is_empty(), "it does not wait for the ring");
        assert_eq!(stopped.wakeups, 0);
        assert_eq!(consumer.received, 3 + BATCH as u64);
    }

    #[test]
    fn a_beat_does_not_shorten_a_timer() {
        let (stopped, consumer) = session(&["-d", "0.25", "--wakeup", "timer:1s"], vec![1, 1]);
        assert!(stopped.elapsed_ns >= 250_000_000);
        assert_eq!(consumer.received, 1, "one look at the start");
    }

    #[test]
    fn a_wait_that_data_ended_at_once_is_no_wakeup() {
        let (stopped, _) = session(&["-d", "0.01"], vec![1, 1, 1, 1, 1]);
        assert_eq!(stopped.wakeups, 1);
    }

    #[test]
    fn drains_until_everything_submitted_was_read() {
        let mut consumer = Scripted { reads: vec![2, 0, 3], late: 5, ..Scripted::default() };
        assert_eq!(settle(&mut consumer).unwrap().submitted, 5);
        assert_eq!(consumer.received, 5);
    }

    #[test]
    fn sums_counters_over_cpus() {
        let cpu = KernelCounters { attempted: 3, submitted: 2, dropped: 1, dropped_marks: u64::MAX };
        let sum: KernelCounters = [cpu, cpu].into_iter().sum();
        assert_eq!(
            sum,
            KernelCounters { attempted: 6, submitted: 4, dropped: 2, dropped_marks: u64::MAX - 1 }
        );
    }
}
