//! Facts about this kernel and these privileges, looked up before the framework is asked to do anything, so that every
//! runner reports the same cause in the same words.

use crate::{Failure, ProgramType, tracefs};
use std::fs;
use std::path::Path;

const CAP_SYS_ADMIN: u32 = 21;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

/// Whether this process may load the program, and the kernel has what it attaches to.
pub fn check(program_type: ProgramType, attach_target: &str) -> Result<(), Failure> {
    if !privileged(&fs::read_to_string("/proc/self/status").unwrap_or_default()) {
        return Err(Failure::no_privileges());
    }
    check_target(Path::new("/sys"), program_type, attach_target)
}

/// Whether the effective capabilities in `/proc/self/status` suffice.
fn privileged(status: &str) -> bool {
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    let has = |capability: u32| effective & (1 << capability) != 0;
    has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON))
}

fn check_target(sys: &Path, program_type: ProgramType, attach_target: &str) -> Result<(), Failure> {
    match program_type {
        ProgramType::Tracepoint => tracefs::check(sys, attach_target),
        ProgramType::Kprobe if !sys.join("bus/event_source/devices/kprobe").exists() => {
            Err(Failure::no_kprobes())
        }
        ProgramType::Kprobe | ProgramType::RawTracepoint | ProgramType::Fentry => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_root_or_the_two_capabilities() {
        assert!(privileged("Name:\tx\nCapEff:\t000001ffffffffff\n"));
        assert!(privileged("CapEff:\t0000000000200000\n"), "CAP_SYS_ADMIN");
        assert!(privileged("CapEff:\t000000c000000000\n"), "CAP_BPF and CAP_PERFMON");
        assert!(!privileged("CapEff:\t0000008000000000\n"), "CAP_BPF alone");
        assert!(!privileged("CapEff:\t0000000000000000\n"));
        assert!(!privileged(""));
    }

    #[test]
    fn names_what_the_kernel_lacks() {
        let sys = std::env::temp_dir().join(format!("runner-kit-kernel-{}", std::process::id()));
        let check = |program_type, target| check_target(&sys, program_type, target);
        let openat2 = ProgramType::Tracepoint.default_target();

        assert_eq!(check(ProgramType::Tracepoint, openat2), Err(Failure::no_tracefs()));
        assert_eq!(check(ProgramType::Kprobe, "f"), Err(Failure::no_kprobes()));
        assert_eq!(check(ProgramType::Fentry, "f"), Ok(()));

        let below_debugfs = sys.join("kernel/debug/tracing/events").join(openat2);
        fs::create_dir_all(&below_debugfs).unwrap();
        fs::write(below_debugfs.join("id"), "1\n").unwrap();
        assert_eq!(check(ProgramType::Tracepoint, openat2), Ok(()));
        fs::remove_dir_all(sys.join("kernel/debug")).unwrap();

        let event = sys.join("kernel/tracing/events").join(openat2);
        fs::create_dir_all(&event).unwrap();
        fs::write(event.join("id"), "1\n").unwrap();
        fs::create_dir_all(sys.join("bus/event_source/devices/kprobe")).unwrap();
        assert_eq!(check(ProgramType::Tracepoint, openat2), Ok(()));
        assert_eq!(check(ProgramType::Tracepoint, "syscalls/x"), Err(Failure::no_tracepoint("syscalls/x")));
        assert_eq!(check(ProgramType::Kprobe, "f"), Ok(()));
        fs::remove_dir_all(sys).unwrap();
    }
}
