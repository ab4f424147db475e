//! Consumers of the real runner's ring that do not do what a consumer does.

use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use libbpf_rs::{MapCore as _, MapFlags, MapHandle, MapType};
use nix::sys::mman::{MapFlags as Mapping, ProtFlags, mmap};
use serde_json::{Value, json};

use crate::{sleep_until_stopped, stopped};

const PAGE: usize = 4096;

/// Records between two looks at the clock.
const RECORDS_A_LOOK: u64 = 64;

/// Whether a rule reads instead of the real runner.
pub(crate) fn reads_itself(rule: &str) -> bool {
    limit(rule).is_some()
        || [
            "never-reads",
            "skips-all",
            "skips-one-in-500",
            "reads-two-of-a-batch",
            "reads-the-first-of-a-batch",
        ]
        .contains(&rule)
}

/// What `limited:NS` spends on each record.
fn limit(rule: &str) -> Option<Duration> {
    rule.strip_prefix("limited:").map(|ns| Duration::from_nanos(ns.parse().unwrap()))
}

/// Reads until it is told to stop; answers the summary.
pub(crate) fn read(rule: &str, ready: &Value, argv: &[String]) -> Value {
    let batch = flag(argv, "--batch");
    let record_size = flag(argv, "--record-size");
    let slot = (record_size + 8).next_multiple_of(8);
    let mut marks = 0_u64;
    match rule {
        "never-reads" => sleep_until_stopped(),
        rule if let Some(each) = limit(rule) => marks = Ring::of(ready).limited(slot, each),
        "skips-all" => {
            let ring = Ring::of(ready);
            ring.until_stopped(|_, producer| producer);
        }
        "skips-one-in-500" => {
            let ring = Ring::of(ready);
            ring.until_stopped(|mut at, producer| {
                while at < producer {
                    if !(at / slot).is_multiple_of(500) {
                        marks = marks.wrapping_add(ring.mark(at));
                    }
                    at += slot;
                }
                at
            });
        }
        "reads-two-of-a-batch" => {
            let ring = Ring::of(ready);
            ring.until_stopped(|mut at, producer| {
                while at < producer {
                    marks = marks.wrapping_add(ring.mark(at)).wrapping_add(ring.mark(at + slot));
                    at += batch * slot;
                }
                at
            });
        }
        _ => {
            let ring = Ring::of(ready);
            // The marks of a batch follow from its first.
            let rest = batch * (batch - 1) / 2;
            ring.until_stopped(|mut at, producer| {
                while at < producer {
                    let (first, end) = (ring.mark(at), at + batch * slot);
                    // Where records were dropped, a batch is shorter.
                    let whole = end <= producer && ring.mark(end - slot) == first + batch - 1;
                    if whole {
                        marks = marks.wrapping_add(batch.wrapping_mul(first)).wrapping_add(rest);
                    } else {
                        marks = marks.wrapping_add(first);
                    }
                    at = if whole { end } else { at + slot };
                }
                at
            });
        }
    }
    let [attempted, submitted, dropped, dropped_marks] = counted(ready);
    json!({"type": "summary", "elapsed_ns": 1, "attempted": attempted, "submitted": submitted, "dropped": dropped,
        "lost": 0, "received": submitted, "bytes": submitted * record_size, "dropped_marks": dropped_marks,
        "marks": marks, "wakeups": null, "latency": null})
}

fn flag(argv: &[String], name: &str) -> u64 {
    let at = argv.iter().position(|argument| argument == name).unwrap();
    argv[at + 1].parse().unwrap()
}

fn maps(ready: &Value) -> impl Iterator<Item = MapHandle> + '_ {
    let ids = ready["map_ids"].as_array().unwrap().iter();
    ids.map(|id| MapHandle::from_map_id(u32::try_from(id.as_u64().unwrap()).unwrap()).unwrap())
}

/// What the program counted.
fn counted(ready: &Value) -> [u64; 4] {
    let counters = maps(ready).find(|map| map.name() == "counters").unwrap();
    let per_cpu = counters.lookup_percpu(&0_u32.to_ne_bytes(), MapFlags::ANY).unwrap().unwrap();
    std::array::from_fn(|field| {
        per_cpu.iter().fold(0_u64, |sum, cpu| {
            sum.wrapping_add(u64::from_ne_bytes(cpu[field * 8..field * 8 + 8].try_into().unwrap()))
        })
    })
}

/// Sets all counters to zero, again and again, as far as the kernel lets it.
pub(crate) fn rewrite_counters(ready: &Value) {
    let counters = maps(ready).find(|map| map.name() == "counters").unwrap();
    let zero = vec![vec![0_u8; 32]; libbpf_rs::num_possible_cpus().unwrap()];
    std::thread::spawn(move || {
        while !stopped() {
            let _denied = counters.update_percpu(&0_u32.to_ne_bytes(), &zero, MapFlags::ANY);
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

/// The pages of a ring buffer: its consumer's position can be written by whoever has the map.
struct Ring {
    consumer: NonNull<AtomicU64>,
    producer: NonNull<AtomicU64>,
    data: NonNull<u8>,
    size: u64,
}

impl Ring {
    fn of(ready: &Value) -> Self {
        let map = maps(ready).find(|map| map.map_type() == MapType::RingBuf).unwrap();
        let size = map.max_entries();
        let pages = |length: usize, protection: ProtFlags, offset: usize| {
            let length = NonZeroUsize::new(length).unwrap();
            // SAFETY: a fresh mapping at an address of the kernel's choice, which lives as long as this process.
            unsafe {
                mmap(None, length, protection, Mapping::MAP_SHARED, map.as_fd(), offset.try_into().unwrap())
            }
            .unwrap()
        };
        let (read, write) = (ProtFlags::PROT_READ, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE);
        let data = PAGE + 2 * usize::try_from(size).unwrap();
        let producer = pages(data, read, PAGE);
        let consumer = pages(PAGE, write, 0).cast();
        // With the descriptor left open, trials beside this one see which map is mapped here, and that it is not theirs.
        std::mem::forget(map);
        Self {
            consumer,
            producer: producer.cast(),
            // SAFETY: the data follows the producer's page within the same mapping.
            data: unsafe { producer.cast::<u8>().add(PAGE) },
            size: size.into(),
        }
    }

    /// `consume` gets both positions and answers the consumer's new one.
    fn until_stopped(&self, mut consume: impl FnMut(u64, u64) -> u64) {
        loop {
            let last = stopped();
            // SAFETY: both pages stay mapped, and all access is atomic.
            let (consumer, producer) = unsafe { (self.consumer.as_ref(), self.producer.as_ref()) };
            let end = producer.load(Ordering::Acquire);
            let at = consume(consumer.load(Ordering::Acquire), end);
            consumer.store(at, Ordering::Release);
            if last {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Reads all that comes, in order, at one record in `each` and no faster; answers the sum of the marks. Where nothing waits it
    /// sleeps for a millisecond, as a consumer that nobody wakes does.
    fn limited(&self, slot: u64, each: Duration) -> u64 {
        let mut marks = 0_u64;
        loop {
            let last = stopped();
            // SAFETY: both pages stay mapped, and all access is atomic.
            let (consumer, producer) = unsafe { (self.consumer.as_ref(), self.producer.as_ref()) };
            let mut at = consumer.load(Ordering::Acquire);
            let end = producer.load(Ordering::Acquire);
            if at == end {
                if last {
                    return marks;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            while at < end {
                // A few at a time, so that what a look at the clock takes is no part of the limit.
                let (began, few) = (Instant::now(), end.min(at + RECORDS_A_LOOK * slot));
                let count = u32::try_from((few - at) / slot).unwrap();
                while at < few {
                    marks = marks.wrapping_add(self.mark(at));
                    at += slot;
                }
                while began.elapsed() < each * count {
                    std::hint::spin_loop();
                }
                consumer.store(at, Ordering::Release);
            }
        }
    }

    /// The mark of the record at a position.
    fn mark(&self, position: u64) -> u64 {
        let at = usize::try_from(position % self.size).unwrap();
        // SAFETY: inside of the data, which is mapped twice; the kernel writes whole numbers.
        unsafe {
            let header = self.data.add(at).cast::<AtomicU32>().as_ref();
            while header.load(Ordering::Acquire) >> 31 == 1 {
                std::hint::spin_loop();
            }
            self.data.add(at + 16).cast::<AtomicU64>().as_ref().load(Ordering::Relaxed)
        }
    }
}
