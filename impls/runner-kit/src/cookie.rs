//! Where the BPF program finds a trigger's cookie: docs/PROTOCOL.md, Marks.

use crate::args::SYSCALL_ENTRY;
use crate::{Args, ProgramType, tracefs};
use std::path::Path;

/// Of the first argument in the context of a system call's tracepoint.
const FIELD_OFFSET: u32 = 16;

/// Of the first argument's register in `struct pt_regs`; `None` on an architecture that the contract does not name.
const REGISTER_OFFSET: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(112) // di
} else if cfg!(target_arch = "aarch64") {
    Some(0) // regs[0]
} else {
    None
};

/// Where a program finds the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    /// `knobs.cookie`: one of `enum bench_cookie`.
    pub place: u32,
    /// `knobs.cookie_offset`: of the first argument's register in `struct pt_regs`.
    pub register_offset: u32,
}

impl Cookie {
    /// `BENCH_COOKIE_NONE`: nowhere.
    pub const NONE: u32 = 0;
    /// `BENCH_COOKIE_SYSCALL`: the first argument of the system call.
    pub const SYSCALL: u32 = 1;
    /// `BENCH_COOKIE_FUNCTION`: the first argument of the function.
    pub const FUNCTION: u32 = 2;

    /// The place for these flags on this machine.
    #[must_use]
    pub fn of(args: &Args) -> Self {
        Self::find(Path::new("/sys"), REGISTER_OFFSET, args.program_type, &args.attach_target)
    }

    fn find(sys: &Path, register: Option<u32>, program_type: ProgramType, target: &str) -> Self {
        let is_entry = target.starts_with(SYSCALL_ENTRY);
        let place = match (program_type, register) {
            // A call without arguments has no such field, and a program that reads it could not be attached.
            (ProgramType::Tracepoint, _)
                if is_syscall(target) && tracefs::has_field_at(sys, target, FIELD_OFFSET) =>
            {
                Self::SYSCALL
            }
            (ProgramType::Fentry, _) if !is_entry => Self::FUNCTION,
            (ProgramType::Tracepoint, _) | (_, None) => Self::NONE,
            (ProgramType::Kprobe, _) if !is_entry => Self::FUNCTION,
            (ProgramType::RawTracepoint | ProgramType::Kprobe | ProgramType::Fentry, _) => Self::SYSCALL,
        };
        Self { place, register_offset: register.unwrap_or(0) }
    }
}

fn is_syscall(tracepoint: &str) -> bool {
    tracepoint.starts_with("syscalls/sys_enter_") || tracepoint == "raw_syscalls/sys_enter"
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProgramType::{Fentry, Kprobe, RawTracepoint, Tracepoint};
    use std::fs;

    fn place(register: Option<u32>, program_type: ProgramType, target: &str) -> u32 {
        Cookie::find(Path::new("/nowhere"), register, program_type, target).place
    }

    #[test]
    fn a_function_that_is_no_entry_of_a_system_call_has_it_as_its_own_argument() {
        for program_type in [Kprobe, Fentry] {
            assert_eq!(place(Some(112), program_type, program_type.default_target()), Cookie::SYSCALL);
            assert_eq!(place(Some(112), program_type, "vfs_read"), Cookie::FUNCTION);
        }
        assert_eq!(place(Some(112), RawTracepoint, "sys_enter"), Cookie::SYSCALL);
    }

    #[test]
    fn without_known_registers_only_what_needs_none_has_a_cookie() {
        assert_eq!(place(None, RawTracepoint, "sys_enter"), Cookie::NONE);
        assert_eq!(place(None, Kprobe, "vfs_read"), Cookie::NONE);
        assert_eq!(place(None, Fentry, Fentry.default_target()), Cookie::NONE);
        assert_eq!(place(None, Fentry, "vfs_read"), Cookie::FUNCTION);
    }

    #[test]
    fn a_tracepoint_has_it_when_it_is_a_system_calls_and_has_the_field() {
        let sys = std::env::temp_dir().join(format!("runner-kit-cookie-{}", std::process::id()));
        for (target, fields, expected) in [
            ("syscalls/sys_enter_openat2", "offset:8;\nfield:int dfd;\toffset:16;\tsize:8;", Cookie::SYSCALL),
            ("raw_syscalls/sys_enter", "field:unsigned long args[6];\toffset:16;", Cookie::SYSCALL),
            ("syscalls/sys_enter_getpid", "field:int __syscall_nr;\toffset:8;", Cookie::NONE),
            ("syscalls/sys_exit_openat2", "field:long ret;\toffset:16;", Cookie::NONE),
            ("sched/sched_switch", "field:char prev_comm[16];\toffset:16;", Cookie::NONE),
        ] {
            let event = sys.join("kernel/tracing/events").join(target);
            fs::create_dir_all(&event).unwrap();
            fs::write(event.join("format"), fields).unwrap();
            assert_eq!(Cookie::find(&sys, None, Tracepoint, target).place, expected, "{target}");
        }
        fs::remove_dir_all(sys).unwrap();
    }
}
