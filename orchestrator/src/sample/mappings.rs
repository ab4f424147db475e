//! Who has BPF maps in memory: a mapping lives on when its descriptor is closed, and whoever has one of the ring can read it.

use std::collections::BTreeMap;
use std::fs;

use super::cpu_clock::process_cpu_ns;
use super::strangers::{Stranger, mappings_of, open_maps};

/// Mappings that one descriptor explains: of a ring buffer those of the consumer's page and of the rest.
const EXPLAINED: usize = 2;

/// How many mappings of BPF maps each process has at one moment.
#[derive(Debug, Clone, Default)]
pub struct Mappings {
    by_pid: BTreeMap<u32, Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// By the exact clock: a process that has not run since has not changed its memory either.
    cpu_ns: u64,
    mapped: usize,
}

impl Mappings {
    /// Looks at all processes but `ours`. Of those that have not run since `earlier` that is known already.
    #[must_use]
    pub fn take(ours: &[u32], earlier: &Self) -> Self {
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let entry = |pid: u32| {
            let cpu_ns = process_cpu_ns(pid)?;
            let known = earlier.by_pid.get(&pid).filter(|known| known.cpu_ns == cpu_ns);
            Some((pid, known.copied().unwrap_or_else(|| Entry { cpu_ns, mapped: mappings_of(pid) })))
        };
        Self { by_pid: pids.filter(|pid| !ours.contains(pid)).filter_map(entry).collect() }
    }

    /// Processes that have more mappings than `earlier`, or have appeared since with some, and no descriptors that tell of which maps.
    #[must_use]
    pub fn gained_since(&self, earlier: &Self) -> Vec<Stranger> {
        let before = |pid: &u32| earlier.by_pid.get(pid);
        let gained = |(pid, now): &(&u32, &Entry)| now.mapped > before(pid).map_or(0, |before| before.mapped);
        let stranger = |(pid, now): (&u32, &Entry)| {
            let open = open_maps(*pid, &mut 0);
            let explained = open.as_ref().map(|ids| ids.len() * EXPLAINED);
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned();
            explained.is_none_or(|explained| now.mapped > explained).then(|| Stranger {
                pid: *pid,
                name,
                cpu_ns: now.cpu_ns.saturating_sub(before(pid).map_or(0, |before| before.cpu_ns)),
                hidden_map: Some(true),
                has_ring: false,
            })
        };
        self.by_pid.iter().filter(gained).filter_map(stranger).collect()
    }
}
