//! The runner's process tree.

use std::path::Path;

use procfs::FromRead as _;
use procfs::process::{Process, SmapsRollup};

use super::cpu_clock::{monotonic_ns, tree_cpu_ns};
use super::snapshot::Snapshot;

/// Direct children of a process, of all its threads.
#[must_use]
pub fn children_of(pid: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
        })
        .collect()
}

/// A process and all its descendants, the process itself first.
#[must_use]
pub fn tree(root: u32) -> Vec<u32> {
    let mut pids = vec![root];
    let mut next = 0;
    while let Some(pid) = pids.get(next).copied() {
        for child in children_of(pid) {
            if !pids.contains(&child) {
                pids.push(child);
            }
        }
        next += 1;
    }
    pids
}

/// Whether every thread of these processes sleeps now; none when nothing can be seen of them. By hand, since it is looked at with
/// every reading, and of each line of fifty numbers one letter is wanted.
#[must_use]
pub fn all_asleep(pids: &[u32]) -> Option<bool> {
    let mut any = false;
    for pid in pids {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten() {
            let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else { continue };
            // The name before the last bracket may hold anything.
            let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next())?;
            if state != 'S' {
                return Some(false);
            }
            any = true;
        }
    }
    any.then_some(true)
}

/// Reads a process tree once. `proc_root` is `/proc`, or a copy in tests (the exact CPU clock is then left out). `memory`: private
/// memory too, for which the kernel walks through all that is mapped, and the peak.
#[must_use]
pub fn tree_snapshot(proc_root: &Path, pids: &[u32], memory: bool) -> Snapshot {
    let tick_ns = 1_000_000_000 / procfs::ticks_per_second();
    let page = procfs::page_size();
    let mut sum = Snapshot { t_ns: monotonic_ns(), ..Snapshot::default() };
    if proc_root == Path::new("/proc") {
        sum.cpu_ns = tree_cpu_ns(pids);
    }
    for pid in pids {
        let Ok(process) = Process::new_with_root(proc_root.join(pid.to_string())) else { continue };
        let Ok(stat) = process.stat() else { continue };
        sum.processes += 1;
        add(&mut sum.user_ns, stat.utime * tick_ns);
        add(&mut sum.system_ns, stat.stime * tick_ns);
        add(&mut sum.rss_bytes, stat.rss * page);
        add(&mut sum.virtual_bytes, stat.vsize);
        add(&mut sum.minor_faults, stat.minflt);
        add(&mut sum.major_faults, stat.majflt);
        if let Ok(threads) = u32::try_from(stat.num_threads) {
            sum.threads = Some(sum.threads.unwrap_or(0) + threads);
        }
        if memory {
            let rollup = SmapsRollup::from_file(proc_root.join(format!("{pid}/smaps_rollup")));
            let (private, pss) = rollup.map(|rollup| private_memory(&rollup)).unwrap_or_default();
            if let Some(bytes) = private {
                add(&mut sum.private_bytes, bytes);
            }
            if let Some(bytes) = pss {
                add(&mut sum.pss_bytes, bytes);
            }
            if let Some(peak) = process.status().ok().and_then(|status| status.vmhwm) {
                add(&mut sum.peak_rss_bytes, peak * 1024);
            }
        }
        // /proc/<pid>/status has the main thread's switches only.
        let tasks = process.tasks().into_iter().flatten().flatten();
        for task in tasks {
            let Ok(status) = task.status() else { continue };
            if let Some(switches) = status.voluntary_ctxt_switches {
                add(&mut sum.voluntary_switches, switches);
            }
            if let Some(switches) = status.nonvoluntary_ctxt_switches {
                add(&mut sum.involuntary_switches, switches);
            }
        }
    }
    sum
}

/// What children that these processes have reaped had used: CPU time in nanoseconds (clock-tick resolution) and page faults. None when
/// no process is left.
#[must_use]
pub fn reaped(pids: &[u32]) -> Option<(u64, u64)> {
    let tick_ns = 1_000_000_000 / procfs::ticks_per_second();
    let of = |pid: &u32| {
        let stat = Process::new(i32::try_from(*pid).ok()?).ok()?.stat().ok()?;
        let ticks = u64::try_from(stat.cutime + stat.cstime).unwrap_or(0);
        Some((ticks * tick_ns, stat.cminflt))
    };
    pids.iter().filter_map(of).reduce(|(time, faults), (more, others)| (time + more, faults + others))
}

/// Private and proportional memory of `smaps_rollup`, bytes. The ring is mapped twice, so that the resident set counts it twice; it is
/// no anonymous memory, and in the proportional share it counts once.
fn private_memory(rollup: &SmapsRollup) -> (Option<u64>, Option<u64>) {
    let all = rollup.memory_map_rollup.iter().next();
    let field = |name: &str| all?.extension.map.get(name).copied();
    (field("Anonymous").map(|bytes| bytes + field("Swap").unwrap_or(0)), field("Pss"))
}

fn add(sum: &mut Option<u64>, value: u64) {
    *sum = Some(sum.unwrap_or(0) + value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 7 0 250 50 0 0 20 0 3 0 1000 8192000 500 \
        18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";

    fn fake_proc() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("42")).unwrap();
        std::fs::write(root.path().join("42/stat"), STAT).unwrap();
        root
    }

    #[test]
    fn reads_a_process_whose_name_has_brackets() {
        let root = fake_proc();
        let snapshot = tree_snapshot(root.path(), &[42], true);
        assert_eq!(snapshot.processes, 1);
        assert_eq!(snapshot.user_ns, Some(250 * 1_000_000_000 / procfs::ticks_per_second()));
        assert_eq!(snapshot.system_ns, Some(50 * 1_000_000_000 / procfs::ticks_per_second()));
        assert_eq!(snapshot.rss_bytes, Some(500 * procfs::page_size()));
        assert_eq!(snapshot.minor_faults, Some(100));
        assert_eq!(snapshot.major_faults, Some(7));
        assert_eq!(snapshot.threads, Some(3));
    }

    #[test]
    fn what_the_kernel_does_not_say_is_none() {
        let root = fake_proc();
        let snapshot = tree_snapshot(root.path(), &[42], true);
        assert_eq!(snapshot.peak_rss_bytes, None);
        assert_eq!(snapshot.voluntary_switches, None);
    }

    #[test]
    fn process_that_is_gone_leaves_everything_unknown() {
        let root = fake_proc();
        let snapshot = tree_snapshot(root.path(), &[43], true);
        assert_eq!(snapshot, Snapshot { t_ns: snapshot.t_ns, ..Snapshot::default() });
    }

    #[test]
    fn private_memory_is_anonymous_and_swapped_and_leaves_shared_mappings_out() {
        let root = fake_proc();
        let rollup = "55-77 ---p 00000000 00:00 0                 [rollup]\nRss:  35840 kB\nPss:  16600 kB\nPss_Anon: 200 kB\nShared_Dirty: 32768 kB\n\
            Anonymous:   200 kB\nAnonHugePages: 0 kB\nSwap:   12 kB\n";
        std::fs::write(root.path().join("42/smaps_rollup"), rollup).unwrap();
        let snapshot = tree_snapshot(root.path(), &[42], true);
        assert_eq!((snapshot.private_bytes, snapshot.pss_bytes), (Some(212 * 1024), Some(16_600 * 1024)));
        let cheap = tree_snapshot(root.path(), &[42], false);
        assert_eq!((cheap.private_bytes, cheap.pss_bytes), (None, None));
    }

    #[test]
    fn tree_starts_with_the_process_itself() {
        assert_eq!(tree(std::process::id())[0], std::process::id());
    }
}
