//! Who used the processors while a trial was measured, and whether all that the runner did is in its figures.
//!
//! The CPU clock of a process does not have the time of children, of processes that left the tree, or of somebody else who reads
//! the buffer in the runner's place. The first two are in its control group. The last shows as time that nobody accounts for: the
//! processors' busy time less that of runner, load, supervisor and of every process of which is known that it does not have the
//! buffer's map, since without it nobody can read the buffer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounting::Verdict;
use super::disturbance::{Disturbance, Disturbed};
use crate::supervise::{CpuReading, Departure, ProcessFacts, TrialRecord};

/// More CPU time than this share of the measured time that nobody accounts for leaves a trial unverified. Interrupts and the ways into
/// idleness and out of it belong to no process, so that some per cent are always left (docs/METHODOLOGY.md).
const UNEXPLAINED_SHARE: f64 = 0.25;

/// Others on the runner's processor are named from this share of the measured time on; so many of them by name.
const OTHERS_SHARE: f64 = 0.10;
const NAMED: usize = 3;

/// Time in the runner's group beyond its processes' clocks counts from both on: clocks and group are read one after the other, and the
/// group is brought up to date by the scheduler's tick.
const HIDDEN_SHARE: f64 = 0.01;
const HIDDEN_NS: u64 = 500_000;

/// A group that lacks so much of its processes' time, and such a share of it, did not have them all the time. The tick brings a group up to
/// date.
const ABSENT_NS: u64 = 20_000_000;
const ABSENT_SHARE: f64 = 0.10;

/// CPU time between the release of the load and the moment when the buffer was empty, nanoseconds, by who used it. Null: unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CpuBalance {
    /// The time between the two.
    pub window_ns: u64,
    /// Everything that the runner did.
    pub runner_ns: Option<u64>,
    /// Where that is from.
    pub runner_by: Option<CpuSource>,
    /// The part of it that went to processes that had ended; 0 when too little to tell.
    pub hidden_ns: Option<u64>,
    /// The load, with the BPF program.
    pub load_ns: Option<u64>,
    /// The supervisor, with the thread that keeps the runner's processor awake.
    pub supervisor_ns: Option<u64>,
    /// Others on the runner's processor (clock-tick resolution).
    pub others_on_processor_ns: Option<u64>,
    /// Others on all processors (clock-tick resolution).
    pub others_ns: Option<u64>,
    /// The part of it that no process accounts for of which it is known that it cannot read the ring.
    pub unexplained_ns: Option<u64>,
}

impl CpuBalance {
    /// CPU time that nobody accounts for, as a share of a core, where it is so much that the trial is not believed.
    #[must_use]
    pub fn unexplained_share(&self) -> Option<f64> {
        let share = self.unexplained_ns? as f64 / self.window_ns as f64;
        (share > UNEXPLAINED_SHARE).then_some(share)
    }
}

/// What the runner's CPU time was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CpuSource {
    /// The CPU clocks of its processes.
    Clocks,
    /// Its control group: there was more than the clocks had.
    Group,
    /// The clocks, and what its processes had reaped, in ticks: there was no control group.
    Reaped,
}

/// The balance of one trial; none when its measured part never ended, or in results of version 1.
pub(super) fn balance(record: &TrialRecord) -> Option<CpuBalance> {
    let facts = &record.processes;
    let (from, to) = (facts.released.as_ref()?, facts.settled.as_ref()?);
    let grown = |field: fn(&CpuReading) -> Option<u64>| Some(field(to)?.saturating_sub(field(from)?));
    let clocks_ns = grown(|reading| reading.clocks_ns);
    let (runner_ns, runner_by, hidden_ns) = runner(clocks_ns, facts);
    let load_ns = record.load.as_ref().map(|load| load.user_ns.saturating_add(load.system_ns));
    let supervisor_ns = grown(|reading| reading.supervisor_ns);
    let kept_awake_ns = record.pauses.map_or(0, |pauses| pauses.cpu_ns);
    let less = |all: Option<u64>, parts: &[Option<u64>]| {
        let parts = parts.iter().copied().sum::<Option<u64>>()?;
        Some(all?.saturating_sub(parts))
    };
    // Work that somebody did is in both accounts of a processor; each has something else besides (sample/proc_stat.rs).
    let lesser =
        |seen: Option<u64>, awake: Option<u64>| seen.map(|seen| awake.map_or(seen, |awake| seen.min(awake)));
    let machine_ns = lesser(grown(|reading| reading.machine_ns), grown(|reading| reading.machine_awake_ns));
    let processor_ns = lesser(
        grown(|reading| reading.runner_processor_ns),
        grown(|reading| reading.runner_processor_awake_ns),
    );
    let others_ns = less(machine_ns, &[runner_ns, load_ns, supervisor_ns]);
    // Whoever has a map in memory and does not tell which could have read the ring.
    let suspects = facts.strangers.iter().filter(|stranger| stranger.hidden_map == Some(true));
    let suspects_ns = suspects.map(|stranger| stranger.cpu_ns).sum::<u64>();
    let innocents_ns = facts.strangers_cpu_ns.map(|all| all.saturating_sub(suspects_ns));
    Some(CpuBalance {
        window_ns: to.t_ns.saturating_sub(from.t_ns),
        runner_ns,
        runner_by,
        hidden_ns,
        load_ns,
        supervisor_ns,
        others_on_processor_ns: less(processor_ns, &[runner_ns, Some(kept_awake_ns)]),
        others_ns,
        unexplained_ns: less(others_ns, &[innocents_ns]),
    })
}

/// All that the runner used, what says so, and the part that its living processes' clocks do not have.
fn runner(clocks_ns: Option<u64>, facts: &ProcessFacts) -> (Option<u64>, Option<CpuSource>, Option<u64>) {
    let (Some(from), Some(to), Some(clocks_ns)) = (&facts.released, &facts.settled, clocks_ns) else {
        return (None, None, None);
    };
    let grown = |from: Option<u64>, to: Option<u64>| Some(to?.saturating_sub(from?));
    let (more, source) = match grown(from.group_ns, to.group_ns) {
        Some(group_ns) => (Some(group_ns.saturating_sub(clocks_ns)), CpuSource::Group),
        None => (grown(from.reaped_ns, to.reaped_ns), CpuSource::Reaped),
    };
    let told = |more: &u64| *more >= HIDDEN_NS && *more as f64 >= clocks_ns as f64 * HIDDEN_SHARE;
    match more.filter(told) {
        Some(more) => (Some(clocks_ns + more), Some(source), Some(more)),
        None => (Some(clocks_ns), Some(CpuSource::Clocks), more.map(|_| 0)),
    }
}

/// CPU time that belongs to the runner and is in no clock, nanoseconds.
pub(super) fn hidden_ns(record: &TrialRecord) -> u64 {
    balance(record).and_then(|balance| balance.hidden_ns).unwrap_or(0)
}

/// What others did is said, from a share on that ticks cannot have made up; so is time that only the runner's group has.
pub(super) fn disturbances(record: &TrialRecord, balance: &CpuBalance) -> Vec<Disturbed> {
    let mut disturbances = Vec::new();
    if let Some(others_ns) = balance.others_on_processor_ns {
        let share = others_ns as f64 / balance.window_ns.max(1) as f64;
        if share > OTHERS_SHARE {
            let strangers = record.processes.strangers.iter().take(NAMED);
            let busiest = strangers.map(|stranger| stranger.name.clone()).collect();
            disturbances.push(Disturbance::OthersOnProcessor { share, busiest }.into());
        }
    }
    let hidden_ns = balance.hidden_ns.filter(|hidden_ns| *hidden_ns > 0);
    disturbances.extend(hidden_ns.map(|cpu_ns| Disturbance::EndedProcesses { cpu_ns }.into()));
    disturbances
}

/// Why the trial may not be believed, in words.
pub(super) fn doubts(record: &TrialRecord, balance: Option<&CpuBalance>) -> Vec<String> {
    let facts = &record.processes;
    let mut doubts = Vec::new();
    if !facts.many {
        doubts.extend(more_than_one(facts, balance));
    }
    doubts.extend(facts.departures.iter().map(Departure::text));
    doubts.extend(facts.strangers.iter().filter(|stranger| stranger.has_ring).map(|stranger| {
        format!(
            "`{}` (process {}), which is not the runner's, had its ring open",
            stranger.name, stranger.pid
        )
    }));
    doubts.extend(facts.mapped.iter().map(|stranger| {
        format!(
            "`{}` (process {}), which is not the runner's, has mapped a BPF map since the trial began and has no descriptor that tells \
             which",
            stranger.name, stranger.pid
        )
    }));
    doubts.extend(out_of_the_group(facts));
    if let Some(share) = balance.and_then(CpuBalance::unexplained_share) {
        let percent = share * 100.0;
        let suspects: Vec<String> = facts
            .strangers
            .iter()
            .filter(|stranger| stranger.hidden_map == Some(true))
            .map(|stranger| format!("`{}` (process {})", stranger.name, stranger.pid))
            .collect();
        let who = if suspects.is_empty() {
            "nobody accounts for".to_owned()
        } else {
            format!(
                "only processes with a BPF map that they do not tell account for: {}",
                suspects.join(", ")
            )
        };
        doubts.push(format!("CPU time of {percent:.0} % of a core that {who}"));
    }
    doubts
}

/// Time that the runner's clocks have and its group has not was used elsewhere, however short a visit that was.
fn out_of_the_group(facts: &ProcessFacts) -> Option<String> {
    let (from, to) = (facts.released.as_ref()?, facts.settled.as_ref()?);
    let clocks_ns = to.clocks_ns?.checked_sub(from.clocks_ns?)?;
    let group_ns = to.group_ns?.checked_sub(from.group_ns?)?;
    let lacking_ns = clocks_ns.saturating_sub(group_ns);
    let is_out = lacking_ns > ABSENT_NS && lacking_ns as f64 > clocks_ns as f64 * ABSENT_SHARE;
    is_out.then(|| {
        let ms = |ns: u64| ns as f64 / 1e6;
        let (clocks, group) = (ms(clocks_ns), ms(group_ns));
        format!("its processes used {clocks:.0} ms of CPU time, of which its control group has {group:.0} ms: they were out of it")
    })
}

fn more_than_one(facts: &ProcessFacts, balance: Option<&CpuBalance>) -> Option<String> {
    const UNSAID: &str = "and its manifest does not say `processes: many`";
    if facts.most > 1 {
        return Some(format!("it was {} processes, {UNSAID}", facts.most));
    }
    let hidden_ns = balance.and_then(|balance| balance.hidden_ns).filter(|ns| *ns > 0);
    if let Some(hidden_ns) = hidden_ns {
        let ms = hidden_ns as f64 / 1e6;
        return Some(format!("{ms:.0} ms of its CPU time went to processes that had ended, {UNSAID}"));
    }
    let faults = |reading: &Option<CpuReading>| reading.as_ref()?.reaped_faults;
    let (before, after) = faults(&facts.released).zip(faults(&facts.settled))?;
    (after > before).then(|| format!("it had child processes that ended, {UNSAID}"))
}

/// A verdict that doubts take the belief from. What fails stays invalid.
pub(super) fn doubted(verdict: Verdict, doubts: Vec<String>) -> Verdict {
    if doubts.is_empty() {
        return verdict;
    }
    match verdict {
        Verdict::Valid => Verdict::Unverified { missing: doubts },
        Verdict::Unverified { missing } => Verdict::Unverified { missing: [missing, doubts].concat() },
        invalid @ Verdict::Invalid { .. } => invalid,
    }
}

#[cfg(test)]
mod tests;
