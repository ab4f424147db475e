//! The ring buffer that all CPUs share.

use aya_ebpf::bindings::BPF_RB_AVAIL_DATA;
use aya_ebpf::macros::map;
use aya_ebpf::maps::RingBuf;

pub(crate) type Buffer = RingBuf;

/// Bytes; user space sets the real size.
#[map(name = "events")]
static EVENTS: RingBuf = RingBuf::with_byte_size(16 * 1024 * 1024, 0);

#[inline(always)]
pub(crate) fn buffer(_cpu: u32) -> Option<&'static Buffer> {
    Some(&EVENTS)
}

#[inline(always)]
pub(crate) fn waiting_bytes(buffer: &Buffer) -> u64 {
    buffer.query(u64::from(BPF_RB_AVAIL_DATA))
}
