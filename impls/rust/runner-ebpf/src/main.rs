//! Producer of the ring buffer benchmarks: every trigger produces `KNOBS.batch` records.
//!
//! The same program as impls/bpf/ringbuf_throughput.bpf.c, step for step.

#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod cookie;
mod knobs;
mod produce;

use aya_ebpf::EbpfContext as _;
use aya_ebpf::helpers::bpf_get_current_pid_tgid;
use aya_ebpf::macros::{fentry, kprobe, raw_tracepoint, tracepoint};
use aya_ebpf::programs::{FEntryContext, ProbeContext, RawTracePointContext, TracePointContext};
use cookie::{first_register, of_function, read_kernel};
use knobs::knob;
use produce::{is_foreign, produce};
use runner_common::cookie::{NONE, SYSCALL};
use runner_common::event_type;

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";

#[tracepoint]
fn on_tracepoint(ctx: TracePointContext) -> u32 {
    let id = bpf_get_current_pid_tgid();
    if is_foreign(id) {
        return 0;
    }
    // Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last.
    let mut cookie = 0;
    if knob!(cookie) == SYSCALL {
        // SAFETY: user space asks for it only where there is a field.
        cookie = unsafe { ctx.as_ptr().byte_add(16).cast::<u64>().read() } as u32;
    }
    produce(event_type::TRACEPOINT, id, cookie);
    0
}

#[raw_tracepoint]
fn on_raw_tp(ctx: RawTracePointContext) -> i32 {
    // The arguments of sys_enter are (struct pt_regs *regs, long id).
    let id = bpf_get_current_pid_tgid();
    if ctx.arg::<u64>(1) != u64::from(knob!(syscall_nr)) || is_foreign(id) {
        return 0;
    }
    let mut cookie = 0;
    if knob!(cookie) == SYSCALL {
        cookie = first_register(ctx.arg(0)) as u32;
    }
    produce(event_type::RAW_TRACEPOINT, id, cookie);
    0
}

#[kprobe]
fn on_kprobe(ctx: ProbeContext) -> u32 {
    let id = bpf_get_current_pid_tgid();
    if is_foreign(id) {
        return 0;
    }
    let mut cookie = 0;
    if knob!(cookie) != NONE {
        cookie = of_function(first_register(ctx.as_ptr()));
    }
    produce(event_type::KPROBE, id, cookie);
    0
}

/// The target is set by user space: the entry's name depends on the architecture.
#[fentry]
fn on_fentry(ctx: FEntryContext) -> i32 {
    let id = bpf_get_current_pid_tgid();
    if is_foreign(id) {
        return 0;
    }
    // Not the context's own argument: that is a pointer to the verifier when the function's is one, and has no low half then.
    let mut cookie = 0;
    if knob!(cookie) != NONE {
        cookie = of_function(read_kernel(ctx.as_ptr()));
    }
    produce(event_type::FENTRY, id, cookie);
    0
}

/// Never part of a program: nothing here can panic, and the verifier would refuse the loop.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
