//! The ring buffer: how a record is reserved, written and submitted.

use super::Head;
use crate::knobs::knob;
use aya_ebpf::bindings::{BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP};
use runner_common::{Counters, wakeup};

#[cfg_attr(feature = "rings", path = "own.rs")]
#[cfg_attr(not(feature = "rings"), path = "shared.rs")]
mod kind;

pub(crate) use kind::buffer;
use kind::{Buffer, waiting_bytes};

/// Produces one record.
///
/// The counters stay in memory, behind a pointer that the compiler knows nothing about: sums carried in registers would make
/// every iteration a new state to the verifier, and a batch of 1,000 would pass its limit.
#[inline(always)]
pub(crate) unsafe fn emit(buffer: &Buffer, counters: *mut Counters, head: &Head, mark: u64) {
    // SAFETY: the caller's.
    unsafe { (*counters).attempted += 1 };
    // The size is a constant to the verifier, because it is read from memory that is.
    let Some(mut record) = buffer.reserve_bytes(knob!(record_size) as usize, 0) else {
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
    record.submit(wakeup_flags(buffer));
}

#[inline(always)]
fn wakeup_flags(buffer: &Buffer) -> u64 {
    match knob!(wakeup) {
        wakeup::SAMPLED => {
            // Includes the record just reserved, so a burst of exactly wakeup_bytes wakes once.
            if waiting_bytes(buffer) >= knob!(wakeup_bytes) {
                u64::from(BPF_RB_FORCE_WAKEUP)
            } else {
                u64::from(BPF_RB_NO_WAKEUP)
            }
        }
        wakeup::TIMER => u64::from(BPF_RB_NO_WAKEUP),
        _ => 0,
    }
}
