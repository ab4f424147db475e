//! Which processors there are, and which of them share a core.

use std::fs;
use std::path::Path;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;
use serde::Serialize;

use crate::facts::Shared;

/// The processors that this process may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Topology {
    /// In ascending order of their numbers.
    pub cpus: Vec<Cpu>,
}

/// One logical processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cpu {
    /// Its number.
    pub id: u32,
    /// Number of the core, unique within the package.
    pub core: u32,
    /// Number of the package (socket).
    pub package: u32,
    /// Number of its NUMA node; none where the kernel does not say it.
    pub numa: Option<u32>,
}

impl Cpu {
    /// Whether both are hyper-threads of one core (or the same processor).
    #[must_use]
    pub fn shares_core_with(&self, other: &Self) -> bool {
        (self.package, self.core) == (other.package, other.core)
    }

    /// What both have in common.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Shared {
        Shared {
            core: self.shares_core_with(other),
            numa: self.numa.zip(other.numa).map(|(here, there)| here == there),
            package: self.package == other.package,
        }
    }
}

impl Topology {
    /// Of this machine, limited to the processors on which this process may run: those of its affinity mask and cpuset that are
    /// online. `/proc/cpuinfo` has others too.
    #[must_use]
    pub fn read() -> Self {
        let folder = Path::new("/sys/devices/system/cpu");
        match sched_getaffinity(Pid::from_raw(0)) {
            Ok(allowed) => {
                let allowed = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu).unwrap_or(false));
                Self::of(folder, allowed.filter_map(|cpu| u32::try_from(cpu).ok()))
            }
            // More processors than such a mask holds.
            Err(_) => Self::read_from(folder),
        }
    }

    /// From a folder that looks like `/sys/devices/system/cpu`. A processor without a description counts as a core of its own.
    #[must_use]
    pub fn read_from(folder: &Path) -> Self {
        let online = fs::read_to_string(folder.join("online")).unwrap_or_default();
        Self::of(folder, parse_list(&online).into_iter())
    }

    fn of(folder: &Path, ids: impl Iterator<Item = u32>) -> Self {
        let cpus = ids.map(|id| {
            let number = |name: &str| {
                let text = fs::read_to_string(folder.join(format!("cpu{id}/topology/{name}"))).ok()?;
                text.trim().parse().ok()
            };
            Cpu {
                id,
                core: number("core_id").unwrap_or(id),
                package: number("physical_package_id").unwrap_or(0),
                numa: numa_of(&folder.join(format!("cpu{id}"))),
            }
        });
        Self { cpus: cpus.collect() }
    }
}

/// What the link of a CPU to its NUMA node begins with.
const NUMA_NODE: &str = "node";

/// The folder of a CPU has a link to its NUMA node: `node0`.
fn numa_of(cpu: &Path) -> Option<u32> {
    let names = fs::read_dir(cpu).ok()?.flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_prefix(NUMA_NODE)?.parse().ok()).min()
}

/// The kernel's way to write sets of processors: `0-3,8`.
fn parse_list(text: &str) -> Vec<u32> {
    text.trim()
        .split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_machine_with_hyper_threads() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("online"), "0-1,3\n").expect("a file");
        // CPU 3 has no description.
        for (id, core) in [(0, 0), (1, 0)] {
            std::fs::create_dir_all(folder.path().join(format!("cpu{id}/{NUMA_NODE}{id}")))
                .expect("a folder");
            let topology = folder.path().join(format!("cpu{id}/topology"));
            std::fs::create_dir_all(&topology).expect("a folder");
            std::fs::write(topology.join("core_id"), format!("{core}\n")).expect("a file");
            std::fs::write(topology.join("physical_package_id"), "0\n").expect("a file");
        }
        let cpus = Topology::read_from(folder.path()).cpus;
        assert_eq!(cpus.iter().map(|cpu| cpu.id).collect::<Vec<_>>(), [0, 1, 3]);
        assert!(cpus[0].shares_core_with(&cpus[1]));
        assert!(!cpus[0].shares_core_with(&cpus[2]));
        assert_eq!(cpus.iter().map(|cpu| cpu.numa).collect::<Vec<_>>(), [Some(0), Some(1), None]);
        assert_eq!(cpus[0].shared_with(&cpus[1]), Shared { core: true, numa: Some(false), package: true });
        assert_eq!(cpus[0].shared_with(&cpus[2]), Shared { core: false, numa: None, package: true });
    }

    #[test]
    fn this_machine_has_a_processor() {
        assert!(!Topology::read().cpus.is_empty());
    }

    #[test]
    fn only_processors_that_this_thread_may_use_are_usable() {
        let one = std::thread::spawn(|| {
            let last = Topology::read().cpus.pop().expect("one at least");
            let mut mask = CpuSet::new();
            mask.set(last.id as usize).expect("in range");
            nix::sched::sched_setaffinity(Pid::from_raw(0), &mask).expect("allowed");
            (Topology::read().cpus, last)
        });
        let (usable, last) = one.join().expect("no panic");
        assert_eq!(usable, [last]);
    }
}
