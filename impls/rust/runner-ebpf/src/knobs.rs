//! The knobs that user space sets before it loads the object.

use runner_common::Knobs;

/// Read-only for the kernel, so the verifier sees the values as constants.
#[unsafe(no_mangle)]
pub(crate) static KNOBS: Knobs = Knobs::DEFAULT;

/// Reads one knob. Volatile, because the compiler must not use the default: user space overwrites it in the object.
///
/// One field at a time: older verifiers forget the value of a 4-byte constant that went through the stack.
macro_rules! knob {
    ($field:ident) => {{
        let knob = &raw const $crate::knobs::KNOBS.$field;
        // SAFETY: a valid, aligned field of a static.
        unsafe { knob.read_volatile() }
    }};
}
pub(crate) use knob;
