//! What a program finds when it starts: the same for every runner and load, and nothing of the caller's shell.
//!
//! A caller's `PYTHONMALLOC`, `GOGC` or `LD_PRELOAD`, a niceness, a small stack or an ignored signal would reach the measured
//! program unseen, and one program would be compared with another under other conditions. So all that a process inherits is
//! set here, and what a framework needs stands in its manifest.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::io;
use std::ptr;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The environment of every program; its manifest may add to it.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("HOME", "/"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
];

/// Where every program starts.
pub(super) const FOLDER: &str = "/";

const UMASK: libc::mode_t = 0o022;

/// Stack of a main thread, bytes: the usual one, since an unlimited one changes how memory is laid out.
const STACK_BYTES: u64 = 8 << 20;

/// Open files: the usual number, since some libraries walk through all that are allowed.
const OPEN_FILES: u64 = 1024;

/// The kernel delays a timer by up to so much to join it with others, nanoseconds: the usual value.
const TIMER_SLACK_NS: libc::c_ulong = 50_000;

/// What the caller may not limit.
const LIFTED: [Resource; 7] = [
    Resource::RLIMIT_AS,
    Resource::RLIMIT_CPU,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_FSIZE,
    Resource::RLIMIT_MEMLOCK,
    Resource::RLIMIT_NPROC,
    Resource::RLIMIT_RSS,
];

/// Who is ended first when memory is short: never the supervisor.
const OOM_SCORE: &[u8] = b"1000";

/// User and group to become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// How one program is to be started.
#[derive(Debug, Clone, Default)]
pub(super) struct Launch {
    /// Who it is to be; none: the same user.
    pub(super) owner: Option<Owner>,
    /// The CPUs that it may use: undoes the supervisor's own pinning, which a child would inherit.
    pub(super) affinity: Option<CpuSet>,
    /// What its manifest adds to the environment.
    pub(super) environment: BTreeMap<String, String>,
    /// The file through which it enters its control group.
    pub(super) group: Option<CString>,
    /// Rings of which it tells by themselves: its last message may be longer by a line for each.
    pub(super) rings: u32,
}

/// What every program of a run finds, for the result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProgramSurroundings {
    /// Environment variables of all of them.
    pub environment: BTreeMap<String, String>,
    /// What the manifests add, by implementation.
    pub added: BTreeMap<String, BTreeMap<String, String>>,
    /// Working folder.
    pub folder: String,
    /// File mode mask, octal.
    pub umask: String,
    /// Limits that this machine sets all the same, by name: those that were below what the programs are given otherwise.
    pub limits: BTreeMap<String, u64>,
}

impl ProgramSurroundings {
    /// Those of this machine. `added` is what the manifests want, by implementation.
    #[must_use]
    pub fn of(added: BTreeMap<String, BTreeMap<String, String>>) -> Self {
        Self {
            environment: environment(&BTreeMap::new()),
            added: added.into_iter().filter(|(_, variables)| !variables.is_empty()).collect(),
            folder: FOLDER.into(),
            umask: format!("{UMASK:03o}"),
            limits: super::limits::hard_limits(),
        }
    }
}

/// All variables that a program finds.
pub(super) fn environment(added: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fixed = ENVIRONMENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    fixed.chain(added.clone()).collect()
}

impl Launch {
    /// Between fork and exec: sets all that a process inherits. `parent` is the supervisor.
    ///
    /// Only async-signal-safe system calls, and no allocation.
    pub(super) fn prepare(&self, parent: Pid) -> io::Result<()> {
        enter(self.group.as_deref(), b"0");
        enter(Some(c"/proc/self/oom_score_adj"), OOM_SCORE);
        default_signals();
        limits();
        if let Some(cpus) = self.affinity {
            sched_setaffinity(Pid::from_raw(0), &cpus)?;
        }
        schedule();
        // SAFETY: plain numbers; personality(0) asks for the usual layout of memory, which takes effect at exec.
        unsafe {
            libc::umask(UMASK);
            libc::personality(0);
            libc::prctl(libc::PR_SET_TIMERSLACK, TIMER_SLACK_NS);
            libc::prctl(libc::PR_SET_THP_DISABLE, 0, 0, 0, 0);
        }
        if let Some(Owner { uid, gid }) = self.owner {
            become_owner(uid, gid)?;
        }
        // After the change of user, which clears it.
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        if nix::unistd::getppid() != parent {
            // The parent died before the line above.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    }
}

/// Writes to a file of the kernel. What it does not allow is seen later, from outside.
fn enter(file: Option<&CStr>, text: &[u8]) {
    let Some(file) = file else { return };
    // SAFETY: the path ends with a zero byte; the descriptor is used and closed here alone.
    unsafe {
        let descriptor = libc::open(file.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if descriptor >= 0 {
            libc::write(descriptor, text.as_ptr().cast(), text.len());
            libc::close(descriptor);
        }
    }
}

/// An ignored signal stays ignored across exec, a blocked one blocked. The C library hides two signals of its own, which a
/// caller may have ignored all the same, so the kernel is asked directly.
fn default_signals() {
    /// Bytes of the kernel's signal set.
    const SET: libc::c_ulong = 8;
    // The kernel's `struct sigaction`, at most so many words: nothing set is the default action and the empty set.
    let nothing = [0_u64; 8];
    for signal in 1..=64 {
        // SAFETY: the zeros outlive the call and are longer than what is read. SIGKILL and SIGSTOP are refused without harm.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, signal, nothing.as_ptr(), ptr::null_mut::<u64>(), SET);
        }
    }
    // SAFETY: the same.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            nothing.as_ptr(),
            ptr::null_mut::<u64>(),
            SET,
        );
    }
}

/// The usual policy at the usual priority.
fn schedule() {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the parameters outlive the call; 0 means the calling process. Without privileges a niceness cannot be lowered; then
    // the checks of every reading name it.
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_OTHER, &raw const parameters);
        libc::setpriority(libc::PRIO_PROCESS, 0, 0);
    }
}

fn limits() {
    for resource in LIFTED {
        // Above the hard limit only with privileges; else up to it.
        if setrlimit(resource, RLIM_INFINITY, RLIM_INFINITY).is_err() {
            limit(resource, RLIM_INFINITY);
        }
    }
    limit(Resource::RLIMIT_STACK, STACK_BYTES);
    limit(Resource::RLIMIT_NOFILE, OPEN_FILES);
    limit(Resource::RLIMIT_CORE, 0);
}

fn limit(resource: Resource, wanted: u64) {
    if let Ok((_, hard)) = getrlimit(resource) {
        // Up to the hard limit it is always allowed.
        let _allowed = setrlimit(resource, wanted.min(hard), hard);
    }
}

fn become_owner(uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: plain numbers; no group is kept.
    let refused =
        unsafe { libc::setgroups(0, ptr::null()) != 0 || libc::setgid(gid) != 0 || libc::setuid(uid) != 0 };
    if refused { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_fixed_and_a_manifest_may_add_to_it() {
        let common = environment(&BTreeMap::new());
        assert_eq!(common.keys().collect::<Vec<_>>(), ["HOME", "LANG", "LC_ALL", "PATH"]);
        let added = BTreeMap::from([("LANG".to_owned(), "C".to_owned()), ("X".to_owned(), "1".to_owned())]);
        let all = environment(&added);
        assert_eq!((all["LANG"].as_str(), all["X"].as_str(), all.len()), ("C", "1", 5));
    }

    #[test]
    fn only_what_is_added_is_recorded_by_implementation() {
        let added = BTreeMap::from([
            ("a".to_owned(), BTreeMap::from([("X".to_owned(), "1".to_owned())])),
            ("b".to_owned(), BTreeMap::new()),
        ]);
        let surroundings = ProgramSurroundings::of(added);
        assert_eq!(surroundings.added.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!((surroundings.folder.as_str(), surroundings.umask.as_str()), ("/", "022"));
    }
}
