//! What the load does for each trigger, whenever its pattern wants one: one file for each kind.

mod caller;
mod syscalls;

pub(super) use caller::Caller;

use crate::plan::Trigger;

/// Gives the caller the call to make. Made on the calling thread, for it alone.
pub(super) fn give(trigger: Trigger, caller: impl Caller) {
    match trigger {
        Trigger::SystemCall(which) => syscalls::give(which, caller),
    }
}

/// What is done, in words.
pub(super) fn describe(trigger: Trigger) -> String {
    match trigger {
        Trigger::SystemCall(which) => syscalls::describe(which),
    }
}
