//! What a trial finds when it begins, and what the user may want of it meanwhile.

use nix::sched::CpuSet;

use crate::sample::{Mappings, Walk};
use crate::supervise::group::Groups;
use crate::supervise::launch::Owner;

/// What the user wants of the running trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supervise) enum Command {
    Stop,
    Kill,
}

/// What all trials of a run share.
#[derive(Debug)]
pub(in crate::supervise) struct Surroundings {
    /// The executable that is the load generator, with its leading arguments.
    pub(in crate::supervise) load_argv: Vec<String>,
    /// Who the load generator is to be; none: the same user as the helper.
    pub(in crate::supervise) load_owner: Option<Owner>,
    /// The CPUs that children may use, before the helper pinned itself.
    pub(in crate::supervise) affinity: Option<CpuSet>,
    /// BPF programs and maps that are loaded without us; none without privileges to ask.
    pub(in crate::supervise) bpf_base: Option<u32>,
    /// Bare walks that were timed before earlier trials, each ring and record size once.
    pub(in crate::supervise) walks: Vec<Walk>,
    /// Where runners get control groups of their own.
    pub(in crate::supervise) groups: Option<Groups>,
    /// Who had maps in memory before the last trial: whoever has not run since need not be looked at again.
    pub(in crate::supervise) mappings: Mappings,
}
