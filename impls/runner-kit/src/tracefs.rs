//! What tracefs tells of tracepoints.

use crate::Failure;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where it may be below `/sys`; the kernel itself mounts it at the second place when somebody looks there.
const MOUNTS: [&str; 2] = ["kernel/tracing/events", "kernel/debug/tracing/events"];

/// Whether the kernel has this tracepoint, and whether this process may read what frameworks read of it.
pub(crate) fn check(sys: &Path, tracepoint: &str) -> Result<(), Failure> {
    let events = find_events(sys).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => Failure::tracefs_unreadable(),
        _ => Failure::no_tracefs(),
    })?;
    match File::open(events.join(tracepoint).join("id")) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::tracefs_unreadable()),
        Err(_) => Err(Failure::no_tracepoint(tracepoint)),
    }
}

/// Whether the tracepoint's context has a field at this offset; `false` when that cannot be read.
pub(crate) fn has_field_at(sys: &Path, tracepoint: &str, offset: u32) -> bool {
    find_events(sys)
        .and_then(|events| fs::read_to_string(events.join(tracepoint).join("format")))
        .is_ok_and(|format| format.contains(&format!("offset:{offset};")))
}

/// The first place that has tracepoints; permission denied if that might be why there is none.
fn find_events(sys: &Path) -> io::Result<PathBuf> {
    let mut failure = ErrorKind::NotFound;
    for mount in MOUNTS {
        let events = sys.join(mount);
        match fs::metadata(&events) {
            Ok(_) => return Ok(events),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => failure = error.kind(),
            Err(_) => {}
        }
    }
    Err(failure.into())
}
