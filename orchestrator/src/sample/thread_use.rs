//! What each thread of some processes has used: which of them does the work, and how often it slept.

use procfs::FromRead as _;
use procfs::process::{Schedstat, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thread. All is cumulative since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThreadUse {
    /// Its number.
    pub tid: u32,
    /// CPU time, nanoseconds; null where the kernel keeps no such account of threads.
    pub cpu_ns: Option<u64>,
    /// Voluntary context switches: how often it slept.
    pub slept: u64,
}

/// The threads of some processes. Those that end meanwhile are left out.
#[must_use]
pub fn thread_uses(pids: &[u32]) -> Vec<ThreadUse> {
    let of_process = |pid: &u32| {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        tasks.filter_map(|task| {
            let tid = task.file_name().to_str()?.parse().ok()?;
            let cpu_ns = Schedstat::from_file(task.path().join("schedstat")).ok();
            let slept = Status::from_file(task.path().join("status")).ok()?.voluntary_ctxt_switches?;
            Some(ThreadUse { tid, cpu_ns: cpu_ns.map(|account| account.sum_exec_runtime), slept })
        })
    };
    pids.iter().flat_map(of_process).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_slept_is_told_from_one_that_worked() {
        let own = nix::unistd::gettid().as_raw().unsigned_abs();
        let seen = || {
            let all = thread_uses(&[std::process::id()]);
            all.into_iter().find(|thread| thread.tid == own).expect("this thread is there")
        };
        let before = seen();
        for _ in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert!(seen().slept >= before.slept + 3);
        assert_eq!(thread_uses(&[4_194_304]), []);
    }
}
