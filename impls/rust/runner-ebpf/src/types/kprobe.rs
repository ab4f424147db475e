//! A kprobe at the entry of a function.

use crate::cookie::{first_register, of_function};
use crate::knobs::knob;
use crate::trigger::{produce, who};
use aya_ebpf::EbpfContext as _;
use aya_ebpf::macros::kprobe;
use aya_ebpf::programs::ProbeContext;
use runner_common::cookie::NONE;
use runner_common::event_type;

#[kprobe]
fn on_kprobe(ctx: ProbeContext) -> u32 {
    let Some(id) = who() else { return 0 };
    let mut cookie = 0;
    if knob!(cookie) != NONE {
        cookie = of_function(first_register(ctx.as_ptr()));
    }
    produce(event_type::KPROBE, id, cookie);
    0
}
