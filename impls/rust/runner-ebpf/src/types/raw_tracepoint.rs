//! The raw tracepoint `sys_enter`.

use crate::cookie::first_register;
use crate::knobs::knob;
use crate::trigger::{produce, who};
use aya_ebpf::macros::raw_tracepoint;
use aya_ebpf::programs::RawTracePointContext;
use runner_common::cookie::SYSCALL;
use runner_common::event_type;

#[raw_tracepoint]
fn on_raw_tp(ctx: RawTracePointContext) -> i32 {
    // The arguments of sys_enter are (struct pt_regs *regs, long id).
    let Some(id) = who() else { return 0 };
    if ctx.arg::<u64>(1) != u64::from(knob!(syscall_nr)) {
        return 0;
    }
    let mut cookie = 0;
    if knob!(cookie) == SYSCALL {
        cookie = first_register(ctx.arg(0)) as u32;
    }
    produce(event_type::RAW_TRACEPOINT, id, cookie);
    0
}
