//! Watches the processes of a trial: what all of them used, how many there were, and whether they stayed where they were put.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group::{Group, GroupKind};
use crate::plan::Placement;
use crate::sample::{
    Busy, Census, Mappings, Stranger, ThreadPlace, ThreadUse, busy_processors, children_of, cpu_list,
    monotonic_ns, policy_name, process_cpu_ns, reaped, thread_places, thread_uses, tree, tree_cpu_ns,
};

/// So many strangers are kept: the busiest.
const MOST_STRANGERS: usize = 8;

/// The processes of one trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProcessFacts {
    /// Whether the manifest says that the program is several processes.
    pub many: bool,
    /// How the runner's control group was made; null where none could be.
    pub group: Option<GroupKind>,
    /// When the load was released.
    pub released: Option<CpuReading>,
    /// When the buffer was empty after the load's end.
    pub settled: Option<CpuReading>,
    /// Most processes of the runner seen at a time between the two.
    pub most: u32,
    /// What was not as it had been set; each kind of change once.
    pub departures: Vec<Departure>,
    /// Other processes that were busy between the two, the busiest first, and all that have the ring open.
    pub strangers: Vec<Stranger>,
    /// The threads of the runner's processes at `ready`; empty in results of before.
    pub threads_at_ready: Vec<ThreadUse>,
    /// The same when the buffer was empty after the load's end.
    pub threads_at_settled: Vec<ThreadUse>,
    /// Other processes that have mapped a BPF map since the trial began and have no descriptor that tells which; `cpu_ns` is since then.
    pub mapped: Vec<Stranger>,
    /// CPU time of all other processes between the two, nanoseconds; null where they could not be read.
    pub strangers_cpu_ns: Option<u64>,
}

/// Who had used how much CPU time at one moment, nanoseconds. All of it is cumulative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CpuReading {
    /// CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// The CPU clocks of the runner's living processes.
    pub clocks_ns: Option<u64>,
    /// The runner's control group: everything that it ever started.
    pub group_ns: Option<u64>,
    /// Children that the runner's processes have reaped (clock-tick resolution).
    pub reaped_ns: Option<u64>,
    /// Page faults of those: not 0 when there were any.
    pub reaped_faults: Option<u64>,
    /// The supervising process, with the thread that keeps a processor awake.
    pub supervisor_ns: Option<u64>,
    /// The runner's processor, whoever used it, as the timer ticks saw it; null when it has none of its own.
    pub runner_processor_ns: Option<u64>,
    /// All processors, whoever used them, as the timer ticks saw it.
    pub machine_ns: Option<u64>,
    /// When the runner's processor was neither idle nor stolen, by the clock (clock-tick resolution).
    pub runner_processor_awake_ns: Option<u64>,
    /// The same of all processors together.
    pub machine_awake_ns: Option<u64>,
}

/// Something that was set when the trial began and was found otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Departure {
    /// When it was first seen, CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// Whose.
    pub of: Party,
    /// What.
    pub what: Placed,
    /// As it was set.
    pub set: String,
    /// As it was found.
    pub found: String,
}

impl Departure {
    /// In words.
    #[must_use]
    pub fn text(&self) -> String {
        let of = match self.of {
            Party::Runner => "the runner",
            Party::Load => "the load",
        };
        let (set, found) = (&self.set, &self.found);
        match self.what {
            Placed::Cpus => format!("{of} was pinned to CPU {set}, and was then allowed CPU {found}"),
            Placed::Policy => format!("{of} was scheduled by {set}, and was then found under {found}"),
            Placed::Nice => format!("{of} had niceness {set}, and was then found at {found}"),
            Placed::Group => {
                format!("{of} was put into the control group `{set}`, and was then found in `{found}`")
            }
        }
    }
}

/// Whose threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The runner's.
    Runner,
    /// The load's.
    Load,
}

/// What is set of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Placed {
    /// The processors on which it may run.
    Cpus,
    /// Its scheduling policy.
    Policy,
    /// Its niceness.
    Nice,
    /// Its control group.
    Group,
}

/// The watch over one trial.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) group: Option<Group>,
    pub(super) facts: ProcessFacts,
    census: Census,
    /// Who had maps in memory before the runner was started.
    mappings: Mappings,
    runner: u32,
    load: u32,
}

impl Watch {
    /// Begins when the runner was started. A group that it did not enter is none.
    pub(super) fn runner(&mut self, pid: u32, group: Option<Group>) {
        self.runner = pid;
        // It used time in there if it was in there, whether it still is or not.
        self.group = group.filter(|group| group.pids().contains(&pid) || group.cpu_ns() > Some(0));
        self.facts.group = self.group.as_ref().map(Group::kind);
    }

    pub(super) fn load(&mut self, pid: u32) {
        self.load = pid;
    }

    /// The runner's living processes, itself first: its tree, and what left the tree. That is in its group; without one it has
    /// become a child of this process, the subreaper.
    pub(super) fn pids(&self) -> Vec<u32> {
        let mut pids = tree(self.runner);
        let left = if let Some(group) = &self.group {
            group.pids()
        } else {
            let orphans = children_of(std::process::id()).into_iter().filter(|pid| *pid != self.load);
            orphans.flat_map(tree).collect()
        };
        for pid in left {
            if !pids.contains(&pid) {
                pids.push(pid);
            }
        }
        pids
    }

    /// Processes that are in the group although the runner has ended.
    pub(super) fn left_in_group(&self) -> Vec<u32> {
        self.group.as_ref().map(Group::pids).unwrap_or_default()
    }

    /// Who had maps in memory before the runner was started.
    pub(super) fn before(&mut self, mappings: Mappings) {
        self.mappings = mappings;
    }

    /// The runner is ready.
    pub(super) fn ready(&mut self) {
        self.facts.threads_at_ready = thread_uses(&self.pids());
    }

    /// Keeps whoever has mapped a map since the trial began.
    fn look_at_mappings(&mut self) {
        // Without privileges nobody's memory can be looked at.
        if !nix::unistd::geteuid().is_root() {
            return;
        }
        let gained = Mappings::take(&self.ours(), &self.mappings).gained_since(&self.mappings);
        for stranger in gained {
            self.facts.mapped.retain(|known| known.pid != stranger.pid);
            self.facts.mapped.push(stranger);
        }
        self.facts.mapped.truncate(MOST_STRANGERS);
    }

    /// The measured part begins.
    pub(super) fn released(&mut self, placement: &Placement) {
        self.look_at_mappings();
        self.census = Census::take(&self.ours());
        self.facts.released = Some(self.reading(placement));
    }

    /// The measured part is over. `rings` are the ids of the runner's.
    pub(super) fn settled(&mut self, placement: &Placement, rings: &BTreeSet<u32>) {
        self.facts.settled = Some(self.reading(placement));
        self.facts.threads_at_settled = thread_uses(&self.pids());
        let census = Census::take(&self.ours());
        self.facts.strangers_cpu_ns = Some(census.used_since(&self.census));
        self.facts.strangers = census.strangers_since(&self.census, rings);
        let kept = MOST_STRANGERS.max(self.facts.strangers.iter().filter(|one| one.has_ring).count());
        self.facts.strangers.truncate(kept);
        self.look_at_mappings();
    }

    /// Whether the runner's processes are in the group that they were put into: time that they use elsewhere is not in its account.
    pub(super) fn look_at_group(&mut self, pids: &[u32]) {
        let Some(group) = &self.group else { return };
        // A process that is gone is nowhere.
        let left = pids.iter().find_map(|pid| group.left(*pid)).map(|found| (group.name(), found));
        if let Some((set, found)) = left {
            self.depart(Party::Runner, Placed::Group, set, found);
        }
    }

    /// Looks at all threads. `set` says where the runner's may run.
    pub(super) fn look(&mut self, pids: &[u32], set: &BTreeSet<u32>, load: &[u32]) {
        self.facts.most = self.facts.most.max(u32::try_from(pids.len()).unwrap_or(u32::MAX));
        for place in thread_places(pids) {
            self.compare(Party::Runner, &place, set);
        }
        // The first thread of the load only waits; the others do the work.
        let cpus: BTreeSet<u32> = load.iter().copied().collect();
        for place in thread_places(&[self.load]) {
            let anywhere = BTreeSet::new();
            self.compare(Party::Load, &place, if place.tid == self.load { &anywhere } else { &cpus });
        }
    }

    /// An empty set allows every processor.
    fn compare(&mut self, of: Party, place: &ThreadPlace, set: &BTreeSet<u32>) {
        if !set.is_empty() && !place.cpus.is_subset(set) {
            self.depart(of, Placed::Cpus, cpu_list(set), cpu_list(&place.cpus));
        }
        if place.policy != libc::SCHED_OTHER {
            self.depart(of, Placed::Policy, policy_name(libc::SCHED_OTHER), policy_name(place.policy));
        }
        if place.nice != 0 {
            self.depart(of, Placed::Nice, "0".into(), place.nice.to_string());
        }
    }

    fn depart(&mut self, of: Party, what: Placed, set: String, found: String) {
        let known = |departure: &Departure| (departure.of, departure.what) == (of, what);
        if !self.facts.departures.iter().any(known) {
            self.facts.departures.push(Departure { t_ns: monotonic_ns(), of, what, set, found });
        }
    }

    fn ours(&self) -> Vec<u32> {
        let mut ours = self.pids();
        ours.extend([self.load, std::process::id()]);
        ours
    }

    fn reading(&self, placement: &Placement) -> CpuReading {
        let pids = self.pids();
        let (reaped_ns, reaped_faults) = reaped(&pids).unzip();
        let busy = busy_processors();
        let own = placement.runner.and_then(|cpu| busy.get(&cpu));
        let all = |of: fn(&Busy) -> u64| (!busy.is_empty()).then(|| busy.values().map(of).sum());
        CpuReading {
            t_ns: monotonic_ns(),
            clocks_ns: tree_cpu_ns(&pids),
            group_ns: self.group.as_ref().and_then(Group::cpu_ns),
            reaped_ns,
            reaped_faults,
            supervisor_ns: process_cpu_ns(std::process::id()),
            runner_processor_ns: own.map(|cpu| cpu.busy_ns),
            machine_ns: all(|cpu| cpu.busy_ns),
            runner_processor_awake_ns: own.map(|cpu| cpu.awake_ns),
            machine_awake_ns: all(|cpu| cpu.awake_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cpus: &[u32], policy: i32, nice: i32) -> ThreadPlace {
        ThreadPlace { tid: 1, cpus: cpus.iter().copied().collect(), policy, nice }
    }

    #[test]
    fn each_kind_of_change_is_kept_once_with_what_was_set() {
        let mut watch = Watch::default();
        let set = BTreeSet::from([1]);
        watch.compare(Party::Runner, &place(&[1], libc::SCHED_OTHER, 0), &set);
        assert_eq!(watch.facts.departures, []);
        watch.compare(Party::Runner, &place(&[0, 1], libc::SCHED_FIFO, -5), &set);
        watch.compare(Party::Runner, &place(&[0], libc::SCHED_OTHER, 0), &set);
        watch.compare(Party::Load, &place(&[7], libc::SCHED_OTHER, 3), &BTreeSet::new());
        let seen: Vec<_> = watch
            .facts
            .departures
            .iter()
            .map(|departure| (departure.of, departure.set.as_str(), departure.found.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (Party::Runner, "1", "0-1"),
                (Party::Runner, "SCHED_OTHER", "SCHED_FIFO"),
                (Party::Runner, "0", "-5"),
                (Party::Load, "0", "3")
            ]
        );
    }
}
