//! Facts about this kernel and these privileges, looked up before the framework is asked to do anything, so that every
//! runner reports the same cause in the same words.

use crate::Failure;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where tracefs may be below `/sys`; the kernel itself mounts it at the second place when somebody looks there.
const EVENTS: [&str; 2] = ["kernel/tracing/events", "kernel/debug/tracing/events"];

/// Whether this process may load BPF programs.
pub fn check_privileges() -> Result<(), Failure> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if privileged(&status) { Ok(()) } else { Err(Failure::NoPrivileges) }
}

/// Whether the effective capabilities in `/proc/self/status` suffice.
fn privileged(status: &str) -> bool {
    const CAP_SYS_ADMIN: u64 = 1 << 21;
    const CAP_PERFMON_AND_BPF: u64 = 1 << 38 | 1 << 39;
    let mask = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    effective & CAP_SYS_ADMIN != 0 || effective & CAP_PERFMON_AND_BPF == CAP_PERFMON_AND_BPF
}

/// A machine that programs are attached on.
#[derive(Debug)]
pub(crate) struct Machine<'a> {
    /// Its `/sys`.
    pub(crate) sys: &'a Path,
    /// Of a system call's first argument in `struct pt_regs`; `None` on an architecture that docs/PROTOCOL.md does not name.
    pub(crate) first_register: Option<u32>,
}

impl Machine<'_> {
    /// The one that this runs on.
    pub(crate) fn this() -> Self {
        let first_register = if cfg!(target_arch = "x86_64") {
            Some(112) // di
        } else if cfg!(target_arch = "aarch64") {
            Some(0) // regs[0]
        } else {
            None
        };
        Self { sys: Path::new("/sys"), first_register }
    }

    /// Whether the kernel has this tracepoint, and whether this process may read what frameworks read of it.
    pub(crate) fn check_tracepoint(&self, tracepoint: &str) -> Result<(), Failure> {
        let events = self.events().map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => Failure::TracefsUnreadable,
            _ => Failure::NoTracefs,
        })?;
        match File::open(events.join(tracepoint).join("id")) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::TracefsUnreadable),
            Err(_) => Err(Failure::NoTracepoint(tracepoint.to_owned())),
        }
    }

    /// Whether the tracepoint's context has a field at this offset; `false` when that cannot be read.
    pub(crate) fn has_field_at(&self, tracepoint: &str, offset: u32) -> bool {
        self.events()
            .and_then(|events| fs::read_to_string(events.join(tracepoint).join("format")))
            .is_ok_and(|format| format.contains(&format!("offset:{offset};")))
    }

    /// Whether the kernel has kprobes.
    pub(crate) fn check_kprobes(&self) -> Result<(), Failure> {
        let there = self.sys.join("bus/event_source/devices/kprobe").exists();
        if there { Ok(()) } else { Err(Failure::NoKprobes) }
    }

    /// The first place that has tracepoints; permission denied if that might be why there is none.
    fn events(&self) -> io::Result<PathBuf> {
        let mut failure = ErrorKind::NotFound;
        for place in EVENTS {
            let events = self.sys.join(place);
            match fs::metadata(&events) {
                Ok(_) => return Ok(events),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => failure = error.kind(),
                Err(_) => {}
            }
        }
        Err(failure.into())
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
        assert!(!privileged(""));
    }
}
