//! The runner's processes within a trial: started, read every 100 ms.

use std::collections::BTreeSet;
use std::path::Path;

use nix::sched::CpuSet;
use nix::sys::resource::{UsageWho, getrusage};

use super::super::child::Child;
use super::super::group::Group;
use super::super::launch::Launch;
use super::super::record::{Ended, Speaks};
use super::super::witness::Earlier;
use super::{Surroundings, Trial};
use crate::sample::{all_asleep, monotonic_ns, process_cpu_ns, tree_snapshot};

/// Private memory is read with every so many snapshots: of a ring of 1 GiB the kernel walks through half a million entries for it.
const MEMORY_EVERY: usize = 5;

impl Trial<'_> {
    pub(super) fn start_runner(&mut self, surroundings: &Surroundings) -> Result<(), Ended> {
        let pid = self.record.target_pid.unwrap_or(0).to_string();
        let argv: Vec<String> =
            self.spec.argv.iter().map(|argument| argument.replace("{target_pid}", &pid)).collect();
        self.earlier = Earlier::now();
        self.record.times.spawned_ns = Some(monotonic_ns());
        let group = surroundings.groups.as_ref().and_then(|groups| groups.make(self.spec.number));
        let launch = Launch {
            affinity: self.pinned_from_outside().or(surroundings.affinity),
            environment: self.spec.process.environment.clone(),
            group: group.as_ref().and_then(Group::entrance),
            ..Launch::default()
        };
        let runner = Child::spawn(&argv, launch).map_err(|error| Ended::SpawnFailed {
            message: format!("cannot start `{}`: {error}", argv.first().map_or("", String::as_str)),
        })?;
        self.watch.facts.many = self.spec.process.many;
        self.watch.runner(runner.pid(), group);
        self.runner = Some(runner);
        Ok(())
    }

    /// A program that does not speak the protocol need not know how to pin itself, nor the first of several processes, which may only
    /// start the others.
    fn pinned_from_outside(&self) -> Option<CpuSet> {
        let unaware = self.spec.speaks != Speaks::Protocol || self.spec.process.many;
        let cpu = self.spec.placement.runner.filter(|_| unaware)?;
        let mut cpus = CpuSet::new();
        cpus.set(usize::try_from(cpu).ok()?).ok()?;
        Some(cpus)
    }

    /// Reads everything once. `last`: the measured part is over.
    pub(super) fn snapshot(&mut self, last: bool) {
        self.pids = self.watch.pids();
        let memory = last || self.record.snapshots.len().is_multiple_of(MEMORY_EVERY);
        self.record.snapshots.push(tree_snapshot(Path::new("/proc"), &self.pids, memory));
        let reading = self.witness.look(|| all_asleep(&self.pids));
        self.record.readings.positions.push(reading);
        if let Some(bytes) = self.spec.told.record_bytes {
            self.witness.look_at_read(bytes, self.record.target_pid);
        }
        if last {
            self.witness.look_for_others(&self.pids);
        }
        // Without a place of its own the runner may be anywhere.
        let set: BTreeSet<u32> = self.spec.placement.runner.into_iter().collect();
        self.watch.look(&self.pids, &set, &self.spec.placement.load);
    }
}

/// This process's CPU time (nanoseconds) and peak resident set (bytes).
pub(super) fn own_cost() -> (u64, u64) {
    let cpu = process_cpu_ns(std::process::id()).unwrap_or(0);
    let peak = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
    (cpu, u64::try_from(peak).unwrap_or(0) * 1024)
}
