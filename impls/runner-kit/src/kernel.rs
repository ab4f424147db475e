//! Facts about this kernel and these privileges, looked up before the framework is asked to do anything, so that every
//! runner reports the same cause in the same words.

use crate::Failure;
use crate::failure::Kind;
use std::env::consts::ARCH;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Of a system call's first argument in `struct pt_regs`; `None` on an architecture that docs/PROTOCOL.md does not name.
pub(crate) const FIRST_REGISTER: Option<u32> = match ARCH.as_bytes() {
    b"x86_64" => Some(112), // di
    b"aarch64" => Some(0),  // regs[0]
    _ => None,
};

/// Whether this process may load BPF programs.
pub(crate) fn check_privileges() -> Result<(), Failure> {
    if privileged(&fs::read_to_string("/proc/self/status").unwrap_or_default()) {
        return Ok(());
    }
    let message = "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON";
    Err(Failure::new(Kind::Permission, message, "run it with sudo"))
}

/// Whether the effective capabilities in `/proc/self/status` suffice.
fn privileged(status: &str) -> bool {
    const CAP_SYS_ADMIN: u64 = 1 << 21;
    const CAP_PERFMON_AND_BPF: u64 = 1 << 38 | 1 << 39;
    let mask = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    effective & CAP_SYS_ADMIN != 0 || effective & CAP_PERFMON_AND_BPF == CAP_PERFMON_AND_BPF
}

/// Whether the kernel has this tracepoint, and whether this process may read what frameworks read of it.
pub(crate) fn check_tracepoint(tracepoint: &str) -> Result<(), Failure> {
    let (kind, message, hint) = match read(tracepoint, "id") {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => (
            Kind::Permission,
            "this process may not read `/sys/kernel/tracing`".to_owned(),
            "run it with sudo",
        ),
        Err(_) if tracepoints().is_err() => (
            Kind::Unsupported,
            "tracefs is not mounted at `/sys/kernel/tracing`".to_owned(),
            "run `mount -t tracefs tracefs /sys/kernel/tracing` as root",
        ),
        Err(_) => (
            Kind::Unsupported,
            format!("this kernel has no tracepoint `{tracepoint}`"),
            "list them with `ls /sys/kernel/tracing/events`",
        ),
    };
    Err(Failure::new(kind, message, hint))
}

/// Whether the tracepoint's context has a field at this offset; `false` when that cannot be read.
pub(crate) fn has_field_at(tracepoint: &str, offset: u32) -> bool {
    read(tracepoint, "format").is_ok_and(|format| format.contains(&format!("offset:{offset};")))
}

fn read(tracepoint: &str, file: &str) -> io::Result<String> {
    fs::read_to_string(tracepoints()?.join(tracepoint).join(file))
}

/// The first folder that has tracepoints; permission denied if that might be why there is none.
fn tracepoints() -> io::Result<PathBuf> {
    let mut failure = ErrorKind::NotFound;
    // The kernel itself mounts tracefs at the second place when somebody looks there.
    for events in ["/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"] {
        match fs::metadata(events) {
            Ok(_) => return Ok(events.into()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => failure = error.kind(),
            Err(_) => {}
        }
    }
    Err(failure.into())
}

/// Whether the kernel has kprobes.
pub(crate) fn check_kprobes() -> Result<(), Failure> {
    if Path::new("/sys/bus/event_source/devices/kprobe").exists() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Unsupported,
        "this kernel has no kprobes (CONFIG_KPROBES is off)",
        "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
    ))
}

#[cfg(test)]
mod tests {
    use super::privileged;

    #[test]
    fn takes_root_or_the_two_capabilities() {
        assert!(privileged("Name:\tx\nCapEff:\t000001ffffffffff\n"));
        assert!(privileged("CapEff:\t0000000000200000\n"), "CAP_SYS_ADMIN");
        assert!(privileged("CapEff:\t000000c000000000\n"), "CAP_BPF and CAP_PERFMON");
        assert!(!privileged("CapEff:\t0000008000000000\n"), "CAP_BPF alone");
        assert!(!privileged(""));
    }
}
