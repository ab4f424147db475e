//! What is known of each type of BPF program, whatever the framework: docs/PROTOCOL.md, Flags and Marks.

use crate::Failure;
use crate::kernel::Machine;

macro_rules! syscall_entry {
    ($name:literal) => {
        if cfg!(target_arch = "x86_64") {
            concat!("__x64_sys_", $name)
        } else if cfg!(target_arch = "aarch64") {
            concat!("__arm64_sys_", $name)
        } else if cfg!(target_arch = "riscv64") {
            concat!("__riscv_sys_", $name)
        } else if cfg!(target_arch = "s390x") {
            concat!("__s390x_sys_", $name)
        } else {
            concat!("sys_", $name)
        }
    };
}
/// A type of BPF program.
#[derive(Debug)]
pub struct ProgramType {
    /// The name in flags and messages.
    pub name: &'static str,
    /// Where it is attached when `--attach-target` does not say.
    pub default_target: &'static str,
    /// What an attach target is, in words.
    pub target_is: &'static str,
    /// Whether this is an attach target.
    pub(crate) takes: fn(&str) -> bool,
    /// Whether the machine has the attach target.
    pub(crate) check: fn(&Machine<'_>, &str) -> Result<(), Failure>,
    /// Where the program finds a trigger's cookie.
    pub(crate) cookie: fn(&Machine<'_>, &str) -> u32,
    /// What may help when the kernel refuses it.
    pub(crate) hint: &'static str,
}

/// `BENCH_COOKIE_NONE`: nowhere.
pub const COOKIE_NONE: u32 = 0;
/// `BENCH_COOKIE_SYSCALL`: the first argument of the system call.
pub const COOKIE_SYSCALL: u32 = 1;
/// `BENCH_COOKIE_FUNCTION`: the first argument of the function.
pub const COOKIE_FUNCTION: u32 = 2;

/// A tracepoint of any category.
pub static TRACEPOINT: ProgramType = ProgramType {
    name: "tracepoint",
    default_target: "syscalls/sys_enter_openat2",
    target_is: "CATEGORY/NAME, such as syscalls/sys_enter_openat2",
    takes: |target| {
        target.split_once('/').is_some_and(|(category, name)| is_name(category, "_-") && is_name(name, "_-"))
    },
    check: |machine, target| machine.check_tracepoint(target),
    cookie: |machine, target| {
        let is_entry = target.starts_with("syscalls/sys_enter_") || target == "raw_syscalls/sys_enter";
        // A call without arguments has no such field, and a program that reads it could not be attached.
        if is_entry && machine.has_field_at(target, 16) { COOKIE_SYSCALL } else { COOKIE_NONE }
    },
    hint: "run again with `--verbose` for the framework's log",
};

/// The raw tracepoint `sys_enter`.
pub static RAW_TRACEPOINT: ProgramType = ProgramType {
    name: "raw_tracepoint",
    default_target: "sys_enter",
    target_is: "sys_enter, the only raw tracepoint that the program can read",
    takes: |target| target == "sys_enter",
    check: |_, _| Ok(()),
    cookie: |machine, _| machine.first_register.map_or(COOKIE_NONE, |_| COOKIE_SYSCALL),
    hint: "run again with `--verbose` for the framework's log",
};

/// A kprobe at the entry of a kernel function.
pub static KPROBE: ProgramType = ProgramType {
    name: "kprobe",
    default_target: OPENAT2_ENTRY,
    target_is: "the name of a kernel function",
    takes: |target| is_name(target, "_.$"),
    check: |machine, _| machine.check_kprobes(),
    cookie: |machine, target| match machine.first_register {
        Some(_) if is_syscall_entry(target) => COOKIE_SYSCALL,
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
    check: |_, _| Ok(()),
    cookie: |machine, target| match machine.first_register {
        Some(_) if is_syscall_entry(target) => COOKIE_SYSCALL,
        None if is_syscall_entry(target) => COOKIE_NONE,
        // An argument that the kernel hands over, in whatever register it was.
        _ => COOKIE_FUNCTION,
    },
    hint: "use `--program-type tracepoint`, or a kernel with BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
};

/// How the name of the kernel function begins that a system call enters first.
const SYSCALL_ENTRY: &str = syscall_entry!("");

/// The function of openat2. Calls that fail early never reach a later one.
const OPENAT2_ENTRY: &str = syscall_entry!("openat2");

fn is_syscall_entry(function: &str) -> bool {
    function.starts_with(SYSCALL_ENTRY)
}

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn cookie(first_register: Option<u32>, program_type: &ProgramType, target: &str) -> u32 {
        (program_type.cookie)(&Machine { sys: Path::new("/nowhere"), first_register }, target)
    }

    #[test]
    fn a_function_that_is_no_entry_of_a_system_call_has_the_cookie_as_its_own_argument() {
        for program_type in [&KPROBE, &FENTRY] {
            assert_eq!(cookie(Some(112), program_type, OPENAT2_ENTRY), COOKIE_SYSCALL);
            assert_eq!(cookie(Some(112), program_type, "vfs_read"), COOKIE_FUNCTION);
        }
        assert_eq!(cookie(Some(112), &RAW_TRACEPOINT, "sys_enter"), COOKIE_SYSCALL);
    }

    #[test]
    fn without_known_registers_only_what_needs_none_has_a_cookie() {
        assert_eq!(cookie(None, &RAW_TRACEPOINT, "sys_enter"), COOKIE_NONE);
        assert_eq!(cookie(None, &KPROBE, "vfs_read"), COOKIE_NONE);
        assert_eq!(cookie(None, &FENTRY, OPENAT2_ENTRY), COOKIE_NONE);
        assert_eq!(cookie(None, &FENTRY, "vfs_read"), COOKIE_FUNCTION);
    }

    #[test]
    fn a_tracepoint_cannot_leave_the_folder_of_tracepoints() {
        for target in ["../x", "syscalls/..", "syscalls/a/b", "syscalls/", ""] {
            assert!(!(TRACEPOINT.takes)(target), "{target}");
        }
    }

    #[test]
    fn names_what_the_machine_lacks_and_finds_the_field_of_a_tracepoint() {
        let sys = std::env::temp_dir().join(format!("runner-kit-{}", std::process::id()));
        let machine = Machine { sys: &sys, first_register: None };
        assert_eq!((TRACEPOINT.check)(&machine, "a/b"), Err(Failure::NoTracefs));
        assert_eq!((KPROBE.check)(&machine, "f"), Err(Failure::NoKprobes));
        for (place, target, format, expected) in [
            ("debug/tracing", "syscalls/sys_enter_openat2", "field:int dfd;\toffset:16;", COOKIE_SYSCALL),
            ("tracing", "raw_syscalls/sys_enter", "field:unsigned long args[6];\toffset:16;", COOKIE_SYSCALL),
            ("tracing", "syscalls/sys_enter_getpid", "field:int __syscall_nr;\toffset:8;", COOKIE_NONE),
            ("tracing", "syscalls/sys_exit_openat2", "field:long ret;\toffset:16;", COOKIE_NONE),
        ] {
            let event = sys.join("kernel").join(place).join("events").join(target);
            fs::create_dir_all(&event).unwrap();
            fs::write(event.join("format"), format).unwrap();
            fs::write(event.join("id"), "1\n").unwrap();
            assert_eq!((TRACEPOINT.check)(&machine, target), Ok(()));
            assert_eq!((TRACEPOINT.cookie)(&machine, target), expected, "{target}");
        }
        assert_eq!((TRACEPOINT.check)(&machine, "a/b"), Err(Failure::NoTracepoint("a/b".to_owned())));
        fs::create_dir_all(sys.join("bus/event_source/devices/kprobe")).unwrap();
        assert_eq!((KPROBE.check)(&machine, "f"), Ok(()));
        fs::remove_dir_all(sys).unwrap();
    }
}
