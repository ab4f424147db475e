//! Producer of the ring buffer benchmarks: every trigger produces `KNOBS.batch` records.
//!
//! The same program as impls/bpf/ringbuf_throughput.bpf.c, step for step.

#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod cookie;
mod emit;
mod knobs;
#[cfg(feature = "lookups")]
mod lookups;
mod trigger;
mod types;

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";

/// Never part of a program: nothing here can panic, and the verifier would refuse the loop.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
