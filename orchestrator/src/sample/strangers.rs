//! All other processes: who used processors meanwhile, and who could have read the buffer.
//!
//! The CPU time of a process here is its own and that of the children that it has reaped. When a process ends its parent takes that
//! over, unless nobody reaps it: threads of the kernel, and children of a process that ignores SIGCHLD, take their time with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};

use procfs::FromRead as _;
use procfs::process::Stat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the kernel calls the descriptor of a map, and a mapping of it.
const MAP_LINK: &str = "anon_inode:bpf-map";

/// Open files that are looked at altogether, and lines of one process's list of mappings: a machine with more of them is not
/// searched to its end.
const MOST_FILES: u32 = 100_000;
const MOST_MAPPINGS: usize = 10_000;

/// Takes over whoever has lost its parent.
const INIT: u32 = 1;

/// A process that used so much of the time between two readings is looked at more closely, nanoseconds.
const BUSY_NS: u64 = 20_000_000;

/// A process that belongs to nobody here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stranger {
    /// Process id.
    pub pid: u32,
    /// Name, as the kernel cuts it.
    pub name: String,
    /// CPU time that it and the children that it reaped used between the two readings, nanoseconds (clock-tick resolution).
    pub cpu_ns: u64,
    /// Whether it has a BPF map in its memory and no descriptor that would tell which; null where it may not be looked at.
    pub hidden_map: Option<bool>,
    /// Whether it has the runner's ring open.
    pub has_ring: bool,
}

/// CPU time of every process at one moment.
#[derive(Debug, Clone, Default)]
pub struct Census {
    by_pid: BTreeMap<u32, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    parent: u32,
    started: u64,
    /// Its own.
    own_ns: u64,
    /// Of the children that it has reaped, and of theirs.
    reaped_ns: u64,
}

impl Entry {
    fn new(stat: Stat, tick_ns: u64) -> Option<Self> {
        Some(Self {
            name: stat.comm,
            parent: stat.ppid.try_into().ok()?,
            started: stat.starttime,
            own_ns: (stat.utime + stat.stime) * tick_ns,
            reaped_ns: u64::try_from(stat.cutime + stat.cstime).ok()? * tick_ns,
        })
    }

    fn cpu_ns(&self) -> u64 {
        self.own_ns + self.reaped_ns
    }
}

impl Census {
    /// Reads all processes but `ours`.
    #[must_use]
    pub fn take(ours: &[u32]) -> Self {
        let tick_ns = 1_000_000_000 / procfs::ticks_per_second();
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // One file a process: `procfs::process::Process` would open its folder too.
        let entry = |pid: u32| {
            let stat = Stat::from_file(format!("/proc/{pid}/stat")).ok()?;
            Some((pid, Entry::new(stat, tick_ns)?))
        };
        Self { by_pid: pids.filter(|pid| !ours.contains(pid)).filter_map(entry).collect() }
    }

    /// What was used since `earlier`, by all together, nanoseconds. What a process had used before and its parent took over since
    /// does not count again.
    #[must_use]
    pub fn used_since(&self, earlier: &Self) -> u64 {
        let (mut own_ns, mut reaped_ns) = (0, BTreeMap::new());
        for (pid, entry) in &self.by_pid {
            let before = earlier.same(*pid, entry);
            own_ns += entry.own_ns.saturating_sub(before.map_or(0, |before| before.own_ns));
            let since = entry.reaped_ns.saturating_sub(before.map_or(0, |before| before.reaped_ns));
            reaped_ns.insert(*pid, since);
        }
        for (pid, gone) in &earlier.by_pid {
            if self.by_pid.get(pid).is_some_and(|now| now.started == gone.started) {
                continue;
            }
            // Taken over by whoever is left above it, or, when the parent ended first, by init.
            let mut left_ns = gone.cpu_ns();
            for heir in [self.survivor_above(gone, earlier), INIT] {
                if let Some(since) = reaped_ns.get_mut(&heir) {
                    let taken_ns = left_ns.min(*since);
                    *since -= taken_ns;
                    left_ns -= taken_ns;
                }
            }
        }
        own_ns + reaped_ns.values().sum::<u64>()
    }

    /// The entry of the same process in this census.
    fn same(&self, pid: u32, entry: &Entry) -> Option<&Entry> {
        self.by_pid.get(&pid).filter(|before| before.started == entry.started)
    }

    /// The next ancestor of a process that has ended since `earlier` that is still there.
    fn survivor_above(&self, gone: &Entry, earlier: &Self) -> u32 {
        let mut parent = gone.parent;
        // Numbers that were given anew while they were read could lead in a circle.
        for _ in 0..earlier.by_pid.len() {
            match earlier.by_pid.get(&parent) {
                Some(entry) if self.same(parent, entry).is_none() => parent = entry.parent,
                _ => break,
            }
        }
        parent
    }

    /// Those that were busy since `earlier`, the busiest first, and all that have a ring of `rings` open.
    #[must_use]
    pub fn strangers_since(&self, earlier: &Self, rings: &BTreeSet<u32>) -> Vec<Stranger> {
        let mut files = 0;
        let mut strangers: Vec<Stranger> = Vec::new();
        for (pid, entry) in &self.by_pid {
            let before = earlier.same(*pid, entry);
            let cpu_ns = entry.cpu_ns().saturating_sub(before.map_or(0, Entry::cpu_ns));
            let open = open_maps(*pid, &mut files);
            let has_ring = open.as_ref().is_some_and(|ids| !ids.is_disjoint(rings));
            if cpu_ns < BUSY_NS && !has_ring {
                continue;
            }
            // Whoever has descriptors of maps reads those: their numbers are told.
            let hidden_map = open.map(|ids| ids.is_empty() && mappings_of(*pid) > 0);
            strangers.push(Stranger { pid: *pid, name: entry.name.clone(), cpu_ns, hidden_map, has_ring });
        }
        strangers.sort_by_key(|stranger| (!stranger.has_ring, std::cmp::Reverse(stranger.cpu_ns)));
        strangers
    }
}

/// The ids of the maps that a process has open; none when it may not be looked at. By hand: `procfs` knows neither the descriptors of BPF
/// objects nor what the kernel says of them.
pub(super) fn open_maps(pid: u32, files: &mut u32) -> Option<BTreeSet<u32>> {
    let mut ids = BTreeSet::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten() {
        *files += 1;
        if *files > MOST_FILES {
            return None;
        }
        if fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == MAP_LINK) {
            let info = format!("/proc/{pid}/fdinfo/{}", entry.file_name().to_string_lossy());
            let info = fs::read_to_string(info).unwrap_or_default();
            let id = info.lines().find_map(|line| line.strip_prefix("map_id:")?.trim().parse().ok());
            // A map whose number is not told is a map all the same.
            ids.insert(id.unwrap_or(0));
        }
    }
    Some(ids)
}

/// How many mappings of maps a process has in its memory: one lives on when its descriptor is closed. Only the ends of lines are looked
/// at; `procfs` would make a structure of each of thousands.
pub(super) fn mappings_of(pid: u32) -> usize {
    let Ok(file) = fs::File::open(format!("/proc/{pid}/maps")) else { return 0 };
    let lines = BufReader::new(file).lines().map_while(Result::ok).take(MOST_MAPPINGS);
    lines.filter(|line| line.ends_with(MAP_LINK)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 7 0 250 50 30 20 20 0 3 0 1000 8192000 500 \
        18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";

    #[test]
    fn time_of_children_counts_and_brackets_in_a_name_do_not() {
        let stat = Stat::from_read(STAT.as_bytes()).expect("parses");
        let entry = Entry::new(stat, 10).expect("numbers");
        assert_eq!((entry.name.as_str(), entry.parent, entry.started), ("a) b (c)", 1, 1_000));
        assert_eq!((entry.own_ns, entry.reaped_ns), (3_000, 500));
    }

    /// Of (pid, parent, own, reaped).
    fn census(entries: &[(u32, u32, u64, u64)]) -> Census {
        let entry = |&(pid, parent, own_ns, reaped_ns): &(u32, u32, u64, u64)| {
            (pid, Entry { name: "x".into(), parent, started: 1, own_ns, reaped_ns })
        };
        Census { by_pid: entries.iter().map(entry).collect() }
    }

    #[test]
    fn the_sum_over_all_processes_loses_nothing_when_a_child_ends() {
        // Process 2 had used 30, used 10 more, ended and was reaped by 1, which used 5 itself.
        let (before, after) = (census(&[(1, 0, 100, 0), (2, 1, 30, 0)]), census(&[(1, 0, 105, 40)]));
        assert_eq!(after.used_since(&before), 15);
    }

    #[test]
    fn whoever_takes_its_time_along_takes_nothing_from_others() {
        // A thread of the kernel (2 is their parent) ends that had used 500; 3 used 20 meanwhile.
        let before = census(&[(1, 0, 100, 0), (2, 0, 0, 0), (3, 1, 10, 0), (4, 2, 500, 0)]);
        let after = census(&[(1, 0, 100, 0), (2, 0, 0, 0), (3, 1, 30, 0)]);
        assert_eq!(after.used_since(&before), 20);
    }

    #[test]
    fn what_a_whole_branch_had_used_before_does_not_count_again() {
        // 5 (had 7) was reaped by 4 (had 50), which used 3 more, and 4 by 3; 6 lost its parent 4, used 2 and went to init.
        let before = census(&[(1, 0, 0, 0), (3, 1, 10, 0), (4, 3, 50, 0), (5, 4, 7, 0), (6, 4, 20, 0)]);
        let after = census(&[(1, 0, 0, 22), (3, 1, 10, 60)]);
        assert_eq!(after.used_since(&before), 5);
    }

    #[test]
    fn this_process_is_there_unless_it_is_ours() {
        let own = std::process::id();
        assert!(Census::take(&[]).by_pid.contains_key(&own));
        assert!(!Census::take(&[own]).by_pid.contains_key(&own));
    }
}
