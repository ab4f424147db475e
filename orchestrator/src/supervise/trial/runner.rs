//! The runner within a trial: started, and waited for until it is ready.

use std::time::Duration;

use nix::sched::CpuSet;
use nix::sys::resource::{UsageWho, getrusage};
use tokio::time::Instant;

use super::events::Event;
use super::heard::nonsense;
use super::running::Trial;
use super::surroundings::Surroundings;
use crate::sample::{monotonic_ns, online_cpus, process_cpu_ns};
use crate::supervise::announced::Earlier;
use crate::supervise::child::Child;
use crate::supervise::group::Group;
use crate::supervise::launch::Launch;
use crate::supervise::record::{Ended, Speaks};

/// So many characters of a line that cannot be understood are shown.
const BEGINNING: usize = 60;

impl Trial<'_> {
    /// Starts it. What was loaded before is none of its own.
    pub(super) fn start_runner(&mut self, surroundings: &Surroundings) -> Result<Earlier, Ended> {
        let pid = self.record.target_pid.unwrap_or(0).to_string();
        let argv: Vec<String> =
            self.spec.argv.iter().map(|argument| argument.replace("{target_pid}", &pid)).collect();
        let earlier = Earlier::now();
        let group = surroundings.groups.as_ref().and_then(|groups| groups.make(self.spec.number));
        let launch = Launch {
            affinity: self.pinned_from_outside().or(surroundings.affinity),
            environment: self.spec.process.environment.clone(),
            group: group.as_ref().and_then(Group::entrance),
            rings: if self.spec.told.one_map_a_cpu { online_cpus().unwrap_or(0) } else { 0 },
            ..Launch::default()
        };
        // What is prepared before is not the runner's.
        self.record.times.spawned_ns = Some(monotonic_ns());
        let runner = Child::spawn(&argv, launch).map_err(|error| Ended::SpawnFailed {
            message: format!("cannot start `{}`: {error}", argv.first().map_or("", String::as_str)),
        })?;
        self.watch.facts.many = self.spec.process.many;
        self.watch.runner(runner.pid(), group);
        self.runner = Some(runner);
        Ok(earlier)
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

    pub(super) async fn wait_until_ready(&mut self) -> Result<(), Ended> {
        let deadline = Instant::now() + Duration::from_millis(self.spec.deadlines.ready_ms);
        while self.record.times.ready_ns.is_none() {
            match self.next_event(deadline).await {
                Event::Line => self.unreadable().map_or(Ok(()), Err)?,
                Event::Tick | Event::Look | Event::Load(_) => {}
                Event::Deadline => return Err(Ended::NeverReady),
                other => return Err(self.early_end(other).await),
            }
        }
        Ok(())
    }

    /// Whether the last line is one after which `ready` cannot come any more.
    fn unreadable(&self) -> Option<Ended> {
        if self.spec.speaks != Speaks::Protocol || self.record.times.ready_ns.is_some() {
            return None;
        }
        let lines = self.record.stdout.len();
        let line = &self.record.stdout.last()?.line;
        Some(Ended::Unreadable {
            line: lines as u64,
            reason: nonsense(line, lines == 1)?,
            beginning: line.chars().take(BEGINNING).collect(),
        })
    }
}

/// This process's CPU time (nanoseconds) and peak resident set (bytes).
pub(super) fn own_cost() -> (u64, u64) {
    let cpu = process_cpu_ns(std::process::id()).unwrap_or(0);
    let peak = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
    (cpu, u64::try_from(peak).unwrap_or(0) * 1024)
}
