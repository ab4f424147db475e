//! Producer of the ring buffer benchmarks: every trigger produces `KNOBS.batch` records.
//!
//! The same program as impls/bpf/ringbuf_throughput.bpf.c, step for step.

#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod knobs;
mod produce;

use aya_ebpf::macros::{fentry, kprobe, raw_tracepoint, tracepoint};
use aya_ebpf::programs::{FEntryContext, ProbeContext, RawTracePointContext, TracePointContext};
use knobs::knob;
use produce::produce;
use runner_common::event_type;

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";

#[tracepoint]
fn on_tracepoint(_ctx: TracePointContext) -> u32 {
    produce(event_type::TRACEPOINT);
    0
}

#[raw_tracepoint]
fn on_raw_tp(ctx: RawTracePointContext) -> i32 {
    // The arguments of sys_enter are (struct pt_regs *regs, long id).
    if ctx.arg::<u64>(1) == u64::from(knob!(syscall_nr)) {
        produce(event_type::RAW_TRACEPOINT);
    }
    0
}

#[kprobe]
fn on_kprobe(_ctx: ProbeContext) -> u32 {
    produce(event_type::KPROBE);
    0
}

/// The target is set by user space: the entry's name depends on the architecture.
#[fentry]
fn on_fentry(_ctx: FEntryContext) -> i32 {
    produce(event_type::FENTRY);
    0
}

/// Never part of a program: nothing here can panic, and the verifier would refuse the loop.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
