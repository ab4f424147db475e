//! Decides which processors each part uses.
//!
//! The runner gets a core of its own, the load another, because two hyper-threads of one core slow each other down. Both
//! stay on one package where they can: records that cross packages would be measured too. The supervisor goes where it
//! disturbs least. The lowest processor, which most devices interrupt, goes to neither as long as there is a choice.

use std::collections::BTreeMap;

use super::spec::Placement;
use crate::config::{Cpu, Topology};

/// Places a runner, a load generator with so many threads, and the supervisor.
#[must_use]
pub fn place(topology: &Topology, load_threads: u32) -> Placement {
    if topology.cpus.len() < 2 {
        return Placement::default();
    }
    best_runner(topology)
        .map_or_else(Placement::default, |runner| place_around(runner, topology, load_threads))
}

/// The processor for a runner, where nothing else is said.
pub(super) fn best_runner(topology: &Topology) -> Option<Cpu> {
    cores_of_best_package(topology).last().and_then(|core| core.first()).copied()
}

/// The same with the runner on this processor; none where it is not there, or is the only one.
#[must_use]
pub fn place_on(cpu: u32, topology: &Topology, load_threads: u32) -> Option<Placement> {
    let runner = topology.cpus.iter().find(|there| there.id == cpu).filter(|_| topology.cpus.len() > 1)?;
    Some(place_around(*runner, topology, load_threads))
}

fn place_around(runner: Cpu, topology: &Topology, load_threads: u32) -> Placement {
    let others: Vec<Cpu> = topology.cpus.iter().copied().filter(|cpu| cpu.id != runner.id).collect();
    let load = load_cpus(&others, runner, load_threads);
    let supervisor = supervisor_cpus(&others, runner, &load);
    Placement { runner: Some(runner.id), load: ids(&load), supervisor: ids(&supervisor), distance: None }
}

/// The supervisor's processors: those that are left, rather away from the load's cores.
pub(super) fn supervisor_cpus(others: &[Cpu], runner: Cpu, load: &[Cpu]) -> Vec<Cpu> {
    let mut free: Vec<Cpu> = others.iter().copied().filter(|cpu| !load.contains(cpu)).collect();
    // A hyper-thread of the runner's core is the last place for the supervisor: better beside the load.
    free.retain(|cpu| {
        !cpu.shares_core_with(&runner) || load.iter().all(|used| used.shares_core_with(&runner))
    });
    let away: Vec<Cpu> =
        free.iter().copied().filter(|cpu| load.iter().all(|used| !cpu.shares_core_with(used))).collect();
    [away, free, load.to_vec()].into_iter().find(|cpus| !cpus.is_empty()).unwrap_or_default()
}

/// The processors of the package with the most cores, grouped by core.
fn cores_of_best_package(topology: &Topology) -> Vec<Vec<Cpu>> {
    let mut packages: BTreeMap<u32, BTreeMap<u32, Vec<Cpu>>> = BTreeMap::new();
    for cpu in &topology.cpus {
        packages.entry(cpu.package).or_default().entry(cpu.core).or_default().push(*cpu);
    }
    let best = packages.into_values().rev().max_by_key(BTreeMap::len).unwrap_or_default();
    let mut cores: Vec<_> = best.into_values().collect();
    cores.sort_by_key(|core| core.first().map(|cpu| cpu.id));
    cores
}

/// The load's processors, best first: other cores of the runner's package, one thread a core; then other packages; then
/// hyper-threads; the runner's own processor last.
pub(super) fn load_cpus(others: &[Cpu], runner: Cpu, threads: u32) -> Vec<Cpu> {
    let mut ranked: Vec<(u32, Cpu)> = Vec::new();
    let mut descending = others.to_vec();
    descending.sort_by_key(|cpu| std::cmp::Reverse(cpu.id));
    for cpu in descending {
        let first_of_core =
            others.iter().filter(|other| other.shares_core_with(&cpu)).all(|other| other.id >= cpu.id);
        let rank = match (cpu.shares_core_with(&runner), first_of_core, cpu.package == runner.package) {
            (true, _, _) => 4,
            (false, true, true) => 0,
            (false, true, false) => 1,
            (false, false, true) => 2,
            (false, false, false) => 3,
        };
        ranked.push((rank, cpu));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let wanted = usize::try_from(threads.max(1)).unwrap_or(usize::MAX);
    // As many as there are threads, the runner's too at the last: two threads on one processor would count as two and be one.
    ranked.into_iter().map(|(_, cpu)| cpu).chain([runner]).take(wanted).collect()
}

pub(super) fn ids(cpus: &[Cpu]) -> Vec<u32> {
    cpus.iter().map(|cpu| cpu.id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `packages` × `cores` × `threads`, numbered as Linux does: first threads of all cores, then second threads.
    fn machine(packages: u32, cores: u32, threads: u32) -> Topology {
        let total = packages * cores;
        let cpu = |id: u32| Cpu { id, core: id % total % cores, package: id % total / cores, numa: None };
        Topology { cpus: (0..total * threads).map(cpu).collect() }
    }

    fn placed(runner: u32, load: &[u32], supervisor: &[u32]) -> Placement {
        Placement {
            runner: Some(runner),
            load: load.to_vec(),
            supervisor: supervisor.to_vec(),
            distance: None,
        }
    }

    #[test]
    fn one_processor_is_left_to_the_scheduler() {
        assert_eq!(place(&machine(1, 1, 1), 1), Placement::default());
        assert_eq!(place(&Topology::default(), 1), Placement::default());
    }

    #[test]
    fn with_two_processors_the_supervisor_shares_with_the_load() {
        assert_eq!(place(&machine(1, 2, 1), 1), placed(1, &[0], &[0]));
        assert_eq!(place(&machine(1, 1, 2), 1), placed(0, &[1], &[1]));
    }

    #[test]
    fn four_cores_keep_all_three_apart() {
        assert_eq!(place(&machine(1, 4, 1), 1), placed(3, &[2], &[0, 1]));
    }

    #[test]
    fn the_others_go_round_a_runner_whose_processor_is_given() {
        assert_eq!(place_on(0, &machine(1, 4, 1), 1), Some(placed(0, &[3], &[1, 2])));
        assert_eq!(place_on(0, &machine(1, 2, 1), 1), Some(placed(0, &[1], &[1])));
        assert_eq!(place_on(4, &machine(1, 4, 1), 1), None);
        assert_eq!(place_on(0, &machine(1, 1, 1), 1), None);
    }

    #[test]
    fn two_cores_with_hyper_threads_put_the_supervisor_beside_the_load() {
        assert_eq!(place(&machine(1, 2, 2), 1), placed(1, &[0], &[2]));
    }

    #[test]
    fn several_threads_of_load_get_cores_of_their_own() {
        assert_eq!(place(&machine(1, 8, 1), 3), placed(7, &[6, 5, 4], &[0, 1, 2, 3]));
    }

    #[test]
    fn as_many_threads_as_processors_use_them_all() {
        assert_eq!(place(&machine(1, 2, 1), 2), placed(1, &[0, 1], &[0, 1]));
        assert_eq!(place(&machine(1, 4, 1), 4), placed(3, &[2, 1, 0, 3], &[2, 1, 0, 3]));
    }

    #[test]
    fn runner_and_load_stay_on_one_package() {
        let placement = place(&machine(2, 4, 1), 1);
        assert_eq!((placement.runner, placement.load), (Some(3), vec![2]));
    }

    proptest! {
        #[test]
        fn runner_and_load_never_share_what_they_need_not(
            packages in 1u32..3, cores in 1u32..9, threads in 1u32..3, load_threads in 1u32..20,
        ) {
            let topology = machine(packages, cores, threads);
            let placement = place(&topology, load_threads);
            if topology.cpus.len() < 2 {
                prop_assert_eq!(placement, Placement::default());
                return Ok(());
            }
            let cpu = |id: &u32| topology.cpus[*id as usize];
            let runner = placement.runner.expect("pinned");
            let all = topology.cpus.len();
            prop_assert_eq!(placement.load.len(), all.min(load_threads as usize));
            let crowded = load_threads as usize >= all;
            prop_assert_eq!(placement.load.contains(&runner), crowded);
            prop_assert!(!placement.supervisor.is_empty());
            prop_assert!(crowded || !placement.supervisor.contains(&runner));
            if packages * cores > 1 {
                prop_assert!(!cpu(&placement.load[0]).shares_core_with(&cpu(&runner)));
            }
            if packages * cores > 2 && load_threads == 1 {
                for id in &placement.supervisor {
                    prop_assert!(!cpu(id).shares_core_with(&cpu(&runner)));
                    prop_assert!(!cpu(id).shares_core_with(&cpu(&placement.load[0])));
                }
            }
        }
    }
}
