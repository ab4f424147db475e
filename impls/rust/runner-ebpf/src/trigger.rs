//! What every program does once per trigger, however its records come to user space.

use crate::emit::Head;
use crate::emit::ringbuf::{buffer, emit};
use crate::knobs::knob;
use aya_ebpf::helpers::generated::bpf_get_current_comm;
use aya_ebpf::helpers::{bpf_get_current_pid_tgid, bpf_get_smp_processor_id, bpf_ktime_get_ns};
use aya_ebpf::macros::map;
use aya_ebpf::maps::PerCpuArray;
use core::arch::asm;
use core::mem::MaybeUninit;
use runner_common::{BATCH_MAX, Counters, WORK_MAX};

#[map(name = "counters")]
static COUNTERS: PerCpuArray<Counters> = PerCpuArray::with_max_entries(1, 0);

/// Who triggered the program: process and thread, unless their triggers are not to be counted.
#[inline(always)]
pub(crate) fn who() -> Option<u64> {
    let id = bpf_get_current_pid_tgid();
    let target_pid = knob!(target_pid);
    (target_pid == 0 || u64::from(target_pid) == id >> 32).then_some(id)
}

/// Produces the records of one trigger.
#[inline(always)]
pub(crate) fn produce(event_type: u32, id: u64, cookie: u32) {
    // Never 0; the compiler does not know.
    if cfg!(feature = "filter") && cookie.checked_rem(knob!(keep_one_in)) != Some(0) {
        return;
    }
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
    #[cfg(feature = "lookups")]
    crate::lookups::do_lookups(cookie);

    let Some(buffer) = buffer(cpu) else {
        // SAFETY: the element of this CPU, on which nothing else counts until the program ends.
        unsafe { drop_all(counters, cookie) };
        return;
    };
    let mut i = 0;
    while i < knob!(batch) && i < BATCH_MAX {
        // SAFETY: the element of this CPU, on which nothing else counts until the program ends.
        unsafe { emit(buffer, counters, &head, u64::from(cookie) + u64::from(i)) };
        i += 1;
    }
}

/// Counts the records of a trigger for which there is no buffer.
#[inline(always)]
unsafe fn drop_all(counters: *mut Counters, cookie: u32) {
    let batch = u64::from(knob!(batch));
    // SAFETY: the caller's.
    unsafe {
        (*counters).attempted += batch;
        (*counters).dropped += batch;
        (*counters).dropped_marks += batch * u64::from(cookie) + batch * (batch - 1) / 2;
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
