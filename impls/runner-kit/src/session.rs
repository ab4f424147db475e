//! The measurement itself: consume until told to stop, then detach, drain and sum up.

use crate::args::{Output, Wakeup};
use crate::clock::{Naps, Ticker, now_ns, sleep_until};
use crate::identity::Identity;
use crate::messages::{KernelCounters, Message, Ready, RingSummary, Summary, complain, print};
use crate::stop::Stop;
use crate::tally::{Tally, Totals, encode};
use crate::{Args, Failure, report};
use std::thread;
use std::time::Duration;

/// Records to read between two looks at the clock, so that stopping works inside a saturated drain.
const BATCH: usize = 4096;

/// How long to wait for the producer's last records after detaching.
const SETTLE: Duration = Duration::from_secs(1);

/// A framework's reader of a ring buffer, or of several.
pub trait Reader {
    /// Reads at most `limit` records into the session's tally, and fewer only when no more are there. Never waits.
    fn consume(&mut self, limit: usize) -> Result<usize, Failure>;

    /// Waits for data; answers whether that is why it returned.
    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure>;
}

/// A reader, and the hold on the attached program.
pub trait Consumer: Reader {
    /// Detaches the program, so that no new run of it begins.
    fn detach(&mut self) -> Result<(), Failure>;

    /// Reads the program's counters.
    fn counters(&self) -> Result<KernelCounters, Failure>;

    /// When it is woken, of what the flags say.
    fn wakeup(&self, asked: Wakeup) -> Wakeup {
        asked
    }

    /// Ends what reads in other threads, from which it goes on.
    fn stop(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Brings the session's tally up to date; answers what was read of each ring buffer, where each CPU has its own.
    fn sum_up(&mut self) -> Result<Option<Vec<RingSummary>>, Failure> {
        Ok(None)
    }
}

/// The hold on the attached program.
pub trait Program {
    /// As [`Consumer::detach`].
    fn detach(&mut self) -> Result<(), Failure>;
    /// As [`Consumer::counters`].
    fn counters(&self) -> Result<KernelCounters, Failure>;
}

/// A reader of the one ring buffer that the program fills.
#[derive(Debug)]
pub struct Single<R, P> {
    /// What reads.
    pub reader: R,
    /// The hold on the program.
    pub program: P,
}

impl<R: Reader, P> Reader for Single<R, P> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        self.reader.consume(limit)
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        self.reader.wait(timeout)
    }
}

impl<R: Reader, P: Program> Consumer for Single<R, P> {
    fn detach(&mut self) -> Result<(), Failure> {
        self.program.detach()
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.program.counters()
    }
}

/// One measurement.
#[derive(Debug)]
pub struct Session<const DELAYS: bool> {
    /// The flags.
    pub args: Args,
    /// What was read.
    pub tally: Tally<DELAYS>,
    identity: Identity,
    stop: Stop,
}

impl<const DELAYS: bool> Session<DELAYS> {
    pub(crate) fn new(identity: Identity, args: Args, stop: Stop) -> Result<Self, Failure> {
        Ok(Self { args, tally: Tally::new()?, identity, stop })
    }

    /// Measures until it is time to stop, and prints the summary.
    pub fn measure(&self, ready: &Ready, consumer: &mut impl Consumer) -> Result<(), Failure> {
        let Args { output, program_type, attach_target, .. } = &self.args;
        let Ready { load_ns, attach_ns, .. } = *ready;
        self.progress(format_args!("{attach_target}: loaded in {load_ns} ns, attached in {attach_ns} ns\n"));
        output.say(&Message::Ready { ready, program_type: program_type.name, attach_target })?;
        let mut summary = self.consume(consumer)?;
        consumer.detach()?;
        // Not before: until then somebody has to read what the program makes.
        consumer.stop()?;
        summary.wakeups += self.tally.wakeups.get();
        summary.kernel = self.settle(consumer)?;
        summary.rings = consumer.sum_up()?;
        summary.user = self.tally.totals();
        let delays = self.tally.delays();
        match output {
            Output::Text => print(&report::render(self.identity, &self.args, &summary, delays.as_deref())),
            Output::Jsonl => {
                summary.latency = delays.as_deref().map(encode).transpose()?;
                output.say(&Message::Summary(&summary))
            }
        }
    }

    /// Consumes until it is time to stop; answers what is known then.
    fn consume(&self, consumer: &mut impl Consumer) -> Result<Summary, Failure> {
        let start_ns = now_ns();
        let end_ns = start_ns + nanos(self.args.duration);
        let wakeup = consumer.wakeup(self.args.wakeup);
        let stops = || self.stop.signalled();
        let (stopped_ns, wakeups) = read(consumer, wakeup, start_ns, end_ns, stops, |t_ns, wakeups| {
            let Totals { received, bytes, .. } = self.tally.totals();
            let wakeups = wakeups + self.tally.wakeups.get();
            self.progress(format_args!("{received} events received, {wakeups} wakeups\n"));
            self.args.output.say(&Message::Counters { t_ns, received, bytes, wakeups })?;
            Ok(self.stop.stdin_ended())
        })?;
        let at_stop = self.tally.totals();
        Ok(Summary { elapsed_ns: stopped_ns - start_ns, wakeups, at_stop, ..Summary::default() })
    }

    /// Drains the ring until the counters stand still and everything that was submitted was read.
    ///
    /// Detaching only keeps new runs of the program from beginning; one that is under way on another CPU may still submit. The
    /// barrier waits for those on most kernels, and the comparison with the counters covers the rest.
    fn settle(&self, consumer: &mut impl Consumer) -> Result<KernelCounters, Failure> {
        wait_for_running_programs();
        let deadline_ns = now_ns() + nanos(SETTLE);
        let mut before = None;
        loop {
            while consumer.consume(BATCH)? > 0 {}
            let counters = consumer.counters()?;
            let settled = before == Some(counters) && counters.submitted == self.tally.totals().received;
            if settled || now_ns() >= deadline_ns {
                return Ok(counters);
            }
            before = Some(counters);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn progress(&self, text: std::fmt::Arguments<'_>) {
        if self.args.verbose {
            complain(text);
        }
    }
}

/// Reads until it is time to stop, or `beat`, which is called every 100 ms with the time and the wakeups, says so. Answers the
/// time of the decision, and the wakeups.
pub(crate) fn read(
    reader: &mut impl Reader,
    wakeup: Wakeup,
    start_ns: u64,
    end_ns: u64,
    stops: impl Fn() -> bool,
    mut beat: impl FnMut(u64, u64) -> Result<bool, Failure>,
) -> Result<(u64, u64), Failure> {
    let mut ticker = Ticker::new(start_ns);
    let mut naps = Naps::new();
    let (mut now, mut next_look_ns) = (start_ns, start_ns);
    let (mut wakeups, mut read) = (0, 0);
    loop {
        // A beat alone is no reason to look: with a timer that would shorten its time.
        if now >= next_look_ns {
            read = reader.consume(BATCH)?;
            now = now_ns();
            if let (Wakeup::Timer(period), true) = (wakeup, read < BATCH) {
                next_look_ns = now + nanos(period);
            }
        }
        let mut over = now >= end_ns || stops();
        if !over && ticker.due(now) {
            over = beat(now, wakeups)?;
            naps.any();
        }
        if over {
            return Ok((now, wakeups));
        }
        if read == BATCH {
            continue;
        }
        if let Wakeup::Timer(_) = wakeup {
            sleep_until(next_look_ns.min(ticker.next_ns).min(end_ns));
            now = now_ns();
        } else {
            let wait_ns = ticker.longest_wait_ns(now).min(end_ns - now);
            let woken = reader.wait(Duration::from_nanos(wait_ns))?;
            wakeups += u64::from(naps.any() && woken);
        }
    }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX >> 1)
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
    struct Scripted<'a> {
        reads: Vec<usize>,
        late: u64,
        tally: &'a Tally<false>,
        waits: Vec<Duration>,
    }

    impl Reader for Scripted<'_> {
        fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
            let read = self.reads.pop().unwrap_or(0).min(limit);
            (0..read).for_each(|_| self.tally.record(&[]));
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
    }

    impl Consumer for Scripted<'_> {
        fn detach(&mut self) -> Result<(), Failure> {
            Ok(())
        }

        fn counters(&self) -> Result<KernelCounters, Failure> {
            Ok(KernelCounters { submitted: self.late, ..KernelCounters::default() })
        }
    }

    fn session(millis: u64, wakeup: Wakeup) -> Session<false> {
        let args = Args { duration: Duration::from_millis(millis), wakeup, ..Args::default() };
        let identity = Identity { implementation: "example", framework: "none", framework_version: "1" };
        Session::new(identity, args, Stop::install().unwrap()).unwrap()
    }

    /// What the loop answers, what it had received, and how often and how long it waited.
    fn consume(millis: u64, wakeup: Wakeup, reads: &[usize]) -> (Summary, u64, Vec<Duration>) {
        let session = session(millis, wakeup);
        let mut consumer =
            Scripted { reads: reads.to_vec(), late: 0, tally: &session.tally, waits: Vec::new() };
        let summary = session.consume(&mut consumer).unwrap();
        (summary, consumer.tally.totals().received, consumer.waits)
    }

    #[test]
    fn waits_only_when_the_ring_was_empty_and_stops_on_time() {
        let (summary, received, waits) = consume(10, Wakeup::Adaptive, &[5, BATCH, BATCH, 3]);
        assert!(summary.elapsed_ns >= 10_000_000);
        assert_eq!(received, 3 + 2 * BATCH as u64 + 5);
        assert_eq!(summary.at_stop.received, received);
        assert_eq!(summary.wakeups, 1, "only the wait after the first read ended because of data");
        assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(10)));
    }

    #[test]
    fn looks_on_a_timer_when_the_producer_never_wakes_it() {
        let timer = Wakeup::Timer(Duration::from_millis(10));
        let (summary, received, waits) = consume(50, timer, &[1, 1, BATCH, 1]);
        assert!(waits.is_empty(), "it does not wait for the ring");
        assert_eq!(summary.wakeups, 0);
        assert_eq!(received, 3 + BATCH as u64);
    }

    #[test]
    fn a_beat_does_not_shorten_a_timer() {
        let (summary, received, _) = consume(250, Wakeup::Timer(Duration::from_secs(1)), &[1, 1]);
        assert!(summary.elapsed_ns >= 250_000_000);
        assert_eq!(received, 1, "one look at the start");
    }

    #[test]
    fn a_wait_that_data_ended_at_once_is_no_wakeup() {
        assert_eq!(consume(10, Wakeup::Adaptive, &[1, 1, 1, 1, 1]).0.wakeups, 1);
    }

    #[test]
    fn drains_until_everything_submitted_was_read() {
        let session = session(10, Wakeup::Adaptive);
        let mut consumer =
            Scripted { reads: vec![2, 0, 3], late: 5, tally: &session.tally, waits: Vec::new() };
        assert_eq!(session.settle(&mut consumer).unwrap().submitted, 5);
        assert_eq!(session.tally.totals().received, 5);
    }
}
