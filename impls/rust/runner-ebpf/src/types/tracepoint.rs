//! A tracepoint.

use crate::knobs::knob;
use crate::trigger::{produce, who};
use aya_ebpf::EbpfContext as _;
use aya_ebpf::macros::tracepoint;
use aya_ebpf::programs::TracePointContext;
use runner_common::cookie::SYSCALL;
use runner_common::event_type;

#[tracepoint]
fn on_tracepoint(ctx: TracePointContext) -> u32 {
    let Some(id) = who() else { return 0 };
    // Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last.
    let mut cookie = 0;
    if knob!(cookie) == SYSCALL {
        // SAFETY: user space asks for it only where there is a field.
        cookie = unsafe { ctx.as_ptr().byte_add(16).cast::<u64>().read() } as u32;
    }
    produce(event_type::TRACEPOINT, id, cookie);
    0
}
