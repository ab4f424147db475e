//! What every program does once per trigger.

use crate::knobs::knob;
use aya_ebpf::bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP};
use aya_ebpf::helpers::generated::bpf_get_current_comm;
use aya_ebpf::helpers::{bpf_get_smp_processor_id, bpf_ktime_get_ns};
use aya_ebpf::macros::map;
use aya_ebpf::maps::{PerCpuArray, RingBuf};
use core::arch::asm;
use core::mem::MaybeUninit;
use runner_common::{BATCH_MAX, Counters, Event, WORK_MAX, wakeup};

/// Bytes; user space sets the real size.
#[map(name = "events")]
static EVENTS: RingBuf = RingBuf::with_byte_size(16 * 1024 * 1024, 0);

#[map(name = "counters")]
static COUNTERS: PerCpuArray<Counters> = PerCpuArray::with_max_entries(1, 0);

/// Whether the current thread's triggers are not to be counted.
#[inline(always)]
pub(crate) fn is_foreign(id: u64) -> bool {
    let target_pid = knob!(target_pid);
    target_pid != 0 && u64::from(target_pid) != id >> 32
}

/// Produces the records of one trigger.
#[inline(always)]
pub(crate) fn produce(event_type: u32, id: u64, cookie: u32) {
    let Some(counters) = COUNTERS.get_ptr_mut(0) else { return };

    // All records of one trigger share what the trigger is: who, where and when.
    // SAFETY: these helpers have no preconditions.
    let (ktime_ns, cpu) = unsafe { (bpf_ktime_get_ns(), bpf_get_smp_processor_id()) };
    let mut comm = MaybeUninit::<[u64; 2]>::uninit();
    // SAFETY: the helper fills all of it. Aya's own wrapper returns the name by value, which is copied byte by byte.
    let comm = unsafe {
        bpf_get_current_comm(comm.as_mut_ptr().cast(), size_of_val(&comm) as u32);
        comm.assume_init()
    };
    let head = Head { ktime_ns, tgid: (id >> 32) as u32, tid: id as u32, cpu, event_type, comm };
    if knob!(work) > 0 {
        do_work();
    }

    let mut i = 0;
    while i < knob!(batch) && i < BATCH_MAX {
        // SAFETY: the element of this CPU, on which nothing else counts until the program ends.
        unsafe { produce_one(counters, &head, u64::from(cookie) + u64::from(i)) };
        i += 1;
    }
}

/// Produces one record.
///
/// The counters stay in memory, behind a pointer that the compiler knows nothing about: sums carried in registers would make
/// every iteration a new state to the verifier, and a batch of 1,000 would pass its limit.
#[inline(always)]
unsafe fn produce_one(counters: *mut Counters, head: &Head, mark: u64) {
    // SAFETY: the caller's.
    unsafe { (*counters).attempted += 1 };
    // The size is a constant to the verifier, because it is read from memory that is.
    let Some(mut record) = EVENTS.reserve_bytes(knob!(record_size) as usize, 0) else {
        // SAFETY: the caller's.
        unsafe {
            (*counters).dropped += 1;
            (*counters).dropped_marks = (*counters).dropped_marks.wrapping_add(mark);
        }
        return;
    };
    // SAFETY: a record has room for an event at least, and is aligned to 8 bytes. The counters are the caller's.
    unsafe {
        head.write(mark, record.as_mut_ptr().cast());
        (*counters).submitted += 1;
    }
    record.submit(wakeup_flags());
}

/// What all records of one trigger share.
struct Head {
    ktime_ns: u64,
    tgid: u32,
    tid: u32,
    cpu: u32,
    event_type: u32,
    comm: [u64; 2],
}

impl Head {
    /// Writes an event field by field. As one value it would go through a `memcpy` that is a call and a loop over bytes.
    #[inline(always)]
    unsafe fn write(&self, mark: u64, event: *mut Event) {
        // SAFETY: the caller's.
        unsafe {
            (*event).ktime_ns = self.ktime_ns;
            (*event).mark = mark;
            (*event).tgid = self.tgid;
            (*event).tid = self.tid;
            (*event).cpu = self.cpu;
            (*event).r#type = self.event_type;
            let comm = (&raw mut (*event).comm).cast::<u64>();
            comm.write(self.comm[0]);
            comm.add(1).write(self.comm[1]);
        }
    }
}

#[inline(always)]
fn wakeup_flags() -> u64 {
    match knob!(wakeup) {
        wakeup::SAMPLED => {
            // Includes the record just reserved, so a burst of exactly wakeup_bytes wakes once.
            if EVENTS.query(u64::from(BPF_RB_AVAIL_DATA)) >= knob!(wakeup_bytes) {
                u64::from(BPF_RB_FORCE_WAKEUP)
            } else {
                u64::from(BPF_RB_NO_WAKEUP)
            }
        }
        wakeup::TIMER => u64::from(BPF_RB_NO_WAKEUP),
        _ => 0,
    }
}

#[inline(always)]
fn do_work() {
    // SAFETY: this helper has no preconditions.
    let mut x = unsafe { bpf_ktime_get_ns() };
    let mut i = 0;
    while i < knob!(work) && i < WORK_MAX {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The result is unused on purpose; this keeps the compiler from noticing. It must be an instruction, since the kernel
        // refuses line numbers of nothing; this one costs nothing.
        // SAFETY: moves a register to itself.
        unsafe { asm!("{0} = {0}", inout(reg) x, options(nostack, nomem)) };
        i += 1;
    }
}
