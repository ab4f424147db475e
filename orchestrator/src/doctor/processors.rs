//! What the processors are like, as far as it disturbs figures.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use procfs::{FromReadSI as _, KernelStats, LocalSystemInfo};

use super::finding::Finding;
use crate::config::Topology;
use crate::plan::place;
use crate::sample::package_energy;
use crate::supervise::{GroupKind, group_kind};

const AREA: &str = "processors";
const STEAL_WINDOW: Duration = Duration::from_millis(200);
/// Share of the machine's time, in per cent, above which a neighbour spoils figures.
const STEAL_LIMIT_PERCENT: f64 = 1.0;

pub(super) fn look(system: &Path) -> Vec<Finding> {
    let before = times(system);
    thread::sleep(STEAL_WINDOW);
    let after = times(system);
    let root = nix::unistd::geteuid().is_root();
    vec![
        processors(&Topology::read()),
        group(root, root.then(group_kind).flatten()),
        governor(system),
        energy(system),
        steal(before, after),
        mitigations(system),
    ]
}

/// What accounts for the CPU time of a runner's children and daemons.
fn group(root: bool, kind: Option<GroupKind>) -> Finding {
    match kind {
        Some(GroupKind::V2) => Finding::ok(AREA, "control group", "one for each runner (version 2)"),
        Some(GroupKind::V1) => Finding::ok(AREA, "control group", "one for each runner (version 1, cpuacct)"),
        None if !root => Finding::ok(AREA, "control group", "made by the helper, as root: not tried"),
        None => Finding::warn(
            AREA,
            "control group",
            "none can be made: CPU time of a runner's children counts in ticks, and that of daemons not at all once they end",
            "mount `cgroup2` on `/sys/fs/cgroup`, writable",
        ),
    }
}

fn processors(topology: &Topology) -> Finding {
    let count = topology.cpus.len();
    let shared = topology
        .cpus
        .iter()
        .filter(|cpu| topology.cpus.iter().any(|other| other.id != cpu.id && other.shares_core_with(cpu)));
    let threads = match shared.count() {
        0 => "no hyper-threads".to_owned(),
        shared => format!("{shared} of them hyper-threads that share a core"),
    };
    if count < 2 {
        let advice = "with one processor the load takes the consumer's time: compare ratios only";
        return Finding::warn(AREA, "count", format!("{count}"), advice);
    }
    let placement = place(topology, 1);
    let runner = placement.runner.map(|cpu| cpu.to_string()).unwrap_or_default();
    let list = |cpus: &[u32]| cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let places = format!(
        "runner on {runner}, load on {}, supervisor on {}",
        list(&placement.load),
        list(&placement.supervisor)
    );
    Finding::ok(AREA, "count", format!("{count}, {threads}; {places}"))
}

/// Whether joules can be counted: nothing else depends on it.
fn energy(system: &Path) -> Finding {
    match package_energy(system).len() {
        0 => Finding::ok(
            AREA,
            "energy",
            "not counted: no package in `/sys/class/powercap` (most virtual machines)",
        ),
        packages => Finding::ok(AREA, "energy", format!("counted for {packages} packages")),
    }
}

fn governor(system: &Path) -> Finding {
    let folder = system.join("sys/devices/system/cpu");
    let mut governors: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|cpu| fs::read_to_string(cpu.path().join("cpufreq/scaling_governor")).ok())
        .map(|governor| governor.trim().to_owned())
        .collect();
    governors.sort();
    governors.dedup();
    match governors.as_slice() {
        [] => Finding::ok(AREA, "governor", "not visible (a virtual machine, or fixed by the firmware)"),
        [only] if only == "performance" => Finding::ok(AREA, "governor", "performance"),
        several => Finding::warn(
            AREA,
            "governor",
            several.join(", "),
            "the clock changes while measuring; run `cpupower frequency-set -g performance` as root",
        ),
    }
}

/// Stolen and total time of all processors since boot, in clock ticks.
fn times(system: &Path) -> Option<(u64, u64)> {
    let time = KernelStats::from_file(system.join("proc/stat"), &LocalSystemInfo).ok()?.total;
    let stolen = time.steal?;
    // Guest time is part of user time already.
    let known = [time.iowait, time.irq, time.softirq].into_iter().flatten().sum::<u64>();
    Some((stolen, time.user + time.nice + time.system + time.idle + known + stolen))
}

fn steal(before: Option<(u64, u64)>, after: Option<(u64, u64)>) -> Finding {
    let (Some(before), Some(after)) = (before, after) else {
        return Finding::warn(AREA, "steal", "unknown", "check that `/proc/stat` can be read");
    };
    let total = after.1.saturating_sub(before.1).max(1);
    let percent = after.0.saturating_sub(before.0) as f64 * 100.0 / total as f64;
    let detail = format!("{percent:.1} % of the last {} ms", STEAL_WINDOW.as_millis());
    if percent > STEAL_LIMIT_PERCENT {
        let advice = "neighbours take time from this virtual machine: use more blocks, and compare within one run only";
        return Finding::warn(AREA, "steal", detail, advice);
    }
    Finding::ok(AREA, "steal", detail)
}

fn mitigations(system: &Path) -> Finding {
    let states: Vec<String> = fs::read_dir(system.join("sys/devices/system/cpu/vulnerabilities"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .collect();
    let count = |start: &str| states.iter().filter(|state| state.starts_with(start)).count();
    let detail = format!(
        "{} active, {} not affected, {} vulnerable",
        count("Mitigation"),
        count("Not affected"),
        count("Vulnerable")
    );
    Finding::ok(AREA, "mitigations", if states.is_empty() { "not visible".to_owned() } else { detail })
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_machine_without_control_groups_is_warned_of_to_root_alone() {
        assert_eq!(group(true, Some(GroupKind::V1)).state, State::Ok);
        assert_eq!(group(false, None).state, State::Ok);
        assert_eq!(group(true, None).state, State::Warn);
    }

    #[test]
    fn steal_is_the_share_of_the_time_between_two_readings() {
        let finding = steal(Some((100, 1000)), Some((105, 1100)));
        assert_eq!((finding.state, finding.detail.as_str()), (State::Warn, "5.0 % of the last 200 ms"));
        assert_eq!(steal(Some((100, 1000)), Some((100, 1000))).state, State::Ok);
        assert_eq!(steal(None, None).state, State::Warn);
    }
}
