//! Processes that a runner left behind.

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::sample::{children_of, process_cpu_ns, tree};

/// Processes that became the helper's children because their parent, a runner, has ended. Reaped runners are not among
/// them; neither is a load generator, which is reaped first.
pub(super) fn leftovers() -> Vec<u32> {
    let mut children = children_of(std::process::id());
    // A process without a clock has gone in the meantime.
    children.retain(|pid| process_cpu_ns(*pid).is_some());
    children
}

/// Kills a process with all its descendants and reaps it.
pub(super) fn kill_tree(pid: u32) {
    for descendant in tree(pid) {
        if let Ok(raw) = i32::try_from(descendant) {
            let _gone = kill(Pid::from_raw(raw), Signal::SIGKILL);
        }
    }
    if let Ok(raw) = i32::try_from(pid) {
        // It is our child now (subreaper) and has just been killed, so this returns at once.
        let _reaped = waitpid(Pid::from_raw(raw), None);
    }
}
