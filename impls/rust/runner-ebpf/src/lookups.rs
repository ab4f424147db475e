//! Lookups in a hash map: what a program does that has something to look up.

use crate::knobs::knob;
use aya_ebpf::bindings::BPF_F_RDONLY_PROG;
use aya_ebpf::macros::map;
use aya_ebpf::maps::HashMap;
use core::arch::asm;
use runner_common::{LOOKUPS_MAX, TABLE_SIZE};

/// Filled by user space. The program cannot write to it, so it is no way to tell the consumer anything.
#[map(name = "table")]
static TABLE: HashMap<u32, u64> = HashMap::with_max_entries(TABLE_SIZE, BPF_F_RDONLY_PROG);

#[inline(always)]
pub(crate) fn do_lookups(cookie: u32) {
    let mut sum = 0_u64;
    let mut i = 0;
    while i < knob!(lookups) && i < LOOKUPS_MAX {
        if let Some(found) = TABLE.get_ptr(cookie.wrapping_add(i) % TABLE_SIZE) {
            // SAFETY: an element of the map, which nobody removes.
            sum = sum.wrapping_add(unsafe { found.read() });
        }
        // As in `do_work`: keeps the compiler from noticing that nobody uses it.
        // SAFETY: moves a register to itself.
        unsafe { asm!("{0} = {0}", inout(reg) sum, options(nostack, nomem)) };
        i += 1;
    }
}
