//! A ring buffer for each CPU: read by one thread in turn, or by a thread each.

use crate::args::Wakeup;
use crate::clock::{now_ns, sleep_until};
use crate::messages::RingSummary;
use crate::session::{nanos, read};
use crate::tally::{Totals, encode};
use crate::{Args, Consumer, Failure, KernelCounters, Program, Reader, Ready, Session, Tally};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// A framework's ring buffers, in the order of their CPUs.
pub trait Rings: Sync {
    /// A reader of one of them, for the thread that calls.
    fn open<'a, const DELAYS: bool>(
        &'a self,
        index: usize,
        tally: &'a Tally<DELAYS>,
    ) -> Result<impl Reader + 'a, Failure>;

    /// A reader of all, which have a tally each. It answers what it read of the one of which it read most, and
    /// so how near it came to its limit, which is that of each.
    fn open_all<'a, const DELAYS: bool>(
        &'a self,
        tallies: &'a [Tally<DELAYS>],
    ) -> Result<impl Reader + 'a, Failure>;
}

/// The CPUs that are online, in order.
pub fn online_cpus() -> Result<Vec<u32>, Failure> {
    let list = fs::read_to_string("/sys/devices/system/cpu/online")
        .map_err(|error| Failure::internal("cannot read which CPUs are online", &error))?;
    ranges(&list).ok_or_else(|| Failure::bug(format!("`{list}` is no list of CPUs")))
}

/// Numbers and ranges, such as `0-3,5`.
fn ranges(list: &str) -> Option<Vec<u32>> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse().ok()?..=to.parse().ok()?)
    };
    let ranges: Option<Vec<_>> = list.trim().split(',').map(range).collect();
    Some(ranges?.into_iter().flatten().collect())
}

/// What a thread shows of what it has read.
#[derive(Debug, Default)]
#[repr(align(128))] // two cache lines, which processors fetch in pairs
struct Shown {
    received: AtomicU64,
    bytes: AtomicU64,
    wakeups: AtomicU64,
}

/// As [`Session::measure`], of ring buffers of these CPUs.
pub fn measure<const DELAYS: bool>(
    session: &Session<DELAYS>,
    ready: &Ready,
    cpus: &[u32],
    rings: &impl Rings,
    program: impl Program,
) -> Result<(), Failure> {
    let tallies = cpus.iter().map(|_| Tally::new()).collect::<Result<Vec<Tally<DELAYS>>, _>>()?;
    let shown: Vec<Shown> = cpus.iter().map(|_| Shown::default()).collect();
    let over = AtomicBool::new(false);
    let (args, total) = (&session.args, &session.tally);
    let open = || rings.open_all(&tallies);
    thread::scope(|scope| {
        let own = |(index, shown)| {
            let over = &over;
            thread::Builder::new().spawn_scoped(scope, move || run(rings, index, args, shown, over))
        };
        let wanted = shown.iter().enumerate().take(if args.threads { shown.len() } else { 0 });
        let threads = wanted.map(own).collect::<Result<Vec<_>, _>>().map_err(|error| {
            // The scope waits for those that did start.
            over.store(true, Ordering::Relaxed);
            Failure::internal("cannot start a thread", &error)
        })?;
        let reader = if args.threads { None } else { Some(open()?) };
        let mut all = All {
            cpus,
            tallies: &tallies,
            total,
            shown: &shown,
            over: &over,
            threads,
            open,
            reader,
            program,
        };
        let measured = session.measure(ready, &mut all);
        // Where that failed before it stopped them: the scope waits for them.
        over.store(true, Ordering::Relaxed);
        measured
    })
}

/// The whole of a thread's life; answers what it has read.
fn run<const DELAYS: bool>(
    rings: &impl Rings,
    index: usize,
    args: &Args,
    shown: &Shown,
    over: &AtomicBool,
) -> Result<Tally<DELAYS>, Failure> {
    let tally = Tally::new()?;
    let mut reader = Showing { reader: rings.open(index, &tally)?, tally: &tally, shown };
    let (_, wakeups) = read(
        &mut reader,
        args.wakeup,
        now_ns(),
        u64::MAX >> 1,
        || over.load(Ordering::Relaxed),
        |_, wakeups| {
            shown.wakeups.store(wakeups, Ordering::Relaxed);
            Ok(false)
        },
    )?;
    tally.wakeups.set(wakeups);
    drop(reader);
    Ok(tally)
}

/// A thread's reader, which shows how far it is.
struct Showing<'a, R, const DELAYS: bool> {
    reader: R,
    tally: &'a Tally<DELAYS>,
    shown: &'a Shown,
}

impl<R: Reader, const DELAYS: bool> Reader for Showing<'_, R, DELAYS> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        let read = self.reader.consume(limit)?;
        let Totals { received, bytes, .. } = self.tally.totals();
        self.shown.received.store(received, Ordering::Relaxed);
        self.shown.bytes.store(bytes, Ordering::Relaxed);
        Ok(read)
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        self.reader.wait(timeout)
    }
}

/// All rings: what reads them, or looks after the threads that do.
struct All<'a, 'scope, const DELAYS: bool, R, O, P> {
    cpus: &'a [u32],
    /// A ring's each.
    tallies: &'a [Tally<DELAYS>],
    total: &'a Tally<DELAYS>,
    shown: &'a [Shown],
    over: &'a AtomicBool,
    threads: Vec<ScopedJoinHandle<'scope, Result<Tally<DELAYS>, Failure>>>,
    open: O,
    /// There is one as soon as there are no threads.
    reader: Option<R>,
    program: P,
}

impl<const DELAYS: bool, R, O, P> All<'_, '_, DELAYS, R, O, P> {
    /// Ends the threads, and takes over what they have read.
    fn join(&mut self) -> Result<(), Failure> {
        self.over.store(true, Ordering::Relaxed);
        for (index, thread) in self.threads.drain(..).enumerate() {
            let read = thread.join().map_err(|_| Failure::bug("a thread panicked"))??;
            self.tallies[index].add(&read);
            self.shown[index].wakeups.store(read.wakeups.get(), Ordering::Relaxed);
        }
        self.total.wakeups.set(self.shown.iter().map(|one| one.wakeups.load(Ordering::Relaxed)).sum());
        Ok(())
    }
}

impl<const DELAYS: bool, R: Reader, O, P> Reader for All<'_, '_, DELAYS, R, O, P> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        if let Some(reader) = &mut self.reader {
            let read = reader.consume(limit)?;
            self.total.replace(self.tallies.iter().map(Tally::totals).sum());
            return Ok(read);
        }
        let sum =
            |of: fn(&Shown) -> &AtomicU64| self.shown.iter().map(|one| of(one).load(Ordering::Relaxed)).sum();
        self.total.replace(Totals {
            received: sum(|one| &one.received),
            bytes: sum(|one| &one.bytes),
            marks: 0,
        });
        self.total.wakeups.set(sum(|one| &one.wakeups));
        // One that has ended has failed.
        if self.threads.iter().any(ScopedJoinHandle::is_finished) {
            self.join()?;
        }
        Ok(0)
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        if let Some(reader) = &mut self.reader {
            return reader.wait(timeout);
        }
        sleep_until(now_ns() + nanos(timeout));
        Ok(false)
    }
}

impl<const DELAYS: bool, R: Reader, O: Fn() -> Result<R, Failure>, P: Program> Consumer
    for All<'_, '_, DELAYS, R, O, P>
{
    fn detach(&mut self) -> Result<(), Failure> {
        self.program.detach()
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.program.counters()
    }

    fn wakeup(&self, asked: Wakeup) -> Wakeup {
        // The clock of the messages is all that this thread waits for.
        if self.threads.is_empty() { asked } else { Wakeup::Adaptive }
    }

    fn stop(&mut self) -> Result<(), Failure> {
        self.join()?;
        if self.reader.is_none() {
            // For what is left. Where the thread was is in the ring itself.
            self.reader = Some((self.open)()?);
        }
        Ok(())
    }

    fn sum_up(&mut self) -> Result<Option<Vec<RingSummary>>, Failure> {
        let summary = |(cpu, tally): (&u32, &Tally<DELAYS>)| {
            self.total.add(tally);
            let latency = tally.delays().as_deref().map(encode).transpose()?;
            Ok(RingSummary { cpu: *cpu, received: tally.totals().received, latency })
        };
        self.total.replace(Totals::default());
        self.cpus.iter().zip(self.tallies).map(summary).collect::<Result<_, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn a_list_of_cpus_has_numbers_and_ranges() {
        assert_eq!(ranges("0-2,5,7-8\n"), Some(vec![0, 1, 2, 5, 7, 8]));
        assert_eq!(ranges("0\n"), Some(vec![0]));
        assert_eq!(ranges("0-\n"), None);
    }
}
