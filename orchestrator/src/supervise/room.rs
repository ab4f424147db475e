//! Whether a map fits into memory. The kernel allocates all of it at once, and not to the runner but for itself: where it does not
//! fit, the one that is killed may be anybody, the supervisor too.

use std::fs;
use std::path::{Path, PathBuf};

use procfs::{Current as _, Meminfo};

use super::group::{GroupKind, Hierarchy, own_hierarchies};
use super::record::Told;
use crate::sample::online_cpus;

/// The program itself, its maps and its histogram, bytes; and of the map a quarter more, for the tables of its two mappings and for
/// what the last trial's is not yet given back.
const BESIDES: u64 = 16 << 20;
const MORE: u64 = 4;

/// Refuses a map that does not fit, in words. What cannot be found out refuses nothing.
pub(super) fn check(told: &Told) -> Result<(), String> {
    let Some((mechanism, bytes)) = told.mechanism.zip(told.map_bytes) else { return Ok(()) };
    let available = Meminfo::current().ok().and_then(|memory| memory.mem_available);
    let free = free_bytes(available, &limits(&own_hierarchies()));
    let maps = if told.one_map_a_cpu { online_cpus().map_or(1, u64::from) } else { 1 };
    fits(mechanism.facts().noun, bytes.saturating_mul(maps), free)
}

fn fits(noun: &str, bytes: u64, free: Option<(u64, String)>) -> Result<(), String> {
    let needed = bytes + bytes / MORE + BESIDES;
    match free {
        Some((free, whose)) if free < needed => {
            let mib = |bytes: u64| bytes >> 20;
            Err(format!(
                "a {noun} of {} MiB does not fit into memory: {} MiB are needed, and {} MiB are free {whose}",
                mib(bytes),
                mib(needed),
                mib(free)
            ))
        }
        _ => Ok(()),
    }
}

/// The least of what is free here, and where.
fn free_bytes(available: Option<u64>, limits: &[(u64, PathBuf)]) -> Option<(u64, String)> {
    let machine = available.map(|bytes| (bytes, "on this machine".to_owned()));
    let limited =
        limits.iter().map(|(free, group)| (*free, format!("in the control group `{}`", group.display())));
    machine.into_iter().chain(limited).min_by_key(|(free, _)| *free)
}

/// What is free in each group above this process that has a limit.
fn limits(groups: &[Hierarchy]) -> Vec<(u64, PathBuf)> {
    let mut limits = Vec::new();
    for group in groups {
        let names = match group.kind {
            GroupKind::V2 => ("memory.max", "memory.current", ["active_file", "inactive_file"]),
            GroupKind::V1 if group.has("memory") => {
                let stat = ["total_active_file", "total_inactive_file"];
                ("memory.limit_in_bytes", "memory.usage_in_bytes", stat)
            }
            GroupKind::V1 => continue,
        };
        for below in group.below.ancestors() {
            let folder = group.point.join(below);
            limits.extend(free_in(&folder, names).map(|free| (free, folder)));
        }
    }
    limits
}

/// None without a limit. Cached files are given back when memory is short.
fn free_in(folder: &Path, (limit, usage, cached): (&str, &str, [&str; 2])) -> Option<u64> {
    let number = |file: &str| fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
    let (limit, usage) = (number(limit)?, number(usage)?);
    let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let of_stat = |name: &str| {
        let line = stat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let cached: u64 = cached.into_iter().map(of_stat).sum();
    Some(limit.saturating_sub(usage.saturating_sub(cached)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Mechanism;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_ring_that_does_not_fit_is_refused_with_both_figures() {
        let free = |mib: u64| Some((mib * MIB, "on this machine".to_owned()));
        assert_eq!(fits("ring", 16 * MIB, free(36)), Ok(()));
        assert_eq!(fits("ring", 16 * MIB, None), Ok(()));
        assert_eq!(
            fits("ring", 1024 * MIB, free(1_000)),
            Err("a ring of 1024 MiB does not fit into memory: 1296 MiB are needed, and 1000 MiB are free on this machine"
                .to_owned())
        );
        let told = |map_bytes| Told { mechanism: Some(Mechanism::USUAL), map_bytes, ..Told::default() };
        assert_eq!(check(&told(None)), Ok(()));
        assert_eq!(check(&told(Some(4096))), Ok(()));
        assert!(check(&told(Some(1 << 60))).is_err());
    }

    #[test]
    fn the_tightest_limit_above_this_process_counts_and_cached_files_are_free() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        let file = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
        file("a/memory.max", "104857600\n");
        file("a/memory.current", "94371840\n");
        file("a/memory.stat", "anon 1\nactive_file 10485760\ninactive_file 10485760\n");
        file("a/b/memory.max", "max\n");
        file("a/b/memory.current", "5\n");
        let group = Hierarchy {
            kind: GroupKind::V2,
            controllers: Vec::new(),
            point: root.path().to_owned(),
            below: "a/b".into(),
        };
        let limits = limits(&[group]);
        assert_eq!(limits, [(30 * MIB, root.path().join("a"))]);
        let free = free_bytes(Some(1024 * MIB), &limits).unwrap();
        assert_eq!(free.0, 30 * MIB);
        assert!(free.1.starts_with("in the control group `"), "{}", free.1);
        assert_eq!(free_bytes(Some(10_240), &limits), Some((10_240, "on this machine".to_owned())));
    }
}
