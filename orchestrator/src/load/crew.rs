//! The threads of a load: created, pinned and parked, then released together.

use std::io::{self, PipeReader, PipeWriter};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use bare_walk::pin;
use nix::sys::prctl;

use super::beat::Beat;
use super::clock::{SPIN_NS, now_ns, thread_cpu_ns, wait_until};
use super::cookies::Cookies;
use super::error::Error;
use super::filter::Filter;
use super::notice::Notice;
use super::pattern::{Pace, Part, Rounds, issue};
use super::report::{LadderPiece, WarmedPiece};
use super::tally::{CpuTime, Sent, Tally};
use crate::arithmetic::nanoseconds;
use crate::plan::{LoadPattern, LoadSpec};

/// What the threads of one load share.
pub(super) struct Crew<'a> {
    spec: &'a LoadSpec,
    orders: Mutex<Orders>,
    /// Wakes the threads for a new order.
    changed: Condvar,
    stop: AtomicBool,
    rounds: Rounds,
    beat: Beat,
    /// None: bursts do not wait to be told.
    pace: Option<Pace>,
}

/// What the threads are to do. They are parked until the number changes.
#[derive(Debug)]
struct Orders {
    number: u64,
    order: Order,
    /// Threads that still work on a piece of the warm-up, and what the others issued in it.
    busy: u32,
    warmed: Sent,
    /// CPU time that they took, nanoseconds.
    warmed_cpu_ns: u64,
    /// Slots of a piece's schedule in which nothing was issued.
    missed: u64,
    /// When the order was to be begun.
    start_ns: u64,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    /// Nothing yet.
    Wait,
    /// A piece of the warm-up, then wait again.
    WarmUp { start_ns: u64, duration_ns: u64 },
    /// So many triggers of the first thread at full speed, whatever the pattern, then wait again: threads beside it would cost it something.
    Fill { start_ns: u64, triggers: u64 },
    /// A piece of a ladder, then wait again.
    Piece { start_ns: u64, rate_per_sec: u64, duration_ns: u64 },
    /// The load itself.
    Begin { start_ns: u64 },
    /// There will be nothing to do.
    Leave,
}

/// Threads that are ready.
pub(super) struct Started<'scope> {
    /// What the threads do.
    pub(super) notices: PipeReader,
    threads: Vec<ScopedJoinHandle<'scope, Option<Tally>>>,
}

impl<'a> Crew<'a> {
    /// `paced`: after each burst wait for [`Self::go_on`].
    pub(super) fn new(spec: &'a LoadSpec, paced: bool) -> Self {
        Self {
            spec,
            orders: Mutex::new(Orders {
                number: 0,
                order: Order::Wait,
                busy: 0,
                warmed: Sent::default(),
                warmed_cpu_ns: 0,
                missed: 0,
                start_ns: 0,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            rounds: Rounds::new(spec.threads),
            beat: Beat::default(),
            pace: paced.then(Pace::default),
        }
    }

    /// Creates the threads; returns when all are pinned and parked.
    pub(super) fn start<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        cpus: &[u32],
    ) -> Result<Started<'scope>, Error> {
        let thread_failed = |source| Error::ThreadFailed { threads: self.spec.threads, source };
        let (notices, alive) = io::pipe().map_err(thread_failed)?;
        let (ready, is_ready) = mpsc::channel();
        let mut cpus = cpus.iter().copied().cycle();
        let mut threads = Vec::new();
        for thread in 0..self.spec.threads {
            let cpu = cpus.next();
            let ready = ready.clone();
            let alive = alive.try_clone().map_err(thread_failed)?;
            let body = move || self.work(thread, cpu, &ready, &alive);
            let builder = thread::Builder::new().name(format!("load-{thread}"));
            threads.push(builder.spawn_scoped(scope, body).map_err(thread_failed)?);
        }
        drop(ready);
        is_ready.iter().take(threads.len()).collect::<Result<(), Error>>()?;
        Ok(Started { notices, threads })
    }

    /// Lets the parked threads begin at a moment.
    pub(super) fn release(&self, start_ns: u64) {
        self.give(Order::Begin { start_ns });
    }

    /// Lets the parked threads run the pattern for a while. [`Notice::Warmed`] says that they are parked again.
    pub(super) fn warm_up(&self, start_ns: u64, duration: Duration) {
        let duration_ns = nanoseconds(duration);
        self.give(Order::WarmUp { start_ns, duration_ns });
    }

    /// Lets the first of the parked threads issue so many triggers at full speed. [`Notice::Warmed`] says that they are parked again.
    pub(super) fn fill(&self, start_ns: u64, triggers: u64) {
        self.give(Order::Fill { start_ns, triggers });
    }

    /// Lets the parked threads issue at a rate for a while. [`Notice::PieceEnded`] says that they are parked again.
    pub(super) fn piece(&self, start_ns: u64, rate_per_sec: u64, length: Duration) {
        self.give(Order::Piece { start_ns, rate_per_sec, duration_ns: nanoseconds(length) });
    }

    /// What was done in the piece of the ladder that has just ended.
    pub(super) fn piece_ended(&self, rate_per_sec: u64) -> LadderPiece {
        let orders = self.orders();
        LadderPiece {
            rate_per_sec,
            issued: orders.warmed.issued,
            missed: orders.missed,
            cpu_ns: orders.warmed_cpu_ns,
            started_ns: orders.start_ns,
            ended_ns: now_ns(),
        }
    }

    /// What was done in the piece of the warm-up that has just ended.
    pub(super) fn warmed(&self) -> WarmedPiece {
        let orders = self.orders();
        let Sent { issued, cookies, kept, kept_cookies } = orders.warmed;
        WarmedPiece {
            issued,
            cookies,
            kept,
            kept_cookies,
            cpu_ns: orders.warmed_cpu_ns,
            started_ns: orders.start_ns,
            ended_ns: now_ns(),
        }
    }

    /// Lets paced threads begin their next burst.
    pub(super) fn go_on(&self) {
        if let Some(pace) = &self.pace {
            pace.go_on();
        }
    }

    /// Ends the threads, parked, waiting or running.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.go_on();
        self.give(Order::Leave);
    }

    /// The first order to begin or to leave is the last.
    fn give(&self, order: Order) {
        let mut orders = self.orders();
        if matches!(orders.order, Order::Begin { .. } | Order::Leave) {
            return;
        }
        let number = orders.number + 1;
        let start_ns = match order {
            Order::WarmUp { start_ns, .. }
            | Order::Fill { start_ns, .. }
            | Order::Piece { start_ns, .. }
            | Order::Begin { start_ns } => start_ns,
            Order::Wait | Order::Leave => 0,
        };
        *orders = Orders {
            number,
            order,
            busy: self.spec.threads,
            warmed: Sent::default(),
            warmed_cpu_ns: 0,
            missed: 0,
            start_ns,
        };
        drop(orders);
        self.changed.notify_all();
    }

    /// Parks the calling thread until there is an order after number `seen`.
    fn next_order(&self, seen: &mut u64) -> Order {
        let orders = self.changed.wait_while(self.orders(), |orders| orders.number == *seen);
        let orders = orders.unwrap_or_else(PoisonError::into_inner);
        *seen = orders.number;
        orders.order
    }

    /// A thread that panicked leaves plain numbers, which are as good as before.
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of one thread. It is ready only after everything that allocates or may fail.
    fn work(
        &self,
        thread: u32,
        cpu: Option<u32>,
        ready: &mpsc::Sender<Result<(), Error>>,
        notices: &PipeWriter,
    ) -> Option<Tally> {
        let mut tally = Tally { pinned: cpu, ..Tally::new(&self.spec.pattern) };
        let mut warm = Tally::new(&self.spec.pattern);
        let threads = self.spec.threads;
        let cookies = Cookies::new().map_err(|source| Error::ThreadFailed { threads, source });
        let pinned = |cpu| pin(cpu).map_err(|errno| Error::PinFailed { cpu, source: errno.into() });
        let (mut cookies, prepared) = match cookies {
            Ok(cookies) => (cookies, cpu.map_or(Ok(()), pinned)),
            Err(error) => {
                ready.send(Err(error)).ok();
                return None;
            }
        };
        // By default the kernel delays a wake-up by up to 50 µs to join it with others; without that, schedules hold.
        prctl::set_timerslack(1).expect("every Linux lets a thread choose its timer slack");
        // If nobody listens, the crew was given up, and the release below says so.
        ready.send(prepared).ok();

        let mut seen = 0;
        let start_ns = loop {
            match self.next_order(&mut seen) {
                Order::Wait => {}
                Order::WarmUp { start_ns, duration_ns } => {
                    // A count is for the load itself.
                    let pattern = match self.spec.pattern {
                        // Of no rate in particular: the highest.
                        LoadPattern::Ladder => LoadPattern::Closed,
                        pattern => pattern,
                    };
                    let spec = LoadSpec { pattern, duration_ns, count: None, ..self.spec.clone() };
                    self.warm(&self.part(&spec, thread, start_ns, notices), &mut cookies, &mut warm, notices);
                }
                Order::Fill { start_ns, triggers } => {
                    let (pattern, count) =
                        (LoadPattern::Closed, Some(if thread == 0 { triggers } else { 0 }));
                    let spec =
                        LoadSpec { pattern, duration_ns: u64::MAX, threads: 1, count, ..self.spec.clone() };
                    self.warm(&self.part(&spec, 0, start_ns, notices), &mut cookies, &mut warm, notices);
                }
                Order::Piece { start_ns, rate_per_sec, duration_ns } => {
                    let pattern = LoadPattern::Open { rate_per_sec };
                    let spec = LoadSpec { pattern, duration_ns, count: None, ..self.spec.clone() };
                    let part = self.part(&spec, thread, start_ns, notices);
                    self.run_piece(&part, &mut cookies, &mut tally, notices);
                }
                Order::Begin { start_ns } => break start_ns,
                // A ladder that is left has been climbed so far: not at all, where this comes before its first piece.
                Order::Leave if self.spec.pattern == LoadPattern::Ladder => {
                    if tally.started_ns == 0 {
                        (tally.started_ns, tally.ended_ns) = (now_ns(), now_ns());
                    }
                    return Some(tally);
                }
                Order::Leave => return None,
            }
        };
        wait_until(start_ns, SPIN_NS, &self.stop);
        let part = self.part(self.spec, thread, start_ns, notices);
        tally.unexpected += warm.unexpected;
        if self.spec.pattern == LoadPattern::Ladder {
            return Some(tally);
        }
        let cpu_before = CpuTime::of_this_thread();
        tally.started_ns = now_ns();
        issue(&part, &mut cookies, &mut tally);
        tally.ended_ns = now_ns();
        tally.cpu = CpuTime::of_this_thread().since(cpu_before);
        Some(tally)
    }

    /// One thread's part of a piece of the warm-up; the last thread says that it is over.
    fn warm(&self, part: &Part<'_>, cookies: &mut Cookies, warm: &mut Tally, notices: &PipeWriter) {
        wait_until(part.start_ns, SPIN_NS, &self.stop);
        let before = warm.sent;
        let cpu_before_ns = thread_cpu_ns();
        issue(part, cookies, warm);
        let cpu_ns = thread_cpu_ns().saturating_sub(cpu_before_ns);
        let mut orders = self.orders();
        orders.busy -= 1;
        orders.warmed = orders.warmed.and(warm.sent.since(before));
        orders.warmed_cpu_ns += cpu_ns;
        if orders.busy == 0 {
            Notice::Warmed.send(notices);
        }
    }

    /// One thread's part of a piece of a ladder; the last thread says that it is over.
    fn run_piece(&self, part: &Part<'_>, cookies: &mut Cookies, tally: &mut Tally, notices: &PipeWriter) {
        wait_until(part.start_ns, SPIN_NS, &self.stop);
        let cpu_before = CpuTime::of_this_thread();
        let cpu_before_ns = thread_cpu_ns();
        if tally.started_ns == 0 {
            tally.started_ns = now_ns();
        }
        let missed = |tally: &Tally| tally.open.as_ref().map_or(0, |open| open.missed);
        let (before, missed_before) = (tally.sent, missed(tally));
        issue(part, cookies, tally);
        tally.ended_ns = now_ns();
        tally.cpu = tally.cpu.and(CpuTime::of_this_thread().since(cpu_before));
        let cpu_ns = thread_cpu_ns().saturating_sub(cpu_before_ns);
        let mut orders = self.orders();
        orders.busy -= 1;
        orders.warmed = orders.warmed.and(tally.sent.since(before));
        orders.missed += missed(tally) - missed_before;
        orders.warmed_cpu_ns += cpu_ns;
        if orders.busy == 0 {
            Notice::PieceEnded.send(notices);
        }
    }

    fn part<'p>(
        &'p self,
        spec: &'p LoadSpec,
        thread: u32,
        start_ns: u64,
        notices: &'p PipeWriter,
    ) -> Part<'p> {
        let pace = self.pace.as_ref().map(|pace| (pace, notices));
        let filter = Filter::one_in(spec.keep_one_in);
        Part {
            spec,
            filter,
            thread,
            start_ns,
            stop: &self.stop,
            rounds: &self.rounds,
            beat: &self.beat,
            pace,
        }
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

#[cfg(test)]
mod tests;
