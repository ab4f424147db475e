//! What is known of each type of BPF program, whatever the framework: docs/PROTOCOL.md, Flags and Marks.

use crate::Failure;
use crate::kernel::{FIRST_REGISTER, check_kprobes, check_tracepoint, has_field_at};
use std::env::consts::ARCH;

/// A type of BPF program.
#[derive(Debug)]
pub struct ProgramType {
    /// The name in flags and messages.
    pub name: &'static str,
    /// Where it is attached when `--attach-target` does not say.
    pub(crate) default_target: &'static str,
    /// What an attach target is, in words.
    pub(crate) target_is: &'static str,
    /// Whether this is an attach target.
    pub(crate) takes: fn(&str) -> bool,
    /// Whether this machine has the attach target.
    pub(crate) check: fn(&str) -> Result<(), Failure>,
    /// Where the program finds a trigger's cookie.
    pub(crate) cookie: fn(&str) -> u32,
    /// What may help when the kernel refuses it.
    pub(crate) hint: &'static str,
}

/// What may help when nothing better is known.
pub(crate) const LOG_HINT: &str = "run again with `--verbose` for the framework's log";

/// `BENCH_COOKIE_NONE`: nowhere.
pub const COOKIE_NONE: u32 = 0;
/// `BENCH_COOKIE_SYSCALL`: the first argument of the system call.
pub const COOKIE_SYSCALL: u32 = 1;
/// `BENCH_COOKIE_FUNCTION`: the first argument of the function.
pub const COOKIE_FUNCTION: u32 = 2;

/// All of them.
pub(crate) static TYPES: [&ProgramType; 4] = [&TRACEPOINT, &RAW_TRACEPOINT, &KPROBE, &FENTRY];

/// A tracepoint of any category.
pub static TRACEPOINT: ProgramType = ProgramType {
    name: "tracepoint",
    default_target: "syscalls/sys_enter_openat2",
    target_is: "CATEGORY/NAME, such as syscalls/sys_enter_openat2",
    takes: |target| {
        target.split_once('/').is_some_and(|(category, name)| is_name(category, "_-") && is_name(name, "_-"))
    },
    check: check_tracepoint,
    cookie: |target| {
        let is_entry = target.starts_with("syscalls/sys_enter_") || target == "raw_syscalls/sys_enter";
        // A call without arguments has no such field, and a program that reads it could not be attached.
        if is_entry && has_field_at(target, 16) { COOKIE_SYSCALL } else { COOKIE_NONE }
    },
    hint: LOG_HINT,
};

/// The raw tracepoint `sys_enter`.
pub static RAW_TRACEPOINT: ProgramType = ProgramType {
    name: "raw_tracepoint",
    default_target: "sys_enter",
    target_is: "sys_enter, the only raw tracepoint that the program can read",
    takes: |target| target == "sys_enter",
    check: |_| Ok(()),
    cookie: |_| if FIRST_REGISTER.is_some() { COOKIE_SYSCALL } else { COOKIE_NONE },
    hint: LOG_HINT,
};

/// A kprobe at the entry of a kernel function.
pub static KPROBE: ProgramType = ProgramType {
    name: "kprobe",
    default_target: OPENAT2_ENTRY,
    target_is: "the name of a kernel function",
    takes: |target| is_name(target, "_.$"),
    check: |_| check_kprobes(),
    cookie: |target| match FIRST_REGISTER {
        Some(_) if target.starts_with(SYSCALL_ENTRY) => COOKIE_SYSCALL,
        Some(_) => COOKIE_FUNCTION,
        None => COOKIE_NONE,
    },
    hint: "check that the function is listed in `/proc/kallsyms`",
};

/// A tracing program at the entry of a kernel function.
pub static FENTRY: ProgramType = ProgramType {
    name: "fentry",
    default_target: OPENAT2_ENTRY,
    target_is: "the name of a kernel function",
    takes: |target| is_name(target, "_.$"),
    check: |_| Ok(()),
    cookie: |target| match FIRST_REGISTER {
        Some(_) if target.starts_with(SYSCALL_ENTRY) => COOKIE_SYSCALL,
        None if target.starts_with(SYSCALL_ENTRY) => COOKIE_NONE,
        // An argument that the kernel hands over, in whatever register it was.
        _ => COOKIE_FUNCTION,
    },
    hint: "use `--program-type tracepoint`, or a kernel with BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
};

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

/// The function by which the kernel enters openat2. Calls that fail early never reach a later one.
const OPENAT2_ENTRY: &str = match ARCH.as_bytes() {
    b"x86_64" => "__x64_sys_openat2",
    b"aarch64" => "__arm64_sys_openat2",
    b"riscv64" => "__riscv_sys_openat2",
    b"s390x" => "__s390x_sys_openat2",
    _ => "sys_openat2",
};

/// How the names of such functions begin.
const SYSCALL_ENTRY: &str = OPENAT2_ENTRY.split_at(OPENAT2_ENTRY.len() - "openat2".len()).0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn a_function_that_is_no_entry_of_a_system_call_has_the_cookie_as_its_own_argument() {
        for program_type in [&KPROBE, &FENTRY] {
            assert_eq!((program_type.cookie)(OPENAT2_ENTRY), COOKIE_SYSCALL);
            assert_eq!((program_type.cookie)("vfs_read"), COOKIE_FUNCTION);
        }
    }

    #[test]
    fn a_tracepoint_cannot_leave_the_folder_of_tracepoints() {
        for target in ["../x", "syscalls/..", "syscalls/a/b", "syscalls/", ""] {
            assert!(!(TRACEPOINT.takes)(target), "{target}");
        }
    }
}
