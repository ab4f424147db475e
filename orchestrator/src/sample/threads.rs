//! Where the threads of a process may run, and how they are scheduled: what was set at the start is not what it stays for certain.
//! A processor that is taken offline makes the kernel forget a thread's pinning; a program may change its own.

use std::collections::BTreeSet;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

/// One thread, as the kernel schedules it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadPlace {
    /// Its number.
    pub tid: u32,
    /// The processors on which it may run.
    pub cpus: BTreeSet<u32>,
    /// Scheduling policy, as in sched(7).
    pub policy: i32,
    /// Niceness.
    pub nice: i32,
}

/// The threads of some processes. Those that end meanwhile are left out.
#[must_use]
pub fn thread_places(pids: &[u32]) -> Vec<ThreadPlace> {
    let of_process = |pid: &u32| {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).filter_map(thread_place)
    };
    pids.iter().flat_map(of_process).collect()
}

fn thread_place(tid: u32) -> Option<ThreadPlace> {
    let raw = i32::try_from(tid).ok()?;
    let allowed = sched_getaffinity(Pid::from_raw(raw)).ok()?;
    let cpus = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu).unwrap_or(false));
    // SAFETY: plain numbers. A thread that is gone gives an error, and −1 is a niceness that is told apart below.
    let (policy, nice) = unsafe {
        let policy = libc::sched_getscheduler(raw);
        *libc::__errno_location() = 0;
        let nice = libc::getpriority(libc::PRIO_PROCESS, tid);
        (policy, (*libc::__errno_location() == 0).then_some(nice))
    };
    Some(ThreadPlace {
        tid,
        cpus: cpus.filter_map(|cpu| u32::try_from(cpu).ok()).collect(),
        policy: (policy >= 0).then_some(policy)?,
        nice: nice?,
    })
}

/// A set of processors the kernel's way: `0-3,8`.
#[must_use]
pub fn cpu_list(cpus: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *cpu => *last = *cpu,
            _ => ranges.push((*cpu, *cpu)),
        }
    }
    let range = |(first, last): &(u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(",")
}

/// Name of a scheduling policy, as in sched(7).
#[must_use]
pub fn policy_name(policy: i32) -> String {
    match policy & !libc::SCHED_RESET_ON_FORK {
        libc::SCHED_OTHER => "SCHED_OTHER".into(),
        libc::SCHED_FIFO => "SCHED_FIFO".into(),
        libc::SCHED_RR => "SCHED_RR".into(),
        libc::SCHED_BATCH => "SCHED_BATCH".into(),
        libc::SCHED_IDLE => "SCHED_IDLE".into(),
        libc::SCHED_DEADLINE => "SCHED_DEADLINE".into(),
        other => format!("policy {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_the_threads_of_this_process() {
        let places = thread_places(&[std::process::id()]);
        assert!(places.iter().any(|place| place.tid == std::process::id()));
        assert!(places.iter().all(|place| !place.cpus.is_empty() && place.policy == libc::SCHED_OTHER));
        assert_eq!(thread_places(&[4_194_304]), []);
    }

    #[test]
    fn writes_sets_as_the_kernel_does() {
        assert_eq!(cpu_list(&[0, 1, 2, 5, 7, 8].into()), "0-2,5,7-8");
        assert_eq!(cpu_list(&BTreeSet::new()), "");
        assert_eq!(policy_name(libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK), "SCHED_FIFO");
    }
}
