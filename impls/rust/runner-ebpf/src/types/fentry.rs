//! fentry at the entry of a function.

use crate::cookie::{of_function, read_kernel};
use crate::knobs::knob;
use crate::trigger::{produce, who};
use aya_ebpf::EbpfContext as _;
use aya_ebpf::macros::fentry;
use aya_ebpf::programs::FEntryContext;
use runner_common::cookie::NONE;
use runner_common::event_type;

/// The target is set by user space: the entry's name depends on the architecture.
#[fentry]
fn on_fentry(ctx: FEntryContext) -> i32 {
    let Some(id) = who() else { return 0 };
    // Not the context's own argument: that is a pointer to the verifier when the function's is one, and has no low half then.
    let mut cookie = 0;
    if knob!(cookie) != NONE {
        cookie = of_function(read_kernel(ctx.as_ptr()));
    }
    produce(event_type::FENTRY, id, cookie);
    0
}
