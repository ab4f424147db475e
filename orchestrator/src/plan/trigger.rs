//! What the load is to do for each trigger, and where a program is attached so that it sees that.

use std::env::consts::ARCH;

use super::error::Error;
use super::spec::{LoadShape, Syscall, SystemCall, Trigger};
use crate::config::BenchmarkEntry;
use crate::facts::{TriggerKind, nearest};

/// What a program of the entry's type runs for.
pub(super) fn trigger(entry: &BenchmarkEntry) -> Result<Trigger, Error> {
    match entry.program_type.facts().trigger {
        TriggerKind::SystemCall => Ok(Trigger::SystemCall(SystemCall {
            shape: entry.load.shape.unwrap_or(LoadShape::FailFast),
            syscall: syscall_of(entry)?,
        })),
    }
}

fn syscall_of(entry: &BenchmarkEntry) -> Result<Syscall, Error> {
    let source = entry.event_source.strip_prefix("syscalls/").unwrap_or(&entry.event_source);
    let known = ["sys_enter_openat2", "sys_enter_openat"];
    match source {
        "sys_enter_openat2" => Ok(Syscall::Openat2),
        "sys_enter_openat" => Ok(Syscall::Openat),
        _ => {
            let meant =
                nearest(source, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
            let message =
                format!("the load generator cannot cause `{}` (`event_source`)", entry.event_source);
            let hint = format!("{meant}it causes `sys_enter_openat2` and `sys_enter_openat`");
            Err(Error::impossible(entry, "event_source", message, hint))
        }
    }
}

/// Where to attach; none when the runners' own default is right.
pub(super) fn attach_target(entry: &BenchmarkEntry, trigger: Trigger) -> Result<Option<String>, Error> {
    let Some(target) = &entry.attach_target else {
        return default_target(entry, trigger);
    };
    let program_type = entry.program_type;
    let grammar = program_type.facts().target;
    if grammar.fits(target) {
        return Ok(Some(target.clone()));
    }
    let message = format!("`program_type` {program_type} cannot attach to `{target}` (`attach_target`)");
    Err(Error::impossible(entry, "attach_target", message, grammar.expected()))
}

fn default_target(entry: &BenchmarkEntry, trigger: Trigger) -> Result<Option<String>, Error> {
    let Trigger::SystemCall(SystemCall { syscall, .. }) = trigger;
    if syscall == Syscall::Openat2 {
        return Ok(None);
    }
    let program_type = entry.program_type;
    let entry_of = program_type.facts().target.entry_of(&syscall.to_string(), ARCH);
    entry_of.map(Some).ok_or_else(|| {
        let message = format!(
            "`program_type` {program_type} counts openat2 only, not `sys_enter_{syscall}` (`event_source`)"
        );
        let hint = "use `event_source: sys_enter_openat2`, or `program_type: tracepoint`";
        Error::impossible(entry, "event_source", message, hint)
    })
}
