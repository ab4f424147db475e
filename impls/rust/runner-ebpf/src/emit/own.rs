//! A ring buffer for each CPU.

use aya_ebpf::bindings::BPF_RB_AVAIL_DATA;
use aya_ebpf::btf_maps::{ArrayOfMaps, RingBuf};
use aya_ebpf::helpers::generated::bpf_ringbuf_query;
use aya_ebpf::macros::btf_map;
use core::ptr;

/// The size is of one that is there to tell the kind only, a multiple of every page size.
pub(crate) type Buffer = RingBuf<u8, 65_536>;

/// User space sets the number of CPUs, and puts a buffer in for each.
#[btf_map(name = "rings")]
static RINGS: ArrayOfMaps<Buffer, 1> = ArrayOfMaps::new();

#[inline(always)]
pub(crate) fn buffer(cpu: u32) -> Option<&'static Buffer> {
    RINGS.get(cpu)
}

#[inline(always)]
pub(crate) fn waiting_bytes(buffer: &Buffer) -> u64 {
    // SAFETY: a map, from a lookup.
    unsafe { bpf_ringbuf_query(ptr::from_ref(buffer).cast_mut().cast(), u64::from(BPF_RB_AVAIL_DATA)) }
}
