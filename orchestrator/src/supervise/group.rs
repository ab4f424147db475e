//! A control group for each runner: the kernel's own account of everything that the runner starts, whatever becomes of it.
//!
//! A process's CPU clock does not have the time of children, and nobody's has that of children that were reaped or of daemons
//! that left the tree. The group's account has all of it. No controller is switched on, so that the scheduler treats the
//! runner as before: a group with the `cpu` controller would share the processor with the thread that keeps it awake.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use procfs::process::{MountInfo, Stat};
use procfs::{FromRead as _, ProcessCGroup, ProcessCGroups};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Begins the names of our groups; the helper's pid follows.
const PREFIX: &str = "orchestrator-";

/// The kernel removes a process from its group a moment after its end.
const PATIENCE: Duration = Duration::from_millis(2);
const ATTEMPTS: u32 = 50;

/// Which kernel interface a group is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// Version 2: `cpu.stat`, microseconds.
    V2,
    /// Version 1: `cpuacct.usage`, nanoseconds.
    V1,
}

/// How a runner's control group would be made here; none where none can be.
#[must_use]
pub fn group_kind() -> Option<GroupKind> {
    Groups::prepare().map(|groups| groups.kind)
}

/// Where a helper makes its groups.
#[derive(Debug)]
pub(super) struct Groups {
    kind: GroupKind,
    folder: PathBuf,
    /// Where the helper came from, if it had to move.
    home: Option<PathBuf>,
}

/// The group of one runner; removed when dropped.
#[derive(Debug)]
pub(super) struct Group {
    kind: GroupKind,
    folder: PathBuf,
}

impl Groups {
    /// Below the helper's own group; none where no group can be made or where it would change how the runner is scheduled.
    pub(super) fn prepare() -> Option<Self> {
        places(&own_hierarchies()).into_iter().find_map(|(kind, home)| {
            remove_stale(&home);
            let folder = home.join(format!("{PREFIX}{}", std::process::id()));
            fs::create_dir(&folder).ok()?;
            let mut groups = Self { kind, folder, home: None };
            if groups.folder.join("cpu.weight").exists() {
                // The controller is on for all groups here. Helper and runner in one of them compete as before.
                let entrance = groups.folder.join("cgroup.procs");
                fs::write(entrance, std::process::id().to_string()).ok()?;
                groups.home = Some(home);
            }
            Some(groups)
        })
    }

    /// A new, empty group.
    pub(super) fn make(&self, trial: u32) -> Option<Group> {
        let folder = self.folder.join(format!("trial-{trial}"));
        fs::create_dir(&folder).ok()?;
        Some(Group { kind: self.kind, folder })
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            // Where it cannot go back, its group stays, empty, until the next helper removes it.
            fs::write(home.join("cgroup.procs"), std::process::id().to_string()).ok();
        }
        fs::remove_dir(&self.folder).ok();
    }
}

impl Group {
    pub(super) fn kind(&self) -> GroupKind {
        self.kind
    }

    /// The file through which a process enters it.
    pub(super) fn entrance(&self) -> Option<CString> {
        CString::new(self.folder.join("cgroup.procs").as_os_str().as_bytes()).ok()
    }

    /// CPU time of everything that ever ran in it, nanoseconds.
    pub(super) fn cpu_ns(&self) -> Option<u64> {
        match self.kind {
            GroupKind::V2 => {
                let stat = fs::read_to_string(self.folder.join("cpu.stat")).ok()?;
                let usage = stat.lines().find_map(|line| line.strip_prefix("usage_usec "))?;
                usage.trim().parse::<u64>().ok()?.checked_mul(1_000)
            }
            GroupKind::V1 => fs::read_to_string(self.folder.join("cpuacct.usage")).ok()?.trim().parse().ok(),
        }
    }

    /// The end of its path, which no other group has.
    pub(super) fn name(&self) -> String {
        let parts: Vec<_> = self.folder.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        parts.into_iter().rev().collect::<Vec<_>>().join("/")
    }

    /// Where a process is if it is not in this group; none when it is, or is gone.
    pub(super) fn left(&self, pid: u32) -> Option<String> {
        let stat = Stat::from_file(format!("/proc/{pid}/stat")).ok()?;
        // Some kernels say of one that has ended and was not reaped yet that it is in the root.
        if ['Z', 'X'].contains(&stat.state) {
            return None;
        }
        elsewhere(&ProcessCGroups::from_file(format!("/proc/{pid}/cgroup")).ok()?, &self.name())
    }

    /// Its living processes.
    pub(super) fn pids(&self) -> Vec<u32> {
        let list = fs::read_to_string(self.folder.join("cgroup.procs")).unwrap_or_default();
        list.lines().filter_map(|line| line.trim().parse().ok()).collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..ATTEMPTS {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(PATIENCE);
        }
    }
}

/// Groups of helpers that were killed: empty, since the kernel killed what was in them.
fn remove_stale(home: &Path) {
    let entries = fs::read_dir(home).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()) {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let pid = name.strip_prefix(PREFIX).and_then(|pid| pid.parse::<u32>().ok());
        if pid.is_none_or(|pid| Path::new("/proc").join(pid.to_string()).exists()) {
            continue;
        }
        for inner in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            fs::remove_dir(inner).ok();
        }
        fs::remove_dir(folder).ok();
    }
}

/// One tree of control groups, and where in it the calling process is.
#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    pub(super) kind: GroupKind,
    /// Of version 1: what it controls.
    pub(super) controllers: Vec<String>,
    /// Where it is mounted.
    pub(super) point: PathBuf,
    /// The process's group, relative to that.
    pub(super) below: PathBuf,
}

impl Hierarchy {
    pub(super) fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|known| known == controller)
    }
}

/// All trees of control groups that the calling process is in; none where nobody can say.
pub(super) fn own_hierarchies() -> Vec<Hierarchy> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let own = ProcessCGroups::from_file("/proc/self/cgroup");
    own.map(|own| hierarchies(&mounts, &own)).unwrap_or_default()
}

/// The same from the text of `/proc/self/mountinfo`: line by line, so that a mount that cannot be understood hides no other.
fn hierarchies(mounts: &str, own: &ProcessCGroups) -> Vec<Hierarchy> {
    let hierarchy = |line: &str| {
        let mount = MountInfo::from_line(line).ok()?;
        let kind = match mount.fs_type.as_str() {
            "cgroup2" => GroupKind::V2,
            "cgroup" => GroupKind::V1,
            _ => return None,
        };
        let is_ours = |group: &&ProcessCGroup| match kind {
            GroupKind::V2 => group.hierarchy == 0,
            GroupKind::V1 => {
                let controls = |name: &String| mount.super_options.contains_key(name);
                group.hierarchy != 0 && group.controllers.iter().all(controls)
            }
        };
        let ProcessCGroup { controllers, pathname, .. } = own.into_iter().find(is_ours)?;
        let below = pathname.strip_prefix(&mount.root).unwrap_or(pathname).trim_start_matches('/');
        Some(Hierarchy {
            kind,
            controllers: controllers.clone(),
            point: unescaped(&mount.mount_point),
            below: PathBuf::from(below),
        })
    };
    mounts.lines().filter_map(hierarchy).collect()
}

/// The folders of groups that can account for CPU time, best first.
fn places(all: &[Hierarchy]) -> Vec<(GroupKind, PathBuf)> {
    let mut all = all.to_vec();
    // Together with `cpu` a group would be scheduled as one.
    all.retain(|tree| tree.kind == GroupKind::V2 || (tree.has("cpuacct") && !tree.has("cpu")));
    all.sort_by_key(|tree| tree.kind == GroupKind::V1);
    all.into_iter().map(|tree| (tree.kind, tree.point.join(tree.below))).collect()
}

/// Of `/proc/<pid>/cgroup`, a line for each tree of groups: none when one of them ends with `name`. Else the group in the last of them.
fn elsewhere(groups: &ProcessCGroups, name: &str) -> Option<String> {
    let paths = || groups.into_iter().map(|group| &group.pathname);
    let is_in = |path: &String| path.strip_suffix(name).is_some_and(|before| before.ends_with('/'));
    if paths().any(is_in) { None } else { paths().next_back().cloned() }
}

/// Mount points have spaces as `\040`, which `procfs` leaves as it is.
fn unescaped(point: &Path) -> PathBuf {
    let point = point.to_string_lossy();
    PathBuf::from(point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(text: &str) -> ProcessCGroups {
        ProcessCGroups::from_read(text.as_bytes()).expect("a list of groups")
    }

    fn elsewhere(text: &str, name: &str) -> Option<String> {
        super::elsewhere(&groups(text), name)
    }

    fn found(mounts: &str, own: &str) -> Vec<(GroupKind, String)> {
        places(&hierarchies(mounts, &groups(own)))
            .into_iter()
            .map(|(kind, path)| (kind, path.display().to_string()))
            .collect()
    }

    #[test]
    fn version_2_comes_first_and_only_an_account_of_its_own_of_version_1_will_do() {
        let mounts = "\
            25 20 0:22 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n\
            26 20 0:23 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
            27 20 0:24 / /a\\040b/unified rw - cgroup2 cgroup2 rw\n\
            28 20 0:25 / /proc rw - proc proc rw\n";
        let own = "2:cpuacct:/\n4:memory:/x\n0::/user.slice/session-1.scope\n";
        let v2 = (GroupKind::V2, "/a b/unified/user.slice/session-1.scope".to_owned());
        assert_eq!(found(mounts, own), [v2, (GroupKind::V1, "/sys/fs/cgroup/cpuacct/".to_owned())]);
        let together = "25 20 0:22 / /c rw - cgroup cgroup rw,cpu,cpuacct\n";
        assert_eq!(found(together, "2:cpu,cpuacct:/\n"), []);
        assert_eq!(found("", own), []);
    }

    #[test]
    fn a_process_that_left_its_group_is_seen_by_the_name_of_the_other() {
        let own = "orchestrator-7/trial-3";
        assert_eq!(elsewhere("2:cpuacct:/\n0::/user.slice/orchestrator-7/trial-3\n", own), None);
        assert_eq!(elsewhere("5:cpuacct:/orchestrator-7/trial-3\n0::/x\n", own), None);
        assert_eq!(elsewhere("0::/user.slice\n", own).as_deref(), Some("/user.slice"));
        assert_eq!(
            elsewhere("0::/orchestrator-7/trial-33\n", own).as_deref(),
            Some("/orchestrator-7/trial-33")
        );
        assert_eq!(elsewhere("", own), None);
    }

    #[test]
    fn a_container_sees_its_group_at_the_mount_point() {
        let mounts = "25 20 0:22 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        assert_eq!(
            found(mounts, "0::/docker/abc/inner\n"),
            [(GroupKind::V2, "/sys/fs/cgroup/inner".to_owned())]
        );
    }
}
