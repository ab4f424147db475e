//! The three patterns, as one thread runs them.

use std::io::PipeWriter;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Condvar, Mutex, PoisonError};

use super::beat::Beat;
use super::clock::{SPIN_NS, now_ns, thread_cpu_ns, wait_until};
use super::cookies::Cookies;
use super::filter::Filter;
use super::notice::Notice;
use super::schedule::{OpenSchedule, burst_size, next_chunk, share};
use super::tally::{Sent, Tally};
use super::trigger::{self, Caller};
use crate::plan::{LoadPattern, LoadSpec};

/// One thread's part of a load.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) spec: &'a LoadSpec,
    /// Which triggers the program keeps.
    pub(super) filter: Filter,
    /// Index of the thread.
    pub(super) thread: u32,
    /// The moment that the schedule and the duration count from.
    pub(super) start_ns: u64,
    pub(super) stop: &'a AtomicBool,
    pub(super) rounds: &'a Rounds,
    /// When any thread last looked at the clock.
    pub(super) beat: &'a Beat,
    /// Whom the end of a burst is told, and who then lets the next one begin; none: the pause does.
    pub(super) pace: Option<(&'a Pace, &'a PipeWriter)>,
}

/// Issues the part's triggers on the calling thread.
pub(super) fn issue(part: &Part<'_>, cookies: &mut Cookies, tally: &mut Tally) {
    trigger::give(part.spec.trigger, Issue { part, cookies, tally });
}

struct Issue<'a, 'p> {
    part: &'a Part<'p>,
    cookies: &'a mut Cookies,
    tally: &'a mut Tally,
}

impl Caller for Issue<'_, '_> {
    fn run(self, call: &impl Fn(u32) -> bool) {
        self.part.issue(call, self.cookies, self.tally);
    }
}

impl Part<'_> {
    fn issue(&self, trigger: &impl Fn(u32) -> bool, cookies: &mut Cookies, tally: &mut Tally) {
        match self.spec.pattern {
            LoadPattern::Closed => self.closed(trigger, cookies, tally),
            LoadPattern::Open { rate_per_sec } => {
                let schedule = OpenSchedule::new(rate_per_sec, self.spec.duration_ns, self.spec.count);
                self.open(&schedule, SPIN_NS, trigger, cookies, tally);
            }
            LoadPattern::Beside { rate_per_sec, busy } => {
                if self.thread + 1 == self.spec.threads {
                    let schedule = OpenSchedule::new(rate_per_sec, self.spec.duration_ns, self.spec.count);
                    let spec = LoadSpec { threads: 1, ..self.spec.clone() };
                    let alone = Part { spec: &spec, thread: 0, ..*self };
                    // Asleep until each slot: there may be no CPU for it but the consumer's.
                    alone.open(&schedule, 0, trigger, cookies, tally);
                } else if self.thread < busy {
                    let until = (self.start_ns, self.deadline_ns());
                    self.at_full_speed(u64::MAX, until, trigger, cookies, tally);
                }
            }
            LoadPattern::Bursts { triggers, pause_ns } => {
                self.bursts(triggers, pause_ns, trigger, cookies, tally);
            }
            // Its pieces are open loops.
            LoadPattern::Ladder => {}
        }
    }

    /// As fast as possible.
    fn closed(&self, trigger: &impl Fn(u32) -> bool, cookies: &mut Cookies, tally: &mut Tally) {
        let quota = self.spec.count.map_or(u64::MAX, |count| self.share(count));
        self.at_full_speed(quota, (self.start_ns, self.deadline_ns()), trigger, cookies, tally);
    }

    /// Each trigger at its slot, or as soon after it as possible: a thread that is behind catches up.
    fn open(
        &self,
        schedule: &OpenSchedule,
        spin_ns: u64,
        trigger: &impl Fn(u32) -> bool,
        cookies: &mut Cookies,
        tally: &mut Tally,
    ) {
        let issued_before = tally.sent.issued;
        let open = tally.open.as_mut().expect("the tally is made for the pattern");
        let mut slot = u64::from(self.thread);
        while slot < schedule.slots() {
            let intended_ns = self.start_ns + schedule.offset_ns(slot);
            let Some(now) = wait_until(intended_ns, spin_ns, self.stop) else { break };
            tally.longest_gap_ns = tally.longest_gap_ns.max(self.beat.look(now, intended_ns));
            if now >= self.deadline_ns() {
                break;
            }
            let cookie = cookies.next();
            tally.unexpected += u64::from(!trigger(cookie));
            open.call_ns += now_ns().saturating_sub(now);
            open.issued += 1;
            tally.sent.count(cookie, self.filter);
            let lateness_ns = now - intended_ns;
            open.late += u64::from(lateness_ns > schedule.period_ns());
            open.lateness.saturating_record(lateness_ns);
            slot += u64::from(self.spec.threads);
        }
        // An early stop shortens the schedule; slots that were due by then and not issued are missed all the same.
        let due = schedule.before(now_ns().saturating_sub(self.start_ns));
        open.missed += self.share(due).saturating_sub(tally.sent.issued - issued_before);
    }

    /// Bursts at full speed, each begun by all threads together.
    fn bursts(
        &self,
        triggers: u64,
        pause_ns: u64,
        trigger: &impl Fn(u32) -> bool,
        cookies: &mut Cookies,
        tally: &mut Tally,
    ) {
        let mut full = 0;
        let mut start_ns = self.start_ns;
        for round in 0.. {
            let size = burst_size(round, triggers, self.spec.count);
            if size == 0 {
                break;
            }
            let quota = self.share(size);
            // No deadline: a burst that was begun is finished.
            let issued = self.at_full_speed(quota, (start_ns, u64::MAX), trigger, cookies, tally);
            full += u64::from(issued == quota && size == triggers);
            let Some(next_ns) = self.rounds.next(|| self.next_burst_ns(pause_ns)) else { break };
            start_ns = next_ns;
            // Asleep all the time: a spinning thread would be seen in what the consumer does meanwhile.
            wait_until(start_ns, 0, self.stop);
        }
        tally.bursts = Some(full);
    }

    /// When the burst after the one that ends now begins; nothing when time is up by then.
    fn next_burst_ns(&self, pause_ns: u64) -> Option<u64> {
        let in_time = || {
            let start_ns = now_ns().saturating_add(pause_ns);
            (start_ns < self.deadline_ns() && !self.stopped()).then_some(start_ns)
        };
        let Some((pace, notices)) = self.pace else { return in_time() };
        // After the last burst there is nothing to wait for.
        in_time()?;
        Notice::BurstEnded.send(notices);
        pace.wait(self.stop);
        in_time()
    }

    /// Calls from the first moment to the second, unless the quota or the stop flag ends it before, and returns how many times.
    /// Looks at the clock and the flag only between chunks; within one there is nothing but the call, its cookie and the check of
    /// its result.
    fn at_full_speed(
        &self,
        quota: u64,
        (start_ns, deadline_ns): (u64, u64),
        trigger: &impl Fn(u32) -> bool,
        cookies: &mut Cookies,
        tally: &mut Tally,
    ) -> u64 {
        let mut sent = Sent::default();
        let mut unexpected = 0;
        let mut chunk = 1;
        let cpu_before_ns = thread_cpu_ns();
        let mut before_ns = now_ns();
        tally.saw_gap(self.beat.look(before_ns, start_ns));
        while sent.issued < quota && before_ns < deadline_ns && !self.stopped() {
            let calls = chunk.min(quota - sent.issued);
            for _ in 0..calls {
                let cookie = cookies.next();
                unexpected += u64::from(!trigger(cookie));
                sent.count(cookie, self.filter);
            }
            let now = now_ns();
            tally.saw_gap(self.beat.look(now, before_ns));
            chunk = next_chunk(chunk, now - before_ns);
            before_ns = now;
        }
        if let Some(ran) = &mut tally.ran {
            ran.due_ns += before_ns.saturating_sub(start_ns);
            ran.cpu_ns += thread_cpu_ns() - cpu_before_ns;
        }
        tally.sent = tally.sent.and(sent);
        tally.unexpected += unexpected;
        sent.issued
    }

    fn share(&self, total: u64) -> u64 {
        share(total, self.spec.threads, self.thread)
    }

    fn deadline_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.spec.duration_ns)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Lets a load go on after a burst when somebody says so.
#[derive(Debug, Default)]
pub(super) struct Pace {
    allowed: Mutex<bool>,
    changed: Condvar,
}

impl Pace {
    /// Lets the next burst begin. Nothing else is remembered: who says it twice has said it once.
    pub(super) fn go_on(&self) {
        *self.allowed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits for [`Self::go_on`], which is also called after the stop flag is set.
    fn wait(&self, stop: &AtomicBool) {
        let allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |allowed: &mut bool| !*allowed && !stop.load(Ordering::Relaxed);
        *self.changed.wait_while(allowed, waiting).unwrap_or_else(PoisonError::into_inner) = false;
    }
}

/// Keeps the threads' bursts together: every thread arrives at the end of each burst, and one decides for all.
pub(super) struct Rounds {
    barrier: Barrier,
    /// Start of the next burst; 0 means that there is none.
    next_ns: AtomicU64,
}

impl Rounds {
    pub(super) fn new(threads: u32) -> Self {
        let threads = usize::try_from(threads).expect("a usize holds 32 bits on Linux");
        Self { barrier: Barrier::new(threads), next_ns: AtomicU64::new(0) }
    }

    /// Waits for all threads; `decide` is called by the last to arrive, and all get its answer.
    fn next(&self, decide: impl FnOnce() -> Option<u64>) -> Option<u64> {
        if self.barrier.wait().is_leader() {
            self.next_ns.store(decide().unwrap_or(0), Ordering::Relaxed);
        }
        // The barrier orders the store before the loads.
        self.barrier.wait();
        match self.next_ns.load(Ordering::Relaxed) {
            0 => None,
            start_ns => Some(start_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::Trigger;

    /// Issues so many calls, which `trigger` answers by their number.
    fn issued(pattern: LoadPattern, count: u64, answer: impl Fn(u64) -> bool) -> Tally {
        issued_with(pattern, count, |number, _| answer(number))
    }

    fn issued_with(pattern: LoadPattern, count: u64, answer: impl Fn(u64, u32) -> bool) -> Tally {
        issued_and_kept(pattern, count, 1, answer)
    }

    fn issued_and_kept(
        pattern: LoadPattern,
        count: u64,
        keep_one_in: u32,
        answer: impl Fn(u64, u32) -> bool,
    ) -> Tally {
        let spec = LoadSpec {
            pattern,
            trigger: Trigger::CHEAPEST,
            threads: 1,
            duration_ns: 1 << 40,
            count: Some(count),
            keep_one_in,
        };
        let (stop, rounds, beat) = (AtomicBool::new(false), Rounds::new(1), Beat::default());
        let filter = Filter::one_in(spec.keep_one_in);
        let start_ns = now_ns();
        let part = Part {
            spec: &spec,
            filter,
            thread: 0,
            start_ns,
            stop: &stop,
            rounds: &rounds,
            beat: &beat,
            pace: None,
        };
        let number = Cell::new(0);
        let trigger = |cookie: u32| {
            number.set(number.get() + 1);
            answer(number.get(), cookie)
        };
        let mut tally = Tally::new(&pattern);
        part.issue(&trigger, &mut Cookies::new().expect("random"), &mut tally);
        tally
    }

    #[rstest]
    #[case::closed(LoadPattern::Closed)]
    #[case::open(LoadPattern::Open { rate_per_sec: 1_000_000 })]
    #[case::bursts(LoadPattern::Bursts { triggers: 300, pause_ns: 1 })]
    fn every_trigger_has_its_cookie_and_the_sum_has_them_all(#[case] pattern: LoadPattern) {
        let seen = RefCell::new(Vec::new());
        let tally = issued_with(pattern, 1_001, |number, cookie| {
            seen.borrow_mut().push(cookie);
            // One call is answered by something else than expected.
            number != 2
        });
        let seen = seen.into_inner();
        assert_eq!((tally.sent.issued, seen.len(), tally.unexpected), (1_001, 1_001, 1));
        assert_eq!((tally.sent.kept, tally.sent.kept_cookies), (1_001, tally.sent.cookies));
        assert_eq!(tally.sent.cookies, seen.iter().copied().map(u64::from).sum::<u64>());
        assert!(seen.iter().collect::<BTreeSet<_>>().len() > 990, "each has its own");
    }

    #[rstest]
    #[case::closed(LoadPattern::Closed)]
    #[case::open(LoadPattern::Open { rate_per_sec: 1_000_000 })]
    #[case::beside(LoadPattern::Beside { rate_per_sec: 1_000_000, busy: 0 })]
    #[case::bursts(LoadPattern::Bursts { triggers: 300, pause_ns: 1 })]
    fn what_the_program_keeps_is_counted_by_its_cookies(#[case] pattern: LoadPattern) {
        let seen = RefCell::new(Vec::new());
        let one_in = 7;
        let tally = issued_and_kept(pattern, 5_000, one_in, |_, cookie| {
            seen.borrow_mut().push(cookie);
            true
        });
        let kept: Vec<u64> =
            seen.into_inner().into_iter().filter(|cookie| cookie.is_multiple_of(7)).map(u64::from).collect();
        assert_eq!(tally.sent.issued, 5_000);
        assert_eq!((tally.sent.kept, tally.sent.kept_cookies), (kept.len() as u64, kept.iter().sum::<u64>()));
        assert!((500..1_000).contains(&kept.len()), "{}", kept.len());
    }

    #[rstest]
    #[case::closed(LoadPattern::Closed)]
    #[case::open(LoadPattern::Open { rate_per_sec: 1_000 })]
    #[case::bursts(LoadPattern::Bursts { triggers: 30, pause_ns: 20_000_000 })]
    fn time_in_which_it_stood_still_is_told(#[case] pattern: LoadPattern) {
        let tally = issued(pattern, 100, |call| {
            if call == 50 {
                std::thread::sleep(std::time::Duration::from_millis(150));
            }
            true
        });
        // An open load was not to run before its next slot.
        assert!(tally.longest_gap_ns >= 148_000_000, "{}", tally.longest_gap_ns);
        let ran = tally.ran.map(|ran| (ran.due_ns - ran.cpu_ns >= 150_000_000, ran.cpu_ns > 0));
        assert_eq!(ran, (!matches!(pattern, LoadPattern::Open { .. })).then_some((true, true)));
    }

    #[test]
    fn pauses_between_bursts_are_no_gaps() {
        let tally = issued(LoadPattern::Bursts { triggers: 10, pause_ns: 300_000_000 }, 20, |_| true);
        assert!(tally.ran.expect("bursts").due_ns < 300_000_000);
    }
}
