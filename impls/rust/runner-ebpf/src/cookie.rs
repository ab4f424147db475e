//! Reading a trigger's cookie, where its program type has it.

use crate::knobs::knob;
use aya_ebpf::helpers::generated::bpf_probe_read_kernel;
use core::ffi::c_void;
use runner_common::cookie::SYSCALL;

/// The first argument's register in a `struct pt_regs`.
///
/// Read with the helper, even where the program's own context is the struct: the verifier takes no offset for a context that
/// it has not seen in the instruction itself.
#[inline(always)]
pub(crate) fn first_register(regs: *const c_void) -> u64 {
    read_kernel(regs.wrapping_byte_add(knob!(cookie_offset) as usize))
}

/// The cookie of a function with this first argument. Of a system call's entry, that is a pointer to the registers that hold
/// the call's own arguments.
#[inline(always)]
pub(crate) fn of_function(argument: u64) -> u32 {
    if knob!(cookie) == SYSCALL { first_register(argument as *const c_void) as u32 } else { argument as u32 }
}

/// The 64 bits at an address in the kernel, 0 if there is nothing.
#[inline(always)]
pub(crate) fn read_kernel(address: *const c_void) -> u64 {
    let mut value = 0_u64;
    // SAFETY: the helper writes 8 bytes to what is ours, and checks the address.
    unsafe { bpf_probe_read_kernel((&raw mut value).cast(), size_of::<u64>() as u32, address) };
    value
}
