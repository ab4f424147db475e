//! What one thread counted. Each thread keeps its own on its stack, so that counting shares no cache line; they are summed
//! after the threads have ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike as _};

use super::filter::Filter;
use super::{LoadReport, ThreadReport, WarmedPiece};
use crate::plan::LoadPattern;

/// The longest lateness that is told apart, as for the runners' latency.
const MAX_LATENESS_NS: u64 = 60_000_000_000;

/// Counts of one thread, or of several together.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) sent: Sent,
    pub(super) unexpected: u64,
    pub(super) started_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) cpu: CpuTime,
    /// The longest time in which the process stood still although it was to run.
    pub(super) longest_gap_ns: u64,
    /// None where it sleeps most of the time by design.
    pub(super) ran: Option<Ran>,
    pub(super) bursts: Option<u64>,
    pub(super) open: Option<OpenTally>,
    /// The CPU that the thread is pinned to.
    pub(super) pinned: Option<u32>,
    /// What each thread did, once they are put together; empty of one alone.
    pub(super) threads: Vec<OfThread>,
}

/// Time at full speed, nanoseconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Ran {
    /// How long it was to run.
    pub(super) due_ns: u64,
    /// How long it did.
    pub(super) cpu_ns: u64,
}

/// Triggers, and those of them of which the program makes records. Sums of cookies are modulo 2^64.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) issued: u64,
    pub(super) cookies: u64,
    pub(super) kept: u64,
    pub(super) kept_cookies: u64,
}

impl Sent {
    /// One trigger more.
    #[inline]
    pub(super) fn count(&mut self, cookie: u32, filter: Filter) {
        // The same work for every filter, and without a branch that a processor could guess wrong.
        let kept = u64::from(filter.keeps(cookie));
        self.issued += 1;
        self.cookies = self.cookies.wrapping_add(cookie.into());
        self.kept += kept;
        self.kept_cookies = self.kept_cookies.wrapping_add(u64::from(cookie) * kept);
    }

    pub(super) fn of(piece: &WarmedPiece) -> Self {
        let WarmedPiece { issued, cookies, kept, kept_cookies, .. } = *piece;
        Self { issued, cookies, kept, kept_cookies }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            issued: self.issued + other.issued,
            cookies: self.cookies.wrapping_add(other.cookies),
            kept: self.kept + other.kept,
            kept_cookies: self.kept_cookies.wrapping_add(other.kept_cookies),
        }
    }

    /// What was sent since it stood at `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            issued: self.issued - earlier.issued,
            cookies: self.cookies.wrapping_sub(earlier.cookies),
            kept: self.kept - earlier.kept,
            kept_cookies: self.kept_cookies.wrapping_sub(earlier.kept_cookies),
        }
    }
}

/// Counts of the open loop.
#[derive(Debug)]
pub(super) struct OpenTally {
    /// Triggers that had a slot.
    pub(super) issued: u64,
    pub(super) late: u64,
    pub(super) missed: u64,
    /// Time from before each call to after it, nanoseconds, added up.
    pub(super) call_ns: u64,
    pub(super) lateness: Histogram<u64>,
}

/// What one thread did.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfThread {
    pub(super) issued: u64,
    pub(super) cpu_ns: u64,
    pub(super) pinned: Option<u32>,
}

/// CPU time in nanoseconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct CpuTime {
    pub(super) user_ns: u64,
    pub(super) system_ns: u64,
}

impl Tally {
    /// All that a thread will need for this pattern, allocated before the first trigger.
    pub(super) fn new(pattern: &LoadPattern) -> Self {
        let has_schedule =
            matches!(pattern, LoadPattern::Open { .. } | LoadPattern::Ladder | LoadPattern::Beside { .. });
        Self {
            sent: Sent::default(),
            unexpected: 0,
            started_ns: 0,
            ended_ns: 0,
            cpu: CpuTime::default(),
            longest_gap_ns: 0,
            ran: (!has_schedule).then(Ran::default),
            bursts: matches!(pattern, LoadPattern::Bursts { .. }).then_some(0),
            open: has_schedule.then(OpenTally::new),
            pinned: None,
            threads: Vec::new(),
        }
    }

    /// Notes a time in which the process stood still.
    pub(super) fn saw_gap(&mut self, gap_ns: u64) {
        self.longest_gap_ns = self.longest_gap_ns.max(gap_ns);
    }

    /// The counts of two threads of one load as one.
    pub(super) fn merge(self, other: Self) -> Self {
        Self {
            pinned: None,
            threads: [self.of_threads(), other.of_threads()].concat(),
            sent: self.sent.and(other.sent),
            unexpected: self.unexpected + other.unexpected,
            started_ns: self.started_ns.min(other.started_ns),
            ended_ns: self.ended_ns.max(other.ended_ns),
            cpu: self.cpu.and(other.cpu),
            longest_gap_ns: self.longest_gap_ns.max(other.longest_gap_ns),
            ran: self
                .ran
                .zip(other.ran)
                .map(|(a, b)| Ran { due_ns: a.due_ns + b.due_ns, cpu_ns: a.cpu_ns + b.cpu_ns }),
            // A burst is full when every thread has issued its share of it.
            bursts: self.bursts.zip(other.bursts).map(|(a, b)| a.min(b)),
            open: self.open.zip(other.open).map(|(a, b)| a.merge(&b)),
        }
    }

    fn of_threads(&self) -> Vec<OfThread> {
        if !self.threads.is_empty() {
            return self.threads.clone();
        }
        vec![OfThread {
            issued: self.sent.issued,
            cpu_ns: self.cpu.user_ns + self.cpu.system_ns,
            pinned: self.pinned,
        }]
    }

    /// The report to a supervisor.
    pub(super) fn report(&self, warm_up: Sent) -> LoadReport {
        LoadReport {
            issued: self.sent.issued,
            warm_up_issued: warm_up.issued,
            cookies: Some(self.sent.cookies),
            warm_up_cookies: Some(warm_up.cookies),
            kept: Some(self.sent.kept),
            warm_up_kept: Some(warm_up.kept),
            kept_cookies: Some(self.sent.kept_cookies),
            warm_up_kept_cookies: Some(warm_up.kept_cookies),
            started_ns: self.started_ns,
            ended_ns: self.ended_ns,
            user_ns: self.cpu.user_ns,
            system_ns: self.cpu.system_ns,
            to_run_ns: self.ran.map(|ran| ran.due_ns),
            not_running_ns: self.ran.map(|ran| ran.due_ns.saturating_sub(ran.cpu_ns)),
            longest_gap_ns: Some(self.longest_gap_ns),
            bursts: self.bursts,
            on_schedule: self.open.as_ref().map(|open| open.issued),
            late: self.open.as_ref().map(|open| open.late),
            missed: self.open.as_ref().map(|open| open.missed),
            lateness: self.open.as_ref().map(|open| encode(&open.lateness)),
            call_ns: self.open.as_ref().map(|open| open.call_ns),
            threads: self
                .threads
                .iter()
                .map(|thread| ThreadReport {
                    issued: thread.issued,
                    cpu_ns: thread.cpu_ns,
                    cpu: thread.pinned,
                })
                .collect(),
            unexpected_results: self.unexpected,
        }
    }
}

impl OpenTally {
    fn new() -> Self {
        let lateness = Histogram::new_with_bounds(1, MAX_LATENESS_NS, 3).expect("the bounds are valid");
        Self { issued: 0, late: 0, missed: 0, call_ns: 0, lateness }
    }

    fn merge(mut self, other: &Self) -> Self {
        self.issued += other.issued;
        self.late += other.late;
        self.missed += other.missed;
        self.call_ns += other.call_ns;
        self.lateness.add(&other.lateness).expect("all threads use the same bounds");
        self
    }
}

impl CpuTime {
    /// What the calling thread has used so far.
    pub(super) fn of_this_thread() -> Self {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("Linux reports every thread's own usage");
        Self { user_ns: in_nanoseconds(usage.user_time()), system_ns: in_nanoseconds(usage.system_time()) }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self { user_ns: self.user_ns + other.user_ns, system_ns: self.system_ns + other.system_ns }
    }

    /// What was used since an earlier reading.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            // The kernel splits an exact total by estimate, so that one part may step back a little.
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
            system_ns: self.system_ns.saturating_sub(earlier.system_ns),
        }
    }
}

fn in_nanoseconds(time: TimeVal) -> u64 {
    time.num_microseconds().cast_unsigned() * 1000
}

/// HdrHistogram V2 compressed, base64.
fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("writing to memory cannot fail, and counts stay far below 2^63");
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::Deserializer;

    use super::*;

    #[test]
    fn merges_threads_and_encodes_their_lateness() {
        let pattern = LoadPattern::Open { rate_per_sec: 1 };
        let thread = |issued, started_ns, ended_ns, lateness_ns| {
            let sent = Sent { issued, ..Sent::default() };
            let mut tally = Tally { sent, started_ns, ended_ns, ..Tally::new(&pattern) };
            tally.open.as_mut().unwrap().lateness.saturating_record(lateness_ns);
            tally
        };
        let report = thread(1, 10, 20, 0).merge(thread(2, 5, 15, u64::MAX)).report(Sent::default());
        assert_eq!((report.issued, report.started_ns, report.ended_ns), (3, 5, 20));
        let bytes = STANDARD.decode(report.lateness.unwrap()).unwrap();
        let lateness: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
        assert_eq!((lateness.len(), lateness.min()), (2, 0));
        assert!(lateness.max() >= MAX_LATENESS_NS);
    }

    #[test]
    fn sums_of_cookies_wrap() {
        let sent = |cookies| Sent { issued: 2, cookies, kept: 1, kept_cookies: cookies };
        let thread = |cookies| Tally { sent: sent(cookies), ..Tally::new(&LoadPattern::Closed) };
        let warm_up = sent(u64::MAX).and(sent(u64::MAX));
        let report = thread(u64::MAX).merge(thread(5)).report(warm_up);
        assert_eq!(
            (report.cookies, report.warm_up_cookies, report.warm_up_issued),
            (Some(4), Some(u64::MAX - 1), 4)
        );
        assert_eq!(
            (report.kept_cookies, report.warm_up_kept_cookies, report.kept, report.warm_up_kept),
            (Some(4), Some(u64::MAX - 1), Some(2), Some(2))
        );
        assert_eq!(warm_up.since(sent(u64::MAX)), sent(u64::MAX));
    }

    #[test]
    fn burst_is_full_only_when_every_thread_issued_its_share() {
        let pattern = LoadPattern::Bursts { triggers: 1, pause_ns: 1 };
        let thread = |bursts| Tally { bursts: Some(bursts), ..Tally::new(&pattern) };
        assert_eq!(thread(4).merge(thread(3)).bursts, Some(3));
    }
}
