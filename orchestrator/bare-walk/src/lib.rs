//! What reading costs at least: a bare walk over records that another processor wrote, in plain shared memory.
//!
//! Whoever reads a ring buffer must load the header of each record, to know where the next one begins, and what it needs of the
//! record. Both lie in cache lines that another processor has written last. A consumer cannot do less, whatever it is written in; one
//! that costs much less has not read.
//!
//! A crate of its own, so that it is optimised where the rest is not: the profiles of the workspace say so.

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

mod thread;

pub use thread::{monotonic_ns, pin, thread_cpu_ns};

/// Larger than the caches of any processor core; a larger ring is walked as one of this size.
const RING_MAX: usize = 64 << 20;
/// The part of the ring that is filled and walked at once, as a burst fills it.
const FILLED: (usize, usize) = (7, 8);
/// The kernel's header of a record, bytes, and where the mark lies behind it.
const HEADER: usize = 8;
const MARK: usize = 8;

/// What is to be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkSpec {
    /// Size of the ring, bytes.
    pub ring_bytes: u64,
    /// Size of a record without its header, bytes.
    pub record_bytes: u32,
    /// Processor that reads; none: any.
    pub reader: Option<u32>,
    /// Processor that writes; none: any.
    pub writer: Option<u32>,
    /// How often.
    pub walks: u32,
}

/// Walks: nanoseconds of CPU time a record in each, the fastest first; none where there is no memory or no such processor.
#[must_use]
pub fn walk(spec: &WalkSpec) -> Option<Vec<f64>> {
    let slot = (usize::try_from(spec.record_bytes).ok()? + HEADER).next_multiple_of(8);
    let ring = usize::try_from(spec.ring_bytes).unwrap_or(RING_MAX).min(RING_MAX);
    let records = (ring / FILLED.1 * FILLED.0 / slot).max(1);
    let memory = Memory::new(NonZeroUsize::new(ring.max(slot))?)?;
    let (to_writer, orders) = channel();
    let (done, from_writer) = channel();
    std::thread::scope(|scope| {
        let writer = spec.writer;
        let shared = &memory;
        let length = spec.record_bytes;
        scope.spawn(move || shared.serve(writer, length, (records, slot), &orders, &done));
        let read = scope.spawn(move || -> Option<Vec<f64>> {
            pin_if_told(spec.reader)?;
            (0..spec.walks).map(|_| shared.timed_walk(records, &to_writer, &from_writer)).collect()
        });
        let mut each = read.join().ok()??;
        each.sort_by(f64::total_cmp);
        Some(each)
    })
}

/// Time between two wakeups, so that the reader sleeps again.
const WAKE_PERIOD: Duration = Duration::from_micros(300);

/// Wakes a thread on the reader's processor from one on the writer's, so many times: nanoseconds from before the call that wakes
/// until the woken thread has read the clock, the fastest first; none where it cannot be tried. The least of them is what any
/// consumer that sleeps pays, whatever wakes it: an interrupt, the scheduler, the way back to user space.
#[must_use]
pub fn wake(spec: &WalkSpec, times: u32) -> Option<Vec<u64>> {
    let (mut bell, mut ring) = std::io::pipe().ok()?;
    let mut each = std::thread::scope(|scope| -> Option<Vec<u64>> {
        let (cpu, asleep) = (spec.reader, spec.writer);
        let reader = scope.spawn(move || -> Option<Vec<u64>> {
            pin_if_told(cpu)?;
            let mut sent = [0; 8];
            let mut each = Vec::new();
            while bell.read_exact(&mut sent).is_ok() {
                each.push(monotonic_ns().saturating_sub(u64::from_ne_bytes(sent)));
            }
            Some(each)
        });
        let writer = scope.spawn(move || -> Option<()> {
            pin_if_told(asleep)?;
            for _ in 0..times {
                std::thread::sleep(WAKE_PERIOD);
                ring.write_all(&monotonic_ns().to_ne_bytes()).ok()?;
            }
            Some(())
        });
        writer.join().ok()??;
        reader.join().ok()?
    })?;
    each.sort_unstable();
    Some(each)
}

/// Pages that two threads share. All access is atomic.
struct Memory {
    start: NonNull<u8>,
    length: NonZeroUsize,
}

// SAFETY: the memory lives as long as the value, and every access is an atomic one.
unsafe impl Sync for Memory {}

impl Memory {
    /// Pages of 4 KiB, as those of a ring buffer are.
    fn new(length: NonZeroUsize) -> Option<Self> {
        let flags = MapFlags::MAP_PRIVATE;
        // SAFETY: a fresh mapping at an address of the kernel's choice.
        let start =
            unsafe { mmap_anonymous(None, length, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) };
        let start = start.ok()?.cast::<u8>();
        // SAFETY: the mapping of above. A kernel without huge pages answers with an error, which changes nothing.
        let _small = unsafe { libc::madvise(start.as_ptr().cast(), length.get(), libc::MADV_NOHUGEPAGE) };
        Some(Self { start, length })
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        debug_assert!(at.is_multiple_of(8) && at + 8 <= self.length.get());
        // SAFETY: inside of the mapping and aligned: callers stay below `records * slot`, and slots are multiples of 8.
        unsafe { self.start.add(at).cast().as_ref() }
    }

    fn header(&self, at: usize) -> &AtomicU32 {
        // SAFETY: as above.
        unsafe { self.start.add(at).cast().as_ref() }
    }

    /// Writes all records at each order, until nobody orders any more.
    fn serve(
        &self,
        cpu: Option<u32>,
        length: u32,
        (records, slot): (usize, usize),
        orders: &Receiver<()>,
        done: &Sender<()>,
    ) {
        if pin_if_told(cpu).is_none() {
            return;
        }
        for () in orders {
            for at in (0..records).map(|record| record * slot) {
                // What every record holds: time, mark, process and thread, processor and type, name.
                for word in 1..slot.min(7 * 8) / 8 {
                    self.word(at + word * 8).store((at + word) as u64, Ordering::Relaxed);
                }
                self.header(at).store(length, Ordering::Release);
            }
            if done.send(()).is_err() {
                return;
            }
        }
    }

    /// Nanoseconds a record.
    fn timed_walk(&self, records: usize, orders: &Sender<()>, done: &Receiver<()>) -> Option<f64> {
        orders.send(()).ok()?;
        done.recv().ok()?;
        let start_ns = thread_cpu_ns();
        let (mut at, mut marks) = (0, 0_u64);
        for _ in 0..records {
            let length = self.header(at).load(Ordering::Acquire);
            marks = marks.wrapping_add(self.word(at + HEADER + MARK).load(Ordering::Relaxed));
            at += (length as usize + HEADER).next_multiple_of(8);
        }
        black_box(marks);
        Some((thread_cpu_ns() - start_ns) as f64 / records as f64)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, unmapped once.
        let _unmapped = unsafe { munmap(self.start.cast(), self.length.get()) };
    }
}

fn pin_if_told(cpu: Option<u32>) -> Option<()> {
    cpu.map_or(Some(()), |cpu| pin(cpu).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_takes_time_and_a_processor_that_is_not_there_none() {
        let spec = WalkSpec { ring_bytes: 1 << 16, record_bytes: 64, reader: None, writer: None, walks: 3 };
        let walked = walk(&spec).expect("memory");
        assert!(walked.len() == 3 && walked[0] > 0.0 && walked[0] <= walked[2], "{walked:?}");
        assert_eq!(walk(&WalkSpec { reader: Some(1023), ..spec }), None);
        assert_eq!(walk(&WalkSpec { writer: Some(1023), ..spec }), None);
    }

    #[test]
    fn waking_takes_longer_than_two_looks_at_the_clock() {
        let spec = WalkSpec { ring_bytes: 4096, record_bytes: 64, reader: None, writer: None, walks: 1 };
        let woken = wake(&spec, 5).expect("a pipe");
        assert!(woken.len() == 5 && woken[0] >= 200, "{woken:?}");
        assert_eq!(wake(&WalkSpec { reader: Some(1023), ..spec }, 5), None);
    }

    #[test]
    fn the_smallest_ring_holds_a_few_large_records() {
        let spec = WalkSpec { ring_bytes: 4096, record_bytes: 1024, reader: None, writer: None, walks: 1 };
        assert!(walk(&spec).is_some());
    }
}
